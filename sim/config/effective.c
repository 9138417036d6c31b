/* SPDX-License-Identifier: MIT
 *
 * The effective configuration; see effective.h. Printing goes over the tree twice: once for the width
 * of the widest line, once for the lines.
 */
#include "sim/config/effective.h"

#include "sim/base/number.h"
#include "sim/config/param.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COMMENT_COLUMN_MAX 56 /* longer lines do not push the other comments to the right */

static bool is_leaf(const struct sim_node *node) {
    return node->kind == SIM_NODE_SCALAR || node->count == 0;
}

static const char *leaf_text(const struct sim_node *node) {
    return node->kind == SIM_NODE_SCALAR ? node->text : node->kind == SIM_NODE_SEQUENCE ? "[]" : "{}";
}

struct listing {
    struct sim_setting *setting;
    uint32_t count;
    struct sim_arena *arena;
};

static void list_node(struct listing *listing, const struct sim_node *node, const char *path) {
    if (is_leaf(node)) {
        listing->setting[listing->count++] =
            (struct sim_setting){path, leaf_text(node), sim_node_origin(node, listing->arena),
                                 node->param};
        return;
    }
    for (uint32_t i = 0; i < node->count; i++) {
        const struct sim_item *item = &node->item[i];
        const char *child =
            item->key == NULL
                ? sim_arena_format(listing->arena, "%s[%u]", path, i)
                : sim_arena_format(listing->arena, "%s%s%s", path, *path ? "." : "", item->key);
        list_node(listing, item->value, child);
    }
}

const struct sim_setting *sim_effective_list(const struct sim_node *root, struct sim_arena *arena,
                                             uint32_t *count) {
    struct listing listing = {
        .setting = SIM_NEW_ARRAY(arena, struct sim_setting, sim_node_size(root)), .arena = arena};
    list_node(&listing, root, "");
    *count = listing.count;
    return listing.setting;
}

/* The code point at *text, which is moved behind it; the text is UTF-8. */
static uint32_t next_code(const char **text) {
    const unsigned char *c = (const unsigned char *)*text;
    uint32_t code = c[0];
    size_t size = code < 0x80 ? 1 : code < 0xE0 ? 2 : code < 0xF0 ? 3 : 4;
    if (size > 1)
        code &= 0x7Fu >> size;
    for (size_t i = 1; i < size; i++)
        code = code << 6 | (c[i] & 0x3Fu);
    *text += size;
    return code;
}

/* Control characters, line separators and what else YAML does not take literally. */
static bool must_escape(uint32_t code) {
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029 ||
           code == 0xFEFF || code == 0xFFFE || code == 0xFFFF;
}

/* True when the text reads back as itself without quotes, in a block, in YAML 1.1 and 1.2. */
static bool is_plain(const char *text) {
    static const char *const words[] = {"true", "false", "yes", "no", "on", "off",
                                        "y",    "n",     "null", NULL};
    for (size_t i = 0; words[i] != NULL; i++)
        if (strcasecmp(text, words[i]) == 0)
            return false;
    const char *first = text[0] == '-' ? text + 1 : text;
    bool begins = strspn(first, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./");
    if (!begins || strspn(text, "+-.0123456789xXeE_:") == strlen(text))
        return false;
    for (const char *c = text; *c != '\0';) {
        if (strchr("#:,[]{}\"'&*!|>%@`\\", *c) != NULL || must_escape(next_code(&c)))
            return false;
    }
    return text[strlen(text) - 1] != ' ';
}

static void put_quoted(const char *text, FILE *out) {
    fputc('"', out);
    while (*text != '\0') {
        const char *start = text;
        uint32_t code = next_code(&text);
        if (code == '"' || code == '\\')
            fprintf(out, "\\%c", (int)code);
        else if (must_escape(code))
            fprintf(out, code < 0x100 ? "\\x%02X" : "\\u%04X", code);
        else
            fwrite(start, 1, (size_t)(text - start), out);
    }
    fputc('"', out);
}

/* Numbers, truth values and quantities stay bare; free text is quoted when it could be taken for one. */
static void put_scalar(const struct sim_node *node, FILE *out) {
    bool text = node->param == NULL ? node->quoted : node->param->kind == SIM_PARAM_KIND_TEXT;
    double number;
    bool bare = !text && (sim_number_real(node->text, &number) || strcmp(node->text, "true") == 0 ||
                          strcmp(node->text, "false") == 0);
    if (bare || is_plain(node->text) || (node->text[0] == '\0' && !text))
        fputs(node->text, out);
    else
        put_quoted(node->text, out);
}

struct printing {
    FILE *out;
    bool measuring; /* first pass: nothing is printed, `column` grows */
    int column;     /* of the comments */
    struct sim_arena *arena;
};

/* Columns on a terminal: code points. */
static int width_of(const char *text) {
    int width = 0;
    for (; *text != '\0'; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

/* The comment of a line; a file's name may hold anything but must not end the comment. */
static void put_origin(const char *origin, FILE *out) {
    fputs("  # ", out);
    for (; *origin != '\0'; origin++)
        fputc((unsigned char)*origin < 0x20 ? '?' : *origin, out);
    fputc('\n', out);
}

/* One line: what stands before the value, the value when `node` is a leaf, the comment. */
static void print_line(struct printing *printing, const char *front, const struct sim_node *node) {
    char *line = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&line, &size);
    if (memory == NULL)
        return;
    fputs(front, memory);
    bool leaf = node != NULL && is_leaf(node);
    if (leaf && node->kind == SIM_NODE_SCALAR)
        put_scalar(node, memory);
    else if (leaf)
        fputs(leaf_text(node), memory);
    fclose(memory);
    int width = width_of(line);
    if (printing->measuring) {
        if (leaf && width <= COMMENT_COLUMN_MAX && width > printing->column)
            printing->column = width;
    } else if (leaf) {
        fprintf(printing->out, "%s%*s", line,
                width < printing->column ? printing->column - width : 0, "");
        put_origin(sim_node_origin(node, printing->arena), printing->out);
    } else {
        fprintf(printing->out, "%s\n", line);
    }
    free(line);
}

static void print_node(struct printing *printing, const struct sim_node *node, const char *first,
                       const char *indent) {
    for (uint32_t i = 0; i < node->count; i++) {
        const struct sim_item *item = &node->item[i];
        const char *front = i == 0 ? first : indent;
        const char *deeper = sim_arena_format(printing->arena, "%s  ", indent);
        if (item->key == NULL) {
            const char *dash = sim_arena_format(printing->arena, "%s- ", front);
            if (is_leaf(item->value))
                print_line(printing, dash, item->value);
            else
                print_node(printing, item->value, dash, deeper);
            continue;
        }
        struct sim_node key = {.text = item->key};
        char *quoted = NULL;
        size_t size = 0;
        FILE *memory = open_memstream(&quoted, &size);
        if (memory == NULL)
            return;
        put_scalar(&key, memory);
        fclose(memory);
        bool leaf = is_leaf(item->value);
        print_line(printing,
                   sim_arena_format(printing->arena, "%s%s:%s", front, quoted, leaf ? " " : ""),
                   item->value);
        free(quoted);
        if (!leaf)
            print_node(printing, item->value, deeper, deeper);
    }
}

void sim_effective_print(const struct sim_node *root, struct sim_arena *arena, FILE *out) {
    struct printing printing = {.out = out, .arena = arena};
    if (is_leaf(root)) {
        print_line(&printing, "", root);
        return;
    }
    printing.measuring = true;
    print_node(&printing, root, "", "");
    printing.measuring = false;
    print_node(&printing, root, "", "");
}

/* SPDX-License-Identifier: MIT
 *
 * libyaml's events to a tree of nodes; see yaml.h. One `struct source` stands for one open file; sources
 * are chained outwards through the includes. The recursion is bounded by SIM_YAML_DEPTH. The first
 * fault ends the reading: what follows a fault of syntax is guesswork.
 */
#include "sim/config/yaml.h"

#include "sim/base/text.h"

#include <stdlib.h>
#include <string.h>

#include <yaml.h>

/* What one call may still use up. */
struct budget {
    size_t nodes, bytes;
};

struct anchor {
    struct anchor *next;
    const char *name;
    struct sim_node *node; /* NULL while its content is being read */
};

struct source {
    const struct source *outer; /* the file that includes this one, or NULL */
    int nesting;                /* files around this one */
    const char *name;           /* in the arena */
    bool placed;                /* positions mean something to the user */
    uint64_t device, inode;
    yaml_parser_t parser;
    struct anchor *anchors;
    int anchor_count;
    struct budget *budget;
    struct sim_arena *arena;
    struct sim_err *err;
};

static struct sim_node *read_node(struct source *source, const yaml_event_t *event, int depth);
static struct sim_node *load(const struct source *outer, const char *file,
                             const struct sim_where *from, int depth, struct budget *budget,
                             struct sim_arena *arena, struct sim_err *err);

static struct sim_where place(const struct source *source, yaml_mark_t mark) {
    if (!source->placed)
        return (struct sim_where){source->name, 0, 0};
    return (struct sim_where){source->name, (int)mark.line + 1, (int)mark.column + 1};
}

/* Faults: a message, and NULL for the caller to hand on. */
#define FAULT(source, mark, ...)                                                                   \
    (fault_at((source), (mark), __VA_ARGS__), (struct sim_node *)NULL)

static void __attribute__((format(printf, 3, 4)))
fault_at(struct source *source, yaml_mark_t mark, const char *format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    struct sim_where where = place(source, mark);
    sim_err_add(source->err, SIM_EXIT_CONFIG, &where, "%s", text);
}

static bool next_event(struct source *source, yaml_event_t *event) {
    if (yaml_parser_parse(&source->parser, event))
        return true;
    const yaml_parser_t *parser = &source->parser;
    const char *problem = parser->problem != NULL ? parser->problem : "out of memory";
    if (parser->context != NULL && source->placed &&
        parser->context_mark.line != parser->problem_mark.line)
        fault_at(source, parser->problem_mark, "not valid YAML: %s (%s that begins at line %zu)",
                 problem, parser->context, parser->context_mark.line + 1);
    else
        fault_at(source, parser->problem_mark, "not valid YAML: %s", problem);
    return false;
}

static struct sim_node *new_node(struct source *source, enum sim_node_kind kind, yaml_mark_t mark) {
    if (source->budget->nodes == 0)
        return FAULT(source, mark, "more than %u values (aliases counted each time)",
                     SIM_YAML_NODES);
    source->budget->nodes--;
    struct sim_where where = place(source, mark);
    return sim_node_new(kind, &where, source->arena);
}

static char *copy_text(struct source *source, const char *text, size_t length) {
    char *copy = SIM_NEW_ARRAY(source->arena, char, length + 1);
    memcpy(copy, text, length);
    return copy;
}

/* A new anchor of the source, or NULL and a message when there are too many. */
static struct anchor *add_anchor(struct source *source, const yaml_char_t *name, yaml_mark_t mark) {
    if (source->anchor_count == SIM_YAML_ANCHORS) {
        fault_at(source, mark, "more than %d anchors", SIM_YAML_ANCHORS);
        return NULL;
    }
    source->anchor_count++;
    struct anchor *anchor = SIM_NEW(source->arena, struct anchor);
    *anchor = (struct anchor){.next = source->anchors,
                              .name = sim_arena_format(source->arena, "%s", (const char *)name)};
    source->anchors = anchor;
    return anchor;
}

/* A copy of an anchored tree, so that no two places share a node. */
static struct sim_node *copy_tree(struct source *source, const struct sim_node *node, int depth,
                                  yaml_mark_t mark) {
    if (depth > SIM_YAML_DEPTH)
        return FAULT(source, mark, "nested deeper than %d levels", SIM_YAML_DEPTH);
    struct sim_node *copy = new_node(source, node->kind, mark);
    if (copy == NULL)
        return NULL;
    copy->where = node->where;
    copy->text = node->text;
    copy->quoted = node->quoted;
    for (uint32_t i = 0; i < node->count; i++) {
        struct sim_node *child = copy_tree(source, node->item[i].value, depth + 1, mark);
        if (child == NULL)
            return NULL;
        sim_node_append(copy, node->item[i].key, &node->item[i].where, child, source->arena);
    }
    return copy;
}

static struct sim_node *read_alias(struct source *source, const yaml_event_t *event, int depth) {
    const char *name = (const char *)event->data.alias.anchor;
    char quote[SIM_QUOTE_SIZE];
    for (const struct anchor *anchor = source->anchors; anchor != NULL; anchor = anchor->next) {
        if (strcmp(anchor->name, name) != 0)
            continue;
        if (anchor->node == NULL)
            return FAULT(source, event->start_mark, "alias '*%s' contains itself",
                         sim_quote(quote, name));
        return copy_tree(source, anchor->node, depth, event->start_mark);
    }
    return FAULT(source, event->start_mark, "alias '*%s' has no anchor '&%s' before it",
                 sim_quote(quote, name), name);
}

static struct sim_node *read_include(struct source *source, const yaml_event_t *event, int depth) {
    struct sim_where where = place(source, event->start_mark);
    const char *path = (const char *)event->data.scalar.value;
    if (event->data.scalar.length == 0 || strlen(path) != event->data.scalar.length)
        return FAULT(source, event->start_mark, "!include needs the path of a file");
    const char *slash = path[0] == '/' || !source->placed ? NULL : strrchr(source->name, '/');
    int folder = slash == NULL ? 0 : (int)(slash - source->name + 1);
    const char *file = sim_arena_format(source->arena, "%.*s%s", folder, source->name, path);
    return load(source, file, &where, depth, source->budget, source->arena, source->err);
}

static bool is_include(const yaml_event_t *event) {
    return event->type == YAML_SCALAR_EVENT && event->data.scalar.tag != NULL &&
           strcmp((const char *)event->data.scalar.tag, "!include") == 0;
}

static struct sim_node *read_scalar(struct source *source, const yaml_event_t *event, int depth) {
    if (is_include(event))
        return read_include(source, event, depth);
    const char *text = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    if (length > SIM_YAML_SCALAR_BYTES)
        return FAULT(source, event->start_mark, "a text of %zu bytes is longer than the limit of %zu",
                     length, SIM_YAML_SCALAR_BYTES);
    if (strlen(text) != length)
        return FAULT(source, event->start_mark, "a text must not contain the character NUL");
    struct sim_node *node = new_node(source, SIM_NODE_SCALAR, event->start_mark);
    if (node == NULL)
        return NULL;
    node->text = copy_text(source, text, length);
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return node;
}

static struct sim_node *read_sequence(struct source *source, const yaml_event_t *start, int depth) {
    struct sim_node *sequence = new_node(source, SIM_NODE_SEQUENCE, start->start_mark);
    while (sequence != NULL) {
        yaml_event_t event;
        if (!next_event(source, &event))
            return NULL;
        if (event.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&event);
            return sequence;
        }
        struct sim_node *value = read_node(source, &event, depth + 1);
        yaml_event_delete(&event);
        if (value == NULL)
            return NULL;
        sim_node_append(sequence, NULL, &value->where, value, source->arena);
    }
    return NULL;
}

/* The key that `event` is, or NULL and a message. `mapping` is what has been read so far. */
static const char *read_key(struct source *source, const yaml_event_t *event,
                            const struct sim_node *mapping) {
    char quote[SIM_QUOTE_SIZE];
    if (event->type != YAML_SCALAR_EVENT || event->data.scalar.tag != NULL ||
        event->data.scalar.anchor != NULL) {
        fault_at(source, event->start_mark,
                 "a key must be a simple text (no list, mapping, alias, anchor or tag)");
        return NULL;
    }
    const char *text = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    bool control = false;
    for (size_t i = 0; i < length; i++)
        control |= (unsigned char)text[i] < 0x20;
    if (length == 0 || length > SIM_YAML_KEY_BYTES || control) {
        fault_at(source, event->start_mark, "a key must have 1 to %zu bytes, no control characters",
                 SIM_YAML_KEY_BYTES);
        return NULL;
    }
    const struct sim_item *twin = sim_node_find(mapping, text);
    if (twin != NULL) {
        if (source->placed)
            fault_at(source, event->start_mark, "key '%s' is given twice (first in line %d)",
                     sim_quote(quote, text), twin->where.line);
        else
            fault_at(source, event->start_mark, "key '%s' is given twice", sim_quote(quote, text));
        return NULL;
    }
    if (mapping->count == SIM_YAML_KEYS) {
        fault_at(source, event->start_mark, "a mapping has more than %u keys", SIM_YAML_KEYS);
        return NULL;
    }
    return copy_text(source, text, length);
}

/* What the merge key of `mapping` says, taken out of it; NULL and `*good` false on a fault. */
static struct sim_node *take_base(struct source *source, struct sim_node *mapping, bool *good) {
    *good = true;
    struct sim_item *item = sim_node_find(mapping, "<<");
    if (item == NULL)
        return NULL;
    struct sim_node *value = item->value, *base = value->kind == SIM_NODE_MAPPING ? value : NULL;
    bool sound = base != NULL || (value->kind == SIM_NODE_SEQUENCE && value->count != 0);
    for (uint32_t i = value->kind == SIM_NODE_SEQUENCE ? value->count : 0; i-- > 0 && sound;) {
        struct sim_node *one = value->item[i].value;
        sound = one->kind == SIM_NODE_MAPPING;
        base = base == NULL ? one : sim_node_merge(base, one, source->arena);
    }
    if (!sound) {
        sim_err_add(source->err, SIM_EXIT_CONFIG, &item->where,
                    "'<<' takes a mapping or a list of mappings to build on");
        *good = false;
        return NULL;
    }
    size_t index = (size_t)(item - mapping->item);
    memmove(item, item + 1, (mapping->count - index - 1) * sizeof *item);
    mapping->count--;
    return base;
}

static struct sim_node *end_mapping(struct source *source, struct sim_node *mapping) {
    bool good;
    struct sim_node *base = take_base(source, mapping, &good);
    if (!good)
        return NULL;
    if (base == NULL)
        return mapping;
    if (base->count + mapping->count > SIM_YAML_KEYS) {
        sim_err_add(source->err, SIM_EXIT_CONFIG, &mapping->where,
                    "a mapping has more than %u keys after '<<'", SIM_YAML_KEYS);
        return NULL;
    }
    return sim_node_merge(base, mapping, source->arena);
}

static struct sim_node *read_mapping(struct source *source, const yaml_event_t *start, int depth) {
    struct sim_node *mapping = new_node(source, SIM_NODE_MAPPING, start->start_mark);
    while (mapping != NULL) {
        yaml_event_t event;
        if (!next_event(source, &event))
            return NULL;
        bool end = event.type == YAML_MAPPING_END_EVENT;
        const char *key = end ? NULL : read_key(source, &event, mapping);
        struct sim_where where = place(source, event.start_mark);
        yaml_event_delete(&event);
        if (end)
            return end_mapping(source, mapping);
        if (key == NULL || !next_event(source, &event))
            return NULL;
        struct sim_node *value = read_node(source, &event, depth + 1);
        yaml_event_delete(&event);
        if (value == NULL)
            return NULL;
        sim_node_append(mapping, key, &where, value, source->arena);
    }
    return NULL;
}

static const yaml_char_t *tag_of(const yaml_event_t *event) {
    switch (event->type) {
    case YAML_SCALAR_EVENT: return event->data.scalar.tag;
    case YAML_SEQUENCE_START_EVENT: return event->data.sequence_start.tag;
    case YAML_MAPPING_START_EVENT: return event->data.mapping_start.tag;
    default: return NULL;
    }
}

static const yaml_char_t *anchor_of(const yaml_event_t *event) {
    switch (event->type) {
    case YAML_SCALAR_EVENT: return event->data.scalar.anchor;
    case YAML_SEQUENCE_START_EVENT: return event->data.sequence_start.anchor;
    case YAML_MAPPING_START_EVENT: return event->data.mapping_start.anchor;
    default: return NULL;
    }
}

static struct sim_node *read_node(struct source *source, const yaml_event_t *event, int depth) {
    if (depth > SIM_YAML_DEPTH)
        return FAULT(source, event->start_mark, "nested deeper than %d levels", SIM_YAML_DEPTH);
    const char *tag = (const char *)tag_of(event);
    char quote[SIM_QUOTE_SIZE];
    if (tag != NULL && !is_include(event))
        return FAULT(source, event->start_mark, "unknown tag '%s' (only '!include FILE' is known)",
                     sim_quote(quote, tag));
    const yaml_char_t *name = anchor_of(event);
    struct anchor *anchor = name == NULL ? NULL : add_anchor(source, name, event->start_mark);
    if (name != NULL && anchor == NULL)
        return NULL;
    struct sim_node *node = NULL;
    switch (event->type) {
    case YAML_ALIAS_EVENT: node = read_alias(source, event, depth); break;
    case YAML_SCALAR_EVENT: node = read_scalar(source, event, depth); break;
    case YAML_SEQUENCE_START_EVENT: node = read_sequence(source, event, depth); break;
    case YAML_MAPPING_START_EVENT: node = read_mapping(source, event, depth); break;
    default: return FAULT(source, event->start_mark, "a value is expected here");
    }
    if (anchor != NULL)
        anchor->node = node;
    return node;
}

/* Directives could make libyaml's work quadratic, and tabs its messages obscure: both are refused here. */
static bool check_lines(const struct source *source, const char *bytes, size_t length) {
    int number = 1;
    for (const char *line = bytes, *end = bytes + length; line < end; number++) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        stop = stop == NULL ? end : stop;
        const char *first = line;
        while (first < stop && *first == ' ')
            first++;
        yaml_mark_t mark = {.line = (size_t)number - 1, .column = (size_t)(first - line)};
        struct sim_where where = place(source, mark);
        if (first < stop && *first == '\t')
            return sim_err_add(source->err, SIM_EXIT_CONFIG, &where,
                               "a tab in the indentation: use spaces");
        if (first < stop && first == line && *first == '%')
            return sim_err_add(source->err, SIM_EXIT_CONFIG, &where,
                               "a line must not begin with '%%' (YAML directives are not used)");
        line = stop + 1;
    }
    return true;
}

/* Consumes the events around the document's one node. */
static struct sim_node *read_document(struct source *source, int depth) {
    struct sim_node *root = NULL;
    for (;;) {
        yaml_event_t event;
        if (!next_event(source, &event))
            return NULL;
        yaml_event_type_t type = event.type;
        yaml_mark_t mark = event.start_mark;
        bool again = type == YAML_DOCUMENT_START_EVENT && root != NULL;
        bool content = type != YAML_STREAM_START_EVENT && type != YAML_STREAM_END_EVENT &&
                       type != YAML_DOCUMENT_START_EVENT && type != YAML_DOCUMENT_END_EVENT;
        struct sim_node *node = content ? read_node(source, &event, depth) : NULL;
        yaml_event_delete(&event);
        if (again)
            return FAULT(source, mark, "a second document begins here: a file holds one");
        if (content && node == NULL)
            return NULL;
        root = content ? node : root;
        if (type == YAML_STREAM_END_EVENT)
            return root != NULL ? root : FAULT(source, mark, "nothing is written here");
    }
}

static struct sim_node *parse(struct source *source, const char *bytes, size_t length, int depth) {
    if (length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
        bytes += 3;
        length -= 3;
    }
    struct sim_where start = place(source, (yaml_mark_t){.line = 0});
    if (!sim_text_check(bytes, length, &start, source->err) ||
        !check_lines(source, bytes, length))
        return NULL;
    if (!yaml_parser_initialize(&source->parser))
        return FAULT(source, (yaml_mark_t){0}, "out of memory");
    yaml_parser_set_encoding(&source->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&source->parser, (const unsigned char *)bytes, length);
    struct sim_node *root = read_document(source, depth);
    yaml_parser_delete(&source->parser);
    return root;
}

static bool is_open(const struct source *source, const struct sim_text *text) {
    for (; source != NULL; source = source->outer)
        if (source->inode == text->inode && source->device == text->device)
            return true;
    return false;
}

static struct sim_node *load(const struct source *outer, const char *file,
                             const struct sim_where *from, int depth, struct budget *budget,
                             struct sim_arena *arena, struct sim_err *err) {
    int nesting = outer == NULL ? 0 : outer->nesting + 1;
    if (nesting > SIM_YAML_INCLUDES) {
        sim_err_add(err, SIM_EXIT_CONFIG, from, "files include each other more than %d deep",
                    SIM_YAML_INCLUDES);
        return NULL;
    }
    struct sim_text text;
    size_t limit = budget->bytes < SIM_YAML_FILE_BYTES ? budget->bytes : SIM_YAML_FILE_BYTES;
    if (!sim_text_read(&text, file, limit, from, err))
        return NULL;
    budget->bytes -= text.length;
    struct sim_node *root = NULL;
    if (is_open(outer, &text)) {
        sim_err_add(err, SIM_EXIT_CONFIG, from, "'%s' includes itself", file);
    } else {
        struct source source = {.outer = outer,
                                .nesting = nesting,
                                .name = sim_arena_format(arena, "%s", file),
                                .placed = true,
                                .device = text.device,
                                .inode = text.inode,
                                .budget = budget,
                                .arena = arena,
                                .err = err};
        root = parse(&source, text.bytes, text.length, depth);
    }
    sim_text_release(&text);
    return root;
}

struct sim_node *sim_yaml_load(const char *file, struct sim_arena *arena, struct sim_err *err) {
    struct budget budget = {SIM_YAML_NODES, SIM_YAML_TOTAL_BYTES};
    return load(NULL, file, NULL, 0, &budget, arena, err);
}

struct sim_node *sim_yaml_parse(const char *text, size_t length, const char *name, bool placed,
                                struct sim_arena *arena, struct sim_err *err) {
    struct budget budget = {SIM_YAML_NODES, SIM_YAML_TOTAL_BYTES};
    struct source source = {.name = sim_arena_format(arena, "%s", name),
                            .placed = placed,
                            .budget = &budget,
                            .arena = arena,
                            .err = err};
    if (length > SIM_YAML_FILE_BYTES) {
        struct sim_where where = {source.name, 0, 0};
        sim_err_add(err, SIM_EXIT_CONFIG, &where, "%zu bytes are more than the limit of %zu",
                    length, SIM_YAML_FILE_BYTES);
        return NULL;
    }
    return parse(&source, text, length, 0);
}

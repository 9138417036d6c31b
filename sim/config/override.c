/* SPDX-License-Identifier: MIT
 *
 * Settings of the command line; see override.h. The path is walked left to right; `place` is where the value
 * of the part walked so far stands in the tree.
 */
#include "sim/config/override.h"

#include "sim/base/number.h"
#include "sim/config/yaml.h"

#include <string.h>

struct walk {
    const char *path; /* all of it, for messages */
    const char *rest; /* what is left to walk */
    struct sim_where where;
    struct sim_arena *arena;
    struct sim_err *err;
};

static bool refuse(const struct walk *walk, const char *fault) {
    char quote[SIM_QUOTE_SIZE];
    return sim_err_add(walk->err, SIM_EXIT_CONFIG, &walk->where, "%s: %s",
                       sim_quote(quote, walk->path), fault);
}

/* Length of the key at the start of the path: the longest key of `mapping` that fits, or all up to the
 * next '.' or '['. */
static size_t key_length(const struct sim_node *mapping, const char *rest) {
    size_t best = strcspn(rest, ".[");
    for (uint32_t i = 0; i < mapping->count; i++) {
        const char *key = mapping->item[i].key;
        size_t length = strlen(key);
        bool fits = strncmp(rest, key, length) == 0 &&
                    (rest[length] == '\0' || rest[length] == '.' || rest[length] == '[');
        if (fits && length > best)
            best = length;
    }
    return best;
}

static struct sim_node **step_key(struct walk *walk, struct sim_node **place) {
    struct sim_node *node = *place;
    bool gap = node->kind == SIM_NODE_SCALAR && node->text[0] == '\0';
    if (gap)
        node = *place = sim_node_new(SIM_NODE_MAPPING, &walk->where, walk->arena);
    if (node->kind != SIM_NODE_MAPPING)
        return refuse(walk, "leads into something that is not a mapping"), NULL;
    size_t length = key_length(node, walk->rest);
    if (length == 0)
        return refuse(walk, "a key is missing in the path"), NULL;
    if (length > SIM_YAML_KEY_BYTES || node->count >= SIM_YAML_KEYS)
        return refuse(walk, "the key is too long, or its mapping too large"), NULL;
    const char *key = sim_arena_format(walk->arena, "%.*s", (int)length, walk->rest);
    walk->rest += length;
    struct sim_item *item = sim_node_find(node, key);
    if (item == NULL) {
        /* An empty value; the next step or the setting itself puts something in its place. */
        struct sim_node *empty = sim_node_scalar("", &walk->where, walk->arena);
        sim_node_append(node, key, &walk->where, empty, walk->arena);
        item = sim_node_find(node, key);
    }
    return &item->value;
}

static struct sim_node **step_index(struct walk *walk, struct sim_node **place) {
    struct sim_node *node = *place;
    const char *close = strchr(walk->rest, ']');
    char digits[16] = "";
    uint64_t index;
    if (close != NULL && (size_t)(close - walk->rest) < sizeof digits)
        memcpy(digits, walk->rest + 1, (size_t)(close - walk->rest) - 1);
    if (!sim_number_uint(digits, &index))
        return refuse(walk, "an index such as [0] is expected after '['"), NULL;
    if (node->kind != SIM_NODE_SEQUENCE)
        return refuse(walk, "an index does not lead into a list that is written in the description"),
               NULL;
    if (index >= node->count) {
        char fault[64];
        snprintf(fault, sizeof fault, "the list has %u elements, counted from 0", node->count);
        return refuse(walk, fault), NULL;
    }
    walk->rest = close + 1;
    return &node->item[index].value;
}

/* True when the walk goes on with a key; complains about anything but '.', '[' or the end. */
static bool next_part(struct walk *walk, bool *end) {
    *end = *walk->rest == '\0';
    if (*end || *walk->rest == '[')
        return true;
    if (*walk->rest != '.')
        return refuse(walk, "'.' or '[' is expected after ']'");
    walk->rest++;
    return true;
}

bool sim_override(struct sim_node *root, const char *setting, int number, struct sim_arena *arena,
                  struct sim_err *err) {
    const char *name = sim_arena_format(arena, "--set %d", number);
    const char *equal = strchr(setting, '=');
    struct walk walk = {.where = {name, 0, 0}, .arena = arena, .err = err};
    char quote[SIM_QUOTE_SIZE];
    if (equal == NULL || equal == setting || equal[1] == '\0')
        return sim_err_add(err, SIM_EXIT_CONFIG, &walk.where,
                           "'%s' is not of the form key.path=value", sim_quote(quote, setting));
    walk.path = walk.rest = sim_arena_format(arena, "%.*s", (int)(equal - setting), setting);
    struct sim_node *value = sim_yaml_parse(equal + 1, strlen(equal + 1), name, false, arena, err);
    if (value == NULL)
        return false;
    struct sim_node **place = &root;
    bool end = false;
    for (place = step_key(&walk, place); place != NULL; ) {
        if (!next_part(&walk, &end))
            return false;
        if (end)
            break;
        place = *walk.rest == '[' ? step_index(&walk, place) : step_key(&walk, place);
    }
    if (place == NULL)
        return false;
    *place = value;
    return true;
}

/* SPDX-License-Identifier: MIT
 *
 * The tree of a description; see node.h. Children are arrays that double, looked up by a linear scan:
 * the reader bounds the number of keys of a mapping.
 */
#include "sim/config/node.h"

#include <assert.h>
#include <string.h>

const char *sim_node_kind_name(enum sim_node_kind kind) {
    static const char *const names[] = {"text", "list", "mapping"};
    assert(kind < SIM_NODE_KIND_COUNT);
    return names[kind];
}

struct sim_node *sim_node_new(enum sim_node_kind kind, const struct sim_where *where,
                              struct sim_arena *arena) {
    struct sim_node *node = SIM_NEW(arena, struct sim_node);
    node->kind = kind;
    node->where = *where;
    return node;
}

struct sim_node *sim_node_scalar(const char *text, const struct sim_where *where,
                                 struct sim_arena *arena) {
    struct sim_node *node = sim_node_new(SIM_NODE_SCALAR, where, arena);
    node->text = sim_arena_format(arena, "%s", text);
    return node;
}

void sim_node_append(struct sim_node *node, const char *key, const struct sim_where *where,
                     struct sim_node *value, struct sim_arena *arena) {
    assert(node->kind != SIM_NODE_SCALAR && (key != NULL) == (node->kind == SIM_NODE_MAPPING));
    if (node->count == node->capacity) {
        uint32_t capacity = node->capacity == 0 ? 4 : 2 * node->capacity;
        struct sim_item *item = SIM_NEW_ARRAY(arena, struct sim_item, capacity);
        if (node->count != 0)
            memcpy(item, node->item, node->count * sizeof *item);
        node->item = item;
        node->capacity = capacity;
    }
    node->item[node->count++] = (struct sim_item){.key = key, .where = *where, .value = value};
}

struct sim_item *sim_node_find(const struct sim_node *node, const char *key) {
    if (node == NULL || node->kind != SIM_NODE_MAPPING)
        return NULL;
    for (uint32_t i = 0; i < node->count; i++)
        if (strcmp(node->item[i].key, key) == 0)
            return &node->item[i];
    return NULL;
}

struct sim_node *sim_node_get(const struct sim_node *node, const char *key) {
    struct sim_item *item = sim_node_find(node, key);
    return item == NULL ? NULL : item->value;
}

struct sim_node *sim_node_need(const struct sim_node *mapping, const char *key,
                               enum sim_node_kind kind, const char *what, struct sim_err *err) {
    if (mapping->kind != SIM_NODE_MAPPING) {
        sim_err_add(err, SIM_EXIT_CONFIG, &mapping->where, "%s: a mapping is expected, not a %s",
                    what, sim_node_kind_name(mapping->kind));
        return NULL;
    }
    struct sim_node *node = sim_node_get(mapping, key);
    if (node == NULL)
        sim_err_add(err, SIM_EXIT_CONFIG, &mapping->where, "%s: key '%s' is missing", what, key);
    else if (node->kind != kind)
        sim_err_add(err, SIM_EXIT_CONFIG, &node->where, "%s.%s: a %s is expected, not a %s", what,
                    key, sim_node_kind_name(kind), sim_node_kind_name(node->kind));
    else
        return node;
    return NULL;
}

bool sim_node_check_keys(const struct sim_node *mapping, const char *const *keys, size_t count,
                         const char *what, struct sim_err *err) {
    bool good = true;
    for (uint32_t i = 0; i < mapping->count && !sim_err_full(err); i++) {
        const struct sim_item *item = &mapping->item[i];
        size_t k = 0;
        while (k < count && strcmp(keys[k], item->key) != 0)
            k++;
        if (k < count)
            continue;
        char quote[SIM_QUOTE_SIZE];
        char suggestion[SIM_SUGGEST_SIZE];
        const char *nearest = sim_err_nearest(item->key, keys, count);
        good = sim_err_add(err, SIM_EXIT_CONFIG, &item->where, "%s: unknown key '%s'%s", what,
                           sim_quote(quote, item->key), sim_err_suggest(suggestion, nearest));
    }
    return good;
}

struct sim_node *sim_node_merge(struct sim_node *base, struct sim_node *over,
                                struct sim_arena *arena) {
    if (base->kind != SIM_NODE_MAPPING || over->kind != SIM_NODE_MAPPING)
        return over;
    for (uint32_t i = 0; i < over->count; i++) {
        const struct sim_item *item = &over->item[i];
        struct sim_item *old = sim_node_find(base, item->key);
        if (old == NULL) {
            sim_node_append(base, item->key, &item->where, item->value, arena);
        } else {
            old->where = item->where;
            old->value = sim_node_merge(old->value, item->value, arena);
        }
    }
    base->where = over->where;
    return base;
}

size_t sim_node_size(const struct sim_node *node) {
    size_t size = 1;
    for (uint32_t i = 0; i < node->count; i++)
        size += sim_node_size(node->item[i].value);
    return size;
}

const char *sim_node_origin(const struct sim_node *node, struct sim_arena *arena) {
    if (node->where.line <= 0)
        return node->where.file;
    return sim_arena_format(arena, "%s:%d", node->where.file, node->where.line);
}

const char *sim_quote(char buffer[SIM_QUOTE_SIZE], const char *text) {
    size_t used = 0;
    for (const char *c = text; *c != '\0'; c++) {
        bool inside = ((unsigned char)*c & 0xC0) == 0x80; /* of a UTF-8 character */
        if (used >= SIM_QUOTE_SIZE - 8 || (used >= SIM_QUOTE_SIZE - 12 && !inside)) {
            strcpy(buffer + used, "...");
            return buffer;
        }
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            used += (size_t)snprintf(buffer + used, SIM_QUOTE_SIZE - used, "\\x%02X",
                                     (unsigned)(unsigned char)*c);
        else
            buffer[used++] = *c;
    }
    buffer[used] = '\0';
    return buffer;
}

/* SPDX-License-Identifier: MIT
 *
 * The tree of a description: scalars, sequences and mappings, each of which knows where it was
 * written. What sim/config/yaml.h reads, sim/config/override.h changes, sim/config/bind.h turns into specs;
 * modules with files of their own shape (technology files, sweeps) walk it with the functions below.
 *
 * All nodes, texts and file names live in one arena. A node has one parent: aliases and merges are
 * copied, so that changing one place never changes another.
 */
#ifndef SIM_CONFIG_NODE_H
#define SIM_CONFIG_NODE_H

#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_param;

enum sim_node_kind { SIM_NODE_SCALAR, SIM_NODE_SEQUENCE, SIM_NODE_MAPPING, SIM_NODE_KIND_COUNT };

/* One child: of a mapping (key is set and unique) or of a sequence (key is NULL). */
struct sim_item {
    const char *key;
    struct sim_where where; /* of the key */
    struct sim_node *value; /* never NULL */
};

struct sim_node {
    enum sim_node_kind kind;
    bool quoted;            /* SCALAR: written in quotes or as a block, so "" is a text, not a gap */
    struct sim_where where; /* of the value; line 0: not from a file, `file` says from what */
    const char *text;       /* SCALAR: UTF-8 without NUL; otherwise NULL */
    struct sim_item *item;  /* SEQUENCE, MAPPING */
    uint32_t count, capacity;
    const struct sim_param *param; /* in an effective configuration: what the value was bound to */
};

/* "text", "list", "mapping": what a user calls it. */
const char *sim_node_kind_name(enum sim_node_kind kind);

struct sim_node *sim_node_new(enum sim_node_kind kind, const struct sim_where *where,
                              struct sim_arena *arena);
struct sim_node *sim_node_scalar(const char *text, const struct sim_where *where,
                                 struct sim_arena *arena);

/* Appends a child; key is NULL for a sequence. The key must not be there yet. */
void sim_node_append(struct sim_node *node, const char *key, const struct sim_where *where,
                     struct sim_node *value, struct sim_arena *arena);

/* The child called `key`, or NULL; also NULL when `node` is NULL or no mapping. */
struct sim_item *sim_node_find(const struct sim_node *node, const char *key);
struct sim_node *sim_node_get(const struct sim_node *node, const char *key);

/* The child called `key`, which must be of kind `kind`. NULL, and a located message, when it is
 * missing or of another kind. `what` is what the mapping is called in messages. */
struct sim_node *sim_node_need(const struct sim_node *mapping, const char *key,
                               enum sim_node_kind kind, const char *what, struct sim_err *err);

/* True when the mapping has no other keys than `keys`; otherwise a message for each further key, with
 * the nearest known key as a suggestion. */
bool sim_node_check_keys(const struct sim_node *mapping, const char *const *keys, size_t count,
                         const char *what, struct sim_err *err);

/* Lays `over` onto `base` and returns the result, which is made of the nodes of both: mappings are merged key
 * by key at every depth, anything else of `over` replaces what `base` has. */
struct sim_node *sim_node_merge(struct sim_node *base, struct sim_node *over,
                                struct sim_arena *arena);

/* Number of nodes of the tree. */
size_t sim_node_size(const struct sim_node *node);

/* Where a value came from, without the column: "configs/mesh8.yaml:3", "default", "--set 1". */
const char *sim_node_origin(const struct sim_node *node, struct sim_arena *arena);

#define SIM_QUOTE_SIZE 96

/* The text as it may be shown in a message: control characters as \xNN, shortened with "...". Returns buffer.
 */
const char *sim_quote(char buffer[SIM_QUOTE_SIZE], const char *text);

#ifdef __cplusplus
}
#endif

#endif

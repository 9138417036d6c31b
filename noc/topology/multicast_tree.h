/* SPDX-License-Identifier: MIT
 *
 * Trees of multicast groups in a network of any topology: which copies a router makes of a packet, and where
 * they go.
 *
 *     packet for label 7 --> router --> output 0, now for label 8     a subtree with several members
 *                                   --> output 2, now for label 9
 *                                   --> output 4, now for terminal 3  a single member: unicast from here
 *
 * A tree is the union of the paths that the routing function gives a packet from the source to each member,
 * shared as far as they are the same from the source on: dimension order in grids, up*-down* or tables in
 * graphs and fat trees. An adaptive function gives the path through its escape network. A label names a node
 * of a tree; a router replaces it by that of the child, as label switching does, so every copy of a packet
 * has a path of its own and nobody gets two.
 *
 * Every hop of a tree is one that a unicast packet could make, so the channel-dependency graph (deadlock.h)
 * covers trees too, as long as a packet holds one FIFO at a time (noc/router/multicast.c).
 */
#ifndef NOC_TOPOLOGY_MULTICAST_TREE_H
#define NOC_TOPOLOGY_MULTICAST_TREE_H

#include "noc/topology/routing.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What becomes of a packet for several terminals: one packet each, or copies made by the routers. */
enum noc_multicast { NOC_MULTICAST_UNICAST, NOC_MULTICAST_TREE, NOC_MULTICAST_COUNT };

extern const char *const noc_multicast_names[]; /* in the order of the enum, NULL at the end */

/* A copy that a router makes. */
struct noc_branch {
    struct noc_choice choice;
    uint32_t dst;    /* of the copy: a terminal, or NOC_GROUP | label */
    uint32_t leaves; /* members that it reaches */
};

#define NOC_BRANCHES_MAX 64u

/* The branches are in the order of their ports; in a torus a port may occur twice, once for the members on
 * either side of the dateline. */
struct noc_tree_node {
    struct noc_branch *branch;
    uint32_t branches;
    uint32_t leaves;
};

struct noc_trees {
    const struct noc_routing *routing;
    struct noc_tree_node *node; /* [label] */
    uint32_t labels, capacity;
    uint32_t most; /* labels that there can be */
    bool full;     /* more were asked for */
};

#define NOC_NO_TREE UINT32_MAX

void noc_trees_init(struct noc_trees *trees, const struct noc_routing *routing);

/* The most branches that a node of a tree can have. */
uint32_t noc_trees_branches(const struct noc_topology *topology);

/* Lays a tree from terminal `source` to each of `members` (at least one, no two the same, reordered) for
 * packets that enter with `class_`. Returns the destination of such packets; NOC_NO_TREE when there are more
 * nodes than labels, now or before. */
uint32_t noc_trees_add(struct noc_trees *trees, uint32_t source, uint32_t class_, uint32_t *member,
                       uint32_t members, struct sim_arena *arena);

/* Members that a packet for `dst` reaches: 1 for a terminal. */
static inline uint32_t noc_trees_leaves(const struct noc_trees *trees, uint32_t dst) {
    return dst & NOC_GROUP && trees->labels > 0 ? trees->node[dst & ~NOC_GROUP].leaves : 1;
}

#ifdef __cplusplus
}
#endif

#endif

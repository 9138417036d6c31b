/* SPDX-License-Identifier: MIT
 *
 * Routing: the tree on which a group's spikes travel.
 *
 * The spike router sends in one direction only, and only in the cycle after firing, so the tree leaves
 * the root by a single port; it branches at the tiles it passes. From the first tile on, every
 * destination is reached column first, then row (X-Y), and the union of these paths is a tree. Of the
 * root's neighbours the one with the fewest hops in total is taken. Groups whose layer nobody reads
 * leave the chip at the nearest rim port, where the host listens.
 */
#include "arch/mapping.h"

#include <stdlib.h>
#include <string.h>

static uint32_t distance(const struct arch_mapping *map, uint32_t a, uint32_t b) {
    int rows = (int)(a / map->cols) - (int)(b / map->cols);
    int cols = (int)(a % map->cols) - (int)(b % map->cols);
    return (uint32_t)(abs(rows) + abs(cols));
}

/* The port through which an X-Y route leaves `from` towards `to`. */
static enum noc_port towards(const struct arch_mapping *map, uint32_t from, uint32_t to) {
    uint32_t from_col = from % map->cols, to_col = to % map->cols;
    if (from_col != to_col)
        return from_col < to_col ? NOC_PORT_EAST : NOC_PORT_WEST;
    return from < to ? NOC_PORT_SOUTH : NOC_PORT_NORTH;
}

/* The rim port nearest to a tile: how far it is, and the tile that owns it. */
static uint32_t nearest_rim(const struct arch_mapping *map, uint32_t tile, uint32_t *rim,
                            enum noc_port *port) {
    uint32_t row = tile / map->cols, col = tile % map->cols;
    const uint32_t far[4] = {row, map->rows - 1 - row, map->cols - 1 - col, col};
    const enum noc_port ports[4] = {NOC_PORT_NORTH, NOC_PORT_SOUTH, NOC_PORT_EAST, NOC_PORT_WEST};
    const uint32_t rims[4] = {col, (map->rows - 1) * map->cols + col, row * map->cols + map->cols - 1,
                              row * map->cols};
    uint32_t best = 0;
    for (uint32_t i = 1; i < 4; i++)
        if (far[i] < far[best])
            best = i;
    *rim = rims[best];
    *port = ports[best];
    return far[best];
}

static uint32_t add_node(struct arch_mapping *map, uint32_t tile, uint32_t parent, enum noc_port in) {
    if (map->nodes == map->node_capacity) {
        uint32_t larger = map->node_capacity == 0 ? 64 : 2 * map->node_capacity;
        struct arch_node *copy = SIM_NEW_ARRAY(map->arena, struct arch_node, larger);
        if (map->nodes > 0)
            memcpy(copy, map->node, map->nodes * sizeof *copy);
        map->node = copy;
        map->node_capacity = larger;
    }
    map->node[map->nodes] = (struct arch_node){.tile = tile, .parent = parent, .in = in, .core = ARCH_NOBODY};
    map->tile[tile].used = true;
    return map->nodes++;
}

/* The child of `parent` on `tile`, made if it is not there. */
static uint32_t child_at(struct arch_mapping *map, const struct arch_group *group, uint32_t parent,
                         uint32_t tile, enum noc_port in) {
    for (uint32_t i = group->first_node; i < map->nodes; i++)
        if (map->node[i].parent == parent && map->node[i].tile == tile)
            return i;
    return add_node(map, tile, parent, in);
}

/* Extends the tree from node `start` to `tile`; returns the node there. */
static uint32_t reach(struct arch_mapping *map, const struct arch_group *group, uint32_t start,
                      uint32_t tile) {
    uint32_t node = start;
    while (map->node[node].tile != tile) {
        enum noc_port port = towards(map, map->node[node].tile, tile);
        uint32_t next = arch_neighbour(map, map->node[node].tile, port);
        node = child_at(map, group, node, next, noc_port_opposite(port));
    }
    return node;
}

/* A core that takes this group's spikes. */
static bool takes(const struct arch_group *group, const struct arch_core *core) {
    return core->source == group->layer && core->first_axon == group->first_neuron;
}

static bool has_readers(const struct arch_mapping *map, uint32_t layer) {
    for (uint32_t id = layer + 1; id < map->graph->layers; id++)
        for (uint32_t i = 0; i < map->graph->layer[id].operands; i++)
            if (map->graph->layer[id].operand[i] == layer)
                return true;
    return false;
}

/* The root's neighbour from which all readers are nearest. */
static uint32_t first_hop(const struct arch_mapping *map, const struct arch_group *group, uint32_t root) {
    uint32_t best = ARCH_NOBODY;
    uint64_t best_hops = UINT64_MAX;
    for (int port = 0; port < NOC_PORT_COUNT; port++) {
        uint32_t tile = arch_neighbour(map, root, (enum noc_port)port);
        if (tile == ARCH_NOBODY)
            continue;
        uint64_t hops = 0;
        for (uint32_t core = 0; core < map->cores; core++)
            if (takes(group, &map->core[core]))
                hops += distance(map, tile, map->core[core].tile);
        if (hops < best_hops) {
            best_hops = hops;
            best = tile;
        }
    }
    return best;
}

static void route_to_readers(struct arch_mapping *map, const struct arch_group *group, uint32_t root) {
    uint32_t tile = map->node[root].tile, hop = first_hop(map, group, tile);
    uint32_t start = child_at(map, group, root, hop, noc_port_opposite(towards(map, tile, hop)));
    for (uint32_t core = 0; core < map->cores; core++) {
        if (!takes(group, &map->core[core]))
            continue;
        uint32_t node = reach(map, group, start, map->core[core].tile); /* may move map->node */
        map->node[node].core = core;
    }
}

static void route_to_rim(struct arch_mapping *map, const struct arch_group *group, uint32_t root) {
    uint32_t rim;
    enum noc_port port;
    nearest_rim(map, map->node[root].tile, &rim, &port);
    uint32_t last = reach(map, group, root, rim); /* may move map->node */
    map->node[last].exits = true;
    map->node[last].exit = port;
}

/* Lists the children of each node of a group. */
static void list_children(struct arch_mapping *map, const struct arch_group *group) {
    for (uint32_t i = group->first_node; i < map->nodes; i++) {
        struct arch_node *node = &map->node[i];
        node->first_child = map->child_count;
        for (uint32_t j = i + 1; j < map->nodes; j++)
            if (map->node[j].parent == i)
                map->child[map->child_count++] = j;
        node->children = map->child_count - node->first_child;
    }
}

bool arch_route(struct arch_mapping *map, struct sim_err *err) {
    (void)err;
    for (uint32_t g = 0; g < map->groups; g++) {
        struct arch_group *group = &map->group[g];
        group->first_node = map->nodes;
        uint32_t root = add_node(map, map->core[arch_root(group)].tile, ARCH_NOBODY, NOC_PORT_NORTH);
        if (has_readers(map, group->layer))
            route_to_readers(map, group, root);
        else
            route_to_rim(map, group, root);
        group->nodes = map->nodes - group->first_node;
    }
    map->child = SIM_NEW_ARRAY(map->arena, uint32_t, map->nodes);
    for (uint32_t g = 0; g < map->groups; g++) {
        uint32_t end = map->group[g].first_node + map->group[g].nodes, nodes = map->nodes;
        map->nodes = end; /* children are sought inside the group */
        list_children(map, &map->group[g]);
        map->nodes = nodes;
    }
    return true;
}

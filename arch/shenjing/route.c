/* SPDX-License-Identifier: MIT
 *
 * Routing: the tree on which a group's spikes travel, and the ways of its partial sums.
 *
 * The spike router sends in one direction only, and only in the cycle after firing, so the tree leaves
 * the root by a single port; it branches at the tiles it passes. From the first tile on, readers join in the
 * order of their distance, each by the shortest way (columns first) from the nearest tile of the tree. Of the
 * root's neighbours the one with the fewest hops in total is taken. Groups whose layer nobody reads, or
 * something outside the cores, leave the chip at the nearest rim port, where the host listens.
 *
 * Partial sums go the shortest way, columns first, from each core of a chain to the next.
 */
#include "arch/shenjing/mapping.h"

#include <stdlib.h>
#include <string.h>

static uint32_t distance(const struct arch_mapping *map, uint32_t a, uint32_t b) {
    int rows = (int)(a / map->cols) - (int)(b / map->cols);
    int cols = (int)(a % map->cols) - (int)(b % map->cols);
    return (uint32_t)(abs(rows) + abs(cols));
}

enum noc_port arch_towards(const struct arch_mapping *map, uint32_t from, uint32_t to) {
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

/* Extends the tree from node `from` to `tile`; returns the node there. */
static uint32_t reach(struct arch_mapping *map, uint32_t from, uint32_t tile) {
    while (map->node[from].tile != tile) {
        enum noc_port port = arch_towards(map, map->node[from].tile, tile);
        uint32_t next = arch_neighbour(map, map->node[from].tile, port);
        from = add_node(map, next, from, noc_port_opposite(port));
    }
    return from;
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
        for (uint32_t i = 0; i < group->readers; i++)
            hops += distance(map, tile, map->core[map->reader[group->first_reader + i]].tile);
        if (hops < best_hops) {
            best_hops = hops;
            best = tile;
        }
    }
    return best;
}

/* The node of the tree, from `start` on, nearest to a tile; no shortest way from it meets another. */
static uint32_t nearest_node(const struct arch_mapping *map, uint32_t start, uint32_t tile) {
    uint32_t best = start;
    for (uint32_t node = start + 1; node < map->nodes; node++)
        if (distance(map, map->node[node].tile, tile) < distance(map, map->node[best].tile, tile))
            best = node;
    return best;
}

struct stop {
    uint32_t core, distance;
};

static int by_distance(const void *a, const void *b) {
    const struct stop *x = a, *y = b;
    if (x->distance != y->distance)
        return x->distance < y->distance ? -1 : 1;
    return (x->core > y->core) - (x->core < y->core);
}

static void route_to_readers(struct arch_mapping *map, const struct arch_group *group, uint32_t root,
                             struct stop *stop) {
    uint32_t tile = map->node[root].tile, hop = first_hop(map, group, tile);
    uint32_t start = add_node(map, hop, root, noc_port_opposite(arch_towards(map, tile, hop)));
    for (uint32_t i = 0; i < group->readers; i++) {
        uint32_t core = map->reader[group->first_reader + i];
        stop[i] = (struct stop){core, distance(map, hop, map->core[core].tile)};
    }
    qsort(stop, group->readers, sizeof *stop, by_distance);
    for (uint32_t i = 0; i < group->readers; i++) {
        uint32_t to = map->core[stop[i].core].tile;
        uint32_t node = reach(map, nearest_node(map, start, to), to); /* may move map->node */
        map->node[node].core = stop[i].core;
    }
}

/* From the nearest tile of the tree to the rim nearest to it. */
static void route_to_rim(struct arch_mapping *map, uint32_t root) {
    uint32_t rim, start = map->nodes > root + 1 ? root + 1 : root, best = start, fewest = UINT32_MAX;
    enum noc_port port;
    for (uint32_t node = start; node < map->nodes; node++) {
        uint32_t far = nearest_rim(map, map->node[node].tile, &rim, &port);
        if (far < fewest) {
            fewest = far;
            best = node;
        }
    }
    nearest_rim(map, map->node[best].tile, &rim, &port);
    uint32_t last = reach(map, best, rim); /* may move map->node */
    map->node[last].exits = true;
    map->node[last].exit = port;
}

/* Whether a layer's spikes leave the chip: nobody reads them, or something outside does. */
static bool leaves(const struct arch_mapping *map, uint32_t layer) {
    bool read = false;
    for (uint32_t id = layer + 1; id < map->graph->layers; id++)
        for (uint32_t i = 0; i < map->graph->layer[id].operands; i++)
            if (map->graph->layer[id].operand[i] == layer) {
                if (sim_layer_outside(&map->graph->layer[id]) || map->graph->layer[id].projection[i].loads)
                    return true;
                read = true;
            }
    return !read;
}

/* Lists the children of every node; parents come before children. */
static void list_children(struct arch_mapping *map) {
    map->child_count = 0;
    for (uint32_t i = 0; i < map->nodes; i++)
        map->node[i].children = 0;
    for (uint32_t i = 0; i < map->nodes; i++)
        if (map->node[i].parent != ARCH_NOBODY)
            map->node[map->node[i].parent].children++;
    for (uint32_t i = 0; i < map->nodes; i++) {
        map->node[i].first_child = map->child_count;
        map->child_count += map->node[i].children;
        map->node[i].children = 0;
    }
    for (uint32_t i = 0; i < map->nodes; i++) {
        if (map->node[i].parent == ARCH_NOBODY)
            continue;
        struct arch_node *parent = &map->node[map->node[i].parent];
        map->child[parent->first_child + parent->children++] = i;
    }
}

/* Lists the readers of every group. */
static void list_readers(struct arch_mapping *map) {
    uint32_t readers = 0;
    if (map->reader == NULL)
        map->reader = SIM_NEW_ARRAY(map->arena, uint32_t, map->cores);
    for (uint32_t g = 0; g < map->groups; g++)
        map->group[g].readers = 0;
    for (uint32_t core = 0; core < map->cores; core++)
        if (map->core[core].from != ARCH_NOBODY)
            map->group[map->core[core].from].readers++;
    for (uint32_t g = 0; g < map->groups; g++) {
        map->group[g].first_reader = readers;
        readers += map->group[g].readers;
        map->group[g].readers = 0;
    }
    for (uint32_t core = 0; core < map->cores; core++) {
        if (map->core[core].from == ARCH_NOBODY)
            continue;
        struct arch_group *group = &map->group[map->core[core].from];
        map->reader[group->first_reader + group->readers++] = core;
    }
}

/* The tiles that partial sums pass. */
static void mark_chains(struct arch_mapping *map) {
    for (uint32_t g = 0; g < map->groups; g++)
        for (uint32_t k = 1; k < map->group[g].cores; k++) {
            uint32_t tile = map->core[map->group[g].first_core + k - 1].tile,
                     to = map->core[map->group[g].first_core + k].tile;
            for (; tile != to; tile = arch_neighbour(map, tile, arch_towards(map, tile, to)))
                map->tile[tile].used = true;
        }
}

bool arch_route(struct arch_mapping *map, struct sim_err *err) {
    (void)err;
    struct sim_arena scratch;
    sim_arena_init(&scratch);
    struct stop *stop = SIM_NEW_ARRAY(&scratch, struct stop, map->cores);
    map->nodes = 0;
    list_readers(map);
    for (uint32_t g = 0; g < map->groups; g++) {
        struct arch_group *group = &map->group[g];
        group->first_node = map->nodes;
        uint32_t root = add_node(map, map->core[arch_root(group)].tile, ARCH_NOBODY, NOC_PORT_NORTH);
        if (group->readers > 0)
            route_to_readers(map, group, root, stop);
        if (leaves(map, group->layer)) /* without this and readers: a part of a layer that no window covers */
            route_to_rim(map, root);
        group->nodes = map->nodes - group->first_node;
    }
    mark_chains(map);
    sim_arena_release(&scratch);
    map->child = SIM_NEW_ARRAY(map->arena, uint32_t, map->nodes);
    list_children(map);
    return true;
}

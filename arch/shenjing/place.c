/* SPDX-License-Identifier: MIT
 *
 * Placement: cores along a path over the mesh, in the order of layers, groups and operands.
 *
 * The mesh is cut into strips of some rows; the path runs through each strip column by column, down and up in
 * turns, eastward in the first strip, westward in the next. With a height of 1 it is a snake along the rows:
 *
 *     height 1    0 > 1 > 2 > 3          height 2    0   3 > 4   7
 *                             v                      v   ^   v   ^
 *                 7 < 6 < 5 < 4                      1 > 2   5 > 6
 *
 * Cores of a group are neighbours on the path, so a partial sum travels one hop (more where a strip ends),
 * and layers follow each other. Inside a group the operands' cores are ordered by the row of their tile:
 * where a column of the strip is as high as a chain is long, all groups have the core of one source in the
 * same row, and the source's spikes run straight along it.
 *
 * The height is the one with the fewest tiles in all spike trees (the hops of a timestep's spikes), found by
 * routing with every height that is tried; a tie goes to the lowest. This is the chip's own order; other
 * placements begin with it (place_search.c).
 */
#include "arch/shenjing/mapping.h"

#include <stdlib.h>

uint32_t arch_neighbour(const struct arch_mapping *map, uint32_t tile, enum noc_port port) {
    uint32_t row = tile / map->cols, col = tile % map->cols;
    switch (port) {
    case NOC_PORT_NORTH:
        return row > 0 ? tile - map->cols : ARCH_NOBODY;
    case NOC_PORT_SOUTH:
        return row + 1 < map->rows ? tile + map->cols : ARCH_NOBODY;
    case NOC_PORT_EAST:
        return col + 1 < map->cols ? tile + 1 : ARCH_NOBODY;
    case NOC_PORT_WEST:
        return col > 0 ? tile - 1 : ARCH_NOBODY;
    default:
        return ARCH_NOBODY;
    }
}

/* The tile at a position of the path through strips of a height. */
static uint32_t path(const struct arch_mapping *map, uint32_t height, uint32_t position) {
    uint32_t strip = position / (height * map->cols), first = strip * height;
    uint32_t rows = map->rows - first < height ? map->rows - first : height;
    uint32_t inside = position - first * map->cols, step = inside / rows, row = inside % rows;
    uint32_t col = strip % 2 == 0 ? step : map->cols - 1 - step;
    return (first + (step % 2 == 0 ? row : rows - 1 - row)) * map->cols + col;
}

/* ---- the order inside a group ------------------------------------------------------------------ */

struct spot {
    uint32_t tile, position; /* in the chain */
};

static int by_tile(const void *a, const void *b) {
    const struct spot *x = a, *y = b;
    return (x->tile > y->tile) - (x->tile < y->tile);
}

/* Gives the cores of a group, in the order of their operands, the chain's tiles in the order of rows. */
static void order_group(struct arch_mapping *map, const struct arch_group *group, struct arch_core *sorted,
                        struct spot *spot) {
    struct arch_core *core = &map->core[group->first_core];
    for (uint32_t k = 0; k < group->cores; k++)
        spot[k] = (struct spot){core[k].tile, k};
    qsort(spot, group->cores, sizeof *spot, by_tile);
    for (uint32_t k = 0; k < group->cores; k++) {
        sorted[spot[k].position] = core[k];
        sorted[spot[k].position].tile = spot[k].tile;
    }
    for (uint32_t k = 0; k < group->cores; k++)
        core[k] = sorted[k];
}

static int by_operand(const void *a, const void *b) {
    const struct arch_core *x = a, *y = b;
    if (x->port != y->port)
        return x->port < y->port ? -1 : 1;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    uint32_t x_axon = arch_core_axon(x, 0), y_axon = arch_core_axon(y, 0);
    return (x_axon > y_axon) - (x_axon < y_axon);
}

/* ---- the stage --------------------------------------------------------------------------------- */

static void place(struct arch_mapping *map, uint32_t height, struct arch_core *sorted, struct spot *spot) {
    for (uint32_t tile = 0; tile < map->rows * map->cols; tile++)
        map->tile[tile] = (struct arch_tile_plan){.core = ARCH_NOBODY};
    for (uint32_t g = 0; g < map->groups; g++) {
        struct arch_group *group = &map->group[g];
        qsort(&map->core[group->first_core], group->cores, sizeof *map->core, by_operand);
        for (uint32_t k = 0; k < group->cores; k++)
            map->core[group->first_core + k].tile = path(map, height, group->first_core + k);
        if (!map->core[group->first_core].external)
            order_group(map, group, sorted, spot);
    }
    for (uint32_t core = 0; core < map->cores; core++) {
        map->tile[map->core[core].tile].core = core;
        map->tile[map->core[core].tile].used = true;
    }
    map->strip = height;
}

bool arch_place(struct arch_mapping *map, struct sim_err *err) {
    struct sim_arena scratch;
    sim_arena_init(&scratch);
    struct arch_core *sorted = SIM_NEW_ARRAY(&scratch, struct arch_core, map->cores);
    struct spot *spot = SIM_NEW_ARRAY(&scratch, struct spot, map->cores);
    map->tile = SIM_NEW_ARRAY(map->arena, struct arch_tile_plan, (size_t)map->rows * map->cols);
    uint32_t best = 1, fewest = UINT32_MAX;
    for (uint32_t height = 1; height <= map->rows; height += 1 + height / 8) {
        place(map, height, sorted, spot);
        if (!arch_route(map, err))
            break;
        if (height == 1)
            map->row_hops = map->nodes - map->groups;
        if (map->nodes < fewest) {
            best = height;
            fewest = map->nodes;
        }
    }
    place(map, best, sorted, spot);
    map->hops = fewest - map->groups;
    sim_arena_release(&scratch);
    if (!arch_route(map, err))
        return false;
    map->ordered = arch_expected_hops(map);
    arch_place_search(map);
    return true;
}

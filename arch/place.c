/* SPDX-License-Identifier: MIT
 *
 * Placement: cores along a snake over the mesh (row 0 eastward, row 1 westward, ...).
 *
 * Cores of a group stand on consecutive tiles of the snake, so every partial sum travels one hop, and
 * layers follow each other, so spikes travel little further than the width of a layer.
 *
 *     row 0   0 > 1 > 2 > 3
 *                         v
 *     row 1   7 < 6 < 5 < 4
 */
#include "arch/mapping.h"

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

static uint32_t snake(const struct arch_mapping *map, uint32_t position) {
    uint32_t row = position / map->cols, col = position % map->cols;
    return row * map->cols + (row % 2 == 0 ? col : map->cols - 1 - col);
}

bool arch_place(struct arch_mapping *map, struct sim_err *err) {
    (void)err;
    map->tile = SIM_NEW_ARRAY(map->arena, struct arch_tile_plan, (size_t)map->rows * map->cols);
    for (uint32_t tile = 0; tile < map->rows * map->cols; tile++)
        map->tile[tile].core = ARCH_NOBODY;
    for (uint32_t core = 0; core < map->cores; core++) {
        uint32_t tile = snake(map, core);
        map->core[core].tile = tile;
        map->tile[tile].core = core;
        map->tile[tile].used = true;
    }
    return true;
}

/* SPDX-License-Identifier: MIT
 *
 * A floor plan as an SVG picture: the tiles of a chip, coloured by the layer that they compute, the ways of
 * partial sums and spikes on top, and a legend. The picture is drawn in the order of the calls:
 * begin, tiles, routes, chains, end. Tooltips (<title>) carry what does not fit.
 */
#ifndef ARCH_LAYOUT_FLOOR_PLAN_H
#define ARCH_LAYOUT_FLOOR_PLAN_H

#include "sim/graph/graph.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct arch_floor_plan {
    FILE *out;
    const struct sim_graph *graph;
    uint32_t rows, cols;
    uint32_t chip_rows, chip_cols; /* tiles of one chip */
    const char *title, *subtitle;
    bool chains, routes; /* are drawn: explained in the legend */
};

struct arch_floor_tile {
    uint32_t row, col;
    uint32_t part, parts; /* a tile may be divided into parts, from left to right */
    int32_t layer;        /* -1: holds no share of the network */
    bool fires, fed;      /* holds membrane potentials; is fed from outside */
    const char *label;    /* short, or NULL */
    const char *tooltip;
};

void arch_floor_plan_begin(const struct arch_floor_plan *plan);
void arch_floor_plan_tile(const struct arch_floor_plan *plan, const struct arch_floor_tile *tile);

/* Spikes from a tile to its neighbour, `vectors` a timestep of at most `most`; to_row or to_col may lie one
 * outside the chip. */
void arch_floor_plan_route(const struct arch_floor_plan *plan, uint32_t row, uint32_t col, int32_t to_row,
                           int32_t to_col, uint32_t vectors, uint32_t most);

/* The way of a partial sum past tiles row[0], col[0] ... row[tiles - 1], col[tiles - 1]. */
void arch_floor_plan_chain(const struct arch_floor_plan *plan, const uint32_t *row, const uint32_t *col,
                           uint32_t tiles);

/* The legend; cores[layer] is told beside each layer that has any. */
void arch_floor_plan_end(const struct arch_floor_plan *plan, const uint32_t *cores);

#ifdef __cplusplus
}
#endif

#endif

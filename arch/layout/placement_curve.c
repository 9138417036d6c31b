/* SPDX-License-Identifier: MIT
 *
 * Placement along a curve that fills the mesh: a snake along the rows, or Hilbert's curve, whose neighbours
 * in order stay neighbours in the plane. Where the mesh is no square of a power of two, the curve of the next
 * larger one is followed, and what lies outside is left out. Items keep their order.
 */
#include "arch/layout/placement.h"

#include <stdlib.h>

struct stop {
    uint64_t position;
    uint32_t site;
};

static int by_position(const void *a, const void *b) {
    const struct stop *x = a, *y = b;
    if (x->position != y->position)
        return x->position < y->position ? -1 : 1;
    return (x->site > y->site) - (x->site < y->site);
}

static uint64_t snake(const struct arch_placement_problem *problem, struct arch_placement_site at) {
    uint32_t col = at.row % 2 == 0 ? at.col : problem->cols - 1 - at.col;
    return (uint64_t)at.row * problem->cols + col;
}

/* The position of a place on the curve through a square of `side`, a power of two: quadrant by quadrant, the
 * first and the last turned. */
static uint64_t hilbert(uint32_t side, struct arch_placement_site at) {
    uint64_t position = 0;
    uint32_t x = at.col, y = at.row;
    for (uint32_t half = side / 2; half > 0; half /= 2) {
        bool right = (x & half) != 0, lower = (y & half) != 0;
        position += (uint64_t)half * half * ((right ? 3u : 0u) ^ (lower ? 1u : 0u));
        if (!lower) {
            if (right) {
                x = side - 1 - x;
                y = side - 1 - y;
            }
            uint32_t swap = x;
            x = y;
            y = swap;
        }
    }
    return position;
}

void arch_placement_curve(const struct arch_placement_problem *problem, bool along_hilbert,
                          struct arch_placement *placed) {
    struct sim_arena scratch;
    uint32_t side = 1;
    sim_arena_init(&scratch);
    while (side < problem->rows || side < problem->cols)
        side *= 2;
    struct stop *stop = SIM_NEW_ARRAY(&scratch, struct stop, problem->sites);
    for (uint32_t i = 0; i < problem->sites; i++)
        stop[i] = (struct stop){
            along_hilbert ? hilbert(side, problem->site[i]) : snake(problem, problem->site[i]), i};
    qsort(stop, problem->sites, sizeof *stop, by_position);
    for (uint32_t seat = 0; seat < problem->items; seat++)
        placed->site[seat] = stop[seat].site;
    sim_arena_release(&scratch);
}

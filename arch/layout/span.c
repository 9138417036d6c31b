/* SPDX-License-Identifier: MIT
 *
 * Stretches of boxes; see span.h.
 */
#include "arch/layout/span.h"

static uint32_t larger(uint32_t a, uint32_t b) { return a > b ? a : b; }
static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

struct arch_span arch_span_of(struct sim_shape shape) {
    return (struct arch_span){sim_shape_box(shape), 0, sim_shape_neurons(shape)};
}

uint32_t arch_span_box_place(const struct arch_span *span, uint32_t i) {
    uint32_t place = span->first + i, channel = place % span->box.channels;
    return channel * span->box.rows * span->box.cols + place / span->box.channels;
}

uint32_t arch_span_number(const struct arch_span *span, uint32_t i, struct sim_shape shape) {
    return sim_box_number(span->box, arch_span_box_place(span, i), shape);
}

/* ---- what two spans share --------------------------------------------------------------------- */

struct run {
    uint32_t a, b, count;
};

/* Place in the box of the neuron at (row, col, channel) of the grid. */
static uint32_t place_of(struct sim_box box, uint32_t row, uint32_t col, uint32_t channel) {
    return ((row - box.row) * box.cols + col - box.col) * box.channels + channel - box.channel;
}

/* The part of `count` places, from a and b on in the boxes, that lies in both stretches. */
static struct run clip(const struct arch_span *a, const struct arch_span *b, struct run run) {
    uint32_t skip = larger(a->first > run.a ? a->first - run.a : 0, b->first > run.b ? b->first - run.b : 0);
    struct run none = {0, 0, 0}, part = {run.a + skip - a->first, run.b + skip - b->first, run.count - skip};
    if (skip >= run.count || run.a + skip >= a->first + a->count || run.b + skip >= b->first + b->count)
        return none;
    part.count = smaller(part.count, smaller(a->count - part.a, b->count - part.b));
    return part;
}

void arch_span_meet(const struct arch_span *a, const struct arch_span *b, arch_span_run *run, void *user) {
    struct sim_box both = sim_box_meet(a->box, b->box);
    struct run waiting = {0, 0, 0};
    if (sim_box_neurons(both) == 0)
        return;
    for (uint32_t row = both.row; row < both.row + both.rows; row++)
        for (uint32_t col = both.col; col < both.col + both.cols; col++) {
            uint32_t in_a = place_of(a->box, row, col, both.channel);
            uint32_t in_b = place_of(b->box, row, col, both.channel), end = waiting.count;
            struct run part = clip(a, b, (struct run){in_a, in_b, both.channels});
            if (part.count == 0)
                continue;
            if (end > 0 && part.a == waiting.a + end && part.b == waiting.b + end) {
                waiting.count += part.count;
                continue;
            }
            if (waiting.count > 0)
                run(user, waiting.a, waiting.b, waiting.count);
            waiting = part;
        }
    if (waiting.count > 0)
        run(user, waiting.a, waiting.b, waiting.count);
}

/* SPDX-License-Identifier: MIT
 *
 * Neurons that stand together: a stretch of a box of a layer's grid.
 *
 * The order is row, column, channel, the channel fastest, so that neighbours of a feature map are neighbours
 * here too, and what two cores share of it is a few long runs. A core's neurons are a span of its layer, its
 * axons one of each layer that it reads.
 */
#ifndef ARCH_LAYOUT_SPAN_H
#define ARCH_LAYOUT_SPAN_H

#include "sim/graph/projection.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Places first .. first + count - 1 of the box. */
struct arch_span {
    struct sim_box box;
    uint32_t first, count;
};

/* All of a grid. */
struct arch_span arch_span_of(struct sim_shape shape);

/* The number, in its layer, of neuron `i` of the span. */
uint32_t arch_span_number(const struct arch_span *span, uint32_t i, struct sim_shape shape);

/* Place in the box, counted as sim_projection_row does (the column fastest), of neuron `i`. */
uint32_t arch_span_box_place(const struct arch_span *span, uint32_t i);

/* `count` neurons, from `a` on in the one span and from `b` on in the other. */
typedef void arch_span_run(void *user, uint32_t a, uint32_t b, uint32_t count);

/* Calls run(user, ...) for what two spans of the same layer share, in as few runs as their orders allow,
 * ascending in both. */
void arch_span_meet(const struct arch_span *a, const struct arch_span *b, arch_span_run *run, void *user);

#ifdef __cplusplus
}
#endif

#endif

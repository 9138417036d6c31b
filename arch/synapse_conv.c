/* SPDX-License-Identifier: MIT
 *
 * Convolutional synapse memory: one kernel serves all positions, and a spike's targets are computed from its
 * address; see synapse.h. As the compressed convolutional lists of Loihi and SENECA do.
 */
#include "arch/synapse.h"

#include "sim/arena.h"

#include <string.h>

/* Output positions along one axis that input position `in` reaches: those `out` with
 * 0 <= in + padding - out stride < kernel. */
static void reach(uint32_t in, uint32_t padding, uint32_t kernel, uint32_t stride, uint32_t outs,
                  uint32_t *first, uint32_t *end) {
    uint32_t at = in + padding;
    *first = at < kernel ? 0 : (at - kernel) / stride + 1;
    *end = at / stride + 1 < outs ? at / stride + 1 : outs;
}

static uint32_t visit(const struct arch_synapses *s, uint32_t axon, int32_t *input) {
    const struct arch_convolution *c = &s->shape;
    uint32_t col = axon % c->in_cols, row = axon / c->in_cols % c->in_rows,
             channel = axon / c->in_cols / c->in_rows;
    uint32_t row_first, row_end, col_first, col_end, events = 0;
    reach(row, c->padding, c->kernel_rows, c->stride, c->out_rows, &row_first, &row_end);
    reach(col, c->padding, c->kernel_cols, c->stride, c->out_cols, &col_first, &col_end);
    for (uint32_t out = 0; out < c->out_channels; out++) {
        const int8_t *kernel =
            s->weight + (size_t)(out * c->in_channels + channel) * c->kernel_rows * c->kernel_cols;
        for (uint32_t r = row_first; r < row_end; r++)
            for (uint32_t k = col_first; k < col_end; k++, events++) {
                uint32_t kernel_row = row + c->padding - r * c->stride,
                         kernel_col = col + c->padding - k * c->stride;
                if (input != NULL)
                    input[(out * c->out_rows + r) * c->out_cols + k] +=
                        kernel[kernel_row * c->kernel_cols + kernel_col];
            }
    }
    return events;
}

static void add(struct arch_synapses *s, const uint32_t *axon, uint32_t axons, int32_t *input) {
    for (uint32_t i = 0; i < axons; i++)
        visit(s, axon[i], input);
}

const struct arch_synapse_format arch_synapse_conv = {
    .name = "convolutional",
    .help = "one kernel for all positions",
    .add = add,
};

void arch_synapses_load_conv(struct arch_synapses *s, const struct arch_convolution *shape,
                             const int8_t *kernel, uint32_t weight_bits, struct sim_arena *arena) {
    size_t weights =
        (size_t)shape->out_channels * shape->in_channels * shape->kernel_rows * shape->kernel_cols;
    *s = (struct arch_synapses){.format = &arch_synapse_conv, .shape = *shape};
    s->axons = shape->in_channels * shape->in_rows * shape->in_cols;
    s->neurons = shape->out_channels * shape->out_rows * shape->out_cols;
    s->bits = weights * weight_bits;
    s->weight = SIM_NEW_ARRAY(arena, int8_t, weights);
    memcpy(s->weight, kernel, weights);
    s->events = SIM_NEW_ARRAY(arena, uint32_t, s->axons);
    for (uint32_t axon = 0; axon < s->axons; axon++)
        s->events[axon] = visit(s, axon, NULL);
}

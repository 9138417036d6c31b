/* SPDX-License-Identifier: MIT
 *
 * The arithmetic of projections; see projection.h.
 */
#include "sim/graph/projection.h"

#include <string.h>

static uint32_t larger(uint32_t a, uint32_t b) { return a > b ? a : b; }
static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

uint32_t sim_box_number(struct sim_box box, uint32_t i, struct sim_shape shape) {
    uint32_t col = i % box.cols, row = i / box.cols % box.rows, channel = i / box.cols / box.rows;
    return ((box.channel + channel) * shape.rows + box.row + row) * shape.cols + box.col + col;
}

/* The part that two ranges share: first and length. */
static void share(uint32_t a, uint32_t a_length, uint32_t b, uint32_t b_length, uint32_t *first,
                  uint32_t *length) {
    uint32_t end = smaller(a + a_length, b + b_length);
    *first = larger(a, b);
    *length = end > *first ? end - *first : 0;
}

struct sim_box sim_box_meet(struct sim_box a, struct sim_box b) {
    struct sim_box box;
    share(a.channel, a.channels, b.channel, b.channels, &box.channel, &box.channels);
    share(a.row, a.rows, b.row, b.rows, &box.row, &box.rows);
    share(a.col, a.cols, b.col, b.cols, &box.col, &box.cols);
    return box;
}

static uint32_t group_in(const struct sim_projection *p) { return p->in.channels / p->groups; }
static uint32_t group_out(const struct sim_projection *p) { return p->reached / p->groups; }

uint32_t sim_projection_rows(const struct sim_projection *p) {
    if (!p->weighted)
        return 0;
    return p->full ? sim_shape_neurons(p->in) : group_in(p) * p->kernel_rows * p->kernel_cols;
}

/* ---- one axis ---------------------------------------------------------------------------------- */

/* Output positions first .. first + count - 1, of `from` .. `from + length - 1`, whose window holds `in`. */
static void reached_by(uint32_t in, uint32_t pad, uint32_t kernel, uint32_t stride, uint32_t from,
                       uint32_t length, uint32_t *first, uint32_t *count) {
    uint32_t at = in + pad, least = at < kernel ? 0 : (at - kernel) / stride + 1;
    share(least, at / stride + 1 > least ? at / stride + 1 - least : 0, from, length, first, count);
}

/* Input positions that the outputs first .. first + length - 1 read, inside 0 .. size - 1. */
static void read_by(uint32_t first, uint32_t length, uint32_t pad, uint32_t kernel, uint32_t stride,
                    uint32_t size, uint32_t *from, uint32_t *count) {
    uint64_t begin = (uint64_t)first * stride, end = begin + (uint64_t)(length - 1) * stride + kernel;
    begin = begin > pad ? begin - pad : 0;
    end = end > pad ? end - pad : 0;
    end = end < size ? end : size;
    *from = (uint32_t)begin;
    *count = end > begin ? (uint32_t)(end - begin) : 0;
}

struct sim_box sim_projection_reads(const struct sim_projection *p, struct sim_box neurons) {
    struct sim_box none = {0}, box = none;
    if (sim_box_neurons(neurons) == 0)
        return none;
    if (p->full)
        return sim_shape_box(p->in);
    if (p->row)
        return (struct sim_box){0, p->in.channels, neurons.row, neurons.rows, 0, p->in.cols};
    uint32_t end = smaller(neurons.channel + neurons.channels, p->reached);
    if (neurons.channel >= end)
        return none;
    uint32_t first_group = neurons.channel / group_out(p), last_group = (end - 1) / group_out(p);
    box.channel = first_group * group_in(p);
    box.channels = (last_group - first_group + 1) * group_in(p);
    read_by(neurons.row, neurons.rows, p->pad_rows, p->kernel_rows, p->stride_rows, p->in.rows, &box.row,
            &box.rows);
    read_by(neurons.col, neurons.cols, p->pad_cols, p->kernel_cols, p->stride_cols, p->in.cols, &box.col,
            &box.cols);
    return sim_box_neurons(box) == 0 ? none : box;
}

/* ---- synapses ---------------------------------------------------------------------------------- */

/* The weight at window position (channel of the group, row, column) to an output channel. */
static int32_t kernel_weight(const struct sim_projection *p, uint32_t channel, uint32_t row, uint32_t col,
                             uint32_t out) {
    if (!p->weighted)
        return p->scale;
    if (p->weight == NULL)
        return 0;
    return p->weight[(size_t)((channel * p->kernel_rows + row) * p->kernel_cols + col) * p->out.channels +
                     out];
}

static int32_t full_weight(const struct sim_projection *p, uint32_t axon, uint32_t neuron) {
    if (!p->weighted)
        return p->scale;
    return p->weight != NULL ? p->weight[(size_t)axon * sim_shape_neurons(p->out) + neuron] : 0;
}

/* Calls visit(user, place in the box, weight) for the targets of an axon in a box of neurons. */
static uint32_t walk(const struct sim_projection *p, uint32_t axon, struct sim_box box,
                     sim_synapse_visit *visit, void *user) {
    uint32_t count = (uint32_t)sim_box_neurons(box);
    if (p->full) {
        for (uint32_t i = 0; i < count; i++)
            visit(user, i, full_weight(p, axon, sim_box_number(box, i, p->out)));
        return count;
    }
    uint32_t col = axon % p->in.cols, row = axon / p->in.cols % p->in.rows,
             channel = axon / p->in.cols / p->in.rows;
    if (p->row) {
        if (row - box.row >= box.rows)
            return 0;
        for (uint32_t i = 0; i < box.channels * box.cols; i++)
            visit(user, (i / box.cols * box.rows + row - box.row) * box.cols + i % box.cols, p->scale);
        return box.channels * box.cols;
    }
    uint32_t group = channel / group_in(p), first, channels, r0, rows, c0, cols;
    share(group * group_out(p), group_out(p), box.channel, box.channels, &first, &channels);
    reached_by(row, p->pad_rows, p->kernel_rows, p->stride_rows, box.row, box.rows, &r0, &rows);
    reached_by(col, p->pad_cols, p->kernel_cols, p->stride_cols, box.col, box.cols, &c0, &cols);
    for (uint32_t out = first; out < first + channels; out++)
        for (uint32_t r = r0; r < r0 + rows; r++)
            for (uint32_t c = c0; c < c0 + cols; c++)
                visit(user, ((out - box.channel) * box.rows + r - box.row) * box.cols + c - box.col,
                      kernel_weight(p, channel % group_in(p), row + p->pad_rows - r * p->stride_rows,
                                    col + p->pad_cols - c * p->stride_cols, out));
    return channels * rows * cols;
}

void sim_projection_targets(const struct sim_projection *p, uint32_t axon, sim_synapse_visit *visit,
                            void *user) {
    walk(p, axon, sim_shape_box(p->out), visit, user); /* places in the whole grid are numbers */
}

static void put(void *user, uint32_t place, int32_t weight) { ((int8_t *)user)[place] = (int8_t)weight; }

uint32_t sim_projection_row(const struct sim_projection *p, uint32_t axon, struct sim_box neurons,
                            int8_t *row) {
    memset(row, 0, sim_box_neurons(neurons));
    return walk(p, axon, neurons, put, row);
}

/* The box that holds one neuron. */
static struct sim_box box_of(struct sim_shape shape, uint32_t number) {
    return (struct sim_box){.channel = number / shape.cols / shape.rows,
                            .channels = 1,
                            .row = number / shape.cols % shape.rows,
                            .rows = 1,
                            .col = number % shape.cols,
                            .cols = 1};
}

int32_t sim_projection_weight(const struct sim_projection *p, uint32_t axon, uint32_t neuron) {
    int8_t weight = 0;
    walk(p, axon, box_of(p->out, neuron), put, &weight);
    return weight;
}

void sim_projection_axons(const struct sim_projection *p, uint32_t neuron, sim_synapse_visit *visit,
                          void *user) {
    struct sim_box box = sim_projection_reads(p, box_of(p->out, neuron));
    uint32_t count = (uint32_t)sim_box_neurons(box);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t axon = sim_box_number(box, i, p->in);
        visit(user, axon, sim_projection_weight(p, axon, neuron));
    }
}

struct sim_patch sim_projection_patch(const struct sim_projection *p, struct sim_box axons,
                                      struct sim_box neurons) {
    struct sim_patch patch = {.projection = p, .axons = axons, .neurons = neurons};
    if (p->full)
        return patch;
    patch.axons.row -= neurons.row * p->stride_rows;
    patch.neurons.row = 0;
    if (p->row)
        return patch;
    patch.axons.col -= neurons.col * p->stride_cols;
    patch.neurons.col = 0;
    if (!p->weighted && neurons.channel + neurons.channels <= p->reached) {
        uint32_t group = neurons.channel / group_out(p);
        patch.axons.channel -= group * group_in(p);
        patch.neurons.channel -= group * group_out(p);
    }
    return patch;
}

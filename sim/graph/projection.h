/* SPDX-License-Identifier: MIT
 *
 * A projection: how the neurons of one operand reach the neurons of a layer.
 *
 * Neurons of a layer stand on a grid of channels x rows x columns, the column fastest. Three patterns cover
 * all kinds of layers:
 *
 *   full     every neuron reads every axon: dense layers
 *   window   the neuron at (channel, row, col) reads, in the channels of its group, the axons of a window
 *            of kernel_rows x kernel_cols whose first corner is (row stride_rows - pad_rows,
 *            col stride_cols - pad_cols); what lies outside the grid is nothing. Convolutions; with as many
 *            groups as channels pooling, and with a window of 1 x 1 the identity
 *   row      every neuron reads the axons of its row, of all columns and channels: products, whose rows are
 *            the heads of attention
 *
 * Weights are those of a kernel, not of an unrolled matrix: weight[row * out.channels + channel], where the
 * row counts the synapses of a window (channel of the group, row, column), or weight[axon * neurons +
 * neuron] where full. Pooling and identity have no weights: all their synapses weigh `scale`.
 *
 * Mappers ask here, and need not know the kinds: for a neuron its axons, for an axon its targets, for a box
 * of neurons the box of axons that it reads.
 */
#ifndef SIM_GRAPH_PROJECTION_H
#define SIM_GRAPH_PROJECTION_H

#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_shape {
    uint32_t channels, rows, cols;
};

/* Neurons of a grid: channels channel .. channel + channels - 1, and so on; empty when any count is 0. */
struct sim_box {
    uint32_t channel, channels, row, rows, col, cols;
};

/* Invariant: groups divides in.channels and `reached`; a full one has groups 1. */
struct sim_projection {
    uint32_t source; /* layer whose spikes come in */
    struct sim_shape in, out;
    bool full, row;
    bool loads; /* the operand's spikes write the weights that those of operand 0 meet: products */
    uint32_t kernel_rows, kernel_cols, stride_rows, stride_cols, pad_rows, pad_cols;
    uint32_t groups;
    uint32_t reached;     /* output channels that read anything: 0 .. reached - 1 */
    bool weighted;        /* has weights; else all synapses weigh `scale` */
    const int8_t *weight; /* as above, or NULL: none, or not known */
    int32_t scale;
};

/* What a walk over synapses meets: an axon or a neuron, and the weight (0 where weights are not known). */
typedef void sim_synapse_visit(void *user, uint32_t number, int32_t weight);

static inline uint32_t sim_shape_neurons(struct sim_shape s) { return s.channels * s.rows * s.cols; }

static inline uint64_t sim_box_neurons(struct sim_box b) { return (uint64_t)b.channels * b.rows * b.cols; }

/* Another order of the same neurons, the channel fastest: rows of it are neighbours on the grid, so what a
 * run of them reads through a window is a run as well. Place of a number and number of a place. */
static inline uint32_t sim_shape_place(struct sim_shape s, uint32_t number) {
    return number % (s.rows * s.cols) * s.channels + number / (s.rows * s.cols);
}
static inline uint32_t sim_shape_number(struct sim_shape s, uint32_t place) {
    return place % s.channels * s.rows * s.cols + place / s.channels;
}

/* All of a grid. */
static inline struct sim_box sim_shape_box(struct sim_shape s) {
    struct sim_box box = {0, s.channels, 0, s.rows, 0, s.cols};
    return box;
}

/* The number in the grid of neuron `i` of a box (channel, row, column; the column fastest). */
uint32_t sim_box_number(struct sim_box box, uint32_t i, struct sim_shape shape);

/* Both boxes; empty where they do not meet. */
struct sim_box sim_box_meet(struct sim_box a, struct sim_box b);

/* Rows of the weights of this projection: synapses of a neuron's whole window; 0 without weights. */
uint32_t sim_projection_rows(const struct sim_projection *projection);

/* The weight of a synapse, 0 if there is none. */
int32_t sim_projection_weight(const struct sim_projection *projection, uint32_t axon, uint32_t neuron);

/* The smallest box of axons that the neurons of a box read. */
struct sim_box sim_projection_reads(const struct sim_projection *projection, struct sim_box neurons);

/* The axons of a neuron, and the neurons of an axon, ascending. */
void sim_projection_axons(const struct sim_projection *projection, uint32_t neuron, sim_synapse_visit *visit,
                          void *user);
void sim_projection_targets(const struct sim_projection *projection, uint32_t axon, sim_synapse_visit *visit,
                            void *user);

/* The weights of an axon to the neurons of a box, in the order of the box: row[sim_box_neurons(box)], 0 where
 * there is no synapse. Returns how many synapses there are. */
uint32_t sim_projection_row(const struct sim_projection *projection, uint32_t axon, struct sim_box neurons,
                            int8_t *row);

/* The weights between a box of axons and a box of neurons, whatever their place on the grids: rows and
 * columns are those seen from the first neuron's window, channels those seen from its group where there are
 * no weights. Patches with the same members hold the same weights (sim_projection_row), axon by axon in the
 * order of the boxes. */
struct sim_patch {
    const struct sim_projection *projection;
    struct sim_box axons, neurons; /* numbers before the window wrap */
};

struct sim_patch sim_projection_patch(const struct sim_projection *projection, struct sim_box axons,
                                      struct sim_box neurons);

#ifdef __cplusplus
}
#endif

#endif

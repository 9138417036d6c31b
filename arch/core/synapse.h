/* SPDX-License-Identifier: MIT
 *
 * Synapse memories of the digital core: which neurons a spike on an axon reaches, and with what weight.
 *
 * Three formats, one file each:
 *   dense          a row of weights for every axon: a crossbar (synapse_dense.c)
 *   sparse         a list of (neuron, weight) for every axon (synapse_sparse.c)
 *   convolutional  one kernel for all positions; addresses are computed (synapse_conv.c)
 *
 * A synaptic event is one weight added to one neuron's input. The dense format counts every synapse of a row,
 * or with `skip_zero` only those that are not 0, as a crossbar whose missing synapses do nothing.
 */
#ifndef ARCH_CORE_SYNAPSE_H
#define ARCH_CORE_SYNAPSE_H

#include "sim/base/types.h"
#include "sim/graph/projection.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_arena;
struct arch_synapses;

enum arch_synapse_kind { ARCH_SYNAPSE_DENSE, ARCH_SYNAPSE_SPARSE, ARCH_SYNAPSE_CONV, ARCH_SYNAPSE_COUNT };

/* What a core takes from one operand: axons axon .. axon + count - 1 are places first .. of the source
 * (sim/graph/projection.h). */
struct arch_synapse_window {
    const struct sim_projection *projection;
    uint32_t first, count, axon;
};

struct arch_synapse_format {
    const char *name, *help;
    /* Adds the rows of `axons` axons to the inputs of all neurons. */
    void (*add)(struct arch_synapses *synapses, const uint32_t *axon, uint32_t axons, int32_t *input);
};

extern const struct arch_synapse_format arch_synapse_dense, arch_synapse_sparse, arch_synapse_conv;

/* The loaded memory of one core. */
struct arch_synapses {
    const struct arch_synapse_format *format;
    uint32_t axons, neurons;
    uint32_t *events;              /* [axon] synaptic events of a spike */
    uint64_t bits;                 /* memory used */
    int8_t *weight;                /* dense: [axon][lanes]; sparse: [entry]; conv: the kernel */
    uint32_t lanes;                /* dense: neurons, rounded up for the vector unit */
    uint32_t group;                /* dense: rows that can be added in 8 bits */
    uint32_t chunk;                /* dense: rows that can be added in 16 bits */
    int16_t *sum;                  /* dense: [lanes] scratch */
    uint32_t *offset;              /* dense: [chunk] scratch */
    uint32_t *first;               /* sparse: [axon + 1] first entry */
    uint16_t *neuron;              /* sparse: [entry] */
    const struct arch_synapse_window *window; /* conv: [windows] */
    uint32_t windows;
    uint32_t first_neuron; /* conv: place of neuron 0 in its layer */
};

/* Loads weight[axon * stride + neuron], each of `weight_bits` bits. */
void arch_synapses_load_dense(struct arch_synapses *synapses, const int8_t *weight, size_t stride,
                              uint32_t axons, uint32_t neurons, uint32_t weight_bits, bool skip_zero,
                              struct sim_arena *arena);

/* The same as lists: an entry takes weight_bits + index_bits, an axon's list 2 index_bits for its place. */
void arch_synapses_load_sparse(struct arch_synapses *synapses, const int8_t *weight, size_t stride,
                               uint32_t axons, uint32_t neurons, uint32_t weight_bits, uint32_t index_bits,
                               struct sim_arena *arena);

/* Weights that a convolutional memory holds for `neurons` neurons and `axons` axons of an operand: the
 * kernels of a window, once; all of a full projection; one where all synapses weigh the same. */
uint64_t arch_synapse_window_weights(const struct sim_projection *projection, uint32_t axons,
                                     uint32_t neurons);

/* Neurons are places first_neuron .. of their layer. Windows and projections must stay. */
void arch_synapses_load_windows(struct arch_synapses *synapses, const struct arch_synapse_window *window,
                                uint32_t windows, uint32_t axons, uint32_t first_neuron, uint32_t neurons,
                                uint32_t weight_bits, struct sim_arena *arena);

#ifdef __cplusplus
}
#endif

#endif

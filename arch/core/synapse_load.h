/* SPDX-License-Identifier: MIT
 *
 * Weights that spikes write: the loaded operand of a product (sim/graph/graph.h), in a dense synapse memory.
 *
 * A core has the axons of the streamed operand, each with a row of weights, and load axons without any. In
 * the window of token i a spike on a load axon adds 1 to, or where an odd number of the three channels count
 * down takes 1 from, the weights of token i:
 *
 *     scores   axons (head, d) of all channels, columns (head, token i) of all channels
 *     values   axons (head, token i),           columns (head, d)
 *
 * After the window the weights are the token's counts. A sequence begins with an empty memory. Each write
 * reads a weight, adds and writes it back.
 */
#ifndef ARCH_CORE_SYNAPSE_LOAD_H
#define ARCH_CORE_SYNAPSE_LOAD_H

#include "arch/core/synapse.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Places of an operand: places first .. first + count - 1 are axons axon .. */
struct arch_load_axons {
    struct sim_shape shape;
    uint32_t first, count, axon;
};

struct arch_synapse_load {
    bool scores;
    struct arch_load_axons streamed, loaded;
    struct sim_shape shape; /* of the layer */
    uint32_t first_neuron, neurons;
    uint32_t begin, tokens;    /* windows in which tokens are loaded */
    uint32_t first, timesteps; /* of a window: in which what its token says arrives */
};

/* Whether an axon is one of the load axons. */
static inline bool arch_synapse_load_takes(const struct arch_synapse_load *load, uint32_t axon) {
    return axon >= load->loaded.axon && axon - load->loaded.axon < load->loaded.count;
}

/* Whether spikes load anything in a timestep of a window: while the network drains, neurons still fire what
 * is above their threshold, which is not the token's. */
static inline bool arch_synapse_load_listens(const struct arch_synapse_load *load, uint32_t window,
                                             uint32_t timestep) {
    return window >= load->begin && window - load->begin < load->tokens && timestep >= load->first &&
           timestep - load->first < load->timesteps;
}

/* A spike on a load axon in a window in which it listens; returns how many weights were written. */
uint32_t arch_synapse_load_spike(const struct arch_synapse_load *load, struct arch_synapses *synapses,
                                 uint32_t axon, uint32_t window);

/* Empties the memory, for the next sequence. */
void arch_synapse_load_clear(struct arch_synapses *synapses);

/* Makes a memory of zeroed weights one that is loaded: a spike on a streamed axon meets all its neurons. */
void arch_synapse_load_prepare(const struct arch_synapse_load *load, struct arch_synapses *synapses,
                               uint32_t weight_bits);

#ifdef __cplusplus
}
#endif

#endif

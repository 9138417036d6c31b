/* SPDX-License-Identifier: MIT
 *
 * Sparse synapse memory: a list of (neuron, weight) for every axon; see synapse.h.
 */
#include "arch/core/synapse.h"

#include "sim/base/arena.h"

static void add(struct arch_synapses *s, const uint32_t *axon, uint32_t axons, int32_t *input) {
    for (uint32_t i = 0; i < axons; i++)
        for (uint32_t entry = s->first[axon[i]]; entry < s->first[axon[i] + 1]; entry++)
            input[s->neuron[entry]] += s->weight[entry];
}

const struct arch_synapse_format arch_synapse_sparse = {
    .name = "sparse",
    .help = "a list of (neuron, weight) for every axon",
    .add = add,
};

void arch_synapses_load_sparse(struct arch_synapses *s, const int8_t *weight, size_t stride, uint32_t axons,
                               uint32_t neurons, uint32_t weight_bits, uint32_t index_bits,
                               struct sim_arena *arena) {
    *s = (struct arch_synapses){.format = &arch_synapse_sparse, .axons = axons, .neurons = neurons};
    s->events = SIM_NEW_ARRAY(arena, uint32_t, axons);
    s->first = SIM_NEW_ARRAY(arena, uint32_t, (size_t)axons + 1);
    for (uint32_t a = 0; a < axons; a++) {
        for (uint32_t n = 0; n < neurons; n++)
            s->events[a] += weight[a * stride + n] != 0;
        s->first[a + 1] = s->first[a] + s->events[a];
    }
    uint32_t entries = s->first[axons], entry = 0;
    s->bits = (uint64_t)entries * (weight_bits + index_bits) + (uint64_t)axons * 2 * index_bits;
    s->weight = SIM_NEW_ARRAY(arena, int8_t, entries);
    s->neuron = SIM_NEW_ARRAY(arena, uint16_t, entries);
    for (uint32_t a = 0; a < axons; a++)
        for (uint32_t n = 0; n < neurons; n++)
            if (weight[a * stride + n] != 0) {
                s->weight[entry] = weight[a * stride + n];
                s->neuron[entry++] = (uint16_t)n;
            }
}

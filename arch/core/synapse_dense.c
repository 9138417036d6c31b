/* SPDX-License-Identifier: MIT
 *
 * Dense synapse memory: a crossbar; see synapse.h. Rows are added by the vector unit in 16 bits, as many
 * at a time as cannot overflow, and then to the 32-bit inputs.
 */
#include "arch/core/synapse.h"

#include "sim/base/arena.h"
#include "sim/base/lanes.h"

#include <string.h>

static void add(struct arch_synapses *s, const uint32_t *axon, uint32_t axons, int32_t *input) {
    const struct sim_lanes *lanes = sim_lanes();
    while (axons > 0) {
        uint32_t rows = axons < s->chunk ? axons : s->chunk;
        for (uint32_t i = 0; i < rows; i++)
            s->offset[i] = axon[i] * s->lanes;
        memset(s->sum, 0, s->lanes * sizeof *s->sum);
        lanes->add_rows(s->sum, s->weight, s->offset, rows, s->group, s->lanes);
        for (uint32_t n = 0; n < s->neurons; n++)
            input[n] += s->sum[n];
        axon += rows;
        axons -= rows;
    }
    memset(s->sum, 0, s->lanes * sizeof *s->sum); /* scratch holds nothing between timesteps */
    memset(s->offset, 0, s->chunk * sizeof *s->offset);
}

const struct arch_synapse_format arch_synapse_dense = {
    .name = "dense",
    .help = "a row of weights for every axon",
    .add = add,
};

void arch_synapses_load_dense(struct arch_synapses *s, const int8_t *weight, size_t stride, uint32_t axons,
                              uint32_t neurons, uint32_t weight_bits, bool skip_zero,
                              struct sim_arena *arena) {
    uint32_t largest = 1u << (weight_bits - 1);
    *s = (struct arch_synapses){.format = &arch_synapse_dense, .axons = axons, .neurons = neurons};
    s->lanes = (neurons + 63) / 64 * 64;
    s->group = 127 / largest > 0 ? 127 / largest : 1;
    s->chunk = 32767 / largest;
    s->chunk = s->chunk < axons ? s->chunk : axons;
    s->bits = (uint64_t)axons * neurons * weight_bits;
    s->weight = SIM_NEW_ARRAY(arena, int8_t, (size_t)axons * s->lanes);
    s->sum = SIM_NEW_ARRAY(arena, int16_t, s->lanes);
    s->offset = SIM_NEW_ARRAY(arena, uint32_t, s->chunk);
    s->events = SIM_NEW_ARRAY(arena, uint32_t, axons);
    for (uint32_t a = 0; a < axons; a++) {
        memcpy(s->weight + (size_t)a * s->lanes, weight + a * stride, neurons);
        for (uint32_t n = 0; n < neurons; n++)
            s->events[a] += !skip_zero || weight[a * stride + n] != 0;
    }
}

/* SPDX-License-Identifier: MIT
 *
 * Weights that spikes write; see synapse_load.h.
 */
#include "arch/core/synapse_load.h"

#include <assert.h>
#include <string.h>

/* Number in its core of the place at (channel, row, col), if it is one of first .. first + count - 1. */
static bool find(struct sim_shape shape, uint32_t channel, uint32_t row, uint32_t col, uint32_t first,
                 uint32_t count, uint32_t *number) {
    *number = (row * shape.cols + col) * shape.channels + channel - first;
    return *number < count;
}

uint32_t arch_synapse_load_spike(const struct arch_synapse_load *load, struct arch_synapses *synapses,
                                 uint32_t axon, uint32_t window) {
    const struct arch_load_axons *from = &load->loaded, *to = &load->streamed;
    uint32_t token = window - load->begin, place = from->first + axon - from->axon, writes = 0;
    uint32_t channel = place % from->shape.channels, col = place / from->shape.channels % from->shape.cols,
             row = place / from->shape.channels / from->shape.cols;
    for (uint32_t c = 0; c < to->shape.channels; c++) {
        uint32_t streamed;
        if (!find(to->shape, c, row, load->scores ? col : token, to->first, to->count, &streamed))
            continue;
        int8_t *weight = synapses->weight + (size_t)(to->axon + streamed) * synapses->lanes;
        for (uint32_t out = 0; out < load->shape.channels; out++) {
            uint32_t neuron;
            if (!find(load->shape, out, row, load->scores ? token : col, load->first_neuron, load->neurons,
                      &neuron))
                continue;
            weight[neuron] = (int8_t)(weight[neuron] + ((c + out + channel) % 2 == 0 ? 1 : -1));
            writes++;
        }
    }
    return writes;
}

void arch_synapse_load_clear(struct arch_synapses *synapses) {
    memset(synapses->weight, 0, (size_t)synapses->axons * synapses->lanes);
}

void arch_synapse_load_prepare(const struct arch_synapse_load *load, struct arch_synapses *synapses,
                               uint32_t weight_bits) {
    assert(synapses->format == &arch_synapse_dense);
    for (uint32_t axon = 0; axon < synapses->axons; axon++)
        synapses->events[axon] =
            axon >= load->streamed.axon && axon - load->streamed.axon < load->streamed.count
                ? synapses->neurons
                : 0;
    synapses->bits = (uint64_t)load->streamed.count * synapses->neurons * weight_bits;
}

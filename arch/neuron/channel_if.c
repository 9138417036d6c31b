/* SPDX-License-Identifier: MIT
 *
 * Integrate and fire with a threshold for each neuron; see models.h. Reset by subtraction with trained
 * thresholds is the neuron of low-latency conversion (arXiv 2211.08410), where they belong to channels.
 */
#include "arch/neuron/models.h"

#include <string.h>

static void update(const struct arch_neuron *neuron, int32_t *potential, const int32_t *input,
                   uint32_t neurons, uint64_t *fired) {
    const int32_t *threshold = ((const struct arch_neuron_channel_if *)neuron)->threshold;
    memset(fired, 0, (neurons + 63) / 64 * sizeof *fired);
    for (uint32_t n = 0; n < neurons; n++) {
        int32_t v = arch_neuron_add(neuron, potential[n], input[n]);
        bool fires = v >= threshold[n];
        potential[n] = !fires ? v : neuron->soft ? v - threshold[n] : 0;
        fired[n / 64] |= (uint64_t)fires << (n % 64);
    }
}

const struct arch_neuron_model arch_neuron_channel_if = {
    .name = "channel_if",
    .help = "integrate and fire, no leak, a threshold for each neuron",
    .update = update,
};

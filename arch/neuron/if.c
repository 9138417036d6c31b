/* SPDX-License-Identifier: MIT
 *
 * Integrate and fire: the potential never leaks; see neuron.h.
 */
#include "arch/neuron/neuron.h"

#include <string.h>

static void update(const struct arch_neuron *neuron, int32_t *potential, const int32_t *input,
                   uint32_t neurons, uint64_t *fired) {
    memset(fired, 0, (neurons + 63) / 64 * sizeof *fired);
    for (uint32_t n = 0; n < neurons; n++) {
        int32_t v = arch_neuron_add(neuron, potential[n], input[n]);
        bool fires = v >= neuron->threshold;
        potential[n] = fires ? arch_neuron_reset(neuron, v) : v;
        fired[n / 64] |= (uint64_t)fires << (n % 64);
    }
}

const struct arch_neuron_model arch_neuron_if = {
    .name = "if",
    .help = "integrate and fire, no leak",
    .update = update,
};

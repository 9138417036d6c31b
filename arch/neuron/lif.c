/* SPDX-License-Identifier: MIT
 *
 * Leaky integrate and fire; see neuron.h. Two leaks, which may be combined: a share of the potential
 * (decay, as Loihi's 12-bit voltage decay, rounded towards 0) and a constant step towards 0 (leak, as
 * TrueNorth's with leak reversal). Both come before the input of the timestep.
 */
#include "arch/neuron/neuron.h"

#include <string.h>

static int32_t leak(const struct arch_neuron *neuron, int32_t v) {
    v -= (int32_t)((int64_t)v * (int64_t)neuron->decay / (int64_t)ARCH_DECAY_ONE);
    if (v > 0)
        return v > neuron->leak ? v - neuron->leak : 0;
    return v < -neuron->leak ? v + neuron->leak : 0;
}

static void update(const struct arch_neuron *neuron, int32_t *potential, const int32_t *input,
                   uint32_t neurons, uint64_t *fired) {
    memset(fired, 0, (neurons + 63) / 64 * sizeof *fired);
    for (uint32_t n = 0; n < neurons; n++) {
        int32_t v = arch_neuron_add(neuron, leak(neuron, potential[n]), input[n]);
        bool fires = v >= neuron->threshold;
        potential[n] = fires ? arch_neuron_reset(neuron, v) : v;
        fired[n / 64] |= (uint64_t)fires << (n % 64);
    }
}

const struct arch_neuron_model arch_neuron_lif = {
    .name = "lif",
    .help = "leaky integrate and fire: multiplicative decay and a constant leak towards 0",
    .update = update,
};

const struct arch_neuron_model *const arch_neuron_models[] = {&arch_neuron_if, &arch_neuron_lif, NULL};

/* SPDX-License-Identifier: MIT
 *
 * ShiftLIF (arXiv 2605.01866): leaky integrate and fire with spikes of height 0, 2^-K, .., 1/2, 1; see
 * models.h. A receiver shifts its weight by k instead of multiplying.
 *
 *     u = (1 - decay) u + input;  the largest s = 2^-k with u >= s theta fires;  u -= s theta
 *
 * The source gives the set of heights and the soft reset; that the potential is rounded down to a height is a
 * choice. Planes: potential, k of the spike.
 */
#include "arch/neuron/models.h"

#include <string.h>

static void update(const struct arch_neuron *neuron, int32_t *potential, const int32_t *input,
                   uint32_t neurons, uint64_t *fired) {
    const struct arch_neuron_shift_lif *lif = (const struct arch_neuron_shift_lif *)neuron;
    int32_t *shift = potential + (size_t)ARCH_NEURON_SHIFT_PLANE * neurons;
    memset(fired, 0, (neurons + 63) / 64 * sizeof *fired);
    for (uint32_t n = 0; n < neurons; n++) {
        int32_t v = potential[n];
        v -= (int32_t)((int64_t)v * (int64_t)neuron->decay / (int64_t)ARCH_DECAY_ONE);
        v = arch_neuron_add(neuron, v, input[n]);
        uint32_t k = 0;
        while (k < lif->shifts && (int64_t)v * (INT64_C(1) << k) < neuron->threshold)
            k++;
        bool fires = (int64_t)v * (INT64_C(1) << k) >= neuron->threshold;
        potential[n] = !fires ? v : neuron->soft ? v - (neuron->threshold >> k) : 0;
        shift[n] = fires ? (int32_t)k : 0;
        fired[n / 64] |= (uint64_t)fires << (n % 64);
    }
}

const struct arch_neuron_model arch_neuron_shift_lif = {
    .name = "shift_lif",
    .help = "leaky integrate and fire with spikes of height 2^-k",
    .planes = 1,
    .update = update,
};

/* SPDX-License-Identifier: MIT
 *
 * Time to first spike with a falling staircase threshold (Otters, arXiv 2509.18968); see models.h.
 *
 *     window w      timestep k: slope += input, potential += slope     so an input in k counts T - k times
 *     window w + 1  timestep k: held >= (T - k) theta for the first time: spike
 *
 * A spike in timestep k means level T - k = min(T, floor(potential / theta)). Outside its own window the
 * threshold is infinite. Planes: potential, slope, potential held from the last window, whether that one is
 * done with, timestep (the first window after a reset counts up to T, later ones from T on).
 */
#include "arch/neuron/models.h"

#include <string.h>

static void update(const struct arch_neuron *neuron, int32_t *potential, const int32_t *input,
                   uint32_t neurons, uint64_t *fired) {
    const struct arch_neuron_ttfs *ttfs = (const struct arch_neuron_ttfs *)neuron;
    int32_t *slope = potential + neurons, *held = slope + neurons, *done = held + neurons,
            *step = done + neurons;
    int32_t window = (int32_t)ttfs->arriving.levels;
    memset(fired, 0, (neurons + 63) / 64 * sizeof *fired);
    for (uint32_t n = 0; n < neurons; n++) {
        int32_t k = step[n] % window;
        if (k == 0) {
            held[n] = potential[n];
            potential[n] = slope[n] = 0;
            done[n] = step[n] < window;
        }
        slope[n] = arch_neuron_add(neuron, slope[n], input[n]);
        potential[n] = arch_neuron_add(neuron, potential[n], slope[n]);
        bool fires = !done[n] && held[n] >= (int64_t)(window - k) * neuron->threshold;
        done[n] |= fires;
        fired[n / 64] |= (uint64_t)fires << (n % 64);
        step[n] = step[n] + 1 == 2 * window ? window : step[n] + 1;
    }
}

const struct arch_neuron_model arch_neuron_ttfs = {
    .name = "ttfs",
    .help = "time to first spike: sums a window, fires once in the next when the falling threshold is met",
    .planes = 4,
    .update = update,
};

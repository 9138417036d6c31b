/* SPDX-License-Identifier: MIT
 *
 * Time to first spike with a silent level and a dead zone (after Matterhorn, arXiv 2601.22876; see
 * arch/unit/ttfs.h); see models.h.
 *
 *     window w      timestep k: potential += value of k x input
 *     window w + 1  timestep k: the threshold of the level of k is met for the first time: spike, unless the
 *                   level lies in the dead zone; where the silent level is passed, the neurons that meet
 *                   it stay silent
 *
 * All inputs of a timestep share its value, so that is one product for each neuron and timestep. Planes:
 * potential, potential held from the last window, whether that one is done with, timestep (as in
 * ttfs.c).
 */
#include "arch/neuron/models.h"

#include <string.h>

static int32_t saturate(const struct arch_neuron *neuron, int64_t value) {
    if (value > neuron->highest)
        return neuron->highest;
    return value < -(int64_t)neuron->highest - 1 ? -neuron->highest - 1 : (int32_t)value;
}

static bool meets(const struct arch_neuron *neuron, int32_t held, uint32_t level) {
    return level == 0 || held >= (int64_t)level * neuron->threshold;
}

/* The threshold of timestep k; whether a spike comes of it. */
static bool compare(const struct arch_neuron *neuron, const struct arch_ttfs *sent, uint32_t k, int32_t held,
                    int32_t *done) {
    if (*done)
        return false;
    uint32_t level = arch_ttfs_level(sent, k);
    if (k == sent->levels - sent->silent && meets(neuron, held, sent->silent)) {
        *done = 1;
        return false;
    }
    *done = meets(neuron, held, level);
    return *done && arch_ttfs_round(sent, level) != sent->silent;
}

static void update(const struct arch_neuron *neuron, int32_t *potential, const int32_t *input,
                   uint32_t neurons, uint64_t *fired) {
    const struct arch_neuron_ttfs *ttfs = (const struct arch_neuron_ttfs *)neuron;
    int32_t *held = potential + neurons, *done = held + neurons, *step = done + neurons;
    int32_t window = (int32_t)ttfs->arriving.levels;
    memset(fired, 0, (neurons + 63) / 64 * sizeof *fired);
    for (uint32_t n = 0; n < neurons; n++) {
        int32_t k = step[n] % window;
        if (k == 0) {
            held[n] =
                saturate(neuron, (int64_t)potential[n] + (ttfs->constant != NULL ? ttfs->constant[n] : 0));
            potential[n] = 0;
            done[n] = step[n] < window;
        }
        int64_t value = arch_ttfs_value(&ttfs->arriving, (uint32_t)k);
        potential[n] = saturate(neuron, potential[n] + value * input[n]);
        bool fires = compare(neuron, &ttfs->sent, (uint32_t)k, held[n], &done[n]);
        fired[n / 64] |= (uint64_t)fires << (n % 64);
        step[n] = step[n] + 1 == 2 * window ? window : step[n] + 1;
    }
}

const struct arch_neuron_model arch_neuron_masked_ttfs = {
    .name = "masked_ttfs",
    .help = "time to first spike with a silent level and a dead zone",
    .planes = 3,
    .update = update,
};

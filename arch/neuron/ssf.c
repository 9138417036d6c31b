/* SPDX-License-Identifier: MIT
 *
 * Sum spikes and fire (SparrowSNN, arXiv 2405.06543); see models.h.
 *
 *     window w      S = sum of the inputs of its T timesteps
 *     window w + 1  each timestep: u += S; u >= T theta: spike, u -= T theta
 *
 * The spikes are min(T, floor(S / theta)) in number and evenly spread. The source lowers the threshold by a
 * thousandth against rounding (`slack` 1); with integers that only matters for sums that are nearly enough.
 * Planes: potential u, sum of the present window, sum of the last one, timestep.
 */
#include "arch/neuron/models.h"

#include <string.h>

static void update(const struct arch_neuron *neuron, int32_t *potential, const int32_t *input,
                   uint32_t neurons, uint64_t *fired) {
    const struct arch_neuron_ssf *ssf = (const struct arch_neuron_ssf *)neuron;
    int32_t *sum = potential + neurons, *drive = sum + neurons, *step = drive + neurons;
    int64_t whole = (int64_t)ssf->window * neuron->threshold;
    int64_t threshold = (whole * (1000 - (int64_t)ssf->slack) + 999) / 1000;
    memset(fired, 0, (neurons + 63) / 64 * sizeof *fired);
    for (uint32_t n = 0; n < neurons; n++) {
        if (step[n] == 0) {
            drive[n] = sum[n];
            sum[n] = potential[n] = 0;
        }
        sum[n] = arch_neuron_add(neuron, sum[n], input[n]);
        int32_t u = arch_neuron_add(neuron, potential[n], drive[n]);
        bool fires = u >= threshold;
        potential[n] = fires ? (int32_t)(u - threshold) : u;
        fired[n / 64] |= (uint64_t)fires << (n % 64);
        step[n] = (uint32_t)step[n] + 1 == ssf->window ? 0 : step[n] + 1;
    }
}

const struct arch_neuron_model arch_neuron_ssf = {
    .name = "ssf",
    .help = "sum spikes and fire: sums a window, fires evenly over the next",
    .planes = 3,
    .update = update,
};

/* SPDX-License-Identifier: MIT
 *
 * The samples of a trace, in memory; see samples.h.
 */
#include "sim/cli/samples.h"

bool cli_load_samples(struct sim_trace *trace, uint64_t count, struct arch_samples *to,
                      struct sim_arena *arena, struct sim_err *err) {
    size_t words = sim_trace_words(trace, 0);
    uint64_t *spikes = SIM_NEW_ARRAY(arena, uint64_t, count * words);
    int32_t *label = SIM_NEW_ARRAY(arena, int32_t, count);
    for (uint64_t s = 0; s < count; s++)
        if (!sim_trace_label(trace, s, &label[s], err) ||
            !sim_trace_sample(trace, s, 0, spikes + s * words, err))
            return false;
    *to = (struct arch_samples){
        .samples = count,
        .timesteps = trace->timesteps,
        .neurons = trace->graph.layer[0].neurons,
        .spikes = spikes,
        .label = label,
    };
    return true;
}

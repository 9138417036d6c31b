/* SPDX-License-Identifier: MIT
 *
 * Samples of a trace in memory; see samples.h.
 */
#include "test/unit/samples.h"

bool samples_load(struct sim_trace *trace, uint64_t samples, struct arch_samples *to, struct sim_arena *arena,
                  struct sim_err *err) {
    if (samples > trace->samples)
        samples = trace->samples;
    size_t words = sim_trace_words(trace, 0);
    uint64_t *spikes = SIM_NEW_ARRAY(arena, uint64_t, samples * words);
    int32_t *label = SIM_NEW_ARRAY(arena, int32_t, samples);
    for (uint64_t s = 0; s < samples; s++)
        if (!sim_trace_label(trace, s, &label[s], err) ||
            !sim_trace_sample(trace, s, 0, spikes + s * words, err))
            return false;
    *to = (struct arch_samples){
        .samples = samples,
        .timesteps = trace->timesteps,
        .neurons = trace->graph.layer[0].neurons,
        .spikes = spikes,
        .label = label,
    };
    return true;
}

/* SPDX-License-Identifier: MIT
 *
 * Rates of recorded layers, for those who plan with expected spikes; see trace.h.
 */
#include "sim/trace/trace.h"

struct seen {
    struct sim_trace *trace;
    uint64_t *spikes; /* [layers] */
};

static bool count(void *user, const struct sim_trace_row *row) {
    struct seen *seen = user;
    seen->spikes[row->layer] += row->spikes;
    return true;
}

bool sim_trace_rates(struct sim_trace *trace, uint64_t samples, struct sim_err *err) {
    struct sim_arena scratch;
    sim_arena_init(&scratch);
    struct seen seen = {trace, SIM_NEW_ARRAY(&scratch, uint64_t, trace->graph.layers)};
    samples = samples < trace->samples ? samples : trace->samples;
    bool sound = sim_trace_walk(trace, 0, samples, SIM_TRACE_EVERY_RECORDED, count, &seen, err);
    for (uint32_t id = 0; sound && id < trace->graph.layers; id++) {
        struct sim_layer *layer = &trace->graph.layer[id];
        double neurons = (double)samples * trace->timesteps * layer->neurons;
        layer->recorded = trace->recorded[id] && neurons > 0;
        if (trace->generator[id].given)
            layer->rate = 1e-6 * trace->generator[id].rate_ppm;
        else if (layer->recorded)
            layer->rate = (double)seen.spikes[id] / neurons;
    }
    sim_arena_release(&scratch);
    return sound;
}

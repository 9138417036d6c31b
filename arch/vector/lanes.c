/* SPDX-License-Identifier: MIT
 *
 * The vector lanes of a host; see lanes.h.
 */
#include "arch/vector/lanes.h"

#include <string.h>

static const char *const function_name[] = {"exp",        "gelu",  "silu",    "softplus",
                                            "reciprocal", "rsqrt", "softmax", NULL};

static const struct sim_param params[] = {
    SIM_PARAM_QUANTITY(struct arch_lanes_spec, clock_hz, "clock", SIM_UNIT_HERTZ, 1, 1e11, "1 GHz",
                       "clock of the lanes"),
    SIM_PARAM_QUANTITY(struct arch_lanes_spec, voltage_v, "voltage", SIM_UNIT_VOLT, 0, 5, "0 V",
                       "supply voltage; 0: the technology's nominal one"),
    SIM_PARAM_UINT(struct arch_lanes_spec, cores, 1, 4096, "4", "cores in a row"),
    SIM_PARAM_UINT(struct arch_lanes_spec, lanes, 1, 65536, "128", "lanes of a core"),
    SIM_PARAM_UINT(struct arch_lanes_spec, queue, 2, 64, "4", "vectors of a core on their way"),
    SIM_PARAM_QUANTITY(struct arch_lanes_spec, core_m, "core_pitch", SIM_UNIT_METRE, 1e-6, 0.1, "1 mm",
                       "from core to core"),
    SIM_PARAM_QUANTITY(struct arch_lanes_spec, lane_m, "lane_pitch", SIM_UNIT_METRE, 0, 1e-2, "5 um",
                       "from lane to lane"),
    SIM_PARAM_CHOICE(struct arch_lanes_spec, function, function_name, "gelu",
                     "what is evaluated; softmax: exp of each element, reciprocal of each sum"),
    SIM_PARAM_UINT(struct arch_lanes_spec, segments, 1, ARCH_SEGMENTS_MAX, "16",
                   "of the piecewise-linear function"),
    SIM_PARAM_UINT(struct arch_lanes_spec, bits, ARCH_WORD_MIN, ARCH_WORD_MAX, "16",
                   "word of elements, slopes and biases"),
    SIM_PARAM_CHOICE(struct arch_lanes_spec, cut, arch_cut_name, "minimax", "how segments are cut"),
    SIM_PARAM_LIST_ANY(struct arch_lanes_spec, approximator, approximators, ARCH_APPROXIMATOR_ROLE, "[]",
                       "kinds of hardware for it"),
};

static bool check(const void *spec_, const struct sim_where *where, struct sim_err *err) {
    const struct arch_lanes_spec *spec = spec_;
    return spec->approximators > 0 ||
           sim_err_add(err, SIM_EXIT_CONFIG, where, "arch.lanes: the list 'approximator' is empty");
}

static const struct sim_type *const types[] = {&arch_lanes_host_type, NULL};

const struct sim_schema arch_lanes_schema = {
    .name = "arch.lanes",
    .role = "chip",
    .help = "Vector lanes of a host and hardware for their non-linear functions (nocsim approximate).",
    .size = sizeof(struct arch_lanes_spec),
    SIM_SCHEMA_PARAMS(params),
    .check = check,
    .types = types,
};

/* ---- host ------------------------------------------------------------------------------------- */

/* Elements of a wave that a core has. */
static uint32_t elements_of(const struct arch_lanes_host *host, uint32_t wave, uint32_t core) {
    const struct arch_lanes_setup *setup = host->setup;
    if (host->job.elements == NULL)
        return setup->lanes;
    uint64_t before = (uint64_t)core * setup->lanes, all = host->job.elements[wave];
    return all <= before ? 0 : all - before < setup->lanes ? (uint32_t)(all - before) : setup->lanes;
}

static void take_results(struct arch_lanes_host *host, uint32_t core, sim_cycle now) {
    const struct arch_lanes_setup *setup = host->setup;
    struct arch_lanes_results *results = &host->port[core].result;
    for (const struct arch_lanes_result *r; (r = arch_lanes_results_peek(results, now)) != NULL;) {
        uint32_t wave = host->answered[core];
        assert(r->wave == host->base_wave + wave && wave < host->begun);
        if (host->job.y != NULL)
            memcpy(host->job.y + ((size_t)wave * setup->cores + core) * setup->lanes, r->y,
                   elements_of(host, wave, core) * sizeof *r->y);
        host->answered[core]++;
        arch_lanes_results_take(results);
    }
}

static void end_waves(struct arch_lanes_host *host, sim_cycle now) {
    uint32_t least = host->begun;
    for (uint32_t core = 0; core < host->setup->cores; core++)
        if (host->answered[core] < least)
            least = host->answered[core];
    for (; host->ended < least; host->ended++) {
        uint64_t latency = now - host->shown[host->ended % host->setup->queue];
        if (host->ended == 0)
            host->latency_first = latency;
        if (latency > host->latency_most)
            host->latency_most = latency;
        host->latency_sum += latency;
        host->last_result = now;
        sim_finish(&host->base);
    }
}

static void begin_wave(struct arch_lanes_host *host, sim_cycle now) {
    const struct arch_lanes_setup *setup = host->setup;
    uint32_t wave = host->begun++;
    for (uint32_t core = 0; core < setup->cores; core++)
        arch_lanes_requests_send(
            &host->port[core].request, now,
            (struct arch_lanes_request){host->base_wave + wave, host->job.function[wave],
                                        elements_of(host, wave, core), 0,
                                        host->job.x + ((size_t)wave * setup->cores + core) * setup->lanes});
    if (host->order != NULL)
        noc_line_order_link_send(
            host->order, now, (struct noc_line_order){host->base_wave + wave, host->job.function[wave]});
    host->shown[wave % setup->queue] = now + host->ratio;
    if (wave == 0)
        host->first_shown = now + host->ratio;
}

static sim_cycle step(void *self, sim_cycle now) {
    struct arch_lanes_host *host = self;
    for (uint32_t core = 0; core < host->setup->cores; core++)
        take_results(host, core, now);
    end_waves(host, now);
    if (host->begun == host->job.waves || host->begun - host->ended == host->setup->queue)
        return SIM_NEVER;
    sim_cycle past_edge = now % host->ratio;
    if (past_edge == 0)
        begin_wave(host, now);
    return now + host->ratio - past_edge;
}

static void explain(const void *self, sim_cycle now, FILE *out) {
    const struct arch_lanes_host *host = self;
    (void)now;
    if (host->ended < host->job.waves)
        fprintf(out, "%s: %u of %u vectors begun, %u ended\n", host->base.path, host->begun, host->job.waves,
                host->ended);
}

static bool audit(const void *self, sim_cycle now, struct sim_err *err) {
    const struct arch_lanes_host *host = self;
    bool sound = host->ended <= host->begun && host->begun - host->ended <= host->setup->queue &&
                 host->begun <= host->job.waves;
    for (uint32_t core = 0; core < host->setup->cores; core++)
        sound &= host->answered[core] >= host->ended && host->answered[core] <= host->begun;
    if (sound)
        return true;
    return sim_err_add(err, SIM_EXIT_STOPPED, NULL, "at %llu: %s has begun %u vectors and ended %u",
                       (unsigned long long)now, host->base.path, host->begun, host->ended);
}

const struct sim_type arch_lanes_host_type = {
    .name = "arch.lanes_host",
    .help = "What stands for a host: gives its lanes vectors and takes their results.",
    .step = step,
    .explain = explain,
    .audit = audit,
};

/* SPDX-License-Identifier: MIT
 *
 * Digital core for time-to-first-spike codes; see core.h.
 */
#include "arch/ttfs/core.h"

#include <string.h>

static const struct sim_param params[] = {
    SIM_PARAM_UINT(struct arch_ttfs_core_spec, axons, 1, 65536, "256", "axons"),
    SIM_PARAM_UINT(struct arch_ttfs_core_spec, neurons, 1, 65536, "256", "neurons"),
    SIM_PARAM_UINT(struct arch_ttfs_core_spec, weight_bits, 1, 8, "8", "bits of a weight, two's complement"),
    SIM_PARAM_UINT(struct arch_ttfs_core_spec, lanes, 1, 65536, "16", "neurons that are processed at a time"),
    SIM_PARAM_UINT(struct arch_ttfs_core_spec, slot_cycles, 0, 1e6, "1", "of a slot, besides the work in it"),
    SIM_PARAM_QUANTITY(struct arch_ttfs_core_spec, area_m2, "area", SIM_UNIT_SQUARE_METRE, 0, 1, "0 m2",
                       "of a core; 0: not known"),
};

static const struct sim_type *const types[] = {&arch_ttfs_core_type, NULL};

const struct sim_schema arch_ttfs_core_schema = {
    .name = "arch.ttfs_core",
    .role = ARCH_WINDOW_UNIT_ROLE,
    .help = "Digital core for time-to-first-spike codes: weight rows are added to slopes, slopes to "
            "potentials in "
            "every slot, so that no multiplier is needed.",
    .size = sizeof(struct arch_ttfs_core_spec),
    SIM_SCHEMA_PARAMS(params),
    .types = types,
};

static const struct sim_event events[] = {ARCH_TTFS_CORE_EVENTS(SIM_EVENT_ROW)};

const struct sim_type arch_ttfs_core_type = {
    .name = "arch.ttfs_core",
    .help = "Events of the digital core for time-to-first-spike codes.",
    .events = events,
    .event_count = ARCH_TTFS_CORE_EVENT_COUNT,
    .part = true,
    .step = arch_core_unit_step,
};

static void count(struct arch_ttfs_core *core, enum arch_ttfs_core_event event, uint64_t n, sim_cycle now,
                  uint64_t latency) {
    arch_window_count(&core->weights, event, n, now, latency);
}

static uint64_t passes(const struct arch_ttfs_core *core) {
    return (core->weights.neurons + core->spec->lanes - 1) / core->spec->lanes;
}

ARCH_WINDOW_UNIT_LAYOUT(struct arch_ttfs_core_spec, struct arch_ttfs_core);

static void init(void *unit, const void *spec, const struct arch_core_unit_host *host, uint32_t axons,
                 uint32_t neurons) {
    struct arch_ttfs_core *core = unit;
    core->spec = spec;
    arch_window_weights_init(&core->weights, host, axons, neurons);
}

static bool prepare(void *unit, const struct arch_ttfs *code, struct sim_err *err) {
    struct arch_ttfs_core *core = unit;
    if (!arch_window_weights_prepare(&core->weights, code, core->spec->weight_bits, "arch.ttfs_core", err))
        return false;
    core->table = arch_window_weights_table(&core->weights);
    return true;
}

static uint64_t integrate(void *unit, const struct arch_window *window, double *potential, sim_cycle now) {
    struct arch_ttfs_core *core = unit;
    struct arch_window_weights *w = &core->weights;
    uint64_t neurons = w->neurons, slots = w->code.levels + w->code.silent;
    arch_window_weights_rows(w, window);
    memcpy(w->sum, w->constant, w->lanes * sizeof *w->sum);
    w->vector->add(w->sum, core->table, w->row, w->scale, window->spikes, w->lanes);
    memcpy(potential, w->sum, neurons * sizeof *potential);

    uint64_t cycles = slots * (core->spec->slot_cycles + passes(core)) + window->spikes * passes(core);
    count(core, ARCH_TTFS_CORE_EVENT_spikes_in, window->spikes, now, cycles);
    count(core, ARCH_TTFS_CORE_EVENT_row_reads, window->spikes, now, cycles);
    count(core, ARCH_TTFS_CORE_EVENT_synaptic_adds, window->spikes * neurons, now, cycles);
    count(core, ARCH_TTFS_CORE_EVENT_ramp_adds, slots * neurons, now, cycles);
    return cycles;
}

static uint64_t fire(void *unit, uint32_t slots, uint32_t spikes, sim_cycle now) {
    struct arch_ttfs_core *core = unit;
    uint64_t cycles = slots * (core->spec->slot_cycles + passes(core));
    count(core, ARCH_TTFS_CORE_EVENT_comparisons, (uint64_t)slots * core->weights.neurons, now, cycles);
    count(core, ARCH_TTFS_CORE_EVENT_fires, spikes, now, cycles);
    return cycles;
}

static double area(const void *spec) { return ((const struct arch_ttfs_core_spec *)spec)->area_m2; }

const struct arch_window_unit_type arch_ttfs_core_unit = {
    .schema = &arch_ttfs_core_schema,
    .events = events,
    .event_count = ARCH_TTFS_CORE_EVENT_COUNT,
    .size = sizeof(struct arch_ttfs_core),
    .shape = arch_window_unit_shape,
    .init = init,
    .load = arch_window_unit_load,
    .prepare = prepare,
    .integrate = integrate,
    .fire = fire,
    .parameters = arch_window_unit_parameters,
    .area = area,
};

/* SPDX-License-Identifier: MIT
 *
 * The crossbar as a core unit: see arch/unit/core_unit.h.
 */
#include "arch/crossbar/crossbar.h"

static const struct sim_event events[] = {
#define EVENT(name, help) {#name, help},
    ARCH_CROSSBAR_EVENTS(EVENT)
#undef EVENT
};

const struct sim_type arch_crossbar_type = {
    .name = "arch.crossbar",
    .help = "Events of the crossbar; the core around it counts and steps.",
    .events = events,
    .event_count = ARCH_CROSSBAR_EVENT_COUNT,
    .part = true,
    .step = arch_core_unit_step,
};

static void shape(const void *self, struct arch_core_unit_shape *shape) {
    const struct arch_crossbar_spec *spec = self;
    *shape = (struct arch_core_unit_shape){.axons = spec->axons,
                                           .neurons = spec->neurons,
                                           .weight_bits = spec->weights.bits < 8 ? spec->weights.bits : 8};
}

static void init(void *unit, const void *spec, const struct arch_core_unit_host *host) {
    arch_crossbar_init(unit, spec, host);
}

static void load(void *unit, uint32_t axon, uint32_t first, uint32_t count, const int8_t *weights) {
    for (uint32_t i = 0; i < count; i++)
        arch_crossbar_load(unit, axon, first + i, 1, &(int16_t){weights[i]});
}

static bool prepare(void *unit, struct sim_err *err) {
    struct arch_crossbar *xb = unit;
    if (xb->spec->input.kind != ARCH_CROSSBAR_SPIKES)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "arch.crossbar: a core that takes spikes needs input.kind spikes");
    return arch_crossbar_prepare(xb, err);
}

static uint64_t integrate(void *unit, const uint64_t *spikes, int32_t *sums, sim_cycle now) {
    return arch_crossbar_spikes(unit, spikes, sums, now);
}

static void begin(void *unit, uint64_t stretch) { arch_crossbar_begin(unit, stretch); }

static void parameters(const void *self, void (*report)(void *user, const char *name, double value),
                       void *user) {
    const struct arch_crossbar_spec *spec = self;
    report(user, "axons", spec->axons);
    report(user, "neurons", spec->neurons);
    report(user, "rows", spec->array.rows);
    report(user, "cols", spec->array.cols);
    report(user, "adc_bits", spec->adc.bits);
    report(user, "read_energy", spec->read.energy);
}

static double area(const void *spec) { return arch_crossbar_area(spec); }

const struct arch_core_unit_type arch_crossbar_unit = {
    .schema = &arch_crossbar_schema,
    .events = events,
    .event_count = ARCH_CROSSBAR_EVENT_COUNT,
    .size = sizeof(struct arch_crossbar),
    .shape = shape,
    .init = init,
    .load = load,
    .prepare = prepare,
    .integrate = integrate,
    .begin = begin,
    .parameters = parameters,
    .area = area,
};

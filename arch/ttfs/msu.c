/* SPDX-License-Identifier: MIT
 *
 * Memristive synapse unit; see msu.h.
 */
#include "arch/ttfs/msu.h"

#include "sim/base/arena.h"

#include <math.h>
#include <string.h>

enum stream { STREAM_PROGRAM, STREAM_READ, STREAM_COUNT };

static const struct sim_event events[] = {ARCH_MSU_EVENTS(SIM_EVENT_ROW)};

const struct sim_type arch_msu_type = {
    .name = "arch.msu",
    .help = "Events of the memristive synapse unit.",
    .events = events,
    .event_count = ARCH_MSU_EVENT_COUNT,
    .part = true,
    .step = arch_core_unit_step,
};

ARCH_WINDOW_UNIT_LAYOUT(struct arch_msu_spec, struct arch_msu);

static void init(void *unit, const void *self, const struct arch_core_unit_host *host, uint32_t axons,
                 uint32_t neurons) {
    struct arch_msu *msu = unit;
    const struct arch_msu_spec *spec = self;
    msu->spec = spec;
    msu->ziggurat = arch_crossbar_ziggurat_new(host->arena);
    msu->key_program = sim_rng_stream(spec->seed, (uint64_t)host->number * STREAM_COUNT + STREAM_PROGRAM);
    msu->key_read = sim_rng_stream(spec->seed, (uint64_t)host->number * STREAM_COUNT + STREAM_READ);
    arch_window_weights_init(&msu->weights, host, axons, neurons);
    msu->normal = SIM_NEW_ARRAY(host->arena, double, msu->weights.lanes);
    msu->spread = SIM_NEW_ARRAY(host->arena, double, msu->weights.lanes);
    msu->square = SIM_NEW_ARRAY(host->arena, double, axons);
    msu->row_steps = SIM_NEW_ARRAY(host->arena, uint32_t, axons);
}

/* Conductance of a step of a weight, S. */
static double conductance_step(const struct arch_msu_spec *spec) {
    return (spec->cell.g_max_s - spec->cell.g_min_s) / (double)(1u << (spec->weight_bits - 1));
}

/* Programs the pair of cells of one weight. */
static void program(struct arch_msu *msu, uint32_t axon, uint32_t neuron) {
    struct arch_window_weights *w = &msu->weights;
    const struct arch_msu_cell_spec *cell = &msu->spec->cell;
    size_t synapse = (size_t)axon * w->neurons + neuron, lane = (size_t)axon * w->lanes + neuron;
    double step = conductance_step(msu->spec);
    int32_t weight = w->weight[synapse];
    double conductance[2];
    for (uint32_t side = 0; side < 2; side++) {
        int32_t steps = side == 0 ? weight : -weight;
        conductance[side] = cell->g_min_s + step * (steps > 0 ? steps : 0);
        if (cell->program != 0)
            conductance[side] *=
                1 + cell->program * arch_crossbar_normal(msu->ziggurat, msu->key_program, 2 * synapse + side);
        if (conductance[side] < 0)
            conductance[side] = 0;
    }
    msu->table[lane] = cell->program == 0 ? weight : (conductance[0] - conductance[1]) / step;
    if (msu->variance != NULL)
        msu->variance[lane] = cell->read * cell->read / (step * step) *
                              (conductance[0] * conductance[0] + conductance[1] * conductance[1]);
    msu->row_steps[axon] += (uint32_t)(weight < 0 ? -weight : weight);
}

static bool prepare(void *unit, const struct arch_ttfs *code, struct sim_err *err) {
    struct arch_msu *msu = unit;
    struct arch_window_weights *w = &msu->weights;
    if (!arch_window_weights_prepare(w, code, msu->spec->weight_bits, "arch.msu", err))
        return false;
    msu->table = arch_window_weights_table(w);
    if (msu->spec->cell.read != 0)
        msu->variance = arch_window_weights_table(w);
    for (uint32_t a = 0; a < w->axons; a++)
        for (uint32_t n = 0; n < w->neurons; n++)
            program(msu, a, n);
    return true;
}

static void add_noise(struct arch_msu *msu, const struct arch_window *window) {
    struct arch_window_weights *w = &msu->weights;
    for (uint32_t i = 0; i < window->spikes; i++)
        msu->square[i] = w->scale[i] * w->scale[i];
    memset(msu->spread, 0, w->lanes * sizeof *msu->spread);
    w->vector->add(msu->spread, msu->variance, w->row, msu->square, window->spikes, w->lanes);
    for (uint32_t n = 0; n < w->neurons; n++)
        msu->normal[n] = arch_crossbar_normal(msu->ziggurat, msu->key_read, msu->draws++);
    w->vector->noise(w->sum, msu->spread, msu->normal, w->lanes);
}

/* Quantises the integrators; returns how many were beyond the full scale. */
static uint64_t convert(struct arch_msu *msu) {
    struct arch_window_weights *w = &msu->weights;
    double top = (double)(1u << (msu->spec->adc.bits - 1)), lsb = msu->spec->adc.full_scale / top;
    uint64_t clipped = 0;
    for (uint32_t n = 0; n < w->neurons; n++) {
        double code = rint(w->sum[n] / lsb);
        clipped += code < -top || code > top - 1;
        code = code < -top ? -top : code > top - 1 ? top - 1 : code;
        w->sum[n] = code * lsb;
    }
    return clipped;
}

static uint64_t in_cycles(const struct arch_msu *msu, double seconds) {
    return (uint64_t)ceil(seconds * msu->weights.host.clock_hz - 1e-6);
}

static uint64_t window_cycles(const struct arch_msu *msu, bool conversions) {
    const struct arch_msu_spec *spec = msu->spec;
    const struct arch_ttfs *code = &msu->weights.code;
    double slots = code->levels + (code->silent > 0 ? code->silent - 1.0 : 0);
    double time = slots * spec->slot_s + spec->settle_s;
    if (conversions && spec->adc.bits != 0)
        time += (msu->weights.neurons + spec->adc.converters - 1) / spec->adc.converters * spec->adc.time_s;
    return in_cycles(msu, time);
}

static uint64_t integrate(void *unit, const struct arch_window *window, double *potential, sim_cycle now) {
    struct arch_msu *msu = unit;
    struct arch_window_weights *w = &msu->weights;
    arch_window_weights_rows(w, window);
    memset(w->sum, 0, w->lanes * sizeof *w->sum);
    w->vector->add(w->sum, msu->table, w->row, w->scale, window->spikes, w->lanes);
    if (msu->variance != NULL)
        add_noise(msu, window);
    uint64_t clipped = msu->spec->adc.bits != 0 ? convert(msu) : 0, pulses = 0, steps = 0;
    for (uint32_t n = 0; n < w->neurons; n++)
        potential[n] = w->sum[n] + w->constant[n];
    for (uint32_t i = 0; i < window->spikes; i++) {
        uint64_t slots = (uint64_t)fabs(w->scale[i]);
        pulses += slots;
        steps += slots * msu->row_steps[window->axon[i]];
    }

    uint64_t cycles = window_cycles(msu, true);
    arch_window_count(w, ARCH_MSU_EVENT_spikes_in, window->spikes, now, cycles);
    arch_window_count(w, ARCH_MSU_EVENT_row_pulses, pulses, now, cycles);
    arch_window_count(w, ARCH_MSU_EVENT_cell_pulses, pulses * 2 * w->neurons, now, cycles);
    arch_window_count(w, ARCH_MSU_EVENT_cell_steps, steps, now, cycles);
    arch_window_count(w, ARCH_MSU_EVENT_integrations, w->neurons, now, cycles);
    arch_window_count(w, ARCH_MSU_EVENT_conversions, msu->spec->adc.bits != 0 ? w->neurons : 0, now, cycles);
    arch_window_count(w, ARCH_MSU_EVENT_clipped, clipped, now, cycles);
    return cycles;
}

static void begin(void *unit, uint64_t stretch) {
    struct arch_msu *core = unit;
    core->draws = arch_crossbar_stretch(stretch);
}

static uint64_t fire(void *unit, uint32_t slots, uint32_t spikes, sim_cycle now) {
    struct arch_msu *msu = unit;
    uint64_t cycles = in_cycles(msu, slots * msu->spec->slot_s);
    arch_window_count(&msu->weights, ARCH_MSU_EVENT_comparisons, (uint64_t)slots * msu->weights.neurons, now,
                      cycles);
    arch_window_count(&msu->weights, ARCH_MSU_EVENT_fires, spikes, now, cycles);
    return cycles;
}

static void parameters(const void *self, void (*report)(void *user, const char *name, double value),
                       void *user) {
    const struct arch_msu_spec *spec = self;
    arch_window_unit_parameters(spec, report, user);
    report(user, "adc_bits", spec->adc.bits);
    report(user, "slot", spec->slot_s);
    report(user, "g_min", spec->cell.g_min_s);
    report(user, "g_step", conductance_step(spec));
}

static double area(const void *self) {
    const struct arch_msu_spec *spec = self;
    return spec->cell_area_m2 * 2 * spec->axons * spec->neurons +
           spec->converter_area_m2 * (spec->adc.bits != 0 ? spec->adc.converters : 0) + spec->other_area_m2;
}

const struct arch_window_unit_type arch_msu_unit = {
    .schema = &arch_msu_schema,
    .events = events,
    .event_count = ARCH_MSU_EVENT_COUNT,
    .size = sizeof(struct arch_msu),
    .shape = arch_window_unit_shape,
    .init = init,
    .load = arch_window_unit_load,
    .prepare = prepare,
    .integrate = integrate,
    .begin = begin,
    .fire = fire,
    .parameters = parameters,
    .area = area,
};

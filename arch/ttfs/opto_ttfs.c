/* SPDX-License-Identifier: MIT
 *
 * Core with optoelectronic synapses; see opto_ttfs.h.
 */
#include "arch/ttfs/opto_ttfs.h"

#include "sim/base/arena.h"

#include <math.h>
#include <string.h>

#define TABLE_BYTES_MAX ((double)(UINT64_C(4) << 30))
#define SMALLEST 1e-3 /* of a deviating tau or beta, relative: both are positive */

enum stream { STREAM_DEVICE, STREAM_READ, STREAM_COUNT };
enum quantity { AMPLITUDE, TAU, BETA, QUANTITY_COUNT };

static const struct sim_event events[] = {ARCH_OPTO_TTFS_EVENTS(SIM_EVENT_ROW)};

const struct sim_type arch_opto_ttfs_type = {
    .name = "arch.opto_ttfs",
    .help = "Events of the optoelectronic core.",
    .events = events,
    .event_count = ARCH_OPTO_TTFS_EVENT_COUNT,
    .part = true,
    .step = arch_core_unit_step,
};

ARCH_WINDOW_UNIT_LAYOUT(struct arch_opto_ttfs_spec, struct arch_opto_ttfs);

static void init(void *unit, const void *self, const struct arch_core_unit_host *host, uint32_t axons,
                 uint32_t neurons) {
    struct arch_opto_ttfs *core = unit;
    const struct arch_opto_ttfs_spec *spec = self;
    core->spec = spec;
    core->decay = (struct arch_opto_decay){spec->decay.amplitude, spec->decay.tau * spec->decay.unit_s,
                                           spec->decay.beta, spec->decay.offset};
    core->steps = spec->adc.bits == 0 ? 0 : (double)((1u << spec->adc.bits) - 1);
    core->ziggurat = arch_crossbar_ziggurat_new(host->arena);
    core->key_device = sim_rng_stream(spec->seed, (uint64_t)host->number * STREAM_COUNT + STREAM_DEVICE);
    core->key_read = sim_rng_stream(spec->seed, (uint64_t)host->number * STREAM_COUNT + STREAM_READ);
    arch_window_weights_init(&core->weights, host, axons, neurons);
    core->normal = SIM_NEW_ARRAY(host->arena, double, core->weights.lanes);
    core->spread = SIM_NEW_ARRAY(host->arena, double, core->weights.lanes);
}

/* ---- devices ------------------------------------------------------------------------------------ */

static double deviate(const struct arch_opto_ttfs *core, uint64_t device, enum quantity quantity,
                      double sigma) {
    if (sigma == 0)
        return 1;
    return 1 +
           sigma * arch_crossbar_normal(core->ziggurat, core->key_device, device * QUANTITY_COUNT + quantity);
}

/* What `device` shows at the instants of the slots. */
static void show(const struct arch_opto_ttfs *core, uint64_t device, double *reading) {
    const struct arch_opto_variation_spec *variation = &core->spec->variation;
    struct arch_opto_decay decay = core->decay;
    decay.tau *= fmax(SMALLEST, deviate(core, device, TAU, variation->tau));
    decay.beta *= fmax(SMALLEST, deviate(core, device, BETA, variation->beta));
    double scale = deviate(core, device, AMPLITUDE, variation->amplitude);
    bool aged = variation->tau != 0 || variation->beta != 0;
    for (uint32_t k = 0; k < core->weights.code.levels; k++)
        reading[k] = scale * arch_opto_decay_at(aged ? &decay : &core->decay, core->instant[k]);
}

/* A reading in levels, as the converter gives it. */
static inline double convert(const struct arch_opto_ttfs *core, double reading) {
    if (core->steps == 0)
        return reading * core->weights.code.levels;
    double code = rint(reading / core->spec->adc.full_scale * core->steps);
    code = code < 0 ? 0 : code > core->steps ? core->steps : code;
    return code * (core->weights.code.levels * core->spec->adc.full_scale / core->steps);
}

static void make_synapses(struct arch_opto_ttfs *core) {
    struct arch_window_weights *w = &core->weights;
    size_t plane = (size_t)w->axons * w->lanes, devices = (size_t)w->axons * w->neurons;
    double sigma = core->spec->variation.read, reading[ARCH_TTFS_LEVELS_MAX];
    bool converted_noise = sigma != 0 && core->steps != 0;
    if (converted_noise)
        core->device = SIM_NEW_ARRAY(w->host.arena, float, w->code.levels *devices);
    else
        core->table = SIM_NEW_ARRAY(w->host.arena, double, w->code.levels *plane);
    if (sigma != 0 && !converted_noise)
        core->variance = SIM_NEW_ARRAY(w->host.arena, double, w->code.levels *plane);
    for (uint32_t a = 0; a < w->axons; a++)
        for (uint32_t n = 0; n < w->neurons; n++) {
            size_t device = (size_t)a * w->neurons + n, lane = (size_t)a * w->lanes + n;
            show(core, device, reading);
            for (uint32_t k = 0; k < w->code.levels; k++) {
                if (converted_noise) {
                    core->device[k * devices + device] = (float)reading[k];
                    continue;
                }
                double value = w->weight[device] * convert(core, reading[k]);
                core->table[k * plane + lane] = value;
                if (core->variance != NULL)
                    core->variance[k * plane + lane] = value * value * sigma * sigma;
            }
        }
}

static bool fits(const struct arch_opto_ttfs *core, struct sim_err *err) {
    const struct arch_window_weights *w = &core->weights;
    double bytes = 8.0 * w->code.levels * w->axons * w->lanes * (core->spec->variation.read != 0 ? 2 : 1);
    if (bytes > TABLE_BYTES_MAX)
        return sim_err_add(
            err, SIM_EXIT_CONFIG, NULL,
            "arch.opto_ttfs: %u x %u deviating devices at %u levels need %.0f MB of memory; make the "
            "core smaller or share devices",
            w->axons, w->neurons, w->code.levels, bytes / 1e6);
    return true;
}

static bool prepare(void *unit, const struct arch_ttfs *code, struct sim_err *err) {
    struct arch_opto_ttfs *core = unit;
    struct arch_window_weights *w = &core->weights;
    const struct arch_opto_ttfs_spec *spec = core->spec;
    const struct arch_opto_variation_spec *variation = &spec->variation;
    if (code->silent != 0)
        return sim_err_add(
            err, SIM_EXIT_CONFIG, NULL,
            "arch.opto_ttfs: a spike reads a level, not the difference to the silent level %u; only "
            "level 0 can be silent here",
            code->silent);
    if (!arch_window_weights_prepare(w, code, spec->weight_bits, "arch.opto_ttfs", err))
        return false;
    for (uint32_t k = 0; k <= code->levels; k++)
        core->instant[k] = arch_opto_decay_instant(&core->decay, (double)(code->levels - k) / code->levels);

    bool deviating = variation->amplitude != 0 || variation->tau != 0 || variation->beta != 0;
    core->by_slot = spec->devices == ARCH_OPTO_PER_SYNAPSE && (deviating || variation->read != 0);
    if (core->by_slot) {
        if (!fits(core, err))
            return false;
        make_synapses(core);
        return true;
    }
    core->table = arch_window_weights_table(w);
    uint32_t shown = spec->devices == ARCH_OPTO_PER_AXON ? w->axons : 1;
    core->reading = SIM_NEW_ARRAY(w->host.arena, double, (size_t)shown * code->levels);
    for (uint32_t d = 0; d < shown; d++)
        show(core, d, core->reading + (size_t)d * code->levels);
    return true;
}

/* ---- a window ----------------------------------------------------------------------------------- */

static double draw(struct arch_opto_ttfs *core) {
    return arch_crossbar_normal(core->ziggurat, core->key_read, core->draws++);
}

/* Devices that several synapses share: a reading is one number for all of them. */
static void integrate_shared(struct arch_opto_ttfs *core, const struct arch_window *window) {
    struct arch_window_weights *w = &core->weights;
    double sigma = core->spec->variation.read, error[ARCH_TTFS_LEVELS_MAX] = {0};
    bool one = core->spec->devices != ARCH_OPTO_PER_AXON;
    if (sigma != 0 && one)
        for (uint32_t k = 0; k < w->code.levels; k++)
            error[k] = sigma * draw(core);
    for (uint32_t i = 0; i < window->spikes; i++) {
        uint32_t k = window->slot[i];
        double reading = core->reading[one ? k : (size_t)window->axon[i] * w->code.levels + k];
        double wrong = sigma == 0 ? 0 : one ? error[k] : sigma * draw(core);
        w->row[i] = window->axon[i];
        w->scale[i] = convert(core, reading * (1 + wrong));
    }
    w->vector->add(w->sum, core->table, w->row, w->scale, window->spikes, w->lanes);
}

static void integrate_each(struct arch_opto_ttfs *core, const struct arch_window *window) {
    struct arch_window_weights *w = &core->weights;
    for (uint32_t i = 0; i < window->spikes; i++)
        w->row[i] = window->slot[i] * w->axons + window->axon[i];
    w->vector->add(w->sum, core->table, w->row, NULL, window->spikes, w->lanes);
    if (core->variance == NULL)
        return;
    memset(core->spread, 0, w->lanes * sizeof *core->spread);
    w->vector->add(core->spread, core->variance, w->row, NULL, window->spikes, w->lanes);
    for (uint32_t n = 0; n < w->neurons; n++)
        core->normal[n] = draw(core);
    w->vector->noise(w->sum, core->spread, core->normal, w->lanes);
}

static void integrate_noisy(struct arch_opto_ttfs *core, const struct arch_window *window) {
    struct arch_window_weights *w = &core->weights;
    double sigma = core->spec->variation.read;
    for (uint32_t i = 0; i < window->spikes; i++) {
        const int8_t *weight = w->weight + (size_t)window->axon[i] * w->neurons;
        const float *device =
            core->device + ((size_t)window->slot[i] * w->axons + window->axon[i]) * w->neurons;
        for (uint32_t n = 0; n < w->neurons; n++)
            w->sum[n] += weight[n] * convert(core, (double)device[n] * (1 + sigma * draw(core)));
    }
}

static uint64_t readings_of(const struct arch_opto_ttfs *core, uint64_t spikes) {
    switch (core->spec->devices) {
    case ARCH_OPTO_PER_SYNAPSE:
        return spikes * core->weights.neurons;
    case ARCH_OPTO_PER_AXON:
        return spikes;
    default:
        return spikes > 0;
    }
}

static uint64_t devices_of(const struct arch_opto_ttfs *core) {
    return core->spec->devices == ARCH_OPTO_PER_CORE ? 1 : readings_of(core, core->weights.axons);
}

/* Readings of the window; `late`: those that the converters do not finish before the next slot. */
static uint64_t count_readings(const struct arch_opto_ttfs *core, const struct arch_window *window,
                               uint64_t *late) {
    const struct arch_opto_adc_spec *adc = &core->spec->adc;
    uint64_t spikes[ARCH_TTFS_LEVELS_MAX] = {0}, all = 0;
    for (uint32_t i = 0; i < window->spikes; i++)
        spikes[window->slot[i]]++;
    *late = 0;
    for (uint32_t k = 0; k < core->weights.code.levels; k++) {
        uint64_t readings = readings_of(core, spikes[k]);
        all += readings;
        if (adc->time_s == 0)
            continue;
        double rounds = floor((core->instant[k + 1] - core->instant[k]) / adc->time_s);
        double room = rounds * (adc->converters != 0 ? adc->converters : (double)devices_of(core));
        if ((double)readings > room)
            *late += readings - (uint64_t)room;
    }
    return all;
}

static uint64_t window_cycles(const struct arch_opto_ttfs *core) {
    return (uint64_t)ceil(core->instant[core->weights.code.levels] * core->weights.host.clock_hz - 1e-6);
}

static uint64_t integrate(void *unit, const struct arch_window *window, double *potential, sim_cycle now) {
    struct arch_opto_ttfs *core = unit;
    struct arch_window_weights *w = &core->weights;
    memset(w->sum, 0, w->lanes * sizeof *w->sum);
    if (core->device != NULL)
        integrate_noisy(core, window);
    else if (core->by_slot)
        integrate_each(core, window);
    else
        integrate_shared(core, window);
    memcpy(potential, w->sum, w->neurons * sizeof *potential);

    uint64_t late, readings = count_readings(core, window, &late);
    uint64_t cycles = window_cycles(core) + core->spec->readout_cycles;
    arch_window_count(w, ARCH_OPTO_TTFS_EVENT_spikes_in, window->spikes, now, cycles);
    arch_window_count(w, ARCH_OPTO_TTFS_EVENT_light_pulses, devices_of(core), now, cycles);
    arch_window_count(w, ARCH_OPTO_TTFS_EVENT_device_reads, readings, now, cycles);
    arch_window_count(w, ARCH_OPTO_TTFS_EVENT_conversions, core->steps != 0 ? readings : 0, now, cycles);
    arch_window_count(w, ARCH_OPTO_TTFS_EVENT_row_reads, window->spikes, now, cycles);
    arch_window_count(w, ARCH_OPTO_TTFS_EVENT_gain_adds, (uint64_t)window->spikes * w->neurons, now, cycles);
    arch_window_count(w, ARCH_OPTO_TTFS_EVENT_late_reads, late, now, cycles);
    return cycles;
}

static void begin(void *unit, uint64_t stretch) {
    struct arch_opto_ttfs *core = unit;
    core->draws = arch_crossbar_stretch(stretch);
}

static uint64_t fire(void *unit, uint32_t slots, uint32_t spikes, sim_cycle now) {
    struct arch_opto_ttfs *core = unit;
    uint64_t cycles = window_cycles(core);
    arch_window_count(&core->weights, ARCH_OPTO_TTFS_EVENT_threshold_steps, slots, now, cycles);
    arch_window_count(&core->weights, ARCH_OPTO_TTFS_EVENT_comparisons,
                      (uint64_t)slots * core->weights.neurons, now, cycles);
    arch_window_count(&core->weights, ARCH_OPTO_TTFS_EVENT_fires, spikes, now, cycles);
    return cycles;
}

static void parameters(const void *self, void (*report)(void *user, const char *name, double value),
                       void *user) {
    const struct arch_opto_ttfs_spec *spec = self;
    arch_window_unit_parameters(spec, report, user);
    report(user, "adc_bits", spec->adc.bits);
    report(user, "decay_unit", spec->decay.unit_s);
}

static double area(const void *self) {
    const struct arch_opto_ttfs_spec *spec = self;
    double devices = spec->devices == ARCH_OPTO_PER_CORE ? 1 : spec->axons;
    if (spec->devices == ARCH_OPTO_PER_SYNAPSE)
        devices *= spec->neurons;
    return spec->device_area_m2 * devices + spec->other_area_m2;
}

const struct arch_window_unit_type arch_opto_ttfs_unit = {
    .schema = &arch_opto_ttfs_schema,
    .events = events,
    .event_count = ARCH_OPTO_TTFS_EVENT_COUNT,
    .size = sizeof(struct arch_opto_ttfs),
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

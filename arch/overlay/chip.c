/* SPDX-License-Identifier: MIT
 *
 * A host chip with vector lanes laid over it; see chip.h.
 */
#include "arch/overlay/chip.h"

#include "arch/packet/chip.h"
#include "arch/shenjing/chip.h"
#include "arch/vector/fixed_point.h"

#include <math.h>
#include <string.h>

static const struct arch_chip_type *const hosts[] = {&arch_shenjing_chip_type, &arch_packet_chip_type};

static const struct sim_param params[] = {
    SIM_PARAM_ANY(struct arch_overlay_spec, host, "chip", NULL, "the chip that lanes are laid over"),
    SIM_PARAM_SPEC(struct arch_overlay_spec, lanes, &arch_lanes_schema,
                   "the lanes; their first approximator is built"),
    SIM_PARAM_ANY(struct arch_overlay_spec, unit, ARCH_APPROXIMATOR_ROLE, "{type: arch.vector_unit}",
                  "arch.vector_unit: it does the sums and products of host layers, at the host's clock"),
    SIM_PARAM_REAL(struct arch_overlay_spec, scale, 0, 1e6, "1", "argument of the function for a spike"),
};

static const struct arch_chip_type *host_of(const struct arch_overlay_spec *spec) {
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (hosts[i]->schema == spec->host.schema)
            return hosts[i];
    return NULL;
}

static bool check(const void *spec, const struct sim_where *where, struct sim_err *err) {
    const struct arch_overlay_spec *overlay = spec;
    if (host_of(overlay) == NULL)
        return sim_err_add(err, SIM_EXIT_CONFIG, where, "arch.overlay: a chip of type '%s' runs no traces",
                           overlay->host.schema->name);
    return overlay->unit.schema == &arch_vector_unit_schema ||
           sim_err_add(err, SIM_EXIT_CONFIG, where,
                       "arch.overlay: 'unit' does sums and products: arch.vector_unit can, and '%s' cannot",
                       overlay->unit.schema->name);
}

const struct sim_schema arch_overlay_schema = {
    .name = "arch.overlay",
    .role = "chip",
    .help =
        "A chip with vector lanes laid over it (NOVA): its outputs go through a non-linear function, or its "
        "host layers are computed in them and a vector unit.",
    .size = sizeof(struct arch_overlay_spec),
    SIM_SCHEMA_PARAMS(params),
    .check = check,
};

/* ---- build ------------------------------------------------------------------------------------ */

static bool check_clock(const struct arch_overlay *overlay, struct sim_err *err) {
    double base_hz = overlay->lanes->spec->clock_hz * overlay->lanes->ratio;
    if (fabs(base_hz / overlay->host->clock_hz - 1) < 1e-9)
        return true;
    return sim_err_add(
        err, SIM_EXIT_CONFIG, NULL,
        "arch.overlay: lanes at %g Hz with a clock ratio of %u need a host at %g Hz, not %g Hz",
        overlay->lanes->spec->clock_hz, overlay->lanes->ratio, base_hz, overlay->host->clock_hz);
}

static void prepare(struct arch_overlay *overlay, struct sim_arena *arena) {
    const struct arch_lanes_setup *setup = &overlay->lanes->setup;
    size_t vector = (size_t)setup->cores * setup->lanes;
    overlay->base = *overlay->host;
    overlay->base.type = &arch_overlay_type;
    overlay->base.name = arch_overlay_schema.name;
    overlay->waves = (uint32_t)((overlay->host->outputs + vector - 1) / vector);
    overlay->function = SIM_NEW_ARRAY(arena, uint32_t, overlay->waves);
    overlay->elements = SIM_NEW_ARRAY(arena, uint32_t, overlay->waves);
    overlay->x = SIM_NEW_ARRAY(arena, int32_t, overlay->waves * vector);
    overlay->y = SIM_NEW_ARRAY(arena, int32_t, overlay->waves * vector);
    overlay->result = SIM_NEW_ARRAY(arena, double, overlay->host->outputs);
}

static struct arch_chip *build(const void *spec_, const struct sim_graph *graph, struct sim_kernel *kernel,
                               struct sim_err *err) {
    const struct arch_overlay_spec *spec = spec_;
    struct arch_overlay *overlay = SIM_NEW(kernel->arena, struct arch_overlay);
    overlay->spec = spec;
    if (graph->replayed && !host_of(spec)->replays)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL, "arch.overlay: %s computes its spikes itself",
                           spec->host.schema->name),
               NULL;
    overlay->host = host_of(spec)->build(spec->host.spec, graph, kernel, err);
    if (overlay->host == NULL)
        return NULL;
    overlay->first_lane = kernel->components;
    struct arch_sequence *sequence = overlay->host->sequence;
    overlay->lanes = arch_lanes_build(&spec->lanes, 0, sequence != NULL ? arch_host_unit_functions(graph) : 0,
                                      "chip.lanes", kernel, err);
    if (overlay->lanes == NULL || !check_clock(overlay, err))
        return NULL;
    if (sequence != NULL) {
        overlay->unit = SIM_NEW(kernel->arena, struct arch_host_unit);
        arch_host_unit_build(overlay->unit, spec->unit.spec, sequence, overlay->lanes, "chip.unit", kernel);
    }
    prepare(overlay, kernel->arena);
    return &overlay->base;
}

static bool calibrate(struct arch_chip *base, const struct arch_samples *samples, struct sim_err *err) {
    struct arch_overlay *overlay = (struct arch_overlay *)base;
    return overlay->host->type->calibrate == NULL ||
           overlay->host->type->calibrate(overlay->host, samples, err);
}

/* ---- a sample --------------------------------------------------------------------------------- */

static void begin(struct arch_chip *base, struct sim_kernel *kernel, uint32_t timesteps,
                  const uint64_t *const *spikes) {
    struct arch_overlay *overlay = (struct arch_overlay *)base;
    overlay->phase = 0;
    overlay->host->type->begin(overlay->host, kernel, timesteps, spikes);
}

static bool is_softmax(const struct arch_overlay *overlay) {
    return overlay->spec->lanes.function == ARCH_LANES_SOFTMAX;
}

static void begin_outputs(struct arch_overlay *overlay, struct sim_kernel *kernel) {
    const struct arch_chip *host = overlay->host;
    const struct arch_fixed *table = overlay->lanes->setup.table[0];
    size_t vector = (size_t)overlay->lanes->setup.cores * overlay->lanes->setup.lanes;
    uint32_t most = 0;
    for (uint32_t n = 0; is_softmax(overlay) && n < host->outputs; n++)
        most = host->output_count[n] > most ? host->output_count[n] : most;
    memset(overlay->x, 0, overlay->waves * vector * sizeof *overlay->x);
    for (uint32_t n = 0; n < host->outputs; n++) {
        double x = ((double)host->output_count[n] - most) * overlay->spec->scale;
        overlay->x[n] =
            arch_saturate(llround(ldexp(fmax(fmin(x, 1e6), -1e6), table->x_fraction)), table->bits);
    }
    memset(overlay->function, 0, overlay->waves * sizeof *overlay->function);
    for (uint32_t wave = 0; wave < overlay->waves; wave++) {
        size_t left = host->outputs - wave * vector;
        overlay->elements[wave] = (uint32_t)(left < vector ? left : vector);
    }
    struct arch_lanes_job job = {overlay->waves, overlay->function, overlay->x, overlay->y,
                                 overlay->elements};
    arch_lanes_begin(overlay->lanes, &job, kernel);
}

/* Exponentials, negative ones cut off, as result; returns their sum. */
static int64_t take_exponentials(struct arch_overlay *overlay) {
    int64_t sum = 0;
    for (uint32_t n = 0; n < overlay->host->outputs; n++) {
        int32_t e = overlay->y[n] > 0 ? overlay->y[n] : 0;
        overlay->result[n] = e;
        sum += e;
    }
    return sum;
}

static void begin_reciprocal(struct arch_overlay *overlay, struct sim_kernel *kernel) {
    int64_t sum = take_exponentials(overlay);
    if (sum == 0)
        sum = 1;
    const struct arch_fixed *table = overlay->lanes->setup.table[1];
    size_t vector = (size_t)overlay->lanes->setup.cores * overlay->lanes->setup.lanes;
    int k = arch_log2_floor((uint64_t)sum);
    memset(overlay->x, 0, vector * sizeof *overlay->x);
    overlay->x[0] = arch_saturate(arch_shift(sum, table->x_fraction - k), table->bits);
    overlay->function[0] = 1;
    for (uint32_t n = 0; n < overlay->host->outputs; n++)
        overlay->result[n] = ldexp(overlay->result[n], -k - table->y_fraction);
    overlay->elements[0] = 1;
    struct arch_lanes_job job = {1, overlay->function, overlay->x, overlay->y, overlay->elements};
    arch_lanes_begin(overlay->lanes, &job, kernel);
}

static void take_results(struct arch_overlay *overlay) {
    const struct arch_fixed *table = overlay->lanes->setup.table[0];
    for (uint32_t n = 0; n < overlay->host->outputs; n++)
        overlay->result[n] = is_softmax(overlay) ? overlay->result[n] * overlay->y[0]
                                                 : ldexp(overlay->y[n], -table->y_fraction);
}

static bool resume(struct arch_chip *base, struct sim_kernel *kernel) {
    struct arch_overlay *overlay = (struct arch_overlay *)base;
    struct arch_chip *host = overlay->host;
    base->timesteps = host->timesteps;
    if (overlay->unit != NULL && arch_host_unit_resume(overlay->unit, kernel))
        return true;
    if (host->type->resume != NULL && host->type->resume(host, kernel))
        return true;
    if (overlay->unit != NULL)
        return false;
    uint32_t phase = overlay->phase++;
    if (phase == 0)
        begin_outputs(overlay, kernel);
    else if (phase == 1 && is_softmax(overlay))
        begin_reciprocal(overlay, kernel);
    else
        take_results(overlay);
    return phase == 0 || (phase == 1 && is_softmax(overlay));
}

/* ---- what is known of it ---------------------------------------------------------------------- */

static sim_cycle step_end(const struct arch_chip *base, uint32_t timestep) {
    const struct arch_chip *host = ((const struct arch_overlay *)base)->host;
    return host->type->step_end(host, timestep);
}

static struct arch_chip_place place(const struct arch_chip *base, uint32_t component) {
    const struct arch_overlay *overlay = (const struct arch_overlay *)base;
    if (component < overlay->first_lane)
        return overlay->host->type->place(overlay->host, component);
    return (struct arch_chip_place){-1, -1, -1};
}

static void parameters(const struct arch_chip *base,
                       void (*report)(void *user, const char *type, const char *name, double value),
                       void *user) {
    const struct arch_overlay *overlay = (const struct arch_overlay *)base;
    overlay->host->type->parameters(overlay->host, report, user);
    arch_lanes_parameters(overlay->lanes, report, user);
    report(user, arch_host_unit_type.name, "bits", overlay->lanes->setup.bits);
    report(user, arch_host_unit_type.name, "bits_squared",
           (double)overlay->lanes->setup.bits * overlay->lanes->setup.bits);
    const struct arch_vector_unit_spec *unit = overlay->spec->unit.spec;
    report(user, arch_host_unit_type.name, "area_um2", unit->lanes * unit->lane_m2 * 1e12);
}

static void print_map(const struct arch_chip *base, int format, FILE *out) {
    const struct arch_chip *host = ((const struct arch_overlay *)base)->host;
    host->type->print_map(host, format, out);
}

const struct arch_chip_type arch_overlay_type = {
    .schema = &arch_overlay_schema,
    .replays = true,
    .build = build,
    .calibrate = calibrate,
    .begin = begin,
    .resume = resume,
    .step_end = step_end,
    .place = place,
    .parameters = parameters,
    .print_map = print_map,
};

/* SPDX-License-Identifier: MIT
 *
 * Kinds of cores of a packet chip; see cores.h.
 */
#include "arch/packet/cores.h"

#include "arch/evaluate/units.h"
#include "sim/base/arena.h"
#include "sim/kernel/kernel.h"

/* ---- capacity ----------------------------------------------------------------------------------- */

static void unit_capacity(const struct arch_core_unit_shape *shape,
                          const struct arch_periphery_spec *periphery, struct arch_core_capacity *capacity) {
    *capacity = (struct arch_core_capacity){
        .axons = shape->axons,
        .neurons = shape->neurons,
        .weight_bits = shape->weight_bits,
        .potential_bits = periphery->potential_bits,
        .synapses = ARCH_SYNAPSE_DENSE,
        .partial_sums = periphery->partial_sums,
    };
}

bool arch_packet_cores_capacity(const struct arch_packet_cores_spec *spec,
                                struct arch_core_capacity *capacity) {
    const struct arch_core_unit_type *unit = arch_core_unit_of(spec->core.schema);
    const struct arch_window_unit_type *window = arch_window_unit_of(spec->core.schema);
    struct arch_core_unit_shape shape;
    if (spec->core.schema == &arch_digital_core_schema) {
        const struct arch_digital_core_spec *core = spec->core.spec;
        *capacity = (struct arch_core_capacity){
            .axons = core->axons,
            .neurons = core->neurons,
            .weight_bits = core->weight_bits,
            .potential_bits = core->potential_bits,
            .synapses = core->synapses,
            .index_bits = core->index_bits,
            .synapse_memory_b = core->synapse_memory_b,
            .partial_sums = core->partial_sums,
            .loads = core->synapses == ARCH_SYNAPSE_DENSE,
            .shifts = true,
        };
    } else if (unit != NULL) {
        unit->shape(spec->core.spec, &shape);
        unit_capacity(&shape, &spec->periphery, capacity);
    } else if (window != NULL) {
        window->shape(spec->core.spec, &shape);
        unit_capacity(&shape, &spec->periphery, capacity);
        capacity->windows = true;
    } else {
        return false;
    }
    return true;
}

/* ---- construction ------------------------------------------------------------------------------- */

static struct arch_core_shell *build_digital(const struct arch_packet_cores_spec *cores,
                                             const struct arch_packet_core_load *load,
                                             struct sim_kernel *kernel) {
    const struct arch_digital_core_spec *spec = cores->core.spec;
    struct arch_digital_core *core = SIM_NEW(kernel->arena, struct arch_digital_core);
    struct arch_synapses synapses = {0};
    if (spec->synapses == ARCH_SYNAPSE_CONV)
        arch_synapses_load_windows(&synapses, load->window, load->windows, load->ports.axons,
                                   load->first_neuron, load->ports.neurons, spec->weight_bits, kernel->arena);
    else if (spec->synapses == ARCH_SYNAPSE_SPARSE)
        arch_synapses_load_sparse(&synapses, load->weight, load->stride, load->ports.axons,
                                  load->ports.neurons, spec->weight_bits, spec->index_bits, kernel->arena);
    else
        arch_synapses_load_dense(&synapses, load->weight, load->stride, load->ports.axons,
                                 load->ports.neurons, spec->weight_bits, spec->skip_zero, kernel->arena);
    if (load->load != NULL)
        arch_synapse_load_prepare(load->load, &synapses, spec->weight_bits);
    arch_digital_core_init(core, spec, &load->ports, &synapses, load->load, &load->neurons, kernel->arena);
    sim_kernel_add(kernel, &core->shell.base, &arch_digital_core_type, load->path);
    return &core->shell;
}

static void add_unit(struct sim_component *counts, const struct sim_schema *schema, const char *path,
                     struct sim_kernel *kernel) {
    sim_kernel_add(kernel, counts, schema->types[0], sim_arena_format(kernel->arena, "%s.unit", path));
}

static struct arch_core_shell *build_unit(const struct arch_packet_cores_spec *cores,
                                          const struct arch_core_unit_type *type,
                                          const struct arch_packet_core_load *load, struct sim_kernel *kernel,
                                          struct sim_err *err) {
    struct arch_unit_core *core = SIM_NEW(kernel->arena, struct arch_unit_core);
    void *unit = sim_arena_alloc(kernel->arena, 1, (type->size + 63) / 64 * 64);
    struct arch_core_unit_shape shape;
    sim_kernel_add(kernel, &core->shell.base, &arch_unit_core_type, load->path);
    add_unit(&core->unit_counts, type->schema, load->path, kernel);
    struct arch_core_unit_host host = {&core->unit_counts, 0, load->number, load->clock_hz, kernel->arena};
    type->shape(cores->core.spec, &shape);
    type->init(unit, cores->core.spec, &host);
    for (uint32_t axon = 0; axon < load->ports.axons; axon++)
        type->load(unit, axon, 0, load->ports.neurons, load->weight + axon * load->stride);
    if (!type->prepare(unit, err))
        return NULL;
    arch_unit_core_init(core, type, unit, &shape, &load->ports, &cores->periphery, &load->neurons,
                        kernel->arena);
    return &core->shell;
}

static struct arch_core_shell *build_window(const struct arch_packet_cores_spec *cores,
                                            const struct arch_window_unit_type *type,
                                            const struct arch_packet_core_load *load,
                                            struct sim_kernel *kernel) {
    struct arch_window_core *core = SIM_NEW(kernel->arena, struct arch_window_core);
    void *unit = sim_arena_alloc(kernel->arena, 1, (type->size + 63) / 64 * 64);
    sim_kernel_add(kernel, &core->shell.base, &arch_window_core_type, load->path);
    add_unit(&core->unit_counts, type->schema, load->path, kernel);
    struct arch_core_unit_host host = {&core->unit_counts, 0, load->number, load->clock_hz, kernel->arena};
    type->init(unit, cores->core.spec, &host, load->ports.axons, load->ports.neurons);
    for (uint32_t axon = 0; axon < load->ports.axons; axon++)
        type->load(unit, axon, 0, load->ports.neurons, load->weight + axon * load->stride);
    arch_window_core_init(core, type, unit, &load->ports, &cores->periphery, kernel->arena);
    return &core->shell;
}

struct arch_core_shell *arch_packet_core_build(const struct arch_packet_cores_spec *spec,
                                               const struct arch_packet_core_load *load,
                                               struct sim_kernel *kernel, struct sim_err *err) {
    const struct arch_core_unit_type *unit = arch_core_unit_of(spec->core.schema);
    const struct arch_window_unit_type *window = arch_window_unit_of(spec->core.schema);
    if (unit != NULL)
        return build_unit(spec, unit, load, kernel, err);
    if (window != NULL)
        return build_window(spec, window, load, kernel);
    return build_digital(spec, load, kernel);
}

bool arch_packet_core_window(struct arch_core_shell *shell, const struct arch_ttfs *arriving,
                             const struct arch_window_plan *plan, struct sim_arena *arena,
                             struct sim_err *err) {
    struct arch_window_core *core = (struct arch_window_core *)shell;
    if (!core->type->prepare(core->unit, arriving, err))
        return false;
    arch_window_core_plan(core, plan, arena);
    return true;
}

/* ---- reports ------------------------------------------------------------------------------------ */

uint64_t arch_packet_core_synapse_bits(const struct arch_core_shell *core,
                                       const struct arch_core_capacity *capacity) {
    if (core->base.type == &arch_digital_core_type)
        return ((const struct arch_digital_core *)core)->synapses.bits;
    return (uint64_t)core->ports.axons * core->ports.neurons * capacity->weight_bits;
}

struct reporter {
    void (*report)(void *user, const char *type, const char *name, double value);
    void *user;
    const char *type;
};

static void report_unit(void *user, const char *name, double value) {
    const struct reporter *reporter = user;
    reporter->report(reporter->user, reporter->type, name, value);
}

void arch_packet_cores_parameters(const struct arch_packet_cores_spec *spec,
                                  void (*report)(void *user, const char *type, const char *name,
                                                 double value),
                                  void *user) {
    const struct arch_core_unit_type *unit = arch_core_unit_of(spec->core.schema);
    const struct arch_window_unit_type *window = arch_window_unit_of(spec->core.schema);
    struct reporter reporter = {report, user, spec->core.schema->name};
    struct arch_core_capacity capacity;
    arch_packet_cores_capacity(spec, &capacity);
    if (unit != NULL && unit->parameters != NULL)
        unit->parameters(spec->core.spec, report_unit, &reporter);
    if (window != NULL)
        window->parameters(spec->core.spec, report_unit, &reporter);
    if (unit == NULL && window == NULL) {
        report_unit(&reporter, "axons", capacity.axons);
        report_unit(&reporter, "neurons", capacity.neurons);
        report_unit(&reporter, "weight_bits", capacity.weight_bits);
        report_unit(&reporter, "potential_bits", capacity.potential_bits);
        return;
    }
    reporter.type = unit != NULL ? arch_unit_core_type.name : arch_window_core_type.name;
    report_unit(&reporter, "axons", capacity.axons);
    report_unit(&reporter, "neurons", capacity.neurons);
    report_unit(&reporter, "potential_bits", capacity.potential_bits);
}

double arch_packet_cores_area(const struct arch_packet_cores_spec *spec, const char **type) {
    const struct arch_core_unit_type *unit = arch_core_unit_of(spec->core.schema);
    const struct arch_window_unit_type *window = arch_window_unit_of(spec->core.schema);
    *type = spec->core.schema->name;
    return unit != NULL ? unit->area(spec->core.spec) : window != NULL ? window->area(spec->core.spec) : 0;
}

/* SPDX-License-Identifier: MIT
 *
 * Assembly of the lanes of a host; see lanes.h.
 */
#include "arch/vector/lanes.h"
#include "sim/kernel/kernel.h"

#include <string.h>

static const struct arch_fixed *fit(const struct arch_lanes_spec *spec, enum arch_scalar function,
                                    struct sim_arena *arena) {
    struct arch_piecewise pieces;
    struct arch_fixed *table = SIM_NEW(arena, struct arch_fixed);
    arch_piecewise_fit(&pieces, function, spec->segments, (enum arch_cut)spec->cut);
    arch_fixed_init(table, &pieces, spec->bits);
    return table;
}

static void prepare_setup(struct arch_lanes_setup *setup, const struct arch_lanes_spec *spec,
                          unsigned functions, const char *path, struct sim_arena *arena) {
    const struct arch_fixed **table = SIM_NEW_ARRAY(arena, const struct arch_fixed *, ARCH_SCALAR_COUNT);
    if (functions == 0)
        functions = spec->function == ARCH_LANES_SOFTMAX
                        ? 1u << ARCH_SCALAR_EXP | 1u << ARCH_SCALAR_RECIPROCAL
                        : 1u << spec->function;
    *setup = (struct arch_lanes_setup){
        .cores = spec->cores,
        .lanes = spec->lanes,
        .queue = spec->queue,
        .bits = spec->bits,
        .segments = spec->segments,
        .clock_hz = spec->clock_hz,
        .core_m = spec->core_m,
        .lane_m = spec->lane_m,
        .table = table,
        .path = path,
    };
    for (uint32_t f = 0; f < ARCH_SCALAR_COUNT; f++)
        if (functions >> f & 1) {
            table[setup->functions] = fit(spec, (enum arch_scalar)f, arena);
            setup->place[f] = setup->functions++;
        }
}

static void prepare_host(struct arch_lanes *lanes, struct sim_arena *arena) {
    struct arch_lanes_host *host = &lanes->host;
    const struct arch_lanes_setup *setup = &lanes->setup;
    host->setup = setup;
    host->ratio = lanes->ratio;
    host->port = SIM_NEW_ARRAY(arena, struct arch_lanes_port, setup->cores);
    host->answered = SIM_NEW_ARRAY(arena, uint32_t, setup->cores);
    host->shown = SIM_NEW_ARRAY(arena, sim_cycle, setup->queue);
    for (uint32_t core = 0; core < setup->cores; core++) {
        arch_lanes_requests_init(&host->port[core].request, lanes->ratio, setup->queue, arena);
        arch_lanes_results_init(&host->port[core].result, lanes->ratio, setup->queue, arena);
    }
}

struct arch_lanes *arch_lanes_build(const struct arch_lanes_spec *spec, uint32_t which, unsigned functions,
                                    const char *path, struct sim_kernel *kernel, struct sim_err *err) {
    struct arch_lanes *lanes = SIM_NEW(kernel->arena, struct arch_lanes);
    assert(which < spec->approximators);
    lanes->spec = spec;
    lanes->type = arch_approximator_of(spec->approximator[which].schema);
    lanes->approximator = spec->approximator[which].spec;
    lanes->ratio = lanes->type->ratio(lanes->approximator);
    prepare_setup(&lanes->setup, spec, functions, path, kernel->arena);
    prepare_host(lanes, kernel->arena);
    sim_kernel_add(kernel, &lanes->host.base, &arch_lanes_host_type,
                   sim_arena_format(kernel->arena, "%s.host", path));
    bool built = lanes->type->build(lanes->approximator, &lanes->setup, lanes->host.port, lanes->host.base.id,
                                    &lanes->host.order, kernel, err);
    for (uint32_t id = lanes->host.base.id; id < kernel->components; id++)
        lanes->components += kernel->component[id]->type == lanes->type->schema->types[0];
    return built ? lanes : NULL;
}

void arch_lanes_begin(struct arch_lanes *lanes, const struct arch_lanes_job *job, struct sim_kernel *kernel) {
    struct arch_lanes_host *host = &lanes->host;
    assert(host->ended == host->job.waves);
    host->base_wave += host->job.waves;
    host->job.waves = job->waves; /* one by one: copied padding would differ from run to run */
    host->job.function = job->function;
    host->job.x = job->x;
    host->job.y = job->y;
    host->job.elements = job->elements;
    host->begun = host->ended = 0;
    host->latency_first = host->latency_most = host->latency_sum = 0;
    memset(host->answered, 0, lanes->setup.cores * sizeof *host->answered);
    for (uint32_t wave = 0; wave < job->waves; wave++)
        sim_open(&host->base);
    sim_kernel_poke(kernel, host->base.id);
}

double arch_lanes_total_area(const struct arch_lanes *lanes) {
    return lanes->type->area(lanes->approximator, &lanes->setup);
}

/* Leakage goes with area; it is charged to the lanes or the unit, in equal shares. */
void arch_lanes_parameters(const struct arch_lanes *lanes,
                           void (*report)(void *user, const char *type, const char *name, double value),
                           void *user) {
    const struct sim_type *type = lanes->type->schema->types[0];
    report(user, type->name, "area_um2", arch_lanes_total_area(lanes) * 1e12 / lanes->components);
    report(user, type->name, "bits", lanes->setup.bits);
    report(user, type->name, "bits_squared", (double)lanes->setup.bits * lanes->setup.bits);
    report(user, type->name, "table_rows", lanes->setup.segments);
}

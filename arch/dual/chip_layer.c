/* SPDX-License-Identifier: MIT
 *
 * The bench for synthetic layers; see chip_layer.h.
 */
#include "arch/dual/chip_layer.h"

#include <string.h>

const struct sim_type *const arch_dual_types[ARCH_DUAL_TYPE_COUNT] = {
    [ARCH_DUAL_TYPE_CORE] = &arch_dual_core_type,
    [ARCH_DUAL_TYPE_HOST] = &arch_dual_host_type,
    [ARCH_DUAL_TYPE_EVENT_ROUTER] = &noc_event_router_type,
    [ARCH_DUAL_TYPE_FRAME_ROUTER] = &noc_frame_router_type,
    [ARCH_DUAL_TYPE_BARRIER] = &arch_barrier_type,
};

_Static_assert((int)ARCH_DUAL_CORE_EVENT_COUNT <= (int)ARCH_DUAL_EVENTS_MAX, "events of a core");

void arch_dual_bench_open(struct arch_dual_bench *bench, const struct arch_dual_layer *layer,
                          const struct arch_dual_chip_spec *spec) {
    static const struct sim_kernel_spec kernel = {.order = SIM_ORDER_SPARSE};
    memset(bench, 0, sizeof *bench);
    bench->timesteps = layer->timesteps;
    sim_arena_init(&bench->arena);
    sim_kernel_init(&bench->kernel, &kernel, &bench->arena);
    bench->plan = arch_dual_layer_plan(layer, spec, &bench->arena, &bench->activity);
    arch_dual_system_build(&bench->system, spec, bench->plan, &bench->kernel);
    sim_kernel_start(&bench->kernel);
}

void arch_dual_bench_close(struct arch_dual_bench *bench) { sim_arena_release(&bench->arena); }

static void add_counts(const struct arch_dual_bench *bench, struct arch_dual_outcome *outcome,
                       bool subtract) {
    for (uint32_t id = 0; id < bench->kernel.components; id++) {
        const struct sim_component *component = bench->kernel.component[id];
        for (int type = 0; type < ARCH_DUAL_TYPE_COUNT; type++)
            for (uint32_t i = 0; component->type == arch_dual_types[type] && i < component->type->event_count;
                 i++)
                outcome->count[type][i] += subtract ? -component->count[i] : component->count[i];
    }
}

static void set_movement(struct arch_dual_plan *plan, int movement) {
    for (uint32_t i = 0; i < plan->hosts; i++)
        for (uint32_t k = 0; k < plan->host[i].targets; k++)
            plan->host[i].target[k].movement = movement;
}

bool arch_dual_bench_run(struct arch_dual_bench *bench, int mode, int movement,
                         const struct arch_dual_costs *costs, struct arch_dual_outcome *outcome) {
    struct sim_kernel *kernel = &bench->kernel;
    sim_cycle before = kernel->now;
    memset(outcome, 0, sizeof *outcome);
    add_counts(bench, outcome, true);
    set_movement(bench->plan, movement);
    arch_dual_system_execute(&bench->system, mode, bench->timesteps, costs);
    arch_dual_system_begin(&bench->system, kernel, bench->activity.train);
    if (sim_kernel_run(kernel, SIM_NEVER) != SIM_STOP_FINISHED)
        return false;
    sim_kernel_settle(kernel);
    add_counts(bench, outcome, false);
    outcome->cycles = kernel->now - before;
    outcome->outputs = outcome->count[ARCH_DUAL_TYPE_CORE][ARCH_DUAL_CORE_FIRE];
    for (uint32_t i = 0; mode == ARCH_DUAL_QNN && i < bench->plan->cores; i++)
        for (uint32_t n = 0; n < bench->plan->core[i].load.neurons && !bench->plan->core[i].load.partial; n++)
            outcome->outputs += bench->system.core[i].output[n];
    return true;
}

/* SPDX-License-Identifier: MIT
 *
 * Hosts' work done by hardware; see unit.h.
 */
#include "arch/host/unit.h"

#include "sim/kernel/kernel.h"

#include <string.h>

static void demand(const struct sim_graph *graph, uint64_t evaluations[ARCH_SCALAR_COUNT]) {
    for (uint32_t id = 0; id < graph->layers; id++)
        if (graph->layer[id].host != NULL)
            arch_host_evaluations(graph->layer[id].host, graph->tokens, evaluations);
}

unsigned arch_host_unit_functions(const struct sim_graph *graph) {
    uint64_t evaluations[ARCH_SCALAR_COUNT] = {0};
    unsigned set = 0;
    demand(graph, evaluations);
    for (uint32_t f = 0; f < ARCH_SCALAR_COUNT; f++)
        set |= (unsigned)(evaluations[f] > 0) << f;
    return set;
}

void arch_host_unit_build(struct arch_host_unit *unit, const struct arch_vector_unit_spec *spec,
                          struct arch_sequence *sequence, struct arch_lanes *lanes, const char *path,
                          struct sim_kernel *kernel) {
    uint64_t evaluations[ARCH_SCALAR_COUNT] = {0};
    size_t vector = (size_t)lanes->setup.cores * lanes->setup.lanes, waves = 0;
    demand(sequence->graph, evaluations);
    for (uint32_t f = 0; f < ARCH_SCALAR_COUNT; f++)
        waves += (evaluations[f] + vector - 1) / vector;
    unit->spec = spec;
    unit->sequence = sequence;
    unit->lanes = lanes;
    unit->function = SIM_NEW_ARRAY(kernel->arena, uint32_t, waves);
    unit->elements = SIM_NEW_ARRAY(kernel->arena, uint32_t, waves);
    unit->x = SIM_NEW_ARRAY(kernel->arena, int32_t, waves * vector);
    sim_kernel_add(kernel, &unit->base, &arch_host_unit_type, path);
}

/* ---- the next window ---------------------------------------------------------------------------- */

static bool begin_lanes(struct arch_host_unit *unit, struct sim_kernel *kernel) {
    const struct arch_lanes_setup *setup = &unit->lanes->setup;
    uint64_t vector = (uint64_t)setup->cores * setup->lanes;
    struct arch_lanes_job job = {0, unit->function, unit->x, NULL, unit->elements};
    for (uint32_t f = 0; f < ARCH_SCALAR_COUNT; f++)
        for (uint64_t left = unit->sequence->evaluations[f], n; left > 0; left -= n, job.waves++) {
            n = left < vector ? left : vector;
            unit->function[job.waves] = setup->place[f];
            unit->elements[job.waves] = (uint32_t)n;
        }
    if (job.waves > 0)
        arch_lanes_begin(unit->lanes, &job, kernel);
    return job.waves > 0;
}

static bool begin_unit(struct arch_host_unit *unit, struct sim_kernel *kernel) {
    const uint64_t *work = unit->sequence->work, *operated = unit->sequence->operated;
    uint64_t sums = work[ARCH_HOST_MULTIPLY_ADD] + operated[ARCH_HOST_MULTIPLY_ADD];
    memset(unit->work, 0, sizeof unit->work);
    unit->work[ARCH_WORK_additions] = unit->work[ARCH_WORK_reads] = sums;
    unit->work[ARCH_WORK_multiplications] = sums + work[ARCH_HOST_DIVISION];
    unit->work[ARCH_WORK_functions] = operated[ARCH_HOST_FUNCTION];
    unit->work[ARCH_WORK_divisions] = operated[ARCH_HOST_DIVISION];
    unit->work[ARCH_WORK_roots] = operated[ARCH_HOST_ROOT];
    unit->work[ARCH_WORK_shifts] = operated[ARCH_HOST_SHIFT];
    unit->work[ARCH_WORK_writes] = unit->sequence->values;
    if (unit->sequence->values == 0)
        return false;
    unit->busy = true;
    unit->until = SIM_NEVER;
    sim_open(&unit->base);
    sim_kernel_poke(kernel, unit->base.id);
    return true;
}

bool arch_host_unit_resume(struct arch_host_unit *unit, struct sim_kernel *kernel) {
    if (unit->phase == 0) {
        if (!arch_sequence_advance(unit->sequence, kernel->now))
            return false;
        unit->phase = 1;
        if (begin_unit(unit, kernel))
            return true;
    }
    if (unit->phase == 1) {
        unit->phase = 2;
        if (begin_lanes(unit, kernel))
            return true;
    }
    unit->phase = 0;
    return false;
}

/* ---- the unit ----------------------------------------------------------------------------------- */

static sim_cycle step(void *self, sim_cycle now) {
    struct arch_host_unit *unit = self;
    if (!unit->busy)
        return SIM_NEVER;
    if (unit->until == SIM_NEVER) {
        uint64_t cycles = arch_vector_unit_cycles(unit->spec, unit->work);
        unit->until = now + (cycles > 0 ? cycles : 1);
        for (uint32_t kind = 0; kind < ARCH_WORK_COUNT; kind++)
            sim_count(&unit->base, kind, unit->work[kind], now, cycles);
    }
    if (now < unit->until)
        return unit->until;
    unit->busy = false;
    sim_finish(&unit->base);
    return SIM_NEVER;
}

static void explain(const void *self, sim_cycle now, FILE *out) {
    const struct arch_host_unit *unit = self;
    (void)now;
    if (unit->busy)
        fprintf(out, "%s: works until %llu\n", unit->base.path, (unsigned long long)unit->until);
}

static const struct sim_event events[] = {ARCH_HOST_UNIT_EVENTS(SIM_EVENT_ROW)};

const struct sim_type arch_host_unit_type = {
    .name = "arch.host_unit",
    .help = "vector unit that computes what hosts do between token windows",
    .events = events,
    .event_count = ARCH_WORK_COUNT,
    .step = step,
    .explain = explain,
};

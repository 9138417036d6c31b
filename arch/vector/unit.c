/* SPDX-License-Identifier: MIT
 *
 * Vector unit shared by all cores; see unit.h.
 */
#include "arch/vector/unit.h"

#include "arch/vector/fixed_point.h"

#include <math.h>

#define CYCLES(field, fallback, help)                                                                        \
    SIM_PARAM_UINT(struct arch_vector_unit_spec, field, 0, 1000, fallback, help)

static const struct sim_param params[] = {
    SIM_PARAM_UINT(struct arch_vector_unit_spec, lanes, 1, 65536, "16", "elements at a time"),
    CYCLES(additions, "1", "cycles of an addition"),
    CYCLES(comparisons, "1", "cycles of a comparison"),
    CYCLES(shifts, "1", "cycles of a shift"),
    CYCLES(encodes, "1", "cycles of a leading-one detection"),
    CYCLES(multiplications, "1", "cycles of a multiplication"),
    CYCLES(divisions, "16", "cycles of a division"),
    CYCLES(roots, "16", "cycles of a square root"),
    CYCLES(functions, "8", "cycles of an exponential or error function"),
    CYCLES(lookups, "1", "cycles of a look-up"),
    CYCLES(reductions, "0", "cycles of a reduction beside its tree of ceil(log2 lanes)"),
    CYCLES(reads, "0", "cycles of reading an element"),
    CYCLES(writes, "0", "cycles of writing an element"),
    SIM_PARAM_QUANTITY(struct arch_vector_unit_spec, lane_m2, "lane_area", SIM_UNIT_SQUARE_METRE, 0, 1e-3,
                       "0 m2", "area of a lane"),
};

static const struct sim_event events[] = {ARCH_VECTOR_UNIT_EVENTS(SIM_EVENT_ROW)};

static const struct sim_type *const types[] = {&arch_vector_unit_type, NULL};

const struct sim_schema arch_vector_unit_schema = {
    .name = "arch.vector_unit",
    .role = ARCH_APPROXIMATOR_ROLE,
    .help = "Vector unit that all cores share: exact functions and operators on rows.",
    .size = sizeof(struct arch_vector_unit_spec),
    SIM_SCHEMA_PARAMS(params),
    .types = types,
};

uint64_t arch_vector_unit_cycles(const struct arch_vector_unit_spec *spec, const uint64_t *work) {
    uint64_t cycles = 0;
#define ADD(name, help) cycles += (work[ARCH_WORK_##name] + spec->lanes - 1) / spec->lanes * spec->name;
    ARCH_WORK(ADD)
#undef ADD
    return cycles + work[ARCH_WORK_reductions] * (uint64_t)arch_log2_ceil(spec->lanes);
}

/* What one vector takes: the function, and a multiplication by the scale of its result. */
static void work_of(uint32_t elements, uint64_t *work) {
    work[ARCH_WORK_functions] = work[ARCH_WORK_multiplications] = elements;
    work[ARCH_WORK_reads] = work[ARCH_WORK_writes] = elements;
}

static uint64_t distance_um(const struct arch_lanes_setup *setup, uint32_t core) {
    return (uint64_t)llround(fabs(core - (setup->cores - 1) / 2.0) * setup->core_m * 1e6);
}

static void start(struct arch_vector_unit *unit, uint32_t core, const struct arch_lanes_request *request,
                  sim_cycle now) {
    const struct arch_lanes_setup *setup = unit->setup;
    uint64_t work[ARCH_WORK_COUNT] = {0};
    work_of(request->elements, work);
    uint64_t cycles = arch_vector_unit_cycles(unit->spec, work);
    unit->current = *request;
    unit->core = core;
    unit->turn = core + 1 == setup->cores ? 0 : core + 1;
    unit->busy = true;
    unit->until = now + (cycles > 0 ? cycles : 1);
    arch_lanes_requests_take(&unit->port[core].request);
    for (uint32_t kind = 0; kind < ARCH_WORK_COUNT; kind++)
        sim_count(&unit->base, kind, work[kind], now, cycles);
    sim_count(&unit->base, ARCH_VECTOR_UNIT_EVENT_vectors, 1, now, cycles);
    sim_count(&unit->base, ARCH_VECTOR_UNIT_EVENT_results, request->elements, now, cycles);
    sim_count(&unit->base, ARCH_VECTOR_UNIT_EVENT_transfer_bit_um,
              2 * (uint64_t)request->elements * setup->bits * distance_um(setup, core), now, cycles);
}

static void finish(struct arch_vector_unit *unit, sim_cycle now) {
    const struct arch_lanes_setup *setup = unit->setup;
    const struct arch_fixed *table = setup->table[unit->current.function];
    int32_t *y = unit->y +
                 ((size_t)unit->core * setup->queue + unit->current.wave % setup->queue) * setup->lanes;
    for (uint32_t lane = 0; lane < unit->current.elements; lane++) {
        double x = ldexp(arch_fixed_clamp(table, unit->current.x[lane]), -table->x_fraction);
        y[lane] = arch_saturate(llround(ldexp(table->function->value(x), table->y_fraction)), setup->bits);
    }
    arch_lanes_results_send(&unit->port[unit->core].result, now,
                            (struct arch_lanes_result){unit->current.wave, 0, y});
    unit->busy = false;
}

/* Round robin over the cores, from the one after the last served. */
static void choose(struct arch_vector_unit *unit, sim_cycle now) {
    uint32_t cores = unit->setup->cores;
    for (uint32_t i = 0; i < cores; i++) {
        uint32_t core = unit->turn + i < cores ? unit->turn + i : unit->turn + i - cores;
        const struct arch_lanes_request *request = arch_lanes_requests_peek(&unit->port[core].request, now);
        if (request != NULL) {
            start(unit, core, request, now);
            return;
        }
    }
}

static sim_cycle step(void *self, sim_cycle now) {
    struct arch_vector_unit *unit = self;
    if (unit->busy && unit->until == now)
        finish(unit, now);
    if (!unit->busy)
        choose(unit, now);
    return unit->busy ? unit->until : SIM_NEVER;
}

static void explain(const void *self, sim_cycle now, FILE *out) {
    const struct arch_vector_unit *unit = self;
    (void)now;
    if (unit->busy)
        fprintf(out, "%s: works for core %u until %llu\n", unit->base.path, unit->core,
                (unsigned long long)unit->until);
}

const struct sim_type arch_vector_unit_type = {
    .name = "arch.vector_unit",
    .help = "Vector unit that all cores share.",
    .events = events,
    .event_count = ARCH_VECTOR_UNIT_EVENT_COUNT,
    .step = step,
    .explain = explain,
};

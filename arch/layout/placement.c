/* SPDX-License-Identifier: MIT
 *
 * Placement problems: how they are made, and the choice of strategy; see placement.h.
 */
#include "arch/layout/placement.h"

#include <string.h>

const char *const arch_placement_names[ARCH_PLACEMENT_COUNT + 1] = {"order", "serpentine", "hilbert",
                                                                    "greedy", "anneal"};

static const struct sim_param params[] = {
    SIM_PARAM_CHOICE(struct arch_placement_spec, strategy, arch_placement_names, "order",
                     "the chip's own order, a snake, Hilbert's curve, greedy, or simulated annealing"),
    SIM_PARAM_UINT64(struct arch_placement_spec, seed, 0, 9007199254740992.0, "1", "of the annealing"),
    SIM_PARAM_UINT(struct arch_placement_spec, moves, 1, 1000000, "1000",
                   "of the annealing: moves tried for each core"),
    SIM_PARAM_QUANTITY(struct arch_placement_spec, time_s, "time", SIM_UNIT_SECOND, 0.001, 1e6, "300 s",
                       "of the annealing: processor time after which it ends early, reproducible no more"),
    SIM_PARAM_REAL(struct arch_placement_spec, rate, 0, 1, "0.1",
                   "expected spikes of a neuron in a timestep, for layers of which the trace has none"),
};

const struct sim_schema arch_placement_schema = {
    .name = "arch.placement",
    .help = "How cores are placed on the mesh so that spikes travel few hops. Any placement gives the same "
            "spikes.",
    .size = sizeof(struct arch_placement_spec),
    SIM_SCHEMA_PARAMS(params),
};

double arch_placement_rate(const struct arch_placement_spec *spec, const struct sim_layer *layer) {
    return layer->recorded ? layer->rate : spec->rate;
}

void arch_placement_init(struct arch_placement_problem *problem, uint32_t rows, uint32_t cols,
                         uint32_t per_site, uint32_t sites, uint32_t items, struct sim_arena *arena) {
    *problem = (struct arch_placement_problem){
        .arena = arena, .rows = rows, .cols = cols, .sites = sites, .items = items};
    problem->site = SIM_NEW_ARRAY(arena, struct arch_placement_site, sites);
    problem->chain = SIM_NEW_ARRAY(arena, uint32_t, items);
    for (uint32_t i = 0; i < sites; i++)
        problem->site[i] = (struct arch_placement_site){i / per_site / cols, i / per_site % cols};
    for (uint32_t i = 0; i < items; i++)
        problem->chain[i] = i;
}

/* Room for one more. */
static void *grown(struct sim_arena *arena, void *array, uint32_t count, uint32_t *capacity, size_t size) {
    if (count < *capacity)
        return array;
    *capacity = *capacity == 0 ? 256 : 2 * *capacity;
    void *larger = sim_arena_alloc(arena, *capacity, size);
    if (count > 0)
        memcpy(larger, array, count * size);
    return larger;
}

void arch_placement_net(struct arch_placement_problem *p, uint32_t source, double weight, bool tree) {
    p->net = grown(p->arena, p->net, p->nets, &p->net_capacity, sizeof *p->net);
    p->net[p->nets++] = (struct arch_placement_net){source, p->pins, 0, weight, tree};
}

void arch_placement_pin(struct arch_placement_problem *p, uint32_t pin) {
    p->pin = grown(p->arena, p->pin, p->pins, &p->pin_capacity, sizeof *p->pin);
    p->pin[p->pins++] = pin;
    p->net[p->nets - 1].pins++;
}

static void copy(struct arch_placement *to, const struct arch_placement *from, uint32_t items) {
    memcpy(to->site, from->site, items * sizeof *to->site);
    memcpy(to->item, from->item, items * sizeof *to->item);
}

static void follow(const struct arch_placement_problem *problem, int strategy,
                   struct arch_placement *placed) {
    if (strategy == ARCH_PLACEMENT_GREEDY)
        arch_placement_greedy(problem, placed);
    else
        arch_placement_curve(problem, strategy == ARCH_PLACEMENT_HILBERT, placed);
}

/* The cheapest of what the strategies before annealing give. */
static void best_start(const struct arch_placement_problem *problem, struct arch_placement *placed) {
    struct sim_arena scratch;
    sim_arena_init(&scratch);
    struct arch_placement other = {SIM_NEW_ARRAY(&scratch, uint32_t, problem->items),
                                   SIM_NEW_ARRAY(&scratch, uint32_t, problem->items)};
    double least = arch_placement_cost(problem, placed);
    for (int strategy = ARCH_PLACEMENT_SERPENTINE; strategy < ARCH_PLACEMENT_ANNEAL; strategy++) {
        copy(&other, placed, problem->items);
        follow(problem, strategy, &other);
        double cost = arch_placement_cost(problem, &other);
        if (cost >= least)
            continue;
        least = cost;
        copy(placed, &other, problem->items);
    }
    sim_arena_release(&scratch);
}

void arch_placement_solve(const struct arch_placement_problem *problem,
                          const struct arch_placement_spec *spec, struct arch_placement *placed,
                          struct arch_placement_report *report) {
    *report = (struct arch_placement_report){.strategy = spec->strategy,
                                             .before = arch_placement_cost(problem, placed)};
    if (spec->strategy == ARCH_PLACEMENT_ANNEAL) {
        best_start(problem, placed);
        arch_placement_anneal(problem, spec, placed, report);
    } else if (spec->strategy != ARCH_PLACEMENT_ORDER) {
        follow(problem, spec->strategy, placed);
    }
    report->after = arch_placement_cost(problem, placed);
}

/* SPDX-License-Identifier: MIT
 *
 * Placement of a network on a dual chip as a problem of arch/layout/placement.h; see map.h.
 *
 * Terminals keep their numbers, cores change their tiles. The weight of a net is the copies of spikes that
 * are expected to be sent in a timestep, as events; a partial sum of a neuron is one. (Bitmaps and
 * activations of the quantised network go the same ways.) The host stays at tile [0][0].
 */
#include "arch/dual/map.h"

static double copies_of(const struct arch_stream_target *target) {
    if (target->copies_before != NULL)
        return (double)(target->copies_before[target->count] - target->copies_before[0]);
    return (double)target->count * target->copies;
}

static void add_net(const struct arch_dual_plan *plan, struct arch_placement_problem *problem,
                    uint32_t source, const struct arch_stream_target *target, double rate) {
    arch_placement_net(problem, source, rate * copies_of(target), false);
    arch_placement_pin(problem, target->terminal < plan->hosts
                                    ? ARCH_PIN_FIXED(problem, target->terminal)
                                    : ARCH_PIN_ITEM(target->terminal - plan->hosts));
}

/* The input layer whose neurons a target of the host takes. */
static const struct sim_layer *fed_layer(const struct arch_dual_origin *host, const struct sim_graph *graph,
                                         uint32_t first) {
    uint32_t feed = 0;
    while (feed + 1 < host->feeds && host->feed[feed + 1].base <= first)
        feed++;
    return &graph->layer[host->feed[feed].layer];
}

static void list_nets(const struct arch_dual_plan *plan, const struct arch_placement_spec *spec,
                      const struct sim_graph *graph, struct arch_placement_problem *problem) {
    problem->fixed = SIM_NEW_ARRAY(problem->arena, struct arch_placement_site, plan->hosts);
    problem->fixed_count = plan->hosts;
    for (uint32_t h = 0; h < plan->hosts; h++)
        for (uint32_t i = 0; i < plan->host[h].targets; i++)
            add_net(plan, problem, ARCH_PIN_FIXED(problem, h), &plan->host[h].target[i],
                    arch_placement_rate(spec,
                                        fed_layer(&plan->host[h], graph, plan->host[h].target[i].first)));
    for (uint32_t core = 0; core < plan->cores; core++) {
        const struct arch_dual_share *share = &plan->core[core];
        double rate = share->load.partial ? 1 : arch_placement_rate(spec, &graph->layer[share->layer]);
        for (uint32_t i = 0; i < share->targets; i++)
            add_net(plan, problem, ARCH_PIN_ITEM(core), &share->target[i], rate);
    }
}

void arch_dual_place(struct arch_dual_plan *plan, const struct arch_dual_chip_spec *spec,
                     const struct sim_graph *graph) {
    struct sim_arena scratch;
    struct arch_placement_problem problem;
    sim_arena_init(&scratch);
    arch_placement_init(&problem, plan->rows, plan->cols, spec->cores_per_tile, plan->cores, plan->cores,
                        &scratch);
    list_nets(plan, &spec->placement, graph, &problem);
    struct arch_placement placed = {SIM_NEW_ARRAY(&scratch, uint32_t, plan->cores),
                                    SIM_NEW_ARRAY(&scratch, uint32_t, plan->cores)};
    for (uint32_t i = 0; i < plan->cores; i++)
        placed.site[i] = placed.item[i] = i;
    arch_placement_solve(&problem, &spec->placement, &placed, &plan->placed);
    for (uint32_t seat = 0; seat < plan->cores; seat++) {
        struct arch_dual_share *share = &plan->core[placed.item[seat]];
        share->tile = placed.site[seat] / spec->cores_per_tile;
        share->port = placed.site[seat] % spec->cores_per_tile;
    }
    sim_arena_release(&scratch);
}

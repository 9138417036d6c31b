/* SPDX-License-Identifier: MIT
 *
 * Placement of a network on a Shenjing mesh as a problem of arch/layout/placement.h.
 *
 * A core is an item, a group a chain. The spikes of a group leave the last seat as a tree to the cores that
 * read them; each seat sends its partial sums to the next. Any placement can be scheduled in principle, as
 * partial sums pass tiles that they have no business with; chains that are not neighbours cost hops of many
 * bits, so that they become neighbours. Weights are bits: a spike is one, a partial sum has ps_bits.
 */
#include "arch/shenjing/mapping.h"

#include <stdlib.h>
#include <string.h>

static uint32_t hops_between(const struct arch_mapping *map, uint32_t a, uint32_t b) {
    return (uint32_t)(abs((int)(a / map->cols) - (int)(b / map->cols)) +
                      abs((int)(a % map->cols) - (int)(b % map->cols)));
}

static double expected_spikes(const struct arch_mapping *map, const struct arch_group *group) {
    return group->neurons * arch_placement_rate(&map->placement, &map->graph->layer[group->layer]);
}

struct arch_hops arch_expected_hops(const struct arch_mapping *map) {
    struct arch_hops hops = {0, 0};
    for (uint32_t g = 0; g < map->groups; g++) {
        const struct arch_group *group = &map->group[g];
        const struct arch_core *core = &map->core[group->first_core];
        hops.spikes += expected_spikes(map, group) * (group->nodes - 1);
        for (uint32_t k = 1; k < group->cores; k++)
            hops.sums += (double)group->neurons * hops_between(map, core[k - 1].tile, core[k].tile);
    }
    return hops;
}

static void list_nets(const struct arch_mapping *map, struct arch_placement_problem *problem) {
    for (uint32_t g = 0; g < map->groups; g++) {
        const struct arch_group *group = &map->group[g];
        for (uint32_t k = 0; k < group->cores; k++)
            problem->chain[group->first_core + k] = group->first_core;
        for (uint32_t k = 1; k < group->cores; k++) {
            uint32_t seat = group->first_core + k;
            arch_placement_net(problem, ARCH_PIN_SEAT(problem, seat - 1),
                               (double)group->neurons * map->ps_bits, false);
            arch_placement_pin(problem, ARCH_PIN_SEAT(problem, seat));
        }
        if (group->readers == 0)
            continue;
        arch_placement_net(problem, ARCH_PIN_SEAT(problem, arch_root(group)), expected_spikes(map, group),
                           true);
        for (uint32_t i = 0; i < group->readers; i++)
            arch_placement_pin(problem, ARCH_PIN_ITEM(map->reader[group->first_reader + i]));
    }
}

/* Cores become those of their seats. */
static void seat_cores(struct arch_mapping *map, const struct arch_placement *placed,
                       struct sim_arena *scratch) {
    struct arch_core *core = SIM_NEW_ARRAY(scratch, struct arch_core, map->cores);
    memcpy(core, map->core, map->cores * sizeof *core);
    for (uint32_t tile = 0; tile < map->rows * map->cols; tile++)
        map->tile[tile] = (struct arch_tile_plan){.core = ARCH_NOBODY};
    for (uint32_t seat = 0; seat < map->cores; seat++) {
        uint32_t tile = placed->site[seat];
        map->core[seat] = core[placed->item[seat]];
        map->core[seat].tile = tile;
        map->tile[tile].core = seat;
        map->tile[tile].used = true;
    }
}

void arch_place_search(struct arch_mapping *map) {
    struct sim_arena scratch;
    struct arch_placement_problem problem;
    sim_arena_init(&scratch);
    arch_placement_init(&problem, map->rows, map->cols, 1, map->rows * map->cols, map->cores, &scratch);
    list_nets(map, &problem);
    struct arch_placement placed = {SIM_NEW_ARRAY(&scratch, uint32_t, map->cores),
                                    SIM_NEW_ARRAY(&scratch, uint32_t, map->cores)};
    for (uint32_t core = 0; core < map->cores; core++) {
        placed.site[core] = map->core[core].tile;
        placed.item[core] = core;
    }
    arch_placement_solve(&problem, &map->placement, &placed, &map->placed);
    seat_cores(map, &placed, &scratch);
    sim_arena_release(&scratch);
}

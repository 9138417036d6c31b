/* SPDX-License-Identifier: MIT
 *
 * Placement of a network on a packet chip as a problem of arch/layout/placement.h; see map.h.
 *
 * Terminals change hands, so that a core's number is where it stands. What is sent to whom is known once
 * the cores are connected in their own order; after a change they are connected once more. The weight of a
 * net is the packets that are expected in a timestep, if each carries one spike. A partial sum is one packet
 * for each neuron.
 */
#include "arch/packet/connect.h"

#include <string.h>

static uint32_t pin_of(const struct arch_packet_map *map, const struct arch_placement_problem *problem,
                       uint32_t terminal) {
    return terminal == map->host ? ARCH_PIN_FIXED(problem, 0) : ARCH_PIN_ITEM(terminal);
}

static const struct arch_packet_group *find_group(const struct arch_packet_map *map,
                                                  const struct arch_destination *d) {
    for (uint32_t i = 0; i < map->groups; i++)
        if (map->group[i].network == d->network && (NOC_GROUP | map->group[i].number) == d->terminal)
            return &map->group[i];
    return NULL;
}

/* One net for each destination of a source; partial sums are sent whether they are zero or not. */
static void add_nets(const struct arch_packet_map *map, struct arch_placement_problem *problem,
                     uint32_t layer, uint32_t source, const struct arch_destination *list, uint32_t length) {
    double rate = arch_placement_rate(&map->spec.placement, &map->graph->layer[layer]);
    for (uint32_t i = 0; i < length; i++) {
        const struct arch_destination *d = &list[i];
        const struct arch_packet_group *group = (d->terminal & NOC_GROUP) != 0 ? find_group(map, d) : NULL;
        arch_placement_net(problem, source, d->sum ? d->count : rate * d->count, group != NULL);
        if (group == NULL)
            arch_placement_pin(problem, pin_of(map, problem, d->terminal));
        for (uint32_t k = 0; group != NULL && k < group->members; k++)
            arch_placement_pin(problem, pin_of(map, problem, group->member[k]));
    }
}

static void list_nets(const struct arch_packet_map *map, struct arch_placement_problem *problem) {
    problem->fixed = SIM_NEW(problem->arena, struct arch_placement_site); /* the host, at tile [0][0] */
    problem->fixed_count = 1;
    for (uint32_t i = 0; i < map->cores; i++)
        add_nets(map, problem, map->core[i].layer, ARCH_PIN_ITEM(i), map->core[i].destination,
                 map->core[i].destinations);
    for (uint32_t id = 0; id < map->graph->layers; id++)
        add_nets(map, problem, id, ARCH_PIN_FIXED(problem, 0), map->layer[id].destination,
                 map->layer[id].destinations);
}

/* Cores move to their sites, which are their new numbers. */
static void renumber(struct arch_packet_map *map, const struct arch_placement *placed,
                     struct sim_arena *scratch) {
    struct arch_packet_core *core = SIM_NEW_ARRAY(scratch, struct arch_packet_core, map->cores);
    memcpy(core, map->core, map->cores * sizeof *core);
    for (uint32_t i = 0; i < map->cores; i++) {
        map->core[placed->site[i]] = core[i];
        map->core[placed->site[i]].root = placed->site[core[i].root];
    }
}

bool arch_packet_place(struct arch_packet_map *map, struct sim_err *err) {
    struct sim_arena scratch;
    struct arch_placement_problem problem;
    sim_arena_init(&scratch);
    arch_placement_init(&problem, map->rows, map->cols, map->spec.cores_per_tile, map->cores, map->cores,
                        &scratch);
    list_nets(map, &problem);
    struct arch_placement placed = {SIM_NEW_ARRAY(&scratch, uint32_t, map->cores),
                                    SIM_NEW_ARRAY(&scratch, uint32_t, map->cores)};
    for (uint32_t i = 0; i < map->cores; i++)
        placed.site[i] = placed.item[i] = i;
    arch_placement_solve(&problem, &map->spec.placement, &placed, &map->placed);
    bool sound = true;
    if (map->spec.placement.strategy != ARCH_PLACEMENT_ORDER) {
        renumber(map, &placed, &scratch);
        map->groups = 0;
        sound = arch_packet_connect(map, err);
    }
    sim_arena_release(&scratch);
    return sound;
}

/* SPDX-License-Identifier: MIT
 *
 * The five stages of mapping in order, and the search for the shortest period; see mapping.h.
 */
#include "arch/shenjing/mapping.h"

#define PERIODS_TRIED 4096u
#define PERIODS_CLOSE 32u /* tried one by one; longer ones in steps of 3 % */

uint32_t arch_core_subcores(const struct arch_mapping *map, const struct arch_core *core) {
    bool upper_axons = core->axons > map->core_axons / 2,
         upper_neurons = core->neurons > map->core_neurons / 2;
    return 1u | (upper_neurons ? 2u : 0) | (upper_axons ? 4u : 0) | (upper_axons && upper_neurons ? 8u : 0);
}

uint32_t arch_drain(const struct sim_layer *layer) {
    if (layer->kind != SIM_LAYER_MAXPOOL)
        return 0;
    const struct sim_projection *p = &layer->projection[0];
    uint32_t rows = p->kernel_rows < p->in.rows ? p->kernel_rows : p->in.rows,
             cols = p->kernel_cols < p->in.cols ? p->kernel_cols : p->in.cols;
    return rows * cols - 1;
}

/* Cycles that no schedule can go below: the busiest tile's instruction words and sweep, the longest drain. */
static uint32_t least_period(const struct arch_mapping *map) {
    uint32_t least = map->core_axons / 2 + 2, tiles = map->rows * map->cols;
    struct sim_arena scratch;
    sim_arena_init(&scratch);
    uint32_t *words = SIM_NEW_ARRAY(&scratch, uint32_t, tiles);
    for (uint32_t i = 0; i < map->nodes; i++)
        words[map->node[i].tile] += map->node[i].parent == ARCH_NOBODY
                                        ? 3
                                        : map->node[i].children + (map->node[i].core != ARCH_NOBODY);
    for (uint32_t i = 0; i < map->cores; i++)
        words[map->core[i].tile] += 3;
    for (uint32_t tile = 0; tile < tiles; tile++)
        if (words[tile] > least)
            least = words[tile];
    sim_arena_release(&scratch);
    for (uint32_t id = 0; id < map->graph->layers; id++) {
        uint32_t drain = arch_drain(&map->graph->layer[id]);
        if (drain > 0 && least < drain + 3) /* and FIRE, SEND, REST */
            least = drain + 3;
    }
    return least;
}

static uint32_t longest_chain(const struct arch_mapping *map) {
    uint32_t longest = 0;
    for (uint32_t g = 0; g < map->groups; g++)
        if (map->group[g].cores > longest)
            longest = map->group[g].cores;
    return longest;
}

static bool find_period(struct arch_mapping *map, uint32_t wanted, struct sim_err *err) {
    uint32_t shortest = least_period(map);
    if (wanted != 0) {
        if (wanted >= shortest && arch_schedule(map, wanted, err))
            return true;
        return sim_err_add(
            err, SIM_EXIT_CONFIG, NULL,
            "no conflict-free schedule of %u cycles a timestep (at least %u; period 0 finds the shortest)",
            wanted, shortest);
    }
    uint32_t longest = shortest + PERIODS_TRIED + 3 * longest_chain(map),
             close = map->core_axons / 2 + 2 + PERIODS_CLOSE;
    for (uint32_t period = shortest; period <= longest; period += period < close ? 1 : period / 32)
        if (arch_schedule(map, period, err))
            return true;
    return sim_err_add(
        err, SIM_EXIT_CONFIG, NULL,
        "no conflict-free schedule of at most %u cycles a timestep: a larger mesh would spread the "
        "spike traffic",
        longest);
}

static bool check_thresholds(const struct arch_mapping *map, struct sim_err *err) {
    bool sound = true;
    for (uint32_t id = 0; id < map->graph->layers; id++) {
        const struct sim_layer *layer = &map->graph->layer[id];
        if (!sim_graph_given(map->graph, id) && layer->host == NULL &&
            (layer->threshold < 1 || layer->threshold > INT16_MAX))
            sound = sim_err_add(
                err, SIM_EXIT_CONFIG, NULL,
                "layer %u '%s': threshold %d is outside 1 .. 32767, what a tile's register compares", id,
                layer->name, layer->threshold);
    }
    return sound;
}

struct arch_mapping *arch_map(const struct arch_mapping_spec *spec, const struct sim_graph *graph,
                              struct sim_arena *arena, struct sim_err *err) {
    struct arch_mapping *map = SIM_NEW(arena, struct arch_mapping);
    map->arena = arena;
    map->graph = graph;
    map->rows = spec->rows;
    map->cols = spec->cols;
    map->grow = spec->grow;
    map->core_axons = spec->core_axons;
    map->core_neurons = spec->core_neurons;
    map->imem_words = spec->imem_words;
    map->gap_limit = (1u << spec->gap_bits) - 1;
    map->ps_bits = spec->ps_bits;
    map->split = spec->split;
    map->boundary_cycles = spec->boundary_cycles;
    map->boundary_width = spec->boundary_width;
    map->placement = spec->placement;
    if (!arch_partition(map, err))
        return NULL;
    map->chip_rows = spec->chip_rows == 0 ? map->rows : spec->chip_rows;
    map->chip_cols = spec->chip_cols == 0 ? map->cols : spec->chip_cols;
    if (!check_thresholds(map, err) || !arch_place(map, err) || !arch_route(map, err))
        return NULL;
    map->expected = arch_expected_hops(map);
    if (map->placement.strategy == ARCH_PLACEMENT_ORDER)
        map->ordered = map->expected;
    return find_period(map, spec->period, err) && arch_program(map, err) ? map : NULL;
}

/* SPDX-License-Identifier: MIT
 *
 * The floor plan of a Shenjing chip: tiles by layer, chains of partial sums, spike trees laid over each
 * other.
 */
#include "arch/layout/floor_plan.h"
#include "arch/shenjing/chip.h"
#include "sim/base/number.h"

#define LABELS_MOST 400u /* tiles; more are too small to be read */

static void put_tile(const struct arch_floor_plan *plan, const struct arch_mapping *map, uint32_t position) {
    const struct arch_tile_plan *tile = &map->tile[position];
    struct arch_floor_tile drawn = {
        .row = position / map->cols, .col = position % map->cols, .parts = 1, .layer = -1};
    char tooltip[256], label[16];
    drawn.tooltip = tooltip;
    if (!tile->used)
        return;
    if (tile->core == ARCH_NOBODY) {
        snprintf(tooltip, sizeof tooltip, "tile (%u, %u): only forwards", drawn.row, drawn.col);
        arch_floor_plan_tile(plan, &drawn);
        return;
    }
    const struct arch_core *core = &map->core[tile->core];
    const struct arch_group *group = &map->group[core->group];
    drawn.layer = (int32_t)core->layer;
    drawn.fires = arch_root(group) == tile->core;
    drawn.fed = core->external;
    snprintf(label, sizeof label, "%u", core->group);
    drawn.label = map->rows * map->cols <= LABELS_MOST ? label : NULL;
    snprintf(
        tooltip, sizeof tooltip,
        "tile (%u, %u): layer %u %.40s, group %u, %u neuron%s; %u axon%s of layer %u %.40s; %u of %u words",
        drawn.row, drawn.col, core->layer, map->graph->layer[core->layer].name, core->group, group->neurons,
        sim_plural(group->neurons), core->axons, sim_plural(core->axons), core->source,
        map->graph->layer[core->source].name, tile->words, map->imem_words);
    arch_floor_plan_tile(plan, &drawn);
}

/* Spike vectors on each outgoing link of each tile in a timestep: [tile][port]; returns the most. */
static uint32_t count_vectors(const struct arch_mapping *map, uint32_t *vectors) {
    uint32_t most = 1;
    for (uint32_t i = 0; i < map->nodes; i++) {
        const struct arch_node *node = &map->node[i];
        if (node->parent != ARCH_NOBODY)
            vectors[map->node[node->parent].tile * NOC_PORT_COUNT + noc_port_opposite(node->in)]++;
        if (node->exits)
            vectors[node->tile * NOC_PORT_COUNT + node->exit]++;
    }
    for (uint32_t i = 0; i < map->rows * map->cols * NOC_PORT_COUNT; i++)
        most = vectors[i] > most ? vectors[i] : most;
    return most;
}

static void put_routes(const struct arch_floor_plan *plan, const struct arch_mapping *map) {
    static const int32_t down[NOC_PORT_COUNT] = {-1, 1, 0, 0}, right[NOC_PORT_COUNT] = {0, 0, 1, -1};
    struct sim_arena scratch;
    sim_arena_init(&scratch);
    uint32_t tiles = map->rows * map->cols;
    uint32_t *vectors = SIM_NEW_ARRAY(&scratch, uint32_t, (size_t)tiles * NOC_PORT_COUNT);
    uint32_t most = count_vectors(map, vectors);
    for (uint32_t i = 0; i < tiles * NOC_PORT_COUNT; i++) {
        uint32_t row = i / NOC_PORT_COUNT / map->cols, col = i / NOC_PORT_COUNT % map->cols,
                 port = i % NOC_PORT_COUNT;
        if (vectors[i] > 0)
            arch_floor_plan_route(plan, row, col, (int32_t)row + down[port], (int32_t)col + right[port],
                                  vectors[i], most);
    }
    sim_arena_release(&scratch);
}

static void put_chains(const struct arch_floor_plan *plan, const struct arch_mapping *map) {
    struct sim_arena scratch;
    sim_arena_init(&scratch);
    uint32_t *row = SIM_NEW_ARRAY(&scratch, uint32_t, map->cores),
             *col = SIM_NEW_ARRAY(&scratch, uint32_t, map->cores);
    for (uint32_t g = 0; g < map->groups; g++) {
        const struct arch_group *group = &map->group[g];
        for (uint32_t k = 0; k < group->cores; k++) {
            row[k] = map->core[group->first_core + k].tile / map->cols;
            col[k] = map->core[group->first_core + k].tile % map->cols;
        }
        if (group->cores > 1)
            arch_floor_plan_chain(plan, row, col, group->cores);
    }
    sim_arena_release(&scratch);
}

void arch_shenjing_print_svg(const struct arch_shenjing_chip *chip, FILE *out) {
    const struct arch_mapping *map = chip->map;
    struct sim_arena scratch;
    sim_arena_init(&scratch);
    uint32_t *cores = SIM_NEW_ARRAY(&scratch, uint32_t, map->graph->layers);
    for (uint32_t i = 0; i < map->cores; i++)
        cores[map->core[i].layer]++;
    uint32_t chips = ((map->rows + map->chip_rows - 1) / map->chip_rows) *
                     ((map->cols + map->chip_cols - 1) / map->chip_cols);
    struct arch_floor_plan plan = {
        .out = out,
        .graph = map->graph,
        .rows = map->rows,
        .cols = map->cols,
        .chip_rows = map->chip_rows,
        .chip_cols = map->chip_cols,
        .title = sim_arena_format(&scratch, "Shenjing: %u core%s on %u x %u tiles%s", map->cores,
                                  sim_plural(map->cores), map->rows, map->cols,
                                  chips > 1 ? sim_arena_format(&scratch, ", %u chips", chips) : ""),
        .subtitle = sim_arena_format(
            &scratch, "%u cycles a timestep, latency %u cycles, %u group%s, %u spike hop%s a timestep",
            map->period, map->latency, map->groups, sim_plural(map->groups), map->nodes - map->groups,
            sim_plural(map->nodes - map->groups)),
        .chains = true,
        .routes = true,
    };
    arch_floor_plan_begin(&plan);
    for (uint32_t tile = 0; tile < map->rows * map->cols; tile++)
        put_tile(&plan, map, tile);
    put_routes(&plan, map);
    put_chains(&plan, map);
    arch_floor_plan_end(&plan, cores);
    sim_arena_release(&scratch);
}

/* SPDX-License-Identifier: MIT
 *
 * The floor plan of a packet chip: tiles divided into cores, coloured by layer. (Packets find their own way,
 * so there are no routes to draw.)
 */
#include "arch/layout/floor_plan.h"
#include "arch/packet/chip.h"
#include "sim/base/number.h"

static void put_core(const struct arch_floor_plan *plan, const struct arch_packet_chip *chip,
                     uint32_t number) {
    const struct arch_packet_map *map = chip->map;
    const struct arch_packet_core *core = &map->core[number];
    uint32_t tile = number / chip->spec->cores_per_tile, copies = 0;
    bool fed = false;
    char tooltip[256];
    for (uint32_t i = 0; i < core->inputs; i++)
        fed |= sim_layer_outside(&map->graph->layer[core->input[i].source]);
    for (uint32_t d = 0; d < core->destinations; d++)
        copies += core->destination[d].copies;
    snprintf(
        tooltip, sizeof tooltip,
        "core %u: layer %u %.40s, %u neuron%s, %u axon%s of %u operand%s; a spike goes to at most %u core%s",
        number, core->layer, map->graph->layer[core->layer].name, core->neurons, sim_plural(core->neurons),
        core->axons, sim_plural(core->axons), core->inputs, sim_plural(core->inputs), copies,
        sim_plural(copies));
    struct arch_floor_tile drawn = {.row = tile / map->cols,
                                    .col = tile % map->cols,
                                    .part = number % chip->spec->cores_per_tile,
                                    .parts = chip->spec->cores_per_tile,
                                    .layer = (int32_t)core->layer,
                                    .fires = core->root == number && chip->spec->cores_per_tile <= 2,
                                    .fed = fed && chip->spec->cores_per_tile <= 2,
                                    .tooltip = tooltip};
    arch_floor_plan_tile(plan, &drawn);
}

void arch_packet_print_svg(const struct arch_packet_chip *chip, FILE *out) {
    const struct arch_packet_map *map = chip->map;
    struct sim_arena scratch;
    sim_arena_init(&scratch);
    uint32_t *cores = SIM_NEW_ARRAY(&scratch, uint32_t, map->graph->layers);
    for (uint32_t i = 0; i < map->cores; i++)
        cores[map->core[i].layer]++;
    struct arch_floor_plan plan = {
        .out = out,
        .graph = map->graph,
        .rows = map->rows,
        .cols = map->cols,
        .chip_rows = map->rows,
        .chip_cols = map->cols,
        .title = sim_arena_format(&scratch, "%u core%s on %u of %u tile%s", map->cores,
                                  sim_plural(map->cores), chip->base.tiles_used, chip->base.tiles,
                                  sim_plural(chip->base.tiles)),
        .subtitle = sim_arena_format(&scratch, "an output comes %u timestep%s after its input", map->latency,
                                     sim_plural(map->latency)),
    };
    arch_floor_plan_begin(&plan);
    for (uint32_t core = 0; core < map->cores; core++)
        put_core(&plan, chip, core);
    arch_floor_plan_end(&plan, cores);
    sim_arena_release(&scratch);
}

/* SPDX-License-Identifier: MIT
 *
 * Weights that a Shenjing chip's host writes; see load.h.
 */
#include "arch/shenjing/load.h"

#define START_CYCLES 2u /* of LD_WT, besides a cycle for each row */

void arch_shenjing_load_prepare(struct arch_shenjing_chip *chip, struct sim_arena *arena) {
    const struct sim_graph *graph = chip->map->graph;
    for (uint32_t id = 0; id < graph->layers; id++)
        if (graph->layer[id].kind == SIM_LAYER_PRODUCT && !graph->replayed)
            arch_sequence_keep(&chip->sequence, graph->layer[id].operand[1], arena);
}

/* A place on the grid of heads. */
struct place {
    uint32_t channel, head, col;
};

static struct place place_of(struct sim_shape shape, uint32_t number) {
    return (struct place){number / shape.cols / shape.rows, number / shape.cols % shape.rows,
                          number % shape.cols};
}

/* The signed count of a token at (head, d), 0 for a token that the sequence does not have. */
static int32_t count_of(const struct arch_sequence *s, uint32_t source, uint32_t token, uint32_t head,
                        uint32_t d) {
    const struct sim_layer *layer = &s->graph->layer[source];
    if (token >= s->tokens)
        return 0;
    const uint32_t *count = s->kept[source] + (size_t)token * layer->neurons;
    uint32_t half = layer->shape.rows * layer->shape.cols, i = head * layer->shape.cols + d;
    return (int32_t)count[i] - (layer->shape.channels == 2 ? (int32_t)count[half + i] : 0);
}

/* The weight from an axon to a neuron of a product. */
static int32_t weight(const struct arch_sequence *s, const struct sim_layer *layer, struct place axon,
                      struct place neuron) {
    if (axon.head != neuron.head)
        return 0;
    uint32_t token = layer->scores ? neuron.col : axon.col, d = layer->scores ? axon.col : neuron.col;
    int32_t count = count_of(s, layer->operand[1], token, axon.head, d);
    return (axon.channel + neuron.channel) % 2 == 0 ? count : -count;
}

static void write_core(struct arch_shenjing_chip *chip, const struct arch_core *core, sim_cycle now) {
    const struct arch_mapping *map = chip->map;
    const struct sim_layer *layer = &map->graph->layer[core->layer];
    const struct arch_group *group = &map->group[core->group];
    struct arch_shenjing_tile *tile = chip->at[core->tile];
    int8_t row[ARCH_SHENJING_LANES_MAX];
    arch_shenjing_tile_type.settle(tile, now);
    for (uint32_t a = 0; a < core->axons; a++) {
        struct place axon = place_of(layer->projection[core->port].in, arch_core_axon(core, a));
        for (uint32_t n = 0; n < core->neurons; n++)
            row[n] = (int8_t)weight(&chip->sequence, layer, axon,
                                    place_of(layer->shape, arch_group_neuron(map, group, n)));
        arch_shenjing_tile_load_weights(tile, a, 0, core->neurons, row);
    }
    uint32_t subcores = (uint32_t)__builtin_popcount(arch_core_subcores(map, core));
    sim_count(&tile->base, ARCH_SHENJING_TILE_EVENT_sram_row_writes,
              (uint64_t)subcores * (chip->spec->tile.axons / 2), now, 1);
}

sim_cycle arch_shenjing_load_window(struct arch_shenjing_chip *chip, sim_cycle now) {
    const struct sim_graph *graph = chip->map->graph;
    sim_cycle cycles = 0;
    for (uint32_t i = 0; !graph->replayed && i < chip->map->cores; i++) {
        const struct arch_core *core = &chip->map->core[i];
        const struct sim_layer *layer = &graph->layer[core->layer];
        if (layer->kind != SIM_LAYER_PRODUCT ||
            chip->sequence.at != graph->layer[layer->operand[1]].begin + graph->tokens)
            continue;
        write_core(chip, core, now);
        cycles += chip->spec->tile.axons / 2 + START_CYCLES;
    }
    return cycles;
}

/* SPDX-License-Identifier: MIT
 *
 * Chains of layers; see chain.h.
 */
#include "test/unit/chain.h"

#include "sim/base/arena.h"

struct sim_layer *chain_layer(struct sim_graph *graph, uint32_t id, uint32_t neurons,
                              struct sim_arena *arena) {
    struct sim_layer *layer = &graph->layer[id];
    layer->name = sim_arena_format(arena, "layer%u", id);
    layer->kind = id == 0 ? SIM_LAYER_INPUT : SIM_LAYER_DENSE;
    layer->neurons = neurons;
    if (id == 0)
        return layer;
    uint32_t *operand = SIM_NEW(arena, uint32_t);
    *operand = id - 1;
    layer->operand = operand;
    layer->operands = 1;
    layer->neuron = SIM_NEURON_IF;
    layer->reset = SIM_RESET_SOFT;
    layer->weight_bits = 5;
    layer->rows = graph->layer[id - 1].neurons;
    layer->cols = neurons;
    return layer;
}

void chain_init(struct sim_graph *graph, const uint32_t *neurons, uint32_t layers, int32_t threshold) {
    sim_graph_init(graph);
    sim_graph_alloc(graph, layers);
    for (uint32_t id = 0; id < layers; id++) {
        struct sim_layer *layer = chain_layer(graph, id, neurons[id], &graph->arena);
        if (id > 0)
            layer->threshold = threshold;
    }
}

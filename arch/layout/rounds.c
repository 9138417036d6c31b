/* SPDX-License-Identifier: MIT
 *
 * Rounds of a network; see rounds.h.
 */
#include "arch/layout/rounds.h"

#define NOT_HERE UINT32_MAX

/* Whether a layer of first .. end - 1 reads layer `id`. */
static bool read_between(const struct sim_graph *graph, uint32_t id, uint32_t first, uint32_t end) {
    for (uint32_t reader = first; reader < end; reader++)
        for (uint32_t port = 0; port < graph->layer[reader].operands; port++)
            if (graph->layer[reader].operand[port] == id)
                return true;
    return false;
}

bool arch_rounds_keeps(const struct sim_graph *graph, uint32_t id, uint32_t end) {
    return read_between(graph, id, end, graph->layers) || !read_between(graph, id, id + 1, graph->layers);
}

bool arch_rounds_may_cut(const struct sim_graph *graph, uint32_t first, uint32_t end) {
    bool computes = false;
    for (uint32_t id = first; id < end; id++) {
        if (graph->layer[id].kind == SIM_LAYER_INPUT)
            continue;
        computes = true;
        if (read_between(graph, id, id + 1, end) && read_between(graph, id, end, graph->layers))
            return false;
    }
    return computes;
}

/* A layer of the whole network as an input layer of a round. */
static struct sim_layer as_input(const struct sim_layer *layer) {
    return (struct sim_layer){.name = layer->name,
                              .kind = SIM_LAYER_INPUT,
                              .neurons = layer->neurons,
                              .shape = layer->shape,
                              .recorded = layer->recorded,
                              .rate = layer->rate};
}

/* A layer of the whole network as one of a round, whose operands have other numbers. */
static struct sim_layer as_own(const struct arch_round *round, const struct sim_layer *layer,
                               struct sim_arena *arena) {
    struct sim_layer own = *layer;
    uint32_t *operand = SIM_NEW_ARRAY(arena, uint32_t, layer->operands);
    own.projection = SIM_NEW_ARRAY(arena, struct sim_projection, layer->operands);
    for (uint32_t port = 0; port < layer->operands; port++) {
        operand[port] = round->local[layer->operand[port]];
        own.projection[port] = layer->projection[port];
        own.projection[port].source = operand[port];
    }
    own.operand = operand;
    return own;
}

void arch_round_make(struct arch_round *round, const struct sim_graph *graph, uint32_t first, uint32_t end,
                     struct sim_arena *arena) {
    *round = (struct arch_round){.first = first, .end = end};
    round->layer = SIM_NEW_ARRAY(arena, uint32_t, end);
    round->local = SIM_NEW_ARRAY(arena, uint32_t, graph->layers);
    round->graph.layer = SIM_NEW_ARRAY(arena, struct sim_layer, end);
    for (uint32_t id = 0; id < graph->layers; id++)
        round->local[id] = NOT_HERE;
    for (uint32_t id = 0; id < end; id++) {
        const struct sim_layer *layer = &graph->layer[id];
        bool own = id >= first && layer->kind != SIM_LAYER_INPUT;
        if (!own && !read_between(graph, id, first, end))
            continue;
        uint32_t local = round->graph.layers++;
        round->layer[local] = id;
        round->local[id] = local;
        round->graph.layer[local] = own ? as_own(round, layer, arena) : as_input(layer);
    }
}

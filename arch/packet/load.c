/* SPDX-License-Identifier: MIT
 *
 * The loaded operand of a core that computes a product; see map.h and arch/core/synapse_load.h.
 */
#include "arch/packet/map.h"

const struct arch_synapse_load *arch_packet_load(const struct arch_packet_map *map,
                                                 const struct arch_packet_core *core,
                                                 struct sim_arena *arena) {
    const struct sim_graph *graph = map->graph;
    const struct sim_layer *layer = &graph->layer[core->layer];
    if (layer->kind != SIM_LAYER_PRODUCT)
        return NULL;
    struct arch_synapse_load *load = SIM_NEW(arena, struct arch_synapse_load);
    load->scores = layer->scores;
    load->shape = layer->shape;
    load->first_neuron = core->first_neuron;
    load->neurons = core->neurons;
    load->begin = graph->layer[layer->operand[1]].begin;
    load->tokens = graph->tokens;
    load->first = map->layer[core->layer].latency;
    load->timesteps = graph->window;
    for (uint32_t i = 0; i < core->inputs; i++) {
        const struct arch_packet_input *input = &core->input[i];
        const struct sim_projection *p = &layer->projection[input->port];
        *(p->loads ? &load->loaded : &load->streamed) =
            (struct arch_load_axons){p->in, input->first, input->count, input->axon};
    }
    return load;
}

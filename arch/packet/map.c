/* SPDX-License-Identifier: MIT
 *
 * Layers and placement of a network on a packet chip; see map.h.
 */
#include "arch/packet/map.h"

#include "arch/neuron/layer.h"
#include "arch/packet/connect.h"

#include <jansson.h>
#include <math.h>

#define ALIGN 16u /* layers start at multiples, so that packed spikes keep their place in a block */

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* ---- layers ------------------------------------------------------------------------------------- */

static bool attribute(const json_t *object, const char *name, uint32_t most, const struct sim_layer *layer,
                      uint32_t id, uint32_t *value, struct sim_err *err) {
    const json_t *item = json_object_get(object, name);
    if (item == NULL)
        return true;
    if (!json_is_integer(item) || json_integer_value(item) < 0 || json_integer_value(item) > most)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "layer %u '%s': attribute '%s' must be an integer from 0 to %u", id, layer->name,
                           name, most);
    *value = (uint32_t)json_integer_value(item);
    return true;
}

static bool read_attributes(struct arch_packet_map *map, uint32_t id, struct sim_err *err) {
    const struct sim_layer *layer = &map->graph->layer[id];
    struct arch_packet_layer *own = &map->layer[id];
    if (layer->attributes == NULL || sim_layer_outside(layer))
        return true;
    json_t *object = json_loads(layer->attributes, JSON_REJECT_DUPLICATES, NULL);
    bool sound = attribute(object, "delay", ARCH_SLOTS - 1, layer, id, &own->delay, err);
    json_decref(object);
    return sound;
}

static bool check_layer(const struct arch_packet_map *map, uint32_t id, struct sim_err *err) {
    const struct sim_layer *layer = &map->graph->layer[id];
    const struct arch_core_capacity *core = map->spec.core;
    if (layer->kind == SIM_LAYER_INPUT || layer->host != NULL)
        return true;
    if (sim_layer_outside(layer) ||
        (core->windows && (layer->kind == SIM_LAYER_MAXPOOL || layer->operands != 1)))
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "layer %u '%s' of kind '%s' cannot be mapped to this chip%s", id, layer->name,
                           sim_layer_kinds[layer->kind].name,
                           core->windows ? ": its cores take weighted sums of one operand" : "");
    if (layer->neuron != SIM_NEURON_IF && core->windows)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "layer %u '%s': window units take the levels of neuron 'if', not of '%s'", id,
                           layer->name, sim_neuron_names[layer->neuron]);
    for (uint32_t port = 0; port < layer->operands; port++) {
        if (arch_neuron_heights(&map->graph->layer[layer->operand[port]]) > 1 && !core->shifts)
            return sim_err_add(
                err, SIM_EXIT_CONFIG, NULL,
                "layer %u '%s': these cores cannot weigh the spikes of height 2^-k of layer %u", id,
                layer->name, layer->operand[port]);
        if (layer->projection[port].weighted && layer->projection[port].weight == NULL)
            return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                               "layer %u '%s' has no weights: this chip runs functional traces only", id,
                               layer->name);
    }
    if (layer->kind == SIM_LAYER_PRODUCT && !core->loads)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "layer %u '%s': a product loads weights while it runs: cores of type "
                           "arch.digital_core with synapses: dense have it, or a host (operator 'attention')",
                           id, layer->name);
    if (layer->weight_bits > core->weight_bits)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "layer %u '%s' has %u-bit weights and the core's memory holds %u-bit weights", id,
                           layer->name, layer->weight_bits, core->weight_bits);
    if (!core->windows && layer->threshold > (1 << (core->potential_bits - 1)) - 1)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "layer %u '%s': threshold %d is more than a potential of %u bits can reach", id,
                           layer->name, layer->threshold, core->potential_bits);
    return true;
}

static bool prepare_layers(struct arch_packet_map *map, struct sim_err *err) {
    const struct sim_graph *graph = map->graph;
    bool sound = true;
    uint32_t key = 0;
    map->layer = SIM_NEW_ARRAY(map->arena, struct arch_packet_layer, graph->layers);
    for (uint32_t id = 0; id < graph->layers; id++) {
        const struct sim_layer *layer = &graph->layer[id];
        sound = read_attributes(map, id, err) && check_layer(map, id, err) && sound;
        map->layer[id].key = key;
        key += (layer->neurons + ALIGN - 1) / ALIGN * ALIGN;
        map->layer[id].leaves = !sim_layer_outside(layer);
        for (uint32_t i = 0; i < layer->operands; i++)
            map->layer[layer->operand[i]].leaves = false;
    }
    for (uint32_t id = 0; id < graph->layers; id++)
        for (uint32_t i = 0; sim_layer_outside(&graph->layer[id]) && i < graph->layer[id].operands; i++) {
            uint32_t source = graph->layer[id].operand[i];
            map->layer[source].leaves = !sim_layer_outside(&graph->layer[source]);
        }
    uint32_t keys = map->spec.marked                  ? ARCH_EVENT_MARKED_KEYS
                    : map->spec.spikes_per_packet > 1 ? ARCH_EVENT_BLOCKS * ALIGN
                                                      : ARCH_EVENT_KEYS;
    if (sound && key > keys)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "the network has %u neurons and an address-event packet can tell %u apart%s", key,
                           keys, map->spec.spikes_per_packet > 1 ? " (with spikes_per_packet: 1 more)" : "");
    return sound;
}

/* ---- extent ------------------------------------------------------------------------------------- */

static bool choose_extent(struct arch_packet_map *map, struct sim_err *err) {
    const struct arch_packet_map_spec *spec = &map->spec;
    uint32_t tiles = (map->cores + spec->cores_per_tile - 1) / spec->cores_per_tile;
    uint32_t side = (uint32_t)ceil(sqrt((double)tiles)), least = (tiles + spec->rows - 1) / spec->rows;
    if (tiles > spec->rows * spec->cols) {
        uint32_t rows = side > spec->rows ? side : spec->rows, cols = (tiles + rows - 1) / rows;
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "the network needs %u cores, %u tiles of %u, and the chip has %u x %u tiles: %u "
                           "too few (rows: %u "
                           "and cols: %u would do)",
                           map->cores, tiles, spec->cores_per_tile, spec->rows, spec->cols,
                           tiles - spec->rows * spec->cols, rows, cols > spec->cols ? cols : spec->cols);
    }
    map->cols = smaller(side > least ? side : least, spec->cols);
    map->rows = (tiles + map->cols - 1) / map->cols;
    map->host = map->rows * map->cols * spec->cores_per_tile;
    return true;
}

/* What a chip without networks can run: layers that nobody reads. */
static bool nothing_travels(const struct arch_packet_map *map, struct sim_err *err) {
    for (uint32_t id = 0; id < map->graph->layers; id++) {
        uint32_t destinations = map->layer[id].destinations;
        for (uint32_t core = 0; core < map->cores; core++)
            destinations += map->core[core].layer == id ? map->core[core].destinations : 0;
        if (destinations > 0)
            return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                               "chip.networks is empty, and layer %u '%s' sends packets to %u destinations",
                               id, map->graph->layer[id].name, destinations);
    }
    return true;
}

struct arch_packet_map *arch_packet_map(const struct arch_packet_map_spec *spec,
                                        const struct sim_graph *graph, struct sim_arena *arena,
                                        struct sim_err *err) {
    struct arch_packet_map *map = SIM_NEW(arena, struct arch_packet_map);
    map->spec = *spec;
    map->graph = graph;
    map->arena = arena;
    if (!prepare_layers(map, err) || !arch_packet_partition(map, err) || !choose_extent(map, err))
        return NULL;
    if (!arch_packet_connect(map, err))
        return NULL;
    if (map->spec.assign.networks == 0 && !nothing_travels(map, err))
        return NULL;
    if (!arch_packet_place(map, err))
        return NULL;
    map->arena = NULL;
    return map;
}

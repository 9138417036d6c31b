/* SPDX-License-Identifier: MIT
 *
 * Partition and placement of a network on a packet chip; see packet_map.h. Connections: packet_connect.c.
 */
#include "arch/packet_map.h"

#include "arch/neuron_layer.h"
#include "arch/packet_connect.h"

#include <jansson.h>
#include <math.h>

#define ALIGN 16u /* slices start at multiples, so that packed spikes keep their place in a block */

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
    if (layer->attributes == NULL)
        return true;
    json_t *object = json_loads(layer->attributes, JSON_REJECT_DUPLICATES, NULL);
    bool sound = attribute(object, "delay", ARCH_SLOTS - 1, layer, id, &own->delay, err);
    json_decref(object);
    return sound;
}

static bool check_layer(const struct arch_packet_map *map, uint32_t id, struct sim_err *err) {
    const struct sim_layer *layer = &map->graph->layer[id];
    const struct arch_core_capacity *core = map->spec.core;
    if (layer->kind == SIM_LAYER_INPUT)
        return true;
    if (layer->kind != SIM_LAYER_DENSE || layer->operands != 1)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "layer %u '%s': only dense layers with one operand can be mapped to this chip", id,
                           layer->name);
    if (layer->neuron != SIM_NEURON_IF && core->windows)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "layer %u '%s': window units take the levels of neuron 'if', not of '%s'", id,
                           layer->name, sim_neuron_names[layer->neuron]);
    if (arch_neuron_heights(&map->graph->layer[layer->operand[0]]) > 1 && !core->shifts)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "layer %u '%s': these cores cannot weigh the spikes of height 2^-k of layer %u",
                           id, layer->name, layer->operand[0]);
    if (layer->weight == NULL)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "layer %u '%s' has no weights: this chip runs functional traces only", id,
                           layer->name);
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
        for (uint32_t i = 0; i < layer->operands; i++)
            map->layer[layer->operand[i]].read = true;
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

/* ---- partition ---------------------------------------------------------------------------------- */

/* The width of equal slices of `all` items, each at most `most` wide: as few as possible, in whole blocks. */
static uint32_t even_slice(uint32_t all, uint32_t most) {
    uint32_t slices = (all + most - 1) / most;
    uint32_t width = (all + slices - 1) / slices;
    return smaller((width + ALIGN - 1) / ALIGN * ALIGN, most);
}

/* Inputs of layer `id` that one core takes. */
static uint32_t axon_slice(const struct arch_packet_map *map, uint32_t id) {
    return even_slice(map->graph->layer[id].rows, smaller(map->spec.core->axons, map->graph->layer[id].rows));
}

static uint64_t synapse_bits(const struct arch_packet_map *map, const struct sim_layer *layer,
                             uint32_t first_axon, uint32_t axons, uint32_t first_neuron, uint32_t neurons) {
    const struct arch_core_capacity *core = map->spec.core;
    if (core->synapses == ARCH_SYNAPSE_DENSE)
        return (uint64_t)axons * neurons * core->weight_bits;
    uint64_t entries = 0;
    for (uint32_t a = first_axon; a < first_axon + axons; a++)
        for (uint32_t n = first_neuron; n < first_neuron + neurons; n++)
            entries += layer->weight[(size_t)a * layer->cols + n] != 0;
    return entries * (core->weight_bits + core->index_bits) + (uint64_t)axons * 2 * core->index_bits;
}

/* The neurons from `first` on that fit into the cores of a group; 0: not even one block of them. */
static uint32_t neuron_slice(const struct arch_packet_map *map, uint32_t id, uint32_t first) {
    const struct arch_core_capacity *core = map->spec.core;
    const struct sim_layer *layer = &map->graph->layer[id];
    uint32_t left = layer->neurons - first, most = smaller(core->neurons, left);
    if (core->synapse_memory_b == 0)
        return even_slice(left, most);
    double room = 8 * core->synapse_memory_b;
    uint32_t slice = axon_slice(map, id);
    for (uint32_t axon = 0; axon < layer->rows; axon += slice) {
        uint32_t axons = smaller(slice, layer->rows - axon), fit = 0;
        uint64_t bits = core->synapses == ARCH_SYNAPSE_SPARSE ? (uint64_t)axons * 2 * core->index_bits : 0;
        while (fit < most) {
            uint32_t block = smaller(ALIGN, most - fit);
            uint64_t more = synapse_bits(map, layer, axon, axons, first + fit, block);
            bits +=
                core->synapses == ARCH_SYNAPSE_SPARSE ? more - (uint64_t)axons * 2 * core->index_bits : more;
            if ((double)bits > room)
                break;
            fit += block;
        }
        most = fit;
    }
    return most > 0 ? even_slice(left, most) : 0;
}

static bool check_fan_in(const struct arch_packet_map *map, uint32_t id, struct sim_err *err) {
    const struct sim_layer *layer = &map->graph->layer[id];
    const struct arch_core_capacity *core = map->spec.core;
    if (layer->rows <= core->axons)
        return true;
    if (!core->partial_sums)
        return sim_err_add(
            err, SIM_EXIT_CONFIG, NULL,
            "layer %u '%s' has %u inputs and a core has %u axons: cores with more axons, or with "
            "partial_sums: true, could compute it",
            id, layer->name, layer->rows, core->axons);
    if ((uint64_t)core->axons << (layer->weight_bits - 1) > ARCH_EVENT_SUM_MOST)
        return sim_err_add(
            err, SIM_EXIT_CONFIG, NULL,
            "layer %u '%s': partial sums of %u axons with %u-bit weights do not fit into %d bits", id,
            layer->name, core->axons, layer->weight_bits, ARCH_EVENT_SUM_SHIFT);
    if (map->layer[id].delay + 1 == ARCH_SLOTS)
        return sim_err_add(
            err, SIM_EXIT_CONFIG, NULL,
            "layer %u '%s' is spread over cores with partial sums: its delay may be at most %u", id,
            layer->name, ARCH_SLOTS - 2);
    return true;
}

/* Adds the cores of one output slice; with cores == NULL only counts them. */
static void add_group(struct arch_packet_map *map, uint32_t id, uint32_t first_neuron, uint32_t neurons) {
    const struct sim_layer *layer = &map->graph->layer[id];
    uint32_t slice = axon_slice(map, id), slices = (layer->rows + slice - 1) / slice;
    for (uint32_t s = 0; s < slices; s++) {
        if (map->core != NULL)
            map->core[map->cores + s] = (struct arch_packet_core){
                .layer = id,
                .source = layer->operand[0],
                .first_axon = s * slice,
                .axons = smaller(slice, layer->rows - s * slice),
                .first_neuron = first_neuron,
                .neurons = neurons,
                .root = map->cores + slices - 1,
                .spread = slices > 1,
            };
    }
    map->cores += slices;
}

static bool add_layer(struct arch_packet_map *map, uint32_t id, struct sim_err *err) {
    const struct sim_layer *layer = &map->graph->layer[id];
    for (uint32_t first = 0, neurons; first < layer->neurons; first += neurons) {
        neurons = neuron_slice(map, id, first);
        if (neurons == 0)
            return sim_err_add(
                err, SIM_EXIT_CONFIG, NULL,
                "layer %u '%s': the synapses of %u neurons with %u inputs do not fit into a core's memory of "
                "%.0f bytes",
                id, layer->name, smaller(ALIGN, layer->neurons - first), axon_slice(map, id),
                map->spec.core->synapse_memory_b);
        add_group(map, id, first, neurons);
    }
    return true;
}

static bool partition(struct arch_packet_map *map, struct sim_err *err) {
    const struct sim_graph *graph = map->graph;
    bool sound = true;
    for (uint32_t id = 0; id < graph->layers; id++)
        if (graph->layer[id].kind != SIM_LAYER_INPUT)
            sound = check_fan_in(map, id, err) && sound;
    if (!sound)
        return false;
    for (int pass = 0; pass < 2; pass++) {
        map->cores = 0;
        for (uint32_t id = 0; id < graph->layers; id++)
            if (graph->layer[id].kind != SIM_LAYER_INPUT && !add_layer(map, id, err))
                return false;
        if (pass == 0)
            map->core = SIM_NEW_ARRAY(map->arena, struct arch_packet_core, map->cores);
    }
    if (map->cores == 0)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL, "the network has no layer to compute");
    return true;
}

/* ---- place -------------------------------------------------------------------------------------- */

static bool place(struct arch_packet_map *map, struct sim_err *err) {
    const struct arch_packet_map_spec *spec = &map->spec;
    uint32_t tiles = (map->cores + spec->cores_per_tile - 1) / spec->cores_per_tile;
    if (tiles > spec->rows * spec->cols)
        return sim_err_add(
            err, SIM_EXIT_CONFIG, NULL,
            "the network needs %u cores, %u tiles of %u, and the chip has %u x %u tiles: %u too few",
            map->cores, tiles, spec->cores_per_tile, spec->rows, spec->cols, tiles - spec->rows * spec->cols);
    uint32_t side = (uint32_t)ceil(sqrt((double)tiles)), least = (tiles + spec->rows - 1) / spec->rows;
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
    if (!prepare_layers(map, err) || !partition(map, err) || !place(map, err))
        return NULL;
    arch_packet_connect(map);
    if (map->spec.assign.networks == 0 && !nothing_travels(map, err))
        return NULL;
    map->arena = NULL;
    return map;
}

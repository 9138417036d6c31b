/* SPDX-License-Identifier: MIT
 *
 * Partition of a network for a packet chip: each layer cut into runs of places, each run into cores; see
 * map.h.
 *
 * A run is as long as its synapses fit, and runs of a layer are about equal. The axons of a run are those of
 * its operands one after the other; where they are more than a core has, they are spread over several.
 */
#include "arch/packet/map.h"

#include <stdlib.h>

#define ALIGN 16u /* runs start at multiples, so that packed spikes keep their place in a block */

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }
static uint32_t aligned(uint32_t n) { return (n + ALIGN - 1) / ALIGN * ALIGN; }

/* The width of equal slices of `all` items, each at most `most` wide: as few as possible, in whole blocks. */
static uint32_t even_slice(uint32_t all, uint32_t most) {
    uint32_t slices = (all + most - 1) / most;
    uint32_t width = (all + slices - 1) / slices;
    return smaller(aligned(width), most);
}

/* ---- what a run reads -------------------------------------------------------------------------- */

/* The run of places of operand `port` that places first .. first + neurons - 1 read; false: none. */
static bool reads(const struct sim_layer *layer, uint32_t port, uint32_t first, uint32_t neurons,
                  uint32_t *from, uint32_t *count) {
    const struct sim_projection *p = &layer->projection[port];
    struct sim_shape out = p->out, in = p->in;
    uint32_t line = out.cols * out.channels, last = first + neurons - 1;
    struct sim_box box = {.channels = out.channels, .row = first / line, .cols = out.cols};
    box.rows = last / line - box.row + 1;
    if (box.rows == 1) {
        box.col = first % line / out.channels;
        box.cols = last % line / out.channels - box.col + 1;
    }
    struct sim_box read = sim_projection_reads(p, box);
    if (sim_box_neurons(read) == 0)
        return false;
    uint32_t begin = (read.row * in.cols + read.col) * in.channels / ALIGN * ALIGN;
    uint32_t end = ((read.row + read.rows - 1) * in.cols + read.col + read.cols) * in.channels;
    *from = begin;
    *count = end - begin;
    return true;
}

/* The inputs of a run as if one core took them all; returns their axons. `input` has room for all operands.
 */
static uint32_t list_inputs(const struct sim_layer *layer, uint32_t first, uint32_t neurons,
                            struct arch_packet_input *input, uint32_t *inputs) {
    uint32_t axons = 0;
    *inputs = 0;
    for (uint32_t port = 0; port < layer->operands; port++) {
        struct arch_packet_input *own = &input[*inputs];
        if (!reads(layer, port, first, neurons, &own->first, &own->count))
            continue;
        own->port = port;
        own->source = layer->operand[port];
        own->axon = aligned(axons);
        axons = own->axon + own->count;
        ++*inputs;
    }
    return axons;
}

/* Axons of a run that one core takes. */
static uint32_t axon_slice(const struct arch_packet_map *map, uint32_t axons) {
    return axons == 0 ? 0 : even_slice(axons, smaller(map->spec.core->axons, axons));
}

/* The part of the inputs of a run with axons first .. first + axons - 1, numbered from 0. */
static uint32_t take_inputs(const struct arch_packet_input *all, uint32_t inputs, uint32_t first,
                            uint32_t axons, struct arch_packet_input *taken) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < inputs; i++) {
        uint32_t begin = all[i].axon > first ? all[i].axon : first;
        uint32_t end = smaller(all[i].axon + all[i].count, first + axons);
        if (begin >= end)
            continue;
        taken[count] = all[i];
        taken[count].first += begin - all[i].axon;
        taken[count].count = end - begin;
        taken[count++].axon = begin - first;
    }
    return count;
}

/* ---- weights ----------------------------------------------------------------------------------- */

struct row {
    const struct arch_packet_core *core;
    struct sim_shape shape;
    int8_t *weight;
    uint64_t entries;
};

static void put(void *user, uint32_t neuron, int32_t weight) {
    struct row *row = user;
    uint32_t at = sim_shape_place(row->shape, neuron) - row->core->first_neuron;
    if (at < row->core->neurons)
        row->weight[at] = (int8_t)weight;
}

void arch_packet_weights(const struct arch_packet_map *map, const struct arch_packet_core *core,
                         uint32_t axon, int8_t *weight) {
    const struct sim_layer *layer = &map->graph->layer[core->layer];
    struct row row = {.core = core, .shape = layer->shape, .weight = weight};
    for (uint32_t n = 0; n < core->neurons; n++)
        weight[n] = 0;
    for (uint32_t i = 0; i < core->inputs; i++) {
        const struct arch_packet_input *input = &core->input[i];
        const struct sim_projection *p = &layer->projection[input->port];
        if (axon - input->axon < input->count)
            sim_projection_targets(p, sim_shape_number(p->in, input->first + axon - input->axon), put, &row);
    }
}

static void count(void *user, uint32_t neuron, int32_t weight) {
    struct row *row = user;
    uint32_t at = sim_shape_place(row->shape, neuron) - row->core->first_neuron;
    row->entries += at < row->core->neurons && weight != 0;
}

static uint64_t entries(const struct arch_packet_map *map, const struct arch_packet_core *core) {
    const struct sim_layer *layer = &map->graph->layer[core->layer];
    struct row row = {.core = core, .shape = layer->shape};
    for (uint32_t i = 0; i < core->inputs; i++) {
        const struct sim_projection *p = &layer->projection[core->input[i].port];
        for (uint32_t a = 0; a < core->input[i].count; a++)
            sim_projection_targets(p, sim_shape_number(p->in, core->input[i].first + a), count, &row);
    }
    return row.entries;
}

/* Bits of synapse memory that a core's share takes, in the format of the chip's cores. */
static uint64_t synapse_bits(const struct arch_packet_map *map, const struct arch_packet_core *core) {
    const struct arch_core_capacity *capacity = map->spec.core;
    const struct sim_layer *layer = &map->graph->layer[core->layer];
    if (layer->kind == SIM_LAYER_PRODUCT) /* load axons have no weights */
        return (uint64_t)core->input[0].count * core->neurons * capacity->weight_bits;
    if (capacity->synapses == ARCH_SYNAPSE_DENSE)
        return (uint64_t)core->axons * core->neurons * capacity->weight_bits;
    if (capacity->synapses == ARCH_SYNAPSE_SPARSE)
        return entries(map, core) * (capacity->weight_bits + capacity->index_bits) +
               (uint64_t)core->axons * 2 * capacity->index_bits;
    uint64_t weights = 0;
    for (uint32_t i = 0; i < core->inputs; i++)
        weights += arch_synapse_window_weights(&layer->projection[core->input[i].port], core->input[i].count,
                                               core->neurons);
    return weights * capacity->weight_bits;
}

/* ---- runs -------------------------------------------------------------------------------------- */

/* One layer being cut. */
struct cut {
    struct arch_packet_map *map;
    uint32_t id;
    struct arch_packet_input *input, *taken; /* [operands] scratch */
};

/* Whether a run of places fits the cores of one group. */
static bool fits(const struct cut *cut, uint32_t first, uint32_t neurons) {
    const struct arch_core_capacity *capacity = cut->map->spec.core;
    uint32_t inputs,
        axons = list_inputs(&cut->map->graph->layer[cut->id], first, neurons, cut->input, &inputs);
    bool product = cut->map->graph->layer[cut->id].kind == SIM_LAYER_PRODUCT;
    if (axons > capacity->axons && (!capacity->partial_sums || product))
        return false;
    uint32_t slice = axon_slice(cut->map, axons);
    for (uint32_t axon = 0; capacity->synapse_memory_b > 0 && axon < axons; axon += slice) {
        struct arch_packet_core core = {.layer = cut->id,
                                        .input = cut->taken,
                                        .axons = smaller(slice, axons - axon),
                                        .first_neuron = first,
                                        .neurons = neurons};
        core.inputs = take_inputs(cut->input, inputs, axon, core.axons, cut->taken);
        if ((double)synapse_bits(cut->map, &core) > 8 * capacity->synapse_memory_b)
            return false;
    }
    return true;
}

/* The places from `first` on that one group takes; 0: not even one block of them fits. */
static uint32_t run_length(const struct cut *cut, uint32_t first) {
    const struct sim_layer *layer = &cut->map->graph->layer[cut->id];
    uint32_t left = layer->neurons - first, line = layer->shape.cols * layer->shape.channels;
    if (layer->kind == SIM_LAYER_PRODUCT && (cut->map->spec.spikes_per_packet == 1 || line % ALIGN == 0))
        left = smaller(left, line - first % line); /* a head: others have nothing in common with it */
    uint32_t most = smaller(cut->map->spec.core->neurons, left);
    uint32_t low = 0, high = (most + ALIGN - 1) / ALIGN; /* blocks: low fit, more than high do not */
    while (low < high) {
        uint32_t blocks = (low + high + 1) / 2;
        if (fits(cut, first, smaller(blocks * ALIGN, most)))
            low = blocks;
        else
            high = blocks - 1;
    }
    most = smaller(low * ALIGN, most);
    if (most == 0)
        return 0;
    uint32_t length = even_slice(left, most);
    if (layer->shape.rows > 1 && line % ALIGN == 0 && length > line)
        length = length / line * line; /* whole rows overlap least */
    return length;
}

/* Adds the cores of one run; with cores == NULL only counts them. */
static void add_group(struct cut *cut, uint32_t first, uint32_t neurons) {
    struct arch_packet_map *map = cut->map;
    uint32_t inputs, axons = list_inputs(&map->graph->layer[cut->id], first, neurons, cut->input, &inputs);
    uint32_t slice = axon_slice(map, axons), slices = axons == 0 ? 1 : (axons + slice - 1) / slice;
    map->layer[cut->id].spread |= slices > 1;
    for (uint32_t s = 0; map->core != NULL && s < slices; s++) {
        struct arch_packet_core *core = &map->core[map->cores + s];
        *core = (struct arch_packet_core){
            .layer = cut->id,
            .input = SIM_NEW_ARRAY(map->arena, struct arch_packet_input, inputs),
            .axons = axons == 0 ? 1 : smaller(slice, axons - s * slice),
            .first_neuron = first,
            .neurons = neurons,
            .root = map->cores + slices - 1,
            .spread = slices > 1,
        };
        core->inputs = take_inputs(cut->input, inputs, s * slice, core->axons, core->input);
    }
    map->cores += slices;
}

static bool add_layer(struct arch_packet_map *map, uint32_t id, struct cut *cut, struct sim_err *err) {
    const struct sim_layer *layer = &map->graph->layer[id];
    cut->id = id;
    for (uint32_t first = 0, neurons; first < layer->neurons; first += neurons) {
        neurons = run_length(cut, first);
        if (neurons == 0 && layer->kind == SIM_LAYER_PRODUCT) {
            uint32_t inputs;
            return sim_err_add(
                err, SIM_EXIT_CONFIG, NULL,
                "layer %u '%s': its neurons take %u axons for both operands, or more synapse memory than a "
                "core has (%u axons, %.0f bytes; 0: enough for all)",
                id, layer->name, list_inputs(layer, first, 1, cut->input, &inputs),
                map->spec.core->axons, map->spec.core->synapse_memory_b);
        }
        if (neurons == 0) {
            uint32_t inputs, least = smaller(ALIGN, layer->neurons - first);
            return sim_err_add(
                err, SIM_EXIT_CONFIG, NULL,
                "layer %u '%s': the synapses of %u neurons with %u inputs do not fit into a core's memory of "
                "%.0f bytes",
                id, layer->name, least,
                axon_slice(map, list_inputs(layer, first, least, cut->input, &inputs)),
                map->spec.core->synapse_memory_b);
        }
        add_group(cut, first, neurons);
    }
    return true;
}

/* ---- checks ------------------------------------------------------------------------------------ */

static bool check_fan_in(const struct arch_packet_map *map, uint32_t id, struct cut *cut,
                         struct sim_err *err) {
    const struct sim_layer *layer = &map->graph->layer[id];
    if (layer->kind == SIM_LAYER_PRODUCT)
        return true; /* add_layer tells */
    const struct arch_core_capacity *core = map->spec.core;
    uint32_t inputs, most = 0;
    for (uint32_t first = 0; first < layer->neurons; first += ALIGN) {
        uint32_t axons =
            list_inputs(layer, first, smaller(ALIGN, layer->neurons - first), cut->input, &inputs);
        most = axons > most ? axons : most;
        if (layer->kind == SIM_LAYER_DENSE && layer->operands == 1)
            break; /* all neurons have the same inputs */
    }
    if (most <= core->axons)
        return true;
    if (!core->partial_sums)
        return sim_err_add(
            err, SIM_EXIT_CONFIG, NULL,
            "layer %u '%s' has %u inputs and a core has %u axons: cores with more axons, or with "
            "partial_sums: true, could compute it",
            id, layer->name, most, core->axons);
    return true;
}

/* Sums of a spread layer travel in packets. */
static bool check_sums(const struct arch_packet_map *map, uint32_t id, struct sim_err *err) {
    const struct sim_layer *layer = &map->graph->layer[id];
    const struct arch_core_capacity *core = map->spec.core;
    if (!map->layer[id].spread)
        return true;
    uint32_t bits = sim_layer_weight_bits(layer);
    if ((uint64_t)core->axons << (bits - 1) > ARCH_EVENT_SUM_MOST)
        return sim_err_add(
            err, SIM_EXIT_CONFIG, NULL,
            "layer %u '%s': partial sums of %u axons with %u-bit weights do not fit into %d bits", id,
            layer->name, core->axons, bits, ARCH_EVENT_SUM_SHIFT);
    if (map->layer[id].delay + 1 == ARCH_SLOTS)
        return sim_err_add(
            err, SIM_EXIT_CONFIG, NULL,
            "layer %u '%s' is spread over cores with partial sums: its delay may be at most %u", id,
            layer->name, ARCH_SLOTS - 2);
    return true;
}

bool arch_packet_partition(struct arch_packet_map *map, struct sim_err *err) {
    const struct sim_graph *graph = map->graph;
    struct cut cut = {.map = map,
                      .input = SIM_NEW_ARRAY(map->arena, struct arch_packet_input, SIM_LAYER_OPERANDS_MAX),
                      .taken = SIM_NEW_ARRAY(map->arena, struct arch_packet_input, SIM_LAYER_OPERANDS_MAX)};
    bool sound = true;
    for (uint32_t id = 0; id < graph->layers; id++)
        if (!sim_layer_outside(&graph->layer[id]))
            sound = check_fan_in(map, id, &cut, err) && sound;
    if (!sound)
        return false;
    for (int pass = 0; pass < 2; pass++) {
        map->cores = 0;
        for (uint32_t id = 0; id < graph->layers; id++)
            if (!sim_layer_outside(&graph->layer[id]) && !add_layer(map, id, &cut, err))
                return false;
        if (pass == 0)
            map->core = SIM_NEW_ARRAY(map->arena, struct arch_packet_core, map->cores);
    }
    for (uint32_t id = 0; id < graph->layers; id++)
        if (!sim_layer_outside(&graph->layer[id]))
            sound = check_sums(map, id, err) && sound;
    if (map->cores == 0)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL, "the network has no layer to compute");
    return sound;
}

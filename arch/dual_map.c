/* SPDX-License-Identifier: MIT
 *
 * From a network to a plan; see dual_map.h.
 */
#include "arch/dual_map.h"

#include <math.h>
#include <string.h>

#define ALIGN 64u /* slices start at multiples: a core's bits are whole words of its source */

struct map {
    const struct arch_dual_chip_spec *spec;
    const struct sim_graph *graph;
    struct sim_arena *arena;
    struct arch_dual_plan *plan;
    uint32_t output;
    uint32_t *base;  /* [layer] of input layers: first number at the host */
    int *movement;   /* [layer] of its spikes */
};

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }
static uint32_t parts(uint32_t all, uint32_t most) { return (all + most - 1) / most; }

/* The width of as few equal slices as possible. */
static uint32_t even_slice(uint32_t all, uint32_t most) {
    uint32_t width = parts(all, parts(all, most));
    return smaller(parts(width, ALIGN) * ALIGN, most);
}

/* ---- judgement -------------------------------------------------------------------------------- */

static bool check_layer(const struct map *map, uint32_t id, struct sim_err *err) {
    const struct sim_layer *layer = &map->graph->layer[id];
    const struct arch_dual_core_spec *core = &map->spec->core;
    if (layer->kind != SIM_LAYER_DENSE || layer->operands != 1)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "layer %u '%s': only dense layers with one operand can be mapped to this chip", id,
                           layer->name);
    if (layer->neuron != SIM_NEURON_IF || layer->weight == NULL)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "layer %u '%s': this chip needs weights and integrate-and-fire neurons", id,
                           layer->name);
    if (layer->weight_bits > core->weight_bits)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "layer %u '%s' has %u-bit weights and the core's memory holds %u-bit weights", id,
                           layer->name, layer->weight_bits, core->weight_bits);
    if (layer->threshold > (1 << (core->potential_bits - 1)) - 1)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "layer %u '%s': threshold %d is more than a potential of %u bits can reach", id,
                           layer->name, layer->threshold, core->potential_bits);
    if (layer->rows > core->axons && core->axons % ALIGN != 0)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "layer %u '%s' has %u inputs: to cut it, axons (%u) must be a multiple of %u", id,
                           layer->name, layer->rows, core->axons, ALIGN);
    if (layer->neurons > core->neurons && core->neurons % ALIGN != 0)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "layer %u '%s' has %u neurons: to cut it, neurons (%u) must be a multiple of %u",
                           id, layer->name, layer->neurons, core->neurons, ALIGN);
    return true;
}

static bool read_movements(struct map *map, struct sim_err *err) {
    bool sound = true;
    map->movement = SIM_NEW_ARRAY(map->arena, int, map->graph->layers);
    for (uint32_t id = 0; id < map->graph->layers; id++)
        map->movement[id] = map->spec->movement;
    for (uint32_t i = 0; i < map->spec->layer_count; i++) {
        const struct arch_dual_layer_movement *exception = &map->spec->layers[i];
        bool found = false;
        for (uint32_t id = 0; id < map->graph->layers; id++)
            if (strcmp(map->graph->layer[id].name, exception->layer) == 0) {
                map->movement[id] = exception->movement;
                found = true;
            }
        if (!found)
            sound = sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                                "arch.dual_chip.layers: the network has no layer '%s'", exception->layer);
    }
    return sound;
}

static bool find_output(struct map *map, struct sim_err *err) {
    const struct sim_graph *graph = map->graph;
    bool found = false;
    for (uint32_t id = 0; id < graph->layers; id++) {
        bool read = graph->layer[id].kind == SIM_LAYER_INPUT;
        for (uint32_t other = 0; other < graph->layers; other++)
            for (uint32_t i = 0; i < graph->layer[other].operands; i++)
                read |= graph->layer[other].operand[i] == id;
        if (!read) {
            map->output = id;
            found = true;
        }
    }
    return found || sim_err_add(err, SIM_EXIT_CONFIG, NULL, "the network has no layer to compute");
}

/* ---- partition and placement ------------------------------------------------------------------ */

static void add_share(struct map *map, uint32_t id, uint32_t axon, uint32_t axons, uint32_t neuron,
                      uint32_t neurons) {
    struct arch_dual_plan *plan = map->plan;
    const struct sim_layer *layer = &map->graph->layer[id];
    if (plan->core != NULL) {
        bool last = axon + axons == layer->rows;
        plan->core[plan->cores] = (struct arch_dual_share){
            .layer = id,
            .source = layer->operand[0],
            .first_axon = axon,
            .first_neuron = neuron,
            .load = {.axons = axons,
                     .neurons = neurons,
                     .weight = layer->weight + (size_t)axon * layer->cols + neuron,
                     .stride = layer->cols,
                     .threshold = layer->threshold,
                     .soft = layer->reset == SIM_RESET_SOFT,
                     .partial = !last,
                     .root = last && axon > 0},
        };
    }
    plan->cores++;
}

static void add_layer(struct map *map, uint32_t id) {
    const struct sim_layer *layer = &map->graph->layer[id];
    uint32_t axons = even_slice(layer->rows, map->spec->core.axons);
    uint32_t neurons = even_slice(layer->neurons, map->spec->core.neurons);
    for (uint32_t neuron = 0; neuron < layer->neurons; neuron += neurons)
        for (uint32_t axon = 0; axon < layer->rows; axon += axons)
            add_share(map, id, axon, smaller(axons, layer->rows - axon), neuron,
                      smaller(neurons, layer->neurons - neuron));
}

static void partition(struct map *map) {
    struct arch_dual_plan *plan = map->plan;
    for (int pass = 0; pass < 2; pass++) {
        plan->cores = 0;
        for (uint32_t id = 0; id < map->graph->layers; id++)
            if (map->graph->layer[id].kind != SIM_LAYER_INPUT)
                add_layer(map, id);
        if (pass == 0)
            plan->core = SIM_NEW_ARRAY(map->arena, struct arch_dual_share, plan->cores);
    }
}

static bool place(struct map *map, struct sim_err *err) {
    const struct arch_dual_chip_spec *spec = map->spec;
    struct arch_dual_plan *plan = map->plan;
    uint32_t tiles = parts(plan->cores, spec->cores_per_tile);
    if (tiles > spec->rows * spec->cols)
        return sim_err_add(
            err, SIM_EXIT_CONFIG, NULL,
            "the network needs %u cores, %u tiles of %u, and the chip has %u x %u tiles: %u too few",
            plan->cores, tiles, spec->cores_per_tile, spec->rows, spec->cols,
            tiles - spec->rows * spec->cols);
    uint32_t side = (uint32_t)ceil(sqrt((double)tiles)), least = parts(tiles, spec->rows);
    plan->cols = smaller(side > least ? side : least, spec->cols);
    plan->rows = parts(tiles, plan->cols);
    plan->local_ports = spec->cores_per_tile + 1;
    for (uint32_t i = 0; i < plan->cores; i++) {
        plan->core[i].tile = i / spec->cores_per_tile;
        plan->core[i].port = i % spec->cores_per_tile;
    }
    return true;
}

/* ---- connections ------------------------------------------------------------------------------ */

static void add_host(struct map *map) {
    const struct sim_graph *graph = map->graph;
    struct arch_dual_origin *host = SIM_NEW(map->arena, struct arch_dual_origin);
    uint32_t base = 0;
    host->feed = SIM_NEW_ARRAY(map->arena, struct arch_dual_feed, graph->layers);
    map->base = SIM_NEW_ARRAY(map->arena, uint32_t, graph->layers);
    for (uint32_t id = 0; id < graph->layers; id++)
        if (graph->layer[id].kind == SIM_LAYER_INPUT) {
            map->base[id] = base;
            host->feed[host->feeds++] = (struct arch_dual_feed){id, graph->layer[id].neurons, base};
            base += parts(graph->layer[id].neurons, ALIGN) * ALIGN;
        }
    host->port = map->spec->cores_per_tile;
    host->outputs = graph->layer[map->output].neurons;
    map->plan->host = host;
    map->plan->hosts = 1;
}

/* Adds what neurons first .. first + count - 1 of a layer, at the sender from number `at` on, send to a
 * core. */
static void send_to(const struct map *map, struct arch_stream_target *target, uint32_t *targets,
                    uint32_t layer, uint32_t first, uint32_t count, uint32_t at) {
    const struct arch_dual_plan *plan = map->plan;
    for (uint32_t i = 0; i < plan->cores; i++) {
        const struct arch_dual_share *to = &plan->core[i];
        if (to->source != layer)
            continue;
        uint32_t begin = first > to->first_axon ? first : to->first_axon;
        uint32_t end = smaller(first + count, to->first_axon + to->load.axons);
        if (end <= begin)
            continue;
        target[(*targets)++] = (struct arch_stream_target){
            .terminal = plan->hosts + i,
            .key = begin - to->first_axon,
            .first = at + begin - first,
            .count = end - begin,
            .copies = map->spec->delivery == ARCH_DUAL_PER_NEURON ? to->load.neurons : 1,
            .movement = map->movement[layer],
        };
    }
}

/* The core of `share`'s group that fires. */
static uint32_t root_of(const struct arch_dual_plan *plan, uint32_t share) {
    while (plan->core[share].load.partial)
        share++;
    return share;
}

static void connect_core(const struct map *map, uint32_t i) {
    const struct arch_dual_plan *plan = map->plan;
    struct arch_dual_share *share = &plan->core[i];
    share->target = SIM_NEW_ARRAY(map->arena, struct arch_stream_target, plan->cores + 1);
    if (share->load.partial) {
        share->target[share->targets++] = (struct arch_stream_target){
            .terminal = plan->hosts + root_of(plan, i), .count = share->load.neurons, .copies = 1};
        return;
    }
    send_to(map, share->target, &share->targets, share->layer, share->first_neuron, share->load.neurons, 0);
    if (share->layer == map->output)
        share->target[share->targets++] = (struct arch_stream_target){
            .terminal = 0,
            .key = share->first_neuron,
            .count = share->load.neurons,
            .copies = 1,
            .movement = map->movement[share->layer],
        };
}

static void connect_host(const struct map *map) {
    struct arch_dual_origin *host = map->plan->host;
    host->target =
        SIM_NEW_ARRAY(map->arena, struct arch_stream_target, (size_t)map->plan->cores * host->feeds);
    for (uint32_t i = 0; i < host->feeds; i++)
        send_to(map, host->target, &host->targets, host->feed[i].layer, 0, host->feed[i].neurons,
                host->feed[i].base);
}

struct arch_dual_plan *arch_dual_map(const struct arch_dual_chip_spec *spec, const struct sim_graph *graph,
                                     uint32_t *output, struct sim_arena *arena, struct sim_err *err) {
    struct map map = {.spec = spec, .graph = graph, .arena = arena};
    bool sound = find_output(&map, err) && read_movements(&map, err);
    for (uint32_t id = 0; id < graph->layers; id++)
        if (graph->layer[id].kind != SIM_LAYER_INPUT)
            sound = check_layer(&map, id, err) && sound;
    if (!sound)
        return NULL;
    map.plan = SIM_NEW(arena, struct arch_dual_plan);
    map.plan->layers = graph->layers;
    partition(&map);
    if (!place(&map, err))
        return NULL;
    add_host(&map);
    for (uint32_t i = 0; i < map.plan->cores; i++)
        connect_core(&map, i);
    connect_host(&map);
    *output = map.output;
    return map.plan;
}

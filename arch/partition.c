/* SPDX-License-Identifier: MIT
 *
 * Partition: a network cut into cores.
 *
 * A dense layer of n axons and m neurons takes ceil(n / axons) x ceil(m / neurons) cores: as many input
 * slices as cores in a chain, as many output slices as groups. Slices are cut at multiples of the core
 * size, so output slice s of a layer is input slice s of the layer that reads it.
 *
 * Not mapped: layers with several operands, and any kind but dense.
 */
#include "arch/mapping.h"

static uint32_t slices(uint32_t n, uint32_t size) { return n / size + (n % size != 0); }

static uint32_t slice_width(uint32_t n, uint32_t size, uint32_t slice) {
    uint32_t first = slice * size;
    return n - first < size ? n - first : size;
}

static bool check_layer(const struct sim_graph *graph, uint32_t id, struct sim_err *err) {
    const struct sim_layer *layer = &graph->layer[id];
    if (layer->kind == SIM_LAYER_INPUT)
        return true;
    if (layer->kind != SIM_LAYER_DENSE || layer->operands != 1)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "layer %u '%s': only dense layers with one operand can be mapped to this chip", id,
                           layer->name);
    if (graph->replayed)
        return true;
    if (layer->neuron != SIM_NEURON_IF || layer->reset != SIM_RESET_SOFT)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "layer %u '%s': this chip's neuron is integrate-and-fire with soft reset, not "
                           "'%s' with reset '%s'",
                           id, layer->name, sim_neuron_names[layer->neuron], sim_reset_names[layer->reset]);
    if (layer->weight == NULL)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "layer %u '%s' has no weights: this chip runs functional traces only", id,
                           layer->name);
    return true;
}

static uint64_t count_cores(const struct arch_mapping *map, uint32_t id, uint64_t *groups) {
    const struct sim_graph *graph = map->graph;
    const struct sim_layer *layer = &graph->layer[id];
    if (layer->kind == SIM_LAYER_INPUT)
        return 0;
    uint64_t out = slices(layer->neurons, map->core_neurons);
    *groups += out;
    return out * slices(graph->layer[layer->operand[0]].neurons, map->core_axons);
}

static void add_group(struct arch_mapping *map, uint32_t id, uint32_t out) {
    const struct sim_layer *layer = &map->graph->layer[id];
    uint32_t source = layer->operand[0], axons = map->graph->layer[source].neurons;
    uint32_t in_slices = slices(axons, map->core_axons);
    struct arch_group *group = &map->group[map->groups];
    *group = (struct arch_group){
        .layer = id,
        .first_neuron = out * map->core_neurons,
        .neurons = slice_width(layer->neurons, map->core_neurons, out),
        .first_core = map->cores,
        .cores = in_slices,
    };
    for (uint32_t in = 0; in < in_slices; in++)
        map->core[map->cores++] = (struct arch_core){
            .layer = id,
            .source = source,
            .group = map->groups,
            .first_axon = in * map->core_axons,
            .axons = slice_width(axons, map->core_axons, in),
            .first_neuron = group->first_neuron,
            .neurons = group->neurons,
            .tile = ARCH_NOBODY,
            .external = map->graph->layer[source].kind == SIM_LAYER_INPUT,
        };
    map->groups++;
}

/* Which rows x cols near the present shape would hold `cores` tiles: grows the smaller side first. */
static void larger_mesh(uint64_t cores, uint64_t *rows, uint64_t *cols) {
    while (*rows * *cols < cores) {
        if (*rows <= *cols)
            ++*rows;
        else
            ++*cols;
    }
}

bool arch_partition(struct arch_mapping *map, struct sim_err *err) {
    const struct sim_graph *graph = map->graph;
    uint64_t cores = 0, groups = 0, tiles = (uint64_t)map->rows * map->cols;
    bool sound = true;
    for (uint32_t id = 0; id < graph->layers; id++)
        sound &= check_layer(graph, id, err);
    if (!sound)
        return false;
    if (map->core_axons != map->core_neurons)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "the mapper needs cores with as many axons as neurons (here %u and %u)",
                           map->core_axons, map->core_neurons);
    for (uint32_t id = 0; id < graph->layers; id++)
        cores += count_cores(map, id, &groups);
    if (cores == 0)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL, "the network has no layer to compute");
    if (cores > tiles) {
        uint64_t rows = map->rows, cols = map->cols;
        larger_mesh(cores, &rows, &cols);
        return sim_err_add(
            err, SIM_EXIT_CONFIG, NULL,
            "the network needs %llu tiles of %u x %u and the chip has %u x %u = %llu: %llu too few "
            "(a mesh of %llu x %llu would do: --set chip.rows=%llu --set chip.cols=%llu)",
            (unsigned long long)cores, map->core_axons, map->core_neurons, map->rows, map->cols,
            (unsigned long long)tiles, (unsigned long long)(cores - tiles), (unsigned long long)rows,
            (unsigned long long)cols, (unsigned long long)rows, (unsigned long long)cols);
    }
    map->core = SIM_NEW_ARRAY(map->arena, struct arch_core, cores);
    map->group = SIM_NEW_ARRAY(map->arena, struct arch_group, groups);
    for (uint32_t id = 0; id < graph->layers; id++) {
        const struct sim_layer *layer = &graph->layer[id];
        if (layer->kind == SIM_LAYER_INPUT)
            continue;
        for (uint32_t out = 0; out < slices(layer->neurons, map->core_neurons); out++)
            add_group(map, id, out);
    }
    return true;
}

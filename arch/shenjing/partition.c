/* SPDX-License-Identifier: MIT
 *
 * Partition: a network cut into cores.
 *
 * Every layer is cut into equal boxes of its grid. A box of a layer is a group, and takes one core for every
 * box of each operand that it reads: all of them for a dense layer of n axons and m neurons, ceil(n / axons)
 * x ceil(m / neurons) cores; those that its windows touch for a convolution, at the seams those of the
 * neighbours too. A box reads an input layer by exactly the axons it needs, overlapping with others'. The
 * loaded operand of a product has no axons: its spikes leave the chip (load.h).
 *
 * The size of the boxes is free. Rule "fewest": by turns each layer takes the size that makes its own cores
 * and those of its readers the fewest, until nothing improves, from three beginnings. Rule "channel": boxes
 * of a single channel, the size with the fewest cores; on the MNIST network it gives the 705 cores of the
 * published placement.
 *
 * Source of the rule and the count: the placement files of github.com/zhoujuncc1/xy_routing.
 */
#include "arch/shenjing/mapping.h"

#include <string.h>

#define ROUNDS 6

/* Sides of the boxes into which a layer, or a box, is cut. */
struct cut {
    uint32_t channels, rows, cols;
};

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }
static uint32_t slices(uint32_t n, uint32_t size) { return n / size + (n % size != 0); }

static bool flat(struct sim_shape shape) { return shape.rows == 1 && shape.cols == 1; }

/* ---- boxes ------------------------------------------------------------------------------------- */

static uint32_t boxes(const struct cut *cut, struct sim_shape shape) {
    return slices(shape.channels, cut->channels) * slices(shape.rows, cut->rows) *
           slices(shape.cols, cut->cols);
}

/* Box `i` of a layer: rows, then columns, then channels, the last one fastest. */
static struct sim_box box_at(const struct cut *cut, struct sim_shape shape, uint32_t i) {
    uint32_t channels = slices(shape.channels, cut->channels), cols = slices(shape.cols, cut->cols);
    struct sim_box box = {.channel = i % channels * cut->channels,
                          .col = i / channels % cols * cut->cols,
                          .row = i / channels / cols * cut->rows};
    box.channels = smaller(cut->channels, shape.channels - box.channel);
    box.rows = smaller(cut->rows, shape.rows - box.row);
    box.cols = smaller(cut->cols, shape.cols - box.col);
    return box;
}

/* How many boxes of size `size` the range first .. first + length - 1 touches. */
static uint32_t touched(uint32_t first, uint32_t length, uint32_t size) {
    return length == 0 ? 0 : (first + length - 1) / size - first / size + 1;
}

/* A piece of at most `most` axons of a box of an input layer: its sides. */
static struct cut piece(struct sim_box box, uint32_t most) {
    struct cut cut = {1, 1, smaller(box.cols, most)};
    cut.rows = smaller(box.rows, most / cut.cols);
    if (cut.rows == box.rows && cut.cols == box.cols)
        cut.channels = smaller(box.channels, most / (cut.rows * cut.cols));
    return cut;
}

static uint64_t pieces(struct sim_box box, uint32_t most) {
    if (sim_box_neurons(box) == 0)
        return 0;
    struct cut cut = piece(box, most);
    return (uint64_t)slices(box.channels, cut.channels) * slices(box.rows, cut.rows) *
           slices(box.cols, cut.cols);
}

/* ---- what a cut costs -------------------------------------------------------------------------- */

/* The box of an input layer as its readers cut it: a full one by its numbers alone. */
static struct sim_box seen_box(const struct sim_projection *p, struct sim_box box, struct sim_shape *shape) {
    *shape = p->in;
    if (!p->full)
        return box;
    *shape = (struct sim_shape){sim_shape_neurons(p->in), 1, 1};
    return sim_shape_box(*shape);
}

static uint64_t input_cores(const struct arch_mapping *map, const struct sim_projection *p,
                            const struct cut *cut) {
    uint64_t cores = 0;
    uint32_t count = boxes(cut, p->out);
    for (uint32_t i = 0; i < count; i++) {
        struct sim_shape shape;
        struct sim_box reads = sim_projection_reads(p, box_at(cut, p->out, i));
        if (sim_box_neurons(reads) > 0)
            cores += pieces(seen_box(p, reads, &shape), map->core_axons);
    }
    return cores;
}

/* Cores of one operand from another layer; the axes are independent of each other. */
static uint64_t network_cores(const struct sim_projection *p, const struct cut *cut,
                              const struct cut *source) {
    if (p->full)
        return (uint64_t)boxes(cut, p->out) * boxes(source, p->in);
    uint64_t channels = 0, rows = 0, cols = 0;
    struct sim_box box = {0, 1, 0, 1, 0, 1}, reads;
    for (box.channel = 0; box.channel < p->out.channels; box.channel += cut->channels) {
        box.channels = smaller(cut->channels, p->out.channels - box.channel);
        reads = sim_projection_reads(p, box);
        channels += touched(reads.channel, reads.channels, source->channels);
    }
    box = (struct sim_box){0, 1, 0, 1, 0, 1};
    for (box.row = 0; box.row < p->out.rows; box.row += cut->rows) {
        box.rows = smaller(cut->rows, p->out.rows - box.row);
        reads = sim_projection_reads(p, box);
        rows += touched(reads.row, reads.rows, source->rows);
    }
    box = (struct sim_box){0, 1, 0, 1, 0, 1};
    for (box.col = 0; box.col < p->out.cols; box.col += cut->cols) {
        box.cols = smaller(cut->cols, p->out.cols - box.col);
        reads = sim_projection_reads(p, box);
        cols += touched(reads.col, reads.cols, source->cols);
    }
    return channels * rows * cols;
}

static uint64_t layer_cores(const struct arch_mapping *map, const struct cut *cuts, uint32_t id,
                            const struct cut *cut) {
    const struct sim_layer *layer = &map->graph->layer[id];
    uint64_t cores = 0;
    for (uint32_t port = 0; port < layer->operands; port++) {
        const struct sim_projection *p = &layer->projection[port];
        if (p->loads)
            continue;
        cores += sim_layer_outside(&map->graph->layer[p->source])
                     ? input_cores(map, p, cut)
                     : network_cores(p, cut, &cuts[p->source]);
    }
    return cores;
}

/* ---- the choice of cuts ------------------------------------------------------------------------ */

/* One layer's search: `readers` counts the cores of layers that read it, once their cuts are known. */
struct search {
    const struct arch_mapping *map;
    struct cut *cuts;
    uint32_t id;
    bool readers;
    struct cut best;
    uint64_t cores, boxes;
};

static void consider(struct search *search, struct cut cut) {
    const struct arch_mapping *map = search->map;
    struct cut before = search->cuts[search->id];
    uint64_t cores = layer_cores(map, search->cuts, search->id, &cut),
             count = boxes(&cut, map->graph->layer[search->id].shape);
    search->cuts[search->id] = cut;
    for (uint32_t id = search->id + 1; search->readers && id < map->graph->layers && cores < search->cores;
         id++)
        for (uint32_t port = 0; port < map->graph->layer[id].operands; port++)
            if (!sim_layer_outside(&map->graph->layer[id]) &&
                map->graph->layer[id].operand[port] == search->id &&
                !map->graph->layer[id].projection[port].loads)
                cores += network_cores(&map->graph->layer[id].projection[port], &search->cuts[id], &cut);
    search->cuts[search->id] = before;
    if (cores < search->cores || (cores == search->cores && count < search->boxes)) {
        search->best = cut;
        search->cores = cores;
        search->boxes = count;
    }
}

/* Sizes ceil(n / i) of equal parts of an axis, descending, each at most `most`: the next one below `size`. */
static uint32_t next_size(uint32_t n, uint32_t size) {
    uint32_t parts = slices(n, size);
    while (parts < n && slices(n, parts + 1) == size)
        parts++;
    return slices(n, parts + 1);
}

static void search_cut(struct search *search) {
    struct sim_shape shape = search->map->graph->layer[search->id].shape;
    uint32_t most = search->map->core_neurons;
    search->cores = search->boxes = UINT64_MAX;
    if (flat(shape)) {
        consider(search, (struct cut){smaller(shape.channels, most), 1, 1});
        return;
    }
    bool single = search->map->split == ARCH_SPLIT_CHANNEL;
    uint64_t enough = sim_shape_neurons(shape) / 2 < most / 2 ? sim_shape_neurons(shape) / 2 : most / 2;
    for (uint32_t rows = shape.rows;; rows = next_size(shape.rows, rows)) {
        for (uint32_t cols = shape.cols; rows <= most; cols = next_size(shape.cols, cols)) {
            uint32_t channels =
                (uint64_t)rows * cols <= most ? smaller(shape.channels, most / (rows * cols)) : 0;
            if (single && channels > 0)
                channels = 1;
            if (channels > 0)
                channels = slices(shape.channels, slices(shape.channels, channels));
            bool worth = single || (uint64_t)rows * cols * channels >= enough;
            if (channels > 0 && worth)
                consider(search, (struct cut){channels, rows, cols});
            if (cols == 1)
                break;
        }
        if (rows == 1)
            break;
    }
}

/* Where a search begins: with what is best for each layer alone, whole planes of few channels, or all
 * channels of small patches. */
enum beginning { ALONE, PLANES, PATCHES, BEGINNINGS };

/* Halves the longer side of a box until it fits. */
static struct cut shrink(struct cut cut, uint32_t most) {
    while ((uint64_t)cut.channels * cut.rows * cut.cols > most) {
        uint32_t *side = cut.rows >= cut.cols ? &cut.rows : &cut.cols;
        if (cut.rows == 1 && cut.cols == 1)
            side = &cut.channels;
        *side = (*side + 1) / 2;
    }
    return cut;
}

static struct cut begin_with(const struct arch_mapping *map, uint32_t id, enum beginning beginning) {
    struct sim_shape shape = map->graph->layer[id].shape;
    struct cut cut = shrink((struct cut){1, shape.rows, shape.cols}, map->core_neurons);
    if (beginning == PATCHES && map->split != ARCH_SPLIT_CHANNEL)
        return shrink((struct cut){shape.channels, shape.rows, shape.cols}, map->core_neurons);
    if (map->split != ARCH_SPLIT_CHANNEL || flat(shape))
        cut.channels = smaller(shape.channels, map->core_neurons / (cut.rows * cut.cols));
    return cut;
}

/* Cores of the whole network with the cuts that a search ends with. */
static uint64_t search_cuts(const struct arch_mapping *map, struct cut *cuts, enum beginning beginning) {
    uint64_t before = UINT64_MAX;
    for (uint32_t id = 0; id < map->graph->layers; id++)
        if (!sim_layer_outside(&map->graph->layer[id]))
            cuts[id] = begin_with(map, id, beginning);
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t total = 0;
        for (uint32_t id = 0; id < map->graph->layers; id++) {
            if (sim_layer_outside(&map->graph->layer[id]))
                continue;
            struct search search = {
                .map = map, .cuts = cuts, .id = id, .readers = beginning != ALONE || round > 0};
            search_cut(&search);
            cuts[id] = search.best;
        }
        for (uint32_t id = 0; id < map->graph->layers; id++)
            if (!sim_layer_outside(&map->graph->layer[id]))
                total += layer_cores(map, cuts, id, &cuts[id]);
        if (total >= before && round > 1)
            break;
        before = total;
    }
    return before;
}

static void choose_cuts(const struct arch_mapping *map, struct cut *cuts) {
    struct cut *tried = SIM_NEW_ARRAY(map->arena, struct cut, map->graph->layers);
    uint64_t fewest = UINT64_MAX;
    for (int beginning = 0; beginning < BEGINNINGS; beginning++) {
        uint64_t cores = search_cuts(map, tried, (enum beginning)beginning);
        if (cores >= fewest)
            continue;
        fewest = cores;
        memcpy(cuts, tried, map->graph->layers * sizeof *cuts);
    }
}

/* ---- cores ------------------------------------------------------------------------------------- */

static void add_core(struct arch_mapping *map, uint32_t port, uint32_t from, struct sim_box box,
                     struct sim_shape shape) {
    const struct arch_group *group = &map->group[map->groups];
    map->core[map->cores++] = (struct arch_core){
        .layer = group->layer,
        .port = port,
        .source = map->graph->layer[group->layer].operand[port],
        .group = map->groups,
        .from = from,
        .axon_box = box,
        .axon_shape = shape,
        .axons = (uint32_t)sim_box_neurons(box),
        .neurons = group->neurons,
        .tile = ARCH_NOBODY,
        .external = from == ARCH_NOBODY,
    };
}

static void add_input_cores(struct arch_mapping *map, const struct sim_projection *p, uint32_t port,
                            struct sim_box reads) {
    struct sim_shape shape;
    struct sim_box box = seen_box(p, reads, &shape);
    struct cut cut = piece(box, map->core_axons);
    for (uint32_t channel = 0; channel < box.channels; channel += cut.channels)
        for (uint32_t row = 0; row < box.rows; row += cut.rows)
            for (uint32_t col = 0; col < box.cols; col += cut.cols)
                add_core(map, port, ARCH_NOBODY,
                         (struct sim_box){box.channel + channel,
                                          smaller(cut.channels, box.channels - channel), box.row + row,
                                          smaller(cut.rows, box.rows - row), box.col + col,
                                          smaller(cut.cols, box.cols - col)},
                         shape);
}

/* The cores of one operand of a group, in the order of the source's boxes. */
static void add_network_cores(struct arch_mapping *map, const struct sim_projection *p, uint32_t port,
                              struct sim_box reads, const struct cut *source, uint32_t first_group) {
    uint32_t channels = slices(p->in.channels, source->channels), cols = slices(p->in.cols, source->cols);
    for (uint32_t r = reads.row / source->rows; r * source->rows < reads.row + reads.rows; r++)
        for (uint32_t k = reads.col / source->cols; k * source->cols < reads.col + reads.cols; k++)
            for (uint32_t c = reads.channel / source->channels;
                 c * source->channels < reads.channel + reads.channels; c++) {
                uint32_t box = (r * cols + k) * channels + c;
                add_core(map, port, first_group + box, box_at(source, p->in, box), p->in);
            }
}

/* Adds all groups of a layer; false if one reads nothing. */
static bool add_layer(struct arch_mapping *map, const struct cut *cuts, uint32_t *first_group, uint32_t id,
                      struct sim_err *err) {
    const struct sim_layer *layer = &map->graph->layer[id];
    uint32_t count = boxes(&cuts[id], layer->shape);
    first_group[id] = map->groups;
    for (uint32_t i = 0; i < count; i++, map->groups++) {
        struct arch_group *group = &map->group[map->groups];
        *group = (struct arch_group){
            .layer = id, .box = box_at(&cuts[id], layer->shape, i), .first_core = map->cores};
        group->neurons = (uint32_t)sim_box_neurons(group->box);
        for (uint32_t port = 0; port < layer->operands; port++) {
            const struct sim_projection *p = &layer->projection[port];
            struct sim_box reads = sim_projection_reads(p, group->box);
            if (p->loads || sim_box_neurons(reads) == 0)
                continue;
            if (sim_layer_outside(&map->graph->layer[p->source]))
                add_input_cores(map, p, port, reads);
            else
                add_network_cores(map, p, port, reads, &cuts[p->source], first_group[p->source]);
        }
        group->cores = map->cores - group->first_core;
        if (group->cores == 0)
            return sim_err_add(
                err, SIM_EXIT_CONFIG, NULL,
                "layer %u '%s': neurons from %u on read nothing, and a core of this chip needs axons", id,
                layer->name, arch_group_neuron(map, group, 0));
    }
    return true;
}

/* ---- the stage --------------------------------------------------------------------------------- */

static bool check_layer(const struct sim_graph *graph, uint32_t id, struct sim_err *err) {
    const struct sim_layer *layer = &graph->layer[id];
    if (sim_layer_outside(layer))
        return true;
    if (arch_drain(layer) > ARCH_DRAIN_MAX)
        return sim_err_add(
            err, SIM_EXIT_CONFIG, NULL,
            "layer %u '%s': after each timestep a neuron that pools %u inputs fires %u cycles on, "
            "until it is empty, and %u are possible (pool in two layers)",
            id, layer->name, arch_drain(layer) + 1, arch_drain(layer), ARCH_DRAIN_MAX);
    if (graph->replayed || layer->kind == SIM_LAYER_MAXPOOL)
        return true;
    if (layer->neuron != SIM_NEURON_IF || layer->reset != SIM_RESET_SOFT)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "layer %u '%s': this chip's neuron is integrate-and-fire with soft reset, not "
                           "'%s' with reset '%s'",
                           id, layer->name, sim_neuron_names[layer->neuron], sim_reset_names[layer->reset]);
    for (uint32_t port = 0; port < layer->operands; port++)
        if (layer->projection[port].weighted && layer->projection[port].weight == NULL)
            return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                               "layer %u '%s' has no weights: this chip runs functional traces only", id,
                               layer->name);
    return true;
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

/* A mesh that holds the network, where it may grow. */
static bool fit_mesh(struct arch_mapping *map, uint64_t cores, struct sim_err *err) {
    uint64_t rows = map->rows, cols = map->cols, tiles = rows * cols;
    larger_mesh(cores, &rows, &cols);
    if (cores <= tiles || (map->grow && rows <= ARCH_MESH_SIDE_MAX && cols <= ARCH_MESH_SIDE_MAX)) {
        map->rows = (uint32_t)rows;
        map->cols = (uint32_t)cols;
        return true;
    }
    return sim_err_add(
        err, SIM_EXIT_CONFIG, NULL,
        "the network needs %llu tiles of %u x %u and the chip has %u x %u = %llu: %llu too few "
        "(rows: %llu and cols: %llu would do)",
        (unsigned long long)cores, map->core_axons, map->core_neurons, map->rows, map->cols,
        (unsigned long long)tiles, (unsigned long long)(cores - tiles), (unsigned long long)rows,
        (unsigned long long)cols);
}

bool arch_partition(struct arch_mapping *map, struct sim_err *err) {
    const struct sim_graph *graph = map->graph;
    uint64_t cores = 0, groups = 0;
    bool sound = true;
    for (uint32_t id = 0; id < graph->layers; id++)
        sound &= check_layer(graph, id, err);
    if (!sound)
        return false;
    if (map->core_axons != map->core_neurons)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "the mapper needs cores with as many axons as neurons (here %u and %u)",
                           map->core_axons, map->core_neurons);
    struct cut *cuts = SIM_NEW_ARRAY(map->arena, struct cut, graph->layers);
    uint32_t *first_group = SIM_NEW_ARRAY(map->arena, uint32_t, graph->layers);
    choose_cuts(map, cuts);
    for (uint32_t id = 0; id < graph->layers; id++)
        if (!sim_layer_outside(&graph->layer[id])) {
            cores += layer_cores(map, cuts, id, &cuts[id]);
            groups += boxes(&cuts[id], graph->layer[id].shape);
        }
    if (cores == 0)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL, "the network has no layer to compute");
    if (!fit_mesh(map, cores, err))
        return false;
    map->core = SIM_NEW_ARRAY(map->arena, struct arch_core, cores);
    map->group = SIM_NEW_ARRAY(map->arena, struct arch_group, (groups < cores ? groups : cores) + 1);
    for (uint32_t id = 0; id < graph->layers; id++)
        if (!sim_layer_outside(&graph->layer[id]) && !add_layer(map, cuts, first_group, id, err))
            return false;
    return true;
}

/* SPDX-License-Identifier: MIT
 *
 * From a network to a plan; see map.h.
 */
#include "arch/dual/map.h"

#include <math.h>
#include <string.h>

struct map {
    const struct arch_dual_chip_spec *spec;
    const struct sim_graph *graph;
    struct sim_arena *arena;
    struct arch_dual_plan *plan;
    uint32_t output;
    int *movement; /* [layer] of its spikes */
};

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }
static uint32_t larger(uint32_t a, uint32_t b) { return a > b ? a : b; }
static uint32_t parts(uint32_t all, uint32_t most) { return (all + most - 1) / most; }

/* The width of as few equal slices as possible. */
static uint32_t even_slice(uint32_t all, uint32_t most) { return parts(all, parts(all, most)); }

/* ---- judgement -------------------------------------------------------------------------------- */

static bool check_layer(const struct map *map, uint32_t id, struct sim_err *err) {
    const struct sim_layer *layer = &map->graph->layer[id];
    const struct arch_dual_core_spec *core = &map->spec->core;
    if (sim_layer_outside(layer))
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "layer %u '%s' of kind '%s' cannot be mapped to this chip", id, layer->name,
                           sim_layer_kinds[layer->kind].name);
    if (layer->neuron != SIM_NEURON_IF)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "layer %u '%s': this chip needs integrate-and-fire neurons", id, layer->name);
    for (uint32_t port = 0; port < layer->operands; port++) {
        const struct sim_projection *p = &layer->projection[port];
        if (p->weighted && p->weight == NULL)
            return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                               "layer %u '%s' has no weights: this chip needs them", id, layer->name);
        if (!p->weighted &&
            (p->scale < -(1 << (core->weight_bits - 1)) || p->scale >= 1 << (core->weight_bits - 1)))
            return sim_err_add(
                err, SIM_EXIT_CONFIG, NULL,
                "layer %u '%s', operand %u: a scale of %d is no %u-bit weight, as the core's memory holds",
                id, layer->name, port, p->scale, core->weight_bits);
    }
    if (layer->weight_bits > core->weight_bits)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "layer %u '%s' has %u-bit weights and the core's memory holds %u-bit weights", id,
                           layer->name, layer->weight_bits, core->weight_bits);
    if (layer->threshold > (1 << (core->potential_bits - 1)) - 1)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "layer %u '%s': threshold %d is more than a potential of %u bits can reach", id,
                           layer->name, layer->threshold, core->potential_bits);
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

/* ---- partition --------------------------------------------------------------------------------- */

/* How a layer is cut: patches of its grid, or of a grid that is read as a whole stretches of neurons; and the
 * axons of each into as many slices, so that the sums of a layer are complete in the same step. */
struct cut {
    uint32_t channels, rows, cols; /* of a patch */
    uint32_t slices;
};

static bool is_full(const struct sim_layer *layer) {
    bool full = true;
    for (uint32_t port = 0; port < layer->operands; port++)
        full = full && layer->projection[port].full;
    return full;
}

/* The patch of a core: all channels where they fit, and as square as possible. */
static struct cut cut_grid(struct sim_shape shape, uint32_t most) {
    struct cut cut = {.channels = even_slice(shape.channels, most)};
    uint32_t pixels = most / cut.channels;
    uint32_t cols = smaller((uint32_t)ceil(sqrt((double)pixels)), shape.cols);
    cut.rows = even_slice(shape.rows, smaller(pixels / cols, shape.rows));
    cut.cols = even_slice(shape.cols, smaller(pixels / cut.rows, shape.cols));
    return cut;
}

static struct arch_span reads(const struct sim_projection *projection, const struct arch_span *neurons) {
    struct sim_box box = sim_projection_reads(projection, neurons->box);
    return (struct arch_span){box, 0, (uint32_t)sim_box_neurons(box)};
}

static uint32_t axons_of(const struct sim_layer *layer, const struct arch_span *neurons) {
    uint32_t axons = 0;
    for (uint32_t port = 0; port < layer->operands; port++)
        axons += reads(&layer->projection[port], neurons).count;
    return axons;
}

/* Calls visit for the neurons of each core of a layer. */
typedef void visit_share(struct map *map, uint32_t id, const struct arch_span *neurons, struct cut *cut);

static void visit_shares(struct map *map, uint32_t id, struct cut *cut, visit_share *visit) {
    const struct sim_layer *layer = &map->graph->layer[id];
    struct sim_shape shape = layer->shape;
    if (is_full(layer)) {
        struct arch_span span = arch_span_of(shape);
        uint32_t width = even_slice(layer->neurons, map->spec->core.neurons);
        for (; span.first < layer->neurons; span.first += width) {
            span.count = smaller(width, layer->neurons - span.first);
            visit(map, id, &span, cut);
        }
        return;
    }
    for (uint32_t row = 0; row < shape.rows; row += cut->rows)
        for (uint32_t col = 0; col < shape.cols; col += cut->cols)
            for (uint32_t channel = 0; channel < shape.channels; channel += cut->channels) {
                struct sim_box box = {channel, smaller(cut->channels, shape.channels - channel),
                                      row,     smaller(cut->rows, shape.rows - row),
                                      col,     smaller(cut->cols, shape.cols - col)};
                struct arch_span span = {box, 0, (uint32_t)sim_box_neurons(box)};
                visit(map, id, &span, cut);
            }
}

static void count_share(struct map *map, uint32_t id, const struct arch_span *neurons, struct cut *cut) {
    uint32_t slices = parts(axons_of(&map->graph->layer[id], neurons), map->spec->core.axons);
    cut->slices = larger(cut->slices, slices);
}

static void count_cores(struct map *map, uint32_t id, const struct arch_span *neurons, struct cut *cut) {
    (void)id, (void)neurons;
    map->plan->cores += cut->slices;
}

/* The operands of a core that has axons first .. first + count - 1 of all that its neurons read. */
static void add_operands(const struct map *map, struct arch_dual_share *share, uint32_t first,
                         uint32_t count) {
    const struct sim_layer *layer = &map->graph->layer[share->layer];
    uint32_t before = 0;
    share->operand = SIM_NEW_ARRAY(map->arena, struct arch_dual_operand, layer->operands);
    share->input = SIM_NEW_ARRAY(map->arena, struct arch_dual_input, layer->operands);
    for (uint32_t port = 0; port < layer->operands; port++) {
        struct arch_span span = reads(&layer->projection[port], &share->neurons);
        uint32_t begin = larger(first, before), end = smaller(first + count, before + span.count);
        uint32_t start = before;
        before += span.count;
        if (end <= begin)
            continue;
        span.first = begin - start;
        span.count = end - begin;
        share->operand[share->operands] =
            (struct arch_dual_operand){layer->operand[port], port, begin - first, span};
        share->input[share->operands++] = (struct arch_dual_input){.key = begin - first};
    }
}

static void add_share(struct map *map, uint32_t id, const struct arch_span *neurons, struct cut *cut) {
    const struct sim_layer *layer = &map->graph->layer[id];
    uint32_t axons = axons_of(layer, neurons), width = parts(axons, cut->slices);
    for (uint32_t slice = 0; slice < cut->slices; slice++) {
        struct arch_dual_share *share = &map->plan->core[map->plan->cores++];
        uint32_t first = smaller(slice * width, axons), count = smaller(width, axons - first);
        bool last = slice + 1 == cut->slices;
        *share = (struct arch_dual_share){
            .layer = id,
            .neurons = *neurons,
            .load = {.axons = count,
                     .neurons = neurons->count,
                     .stride = neurons->count,
                     .threshold = layer->threshold,
                     .soft = layer->reset == SIM_RESET_SOFT,
                     .partial = !last,
                     .root = last && cut->slices > 1},
        };
        add_operands(map, share, first, count);
        share->load.input = share->input;
        share->load.inputs = share->operands;
    }
}

static void partition(struct map *map) {
    struct arch_dual_plan *plan = map->plan;
    const struct sim_graph *graph = map->graph;
    struct cut *cut = SIM_NEW_ARRAY(map->arena, struct cut, graph->layers);
    for (uint32_t id = 0; id < graph->layers; id++)
        if (graph->layer[id].kind != SIM_LAYER_INPUT) {
            cut[id] = cut_grid(graph->layer[id].shape, map->spec->core.neurons);
            cut[id].slices = 1;
            visit_shares(map, id, &cut[id], count_share);
            visit_shares(map, id, &cut[id], count_cores);
        }
    plan->core = SIM_NEW_ARRAY(map->arena, struct arch_dual_share, plan->cores);
    plan->cores = 0;
    for (uint32_t id = 0; id < graph->layers; id++)
        if (graph->layer[id].kind != SIM_LAYER_INPUT)
            visit_shares(map, id, &cut[id], add_share);
}

/* ---- weights ----------------------------------------------------------------------------------- */

/* Rows of an operand's weights, and how many synapses each has. */
static void load_operand(const struct map *map, const struct arch_dual_share *share,
                         const struct arch_dual_operand *operand, int8_t *weight, uint64_t *synapses,
                         uint64_t *weighted) {
    const struct sim_projection *p = &map->graph->layer[share->layer].projection[operand->port];
    uint32_t width = share->load.neurons;
    int8_t *row = SIM_NEW_ARRAY(map->arena, int8_t, sim_box_neurons(share->neurons.box));
    for (uint32_t i = 0; i < operand->neurons.count; i++) {
        uint32_t axon = arch_span_number(&operand->neurons, i, p->in), key = operand->key + i;
        uint32_t found = sim_projection_row(p, axon, share->neurons.box, row);
        synapses[key + 1] = p->full ? width : found;
        weighted[key + 1] = p->weighted ? synapses[key + 1] : 0;
        for (uint32_t n = 0; n < width; n++)
            weight[(size_t)key * width + n] = row[arch_span_box_place(&share->neurons, n)];
    }
}

static bool same_span(const struct arch_span *a, const struct arch_span *b) {
    return a->box.channel == b->box.channel && a->box.channels == b->box.channels &&
           a->box.rows == b->box.rows && a->box.cols == b->box.cols && a->first == b->first &&
           a->count == b->count;
}

/* Whether the cores of two patches hold the same weights: they read windows that lie about them alike. */
static bool same_weights(const struct map *map, const struct arch_dual_share *a,
                         const struct arch_dual_share *b) {
    bool same = a->layer == b->layer && a->operands == b->operands && same_span(&a->neurons, &b->neurons);
    for (uint32_t i = 0; same && i < a->operands; i++) {
        const struct arch_dual_operand *of_a = &a->operand[i], *of_b = &b->operand[i];
        const struct sim_projection *p = &map->graph->layer[a->layer].projection[of_a->port];
        int64_t rows = ((int64_t)b->neurons.box.row - a->neurons.box.row) * p->stride_rows;
        int64_t cols = ((int64_t)b->neurons.box.col - a->neurons.box.col) * p->stride_cols;
        same = of_a->port == of_b->port && of_a->key == of_b->key &&
               same_span(&of_a->neurons, &of_b->neurons) && !p->full &&
               (int64_t)of_b->neurons.box.row - of_a->neurons.box.row == rows &&
               (int64_t)of_b->neurons.box.col - of_a->neurons.box.col == cols;
    }
    return same;
}

static void load_weights(const struct map *map, uint32_t core) {
    struct arch_dual_share *share = &map->plan->core[core];
    for (uint32_t i = core; i-- > 0 && map->plan->core[i].layer == share->layer;)
        if (same_weights(map, share, &map->plan->core[i])) {
            share->load.weight = map->plan->core[i].load.weight;
            share->load.synapses = map->plan->core[i].load.synapses;
            share->load.weighted = map->plan->core[i].load.weighted;
            return;
        }
    int8_t *weight = SIM_NEW_ARRAY(map->arena, int8_t, (size_t)share->load.axons * share->load.neurons + 1);
    uint64_t *synapses = SIM_NEW_ARRAY(map->arena, uint64_t, (size_t)share->load.axons + 1);
    uint64_t *weighted = SIM_NEW_ARRAY(map->arena, uint64_t, (size_t)share->load.axons + 1);
    for (uint32_t i = 0; i < share->operands; i++)
        load_operand(map, share, &share->operand[i], weight, synapses, weighted);
    for (uint32_t axon = 0; axon < share->load.axons; axon++) {
        synapses[axon + 1] += synapses[axon];
        weighted[axon + 1] += weighted[axon];
    }
    share->load.weight = weight;
    share->load.synapses = synapses;
    share->load.weighted = weighted;
}

/* ---- placement --------------------------------------------------------------------------------- */

static bool place(struct map *map, struct sim_err *err) {
    const struct arch_dual_chip_spec *spec = map->spec;
    struct arch_dual_plan *plan = map->plan;
    uint32_t tiles = parts(plan->cores, spec->cores_per_tile);
    uint32_t rows = spec->rows, cols = spec->cols;
    if (tiles > rows * cols && spec->grow)
        rows = cols = larger(rows, larger(cols, (uint32_t)ceil(sqrt((double)tiles))));
    if (tiles > rows * cols)
        return sim_err_add(
            err, SIM_EXIT_CONFIG, NULL,
            "the network needs %u cores, %u tiles of %u, and the chip has %u x %u tiles: %u too few"
            " (chip.grow: true makes the mesh as large as the network needs)",
            plan->cores, tiles, spec->cores_per_tile, rows, cols, tiles - rows * cols);
    uint32_t side = (uint32_t)ceil(sqrt((double)tiles)), least = parts(tiles, rows);
    plan->cols = smaller(larger(side, least), cols);
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
    for (uint32_t id = 0; id < graph->layers; id++)
        if (graph->layer[id].kind == SIM_LAYER_INPUT) {
            host->feed[host->feeds++] =
                (struct arch_dual_feed){id, graph->layer[id].neurons, base, graph->layer[id].shape};
            base += parts(graph->layer[id].neurons, 64) * 64;
        }
    host->port = map->spec->cores_per_tile;
    host->outputs = graph->layer[map->output].neurons;
    map->plan->host = host;
    map->plan->hosts = 1;
}

/* Who sends: its targets, counted first and then filled in. */
struct origin {
    const struct map *map;
    struct arch_stream_target *target; /* NULL: counting */
    uint32_t targets;
    uint32_t base;        /* number of the span's first neuron at the sender */
    struct arch_stream_target model; /* of the target at hand */
    const uint64_t *synapses;        /* of its core's axons; NULL at the host */
};

static void add_target(struct origin *origin, uint32_t first, uint32_t key, uint32_t count) {
    uint32_t number = origin->targets++;
    if (origin->target == NULL)
        return;
    struct arch_stream_target *target = &origin->target[number];
    *target = origin->model;
    target->first = origin->base + first;
    target->key = key;
    target->count = count;
    if (origin->synapses != NULL && origin->map->spec->delivery == ARCH_DUAL_PER_NEURON)
        target->copies_before = &origin->synapses[key];
}

/* A run of neurons that a core may read; those without a synapse there are left out. */
static void send_run(void *user, uint32_t first, uint32_t key, uint32_t count) {
    struct origin *origin = user;
    const uint64_t *synapses = origin->synapses;
    key += origin->model.key;
    for (uint32_t i = 0, begin = 0; i <= count; i++) {
        if (i < count && (synapses == NULL || synapses[key + i + 1] > synapses[key + i]))
            continue;
        if (i > begin)
            add_target(origin, first + begin, key + begin, i - begin);
        begin = i + 1;
    }
}

/* What a span of a layer sends to the cores that read it. */
static void send_span(struct origin *origin, uint32_t layer, const struct arch_span *span) {
    const struct map *map = origin->map;
    for (uint32_t i = 0; i < map->plan->cores; i++) {
        const struct arch_dual_share *to = &map->plan->core[i];
        for (uint32_t k = 0; k < to->operands; k++) {
            if (to->operand[k].source != layer)
                continue;
            origin->model = (struct arch_stream_target){.terminal = map->plan->hosts + i,
                                                        .key = to->operand[k].key,
                                                        .copies = 1,
                                                        .movement = map->movement[layer]};
            origin->synapses = to->load.synapses;
            arch_span_meet(span, &to->operand[k].neurons, send_run, origin);
        }
    }
}

/* The last layer's neurons to the host, which counts them by their numbers. */
static void send_output(struct origin *origin, const struct arch_dual_share *share) {
    struct sim_shape shape = origin->map->graph->layer[share->layer].shape;
    origin->synapses = NULL;
    origin->model = (struct arch_stream_target){
        .terminal = 0, .copies = 1, .movement = origin->map->movement[share->layer]};
    for (uint32_t i = 0, end; i < share->neurons.count; i = end) {
        uint32_t number = arch_span_number(&share->neurons, i, shape);
        for (end = i + 1; end < share->neurons.count; end++)
            if (arch_span_number(&share->neurons, end, shape) != number + end - i)
                break;
        add_target(origin, i, number, end - i);
    }
}

/* The core of `share`'s group that fires. */
static uint32_t root_of(const struct arch_dual_plan *plan, uint32_t share) {
    while (plan->core[share].load.partial)
        share++;
    return share;
}

static void send_from_core(struct origin *origin, uint32_t core) {
    const struct map *map = origin->map;
    const struct arch_dual_share *share = &map->plan->core[core];
    if (share->load.partial) {
        origin->synapses = NULL;
        origin->model =
            (struct arch_stream_target){.terminal = map->plan->hosts + root_of(map->plan, core), .copies = 1};
        add_target(origin, 0, 0, share->load.neurons);
        return;
    }
    send_span(origin, share->layer, &share->neurons);
    if (share->layer == map->output)
        send_output(origin, share);
}

static void send_from_host(struct origin *origin, uint32_t unused) {
    const struct arch_dual_origin *host = origin->map->plan->host;
    (void)unused;
    for (uint32_t i = 0; i < host->feeds; i++) {
        struct arch_span span = arch_span_of(host->feed[i].shape);
        origin->base = host->feed[i].base;
        send_span(origin, host->feed[i].layer, &span);
    }
}

/* Counts the targets, makes room, and fills them in. */
static struct arch_stream_target *make_targets(const struct map *map, void (*send)(struct origin *, uint32_t),
                                               uint32_t core, uint32_t *targets) {
    struct origin origin = {.map = map};
    send(&origin, core);
    origin.target = SIM_NEW_ARRAY(map->arena, struct arch_stream_target, (size_t)origin.targets + 1);
    origin.targets = 0;
    send(&origin, core);
    *targets = origin.targets;
    return origin.target;
}

/* The most ticks that an operand waits: all layers may add a step, and the groups' roots one more. */
static void size_buffers(const struct map *map) {
    struct arch_dual_plan *plan = map->plan;
    uint32_t *leaves = SIM_NEW_ARRAY(map->arena, uint32_t, plan->layers);
    for (uint32_t first = 0, end; first < plan->cores; first = end) {
        uint32_t layer = plan->core[first].layer, earliest = UINT32_MAX, latest = 0;
        const struct sim_layer *own = &map->graph->layer[layer];
        for (uint32_t port = 0; port < own->operands; port++) {
            earliest = smaller(earliest, leaves[own->operand[port]]);
            latest = larger(latest, leaves[own->operand[port]]);
        }
        for (end = first; end < plan->cores && plan->core[end].layer == layer; end++) {
            plan->core[end].load.delay_most = latest - earliest;
            leaves[layer] = latest + 1 + plan->core[end].load.root;
        }
    }
}

struct arch_dual_plan *arch_dual_map(const struct arch_dual_chip_spec *spec, const struct sim_graph *graph,
                                     uint32_t *output, struct sim_arena *arena, struct sim_err *err) {
    struct map map = {.spec = spec, .graph = graph, .arena = arena};
    bool sound = sim_graph_one_piece(graph, "arch.dual_chip", err) && find_output(&map, err) &&
                 read_movements(&map, err);
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
    size_buffers(&map);
    add_host(&map);
    for (uint32_t i = 0; i < map.plan->cores; i++)
        load_weights(&map, i);
    for (uint32_t i = 0; i < map.plan->cores; i++)
        map.plan->core[i].target = make_targets(&map, send_from_core, i, &map.plan->core[i].targets);
    map.plan->host->target = make_targets(&map, send_from_host, 0, &map.plan->host->targets);
    arch_dual_place(map.plan, spec, graph);
    *output = map.output;
    return map.plan;
}

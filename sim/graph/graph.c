/* SPDX-License-Identifier: MIT
 *
 * The network graph and its judge; see graph.h.
 */
#include "sim/graph/graph.h"

#include "sim/graph/neuron.h"

#include <string.h>

const struct sim_layer_kind_info sim_layer_kinds[SIM_LAYER_KIND_COUNT] = {
    [SIM_LAYER_INPUT] = {.name = "input", .help = "neurons whose spikes come from outside", .outside = true},
    [SIM_LAYER_DENSE] = {.name = "dense",
                         .help = "every neuron reads every neuron of the operand",
                         .operands_min = 1,
                         .operands_max = SIM_LAYER_OPERANDS_MAX,
                         .full = true,
                         .weighted = true},
    [SIM_LAYER_CONV] = {.name = "conv",
                        .help = "a neuron reads a window of the operand through a shared kernel",
                        .operands_min = 1,
                        .operands_max = SIM_LAYER_OPERANDS_MAX,
                        .weighted = true},
    [SIM_LAYER_AVGPOOL] = {.name = "avgpool",
                           .help = "a neuron adds the spikes of a window of its channel",
                           .operands_min = 1,
                           .operands_max = SIM_LAYER_OPERANDS_MAX,
                           .per_channel = true},
    [SIM_LAYER_MAXPOOL] = {.name = "maxpool",
                           .help = "a neuron spikes when any of a window of its channel does",
                           .operands_min = 1,
                           .operands_max = 1,
                           .per_channel = true},
    [SIM_LAYER_IDENTITY] = {.name = "identity",
                            .help = "a neuron reads the neuron in its own place",
                            .operands_min = 1,
                            .operands_max = SIM_LAYER_OPERANDS_MAX,
                            .per_channel = true},
    [SIM_LAYER_PRODUCT] = {.name = "product",
                           .help = "a neuron multiplies a row of operand 0 with loaded counts of operand 1",
                           .operands_min = 2,
                           .operands_max = 2},
    [SIM_LAYER_HOST] = {.name = "host",
                        .help = "computed outside the cores from the spikes of its operands",
                        .operands_min = 1,
                        .operands_max = SIM_LAYER_OPERANDS_MAX,
                        .outside = true},
};

const char *const sim_neuron_names[SIM_NEURON_COUNT] = {"",    "if",   "lif",         "channel_if",
                                                        "ssf", "ttfs", "masked_ttfs", "shift_lif"};
const char *const sim_reset_names[SIM_RESET_COUNT] = {"", "soft", "hard"};

void sim_graph_init(struct sim_graph *graph) {
    *graph = (struct sim_graph){0};
    sim_arena_init(&graph->arena);
}

void sim_graph_release(struct sim_graph *graph) {
    sim_arena_release(&graph->arena);
    *graph = (struct sim_graph){0};
}

void sim_graph_alloc(struct sim_graph *graph, uint32_t layers) {
    graph->layers = layers;
    graph->layer = SIM_NEW_ARRAY(&graph->arena, struct sim_layer, layers);
}

/* One graph being judged. */
struct judge {
    struct sim_graph *graph;
    const struct sim_where *where;
    struct sim_err *err;
    bool ok;
};

/* Adds a fault of layer `number`: "layer(2 'output'): MESSAGE". */
static void fault(struct judge *judge, uint32_t number, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void fault(struct judge *judge, uint32_t number, const char *format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    judge->ok = sim_err_add(judge->err, SIM_EXIT_CONFIG, judge->where, "layer(%u '%s'): %s", number,
                            judge->graph->layer[number].name, text);
}

static bool check_name(struct judge *judge, uint32_t number) {
    const struct sim_layer *layer = &judge->graph->layer[number];
    size_t length = strlen(layer->name);
    if (length == 0 || length > SIM_LAYER_NAME_MAX) {
        fault(judge, number, "the name has %zu bytes: it needs 1 to %u", length, SIM_LAYER_NAME_MAX);
        return false;
    }
    for (const char *c = layer->name; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f) {
            fault(judge, number, "the name has a control character");
            return false;
        }
    return true;
}

/* False when the operands cannot be followed. */
static bool check_operands(struct judge *judge, uint32_t number) {
    const struct sim_layer *layer = &judge->graph->layer[number];
    const struct sim_layer_kind_info *info = &sim_layer_kinds[layer->kind];
    if (layer->operands < info->operands_min || layer->operands > info->operands_max) {
        if (info->operands_max == info->operands_min)
            fault(judge, number, "%u operands (edges): kind '%s' takes %u", layer->operands, info->name,
                  info->operands_min);
        else
            fault(judge, number, "%u operands (edges): kind '%s' takes %u to %u", layer->operands, info->name,
                  info->operands_min, info->operands_max);
        return false;
    }
    for (uint32_t port = 0; port < layer->operands; port++)
        if (layer->operand[port] >= number) {
            fault(judge, number, "operand %u is layer %u: an operand needs a smaller number", port,
                  layer->operand[port]);
            return false;
        }
    return true;
}

static void check_neuron(struct judge *judge, uint32_t number) {
    const struct sim_layer *layer = &judge->graph->layer[number];
    const struct sim_layer_kind_info *info = &sim_layer_kinds[layer->kind];
    if (info->outside) {
        if (layer->neuron != SIM_NEURON_NONE || layer->reset != SIM_RESET_NONE ||
            layer->threshold != 0 || layer->weight_bits != 0)
            fault(judge, number, "a layer of kind '%s' has no neuron model, threshold or weights",
                  info->name);
        return;
    }
    if (layer->neuron != SIM_NEURON_NONE && layer->reset == SIM_RESET_NONE)
        fault(judge, number, "neuron '%s' without a reset", sim_neuron_names[layer->neuron]);
    if (layer->threshold < 0)
        fault(judge, number, "threshold %d < 1", layer->threshold);
    if (layer->weight_bits > SIM_WEIGHT_BITS_MAX)
        fault(judge, number, "weight_bits %u > %u", layer->weight_bits, SIM_WEIGHT_BITS_MAX);
    if (layer->kind == SIM_LAYER_MAXPOOL && layer->neuron != SIM_NEURON_NONE &&
        (layer->neuron != SIM_NEURON_IF || layer->reset != SIM_RESET_HARD || layer->threshold != 1))
        fault(judge, number,
              "kind 'maxpool' is neuron 'if' with reset 'hard' and threshold 1: a spike when any comes in");
}

/* The first weight outside lowest..highest, or count. */
static uint64_t find_excess(const int8_t *weight, uint64_t count, int lowest, int highest) {
    for (uint64_t i = 0; i < count; i++)
        if (weight[i] < lowest || weight[i] > highest)
            return i;
    return count;
}

static void check_kernel(struct judge *judge, uint32_t number) {
    const struct sim_layer *layer = &judge->graph->layer[number];
    uint32_t rows = 0, cols = 0;
    for (uint32_t port = 0; layer->projection != NULL && port < layer->operands; port++) {
        const struct sim_projection *projection = &layer->projection[port];
        rows += sim_projection_rows(projection);
        if (projection->weighted)
            cols = projection->full ? layer->neurons : layer->shape.channels;
    }
    if (rows == 0) {
        fault(judge, number, "a layer of kind '%s' has no weights", sim_layer_kinds[layer->kind].name);
        return;
    }
    if (layer->rows != rows || layer->cols != cols) {
        fault(judge, number, "weights of %u x %u: the graph needs %u x %u", layer->rows, layer->cols,
              rows, cols);
        return;
    }
    if (layer->neuron == SIM_NEURON_NONE)
        fault(judge, number, "weights without a neuron model");
    if (layer->threshold == 0)
        fault(judge, number, "weights without a threshold");
    if (layer->weight_bits == 0) {
        fault(judge, number, "weights without weight_bits");
        return;
    }
    if (layer->weight_bits > SIM_WEIGHT_BITS_MAX)
        return;
    int highest = (1 << (layer->weight_bits - 1)) - 1;
    uint64_t count = (uint64_t)rows * cols;
    uint64_t at = find_excess(layer->weight, count, -highest - 1, highest);
    if (at == count)
        return;
    bool dense = layer->kind == SIM_LAYER_DENSE;
    fault(judge, number, "weight[%s %u][%s %u] is %d: %u bits hold %d..%d", dense ? "axon" : "row",
          (unsigned)(at / cols), dense ? "neuron" : "channel", (unsigned)(at % cols), layer->weight[at],
          layer->weight_bits, -highest - 1, highest);
}

/* The scales of synapses that have no weights of their own. */
static void check_scales(struct judge *judge, uint32_t number) {
    const struct sim_layer *layer = &judge->graph->layer[number];
    uint32_t bits = sim_layer_weight_bits(layer);
    if (bits > SIM_WEIGHT_BITS_MAX)
        return;
    int highest = (1 << (bits - 1)) - 1;
    for (uint32_t port = 0; port < layer->operands; port++) {
        const struct sim_projection *projection = &layer->projection[port];
        if (!projection->weighted && (projection->scale > highest || projection->scale < -highest - 1))
            fault(judge, number, "operand %u has scale %d: %u bits hold %d..%d", port, projection->scale,
                  bits, -highest - 1, highest);
    }
}

static void check_parameters(struct judge *judge, uint32_t number) {
    char text[320];
    if (!sim_neuron_check(judge->graph, number, text, sizeof text))
        fault(judge, number, "%s", text);
}

static bool connect(struct judge *judge, uint32_t number) {
    char text[320];
    if (sim_layer_connect(judge->graph, number, text, sizeof text))
        return true;
    fault(judge, number, "%s", text);
    return false;
}

static void window_fault(void *judge, uint32_t number, const char *text) {
    fault(judge, number, "%s", text);
}

static void check_unique(struct judge *judge) {
    for (uint32_t i = 0; i < judge->graph->layers; i++)
        for (uint32_t j = 0; j < i; j++)
            if (strcmp(judge->graph->layer[i].name, judge->graph->layer[j].name) == 0) {
                fault(judge, i, "layer %u has the same name", j);
                break;
            }
}

bool sim_graph_check(struct sim_graph *graph, const struct sim_where *where, struct sim_err *err) {
    struct judge judge = {.graph = graph, .where = where, .err = err, .ok = true};
    if (graph->layers == 0 || graph->layers > SIM_GRAPH_LAYERS_MAX)
        return sim_err_add(err, SIM_EXIT_CONFIG, where, "%u layers: a network has 1 to %u",
                           graph->layers, SIM_GRAPH_LAYERS_MAX);
    bool sized = true;
    uint64_t edges = 0;
    for (uint32_t i = 0; i < graph->layers; i++) {
        if (!check_name(&judge, i))
            return false;
        uint32_t neurons = graph->layer[i].neurons;
        edges += graph->layer[i].operands;
        if (neurons == 0 || neurons > SIM_LAYER_NEURONS_MAX) {
            fault(&judge, i, "%u neurons: a layer has 1 to %u", neurons, SIM_LAYER_NEURONS_MAX);
            sized = false;
        }
    }
    if (edges > SIM_GRAPH_EDGES_MAX)
        judge.ok = sim_err_add(err, SIM_EXIT_CONFIG, where, "%llu edges: a network has at most %u",
                               (unsigned long long)edges, SIM_GRAPH_EDGES_MAX);
    if (!sized)
        return false;
    bool connected = true; /* a layer without a shape leaves its readers without one */
    for (uint32_t i = 0; i < graph->layers && !sim_err_full(err); i++) {
        check_neuron(&judge, i);
        connected = check_operands(&judge, i) && connected && connect(&judge, i);
        if (connected)
            check_parameters(&judge, i);
        if (connected && graph->layer[i].weight != NULL)
            check_kernel(&judge, i);
        if (connected && !sim_layer_outside(&graph->layer[i]))
            check_scales(&judge, i);
    }
    check_unique(&judge);
    if (judge.ok)
        sim_graph_windows(graph, window_fault, &judge);
    return judge.ok;
}

bool sim_graph_functional(const struct sim_graph *graph) {
    for (uint32_t i = 0; i < graph->layers; i++) {
        const struct sim_layer *layer = &graph->layer[i];
        if (layer->kind == SIM_LAYER_INPUT || layer->host != NULL)
            continue;
        if (layer->neuron == SIM_NEURON_NONE || layer->threshold == 0 || layer->weight_bits == 0)
            return false;
        for (uint32_t port = 0; port < layer->operands; port++)
            if (layer->projection[port].weighted && layer->projection[port].weight == NULL)
                return false;
    }
    return true;
}

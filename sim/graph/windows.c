/* SPDX-License-Identifier: MIT
 *
 * Token windows of a graph: when each layer's first token comes; see graph.h.
 *
 *     window          0     1     2     3     4     5
 *     input           t0    t1    t2
 *     dense           t0    t1    t2                        what it reads
 *     attention                         t0    t1    t2      all tokens first
 *     dense                             t0    t1    t2
 *     sum of both     needs both: t0 in window 3; the host keeps the earlier operand until then
 */
#include "sim/graph/graph.h"

#include "sim/graph/host_layer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define KEPT_MAX ((uint64_t)1 << 28) /* counts that hosts keep of a sequence */

struct judge {
    struct sim_graph *graph;
    void (*fault)(void *user, uint32_t layer, const char *text);
    void *user;
    bool ok;
};

static void complain(struct judge *judge, uint32_t layer, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void complain(struct judge *judge, uint32_t layer, const char *format, ...) {
    char text[320];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    judge->ok = false;
    judge->fault(judge->user, layer, text);
}

bool sim_graph_one_piece(const struct sim_graph *graph, const char *hardware, struct sim_err *err) {
    return graph->window == 0 ||
           sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                       "%s runs a sample in one piece, and this trace has token windows (meta 'window'): "
                       "arch.shenjing and arch.packet_chip with digital cores or crossbars run it",
                       hardware);
}

/* What starts anew with a window must be all that a neuron remembers. */
static void check_neuron(struct judge *judge, uint32_t id) {
    enum sim_neuron neuron = judge->graph->layer[id].neuron;
    if (neuron != SIM_NEURON_NONE && neuron != SIM_NEURON_IF && neuron != SIM_NEURON_LIF &&
        neuron != SIM_NEURON_CHANNEL_IF)
        complain(judge, id, "neuron '%s' in a trace with token windows: known there are if, lif, channel_if",
                 sim_neuron_names[neuron]);
}

/* A product streams when the last token is loaded; a weight holds a count. */
static void place_product(struct judge *judge, uint32_t id) {
    struct sim_layer *layer = &judge->graph->layer[id];
    const struct sim_layer *streamed = &judge->graph->layer[layer->operand[0]],
                           *loaded = &judge->graph->layer[layer->operand[1]];
    uint64_t end = (uint64_t)loaded->begin + judge->graph->tokens;
    if (streamed->single || loaded->single)
        complain(judge, id, "a product has operands of every token, not of one");
    if (streamed->begin < end)
        complain(judge, id,
                 "operand 0 begins in window %u, and operand 1 is loaded in windows %u to %llu (a host layer "
                 "with operator 'map' and 'wait' sends it later)",
                 streamed->begin, loaded->begin, (unsigned long long)end - 1);
    if (layer->weight_bits != 0 && judge->graph->window >= 1u << (layer->weight_bits - 1))
        complain(judge, id, "loaded counts of up to %u spikes do not fit into weights of %u bits",
                 judge->graph->window, layer->weight_bits);
    layer->begin = streamed->begin;
}

/* Begin and number of tokens from those of the operands. */
static void place(struct judge *judge, uint32_t id) {
    struct sim_layer *layer = &judge->graph->layer[id];
    if (layer->kind == SIM_LAYER_PRODUCT) {
        place_product(judge, id);
        return;
    }
    for (uint32_t port = 0; port < layer->operands; port++) {
        const struct sim_layer *operand = &judge->graph->layer[layer->operand[port]];
        const struct sim_layer *first = &judge->graph->layer[layer->operand[0]];
        if (operand->single != first->single)
            complain(judge, id, "operand %u has %s and operand 0 %s", port,
                     operand->single ? "one token" : "every token", first->single ? "one" : "every");
        if (layer->host == NULL && operand->begin != first->begin)
            complain(judge, id,
                     "operand 0 begins in window %u and operand %u in window %u: a core adds what comes "
                     "together (a host layer with operator 'map' keeps the earlier)",
                     first->begin, port, operand->begin);
        layer->begin = operand->begin > layer->begin ? operand->begin : layer->begin;
        layer->single = operand->single;
    }
    if (layer->host == NULL)
        return;
    layer->begin += layer->host->wait;
    layer->single |= layer->host->operator_ == SIM_HOST_MEAN;
}

/* The windows must suffice for every layer; who reads it comes later. */
static void check_end(struct judge *judge, uint32_t id) {
    const struct sim_graph *graph = judge->graph;
    const struct sim_layer *layer = &graph->layer[id];
    uint64_t end = (uint64_t)layer->begin + sim_layer_tokens(layer, graph->tokens);
    if (end > graph->windows)
        complain(judge, id,
                 "its last token comes in window %llu, and a sample has %u windows of %u timesteps: %llu "
                 "timesteps are needed",
                 (unsigned long long)end - 1, graph->windows, graph->window,
                 (unsigned long long)(end * graph->window));
}

static void check_kept(struct judge *judge) {
    const struct sim_graph *graph = judge->graph;
    uint64_t kept = 0;
    for (uint32_t id = 0; judge->ok && id < graph->layers; id++) {
        kept += (uint64_t)graph->layer[id].neurons * graph->tokens;
        if (kept > KEPT_MAX)
            complain(judge, id, "%u tokens of all neurons up to here are more than 2^28 counts",
                     graph->tokens);
    }
}

void sim_graph_windows(struct sim_graph *graph, void (*fault)(void *user, uint32_t layer, const char *text),
                       void *user) {
    struct judge judge = {graph, fault, user, true};
    bool described = true;
    for (uint32_t id = 0; id < graph->layers; id++) {
        const struct sim_layer *layer = &graph->layer[id];
        described &= layer->kind != SIM_LAYER_HOST || layer->host != NULL;
        if (graph->window != 0)
            check_neuron(&judge, id);
        else if (layer->host != NULL)
            complain(&judge, id, "operator '%s' works on token windows: meta 'window' is not given",
                     sim_host_operator_names[layer->host->operator_]);
    }
    if (graph->window == 0 || !described || !judge.ok)
        return;
    for (uint32_t id = 0; judge.ok && id < graph->layers; id++)
        place(&judge, id);
    for (uint32_t id = graph->layers; judge.ok && id > 0; id--)
        check_end(&judge, id - 1);
    check_kept(&judge);
}

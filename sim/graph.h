/* SPDX-License-Identifier: MIT
 *
 * The network graph: what runs on a chip, before anything is placed.
 *
 * A graph is a list of layers in topological order (a layer's operands have smaller numbers). An
 * input layer only has neurons, whose spikes come from outside; every other layer has operands (the
 * layers it reads, one a port), a neuron model and, when the network is to be computed rather than
 * replayed, quantised weights. What distinguishes the kinds of layers stands in one table,
 * sim_layer_kinds: a new kind is one line there.
 *
 * The integrate-and-fire neuron ("if") adds the weighted spikes of one timestep to its potential,
 * which never leaks, and spikes when the potential reaches the threshold; it then subtracts the
 * threshold (reset "soft") or clears the potential (reset "hard"). Nothing here computes it: cores do.
 */
#ifndef SIM_GRAPH_H
#define SIM_GRAPH_H

#include "sim/arena.h"
#include "sim/err.h"
#include "sim/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Limits: a graph beyond them is refused, so that a small file cannot ask for unbounded memory. */
#define SIM_GRAPH_LAYERS_MAX 4096u
#define SIM_GRAPH_EDGES_MAX 65536u
#define SIM_LAYER_NEURONS_MAX (1u << 24)
#define SIM_LAYER_NAME_MAX 255u                       /* bytes */
#define SIM_LAYER_ATTRIBUTES_MAX 65536u               /* bytes */
#define SIM_LAYER_WEIGHTS_MAX ((uint64_t)512 << 20)   /* synapses of one layer */
#define SIM_GRAPH_WEIGHTS_MAX ((uint64_t)1 << 30)     /* synapses of the graph */
#define SIM_WEIGHT_BITS_MAX 8u

enum sim_layer_kind {
    SIM_LAYER_INPUT,
    SIM_LAYER_DENSE,
    SIM_LAYER_KIND_COUNT
};

enum sim_neuron {
    SIM_NEURON_NONE, /* input layers, and replayed layers whose model is unknown */
    SIM_NEURON_IF,
    SIM_NEURON_COUNT
};

enum sim_reset {
    SIM_RESET_NONE,
    SIM_RESET_SOFT, /* subtract the threshold */
    SIM_RESET_HARD, /* clear the potential */
    SIM_RESET_COUNT
};

/* Invariant after sim_graph_check: operand[port] < the layer's own number; weight is NULL or has
 * rows * cols entries within weight_bits, and then neuron, reset, threshold and weight_bits are set. */
struct sim_layer {
    const char *name; /* UTF-8, unique in the graph */
    enum sim_layer_kind kind;
    uint32_t neurons;
    enum sim_neuron neuron;
    enum sim_reset reset;
    int32_t threshold;      /* >= 1; 0: not given */
    uint32_t weight_bits;   /* two's complement, 1..8; 0: not given */
    const char *attributes; /* a JSON object as text, or NULL: what else the kind needs */
    uint32_t operands;
    const uint32_t *operand; /* [operands] layer numbers, by port */
    uint32_t rows, cols;     /* of weight: axons (neurons of the operand), neurons */
    const int8_t *weight;    /* [rows][cols]: weight[axon * cols + neuron], or NULL */
};

struct sim_graph {
    struct sim_arena arena; /* names, operands, weights */
    uint32_t layers;
    struct sim_layer *layer; /* [layers] */
};

/* What a kind of layer needs. */
struct sim_layer_kind_info {
    const char *name; /* as written in traces */
    const char *help; /* one line */
    uint32_t operands_min, operands_max;
    bool weighted; /* a functional run needs weights */
    /* Shape of the weights for these operands; NULL where not weighted. */
    void (*shape)(const struct sim_graph *graph, const struct sim_layer *layer, uint32_t *rows,
                  uint32_t *cols);
};

extern const struct sim_layer_kind_info sim_layer_kinds[SIM_LAYER_KIND_COUNT];
extern const char *const sim_neuron_names[SIM_NEURON_COUNT]; /* NONE is "" */
extern const char *const sim_reset_names[SIM_RESET_COUNT];   /* NONE is "" */

void sim_graph_init(struct sim_graph *graph);
void sim_graph_release(struct sim_graph *graph);

/* Room for `layers` zeroed layers (their number may be set once only). */
void sim_graph_alloc(struct sim_graph *graph, uint32_t layers);

/* Judges a graph as a whole: limits, operand counts and order, shapes, weights within weight_bits,
 * attributes that are JSON objects. Adds messages of code SIM_EXIT_CONFIG located at `where`
 * ("layer(2 'output'): ..."); false on any. */
bool sim_graph_check(const struct sim_graph *graph, const struct sim_where *where, struct sim_err *err);

/* Every layer that needs weights has them: the network can be computed. */
bool sim_graph_functional(const struct sim_graph *graph);

/* 64-bit words of a bitmap of this many neurons. */
static inline uint32_t sim_layer_words(const struct sim_layer *layer) {
    return (layer->neurons + 63) / 64;
}

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * The network graph: what runs on a chip, before anything is placed.
 *
 * A graph is a list of layers in topological order (a layer's operands have smaller numbers). An
 * input layer only has neurons, whose spikes come from outside; every other layer has operands (the
 * layers it reads, one a port), a neuron model and, when the network is to be computed rather than
 * replayed, quantised weights. What distinguishes the kinds of layers stands in one table,
 * sim_layer_kinds: a new kind is one line there, and how it is connected a projection (projection.h).
 *
 * A layer adds what comes by all its operands before it fires. The first operand is connected as the kind
 * says; further ones are shortcuts, as in residual networks, whose kinds the attributes tell.
 *
 * A host layer is what the cores do not compute (attention, normalisation): its operands leave the chip, and
 * its spikes come back from there. What it computes an operator tells (host_layer.h); where none is given,
 * the network can be replayed only.
 *
 * Token windows: a sample may be a sequence of tokens, each in a window of its own of `window` timesteps,
 * with which all potentials start anew. Layers between hosts work on the token of the window at hand; hosts
 * remember tokens, so what follows them comes windows later: `begin` of a layer is the window of its first
 * token.
 *
 * A product multiplies what two operands say, for attention on cores: operand 1 is loaded, the spikes of its
 * token i write weights of row or column i; then operand 0 is streamed through them, a token a window. It
 * stands on a grid of 1 channel, or of 2 for signed values (up, down), with the heads as rows: scores neuron
 * (head, token j) += query (head, d) x key of token j (head, d) values   neuron (head, d) += share (head,
 * token j) x value of token j (head, d)
 *
 * The integrate-and-fire neuron ("if") adds the weighted spikes of one timestep to its potential,
 * which never leaks, and spikes when the potential reaches the threshold; it then subtracts the
 * threshold (reset "soft") or clears the potential (reset "hard"). Nothing here computes it, or the other
 * models (neuron.h): cores do.
 */
#ifndef SIM_GRAPH_GRAPH_H
#define SIM_GRAPH_GRAPH_H

#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/base/types.h"
#include "sim/graph/projection.h"

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
#define SIM_LAYER_OPERANDS_MAX 64u

enum sim_layer_kind {
    SIM_LAYER_INPUT,
    SIM_LAYER_DENSE,
    SIM_LAYER_CONV,
    SIM_LAYER_AVGPOOL,
    SIM_LAYER_MAXPOOL,
    SIM_LAYER_IDENTITY,
    SIM_LAYER_PRODUCT,
    SIM_LAYER_HOST,
    SIM_LAYER_KIND_COUNT
};

enum sim_neuron {
    SIM_NEURON_NONE, /* input layers, and replayed layers whose model is unknown */
    SIM_NEURON_IF,
    SIM_NEURON_LIF, /* these have parameters of their own, in the attributes: sim/graph/neuron.h */
    SIM_NEURON_CHANNEL_IF,
    SIM_NEURON_SSF,
    SIM_NEURON_TTFS,
    SIM_NEURON_MASKED_TTFS,
    SIM_NEURON_SHIFT_LIF,
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
struct sim_host_layer;
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
    uint32_t rows, cols;     /* of weight: those of the operands one after the other; columns of each */
    const int8_t *weight;    /* [rows][cols], laid out as projection.h says, or NULL */
    bool recorded;           /* somebody has seen spikes of this layer (sim_trace_rates) ... */
    double rate;             /* ... this many of a neuron in a timestep, on average */
    /* What sim_graph_check makes of the above. */
    struct sim_shape shape;
    uint32_t ones; /* of the neurons, at their end: those that spike in every timestep of a token */
    const struct sim_host_layer *host; /* the operator of a host layer, or NULL */
    uint32_t begin; /* with token windows: that of its first token */
    bool scores;    /* a product of scores: its tokens are columns; else of values, where they are axons */
    bool single;    /* it has one token, whatever the length of the sequence */
    struct sim_projection *projection; /* [operands]; NULL outside the cores */
};

struct sim_graph {
    struct sim_arena arena; /* names, operands, weights */
    bool replayed;          /* spikes of every layer are given; set by who runs it, false at first */
    uint32_t window;        /* timesteps of a token window; 0: a sample is one piece. Set before the check */
    uint32_t windows;       /* of a sample */
    uint32_t tokens;        /* of the longest sequence */
    uint32_t layers;
    struct sim_layer *layer; /* [layers] */
};

/* What a kind of layer needs. */
struct sim_layer_kind_info {
    const char *name; /* as written in traces */
    const char *help; /* one line */
    uint32_t operands_min, operands_max;
    bool outside;  /* not computed by the cores: its spikes enter the chip from its host */
    bool full;     /* every neuron reads all of the operand; else a window of it */
    bool weighted; /* synapses have weights of their own; else all weigh `scale` */
    bool per_channel; /* a channel reads only the channel of its own number */
};

extern const struct sim_layer_kind_info sim_layer_kinds[SIM_LAYER_KIND_COUNT];
extern const char *const sim_neuron_names[SIM_NEURON_COUNT]; /* NONE is "" */
extern const char *const sim_reset_names[SIM_RESET_COUNT];   /* NONE is "" */

void sim_graph_init(struct sim_graph *graph);
void sim_graph_release(struct sim_graph *graph);

/* Room for `layers` zeroed layers (their number may be set once only). */
void sim_graph_alloc(struct sim_graph *graph, uint32_t layers);

/* Whether a layer's spikes enter the chip from its host. */
static inline bool sim_layer_outside(const struct sim_layer *layer) {
    return sim_layer_kinds[layer->kind].outside;
}

/* Judges a graph as a whole: limits, operand counts and order, shapes, weights within weight_bits,
 * attributes. Adds messages of code SIM_EXIT_CONFIG located at `where` ("layer(2 'output'): ..."); false on
 * any. Fills in the shapes and projections of the layers; needed before anything is done with a graph. */
bool sim_graph_check(struct sim_graph *graph, const struct sim_where *where, struct sim_err *err);

/* Makes shape and projections of layer `id` from its attributes and operands, whose shapes are known.
 * False with a message in `fault` (sim/graph/attributes.c; part of sim_graph_check). */
bool sim_layer_connect(struct sim_graph *graph, uint32_t id, char *fault, size_t size);

/* Bits that hold any weight of a layer; scales of pooling may come without a width. */
static inline uint32_t sim_layer_weight_bits(const struct sim_layer *layer) {
    return layer->weight_bits != 0 ? layer->weight_bits : SIM_WEIGHT_BITS_MAX;
}

/* Whether the spikes of this layer come from the trace and not from the chip. */
static inline bool sim_graph_given(const struct sim_graph *graph, uint32_t layer) {
    return graph->replayed || graph->layer[layer].kind == SIM_LAYER_INPUT;
}

/* Tokens of a layer in a sequence of `tokens`. */
static inline uint32_t sim_layer_tokens(const struct sim_layer *layer, uint32_t tokens) {
    return layer->single && tokens > 1 ? 1 : tokens;
}

/* Whether the network's answer is a host's: its last layer is computed outside the cores. */
static inline bool sim_graph_answers_outside(const struct sim_graph *graph) {
    return !graph->replayed && graph->layer[graph->layers - 1].host != NULL;
}

/* Judges the token windows of a graph whose layers are sound, and sets `begin` and `single` (part of
 * sim_graph_check; sim/graph/windows.c). `fault` is called for each fault. */
void sim_graph_windows(struct sim_graph *graph,
                       void (*fault)(void *user, uint32_t layer, const char *text), void *user);

/* For hardware that runs a sample in one piece: false and a message when the graph has token windows. */
bool sim_graph_one_piece(const struct sim_graph *graph, const char *hardware, struct sim_err *err);

/* Every layer has its neuron model, weights or operator where it needs them: the network can be computed. */
bool sim_graph_functional(const struct sim_graph *graph);

/* 64-bit words of a bitmap of this many neurons. */
static inline uint32_t sim_layer_words(const struct sim_layer *layer) {
    return (layer->neurons + 63) / 64;
}

#ifdef __cplusplus
}
#endif

#endif

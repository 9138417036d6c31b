/* SPDX-License-Identifier: MIT
 *
 * What a host layer computes: its operator, as the attributes of the layer describe it.
 *
 * A spike of a layer means `scale`, or for a reader a number of each value's own; signed values take a pair
 * of neurons: of 2 m neurons the first m count up, the next m down. At the end of a token window the host
 * has the counts of its operands; it computes in real numbers, and sends the result in a later window as
 * counts of 0 to `window` spikes, rounded (half away from 0) and clipped. The last `ones` neurons spike in
 * every timestep of a token: they are bias rows for who reads it.
 *
 *     operator    operands                      what a token becomes                       begins after
 *     attention   query, key, value; or one     softmax(q k' / sqrt(values of a head)) v   all tokens
 *                 that holds them in order      over the tokens, in `heads` heads
 *     normalise   summed                        (x - mean) / sqrt(variance + epsilon),     its token
 *                                               times gamma plus beta
 *     map         summed                        `function` of each value                   its token, `wait`
 *     mean        summed                        the mean over the tokens, once             all tokens
 *     softmax     scores, `heads` rows of       softmax of each row over the tokens that   its token
 *                 one for each token            the sequence has
 *     operation   summed, but for those with    an operator of a vector unit (bspn,        its token
 *                 a role of their own           ptsoftmax, scan ...) on `heads` rows,
 *                                               in fixed point
 *
 * The arithmetic stands in arch/host/operator.h, and what operations there are in arch/vector/operation.h:
 * here their description is a text, and their constants are lists with names.
 */
#ifndef SIM_GRAPH_HOST_LAYER_H
#define SIM_GRAPH_HOST_LAYER_H

#include "sim/graph/graph.h"

#include <jansson.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SIM_HOST_REAL_MAX 1e12 /* of any real attribute; scales and epsilon are at least its inverse */

enum sim_host_operator {
    SIM_HOST_ATTENTION,
    SIM_HOST_NORMALISE,
    SIM_HOST_MAP,
    SIM_HOST_MEAN,
    SIM_HOST_SOFTMAX,
    SIM_HOST_OPERATION,
    SIM_HOST_OPERATOR_COUNT
};

enum sim_host_function {
    SIM_HOST_IDENTITY,
    SIM_HOST_RELU,
    SIM_HOST_GELU,
    SIM_HOST_GELU_TANH, /* x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) */
    SIM_HOST_SILU,
    SIM_HOST_TANH,
    SIM_HOST_SOFTPLUS,
    SIM_HOST_FUNCTION_COUNT
};

extern const char *const sim_host_operator_names[SIM_HOST_OPERATOR_COUNT];
extern const char *const sim_host_function_names[SIM_HOST_FUNCTION_COUNT];

/* Of an operand's values: value i has scale[i * stride]. */
struct sim_host_scale {
    const double *scale;
    uint32_t stride; /* 1, or 0: one for all */
};

/* A list of integers that an operation takes besides its row. */
struct sim_host_constant {
    const char *name;
    const int32_t *value;
    uint32_t count;
};

struct sim_host_layer {
    enum sim_host_operator operator_;
    enum sim_host_function function;
    double scale;        /* of a spike that it sends */
    bool pair;           /* it sends signed values */
    uint32_t values;     /* of a token that it sends */
    uint32_t ones;
    uint32_t heads;
    uint32_t wait;       /* windows from the last operand's token to its own; of `gathers` ones the tokens */
    const struct sim_host_scale *scales; /* [operands] of a spike that it reads */
    const bool *pairs;     /* [operands] */
    const double *gamma, *beta; /* [values], or NULL: 1 and 0 */
    double epsilon;
    const char *operation; /* its description, a mapping; of other operators NULL */
    const struct sim_host_constant *constant;
    uint32_t constants;
    const char *const
        *role; /* [operands] which operand of the operation each is, "": of its row; NULL: all are */
};

/* Whether an operator needs all tokens of a sequence before it sends the first. */
static inline bool sim_host_gathers(enum sim_host_operator op) {
    return op == SIM_HOST_ATTENTION || op == SIM_HOST_MEAN;
}

/* Values that a token of an operand has. */
static inline uint32_t sim_host_operand_values(const struct sim_host_layer *host, uint32_t operands) {
    return host->operator_ == SIM_HOST_ATTENTION && operands == 1 ? 3 * host->values : host->values;
}

/* Reads the operator of host layer `id` from its attributes, into the graph's memory. False and a text in
 * `fault` when anything is wrong, or unknown. The operands have been connected. */
bool sim_host_layer_read(struct sim_graph *graph, uint32_t id, const json_t *object, char *fault,
                         size_t size);

#ifdef __cplusplus
}
#endif

#endif

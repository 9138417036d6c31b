/* SPDX-License-Identifier: MIT
 *
 * What a host computes between token windows: the operators of host layers (sim/graph/host_layer.h), in
 * double precision, from counts of spikes; `operation` rounds to fixed point (operation.h).
 *
 * Every sum is formed in ascending order of its terms, so that any engine, compiler or independent program
 * that does the same has the same result, to the last bit where its exponential and error functions agree.
 * The work is counted as a vector unit would have to do it; what it costs depends on the hardware.
 */
#ifndef ARCH_HOST_OPERATOR_H
#define ARCH_HOST_OPERATOR_H

#include "arch/vector/scalar_function.h"
#include "sim/graph/host_layer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Work of a host: name, help. */
#define ARCH_HOST_WORK(X)                                                                                    \
    X(MULTIPLY_ADD, multiply_add, "a product was added to a sum, or a sum or product was formed")            \
    X(FUNCTION, function, "an exponential, error function or hyperbolic tangent was evaluated")              \
    X(DIVISION, division, "a quotient was formed")                                                           \
    X(ROOT, root, "a square root was drawn")                                                                 \
    X(SHIFT, shift, "a value was shifted by a variable distance, or its leading one found")

enum arch_host_work {
#define ARCH_HOST_WORK_ENUM(NAME, name, help) ARCH_HOST_##NAME,
    ARCH_HOST_WORK(ARCH_HOST_WORK_ENUM)
#undef ARCH_HOST_WORK_ENUM
        ARCH_HOST_WORK_COUNT
};

/* The counts of one operand: of `neurons` neurons in each token of the sequence. */
struct arch_host_operand {
    const uint32_t *count; /* [tokens][neurons] */
    uint32_t neurons, values;
    struct sim_host_scale scale; /* of a spike */
    bool pair;
};

struct arch_host_operation; /* operation.h */

struct arch_host_call {
    const struct sim_host_layer *host;
    const struct arch_host_operand *operand;
    uint32_t operands;
    uint32_t token, tokens; /* the one to compute; those of the sequence */
    double *scratch;        /* [tokens] */
    uint64_t *work;         /* [ARCH_HOST_WORK_COUNT], added to */
    struct arch_host_operation *operation; /* of that operator */
    bool scores; /* the operand is scores, whose rows have an element for each token of the sequence */
};

/* A value of an operand in a token. */
static inline double arch_host_value(const struct arch_host_operand *operand, uint32_t token, uint32_t i) {
    const uint32_t *count = operand->count + (size_t)token * operand->neurons;
    double spikes = operand->pair ? (double)count[i] - (double)count[operand->values + i] : (double)count[i];
    return spikes * operand->scale.scale[i * operand->scale.stride];
}

/* Computes value[host->values] of the token. */
void arch_host_compute(const struct arch_host_call *call, double *value);

/* Adds what a token takes of the functions that hardware approximates, in a sequence of `tokens`: softmax an
 * exponential a score and a reciprocal a row, tanh one of each, normalisation a reciprocal root. */
void arch_host_evaluations(const struct sim_host_layer *host, uint32_t tokens,
                           uint64_t evaluations[ARCH_SCALAR_COUNT]);

/* Its parts, one for each operator. */
void arch_host_attention(const struct arch_host_call *call, double *value);
void arch_host_softmax(const struct arch_host_call *call, double *value);
void arch_host_normalise(const struct arch_host_call *call, double *value);
void arch_host_map(const struct arch_host_call *call, double *value);
void arch_host_mean(const struct arch_host_call *call, double *value);
void arch_host_operate(const struct arch_host_call *call, double *value);

/* The sum of the operands in a token, as real numbers. */
void arch_host_sum(const struct arch_host_call *call, uint32_t token, double *value);

/* Exponentials of row[n] over their maximum; returns their sum. */
double arch_host_exponentials(const struct arch_host_call *call, double *row, uint32_t n);

#ifdef __cplusplus
}
#endif

#endif

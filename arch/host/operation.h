/* SPDX-License-Identifier: MIT
 *
 * Host operator `operation`: an operator of a vector unit (arch/vector/operation.h) on what a token's
 * operands sum to, in fixed point.
 *
 *     counts x scales, summed --round--> integers, in_fraction bits --operator--> integers, out_fraction bits
 *
 * The values of a token are `heads` rows, each an application of the operator; of scores only the tokens of
 * the sequence, and 0 for the rest. An operand with a role is no part of the row but the operand of that name
 * (the step of a scan); the others are constants of the layer. States begin at 0 with a sample and go from
 * token to token.
 *
 * With scales that are powers of two everything is integer arithmetic. Rows have words of 24 bits and
 * saturate.
 */
#ifndef ARCH_HOST_OPERATION_H
#define ARCH_HOST_OPERATION_H

#include "arch/host/operator.h"
#include "arch/vector/operation.h"

#ifdef __cplusplus
extern "C" {
#endif

struct arch_host_operation {
    struct arch_operation op;
    uint32_t width;    /* of a row */
    uint32_t operands; /* of the operator, after its row */
    const int32_t *constant[ARCH_OPERANDS_MAX]; /* [operands]; NULL: fed by operands of the layer */
    bool by_row[ARCH_OPERANDS_MAX];             /* a constant has elements for every row */
    uint32_t *feeds;  /* [operands of the layer] which operand it is, from 1 on; 0: of the row */
    int32_t *row, *out;
    int32_t *fed[ARCH_OPERANDS_MAX]; /* [operands][values], where there is no constant */
    int32_t *state; /* [values][states], or NULL */
    size_t states;  /* of all values */
};

/* Makes the operation of host layer `id`; false and a message that names the layer. */
bool arch_host_operation_init(struct arch_host_operation *operation, const struct sim_graph *graph,
                              uint32_t id, struct sim_arena *arena, struct sim_err *err);

/* Before a sample. */
void arch_host_operation_clear(struct arch_host_operation *operation);

#ifdef __cplusplus
}
#endif

#endif

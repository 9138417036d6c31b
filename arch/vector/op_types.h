/* SPDX-License-Identifier: MIT
 *
 * The operators of arch/op_*.c, for the list in operation.c.
 */
#ifndef ARCH_VECTOR_OP_TYPES_H
#define ARCH_VECTOR_OP_TYPES_H

#include "arch/vector/operation.h"

#ifdef __cplusplus
extern "C" {
#endif

extern const struct arch_operation_type arch_op_softmax, arch_op_softmax_pwl;
extern const struct arch_operation_type arch_op_ptsoftmax_ceil, arch_op_ptsoftmax_round,
    arch_op_ptsoftmax_nearest;
extern const struct arch_operation_type arch_op_gelu, arch_op_silu, arch_op_softplus, arch_op_gelu_pwl,
    arch_op_silu_pwl, arch_op_softplus_pwl;
extern const struct arch_operation_type arch_op_ptsilu, arch_op_ptsoftplus, arch_op_ptsilu_shift,
    arch_op_ptsoftplus_shift;
extern const struct arch_operation_type arch_op_bspn, arch_op_powernorm, arch_op_powernorm_shift;
extern const struct arch_operation_type arch_op_layernorm, arch_op_layernorm_integer, arch_op_layernorm_pwl;
extern const struct arch_operation_type arch_op_scan;

/* Gain and offset: the operands of norms. */
extern const struct arch_operand arch_op_norm_operands[];

/* Reads and writes of a row-wise operator. */
static inline void arch_op_count_row(uint64_t *work, uint32_t reads, uint32_t writes) {
    work[ARCH_WORK_reads] += reads;
    work[ARCH_WORK_writes] += writes;
}

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * GELU, SiLU and softplus, exact (double precision, rounded) and piecewise-linear (one table each).
 *
 * Work of an element: exact, the function and, but for softplus, a multiplication; piecewise-linear, a
 * look-up, a multiplication and an addition.
 */
#include "arch/vector/fixed_point.h"
#include "arch/vector/op_types.h"

#include <math.h>

static void apply_exact(const struct arch_operation *op, enum arch_scalar function, const int32_t *x,
                        uint32_t n, int32_t *out, uint64_t *work) {
    for (uint32_t i = 0; i < n; i++) {
        double y = arch_scalar_function[function].value(ldexp(x[i], -(int)op->spec.in_fraction));
        out[i] = arch_saturate(llround(ldexp(y, (int)op->spec.out_fraction)), op->spec.out_bits);
    }
    work[ARCH_WORK_functions] += n;
    work[ARCH_WORK_multiplications] += function == ARCH_SCALAR_SOFTPLUS ? 0 : n;
    arch_op_count_row(work, n, n);
}

static void apply_pwl(const struct arch_operation *op, enum arch_scalar function, const int32_t *x,
                      uint32_t n, int32_t *out, uint64_t *work) {
    const struct arch_fixed *table = op->table[function];
    int in = table->x_fraction - (int)op->spec.in_fraction;
    for (uint32_t i = 0; i < n; i++) {
        int32_t y = arch_fixed_value(table, arch_shift(x[i], in));
        out[i] = arch_saturate(arch_shift_round(y, (int)op->spec.out_fraction - table->y_fraction),
                               op->spec.out_bits);
    }
    work[ARCH_WORK_lookups] += n;
    work[ARCH_WORK_multiplications] += n;
    work[ARCH_WORK_additions] += n;
    arch_op_count_row(work, n, n);
}

#define ACTIVATION(name_, FUNCTION)                                                                          \
    static void name_(const struct arch_operation *op, const int32_t *const *operand, uint32_t n,            \
                      int32_t *state, int32_t *out, uint64_t *work) {                                        \
        (void)state;                                                                                         \
        apply_exact(op, FUNCTION, operand[0], n, out, work);                                                 \
    }                                                                                                        \
    static void name_##_pwl(const struct arch_operation *op, const int32_t *const *operand, uint32_t n,      \
                            int32_t *state, int32_t *out, uint64_t *work) {                                  \
        (void)state;                                                                                         \
        apply_pwl(op, FUNCTION, operand[0], n, out, work);                                                   \
    }                                                                                                        \
    const struct arch_operation_type arch_op_##name_ = {                                                     \
        .name = #name_, .help = "exact " #name_, .apply = name_};                                            \
    const struct arch_operation_type arch_op_##name_##_pwl = {                                               \
        .name = #name_ "-pwl",                                                                               \
        .help = "piecewise-linear " #name_,                                                                  \
        .integer = true,                                                                                     \
        .tables = 1u << (FUNCTION),                                                                          \
        .apply = name_##_pwl,                                                                                \
    };

ACTIVATION(gelu, ARCH_SCALAR_GELU)
ACTIVATION(silu, ARCH_SCALAR_SILU)
ACTIVATION(softplus, ARCH_SCALAR_SOFTPLUS)

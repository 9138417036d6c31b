/* SPDX-License-Identifier: MIT
 *
 * Softmax on a vector unit, exact and of piecewise-linear functions.
 *
 *     exact   y_i = e^(x_i - max) / sum, in double precision, rounded to nearest
 *     pwl     e_i = exp table of (x_i - max), negative values cut off; S = sum e = m * 2^k, m in [1, 2);
 *             y_i = e_i * (reciprocal table of m), shifted back by k and rounded
 *
 * Work of an element: a maximum, a subtraction, the exponential (pwl: look-up, multiplication, addition), an
 * addition to the sum, a division (pwl: a multiplication).
 */
#include "arch/vector/fixed_point.h"
#include "arch/vector/op_types.h"

#include <math.h>

static int32_t largest(const int32_t *x, uint32_t n) {
    int32_t most = x[0];
    for (uint32_t i = 1; i < n; i++)
        most = x[i] > most ? x[i] : most;
    return most;
}

static void count(uint32_t n, uint64_t *work) {
    work[ARCH_WORK_comparisons] += n;
    work[ARCH_WORK_additions] += 2 * (uint64_t)n;
    work[ARCH_WORK_reductions] += 2;
    arch_op_count_row(work, n, n);
}

static void apply_exact(const struct arch_operation *op, const int32_t *const *operand, uint32_t n,
                        int32_t *state, int32_t *out, uint64_t *work) {
    (void)state;
    const int32_t *x = operand[0];
    int32_t most = largest(x, n);
    int in = (int)op->spec.in_fraction;
    double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += exp(ldexp((double)x[i] - most, -in));
    for (uint32_t i = 0; i < n; i++)
        out[i] = arch_saturate(
            llround(ldexp(exp(ldexp((double)x[i] - most, -in)) / sum, (int)op->spec.out_fraction)),
            op->spec.out_bits);
    count(n, work);
    work[ARCH_WORK_functions] += n;
    work[ARCH_WORK_divisions] += n;
}

static int64_t exponential(const struct arch_operation *op, int64_t difference) {
    const struct arch_fixed *table = op->table[ARCH_SCALAR_EXP];
    int32_t e =
        arch_fixed_value(table, arch_shift(difference, table->x_fraction - (int)op->spec.in_fraction));
    return e > 0 ? e : 0;
}

static void apply_pwl(const struct arch_operation *op, const int32_t *const *operand, uint32_t n,
                      int32_t *state, int32_t *out, uint64_t *work) {
    (void)state;
    const int32_t *x = operand[0];
    const struct arch_fixed *reciprocal = op->table[ARCH_SCALAR_RECIPROCAL];
    int64_t most = largest(x, n), sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += exponential(op, x[i] - most);
    int k = arch_log2_floor((uint64_t)sum);
    int32_t r = arch_fixed_value(reciprocal, arch_shift(sum, reciprocal->x_fraction - k));
    for (uint32_t i = 0; i < n; i++)
        out[i] = arch_saturate(arch_shift_round(exponential(op, x[i] - most) * r,
                                                (int)op->spec.out_fraction - k - reciprocal->y_fraction),
                               op->spec.out_bits);
    count(n, work);
    work[ARCH_WORK_lookups] += n + 1;
    work[ARCH_WORK_multiplications] += 2 * (uint64_t)n + 1;
    work[ARCH_WORK_additions] += n + 1;
    work[ARCH_WORK_encodes] += 1;
    work[ARCH_WORK_shifts] += n + 1;
}

const struct arch_operation_type arch_op_softmax = {
    .name = "softmax", .help = "exact softmax of a row", .apply = apply_exact};
const struct arch_operation_type arch_op_softmax_pwl = {
    .name = "softmax-pwl",
    .help = "softmax of piecewise-linear exp and reciprocal",
    .integer = true,
    .tables = 1u << ARCH_SCALAR_EXP | 1u << ARCH_SCALAR_RECIPROCAL,
    .apply = apply_pwl,
};

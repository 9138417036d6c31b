/* SPDX-License-Identifier: MIT
 *
 * PTsoftmax (Sorbet, arXiv 2409.15298): a softmax of powers of two that needs shifts only.
 *
 *     p_i = 2^ceil(x_i - max)      y_i = p_i / 2^k
 *
 * k is rounded from log2(sum p) in one of three ways, which the paper, notes on it and the released code
 * give; each has its own range around the base-2 softmax F:
 *
 *     ceil      upwards                                        y / F in (1/4, 2)
 *     round     to the nearest logarithm                       y / F in (1/(2 sqrt 2), 2 sqrt 2)
 *     nearest   to the nearest power of two, halfway upwards   y / F in (3/8, 3)
 *
 * The sum has 32 fraction bits: a term below 2^-32 of the largest is lost. Rows need not sum to one. Work of
 * an element: a maximum, a subtraction, two shifts, an addition.
 */
#include "arch/vector/fixed_point.h"
#include "arch/vector/op_types.h"

#define SUM_FRACTION 32

static int log2_nearest(uint64_t sum) {
    int floor = arch_log2_floor(sum);
    return floor + (floor > 0 && (sum >> (floor - 1) & 1) != 0); /* from 1.5 on */
}

static int whole_part(const struct arch_operation *op, int32_t x) {
    return (int)-arch_shift(-(int64_t)x, -(int)op->spec.in_fraction); /* ceil */
}

static void apply(const struct arch_operation *op, const int32_t *x, uint32_t n, int (*log2_of)(uint64_t),
                  int32_t *out, uint64_t *work) {
    int32_t most = x[0];
    uint64_t sum = 0;
    for (uint32_t i = 1; i < n; i++)
        most = x[i] > most ? x[i] : most;
    int top = whole_part(op, most);
    for (uint32_t i = 0; i < n; i++)
        sum += (uint64_t)arch_shift(INT64_C(1) << SUM_FRACTION, whole_part(op, x[i]) - top);
    int k = log2_of(sum) - SUM_FRACTION;
    for (uint32_t i = 0; i < n; i++)
        out[i] = arch_saturate(arch_shift(1, whole_part(op, x[i]) - top - k + (int)op->spec.out_fraction),
                               op->spec.out_bits);
    work[ARCH_WORK_comparisons] += n;
    work[ARCH_WORK_additions] += 2 * (uint64_t)n;
    work[ARCH_WORK_shifts] += 2 * (uint64_t)n;
    work[ARCH_WORK_encodes] += 1;
    work[ARCH_WORK_reductions] += 2;
    arch_op_count_row(work, n, n);
}

#define PTSOFTMAX(variant, log2_of)                                                                          \
    static void apply_##variant(const struct arch_operation *op, const int32_t *const *operand, uint32_t n,  \
                                int32_t *state, int32_t *out, uint64_t *work) {                              \
        (void)state;                                                                                         \
        apply(op, operand[0], n, log2_of, out, work);                                                        \
    }                                                                                                        \
    const struct arch_operation_type arch_op_ptsoftmax_##variant = {                                         \
        .name = "ptsoftmax-" #variant,                                                                       \
        .help = "powers of two over a power of two, Sorbet: " #variant,                                      \
        .integer = true,                                                                                     \
        .apply = apply_##variant,                                                                            \
    };

PTSOFTMAX(ceil, arch_log2_ceil)
PTSOFTMAX(round, arch_log2_round)
PTSOFTMAX(nearest, log2_nearest)

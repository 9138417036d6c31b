/* SPDX-License-Identifier: MIT
 *
 * LayerNorm: y = (x - mean) / sqrt(variance) * gain + offset, in three arithmetics.
 *
 *     exact     double precision, epsilon added to the variance, rounded to nearest
 *     integer   mean rounded to nearest; root of the variance with 6 more fraction bits, rounded down; one
 *               reciprocal a row, rounded down (no epsilon: a variance below 2^-12 of a place counts as that)
 *     pwl       as integer, but 1 / sqrt of the variance's mantissa in [1, 4) from a table
 *
 * Work of an element: two additions for mean and difference, a square and its addition, two multiplications
 * and an addition; for the row a root and a division, or a look-up.
 */
#include "arch/vector/fixed_point.h"
#include "arch/vector/op_types.h"

#include <math.h>

#define ROOT_FRACTION 6        /* more fraction bits of the deviation */
#define RECIPROCAL_FRACTION 30 /* of its reciprocal */

static void count(uint32_t n, uint64_t *work) {
    work[ARCH_WORK_additions] += 4 * (uint64_t)n;
    work[ARCH_WORK_multiplications] += 3 * (uint64_t)n;
    work[ARCH_WORK_reductions] += 2;
    arch_op_count_row(work, 3 * n, n);
}

static void apply_exact(const struct arch_operation *op, const int32_t *const *operand, uint32_t n,
                        int32_t *state, int32_t *out, uint64_t *work) {
    (void)state;
    const int32_t *x = operand[0], *gain = operand[1], *offset = operand[2];
    double mean = 0, variance = 0;
    for (uint32_t i = 0; i < n; i++)
        mean += x[i];
    mean /= n;
    for (uint32_t i = 0; i < n; i++)
        variance += (x[i] - mean) * (x[i] - mean);
    variance = ldexp(variance / n, -2 * (int)op->spec.in_fraction) + op->spec.epsilon;
    double factor = variance > 0
                        ? ldexp(1 / sqrt(variance),
                                (int)op->spec.out_fraction - (int)op->spec.in_fraction - ARCH_GAIN_FRACTION)
                        : 0;
    for (uint32_t i = 0; i < n; i++)
        out[i] = arch_saturate(llround((x[i] - mean) * factor * gain[i]) + offset[i], op->spec.out_bits);
    count(n, work);
    work[ARCH_WORK_roots] += 1;
    work[ARCH_WORK_divisions] += 2;
}

/* floor((2 sum + n) / 2n) */
static int64_t mean_of(const int32_t *x, uint32_t n) {
    int64_t sum = 0, twice = 2 * (int64_t)n;
    for (uint32_t i = 0; i < n; i++)
        sum += x[i];
    int64_t above = 2 * sum + n;
    return above / twice - (above % twice < 0);
}

/* The variance with 2 * ROOT_FRACTION more fraction bits, at least 1. */
static uint64_t variance_of(const int32_t *x, uint32_t n, int64_t mean) {
    __extension__ typedef unsigned __int128 wide;
    wide sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += (wide)((x[i] - mean) * (x[i] - mean));
    uint64_t variance = (uint64_t)((sum << (2 * ROOT_FRACTION)) / n);
    return variance > 0 ? variance : 1;
}

/* (x - mean) * reciprocal >> fraction, times gain: the reciprocal is of the deviation in last places. */
static void scale(const struct arch_operation *op, const int32_t *const *operand, uint32_t n, int64_t mean,
                  int64_t reciprocal, int fraction, int32_t *out) {
    for (uint32_t i = 0; i < n; i++) {
        int64_t unit = arch_shift((operand[0][i] - mean) * reciprocal, ARCH_GAIN_FRACTION - fraction);
        out[i] = arch_saturate(
            arch_shift_round(unit * operand[1][i], (int)op->spec.out_fraction - 2 * ARCH_GAIN_FRACTION) +
                operand[2][i],
            op->spec.out_bits);
    }
}

static void apply_integer(const struct arch_operation *op, const int32_t *const *operand, uint32_t n,
                          int32_t *state, int32_t *out, uint64_t *work) {
    (void)state;
    int64_t mean = mean_of(operand[0], n);
    uint64_t root = arch_square_root(variance_of(operand[0], n, mean));
    int64_t reciprocal = (INT64_C(1) << (RECIPROCAL_FRACTION + ROOT_FRACTION)) / (int64_t)root;
    scale(op, operand, n, mean, reciprocal, RECIPROCAL_FRACTION, out);
    count(n, work);
    work[ARCH_WORK_roots] += 1;
    work[ARCH_WORK_divisions] += 2;
}

static void apply_pwl(const struct arch_operation *op, const int32_t *const *operand, uint32_t n,
                      int32_t *state, int32_t *out, uint64_t *work) {
    (void)state;
    const struct arch_fixed *table = op->table[ARCH_SCALAR_RSQRT];
    int64_t mean = mean_of(operand[0], n);
    uint64_t variance = variance_of(operand[0], n, mean);
    int half = arch_log2_floor(variance) / 2; /* variance = mantissa * 4^half */
    int64_t r = arch_fixed_value(table, arch_shift((int64_t)variance, table->x_fraction - 2 * half));
    scale(op, operand, n, mean, r, table->y_fraction + half - ROOT_FRACTION, out);
    count(n, work);
    work[ARCH_WORK_divisions] += 1; /* of the mean by n; constant */
    work[ARCH_WORK_encodes] += 1;
    work[ARCH_WORK_shifts] += 1;
    work[ARCH_WORK_lookups] += 1;
    work[ARCH_WORK_multiplications] += 1;
    work[ARCH_WORK_additions] += 1;
}

const struct arch_operation_type arch_op_layernorm = {
    .name = "layernorm", .help = "exact LayerNorm", .operand = arch_op_norm_operands, .apply = apply_exact};
const struct arch_operation_type arch_op_layernorm_integer = {
    .name = "layernorm-integer",
    .help = "LayerNorm with an integer root and reciprocal",
    .integer = true,
    .operand = arch_op_norm_operands,
    .apply = apply_integer,
};
const struct arch_operation_type arch_op_layernorm_pwl = {
    .name = "layernorm-pwl",
    .help = "LayerNorm with a piecewise-linear 1/sqrt",
    .integer = true,
    .operand = arch_op_norm_operands,
    .tables = 1u << ARCH_SCALAR_RSQRT,
    .apply = apply_pwl,
};

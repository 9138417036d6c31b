/* SPDX-License-Identifier: MIT
 *
 * PTsoftplus and PTSiLU (SpikySpace, arXiv 2601.02411): activations of powers of two.
 *
 *     PTsoftplus(x) = 2^x                          x < x_c = log2(1 / ln 2) = 0.528766
 *                   = x + C                        otherwise, C = 1 / ln 2 - x_c = 0.913929
 *     PTSiLU(x)     = -2^x                         x < -1.791995
 *                   = 2^(-x - 1) + x - 0.228245    otherwise
 *
 * A power of two is a shift of 2^fraction(x), which comes from a table of as many entries as x has fractions
 * (inputs are of few bits in the source); the -shift versions take the nearest whole exponent instead,
 * halfway upwards, and need no table. Powers are rounded down to the result's last place.
 *
 * Work of an element: a comparison, a shift, an addition (PTSiLU: two), and a look-up except in -shift.
 */
#include "arch/vector/fixed_point.h"
#include "arch/vector/op_types.h"

#include <math.h>

#define POWER_FRACTION 30
#define SOFTPLUS_KNEE 0.528766
#define SOFTPLUS_OFFSET 0.913929
#define SILU_KNEE (-1.791995)
#define SILU_OFFSET (-0.228245)

typedef int64_t power_of_two(const struct arch_operation *op, int64_t x);

/* 2^x with the result's fraction bits. */
static int64_t power_by_table(const struct arch_operation *op, int64_t x) {
    int in = (int)op->spec.in_fraction;
    int64_t whole = x >> in;
    return arch_shift(op->power[x - whole * (INT64_C(1) << in)],
                      (int)(whole + op->spec.out_fraction - POWER_FRACTION));
}

static int64_t power_by_shift(const struct arch_operation *op, int64_t x) {
    return arch_shift(1, (int)(arch_shift_round(x, -(int)op->spec.in_fraction) + op->spec.out_fraction));
}

static int64_t constant(double value, uint32_t fraction) { return llround(ldexp(value, (int)fraction)); }

static void softplus(const struct arch_operation *op, const int32_t *x, uint32_t n, power_of_two *power,
                     int32_t *out, uint64_t *work) {
    int64_t knee = constant(SOFTPLUS_KNEE, op->spec.in_fraction);
    int64_t offset = constant(SOFTPLUS_OFFSET, op->spec.out_fraction);
    int scale = (int)op->spec.out_fraction - (int)op->spec.in_fraction;
    for (uint32_t i = 0; i < n; i++)
        out[i] = arch_saturate(x[i] < knee ? power(op, x[i]) : arch_shift(x[i], scale) + offset,
                               op->spec.out_bits);
    work[ARCH_WORK_comparisons] += n;
    work[ARCH_WORK_shifts] += n;
    work[ARCH_WORK_additions] += n;
    work[ARCH_WORK_lookups] += power == power_by_table ? n : 0;
    arch_op_count_row(work, n, n);
}

static void silu(const struct arch_operation *op, const int32_t *x, uint32_t n, power_of_two *power,
                 int32_t *out, uint64_t *work) {
    int64_t knee = constant(SILU_KNEE, op->spec.in_fraction);
    int64_t offset = constant(SILU_OFFSET, op->spec.out_fraction);
    int64_t one = INT64_C(1) << op->spec.in_fraction;
    int scale = (int)op->spec.out_fraction - (int)op->spec.in_fraction;
    for (uint32_t i = 0; i < n; i++)
        out[i] = arch_saturate(x[i] < knee ? -power(op, x[i])
                                           : power(op, -x[i] - one) + arch_shift(x[i], scale) + offset,
                               op->spec.out_bits);
    work[ARCH_WORK_comparisons] += n;
    work[ARCH_WORK_shifts] += n;
    work[ARCH_WORK_additions] += 2 * (uint64_t)n;
    work[ARCH_WORK_lookups] += power == power_by_table ? n : 0;
    arch_op_count_row(work, n, n);
}

#define PT(identifier, name_, function, power, table, help_)                                                 \
    static void apply_##identifier(const struct arch_operation *op, const int32_t *const *operand,           \
                                   uint32_t n, int32_t *state, int32_t *out, uint64_t *work) {               \
        (void)state;                                                                                         \
        function(op, operand[0], n, power, out, work);                                                       \
    }                                                                                                        \
    const struct arch_operation_type arch_op_##identifier = {                                                \
        .name = name_, .help = help_, .integer = true, .powers = table, .apply = apply_##identifier};

PT(ptsoftplus, "ptsoftplus", softplus, power_by_table, true, "softplus of powers of two, SpikySpace")
PT(ptsoftplus_shift, "ptsoftplus-shift", softplus, power_by_shift, false, "ptsoftplus of whole exponents")
PT(ptsilu, "ptsilu", silu, power_by_table, true, "SiLU of powers of two, SpikySpace")
PT(ptsilu_shift, "ptsilu-shift", silu, power_by_shift, false, "ptsilu of whole exponents")

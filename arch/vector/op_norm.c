/* SPDX-License-Identifier: MIT
 *
 * Norms without statistics of the row: PowerNorm and BSPN at inference (Sorbet, arXiv 2409.15298).
 *
 *     powernorm        y = gain * x + offset            gain = gamma / psi, a constant of the channel
 *     powernorm-shift  the gain is sign * 2^e, e = log2|gain| rounded
 *     bspn             before that, x <- x >> k in each channel group, k = ceil(log2(mean|x|))
 *
 * In bspn the two shifts are one, so nothing is lost between them; a group of zeros has k = 0. A gain of zero
 * gives the offset. Shifts round down (before the sign), products to nearest.
 *
 * Work of an element: a multiplication or a shift, an addition; bspn one more addition, for the mean.
 */
#include "arch/vector/fixed_point.h"
#include "arch/vector/op_types.h"

const struct arch_operand arch_op_norm_operands[] = {
    {"gain", "of each channel, 16 fraction bits", ARCH_OPERAND_ROW},
    {"offset", "of each channel, fraction bits of the result", ARCH_OPERAND_ROW},
    {NULL, NULL, ARCH_OPERAND_ROW},
};

static void apply_power(const struct arch_operation *op, const int32_t *const *operand, uint32_t n,
                        int32_t *state, int32_t *out, uint64_t *work) {
    (void)state;
    const int32_t *x = operand[0], *gain = operand[1], *offset = operand[2];
    int scale = (int)op->spec.out_fraction - (int)op->spec.in_fraction - ARCH_GAIN_FRACTION;
    for (uint32_t i = 0; i < n; i++)
        out[i] = arch_saturate(arch_shift_round((int64_t)x[i] * gain[i], scale) + offset[i],
                               op->spec.out_bits);
    work[ARCH_WORK_multiplications] += n;
    work[ARCH_WORK_additions] += n;
    arch_op_count_row(work, 3 * n, n);
}

/* x * 2^scale times the gain's sign and nearest power of two. */
static int64_t shift_by_gain(int32_t x, int32_t gain, int scale) {
    if (gain == 0)
        return 0;
    uint64_t magnitude = (uint64_t)(gain < 0 ? -(int64_t)gain : gain);
    int64_t y = arch_shift(x, scale + arch_log2_round(magnitude) - ARCH_GAIN_FRACTION);
    return gain < 0 ? -y : y;
}

static void shift_part(const struct arch_operation *op, const int32_t *const *operand, uint32_t first,
                       uint32_t count, int k, int32_t *out) {
    const int32_t *x = operand[0], *gain = operand[1], *offset = operand[2];
    int scale = (int)op->spec.out_fraction - (int)op->spec.in_fraction - k;
    for (uint32_t i = first; i < first + count; i++)
        out[i] = arch_saturate(shift_by_gain(x[i], gain[i], scale) + offset[i], op->spec.out_bits);
}

static void count_shifts(uint32_t n, uint64_t *work) {
    work[ARCH_WORK_shifts] += n;
    work[ARCH_WORK_additions] += n;
    arch_op_count_row(work, 3 * n, n);
}

static void apply_power_shift(const struct arch_operation *op, const int32_t *const *operand, uint32_t n,
                              int32_t *state, int32_t *out, uint64_t *work) {
    (void)state;
    shift_part(op, operand, 0, n, 0, out);
    count_shifts(n, work);
}

/* ceil(log2(mean|x|)) of a group: the least k with sum <= count * 2^(fraction + k). */
static int group_exponent(const int32_t *x, uint32_t count, uint32_t fraction) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += (uint64_t)(x[i] < 0 ? -(int64_t)x[i] : x[i]);
    if (sum == 0)
        return 0;
    int k = arch_log2_floor(sum) - arch_log2_floor(count) - 2; /* below it, whatever the fractions */
    while (k < 0 ? sum << -k > count : sum > (uint64_t)count << k)
        k++;
    return k - (int)fraction;
}

static void apply_bspn(const struct arch_operation *op, const int32_t *const *operand, uint32_t n,
                       int32_t *state, int32_t *out, uint64_t *work) {
    (void)state;
    uint32_t group = op->spec.group != 0 && op->spec.group < n ? op->spec.group : n;
    for (uint32_t first = 0; first < n; first += group) {
        uint32_t count = n - first < group ? n - first : group;
        int k = group_exponent(operand[0] + first, count, op->spec.in_fraction);
        shift_part(op, operand, first, count, k, out);
        work[ARCH_WORK_encodes] += 1;
        work[ARCH_WORK_reductions] += 1;
    }
    work[ARCH_WORK_additions] += n;
    count_shifts(n, work);
}

const struct arch_operation_type arch_op_powernorm = {
    .name = "powernorm",
    .help = "fixed gain and offset of each channel",
    .integer = true,
    .operand = arch_op_norm_operands,
    .apply = apply_power,
};
const struct arch_operation_type arch_op_powernorm_shift = {
    .name = "powernorm-shift",
    .help = "powernorm with gains rounded to powers of two",
    .integer = true,
    .operand = arch_op_norm_operands,
    .apply = apply_power_shift,
};
const struct arch_operation_type arch_op_bspn = {
    .name = "bspn",
    .help = "groups scaled by a power of two, then powernorm-shift, Sorbet",
    .integer = true,
    .operand = arch_op_norm_operands,
    .apply = apply_bspn,
};

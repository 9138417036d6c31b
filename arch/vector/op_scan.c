/* SPDX-License-Identifier: MIT
 *
 * A step of a selective state-space scan whose transition is a shift (SpikySpace, arXiv 2601.02411), for n
 * channels of `states` states:
 *
 *     k      = round(delta * A)                      halfway upwards; A is negative
 *     h_new  = (h << k) + (delta * B) * u            shifts and products round down,
 *                                                  delta * B saturates at 32 bits
 *     y      = sum over states C * h_new + D * u
 *
 * delta comes from ptsoftplus. With levels > 0 the new state is rounded to one of levels + 1 equidistant
 * levels from zero on, 2^step last places apart: what T spikes can carry (the source re-quantises the state
 * to T spikes in every step; that these are unsigned is a reading of its integrate-and-fire code).
 *
 * All operands and the state have in_fraction fraction bits. Work: with levels the products with h, u and
 * delta are additions over T = levels binary slices (as if every slice were set), else multiplications.
 */
#include "arch/vector/fixed_point.h"
#include "arch/vector/op_types.h"

static const struct arch_operand operands[] = {
    {"delta", "step of each channel", ARCH_OPERAND_ROW},
    {"a", "transition, negative", ARCH_OPERAND_MATRIX},
    {"b", "input of the states", ARCH_OPERAND_STATES},
    {"c", "output of the states", ARCH_OPERAND_STATES},
    {"d", "from input to output", ARCH_OPERAND_ROW},
    {NULL, NULL, ARCH_OPERAND_ROW},
};

static int32_t requantise(const struct arch_operation_spec *spec, int64_t h) {
    if (spec->levels == 0)
        return arch_saturate(h, 32);
    int64_t level = arch_shift_round(h, -(int)spec->step);
    level = level < 0 ? 0 : level > spec->levels ? spec->levels : level;
    return arch_saturate(arch_shift(level, (int)spec->step), 32);
}

static int64_t step_state(const struct arch_operation *op, int32_t h, int32_t a, int32_t b, int32_t u,
                          int32_t delta) {
    int in = (int)op->spec.in_fraction;
    int64_t k = arch_shift_round((int64_t)delta * a, -2 * in);
    int exponent = (int)(k < -62 ? -62 : k > 62 ? 62 : k);
    int64_t drive = arch_shift((int64_t)arch_saturate(arch_shift((int64_t)delta * b, -in), 32) * u, -in);
    return arch_shift(h, exponent) + drive;
}

static void apply(const struct arch_operation *op, const int32_t *const *operand, uint32_t n, int32_t *state,
                  int32_t *out, uint64_t *work) {
    const int32_t *u = operand[0], *delta = operand[1], *a = operand[2], *b = operand[3], *c = operand[4],
                  *d = operand[5];
    uint32_t states = op->spec.states;
    for (uint32_t i = 0; i < n; i++) {
        int64_t sum = (int64_t)d[i] * u[i];
        for (uint32_t s = 0; s < states; s++) {
            size_t at = (size_t)i * states + s;
            state[at] = requantise(&op->spec, step_state(op, state[at], a[at], b[s], u[i], delta[i]));
            sum += (int64_t)c[s] * state[at];
        }
        out[i] = arch_saturate(arch_shift(sum, (int)op->spec.out_fraction - 2 * (int)op->spec.in_fraction),
                               op->spec.out_bits);
    }
    uint64_t cells = (uint64_t)n * states, products = 4 * cells + n;
    if (op->spec.levels > 0)
        work[ARCH_WORK_additions] += products * op->spec.levels;
    else
        work[ARCH_WORK_multiplications] += products;
    work[ARCH_WORK_shifts] += cells;
    work[ARCH_WORK_additions] += 2 * cells;
    work[ARCH_WORK_comparisons] += op->spec.levels > 0 ? cells : 0;
    work[ARCH_WORK_reads] += 2 * cells + 3 * (uint64_t)n + 2 * (uint64_t)states;
    work[ARCH_WORK_writes] += cells + n;
}

const struct arch_operation_type arch_op_scan = {
    .name = "scan",
    .help = "step of a state space with a shift as transition, SpikySpace",
    .integer = true,
    .operand = operands,
    .state = true,
    .apply = apply,
};

/* SPDX-License-Identifier: MIT
 *
 * The list of operators, and how a description of one is resolved; see operation.h.
 */
#include "arch/vector/operation.h"

#include "arch/vector/op_types.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define POWER_FRACTION_MAX 12u /* a table of 4,096 powers of two */

const struct arch_operation_type *const arch_operation_types[] = {
    &arch_op_softmax,
    &arch_op_softmax_pwl,
    &arch_op_ptsoftmax_ceil,
    &arch_op_ptsoftmax_round,
    &arch_op_ptsoftmax_nearest,
    &arch_op_gelu,
    &arch_op_gelu_pwl,
    &arch_op_silu,
    &arch_op_silu_pwl,
    &arch_op_softplus,
    &arch_op_softplus_pwl,
    &arch_op_ptsilu,
    &arch_op_ptsilu_shift,
    &arch_op_ptsoftplus,
    &arch_op_ptsoftplus_shift,
    &arch_op_bspn,
    &arch_op_powernorm,
    &arch_op_powernorm_shift,
    &arch_op_layernorm,
    &arch_op_layernorm_integer,
    &arch_op_layernorm_pwl,
    &arch_op_scan,
    NULL,
};

#define TYPES (sizeof arch_operation_types / sizeof *arch_operation_types - 1)

static const struct sim_param params[] = {
    SIM_PARAM_TEXT(struct arch_operation_spec, name, NULL,
                   "which operator: softmax, ptsoftmax-ceil, bspn ..."),
    SIM_PARAM_UINT(struct arch_operation_spec, in_fraction, 0, 20, "8", "fraction bits of the data"),
    SIM_PARAM_UINT(struct arch_operation_spec, out_fraction, 0, 30, "8", "fraction bits of the result"),
    SIM_PARAM_UINT(struct arch_operation_spec, out_bits, 2, 32, "16", "word of the result; it saturates"),
    SIM_PARAM_UINT(struct arch_operation_spec, group, 0, 1e6, "0",
                   "bspn: elements of a channel group; 0: the whole row"),
    SIM_PARAM_REAL(struct arch_operation_spec, epsilon, 0, 1, "1e-5", "layernorm: added to the variance"),
    SIM_PARAM_UINT(struct arch_operation_spec, segments, 1, ARCH_SEGMENTS_MAX, "16",
                   "of piecewise-linear functions"),
    SIM_PARAM_UINT(struct arch_operation_spec, table_bits, ARCH_WORD_MIN, ARCH_WORD_MAX, "16",
                   "word of piecewise-linear functions"),
    SIM_PARAM_CHOICE(struct arch_operation_spec, cut, arch_cut_name, "minimax", "how segments are cut"),
    SIM_PARAM_UINT(struct arch_operation_spec, states, 1, 128, "1", "scan: states of a channel"),
    SIM_PARAM_UINT(struct arch_operation_spec, levels, 0, 255, "0",
                   "scan: levels to which the state is rounded in every step, 0 .. levels; 0: not"),
    SIM_PARAM_UINT(struct arch_operation_spec, step, 0, 24, "0",
                   "scan: log2 of the distance of two levels, in units of the last place"),
};

static bool check(const void *spec_, const struct sim_where *where, struct sim_err *err) {
    const struct arch_operation_spec *spec = spec_;
    char suggestion[SIM_SUGGEST_SIZE];
    const char *nearest;
    const struct arch_operation_type *type = arch_operation_find(spec->name, &nearest);
    if (type == NULL)
        return sim_err_add(err, SIM_EXIT_CONFIG, where, "arch.operation: unknown operator '%s'%s",
                           spec->name, sim_err_suggest(suggestion, nearest));
    if (type->powers && spec->in_fraction > POWER_FRACTION_MAX)
        return sim_err_add(
            err, SIM_EXIT_CONFIG, where,
            "arch.operation: %s has a table of powers of two for at most %u fraction bits, not %u",
            spec->name, POWER_FRACTION_MAX, spec->in_fraction);
    return true;
}

const struct sim_schema arch_operation_schema = {
    .name = "arch.operation",
    .help = "Operator on rows of a vector unit: softmax, activation, norm or scan, in fixed point.",
    .size = sizeof(struct arch_operation_spec),
    SIM_SCHEMA_PARAMS(params),
    .check = check,
};

const struct arch_operation_type *arch_operation_find(const char *name, const char **nearest) {
    const char *names[TYPES];
    for (size_t i = 0; i < TYPES; i++) {
        names[i] = arch_operation_types[i]->name;
        if (strcmp(names[i], name) == 0)
            return arch_operation_types[i];
    }
    *nearest = sim_err_nearest(name, names, TYPES);
    return NULL;
}

static const struct arch_fixed *fit_table(const struct arch_operation_spec *spec, enum arch_scalar function,
                                          struct sim_arena *arena) {
    struct arch_piecewise pieces;
    struct arch_fixed *table = SIM_NEW(arena, struct arch_fixed);
    arch_piecewise_fit(&pieces, function, spec->segments, (enum arch_cut)spec->cut);
    arch_fixed_init(table, &pieces, spec->table_bits);
    return table;
}

static const int32_t *make_powers(uint32_t fraction, struct sim_arena *arena) {
    uint32_t count = 1u << fraction;
    int32_t *power = SIM_NEW_ARRAY(arena, int32_t, count);
    for (uint32_t i = 0; i < count; i++)
        power[i] = (int32_t)llround(ldexp(exp2((double)i / count), 30));
    return power;
}

bool arch_operation_init(struct arch_operation *op, const struct arch_operation_spec *spec,
                         struct sim_arena *arena, struct sim_err *err) {
    memset(op, 0, sizeof *op);
    if (!check(spec, NULL, err))
        return false;
    const char *nearest;
    op->type = arch_operation_find(spec->name, &nearest);
    op->spec = *spec;
    for (int f = 0; f < ARCH_SCALAR_COUNT; f++)
        if (op->type->tables & 1u << f)
            op->table[f] = fit_table(spec, (enum arch_scalar)f, arena);
    if (op->type->powers)
        op->power = make_powers(spec->in_fraction, arena);
    return true;
}

uint32_t arch_operation_operands(const struct arch_operation_type *type) {
    uint32_t count = 0;
    if (type->operand != NULL)
        while (type->operand[count].name != NULL)
            count++;
    return count;
}

void arch_operation_apply(const struct arch_operation *op, const int32_t *row, uint32_t n,
                          const int32_t *const *more, int32_t *state, int32_t *out, uint64_t *work) {
    const int32_t *operand[ARCH_OPERANDS_MAX] = {row};
    uint32_t operands = arch_operation_operands(op->type);
    assert(n > 0 && operands < ARCH_OPERANDS_MAX && (state != NULL) >= op->type->state);
    for (uint32_t i = 0; i < operands; i++)
        operand[i + 1] = more[i];
    op->type->apply(op, operand, n, state, out, work);
}

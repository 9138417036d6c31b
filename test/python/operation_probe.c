/* SPDX-License-Identifier: MIT
 *
 * Applies an operator to rows from the standard input, for test_operations.py.
 *
 *   operation_probe DESCRIPTION N        (arch.operation in YAML)
 *
 * Input: for each row its n elements, then its further operands, 32-bit integers; the state starts at zero.
 * Output: the results, then the states, then the work of all rows as 64-bit integers.
 *
 *   operation_probe --table FUNCTION SEGMENTS CUT BITS
 *
 * prints a piecewise-linear table as JSON, in real numbers and in integers, with its errors.
 */
#include "arch/vector/operation.h"
#include "sim/config/bind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(struct sim_err *err) {
    sim_err_print(err, stderr);
    exit((int)err->code);
}

static int choice(const char *text, const char *const *names) {
    for (int i = 0; names[i] != NULL; i++)
        if (strcmp(text, names[i]) == 0)
            return i;
    fprintf(stderr, "operation_probe: unknown '%s'\n", text);
    exit(SIM_EXIT_USAGE);
}

static void print_list(const char *name, const int32_t *value, uint32_t count) {
    printf(", \"%s\": [", name);
    for (uint32_t i = 0; i < count; i++)
        printf("%s%d", i > 0 ? ", " : "", value[i]);
    printf("]");
}

static int print_table(char **argv) {
    static struct arch_piecewise pieces;
    static struct arch_fixed table;
    arch_piecewise_fit(&pieces, (enum arch_scalar)choice(argv[2], arch_scalar_name),
                       (uint32_t)strtoul(argv[3], NULL, 10), (enum arch_cut)choice(argv[4], arch_cut_name));
    arch_fixed_init(&table, &pieces, (uint32_t)strtoul(argv[5], NULL, 10));
    struct arch_error real = arch_piecewise_error(&pieces), fixed = arch_fixed_error(&table);
    printf("{\"low\": %d, \"high\": %d, \"x_fraction\": %d, \"y_fraction\": %d, \"slope_fraction\": %d, "
           "\"real_most\": %.17g, \"real_rms\": %.17g, \"fixed_most\": %.17g, \"fixed_rms\": %.17g",
           table.low, table.high, table.x_fraction, table.y_fraction, table.slope_fraction, real.most,
           real.rms, fixed.most, fixed.rms);
    print_list("breakpoint", table.breakpoint, table.segments - 1);
    print_list("slope", table.slope, table.segments);
    print_list("bias", table.bias, table.segments);
    printf(", \"lines\": [");
    for (uint32_t k = 0; k < pieces.segments; k++)
        printf("%s[%.17g, %.17g, %.17g]", k > 0 ? ", " : "",
               k > 0 ? pieces.breakpoint[k - 1] : pieces.function->low, pieces.slope[k], pieces.bias[k]);
    puts("]}");
    return 0;
}

static uint32_t operand_size(const struct arch_operand *operand, uint32_t n, uint32_t states) {
    return operand->shape == ARCH_OPERAND_ROW      ? n
           : operand->shape == ARCH_OPERAND_STATES ? states
                                                   : n * states;
}

int main(int argc, char **argv) {
    struct sim_arena arena;
    struct sim_err err;
    struct arch_operation_spec spec;
    struct arch_operation op;
    uint64_t work[ARCH_WORK_COUNT] = {0};
    if (argc == 6 && strcmp(argv[1], "--table") == 0)
        return print_table(argv);
    sim_arena_init(&arena);
    sim_err_init(&err);
    struct sim_binding binding = {.arena = &arena, .err = &err};
    if (argc != 3 || !sim_bind_text(&binding, &arch_operation_schema, argv[1], &spec) ||
        !arch_operation_init(&op, &spec, &arena, &err))
        fail(&err);
    uint32_t n = (uint32_t)strtoul(argv[2], NULL, 10), operands = arch_operation_operands(op.type);
    uint32_t size = n, offset[ARCH_OPERANDS_MAX];
    for (uint32_t i = 0; i < operands; i++) {
        offset[i] = size;
        size += operand_size(&op.type->operand[i], n, spec.states);
    }
    int32_t *in = SIM_NEW_ARRAY(&arena, int32_t, size), *out = SIM_NEW_ARRAY(&arena, int32_t, n);
    int32_t *state = SIM_NEW_ARRAY(&arena, int32_t, (size_t)n * spec.states);
    const int32_t *more[ARCH_OPERANDS_MAX];
    for (uint32_t i = 0; i < operands; i++)
        more[i] = in + offset[i];
    while (fread(in, sizeof *in, size, stdin) == size) {
        arch_operation_apply(&op, in, n, more, state, out, work);
        fwrite(out, sizeof *out, n, stdout);
    }
    if (op.type->state)
        fwrite(state, sizeof *state, (size_t)n * spec.states, stdout);
    fwrite(work, sizeof *work, ARCH_WORK_COUNT, stdout);
    sim_arena_release(&arena);
    sim_err_release(&err);
    return 0;
}

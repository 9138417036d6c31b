/* SPDX-License-Identifier: MIT
 *
 * Operators of transformers and their tables on values worked out by hand; test/python/test_operations.py
 * holds them against numpy on random ones.
 */
#include "arch/vector/fixed_point.h"
#include "arch/vector/operation.h"
#include "sim/config/bind.h"
#include "test/suite.h"
#include "test/fixture.h"

#include <math.h>
#include <string.h>

static void apply(const char *text, const int32_t *row, uint32_t n, const int32_t *const *more,
                  int32_t *out) {
    struct arch_operation_spec spec;
    struct arch_operation op;
    uint64_t work[ARCH_WORK_COUNT] = {0};
    struct sim_binding binding = {.arena = &arena, .err = &err};
    ck_assert(sim_bind_text(&binding, &arch_operation_schema, text, &spec));
    ck_assert(arch_operation_init(&op, &spec, &arena, &err));
    arch_operation_apply(&op, row, n, more, NULL, out, work);
    ck_assert_uint_gt(work[ARCH_WORK_writes], 0);
}

/* floor(a / 2^b) by division. */
static int64_t divide(int64_t a, int b) {
    int64_t d = INT64_C(1) << b;
    return a / d - (a % d < 0);
}

/* Every x near a breakpoint is on the line that the table says, the breakpoint itself on the right one. */
START_TEST(lines_meet_at_breakpoints) {
    for (int function = 0; function < ARCH_SCALAR_COUNT; function++) {
        struct arch_piecewise pieces;
        struct arch_fixed table;
        uint32_t jumps = 0;
        arch_piecewise_fit(&pieces, (enum arch_scalar)function, 12, ARCH_CUT_MINIMAX);
        arch_fixed_init(&table, &pieces, 16);
        int shift = table.slope_fraction + table.x_fraction - table.y_fraction;
        for (uint32_t k = 0; k + 1 < table.segments; k++)
            for (int32_t x = table.breakpoint[k] - 3; x <= table.breakpoint[k] + 3; x++) {
                uint32_t line = x >= table.breakpoint[k] ? k + 1 : k, other = 2 * k + 1 - line;
                int64_t half = INT64_C(1) << (shift - 1);
                int64_t y = divide((int64_t)table.slope[line] * x + half, shift) + table.bias[line];
                int64_t z = divide((int64_t)table.slope[other] * x + half, shift) + table.bias[other];
                ck_assert_int_eq(arch_fixed_value(&table, x), y);
                jumps += x == table.breakpoint[k] && y != z;
            }
        ck_assert_uint_gt(jumps, 0); /* else the side of a breakpoint would not show */
    }
}
END_TEST

START_TEST(shifts_round_and_saturate) {
    ck_assert_int_eq(arch_shift(-5, -1), -3);
    ck_assert_int_eq(arch_shift(-1, -70), -1);
    ck_assert_int_eq(arch_shift(1, -70), 0);
    ck_assert_int_eq(arch_shift(3, 70), ARCH_FIXED_LARGE);
    ck_assert_int_eq(arch_shift(-3, 60), -ARCH_FIXED_LARGE);
    ck_assert_int_eq(arch_shift_round(-5, -1), -2);
    ck_assert_int_eq(arch_shift_round(5, -1), 3);
    ck_assert_int_eq(arch_saturate(128, 8), 127);
    ck_assert_int_eq(arch_saturate(-129, 8), -128);
    for (uint64_t v = 1; v < 3000; v++) {
        double l = log2((double)v);
        ck_assert_int_eq(arch_log2_floor(v), (int)floor(l));
        ck_assert_int_eq(arch_log2_ceil(v), (int)ceil(l));
        ck_assert_int_eq(arch_log2_round(v), (int)lround(l));
        ck_assert_uint_eq(arch_square_root(v), (uint32_t)sqrt((double)v));
    }
    ck_assert_uint_eq(arch_square_root(UINT64_MAX), UINT32_MAX);
}
END_TEST

/* Rows with sums of 1.25, 1.5 and 1.75, whose divisors the three variants choose differently. */
START_TEST(ptsoftmax_by_hand) {
    static const struct {
        const char *name;
        int32_t first[3]; /* of the largest element, 8 fraction bits */
    } variant[] = {
        {"{name: ptsoftmax-ceil}", {128, 128, 128}},
        {"{name: ptsoftmax-round}", {256, 128, 128}}, /* sqrt 2 lies between 1.25 and 1.5 */
        {"{name: ptsoftmax-nearest}", {256, 128, 128}},
    };
    static const int32_t row[3][3] = {{0, -512, -30000}, {-1, -256, -30000}, {0, -256, -512}};
    for (int v = 0; v < 3; v++)
        for (int r = 0; r < 3; r++) {
            int32_t out[3];
            apply(variant[v].name, row[r], 3, NULL, out);
            ck_assert_int_eq(out[0], variant[v].first[r]);
        }
    int32_t out[3];
    apply("{name: ptsoftmax-ceil}", row[2], 3, NULL, out);
    ck_assert_int_eq(out[1], 64);
    ck_assert_int_eq(out[2], 32);
}
END_TEST

/* Groups of means 3 (k = 2) and 1 (k = 0); gains 1, -1, 1.5 (2^1 by rounding), 0. */
START_TEST(bspn_by_hand) {
    static const int32_t row[8] = {512, 1024, -768, 768, 256, -256, 256, 256};
    static const int32_t gain[8] = {65536, -65536, 98304, 0, 65536, -65536, 98304, 0};
    static const int32_t offset[8] = {0, 0, 0, 7, 1, 1, 1, 1};
    static const int32_t expected[8] = {128, -256, -384, 7, 257, 257, 513, 1};
    const int32_t *more[] = {gain, offset};
    int32_t out[8];
    apply("{name: bspn, group: 4}", row, 8, more, out);
    ck_assert_mem_eq(out, expected, sizeof out);
}
END_TEST

START_TEST(names_are_found) {
    const char *nearest = NULL;
    for (const struct arch_operation_type *const *type = arch_operation_types; *type != NULL; type++)
        ck_assert_ptr_eq(arch_operation_find((*type)->name, &nearest), *type);
    ck_assert_ptr_null(arch_operation_find("layernrom", &nearest));
    ck_assert_str_eq(nearest, "layernorm");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("operators");
    TCase *tables = suite_case(suite, "tables");
    tcase_add_test(tables, lines_meet_at_breakpoints);
    tcase_add_test(tables, shifts_round_and_saturate);
    TCase *operators = suite_case(suite, "operators");
    tcase_add_checked_fixture(operators, set_up, tear_down);
    tcase_add_test(operators, ptsoftmax_by_hand);
    tcase_add_test(operators, bspn_by_hand);
    tcase_add_test(operators, names_are_found);
    return suite_run(suite);
}

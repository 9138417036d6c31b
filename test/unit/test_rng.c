/* SPDX-License-Identifier: MIT
 *
 * Seeded random numbers: the published SplitMix64 sequence, ranges, independent streams.
 */
#include "sim/base/rng.h"

#include "test/suite.h"

/* The first outputs for seed 1234567, as printed by the reference implementation. */
START_TEST(the_published_sequence) {
    static const uint64_t expected[] = {
        UINT64_C(6457827717110365317),  UINT64_C(3203168211198807973),  UINT64_C(9817491932198370423),
        UINT64_C(4593380528125082431),  UINT64_C(16408922859458223821),
    };
    uint64_t state = 1234567;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        ck_assert_uint_eq(sim_rng_next(&state), expected[i]);
}
END_TEST

START_TEST(below_is_below_and_even) {
    uint64_t state = 5, count[10] = {0};
    for (int i = 0; i < 100000; i++) {
        uint64_t n = sim_rng_below(&state, 10);
        ck_assert_uint_lt(n, 10);
        count[n]++;
    }
    for (int n = 0; n < 10; n++) {
        ck_assert_uint_gt(count[n], 9500); /* 5 standard deviations */
        ck_assert_uint_lt(count[n], 10500);
    }
    ck_assert_uint_eq(sim_rng_below(&state, 1), 0);
}
END_TEST

START_TEST(real_is_in_the_unit_interval) {
    uint64_t state = 6;
    double sum = 0;
    for (int i = 0; i < 100000; i++) {
        double x = sim_rng_real(&state);
        ck_assert(x >= 0 && x < 1);
        sum += x;
    }
    ck_assert_double_gt(sum, 49500);
    ck_assert_double_lt(sum, 50500);
}
END_TEST

START_TEST(streams_differ) {
    for (uint64_t number = 1; number < 1000; number++) {
        ck_assert_uint_ne(sim_rng_stream(1, number), sim_rng_stream(1, number - 1));
        ck_assert_uint_ne(sim_rng_stream(1, number), sim_rng_stream(2, number));
    }
    ck_assert_uint_eq(sim_rng_stream(1, 2), sim_rng_stream(1, 2));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sim/base/rng");
    TCase *numbers = suite_case(suite, "numbers");
    tcase_add_test(numbers, the_published_sequence);
    tcase_add_test(numbers, below_is_below_and_even);
    tcase_add_test(numbers, real_is_in_the_unit_interval);
    tcase_add_test(numbers, streams_differ);
    return suite_run(suite);
}

/* SPDX-License-Identifier: MIT
 *
 * The memristive synapse unit and the digital core for time-to-first-spike codes: exact for every code
 * where nothing deviates; deviations of the right size; events and time as the headers say.
 */
#include "arch/ttfs/core.h"
#include "arch/ttfs/msu.h"

#include "sim/base/rng.h"
#include "sim/config/bind.h"
#include "test/suite.h"
#include "test/unit/schema_audit.h"
#include "test/unit/window_rig.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct window_rig rig;

static const struct arch_window_unit_type *const types[] = {&arch_msu_unit, &arch_ttfs_core_unit};

START_TEST(tables_are_sound) { assert_schema_sound(types[_i]->schema); }
END_TEST

/* Any silent level, any dead zone: the sum of weight x rounded level. */
START_TEST(potentials_are_exact) {
    uint64_t rng = sim_rng_stream(21, (uint64_t)_i);
    uint32_t levels = 1 + (uint32_t)sim_rng_below(&rng, 60);
    struct arch_ttfs code = {levels, (uint32_t)sim_rng_below(&rng, levels + 1),
                             (uint32_t)sim_rng_below(&rng, 3)};
    window_rig_init(&rig, types[_i % 2], "{weight_bits: 5}", 1 + (uint32_t)sim_rng_below(&rng, 90),
                    1 + (uint32_t)sim_rng_below(&rng, 50), code, 0);
    window_rig_random_weights(&rig, 5, &rng);
    ck_assert(window_rig_prepare(&rig));
    for (uint32_t w = 0; w < 10; w++) {
        window_rig_random_levels(&rig, 2, &rng);
        window_rig_run(&rig);
        for (uint32_t n = 0; n < rig.neurons; n++)
            ck_assert_double_eq(rig.potential[n], (double)window_rig_expected(&rig, n));
    }
    window_rig_release(&rig);
}
END_TEST

/* A mask without dead zone answers what the plain code answers, bit by bit, and sends fewer spikes where
 * its silent level is frequent. */
START_TEST(a_mask_loses_nothing) {
    uint64_t rng = sim_rng_stream(22, (uint64_t)_i);
    uint32_t levels = 1 + (uint32_t)sim_rng_below(&rng, 60), axons = 80, neurons = 40, level[80], spikes[2];
    uint32_t frequent = (uint32_t)sim_rng_below(&rng, levels + 1);
    double potential[2][40];
    uint64_t weights = rng;
    for (uint32_t a = 0; a < axons; a++)
        level[a] = sim_rng_below(&rng, 3) != 0 ? frequent : (uint32_t)sim_rng_below(&rng, levels + 1);
    for (uint32_t masked = 0; masked < 2; masked++) {
        struct arch_ttfs code = {levels, masked ? frequent : 0, 0};
        window_rig_init(&rig, types[_i % 2], "{}", axons, neurons, code, 0);
        uint64_t same = weights;
        window_rig_random_weights(&rig, 8, &same);
        ck_assert(window_rig_prepare(&rig));
        memcpy(rig.level, level, sizeof level);
        window_rig_run(&rig);
        memcpy(potential[masked], rig.potential, sizeof potential[masked]);
        spikes[masked] = rig.spikes;
        window_rig_release(&rig);
    }
    ck_assert_mem_eq(potential[0], potential[1], sizeof potential[0]);
    uint32_t zeros = 0, silent = 0;
    for (uint32_t a = 0; a < axons; a++) {
        zeros += level[a] == 0;
        silent += level[a] == frequent;
    }
    ck_assert_uint_eq(spikes[0], axons - zeros);
    ck_assert_uint_eq(spikes[1], axons - silent);
}
END_TEST

/* ---- deviations of the cells -------------------------------------------------------------------- */

static void moments(double *mean, double *sigma) {
    double sum = 0, squares = 0;
    for (uint32_t n = 0; n < rig.neurons; n++) {
        sum += rig.potential[n];
        squares += rig.potential[n] * rig.potential[n];
    }
    *mean = sum / rig.neurons;
    *sigma = sqrt(fmax(0, squares / rig.neurons - *mean * *mean));
}

/* Standard deviation of a weight, in its steps: g in steps is g_min / step, and that plus |w| on the one
 * side. */
static double deviation(int weight, double sigma, uint32_t bits) {
    double low = 10.0 / (90.0 / (1 << (bits - 1))), high = low + abs(weight);
    return sigma * sqrt(low * low + high * high);
}

START_TEST(programming_deviates_by_cell) {
    static const int8_t weight[] = {-16, -3, 0, 9, 15};
    for (uint32_t i = 0; i < sizeof weight; i++) {
        window_rig_init(&rig, &arch_msu_unit, "{weight_bits: 5, cell: {program: 0.05}}", 1, 20000,
                        (struct arch_ttfs){15, 0, 0}, 0);
        window_rig_same_weights(&rig, weight[i]);
        ck_assert(window_rig_prepare(&rig));
        rig.level[0] = 6;
        window_rig_run(&rig);
        double mean, sigma, expected = 6 * deviation(weight[i], 0.05, 5), first = rig.potential[0];
        moments(&mean, &sigma);
        ck_assert_double_eq_tol(mean, 6 * weight[i], 4 * expected / sqrt(20000));
        ck_assert_double_eq_tol(sigma, expected, 0.025 * expected);
        window_rig_run(&rig);
        ck_assert_double_eq(rig.potential[0], first); /* programmed once */
        window_rig_release(&rig);
    }
}
END_TEST

START_TEST(reads_deviate_anew) {
    window_rig_init(&rig, &arch_msu_unit, "{weight_bits: 5, cell: {read: 0.05}}", 9, 20000,
                    (struct arch_ttfs){15, 4, 0}, 0);
    window_rig_same_weights(&rig, -7);
    ck_assert(window_rig_prepare(&rig));
    for (uint32_t a = 0; a < 9; a++)
        rig.level[a] = a % 2 ? 1 : 13; /* values -3 and 9 */
    window_rig_run(&rig);
    double mean, sigma, expected = deviation(-7, 0.05, 5) * sqrt(5 * 81 + 4 * 9), first = rig.potential[0];
    moments(&mean, &sigma);
    ck_assert_double_eq_tol(mean, (double)window_rig_expected(&rig, 0), 4 * expected / sqrt(20000));
    ck_assert_double_eq_tol(sigma, expected, 0.025 * expected);
    window_rig_run(&rig);
    ck_assert_double_ne(rig.potential[0], first);
    window_rig_release(&rig);
}
END_TEST

START_TEST(converters_round_and_clip) {
    window_rig_init(&rig, &arch_msu_unit, "{adc: {bits: 4, full_scale: 80}}", 1, 1,
                    (struct arch_ttfs){100, 0, 0}, 0);
    window_rig_same_weights(&rig, -1);
    ck_assert(window_rig_prepare(&rig));
    uint64_t clipped = 0;
    for (uint32_t level = 0; level <= 100; level++) {
        rig.level[0] = level;
        window_rig_run(&rig);
        double code = fmax(-8, nearbyint(-(double)level / 10));
        clipped += nearbyint(-(double)level / 10) < -8;
        ck_assert_double_eq(rig.potential[0], code * 10);
    }
    ck_assert_uint_eq(rig.count[ARCH_MSU_EVENT_clipped], clipped);
    window_rig_release(&rig);
}
END_TEST

START_TEST(seeds_and_numbers_decide) {
    static const char *const yaml[] = {
        "{seed: 1, cell: {program: 0.1, read: 0.1}}", "{seed: 1, cell: {program: 0.1, read: 0.1}}",
        "{seed: 2, cell: {program: 0.1, read: 0.1}}", "{seed: 1, cell: {program: 0.1, read: 0.1}}"};
    double seen[4];
    for (uint32_t i = 0; i < 4; i++) {
        window_rig_init(&rig, &arch_msu_unit, yaml[i], 3, 2, (struct arch_ttfs){15, 0, 0}, i == 3);
        window_rig_same_weights(&rig, 3);
        ck_assert(window_rig_prepare(&rig));
        rig.level[1] = 9;
        window_rig_run(&rig);
        seen[i] = rig.potential[1];
        window_rig_release(&rig);
    }
    ck_assert_double_eq(seen[0], seen[1]);
    ck_assert_double_ne(seen[0], seen[2]);
    ck_assert_double_ne(seen[0], seen[3]);
}
END_TEST

/* ---- events and time ---------------------------------------------------------------------------- */

START_TEST(events_of_the_memristive_unit) {
    window_rig_init(&rig, &arch_msu_unit,
                    "{slot: 20 ns, settle: 15 ns, adc: {bits: 12, converters: 4, time: 30 ns}}", 4, 10,
                    (struct arch_ttfs){15, 4, 1}, 0);
    for (uint32_t a = 0; a < 4; a++)
        for (uint32_t n = 0; n < 10; n++)
            rig.weight[a * 10 + n] = (int8_t)(a % 2 ? -2 : 3);
    ck_assert(window_rig_prepare(&rig));
    static const uint32_t level[] = {15, 0, 5, 2}; /* values 11, -4, none, -2 */
    memcpy(rig.level, level, sizeof level);
    window_rig_run(&rig);
    ck_assert_uint_eq(rig.count[ARCH_MSU_EVENT_spikes_in], 3);
    ck_assert_uint_eq(rig.count[ARCH_MSU_EVENT_row_pulses], 17);
    ck_assert_uint_eq(rig.count[ARCH_MSU_EVENT_cell_pulses], 17 * 20);
    ck_assert_uint_eq(rig.count[ARCH_MSU_EVENT_cell_steps], 11 * 30 + 6 * 20);
    ck_assert_uint_eq(rig.count[ARCH_MSU_EVENT_integrations], 10);
    ck_assert_uint_eq(rig.count[ARCH_MSU_EVENT_conversions], 10);
    ck_assert_uint_eq(rig.count[ARCH_MSU_EVENT_clipped], 0);
    ck_assert_uint_eq(rig.cycles, 47); /* (15 + 3) 20 ns + 15 ns + 3 x 30 ns = 465 ns */
    ck_assert_uint_eq(rig.type->fire(rig.unit, 15, 2, 0), 30);
    ck_assert_uint_eq(rig.count[ARCH_MSU_EVENT_comparisons], 150);
    ck_assert_uint_eq(rig.count[ARCH_MSU_EVENT_fires], 2);
    window_rig_release(&rig);
}
END_TEST

START_TEST(events_of_the_digital_core) {
    window_rig_init(&rig, &arch_ttfs_core_unit, "{lanes: 4, slot_cycles: 2}", 4, 10,
                    (struct arch_ttfs){15, 4, 1}, 0);
    ck_assert(window_rig_prepare(&rig));
    static const uint32_t level[] = {15, 0, 5, 2};
    memcpy(rig.level, level, sizeof level);
    window_rig_run(&rig);
    ck_assert_uint_eq(rig.count[ARCH_TTFS_CORE_EVENT_spikes_in], 3);
    ck_assert_uint_eq(rig.count[ARCH_TTFS_CORE_EVENT_row_reads], 3);
    ck_assert_uint_eq(rig.count[ARCH_TTFS_CORE_EVENT_synaptic_adds], 30);
    ck_assert_uint_eq(rig.count[ARCH_TTFS_CORE_EVENT_ramp_adds], 190);
    ck_assert_uint_eq(rig.cycles, 19 * (2 + 3) + 3 * 3);
    ck_assert_uint_eq(rig.type->fire(rig.unit, 15, 2, 0), 15 * 5);
    ck_assert_uint_eq(rig.count[ARCH_TTFS_CORE_EVENT_comparisons], 150);
    window_rig_release(&rig);
}
END_TEST

START_TEST(what_cannot_be_is_refused) {
    window_rig_refuses(&arch_msu_unit, "{cell: {g_min: 100 uS, g_max: 10 uS}}", "must be less than");
    window_rig_refuses(&arch_msu_unit, "{slot: 5}", "no unit");
    window_rig_refuses(&arch_ttfs_core_unit, "{weight_bits: 9}", "out of range");
    for (uint32_t i = 0; i < 2; i++) {
        window_rig_init(&rig, types[i], "{weight_bits: 4}", 4, 4, (struct arch_ttfs){15, 0, 0}, 0);
        rig.weight[6] = -9;
        ck_assert(!window_rig_prepare(&rig));
        ck_assert_ptr_nonnull(strstr(rig.err.message[0], "weight -9 of axon 1 to neuron 2 does not fit"));
        window_rig_release(&rig);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("memristive synapse unit");
    TCase *exact = suite_case(suite, "exact");
    tcase_set_timeout(exact, 60);
    tcase_add_loop_test(exact, tables_are_sound, 0, 2);
    tcase_add_loop_test(exact, potentials_are_exact, 0, 60);
    tcase_add_loop_test(exact, a_mask_loses_nothing, 0, 40);
    TCase *deviations = suite_case(suite, "deviation");
    tcase_set_timeout(deviations, 60);
    tcase_add_test(deviations, programming_deviates_by_cell);
    tcase_add_test(deviations, reads_deviate_anew);
    tcase_add_test(deviations, converters_round_and_clip);
    tcase_add_test(deviations, seeds_and_numbers_decide);
    TCase *events = suite_case(suite, "events");
    tcase_set_timeout(events, 60);
    tcase_add_test(events, events_of_the_memristive_unit);
    tcase_add_test(events, events_of_the_digital_core);
    tcase_add_test(events, what_cannot_be_is_refused);
    return suite_run(suite);
}

/* SPDX-License-Identifier: MIT
 *
 * Time-to-first-spike codes, the staircase threshold, and the decay of the optoelectronic device: tables to
 * the digits in which a digest of Otters (arXiv 2509.18968) allows them to be computed. That is consistency
 * with the digest, not a comparison with measurements.
 */
#include "arch/ttfs/opto_decay.h"
#include "arch/unit/ttfs.h"

#include "test/suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct arch_opto_decay device = {110.989, 1.3425, 0.495, -109.989};

/* The value, printed with as many decimals as `digits`, is `digits`. */
static void assert_digits(double value, const char *digits) {
    const char *point = strchr(digits, '.');
    char text[40];
    snprintf(text, sizeof text, "%.*f", point ? (int)strlen(point + 1) : 0, value);
    ck_assert_str_eq(text, digits);
}

START_TEST(decay_has_the_given_values) {
    ck_assert_double_eq_tol(arch_opto_decay_at(&device, 0), 1, 1e-12);
    ck_assert_double_le(fabs(arch_opto_decay_at(&device, 1e-4)), 4e-6);
    assert_digits(arch_opto_decay_at(&device, 1e-4) * 1e6, "3.4");
    assert_digits(arch_opto_decay_at(&device, 1e-6), "0.897255");
    assert_digits(arch_opto_decay_at(&device, 1e-5), "0.679127");
    assert_digits(arch_opto_decay_at(&device, 2e-5), "0.548054");
    assert_digits(arch_opto_decay_at(&device, 5e-5), "0.289509");
    assert_digits(arch_opto_decay_instant(&device, 0) * 1e4, "1.000007");
}
END_TEST

START_TEST(instants_have_the_given_values) {
    static const char *const t15[] = {"0",      "0.4172", "1.6934", "3.8438", "6.8775", "10.801",
                                      "15.621", "21.341", "27.966", "35.500", "43.948", "53.312",
                                      "63.596", "74.803", "86.937", "100.00"};
    static const char *const t7[] = {"0", "1.9468", "7.9075", "17.962", "32.160", "50.543", "73.146", "100"};
    static const char *const t3[] = {"0", "10.801", "43.948", "100"};
    static const char *const *const table[] = {t15, t7, t3};
    static const uint32_t levels[] = {15, 7, 3};
    for (uint32_t i = 0; i < 3; i++)
        for (uint32_t k = 0; k <= levels[i]; k++)
            assert_digits(arch_opto_decay_instant(&device, (double)(levels[i] - k) / levels[i]) * 1e6,
                          table[i][k]);
}
END_TEST

START_TEST(instants_invert_the_decay) {
    for (uint32_t levels = 1; levels <= 255; levels++) {
        double last = -1;
        for (uint32_t k = 0; k <= levels; k++) {
            double value = (double)(levels - k) / levels, t = arch_opto_decay_instant(&device, value);
            ck_assert_double_gt(t, last);
            ck_assert_double_eq_tol(arch_opto_decay_at(&device, t), value, 1e-12);
            last = t;
        }
    }
    ck_assert_double_eq(arch_opto_decay_instant(&device, 1.5), 0);
    ck_assert(isnan(arch_opto_decay_instant(&device, -110)));
}
END_TEST

/* The neuron as the source defines it, walked through in time: the threshold is step x (T - k) from instant
 * k on. */
static uint32_t walk(double potential, double step, uint32_t levels) {
    for (uint32_t k = 0; k < levels; k++)
        if (potential >= step * (levels - k))
            return levels - k;
    return 0;
}

static void check_fire(const struct arch_ttfs_staircase *staircase, double potential, uint32_t level) {
    uint32_t found = arch_ttfs_fire(staircase, potential);
    if (found != level)
        ck_abort_msg("T %u, step %g, V %g: level %u, expected %u", staircase->levels, staircase->step,
                     potential, found, level);
}

START_TEST(staircase_is_the_floor_quantiser) {
    static const uint32_t levels[] = {1, 3, 7, 15, 20, 255}, steps[] = {1, 2, 3, 7, 120, 200};
    static struct arch_ttfs_staircase exact, guarded;
    for (uint32_t i = 0; i < sizeof levels / sizeof *levels; i++)
        for (uint32_t j = 0; j < sizeof steps / sizeof *steps; j++) {
            uint32_t t = levels[i], step = steps[j];
            arch_ttfs_staircase_init(&exact, t, step, 0);
            arch_ttfs_staircase_init(&guarded, t, step, 0.5);
            for (int32_t v = -3 * (int32_t)step; v <= (int32_t)(step * (t + 3)); v++) {
                double floored = floor((double)v / step);
                uint32_t level = (uint32_t)fmin(fmax(floored, 0), t);
                if (walk(v, step, t) != level)
                    ck_abort_msg("walked to another level than %u", level);
                check_fire(&exact, v, level);
                check_fire(&guarded, v, level);
                check_fire(&guarded, v + 0.49, level);
                check_fire(&guarded, v - 0.49, level);
            }
            for (int32_t v = 0; v <= 400; v++) { /* between the integers */
                double value = (double)v / 400 * step * (t + 1);
                check_fire(&exact, value, walk(value, step, t));
            }
            check_fire(&exact, 1e300, t);
            check_fire(&exact, -1e300, 0);
            check_fire(&exact, NAN, 0);
        }
}
END_TEST

/* A code: no level is lost but in the dead zone, every slot has one level, values fall with the slots. */
static bool one_to_one(const struct arch_ttfs *code) {
    uint64_t used = 0;
    bool good = true;
    for (uint32_t level = 0; level <= code->levels; level++) {
        uint32_t slot = arch_ttfs_slot(code, level), distance = (uint32_t)abs((int)level - (int)code->silent);
        bool quiet = distance <= code->dead_zone;
        good = good && (slot == ARCH_TTFS_NO_SPIKE) == quiet;
        good = good && arch_ttfs_round(code, level) == (quiet ? code->silent : level);
        if (slot == ARCH_TTFS_NO_SPIKE)
            continue;
        good = good && slot < code->levels && (used >> slot & 1) == 0;
        good = good && arch_ttfs_level(code, slot) == level;
        good = good && arch_ttfs_value(code, slot) == (int)level - (int)code->silent;
        used |= UINT64_C(1) << (slot & 63);
    }
    for (uint32_t slot = 1; slot < code->levels; slot++)
        good = good && arch_ttfs_value(code, slot) < arch_ttfs_value(code, slot - 1);
    return good;
}

START_TEST(codes_are_one_to_one) {
    for (uint32_t levels = 1; levels <= 40; levels++)
        for (uint32_t silent = 0; silent <= levels; silent++)
            for (uint32_t dead_zone = 0; dead_zone <= 4; dead_zone++) {
                struct arch_ttfs code = {levels, silent, dead_zone};
                ck_assert_msg(one_to_one(&code), "T %u, silent %u, dead zone %u", levels, silent, dead_zone);
            }
}
END_TEST

START_TEST(the_plain_code_counts_down) {
    struct arch_ttfs code = {15, 0, 0};
    for (uint32_t level = 1; level <= 15; level++)
        ck_assert_uint_eq(arch_ttfs_slot(&code, level), 15 - level);
    ck_assert_uint_eq(arch_ttfs_slot(&code, 0), ARCH_TTFS_NO_SPIKE);
}
END_TEST

START_TEST(the_most_frequent_level) {
    uint64_t histogram[] = {3, 9, 9, 0, 8};
    ck_assert_uint_eq(arch_ttfs_most_frequent(histogram, 4), 1);
    ck_assert_uint_eq(arch_ttfs_most_frequent(histogram, 0), 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("time to first spike");
    TCase *decay = suite_case(suite, "decay");
    tcase_add_test(decay, decay_has_the_given_values);
    tcase_add_test(decay, instants_have_the_given_values);
    tcase_add_test(decay, instants_invert_the_decay);
    TCase *code = suite_case(suite, "code");
    tcase_set_timeout(code, 60);
    tcase_add_test(code, staircase_is_the_floor_quantiser);
    tcase_add_test(code, codes_are_one_to_one);
    tcase_add_test(code, the_plain_code_counts_down);
    tcase_add_test(code, the_most_frequent_level);
    return suite_run(suite);
}

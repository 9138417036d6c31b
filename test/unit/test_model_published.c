/* SPDX-License-Identifier: MIT
 *
 * Closed forms of published transformers, chips and devices against the figures that were published.
 */
#include "arch/model/attention_block.h"
#include "arch/model/encoder_energy.h"
#include "arch/model/opto_code.h"
#include "arch/model/power_law.h"
#include "arch/model/spikyspace.h"
#include "sim/config/bind.h"

#include "test/suite.h"
#include "test/fixture.h"

#include <math.h>
#include <stdlib.h>

static double evaluate(const struct arch_model *model, uint32_t result, const char *yaml) {
    const struct sim_binding binding = {NULL, &arena, &err};
    void *spec = sim_arena_alloc(&arena, 1, model->schema->size);
    if (!sim_bind_text(&binding, model->schema, yaml, spec)) {
        sim_err_print(&err, stderr);
        ck_abort_msg("cannot bind %s", yaml);
    }
    double *value = SIM_NEW_ARRAY(&arena, double, model->results);
    model->evaluate(spec, value);
    return value[result];
}

static double encoder(enum arch_model_encoder_result result, const char *yaml) {
    return evaluate(&arch_model_encoder_energy, result, yaml);
}

static double power(enum arch_model_power_result result, const char *yaml) {
    return evaluate(&arch_model_power_law, result, yaml);
}

static double opto(enum arch_model_opto_result result, const char *yaml) {
    return evaluate(&arch_model_opto_code, result, yaml);
}

/* BERT-base with 128 tokens: 11.1736 GMAC, 51.40 mJ at 4.6 pJ (51.41 published in Sorbet's table). */
START_TEST(bert_by_counted_operations) {
    ck_assert_double_eq(encoder(ARCH_MODEL_ENCODER_LINEAR_MACS, "{}"), 12.0 * 905969664);
    ck_assert_double_eq(encoder(ARCH_MODEL_ENCODER_ATTENTION_MACS, "{}"), 12.0 * 25165824);
    ck_assert_double_eq_tol(encoder(ARCH_MODEL_ENCODER_ANN, "{}"), 51.40e-3, 5e-6);
    ck_assert_double_eq_tol(encoder(ARCH_MODEL_ENCODER_ANN, "{mac: 1.361 pJ}"), 15.21e-3, 5e-6);
    ck_assert_double_eq_tol(encoder(ARCH_MODEL_ENCODER_SNN, "{accumulate: 0.024 pJ}"), 0.558e-3, 5e-7);
    ck_assert_double_eq_tol(encoder(ARCH_MODEL_ENCODER_SNN, "{accumulate: 0.024 pJ, spike_rate: 0.15}"),
                            0.644e-3, 5e-7);
    ck_assert_double_eq_tol(encoder(ARCH_MODEL_ENCODER_SAVING, "{mac: 1.361 pJ, accumulate: 0.024 pJ}"),
                            27.16, 0.15);
    ck_assert_double_eq_tol(encoder(ARCH_MODEL_ENCODER_SNN, "{timesteps: 4, spike_rate: 0.099}"), 3.98e-3,
                            5e-6);
}
END_TEST

START_TEST(nothing_saves_nothing) {
    ck_assert_double_nan(encoder(ARCH_MODEL_ENCODER_RATIO, "{mac: 0 J}"));
    ck_assert_double_nan(encoder(ARCH_MODEL_ENCODER_SAVING, "{spike_rate: 0}"));
}
END_TEST

START_TEST(attention_blocks) {
    static const struct {
        const char *yaml;
        double total, saving;
    } rows[] = {
        {"{}", 167.92e-3, 1.00},
        {"{projection: 3.39 mJ, attention: 1.08 mJ}", 12.34e-3, 13.61},
        {"{projection: 2.09 mJ, attention: 0.46 mJ}", 7.20e-3, 23.32},
        {"{projection: 1.14 mJ, attention: 0.33 mJ}", 4.06e-3, 41.36},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double total = evaluate(&arch_model_attention_block, ARCH_MODEL_BLOCK_TOTAL, rows[i].yaml);
        double saving = evaluate(&arch_model_attention_block, ARCH_MODEL_BLOCK_SAVING, rows[i].yaml);
        ck_assert_double_eq_tol(total, rows[i].total, 0.005 * rows[i].total);
        ck_assert_double_eq_tol(saving, rows[i].saving, 0.006 * rows[i].saving);
    }
    ck_assert_double_eq_tol(evaluate(&arch_model_attention_block, ARCH_MODEL_BLOCK_TOKENS, "{}"), 128, 0.5);
}
END_TEST

START_TEST(spikyspace_inventory) {
    static const struct {
        enum arch_model_spikyspace_result result;
        double expected, tolerance;
    } rows[] = {
        {ARCH_MODEL_SPIKYSPACE_TOTAL, 0.16867e-3, 5e-9},
        {ARCH_MODEL_SPIKYSPACE_COMPUTE_J, 0.09663e-3, 5e-9},
        {ARCH_MODEL_SPIKYSPACE_MOVE_J, 0.00095e-3, 5e-9},
        {ARCH_MODEL_SPIKYSPACE_WEIGHT_J, 0.07108e-3, 5e-9},
        {ARCH_MODEL_SPIKYSPACE_FINAL_J, 9.3e-9, 5e-11},
        {ARCH_MODEL_SPIKYSPACE_MACS, 20708352, 0.5},
        {ARCH_MODEL_SPIKYSPACE_ACCUMULATIONS, 23.868e6, 500},
        {ARCH_MODEL_SPIKYSPACE_SHIFTS, 3.1548e6, 50},
        {ARCH_MODEL_SPIKYSPACE_MOVED_BITS, 5.2634e6, 50},
        {ARCH_MODEL_SPIKYSPACE_WEIGHT_BITS, 721.92e6, 5000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_double_eq_tol(evaluate(&arch_model_spikyspace, rows[i].result, "{}"), rows[i].expected,
                                rows[i].tolerance);
}
END_TEST

/* TrueNorth: 68, 71 and 94 mW published; ODIN: 477 uW and 12.7 pJ. */
START_TEST(power_of_measured_chips) {
    ck_assert_double_eq_tol(power(ARCH_MODEL_POWER_TOTAL, "{rate: 11.58 Hz}"), 68.0e-3, 0.05e-3);
    ck_assert_double_eq_tol(power(ARCH_MODEL_POWER_TOTAL, "{rate: 20.07 Hz}"), 70.6e-3, 0.05e-3);
    ck_assert_double_eq_tol(power(ARCH_MODEL_POWER_TOTAL, "{rate: 95.93 Hz}"), 94.0e-3, 0.05e-3);
    ck_assert_double_eq_tol(power(ARCH_MODEL_POWER_AVERAGE, "{static: 72 mW, event: 0 J}"), 26.8e-12,
                            0.05e-12);
    const char *odin = "{static: 27.3 uW, clock_energy: 1.78 pJ, clock: 75 MHz, event: 8.43 pJ, neurons: 1, "
                       "fan_out: 1, rate: 37.5 MHz}";
    ck_assert_double_eq_tol(power(ARCH_MODEL_POWER_TOTAL, odin), 476.9e-6, 0.1e-6);
    ck_assert_double_eq_tol(power(ARCH_MODEL_POWER_AVERAGE, odin), 12.7e-12, 0.05e-12);
    ck_assert_double_nan(power(ARCH_MODEL_POWER_AVERAGE, "{rate: 0 Hz}"));
}
END_TEST

START_TEST(instants_of_the_optoelectronic_code) {
    static const char *const steps[] = {"{timesteps: 7, step: 1}", "{timesteps: 7, step: 2}",
                                        "{timesteps: 7, step: 3}", "{timesteps: 7, step: 4}",
                                        "{timesteps: 7, step: 5}", "{timesteps: 7, step: 6}",
                                        "{timesteps: 7, step: 7}"};
    static const double instants_us[] = {1.9468, 7.9075, 17.962, 32.160, 50.543, 73.146, 100.00};
    for (size_t i = 0; i < 7; i++)
        ck_assert_double_eq_tol(opto(ARCH_MODEL_OPTO_INSTANT, steps[i]), 1e-6 * instants_us[i], 1e-6 * 0.001);
    ck_assert_double_eq_tol(opto(ARCH_MODEL_OPTO_VALUE, "{time: 1 us}"), 0.897255, 5e-7);
    ck_assert_double_eq_tol(opto(ARCH_MODEL_OPTO_VALUE, "{time: 50 us}"), 0.289509, 5e-7);
    ck_assert_double_eq(opto(ARCH_MODEL_OPTO_VALUE, "{time: 0 s}"), 1);
}
END_TEST

START_TEST(a_step_behind_the_last_is_an_error) {
    const struct sim_binding binding = {NULL, &arena, &err};
    struct arch_model_opto_spec spec;
    ck_assert(sim_bind_text(&binding, &arch_model_opto_schema, "{timesteps: 7, step: 7}", &spec));
    ck_assert(!sim_bind_text(&binding, &arch_model_opto_schema, "{timesteps: 7, step: 8}", &spec));
    ck_assert_int_eq(err.code, SIM_EXIT_CONFIG);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("arch/model: published figures");
    TCase *tests = suite_case(suite, "figures");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, bert_by_counted_operations);
    tcase_add_test(tests, nothing_saves_nothing);
    tcase_add_test(tests, attention_blocks);
    tcase_add_test(tests, spikyspace_inventory);
    tcase_add_test(tests, power_of_measured_chips);
    tcase_add_test(tests, instants_of_the_optoelectronic_code);
    tcase_add_test(tests, a_step_behind_the_last_is_an_error);
    return suite_run(suite);
}

/* SPDX-License-Identifier: MIT
 *
 * Energy against fluctuation: the closed form against the crossbar's simulated reads, and what it says about
 * the claims of the literature: more read energy means less fluctuation, and splitting an input into reads
 * averages it out unless it lasts.
 */
#include "arch/model/crossbar_fluctuation.h"
#include "test/suite.h"
#include "test/unit/crossbar_rig.h"

#include <math.h>

static void evaluate(const char *text, double value[ARCH_FLUCTUATION_RESULT_COUNT]) {
    struct sim_arena arena;
    struct sim_err err;
    struct arch_fluctuation_spec spec;
    sim_arena_init(&arena);
    sim_err_init(&err);
    struct sim_binding binding = {.arena = &arena, .err = &err};
    bool sound = sim_bind_text(&binding, &arch_fluctuation_schema, text, &spec);
    sim_err_print(&err, stderr);
    ck_assert(sound);
    arch_model_fluctuation.evaluate(&spec, value);
    sim_arena_release(&arena);
    sim_err_release(&err);
}

enum { AXONS = 64, NEURONS = 32, ROUNDS = 60, BITS = 3, TOP = (1 << BITS) - 1 };

static const char *const inputs[] = {"input: {kind: serial, bits: 3, dac_bits: 3}",
                                     "input: {kind: serial, bits: 3}", "input: {kind: spikes}"};
static const char *const codings[] = {"amplitude", "bits", "unary"};

/* Sums for activations: numbers, or as many spikes in TOP timesteps. */
static void run(struct rig *rig, const int32_t *activation, double *total) {
    if (rig->spec.input.kind == ARCH_CROSSBAR_SERIAL) {
        arch_crossbar_numbers(rig->xb, activation, total, 0);
        return;
    }
    memset(total, 0, NEURONS * sizeof *total);
    for (int32_t t = 0; t < TOP; t++) {
        uint64_t spikes = 0;
        for (uint32_t axon = 0; axon < AXONS; axon++)
            spikes |= (uint64_t)(activation[axon] > t) << axon;
        arch_crossbar_spikes(rig->xb, &spikes, rig->sums, 0);
        for (uint32_t neuron = 0; neuron < NEURONS; neuron++)
            total[neuron] += rig->xb->total[neuron];
    }
}

START_TEST(closed_form_equals_simulated_reads) {
    char text[300];
    struct rig rig;
    uint32_t coding = (uint32_t)_i % 3;
    double energy = _i < 3 ? 1 : 0.25, value[ARCH_FLUCTUATION_RESULT_COUNT];
    snprintf(text, sizeof text,
             "{axons: 64, neurons: 32, weights: {bits: 2, symmetric: true}, cell: {bits: 1, g_min: 0 S}, %s, "
             "read: {fluctuation: 0.05, energy: %g}}",
             inputs[coding], energy);
    rig_init(&rig, text, 0);
    uint64_t rng = (uint64_t)_i;
    for (uint32_t axon = 0; axon < AXONS; axon++)
        for (uint32_t neuron = 0; neuron < NEURONS; neuron++)
            rig_load(&rig, axon, neuron, sim_rng_below(&rng, 2) == 0 ? -1 : 1);
    rig_prepare(&rig);
    double error = 0, signal = 0;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        int32_t activation[AXONS];
        double total[NEURONS];
        for (uint32_t axon = 0; axon < AXONS; axon++)
            activation[axon] = (int32_t)sim_rng_below(&rng, TOP + 1);
        run(&rig, activation, total);
        for (uint32_t neuron = 0; neuron < NEURONS; neuron++)
            for (uint32_t axon = 0; axon < AXONS; axon++) {
                total[neuron] -= (double)activation[axon] * rig.xb->weight[axon * NEURONS + neuron];
                signal += activation[axon] * activation[axon];
            }
        for (uint32_t neuron = 0; neuron < NEURONS; neuron++)
            error += total[neuron] * total[neuron];
    }
    snprintf(text, sizeof text,
             "{coding: %s, bits: 3, fluctuation: 0.05, read_energy: %g fJ, nominal_energy: 1 fJ}",
             codings[coding], energy);
    evaluate(text, value);
    double found = sqrt(error / signal), expected = value[ARCH_FLUCTUATION_ERROR];
    ck_assert_msg(fabs(found / expected - 1) < 5 / sqrt(2.0 * ROUNDS * NEURONS), "%s: %g, expected %g",
                  codings[coding], found, expected);
    /* Reads of driven cells: bits / 2 of a binary, L / 2 of a unary activation. */
    double reads = (double)rig.count[ARCH_CROSSBAR_EVENT_cell_reads] / 2 / ROUNDS / AXONS / NEURONS;
    double means[] = {TOP / (TOP + 1.0), BITS / 2.0, TOP / 2.0};
    ck_assert(fabs(reads / means[coding] - 1) < 0.03);
    rig_release(&rig);
}
END_TEST

START_TEST(more_energy_is_quieter) {
    double low[ARCH_FLUCTUATION_RESULT_COUNT], high[ARCH_FLUCTUATION_RESULT_COUNT];
    evaluate("{read_energy: 10 fJ}", low);
    evaluate("{read_energy: 40 fJ}", high);
    ck_assert(fabs(low[ARCH_FLUCTUATION_ERROR] / high[ARCH_FLUCTUATION_ERROR] - 2) < 1e-12);
    ck_assert(high[ARCH_FLUCTUATION_ENERGY] > low[ARCH_FLUCTUATION_ENERGY]);
}
END_TEST

START_TEST(decomposition_averages_what_does_not_last) {
    double one[ARCH_FLUCTUATION_RESULT_COUNT], bits[ARCH_FLUCTUATION_RESULT_COUNT],
        unary[ARCH_FLUCTUATION_RESULT_COUNT];
    evaluate("{coding: amplitude, bits: 4}", one);
    evaluate("{coding: bits, bits: 4}", bits);
    evaluate("{coding: unary, bits: 4}", unary);
    ck_assert(fabs(bits[ARCH_FLUCTUATION_ERROR] / one[ARCH_FLUCTUATION_ERROR] - sqrt(17.0 / 31)) < 1e-12);
    ck_assert(fabs(unary[ARCH_FLUCTUATION_ERROR] / one[ARCH_FLUCTUATION_ERROR] - sqrt(3.0 / 31)) < 1e-12);
    evaluate("{coding: unary, bits: 4, lasting: 1}", unary);
    ck_assert(fabs(unary[ARCH_FLUCTUATION_ERROR] - one[ARCH_FLUCTUATION_ERROR]) < 1e-15);
}
END_TEST

/* At the same error averaging pays where energy quietens a read slowly, and where conversions are cheap. */
START_TEST(decomposition_saves_energy_where_noise_is_stubborn) {
    static const struct {
        const char *text;
        double gain; /* of unary over amplitude: (1/3) (2L+1)/2L over L/2 ((2L+1)/3)^(-1 / (2 exponent)), L =
                        15 */
    } cases[] = {
        {"bits: 4, exponent: 0.25, conversion_energy: 0 J", 31.0 / 90 / 7.5 * 961 / 9},
        {"bits: 4, exponent: 0.5, conversion_energy: 0 J", 31.0 / 90 / 7.5 * 31 / 3},
    };
    char text[200];
    double one[ARCH_FLUCTUATION_RESULT_COUNT], unary[ARCH_FLUCTUATION_RESULT_COUNT];
    for (int i = 0; i < 2; i++) {
        snprintf(text, sizeof text, "{coding: amplitude, %s}", cases[i].text);
        evaluate(text, one);
        snprintf(text, sizeof text, "{coding: unary, %s}", cases[i].text);
        evaluate(text, unary);
        double gain = one[ARCH_FLUCTUATION_TARGET_ENERGY] / unary[ARCH_FLUCTUATION_TARGET_ENERGY];
        ck_assert(fabs(gain / cases[i].gain - 1) < 1e-9);
        ck_assert(i == 0 ? gain > 4 : gain < 1);
    }
    evaluate("{coding: unary, bits: 4, exponent: 0.5}", unary);
    evaluate("{coding: amplitude, bits: 4, exponent: 0.5}", one);
    ck_assert(one[ARCH_FLUCTUATION_TARGET_ENERGY] < unary[ARCH_FLUCTUATION_TARGET_ENERGY] / 4);
}
END_TEST

START_TEST(target_energy_meets_its_target) {
    char text[200];
    double value[ARCH_FLUCTUATION_RESULT_COUNT], again[ARCH_FLUCTUATION_RESULT_COUNT];
    for (int coding = 0; coding < 3; coding++) {
        snprintf(text, sizeof text, "{coding: %s, exponent: 0.7, lasting: 0.2, target_error: 0.02}",
                 codings[coding]);
        evaluate(text, value);
        snprintf(text, sizeof text, "{coding: %s, exponent: 0.7, lasting: 0.2, read_energy: %.17g J}",
                 codings[coding], value[ARCH_FLUCTUATION_TARGET_READ]);
        evaluate(text, again);
        ck_assert(fabs(again[ARCH_FLUCTUATION_ERROR] / 0.02 - 1) < 1e-9);
        ck_assert(fabs(again[ARCH_FLUCTUATION_ENERGY] / value[ARCH_FLUCTUATION_TARGET_ENERGY] - 1) < 1e-9);
    }
}
END_TEST

START_TEST(tables_are_sound) {
    struct sim_arena arena;
    struct sim_err err;
    sim_arena_init(&arena);
    sim_err_init(&err);
    struct sim_binding binding = {.arena = &arena, .err = &err};
    ck_assert(sim_bind_audit(&binding, &arch_fluctuation_schema));
    sim_arena_release(&arena);
    sim_err_release(&err);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("crossbar fluctuation");
    TCase *core = suite_case(suite, "closed form");
    tcase_add_loop_test(core, closed_form_equals_simulated_reads, 0, 6);
    tcase_add_test(core, more_energy_is_quieter);
    tcase_add_test(core, decomposition_averages_what_does_not_last);
    tcase_add_test(core, decomposition_saves_energy_where_noise_is_stubborn);
    tcase_add_test(core, target_energy_meets_its_target);
    tcase_add_test(core, tables_are_sound);
    return suite_run(suite);
}

/* SPDX-License-Identifier: MIT
 *
 * Planes of the crossbar core: what they leave out changes no sum, over random descriptions and at the
 * borders of codes.
 */
#include "test/unit/crossbar_rig.h"
#include "test/suite.h"

#include <math.h>

static const char *const layouts[] = {
    "weights: {bits: 5}",
    "weights: {bits: 5, subtraction: analog}",
    "weights: {bits: 6, subtraction: analog, placement: arrays, symmetric: true}",
    "weights: {bits: 4, encoding: offset}",
    "weights: {bits: 7, encoding: offset, flip: true, placement: arrays}",
    "weights: {bits: 8}",
};
static const char *const converters[] = {
    "{kind: sar, bits: 6}",
    "{kind: ramp, bits: 4, full_scale: 7}",
    "{kind: flash, bits: 5, full_scale: 62}", /* ties at odd sums */
    "{kind: sar, bits: 9, offset_sigma: 2, columns: 3}",
    "{kind: sar, bits: 5, full_scale: 41.37, offset_sigma: 0.5}",
    "{kind: sar, bits: 16}",
};
static const char *const cells[] = {
    "cell: {bits: 2}",
    "cell: {bits: 1}, program: {model: proportional, sigma: 0.01, stuck_off: 0.01, stuck_on: 0.01}",
    "cell: {bits: 3, levels: 5}",
    "cell: {bits: 4}, drift: {model: power, exponent_sigma: 0.01, age: 1000 s}",
    "cell: {bits: 2}, read: {telegraph: 0.1, telegraph_dwell: 100 ns}",
    "cell: {bits: 2}, write: {endurance: 100}",
    "cell: {bits: 2}, array: {access: 1r, cols: 40, rows: 20}, wires: {row: 20 Ohm, col: 9 Ohm}",
};

enum { LAYOUTS = 6, CONVERTERS = 6, CELLS = 7 };

static void rewrite(struct rig *rig, uint64_t seed) {
    uint64_t rng = seed, cycles;
    for (uint32_t i = 0; i < 20; i++) {
        int16_t weight = (int16_t)rig_random_weight(&rig->spec, &rng);
        uint32_t axon = (uint32_t)sim_rng_below(&rng, rig->spec.axons);
        uint32_t neuron = (uint32_t)sim_rng_below(&rng, rig->spec.neurons);
        ck_assert(arch_crossbar_write(rig->xb, axon, neuron, 1, &weight, 0, &cycles));
    }
}

START_TEST(planes_change_no_sum) {
    char text[400];
    struct rig fast, plain;
    uint64_t rng = (uint64_t)_i, spikes[3];
    int layout = _i % LAYOUTS, converter = _i / LAYOUTS % CONVERTERS, cell = _i / LAYOUTS / CONVERTERS;
    bool own_array = strstr(cells[cell], "array:") != NULL;
    snprintf(text, sizeof text, "{axons: 150, neurons: 70, %s, adc: %s, %s%s}", layouts[layout],
             converters[converter], cells[cell],
             own_array   ? ""
             : _i % 2 == 0 ? ", array: {rows: 60, cols: 64}"
                           : ", array: {rows: 60, cols: 64, active_rows: 9}");
    struct rig *const rigs[] = {&fast, &plain};
    for (int i = 0; i < 2; i++) {
        rig_init(rigs[i], text, 3);
        rig_load_random(rigs[i], &(uint64_t){(uint64_t)_i + 1});
        rig_prepare(rigs[i]);
    }
    ck_assert_msg(fast.xb->planes != NULL || fast.xb->exact, "%s", text);
    plain.xb->planes = NULL;
    for (uint32_t round = 0; round < 12; round++) {
        rig_random_spikes(&fast, spikes, round / 11.0, &rng);
        if (round == 6)
            for (int i = 0; i < 2; i++)
                rewrite(rigs[i], (uint64_t)_i);
        arch_crossbar_spikes(fast.xb, spikes, fast.sums, round * 1000);
        arch_crossbar_spikes(plain.xb, spikes, plain.sums, round * 1000);
        for (uint32_t n = 0; n < 70; n++) {
            double expected = plain.xb->total[n], error = fabs(fast.xb->total[n] - expected);
            bool tie = fabs(fabs(expected - trunc(expected)) - 0.5) < 1e-9; /* rounded either way */
            ck_assert_msg(error <= 1e-12 * fmax(1, fabs(expected)) &&
                              (tie || fast.sums[n] == plain.sums[n]),
                          "%s, round %u, neuron %u: %.17g, expected %.17g", text, round, n,
                          fast.xb->total[n], expected);
        }
    }
    ck_assert_mem_eq(fast.count, plain.count, sizeof fast.count);
    rig_release(&fast);
    rig_release(&plain);
}
END_TEST

/* One cell a little above or below the middle between two codes, by less than single precision tells. */
START_TEST(borders_of_codes_are_exact) {
    struct rig rig;
    const double lsb = 384.0 / 63;
    uint64_t spikes[4] = {1};
    rig_init(&rig, "{weights: {bits: 5}, adc: {kind: sar, bits: 6}, program: {model: normal, sigma_s: 1 uS}}",
             0);
    rig_prepare(&rig);
    ck_assert_ptr_nonnull(rig.xb->planes);
    for (int side = -1; side <= 1; side += 2) {
        double cell = 0.5 * lsb * (1 + side * 1e-12);
        rig.xb->cell[0] = cell;
        rig.xb->cell[1] = 0;
        for (uint32_t i = 2; i < 6; i++)
            rig.xb->cell[i] = 0;
        rig.xb->planes->cell[0] = (float)cell;
        for (uint32_t plane = 1; plane < rig.xb->planes->planes; plane++)
            rig.xb->planes->cell[plane * rig.xb->planes->lanes] = 0;
        rig.xb->planes->most[0] = (float)cell;
        arch_crossbar_spikes(rig.xb, spikes, rig.sums, 0);
        ck_assert_double_eq_tol(rig.xb->total[0], side > 0 ? lsb : 0, 1e-12);
    }
    rig_release(&rig);
}
END_TEST

/* Passes of seven rows cannot leave codes -7 .. 7, passes of eight can. */
START_TEST(passes_that_cannot_clip_are_not_converted) {
    struct rig rig;
    uint64_t spikes[1] = {0x7F};
    rig_init(&rig,
             "{axons: 64, neurons: 3, array: {rows: 64, cols: 12, active_rows: 8}, cell: {bits: 1}, weights: "
             "{bits: 2, symmetric: true, subtraction: analog}, adc: {kind: sar, bits: 4, full_scale: 7}}",
             0);
    rig_load_all(&rig, 1);
    rig_prepare(&rig);
    ck_assert_uint_eq(rig.xb->planes->converted_rows, 8);
    arch_crossbar_spikes(rig.xb, spikes, rig.sums, 0);
    ck_assert_int_eq(rig.sums[0], 7);
    spikes[0] = 0xFF;
    arch_crossbar_spikes(rig.xb, spikes, rig.sums, 0);
    ck_assert_int_eq(rig.sums[0], 7);
    rig_release(&rig);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("crossbar planes");
    tcase_add_loop_test(suite_case(suite, "random"), planes_change_no_sum, 0, LAYOUTS * CONVERTERS * CELLS);
    tcase_add_test(suite_case(suite, "borders"), borders_of_codes_are_exact);
    tcase_add_test(suite_case(suite, "range"), passes_that_cannot_clip_are_not_converted);
    return suite_run(suite);
}

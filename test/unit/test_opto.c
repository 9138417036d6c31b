/* SPDX-License-Identifier: MIT
 *
 * The core with optoelectronic synapses: exact where nothing deviates; deviations of the right size, each
 * alone and drawn where it should be; events and time as the header says.
 */
#include "arch/ttfs/opto_ttfs.h"

#include "sim/base/rng.h"
#include "sim/config/bind.h"
#include "test/suite.h"
#include "test/unit/schema_audit.h"
#include "test/unit/window_rig.h"

#include <math.h>
#include <string.h>

static struct window_rig rig;

static uint64_t count(enum arch_opto_ttfs_event event) { return rig.count[event]; }

static void begin(const char *yaml, uint32_t axons, uint32_t neurons, uint32_t levels) {
    window_rig_init(&rig, &arch_opto_ttfs_unit, yaml, axons, neurons, (struct arch_ttfs){levels, 0, 0}, 0);
}

static void set_levels(uint32_t level) {
    for (uint32_t a = 0; a < rig.axons; a++)
        rig.level[a] = level;
}

START_TEST(tables_are_sound) { assert_schema_sound(&arch_opto_ttfs_schema); }
END_TEST

/* Not converted: exact but for rounding. Converted with as many steps as levels: exact. */
START_TEST(potentials_are_exact) {
    static const char *const devices[] = {"synapse", "axon", "core"};
    uint64_t rng = sim_rng_stream(11, (uint64_t)_i);
    for (uint32_t bits = 0; bits <= 5; bits++) {
        uint32_t levels = bits == 0 ? 1 + (uint32_t)sim_rng_below(&rng, 60) : (1u << bits) - 1;
        char yaml[120];
        snprintf(yaml, sizeof yaml, "{devices: %s, weight_bits: 5, adc: {bits: %u}}", devices[_i % 3], bits);
        begin(yaml, 1 + (uint32_t)sim_rng_below(&rng, 90), 1 + (uint32_t)sim_rng_below(&rng, 50), levels);
        rig.code.dead_zone = (uint32_t)sim_rng_below(&rng, 2);
        window_rig_random_weights(&rig, 5, &rng);
        ck_assert(window_rig_prepare(&rig));
        for (uint32_t w = 0; w < 10; w++) {
            window_rig_random_levels(&rig, 2, &rng);
            window_rig_run(&rig);
            for (uint32_t n = 0; n < rig.neurons; n++) {
                if (bits != 0)
                    ck_assert_double_eq(rig.potential[n], (double)window_rig_expected(&rig, n));
                else
                    ck_assert_double_eq_tol(rig.potential[n], (double)window_rig_expected(&rig, n), 1e-9);
            }
        }
        window_rig_release(&rig);
    }
}
END_TEST

/* A converter that does not fit the levels rounds to its own steps. */
START_TEST(converters_round_and_clip) {
    begin("{devices: core, adc: {bits: 3}}", 1, 1, 20);
    window_rig_same_weights(&rig, 1);
    ck_assert(window_rig_prepare(&rig));
    for (uint32_t level = 1; level <= 20; level++) {
        set_levels(level);
        window_rig_run(&rig);
        ck_assert_double_eq_tol(rig.potential[0], round(level / 20.0 * 7) / 7 * 20, 1e-12);
    }
    window_rig_release(&rig);
    begin("{devices: core, adc: {bits: 4, full_scale: 0.5}}", 1, 1, 15);
    window_rig_same_weights(&rig, 1);
    ck_assert(window_rig_prepare(&rig));
    set_levels(15);
    window_rig_run(&rig);
    ck_assert_double_eq(rig.potential[0], 7.5);
    window_rig_release(&rig);
}
END_TEST

/* ---- deviations --------------------------------------------------------------------------------- */

struct moments {
    double mean, sigma;
};

/* Of all potentials of `windows` windows of one axon with weight 1 at `level`. */
static struct moments measure(uint32_t level, uint32_t windows) {
    double sum = 0, squares = 0;
    uint64_t n = 0;
    set_levels(level);
    for (uint32_t w = 0; w < windows; w++) {
        window_rig_run(&rig);
        for (uint32_t i = 0; i < rig.neurons; i++, n++) {
            sum += rig.potential[i];
            squares += rig.potential[i] * rig.potential[i];
        }
    }
    double mean = sum / (double)n;
    return (struct moments){mean, sqrt(fmax(0, squares / (double)n - mean * mean))};
}

static void prepare_ones(const char *yaml, uint32_t axons, uint32_t neurons, uint32_t levels) {
    begin(yaml, axons, neurons, levels);
    window_rig_same_weights(&rig, 1);
    ck_assert(window_rig_prepare(&rig));
}

START_TEST(amplitudes_deviate_by_device) {
    prepare_ones("{variation: {amplitude: 0.1}}", 1, 20000, 15);
    for (uint32_t level = 1; level <= 15; level += 7) {
        struct moments m = measure(level, 1);
        ck_assert_double_eq_tol(m.mean, level, 0.005 * level);
        ck_assert_double_eq_tol(m.sigma, 0.1 * level, 0.003 * level);
    }
    set_levels(15);
    window_rig_run(&rig);
    double first = rig.potential[0];
    set_levels(1); /* the same device, the same deviation */
    window_rig_run(&rig);
    ck_assert_double_eq_tol(rig.potential[0], first / 15, 1e-9);
    window_rig_release(&rig);
}
END_TEST

START_TEST(readings_deviate_anew) {
    prepare_ones("{variation: {read: 0.2}}", 1, 1000, 15);
    struct moments m = measure(9, 20);
    ck_assert_double_eq_tol(m.mean, 9, 0.05);
    ck_assert_double_eq_tol(m.sigma, 0.2 * 9, 0.04);
    window_rig_run(&rig);
    double first = rig.potential[0];
    window_rig_run(&rig);
    ck_assert_double_ne(rig.potential[0], first);
    window_rig_release(&rig);
}
END_TEST

/* Errors of the readings of several axons are independent: variances add. With a converter they are drawn
 * one by one, without it as one sum; the moments agree. */
START_TEST(noise_of_converted_readings) {
    static const char *const yaml[] = {"{variation: {read: 0.1}}",
                                       "{variation: {read: 0.1}, adc: {bits: 16, full_scale: 2}}"};
    for (uint32_t i = 0; i < 2; i++) {
        prepare_ones(yaml[i], 25, 1000, 15);
        struct moments m = measure(6, 20);
        ck_assert_double_eq_tol(m.mean, 25 * 6, 0.15);
        ck_assert_double_eq_tol(m.sigma, 0.1 * 6 * 5, 0.06);
        window_rig_release(&rig);
    }
}
END_TEST

/* tau and beta: the spread at level 0's neighbour is what their derivatives say. x = (t / tau)^beta,
 * dO / dtau = A exp(-x) x beta / tau, dO / dbeta = -A exp(-x) x ln(t / tau). */
START_TEST(time_constants_and_exponents_deviate) {
    struct arch_opto_decay d = {110.989, 1.3425, 0.495, -109.989};
    double t = arch_opto_decay_instant(&d, 0.2), x = pow(t / d.tau, d.beta),
           slope = d.amplitude * exp(-x) * x;
    prepare_ones("{variation: {tau: 0.02}}", 1, 20000, 15);
    struct moments m = measure(3, 1);
    ck_assert_double_eq_tol(m.sigma / 15, slope * d.beta * 0.02, 0.02 * slope * d.beta * 0.02 + 1e-4);
    window_rig_release(&rig);
    prepare_ones("{variation: {beta: 0.002}}", 1, 20000, 15);
    m = measure(3, 1);
    double expected = slope * fabs(log(t / d.tau)) * d.beta * 0.002;
    ck_assert_double_eq_tol(m.sigma / 15, expected, 0.03 * expected);
    window_rig_release(&rig);
}
END_TEST

/* Synapses that share a device share its deviation. */
START_TEST(shared_devices_deviate_together) {
    prepare_ones("{devices: axon, variation: {amplitude: 0.1}}", 2, 50, 15);
    rig.level[0] = 15;
    window_rig_run(&rig);
    double first = rig.potential[0];
    for (uint32_t n = 1; n < 50; n++)
        ck_assert_double_eq(rig.potential[n], first);
    rig.level[0] = 0;
    rig.level[1] = 15;
    window_rig_run(&rig);
    ck_assert_double_ne(rig.potential[0], first);
    window_rig_release(&rig);
    prepare_ones("{devices: core, variation: {amplitude: 0.1, read: 0.1}}", 2, 50, 15);
    set_levels(15);
    window_rig_run(&rig);
    double both = rig.potential[0];
    rig.level[1] = 0;
    ck_assert_double_ne(both, 30);
    window_rig_run(&rig);
    ck_assert_double_ne(rig.potential[0], both / 2); /* another reading */
    window_rig_release(&rig);
}
END_TEST

START_TEST(seeds_and_numbers_decide) {
    static const struct {
        const char *yaml;
        uint32_t number;
    } unit[] = {{"{seed: 5, variation: {amplitude: 0.1, read: 0.1}}", 0},
                {"{seed: 5, variation: {amplitude: 0.1, read: 0.1}}", 0},
                {"{seed: 6, variation: {amplitude: 0.1, read: 0.1}}", 0},
                {"{seed: 5, variation: {amplitude: 0.1, read: 0.1}}", 1}};
    double seen[4][2];
    for (uint32_t i = 0; i < 4; i++) {
        window_rig_init(&rig, &arch_opto_ttfs_unit, unit[i].yaml, 3, 2, (struct arch_ttfs){15, 0, 0},
                        unit[i].number);
        window_rig_same_weights(&rig, 3);
        ck_assert(window_rig_prepare(&rig));
        set_levels(7);
        window_rig_run(&rig);
        window_rig_run(&rig);
        memcpy(seen[i], rig.potential, sizeof seen[i]);
        window_rig_release(&rig);
    }
    ck_assert_mem_eq(seen[0], seen[1], sizeof seen[0]);
    ck_assert_mem_ne(seen[0], seen[2], sizeof seen[0]);
    ck_assert_mem_ne(seen[0], seen[3], sizeof seen[0]);
}
END_TEST

/* ---- events and time ---------------------------------------------------------------------------- */

static void check_events(const char *devices, uint64_t pulses, uint64_t readings) {
    char yaml[100];
    snprintf(yaml, sizeof yaml, "{devices: %s, adc: {bits: 4}}", devices);
    begin(yaml, 6, 10, 15);
    ck_assert(window_rig_prepare(&rig));
    static const uint32_t levels[] = {15, 0, 3, 3, 0, 15}; /* four spikes in two slots */
    memcpy(rig.level, levels, sizeof levels);
    window_rig_run(&rig);
    ck_assert_uint_eq(count(ARCH_OPTO_TTFS_EVENT_spikes_in), 4);
    ck_assert_uint_eq(count(ARCH_OPTO_TTFS_EVENT_light_pulses), pulses);
    ck_assert_uint_eq(count(ARCH_OPTO_TTFS_EVENT_device_reads), readings);
    ck_assert_uint_eq(count(ARCH_OPTO_TTFS_EVENT_conversions), readings);
    ck_assert_uint_eq(count(ARCH_OPTO_TTFS_EVENT_row_reads), 4);
    ck_assert_uint_eq(count(ARCH_OPTO_TTFS_EVENT_gain_adds), 40);
    ck_assert_uint_eq(count(ARCH_OPTO_TTFS_EVENT_late_reads), 0);
    ck_assert_uint_eq(rig.type->fire(rig.unit, 15, 3, 0), 10001); /* t_15 = 100.0007 us at 100 MHz, up */
    ck_assert_uint_eq(count(ARCH_OPTO_TTFS_EVENT_threshold_steps), 15);
    ck_assert_uint_eq(count(ARCH_OPTO_TTFS_EVENT_comparisons), 150);
    ck_assert_uint_eq(count(ARCH_OPTO_TTFS_EVENT_fires), 3);
    window_rig_release(&rig);
}

START_TEST(events_are_counted) {
    check_events("synapse", 60, 40);
    check_events("axon", 6, 4);
    check_events("core", 1, 2);
}
END_TEST

START_TEST(the_window_is_the_decay) {
    begin("{readout_cycles: 7}", 1, 1, 15);
    ck_assert(window_rig_prepare(&rig));
    window_rig_run(&rig);
    ck_assert_uint_eq(rig.cycles, 10001 + 7);
    window_rig_release(&rig);
    begin("{readout_cycles: 0, decay: {unit: 1 ms}}", 1, 1, 3);
    ck_assert(window_rig_prepare(&rig));
    window_rig_run(&rig);
    ck_assert_uint_eq(rig.cycles, 11); /* 100.0007 ns */
    window_rig_release(&rig);
}
END_TEST

/* t_1 - t_0 = 417 ns for 15 levels: four readings of 100 ns a converter, not five. */
START_TEST(slow_readings_are_late) {
    begin("{adc: {converters: 2, time: 100 ns}}", 9, 1, 15);
    ck_assert(window_rig_prepare(&rig));
    for (uint32_t a = 0; a < 8; a++)
        rig.level[a] = 15;
    window_rig_run(&rig);
    ck_assert_uint_eq(count(ARCH_OPTO_TTFS_EVENT_late_reads), 0);
    rig.level[8] = 15;
    window_rig_run(&rig);
    ck_assert_uint_eq(count(ARCH_OPTO_TTFS_EVENT_late_reads), 1);
    rig.level[8] = 14; /* another slot */
    window_rig_run(&rig);
    ck_assert_uint_eq(count(ARCH_OPTO_TTFS_EVENT_late_reads), 1);
    window_rig_release(&rig);
}
END_TEST

START_TEST(area_follows_the_devices) {
    static const char *const devices[] = {"synapse", "axon", "core"};
    static const double number[] = {12 * 7, 12, 1};
    for (uint32_t i = 0; i < 3; i++) {
        char yaml[120];
        snprintf(yaml, sizeof yaml,
                 "{axons: 12, neurons: 7, devices: %s, device_area: 3 um2, other_area: 50 um2}", devices[i]);
        begin(yaml, 1, 1, 15);
        ck_assert_double_eq_tol(rig.type->area(rig.spec), (3 * number[i] + 50) * 1e-12, 1e-20);
        window_rig_release(&rig);
    }
}
END_TEST

START_TEST(what_cannot_be_is_refused) {
    window_rig_refuses(&arch_opto_ttfs_unit, "{decay: {amplitude: 100}}", "a fresh device shows 1");
    window_rig_refuses(&arch_opto_ttfs_unit, "{decay: {amplitude: 1, offset: 0}}", "never comes down to 0");
    window_rig_refuses(&arch_opto_ttfs_unit, "{devices: neuron}", "devices");
    begin("{weight_bits: 5}", 4, 4, 15);
    rig.code.silent = 3;
    ck_assert(!window_rig_prepare(&rig));
    ck_assert_ptr_nonnull(strstr(rig.err.message[0], "silent level 3"));
    window_rig_release(&rig);
    begin("{weight_bits: 5}", 4, 4, 15);
    rig.weight[9] = 16;
    ck_assert(!window_rig_prepare(&rig));
    ck_assert_ptr_nonnull(strstr(rig.err.message[0], "weight 16 of axon 2 to neuron 1"));
    window_rig_release(&rig);
    begin("{axons: 65536, neurons: 1024, variation: {amplitude: 0.1}}", 65536, 1024, 255);
    ck_assert(!window_rig_prepare(&rig));
    ck_assert_ptr_nonnull(strstr(rig.err.message[0], "memory"));
    window_rig_release(&rig);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("optoelectronic core");
    TCase *exact = suite_case(suite, "exact");
    tcase_set_timeout(exact, 60);
    tcase_add_test(exact, tables_are_sound);
    tcase_add_loop_test(exact, potentials_are_exact, 0, 12);
    tcase_add_test(exact, converters_round_and_clip);
    TCase *deviation = suite_case(suite, "deviation");
    tcase_set_timeout(deviation, 60);
    tcase_add_test(deviation, amplitudes_deviate_by_device);
    tcase_add_test(deviation, readings_deviate_anew);
    tcase_add_test(deviation, noise_of_converted_readings);
    tcase_add_test(deviation, time_constants_and_exponents_deviate);
    tcase_add_test(deviation, shared_devices_deviate_together);
    tcase_add_test(deviation, seeds_and_numbers_decide);
    TCase *events = suite_case(suite, "events");
    tcase_set_timeout(events, 60);
    tcase_add_test(events, events_are_counted);
    tcase_add_test(events, the_window_is_the_decay);
    tcase_add_test(events, slow_readings_are_late);
    tcase_add_test(events, area_follows_the_devices);
    tcase_add_test(events, what_cannot_be_is_refused);
    return suite_run(suite);
}

/* SPDX-License-Identifier: MIT
 *
 * Core units and window units as the cores of packet chips: without faults a chip of crossbars gives the
 * spikes of a chip of digital cores, and a chip of window units the levels that the evaluation without a chip
 * gives (arch/evaluate/evaluate.h), for random networks, sizes and networks between the cores. With faults
 * and one core a layer, the same random numbers are drawn as there, so even these results are the same.
 */
#include "arch/crossbar/crossbar.h"
#include "arch/evaluate/units.h"
#include "arch/packet/chip.h"
#include "arch/ttfs/core.h"
#include "arch/ttfs/msu.h"
#include "arch/ttfs/opto_ttfs.h"
#include "sim/base/rng.h"
#include "sim/config/bind.h"
#include "test/suite.h"
#include "test/unit/random_network.h"

#include <stdlib.h>
#include <string.h>

#define OUTPUTS_MOST 200u
#define SAMPLES 3u

static uint32_t draw(uint64_t *rng, uint32_t below) { return (uint32_t)sim_rng_below(rng, below); }

static const struct random_network_spec usual = {
    .layers_most = 4,
    .inputs_most = 300,
    .neurons_most = OUTPUTS_MOST,
    .timesteps_most = 6,
    .samples = SAMPLES,
    .weight_bits = 5,
    .threshold_most = 60,
    .spike_percent = 15,
};

/* ---- chips -------------------------------------------------------------------------------------- */

static const char *chip_of(struct sim_arena *arena, uint64_t *rng, uint32_t spikes_per_packet,
                           const char *core, const char *more) {
    const char *network =
        draw(rng, 2)
            ? "{type: arch.vc_network, network: {topology: mesh, size: 16x16, router: {flit_bits: 40}}}"
            : "{type: noc.aer_mesh, multicast: tree, latency_x: 3, latency_y: 2}";
    return sim_arena_format(arena,
                            "{rows: 15, cols: 15, networks: [%s], spikes_per_packet: %u, host_cycles: %u,"
                            " barrier_cycles: %u, core: {%s}, %s}",
                            network, spikes_per_packet, 1 + draw(rng, 3), 1 + draw(rng, 9), core, more);
}

static bool audit(const struct arch_chip *chip, sim_cycle now, struct sim_err *err) {
    return arch_packet_chip_audit((const struct arch_packet_chip *)chip, now, err);
}

static sim_cycle run_packet_chip(const struct random_network *network, const char *description,
                                 enum sim_order order, uint32_t *count) {
    struct random_network_chip chip = {&arch_packet_chip_type, description, audit, ARCH_AS_SNN};
    return random_network_run(network, &chip, order, count);
}

/* ---- crossbars ---------------------------------------------------------------------------------- */

START_TEST(ideal_crossbars_are_digital_cores) {
    struct random_network network;
    struct random_network_spec spec = usual;
    struct sim_arena arena;
    uint64_t rng = sim_rng_stream((uint64_t)_i, 31);
    uint32_t digital[SAMPLES * OUTPUTS_MOST], crossbar[SAMPLES * OUTPUTS_MOST];
    uint32_t axons = 32 * (1 + draw(&rng, 8)), neurons = 16 * (1 + draw(&rng, 8)),
             packed = draw(&rng, 2) ? 8 : 1;
    spec.hard_resets = true;
    sim_arena_init(&arena);
    random_network_make(&network, &spec, (uint64_t)_i);
    const char *sizes = sim_arena_format(&arena, "axons: %u, neurons: %u", axons, neurons);
    const char *cores[] = {
        sim_arena_format(&arena, "type: arch.digital_core, partial_sums: true, %s", sizes),
        sim_arena_format(&arena,
                         "type: arch.crossbar, %s, weights: {bits: %u, encoding: %s}, cell: {bits: "
                         "%u}, input: {kind: spikes, bits: 1}",
                         sizes, 5 + draw(&rng, 4), draw(&rng, 2) ? "offset" : "differential",
                         1 + draw(&rng, 2))};
    run_packet_chip(&network, chip_of(&arena, &rng, packed, cores[0], ""), SIM_ORDER_SPARSE, digital);
    const char *chip =
        chip_of(&arena, &rng, packed, cores[1], "periphery: {update_cycles: 3, send_cycles: 2}");
    sim_cycle cycles = run_packet_chip(&network, chip, SIM_ORDER_SPARSE, crossbar);
    random_network_compare(&network, crossbar, digital, chip);
    if (_i % 4 == 0 && cycles < 10000) { /* the slow orders now and then */
        ck_assert_uint_eq(run_packet_chip(&network, chip, SIM_ORDER_DENSE, crossbar), cycles);
        ck_assert_uint_eq(run_packet_chip(&network, chip, SIM_ORDER_SHUFFLED, crossbar), cycles);
        random_network_compare(&network, crossbar, digital, chip);
    }
    random_network_release(&network);
    sim_arena_release(&arena);
}
END_TEST

/* ---- the same without a chip -------------------------------------------------------------------- */

struct outputs {
    const struct sim_graph *graph;
    uint32_t *count;
};

static void note(void *user, uint64_t sample, uint32_t layer, const uint32_t *level,
                 const double *potential) {
    const struct outputs *to = user;
    (void)potential;
    uint32_t outputs = to->graph->layer[to->graph->layers - 1].neurons;
    if (layer + 1 == to->graph->layers)
        memcpy(to->count + sample * outputs, level, outputs * sizeof *level);
}

/* The outputs of units with the description {type: ..., ...}. */
static void evaluate(const struct random_network *network, const char *unit, uint32_t levels, bool masked,
                     uint32_t *count) {
    static const struct sim_schema *const registry[] = {&arch_crossbar_schema, &arch_ttfs_core_schema,
                                                        &arch_opto_ttfs_schema, &arch_msu_schema, NULL};
    struct sim_arena arena;
    struct sim_err err;
    struct arch_units_spec spec;
    struct arch_ttfs code[RANDOM_LAYERS_MAX];
    struct outputs to = {&network->graph, count};
    sim_arena_init(&arena);
    sim_err_init(&err);
    struct sim_binding binding = {.registry = registry, .arena = &arena, .err = &err};
    const char *text = sim_arena_format(&arena, "{unit: {%s}}", unit);
    bool sound = sim_bind_text(&binding, &arch_units_schema, text, &spec) != 0;
    sim_err_print(&err, stderr);
    ck_assert_msg(sound, "%s", text);
    const struct arch_window_unit_type *window = arch_window_unit_of(spec.unit.schema);
    if (window != NULL) {
        sound = arch_evaluate_calibrate(&network->graph, &network->samples, levels, masked, 0,
                                        network->samples.samples, code, &err);
        struct arch_evaluate_windows how = {window, spec.unit.spec, 1e9, code, 0.5, note, &to, {0, 0}};
        sound =
            sound && arch_evaluate_windows(&network->graph, &network->samples, &how, &arena, &err) != NULL;
    } else {
        struct arch_evaluate_rate how = {
            arch_core_unit_of(spec.unit.schema), spec.unit.spec, 1e9, note, &to, {0, 0}};
        sound = arch_evaluate_rate(&network->graph, &network->samples, &how, &arena, &err) != NULL;
    }
    sim_err_print(&err, stderr);
    ck_assert(sound);
    sim_err_release(&err);
    sim_arena_release(&arena);
}

/* ---- windows ------------------------------------------------------------------------------------ */

static const char *const window_units[] = {"type: arch.ttfs_core, lanes: 8",
                                           "type: arch.opto_ttfs, decay: {unit: 1 us}, adc: {bits: 0}",
                                           "type: arch.msu, adc: {bits: 0}"};

START_TEST(ideal_window_units_give_the_levels_of_the_evaluation) {
    struct random_network network;
    struct sim_arena arena;
    uint64_t rng = sim_rng_stream((uint64_t)_i, 32);
    uint32_t expected[SAMPLES * OUTPUTS_MOST], got[SAMPLES * OUTPUTS_MOST], kind = (uint32_t)_i % 3;
    uint32_t levels = draw(&rng, 2) ? 1 + draw(&rng, 30) : 0;
    bool masked = kind != 1 && draw(&rng, 2);
    sim_arena_init(&arena);
    random_network_make(&network, &usual, (uint64_t)_i);
    const char *core = sim_arena_format(&arena, "%s, axons: %u, neurons: %u", window_units[kind],
                                        32 * (1 + draw(&rng, 8)), 16 * (1 + draw(&rng, 8)));
    evaluate(&network, core, levels, masked, expected);
    const char *chip = chip_of(&arena, &rng, 1, core,
                               sim_arena_format(&arena, "code: {levels: %u, masked: %s}", levels,
                                                masked ? "true" : "false"));
    sim_cycle cycles = run_packet_chip(&network, chip, SIM_ORDER_SPARSE, got);
    random_network_compare(&network, got, expected, chip);
    if (_i % 4 == 0 && cycles < 20000) {
        ck_assert_uint_eq(run_packet_chip(&network, chip, SIM_ORDER_DENSE, got), cycles);
        ck_assert_uint_eq(run_packet_chip(&network, chip, SIM_ORDER_SHUFFLED, got), cycles);
        random_network_compare(&network, got, expected, chip);
    }
    random_network_release(&network);
    sim_arena_release(&arena);
}
END_TEST

/* ---- faults ------------------------------------------------------------------------------------- */

static const char *const faulty[] = {
    "type: arch.crossbar, weights: {bits: 5}, input: {kind: spikes, bits: 1}, seed: 7, read: {fluctuation: "
    "0.2}",
    "type: arch.opto_ttfs, decay: {unit: 1 us}, adc: {bits: 0}, seed: 3, variation: {amplitude: 0.3, read: "
    "0.1}",
    "type: arch.msu, adc: {bits: 6, full_scale: 512}, seed: 9",
};

START_TEST(faulty_units_draw_the_same_numbers_on_a_chip) {
    struct random_network network;
    struct random_network_spec spec = usual;
    struct sim_arena arena;
    uint64_t rng = sim_rng_stream((uint64_t)_i, 33);
    uint32_t expected[SAMPLES * OUTPUTS_MOST], got[SAMPLES * OUTPUTS_MOST];
    const char *more = _i % 3 == 0 ? "" : "code: {levels: 9}";
    spec.flat = true;
    spec.layers_most = 3; /* residues of a third layer would fire, and draw numbers, while the chip drains */
    sim_arena_init(&arena);
    random_network_make(&network, &spec, (uint64_t)_i);
    const char *core = sim_arena_format(&arena, "%s, axons: 304, neurons: 208", faulty[_i % 3]);
    evaluate(&network, core, 9, false, expected);
    const char *chip = chip_of(&arena, &rng, 1, core, more);
    run_packet_chip(&network, chip, SIM_ORDER_SPARSE, got);
    random_network_compare(&network, got, expected, chip);
    random_network_release(&network);
    sim_arena_release(&arena);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("units on chips");
    TCase *crossbars = suite_case(suite, "crossbars"), *windows = suite_case(suite, "windows");
    TCase *faults = suite_case(suite, "faults");
    tcase_add_loop_test(crossbars, ideal_crossbars_are_digital_cores, 0, 40);
    tcase_add_loop_test(windows, ideal_window_units_give_the_levels_of_the_evaluation, 0, 60);
    tcase_add_loop_test(faults, faulty_units_draw_the_same_numbers_on_a_chip, 0, 24);
    return suite_run(suite);
}

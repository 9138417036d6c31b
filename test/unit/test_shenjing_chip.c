/* SPDX-License-Identifier: MIT
 *
 * The whole chip against a few lines of arithmetic: random dense networks on random meshes, with random
 * weights, thresholds and input spikes, must give the output counts of the integrate-and-fire equations,
 * whatever the order in which the components are stepped. Sums stay far from the widths that the hardware
 * wraps at.
 */
#include "arch/shenjing/chip.h"
#include "test/suite.h"
#include "test/unit/random_network.h"

#define OUTPUTS_MOST 600u
#define SAMPLES 2u

static const struct random_network_spec usual = {
    .layers_most = 4,
    .inputs_most = 900,
    .neurons_most = OUTPUTS_MOST,
    .timesteps_most = 7,
    .samples = SAMPLES,
    .weight_bits = 5,
    .threshold_most = 60,
    .spike_percent = 15,
};

START_TEST(random_networks_equal_the_equations) {
    struct random_network network;
    struct random_network_chip chip = {
        &arch_shenjing_chip_type, _i % 2 ? "{rows: 6, cols: 7}" : "{rows: 11, cols: 4}", NULL, ARCH_AS_SNN};
    uint32_t expected[SAMPLES * OUTPUTS_MOST], got[SAMPLES * OUTPUTS_MOST];
    random_network_make(&network, &usual, (uint64_t)_i);
    random_network_equations(&network, expected);
    sim_cycle cycles = random_network_run(&network, &chip, SIM_ORDER_SPARSE, got);
    random_network_compare(&network, got, expected, chip.description);
    if (_i % 10 == 0) { /* the slow orders now and then */
        ck_assert_uint_eq(random_network_run(&network, &chip, SIM_ORDER_DENSE, got), cycles);
        random_network_compare(&network, got, expected, chip.description);
        ck_assert_uint_eq(random_network_run(&network, &chip, SIM_ORDER_SHUFFLED, got), cycles);
        random_network_compare(&network, got, expected, chip.description);
    }
    random_network_release(&network);
}
END_TEST

/* Wherever the cores stand, the network computes the same. */
START_TEST(any_placement_gives_the_same_counts) {
    struct random_network network;
    uint32_t expected[SAMPLES * OUTPUTS_MOST], got[SAMPLES * OUTPUTS_MOST];
    random_network_make(&network, &usual, (uint64_t)_i);
    random_network_equations(&network, expected);
    for (int strategy = ARCH_PLACEMENT_SERPENTINE; strategy < ARCH_PLACEMENT_COUNT; strategy++) {
        const char *description = sim_arena_format(
            &network.graph.arena, "{rows: 7, cols: 9, placement: {strategy: %s, moves: 100}}",
            arch_placement_names[strategy]);
        struct random_network_chip chip = {&arch_shenjing_chip_type, description, NULL, ARCH_AS_SNN};
        random_network_run(&network, &chip, SIM_ORDER_SPARSE, got);
        random_network_compare(&network, got, expected, chip.description);
    }
    random_network_release(&network);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("shenjing chip");
    TCase *differential = suite_case(suite, "differential");
    tcase_set_timeout(differential, 120);
    tcase_add_loop_test(differential, random_networks_equal_the_equations, 0, 60);
    tcase_add_loop_test(differential, any_placement_gives_the_same_counts, 100, 115);
    return suite_run(suite);
}

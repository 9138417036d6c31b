/* SPDX-License-Identifier: MIT
 *
 * The whole packet chip against a few lines of arithmetic: random dense networks with random weights,
 * thresholds, resets, leaks and delays, on random chips (core sizes, synapse formats, multicast, packed
 * spikes, several networks, partial sums), must give the output counts of the integrate-and-fire equations,
 * whatever the order in which the components are stepped, with every channel's credits and every packet
 * accounted for.
 */
#include "arch/packet/chip.h"
#include "sim/base/rng.h"
#include "sim/config/bind.h"
#include "test/suite.h"
#include "test/unit/random_network.h"

#include <string.h>

#define OUTPUTS_MOST 300u
#define SAMPLES 2u

static const struct random_network_spec usual = {
    .layers_most = 4,
    .inputs_most = 500,
    .neurons_most = OUTPUTS_MOST,
    .timesteps_most = 7,
    .samples = SAMPLES,
    .weight_bits = 5,
    .threshold_most = 60,
    .hard_resets = true,
    .leaks = true,
    .spike_percent = 15,
};

static uint32_t draw(uint64_t *rng, uint32_t below) { return (uint32_t)sim_rng_below(rng, below); }

/* A chip that holds any of the networks: what is drawn must not show in the results. */
static const char *make_chip(uint64_t seed, struct sim_arena *arena) {
    uint64_t rng = sim_rng_stream(seed, 8);
    const char *multicast = draw(&rng, 2) ? "tree" : "unicast", *networks = "";
    for (uint32_t n = 1 + draw(&rng, 3); n > 0; n--)
        if (draw(&rng, 2))
            networks = sim_arena_format(
                arena,
                "%s{type: arch.vc_network, port_buffer: %u, multicast: %s, network: {topology: %s, size: "
                "16x16,"
                " link_latency: %u, clock_divider: %u, router: {vcs: %u, buffer_flits: %u, flit_bits: %u, "
                "flow_control: %s}}}, ",
                networks, 1 + draw(&rng, 4), multicast, draw(&rng, 2) ? "mesh" : "torus", 1 + draw(&rng, 3),
                1 + draw(&rng, 3), 2 + draw(&rng, 3), 4 + draw(&rng, 4), 8 + draw(&rng, 40),
                multicast[0] == 't' || draw(&rng, 2) ? "cut_through" : "wormhole");
        else
            networks = sim_arena_format(
                arena,
                "%s{type: noc.aer_mesh, multicast: %s, latency_x: %u, latency_y: %u,"
                " latency_inject: %u, port_cycles: %u, buffer: %u, credit_latency: %u,"
                " clock_divider: %u}, ",
                networks, multicast, 1 + draw(&rng, 20), 1 + draw(&rng, 20), 1 + draw(&rng, 5),
                1 + draw(&rng, 4), 1 + draw(&rng, 5), 1 + draw(&rng, 9), 1 + draw(&rng, 3));
    return sim_arena_format(
        arena,
        "{rows: 40, cols: %u, cores_per_tile: %u, networks: [%s], spikes_per_packet: %u, barrier_cycles: %u,"
        " timestep_cycles: %u, host_cycles: %u, core: {type: arch.digital_core, axons: %u, neurons: %u, "
        "partial_sums: true, synapses: "
        "%s,"
        " synapse_lanes: %u, update_cycles: %u, idle_cycles: %u, send_cycles: %u, reset_cycles: %u,"
        " synapse_memory: %u B}, placement: {strategy: %s, seed: %u, moves: 50}}",
        8 + draw(&rng, 40), 1 + draw(&rng, 5), networks, draw(&rng, 2) ? 1 + draw(&rng, 16) : 1,
        1 + draw(&rng, 9), draw(&rng, 2) ? 20000 : 0, 1 + draw(&rng, 3), 16 * (4 + draw(&rng, 30)),
        16 * (1 + draw(&rng, 20)), draw(&rng, 2) ? "dense" : "sparse", 1 + draw(&rng, 64), draw(&rng, 5),
        draw(&rng, 3), 1 + draw(&rng, 4), draw(&rng, 9), draw(&rng, 2) ? 20000 : 0,
        arch_placement_names[draw(&rng, ARCH_PLACEMENT_COUNT)], draw(&rng, 100));
}

static bool audit(const struct arch_chip *chip, sim_cycle now, struct sim_err *err) {
    return arch_packet_chip_audit((const struct arch_packet_chip *)chip, now, err);
}

START_TEST(random_networks_equal_the_equations) {
    struct random_network network;
    struct sim_arena texts;
    uint32_t expected[SAMPLES * OUTPUTS_MOST], got[SAMPLES * OUTPUTS_MOST];
    sim_arena_init(&texts);
    struct random_network_chip chip = {&arch_packet_chip_type, make_chip((uint64_t)_i, &texts), audit,
                                       ARCH_AS_SNN};
    random_network_make(&network, &usual, (uint64_t)_i);
    random_network_equations(&network, expected);
    sim_cycle cycles = random_network_run(&network, &chip, SIM_ORDER_SPARSE, got);
    random_network_compare(&network, got, expected, chip.description);
    if (_i % 4 == 0 && cycles < 10000) { /* the slow orders now and then */
        ck_assert_uint_eq(random_network_run(&network, &chip, SIM_ORDER_DENSE, got), cycles);
        random_network_compare(&network, got, expected, chip.description);
        ck_assert_uint_eq(random_network_run(&network, &chip, SIM_ORDER_SHUFFLED, got), cycles);
        random_network_compare(&network, got, expected, chip.description);
    }
    random_network_release(&network);
    sim_arena_release(&texts);
}
END_TEST

/* Which combinations of flow control, packets and FIFOs are refused, and how. */
START_TEST(unsafe_multicast_is_refused) {
    static const struct {
        uint32_t packet_bits, flit_bits, buffer;
        const char *flow, *message; /* NULL: it is safe */
    } cases[] = {
        {64, 32, 4, "cut_through", NULL},
        {64, 32, 2, "cut_through", NULL},
        {64, 32, 1, "cut_through", "networks[0]: packets of 2 flits: virtual cut-through needs FIFOs"},
        {64, 32, 4, "wormhole", "networks[0]: multicast tree can deadlock with packets of 2 flits"},
        {64, 64, 1, "wormhole", NULL},
        {65, 64, 8, "wormhole", "networks[0]: multicast tree can deadlock with packets of 2 flits"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sim_arena arena;
        struct sim_err err;
        struct arch_packet_chip_spec spec;
        sim_arena_init(&arena);
        sim_err_init(&err);
        static const struct sim_schema *const registry[] = {&arch_vc_network_schema,
                                                            &arch_digital_core_schema, NULL};
        struct sim_binding binding = {.registry = registry, .arena = &arena, .err = &err};
        const char *text = sim_arena_format(
            &arena,
            "{packet_bits: %u, networks: [{type: arch.vc_network, multicast: tree, network: {router:"
            " {flit_bits: %u, buffer_flits: %u, flow_control: %s}}}]}",
            cases[i].packet_bits, cases[i].flit_bits, cases[i].buffer, cases[i].flow);
        ck_assert_int_eq(sim_bind_text(&binding, &arch_packet_chip_schema, text, &spec),
                         cases[i].message == NULL);
        if (cases[i].message != NULL)
            ck_assert_ptr_nonnull(strstr(err.message[0], cases[i].message));
        sim_err_release(&err);
        sim_arena_release(&arena);
    }
}
END_TEST

/* Labels are 23 bits of a packet; a table of three stands for one of 2^23. */
START_TEST(trees_may_be_too_many) {
    struct sim_arena arena;
    struct sim_err err;
    struct sim_kernel kernel;
    struct arch_vc_network network;
    struct arch_vc_network_spec spec;
    sim_arena_init(&arena);
    sim_err_init(&err);
    sim_kernel_init(&kernel, &(struct sim_kernel_spec){.order = SIM_ORDER_SPARSE}, &arena);
    struct sim_binding binding = {.arena = &arena, .err = &err};
    ck_assert(
        sim_bind_text(&binding, &arch_vc_network_schema, "{multicast: tree, network: {size: 4x4}}", &spec));
    ck_assert(arch_vc_network_build(&network, &spec, 15, 15, 2, 64, "chip.noc[0]", &kernel, &err));
    network.network.trees.most = 3;
    const uint32_t near[] = {1, 2}, far[] = {3, 12, 14};
    ck_assert(arch_vc_network_group(&network, 0, 0, near, 2, "chip.noc[0]", &arena, &err));
    ck_assert(!arch_vc_network_group(&network, 1, 0, far, 3, "chip.noc[0]", &arena, &err));
    ck_assert_int_eq(err.code, SIM_EXIT_CONFIG);
    ck_assert_ptr_nonnull(
        strstr(err.message[0], "chip.noc[0]: the trees of all multicast groups have more than 3"));
    sim_err_release(&err);
    sim_arena_release(&arena);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("packet chip");
    TCase *differential = suite_case(suite, "differential");
    tcase_set_timeout(differential, 120);
    tcase_add_loop_test(differential, random_networks_equal_the_equations, 0, 100);
    TCase *refusal = suite_case(suite, "refusal");
    tcase_add_test(refusal, unsafe_multicast_is_refused);
    tcase_add_test(refusal, trees_may_be_too_many);
    return suite_run(suite);
}

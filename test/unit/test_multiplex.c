/* SPDX-License-Identifier: MIT
 *
 * A chip that runs a network in rounds: the equations of the whole network whatever the rounds are, where
 * networks may be cut, what a load costs in cycles and bits, and what is refused.
 */
#include "arch/core/digital_core.h"
#include "arch/packet/chip.h"
#include "arch/packet/multiplex_chip.h"
#include "noc/aer/mesh.h"
#include "sim/config/bind.h"
#include "test/suite.h"
#include "test/unit/random_network.h"

#include <string.h>

#define OUTPUTS_MOST 300u
#define SAMPLES 2u

static const struct random_network_spec usual = {
    .layers_most = 5,
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

static const char *describe(struct sim_arena *arena, const char *multiplex, uint32_t cols) {
    return sim_arena_format(arena,
                            "{multiplex: %s, load_width: 48, host: {type: arch.packet_chip, rows: 1, cols: "
                            "%u, cores_per_tile: 2, "
                            "core: {type: arch.digital_core, axons: 256, neurons: 96, partial_sums: true}}}",
                            multiplex, cols);
}

START_TEST(random_networks_equal_the_equations) {
    struct random_network network;
    uint32_t expected[SAMPLES * OUTPUTS_MOST], got[SAMPLES * OUTPUTS_MOST];
    random_network_make(&network, &usual, (uint64_t)_i);
    random_network_equations(&network, expected);
    for (uint32_t cols = 4; cols <= 16; cols *= 2) {
        struct random_network_chip chip = {&arch_multiplex_type,
                                           describe(&network.graph.arena, "when_needed", cols), NULL,
                                           ARCH_AS_SNN};
        sim_cycle cycles = random_network_run(&network, &chip, SIM_ORDER_SPARSE, got);
        random_network_compare(&network, got, expected, chip.description);
        if (_i % 8 == 0 && cycles < 100000)
            ck_assert_uint_eq(random_network_run(&network, &chip, SIM_ORDER_SHUFFLED, got), cycles);
        random_network_compare(&network, got, expected, chip.description);
    }
    random_network_release(&network);
}
END_TEST

/* Shenjing's programs have no halt: between rounds its clocks stand. */
START_TEST(rounds_on_shenjing_equal_the_equations) {
    struct random_network network;
    struct random_network_spec spec = usual;
    uint32_t expected[SAMPLES * OUTPUTS_MOST], got[SAMPLES * OUTPUTS_MOST];
    spec.hard_resets = spec.leaks = false;
    random_network_make(&network, &spec, (uint64_t)_i);
    random_network_equations(&network, expected);
    for (uint32_t cols = 2; cols <= 8; cols *= 2) {
        const char *description =
            sim_arena_format(&network.graph.arena,
                             "{load_width: 48, host: {type: arch.shenjing, rows: 4, cols: %u}}", cols);
        struct random_network_chip chip = {&arch_multiplex_type, description, NULL, ARCH_AS_SNN};
        sim_cycle cycles = random_network_run(&network, &chip, SIM_ORDER_SPARSE, got);
        random_network_compare(&network, got, expected, description);
        if (_i % 8 == 0 && cycles < 100000)
            ck_assert_uint_eq(random_network_run(&network, &chip, SIM_ORDER_SHUFFLED, got), cycles);
        random_network_compare(&network, got, expected, description);
    }
    random_network_release(&network);
}
END_TEST

/* ---- one chip, looked into -------------------------------------------------------------------- */

struct fixture {
    struct random_network network;
    struct sim_arena arena;
    struct sim_kernel kernel;
    struct sim_err err;
    struct arch_multiplex *chip;
};

/* A network of four layers of 200 neurons, whose weights alone fill a chip of 4 tiles. */
static void begin(struct fixture *f, const char *multiplex, uint32_t cols) {
    static const struct sim_schema *const registry[] = {&noc_aer_mesh_schema, &arch_digital_core_schema,
                                                        &arch_packet_chip_schema, NULL};
    struct random_network_spec spec = usual;
    uint64_t seed = 0;
    for (;; random_network_release(&f->network), seed++) {
        random_network_make(&f->network, &spec, seed);
        if (f->network.graph.layers == 5 && f->network.graph.layer[1].neurons > 200 &&
            f->network.graph.layer[2].neurons > 200)
            break;
    }
    sim_arena_init(&f->arena);
    sim_err_init(&f->err);
    struct sim_binding binding = {.registry = registry, .arena = &f->arena, .err = &f->err};
    void *bound = sim_arena_alloc(&f->arena, 1, arch_multiplex_schema.size);
    ck_assert(
        sim_bind_text(&binding, &arch_multiplex_schema, describe(&f->arena, multiplex, cols), bound) != 0);
    struct sim_kernel_spec kernel_spec = {.watchdog = 10000000};
    sim_kernel_init(&f->kernel, &kernel_spec, &f->arena);
    f->chip =
        (struct arch_multiplex *)arch_multiplex_type.build(bound, &f->network.graph, &f->kernel, &f->err);
}

static void release(struct fixture *f) {
    sim_err_release(&f->err);
    sim_arena_release(&f->arena);
    random_network_release(&f->network);
}

START_TEST(rounds_load_their_weights) {
    struct fixture f;
    begin(&f, "when_needed", 4);
    struct arch_multiplex *chip = f.chip;
    ck_assert_ptr_nonnull(chip);
    ck_assert_uint_gt(chip->rounds, 1);
    struct arch_execution execution = {ARCH_AS_SNN, f.network.samples.timesteps, NULL, NULL};
    ck_assert(arch_multiplex_type.execute(&chip->base, &execution, &f.err));
    uint64_t bits = 0, reads = 0, writes = 0;
    for (uint32_t r = 0; r < chip->rounds; r++) {
        bits += chip->round[r].chip->weight_bits;
        reads += chip->round[r].read_bits;
        writes += chip->round[r].write_bits;
        ck_assert_uint_eq(chip->round[r].part.first, r == 0 ? 0 : chip->round[r - 1].part.end);
    }
    ck_assert_uint_eq(chip->round[chip->rounds - 1].part.end, f.network.graph.layers);
    ck_assert_uint_eq(reads, writes); /* in a chain of layers, what one round keeps the next one reads */
    ck_assert_uint_eq(chip->base.weight_bits, bits);
    sim_kernel_start(&f.kernel);
    const uint64_t *spikes[RANDOM_LAYERS_MAX] = {f.network.samples.spikes};
    arch_multiplex_type.begin(&chip->base, &f.kernel, f.network.samples.timesteps, spikes);
    sim_cycle first = f.kernel.now, load = (chip->round[0].chip->weight_bits + 47) / 48;
    ck_assert_int_eq(sim_kernel_run(&f.kernel, SIM_NEVER), SIM_STOP_FINISHED);
    ck_assert_uint_eq(f.kernel.now, first + load + 1); /* the load is over in cycle first + load */
    while (arch_multiplex_type.resume(&chip->base, &f.kernel))
        ck_assert_int_eq(sim_kernel_run(&f.kernel, SIM_NEVER), SIM_STOP_FINISHED);
    const uint64_t *count = chip->loader.base.count;
    ck_assert_uint_eq(count[ARCH_WEIGHT_LOADER_WEIGHT_BITS], bits);
    ck_assert_uint_eq(count[ARCH_WEIGHT_LOADER_BUFFER_WRITES], writes * f.network.samples.timesteps);
    ck_assert_uint_eq(count[ARCH_WEIGHT_LOADER_BUFFER_READS], reads * f.network.samples.timesteps);
    uint32_t powered = 0;
    for (uint32_t id = 0; id < f.kernel.components; id++)
        powered += arch_multiplex_type.powered(&chip->base, id);
    const struct arch_multiplex_round *largest = &chip->round[chip->largest];
    ck_assert_uint_eq(powered, largest->end_component - largest->first_component + 1);
    release(&f);
}
END_TEST

START_TEST(what_fits_is_loaded_once) {
    struct fixture f;
    begin(&f, "never", 16);
    ck_assert_ptr_nonnull(f.chip);
    ck_assert_uint_eq(f.chip->rounds, 1);
    release(&f);
}
END_TEST

START_TEST(what_cannot_be_cut_is_refused) {
    static const struct {
        const char *multiplex;
        uint32_t cols;
        const char *message;
    } cases[] = {
        {"never", 4, "too few"},
        {"when_needed", 1, "begins a round that the chip cannot hold"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture f;
        begin(&f, cases[i].multiplex, cases[i].cols);
        ck_assert_ptr_null(f.chip);
        ck_assert_int_eq(f.err.code, SIM_EXIT_CONFIG);
        bool told = false;
        for (int k = 0; k < f.err.count; k++)
            told |= strstr(f.err.message[k], cases[i].message) != NULL;
        ck_assert(told);
        release(&f);
    }
}
END_TEST

/* in > a > b > c, and c adds a: not between a and b or c, as b reads a in one round and c in another. */
START_TEST(residual_blocks_stay_whole) {
    static const uint32_t in[] = {0}, a[] = {1}, c[] = {2, 1}, d[] = {3};
    struct sim_layer layer[5] = {
        {.kind = SIM_LAYER_INPUT, .neurons = 8},
        {.kind = SIM_LAYER_DENSE, .operands = 1, .operand = in},
        {.kind = SIM_LAYER_DENSE, .operands = 1, .operand = a},
        {.kind = SIM_LAYER_DENSE, .operands = 2, .operand = c},
        {.kind = SIM_LAYER_DENSE, .operands = 1, .operand = d},
    };
    struct sim_graph graph = {.layers = 5, .layer = layer};
    ck_assert(!arch_rounds_may_cut(&graph, 0, 1)); /* nothing is computed */
    ck_assert(arch_rounds_may_cut(&graph, 0, 2));
    ck_assert(!arch_rounds_may_cut(&graph, 0, 3));
    ck_assert(arch_rounds_may_cut(&graph, 0, 4));
    ck_assert(arch_rounds_may_cut(&graph, 0, 5));
    ck_assert(arch_rounds_may_cut(&graph, 2, 3)); /* a comes from the buffer */
    ck_assert(arch_rounds_keeps(&graph, 1, 2));
    ck_assert(!arch_rounds_keeps(&graph, 1, 4));
    ck_assert(arch_rounds_keeps(&graph, 4, 5));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("multiplex");
    TCase *differential = suite_case(suite, "differential");
    tcase_set_timeout(differential, 120);
    tcase_add_loop_test(differential, random_networks_equal_the_equations, 0, 40);
    tcase_add_loop_test(differential, rounds_on_shenjing_equal_the_equations, 0, 20);
    TCase *rounds = suite_case(suite, "rounds");
    tcase_add_test(rounds, rounds_load_their_weights);
    tcase_add_test(rounds, what_fits_is_loaded_once);
    tcase_add_test(rounds, what_cannot_be_cut_is_refused);
    tcase_add_test(rounds, residual_blocks_stay_whole);
    return suite_run(suite);
}

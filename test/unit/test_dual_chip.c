/* SPDX-License-Identifier: MIT
 *
 * The dual chip against a few lines of arithmetic, and the theorem that joins its two executions.
 *
 * Random dense networks on random chips (movement, delivery, core sizes, partial sums, weight reads): as SNN
 * the outputs are those of the integrate-and-fire equations, as QNN those of clip(floor(W x / threshold), 0,
 * T) on counts, sum and fire gives the same levels from spikes. Where the theorem's conditions hold (no leak,
 * soft reset, inputs of a timestep in [0, threshold)) all are equal; with signed weights they are not, and
 * the test says so.
 */
#include "arch/dual/chip.h"
#include "sim/base/rng.h"
#include "test/suite.h"
#include "test/unit/random_network.h"

#include <stdlib.h>
#include <string.h>

#define OUTPUTS_MOST 150u
#define SAMPLES 2u
#define COUNTS (SAMPLES * OUTPUTS_MOST)
#define SEEDS 60

static const struct random_network_spec usual = {
    .layers_most = 4,
    .inputs_most = 400,
    .neurons_most = OUTPUTS_MOST,
    .timesteps_most = 15,
    .samples = SAMPLES,
    .weight_bits = 5,
    .threshold_most = 60,
    .hard_resets = false,
    .spike_percent = 20,
};

static uint32_t draw(uint64_t *rng, uint32_t below) { return (uint32_t)sim_rng_below(rng, below); }

/* A chip that holds any of the networks: what is drawn must not show in the results. */
static const char *make_chip(uint64_t seed, const char *neuron, struct sim_arena *arena) {
    static const char *const movement[] = {"sparse", "dense", "auto"}, *const reads[] = {"spike", "row",
                                                                                         "window"};
    uint64_t rng = sim_rng_stream(seed, 21);
    return sim_arena_format(arena,
                            "{rows: 30, cols: %u, cores_per_tile: %u, movement: %s, delivery: %s, "
                            "event_bits: %u, event_cycles: %u, "
                            "frame_bits: %u, hop_cycles: %u, buffer_streams: %u, barrier_cycles: %u, core: "
                            "{axons: %u, neurons: %u, "
                            "neuron: %s, event_reads: %s, frame_reads: %s, lanes: %u, start_cycles: %u}}",
                            3 + draw(&rng, 20), 1 + draw(&rng, 5), movement[draw(&rng, 3)],
                            draw(&rng, 2) ? "neuron" : "core", 1 + draw(&rng, 32), 1 + draw(&rng, 3),
                            1 + draw(&rng, 100), 1 + draw(&rng, 5), 1u << draw(&rng, 4), 1 + draw(&rng, 6),
                            64 * (1 + draw(&rng, 7)), 64 * (1 + draw(&rng, 3)), neuron, reads[draw(&rng, 3)],
                            draw(&rng, 2) ? "step" : "window", 1 + draw(&rng, 80), 1 + draw(&rng, 4));
}

/* ---- the reference ---------------------------------------------------------------------------- */

/* Spikes of all layers of a sample, as bytes: spike[layer][timestep * neurons + neuron]. */
struct trains {
    unsigned char *spike[RANDOM_LAYERS_MAX];
};

static void read_inputs(const struct random_network *network, uint32_t sample, struct trains *trains) {
    uint32_t neurons = network->graph.layer[0].neurons, words = (neurons + 63) / 64;
    uint32_t timesteps = network->samples.timesteps;
    const uint64_t *word = network->samples.spikes + (size_t)sample * timesteps * words;
    trains->spike[0] = calloc(timesteps, neurons);
    for (uint32_t t = 0; t < timesteps; t++)
        for (uint32_t n = 0; n < neurons; n++)
            trains->spike[0][t * neurons + n] = word[t * words + n / 64] >> (n % 64) & 1;
}

static int64_t current(const struct sim_layer *layer, const unsigned char *spike, uint32_t neuron) {
    int64_t sum = 0;
    for (uint32_t axon = 0; axon < layer->rows; axon++)
        sum += spike[axon] * layer->weight[(size_t)axon * layer->cols + neuron];
    return sum;
}

static void fire_layer(const struct random_network *network, uint32_t id, struct trains *trains) {
    const struct sim_layer *layer = &network->graph.layer[id];
    uint32_t timesteps = network->samples.timesteps;
    trains->spike[id] = calloc(timesteps, layer->neurons);
    for (uint32_t n = 0; n < layer->neurons; n++) {
        int64_t u = 0;
        for (uint32_t t = 0; t < timesteps; t++) {
            u += current(layer, trains->spike[id - 1] + (size_t)t * layer->rows, n);
            trains->spike[id][t * layer->neurons + n] = u >= layer->threshold;
            u -= u >= layer->threshold ? layer->threshold : 0;
        }
    }
}

/* Makes the theorem's conditions hold: no negative weight, and a threshold above every input. */
static void keep_in_range(struct random_network *network, uint32_t id, const struct trains *trains) {
    struct sim_layer *layer = &network->graph.layer[id];
    int8_t *weight = (int8_t *)(uintptr_t)layer->weight;
    for (size_t i = 0; i < (size_t)layer->rows * layer->cols; i++)
        weight[i] = (int8_t)abs(weight[i]) & 15;
    int64_t most = 0;
    for (uint32_t t = 0; t < network->samples.timesteps; t++)
        for (uint32_t n = 0; n < layer->neurons; n++) {
            int64_t sum = current(layer, trains->spike[id - 1] + (size_t)t * layer->rows, n);
            most = sum > most ? sum : most;
        }
    if (most + 1 > layer->threshold)
        layer->threshold = (int32_t)most + 1;
}

static void spiking(struct random_network *network, bool in_range, uint32_t *count) {
    uint32_t outputs = random_network_outputs(network), layers = network->graph.layers;
    memset(count, 0, COUNTS * sizeof *count);
    for (uint32_t pass = 0; pass < 1 + (uint32_t)in_range; pass++) /* the first pass fits the thresholds */
        for (uint32_t s = 0; s < SAMPLES; s++) {
            struct trains trains = {{NULL}};
            read_inputs(network, s, &trains);
            for (uint32_t id = 1; id < layers; id++) {
                if (in_range)
                    keep_in_range(network, id, &trains);
                fire_layer(network, id, &trains);
            }
            for (uint32_t n = 0; n < outputs; n++)
                count[s * outputs + n] = 0;
            for (uint32_t i = 0; i < network->samples.timesteps * outputs; i++)
                count[s * outputs + i % outputs] += trains.spike[layers - 1][i];
            for (uint32_t id = 0; id < layers; id++)
                free(trains.spike[id]);
        }
}

static void quantised(const struct random_network *network, uint32_t *level) {
    uint32_t outputs = random_network_outputs(network), timesteps = network->samples.timesteps;
    for (uint32_t s = 0; s < SAMPLES; s++) {
        struct trains trains = {{NULL}};
        read_inputs(network, s, &trains);
        uint32_t neurons = network->graph.layer[0].neurons;
        int64_t *x = calloc(neurons, sizeof *x);
        for (uint32_t i = 0; i < timesteps * neurons; i++)
            x[i % neurons] += trains.spike[0][i];
        free(trains.spike[0]);
        for (uint32_t id = 1; id < network->graph.layers; id++) {
            const struct sim_layer *layer = &network->graph.layer[id];
            int64_t *y = calloc(layer->neurons, sizeof *y);
            for (uint32_t n = 0; n < layer->neurons; n++) {
                int64_t sum = 0;
                for (uint32_t axon = 0; axon < layer->rows; axon++)
                    sum += x[axon] * layer->weight[(size_t)axon * layer->cols + n];
                for (y[n] = 0; y[n] < timesteps && sum >= (y[n] + 1) * layer->threshold;)
                    y[n]++;
            }
            free(x);
            x = y;
        }
        for (uint32_t n = 0; n < outputs; n++)
            level[s * outputs + n] = (uint32_t)x[n];
        free(x);
    }
}

/* ---- tests ------------------------------------------------------------------------------------ */

static void run_as(const struct random_network *network, uint64_t seed, const char *neuron, enum arch_as as,
                   const uint32_t *expected) {
    struct sim_arena texts;
    uint32_t got[COUNTS] = {0}, again[COUNTS] = {0};
    sim_arena_init(&texts);
    struct random_network_chip chip = {&arch_dual_chip_type, make_chip(seed, neuron, &texts), NULL, as};
    sim_cycle cycles = random_network_run(network, &chip, SIM_ORDER_SPARSE, got);
    random_network_compare(network, got, expected, chip.description);
    if (seed % 8 == 0 && cycles < 20000) {
        ck_assert_uint_eq(random_network_run(network, &chip, SIM_ORDER_SHUFFLED, again), cycles);
        random_network_compare(network, again, expected, chip.description);
    }
    sim_arena_release(&texts);
}

START_TEST(either_execution_equals_its_equations) {
    struct random_network network;
    uint32_t spikes[COUNTS], levels[COUNTS];
    random_network_make(&network, &usual, (uint64_t)_i);
    spiking(&network, false, spikes);
    quantised(&network, levels);
    run_as(&network, (uint64_t)_i, "if", ARCH_AS_SNN, spikes);
    run_as(&network, (uint64_t)_i, "if", ARCH_AS_QNN, levels);
    run_as(&network, (uint64_t)_i, "ssf", ARCH_AS_SNN, levels);
    random_network_release(&network);
}
END_TEST

START_TEST(spike_counts_equal_levels_where_the_theorem_holds) {
    struct random_network network;
    uint32_t spikes[COUNTS], levels[COUNTS];
    random_network_make(&network, &usual, (uint64_t)_i);
    spiking(&network, true, spikes);
    quantised(&network, levels);
    random_network_compare(&network, spikes, levels, "the reference");
    run_as(&network, (uint64_t)_i, "if", ARCH_AS_SNN, levels);
    run_as(&network, (uint64_t)_i, "if", ARCH_AS_QNN, spikes);
    random_network_release(&network);
}
END_TEST

/* Negative inputs take back what a spike has already told: the two differ, in some networks. */
START_TEST(outside_the_conditions_they_differ) {
    uint32_t spikes[COUNTS], levels[COUNTS], different = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct random_network network;
        random_network_make(&network, &usual, seed);
        spiking(&network, false, spikes);
        quantised(&network, levels);
        different += memcmp(spikes, levels, SAMPLES * random_network_outputs(&network) * sizeof *spikes) != 0;
        random_network_release(&network);
    }
    ck_assert_uint_gt(different, SEEDS / 3);
}
END_TEST

START_TEST(bits_and_levels) {
    static const uint32_t bits[] = {0, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5};
    for (uint32_t t = 1; t < sizeof bits / sizeof *bits; t++)
        ck_assert_uint_eq(arch_dual_bits(t), bits[t]);
    for (int64_t sum = -20; sum < 60; sum++) {
        uint32_t level = arch_dual_quantise(sum, 7, 5);
        ck_assert(level <= 5 && (level == 0 || sum >= 7 * (int64_t)level));
        ck_assert(level == 5 || sum < 7 * ((int64_t)level + 1));
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("dual chip");
    TCase *differential = suite_case(suite, "differential");
    tcase_set_timeout(differential, 120);
    tcase_add_loop_test(differential, either_execution_equals_its_equations, 0, SEEDS);
    TCase *theorem = suite_case(suite, "theorem");
    tcase_set_timeout(theorem, 120);
    tcase_add_loop_test(theorem, spike_counts_equal_levels_where_the_theorem_holds, 0, SEEDS);
    tcase_add_test(theorem, outside_the_conditions_they_differ);
    tcase_add_test(suite_case(suite, "codes"), bits_and_levels);
    return suite_run(suite);
}

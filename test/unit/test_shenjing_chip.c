/* SPDX-License-Identifier: MIT
 *
 * The whole chip against a few lines of arithmetic: random dense networks on random meshes, with random
 * weights, thresholds and input spikes, must give the output counts of the integrate-and-fire equations,
 * whatever the order in which the components are stepped.
 */
#include "arch/shenjing_chip.h"
#include "sim/bind.h"
#include "sim/rng.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define LAYERS_MAX 4u
#define SAMPLES 2u

struct network {
    struct sim_graph graph;
    uint32_t timesteps;
    uint64_t *spikes[SAMPLES]; /* input: [timesteps][words] */
    uint32_t *expected[SAMPLES]; /* [outputs] */
};

static bool spike_at(const uint64_t *bitmap, uint32_t neuron) {
    return bitmap[neuron / 64] >> (neuron % 64) & 1;
}

static void make_layer(struct network *network, uint32_t id, uint32_t neurons, uint64_t *rng) {
    struct sim_graph *graph = &network->graph;
    struct sim_layer *layer = &graph->layer[id];
    layer->name = sim_arena_format(&graph->arena, "layer%u", id);
    layer->kind = id == 0 ? SIM_LAYER_INPUT : SIM_LAYER_DENSE;
    layer->neurons = neurons;
    if (id == 0)
        return;
    uint32_t *operand = SIM_NEW(&graph->arena, uint32_t);
    *operand = id - 1;
    layer->operand = operand;
    layer->operands = 1;
    layer->neuron = SIM_NEURON_IF;
    layer->reset = SIM_RESET_SOFT;
    layer->threshold = 1 + (int32_t)sim_rng_below(rng, 60);
    layer->weight_bits = 5;
    layer->rows = graph->layer[id - 1].neurons;
    layer->cols = neurons;
    int8_t *weight = SIM_NEW_ARRAY(&graph->arena, int8_t, (size_t)layer->rows * layer->cols);
    for (size_t i = 0; i < (size_t)layer->rows * layer->cols; i++)
        weight[i] = (int8_t)((int)sim_rng_below(rng, 32) - 16 + (int)sim_rng_below(rng, 2));
    for (size_t i = 0; i < (size_t)layer->rows * layer->cols; i++)
        weight[i] = weight[i] > 15 ? 15 : weight[i];
    layer->weight = weight;
}

/* The equations, spike by spike; sums stay far from the widths that the hardware wraps at. */
static void reference(const struct network *network, uint32_t sample, uint32_t *count) {
    const struct sim_graph *graph = &network->graph;
    int16_t *potential[LAYERS_MAX];
    bool *fired[LAYERS_MAX];
    for (uint32_t id = 0; id < graph->layers; id++) {
        potential[id] = calloc(graph->layer[id].neurons, sizeof **potential);
        fired[id] = calloc(graph->layer[id].neurons, sizeof **fired);
    }
    uint32_t last = graph->layers - 1, words = sim_layer_words(&graph->layer[0]);
    for (uint32_t t = 0; t < network->timesteps; t++) {
        for (uint32_t axon = 0; axon < graph->layer[0].neurons; axon++)
            fired[0][axon] = spike_at(network->spikes[sample] + (size_t)t * words, axon);
        for (uint32_t id = 1; id < graph->layers; id++) {
            const struct sim_layer *layer = &graph->layer[id];
            for (uint32_t n = 0; n < layer->neurons; n++) {
                int sum = potential[id][n];
                for (uint32_t axon = 0; axon < layer->rows; axon++)
                    if (fired[id - 1][axon])
                        sum += layer->weight[(size_t)axon * layer->cols + n];
                int16_t above = (int16_t)(sum - layer->threshold);
                fired[id][n] = above >= 0;
                potential[id][n] = above >= 0 ? above : (int16_t)sum;
            }
        }
        for (uint32_t n = 0; n < graph->layer[last].neurons; n++)
            count[n] += fired[last][n];
    }
    for (uint32_t id = 0; id < graph->layers; id++) {
        free(potential[id]);
        free(fired[id]);
    }
}

static void make_network(struct network *network, uint64_t seed) {
    uint64_t rng = sim_rng_stream(seed, 7);
    uint32_t layers = 2 + (uint32_t)sim_rng_below(&rng, LAYERS_MAX - 1);
    sim_graph_init(&network->graph);
    sim_graph_alloc(&network->graph, layers);
    for (uint32_t id = 0; id < layers; id++)
        make_layer(network, id, 1 + (uint32_t)sim_rng_below(&rng, id == 0 ? 900 : 600), &rng);
    struct sim_err err;
    sim_err_init(&err);
    ck_assert(sim_graph_check(&network->graph, NULL, &err));
    network->timesteps = 1 + (uint32_t)sim_rng_below(&rng, 7);
    uint32_t words = sim_layer_words(&network->graph.layer[0]);
    struct sim_arena *arena = &network->graph.arena;
    for (uint32_t s = 0; s < SAMPLES; s++) {
        network->spikes[s] = SIM_NEW_ARRAY(arena, uint64_t, (size_t)network->timesteps * words);
        for (uint32_t t = 0; t < network->timesteps; t++)
            for (uint32_t n = 0; n < network->graph.layer[0].neurons; n++)
                if (sim_rng_below(&rng, 100) < 15)
                    network->spikes[s][(size_t)t * words + n / 64] |= UINT64_C(1) << (n % 64);
        network->expected[s] = SIM_NEW_ARRAY(arena, uint32_t, network->graph.layer[layers - 1].neurons);
        reference(network, s, network->expected[s]);
    }
}

/* Runs the samples and compares; returns the cycles of the run. */
static sim_cycle run(const struct network *network, uint64_t seed, enum sim_order order) {
    struct sim_arena arena;
    struct sim_err err;
    struct sim_kernel kernel;
    sim_arena_init(&arena);
    sim_err_init(&err);
    struct arch_shenjing_chip_spec spec;
    struct sim_binding binding = {.arena = &arena, .err = &err};
    ck_assert(sim_bind_text(&binding, &arch_shenjing_chip_schema,
                            seed % 2 ? "{rows: 6, cols: 7}" : "{rows: 11, cols: 4}", &spec));
    struct sim_kernel_spec kernel_spec = {.order = order, .seed = seed, .watchdog = 10000};
    sim_kernel_init(&kernel, &kernel_spec, &arena);
    struct arch_chip *chip = arch_shenjing_chip_type.build(&spec, &network->graph, &kernel, &err);
    sim_err_print(&err, stderr);
    ck_assert_msg(chip != NULL, "seed %llu: not mapped", (unsigned long long)seed);
    sim_kernel_start(&kernel);
    for (uint32_t s = 0; s < SAMPLES; s++) {
        const uint64_t *spikes[LAYERS_MAX] = {network->spikes[s]};
        chip->type->begin(chip, &kernel, network->timesteps, spikes);
        ck_assert_int_eq(sim_kernel_run(&kernel, SIM_NEVER), SIM_STOP_FINISHED);
        for (uint32_t n = 0; n < chip->outputs; n++)
            ck_assert_msg(chip->output_count[n] == network->expected[s][n],
                          "seed %llu, sample %u, neuron %u: %u spikes, expected %u", (unsigned long long)seed,
                          s, n, chip->output_count[n], network->expected[s][n]);
    }
    sim_cycle cycles = kernel.now;
    sim_arena_release(&arena);
    sim_err_release(&err);
    return cycles;
}

START_TEST(random_networks_equal_the_equations) {
    struct network network;
    make_network(&network, (uint64_t)_i);
    sim_cycle cycles = run(&network, (uint64_t)_i, SIM_ORDER_SPARSE);
    if (_i % 10 == 0) { /* the slow orders now and then */
        ck_assert_uint_eq(run(&network, (uint64_t)_i, SIM_ORDER_DENSE), cycles);
        ck_assert_uint_eq(run(&network, (uint64_t)_i, SIM_ORDER_SHUFFLED), cycles);
    }
    sim_graph_release(&network.graph);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("shenjing chip");
    TCase *core = tcase_create("differential");
    tcase_set_timeout(core, 120);
    tcase_add_loop_test(core, random_networks_equal_the_equations, 0, 60);
    suite_add_tcase(suite, core);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

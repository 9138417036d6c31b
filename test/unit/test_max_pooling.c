/* SPDX-License-Identifier: MIT
 *
 * Max pooling on a Shenjing chip: random windows, which overlap, leave gaps or hang over the edge, one
 * pooling behind the other, with and without a dense layer behind them, against the definition: a neuron
 * spikes in a timestep when any neuron of its window does. Cores that pool alone, and chains of them.
 */
#include "arch/shenjing/chip.h"
#include "arch/shenjing/mapping.h"
#include "sim/base/rng.h"
#include "test/suite.h"
#include "test/unit/chain.h"
#include "test/unit/random_network.h"

#include <stdlib.h>
#include <string.h>

#define SAMPLES 2u
#define NEURONS_MOST 4200u /* a side of at most 28, and 3 more from each pooling */

static uint32_t between(uint64_t *rng, uint32_t least, uint32_t most) {
    return least + (uint32_t)sim_rng_below(rng, most - least + 1);
}

static void make_input(struct sim_graph *graph, uint64_t *rng) {
    uint32_t channels = between(rng, 1, 3), rows = between(rng, 5, 28), cols = between(rng, 5, 28);
    struct sim_layer *layer = chain_layer(graph, 0, channels * rows * cols, &graph->arena);
    layer->shape = (struct sim_shape){channels, rows, cols};
    layer->attributes =
        sim_arena_format(&graph->arena, "{\"shape\": [%u, %u, %u]}", channels, rows, cols);
}

static uint32_t positions(uint32_t n, uint32_t pad, uint32_t kernel, uint32_t stride) {
    return (n + 2 * pad - kernel) / stride + 1;
}

static void make_pooling(struct sim_graph *graph, uint32_t id, uint64_t *rng) {
    struct sim_shape in = graph->layer[id - 1].shape;
    uint32_t rows = between(rng, 1, in.rows < 4 ? in.rows : 4),
             cols = between(rng, 1, in.cols < 4 ? in.cols : 4);
    uint32_t pad_rows = between(rng, 0, rows - 1), pad_cols = between(rng, 0, cols - 1);
    uint32_t stride_rows = between(rng, 1, 3), stride_cols = between(rng, 1, 3);
    struct sim_shape out = {in.channels, positions(in.rows, pad_rows, rows, stride_rows),
                            positions(in.cols, pad_cols, cols, stride_cols)};
    struct sim_layer *layer = chain_layer(graph, id, out.channels * out.rows * out.cols, &graph->arena);
    layer->shape = out;
    layer->kind = SIM_LAYER_MAXPOOL;
    layer->reset = SIM_RESET_HARD;
    layer->threshold = 1;
    layer->rows = layer->cols = 0;
    layer->attributes =
        sim_arena_format(&graph->arena, "{\"kernel\": [%u, %u], \"stride\": [%u, %u], \"padding\": [%u, %u]}",
                         rows, cols, stride_rows, stride_cols, pad_rows, pad_cols);
}

static void make_dense(struct sim_graph *graph, uint32_t id, uint64_t *rng) {
    struct sim_layer *layer = chain_layer(graph, id, between(rng, 1, 20), &graph->arena);
    int8_t *weight = SIM_NEW_ARRAY(&graph->arena, int8_t, (size_t)layer->rows * layer->cols);
    for (size_t i = 0; i < (size_t)layer->rows * layer->cols; i++)
        weight[i] = (int8_t)((int)between(rng, 0, 31) - 16);
    layer->weight = weight;
    layer->threshold = 5;
}

static void draw_spikes(struct random_network *network, uint64_t *rng) {
    struct sim_graph *graph = &network->graph;
    uint32_t words = sim_layer_words(&graph->layer[0]), timesteps = between(rng, 1, 6),
             rate = between(rng, 1, 60);
    uint64_t *spikes = SIM_NEW_ARRAY(&graph->arena, uint64_t, (size_t)SAMPLES * timesteps * words);
    for (size_t step = 0; step < (size_t)SAMPLES * timesteps; step++)
        for (uint32_t n = 0; n < graph->layer[0].neurons; n++)
            if (between(rng, 0, 99) < rate)
                spikes[step * words + n / 64] |= UINT64_C(1) << (n % 64);
    static const int32_t label[SAMPLES] = {-1, -1};
    network->samples = (struct arch_samples){SAMPLES, timesteps, graph->layer[0].neurons, spikes, label};
}

static void make(struct random_network *network, uint64_t seed) {
    uint64_t rng = sim_rng_stream(seed, 5);
    struct sim_graph *graph = &network->graph;
    uint32_t pools = between(&rng, 1, 3), layers = 1 + pools + between(&rng, 0, 1);
    memset(network, 0, sizeof *network);
    sim_graph_init(graph);
    sim_graph_alloc(graph, layers);
    make_input(graph, &rng);
    for (uint32_t id = 1; id < layers; id++)
        (id <= pools ? make_pooling : make_dense)(graph, id, &rng);
    struct sim_err err;
    sim_err_init(&err);
    bool sound = sim_graph_check(graph, NULL, &err);
    sim_err_print(&err, stderr);
    ck_assert(sound);
    draw_spikes(network, &rng);
}

/* By the definition, from the sides of the window alone. */
static void pool(const struct sim_layer *layer, struct sim_shape in, const bool *before, bool *fired) {
    const struct sim_projection *p = &layer->projection[0];
    struct sim_shape out = layer->shape;
    for (uint32_t n = 0; n < layer->neurons; n++) {
        uint32_t channel = n / (out.rows * out.cols), row = n / out.cols % out.rows, col = n % out.cols;
        fired[n] = false;
        for (uint32_t place = 0; place < p->kernel_rows * p->kernel_cols; place++) {
            int64_t r = (int64_t)row * p->stride_rows + place / p->kernel_cols - p->pad_rows,
                    c = (int64_t)col * p->stride_cols + place % p->kernel_cols - p->pad_cols;
            if (r >= 0 && r < in.rows && c >= 0 && c < in.cols)
                fired[n] |= before[((int64_t)channel * in.rows + r) * in.cols + c];
        }
    }
}

static void integrate(const struct sim_layer *layer, const bool *before, int *potential, bool *fired) {
    for (uint32_t n = 0; n < layer->neurons; n++) {
        for (uint32_t axon = 0; axon < layer->rows; axon++)
            potential[n] += before[axon] ? layer->weight[(size_t)axon * layer->cols + n] : 0;
        fired[n] = potential[n] >= layer->threshold;
        potential[n] -= fired[n] ? layer->threshold : 0;
    }
}

static void equations(const struct random_network *network, uint32_t *count) {
    const struct sim_graph *graph = &network->graph;
    uint32_t last = graph->layers - 1, outputs = graph->layer[last].neurons;
    static bool fired[RANDOM_LAYERS_MAX][NEURONS_MOST];
    size_t words = sim_layer_words(&graph->layer[0]);
    memset(count, 0, (size_t)SAMPLES * outputs * sizeof *count);
    for (uint32_t s = 0; s < SAMPLES; s++) {
        int potential[NEURONS_MOST] = {0}; /* of the one layer that has any, the last */
        for (uint32_t t = 0; t < network->samples.timesteps; t++) {
            const uint64_t *spikes = network->samples.spikes + (s * network->samples.timesteps + t) * words;
            for (uint32_t n = 0; n < graph->layer[0].neurons; n++)
                fired[0][n] = spikes[n / 64] >> (n % 64) & 1;
            for (uint32_t id = 1; id <= last; id++)
                if (graph->layer[id].kind == SIM_LAYER_MAXPOOL)
                    pool(&graph->layer[id], graph->layer[id - 1].shape, fired[id - 1], fired[id]);
                else
                    integrate(&graph->layer[id], fired[id - 1], potential, fired[id]);
            for (uint32_t n = 0; n < outputs; n++)
                count[s * outputs + n] += fired[last][n];
        }
    }
}

START_TEST(a_neuron_spikes_when_any_of_its_window_does) {
    static const char *const description[] = {
        "{rows: 12, cols: 12, tile: {imem_words: 256}}",
        "{rows: 12, cols: 12, split: channel, tile: {imem_words: 256}}",
        "{rows: 12, cols: 12, chip_rows: 5, chip_cols: 4, boundary_width: 64, tile: {imem_words: 256}}"};
    static uint32_t expected[SAMPLES * NEURONS_MOST], got[SAMPLES * NEURONS_MOST];
    struct random_network network;
    struct random_network_chip chip = {&arch_shenjing_chip_type, description[_i % 3], NULL, ARCH_AS_SNN};
    make(&network, (uint64_t)_i);
    equations(&network, expected);
    sim_cycle cycles = random_network_run(&network, &chip, SIM_ORDER_SPARSE, got);
    random_network_compare(&network, got, expected, chip.description);
    if (_i % 10 == 0) {
        ck_assert_uint_eq(random_network_run(&network, &chip, SIM_ORDER_SHUFFLED, got), cycles);
        random_network_compare(&network, got, expected, chip.description);
    }
    random_network_release(&network);
}
END_TEST

/* Windows of `kernel` x `kernel` side by side on a plane of `side` x `side`. */
static void make_plane(struct random_network *network, uint32_t side, uint32_t kernel) {
    struct sim_graph *graph = &network->graph;
    struct sim_err err;
    sim_err_init(&err);
    sim_graph_init(graph);
    sim_graph_alloc(graph, 2);
    chain_layer(graph, 0, side * side, &graph->arena)->attributes =
        sim_arena_format(&graph->arena, "{\"shape\": [%u, %u]}", side, side);
    struct sim_layer *layer = chain_layer(graph, 1, (side / kernel) * (side / kernel), &graph->arena);
    layer->kind = SIM_LAYER_MAXPOOL;
    layer->reset = SIM_RESET_HARD;
    layer->threshold = 1;
    layer->rows = layer->cols = 0;
    layer->attributes = sim_arena_format(&graph->arena, "{\"kernel\": %u}", kernel);
    ck_assert(sim_graph_check(graph, NULL, &err));
}

/* A chain whose programs have room for what the schedule needs, not for words that only save energy. */
START_TEST(small_memories_suffice) {
    static uint32_t expected[SAMPLES * NEURONS_MOST], got[SAMPLES * NEURONS_MOST];
    struct random_network network;
    struct random_network_chip chip = {&arch_shenjing_chip_type,
                                       "{rows: 1, cols: 2, period: 160, tile: {imem_words: 16, gap_bits: 5}}",
                                       NULL, ARCH_AS_SNN};
    uint64_t rng = sim_rng_stream((uint64_t)_i, 6);
    make_plane(&network, 18, 3);
    draw_spikes(&network, &rng);
    equations(&network, expected);
    random_network_run(&network, &chip, SIM_ORDER_SPARSE, got);
    random_network_compare(&network, got, expected, chip.description);
    random_network_release(&network);
}
END_TEST

/* The pooling of a whole plane: the mapping, or NULL and a message. */
static struct arch_mapping *map_plane(uint32_t side, uint32_t period, struct random_network *network,
                                      struct sim_arena *arena, struct sim_err *err) {
    make_plane(network, side, side);
    struct arch_mapping_spec spec = {.rows = 8,
                                     .cols = 8,
                                     .core_axons = 256,
                                     .core_neurons = 256,
                                     .imem_words = 64,
                                     .gap_bits = 8,
                                     .ps_bits = 16,
                                     .period = period};
    return arch_map(&spec, &network->graph, arena, err);
}

/* A timestep has room for the drain, not a cycle less; and there are windows that are too large. */
START_TEST(a_timestep_holds_the_drain) {
    static const struct {
        uint32_t side, words;
    } plane[] = {{16, 3}, {17, 5}}; /* one core: FIRE, SEND, REST; a chain: REST and idle besides */
    for (uint32_t i = 0; i < 2; i++) {
        uint32_t drain = plane[i].side * plane[i].side - 1, shortest = drain + plane[i].words;
        const uint32_t periods[] = {130, shortest / 2, shortest - 1, shortest};
        for (uint32_t k = 0; k < 4; k++) {
            uint32_t period = periods[k];
            struct random_network network;
            struct sim_arena arena;
            struct sim_err err;
            sim_arena_init(&arena);
            sim_err_init(&err);
            struct arch_mapping *map = map_plane(plane[i].side, period, &network, &arena, &err);
            ck_assert_int_eq(map != NULL, period == shortest);
            if (map != NULL)
                ck_assert_uint_eq(arch_drain(&network.graph.layer[1]), drain);
            sim_arena_release(&arena);
            sim_err_release(&err);
            sim_graph_release(&network.graph);
        }
    }
}
END_TEST

START_TEST(too_large_a_window_is_refused) {
    struct random_network network;
    struct sim_arena arena;
    struct sim_err err;
    sim_arena_init(&arena);
    sim_err_init(&err);
    ck_assert_ptr_null(map_plane(64, 0, &network, &arena, &err));
    ck_assert_int_eq(err.code, SIM_EXIT_CONFIG);
    ck_assert_ptr_nonnull(strstr(err.message[0], "layer 1 'layer1'"));
    ck_assert_ptr_nonnull(strstr(err.message[0], "pools 4096 inputs fires 4095 cycles on"));
    sim_arena_release(&arena);
    sim_err_release(&err);
    sim_graph_release(&network.graph);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("max pooling");
    TCase *chip = suite_case(suite, "shenjing");
    tcase_set_timeout(chip, 120);
    tcase_add_loop_test(chip, a_neuron_spikes_when_any_of_its_window_does, 0, 60);
    tcase_add_loop_test(chip, small_memories_suffice, 0, 5);
    tcase_add_test(chip, a_timestep_holds_the_drain);
    tcase_add_test(chip, too_large_a_window_is_refused);
    return suite_run(suite);
}

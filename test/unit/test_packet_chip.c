/* SPDX-License-Identifier: MIT
 *
 * The whole packet chip against a few lines of arithmetic: random dense networks with random weights,
 * thresholds, resets, leaks and delays, on random chips (core sizes, synapse formats, multicast, packed
 * spikes, several networks, partial sums), must give the output counts of the integrate-and-fire equations,
 * whatever the order in which the components are stepped, with every channel's credits and every packet
 * accounted for.
 */
#include "arch/packet_chip.h"
#include "sim/bind.h"
#include "sim/rng.h"
#include "test/suite.h"

#include <stdlib.h>
#include <string.h>

#define LAYERS_MAX 4u
#define SAMPLES 2u

static const struct sim_schema *const registry[] = {&noc_aer_mesh_schema, &arch_vc_network_schema,
                                                    &arch_digital_core_schema, NULL};

struct leaks {
    int32_t decay, leak;
    uint32_t delay;
};

struct network {
    struct sim_graph graph;
    struct leaks leaks[LAYERS_MAX];
    uint32_t timesteps;
    uint64_t *spikes[SAMPLES];   /* input: [timesteps][words] */
    uint32_t *expected[SAMPLES]; /* [outputs] */
};

static uint32_t draw(uint64_t *rng, uint32_t below) { return (uint32_t)sim_rng_below(rng, below); }

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
    layer->reset = draw(rng, 2) ? SIM_RESET_SOFT : SIM_RESET_HARD;
    layer->threshold = 1 + (int32_t)draw(rng, 60);
    layer->weight_bits = 5;
    layer->rows = graph->layer[id - 1].neurons;
    layer->cols = neurons;
    int8_t *weight = SIM_NEW_ARRAY(&graph->arena, int8_t, (size_t)layer->rows * layer->cols);
    bool holes = draw(rng, 2);
    for (size_t i = 0; i < (size_t)layer->rows * layer->cols; i++)
        if (!holes || draw(rng, 3) == 0)
            weight[i] = (int8_t)((int)draw(rng, 32) - 16);
    layer->weight = weight;
    struct leaks *leaks = &network->leaks[id];
    *leaks = (struct leaks){.delay = draw(rng, 2) ? draw(rng, 15) : 0};
    if (draw(rng, 2)) {
        leaks->decay = (int32_t)draw(rng, 4097);
        leaks->leak = (int32_t)draw(rng, 20);
    }
    layer->attributes = sim_arena_format(&graph->arena, "{\"delay\": %u, \"decay\": %d, \"leak\": %d}",
                                         leaks->delay, leaks->decay, leaks->leak);
}

static int leaked(int potential, const struct leaks *leaks) {
    potential -= potential * leaks->decay / 4096;
    int magnitude = abs(potential) - leaks->leak;
    return magnitude <= 0 ? 0 : potential > 0 ? magnitude : -magnitude;
}

/* The equations, spike by spike. Delays move a layer in time; they change none of its sums. */
static void reference(const struct network *network, uint32_t sample, uint32_t *count) {
    const struct sim_graph *graph = &network->graph;
    int *potential[LAYERS_MAX];
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
                int sum = leaked(potential[id][n], &network->leaks[id]);
                for (uint32_t axon = 0; axon < layer->rows; axon++)
                    if (fired[id - 1][axon])
                        sum += layer->weight[(size_t)axon * layer->cols + n];
                fired[id][n] = sum >= layer->threshold;
                potential[id][n] = !fired[id][n]                    ? sum
                                   : layer->reset == SIM_RESET_SOFT ? sum - layer->threshold
                                                                    : 0;
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
    uint32_t layers = 2 + draw(&rng, LAYERS_MAX - 1);
    memset(network, 0, sizeof *network);
    sim_graph_init(&network->graph);
    sim_graph_alloc(&network->graph, layers);
    for (uint32_t id = 0; id < layers; id++)
        make_layer(network, id, 1 + draw(&rng, id == 0 ? 500 : 300), &rng);
    struct sim_err err;
    sim_err_init(&err);
    ck_assert(sim_graph_check(&network->graph, NULL, &err));
    network->timesteps = 1 + draw(&rng, 7);
    uint32_t words = sim_layer_words(&network->graph.layer[0]);
    struct sim_arena *arena = &network->graph.arena;
    for (uint32_t s = 0; s < SAMPLES; s++) {
        network->spikes[s] = SIM_NEW_ARRAY(arena, uint64_t, (size_t)network->timesteps * words);
        for (uint32_t t = 0; t < network->timesteps; t++)
            for (uint32_t n = 0; n < network->graph.layer[0].neurons; n++)
                if (draw(&rng, 100) < 15)
                    network->spikes[s][(size_t)t * words + n / 64] |= UINT64_C(1) << (n % 64);
        network->expected[s] = SIM_NEW_ARRAY(arena, uint32_t, network->graph.layer[layers - 1].neurons);
        reference(network, s, network->expected[s]);
    }
}

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
        " synapse_memory: %u B}}",
        8 + draw(&rng, 40), 1 + draw(&rng, 5), networks, draw(&rng, 2) ? 1 + draw(&rng, 16) : 1,
        1 + draw(&rng, 9), draw(&rng, 2) ? 20000 : 0, 1 + draw(&rng, 3), 16 * (4 + draw(&rng, 30)),
        16 * (1 + draw(&rng, 20)), draw(&rng, 2) ? "dense" : "sparse", 1 + draw(&rng, 64), draw(&rng, 5),
        draw(&rng, 3), 1 + draw(&rng, 4), draw(&rng, 9), draw(&rng, 2) ? 20000 : 0);
}

/* Runs the samples and compares; returns the cycles of the run. */
static sim_cycle run(const struct network *network, uint64_t seed, enum sim_order order) {
    struct sim_arena arena, texts;
    struct sim_err err;
    struct sim_kernel kernel;
    sim_arena_init(&arena);
    sim_arena_init(&texts);
    sim_err_init(&err);
    struct arch_packet_chip_spec spec;
    struct sim_binding binding = {.registry = registry, .arena = &arena, .err = &err};
    bool bound = sim_bind_text(&binding, &arch_packet_chip_schema, make_chip(seed, &texts), &spec) != 0;
    sim_err_print(&err, stderr);
    ck_assert(bound);
    struct sim_kernel_spec kernel_spec = {.order = order, .seed = seed, .watchdog = 1000000};
    sim_kernel_init(&kernel, &kernel_spec, &arena);
    struct arch_chip *chip = arch_packet_chip_type.build(&spec, &network->graph, &kernel, &err);
    sim_err_print(&err, stderr);
    ck_assert_msg(chip != NULL, "seed %llu: not mapped", (unsigned long long)seed);
    sim_kernel_start(&kernel);
    for (uint32_t s = 0; s < SAMPLES; s++) {
        const uint64_t *spikes[LAYERS_MAX] = {network->spikes[s]};
        chip->type->begin(chip, &kernel, network->timesteps, spikes);
        enum sim_stop stop = SIM_STOP_TIME;
        while (stop == SIM_STOP_TIME) {
            stop = sim_kernel_run(&kernel, kernel.now + 997);
            bool sound = sim_kernel_audit(&kernel, &err) &&
                         arch_packet_chip_audit((struct arch_packet_chip *)chip, kernel.now, &err);
            sim_err_print(&err, stderr);
            ck_assert_msg(sound, "seed %llu", (unsigned long long)seed);
        }
        ck_assert_int_eq(stop, SIM_STOP_FINISHED);
        for (uint32_t n = 0; n < chip->outputs; n++)
            ck_assert_msg(chip->output_count[n] == network->expected[s][n],
                          "seed %llu, sample %u, neuron %u: %u spikes, expected %u", (unsigned long long)seed,
                          s, n, chip->output_count[n], network->expected[s][n]);
    }
    sim_cycle cycles = kernel.now;
    sim_arena_release(&arena);
    sim_arena_release(&texts);
    sim_err_release(&err);
    return cycles;
}

START_TEST(random_networks_equal_the_equations) {
    struct network network;
    make_network(&network, (uint64_t)_i);
    sim_cycle cycles = run(&network, (uint64_t)_i, SIM_ORDER_SPARSE);
    if (_i % 4 == 0 && cycles < 10000) { /* the slow orders now and then */
        ck_assert_uint_eq(run(&network, (uint64_t)_i, SIM_ORDER_DENSE), cycles);
        ck_assert_uint_eq(run(&network, (uint64_t)_i, SIM_ORDER_SHUFFLED), cycles);
    }
    sim_graph_release(&network.graph);
}
END_TEST

/* Which combinations of flow control, packets and FIFOs are refused, and how. */
START_TEST(unsafe_multicast_is_refused) {
    static const struct {
        uint32_t packet_bits, flit_bits, buffer;
        const char *flow;
        bool safe;
    } cases[] = {
        {64, 32, 4, "cut_through", true}, {64, 32, 2, "cut_through", true}, {64, 32, 1, "cut_through", false},
        {64, 32, 4, "wormhole", false},   {64, 64, 1, "wormhole", true},    {65, 64, 8, "wormhole", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sim_arena arena;
        struct sim_err err;
        struct arch_packet_chip_spec spec;
        sim_arena_init(&arena);
        sim_err_init(&err);
        struct sim_binding binding = {.registry = registry, .arena = &arena, .err = &err};
        const char *text = sim_arena_format(
            &arena,
            "{packet_bits: %u, networks: [{type: arch.vc_network, multicast: tree, network: {router:"
            " {flit_bits: %u, buffer_flits: %u, flow_control: %s}}}]}",
            cases[i].packet_bits, cases[i].flit_bits, cases[i].buffer, cases[i].flow);
        ck_assert_int_eq(sim_bind_text(&binding, &arch_packet_chip_schema, text, &spec), cases[i].safe);
        if (!cases[i].safe)
            ck_assert_ptr_nonnull(strstr(err.message[0], "networks[0]: multicast tree can deadlock"));
        sim_err_release(&err);
        sim_arena_release(&arena);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("packet chip");
    TCase *differential = suite_case(suite, "differential");
    tcase_set_timeout(differential, 120);
    tcase_add_loop_test(differential, random_networks_equal_the_equations, 0, 100);
    tcase_add_test(suite_case(suite, "refusal"), unsafe_multicast_is_refused);
    return suite_run(suite);
}

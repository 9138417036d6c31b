/* SPDX-License-Identifier: MIT
 *
 * Random networks; see random_network.h.
 */
#include "test/unit/random_network.h"

#include "arch/crossbar/crossbar.h"
#include "arch/packet/chip.h"
#include "arch/shenjing/chip.h"
#include "arch/ttfs/core.h"
#include "arch/ttfs/msu.h"
#include "arch/ttfs/opto_ttfs.h"
#include "sim/base/rng.h"
#include "sim/config/bind.h"
#include "test/unit/chain.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define AUDIT_CYCLES 997

static uint32_t draw(uint64_t *rng, uint32_t below) { return (uint32_t)sim_rng_below(rng, below); }

static void make_leaks(struct random_network *network, uint32_t id, const char *shape, uint64_t *rng) {
    struct random_network_leaks *leaks = &network->leaks[id];
    leaks->delay = draw(rng, 2) ? draw(rng, 15) : 0;
    if (draw(rng, 2)) {
        leaks->decay = (int32_t)draw(rng, 4097);
        leaks->leak = (int32_t)draw(rng, 20);
    }
    network->graph.layer[id].attributes = sim_arena_format(
        &network->graph.arena, "{%s, \"delay\": %u, \"decay\": %d, \"leak\": %d}", shape, leaks->delay,
        leaks->decay, leaks->leak);
}

static void make_layer(struct random_network *network, uint32_t id, const struct random_network_spec *spec,
                       uint64_t *rng) {
    struct sim_graph *graph = &network->graph;
    uint32_t most = id == 0 ? spec->inputs_most : spec->neurons_most;
    uint32_t channels = spec->flat ? 1 : 1 + draw(rng, 4);
    uint32_t plane = 1 + draw(rng, most / channels);
    const char *shape = sim_arena_format(&graph->arena, "\"shape\": [%u, %u, 1]", channels, plane);
    struct sim_layer *layer = chain_layer(graph, id, channels * plane, &graph->arena);
    layer->attributes = sim_arena_format(&graph->arena, "{%s}", shape);
    if (id == 0)
        return;
    layer->reset = spec->hard_resets && draw(rng, 2) ? SIM_RESET_HARD : SIM_RESET_SOFT;
    layer->threshold = 1 + (int32_t)draw(rng, (uint32_t)spec->threshold_most);
    layer->weight_bits = spec->weight_bits;
    int8_t *weight = SIM_NEW_ARRAY(&graph->arena, int8_t, (size_t)layer->rows * layer->cols);
    bool holes = draw(rng, 2);
    for (size_t i = 0; i < (size_t)layer->rows * layer->cols; i++)
        if (!holes || draw(rng, 3) == 0)
            weight[i] = (int8_t)((int)draw(rng, 1u << spec->weight_bits) - (1 << (spec->weight_bits - 1)));
    layer->weight = weight;
    if (spec->leaks)
        make_leaks(network, id, shape, rng);
}

void random_network_make(struct random_network *network, const struct random_network_spec *spec,
                         uint64_t seed) {
    uint64_t rng = sim_rng_stream(seed, 21);
    struct sim_graph *graph = &network->graph;
    uint32_t layers = 2 + draw(&rng, spec->layers_most - 1);
    memset(network, 0, sizeof *network);
    sim_graph_init(graph);
    sim_graph_alloc(graph, layers);
    for (uint32_t id = 0; id < layers; id++)
        make_layer(network, id, spec, &rng);
    struct sim_err err;
    sim_err_init(&err);
    ck_assert(sim_graph_check(graph, NULL, &err));
    uint32_t words = sim_layer_words(&graph->layer[0]), timesteps = 1 + draw(&rng, spec->timesteps_most);
    uint64_t *spikes = SIM_NEW_ARRAY(&graph->arena, uint64_t, (size_t)spec->samples * timesteps * words);
    for (size_t step = 0; step < (size_t)spec->samples * timesteps; step++)
        for (uint32_t n = 0; n < graph->layer[0].neurons; n++)
            if (draw(&rng, 100) < spec->spike_percent)
                spikes[step * words + n / 64] |= UINT64_C(1) << (n % 64);
    int32_t *label = SIM_NEW_ARRAY(&graph->arena, int32_t, spec->samples);
    for (uint32_t s = 0; s < spec->samples; s++)
        label[s] = -1;
    network->samples = (struct arch_samples){
        .samples = spec->samples,
        .timesteps = timesteps,
        .neurons = graph->layer[0].neurons,
        .spikes = spikes,
        .label = label,
    };
}

void random_network_release(struct random_network *network) { sim_graph_release(&network->graph); }

static int leaked(int potential, const struct random_network_leaks *leaks) {
    potential -= potential * leaks->decay / 4096;
    int magnitude = abs(potential) - leaks->leak;
    return magnitude <= 0 ? 0 : potential > 0 ? magnitude : -magnitude;
}

/* One timestep of a layer; delays move it in time and change none of its sums. */
static void fire(const struct sim_layer *layer, const struct random_network_leaks *leaks, const bool *before,
                 int *potential, bool *fired) {
    for (uint32_t n = 0; n < layer->neurons; n++) {
        int sum = leaked(potential[n], leaks);
        for (uint32_t axon = 0; axon < layer->rows; axon++)
            if (before[axon])
                sum += layer->weight[(size_t)axon * layer->cols + n];
        fired[n] = sum >= layer->threshold;
        potential[n] = !fired[n] ? sum : layer->reset == SIM_RESET_SOFT ? sum - layer->threshold : 0;
    }
}

static void sample_equations(const struct random_network *network, const uint64_t *spikes, uint32_t *count) {
    const struct sim_graph *graph = &network->graph;
    int *potential[RANDOM_LAYERS_MAX];
    bool *fired[RANDOM_LAYERS_MAX];
    for (uint32_t id = 0; id < graph->layers; id++) {
        potential[id] = calloc(graph->layer[id].neurons, sizeof **potential);
        fired[id] = calloc(graph->layer[id].neurons, sizeof **fired);
    }
    uint32_t last = graph->layers - 1, words = sim_layer_words(&graph->layer[0]);
    for (uint32_t t = 0; t < network->samples.timesteps; t++, spikes += words) {
        for (uint32_t axon = 0; axon < graph->layer[0].neurons; axon++)
            fired[0][axon] = spikes[axon / 64] >> (axon % 64) & 1;
        for (uint32_t id = 1; id < graph->layers; id++)
            fire(&graph->layer[id], &network->leaks[id], fired[id - 1], potential[id], fired[id]);
        for (uint32_t n = 0; n < graph->layer[last].neurons; n++)
            count[n] += fired[last][n];
    }
    for (uint32_t id = 0; id < graph->layers; id++) {
        free(potential[id]);
        free(fired[id]);
    }
}

void random_network_equations(const struct random_network *network, uint32_t *count) {
    const struct arch_samples *samples = &network->samples;
    size_t words = (size_t)samples->timesteps * sim_layer_words(&network->graph.layer[0]);
    uint32_t outputs = random_network_outputs(network);
    memset(count, 0, samples->samples * outputs * sizeof *count);
    for (uint64_t s = 0; s < samples->samples; s++)
        sample_equations(network, samples->spikes + s * words, count + s * outputs);
}

/* Runs a sample to its end, audited on the way. */
static void run_sample(const struct random_network_chip *how, struct arch_chip *chip,
                       struct sim_kernel *kernel, struct sim_err *err) {
    enum sim_stop stop = SIM_STOP_TIME;
    while (stop == SIM_STOP_TIME ||
           (stop == SIM_STOP_FINISHED && chip->type->resume != NULL && chip->type->resume(chip, kernel))) {
        stop = sim_kernel_run(kernel, how->audit == NULL ? SIM_NEVER : kernel->now + AUDIT_CYCLES);
        bool sound =
            sim_kernel_audit(kernel, err) && (how->audit == NULL || how->audit(chip, kernel->now, err));
        sim_err_print(err, stderr);
        ck_assert_msg(sound, "cycle %llu of %s", (unsigned long long)kernel->now, how->description);
    }
    ck_assert_int_eq(stop, SIM_STOP_FINISHED);
}

/* Prices for chips that choose by cost: frames are cheaper than anything else. */
static double unit_energy(void *user, const char *type, const char *event) {
    (void)user;
    (void)event;
    return strcmp(type, "noc.frame_router") == 0 ? 1 : 12;
}

sim_cycle random_network_run(const struct random_network *network, const struct random_network_chip *how,
                             enum sim_order order, uint32_t *count) {
    static const struct sim_schema *const registry[] = {
        &noc_aer_mesh_schema,   &arch_vc_network_schema, &arch_digital_core_schema, &arch_crossbar_schema,
        &arch_ttfs_core_schema, &arch_opto_ttfs_schema,  &arch_msu_schema, &arch_packet_chip_schema,
        &arch_shenjing_chip_schema, NULL};
    const struct arch_chip_type *type = how->type;
    struct sim_arena arena;
    struct sim_err err;
    struct sim_kernel kernel;
    sim_arena_init(&arena);
    sim_err_init(&err);
    void *spec = sim_arena_alloc(&arena, 1, type->schema->size);
    struct sim_binding binding = {.registry = registry, .arena = &arena, .err = &err};
    bool sound = sim_bind_text(&binding, type->schema, how->description, spec) != 0;
    struct sim_kernel_spec kernel_spec = {.order = order, .seed = 5, .watchdog = 10000000};
    sim_kernel_init(&kernel, &kernel_spec, &arena);
    struct arch_chip *chip = sound ? type->build(spec, &network->graph, &kernel, &err) : NULL;
    sound = chip != NULL && (type->calibrate == NULL || type->calibrate(chip, &network->samples, &err));
    struct arch_execution execution = {how->as, network->samples.timesteps, unit_energy, NULL};
    sound = sound && (type->execute == NULL || type->execute(chip, &execution, &err));
    sim_err_print(&err, stderr);
    ck_assert_msg(sound, "%s", how->description);
    sim_kernel_start(&kernel);
    const struct arch_samples *samples = &network->samples;
    size_t words = (size_t)samples->timesteps * sim_layer_words(&network->graph.layer[0]);
    for (uint64_t s = 0; s < samples->samples; s++) {
        const uint64_t *spikes[RANDOM_LAYERS_MAX] = {samples->spikes + s * words};
        type->begin(chip, &kernel, samples->timesteps, spikes);
        run_sample(how, chip, &kernel, &err);
        memcpy(count + s * chip->outputs, chip->output_count, chip->outputs * sizeof *count);
    }
    sim_cycle cycles = kernel.now;
    sim_arena_release(&arena);
    sim_err_release(&err);
    return cycles;
}

void random_network_compare(const struct random_network *network, const uint32_t *got,
                            const uint32_t *expected, const char *what) {
    uint32_t outputs = random_network_outputs(network);
    for (uint32_t i = 0; i < network->samples.samples * outputs; i++)
        ck_assert_msg(got[i] == expected[i], "sample %u, output %u: %u, expected %u, on %s", i / outputs,
                      i % outputs, got[i], expected[i], what);
}

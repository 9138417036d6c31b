/* SPDX-License-Identifier: MIT
 *
 * Random networks; see random_network.h.
 */
#include "test/unit/random_network.h"

#include "arch/crossbar.h"
#include "arch/msu.h"
#include "arch/opto_ttfs.h"
#include "arch/packet_chip.h"
#include "arch/ttfs_core.h"
#include "sim/bind.h"
#include "sim/rng.h"

#include <check.h>
#include <string.h>

static uint32_t draw(uint64_t *rng, uint32_t below) { return (uint32_t)sim_rng_below(rng, below); }

static void make_layer(struct sim_graph *graph, uint32_t id, const struct random_network_spec *spec,
                       uint64_t *rng) {
    struct sim_layer *layer = &graph->layer[id];
    layer->name = sim_arena_format(&graph->arena, "layer%u", id);
    layer->kind = id == 0 ? SIM_LAYER_INPUT : SIM_LAYER_DENSE;
    layer->neurons = 1 + draw(rng, id == 0 ? spec->inputs_most : spec->neurons_most);
    if (id == 0)
        return;
    uint32_t *operand = SIM_NEW(&graph->arena, uint32_t);
    *operand = id - 1;
    layer->operand = operand;
    layer->operands = 1;
    layer->neuron = SIM_NEURON_IF;
    layer->reset = spec->hard_resets && draw(rng, 2) ? SIM_RESET_HARD : SIM_RESET_SOFT;
    layer->threshold = 1 + (int32_t)draw(rng, (uint32_t)spec->threshold_most);
    layer->weight_bits = spec->weight_bits;
    layer->rows = graph->layer[id - 1].neurons;
    layer->cols = layer->neurons;
    int8_t *weight = SIM_NEW_ARRAY(&graph->arena, int8_t, (size_t)layer->rows * layer->cols);
    bool holes = draw(rng, 2);
    for (size_t i = 0; i < (size_t)layer->rows * layer->cols; i++)
        if (!holes || draw(rng, 3) == 0)
            weight[i] = (int8_t)((int)draw(rng, 1u << spec->weight_bits) - (1 << (spec->weight_bits - 1)));
    layer->weight = weight;
}

void random_network_make(struct random_network *network, const struct random_network_spec *spec,
                         uint64_t seed) {
    uint64_t rng = sim_rng_stream(seed, 21);
    struct sim_graph *graph = &network->graph;
    uint32_t layers = 2 + draw(&rng, spec->layers_most - 1);
    sim_graph_init(graph);
    sim_graph_alloc(graph, layers);
    for (uint32_t id = 0; id < layers; id++)
        make_layer(graph, id, spec, &rng);
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

sim_cycle random_network_run(const struct random_network *network, const struct arch_chip_type *type,
                             const char *description, enum sim_order order, uint32_t *count) {
    static const struct sim_schema *const registry[] = {
        &noc_aer_mesh_schema,   &arch_vc_network_schema, &arch_digital_core_schema, &arch_crossbar_schema,
        &arch_ttfs_core_schema, &arch_opto_ttfs_schema,  &arch_msu_schema,          NULL};
    struct sim_arena arena;
    struct sim_err err;
    struct sim_kernel kernel;
    sim_arena_init(&arena);
    sim_err_init(&err);
    void *spec = sim_arena_alloc(&arena, 1, type->schema->size);
    struct sim_binding binding = {.registry = registry, .arena = &arena, .err = &err};
    bool sound = sim_bind_text(&binding, type->schema, description, spec) != 0;
    struct sim_kernel_spec kernel_spec = {.order = order, .seed = 5, .watchdog = 10000000};
    sim_kernel_init(&kernel, &kernel_spec, &arena);
    struct arch_chip *chip = sound ? type->build(spec, &network->graph, &kernel, &err) : NULL;
    sound = chip != NULL && (type->calibrate == NULL || type->calibrate(chip, &network->samples, &err));
    sim_err_print(&err, stderr);
    ck_assert_msg(sound, "%s", description);
    sim_kernel_start(&kernel);
    const struct arch_samples *samples = &network->samples;
    size_t words = (size_t)samples->timesteps * sim_layer_words(&network->graph.layer[0]);
    for (uint64_t s = 0; s < samples->samples; s++) {
        const uint64_t *spikes[RANDOM_LAYERS_MAX] = {samples->spikes + s * words};
        type->begin(chip, &kernel, samples->timesteps, spikes);
        ck_assert_int_eq(sim_kernel_run(&kernel, SIM_NEVER), SIM_STOP_FINISHED);
        bool audited = sim_kernel_audit(&kernel, &err);
        sim_err_print(&err, stderr);
        ck_assert(audited);
        memcpy(count + s * chip->outputs, chip->output_count, chip->outputs * sizeof *count);
    }
    sim_cycle cycles = kernel.now;
    sim_arena_release(&arena);
    sim_err_release(&err);
    return cycles;
}

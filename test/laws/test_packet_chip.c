/* SPDX-License-Identifier: MIT
 *
 * The laws over random packet chips: a random dense network runs a sample on a chip whose cores, core sizes,
 * networks, multicast and timing are drawn from the seed. Cores are digital, digital with spikes of different
 * heights, noisy crossbars, or units for time codes.
 */
#include "arch/crossbar/crossbar.h"
#include "arch/evaluate/evaluate.h"
#include "arch/packet/chip.h"
#include "arch/ttfs/core.h"
#include "arch/ttfs/msu.h"
#include "sim/base/rng.h"
#include "sim/config/bind.h"
#include "test/laws/harness.h"
#include "test/unit/chain.h"

#include <string.h>

#define LAYERS 3u
#define TIMESTEPS 3u

enum kind { DIGITAL, HEIGHTS, CROSSBAR, DIGITAL_WINDOWS, MSU, KINDS };

struct system {
    enum kind kind;
    struct arch_packet_chip_spec spec;
    struct sim_graph graph; /* its memory is the kernel's arena */
    struct arch_packet_chip *chip;
    uint64_t *spikes[LAYERS];
};

static const struct sim_schema *const registry[] = {&noc_aer_mesh_schema,   &arch_digital_core_schema,
                                                    &arch_crossbar_schema,  &arch_ttfs_core_schema,
                                                    &arch_msu_schema,       NULL};

static uint32_t draw(uint64_t *rng, uint32_t n) { return (uint32_t)sim_rng_below(rng, n); }

static void draw_layer(struct system *s, uint32_t id, uint64_t *rng, struct sim_arena *arena) {
    struct sim_layer *layer = chain_layer(&s->graph, id, 1 + draw(rng, 70), arena);
    if (id == 0)
        return;
    layer->reset = draw(rng, 2) ? SIM_RESET_SOFT : SIM_RESET_HARD;
    layer->threshold = 1 + (int32_t)draw(rng, 20);
    layer->attributes =
        sim_arena_format(arena, "{\"delay\": %u, \"decay\": %u}", draw(rng, 3), draw(rng, 2) * 300);
    if (s->kind == HEIGHTS) {
        layer->neuron = SIM_NEURON_SHIFT_LIF;
        layer->attributes = sim_arena_format(arena, "{\"shifts\": 3, \"decay\": 100, \"delay\": %u}", id);
    }
    int8_t *weight = SIM_NEW_ARRAY(arena, int8_t, (size_t)layer->rows * layer->cols);
    for (size_t i = 0; i < (size_t)layer->rows * layer->cols; i++)
        weight[i] = (int8_t)((int)draw(rng, 32) - 12 > 15 ? 15 : (int)draw(rng, 28) - 12);
    layer->weight = weight;
}

/* The projections, in the kernel's arena like everything else. */
static void connect(struct sim_graph *graph, struct sim_arena *arena) {
    struct sim_err err;
    sim_err_init(&err);
    ck_assert(sim_graph_check(graph, NULL, &err));
    for (uint32_t id = 1; id < graph->layers; id++) {
        struct sim_projection *copy = SIM_NEW(arena, struct sim_projection);
        *copy = graph->layer[id].projection[0];
        graph->layer[id].projection = copy;
    }
    sim_arena_release(&graph->arena);
    sim_err_release(&err);
}

static const char *draw_core(enum kind kind, uint64_t *rng, struct sim_arena *texts) {
    uint32_t axons = 16 * (1 + draw(rng, 5)), neurons = 16 * (1 + draw(rng, 3));
    static const char *const units[KINDS] = {
        [CROSSBAR] = "type: arch.crossbar, weights: {bits: 5}, input: {kind: spikes, bits: 1}, read: "
                     "{fluctuation: 0.1}",
        [DIGITAL_WINDOWS] = "type: arch.ttfs_core, weight_bits: 5",
        [MSU] = "type: arch.msu, slot: 2 ns, adc: {bits: 6, full_scale: 300}",
    };
    if (units[kind] != NULL)
        return sim_arena_format(texts,
                                "core: {%s, axons: %u, neurons: %u}, code: {levels: 5, masked: true},"
                                " periphery: {update_cycles: %u, idle_cycles: %u, send_cycles: %u}",
                                units[kind], axons, neurons, draw(rng, 3), draw(rng, 2), 1 + draw(rng, 3));
    return sim_arena_format(
        texts,
        "core: {type: arch.digital_core, axons: %u, neurons: %u, partial_sums: true, synapses: %s,"
        " synapse_lanes: 16, update_cycles: %u, idle_cycles: %u, send_cycles: %u}",
        axons, neurons, draw(rng, 2) ? "dense" : "sparse", draw(rng, 3), draw(rng, 2), 1 + draw(rng, 3));
}

static const char *draw_chip(enum kind kind, uint64_t *rng, struct sim_arena *texts) {
    const char *multicast = draw(rng, 2) ? "tree" : "unicast", *networks = "";
    for (uint32_t n = 1 + draw(rng, 2); n > 0; n--)
        networks = sim_arena_format(texts,
                                    "%s{type: noc.aer_mesh, name: net%u, multicast: %s, latency_x: %u, "
                                    "latency_y: %u, port_cycles: %u,"
                                    " buffer: %u, credit_latency: %u, clock_divider: %u}, ",
                                    networks, n, multicast, 1 + draw(rng, 9), 1 + draw(rng, 9),
                                    1 + draw(rng, 3), 1 + draw(rng, 3), 1 + draw(rng, 5), 1 + draw(rng, 3));
    static const char *const assigns[] = {
        "[]", "[{network: net1, packets: sums}]",
        "[{network: net1, layer: layer1}, {network: net1, packets: inputs}]"};
    const char *assign = assigns[draw(rng, 3)];
    return sim_arena_format(
        texts,
        "{rows: 20, cols: 20, cores_per_tile: %u, networks: [%s], assign: %s, spikes_per_packet: %u, "
        "barrier_cycles: %u, host_cycles: %u, %s}",
        1 + draw(rng, 3), networks, assign,
        kind != HEIGHTS && kind < DIGITAL_WINDOWS && draw(rng, 2) ? 1 + draw(rng, 16) : 1, 1 + draw(rng, 5),
        1 + draw(rng, 2), draw_core(kind, rng, texts));
}

static void bind_chip(struct system *s, uint64_t *rng, struct sim_arena *arena) {
    struct sim_arena texts;
    struct sim_err err;
    sim_arena_init(&texts);
    sim_err_init(&err);
    struct sim_binding binding = {.registry = registry, .arena = arena, .err = &err};
    bool bound = sim_bind_text(&binding, &arch_packet_chip_schema,
                               draw_chip(s->kind, rng, &texts), &s->spec);
    sim_err_print(&err, stderr);
    ck_assert(bound);
    sim_err_release(&err);
    sim_arena_release(&texts);
}

static void *build(struct sim_kernel *kernel, uint64_t seed) {
    uint64_t rng = sim_rng_stream(seed, 11);
    struct system *s = SIM_NEW(kernel->arena, struct system);
    s->kind = draw(&rng, 2) ? DIGITAL : (enum kind)draw(&rng, KINDS);
    bind_chip(s, &rng, kernel->arena);
    s->graph.layers = LAYERS;
    s->graph.layer = SIM_NEW_ARRAY(kernel->arena, struct sim_layer, LAYERS);
    for (uint32_t id = 0; id < LAYERS; id++)
        draw_layer(s, id, &rng, kernel->arena);
    connect(&s->graph, kernel->arena);
    uint32_t words = sim_layer_words(&s->graph.layer[0]);
    s->spikes[0] = SIM_NEW_ARRAY(kernel->arena, uint64_t, TIMESTEPS * words);
    for (uint32_t t = 0; t < TIMESTEPS; t++)
        for (uint32_t n = 0; n < s->graph.layer[0].neurons; n++)
            if (draw(&rng, 3) == 0)
                s->spikes[0][t * words + n / 64] |= UINT64_C(1) << (n % 64);
    struct sim_err err;
    sim_err_init(&err);
    struct arch_chip *chip = arch_packet_chip_type.build(&s->spec, &s->graph, kernel, &err);
    sim_err_print(&err, stderr);
    ck_assert(chip != NULL);
    struct arch_samples samples = {1, TIMESTEPS, s->graph.layer[0].neurons, s->spikes[0],
                                   (const int32_t[]){-1}};
    ck_assert(chip->type->calibrate(chip, &samples, &err));
    sim_err_release(&err);
    s->chip = (struct arch_packet_chip *)chip;
    chip->type->begin(chip, kernel, TIMESTEPS, (const uint64_t *const *)s->spikes);
    return s;
}

static bool audit(const void *system, const struct sim_kernel *kernel, struct sim_err *err) {
    const struct system *s = system;
    return arch_packet_chip_audit(s->chip, kernel->now, err);
}

int main(void) {
    static const struct law_subject subject = {
        .name = "packet chips",
        .build = build,
        .credits = audit,
        .conservation = audit,
        .cycles = 3000,
        .watchdog = 5000,
        .shared_ends = true,
    };
    return law_main(&subject);
}

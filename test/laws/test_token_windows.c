/* SPDX-License-Identifier: MIT
 *
 * The laws over random sequences of tokens on random packet chips: attention whose products are on the cores
 * or which a host computes, normalisation, residuals, softmax, with lanes and a vector unit that do the
 * hosts' work or without. Between windows the chip is resumed.
 */
#include "arch/overlay/chip.h"
#include "arch/packet/chip.h"
#include "arch/vector/nova.h"
#include "arch/vector/table_lanes.h"
#include "arch/vector/unit.h"
#include "sim/base/rng.h"
#include "sim/config/bind.h"
#include "test/laws/harness.h"

#include <string.h>

#define LAYERS_MAX 12u
#define RUNS 30u

struct system {
    struct arch_overlay_spec overlay;
    struct arch_packet_chip_spec spec; /* where there is none */
    struct sim_graph graph;            /* its memory is the kernel's arena */
    struct arch_chip *chip;
    const uint64_t *spikes[LAYERS_MAX];
};

static const struct sim_schema *const registry[] = {
    &noc_aer_mesh_schema,    &arch_digital_core_schema, &arch_packet_chip_schema, &arch_nova_schema,
    &arch_lane_table_schema, &arch_core_table_schema,   &arch_vector_unit_schema, NULL};

static uint32_t draw(uint64_t *rng, uint32_t n) { return (uint32_t)sim_rng_below(rng, n); }

/* ---- networks ----------------------------------------------------------------------------------- */

/* What is being drawn. */
struct drawing {
    struct sim_graph *graph;
    struct sim_arena *arena;
    uint64_t *rng;
    uint32_t heads, width; /* values of a token: heads x width */
};

/* Appends a layer that reads `a` and, if it is one, `b`; its number. */
static uint32_t add(struct drawing *d, enum sim_layer_kind kind, uint32_t neurons, uint32_t a, uint32_t b,
                    const char *attributes) {
    uint32_t id = d->graph->layers++, operands = kind == SIM_LAYER_INPUT ? 0 : 1 + (b != UINT32_MAX);
    uint32_t *operand = SIM_NEW_ARRAY(d->arena, uint32_t, 2);
    operand[0] = a;
    operand[1] = b;
    d->graph->layer[id] = (struct sim_layer){.name = sim_arena_format(d->arena, "layer%u", id),
                                             .kind = kind,
                                             .neurons = neurons,
                                             .operands = operands,
                                             .operand = operand,
                                             .attributes = attributes};
    return id;
}

static void make_neurons(struct drawing *d, uint32_t id, uint32_t bits) {
    struct sim_layer *layer = &d->graph->layer[id];
    layer->neuron = SIM_NEURON_IF;
    layer->reset = draw(d->rng, 2) ? SIM_RESET_SOFT : SIM_RESET_HARD;
    layer->threshold = 1 + (int32_t)draw(d->rng, 6);
    layer->weight_bits = bits;
}

/* A pair of all values, on the grid of its heads. */
static uint32_t add_dense(struct drawing *d, uint32_t source) {
    uint32_t neurons = 2 * d->heads * d->width, rows = d->graph->layer[source].neurons;
    uint32_t id = add(d, SIM_LAYER_DENSE, neurons, source, UINT32_MAX,
                      sim_arena_format(d->arena, "{\"shape\": [2, %u, %u]}", d->heads, d->width));
    int8_t *weight = SIM_NEW_ARRAY(d->arena, int8_t, (size_t)rows * neurons);
    for (uint32_t i = 0; i < rows * neurons; i++)
        weight[i] = (int8_t)((int)draw(d->rng, 16) - 6);
    make_neurons(d, id, 5);
    d->graph->layer[id].rows = rows;
    d->graph->layer[id].cols = neurons;
    d->graph->layer[id].weight = weight;
    return id;
}

static uint32_t add_host(struct drawing *d, const char *what, uint32_t a, uint32_t b) {
    return add(d, SIM_LAYER_HOST, 2 * d->heads * d->width, a, b,
               sim_arena_format(d->arena,
                                "{%s, \"scale\": 0.25, \"scales\": [%s], \"pairs\": [%s], \"pair\": true, "
                                "\"shape\": [2, %u, %u]}",
                                what, b == UINT32_MAX ? "0.3" : "0.3, 0.2",
                                b == UINT32_MAX ? "true" : "true, true", d->heads, d->width));
}

static uint32_t add_product(struct drawing *d, const char *form, uint32_t cols, uint32_t a, uint32_t b) {
    const char *attributes = sim_arena_format(d->arena, "{\"form\": \"%s\", \"shape\": [2, %u, %u]}", form,
                                              d->heads, cols);
    uint32_t id = add(d, SIM_LAYER_PRODUCT, 2 * d->heads * cols, a, b, attributes);
    make_neurons(d, id, 4);
    return id;
}

static uint32_t attend_on_cores(struct drawing *d, uint32_t x) {
    uint32_t tokens = d->graph->tokens, key = add_dense(d, x), value = add_dense(d, x);
    uint32_t late = add_host(d, sim_arena_format(d->arena, "\"operator\": \"map\", \"function\": "
                                                           "\"identity\", \"wait\": %u", tokens),
                             x, UINT32_MAX);
    uint32_t scores = add_product(d, "scores", tokens, late, key);
    uint32_t shares = add(d, SIM_LAYER_HOST, d->heads * tokens, scores, UINT32_MAX,
                          sim_arena_format(d->arena,
                                           "{\"operator\": \"softmax\", \"heads\": %u, \"scale\": 0.25, "
                                           "\"scales\": [0.5], \"pairs\": [true], \"shape\": [1, %u, %u]}",
                                           d->heads, d->heads, tokens));
    return add_product(d, "values", d->width, shares, value);
}

static uint32_t attend_on_host(struct drawing *d, uint32_t x) {
    uint32_t key = add_dense(d, x);
    uint32_t id = add(d, SIM_LAYER_HOST, 2 * d->heads * d->width, x, key, NULL);
    uint32_t *operand = SIM_NEW_ARRAY(d->arena, uint32_t, 3);
    operand[0] = x;
    operand[1] = operand[2] = key;
    d->graph->layer[id].operands = 3;
    d->graph->layer[id].operand = operand;
    d->graph->layer[id].attributes = sim_arena_format(
        d->arena,
        "{\"operator\": \"attention\", \"heads\": %u, \"scale\": 0.25, \"scales\": [0.5, 0.5, 0.3], "
        "\"pairs\": [true, true, true], \"pair\": true}",
        d->heads);
    return add_dense(d, id);
}

/* Draws the layers of an input, attention, a normalised sum, and a function. */
static void draw_network(struct system *s, uint64_t *rng, struct sim_arena *arena) {
    static const char *const functions[] = {"gelu", "silu", "tanh", "relu"};
    struct drawing d = {&s->graph, arena, rng, 1 + draw(rng, 2), 1 + draw(rng, 3)};
    sim_graph_init(&s->graph);
    s->graph.window = 2 + draw(rng, 4);
    s->graph.tokens = 1 + draw(rng, 3);
    s->graph.layer = SIM_NEW_ARRAY(arena, struct sim_layer, LAYERS_MAX);
    uint32_t x = add(&d, SIM_LAYER_INPUT, 2 * d.heads * d.width, 0, 0,
                     sim_arena_format(arena, "{\"shape\": [2, %u, %u]}", d.heads, d.width));
    uint32_t attended = draw(rng, 3) > 0 ? attend_on_cores(&d, x) : attend_on_host(&d, x);
    uint32_t sum = add_host(&d, "\"operator\": \"normalise\"", attended, x);
    uint32_t last = add_host(&d, sim_arena_format(arena, "\"operator\": \"map\", \"function\": \"%s\"",
                                                  functions[draw(rng, 4)]),
                             add_dense(&d, sum), UINT32_MAX);
    add_dense(&d, last);
    s->graph.windows = 3 * s->graph.tokens + 4;
}

/* Checks the graph with the kernel's arena in the place of its own. */
static void check_network(struct system *s, struct sim_arena *arena) {
    struct sim_err err;
    sim_err_init(&err);
    s->graph.arena = *arena;
    bool sound = sim_graph_check(&s->graph, NULL, &err);
    *arena = s->graph.arena;
    sim_arena_init(&s->graph.arena);
    sim_err_print(&err, stderr);
    ck_assert(sound);
    sim_err_release(&err);
}

/* ---- chips -------------------------------------------------------------------------------------- */

static const char *draw_chip(uint64_t *rng, const char *begin, struct sim_arena *texts) {
    return sim_arena_format(
        texts,
        "%srows: 8, cols: 8, clock: 100 MHz, cores_per_tile: %u, spikes_per_packet: %u, "
        "barrier_cycles: %u, networks: [{type: noc.aer_mesh, multicast: %s, latency_x: %u}], core: {type: "
        "arch.digital_core, axons: %u, neurons: %u, synapse_lanes: 16, write_cycles: %u, update_cycles: %u, "
        "idle_cycles: %u}}",
        begin, 1 + draw(rng, 3), 1 + draw(rng, 16), 1 + draw(rng, 5), draw(rng, 2) ? "tree" : "unicast",
        1 + draw(rng, 4), 48 + 16 * draw(rng, 3), 16 * (1 + draw(rng, 2)), draw(rng, 3), draw(rng, 3),
        draw(rng, 2));
}

static const char *draw_overlay(uint64_t *rng, struct sim_arena *texts) {
    static const char *const kinds[] = {"arch.nova, line: {clock_ratio: 1}", "arch.lane_table",
                                        "arch.core_table, ports: 1", "arch.vector_unit"};
    return sim_arena_format(
        texts,
        "{host: %s, unit: {type: arch.vector_unit, lanes: %u}, lanes: {clock: 100 MHz, cores: "
        "%u, lanes: %u, approximator: [{type: %s}]}}",
        draw_chip(rng, "{type: arch.packet_chip, ", texts), 1 + draw(rng, 9), 1 + draw(rng, 3),
        1 + draw(rng, 4), kinds[draw(rng, 4)]);
}

/* Builds a packet chip, or one with an overlay. */
static void build_chip(struct system *s, uint64_t *rng, struct sim_kernel *kernel) {
    struct sim_arena texts;
    struct sim_err err;
    sim_arena_init(&texts);
    sim_err_init(&err);
    struct sim_binding binding = {.registry = registry, .arena = kernel->arena, .err = &err};
    bool overlay = draw(rng, 2);
    const struct arch_chip_type *type = overlay ? &arch_overlay_type : &arch_packet_chip_type;
    void *spec = overlay ? (void *)&s->overlay : &s->spec;
    bool bound = sim_bind_text(&binding, type->schema,
                               overlay ? draw_overlay(rng, &texts) : draw_chip(rng, "{", &texts), spec);
    s->chip = bound ? type->build(spec, &s->graph, kernel, &err) : NULL;
    sim_err_print(&err, stderr);
    ck_assert(s->chip != NULL);
    sim_err_release(&err);
    sim_arena_release(&texts);
}

static void *build(struct sim_kernel *kernel, uint64_t seed) {
    uint64_t rng = sim_rng_stream(seed, 31);
    struct system *s = SIM_NEW(kernel->arena, struct system);
    draw_network(s, &rng, kernel->arena);
    check_network(s, kernel->arena);
    build_chip(s, &rng, kernel);
    uint32_t timesteps = s->graph.window * s->graph.windows, length = 1 + draw(&rng, s->graph.tokens);
    uint64_t *spikes = SIM_NEW_ARRAY(kernel->arena, uint64_t, timesteps);
    for (uint32_t t = 0; t < length * s->graph.window; t++)
        spikes[t] = 1 | (sim_rng_next(&rng) & ((UINT64_C(1) << s->graph.layer[0].neurons) - 1));
    s->spikes[0] = spikes;
    s->chip->type->begin(s->chip, kernel, timesteps, s->spikes);
    return s;
}

static bool resume(void *system, struct sim_kernel *kernel) {
    struct system *s = system;
    return s->chip->type->resume(s->chip, kernel);
}

static bool audit(const void *system, const struct sim_kernel *kernel, struct sim_err *err) {
    const struct system *s = system;
    const struct arch_chip *chip = s->chip;
    if (chip->type == &arch_overlay_type)
        chip = ((const struct arch_overlay *)chip)->host;
    return arch_packet_chip_audit((const struct arch_packet_chip *)chip, kernel->now, err);
}

static const struct law_subject subject = {
    .name = "token windows",
    .build = build,
    .credits = audit,
    .conservation = audit,
    .resume = resume,
    .cycles = 6000,
    .watchdog = 5000,
    .shared_ends = true,
};

/* Runs a sequence to its end; how many weights are written on the way. */
static uint64_t run_to_end(uint64_t seed) {
    struct law_run run;
    law_run_open(&run, &subject, seed, SIM_ORDER_SPARSE);
    if (law_run_until(&run, 1000000) != SIM_STOP_FINISHED)
        law_fail(&run, "does not end");
    uint64_t writes = 0, tokens = 0;
    for (uint32_t id = 0; id < run.kernel.components; id++) {
        const struct sim_component *component = run.kernel.component[id];
        if (component->type == &arch_digital_core_type)
            writes += component->count[ARCH_DIGITAL_CORE_WEIGHT_WRITE];
        if (component->type == &arch_sequence_type)
            tokens += component->count[ARCH_SEQUENCE_TOKEN];
    }
    if (tokens == 0)
        law_fail(&run, "hosts compute nothing");
    law_run_close(&run);
    return writes;
}

/* The laws are about something: sequences come to their ends, and products are loaded. */
START_TEST(sequences_come_to_their_ends) {
    uint32_t loaded = 0;
    for (uint64_t seed = 0; seed < RUNS; seed++)
        loaded += run_to_end(seed) > 0;
    ck_assert_uint_gt(loaded, RUNS / 3);
}
END_TEST

int main(void) {
    Suite *suite = suite_create(subject.name);
    TCase *tcase = suite_case(suite, "sequences");
    tcase_add_test(tcase, sequences_come_to_their_ends);
    law_add(suite, &subject);
    return suite_run(suite);
}

/* SPDX-License-Identifier: MIT
 *
 * The laws over random vector lanes: every kind of approximator, with sizes, line networks and functions
 * drawn from the seed. What the lanes give is what the tables give (the vector unit: the exact function).
 */
#include "arch/vector/lanes.h"
#include "arch/vector/nova.h"
#include "arch/vector/table_lanes.h"
#include "arch/vector/unit.h"
#include "sim/base/rng.h"
#include "sim/config/bind.h"
#include "sim/kernel/kernel.h"
#include "test/laws/harness.h"

#include <math.h>

#define WAVES_MAX 24u

struct system {
    struct arch_lanes_spec spec;
    struct arch_lanes *lanes;
    struct arch_lanes_job job;
    const int32_t *y;
};

static const struct sim_schema *const registry[] = {&arch_nova_schema, &arch_lane_table_schema,
                                                    &arch_core_table_schema, &arch_vector_unit_schema, NULL};

static uint32_t draw(uint64_t *rng, uint32_t n) { return (uint32_t)sim_rng_below(rng, n); }

static const char *draw_approximator(uint64_t *rng, struct sim_arena *texts) {
    switch (draw(rng, 5)) {
    case 0:
        return "{type: arch.lane_table}";
    case 1:
        return sim_arena_format(texts, "{type: arch.core_table, ports: %u}", 1 + draw(rng, 9));
    case 2:
        return sim_arena_format(texts,
                                "{type: arch.vector_unit, lanes: %u, functions: %u, multiplications: %u}",
                                1 + draw(rng, 20), draw(rng, 4), draw(rng, 2));
    default:
        return sim_arena_format(texts,
                                "{type: arch.nova, line: {link_bits: %u, clock_ratio: %u, hop: %u um,"
                                " delay_per_mm: %u ps}}",
                                40 + draw(rng, 300), 1 + draw(rng, 4), 200 + draw(rng, 800),
                                60 + draw(rng, 300));
    }
}

static bool bind(struct system *s, uint64_t *rng, struct sim_arena *arena) {
    static const char *const function[] = {"exp",        "gelu",  "silu",   "softplus",
                                           "reciprocal", "rsqrt", "softmax"};
    struct sim_arena texts;
    struct sim_err err;
    sim_arena_init(&texts);
    sim_err_init(&err);
    struct sim_binding binding = {.registry = registry, .arena = arena, .err = &err};
    const char *text = sim_arena_format(
        &texts,
        "{clock: %u MHz, cores: %u, lanes: %u, queue: %u, function: %s, segments: %u, bits: %u, cut: %s,"
        " approximator: [%s]}",
        100 + draw(rng, 500), 1 + draw(rng, 7), 1 + draw(rng, 12), 2 + draw(rng, 5), function[draw(rng, 7)],
        1 + draw(rng, 24), 8 + draw(rng, 10), draw(rng, 2) ? "uniform" : "minimax",
        draw_approximator(rng, &texts));
    bool bound = sim_bind_text(&binding, &arch_lanes_schema, text, &s->spec);
    sim_err_print(&err, stderr);
    ck_assert(bound);
    sim_err_release(&err);
    sim_arena_release(&texts);
    return bound;
}

static void draw_job(struct system *s, uint64_t *rng, struct sim_arena *arena) {
    const struct arch_lanes_setup *setup = &s->lanes->setup;
    uint32_t waves = 1 + draw(rng, WAVES_MAX);
    size_t elements = (size_t)waves * setup->cores * setup->lanes;
    uint32_t *function = SIM_NEW_ARRAY(arena, uint32_t, waves);
    int32_t *x = SIM_NEW_ARRAY(arena, int32_t, elements), *y = SIM_NEW_ARRAY(arena, int32_t, elements);
    for (uint32_t wave = 0; wave < waves; wave++)
        function[wave] = draw(rng, setup->functions);
    for (size_t i = 0; i < elements; i++)
        x[i] = (int32_t)draw(rng, 1u << (setup->bits + 1)) - (1 << setup->bits); /* also beyond the word */
    uint32_t *some = draw(rng, 2) ? NULL : SIM_NEW_ARRAY(arena, uint32_t, waves);
    for (uint32_t wave = 0; some != NULL && wave < waves; wave++)
        some[wave] = 1 + draw(rng, (uint32_t)elements / waves);
    s->job = (struct arch_lanes_job){waves, function, x, y, some};
    s->y = y;
}

/* Those of the description, or any set. */
static unsigned draw_functions(uint64_t *rng) {
    return draw(rng, 2) ? 0 : draw(rng, 1u << ARCH_SCALAR_COUNT);
}

static void *build(struct sim_kernel *kernel, uint64_t seed) {
    uint64_t rng = sim_rng_stream(seed, 23);
    struct system *s = SIM_NEW(kernel->arena, struct system);
    struct sim_err err;
    sim_err_init(&err);
    bind(s, &rng, kernel->arena);
    s->lanes = arch_lanes_build(&s->spec, 0, draw_functions(&rng), "chip", kernel, &err);
    sim_err_print(&err, stderr);
    ck_assert(s->lanes != NULL);
    sim_err_release(&err);
    draw_job(s, &rng, kernel->arena);
    arch_lanes_begin(s->lanes, &s->job, kernel);
    return s;
}

static const struct law_subject lanes = {
    .name = "vector lanes",
    .build = build,
    .cycles = 2000,
    .watchdog = 5000,
    .shared_ends = true,
};

static int32_t expected(const struct system *s, uint32_t wave, int32_t x) {
    const struct arch_fixed *table = s->lanes->setup.table[s->job.function[wave]];
    if (s->lanes->type != &arch_vector_unit_approximator)
        return arch_fixed_value(table, x);
    double exact = table->function->value(ldexp(arch_fixed_clamp(table, x), -table->x_fraction));
    long long y = llround(ldexp(exact, table->y_fraction)), most = (1 << (table->bits - 1)) - 1;
    return (int32_t)(y > most ? most : y < -most - 1 ? -most - 1 : y);
}

/* Everything comes back, with the right values, whatever the kind. */
START_TEST(all_results_are_right) {
    struct law_run run;
    law_run_open(&run, &lanes, (uint64_t)_i, SIM_ORDER_SPARSE);
    enum sim_stop stop = sim_kernel_run(&run.kernel, 1000000);
    if (stop != SIM_STOP_FINISHED) {
        sim_kernel_explain(&run.kernel, stdout);
        law_fail(&run, "stops for reason %d", (int)stop);
    }
    const struct system *s = run.system;
    size_t wave_elements = (size_t)s->lanes->setup.cores * s->lanes->setup.lanes;
    for (size_t i = 0; i < s->job.waves * wave_elements; i++)
        if ((s->job.elements == NULL || i % wave_elements < s->job.elements[i / wave_elements]) &&
            s->y[i] != expected(s, (uint32_t)(i / wave_elements), s->job.x[i]))
            law_fail(&run, "element %zu is %d and not %d", i, s->y[i],
                     expected(s, (uint32_t)(i / wave_elements), s->job.x[i]));
    law_run_close(&run);
}
END_TEST

/* The draw reaches every kind and event, and lines of several spans. */
START_TEST(the_lanes_are_alive) {
    uint64_t lane_count[3][ARCH_LANES_EVENT_COUNT] = {{0}}, line_count[NOC_LINE_EVENT_COUNT] = {0}, unit = 0;
    static const struct sim_type *const types[] = {&arch_nova_type, &arch_lane_table_type,
                                                   &arch_core_table_type};
    uint32_t most_spans = 0;
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct law_run run;
        uint32_t spans = 0;
        law_run_open(&run, &lanes, seed, SIM_ORDER_SPARSE);
        sim_kernel_run(&run.kernel, lanes.cycles);
        for (uint32_t id = 0; id < run.kernel.components; id++) {
            const struct sim_component *c = run.kernel.component[id];
            for (int kind = 0; kind < 3; kind++)
                for (int event = 0; c->type == types[kind] && event < ARCH_LANES_EVENT_COUNT; event++)
                    lane_count[kind][event] += c->count[event];
            for (int event = 0; c->type == &noc_line_type && event < NOC_LINE_EVENT_COUNT; event++)
                line_count[event] += c->count[event];
            spans += c->type == &noc_line_type;
            unit += c->type == &arch_vector_unit_type ? c->count[ARCH_VECTOR_UNIT_EVENT_results] : 0;
        }
        most_spans = spans > most_spans ? spans : most_spans;
        law_run_close(&run);
    }
    for (int kind = 0; kind < 3; kind++)
        ck_assert(lane_count[kind][ARCH_LANES_EVENT_macs] > 100);
    ck_assert(lane_count[0][ARCH_LANES_EVENT_latch_bits] > 100);
    ck_assert(lane_count[0][ARCH_LANES_EVENT_table_bits] == 0);
    ck_assert(lane_count[2][ARCH_LANES_EVENT_table_bits] > 100);
    for (int event = 0; event < NOC_LINE_EVENT_COUNT; event++)
        ck_assert(line_count[event] > 100);
    ck_assert(unit > 100);
    ck_assert_uint_ge(most_spans, 3);
}
END_TEST

int main(void) {
    Suite *suite = suite_create(lanes.name);
    law_add(suite, &lanes);
    TCase *rest = suite_case(suite, "rest");
    tcase_set_timeout(rest, 60);
    tcase_add_loop_test(rest, all_results_are_right, 0, 60);
    tcase_add_test(rest, the_lanes_are_alive);
    return suite_run(suite);
}

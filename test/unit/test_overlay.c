/* SPDX-License-Identifier: MIT
 *
 * Vector lanes laid over a Shenjing chip: the host runs as it does alone, and the probabilities of its
 * outputs are those of a softmax, within the error of the tables.
 */
#include "arch/overlay/chip.h"
#include "arch/shenjing/chip.h"
#include "arch/vector/nova.h"
#include "arch/vector/table_lanes.h"
#include "arch/vector/unit.h"
#include "sim/base/rng.h"
#include "sim/config/bind.h"
#include "sim/kernel/kernel.h"
#include "test/suite.h"

#include <math.h>
#include <string.h>

#define INPUTS 40u
#define OUTPUTS 24u
#define TIMESTEPS 10u

static const struct sim_schema *const registry[] = {&arch_shenjing_chip_schema, &arch_nova_schema,
                                                    &arch_lane_table_schema, &arch_core_table_schema,
                                                    &arch_vector_unit_schema, &arch_lanes_schema, NULL};

static struct sim_arena arena;
static struct sim_err err;
static struct sim_graph graph;
static uint64_t spikes[TIMESTEPS];

static void set_up(void) {
    static struct sim_layer layer[2];
    static int8_t weight[INPUTS * OUTPUTS];
    static const uint32_t operand = 0;
    uint64_t rng = 7;
    sim_arena_init(&arena);
    sim_err_init(&err);
    layer[0] = (struct sim_layer){.name = "in", .kind = SIM_LAYER_INPUT, .neurons = INPUTS};
    layer[1] = (struct sim_layer){.name = "out",
                                  .kind = SIM_LAYER_DENSE,
                                  .neurons = OUTPUTS,
                                  .operand = &operand,
                                  .operands = 1,
                                  .neuron = SIM_NEURON_IF,
                                  .reset = SIM_RESET_SOFT,
                                  .threshold = 20,
                                  .weight_bits = 5,
                                  .rows = INPUTS,
                                  .cols = OUTPUTS,
                                  .weight = weight,
                                  .attributes = "{}"};
    for (size_t i = 0; i < sizeof weight; i++)
        weight[i] = (int8_t)((int)sim_rng_below(&rng, 24) - 9);
    for (uint32_t t = 0; t < TIMESTEPS; t++)
        spikes[t] = sim_rng_next(&rng) & ((UINT64_C(1) << INPUTS) - 1);
    sim_graph_init(&graph);
    graph.layers = 2;
    graph.layer = layer;
    ck_assert(sim_graph_check(&graph, NULL, &err));
}

static void tear_down(void) {
    sim_graph_release(&graph);
    sim_err_release(&err);
    sim_arena_release(&arena);
}

#define CHIP "rows: 2, cols: 2, clock: 1 MHz, tile: {axons: 128, neurons: 128}}"
#define HOST "{type: arch.shenjing, " CHIP
#define LANES(function, ratio, cores)                                                                        \
    "{host: " HOST ", scale: 0.5, lanes: {clock: 1 MHz, cores: " cores ", lanes: 8, function: " function     \
    ", approximator: [{type: arch.nova, line: {clock_ratio: " ratio "}}]}}"

static struct arch_chip *build(const struct sim_schema *schema, const struct arch_chip_type *type,
                               const char *text, struct sim_kernel *kernel) {
    struct sim_kernel_spec spec = {0};
    struct sim_binding binding = {.registry = registry, .arena = &arena, .err = &err};
    void *chip = sim_arena_alloc(&arena, 1, schema->size);
    sim_kernel_init(kernel, &spec, &arena);
    return sim_bind_text(&binding, schema, text, chip) ? type->build(chip, &graph, kernel, &err) : NULL;
}

/* Cycles of a sample. */
static sim_cycle run(struct arch_chip *chip, struct sim_kernel *kernel) {
    const uint64_t *given[2] = {spikes, NULL};
    sim_cycle before = kernel->now;
    chip->type->begin(chip, kernel, TIMESTEPS, given);
    do
        ck_assert_int_eq(sim_kernel_run(kernel, SIM_NEVER), SIM_STOP_FINISHED);
    while (chip->type->resume != NULL && chip->type->resume(chip, kernel));
    return kernel->now - before;
}

static void host_alone(uint32_t *count, sim_cycle *cycles) {
    struct sim_kernel kernel;
    struct arch_chip *chip = build(&arch_shenjing_chip_schema, &arch_shenjing_chip_type, "{" CHIP, &kernel);
    ck_assert_msg(chip != NULL, "%s", err.message[0]);
    sim_kernel_start(&kernel);
    *cycles = run(chip, &kernel);
    memcpy(count, chip->output_count, OUTPUTS * sizeof *count);
}

static uint64_t results(const struct sim_kernel *kernel) {
    uint64_t count = 0;
    for (uint32_t id = 0; id < kernel->components; id++)
        if (kernel->component[id]->type == &arch_nova_type)
            count += kernel->component[id]->count[ARCH_LANES_EVENT_results];
    return count;
}

static void check_softmax(const char *text, uint64_t elements) {
    uint32_t count[OUTPUTS], most = 0;
    sim_cycle alone;
    struct sim_kernel kernel;
    host_alone(count, &alone);
    sim_arena_release(&arena);
    sim_arena_init(&arena);
    struct arch_chip *chip = build(&arch_overlay_schema, &arch_overlay_type, text, &kernel);
    ck_assert_msg(chip != NULL, "%s", err.message[0]);
    const struct arch_overlay *overlay = (const struct arch_overlay *)chip;
    double exact[OUTPUTS], sum = 0;
    for (uint32_t n = 0; n < OUTPUTS; n++)
        most = count[n] > most ? count[n] : most;
    ck_assert_uint_ge(most, 3); /* the network is alive */
    for (uint32_t n = 0; n < OUTPUTS; n++)
        sum += exact[n] = exp(0.5 * ((double)count[n] - most));
    sim_kernel_start(&kernel);
    for (uint32_t sample = 1; sample <= 3; sample++) {
        sim_cycle cycles = run(chip, &kernel);
        ck_assert_uint_gt(cycles, alone);
        ck_assert_uint_lt(cycles, alone + 40);
        ck_assert_mem_eq(chip->output_count, count, sizeof count);
        ck_assert_uint_eq(results(&kernel), sample * elements);
        for (uint32_t n = 0; n < OUTPUTS; n++)
            ck_assert_double_eq_tol(overlay->result[n], exact[n] / sum, 2e-3);
    }
}

START_TEST(outputs_become_probabilities) {
    check_softmax(LANES("softmax", "1", "4"), OUTPUTS + 1); /* one vector */
    tear_down();
    set_up();
    check_softmax(LANES("softmax", "1", "1"), 3 * 8 + 1); /* three of 8 */
}
END_TEST

START_TEST(what_does_not_go_together) {
    static const struct {
        const char *text, *words;
    } bad[] = {
        {LANES("softmax", "2", "4"), "need a host at 2e+06 Hz, not 1e+06 Hz"},
        {"{host: {type: arch.lanes, approximator: [{type: arch.nova}]}, lanes: {approximator: [{type: "
         "arch.nova}]}}",
         "runs no traces"},
        {"{host: " HOST ", lanes: {approximator: []}}", "is empty"},
        {"{lanes: {approximator: [{type: arch.nova}]}}", "host is missing"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct sim_kernel kernel;
        ck_assert(build(&arch_overlay_schema, &arch_overlay_type, bad[i].text, &kernel) == NULL);
        ck_assert_int_eq(err.code, SIM_EXIT_CONFIG);
        ck_assert_msg(strstr(err.message[0], bad[i].words) != NULL, "%s", err.message[0]);
        tear_down();
        set_up();
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("overlay");
    TCase *tcase = suite_case(suite, "overlay");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, outputs_become_probabilities);
    tcase_add_test(tcase, what_does_not_go_together);
    return suite_run(suite);
}

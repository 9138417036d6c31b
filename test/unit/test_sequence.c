/* SPDX-License-Identifier: MIT
 *
 * Token windows by hand: what a host sends and when, and weights that spikes write.
 */
#include "arch/core/synapse_load.h"
#include "arch/host/sequence.h"
#include "test/suite.h"

#include <math.h>

enum { WINDOW = 5, WINDOWS = 4, TOKENS = 2 };

/* An input of two neurons, and a host that sends their sum's double, with one neuron that always spikes. */
static void describe(struct sim_graph *graph, const char *attributes) {
    static const uint32_t operand[] = {0};
    sim_graph_init(graph);
    sim_graph_alloc(graph, 2);
    graph->window = WINDOW;
    graph->windows = WINDOWS;
    graph->tokens = TOKENS;
    graph->layer[0] = (struct sim_layer){.name = "x", .kind = SIM_LAYER_INPUT, .neurons = 2};
    graph->layer[1] = (struct sim_layer){.name = "h",
                                         .kind = SIM_LAYER_HOST,
                                         .neurons = 3,
                                         .operands = 1,
                                         .operand = operand,
                                         .attributes = attributes};
    struct sim_err err;
    sim_err_init(&err);
    bool sound = sim_graph_check(graph, NULL, &err);
    sim_err_print(&err, stderr);
    ck_assert(sound);
    sim_err_release(&err);
}

static uint32_t spikes_of(const uint64_t *train, uint32_t neuron) {
    uint32_t spikes = 0;
    for (uint32_t t = 0; t < WINDOW; t++)
        spikes += (uint32_t)(train[t] >> neuron & 1);
    return spikes;
}

START_TEST(a_token_comes_when_it_is_due) {
    struct sim_graph graph;
    struct sim_arena arena;
    struct arch_sequence s = {.window = 0};
    uint64_t count[ARCH_SEQUENCE_EVENT_COUNT] = {0};
    describe(&graph, "{\"operator\": \"map\", \"function\": \"identity\", \"scales\": [1], \"scale\": 0.5, "
                     "\"ones\": 1}");
    sim_arena_init(&arena);
    ck_assert(arch_sequence_init(&s, &graph, &arena, NULL));
    s.base.count = count;
    ck_assert(s.computes);
    ck_assert_uint_eq(graph.layer[1].begin, 1);
    /* Token 0: neuron 0 once, neuron 1 three times; token 1: neuron 0 twice; then silence. */
    const uint64_t x[WINDOW * WINDOWS] = {3, 2, 0, 2, 0, 1, 0, 0, 1, 0};
    const uint64_t *given[2] = {x, NULL};
    static const uint32_t expected[WINDOWS][3] = {{0, 0, 0}, {2, 5, 5}, {4, 0, 5}, {0, 0, 0}};
    arch_sequence_begin(&s, WINDOW * WINDOWS, given, 0);
    for (uint32_t w = 0; w < WINDOWS; w++) {
        ck_assert_ptr_eq(s.spikes[0], x + w * WINDOW);
        for (uint32_t n = 0; n < 3; n++)
            ck_assert_uint_eq(spikes_of(s.spikes[1], n), expected[w][n]);
        ck_assert(arch_sequence_next(&s, 0) == (w + 1 < WINDOWS));
    }
    ck_assert_uint_eq(count[ARCH_SEQUENCE_TOKEN], 2);
    ck_assert_uint_eq(count[ARCH_SEQUENCE_SPIKE], 2 + 5 + 4 + 2 * 5);
    sim_arena_release(&arena);
    sim_graph_release(&graph);
}
END_TEST

/* From half a window on: one spike of five comes in the middle, at 2 + 1, 2 + 2, 2 + 3 = 5. */
START_TEST(the_code_starts_at_half) {
    struct sim_graph graph;
    struct sim_arena arena;
    struct arch_sequence s = {.window = 0};
    uint64_t count[ARCH_SEQUENCE_EVENT_COUNT] = {0};
    describe(&graph, "{\"operator\": \"map\", \"function\": \"identity\", \"scales\": [1], \"scale\": 1, "
                     "\"ones\": 1}");
    sim_arena_init(&arena);
    ck_assert(arch_sequence_init(&s, &graph, &arena, NULL));
    s.base.count = count;
    const uint64_t x[WINDOW * WINDOWS] = {1, 2, 2};
    const uint64_t *given[2] = {x, NULL};
    arch_sequence_begin(&s, WINDOW * WINDOWS, given, 0);
    arch_sequence_next(&s, 0);
    static const uint64_t expected[WINDOW] = {4, 6, 5, 6, 4}; /* neuron 1: 4, 6!, 3, 5!, 2 */
    for (uint32_t t = 0; t < WINDOW; t++)
        ck_assert_uint_eq(s.spikes[1][t], expected[t]);
    sim_arena_release(&arena);
    sim_graph_release(&graph);
}
END_TEST

/* Runs x and checks what the two values of the host are sent as in each window. */
static void assert_sent(struct arch_sequence *s, const uint64_t *x, const uint32_t expected[WINDOWS][2]) {
    const uint64_t *given[2] = {x, NULL};
    arch_sequence_begin(s, WINDOW * WINDOWS, given, 0);
    for (uint32_t w = 0; w < WINDOWS; w++) {
        for (uint32_t n = 0; n < 2; n++)
            ck_assert_uint_eq(spikes_of(s->spikes[1], n), expected[w][n]);
        arch_sequence_next(s, 0);
    }
}

/* Token 0: neuron 0 once, neuron 1 three times; token 1: neuron 0 twice. */
static const uint64_t two_tokens[WINDOW * WINDOWS] = {3, 2, 0, 2, 0, 1, 0, 0, 1, 0};

static void operate(const char *attributes, const uint32_t expected[WINDOWS][2]) {
    struct sim_graph graph;
    struct sim_arena arena;
    struct sim_err err;
    struct arch_sequence s = {.window = 0};
    uint64_t count[ARCH_SEQUENCE_EVENT_COUNT] = {0};
    sim_err_init(&err);
    describe(&graph, attributes);
    sim_arena_init(&arena);
    bool sound = arch_sequence_init(&s, &graph, &arena, &err);
    sim_err_print(&err, stderr);
    ck_assert(sound);
    s.base.count = count;
    assert_sent(&s, two_tokens, expected);
    assert_sent(&s, two_tokens, expected); /* a sample does not see the one before */
    ck_assert_uint_eq(count[ARCH_SEQUENCE_TOKEN], 4);
    sim_arena_release(&arena);
    sim_graph_release(&graph);
}

/* A state that keeps all of itself adds up its input. */
START_TEST(a_scan_goes_from_token_to_token) {
    static const uint32_t expected[WINDOWS][2] = {{0, 0}, {1, 3}, {3, 3}, {0, 0}};
    operate("{\"operator\": \"operation\", \"scales\": [1], \"scale\": 1, \"ones\": 1, "
            "\"operation\": {\"name\": \"scan\", \"in_fraction\": 0, \"out_fraction\": 0}, "
            "\"constants\": {\"delta\": [1, 1], \"a\": [0, 0], \"b\": [1], \"c\": [1], \"d\": [0, 0]}}",
            expected);
}
END_TEST

/* Two rows of one value: 0.5 and 1.5, of token 1 1 and 0, to whole numbers, times 1 and 2. */
START_TEST(operations_round_and_have_rows) {
    static const uint32_t expected[WINDOWS][2] = {{0, 0}, {1, 4}, {1, 0}, {0, 0}};
    operate("{\"operator\": \"operation\", \"scales\": [0.5], \"scale\": 1, \"ones\": 1, \"heads\": 2, "
            "\"operation\": {\"name\": \"powernorm\", \"in_fraction\": 0, \"out_fraction\": 0}, "
            "\"constants\": {\"gain\": [65536, 131072], \"offset\": [0]}}",
            expected);
}
END_TEST

/* Attention of one head over two tokens, against the formula. */
START_TEST(attention_weighs_the_values) {
    static const uint32_t q[2][2] = {{3, 1}, {0, 2}}, k[2][2] = {{1, 2}, {4, 0}}, v[2][2] = {{5, 0}, {1, 3}};
    static const double scale[2] = {0.5, 0.25};
    static const struct sim_host_scale each = {scale, 1};
    struct arch_host_operand operand[3] = {
        {&q[0][0], 2, 2, each, false}, {&k[0][0], 2, 2, each, false}, {&v[0][0], 2, 2, each, false}};
    struct sim_host_layer host = {.operator_ = SIM_HOST_ATTENTION, .values = 2, .heads = 1};
    double value[2], scratch[2];
    uint64_t work[ARCH_HOST_WORK_COUNT] = {0};
    struct arch_host_call call = {&host, operand, 3, 0, 2, scratch, work, NULL, false};
    arch_host_compute(&call, value);
    double s0 = (1.5 * 0.5 + 0.25 * 0.5) / sqrt(2), s1 = 1.5 * 2 / sqrt(2), share = 1 / (1 + exp(s1 - s0));
    ck_assert_double_eq_tol(value[0], share * 2.5 + (1 - share) * 0.5, 1e-12);
    ck_assert_double_eq_tol(value[1], (1 - share) * 0.75, 1e-12);
    ck_assert_uint_eq(work[ARCH_HOST_FUNCTION], 2);
}
END_TEST

/* Signed scores of 2 heads of 3 values, 2 tokens: the weights are products of signs and counts. */
START_TEST(spikes_write_weights) {
    enum { HEADS = 2, WIDTH = 3, AXONS = 2 * HEADS * WIDTH, NEURONS = 2 * HEADS * TOKENS };
    struct sim_shape in = {2, HEADS, WIDTH}, out = {2, HEADS, TOKENS};
    struct arch_synapse_load load = {.scores = true,
                                     .streamed = {in, 0, AXONS, 0},
                                     .loaded = {in, 0, AXONS, AXONS},
                                     .shape = out,
                                     .neurons = NEURONS,
                                     .begin = 1,
                                     .tokens = TOKENS,
                                     .first = 2,
                                     .timesteps = WINDOW};
    static const int8_t zero[2 * AXONS * NEURONS];
    struct arch_synapses synapses = {0};
    struct sim_arena arena;
    sim_arena_init(&arena);
    arch_synapses_load_dense(&synapses, zero, NEURONS, 2 * AXONS, NEURONS, 4, false, &arena);
    arch_synapse_load_prepare(&load, &synapses, 4);
    ck_assert_uint_eq(synapses.events[0], NEURONS);
    ck_assert_uint_eq(synapses.events[AXONS], 0);
    ck_assert(!arch_synapse_load_takes(&load, AXONS - 1) && arch_synapse_load_takes(&load, AXONS));
    ck_assert(!arch_synapse_load_listens(&load, 0, 2) && arch_synapse_load_listens(&load, 1, 2));
    ck_assert(!arch_synapse_load_listens(&load, 1, 1) && !arch_synapse_load_listens(&load, 1, 2 + WINDOW));
    ck_assert(!arch_synapse_load_listens(&load, 1 + TOKENS, 2));
    for (uint32_t channel = 0; channel < 2; channel++) {
        uint32_t place = (1 * WIDTH + 2) * 2 + channel; /* head 1, value 2 */
        for (uint32_t n = 0; n < 3 - channel; n++)      /* up 3 times, down twice */
            ck_assert_uint_eq(arch_synapse_load_spike(&load, &synapses, AXONS + place, 2), 4);
    }
    for (uint32_t axon = 0; axon < 2 * AXONS; axon++)
        for (uint32_t neuron = 0; neuron < NEURONS; neuron++) {
            bool meets = axon / 2 == 1 * WIDTH + 2 && neuron / 2 == 1 * TOKENS + 1; /* token 1 */
            int sign = (axon + neuron) % 2 == 0 ? 1 : -1;
            ck_assert_int_eq(synapses.weight[axon * synapses.lanes + neuron], meets ? sign : 0);
        }
    arch_synapse_load_clear(&synapses);
    for (uint32_t i = 0; i < 2 * AXONS * synapses.lanes; i++)
        ck_assert_int_eq(synapses.weight[i], 0);
    sim_arena_release(&arena);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sequence");
    tcase_add_test(suite_case(suite, "due"), a_token_comes_when_it_is_due);
    tcase_add_test(suite_case(suite, "code"), the_code_starts_at_half);
    tcase_add_test(suite_case(suite, "attention"), attention_weighs_the_values);
    TCase *operation = suite_case(suite, "operation");
    tcase_add_test(operation, a_scan_goes_from_token_to_token);
    tcase_add_test(operation, operations_round_and_have_rows);
    tcase_add_test(suite_case(suite, "load"), spikes_write_weights);
    return suite_run(suite);
}

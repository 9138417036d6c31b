/* SPDX-License-Identifier: MIT
 *
 * The judge of network graphs: one fault at a time in a sound graph.
 */
#include "sim/graph/graph.h"

#include "test/suite.h"

#include <string.h>

static struct sim_graph graph;
static struct sim_err err;
static int8_t weight[6] = {-4, 3, 0, 1, 2, -1};
static const uint32_t operand[1] = {0};

static void set_up(void) {
    sim_err_init(&err);
    sim_graph_init(&graph);
    sim_graph_alloc(&graph, 2);
    graph.layer[0] = (struct sim_layer){.name = "in", .kind = SIM_LAYER_INPUT, .neurons = 3};
    graph.layer[1] = (struct sim_layer){.name = "out",
                                        .kind = SIM_LAYER_DENSE,
                                        .neurons = 2,
                                        .neuron = SIM_NEURON_IF,
                                        .reset = SIM_RESET_SOFT,
                                        .threshold = 5,
                                        .weight_bits = 3,
                                        .operands = 1,
                                        .operand = operand,
                                        .rows = 3,
                                        .cols = 2,
                                        .weight = weight};
}

static void tear_down(void) {
    sim_err_release(&err);
    sim_graph_release(&graph);
}

static void assert_fault(const char *part) {
    struct sim_where where = {.file = "x.spk"};
    ck_assert(!sim_graph_check(&graph, &where, &err));
    ck_assert_int_eq(err.code, SIM_EXIT_CONFIG);
    ck_assert_int_eq(err.count, 1);
    ck_assert_msg(strstr(err.message[0], part) != NULL, "'%s' lacks '%s'", err.message[0], part);
}

START_TEST(a_sound_graph_passes) {
    ck_assert(sim_graph_check(&graph, NULL, &err));
    ck_assert(sim_graph_functional(&graph));
    graph.layer[1].weight = NULL;
    ck_assert(sim_graph_check(&graph, NULL, &err));
    ck_assert(!sim_graph_functional(&graph));
    ck_assert_int_eq(err.count, 0);
}
END_TEST

START_TEST(a_host_layer_can_only_be_replayed) {
    graph.layer[1].kind = SIM_LAYER_HOST;
    graph.layer[1].weight = NULL;
    graph.layer[1].neuron = SIM_NEURON_NONE;
    graph.layer[1].reset = SIM_RESET_NONE;
    graph.layer[1].threshold = 0;
    graph.layer[1].weight_bits = 0;
    ck_assert(sim_graph_check(&graph, NULL, &err));
    ck_assert(sim_layer_outside(&graph.layer[1]));
    ck_assert(!sim_graph_functional(&graph));
    graph.layer[1].weight = weight;
    assert_fault("layer(1 'out'): a layer of kind 'host' has no weights");
}
END_TEST

START_TEST(weights_fit_their_bits_exactly) {
    static const int8_t lowest[] = {-1, -2, -4, -8, -16, -32, -64, -128};
    uint32_t bits = (uint32_t)_i;
    int8_t limit = lowest[bits - 1];
    graph.layer[1].weight_bits = bits;
    for (int i = 0; i < 6; i++)
        weight[i] = 0;
    weight[4] = limit;
    weight[5] = (int8_t)(-limit - 1);
    ck_assert(sim_graph_check(&graph, NULL, &err));
    if (bits == 8)
        return;
    weight[5] = (int8_t)(weight[5] + 1);
    assert_fault("x.spk: layer(1 'out'): weight[axon 2][neuron 1]");
    sim_err_release(&err);
    weight[5] = 0;
    weight[4] = (int8_t)(limit - 1);
    assert_fault("weight[axon 2][neuron 0]");
}
END_TEST

#define FAULT(name, change, part)                                                                            \
    START_TEST(name) {                                                                                       \
        change;                                                                                              \
        assert_fault(part);                                                                                  \
    }                                                                                                        \
    END_TEST

static const uint32_t forward[1] = {1};
FAULT(an_operand_comes_before, graph.layer[1].operand = forward, "operand 0 is layer 1")
FAULT(a_dense_layer_has_one_operand, graph.layer[1].operands = 0,
      "0 operands (edges): kind 'dense' takes 1 to 64")
FAULT(an_input_has_no_operand, (graph.layer[0].operands = 1, graph.layer[0].operand = operand),
      "1 operands (edges): kind 'input' takes 0")
FAULT(an_input_has_no_threshold, graph.layer[0].threshold = 4, "kind 'input' has no neuron model")
FAULT(names_are_unique, graph.layer[1].name = "in", "layer(1 'in'): layer 0 has the same name")
FAULT(names_are_not_empty, graph.layer[1].name = "", "the name has 0 bytes")
FAULT(names_are_printable, graph.layer[1].name = "a\x1b[31m", "control character")
FAULT(layers_have_neurons, graph.layer[0].neurons = 0, "0 neurons")
FAULT(shapes_match, graph.layer[1].rows = 2, "weights of 2 x 2: the graph needs 3 x 2")
FAULT(a_neuron_has_a_reset, graph.layer[1].reset = SIM_RESET_NONE, "neuron 'if' without a reset")
FAULT(weights_have_bits, graph.layer[1].weight_bits = 0, "weights without weight_bits")
FAULT(weights_have_a_threshold, graph.layer[1].threshold = 0, "weights without a threshold")
FAULT(attributes_are_json, graph.layer[0].attributes = "{\"a\":", "attributes are not valid JSON")
FAULT(attributes_are_an_object, graph.layer[0].attributes = "[1]", "attributes are not a JSON object")

int main(void) {
    Suite *suite = suite_create("sim/graph/graph");
    TCase *tcase = suite_case(suite, "judge");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, a_sound_graph_passes);
    tcase_add_test(tcase, a_host_layer_can_only_be_replayed);
    tcase_add_loop_test(tcase, weights_fit_their_bits_exactly, 1, 9);
    tcase_add_test(tcase, an_operand_comes_before);
    tcase_add_test(tcase, a_dense_layer_has_one_operand);
    tcase_add_test(tcase, an_input_has_no_operand);
    tcase_add_test(tcase, an_input_has_no_threshold);
    tcase_add_test(tcase, names_are_unique);
    tcase_add_test(tcase, names_are_not_empty);
    tcase_add_test(tcase, names_are_printable);
    tcase_add_test(tcase, layers_have_neurons);
    tcase_add_test(tcase, shapes_match);
    tcase_add_test(tcase, a_neuron_has_a_reset);
    tcase_add_test(tcase, weights_have_bits);
    tcase_add_test(tcase, weights_have_a_threshold);
    tcase_add_test(tcase, attributes_are_json);
    tcase_add_test(tcase, attributes_are_an_object);
    return suite_run(suite);
}

/* SPDX-License-Identifier: MIT
 *
 * Projections of random windows against the definition, synapse by synapse.
 */
#include "sim/base/rng.h"
#include "sim/graph/graph.h"

#include "test/suite.h"

#include <stdio.h>
#include <string.h>

#define SEEDS 200

/* A graph of an input and one window layer, from a seed. */
struct subject {
    struct sim_graph graph;
    struct sim_err err;
    struct sim_projection *projection;
    int8_t weight[4096];
};

static uint32_t below(uint64_t *rng, uint32_t n) { return (uint32_t)sim_rng_below(rng, n); }

static void set_up(struct subject *s, uint64_t seed) {
    static const uint32_t operand[1] = {0};
    uint64_t rng = sim_rng_stream(seed, 0);
    uint32_t groups = 1 + below(&rng, 3), in = groups * (1 + below(&rng, 3)),
             out = groups * (1 + below(&rng, 3));
    uint32_t kernel[2] = {1 + below(&rng, 3), 1 + below(&rng, 3)},
             stride[2] = {1 + below(&rng, 3), 1 + below(&rng, 2)};
    uint32_t pad[2] = {below(&rng, kernel[0]), below(&rng, kernel[1])}, side[2];
    uint32_t made[2];
    for (int i = 0; i < 2; i++) {
        side[i] = kernel[i] + below(&rng, 6);
        made[i] = (side[i] + 2 * pad[i] - kernel[i]) / stride[i] + 1;
    }
    sim_err_init(&s->err);
    sim_graph_init(&s->graph);
    sim_graph_alloc(&s->graph, 2);
    s->graph.layer[0] = (struct sim_layer){
        .name = "in",
        .kind = SIM_LAYER_INPUT,
        .neurons = in * side[0] * side[1],
        .attributes = sim_arena_format(&s->graph.arena, "{\"shape\":[%u,%u,%u]}", in, side[0], side[1]),
    };
    s->graph.layer[1] = (struct sim_layer){
        .name = "conv",
        .kind = SIM_LAYER_CONV,
        .neurons = out * made[0] * made[1],
        .operands = 1,
        .operand = operand,
        .neuron = SIM_NEURON_IF,
        .reset = SIM_RESET_SOFT,
        .threshold = 5,
        .weight_bits = 5,
        .rows = in / groups * kernel[0] * kernel[1],
        .cols = out,
        .weight = s->weight,
        .attributes =
            sim_arena_format(&s->graph.arena,
                             "{\"channels\":%u,\"kernel\":[%u,%u],\"stride\":[%u,%u],"
                             "\"padding\":[%u,%u],\"groups\":%u}",
                             out, kernel[0], kernel[1], stride[0], stride[1], pad[0], pad[1], groups),
    };
    for (uint32_t i = 0; i < sizeof s->weight; i++)
        s->weight[i] = (int8_t)(1 + below(&rng, 15)); /* none is 0: a missing synapse is seen */
    ck_assert_msg(sim_graph_check(&s->graph, NULL, &s->err), "seed %llu: %s", (unsigned long long)seed,
                  s->err.count > 0 ? s->err.message[0] : "");
    s->projection = s->graph.layer[1].projection;
}

static void tear_down(struct subject *s) {
    sim_graph_release(&s->graph);
    sim_err_release(&s->err);
}

/* The definition. */
static int32_t expected(const struct sim_projection *p, const int8_t *weight, uint32_t axon,
                        uint32_t neuron) {
    int32_t ak = (int32_t)(axon % p->in.cols), ar = (int32_t)(axon / p->in.cols % p->in.rows);
    int32_t nk = (int32_t)(neuron % p->out.cols), nr = (int32_t)(neuron / p->out.cols % p->out.rows);
    uint32_t ac = axon / p->in.cols / p->in.rows, nc = neuron / p->out.cols / p->out.rows;
    uint32_t inner = p->in.channels / p->groups, outer = p->out.channels / p->groups;
    int32_t row = ar - nr * (int32_t)p->stride_rows + (int32_t)p->pad_rows;
    int32_t col = ak - nk * (int32_t)p->stride_cols + (int32_t)p->pad_cols;
    if (ac / inner != nc / outer || row < 0 || row >= (int32_t)p->kernel_rows || col < 0 ||
        col >= (int32_t)p->kernel_cols)
        return 0;
    return weight[((ac % inner * p->kernel_rows + (uint32_t)row) * p->kernel_cols + (uint32_t)col) *
                      p->out.channels +
                  nc];
}

static void add(void *user, uint32_t number, int32_t weight) {
    ck_assert_int_ne(weight, 0);
    ((int32_t *)user)[number] += weight;
}

START_TEST(every_synapse_is_that_of_the_definition) {
    static struct subject s;
    static int32_t seen[4096];
    set_up(&s, (uint64_t)_i);
    const struct sim_projection *p = s.projection;
    uint32_t axons = sim_shape_neurons(p->in), neurons = sim_shape_neurons(p->out);
    ck_assert_uint_le(axons, 4096);
    ck_assert_uint_le(neurons, 4096);
    for (uint32_t a = 0; a < axons; a++) {
        memset(seen, 0, sizeof seen);
        sim_projection_targets(p, a, add, seen);
        for (uint32_t n = 0; n < neurons; n++) {
            ck_assert_int_eq(seen[n], expected(p, s.weight, a, n));
            ck_assert_int_eq(sim_projection_weight(p, a, n), seen[n]);
        }
    }
    for (uint32_t n = 0; n < neurons; n += 1 + neurons / 16) {
        memset(seen, 0, sizeof seen);
        sim_projection_axons(p, n, add, seen);
        for (uint32_t a = 0; a < axons; a++)
            ck_assert_int_eq(seen[a], expected(p, s.weight, a, n));
    }
    tear_down(&s);
}
END_TEST

static struct sim_box random_box(uint64_t *rng, struct sim_shape shape) {
    struct sim_box box = {.channel = below(rng, shape.channels), .row = below(rng, shape.rows),
                          .col = below(rng, shape.cols)};
    box.channels = 1 + below(rng, shape.channels - box.channel);
    box.rows = 1 + below(rng, shape.rows - box.row);
    box.cols = 1 + below(rng, shape.cols - box.col);
    return box;
}

static bool inside(struct sim_box box, struct sim_shape shape, uint32_t number) {
    uint32_t col = number % shape.cols, row = number / shape.cols % shape.rows,
             channel = number / shape.cols / shape.rows;
    return channel - box.channel < box.channels && row - box.row < box.rows && col - box.col < box.cols;
}

/* Rows of a box are those of the definition, and no axon outside the box that is read has a synapse. */
START_TEST(boxes_hold_what_their_neurons_read) {
    static struct subject s;
    static int8_t row[4096];
    uint64_t rng = sim_rng_stream((uint64_t)_i, 1);
    set_up(&s, (uint64_t)_i);
    const struct sim_projection *p = s.projection;
    struct sim_box box = random_box(&rng, p->out), reads = sim_projection_reads(p, box);
    for (uint32_t a = 0; a < sim_shape_neurons(p->in); a++) {
        uint32_t synapses = sim_projection_row(p, a, box, row), count = 0;
        for (uint32_t i = 0; i < sim_box_neurons(box); i++) {
            uint32_t neuron = sim_box_number(box, i, p->out);
            ck_assert(inside(box, p->out, neuron));
            ck_assert_int_eq(row[i], expected(p, s.weight, a, neuron));
            count += row[i] != 0;
        }
        ck_assert_uint_eq(synapses, count);
        if (count > 0)
            ck_assert(inside(reads, p->in, a));
    }
    tear_down(&s);
}
END_TEST

/* The weights of a box of axons to a box of neurons. */
static void weights_between(const struct sim_projection *p, struct sim_box axons, struct sim_box neurons,
                            int8_t *weight) {
    size_t width = sim_box_neurons(neurons);
    for (uint32_t i = 0; i < sim_box_neurons(axons); i++)
        sim_projection_row(p, sim_box_number(axons, i, p->in), neurons, weight + i * width);
}

static void move(uint32_t *first, uint32_t length, uint32_t size, uint64_t *rng) {
    *first = below(rng, size - length + 1);
}

/* Whether two boxes of the same extents, the second one elsewhere, have the same patch; then they have the
 * same weights. False where the second is no box of the grid. */
static bool alike(const struct sim_projection *p, uint64_t seed, uint64_t *rng) {
    static int8_t weight[2][1 << 20];
    struct sim_box neurons = random_box(rng, p->out), axons = random_box(rng, p->in), moved = neurons,
                   read = axons;
    move(&moved.row, moved.rows, p->out.rows, rng);
    move(&moved.col, moved.cols, p->out.cols, rng);
    move(&moved.channel, moved.channels, p->out.channels, rng);
    move(&read.channel, read.channels, p->in.channels, rng);
    if (below(rng, 2) == 0)
        move(&read.row, read.rows, p->in.rows, rng);
    else
        read.row += (moved.row - neurons.row) * p->stride_rows;
    read.col += (moved.col - neurons.col) * p->stride_cols;
    if (read.row > p->in.rows || read.row + read.rows > p->in.rows || read.col > p->in.cols ||
        read.col + read.cols > p->in.cols || memcmp(&moved, &neurons, sizeof moved) == 0)
        return false;
    struct sim_patch a = sim_projection_patch(p, axons, neurons), b = sim_projection_patch(p, read, moved);
    if (memcmp(&a, &b, sizeof a) != 0)
        return false;
    size_t bytes = sim_box_neurons(axons) * sim_box_neurons(neurons);
    ck_assert_uint_le(bytes, sizeof weight[0]);
    weights_between(p, axons, neurons, weight[0]);
    weights_between(p, read, moved, weight[1]);
    ck_assert_msg(memcmp(weight[0], weight[1], bytes) == 0, "seed %llu", (unsigned long long)seed);
    return true;
}

START_TEST(equal_patches_hold_equal_weights) {
    static struct subject s;
    uint32_t equal[2] = {0, 0}; /* without weights, with */
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        uint64_t rng = sim_rng_stream(seed, 2);
        set_up(&s, seed);
        struct sim_projection projection = *s.projection;
        projection.weighted = seed % 2 != 0;
        projection.scale = 3;
        for (int k = 0; k < 200; k++)
            equal[seed % 2] += alike(&projection, seed, &rng);
        tear_down(&s);
    }
    ck_assert_uint_gt(equal[0], SEEDS);
    ck_assert_uint_gt(equal[1], SEEDS);
}
END_TEST

START_TEST(boxes_meet) {
    struct sim_box a = {0, 4, 2, 5, 1, 3}, b = {2, 9, 0, 3, 3, 9};
    struct sim_box both = sim_box_meet(a, b);
    ck_assert_uint_eq(both.channel, 2);
    ck_assert_uint_eq(both.channels, 2);
    ck_assert_uint_eq(both.row, 2);
    ck_assert_uint_eq(both.rows, 1);
    ck_assert_uint_eq(both.col, 3);
    ck_assert_uint_eq(both.cols, 1);
    b.channel = 4;
    ck_assert_uint_eq(sim_box_neurons(sim_box_meet(a, b)), 0);
}
END_TEST

/* One fault in a network of 2 x 4 x 4 -> conv 3 x 4 x 4. */
static void assert_fault(const char *attributes, uint32_t neurons, uint32_t operands, const char *part) {
    static const uint32_t operand[2] = {0, 0};
    struct sim_graph graph;
    struct sim_err err;
    sim_err_init(&err);
    sim_graph_init(&graph);
    sim_graph_alloc(&graph, 2);
    graph.layer[0] = (struct sim_layer){
        .name = "in", .kind = SIM_LAYER_INPUT, .neurons = 32, .attributes = "{\"shape\":[2,4,4]}"};
    graph.layer[1] = (struct sim_layer){.name = "conv",
                                        .kind = SIM_LAYER_CONV,
                                        .neurons = neurons,
                                        .operands = operands,
                                        .operand = operand,
                                        .attributes = attributes};
    bool sound = sim_graph_check(&graph, NULL, &err);
    if (part == NULL)
        ck_assert_msg(sound, "%s", err.count > 0 ? err.message[0] : "");
    else
        ck_assert_msg(!sound && strstr(err.message[0], part) != NULL &&
                          strstr(err.message[0], "layer(1 'conv')"),
                      "'%s' lacks '%s'", sound ? "" : err.message[0], part);
    sim_graph_release(&graph);
    sim_err_release(&err);
}

#define CONV "\"channels\":3,\"kernel\":3,\"padding\":1"

START_TEST(faults_are_told) {
    assert_fault("{" CONV "}", 48, 1, NULL);
    assert_fault(NULL, 48, 1, "needs the attribute 'kernel'");
    assert_fault("{\"kernel\":3}", 48, 1, "needs the attribute 'channels'");
    assert_fault("{" CONV "}", 47, 1, "47 neurons: its windows make 3 x 4 x 4");
    assert_fault("{" CONV ",\"shape\":[3,8,2]}", 48, 1, "of another shape");
    assert_fault("{" CONV ",\"stride\":0}", 48, 1, "attribute 'stride' is not an integer");
    assert_fault("{" CONV ",\"stride\":[1,2,3]}", 48, 1, "attribute 'stride' is not an integer");
    assert_fault("{" CONV ",\"groups\":2}", 48, 1, "2 groups do not divide 2 channels");
    assert_fault("{\"channels\":3,\"kernel\":3,\"padding\":3}", 48, 1, "is not smaller than the kernel");
    assert_fault("{\"channels\":3,\"kernel\":7}", 48, 1, "does not fit");
    assert_fault("{\"channels\":3,\"kernel\":16777216,\"padding\":16777215,\"stride\":16777216}", 48, 1,
                 "more than 16777216 neurons, or inputs");
    assert_fault("{" CONV "}", 48, 2, "2 operands (edges) and 0 'shortcuts'");
    assert_fault("{" CONV ",\"shortcuts\":[{}]}", 48, 2, "shortcut 0 needs a 'kind'");
    assert_fault("{" CONV ",\"shortcuts\":[{\"kind\":\"maxpool\"}]}", 48, 2, "unknown kind 'maxpool'");
    assert_fault("{" CONV ",\"shortcuts\":[{\"kind\":\"identity\"}]}", 48, 2,
                 "shortcut 0 makes 2 x 4 x 4 and the layer has 3 x 4 x 4");
    assert_fault("{" CONV ",\"shortcuts\":[{\"kind\":\"identity\",\"channels\":3}]}", 48, 2, NULL);
    assert_fault("{" CONV ",\"shortcuts\":[{\"kind\":\"identity\",\"chanels\":3}]}", 48, 2,
                 "unknown key 'chanels'");
    assert_fault("{" CONV ",\"shortcuts\":[{\"kind\":\"identity\",\"channels\":3,\"scale\":128}]}", 48, 2,
                 "attribute 'scale' is not an integer from -128 to 127");
    assert_fault("{" CONV ",\"shortcuts\":[{\"kind\":\"dense\"}]}", 48, 2, "their weights differ");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sim/graph/projection");
    TCase *tcase = suite_case(suite, "synapses");
    tcase_add_loop_test(tcase, every_synapse_is_that_of_the_definition, 0, SEEDS);
    tcase_add_loop_test(tcase, boxes_hold_what_their_neurons_read, 0, SEEDS);
    tcase_add_test(tcase, equal_patches_hold_equal_weights);
    tcase_add_test(tcase, boxes_meet);
    tcase_add_test(tcase, faults_are_told);
    return suite_run(suite);
}

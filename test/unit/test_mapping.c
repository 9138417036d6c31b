/* SPDX-License-Identifier: MIT
 *
 * Mapping: how many tiles, which period, what is refused; and, over random networks, the laws that a static
 * schedule must keep whatever the order of the stages that made it.
 */
#include "arch/shenjing/mapping.h"
#include "sim/base/rng.h"
#include "test/unit/chain.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const int8_t no_weight[1];

/* A chain of dense layers; size[0] is the input. Weights are only a promise: the mapper does not read them.
 */
static void make_graph(struct sim_graph *graph, const uint32_t *size, uint32_t layers) {
    chain_init(graph, size, layers, 10);
    struct sim_err err;
    sim_err_init(&err);
    ck_assert(sim_graph_check(graph, NULL, &err));
    for (uint32_t id = 1; id < layers; id++)
        graph->layer[id].projection[0].weight = graph->layer[id].weight = no_weight;
}

struct fixture {
    struct sim_graph graph;
    struct sim_arena arena;
    struct sim_err err;
    struct arch_mapping *map;
};

static void map_network(struct fixture *f, const uint32_t *size, uint32_t layers, uint32_t rows,
                        uint32_t cols) {
    make_graph(&f->graph, size, layers);
    sim_arena_init(&f->arena);
    sim_err_init(&f->err);
    struct arch_mapping_spec spec = {
        .rows = rows, .cols = cols, .core_axons = 256, .core_neurons = 256, .imem_words = 64, .gap_bits = 8};
    f->map = arch_map(&spec, &f->graph, &f->arena, &f->err);
}

static void release(struct fixture *f) {
    sim_arena_release(&f->arena);
    sim_graph_release(&f->graph);
    sim_err_release(&f->err);
}

START_TEST(the_perceptron_takes_ten_tiles) {
    struct fixture f;
    const uint32_t size[] = {784, 512, 10};
    map_network(&f, size, 3, 3, 4);
    ck_assert_ptr_nonnull(f.map);
    ck_assert_uint_eq(f.map->cores, 10);
    ck_assert_uint_eq(f.map->groups, 3);
    ck_assert_uint_eq(f.map->period, 130); /* the spacing of two sweeps: it cannot be shorter */
    release(&f);
}
END_TEST

START_TEST(slices_are_cut_at_multiples_of_the_core) {
    struct fixture f;
    const uint32_t size[] = {257, 256, 1};
    map_network(&f, size, 3, 2, 2);
    ck_assert_ptr_nonnull(f.map);
    ck_assert_uint_eq(f.map->cores, 3);
    ck_assert_uint_eq(f.map->core[0].axons, 256);
    ck_assert_uint_eq(f.map->core[1].axons, 1);
    ck_assert_uint_eq(arch_core_axon(&f.map->core[1], 0), 256);
    ck_assert_uint_eq(f.map->core[2].axons, 256);
    release(&f);
}
END_TEST

START_TEST(what_does_not_fit_says_by_how_much) {
    struct fixture f;
    const uint32_t size[] = {784, 512, 10};
    map_network(&f, size, 3, 3, 3);
    ck_assert_ptr_null(f.map);
    ck_assert_int_eq(f.err.code, SIM_EXIT_CONFIG);
    ck_assert_ptr_nonnull(strstr(f.err.message[0], "needs 10 tiles"));
    ck_assert_ptr_nonnull(strstr(f.err.message[0], "1 too few"));
    ck_assert_ptr_nonnull(strstr(f.err.message[0], "rows: 4 and cols: 3 would do"));
    release(&f);
}
END_TEST

START_TEST(a_program_that_is_too_long_says_so) {
    struct fixture f;
    const uint32_t size[] = {784, 512, 10};
    make_graph(&f.graph, size, 3);
    sim_arena_init(&f.arena);
    sim_err_init(&f.err);
    struct arch_mapping_spec spec = {
        .rows = 3, .cols = 4, .core_axons = 256, .core_neurons = 256, .imem_words = 4, .gap_bits = 8};
    ck_assert_ptr_null(arch_map(&spec, &f.graph, &f.arena, &f.err));
    ck_assert_int_eq(f.err.code, SIM_EXIT_CONFIG);
    ck_assert_ptr_nonnull(strstr(f.err.message[0], "instruction words and has 4"));
    release(&f);
}
END_TEST

START_TEST(a_period_below_the_sweep_is_refused) {
    struct fixture f;
    const uint32_t size[] = {10, 10};
    make_graph(&f.graph, size, 2);
    sim_arena_init(&f.arena);
    sim_err_init(&f.err);
    struct arch_mapping_spec spec = {.rows = 1,
                                     .cols = 1,
                                     .core_axons = 256,
                                     .core_neurons = 256,
                                     .imem_words = 64,
                                     .gap_bits = 8,
                                     .period = 129};
    ck_assert_ptr_null(arch_map(&spec, &f.graph, &f.arena, &f.err));
    spec.period = 130;
    ck_assert_ptr_nonnull(arch_map(&spec, &f.graph, &f.arena, &f.err));
    release(&f);
}
END_TEST

/* ---- laws over random networks ---------------------------------------------------------------- */

/* The program of a tile issues exactly one word a cycle at most, fills its loop, and restarts at its end. */
static void audit_program(const struct arch_mapping *map, const struct arch_tile_plan *plan) {
    ck_assert_uint_le(plan->words, map->imem_words);
    uint32_t offset = 0, slot = 0;
    for (uint32_t i = 0; i < plan->words; i++) {
        const struct arch_shenjing_word *word = &plan->word[i];
        bool planned = slot < plan->slot_count && plan->slot[slot].offset == offset;
        if (planned)
            ck_assert_uint_eq(word->op, plan->slot[slot++].op);
        else
            ck_assert_uint_eq(word->op, ARCH_SHENJING_OP_NOP);
        if (i + 1 == plan->words) {
            ck_assert_uint_eq(word->gap, 255);
            ck_assert_uint_eq(offset, map->period - 1);
        } else {
            ck_assert_uint_lt(word->gap, 255);
            offset += word->gap + 1u;
        }
    }
    ck_assert_uint_eq(slot, plan->slot_count);
}

/* Spikes arrive at a core at the latest a cycle before its sweep, and stay until its last row is read. */
static void audit_core(const struct arch_mapping *map, const struct arch_node *node) {
    const struct arch_core *core = &map->core[node->core];
    ck_assert_uint_ge(core->acc, node->arrival + 1);
    ck_assert_uint_le(core->acc + 128, node->arrival + 1 + map->period);
}

static void audit_group(const struct arch_mapping *map, const struct arch_group *group) {
    uint32_t readers = 0, exits = 0;
    for (uint32_t n = group->first_node; n < group->first_node + group->nodes; n++) {
        const struct arch_node *node = &map->node[n];
        exits += node->exits;
        if (node->core != ARCH_NOBODY) {
            readers++;
            audit_core(map, node);
        }
        if (node->parent != ARCH_NOBODY)
            ck_assert_uint_gt(node->arrival, map->node[node->parent].parent == ARCH_NOBODY
                                                 ? group->fire + 1
                                                 : map->node[node->parent].arrival);
    }
    uint32_t expected = 0;
    for (uint32_t i = 0; i < map->cores; i++)
        expected += map->core[i].from != ARCH_NOBODY && &map->group[map->core[i].from] == group;
    ck_assert_uint_eq(readers, expected);
    ck_assert_uint_eq(exits, expected == 0);
    ck_assert_uint_ge(group->fire, map->core[arch_root(group)].acc + 131);
}

START_TEST(random_networks_keep_the_laws) {
    uint64_t rng = sim_rng_stream(2026, (uint64_t)_i);
    uint32_t size[5], layers = 2 + (uint32_t)sim_rng_below(&rng, 4);
    for (uint32_t id = 0; id < layers; id++)
        size[id] = 1 + (uint32_t)sim_rng_below(&rng, 1500);
    struct fixture f;
    map_network(&f, size, layers, 8, 14);
    if (f.map == NULL) /* some are too busy for 64 words a tile: refused, not wrong */
        ck_assert_int_eq(f.err.code, SIM_EXIT_CONFIG);
    for (uint32_t g = 0; f.map != NULL && g < f.map->groups; g++)
        audit_group(f.map, &f.map->group[g]);
    for (uint32_t tile = 0; f.map != NULL && tile < 8 * 14; tile++)
        if (f.map->tile[tile].used)
            audit_program(f.map, &f.map->tile[tile]);
    release(&f);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("mapping");
    TCase *core = tcase_create("mapping");
    tcase_set_timeout(core, 60);
    tcase_add_test(core, the_perceptron_takes_ten_tiles);
    tcase_add_test(core, slices_are_cut_at_multiples_of_the_core);
    tcase_add_test(core, what_does_not_fit_says_by_how_much);
    tcase_add_test(core, a_program_that_is_too_long_says_so);
    tcase_add_test(core, a_period_below_the_sweep_is_refused);
    tcase_add_loop_test(core, random_networks_keep_the_laws, 0, 100);
    suite_add_tcase(suite, core);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

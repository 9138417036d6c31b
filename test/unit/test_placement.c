/* SPDX-License-Identifier: MIT
 *
 * Placement: costs against a count by hand and against a walk of the tree, every strategy a permutation that
 * leaves chains their seats, annealing that finds a known optimum and repeats itself, and its limit of time.
 */
#include "arch/layout/placement.h"
#include "sim/base/rng.h"
#include "test/suite.h"

#include <string.h>

static const struct arch_placement_spec annealing = {
    .strategy = ARCH_PLACEMENT_ANNEAL, .seed = 1, .moves = 2000, .time_s = 100, .rate = 0.1};

struct fixture {
    struct sim_arena arena;
    struct arch_placement_problem problem;
    struct arch_placement placed;
    struct arch_placement_report report;
};

static void begin(struct fixture *f, uint32_t rows, uint32_t cols, uint32_t per_site, uint32_t items) {
    sim_arena_init(&f->arena);
    arch_placement_init(&f->problem, rows, cols, per_site, rows * cols * per_site, items, &f->arena);
    f->placed.site = SIM_NEW_ARRAY(&f->arena, uint32_t, items);
    f->placed.item = SIM_NEW_ARRAY(&f->arena, uint32_t, items);
    for (uint32_t i = 0; i < items; i++)
        f->placed.site[i] = f->placed.item[i] = i;
}

static void add(struct fixture *f, uint32_t from, uint32_t to, double weight) {
    arch_placement_net(&f->problem, from, weight, false);
    arch_placement_pin(&f->problem, to);
}

/* Every seat has a site of its own and an item of its own chain. */
static void audit(const struct fixture *f) {
    const struct arch_placement_problem *p = &f->problem;
    for (uint32_t i = 0; i < p->items; i++) {
        ck_assert_uint_lt(f->placed.site[i], p->sites);
        ck_assert_uint_lt(f->placed.item[i], p->items);
        ck_assert_uint_eq(p->chain[f->placed.item[i]], p->chain[i]);
        for (uint32_t k = 0; k < i; k++) {
            ck_assert_uint_ne(f->placed.site[i], f->placed.site[k]);
            ck_assert_uint_ne(f->placed.item[i], f->placed.item[k]);
        }
    }
}

/* 0 1 2 / 3 4 5 / 6 7 8: from 4 to 0, 2 and 6. One way each: 2 hops. As a tree the trunk along row 1 is 2
 * long, and its columns branch 1 + 1 and 1. */
START_TEST(costs_are_counted_by_hand) {
    struct fixture f;
    begin(&f, 3, 3, 1, 9);
    for (int tree = 0; tree < 2; tree++) {
        arch_placement_net(&f.problem, 4, 1.5, tree == 1);
        arch_placement_pin(&f.problem, 0);
        arch_placement_pin(&f.problem, 2);
        arch_placement_pin(&f.problem, 6);
        ck_assert_double_eq(arch_placement_cost(&f.problem, &f.placed), 1.5 * (tree == 1 ? 6 + 5 : 6));
    }
    sim_arena_release(&f.arena);
}
END_TEST

/* Links of a tree, each counted once: every way goes along the row first, and marks what it passes. */
static uint32_t walk(const struct fixture *f, const struct arch_placement_net *net) {
    bool right[20][20] = {{false}}, down[20][20] = {{false}};
    const struct arch_placement_problem *p = &f->problem;
    struct arch_placement_site from = p->site[f->placed.site[net->source]];
    uint32_t links = 0;
    for (uint32_t i = 0; i < net->pins; i++) {
        struct arch_placement_site to = p->site[f->placed.site[p->pin[net->first_pin + i]]];
        uint32_t col = from.col, row = from.row;
        for (; col != to.col; col += to.col > col ? 1 : -1)
            right[from.row][to.col > col ? col : col - 1] = true;
        for (; row != to.row; row += to.row > row ? 1 : -1)
            down[to.row > row ? row : row - 1][col] = true;
    }
    for (uint32_t row = 0; row < 20; row++)
        for (uint32_t col = 0; col < 20; col++)
            links += right[row][col] + down[row][col];
    return links;
}

START_TEST(trees_cost_their_links) {
    struct fixture f;
    uint64_t rng = sim_rng_stream(7, (uint64_t)_i);
    uint32_t rows = 1 + (uint32_t)sim_rng_below(&rng, 20), cols = 1 + (uint32_t)sim_rng_below(&rng, 20);
    begin(&f, rows, cols, 1, rows * cols);
    arch_placement_net(&f.problem, (uint32_t)sim_rng_below(&rng, rows * cols), 1, true);
    for (uint32_t i = (uint32_t)sim_rng_below(&rng, 12); i > 0; i--)
        arch_placement_pin(&f.problem, (uint32_t)sim_rng_below(&rng, rows * cols));
    ck_assert_double_eq(arch_placement_cost(&f.problem, &f.placed), walk(&f, f.problem.net));
    sim_arena_release(&f.arena);
}
END_TEST

/* A random problem with chains, fixed places and trees. */
static void draw(struct fixture *f, uint64_t seed) {
    uint64_t rng = sim_rng_stream(11, seed);
    uint32_t rows = 1 + (uint32_t)sim_rng_below(&rng, 7), cols = 1 + (uint32_t)sim_rng_below(&rng, 7),
             per_site = 1 + (uint32_t)sim_rng_below(&rng, 3);
    uint32_t items = 1 + (uint32_t)sim_rng_below(&rng, rows * cols * per_site);
    begin(f, rows, cols, per_site, items);
    f->problem.fixed = SIM_NEW(&f->arena, struct arch_placement_site);
    f->problem.fixed_count = 1;
    for (uint32_t first = 0, length; first < items; first += length) {
        length = 1 + (uint32_t)sim_rng_below(&rng, 4);
        length = length < items - first ? length : items - first;
        for (uint32_t k = 0; k < length; k++)
            f->problem.chain[first + k] = first;
        for (uint32_t k = 1; k < length; k++)
            add(f, ARCH_PIN_SEAT(&f->problem, first + k - 1), ARCH_PIN_SEAT(&f->problem, first + k), 5);
        arch_placement_net(&f->problem, ARCH_PIN_SEAT(&f->problem, first + length - 1),
                           1 + sim_rng_real(&rng), sim_rng_below(&rng, 2) == 0);
        for (uint32_t i = (uint32_t)sim_rng_below(&rng, 6); i > 0; i--)
            arch_placement_pin(&f->problem, (uint32_t)sim_rng_below(&rng, items));
    }
    add(f, ARCH_PIN_FIXED(&f->problem, 0), 0, 1);
}

START_TEST(every_strategy_is_a_placement) {
    for (int strategy = 0; strategy < ARCH_PLACEMENT_COUNT; strategy++) {
        struct fixture f;
        draw(&f, (uint64_t)_i);
        double before = arch_placement_cost(&f.problem, &f.placed);
        struct arch_placement_spec spec = annealing;
        spec.strategy = strategy;
        spec.moves = 100;
        arch_placement_solve(&f.problem, &spec, &f.placed, &f.report);
        audit(&f);
        ck_assert_double_eq(f.report.before, before);
        ck_assert_double_eq_tol(f.report.after, arch_placement_cost(&f.problem, &f.placed), 1e-9);
        if (strategy == ARCH_PLACEMENT_ANNEAL)
            ck_assert_double_le(f.report.after, before + 1e-9);
        sim_arena_release(&f.arena);
    }
}
END_TEST

/* A mesh of neighbours, shuffled: its least cost is its number of links, 40. A run may end in a mesh that is
 * folded somewhere. */
static double find_mesh(uint64_t seed) {
    struct fixture f;
    uint32_t name[25];
    uint64_t rng = sim_rng_stream(3, seed);
    begin(&f, 5, 5, 1, 25);
    for (uint32_t i = 0; i < 25; i++) {
        uint32_t k = (uint32_t)sim_rng_below(&rng, i + 1);
        name[i] = i;
        name[i] = name[k];
        name[k] = i;
    }
    for (uint32_t i = 0; i < 25; i++) {
        if (i % 5 < 4)
            add(&f, name[i], name[i + 1], 1);
        if (i < 20)
            add(&f, name[i], name[i + 5], 1);
    }
    arch_placement_solve(&f.problem, &annealing, &f.placed, &f.report);
    audit(&f);
    ck_assert_double_gt(f.report.before, 80);
    ck_assert_double_le(f.report.after, 60);
    sim_arena_release(&f.arena);
    return f.report.after;
}

START_TEST(annealing_finds_a_hidden_mesh) {
    double least = 100;
    for (uint64_t seed = 0; seed < 8; seed++) {
        double cost = find_mesh(seed);
        least = cost < least ? cost : least;
    }
    ck_assert_double_eq(least, 40);
}
END_TEST

START_TEST(a_seed_repeats_itself) {
    struct fixture f[3];
    for (uint32_t i = 0; i < 3; i++) {
        struct arch_placement_spec spec = annealing;
        spec.seed = i == 2 ? 99 : 5;
        draw(&f[i], 8);
        arch_placement_solve(&f[i].problem, &spec, &f[i].placed, &f[i].report);
        ck_assert(!f[i].report.out_of_time);
        ck_assert_uint_eq(f[i].report.moves, (uint64_t)spec.moves * f[i].problem.items);
    }
    size_t size = f[0].problem.items * sizeof(uint32_t);
    ck_assert_int_eq(memcmp(f[0].placed.site, f[1].placed.site, size), 0);
    ck_assert_uint_eq(f[0].report.accepted, f[1].report.accepted);
    ck_assert(f[0].report.accepted != f[2].report.accepted ||
              memcmp(f[0].placed.site, f[2].placed.site, size) != 0);
    for (uint32_t i = 0; i < 3; i++)
        sim_arena_release(&f[i].arena);
}
END_TEST

START_TEST(the_limit_of_time_ends_it) {
    struct fixture f;
    struct arch_placement_spec spec = annealing;
    spec.moves = 1000000;
    spec.time_s = 0.01;
    begin(&f, 20, 20, 1, 400);
    for (uint32_t i = 0; i < 400; i++)
        add(&f, i, (i * 7 + 13) % 400, 1);
    arch_placement_solve(&f.problem, &spec, &f.placed, &f.report);
    ck_assert(f.report.out_of_time);
    audit(&f);
    sim_arena_release(&f.arena);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("placement");
    TCase *cost = suite_case(suite, "cost");
    tcase_add_test(cost, costs_are_counted_by_hand);
    tcase_add_loop_test(cost, trees_cost_their_links, 0, 100);
    TCase *search = suite_case(suite, "search");
    tcase_add_loop_test(search, every_strategy_is_a_placement, 0, 60);
    tcase_add_test(search, annealing_finds_a_hidden_mesh);
    tcase_add_test(search, a_seed_repeats_itself);
    tcase_add_test(search, the_limit_of_time_ends_it);
    return suite_run(suite);
}

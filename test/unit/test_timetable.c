/* SPDX-License-Identifier: MIT
 *
 * The timetable against a naive one: random plans, and every start tried cycle by cycle.
 */
#include "arch/shenjing/timetable.h"
#include "sim/base/rng.h"

#include "test/suite.h"

#include <string.h>

#define TILES 4u
#define PERIOD_MOST 200u

struct naive {
    uint32_t period;
    bool busy[TILES][ARCH_RESOURCE_COUNT][PERIOD_MOST];
};

static uint32_t below(uint64_t *rng, uint32_t n) { return (uint32_t)sim_rng_below(rng, n); }

/* A plan of a few uses, some longer than others, some beyond the end of the period. */
static void draw_plan(struct arch_plan *plan, uint32_t period, uint64_t *rng, struct sim_arena *arena) {
    plan->uses = plan->words = 0;
    for (uint32_t i = 1 + below(rng, 5); i > 0; i--)
        arch_plan_use(plan, below(rng, TILES), below(rng, ARCH_RESOURCE_COUNT), below(rng, 3 * period),
                      1 + below(rng, 9), arena);
    for (uint32_t i = below(rng, 3); i > 0; i--)
        arch_plan_word(plan, below(rng, TILES), below(rng, period), 2, ARCH_SHENJING_OP_NOP, ARCH_SLOT_PLAIN,
                       arena);
}

static bool fits(const struct naive *naive, const struct arch_plan *plan, uint32_t start) {
    for (uint32_t u = 0; u < plan->uses; u++)
        for (uint32_t i = 0; i < plan->use[u].length; i++)
            if (naive->busy[plan->use[u].tile][plan->use[u].resource]
                           [(start + plan->use[u].offset + i) % naive->period])
                return false;
    return true;
}

/* Books, and tells whether the plan met itself. */
static bool book(struct naive *naive, const struct arch_plan *plan, uint32_t start) {
    bool clean = true;
    for (uint32_t u = 0; u < plan->uses; u++)
        for (uint32_t i = 0; i < plan->use[u].length; i++) {
            bool *busy = &naive->busy[plan->use[u].tile][plan->use[u].resource]
                                     [(start + plan->use[u].offset + i) % naive->period];
            clean = clean && !*busy;
            *busy = true;
        }
    return clean;
}

static void compare(const struct arch_timetable *table, const struct naive *naive) {
    for (uint32_t tile = 0; tile < TILES; tile++)
        for (uint32_t resource = 0; resource < ARCH_RESOURCE_COUNT; resource++)
            for (uint32_t cycle = 0; cycle < naive->period; cycle++)
                ck_assert(arch_timetable_free(table, tile, resource, cycle, 1) !=
                          naive->busy[tile][resource][cycle]);
}

START_TEST(plans_fit_where_cycle_by_cycle_says_so) {
    static struct naive naive, before;
    struct sim_arena arena;
    struct arch_timetable table;
    struct arch_plan plan = {0};
    uint64_t rng = sim_rng_stream((uint64_t)_i, 3);
    sim_arena_init(&arena);
    memset(&naive, 0, sizeof naive);
    naive.period = 10 + below(&rng, PERIOD_MOST - 10);
    arch_timetable_init(&table, TILES, naive.period, &arena);
    for (int round = 0; round < 40; round++) {
        draw_plan(&plan, naive.period, &rng, &arena);
        arch_timetable_forbid(&table, &plan);
        for (uint32_t start = 0; start < naive.period; start++)
            ck_assert(arch_timetable_forbidden(&table, start) != fits(&naive, &plan, start));
        uint32_t start = below(&rng, 2 * naive.period), words = table.booked.words;
        bool free = fits(&naive, &plan, start);
        before = naive;
        bool clean = free && book(&naive, &plan, start);
        struct arch_timetable_mark mark = arch_timetable_mark(&table);
        ck_assert(arch_timetable_book(&table, &plan, start) == clean);
        if (!clean)
            naive = before;
        ck_assert_uint_eq(table.booked.words, words + (clean ? plan.words : 0));
        compare(&table, &naive);
        if (clean && below(&rng, 3) == 0) {
            arch_timetable_undo(&table, mark);
            naive = before;
            compare(&table, &naive);
        }
    }
    sim_arena_release(&arena);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("arch/shenjing/timetable");
    TCase *tcase = suite_case(suite, "naive");
    tcase_add_loop_test(tcase, plans_fit_where_cycle_by_cycle_says_so, 0, 60);
    return suite_run(suite);
}

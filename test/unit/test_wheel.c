/* SPDX-License-Identifier: MIT
 *
 * The wake wheel against a naive one: a list of (cycle, id). Timing tests say "not at n - 1, yes at n".
 */
#include "sim/kernel/wheel.h"

#include "sim/base/arena.h"
#include "sim/base/rng.h"
#include "test/suite.h"

#include <string.h>

#define MANY 5000u /* ids in 79 words, 2 summary words */

static struct sim_arena arena;
static struct sim_wheel wheel;

static void set_up(void) {
    sim_arena_init(&arena);
    sim_wheel_init(&wheel, MANY, &arena);
}

static void tear_down(void) { sim_arena_release(&arena); }

static bool is_due(uint32_t id, sim_cycle at) {
    uint32_t slot = (uint32_t)at % SIM_WHEEL_SLOTS;
    return wheel.set[(size_t)slot * wheel.words + id / 64] >> (id % 64) & 1;
}

/* Empties the slot of `at` as the kernel does, and counts who was in it. */
static uint32_t take(sim_cycle at) {
    uint32_t slot = (uint32_t)at % SIM_WHEEL_SLOTS, count = 0;
    uint64_t *set = wheel.set + (size_t)slot * wheel.words;
    uint8_t *summary = wheel.summary + (size_t)slot * wheel.words;
    bool summary_is_right = true;
    for (uint32_t word = 0; word < wheel.words; word++) {
        summary_is_right &= (set[word] != 0) == summary[word];
        count += (uint32_t)__builtin_popcountll(set[word]);
        set[word] = 0;
    }
    ck_assert(summary_is_right);
    memset(summary, 0, wheel.words);
    ck_assert_int_eq(wheel.occupied[slot], count > 0);
    wheel.occupied[slot] = 0;
    return count;
}

START_TEST(empty_is_never) { ck_assert_uint_eq(sim_wheel_next(&wheel), SIM_NEVER); }
END_TEST

START_TEST(every_distance_of_the_window) {
    for (sim_cycle now = 0; now < 2 * SIM_WHEEL_SLOTS; now += 31) {
        wheel.now = now;
        for (sim_cycle distance = 1; distance < SIM_WHEEL_SLOTS; distance++) {
            sim_wheel_wake(&wheel, 7, now + distance);
            ck_assert_uint_eq(sim_wheel_next(&wheel), now + distance);
            ck_assert_uint_eq(take(now + distance), 1);
        }
        ck_assert_uint_eq(sim_wheel_next(&wheel), SIM_NEVER);
    }
}
END_TEST

START_TEST(next_is_the_earliest) {
    wheel.now = 1000;
    sim_wheel_wake(&wheel, 1, 1200);
    sim_wheel_wake(&wheel, 2, 1100);
    sim_wheel_wake(&wheel, 3, 9999);
    ck_assert_uint_eq(sim_wheel_next(&wheel), 1100);
    take(1100);
    ck_assert_uint_eq(sim_wheel_next(&wheel), 1200);
    take(1200);
    ck_assert_uint_eq(sim_wheel_next(&wheel), 9999);
}
END_TEST

START_TEST(wakes_have_no_duplicates) {
    for (int i = 0; i < 3; i++)
        sim_wheel_wake(&wheel, 42, 5);
    ck_assert_uint_eq(take(5), 1);
}
END_TEST

START_TEST(every_word_of_ids) {
    static const uint32_t ids[] = {0, 1, 63, 64, 4095, 4096, MANY - 1};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        sim_wheel_wake(&wheel, ids[i], 9);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        ck_assert(is_due(ids[i], 9));
    ck_assert(!is_due(2, 9));
    ck_assert_uint_eq(take(9), sizeof ids / sizeof *ids);
}
END_TEST

/* A timer is in the wheel from the first cycle whose window covers it on, and due at its own cycle. */
START_TEST(a_far_timer_fires_at_its_cycle) {
    for (sim_cycle at = SIM_WHEEL_SLOTS; at < 4 * SIM_WHEEL_SLOTS; at += 37) {
        sim_wheel_init(&wheel, MANY, &arena);
        sim_wheel_wake(&wheel, 5, at);
        for (sim_cycle now = 1; now < at; now++) {
            sim_wheel_advance(&wheel, now);
            if (take(now) != 0 || sim_wheel_next(&wheel) != at)
                ck_abort_msg("timer %d is wrong at %d", (int)at, (int)now);
        }
        sim_wheel_advance(&wheel, at);
        ck_assert(is_due(5, at));
        ck_assert_uint_eq(take(at), 1);
        ck_assert_uint_eq(sim_wheel_next(&wheel), SIM_NEVER);
    }
}
END_TEST

START_TEST(a_jump_lands_on_a_far_timer) {
    sim_wheel_wake(&wheel, 5, 1000000);
    ck_assert_uint_eq(sim_wheel_next(&wheel), 1000000);
    sim_wheel_advance(&wheel, 1000000);
    ck_assert_uint_eq(take(1000000), 1);
}
END_TEST

START_TEST(the_latest_far_timer_counts) {
    sim_wheel_wake(&wheel, 5, 1000);
    sim_wheel_wake(&wheel, 5, 2000);
    sim_wheel_wake(&wheel, 6, 2000);
    sim_wheel_wake(&wheel, 6, 1500);
    sim_wheel_wake(&wheel, 6, 2000);
    sim_cycle at;
    uint32_t fired = 0;
    while ((at = sim_wheel_next(&wheel)) != SIM_NEVER) {
        sim_wheel_advance(&wheel, at);
        uint32_t count = take(at);
        ck_assert_msg(at == 2000 || count == 0, "a replaced timer fired at %d", (int)at);
        fired += count;
    }
    ck_assert_uint_eq(fired, 2);
}
END_TEST

START_TEST(never_cancels_a_far_timer) {
    sim_wheel_wake(&wheel, 5, 1000);
    sim_wheel_wake(&wheel, 5, SIM_NEVER);
    sim_wheel_advance(&wheel, 1000);
    ck_assert_uint_eq(take(1000), 0);
}
END_TEST

/* Timers beyond the coarse wheel are no nearer than they say, and in order. */
START_TEST(timers_beyond_the_blocks) {
    const sim_cycle reach = (sim_cycle)SIM_WHEEL_BLOCK * SIM_WHEEL_BLOCKS;
    sim_wheel_wake(&wheel, 5, 5 * reach + 17);
    sim_wheel_wake(&wheel, 6, 2 * reach + 3);
    ck_assert_uint_eq(sim_wheel_next(&wheel), 2 * reach + 3);
    sim_wheel_advance(&wheel, reach / 2);
    sim_wheel_wake(&wheel, 7, 2 * reach);
    sim_wheel_wake(&wheel, 8, reach + reach / 4);
    for (sim_cycle now = reach / 2 + 1; now <= 5 * reach + 17; now++) {
        bool due =
            now == reach + reach / 4 || now == 2 * reach || now == 2 * reach + 3 || now == 5 * reach + 17;
        sim_wheel_advance(&wheel, now);
        if (take(now) != due)
            ck_abort_msg("wrong at %d", (int)now);
        if (now == reach + reach / 4)
            ck_assert_uint_eq(sim_wheel_next(&wheel), 2 * reach);
        if (now == 2 * reach + 3)
            ck_assert_uint_eq(sim_wheel_next(&wheel), 5 * reach + 17);
    }
    ck_assert_uint_eq(sim_wheel_next(&wheel), SIM_NEVER);
}
END_TEST

/* Replacing timers for ever does not lose the valid ones. */
START_TEST(replaced_timers_are_gone) {
    uint64_t rng = 1;
    sim_cycle last[MANY] = {0};
    for (int i = 0; i < 100000; i++) {
        uint32_t id = (uint32_t)sim_rng_below(&rng, MANY);
        last[id] = SIM_WHEEL_SLOTS + sim_rng_below(&rng, 10000);
        sim_wheel_wake(&wheel, id, last[id]);
    }
    sim_cycle at;
    uint32_t wrong = 0;
    while ((at = sim_wheel_next(&wheel)) != SIM_NEVER) {
        sim_wheel_advance(&wheel, at);
        for (uint32_t id = 0; id < MANY; id++) {
            wrong += is_due(id, at) != (last[id] == at);
            if (last[id] == at)
                last[id] = 0;
        }
        take(at);
    }
    for (uint32_t id = 0; id < MANY; id++)
        wrong += last[id] != 0;
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* Random near and far wakes against the naive wheel: `near` is a set of (cycle, id), `far` one timer an id
 * that turns near, and can no longer be replaced, when the window covers its block. */
#define FEW 150u
#define HORIZON 3000u
static bool naive_near[HORIZON + 2 * SIM_WHEEL_SLOTS][FEW];
static sim_cycle naive_far[FEW];

static void naive_wake(uint32_t id, sim_cycle at, sim_cycle now) {
    if (at - now < SIM_WHEEL_SLOTS)
        naive_near[at][id] = true;
    else
        naive_far[id] = at;
}

static void naive_advance(sim_cycle to) {
    for (uint32_t id = 0; id < FEW; id++)
        if (naive_far[id] / SIM_WHEEL_BLOCK < sim_wheel_beyond(to - 1)) {
            naive_near[naive_far[id]][id] = true;
            naive_far[id] = SIM_NEVER;
        }
}

START_TEST(random_wakes_equal_the_naive_wheel) {
    uint64_t rng = sim_rng_stream(2024, (uint64_t)_i);
    sim_wheel_init(&wheel, FEW, &arena);
    memset(naive_near, 0, sizeof naive_near);
    for (uint32_t id = 0; id < FEW; id++)
        naive_far[id] = SIM_NEVER;
    for (sim_cycle now = 0; now < HORIZON;) {
        uint64_t wakes = sim_rng_below(&rng, 4);
        for (uint64_t i = 0; i < wakes; i++) {
            uint32_t id = (uint32_t)sim_rng_below(&rng, FEW);
            sim_cycle at = now + 1 + sim_rng_below(&rng, i % 2 == 0 ? 300 : HORIZON - now + 1);
            if (at >= HORIZON)
                continue;
            sim_wheel_wake(&wheel, id, at);
            naive_wake(id, at, now);
        }
        sim_cycle next = sim_wheel_next(&wheel), to = next;
        if (to == SIM_NEVER || sim_rng_below(&rng, 3) == 0)
            to = now + 1; /* the dense orders advance without jumping */
        uint32_t wrong = 0;
        for (sim_cycle skipped = now + 1; skipped < to; skipped++)
            for (uint32_t id = 0; id < FEW; id++)
                wrong += naive_near[skipped][id] || naive_far[id] == skipped;
        sim_wheel_advance(&wheel, now = to);
        naive_advance(now);
        for (uint32_t id = 0; id < FEW; id++)
            wrong += is_due(id, now) != naive_near[now][id];
        ck_assert_uint_eq(wrong, 0);
        take(now);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sim/kernel/wheel");
    TCase *near = suite_case(suite, "near");
    tcase_add_checked_fixture(near, set_up, tear_down);
    tcase_add_test(near, empty_is_never);
    tcase_add_test(near, every_distance_of_the_window);
    tcase_add_test(near, next_is_the_earliest);
    tcase_add_test(near, wakes_have_no_duplicates);
    tcase_add_test(near, every_word_of_ids);
    TCase *far = suite_case(suite, "far");
    tcase_add_checked_fixture(far, set_up, tear_down);
    tcase_add_test(far, a_far_timer_fires_at_its_cycle);
    tcase_add_test(far, a_jump_lands_on_a_far_timer);
    tcase_add_test(far, the_latest_far_timer_counts);
    tcase_add_test(far, never_cancels_a_far_timer);
    tcase_add_test(far, timers_beyond_the_blocks);
    tcase_add_test(far, replaced_timers_are_gone);
    tcase_add_loop_test(far, random_wakes_equal_the_naive_wheel, 0, 20);
    return suite_run(suite);
}

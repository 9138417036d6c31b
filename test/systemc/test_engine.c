/* SPDX-License-Identifier: MIT
 *
 * Law L6, engine-free: random systems of toy hardware do the same under SystemC as natively, in one run and
 * in pieces, and stop for the same reason in the same cycle.
 */
#include "sim/base/rng.h"
#include "sim/sc/engine.h"
#include "test/laws/memory.h"
#include "test/laws/toys.h"

#include <stdlib.h>

#define SEEDS 40

static void *build(struct sim_kernel *kernel, uint64_t seed) {
    return toy_build(kernel, seed, seed % 8 != 7);
}

static void *build_without_patience(struct sim_kernel *kernel, uint64_t seed) {
    return toy_build(kernel, seed, false);
}

static const struct law_subject toys = {.name = "toys", .build = build, .cycles = 6000, .watchdog = 3000};
static const struct law_subject deadlocks = {.name = "toys without patience",
                                             .build = build_without_patience,
                                             .cycles = 1000000,
                                             .watchdog = 2500};

static uint64_t seed_of(int loop) {
    const char *only = getenv("LAW_SEED");
    return only != NULL ? strtoull(only, NULL, 10) : (uint64_t)loop;
}

/* In pieces of up to `piece` cycles at random, settled in between; 0: in one. */
static enum sim_stop run(struct law_run *run, const struct sim_engine_type *type, uint64_t piece) {
    const sim_cycle end = run->subject->cycles;
    enum sim_stop stop = SIM_STOP_TIME;
    struct sim_engine engine;
    struct sim_err err;
    sim_err_init(&err);
    if (!sim_engine_open(&engine, type, &run->kernel, &err))
        law_fail(run, "%s", err.message[0]);
    uint64_t rng = run->seed;
    while (stop == SIM_STOP_TIME && run->kernel.now < end) {
        sim_cycle until = piece == 0 ? end : run->kernel.now + 1 + sim_rng_below(&rng, piece);
        if (!sim_engine_run(&engine, until < end ? until : end, &stop, &err))
            law_fail(run, "%s", err.message[0]);
        sim_kernel_settle(&run->kernel);
    }
    sim_engine_close(&engine);
    law_run_settle(run);
    return stop;
}

static void compare(const struct law_subject *subject, int loop, enum sim_order order, uint64_t piece) {
    struct law_run native, systemc;
    law_run_open(&native, subject, seed_of(loop), order);
    law_run_open(&systemc, subject, seed_of(loop), order);
    enum sim_stop stop = run(&native, &sim_engine_native, 0);
    if (run(&systemc, &sim_engine_systemc, piece) != stop)
        law_fail(&systemc, "stops for another reason than natively (%d)", (int)stop);
    if (systemc.kernel.now != native.kernel.now)
        law_fail(&systemc, "ends in another cycle than natively (%llu)",
                 (unsigned long long)native.kernel.now);
    if (systemc.kernel.wheel.moved != native.kernel.wheel.moved)
        law_fail(&systemc, "the last send was in %llu, natively in %llu",
                 (unsigned long long)systemc.kernel.wheel.moved,
                 (unsigned long long)native.kernel.wheel.moved);
    if (systemc.kernel.steps != native.kernel.steps || native.kernel.steps == 0)
        law_fail(&systemc, "%llu steps, natively %llu", (unsigned long long)systemc.kernel.steps,
                 (unsigned long long)native.kernel.steps);
    size_t byte = law_runs_differ(&native, &systemc);
    char name[LAW_NAME];
    if (byte != SIZE_MAX)
        law_fail(&systemc, "%s differs from the native run", law_model_name(&systemc, byte, name));
    law_run_close(&native);
    law_run_close(&systemc);
}

START_TEST(evented_is_native) { compare(&toys, _i, SIM_ORDER_SPARSE, 0); }
END_TEST
START_TEST(clocked_is_native) { compare(&toys, _i, SIM_ORDER_DENSE, 0); }
END_TEST
START_TEST(evented_in_pieces_is_native) { compare(&toys, _i, SIM_ORDER_SPARSE, 500); }
END_TEST
START_TEST(clocked_in_pieces_is_native) { compare(&toys, _i, SIM_ORDER_DENSE, 500); }
END_TEST
START_TEST(evented_stalls_in_the_same_cycle) { compare(&deadlocks, _i, SIM_ORDER_SPARSE, 0); }
END_TEST
START_TEST(clocked_stalls_in_the_same_cycle) { compare(&deadlocks, _i, SIM_ORDER_DENSE, 3000); }
END_TEST

/* ---- watching -------------------------------------------------------------------------------------- */

struct heard {
    sim_cycle last;
    uint64_t cycles;
};

static void hear(void *user, sim_cycle now) {
    struct heard *heard = user;
    ck_assert(heard->cycles == 0 || now > heard->last);
    heard->last = now;
    heard->cycles++;
}

/* A watcher hears of the same cycles from both engines, and changes nothing. */
START_TEST(a_watcher_changes_nothing) {
    enum sim_order order = _i % 2 == 0 ? SIM_ORDER_SPARSE : SIM_ORDER_DENSE;
    const struct sim_engine_type *type[] = {&sim_engine_native, &sim_engine_native, &sim_engine_systemc};
    struct law_run runs[3];
    struct heard heard[3] = {{0}};
    for (int i = 0; i < 3; i++) {
        struct sim_engine engine;
        struct sim_err err;
        enum sim_stop stop;
        sim_err_init(&err);
        law_run_open(&runs[i], &toys, seed_of(_i), order);
        ck_assert(sim_engine_open(&engine, type[i], &runs[i].kernel, &err));
        if (i > 0) {
            engine.watch = hear;
            engine.watcher = &heard[i];
        }
        ck_assert(sim_engine_run(&engine, toys.cycles, &stop, &err));
        sim_engine_close(&engine);
        law_run_settle(&runs[i]);
        if (law_runs_differ(&runs[0], &runs[i]) != SIZE_MAX || runs[i].kernel.steps != runs[0].kernel.steps)
            law_fail(&runs[i], "the watched run differs");
    }
    ck_assert_uint_gt(heard[1].cycles, 0);
    ck_assert_uint_eq(heard[1].cycles, heard[2].cycles);
    ck_assert_uint_eq(heard[1].last, heard[2].last);
    for (int i = 0; i < 3; i++)
        law_run_close(&runs[i]);
}
END_TEST

START_TEST(shuffled_is_refused) {
    struct law_run run;
    struct sim_engine engine;
    struct sim_err err;
    sim_err_init(&err);
    law_run_open(&run, &toys, 1, SIM_ORDER_SHUFFLED);
    ck_assert(!sim_engine_open(&engine, &sim_engine_systemc, &run.kernel, &err));
    ck_assert_int_eq(err.code, SIM_EXIT_USAGE);
    sim_err_release(&err);
    law_run_close(&run);
}
END_TEST

static void add(Suite *suite, const char *name, const TTest *test) {
    TCase *tcase = suite_case(suite, name);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test, 0, getenv("LAW_SEED") != NULL ? 1 : SEEDS);
}

int main(void) {
    Suite *suite = suite_create("systemc");
    add(suite, "L6", evented_is_native);
    add(suite, "L6", clocked_is_native);
    add(suite, "L6", evented_in_pieces_is_native);
    add(suite, "L6", clocked_in_pieces_is_native);
    add(suite, "L6", evented_stalls_in_the_same_cycle);
    add(suite, "L6", clocked_stalls_in_the_same_cycle);
    add(suite, "watch", a_watcher_changes_nothing);
    tcase_add_test(suite_case(suite, "orders"), shuffled_is_refused);
    return suite_run(suite);
}

/* SPDX-License-Identifier: MIT
 *
 * Law L6, engine-free: random systems of toy hardware do the same under SystemC as natively, in one run and in
 * pieces, and stop for the same reason in the same cycle.
 */
#include "sim/rng.h"
#include "sim/sc/engine.h"
#include "test/laws/harness.h"
#include "test/laws/toys.h"

#include <stdlib.h>

#define SEEDS 40

static void *build(struct sim_kernel *kernel, uint64_t seed) { return toy_build(kernel, seed, seed % 8 != 7); }

static void *build_without_patience(struct sim_kernel *kernel, uint64_t seed) {
    return toy_build(kernel, seed, false);
}

static const struct law_subject toys = {.name = "toys", .build = build, .cycles = 6000, .watchdog = 3000};
static const struct law_subject deadlocks = {
    .name = "toys without patience", .build = build_without_patience, .cycles = 1000000, .watchdog = 2500};

struct outcome {
    enum sim_stop stop;
    sim_cycle now, moved;
    uint64_t fingerprint, steps;
};

static uint64_t seed_of(int loop) {
    const char *only = getenv("LAW_SEED");
    return only != NULL ? strtoull(only, NULL, 10) : (uint64_t)loop;
}

/* In pieces of up to `piece` cycles at random, settled in between; 0: in one. */
static struct outcome run(const struct law_subject *subject, uint64_t seed, const struct sim_engine_type *type,
                          enum sim_order order, uint64_t piece) {
    struct law_run run;
    struct sim_err err;
    struct sim_engine engine;
    struct outcome o = {.stop = SIM_STOP_TIME};
    sim_err_init(&err);
    law_run_open(&run, subject, seed, order);
    if (!sim_engine_open(&engine, type, &run.kernel, &err))
        law_fail(&run, "%s", err.message[0]);
    uint64_t rng = seed;
    while (o.stop == SIM_STOP_TIME && run.kernel.now < subject->cycles) {
        sim_cycle until = piece == 0 ? subject->cycles : run.kernel.now + 1 + sim_rng_below(&rng, piece);
        if (!sim_engine_run(&engine, until < subject->cycles ? until : subject->cycles, &o.stop, &err))
            law_fail(&run, "%s", err.message[0]);
        sim_kernel_settle(&run.kernel);
    }
    sim_engine_close(&engine);
    o.now = run.kernel.now;
    o.moved = run.kernel.wheel.moved;
    o.steps = run.kernel.steps;
    o.fingerprint = law_fingerprint(&run);
    law_run_close(&run);
    return o;
}

static void compare(const struct law_subject *subject, int loop, enum sim_order order, uint64_t piece) {
    uint64_t seed = seed_of(loop);
    struct outcome native = run(subject, seed, &sim_engine_native, order, 0);
    struct outcome systemc = run(subject, seed, &sim_engine_systemc, order, piece);
    ck_assert_msg(native.stop == systemc.stop && native.now == systemc.now && native.moved == systemc.moved &&
                      native.fingerprint == systemc.fingerprint && native.steps == systemc.steps,
                  "seed %llu: native stops for %d at %llu, last send %llu, %llu steps; SystemC for %d at %llu, %llu, "
                  "%llu steps; the state %s; repeat: LAW_SEED=%llu",
                  (unsigned long long)seed, (int)native.stop, (unsigned long long)native.now,
                  (unsigned long long)native.moved, (unsigned long long)native.steps, (int)systemc.stop,
                  (unsigned long long)systemc.now, (unsigned long long)systemc.moved,
                  (unsigned long long)systemc.steps, native.fingerprint == systemc.fingerprint ? "agrees" : "differs",
                  (unsigned long long)seed);
    ck_assert_uint_gt(native.steps, 0);
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

/* The native engine with a watcher runs in slices. */
static uint64_t watched;
static void watch(void *user, sim_cycle now) { watched += now != *(const sim_cycle *)user ? 1 : 0; }

START_TEST(watching_changes_nothing) {
    static const enum sim_order orders[] = {SIM_ORDER_SPARSE, SIM_ORDER_DENSE};
    for (int i = 0; i < 2; i++) {
        struct law_run run;
        struct sim_engine engine;
        struct sim_err err;
        enum sim_stop stop;
        sim_cycle never = SIM_NEVER;
        sim_err_init(&err);
        struct outcome alone = {0};
        law_run_open(&run, &toys, seed_of(_i), orders[i]);
        alone.stop = sim_kernel_run(&run.kernel, toys.cycles);
        alone.fingerprint = law_fingerprint(&run);
        alone.steps = run.kernel.steps;
        law_run_close(&run);
        law_run_open(&run, &toys, seed_of(_i), orders[i]);
        ck_assert(sim_engine_open(&engine, &sim_engine_native, &run.kernel, &err));
        engine.watch = watch;
        engine.watcher = &never;
        watched = 0;
        ck_assert(sim_engine_run(&engine, toys.cycles, &stop, &err));
        ck_assert_int_eq(stop, alone.stop);
        ck_assert_uint_eq(law_fingerprint(&run), alone.fingerprint);
        ck_assert_uint_eq(run.kernel.steps, alone.steps);
        ck_assert_uint_gt(watched, 0);
        law_run_close(&run);
    }
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
    add(suite, "watch", watching_changes_nothing);
    tcase_add_test(suite_case(suite, "orders"), shuffled_is_refused);
    return suite_run(suite);
}

/* SPDX-License-Identifier: MIT
 *
 * The native kernel with scripted components: who is stepped when, why a run ends, what a caller may do
 * between runs. Whole random systems are the subject of test/laws.
 */
#include "sim/kernel/kernel.h"

#include "sim/base/err.h"
#include "test/suite.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define SCRIPT_MAX 64

SIM_LINK_DEFINE(number_link, uint64_t)

/* Answers its n-th step with script[n] (SIM_NEVER beyond the end), and records when it was stepped. */
struct scripted {
    struct sim_component base;
    sim_cycle script[SCRIPT_MAX];
    sim_cycle stepped[SCRIPT_MAX];
    uint32_t steps;
    struct number_link *send; /* an item in every step */
    struct number_link *take;
    uint64_t taken;
    sim_cycle settled;
    bool broken;
};

static uint32_t order[4096]; /* ids in the order of all steps */
static uint32_t ordered;

static sim_cycle scripted_step(void *self, sim_cycle now) {
    struct scripted *s = self;
    if (ordered < 4096)
        order[ordered++] = s->base.id;
    if (s->steps < SCRIPT_MAX)
        s->stepped[s->steps] = now;
    if (s->take != NULL)
        for (; number_link_peek(s->take, now) != NULL; number_link_take(s->take))
            s->taken++;
    if (s->send != NULL)
        number_link_send(s->send, now, now);
    s->steps++;
    return s->steps <= SCRIPT_MAX ? s->script[s->steps - 1] : SIM_NEVER;
}

static void scripted_settle(void *self, sim_cycle now) { ((struct scripted *)self)->settled = now; }

static void scripted_explain(const void *self, sim_cycle now, FILE *out) {
    const struct scripted *s = self;
    fprintf(out, "%s waits at %d\n", s->base.path, (int)now);
}

static bool scripted_audit(const void *self, sim_cycle now, struct sim_err *err) {
    const struct scripted *s = self;
    return !s->broken || sim_err_add(err, SIM_EXIT_STOPPED, NULL, "%s: broken at %d", s->base.path, (int)now);
}

static const struct sim_event events[] = {{"tick", "a step"}};
static const struct sim_type scripted_type = {
    .name = "test.scripted",
    .help = "Plays a script.",
    .events = events,
    .event_count = 1,
    .step = scripted_step,
    .settle = scripted_settle,
    .explain = scripted_explain,
    .audit = scripted_audit,
};

static struct sim_arena arena;
static struct sim_kernel kernel;

static void set_up(void) {
    sim_arena_init(&arena);
    ordered = 0;
}

static void tear_down(void) { sim_arena_release(&arena); }

static void init(enum sim_order order_, sim_cycle watchdog) {
    struct sim_kernel_spec spec = {.order = order_, .seed = 1, .watchdog = watchdog};
    sim_kernel_init(&kernel, &spec, &arena);
}

static struct scripted *add(const char *path) {
    struct scripted *s = SIM_NEW(&arena, struct scripted);
    for (int i = 0; i < SCRIPT_MAX; i++)
        s->script[i] = SIM_NEVER;
    uint32_t id = sim_kernel_add(&kernel, &s->base, &scripted_type, path);
    ck_assert_uint_eq(id, s->base.id);
    return s;
}

/* A component with work that never ends, so that runs end for other reasons. */
static struct scripted *add_open(const char *path) {
    struct scripted *s = add(path);
    sim_open(&s->base);
    return s;
}

static void connect(struct scripted *from, struct scripted *to, uint32_t latency) {
    struct number_link *link = SIM_NEW(&arena, struct number_link);
    number_link_init(link, latency, 300, &arena);
    sim_kernel_connect_link(&kernel, &link->base, "out", from->base.id, to->base.id);
    from->send = to->take = link;
}

/* ---- who is stepped when ------------------------------------------------------------------------- */

START_TEST(sparse_steps_who_is_due) {
    init(SIM_ORDER_SPARSE, 0);
    struct scripted *a = add_open("a"), *b = add("b");
    const sim_cycle script[] = {1, 2, 100, 355, 10000, 10001};
    memcpy(a->script, script, sizeof script);
    b->script[0] = 355;
    sim_kernel_start(&kernel);
    ck_assert_int_eq(sim_kernel_run(&kernel, 10001), SIM_STOP_TIME);
    ck_assert_uint_eq(a->steps, 6);
    ck_assert_uint_eq(a->stepped[0], 0);
    for (int i = 0; i < 5; i++)
        ck_assert_uint_eq(a->stepped[i + 1], script[i]);
    ck_assert_uint_eq(b->steps, 2);
    ck_assert_uint_eq(b->stepped[1], 355);
    ck_assert_uint_eq(kernel.steps, 8);
    ck_assert_uint_eq(kernel.now, 10001);
    sim_kernel_run(&kernel, 10002);
    ck_assert_uint_eq(a->stepped[6], 10001);
}
END_TEST

START_TEST(sparse_steps_by_ascending_id) {
    init(SIM_ORDER_SPARSE, 0);
    struct scripted *s[200];
    for (int i = 0; i < 200; i++) {
        s[i] = add_open("s");
        s[i]->script[0] = 300;
    }
    sim_kernel_start(&kernel);
    sim_kernel_run(&kernel, 301);
    ck_assert_uint_eq(ordered, 400);
    for (uint32_t i = 0; i < 400; i++)
        ck_assert_uint_eq(order[i], i % 200);
}
END_TEST

/* The wheel comes back to a slot after SIM_WHEEL_SLOTS cycles: who was due in it once is not due again. */
START_TEST(a_wake_is_for_once) {
    init(SIM_ORDER_SPARSE, 0);
    struct scripted *a = add_open("a"), *b = add("b");
    a->script[0] = 5;
    b->script[0] = 100;
    b->script[1] = 5 + SIM_WHEEL_SLOTS;
    sim_kernel_start(&kernel);
    sim_kernel_run(&kernel, 1000);
    ck_assert_uint_eq(a->steps, 2);
    ck_assert_uint_eq(b->steps, 3);
}
END_TEST

START_TEST(dense_steps_everybody_in_every_cycle) {
    init(SIM_ORDER_DENSE, 0);
    add_open("a")->script[0] = 1000;
    add("b");
    sim_kernel_start(&kernel);
    ck_assert_int_eq(sim_kernel_run(&kernel, 50), SIM_STOP_TIME);
    ck_assert_uint_eq(kernel.steps, 100);
    for (uint32_t i = 0; i < 100; i++)
        ck_assert_uint_eq(order[i], i % 2);
}
END_TEST

START_TEST(shuffled_steps_a_fresh_permutation) {
    enum { COUNT = 10, CYCLES = 200 };
    init(SIM_ORDER_SHUFFLED, 0);
    for (int i = 0; i < COUNT; i++)
        add_open("s")->script[0] = 1000;
    sim_kernel_start(&kernel);
    sim_kernel_run(&kernel, CYCLES);
    ck_assert_uint_eq(ordered, COUNT * CYCLES);
    uint32_t first[COUNT] = {0}, repeated = 0;
    for (int cycle = 0; cycle < CYCLES; cycle++) {
        const uint32_t *ids = order + cycle * COUNT;
        uint32_t seen = 0;
        for (int i = 0; i < COUNT; i++)
            seen |= 1u << ids[i];
        ck_assert_uint_eq(seen, (1u << COUNT) - 1);
        first[ids[0]]++;
        repeated += cycle > 0 && memcmp(ids, ids - COUNT, COUNT * sizeof *ids) == 0;
    }
    for (int id = 0; id < COUNT; id++)
        ck_assert_uint_gt(first[id], 5); /* expected 20 */
    ck_assert_uint_lt(repeated, 2);
}
END_TEST

START_TEST(a_link_wakes_its_reader) {
    init(SIM_ORDER_SPARSE, 0);
    struct scripted *a = add_open("a"), *b = add("b");
    connect(a, b, 255);
    a->script[0] = 3;
    sim_kernel_start(&kernel);
    sim_kernel_run(&kernel, 1000);
    ck_assert_uint_eq(b->steps, 3);
    ck_assert_uint_eq(b->stepped[1], 255);
    ck_assert_uint_eq(b->stepped[2], 258);
    ck_assert_uint_eq(b->taken, 2);
}
END_TEST

START_TEST(runs_in_pieces_are_one_run) {
    sim_cycle stepped[2][SCRIPT_MAX];
    uint32_t steps[2];
    for (int pieces = 0; pieces < 2; pieces++) {
        sim_arena_release(&arena);
        init(SIM_ORDER_SPARSE, 0);
        struct scripted *a = add_open("a"), *b = add("b");
        connect(a, b, 7);
        const sim_cycle script[] = {1, 20, 21, 400, 401, 1200, 1201, 1202, 5000};
        memcpy(a->script, script, sizeof script);
        sim_kernel_start(&kernel);
        for (sim_cycle until = 1; pieces == 1 && until <= 5000; until += until % 13 + 1) {
            ck_assert_int_eq(sim_kernel_run(&kernel, until), SIM_STOP_TIME);
            ck_assert_uint_eq(kernel.now, until);
        }
        sim_kernel_run(&kernel, 6000);
        steps[pieces] = b->steps;
        memcpy(stepped[pieces], b->stepped, sizeof b->stepped);
    }
    ck_assert_uint_eq(steps[0], steps[1]);
    ck_assert_mem_eq(stepped[0], stepped[1], sizeof stepped[0]);
}
END_TEST

/* ---- why a run ends ------------------------------------------------------------------------------ */

/* Acts by the clock, so the same under every order: due at the cycles `at`, sends in the first, finishes
 * in the last. */
struct beacon {
    struct sim_component base;
    struct number_link *send;
    sim_cycle at[3];
};

static sim_cycle beacon_step(void *self, sim_cycle now) {
    struct beacon *b = self;
    if (now == b->at[0])
        number_link_send(b->send, now, now);
    if (now == b->at[2])
        sim_finish(&b->base);
    for (int i = 0; i < 3; i++)
        if (b->at[i] > now)
            return b->at[i];
    return SIM_NEVER;
}

static const struct sim_type beacon_type = {
    .name = "test.beacon", .help = "Acts by the clock.", .step = beacon_step};

static void add_beacon(sim_cycle first, sim_cycle second, sim_cycle third) {
    struct beacon *b = SIM_NEW(&arena, struct beacon);
    *b = (struct beacon){.at = {first, second, third}, .send = SIM_NEW(&arena, struct number_link)};
    number_link_init(b->send, 1, 4, &arena);
    sim_kernel_add(&kernel, &b->base, &beacon_type, "beacon");
    sim_kernel_connect_link(&kernel, &b->send->base, "out", b->base.id, b->base.id);
    sim_open(&b->base);
}

/* Loop tests over the orders: _i is the order. */
START_TEST(a_run_finishes_with_its_work) {
    init((enum sim_order)_i, 0);
    add_beacon(1, 5, 10);
    add_beacon(2, 5, 11);
    sim_kernel_start(&kernel);
    ck_assert_int_eq(sim_kernel_run(&kernel, 1000), SIM_STOP_FINISHED);
    ck_assert_uint_eq(kernel.now, 12);
    ck_assert_int_eq(sim_kernel_run(&kernel, 2000), SIM_STOP_FINISHED);
    ck_assert_uint_eq(kernel.now, 12);
}
END_TEST

/* Sends in cycle 3, is due in 3 + 20 and 3 + 21: a watchdog of 20 lets the first pass, not the second. */
START_TEST(the_watchdog_is_exact) {
    init((enum sim_order)_i, 20);
    add_beacon(3, 23, 24);
    sim_kernel_start(&kernel);
    ck_assert_int_eq(sim_kernel_run(&kernel, 24), SIM_STOP_TIME);
    ck_assert_uint_eq(kernel.now, 24);
    ck_assert_int_eq(sim_kernel_run(&kernel, 25), SIM_STOP_STALLED);
    ck_assert_uint_eq(kernel.now, 24);
}
END_TEST

START_TEST(work_due_in_time_passes_the_watchdog) {
    init((enum sim_order)_i, 21);
    add_beacon(3, 23, 24);
    sim_kernel_start(&kernel);
    ck_assert_int_eq(sim_kernel_run(&kernel, 1000), SIM_STOP_FINISHED);
}
END_TEST

START_TEST(nothing_due_is_a_stall) {
    init((enum sim_order)_i, 0);
    add_open("a")->script[0] = SIM_NEVER;
    sim_kernel_start(&kernel);
    ck_assert_int_eq(sim_kernel_run(&kernel, 1000), SIM_STOP_STALLED);
    ck_assert_uint_eq(kernel.now, 1);
}
END_TEST

START_TEST(without_a_watchdog_waiting_is_allowed) {
    init(SIM_ORDER_SPARSE, 0);
    add_open("a")->script[0] = 1000000;
    sim_kernel_start(&kernel);
    ck_assert_int_eq(sim_kernel_run(&kernel, 1000001), SIM_STOP_TIME);
}
END_TEST

START_TEST(a_step_cannot_ask_for_the_past) {
    init(SIM_ORDER_SPARSE, 0);
    add_open("a")->script[0] = 0;
    sim_kernel_start(&kernel);
    sim_kernel_run(&kernel, 10);
}
END_TEST

/* ---- what a caller may do ------------------------------------------------------------------------ */

START_TEST(a_poke_makes_due_now) {
    init(SIM_ORDER_SPARSE, 100);
    struct scripted *a = add_open("a"), *b = add("b");
    b->script[0] = 2000;
    sim_kernel_start(&kernel);
    sim_kernel_poke(&kernel, a->base.id); /* before cycle 0: everybody is due anyway */
    ck_assert_int_eq(sim_kernel_run(&kernel, 1500), SIM_STOP_STALLED);
    kernel.now = 1500;
    sim_kernel_poke(&kernel, a->base.id);
    sim_kernel_poke(&kernel, a->base.id);
    a->script[1] = 1501;
    ck_assert_int_eq(sim_kernel_run(&kernel, 1502), SIM_STOP_TIME);
    ck_assert_uint_eq(a->steps, 3);
    ck_assert_uint_eq(a->stepped[1], 1500);
    ck_assert_uint_eq(a->stepped[2], 1501);
    sim_kernel_poke(&kernel, a->base.id);
    a->script[3] = 1950;
    a->script[4] = SIM_NEVER;
    kernel.spec.watchdog = 0;
    sim_kernel_run(&kernel, 2001);
    ck_assert_uint_eq(a->stepped[3], 1502);
    ck_assert_uint_eq(a->stepped[4], 1950);
    ck_assert_uint_eq(b->steps, 2);
    ck_assert_uint_eq(b->stepped[1], 2000);
}
END_TEST

START_TEST(settle_audit_and_explain_reach_everybody) {
    init(SIM_ORDER_SPARSE, 0);
    struct scripted *a = add_open("chip.a"), *b = add("chip.b");
    a->script[0] = 30;
    sim_kernel_start(&kernel);
    sim_kernel_run(&kernel, 17);
    sim_kernel_settle(&kernel);
    ck_assert_uint_eq(a->settled, 17);
    ck_assert_uint_eq(b->settled, 17);
    struct sim_err err;
    sim_err_init(&err);
    ck_assert(sim_kernel_audit(&kernel, &err));
    a->broken = true;
    ck_assert(!sim_kernel_audit(&kernel, &err));
    ck_assert_int_eq(err.count, 1);
    b->broken = true;
    ck_assert(!sim_kernel_audit(&kernel, &err));
    ck_assert_int_eq(err.count, 3);
    ck_assert_str_eq(err.message[2], "chip.b: broken at 17");
    ck_assert_int_eq(err.code, SIM_EXIT_STOPPED);
    sim_err_release(&err);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    sim_kernel_explain(&kernel, out);
    fclose(out);
    ck_assert_str_eq(text, "chip.a waits at 17\nchip.b waits at 17\n");
    free(text);
}
END_TEST

START_TEST(connections_are_recorded) {
    init(SIM_ORDER_SPARSE, 0);
    struct scripted *a = add_open("a"), *b = add("b");
    for (int i = 0; i < 100; i++)
        connect(a, b, 1 + (uint32_t)i);
    struct sim_wire rim;
    sim_wire_init(&rim, 8, 1, &arena);
    sim_kernel_connect_wire(&kernel, &rim, "rim", a->base.id, SIM_NOBODY);
    ck_assert_uint_eq(kernel.connections, 101);
    for (uint32_t i = 0; i < 100; i++) {
        const struct sim_connection *c = &kernel.connection[i];
        ck_assert_ptr_nonnull(c->link);
        ck_assert_ptr_null(c->wire);
        ck_assert_uint_eq(c->link->latency, 1 + i);
        ck_assert(c->from == a->base.id && c->to == b->base.id);
        ck_assert_ptr_eq(c->link->to.wheel, &kernel.wheel);
    }
    ck_assert_ptr_eq(kernel.connection[100].wire, &rim);
    ck_assert_ptr_null(rim.to.wheel);
}
END_TEST

START_TEST(nothing_is_allocated_after_the_start) {
    init(SIM_ORDER_SPARSE, 0);
    add_open("a");
    sim_kernel_start(&kernel);
    add("b");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sim/kernel/kernel");
    TCase *order_ = suite_case(suite, "order");
    tcase_add_checked_fixture(order_, set_up, tear_down);
    tcase_add_test(order_, sparse_steps_who_is_due);
    tcase_add_test(order_, sparse_steps_by_ascending_id);
    tcase_add_test(order_, a_wake_is_for_once);
    tcase_add_test(order_, dense_steps_everybody_in_every_cycle);
    tcase_add_test(order_, shuffled_steps_a_fresh_permutation);
    tcase_add_test(order_, a_link_wakes_its_reader);
    tcase_add_test(order_, runs_in_pieces_are_one_run);
    TCase *stop = suite_case(suite, "stop");
    tcase_add_checked_fixture(stop, set_up, tear_down);
    tcase_add_loop_test(stop, a_run_finishes_with_its_work, 0, SIM_ORDER_COUNT);
    tcase_add_loop_test(stop, nothing_due_is_a_stall, 0, SIM_ORDER_COUNT);
    tcase_add_loop_test(stop, the_watchdog_is_exact, 0, SIM_ORDER_COUNT);
    tcase_add_loop_test(stop, work_due_in_time_passes_the_watchdog, 0, SIM_ORDER_COUNT);
    tcase_add_test(stop, without_a_watchdog_waiting_is_allowed);
    tcase_add_test_raise_signal(stop, a_step_cannot_ask_for_the_past, SIGABRT);
    TCase *caller = suite_case(suite, "caller");
    tcase_add_checked_fixture(caller, set_up, tear_down);
    tcase_add_test(caller, a_poke_makes_due_now);
    tcase_add_test(caller, settle_audit_and_explain_reach_everybody);
    tcase_add_test(caller, connections_are_recorded);
    tcase_add_test_raise_signal(caller, nothing_is_allocated_after_the_start, SIGABRT);
    return suite_run(suite);
}

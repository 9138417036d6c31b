/* SPDX-License-Identifier: MIT
 *
 * The laws over random systems of toy hardware, and the watchdog over those that deadlock.
 */
#include "test/laws/harness.h"
#include "test/laws/toys.h"

#include <stdlib.h>
#include <string.h>

static void *build(struct sim_kernel *kernel, uint64_t seed) {
    return toy_build(kernel, seed, seed % 8 != 7);
}

static const struct law_subject toys = {
    .name = "toys",
    .build = build,
    .credits = toy_audit_credits,
    .conservation = toy_audit_conservation,
    .cycles = 6000,
    .watchdog = 3000,
};

/* ---- watchdog ------------------------------------------------------------------------------------- */

static void *build_without_patience(struct sim_kernel *kernel, uint64_t seed) {
    return toy_build(kernel, seed, false);
}

static const struct law_subject deadlocks = {
    .name = "toys without patience",
    .build = build_without_patience,
    .cycles = 1000000,
    .watchdog = 2500,
};

static char *explain(const struct sim_kernel *kernel) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    sim_kernel_explain(kernel, out);
    fclose(out);
    return text;
}

/* Every system ends; a system that stalls does so in the same cycle under every order, names exactly the
 * nodes whose first flit has nowhere to go, and has a flit to blame. */
START_TEST(every_run_ends_and_a_stall_is_explained) {
    sim_cycle end[SIM_ORDER_COUNT];
    enum sim_stop stop[SIM_ORDER_COUNT];
    for (enum sim_order order = 0; order < SIM_ORDER_COUNT; order++) {
        struct law_run run;
        law_run_open(&run, &deadlocks, (uint64_t)_i, order);
        stop[order] = sim_kernel_run(&run.kernel, deadlocks.cycles);
        end[order] = run.kernel.now;
        if (stop[order] == SIM_STOP_TIME || stop[order] != stop[0] || end[order] != end[0])
            law_fail(&run, "stops for reason %d, sparse for %d", (int)stop[order], (int)stop[0]);
        char *text = explain(&run.kernel);
        const struct toy_system *system = run.system;
        uint32_t waiting = 0;
        for (uint32_t n = 0; n < system->nodes; n++) {
            const struct toy_node *node = system->node[n];
            for (uint32_t i = 0; i < node->inputs; i++) {
                char line[100];
                snprintf(line, sizeof line, "%s: input %u waits for credits", node->base.path, i);
                waiting += node->input[i].todo != 0;
                if ((strstr(text, line) != NULL) != (node->input[i].todo != 0))
                    law_fail(&run, "'%s' is wrongly told or wrongly missing", line);
            }
        }
        if ((stop[order] == SIM_STOP_STALLED) != (waiting > 0))
            law_fail(&run, "stop %d, yet %u inputs wait", (int)stop[order], waiting);
        free(text);
        law_run_close(&run);
    }
}
END_TEST

/* The random systems are no use if they do nothing: all kinds of events, of stops, of wakes occur. */
START_TEST(the_systems_are_alive) {
    uint64_t count[TOY_NODE_EVENT_COUNT] = {0}, stops[SIM_STOP_COUNT] = {0}, far = 0, steps = 0, cycles = 0;
    for (uint64_t seed = 0; seed < 25; seed++) {
        struct law_run run;
        law_run_open(&run, seed % 2 == 0 ? &toys : &deadlocks, seed, SIM_ORDER_SPARSE);
        enum sim_stop stop = SIM_STOP_TIME;
        while (stop == SIM_STOP_TIME && run.kernel.now < 6000) {
            stop = sim_kernel_run(&run.kernel, run.kernel.now + 100);
            far += run.kernel.wheel.take_at != SIM_NEVER;
        }
        stops[stop]++;
        steps += run.kernel.steps;
        cycles += run.kernel.now * run.kernel.components;
        const struct toy_system *system = run.system;
        sim_kernel_settle(&run.kernel);
        for (uint32_t n = 0; n < system->nodes; n++)
            for (int event = 0; event < TOY_NODE_EVENT_COUNT; event++)
                count[event] += system->node[n]->base.count[event];
        law_run_close(&run);
    }
    for (int event = 0; event < TOY_NODE_EVENT_COUNT; event++)
        ck_assert_msg(count[event] > 100, "event %d occurs %d times", event, (int)count[event]);
    for (int stop = 0; stop < SIM_STOP_COUNT; stop++)
        ck_assert_msg(stops[stop] > 0, "no run stops for reason %d", stop);
    ck_assert_uint_gt(far, 100);
    ck_assert_msg(steps > cycles / 100 && steps < cycles / 2, "%d steps in %d component cycles", (int)steps,
                  (int)cycles);
}
END_TEST

int main(void) {
    Suite *suite = suite_create(toys.name);
    law_add(suite, &toys);
    TCase *watchdog = suite_case(suite, "watchdog");
    tcase_set_timeout(watchdog, 60);
    tcase_add_loop_test(watchdog, every_run_ends_and_a_stall_is_explained, 0, 40);
    tcase_add_test(watchdog, the_systems_are_alive);
    return suite_run(suite);
}

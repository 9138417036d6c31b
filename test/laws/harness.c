/* SPDX-License-Identifier: MIT
 *
 * Running a law subject: elaboration, comparison, failure messages; see harness.h. The laws themselves
 * stand in laws.c.
 */
#define _GNU_SOURCE /* program_invocation_name */
#include "test/laws/harness.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static size_t list_spans(const struct sim_arena *arena, struct law_span span[LAW_SPANS]) {
    size_t count = 0, bytes;
    const void *start;
    for (; (start = sim_arena_span(arena, count, &bytes)) != NULL; count++) {
        ck_assert_uint_lt(count, LAW_SPANS);
        span[count] = (struct law_span){.start = (unsigned char *)(uintptr_t)start, .bytes = bytes};
    }
    return count;
}

void law_run_open(struct law_run *run, const struct law_subject *subject, uint64_t seed,
                  enum sim_order order) {
    *run = (struct law_run){.subject = subject, .seed = seed};
    struct sim_kernel_spec spec = {.order = order, .seed = seed, .watchdog = subject->watchdog};
    sim_arena_init(&run->arena);
    sim_kernel_init(&run->kernel, &spec, &run->arena);
    run->system = subject->build(&run->kernel, seed);
    run->models = list_spans(&run->arena, run->model);
    for (size_t i = 0; i < run->models; i++)
        run->model_bytes += run->model[i].bytes;
    sim_kernel_start(&run->kernel);
    run->alls = list_spans(&run->arena, run->all);
}

void law_run_close(struct law_run *run) { sim_arena_release(&run->arena); }

bool law_run_resume(struct law_run *run, enum sim_stop stop) {
    return stop == SIM_STOP_FINISHED && run->subject->resume != NULL &&
           run->subject->resume(run->system, &run->kernel);
}

enum sim_stop law_run_until(struct law_run *run, sim_cycle until) {
    enum sim_stop stop;
    do
        stop = sim_kernel_run(&run->kernel, until);
    while (law_run_resume(run, stop));
    return stop;
}

void law_run_settle(struct law_run *run) {
    sim_kernel_settle(&run->kernel);
    if (run->subject->tidy != NULL)
        run->subject->tidy(&run->kernel);
}

/* A word that points into the run's memory, as an offset with the number of its region. */
static uint64_t relocate(const struct law_run *run, uint64_t word) {
    for (size_t i = 0; i < run->alls; i++)
        if (word - (uintptr_t)run->all[i].start <= run->all[i].bytes)
            return ((i + 1) << 56) ^ (word - (uintptr_t)run->all[i].start);
    if (word - (uintptr_t)&run->arena < sizeof run->arena)
        return (UINT64_C(254) << 56) ^ (word - (uintptr_t)&run->arena);
    if (word - (uintptr_t)&run->kernel < sizeof run->kernel)
        return (UINT64_C(255) << 56) ^ (word - (uintptr_t)&run->kernel);
    return word;
}

size_t law_runs_differ(const struct law_run *a, const struct law_run *b) {
    size_t base = 0;
    for (size_t i = 0; i < a->models; base += a->model[i++].bytes) {
        if (a->models != b->models || a->model[i].bytes != b->model[i].bytes)
            return base;
        for (size_t byte = 0; byte < a->model[i].bytes; byte += 8) {
            uint64_t in_a, in_b;
            memcpy(&in_a, a->model[i].start + byte, 8);
            memcpy(&in_b, b->model[i].start + byte, 8);
            if (in_a != in_b && relocate(a, in_a) != relocate(b, in_b))
                return base + byte;
        }
    }
    return SIZE_MAX;
}

_Noreturn void law_fail(const struct law_run *run, const char *format, ...) {
    char text[600];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    ck_abort_msg("%s: seed %llu, cycle %llu: %s; repeat: LAW_SEED=%llu %s", run->subject->name,
                 (unsigned long long)run->seed, (unsigned long long)run->kernel.now, text,
                 (unsigned long long)run->seed, program_invocation_name);
    abort();
}

int law_main(const struct law_subject *subject) {
    Suite *suite = suite_create(subject->name);
    law_add(suite, subject);
    return suite_run(suite);
}

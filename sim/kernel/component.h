/* SPDX-License-Identifier: MIT
 *
 * Components step; wires remember.
 *
 * A component is a piece of clocked hardware: a constant type, an immutable spec, a plain-data state
 * whose first member is `struct sim_component`, and one function
 *
 *     sim_cycle step(void *self, sim_cycle now)
 *
 * called at most once for each cycle. It reads what its input links show at `now`, changes its own
 * state from "visible at now" to "visible at now + 1", writes its output links (visible at
 * now + latency, latency >= 1), and returns the next cycle at which it wants to run, or SIM_NEVER.
 * A write to a link wakes the reader. Therefore
 *
 *   L1  a step touches itself, its own link ends and its own counters, nothing else;
 *   L2  the order of the steps inside a cycle cannot matter;
 *   L3  a step with nothing due changes nothing: what elapses by the mere passing of time (leakage, a
 *       running counter) is computed from the cycle numbers when somebody looks (`settle`).
 *
 * Counters are unsigned integers, one for each event of the type; energy is count x unit energy.
 */
#ifndef SIM_KERNEL_COMPONENT_H
#define SIM_KERNEL_COMPONENT_H

#include "sim/base/types.h"
#include "sim/kernel/wheel.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sim_err;
struct sim_log;

/* One kind of event. The energy key in configs/tech is "<type name>.<event name>". */
struct sim_event {
    const char *name, *help;
};

/* A row of a type's events from its list, an X-macro of (name, help) or of (NAME, name, help):
 *     static const struct sim_event events[] = {NOC_LINE_EVENTS(SIM_EVENT_ROW)}; */
#define SIM_EVENT_ROW(name, help) {#name, help},
#define SIM_EVENT_NAMED_ROW(NAME, name, help) {#name, help},

#define SIM_FETCH_STAGES 3u

struct sim_type {
    const char *name; /* "arch.shenjing_tile" */
    const char *help; /* one sentence */
    const struct sim_event *events;
    uint32_t event_count;
    bool part; /* takes no steps: a part of another component, which alone writes its counters (law L1) */
    sim_cycle (*step)(void *self, sim_cycle now);
    /* Begins to load into the caches what the step at `now` will use: stage 0 what the state itself points
     * to, each later one what the one before has loaded the pointers to. A hint, for chips that are larger
     * than the caches; it changes nothing, and the step may not come. NULL: nothing but the beginning of the
     * state. */
    void (*fetch)(const void *self, sim_cycle now, uint32_t stage);
    /* Brings the counters to what has happened before `now` (exclusive). Changes no visible state, may be
     * called at any time between cycles, with any `now` not before the last step. NULL: always settled. */
    void (*settle)(void *self, sim_cycle now);
    /* Says in one line what the component waits for, for the watchdog's report. NULL: nothing to say. */
    void (*explain)(const void *self, sim_cycle now, FILE *out);
    /* Checks the invariants (credits, conservation) between cycles; false and a message on a fault. */
    bool (*audit)(const void *self, sim_cycle now, struct sim_err *err);
};

/* First member of every model's state; filled by the kernel when the component is added. */
struct sim_component {
    const struct sim_type *type;
    const char *path; /* "chip.tile[0][1]" */
    uint32_t id;
    uint64_t *count;         /* [event] */
    struct sim_wheel *wheel; /* for wakes and for sim_open / sim_finish */
    struct sim_log *log;     /* event log, or NULL */
};

/* The event logger's slow path: sim/kernel/log.h. */
void sim_log_event(struct sim_log *log, sim_cycle cycle, uint32_t component, uint32_t event,
                   uint64_t count, uint64_t latency);

/* Counts `n` occurrences of `event` in cycle `now`, each taking `latency` cycles. */
static inline void sim_count(struct sim_component *component, uint32_t event, uint64_t n,
                             sim_cycle now, uint64_t latency) {
    component->count[event] += n;
    if (__builtin_expect(component->log != NULL, 0) && n != 0)
        sim_log_event(component->log, now, component->id, event, n, latency);
}

/* Work that the run must wait for: a component opens when it gets work and finishes when it is done.
 * The sum over the components is all that counts, so the order of calls does not matter. */
static inline void sim_open(struct sim_component *component) { component->wheel->open++; }
static inline void sim_finish(struct sim_component *component) {
    assert(component->wheel->open > 0);
    component->wheel->open--;
}

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * The laws of nocsim as tests over random systems of any hardware.
 *
 * A subject elaborates a random system from a seed. The harness needs nothing else to know about it: all
 * state of a chip lives in its arena, so the harness compares memory.
 *
 *   L1 isolation     every byte of the arena has at most one writer, from the first cycle to the last
 *   L2 order-free    dense, shuffled(1), shuffled(2) ... leave the same bytes
 *   L3 idle          sparse and dense leave the same bytes; a step with nothing due leaves every byte alone
 *   L4 credits       the subject's audit, between cycles, under every order
 *   L5 conservation  the same
 *   L7 replay        two elaborations at different addresses, in one run or in pieces, settled in between or
 *                    not, have the same memory (pointers count as offsets); the run databases of all orders
 *                    have the same content hash
 *   L8 energy        counts never fall; prices times the counts of windows add up to prices times the counts
 *                    of the whole, in integers; the run database says the same, in total and event by event
 *
 * A failure names the law (the Check test case), the seed, the component, the cycle, and the command that
 * repeats just this seed. The environment sets the seeds: LAW_SEED=7 (only this), LAW_SEEDS=100 (0 .. 99).
 *
 * Models must not leave padding bytes undefined where they copy structs into links: give items explicit
 * padding, or L2 will say so.
 */
#ifndef TEST_LAWS_HARNESS_H
#define TEST_LAWS_HARNESS_H

#include "sim/base/err.h"
#include "sim/kernel/kernel.h"
#include "test/suite.h"

struct law_subject {
    const char *name; /* "toys" */
    /* Adds and connects the components of the random system `seed`; the harness starts the kernel. Allocates
     * from kernel->arena only. Returns what the audits need (in the arena), or NULL. */
    void *(*build)(struct sim_kernel *kernel, uint64_t seed);
    /* Audits of the whole system between cycles; false and messages on a fault. NULL: only the components'
     * own audits are made. */
    bool (*credits)(const void *system, const struct sim_kernel *kernel, struct sim_err *err);
    bool (*conservation)(const void *system, const struct sim_kernel *kernel, struct sim_err *err);
    /* When no work is left: hands out what comes next (a chip's next token window) and says so. It may write
     * anybody's memory: no step runs then. NULL: nothing does. */
    bool (*resume)(void *system, struct sim_kernel *kernel);
    sim_cycle cycles;   /* length of a run; the laws that look at memory after every step take a quarter */
    sim_cycle watchdog; /* 0 = off */
    /* The two ends of a connection may write the same bytes (FIFO slots that the sender fills and the
     * receiver frees): L1 then allows a byte two writers if a connection joins them. */
    bool shared_ends;
    /* A step with nothing due may catch up private work that it would otherwise do later (a sweep over a
     * memory): L3 then looks at connections and open work only after such a step, and at every byte after
     * settling at the end. */
    bool lazy;
    /* Zeroes memory that is scratch between steps, wherever memory is compared. NULL: there is none. */
    void (*tidy)(struct sim_kernel *kernel);
};

/* Adds one test case for each law to `suite`. One subject for each program. */
void law_add(Suite *suite, const struct law_subject *subject);

/* A main program: a suite of the laws of one subject. */
int law_main(const struct law_subject *subject);

/* ---- for further tests ---------------------------------------------------------------------------- */

struct law_span {
    unsigned char *start;
    size_t bytes;
};

#define LAW_SPANS 64

/* A built and started system. */
struct law_run {
    const struct law_subject *subject;
    uint64_t seed;
    struct sim_arena arena;
    struct sim_kernel kernel;
    void *system;
    struct law_span model[LAW_SPANS]; /* what elaboration allocated */
    struct law_span all[LAW_SPANS];   /* and the kernel's own tables */
    size_t models, alls, model_bytes;
};

void law_run_open(struct law_run *run, const struct law_subject *subject, uint64_t seed,
                  enum sim_order order);
void law_run_close(struct law_run *run);

/* Runs to cycle `until`, resuming what the subject resumes. */
enum sim_stop law_run_until(struct law_run *run, sim_cycle until);

/* When work has ended: whether the subject goes on. */
bool law_run_resume(struct law_run *run, enum sim_stop stop);

/* Settles and tidies: the memory can be compared. */
void law_run_settle(struct law_run *run);

/* Index of the first byte in which the memory of two elaborations of one system differs, SIZE_MAX if none:
 * pointers into the own memory count as what they point at, so the addresses do not matter. */
size_t law_runs_differ(const struct law_run *a, const struct law_run *b);

/* Fails the test with a message and the line that repeats it. */
_Noreturn void law_fail(const struct law_run *run, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif

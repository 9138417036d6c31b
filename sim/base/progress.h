/* SPDX-License-Identifier: MIT
 *
 * Progress of a long run on a terminal: one line on stderr, rewritten at most five times a second.
 *
 *     samples 412/1000 (41 %), 205 /s, 3 s left
 *
 * Prints nothing at all when stderr is not a terminal (or when `quiet` was set). Wall-clock time is
 * used for this line only: it never reaches the simulation.
 */
#ifndef SIM_BASE_PROGRESS_H
#define SIM_BASE_PROGRESS_H

#include "sim/base/types.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sim_progress {
    FILE *out;          /* NULL: silent */
    const char *what;   /* plural noun: "samples" */
    uint64_t total;     /* 0: unknown */
    uint64_t start_ns;  /* monotonic clock */
    uint64_t shown_ns;  /* of the last update */
    int width;          /* columns of the line now on the screen */
};

/* Shows on stderr if it is a terminal. `what` must outlive the progress. */
void sim_progress_init(struct sim_progress *progress, uint64_t total, const char *what);

/* Never shows anything (--quiet). */
void sim_progress_quiet(struct sim_progress *progress);

/* Goes on with another part of the work, whose rate and time left are its own; the same part (the same
 * pointer `what`) may get another total. */
void sim_progress_part(struct sim_progress *progress, uint64_t total, const char *what);

/* `done` of `total` are done. Cheap enough to call for every sample. */
void sim_progress_tick(struct sim_progress *progress, uint64_t done);

/* Clears the line. */
void sim_progress_finish(struct sim_progress *progress);

/* The line for a given state, without the carriage return; for tests and for tick. Returns the length. */
int sim_progress_format(char *buffer, size_t size, const char *what, uint64_t done, uint64_t total,
                        double seconds);

#ifdef __cplusplus
}
#endif

#endif

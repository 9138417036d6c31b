/* SPDX-License-Identifier: MIT
 *
 * A file that appears whole or not at all: it is written as `NAME.partial-PID` beside its target and
 * renamed when complete.
 *
 * A writer holds a lock (flock) on its partial file, which the system drops when the process dies,
 * however it dies: a partial file nobody holds is garbage, and the next writer of the same name removes
 * it. Process numbers only make the names differ; they are never asked whether they live, so
 * containers that share a folder do not harm each other.
 */
#ifndef SIM_BASE_PARTIAL_H
#define SIM_BASE_PARTIAL_H

#include "sim/base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Invariant: fd >= 0 exactly while the partial file exists and is ours. */
struct sim_partial {
    char *target, *path;
    int fd;
    bool force;
};

/* Removes partial files that nobody holds and creates an empty one. False and a message when the target
 * exists (without force), is no regular file, or cannot be created. */
bool sim_partial_open(struct sim_partial *partial, const char *target, bool force, struct sim_err *err);

/* Brings the content to the disk and gives it its name; without force a target that has appeared
 * meanwhile stays and is an error. On failure nothing is left. */
bool sim_partial_complete(struct sim_partial *partial, struct sim_err *err);

/* Removes the partial file, if any, and releases. Must follow every successful open. */
void sim_partial_release(struct sim_partial *partial);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * A file that appears whole or not at all: it is written as `NAME.nocsim-partial` beside its target and
 * renamed when complete.
 *
 * A writer holds a lock (flock) on its partial file, which the system drops when the process dies,
 * however it dies. So a second writer of the same name is refused before it has done any work, and what a
 * dead one has left is garbage, which the next one begins anew. Nobody asks for process numbers: containers
 * that share a folder do not harm each other.
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

/* From now on a limit on the size of files is an error of the write, like a full disk, and not the end of the
 * process. */
void sim_partial_survive_limits(void);

/* Takes the partial file, empty. False and a message when another writer holds it, and when the target exists
 * (without force), is no regular file, or cannot be created. Begins with sim_partial_survive_limits. */
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

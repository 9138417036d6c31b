/* SPDX-License-Identifier: MIT
 *
 * User errors: a list of located messages, collected until it is worth giving up.
 *
 * A function that judges user input takes a `struct sim_err *` as its last parameter, adds one
 * message for each fault it finds, and goes on as long as that is useful. Bugs are not user
 * errors: they are assertions. Messages name the place (file:line:column), the thing, the fault
 * and, where one is near, a suggestion:
 *
 *     configs/mesh8.yaml:3:3: noc.router: unknown key 'bufer_depth' (did you mean 'buffer_depth'?)
 */
#ifndef SIM_BASE_ERR_H
#define SIM_BASE_ERR_H

#include "sim/base/types.h"

#include <stdarg.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SIM_ERR_MAX 20 /* messages kept; further ones are only counted */

/* A place in a file. line and column count from 1; 0 means unknown and is not printed.
 * file may be NULL (no place). The string must outlive the message's creation only. */
struct sim_where {
    const char *file;
    int line, column;
};

/* Invariant: code is SIM_EXIT_OK exactly when count == 0; it is the code of the first message. */
struct sim_err {
    enum sim_exit code;
    int count;   /* messages kept */
    int dropped; /* messages beyond SIM_ERR_MAX */
    char *message[SIM_ERR_MAX];
};

void sim_err_init(struct sim_err *err);
void sim_err_release(struct sim_err *err);

/* Adds one message, prefixed by the place when there is one; control characters, which only hostile
 * input brings, become '?', so that a message is one line and cannot steer a terminal. Always returns
 * false, so that a checking function can end with `return sim_err_add(...)`. */
bool sim_err_add(struct sim_err *err, enum sim_exit code, const struct sim_where *where,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* True when the list is full: the caller should stop looking for more faults. */
bool sim_err_full(const struct sim_err *err);

/* Prints every message on a line of its own ("nocsim: ..."), and how many were dropped. */
void sim_err_print(const struct sim_err *err, FILE *out);

/* The candidate nearest to `word` in restricted Damerau-Levenshtein distance, or NULL when none lies
 * within a third of the word's length (one edit for words of two to five letters). The first of equals.
 * For "did you mean" suggestions. */
const char *sim_err_nearest(const char *word, const char *const *candidates, size_t count);

#define SIM_SUGGEST_SIZE 256

/* The end of a message: " (did you mean 'NEAREST'?)", or "" where nearest is NULL. Returns buffer. */
const char *sim_err_suggest(char buffer[SIM_SUGGEST_SIZE], const char *nearest);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * The database of a sweep: one row a point, kept at every moment so that a killed sweep goes on where it was.
 * Tables: sim/sweep/sweep.sql.
 *
 * Unlike a run's database it carries its final name from the start. A point is in it or not: rows are
 * committed at least every quarter of a second, and immediately when points are rarer. While a sweep runs it
 * holds a lock (flock); others may read.
 */
#ifndef SIM_SWEEP_DB_H
#define SIM_SWEEP_DB_H

#include "sim/sweep/sweep.h"

#include <jansson.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SIM_SWEEP_PARTS 4

/* What decides whether two databases hold points of the same sweep. */
struct sim_sweep_identity {
    struct {
        const char *name; /* "description", "arch", "trace", "program" */
        char digest[SIM_SWEEP_HASH_SIZE];
    } part[SIM_SWEEP_PARTS];
};

enum sim_sweep_state { SIM_SWEEP_OPEN, SIM_SWEEP_DONE, SIM_SWEEP_FAILED, SIM_SWEEP_STATE_COUNT };

struct sim_sweep_outcome {
    uint32_t candidate;
    bool done;
    int exit_code;     /* -1: none */
    const char *error; /* NULL: none */
    double wall_s;
    json_t *summary; /* an object; NULL: none */
};

struct sqlite3;

struct sim_sweep_db {
    struct sqlite3 *database;
    struct sqlite3_stmt *insert;
    const struct sim_sweep *sweep; /* NULL: only read */
    char *path;
    json_t *key;                           /* names of summary keys known */
    uint8_t *state;                        /* [candidates] enum sim_sweep_state */
    uint64_t count[SIM_SWEEP_STATE_COUNT]; /* of the points */
    uint64_t committed_ns;
    bool pending;
    int lock;
};

/* Creates the database, or opens the one of an earlier run of the same sweep. An existing database of another
 * sweep is an error, or replaced with `force`; any other file is an error. */
bool sim_sweep_db_open(struct sim_sweep_db *db, const char *path, const struct sim_sweep *sweep,
                       const struct sim_sweep_identity *identity, bool force, struct sim_err *err);

/* Commits and closes. */
void sim_sweep_db_close(struct sim_sweep_db *db);

/* Records one point; replaces what was recorded of it before. */
bool sim_sweep_db_put(struct sim_sweep_db *db, const struct sim_sweep_outcome *outcome, struct sim_err *err);

/* Commits what is pending. */
bool sim_sweep_db_commit(struct sim_sweep_db *db, struct sim_err *err);

/* Judges the objectives by the keys of the summaries known so far. */
bool sim_sweep_db_check_objectives(struct sim_sweep_db *db, struct sim_err *err);

/* Makes view result, table score and view pareto. */
bool sim_sweep_db_finish(struct sim_sweep_db *db, struct sim_err *err);

/* Copies all points of the sweep databases `in` into a new one, done before failed, and finishes it. points:
 * of the whole sweep, as counted when it began. */
struct sim_sweep_merge {
    const char *out;
    char *const *in;
    int count;
    bool force;
    uint64_t points, done, failed;
};
bool sim_sweep_db_merge(struct sim_sweep_merge *merge, struct sim_err *err);

/* The rows on the front of `rows` objective vectors value[rows][objectives] (lower is better): front[rows].
 */
void sim_sweep_front(const double *value, uint64_t rows, uint32_t objectives, bool *front);

#ifdef __cplusplus
}
#endif

#endif

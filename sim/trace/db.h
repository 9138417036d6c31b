/* SPDX-License-Identifier: MIT
 *
 * The door through which a stranger's trace comes in: an SQLite connection that cannot harm.
 *
 *   before SQLite sees it   a regular file, SQLite's magic, our application id and version, no
 *                           write-ahead log, not shorter than its header says
 *   the connection          read-only, immutable (no locks, no journals), defensive, untrusted schema,
 *                           no triggers, views, extensions; limits on lengths, columns, depth, program
 *                           size; no memory map; page cells checked
 *   the schema              each table of the format is a plain table with its key and plain columns
 *   the statements          an authorizer allows nothing but reading columns; rows come in the order of
 *                           the keys (no sorting, no counting, which damaged pages can make endless);
 *                           blobs together are not longer than the file; a deadline ends every read
 *
 * Private to sim/trace_*.c.
 */
#ifndef SIM_TRACE_DB_H
#define SIM_TRACE_DB_H

#include "sim/base/err.h"
#include "sim/base/types.h"

#include <sqlite3.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sim_trace_db {
    sqlite3 *sqlite;
    const char *path;     /* the caller's string */
    uint64_t bytes;       /* size of the file */
    uint64_t deadline_ns; /* of the reads under way, monotonic clock */
    int seconds;          /* that they were given */
    bool generates;       /* there is a table of generators */
};

/* Opens the file and checks its schema, and gives the reads that follow their time. False with messages on a
 * fault, and nothing to close. */
bool sim_trace_db_open(struct sim_trace_db *db, const char *path, struct sim_err *err);
void sim_trace_db_close(struct sim_trace_db *db);

/* Gives the reads that follow SIM_TRACE_SECONDS_MAX, from now on. */
void sim_trace_db_arm(struct sim_trace_db *db);

/* NULL with a message on a fault. */
sqlite3_stmt *sim_trace_db_prepare(struct sim_trace_db *db, const char *sql, struct sim_err *err);

enum sim_trace_step {
    SIM_TRACE_STEP_ROW,
    SIM_TRACE_STEP_DONE,
    SIM_TRACE_STEP_FAULT, /* with a message: the file is damaged, unreadable or too slow */
    SIM_TRACE_STEP_COUNT
};

/* One sqlite3_step. The format names what is read ("spike(sample %llu)"). */
enum sim_trace_step sim_trace_db_step(struct sim_trace_db *db, sqlite3_stmt *statement,
                                      struct sim_err *err, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* A message of code SIM_EXIT_CONFIG about this file; returns false. */
bool sim_trace_db_fault(const struct sim_trace_db *db, struct sim_err *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Checks the tables (sim/trace/schema.c). Called by sim_trace_db_open. */
bool sim_trace_schema_check(struct sim_trace_db *db, struct sim_err *err);

/* "INTEGER", "REAL", "TEXT", "BLOB" or "NULL": the type of a column of the current row. */
const char *sim_trace_db_type(sqlite3_stmt *statement, int column);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * A run database being written: SQLite without journal or index, in one transaction, its writer thread,
 * and the first fault, after which nothing is written any more. The file is the caller's
 * (sim/base/partial.h).
 */
#ifndef SIM_BASE_STORE_H
#define SIM_BASE_STORE_H

#include "sim/base/rows.h"
#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SIM_STORE_FAULT_BYTES 256

/* Invariant: rows is NULL when database is NULL. A zeroed store stores nothing. */
struct sim_store {
    struct sqlite3 *database;
    struct sim_rows *rows;
    bool failed;
    char fault[SIM_STORE_FAULT_BYTES]; /* in SQLite's words */
};

/* Opens the empty file, makes the tables, begins the transaction, starts the writer. False on a fault. */
bool sim_store_open(struct sim_store *store, const char *path);

/* One statement and its values: t text (const char *, NULL allowed), i int64_t (SIM_ROWS_NULL allowed), r
 * double (NaN is NULL). Waits for the rows that are on their way. */
void sim_store_put(struct sim_store *store, const char *sql, const char *types, ...);

/* True once something could not be written. */
bool sim_store_failed(const struct sim_store *store);

/* Ends the writer with everything written; its blocks must be released before. */
void sim_store_end_rows(struct sim_store *store);

/* Adds indexes and views, and ends the transaction. */
void sim_store_complete(struct sim_store *store);

/* Closes the database. */
void sim_store_close(struct sim_store *store);

#ifdef __cplusplus
}
#endif

#endif

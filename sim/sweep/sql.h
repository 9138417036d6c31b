/* SPDX-License-Identifier: MIT
 *
 * Inside of the sweep database: what its files share.
 */
#ifndef SIM_SWEEP_SQL_H
#define SIM_SWEEP_SQL_H

#include "sim/sweep/db.h"

#ifdef __cplusplus
extern "C" {
#endif

extern const char sim_sweep_sql[]; /* sim/sweep/sweep.sql */

/* Opens a database as it is, with an empty list of keys. locked: no other sweep may have it, and the file is
 * made when it is missing. To be closed also after a failure. */
bool sim_sweep_db_connect(struct sim_sweep_db *db, const char *path, bool locked, struct sim_err *err);

/* True when it is the database of a sweep of this version. */
bool sim_sweep_db_is_sweep(const struct sim_sweep_db *db, struct sim_err *err);

/* Fills db->key from the database. */
bool sim_sweep_db_read_keys(struct sim_sweep_db *db, struct sim_err *err);

/* Runs SQL that gives no rows. */
bool sim_sweep_db_run(const struct sim_sweep_db *db, const char *sql, struct sim_err *err);

/* Adds the message of the last failed call. Always false. */
bool sim_sweep_db_fault(const struct sim_sweep_db *db, struct sim_err *err);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * Reading a run database, which may come from a stranger.
 *
 * It is opened read-only and immutable, with SQLite's defensive settings, and accepted only when each of
 * its tables is defined word for word as sim/record/schema.sql defines it. Its own views, triggers and
 * indexes on expressions are never run: readers see the views of sim/record/schema.sql as temporary ones. A
 * broken page is found when it is read.
 */
#ifndef SIM_RECORD_RUNDB_H
#define SIM_RECORD_RUNDB_H

#include "sim/base/err.h"
#include "sim/record/energy.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sqlite3;

/* NULL and a message: SIM_EXIT_IO when the file cannot be read, SIM_EXIT_CONFIG when it is no whole run
 * database of this version. Close with sqlite3_close. */
struct sqlite3 *sim_rundb_open(const char *path, struct sim_err *err);

/* Adds the message of the last failed call on the database. Always false. */
bool sim_rundb_fault(struct sqlite3 *database, const char *path, struct sim_err *err);

/* Prices the run again, for the views of this connection only. point: voltage_v and clock_hz of 0 stand for
 * those of the run, where the nominal voltage of the run's technology stands for that of the new one;
 * parameters are the run's. */
bool sim_rundb_reprice(struct sqlite3 *database, const char *path, const struct sim_energy *energy,
                       const struct sim_energy_point *point, struct sim_err *err);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * SQL that the program carries: the files sim/NAME.sql, turned into arrays by the build
 * (scripts/schema.mk).
 */
#ifndef SIM_BASE_SQL_H
#define SIM_BASE_SQL_H

#ifdef __cplusplus
extern "C" {
#endif

extern const char sim_schema_sql[];
extern const char sim_queries_sql[];

/* The parts of the schema, in their order; each is SQL of its own. */
#define SIM_SQL_TABLES "-- ==== tables"
#define SIM_SQL_INDEXES "-- ==== indexes"
#define SIM_SQL_VIEWS "-- ==== views"

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * The documented example queries of sim/record/queries.sql, by name.
 */
#ifndef SIM_RECORD_QUERIES_H
#define SIM_RECORD_QUERIES_H

#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_query {
    char *name;
    char *help; /* its comment, on one line */
    char *sql;
};

struct sim_queries {
    struct sim_query *query; /* in the order of the file */
    uint32_t count;
};

void sim_queries_init(struct sim_queries *queries);
void sim_queries_release(struct sim_queries *queries);

/* The query of that name, or NULL. */
const struct sim_query *sim_queries_find(const struct sim_queries *queries, const char *name);

#ifdef __cplusplus
}
#endif

#endif

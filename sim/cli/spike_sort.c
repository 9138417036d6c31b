/* SPDX-License-Identifier: MIT
 *
 * Sorting spikes out of memory; see spike_sort.h.
 */
#include "sim/cli/spike_sort.h"

#include <sqlite3.h>
#include <stdlib.h>

struct cli_spike_sort {
    sqlite3 *sqlite;
    sqlite3_stmt *insert, *select;
};

static bool fault(const struct cli_spike_sort *sort, struct sim_err *err) {
    return sim_err_add(err, SIM_EXIT_IO, NULL, "sorting spikes in a temporary file: %s",
                       sqlite3_errmsg(sort->sqlite));
}

struct cli_spike_sort *cli_spike_sort_new(struct sim_err *err) {
    struct cli_spike_sort *sort = calloc(1, sizeof *sort);
    if (sort == NULL) {
        sim_err_add(err, SIM_EXIT_IO, NULL, "out of memory");
        return NULL;
    }
    bool ok = sqlite3_open("", &sort->sqlite) == SQLITE_OK &&
              sqlite3_exec(sort->sqlite,
                           "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;"
                           "CREATE TABLE spike(sample INT, layer INT, timestep INT, neuron INT,"
                           " PRIMARY KEY(sample, layer, timestep, neuron)) WITHOUT ROWID; BEGIN",
                           NULL, NULL, NULL) == SQLITE_OK &&
              sqlite3_prepare_v2(sort->sqlite, "INSERT OR IGNORE INTO spike VALUES(?, ?, ?, ?)", -1,
                                 &sort->insert, NULL) == SQLITE_OK &&
              sqlite3_prepare_v2(sort->sqlite,
                                 "SELECT sample, layer, timestep, neuron FROM spike"
                                 " ORDER BY sample, layer, timestep, neuron",
                                 -1, &sort->select, NULL) == SQLITE_OK;
    if (!ok) {
        fault(sort, err);
        cli_spike_sort_free(sort);
        return NULL;
    }
    return sort;
}

void cli_spike_sort_free(struct cli_spike_sort *sort) {
    if (sort == NULL)
        return;
    sqlite3_finalize(sort->insert);
    sqlite3_finalize(sort->select);
    sqlite3_close(sort->sqlite);
    free(sort);
}

bool cli_spike_sort_add(struct cli_spike_sort *sort, const struct cli_spike *spike, bool *twice,
                        struct sim_err *err) {
    sqlite3_bind_int64(sort->insert, 1, (int64_t)spike->sample);
    sqlite3_bind_int64(sort->insert, 2, spike->layer);
    sqlite3_bind_int64(sort->insert, 3, spike->timestep);
    sqlite3_bind_int64(sort->insert, 4, spike->neuron);
    bool ok = sqlite3_step(sort->insert) == SQLITE_DONE || fault(sort, err);
    *twice = ok && sqlite3_changes(sort->sqlite) == 0;
    sqlite3_reset(sort->insert);
    return ok;
}

bool cli_spike_sort_next(struct cli_spike_sort *sort, struct cli_spike *spike, bool *end,
                         struct sim_err *err) {
    int result = sqlite3_step(sort->select);
    *end = result == SQLITE_DONE;
    if (*end)
        return true;
    if (result != SQLITE_ROW)
        return fault(sort, err);
    *spike = (struct cli_spike){.sample = (uint64_t)sqlite3_column_int64(sort->select, 0),
                                .layer = (uint32_t)sqlite3_column_int64(sort->select, 1),
                                .timestep = (uint32_t)sqlite3_column_int64(sort->select, 2),
                                .neuron = (uint32_t)sqlite3_column_int64(sort->select, 3)};
    return true;
}

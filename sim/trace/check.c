/* SPDX-License-Identifier: MIT
 *
 * Validation of every row: `nocsim trace check`. The graph was validated when the trace was opened.
 */
#include "sim/trace/reader.h"

/* Samples 0, 1, ... without gaps, each with a label in range or none. */
static bool check_samples(struct sim_trace *trace, struct sim_err *err) {
    struct sim_trace_db *db = &trace->reader->db;
    sqlite3_stmt *row =
        sim_trace_db_prepare(db, "SELECT sample, label FROM main.sample ORDER BY sample", err);
    if (row == NULL)
        return false;
    bool ok = true;
    int64_t next = 0;
    sim_trace_db_arm(db);
    enum sim_trace_step step = SIM_TRACE_STEP_DONE;
    while (!sim_err_full(err) && (step = sim_trace_db_step(db, row, err, "sample(%lld)", (long long)next)) ==
                                     SIM_TRACE_STEP_ROW) {
        char what[64];
        int64_t sample, label;
        snprintf(what, sizeof what, "sample(%lld)", (long long)sqlite3_column_int64(row, 0));
        if (!sim_trace_integer(db, row, 0, next, (int64_t)trace->samples - 1, &sample, what, "number", err)) {
            ok = false;
            break;
        }
        if (sample > next)
            ok = sim_trace_db_fault(db, err, "%s: samples are numbered 0, 1, ...: %lld is missing", what,
                                    (long long)next);
        if (sqlite3_column_type(row, 1) != SQLITE_NULL &&
            !sim_trace_integer(db, row, 1, 0, sim_trace_label_max(trace), &label, what, "label", err))
            ok = false;
        next = sample + 1;
        sim_trace_db_arm(db);
    }
    sqlite3_finalize(row);
    return ok && step != SIM_TRACE_STEP_FAULT;
}

static bool accept(void *user, const struct sim_trace_row *row) {
    (void)user, (void)row;
    return true;
}

bool sim_trace_check(struct sim_trace *trace, struct sim_err *err) {
    bool samples = check_samples(trace, err);
    bool spikes = sim_trace_walk(trace, 0, UINT64_MAX, SIM_TRACE_EVERY_RECORDED, accept, NULL, err);
    return samples && spikes;
}

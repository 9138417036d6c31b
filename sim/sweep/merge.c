/* SPDX-License-Identifier: MIT
 *
 * Merging the databases of a sweep's shards; see db.h. Done points of all inputs go first, then failed
 * ones where nothing stands yet. The inputs may overlap.
 */
#include "sim/sweep/db.h"

#include "sim/base/heap.h"
#include "sim/base/partial.h"
#include "sim/sweep/sql.h"

#include <ctype.h>
#include <sqlite3.h>
#include <string.h>

/* Runs `from` on one database and gives each of its rows to `to` on the other. */
static bool copy_rows(const struct sim_sweep_db *source, const char *from, const struct sim_sweep_db *target,
                      const char *to, struct sim_err *err) {
    sqlite3_stmt *read = NULL, *write = NULL;
    if (sqlite3_prepare_v2(source->database, from, -1, &read, NULL) != SQLITE_OK)
        return sim_sweep_db_fault(source, err);
    bool good = sqlite3_prepare_v2(target->database, to, -1, &write, NULL) == SQLITE_OK ||
                sim_sweep_db_fault(target, err);
    int code = SQLITE_DONE;
    while (good && (code = sqlite3_step(read)) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(read); i++)
            sqlite3_bind_value(write, i + 1, sqlite3_column_value(read, i));
        good = sqlite3_step(write) == SQLITE_DONE || sim_sweep_db_fault(target, err);
        sqlite3_reset(write);
    }
    if (good && code != SQLITE_DONE)
        good = sim_sweep_db_fault(source, err);
    sqlite3_finalize(read);
    sqlite3_finalize(write);
    return good;
}

/* "name, name, ..." of the axes, quoted, each after a comma; NULL when one is no name of an axis. */
static char *axis_list(const struct sim_sweep_db *db, uint32_t *count) {
    char *text = NULL;
    size_t size = 0;
    sqlite3_stmt *row = NULL;
    FILE *out = sim_heap_must(open_memstream(&text, &size));
    bool good =
        sqlite3_prepare_v2(db->database, "SELECT name FROM axis ORDER BY id", -1, &row, NULL) == SQLITE_OK;
    *count = 0;
    while (good && sqlite3_step(row) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(row, 0);
        good = name != NULL && name[0] != '\0' && ++*count <= SIM_SWEEP_AXES_MAX;
        for (const char *c = name; good && *c != '\0'; c++)
            good = isalnum((unsigned char)*c) || *c == '_';
        if (good)
            fprintf(out, ", \"%s\"", name);
    }
    sqlite3_finalize(row);
    fclose(out);
    if (good)
        return sim_heap_must(text);
    free(text);
    return NULL;
}

/* The same tables as `source`, without points. */
static bool copy_frame(const struct sim_sweep_db *source, const struct sim_sweep_db *target, const char *axes,
                       struct sim_err *err) {
    bool good = sim_sweep_db_run(target, "PRAGMA synchronous = OFF; BEGIN", err) &&
                sim_sweep_db_run(target, sim_sweep_sql, err);
    char *list = sim_heap_must(strdup(axes)), *rest = NULL;
    for (char *name = strtok_r(list, ", ", &rest); good && name != NULL; name = strtok_r(NULL, ", ", &rest)) {
        char sql[160];
        snprintf(sql, sizeof sql, "ALTER TABLE point ADD COLUMN %s", name);
        good = sim_sweep_db_run(target, sql, err);
    }
    free(list);
    return good &&
           copy_rows(source, "SELECT key, value FROM sweep", target, "INSERT INTO sweep VALUES(?1, ?2)",
                     err) &&
           copy_rows(source, "SELECT id, name, keys, unit, \"values\" FROM axis", target,
                     "INSERT INTO axis VALUES(?1, ?2, ?3, ?4, ?5)", err) &&
           copy_rows(source, "SELECT id, name, sense, expression FROM objective", target,
                     "INSERT INTO objective VALUES(?1, ?2, ?3, ?4)", err);
}

static bool copy_points(const struct sim_sweep_db *source, const struct sim_sweep_db *target,
                        const char *axes, uint32_t count, const char *status, struct sim_err *err) {
    char *from = NULL, *to = NULL;
    size_t size = 0;
    FILE *out = sim_heap_must(open_memstream(&from, &size));
    fprintf(out, "SELECT id, status, exit_code, error, wall_s, summary%s FROM point WHERE status = '%s'",
            axes, status);
    fclose(out);
    out = sim_heap_must(open_memstream(&to, &size));
    fprintf(out, "INSERT OR IGNORE INTO point(id, status, exit_code, error, wall_s, summary%s) VALUES(?1",
            axes);
    for (uint32_t i = 1; i < count + 6; i++)
        fprintf(out, ", ?%u", i + 1);
    fputs(")", out);
    fclose(out);
    bool good = copy_rows(source, from, target, to, err);
    free(from);
    free(to);
    return good;
}

/* Texts of the hash_* facts and the number of points, one a line. */
static char *identity(const struct sim_sweep_db *db) {
    char *text = NULL;
    size_t size = 0;
    sqlite3_stmt *row = NULL;
    FILE *out = sim_heap_must(open_memstream(&text, &size));
    if (sqlite3_prepare_v2(
            db->database,
            "SELECT key, value FROM sweep WHERE key GLOB 'hash_*' OR key = 'points' ORDER BY key", -1, &row,
            NULL) == SQLITE_OK)
        while (sqlite3_step(row) == SQLITE_ROW)
            fprintf(out, "%s %s\n", sqlite3_column_text(row, 0),
                    sqlite3_column_type(row, 1) == SQLITE_NULL ? ""
                                                               : (const char *)sqlite3_column_text(row, 1));
    sqlite3_finalize(row);
    fclose(out);
    return sim_heap_must(text);
}

static bool open_inputs(const struct sim_sweep_merge *merge, struct sim_sweep_db *in, struct sim_err *err) {
    char *first = NULL;
    bool good = true;
    for (int i = 0; i < merge->count; i++) {
        bool sound =
            sim_sweep_db_connect(&in[i], merge->in[i], false, err) && sim_sweep_db_is_sweep(&in[i], err);
        good &= sound;
        if (!sound)
            continue;
        char *here = identity(&in[i]);
        if (first != NULL && strcmp(first, here) != 0)
            good = sim_err_add(err, SIM_EXIT_CONFIG, NULL, "%s: belongs to another sweep than %s",
                               merge->in[i], merge->in[0]);
        if (first == NULL)
            first = here;
        else
            free(here);
    }
    free(first);
    return good;
}

static uint64_t number(const struct sim_sweep_db *db, const char *sql) {
    sqlite3_stmt *row = NULL;
    uint64_t value = 0;
    if (sqlite3_prepare_v2(db->database, sql, -1, &row, NULL) == SQLITE_OK && sqlite3_step(row) == SQLITE_ROW)
        value = (uint64_t)sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return value;
}

static bool fill(struct sim_sweep_merge *merge, struct sim_sweep_db *in, struct sim_sweep_db *out,
                 struct sim_err *err) {
    uint32_t axes;
    char *list = axis_list(&in[0], &axes);
    if (list == NULL)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL, "%s: its axes cannot be read", merge->in[0]);
    bool good = copy_frame(&in[0], out, list, err);
    for (int i = 0; good && i < merge->count; i++)
        good = copy_rows(&in[i], "SELECT name, path FROM summary_key ORDER BY id", out,
                         "INSERT OR IGNORE INTO summary_key(name, path) VALUES(?1, ?2)", err) &&
               copy_points(&in[i], out, list, axes, "done", err);
    for (int i = 0; good && i < merge->count; i++)
        good = copy_points(&in[i], out, list, axes, "failed", err);
    free(list);
    if (!good || !sim_sweep_db_run(out, "COMMIT", err) || !sim_sweep_db_finish(out, err))
        return false;
    merge->points = number(out, "SELECT points FROM progress");
    merge->done = number(out, "SELECT done FROM progress");
    merge->failed = number(out, "SELECT failed FROM progress");
    return true;
}

bool sim_sweep_db_merge(struct sim_sweep_merge *merge, struct sim_err *err) {
    struct sim_sweep_db *in = sim_heap_must(calloc((size_t)merge->count + 1, sizeof *in)), out;
    for (int i = 0; i < merge->count; i++)
        in[i].lock = -1;
    struct sim_partial partial;
    bool good = open_inputs(merge, in, err);
    if (good && sim_partial_open(&partial, merge->out, merge->force, err)) {
        good = sim_sweep_db_connect(&out, partial.path, false, err) && fill(merge, in, &out, err);
        sim_sweep_db_close(&out);
        good = good && sim_partial_complete(&partial, err);
        sim_partial_release(&partial);
    } else {
        good = false;
    }
    for (int i = 0; i < merge->count; i++)
        sim_sweep_db_close(&in[i]);
    free(in);
    return good;
}

/* SPDX-License-Identifier: MIT
 *
 * What is made when a sweep ends: view result, table score, view pareto; see sweep.sql. Everything comes from
 * the database, so that merged ones are finished in the same way. Expressions pass through sim/sweep/expr.h
 * before they are used, whoever wrote the database.
 */
#define _GNU_SOURCE /* strcasestr */
#include "sim/sweep/db.h"

#include "sim/base/heap.h"
#include "sim/sweep/expr.h"
#include "sim/sweep/sql.h"

#include <math.h>
#include <sqlite3.h>
#include <string.h>
#include <strings.h>

#define COLUMNS_MAX 1200

/* Columns of view result behind `point`: axes, then keys of the summaries. */
struct columns {
    char *name[COLUMNS_MAX], *path[COLUMNS_MAX]; /* path: NULL for an axis */
    uint32_t count;
};

struct objectives {
    char *name[SIM_SWEEP_OBJECTIVES_MAX], *expression[SIM_SWEEP_OBJECTIVES_MAX];
    bool maximise[SIM_SWEEP_OBJECTIVES_MAX];
    struct sim_sweep_expr *expr[SIM_SWEEP_OBJECTIVES_MAX];
    uint32_t count;
};

static char *copy(sqlite3_stmt *row, int column) {
    const unsigned char *text = sqlite3_column_text(row, column);
    return sim_heap_must(strdup(text == NULL ? "" : (const char *)text));
}

static bool read_columns(const struct sim_sweep_db *db, struct columns *columns, struct sim_err *err) {
    sqlite3_stmt *row;
    static const char sql[] = "SELECT name, path FROM (SELECT 0 AS part, id, name, NULL AS path FROM axis "
                              "UNION ALL SELECT 1, id, name, path FROM summary_key) ORDER BY part, id";
    if (sqlite3_prepare_v2(db->database, sql, -1, &row, NULL) != SQLITE_OK)
        return sim_sweep_db_fault(db, err);
    int code;
    while ((code = sqlite3_step(row)) == SQLITE_ROW && columns->count < COLUMNS_MAX) {
        columns->path[columns->count] = sqlite3_column_type(row, 1) == SQLITE_NULL ? NULL : copy(row, 1);
        columns->name[columns->count++] = copy(row, 0);
    }
    bool good = code == SQLITE_DONE || code == SQLITE_ROW || sim_sweep_db_fault(db, err);
    sqlite3_finalize(row);
    return good;
}

static void release_columns(struct columns *columns) {
    for (uint32_t i = 0; i < columns->count; i++) {
        free(columns->name[i]);
        free(columns->path[i]);
    }
}

/* Runs what was written to the memory stream `out`, whose text is *text, and frees it. */
static bool run_stream(const struct sim_sweep_db *db, FILE *out, char **text, struct sim_err *err) {
    fclose(out);
    bool good = sim_sweep_db_run(db, *text, err);
    free(*text);
    return good;
}

static bool make_result(const struct sim_sweep_db *db, const struct columns *columns, struct sim_err *err) {
    char *sql = NULL;
    size_t size = 0;
    FILE *out = sim_heap_must(open_memstream(&sql, &size));
    fputs("CREATE VIEW result AS SELECT id AS point", out);
    for (uint32_t i = 0; i < columns->count; i++) {
        fputs(",\n  ", out);
        if (columns->path[i] == NULL) {
            sim_sweep_quote(columns->name[i], '"', out);
            continue;
        }
        fputs("json_extract(summary, ", out);
        sim_sweep_quote(columns->path[i], '\'', out);
        fputs(") AS ", out);
        sim_sweep_quote(columns->name[i], '"', out);
    }
    fputs("\nFROM point WHERE status = 'done'", out);
    return run_stream(db, out, &sql, err);
}

/* ---- objectives ------------------------------------------------------------------------------- */

static void release_objectives(struct objectives *objectives) {
    for (uint32_t i = 0; i < objectives->count; i++) {
        free(objectives->name[i]);
        free(objectives->expression[i]);
        sim_sweep_expr_free(objectives->expr[i]);
    }
}

static bool read_objectives(const struct sim_sweep_db *db, const struct columns *columns,
                            struct objectives *objectives, struct sim_err *err) {
    sqlite3_stmt *row;
    if (sqlite3_prepare_v2(db->database,
                           "SELECT name, sense = 'maximise', expression FROM objective ORDER BY id", -1, &row,
                           NULL) != SQLITE_OK)
        return sim_sweep_db_fault(db, err);
    bool good = true;
    int code;
    while ((code = sqlite3_step(row)) == SQLITE_ROW && objectives->count < SIM_SWEEP_OBJECTIVES_MAX) {
        uint32_t i = objectives->count++;
        objectives->expression[i] = copy(row, 2);
        struct sim_where nowhere = {db->path, 0, 0};
        const struct sim_where *where =
            db->sweep != NULL && i < db->sweep->objectives ? &db->sweep->objective[i].where : &nowhere;
        objectives->name[i] = copy(row, 0);
        objectives->maximise[i] = sqlite3_column_int(row, 1) != 0;
        objectives->expr[i] =
            sim_sweep_expr_new(objectives->expression[i], (const char *const *)columns->name, columns->count,
                               "objective", where, err);
        good &= objectives->expr[i] != NULL;
    }
    if (code != SQLITE_DONE && code != SQLITE_ROW)
        good = sim_sweep_db_fault(db, err);
    sqlite3_finalize(row);
    return good;
}

bool sim_sweep_db_check_objectives(struct sim_sweep_db *db, struct sim_err *err) {
    struct columns columns = {.count = 0};
    struct objectives objectives = {.count = 0};
    bool good = read_columns(db, &columns, err) && read_objectives(db, &columns, &objectives, err);
    release_objectives(&objectives);
    release_columns(&columns);
    return good;
}

/* ---- scores ----------------------------------------------------------------------------------- */

/* The objectives of every point that is done; lower is better, NaN: none. */
struct scores {
    int64_t *point;
    double *value; /* [rows][objectives] */
    bool *front;
    uint32_t rows, point_capacity, value_capacity;
};

static void score_row(sqlite3_stmt *row, const struct columns *columns, const struct objectives *objectives,
                      struct scores *scores) {
    static struct sim_sweep_value value[COLUMNS_MAX];
    const struct sim_sweep_value *place[COLUMNS_MAX];
    for (uint32_t i = 0; i < columns->count; i++) {
        int type = sqlite3_column_type(row, (int)i + 1);
        bool number = type == SQLITE_INTEGER || type == SQLITE_FLOAT;
        const char *text = number ? "" : (const char *)sqlite3_column_text(row, (int)i + 1);
        value[i] = (struct sim_sweep_value){.shown = text,
                                            .number = number ? sqlite3_column_double(row, (int)i + 1) : NAN};
        place[i] = &value[i];
    }
    scores->point =
        sim_heap_grow(scores->point, scores->rows, &scores->point_capacity, sizeof *scores->point);
    scores->point[scores->rows] = sqlite3_column_int64(row, 0);
    for (uint32_t k = 0; k < objectives->count; k++) {
        uint32_t cell = scores->rows * objectives->count + k;
        double result;
        scores->value = sim_heap_grow(scores->value, cell, &scores->value_capacity, sizeof *scores->value);
        bool good = sim_sweep_expr_value(objectives->expr[k], place, &result);
        scores->value[cell] = !good ? NAN : objectives->maximise[k] ? -result : result;
    }
    scores->rows++;
}

/* Reading a summary is what takes the time: only columns that an objective may mean are asked for. */
static char *score_query(const struct columns *columns, const struct objectives *objectives) {
    char *sql = NULL;
    size_t size = 0;
    FILE *out = sim_heap_must(open_memstream(&sql, &size));
    fputs("SELECT point", out);
    for (uint32_t i = 0; i < columns->count; i++) {
        bool used = false;
        for (uint32_t k = 0; k < objectives->count; k++)
            used |= strcasestr(objectives->expression[k], columns->name[i]) != NULL;
        fputs(", ", out);
        if (used)
            sim_sweep_quote(columns->name[i], '"', out);
        else
            fputs("NULL", out);
    }
    fputs(" FROM result", out);
    fclose(out);
    return sim_heap_must(sql);
}

static bool read_scores(const struct sim_sweep_db *db, const struct columns *columns,
                        const struct objectives *objectives, struct scores *scores, struct sim_err *err) {
    sqlite3_stmt *row;
    char *sql = score_query(columns, objectives);
    bool sound = sqlite3_prepare_v2(db->database, sql, -1, &row, NULL) == SQLITE_OK;
    free(sql);
    if (!sound)
        return sim_sweep_db_fault(db, err);
    int code;
    while ((code = sqlite3_step(row)) == SQLITE_ROW)
        score_row(row, columns, objectives, scores);
    sqlite3_finalize(row);
    scores->front = sim_heap_must(calloc(scores->rows + 1, sizeof *scores->front));
    sim_sweep_front(scores->value, scores->rows, objectives->count, scores->front);
    return code == SQLITE_DONE || sim_sweep_db_fault(db, err);
}

static bool write_scores(const struct sim_sweep_db *db, const struct objectives *objectives,
                         const struct scores *scores, struct sim_err *err) {
    sqlite3_stmt *insert;
    char sql[256] = "INSERT INTO score VALUES(?1, ?2";
    size_t used = strlen(sql);
    for (uint32_t k = 0; k < objectives->count; k++)
        used += (size_t)snprintf(sql + used, sizeof sql - used, ", ?%u", k + 3);
    snprintf(sql + used, sizeof sql - used, ")");
    if (sqlite3_prepare_v2(db->database, sql, -1, &insert, NULL) != SQLITE_OK)
        return sim_sweep_db_fault(db, err);
    bool good = true;
    for (uint32_t i = 0; good && i < scores->rows; i++) {
        sqlite3_bind_int64(insert, 1, scores->point[i]);
        sqlite3_bind_int(insert, 2, scores->front[i]);
        for (uint32_t k = 0; k < objectives->count; k++) {
            double value = scores->value[i * objectives->count + k];
            sqlite3_bind_double(insert, (int)k + 3,
                                objectives->maximise[k] ? -value : value); /* NaN is NULL */
        }
        good = sqlite3_step(insert) == SQLITE_DONE || sim_sweep_db_fault(db, err);
        sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    return good;
}

static bool is_column(const struct columns *columns, const char *name) {
    for (uint32_t i = 0; i < columns->count; i++)
        if (strcasecmp(columns->name[i], name) == 0)
            return true;
    return false;
}

/* Table score and view pareto, still empty. */
static bool make_score(const struct sim_sweep_db *db, const struct columns *columns,
                       const struct objectives *objectives, struct sim_err *err) {
    char *sql = NULL;
    size_t size = 0;
    FILE *out = sim_heap_must(open_memstream(&sql, &size));
    fputs("CREATE TABLE score(point INTEGER PRIMARY KEY, front INTEGER NOT NULL", out);
    for (uint32_t k = 0; k < objectives->count; k++) {
        fputs(", ", out);
        sim_sweep_quote(objectives->name[k], '"', out);
        fputs(" REAL", out);
    }
    fputs(");\nCREATE VIEW pareto AS SELECT result.*", out);
    for (uint32_t k = 0; k < objectives->count; k++) {
        if (is_column(columns, objectives->name[k]))
            continue;
        fputs(", score.", out);
        sim_sweep_quote(objectives->name[k], '"', out);
    }
    fputs(" FROM score JOIN result USING (point) WHERE score.front ORDER BY score.", out);
    sim_sweep_quote(objectives->name[0], '"', out);
    return run_stream(db, out, &sql, err);
}

static bool score(const struct sim_sweep_db *db, const struct columns *columns, struct sim_err *err) {
    struct objectives objectives = {.count = 0};
    struct scores scores = {.point = NULL};
    bool good = read_objectives(db, columns, &objectives, err);
    if (good && objectives.count > 0)
        good = make_score(db, columns, &objectives, err) &&
               read_scores(db, columns, &objectives, &scores, err) &&
               write_scores(db, &objectives, &scores, err);
    free(scores.point);
    free(scores.value);
    free(scores.front);
    release_objectives(&objectives);
    return good;
}

static bool has_done_points(const struct sim_sweep_db *db) {
    sqlite3_stmt *row = NULL;
    bool found = sqlite3_prepare_v2(db->database, "SELECT 1 FROM point WHERE status = 'done' LIMIT 1", -1,
                                    &row, NULL) == SQLITE_OK &&
                 sqlite3_step(row) == SQLITE_ROW;
    sqlite3_finalize(row);
    return found;
}

bool sim_sweep_db_finish(struct sim_sweep_db *db, struct sim_err *err) {
    static const char drop[] = "BEGIN IMMEDIATE; DROP VIEW IF EXISTS pareto; DROP VIEW IF EXISTS result; "
                               "DROP TABLE IF EXISTS score;";
    struct columns columns = {.count = 0};
    if (!sim_sweep_db_commit(db, err) || !sim_sweep_db_run(db, drop, err))
        return false;
    /* json_extract in a view counts as unsafe; from here on all views are ours. */
    sqlite3_db_config(db->database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1, NULL);
    bool good = read_columns(db, &columns, err) && make_result(db, &columns, err) &&
                (!has_done_points(db) || score(db, &columns, err));
    release_columns(&columns);
    if (good)
        return sim_sweep_db_run(db, "COMMIT", err);
    sqlite3_exec(db->database, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

/* SPDX-License-Identifier: MIT
 *
 * The tables of a trace: what each must look like before anything is read from it.
 *
 * A file may carry other tables, columns, indexes and triggers; nothing reads or fires them. But behind
 * a name of the format stands a plain table with plain columns: a view, a virtual table or a generated
 * column would run the stranger's expressions.
 */
#include "sim/trace/db.h"

#include <string.h>

#define COLUMNS_MAX 9

struct column {
    const char *name;
    int key; /* position in the primary key, from 1; 0: not part of it */
};

static const struct table {
    const char *name;
    bool without_rowid;
    bool numbered; /* the key is the row number: INTEGER PRIMARY KEY */
    bool optional;
    struct column column[COLUMNS_MAX + 1]; /* up to the first without a name */
} tables[] = {
    {.name = "meta", .column = {{"key", 1}, {"value", 0}}},
    {.name = "layer",
     .numbered = true,
     .column = {{"layer", 1}, {"name", 0}, {"kind", 0}, {"neurons", 0}, {"neuron", 0}, {"reset", 0},
                {"threshold", 0}, {"weight_bits", 0}, {"attributes", 0}}},
    {.name = "edge", .column = {{"layer", 1}, {"port", 2}, {"source", 0}}},
    {.name = "weight",
     .numbered = true,
     .column = {{"layer", 1}, {"rows", 0}, {"cols", 0}, {"data", 0}}},
    {.name = "sample", .numbered = true, .column = {{"sample", 1}, {"label", 0}}},
    {.name = "spike",
     .without_rowid = true,
     .column = {{"sample", 1}, {"layer", 2}, {"timestep", 3}, {"coding", 0}, {"data", 0}}},
    {.name = "generator",
     .numbered = true,
     .optional = true,
     .column = {{"layer", 1}, {"seed", 0}, {"rate_ppm", 0}}},
};

#define TABLES (sizeof tables / sizeof *tables)

static const char *text(sqlite3_stmt *statement, int column) {
    const char *found = (const char *)sqlite3_column_text(statement, column);
    return found != NULL ? found : "";
}

/* Type and row organisation, from PRAGMA table_list: schema, name, type, columns, wr, strict. */
static bool check_form(struct sim_trace_db *db, const struct table *table, bool *there, struct sim_err *err) {
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA main.table_list(%s)", table->name);
    sqlite3_stmt *statement = sim_trace_db_prepare(db, sql, err);
    if (statement == NULL)
        return false;
    bool ok = false;
    enum sim_trace_step step = sim_trace_db_step(db, statement, err, "schema");
    *there = step != SIM_TRACE_STEP_DONE;
    if (!*there)
        ok = table->optional || sim_trace_db_fault(db, err, "no table %s", table->name);
    if (step == SIM_TRACE_STEP_ROW) {
        const char *type = text(statement, 2);
        bool without_rowid = sqlite3_column_int(statement, 4) != 0;
        ok = strcmp(type, "table") == 0 && without_rowid == table->without_rowid;
        if (strcmp(type, "table") != 0)
            sim_trace_db_fault(db, err, "%s is not a plain table but a %s%s", table->name, type,
                               strcmp(type, "view") == 0 ? "" : " table");
        else if (!ok)
            sim_trace_db_fault(db, err, "table %s must %sbe declared WITHOUT ROWID", table->name,
                               table->without_rowid ? "" : "not ");
    }
    sqlite3_finalize(statement);
    return ok;
}

/* The place of a column in the table's list, or COLUMNS_MAX: a further column, which is ignored. */
static int find_column(const struct table *table, const char *name) {
    for (int i = 0; table->column[i].name != NULL; i++)
        if (sqlite3_stricmp(table->column[i].name, name) == 0)
            return i;
    return COLUMNS_MAX;
}

/* One row of PRAGMA table_xinfo: cid, name, type, notnull, default, pk, hidden. */
static bool check_column(struct sim_trace_db *db, const struct table *table, sqlite3_stmt *statement,
                         bool *seen, struct sim_err *err) {
    int number = find_column(table, text(statement, 1)), key = sqlite3_column_int(statement, 5);
    int wanted = number < COLUMNS_MAX ? table->column[number].key : 0;
    seen[number] = true;
    if (key != wanted)
        return sim_trace_db_fault(db, err, "table %s: column '%.64s' is number %d of the primary key, not %d",
                                  table->name, text(statement, 1), key, wanted);
    if (number == COLUMNS_MAX)
        return true;
    const char *name = table->column[number].name;
    if (sqlite3_column_int(statement, 6) != 0)
        return sim_trace_db_fault(db, err, "table %s: column '%s' is generated", table->name, name);
    if (key == 1 && table->numbered && sqlite3_stricmp(text(statement, 2), "INTEGER") != 0)
        return sim_trace_db_fault(db, err, "table %s: column '%s' must be INTEGER PRIMARY KEY", table->name,
                                  name);
    return true;
}

static bool check_columns(struct sim_trace_db *db, const struct table *table, struct sim_err *err) {
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA main.table_xinfo(%s)", table->name);
    sqlite3_stmt *statement = sim_trace_db_prepare(db, sql, err);
    if (statement == NULL)
        return false;
    bool ok = true, seen[COLUMNS_MAX + 1] = {false};
    enum sim_trace_step step = SIM_TRACE_STEP_DONE;
    while (ok && (step = sim_trace_db_step(db, statement, err, "schema")) == SIM_TRACE_STEP_ROW)
        ok = check_column(db, table, statement, seen, err);
    sqlite3_finalize(statement);
    ok = ok && step != SIM_TRACE_STEP_FAULT;
    for (int i = 0; ok && table->column[i].name != NULL; i++)
        if (!seen[i])
            ok = sim_trace_db_fault(db, err, "table %s: no column '%s'", table->name, table->column[i].name);
    return ok;
}

bool sim_trace_schema_check(struct sim_trace_db *db, struct sim_err *err) {
    for (size_t i = 0; i < TABLES; i++) {
        bool there;
        if (!check_form(db, &tables[i], &there, err) || (there && !check_columns(db, &tables[i], err)))
            return false;
        db->generates = db->generates || (there && tables[i].optional);
    }
    return true;
}

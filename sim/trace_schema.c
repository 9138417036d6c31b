/* SPDX-License-Identifier: MIT
 *
 * The tables of a trace: what each must look like before anything is read from it.
 *
 * A file may carry other tables (they are ignored), but nothing may stand behind a name of the format
 * except a plain table: a view, a virtual table or a generated column would run the stranger's
 * expressions, and an index of the stranger's could disagree with its table.
 */
#include "sim/trace_db.h"

#include <string.h>

#define COLUMNS_MAX 9

struct column {
    const char *name;
    int key; /* position in the primary key, 1 ..; 0: not part of it; -1: either */
};

static const struct table {
    const char *name;
    bool optional;
    bool without_rowid;
    bool key_index; /* the key may be an index of its own */
    struct column column[COLUMNS_MAX];
} tables[] = {
    {.name = "meta", .key_index = true, .column = {{"key", 1}, {"value", 0}}},
    {.name = "layer",
     .column = {{"layer", 1}, {"name", 0}, {"kind", 0}, {"neurons", 0}, {"neuron", 0}, {"reset", 0},
                {"threshold", 0}, {"weight_bits", 0}, {"attributes", 0}}},
    {.name = "edge", .key_index = true, .column = {{"layer", -1}, {"port", -1}, {"source", -1}}},
    {.name = "weight",
     .optional = true,
     .column = {{"layer", 1}, {"rows", 0}, {"cols", 0}, {"data", 0}}},
    {.name = "sample", .column = {{"sample", 1}, {"label", 0}}},
    {.name = "spike",
     .without_rowid = true,
     .column = {{"sample", 1}, {"layer", 2}, {"timestep", 3}, {"coding", 0}, {"data", 0}}},
};

#define TABLES (sizeof tables / sizeof *tables)

static const char *text(sqlite3_stmt *statement, int column) {
    const char *found = (const char *)sqlite3_column_text(statement, column);
    return found != NULL ? found : "";
}

/* Type and row organisation, from PRAGMA table_list: schema, name, type, columns, wr, strict. */
static bool check_form(struct sim_trace_db *db, const struct table *table, bool *present,
                       struct sim_err *err) {
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA main.table_list(%s)", table->name);
    sqlite3_stmt *statement = sim_trace_db_prepare(db, sql, err);
    if (statement == NULL)
        return false;
    bool ok = true;
    *present = false;
    enum sim_trace_step step = sim_trace_db_step(db, statement, err, "schema");
    if (step == SIM_TRACE_STEP_ROW) {
        *present = true;
        const char *type = text(statement, 2);
        bool without_rowid = sqlite3_column_int(statement, 4) != 0;
        if (strcmp(type, "table") != 0)
            ok = sim_trace_db_fault(db, err, "%s is not a plain table but a %s%s", table->name, type,
                                    strcmp(type, "view") == 0 ? "" : " table");
        else if (without_rowid != table->without_rowid)
            ok = sim_trace_db_fault(db, err, "table %s must %sbe declared WITHOUT ROWID", table->name,
                                    table->without_rowid ? "" : "not ");
    } else if (step == SIM_TRACE_STEP_FAULT) {
        ok = false;
    } else if (!table->optional) {
        ok = sim_trace_db_fault(db, err, "no table %s", table->name);
    }
    sqlite3_finalize(statement);
    return ok;
}

/* One row of PRAGMA table_xinfo: cid, name, type, notnull, default, pk, hidden. */
static bool check_column(struct sim_trace_db *db, const struct table *table, int number,
                         sqlite3_stmt *statement, struct sim_err *err) {
    const struct column *column = &table->column[number];
    if (number == COLUMNS_MAX || column->name == NULL)
        return sim_trace_db_fault(db, err, "table %s: unexpected column '%.64s'", table->name,
                                  text(statement, 1));
    if (sqlite3_stricmp(text(statement, 1), column->name) != 0)
        return sim_trace_db_fault(db, err, "table %s: column %d is '%.64s', not '%s'", table->name,
                                  number + 1, text(statement, 1), column->name);
    if (sqlite3_column_int(statement, 6) != 0)
        return sim_trace_db_fault(db, err, "table %s: column '%s' is generated or hidden", table->name,
                                  column->name);
    if (column->key >= 0 && sqlite3_column_int(statement, 5) != column->key)
        return sim_trace_db_fault(db, err, "table %s: the primary key is not the format's (column '%s')",
                                  table->name, column->name);
    bool rowid = column->key == 1 && !table->key_index && !table->without_rowid;
    if (rowid && sqlite3_stricmp(text(statement, 2), "INTEGER") != 0)
        return sim_trace_db_fault(db, err, "table %s: column '%s' must be INTEGER PRIMARY KEY",
                                  table->name, column->name);
    return true;
}

static bool check_columns(struct sim_trace_db *db, const struct table *table, struct sim_err *err) {
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA main.table_xinfo(%s)", table->name);
    sqlite3_stmt *statement = sim_trace_db_prepare(db, sql, err);
    if (statement == NULL)
        return false;
    bool ok = true;
    int number = 0;
    enum sim_trace_step step = SIM_TRACE_STEP_DONE;
    while (ok && (step = sim_trace_db_step(db, statement, err, "schema")) == SIM_TRACE_STEP_ROW)
        ok = check_column(db, table, number++, statement, err);
    ok = ok && step != SIM_TRACE_STEP_FAULT;
    if (ok && number < COLUMNS_MAX && table->column[number].name != NULL)
        ok = sim_trace_db_fault(db, err, "table %s: no column '%s'", table->name,
                                table->column[number].name);
    sqlite3_finalize(statement);
    return ok;
}

static const struct table *find_table(const char *name) {
    for (size_t i = 0; i < TABLES; i++)
        if (sqlite3_stricmp(name, tables[i].name) == 0)
            return &tables[i];
    return NULL;
}

/* No index but that of the key, and no trigger, on a table of the format. */
static bool check_satellites(struct sim_trace_db *db, struct sim_err *err) {
    sqlite3_stmt *statement = sim_trace_db_prepare(
        db, "SELECT type, name, tbl_name FROM main.sqlite_schema WHERE type <> 'table'", err);
    if (statement == NULL)
        return false;
    bool ok = true;
    enum sim_trace_step step = SIM_TRACE_STEP_DONE;
    while (ok && (step = sim_trace_db_step(db, statement, err, "schema")) == SIM_TRACE_STEP_ROW) {
        const struct table *table = find_table(text(statement, 2));
        const char *name = text(statement, 1);
        if (table == NULL)
            continue;
        bool automatic = strcmp(text(statement, 0), "index") == 0 &&
                         sqlite3_strnicmp(name, "sqlite_autoindex_", 17) == 0;
        if (!automatic || !table->key_index)
            ok = sim_trace_db_fault(db, err, "table %s has the %s '%.64s': a trace has none",
                                    table->name, text(statement, 0), name);
    }
    sqlite3_finalize(statement);
    return ok && step != SIM_TRACE_STEP_FAULT;
}

bool sim_trace_schema_check(struct sim_trace_db *db, struct sim_err *err) {
    for (size_t i = 0; i < TABLES; i++) {
        bool present;
        if (!check_form(db, &tables[i], &present, err))
            return false;
        if (present && !check_columns(db, &tables[i], err))
            return false;
        if (strcmp(tables[i].name, "weight") == 0)
            db->weights = present;
    }
    return check_satellites(db, err);
}

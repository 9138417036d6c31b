/* SPDX-License-Identifier: MIT
 *
 * A run database being written; see store.h.
 */
#include "sim/base/store.h"

#include "sim/base/heap.h"
#include "sim/base/sql.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <string.h>

static void fail(struct sim_store *store, const char *fault) {
    if (!store->failed)
        snprintf(store->fault, sizeof store->fault, "%s", fault);
    store->failed = true;
}

static void execute(struct sim_store *store, const char *sql) {
    if (store->failed || store->database == NULL)
        return;
    if (sqlite3_exec(store->database, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail(store, sqlite3_errmsg(store->database));
}

/* Runs the part of the schema that begins at one marker and ends before the next. */
static void execute_part(struct sim_store *store, const char *from, const char *to) {
    const char *begin = strstr(sim_schema_sql, from), *end = to == NULL ? NULL : strstr(sim_schema_sql, to);
    assert(begin != NULL && (to == NULL || end != NULL));
    size_t length = end == NULL ? strlen(begin) : (size_t)(end - begin);
    char *part = sim_heap_must(strndup(begin, length));
    execute(store, part);
    free(part);
}

static void bind(sqlite3_stmt *statement, const char *types, va_list values) {
    for (int i = 1; types[i - 1] != '\0'; i++) {
        switch (types[i - 1]) {
        case 't':
            sqlite3_bind_text(statement, i, va_arg(values, const char *), -1, SQLITE_STATIC);
            break;
        case 'r':
            sqlite3_bind_double(statement, i, va_arg(values, double));
            break;
        default: {
            int64_t value = va_arg(values, int64_t);
            if (value == SIM_ROWS_NULL)
                sqlite3_bind_null(statement, i);
            else
                sqlite3_bind_int64(statement, i, value);
        }
        }
    }
}

void sim_store_put(struct sim_store *store, const char *sql, const char *types, ...) {
    if (store->failed || store->database == NULL)
        return;
    if (store->rows != NULL)
        sim_rows_flush(store->rows);
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(store->database, sql, -1, &statement, NULL) != SQLITE_OK) {
        fail(store, sqlite3_errmsg(store->database));
        return;
    }
    va_list values;
    va_start(values, types);
    bind(statement, types, values);
    va_end(values);
    if (sqlite3_step(statement) != SQLITE_DONE)
        fail(store, sqlite3_errmsg(store->database));
    sqlite3_finalize(statement);
}

bool sim_store_open(struct sim_store *store, const char *path) {
    /* "file:..." would be read as a URI. */
    char *plain = sim_heap_must(malloc(strlen(path) + 3));
    sprintf(plain, "%s%s", path[0] == '/' ? "" : "./", path);
    int code = sqlite3_open_v2(plain, &store->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    free(plain);
    if (code != SQLITE_OK) {
        fail(store, sqlite3_errstr(code));
        return false;
    }
    execute(store, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;"
                   "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384;");
    execute_part(store, SIM_SQL_TABLES, SIM_SQL_INDEXES);
    execute(store, "BEGIN");
    if (store->failed)
        return false;
    store->rows = sim_rows_new(store->database);
    if (store->rows == NULL)
        fail(store, "the writer thread cannot be started");
    return !store->failed;
}

bool sim_store_failed(const struct sim_store *store) {
    return store->failed || (store->rows != NULL && sim_rows_failed(store->rows));
}

void sim_store_end_rows(struct sim_store *store) {
    if (store->rows == NULL)
        return;
    sim_rows_flush(store->rows);
    if (sim_rows_fault(store->rows) != NULL)
        fail(store, sim_rows_fault(store->rows));
    sim_rows_free(store->rows);
    store->rows = NULL;
}

void sim_store_complete(struct sim_store *store) {
    execute_part(store, SIM_SQL_INDEXES, SIM_SQL_VIEWS);
    execute_part(store, SIM_SQL_VIEWS, NULL);
    execute(store, "COMMIT");
}

void sim_store_close(struct sim_store *store) {
    if (sqlite3_close(store->database) != SQLITE_OK)
        fail(store, sqlite3_errmsg(store->database));
    store->database = NULL;
}

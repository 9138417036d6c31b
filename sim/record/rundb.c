/* SPDX-License-Identifier: MIT
 *
 * Reading a run database; see rundb.h.
 */
#include "sim/record/rundb.h"

#include "sim/base/heap.h"
#include "sim/base/sql.h"

#include <ctype.h>
#include <errno.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>

#define TEXT_MAX (64 << 20) /* bytes of one value */

static bool is_io(int code) {
    return code == SQLITE_IOERR || code == SQLITE_CANTOPEN || code == SQLITE_PERM || code == SQLITE_FULL ||
           code == SQLITE_NOMEM;
}

bool sim_rundb_fault(sqlite3 *database, const char *path, struct sim_err *err) {
    int code = sqlite3_errcode(database) & 0xff;
    return sim_err_add(err, is_io(code) ? SIM_EXIT_IO : SIM_EXIT_CONFIG, NULL, "%s: %s", path,
                       sqlite3_errmsg(database));
}

/* A path as a URI that promises that nobody changes the file, so that no lock, journal or WAL beside it is
 * touched or believed. */
static char *immutable_uri(const char *path) {
    static const char prefix[] = "file:", suffix[] = "?mode=ro&immutable=1";
    char *uri = sim_heap_must(malloc(sizeof prefix + 2 + 3 * strlen(path) + sizeof suffix));
    char *out =
        uri + sprintf(uri, "%s%s", prefix, path[0] == '/' ? "" : "./"); /* ":memory:" is a file too */
    for (const char *in = path; *in != '\0'; in++) {
        unsigned char c = (unsigned char)*in;
        if (isalnum(c) || strchr("/-._~", c) != NULL)
            *out++ = (char)c;
        else
            out += sprintf(out, "%%%02X", c);
    }
    strcpy(out, suffix);
    return uri;
}

static bool check_file(const char *path, struct sim_err *err) {
    struct stat status;
    if (stat(path, &status) != 0)
        return sim_err_add(err, SIM_EXIT_IO, NULL, "%s: cannot be read: %s", path, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return sim_err_add(err, SIM_EXIT_IO, NULL, "%s: is not a regular file", path);
    static const char *const beside[] = {"-journal", "-wal"};
    for (int i = 0; i < 2; i++) {
        char *other = sim_heap_must(malloc(strlen(path) + 16));
        sprintf(other, "%s%s", path, beside[i]);
        bool busy = stat(other, &status) == 0 && status.st_size > 0;
        free(other);
        if (busy)
            return sim_err_add(
                err, SIM_EXIT_CONFIG, NULL,
                "%s: another program is changing it or has left it half changed (%s%s exists)", path, path,
                beside[i]);
    }
    return true;
}

static bool defend(sqlite3 *database) {
    sqlite3_limit(database, SQLITE_LIMIT_LENGTH, TEXT_MAX);
    sqlite3_limit(database, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(database, SQLITE_LIMIT_TRIGGER_DEPTH, 1);
    return sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) == SQLITE_OK &&
           sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL) == SQLITE_OK &&
           sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL) == SQLITE_OK &&
           sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL) == SQLITE_OK &&
           sqlite3_exec(database, "PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY", NULL, NULL,
                        NULL) == SQLITE_OK;
}

static int64_t pragma(sqlite3 *database, const char *name) {
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA main.%s", name);
    sqlite3_stmt *statement = NULL;
    int64_t value = -1;
    if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

/* The part of the schema between two markers, as SQL of its own. */
static char *schema_part(const char *from, const char *to) {
    const char *begin = strstr(sim_schema_sql, from);
    return sim_heap_must(to == NULL ? strdup(begin) : strndup(begin, (size_t)(strstr(begin, to) - begin)));
}

/* A private database with the tables of sim/record/schema.sql: what a run database must look like. */
static sqlite3 *new_model(void) {
    sqlite3 *model = NULL;
    char *tables = schema_part(SIM_SQL_TABLES, SIM_SQL_INDEXES);
    if (sqlite3_open(":memory:", &model) != SQLITE_OK ||
        sqlite3_exec(model, tables, NULL, NULL, NULL) != SQLITE_OK)
        sim_heap_must(NULL);
    free(tables);
    return model;
}

static bool check_table(sqlite3 *database, const char *path, const char *name, const char *sql,
                        struct sim_err *err) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(database, "SELECT type, sql FROM main.sqlite_schema WHERE name = ?1", -1,
                           &statement, NULL) != SQLITE_OK)
        return sim_rundb_fault(database, path, err);
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    int code = sqlite3_step(statement);
    const char *type = code == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    const char *found = code == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 1) : NULL;
    bool good = true;
    if (code == SQLITE_DONE)
        good = sim_err_add(err, SIM_EXIT_CONFIG, NULL, "%s: table '%s' is missing", path, name);
    else if (code != SQLITE_ROW)
        good = sim_rundb_fault(database, path, err);
    else if (type == NULL || found == NULL || strcmp(type, "table") != 0 || strcmp(found, sql) != 0)
        good = sim_err_add(err, SIM_EXIT_CONFIG, NULL, "%s: table '%s' is not the one of a run database",
                           path, name);
    sqlite3_finalize(statement);
    return good;
}

/* A database is whole when the file has as many pages as its first one says. */
static bool check_size(sqlite3 *database, const char *path, struct sim_err *err) {
    struct stat status;
    int64_t pages = pragma(database, "page_count"), size = pragma(database, "page_size");
    if (pages < 0 || size < 0 || stat(path, &status) != 0)
        return sim_rundb_fault(database, path, err);
    return status.st_size == pages * size ||
           sim_err_add(err, SIM_EXIT_CONFIG, NULL, "%s: is damaged: %lld bytes, expected %lld", path,
                       (long long)status.st_size, (long long)(pages * size));
}

#define SWEEP 0x4E535750 /* PRAGMA application_id of sim/sweep/sweep.sql */
#define TRACE 0x4E53504B /* and of spike traces */

static bool check_schema(sqlite3 *database, const char *path, struct sim_err *err) {
    sqlite3 *model = new_model();
    int64_t application = pragma(database, "application_id"), version = pragma(database, "user_version");
    bool good = true;
    if (application < 0)
        good = sim_rundb_fault(database, path, err);
    else if (application != pragma(model, "application_id"))
        good = sim_err_add(err, SIM_EXIT_CONFIG, NULL, "%s: is not a run database%s", path,
                           application == SWEEP    ? " but that of a sweep: sqlite3 reads it (docs/sweep.md)"
                           : application == TRACE ? " but a spike trace (nocsim trace info)"
                                                   : "");
    else if (version != pragma(model, "user_version"))
        good = sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "%s: is a run database of version %lld, this program reads %lld", path,
                           (long long)version, (long long)pragma(model, "user_version"));
    good = good && check_size(database, path, err);
    sqlite3_stmt *statement = NULL;
    if (good && sqlite3_prepare_v2(model, "SELECT name, sql FROM sqlite_schema WHERE type = 'table'", -1,
                                   &statement, NULL) != SQLITE_OK)
        sim_heap_must(NULL);
    while (good && sqlite3_step(statement) == SQLITE_ROW)
        good = check_table(database, path, (const char *)sqlite3_column_text(statement, 0),
                           (const char *)sqlite3_column_text(statement, 1), err);
    sqlite3_finalize(statement);
    sqlite3_close(model);
    return good;
}

/* The views of sim/record/schema.sql, which hide those of the file. */
static bool add_views(sqlite3 *database) {
    static const char create[] = "\nCREATE VIEW ", temporary[] = "\nCREATE TEMP VIEW ";
    char *views = schema_part(SIM_SQL_VIEWS, NULL), *next = views;
    sqlite3_str *sql = sqlite3_str_new(database);
    for (char *found; (found = strstr(next, create)) != NULL; next = found + strlen(create)) {
        sqlite3_str_append(sql, next, (int)(found - next));
        sqlite3_str_appendall(sql, temporary);
    }
    sqlite3_str_appendall(sql, next);
    char *text = sqlite3_str_finish(sql);
    bool good = text != NULL && sqlite3_exec(database, text, NULL, NULL, NULL) == SQLITE_OK;
    sqlite3_free(text);
    free(views);
    return good;
}

sqlite3 *sim_rundb_open(const char *path, struct sim_err *err) {
    if (!check_file(path, err))
        return NULL;
    sqlite3 *database = NULL;
    char *uri = immutable_uri(path);
    int code =
        sqlite3_open_v2(uri, &database, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
    free(uri);
    if (database == NULL)
        sim_heap_must(NULL);
    if (code != SQLITE_OK || !defend(database))
        sim_rundb_fault(database, path, err);
    else if (!check_schema(database, path, err))
        ;
    else if (!add_views(database))
        sim_rundb_fault(database, path, err);
    else
        return database;
    sqlite3_close(database);
    return NULL;
}

/* ---- pricing again ---------------------------------------------------------------------------- */

/* A temporary table hides the stored one of the same name from the views. */
static bool shadow(sqlite3 *database) {
    return sqlite3_exec(database,
                        "CREATE TEMP TABLE kind(id INTEGER PRIMARY KEY, type, event, help, unit_energy_j, "
                        "source, trust);"
                        "INSERT INTO temp.kind SELECT * FROM main.kind;"
                        "CREATE TEMP TABLE run(key TEXT PRIMARY KEY, value);"
                        "INSERT INTO temp.run SELECT * FROM main.run;",
                        NULL, NULL, NULL) == SQLITE_OK;
}

static double run_value(sqlite3 *database, const char *key) {
    sqlite3_stmt *statement = NULL;
    double value = 0;
    if (sqlite3_prepare_v2(database, "SELECT value FROM main.run WHERE key = ?1", -1, &statement, NULL) ==
            SQLITE_OK &&
        sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        value = sqlite3_column_double(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

static void set_run(sqlite3 *database, const char *key, double value) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(database, "INSERT OR REPLACE INTO temp.run VALUES(?1, ?2)", -1, &statement,
                           NULL) == SQLITE_OK) {
        sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
        sqlite3_bind_double(statement, 2, value);
        sqlite3_step(statement);
    }
    sqlite3_finalize(statement);
}

struct texts {
    char **text;
    uint32_t count, capacity;
};

static const char *keep(struct texts *texts, const unsigned char *text) {
    texts->text = sim_heap_grow(texts->text, texts->count, &texts->capacity, sizeof *texts->text);
    texts->text[texts->count] = sim_heap_must(strdup(text == NULL ? "" : (const char *)text));
    return texts->text[texts->count++];
}

static void release(struct texts *texts) {
    for (uint32_t i = 0; i < texts->count; i++)
        free(texts->text[i]);
    free(texts->text);
}

static bool read_parameters(sqlite3 *database, struct texts *texts, struct sim_energy_parameter **parameter,
                            uint32_t *count) {
    sqlite3_stmt *statement;
    uint32_t capacity = 0;
    if (sqlite3_prepare_v2(database, "SELECT type, name, value FROM main.parameter", -1, &statement,
                           NULL) != SQLITE_OK)
        return false;
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        *parameter = sim_heap_grow(*parameter, *count, &capacity, sizeof **parameter);
        (*parameter)[(*count)++] =
            (struct sim_energy_parameter){.type = keep(texts, sqlite3_column_text(statement, 0)),
                                          .name = keep(texts, sqlite3_column_text(statement, 1)),
                                          .value = sqlite3_column_double(statement, 2)};
    }
    sqlite3_finalize(statement);
    return code == SQLITE_DONE;
}

static bool price_kind(sqlite3_stmt *update, int64_t id, const struct sim_energy_price *price) {
    sqlite3_bind_int64(update, 1, id);
    sqlite3_bind_double(update, 2, price->unit_energy_j);
    sqlite3_bind_text(update, 3, price->source, -1, SQLITE_STATIC);
    sqlite3_bind_text(update, 4, price->trust, -1, SQLITE_STATIC);
    bool good = sqlite3_step(update) == SQLITE_DONE;
    sqlite3_reset(update);
    return good;
}

static bool price_kinds(sqlite3 *database, const char *path, const struct sim_energy *energy,
                        const struct sim_energy_point *point, struct sim_err *err) {
    sqlite3_stmt *read = NULL, *update = NULL;
    if (sqlite3_prepare_v2(database, "SELECT id, type, event FROM main.kind ORDER BY id", -1, &read,
                           NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(database,
                           "UPDATE temp.kind SET unit_energy_j = ?2, source = ?3, trust = ?4 WHERE id = ?1",
                           -1, &update, NULL) != SQLITE_OK) {
        sqlite3_finalize(read);
        return sim_rundb_fault(database, path, err);
    }
    bool good = true;
    int code = SQLITE_DONE;
    while (!sim_err_full(err) && (code = sqlite3_step(read)) == SQLITE_ROW) {
        const char *type = (const char *)sqlite3_column_text(read, 1),
                   *event = (const char *)sqlite3_column_text(read, 2);
        struct sim_energy_price price;
        if (type == NULL || event == NULL || !sim_energy_price(energy, type, event, point, &price, err))
            good = false;
        else if (!price_kind(update, sqlite3_column_int64(read, 0), &price))
            good = sim_rundb_fault(database, path, err);
    }
    if (good && code != SQLITE_DONE)
        good = sim_rundb_fault(database, path, err);
    sqlite3_finalize(read);
    sqlite3_finalize(update);
    return good;
}

bool sim_rundb_reprice(sqlite3 *database, const char *path, const struct sim_energy *energy,
                       const struct sim_energy_point *point, struct sim_err *err) {
    struct texts texts = {.text = NULL};
    struct sim_energy_parameter *parameter = NULL;
    uint32_t parameters = 0;
    if (!shadow(database) || !read_parameters(database, &texts, &parameter, &parameters)) {
        sim_rundb_fault(database, path, err);
        release(&texts);
        free(parameter);
        return false;
    }
    struct sim_energy_point here = {.voltage_v = point->voltage_v,
                                    .clock_hz = point->clock_hz,
                                    .parameter = parameter,
                                    .parameters = parameters};
    if (here.voltage_v <= 0 && run_value(database, "voltage_is_nominal") == 0)
        here.voltage_v = run_value(database, "voltage_v");
    if (here.clock_hz <= 0)
        here.clock_hz = run_value(database, "clock_hz");
    bool good = here.clock_hz > 0 ? price_kinds(database, path, energy, &here, err)
                                  : sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                                                "%s: the run has no clock: give it one with --clock", path);
    set_run(database, "clock_hz", here.clock_hz);
    set_run(database, "voltage_v", here.voltage_v > 0 ? here.voltage_v : sim_energy_voltage(energy));
    release(&texts);
    free(parameter);
    return good;
}

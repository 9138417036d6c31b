/* SPDX-License-Identifier: MIT
 *
 * The database of a sweep while it runs; see db.h. Views and scores are in views.c.
 */
#include "sim/sweep/db.h"

#include "sim/base/heap.h"
#include "sim/config/quantity.h"
#include "sim/sweep/sql.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define COMMIT_NS 250000000u
#define KEYS_MAX 1000 /* columns of view result */
#define BUSY_MS 10000

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

bool sim_sweep_db_fault(const struct sim_sweep_db *db, struct sim_err *err) {
    int code = sqlite3_errcode(db->database);
    bool broken =
        code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_ERROR || code == SQLITE_CONSTRAINT;
    return sim_err_add(err, broken ? SIM_EXIT_CONFIG : SIM_EXIT_IO, NULL, "%s: %s", db->path,
                       sqlite3_errmsg(db->database));
}

bool sim_sweep_db_run(const struct sim_sweep_db *db, const char *sql, struct sim_err *err) {
    return sqlite3_exec(db->database, sql, NULL, NULL, NULL) == SQLITE_OK || sim_sweep_db_fault(db, err);
}

static bool prepare(const struct sim_sweep_db *db, const char *sql, sqlite3_stmt **statement,
                    struct sim_err *err) {
    return sqlite3_prepare_v2(db->database, sql, -1, statement, NULL) == SQLITE_OK ||
           sim_sweep_db_fault(db, err);
}

/* Steps a statement that gives no rows, and resets it. */
static bool step(const struct sim_sweep_db *db, sqlite3_stmt *statement, struct sim_err *err) {
    bool good = sqlite3_step(statement) == SQLITE_DONE || sim_sweep_db_fault(db, err);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return good;
}

/* ---- making a new one ------------------------------------------------------------------------- */

static bool put_fact(const struct sim_sweep_db *db, const char *key, const char *text, int64_t number,
                     struct sim_err *err) {
    sqlite3_stmt *statement;
    if (!prepare(db, "INSERT OR REPLACE INTO sweep VALUES(?1, ?2)", &statement, err))
        return false;
    sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
    if (text != NULL)
        sqlite3_bind_text(statement, 2, text, -1, SQLITE_STATIC);
    else
        sqlite3_bind_int64(statement, 2, number);
    bool good = step(db, statement, err);
    sqlite3_finalize(statement);
    return good;
}

static bool put_facts(const struct sim_sweep_db *db, const struct sim_sweep_identity *identity,
                      struct sim_err *err) {
    const struct sim_sweep *sweep = db->sweep;
    const struct {
        const char *key, *text;
    } facts[] = {
        {"name", sweep->name},       {"description", sweep->description},
        {"file", sweep->file},       {"arch", sweep->arch},
        {"trace", sweep->trace},     {"model", sweep->model},
        {"version", sweep->version}, {"compare", sweep->compare},
        {"program", NOCSIM_VERSION},
    };
    char started[32], key[64];
    time_t now = time(NULL);
    struct tm utc;
    strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    bool good = put_fact(db, "started", started, 0, err) &&
                put_fact(db, "candidates", NULL, (int64_t)sweep->candidates, err) &&
                put_fact(db, "points", NULL, (int64_t)sweep->points, err);
    for (size_t i = 0; good && i < sizeof facts / sizeof *facts; i++)
        good = facts[i].text == NULL || put_fact(db, facts[i].key, facts[i].text, 0, err);
    for (int i = 0; good && i < SIM_SWEEP_PARTS; i++) {
        snprintf(key, sizeof key, "hash_%s", identity->part[i].name);
        good = put_fact(db, key, identity->part[i].digest, 0, err);
    }
    return good;
}

static char *join_keys(const struct sim_sweep_axis *axis) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = sim_heap_must(open_memstream(&text, &size));
    for (uint32_t i = 0; i < axis->keys; i++)
        fprintf(out, "%s%s", i == 0 ? "" : "\n", axis->key[i]->path);
    fclose(out);
    return sim_heap_must(text);
}

static bool put_axis(const struct sim_sweep_db *db, const struct sim_sweep_axis *axis, uint32_t id,
                     sqlite3_stmt *insert, struct sim_err *err) {
    char sql[160]; /* names of axes are letters, digits and '_', at most 64 */
    const struct sim_param *param = axis->key[0]->param;
    const char *unit =
        param != NULL && param->kind == SIM_PARAM_KIND_QUANTITY ? sim_unit_symbol(param->unit) : NULL;
    char *keys = join_keys(axis);
    sqlite3_bind_int64(insert, 1, id);
    sqlite3_bind_text(insert, 2, axis->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 3, keys, -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 4, unit, -1, SQLITE_STATIC);
    sqlite3_bind_int64(insert, 5, axis->values);
    bool good = step(db, insert, err);
    free(keys);
    snprintf(sql, sizeof sql, "ALTER TABLE point ADD COLUMN \"%s\"", axis->name);
    return good && sim_sweep_db_run(db, sql, err);
}

static bool put_axes(const struct sim_sweep_db *db, struct sim_err *err) {
    sqlite3_stmt *insert;
    if (!prepare(db, "INSERT INTO axis VALUES(?1, ?2, ?3, ?4, ?5)", &insert, err))
        return false;
    bool good = true;
    for (uint32_t i = 0; good && i < db->sweep->axes; i++)
        good = put_axis(db, db->sweep->axis[i], i, insert, err);
    sqlite3_finalize(insert);
    return good;
}

static bool put_objectives(const struct sim_sweep_db *db, struct sim_err *err) {
    sqlite3_stmt *insert;
    if (!sim_sweep_db_run(db, "DELETE FROM objective", err) ||
        !prepare(db, "INSERT INTO objective VALUES(?1, ?2, ?3, ?4)", &insert, err))
        return false;
    bool good = true;
    for (uint32_t i = 0; good && i < db->sweep->objectives; i++) {
        const struct sim_sweep_objective *objective = &db->sweep->objective[i];
        sqlite3_bind_int64(insert, 1, i);
        sqlite3_bind_text(insert, 2, objective->name, -1, SQLITE_STATIC);
        sqlite3_bind_text(insert, 3, objective->maximise ? "maximise" : "minimise", -1, SQLITE_STATIC);
        sqlite3_bind_text(insert, 4, objective->expression, -1, SQLITE_STATIC);
        good = step(db, insert, err);
    }
    sqlite3_finalize(insert);
    return good;
}

static bool create(const struct sim_sweep_db *db, const struct sim_sweep_identity *identity,
                   struct sim_err *err) {
    return sim_sweep_db_run(db, "BEGIN IMMEDIATE", err) && sim_sweep_db_run(db, sim_sweep_sql, err) &&
           put_facts(db, identity, err) && put_axes(db, err) && put_objectives(db, err) &&
           sim_sweep_db_run(db, "COMMIT", err);
}

/* ---- going on with an old one ----------------------------------------------------------------- */

static int64_t pragma(const struct sim_sweep_db *db, const char *sql) {
    sqlite3_stmt *statement = NULL;
    int64_t value = -1;
    if (sqlite3_prepare_v2(db->database, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

bool sim_sweep_db_is_sweep(const struct sim_sweep_db *db, struct sim_err *err) {
    if (pragma(db, "PRAGMA application_id") != 0x4E535750)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL, "%s: is not the database of a sweep", db->path);
    if (pragma(db, "PRAGMA user_version") != 1)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "%s: the sweep was made by another version of this program", db->path);
    if (pragma(db, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('sweep', 'axis', "
                   "'objective', "
                   "'point', 'summary_key')") != 5)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL, "%s: tables of a sweep are missing", db->path);
    return true;
}

/* Compares the identity with the one stored; tells all parts that differ. */
static bool check_identity(const struct sim_sweep_db *db, const struct sim_sweep_identity *identity,
                           struct sim_err *err) {
    char differing[128] = "", key[64];
    size_t used = 0;
    sqlite3_stmt *read;
    if (!prepare(db, "SELECT value FROM sweep WHERE key = ?1", &read, err))
        return false;
    for (int i = 0; i < SIM_SWEEP_PARTS; i++) {
        snprintf(key, sizeof key, "hash_%s", identity->part[i].name);
        sqlite3_bind_text(read, 1, key, -1, SQLITE_STATIC);
        const char *found =
            sqlite3_step(read) == SQLITE_ROW ? (const char *)sqlite3_column_text(read, 0) : NULL;
        if ((found == NULL || strcmp(found, identity->part[i].digest) != 0) && used < sizeof differing)
            used += (size_t)snprintf(differing + used, sizeof differing - used, "%s%s", used == 0 ? "" : ", ",
                                     identity->part[i].name);
        sqlite3_reset(read);
    }
    sqlite3_finalize(read);
    return used == 0 ||
           sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                       "%s: holds the points of another sweep (%s changed): choose another file with -o, or "
                       "replace it with --force",
                       db->path, differing);
}

static bool read_points(struct sim_sweep_db *db, struct sim_err *err) {
    sqlite3_stmt *read;
    if (!prepare(db, "SELECT id, status = 'done' FROM point", &read, err))
        return false;
    int code;
    while ((code = sqlite3_step(read)) == SQLITE_ROW) {
        int64_t id = sqlite3_column_int64(read, 0);
        if (id >= 0 && (uint64_t)id < db->sweep->candidates)
            db->state[id] = sqlite3_column_int(read, 1) ? SIM_SWEEP_DONE : SIM_SWEEP_FAILED;
    }
    sqlite3_finalize(read);
    return code == SQLITE_DONE || sim_sweep_db_fault(db, err);
}

bool sim_sweep_db_read_keys(struct sim_sweep_db *db, struct sim_err *err) {
    sqlite3_stmt *read;
    if (!prepare(db, "SELECT name FROM summary_key ORDER BY id", &read, err))
        return false;
    int code;
    while ((code = sqlite3_step(read)) == SQLITE_ROW && json_object_size(db->key) < KEYS_MAX)
        if (sqlite3_column_text(read, 0) != NULL)
            json_object_set_new(db->key, (const char *)sqlite3_column_text(read, 0), json_true());
    bool good = code == SQLITE_DONE || code == SQLITE_ROW || sim_sweep_db_fault(db, err);
    sqlite3_finalize(read);
    return good;
}

static bool resume(struct sim_sweep_db *db, const struct sim_sweep_identity *identity, struct sim_err *err) {
    return sim_sweep_db_is_sweep(db, err) && check_identity(db, identity, err) &&
           sim_sweep_db_run(db, "BEGIN IMMEDIATE", err) && put_objectives(db, err) &&
           sim_sweep_db_run(db, "COMMIT", err) && read_points(db, err) && sim_sweep_db_read_keys(db, err);
}

/* ---- opening and closing ---------------------------------------------------------------------- */

/* The lock is on the database itself, through a descriptor that outlives the connection: closing it earlier
 * would drop SQLite's own locks. */
static bool lock(struct sim_sweep_db *db, struct sim_err *err) {
    struct stat status;
    db->lock = open(db->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);
    if (db->lock < 0 || fstat(db->lock, &status) != 0)
        return sim_err_add(err, SIM_EXIT_IO, NULL, "%s: %s", db->path, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return sim_err_add(err, SIM_EXIT_IO, NULL, "%s: is not a regular file", db->path);
    if (flock(db->lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return sim_err_add(err, SIM_EXIT_IO, NULL, "%s: is in use by another sweep", db->path);
    return true;
}

bool sim_sweep_db_connect(struct sim_sweep_db *db, const char *path, bool locked, struct sim_err *err) {
    *db = (struct sim_sweep_db){
        .path = sim_heap_must(strdup(path)), .lock = -1, .key = sim_heap_must(json_object())};
    if (locked && !lock(db, err))
        return false;
    if (sqlite3_open_v2(path, &db->database, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        return sim_err_add(err, SIM_EXIT_IO, NULL, "%s: %s", path,
                           db->database == NULL ? "out of memory" : sqlite3_errmsg(db->database));
    sqlite3_busy_timeout(db->database, BUSY_MS);
    sqlite3_db_config(db->database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db->database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db->database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    return true;
}

static bool is_empty(const struct sim_sweep_db *db) {
    struct stat status;
    return fstat(db->lock, &status) == 0 && status.st_size == 0;
}

static bool prepare_insert(struct sim_sweep_db *db, struct sim_err *err) {
    char *sql = NULL;
    size_t size = 0;
    FILE *out = sim_heap_must(open_memstream(&sql, &size));
    fputs("INSERT OR REPLACE INTO point(id, status, exit_code, error, wall_s, summary", out);
    for (uint32_t i = 0; i < db->sweep->axes; i++)
        fprintf(out, ", \"%s\"", db->sweep->axis[i]->name);
    fputs(") VALUES(?1, ?2, ?3, ?4, ?5, ?6", out);
    for (uint32_t i = 0; i < db->sweep->axes; i++)
        fprintf(out, ", ?%u", i + 7);
    fputs(")", out);
    fclose(out);
    bool good = prepare(db, sql, &db->insert, err);
    free(sql);
    return good;
}

static void count_points(struct sim_sweep_db *db) {
    for (uint64_t i = 0; i < db->sweep->points; i++)
        db->count[db->state[sim_sweep_candidate(db->sweep, i)]]++;
}

/* Only a database of a sweep is replaced: a wrong -o must not cost another file. */
static bool empty(struct sim_sweep_db *db, struct sim_err *err) {
    if (!sim_sweep_db_is_sweep(db, err))
        return false;
    sqlite3_close(db->database);
    db->database = NULL;
    if (ftruncate(db->lock, 0) != 0)
        return sim_err_add(err, SIM_EXIT_IO, NULL, "%s: %s", db->path, strerror(errno));
    char journal[4096 + 16];
    snprintf(journal, sizeof journal, "%s-journal", db->path);
    unlink(journal);
    return sqlite3_open_v2(db->path, &db->database, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK ||
           sim_sweep_db_fault(db, err);
}

static bool open_db(struct sim_sweep_db *db, const char *path, const struct sim_sweep *sweep,
                    const struct sim_sweep_identity *identity, bool force, struct sim_err *err) {
    if (!sim_sweep_db_connect(db, path, true, err))
        return false;
    db->sweep = sweep;
    db->state = sim_heap_must(calloc(sweep->candidates, 1));
    if (force && !is_empty(db) && !empty(db, err))
        return false;
    if (!(is_empty(db) ? create(db, identity, err) : resume(db, identity, err)))
        return false;
    count_points(db);
    db->committed_ns = now_ns();
    return sim_sweep_db_run(db, "PRAGMA synchronous = NORMAL", err) && prepare_insert(db, err);
}

bool sim_sweep_db_open(struct sim_sweep_db *db, const char *path, const struct sim_sweep *sweep,
                       const struct sim_sweep_identity *identity, bool force, struct sim_err *err) {
    if (open_db(db, path, sweep, identity, force, err))
        return true;
    if (db->lock >= 0 && db->database != NULL && is_empty(db))
        unlink(path); /* nothing has become of it */
    sim_sweep_db_close(db);
    return false;
}

void sim_sweep_db_close(struct sim_sweep_db *db) {
    if (db->pending)
        sqlite3_exec(db->database, "COMMIT", NULL, NULL, NULL);
    sqlite3_finalize(db->insert);
    sqlite3_close(db->database);
    if (db->lock >= 0)
        close(db->lock);
    json_decref(db->key);
    free(db->state);
    free(db->path);
    *db = (struct sim_sweep_db){.lock = -1};
}

/* ---- points ----------------------------------------------------------------------------------- */

bool sim_sweep_db_commit(struct sim_sweep_db *db, struct sim_err *err) {
    if (!db->pending)
        return true;
    db->pending = false;
    db->committed_ns = now_ns();
    return sim_sweep_db_run(db, "COMMIT", err);
}

/* True when a column of that name is taken by an axis. */
static bool is_axis(const struct sim_sweep_db *db, const char *name) {
    bool found = strcasecmp(name, "point") == 0;
    for (uint32_t i = 0; i < db->sweep->axes; i++)
        found |= strcasecmp(db->sweep->axis[i]->name, name) == 0;
    return found;
}

static bool put_key(struct sim_sweep_db *db, const char *name, const char *path, struct sim_err *err) {
    sqlite3_stmt *insert;
    if (!prepare(db, "INSERT OR IGNORE INTO summary_key(name, path) VALUES(?1, ?2)", &insert, err))
        return false;
    sqlite3_bind_text(insert, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 2, path, -1, SQLITE_STATIC);
    bool good = step(db, insert, err);
    sqlite3_finalize(insert);
    json_object_set_new(db->key, name, json_true());
    return good;
}

/* Notes every number, text and truth value of a summary, at any depth. */
static bool put_keys(struct sim_sweep_db *db, json_t *object, const char *name, const char *path,
                     struct sim_err *err) {
    const char *key;
    json_t *value;
    bool good = true;
    json_object_foreach(object, key, value) {
        char column[256], place[512];
        if (strpbrk(key, "\"\\") != NULL || json_is_array(value) ||
            snprintf(column, sizeof column, "%s%s%s", name, *name ? "." : "", key) >= (int)sizeof column ||
            snprintf(place, sizeof place, "%s.\"%s\"", path, key) >= (int)sizeof place)
            continue;
        if (json_is_object(value)) {
            good = put_keys(db, value, column, place, err) && good;
            continue;
        }
        if (is_axis(db, column))
            snprintf(column, sizeof column, "summary.%.200s", key);
        if (json_object_get(db->key, column) == NULL && json_object_size(db->key) < KEYS_MAX)
            good = put_key(db, column, place, err) && good;
    }
    return good;
}

static void bind_value(sqlite3_stmt *insert, int index, const struct sim_sweep_value *value) {
    if (isnan(value->number))
        sqlite3_bind_text(insert, index, value->shown, -1, SQLITE_STATIC);
    else if (value->number == floor(value->number) && fabs(value->number) < 0x1p53)
        sqlite3_bind_int64(insert, index, (sqlite3_int64)value->number);
    else
        sqlite3_bind_double(insert, index, value->number);
}

static bool insert(struct sim_sweep_db *db, const struct sim_sweep_outcome *outcome, struct sim_err *err) {
    const struct sim_sweep_value *value[SIM_SWEEP_AXES_MAX];
    sim_sweep_values(db->sweep, outcome->candidate, value);
    char *summary = outcome->summary == NULL ? NULL : json_dumps(outcome->summary, JSON_COMPACT);
    sqlite3_bind_int64(db->insert, 1, outcome->candidate);
    sqlite3_bind_text(db->insert, 2, outcome->done ? "done" : "failed", -1, SQLITE_STATIC);
    if (outcome->exit_code >= 0)
        sqlite3_bind_int(db->insert, 3, outcome->exit_code);
    sqlite3_bind_text(db->insert, 4, outcome->error, -1, SQLITE_STATIC);
    sqlite3_bind_double(db->insert, 5, outcome->wall_s);
    sqlite3_bind_text(db->insert, 6, summary, -1, SQLITE_STATIC);
    for (uint32_t i = 0; i < db->sweep->axes; i++)
        bind_value(db->insert, (int)i + 7, value[i]);
    bool good = step(db, db->insert, err);
    free(summary);
    return good;
}

bool sim_sweep_db_put(struct sim_sweep_db *db, const struct sim_sweep_outcome *outcome, struct sim_err *err) {
    if (!db->pending && !sim_sweep_db_run(db, "BEGIN IMMEDIATE", err))
        return false;
    db->pending = true;
    if (outcome->done && !put_keys(db, outcome->summary, "", "$", err))
        return false;
    if (!insert(db, outcome, err))
        return false;
    uint8_t *state = &db->state[outcome->candidate];
    db->count[*state]--;
    *state = outcome->done ? SIM_SWEEP_DONE : SIM_SWEEP_FAILED;
    db->count[*state]++;
    return now_ns() - db->committed_ns < COMMIT_NS || sim_sweep_db_commit(db, err);
}

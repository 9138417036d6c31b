/* SPDX-License-Identifier: MIT
 *
 * Opening a stranger's SQLite file without trusting it; see db.h. The measures are those of
 * SQLite's own advice for untrusted files (https://sqlite.org/security.html).
 */
#include "sim/trace/db.h"

#include "sim/trace/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define HEADER_BYTES 100 /* of an SQLite file: https://sqlite.org/fileformat.html */
#define PROGRESS_OPCODES 4000
#define SCHEMA_SQL_MAX 16384

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void arm(struct sim_trace_db *db, int seconds) {
    db->seconds = seconds;
    db->deadline_ns = now_ns() + (uint64_t)seconds * 1000000000u;
}

void sim_trace_db_arm(struct sim_trace_db *db) { arm(db, SIM_TRACE_SECONDS_MAX); }

static bool fault_v(const struct sim_trace_db *db, struct sim_err *err, enum sim_exit code,
                    const char *format, va_list arguments) {
    char text[1024];
    vsnprintf(text, sizeof text, format, arguments);
    struct sim_where where = {.file = db->path};
    return sim_err_add(err, code, &where, "%s", text);
}

bool sim_trace_db_fault(const struct sim_trace_db *db, struct sim_err *err, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fault_v(db, err, SIM_EXIT_CONFIG, format, arguments);
    va_end(arguments);
    return false;
}

static bool io_fault(const struct sim_trace_db *db, struct sim_err *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static bool io_fault(const struct sim_trace_db *db, struct sim_err *err, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fault_v(db, err, SIM_EXIT_IO, format, arguments);
    va_end(arguments);
    return false;
}

static uint32_t big_endian(const unsigned char *byte) {
    return (uint32_t)byte[0] << 24 | (uint32_t)byte[1] << 16 | (uint32_t)byte[2] << 8 | byte[3];
}

/* Judges the first 100 bytes, so that a foreign or truncated file is named as such. */
static bool check_header(const struct sim_trace_db *db, const unsigned char *header, size_t length,
                         struct sim_err *err) {
    if (length < HEADER_BYTES || memcmp(header, "SQLite format 3", 16) != 0)
        return sim_trace_db_fault(db, err, "not a spike trace (%s)",
                                  length == 0 ? "the file is empty" : "not an SQLite file");
    if (big_endian(header + 68) != SIM_TRACE_APPLICATION_ID)
        return sim_trace_db_fault(db, err,
                                  "not a spike trace (an SQLite file with application id 0x%08x, not 0x%08x)",
                                  big_endian(header + 68), SIM_TRACE_APPLICATION_ID);
    if (big_endian(header + 60) != SIM_TRACE_VERSION)
        return sim_trace_db_fault(db, err, "a spike trace of version %u: this program reads version %d",
                                  big_endian(header + 60), SIM_TRACE_VERSION);
    if (header[18] == 2 || header[19] == 2)
        return sim_trace_db_fault(
            db, err, "the file has a write-ahead log: run `PRAGMA journal_mode = DELETE` on it first");
    uint32_t page = (uint32_t)header[16] << 8 | header[17];
    uint64_t stated = (uint64_t)(page == 1 ? 65536 : page) * big_endian(header + 28);
    bool current = memcmp(header + 24, header + 92, 4) == 0; /* else the page count is not valid */
    if (current && db->bytes < stated)
        return sim_trace_db_fault(db, err, "truncated: %llu of %llu bytes",
                                  (unsigned long long)db->bytes, (unsigned long long)stated);
    return true;
}

static bool check_file(struct sim_trace_db *db, struct sim_err *err) {
    int file = open(db->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0)
        return io_fault(db, err, "cannot open: %s", strerror(errno));
    struct stat status;
    unsigned char header[HEADER_BYTES];
    ssize_t length = 0;
    bool ok = true;
    if (fstat(file, &status) != 0)
        ok = io_fault(db, err, "cannot read: %s", strerror(errno));
    else if (!S_ISREG(status.st_mode))
        ok = io_fault(db, err, "cannot read: not a regular file");
    else if ((length = read(file, header, sizeof header)) < 0)
        ok = io_fault(db, err, "cannot read: %s", strerror(errno));
    close(file);
    if (!ok)
        return false;
    db->bytes = (uint64_t)status.st_size;
    return check_header(db, header, (size_t)length, err);
}

/* "file:" URI of a path: whatever is special in a URI is percent-encoded, and a relative path begins
 * with "./" so that names such as ":memory:" are files. */
static char *make_uri(const char *path) {
    static const char hex[] = "0123456789ABCDEF", tail[] = "?mode=ro&immutable=1";
    char *uri = malloc(3 * strlen(path) + 16 + sizeof tail);
    if (uri == NULL)
        return NULL;
    char *out = uri + sprintf(uri, "%s", path[0] == '/' ? "file://" : "file:./");
    for (const unsigned char *c = (const unsigned char *)path; *c != '\0'; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= '0' && *c <= '9') || strchr("/-._~", *c) != NULL;
        if (plain) {
            *out++ = (char)*c;
        } else {
            *out++ = '%';
            *out++ = hex[*c >> 4];
            *out++ = hex[*c & 15];
        }
    }
    memcpy(out, tail, sizeof tail);
    return uri;
}

static int late(void *user) { return now_ns() > ((struct sim_trace_db *)user)->deadline_ns; }

static int authorize(void *user, int action, const char *first, const char *second, const char *base,
                     const char *origin) {
    (void)user, (void)second, (void)base;
    if (origin != NULL) /* asked for by a view or a trigger */
        return SQLITE_DENY;
    if (action == SQLITE_SELECT || action == SQLITE_READ)
        return SQLITE_OK;
    if (action == SQLITE_PRAGMA && (strcmp(first, "table_list") == 0 || strcmp(first, "table_xinfo") == 0))
        return SQLITE_OK;
    return SQLITE_DENY;
}

static const struct {
    int what, value;
} settings[] = {
    {SQLITE_DBCONFIG_DEFENSIVE, 1},        {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
    {SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0},  {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
    {SQLITE_DBCONFIG_ENABLE_VIEW, 0},      {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
    {SQLITE_DBCONFIG_DQS_DML, 0},          {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
    {SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1},
}, limits[] = {
    {SQLITE_LIMIT_SQL_LENGTH, SCHEMA_SQL_MAX}, {SQLITE_LIMIT_COLUMN, 64},
    {SQLITE_LIMIT_EXPR_DEPTH, 16},             {SQLITE_LIMIT_COMPOUND_SELECT, 2},
    {SQLITE_LIMIT_VDBE_OP, 2000},              {SQLITE_LIMIT_FUNCTION_ARG, 8},
    {SQLITE_LIMIT_ATTACHED, 0},                {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 64},
    {SQLITE_LIMIT_VARIABLE_NUMBER, 8},         {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
    {SQLITE_LIMIT_WORKER_THREADS, 0},
};

static bool harden(struct sim_trace_db *db, struct sim_err *err) {
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        int now = -1;
        if (sqlite3_db_config(db->sqlite, settings[i].what, settings[i].value, &now) != SQLITE_OK ||
            now != settings[i].value)
            return io_fault(db, err, "this SQLite library (%s) lacks defensive setting %d",
                            sqlite3_libversion(), settings[i].what);
    }
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        sqlite3_limit(db->sqlite, limits[i].what, limits[i].value);
    uint64_t longest = SIM_LAYER_WEIGHTS_MAX < db->bytes ? SIM_LAYER_WEIGHTS_MAX : db->bytes;
    sqlite3_limit(db->sqlite, SQLITE_LIMIT_LENGTH, (int)longest + 4096);
    sqlite3_progress_handler(db->sqlite, PROGRESS_OPCODES, late, db);
    arm(db, SIM_TRACE_SCHEMA_SECONDS_MAX);
    if (sqlite3_exec(db->sqlite,
                     "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY;"
                     "PRAGMA query_only = ON;",
                     NULL, NULL, NULL) != SQLITE_OK)
        return sim_trace_db_fault(db, err, "damaged: %s", sqlite3_errmsg(db->sqlite));
    sqlite3_set_authorizer(db->sqlite, authorize, db);
    return true;
}

bool sim_trace_db_open(struct sim_trace_db *db, const char *path, struct sim_err *err) {
    *db = (struct sim_trace_db){.path = path};
    if (!check_file(db, err))
        return false;
    char *uri = make_uri(path);
    if (uri == NULL)
        return io_fault(db, err, "out of memory");
    int result = sqlite3_open_v2(uri, &db->sqlite,
                                 SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX |
                                     SQLITE_OPEN_PRIVATECACHE,
                                 NULL);
    free(uri);
    bool ok = result == SQLITE_OK
                  ? harden(db, err) && sim_trace_schema_check(db, err)
                  : io_fault(db, err, "cannot open: %s",
                             db->sqlite != NULL ? sqlite3_errmsg(db->sqlite) : "out of memory");
    if (!ok)
        sim_trace_db_close(db);
    sim_trace_db_arm(db);
    return ok;
}

void sim_trace_db_close(struct sim_trace_db *db) {
    sqlite3_close(db->sqlite);
    db->sqlite = NULL;
}

/* The message for a failed call: what SQLite says, in the class of errors it belongs to. */
static void report(struct sim_trace_db *db, struct sim_err *err, const char *what) {
    int code = sqlite3_errcode(db->sqlite) & 0xff;
    const char *said = sqlite3_errmsg(db->sqlite);
    if (code == SQLITE_INTERRUPT)
        sim_trace_db_fault(db, err, "%s: damaged: gave up after %d s", what, db->seconds);
    else if (code == SQLITE_IOERR || code == SQLITE_CANTOPEN || code == SQLITE_NOMEM ||
             code == SQLITE_PERM)
        io_fault(db, err, "%s: cannot read: %s", what, said);
    else
        sim_trace_db_fault(db, err, "%s: damaged: %s", what, said);
}

sqlite3_stmt *sim_trace_db_prepare(struct sim_trace_db *db, const char *sql, struct sim_err *err) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v3(db->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT | SQLITE_PREPARE_NO_VTAB,
                           &statement, NULL) != SQLITE_OK) {
        report(db, err, "schema");
        return NULL;
    }
    return statement;
}

enum sim_trace_step sim_trace_db_step(struct sim_trace_db *db, sqlite3_stmt *statement,
                                      struct sim_err *err, const char *format, ...) {
    int result = sqlite3_step(statement);
    if (result == SQLITE_ROW)
        return SIM_TRACE_STEP_ROW;
    if (result == SQLITE_DONE)
        return SIM_TRACE_STEP_DONE;
    char what[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    report(db, err, what);
    return SIM_TRACE_STEP_FAULT;
}

const char *sim_trace_db_type(sqlite3_stmt *statement, int column) {
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER: return "INTEGER";
    case SQLITE_FLOAT: return "REAL";
    case SQLITE_TEXT: return "TEXT";
    case SQLITE_BLOB: return "BLOB";
    default: return "NULL";
    }
}

/* SPDX-License-Identifier: MIT
 *
 * Expressions; see expr.h. Each lives in an empty in-memory database of its own, as
 *
 *     WITH given AS (SELECT ?1 AS "first", ?2 AS "second") SELECT (expression) FROM given
 *
 * The authorizer admits two SELECTs, columns, and the functions of a list; so nothing that was written into
 * the expression can be anything else than an expression.
 */
#include "sim/sweep/expr.h"

#include "sim/base/heap.h"

#include <math.h>
#include <sqlite3.h>
#include <string.h>

struct sim_sweep_expr {
    sqlite3 *database;
    sqlite3_stmt *statement;
    uint32_t names;
    int selects;
};

static const char *const functions[] = {
    "abs",     "acos",  "asin",  "atan",   "atan2", "ceil",   "ceiling", "coalesce", "cos",    "degrees",
    "exp",     "floor", "glob",  "ifnull", "iif",   "instr",  "length",  "like",     "ln",     "log",
    "log10",   "log2",  "lower", "max",    "min",   "mod",    "nullif",  "pi",       "pow",    "power",
    "radians", "round", "sign",  "sin",    "sqrt",  "substr", "tan",     "trunc",    "typeof", "upper",
};

static int authorize(void *user, int action, const char *first, const char *second, const char *third,
                     const char *fourth) {
    struct sim_sweep_expr *expr = user;
    (void)first, (void)third, (void)fourth;
    if (action == SQLITE_READ)
        return SQLITE_OK;
    if (action == SQLITE_SELECT)
        return ++expr->selects <= 2 ? SQLITE_OK : SQLITE_DENY;
    if (action == SQLITE_FUNCTION)
        for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
            if (sqlite3_stricmp(functions[i], second) == 0)
                return SQLITE_OK;
    return SQLITE_DENY;
}

void sim_sweep_quote(const char *text, char quote, FILE *out) {
    fputc(quote, out);
    for (; *text != '\0'; text++) {
        if (*text == quote)
            fputc(quote, out);
        fputc(*text, out);
    }
    fputc(quote, out);
}

static char *query(const char *text, const char *const *name, uint32_t names) {
    char *sql = NULL;
    size_t size = 0;
    FILE *out = sim_heap_must(open_memstream(&sql, &size));
    fputs("WITH given AS (SELECT ", out);
    for (uint32_t i = 0; i < names; i++) {
        fprintf(out, "%s?%u AS ", i == 0 ? "" : ", ", i + 1);
        sim_sweep_quote(name[i], '"', out);
    }
    fprintf(out, "%s) SELECT (\n%s\n) FROM given", names == 0 ? "1" : "", text);
    fclose(out);
    return sim_heap_must(sql);
}

static sqlite3 *open_empty(struct sim_sweep_expr *expr) {
    sqlite3 *database = NULL;
    if (sqlite3_open_v2(":memory:", &database,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        sim_heap_must(NULL);
    sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_limit(database, SQLITE_LIMIT_LENGTH, 1 << 20);
    sqlite3_limit(database, SQLITE_LIMIT_EXPR_DEPTH, 200);
    sqlite3_set_authorizer(database, authorize, expr);
    return database;
}

static bool refuse(const struct sim_sweep_expr *expr, const char *text, const char *const *name,
                   uint32_t names, const char *what, const struct sim_where *where, struct sim_err *err) {
    static const char unknown[] = "no such column: ";
    char quote[SIM_QUOTE_SIZE];
    char suggestion[SIM_SUGGEST_SIZE];
    const char *fault = sqlite3_errmsg(expr->database), *nearest = NULL;
    sim_quote(quote, text);
    if (strncmp(fault, unknown, sizeof unknown - 1) != 0)
        return sim_err_add(err, SIM_EXIT_CONFIG, where, "%s '%s': %s", what, quote, fault);
    const char *word = fault + sizeof unknown - 1;
    nearest = sim_err_nearest(word, name, names);
    return sim_err_add(err, SIM_EXIT_CONFIG, where, "%s '%s': unknown name '%s'%s", what, quote, word,
                       sim_err_suggest(suggestion, nearest));
}

struct sim_sweep_expr *sim_sweep_expr_new(const char *text, const char *const *name, uint32_t names,
                                          const char *what, const struct sim_where *where,
                                          struct sim_err *err) {
    if (strlen(text) > SIM_SWEEP_EXPR_BYTES) {
        sim_err_add(err, SIM_EXIT_CONFIG, where, "%s: longer than %d bytes", what, SIM_SWEEP_EXPR_BYTES);
        return NULL;
    }
    struct sim_sweep_expr *expr = sim_heap_must(calloc(1, sizeof *expr));
    expr->names = names;
    expr->database = open_empty(expr);
    char *sql = query(text, name, names);
    const char *rest = NULL;
    int code = sqlite3_prepare_v2(expr->database, sql, -1, &expr->statement, &rest);
    bool good = code == SQLITE_OK || refuse(expr, text, name, names, what, where, err);
    if (good && (rest == NULL || *rest != '\0' || sqlite3_column_count(expr->statement) != 1 ||
                 sqlite3_bind_parameter_count(expr->statement) != (int)names)) {
        char quote[SIM_QUOTE_SIZE];
        good = sim_err_add(err, SIM_EXIT_CONFIG, where, "%s '%s': is not one expression", what,
                           sim_quote(quote, text));
    }
    free(sql);
    if (good)
        return expr;
    sim_sweep_expr_free(expr);
    return NULL;
}

void sim_sweep_expr_free(struct sim_sweep_expr *expr) {
    if (expr == NULL)
        return;
    sqlite3_finalize(expr->statement);
    sqlite3_close(expr->database);
    free(expr);
}

static void bind(struct sim_sweep_expr *expr, int index, const struct sim_sweep_value *value) {
    if (isnan(value->number))
        sqlite3_bind_text(expr->statement, index, value->shown, -1, SQLITE_STATIC);
    else
        sqlite3_bind_double(expr->statement, index, value->number);
}

bool sim_sweep_expr_value(struct sim_sweep_expr *expr, const struct sim_sweep_value *const *value,
                          double *result) {
    for (uint32_t i = 0; i < expr->names; i++)
        bind(expr, (int)i + 1, value[i]);
    bool good = sqlite3_step(expr->statement) == SQLITE_ROW;
    int type = good ? sqlite3_column_type(expr->statement, 0) : SQLITE_NULL;
    good = type == SQLITE_INTEGER || type == SQLITE_FLOAT;
    if (good)
        *result = sqlite3_column_double(expr->statement, 0);
    sqlite3_reset(expr->statement);
    return good;
}

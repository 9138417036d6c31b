/* SPDX-License-Identifier: MIT
 *
 * nocsim query RUN.db [NAME | SQL]: asks a run database, by the name of a documented query or in SQL.
 */
#include "sim/base/heap.h"
#include "sim/base/table.h"
#include "sim/cli/commands.h"
#include "sim/cli/options.h"
#include "sim/cli/rows.h"
#include "sim/record/queries.h"
#include "sim/record/rundb.h"

#include <ctype.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

struct request {
    const char *path, *query, *tech;
    bool show;
    enum cli_format format;
};

static const struct cli_option option_table[] = {
    {"tech", 't', "FILE", "price the run again with this technology file first",
     CLI_TEXT(struct request, tech)},
    {"show", 's', NULL, "print the SQL of a documented query instead of running it",
     CLI_FLAG(struct request, show)},
    {"format", 'f', "FORMAT", "text (default), json or csv", CLI_TEXT_JSON_OR_CSV(struct request, format)},
    CLI_HELP,
    CLI_END,
};

static const struct cli_command command = {
    .name = "query",
    .usage = "Usage: nocsim query RUN.db [NAME | SQL] [OPTION]...\n"
             "Runs a documented query by name, or one SELECT in SQL. Without either it lists the documented\n"
             "queries. Tables and views: docs/database.md.\n\nOptions:\n",
    .option = option_table,
    .least = 1,
    .most = 2,
    .missing = "which run database?",
    .surplus = "one query at a time (quote SQL)",
};

static void list(const struct sim_queries *queries) {
    struct sim_table table;
    sim_table_init(&table);
    sim_table_column(&table, "query", SIM_TABLE_LEFT);
    sim_table_column(&table, "answers", SIM_TABLE_LEFT);
    for (uint32_t i = 0; i < queries->count; i++) {
        sim_table_cell(&table, "%s", queries->query[i].name);
        sim_table_cell(&table, "%s", queries->query[i].help);
    }
    sim_table_print(&table, 0, stdout);
    sim_table_release(&table);
}

/* Readers only read: what else SQL can do (attach, write, change settings) is refused. */
static int authorize(void *unused, int action, const char *a, const char *b, const char *c, const char *d) {
    (void)unused, (void)a, (void)b, (void)c, (void)d;
    bool reads = action == SQLITE_SELECT || action == SQLITE_READ || action == SQLITE_FUNCTION ||
                 action == SQLITE_RECURSIVE;
    return reads ? SQLITE_OK : SQLITE_DENY;
}

static bool ask(sqlite3 *database, const char *sql, enum cli_format format, struct sim_err *err) {
    sqlite3_stmt *rows = NULL;
    const char *rest = NULL;
    sqlite3_set_authorizer(database, authorize, NULL);
    if (sqlite3_prepare_v2(database, sql, -1, &rows, &rest) != SQLITE_OK)
        return sim_err_add(err, SIM_EXIT_USAGE, NULL, "query: %s",
                           sqlite3_errcode(database) == SQLITE_AUTH
                               ? "a run database can only be read: SELECT"
                               : sqlite3_errmsg(database));
    bool single = rest[strspn(rest, " \t\r\n;")] == '\0';
    bool good = true;
    if (rows == NULL || !single)
        good = sim_err_add(err, SIM_EXIT_USAGE, NULL, "query: %s",
                           rows == NULL ? "is empty" : "one statement at a time");
    else if (!cli_print_rows(rows, format, stdout))
        good = sim_err_add(err, SIM_EXIT_CONFIG, NULL, "query: %s", sqlite3_errmsg(database));
    sqlite3_finalize(rows);
    return good;
}

static bool is_sql(const char *text) {
    for (; *text != '\0'; text++)
        if (isspace((unsigned char)*text))
            return true;
    return false;
}

static bool unknown(const struct sim_queries *queries, const char *name, struct sim_err *err) {
    const char **names = sim_heap_must(calloc(queries->count + 1, sizeof *names));
    for (uint32_t i = 0; i < queries->count; i++)
        names[i] = queries->query[i].name;
    char suggestion[SIM_SUGGEST_SIZE];
    const char *near = sim_err_nearest(name, names, queries->count);
    sim_err_add(err, SIM_EXIT_USAGE, NULL,
                "query: there is no query '%s'%s; 'nocsim query RUN.db' lists them", name,
                sim_err_suggest(suggestion, near));
    free(names);
    return false;
}

static void run(const struct request *request, const struct sim_queries *queries, struct sim_err *err) {
    const struct sim_query *named =
        request->query == NULL ? NULL : sim_queries_find(queries, request->query);
    if (request->query != NULL && named == NULL && !is_sql(request->query)) {
        unknown(queries, request->query, err);
        return;
    }
    if (request->show && named != NULL) {
        printf("-- %s\n%s;\n", named->help, named->sql);
        return;
    }
    sqlite3 *database = sim_rundb_open(request->path, err);
    struct sim_energy *energy = NULL;
    if (database == NULL)
        return;
    bool good =
        request->tech == NULL || ((energy = sim_energy_load(request->tech, err)) != NULL &&
                                  sim_rundb_reprice(database, request->path, energy,
                                                    &(struct sim_energy_point){.voltage_v = 0}, err));
    if (good && request->query == NULL)
        list(queries);
    else if (good)
        ask(database, named != NULL ? named->sql : request->query, request->format, err);
    sim_energy_free(energy);
    sqlite3_close(database);
}

int cmd_query(int argc, char **argv) {
    struct request request = {.format = CLI_FORMAT_TEXT};
    int code;
    if (!cli_command_line(&command, argc, argv, &request, &code))
        return code;
    request.path = argv[optind];
    request.query = argc - optind == 2 ? argv[optind + 1] : NULL;
    struct sim_queries queries;
    sim_queries_init(&queries);
    struct sim_err err;
    sim_err_init(&err);
    run(&request, &queries, &err);
    sim_queries_release(&queries);
    return cli_flush("query", cli_finish(&err));
}

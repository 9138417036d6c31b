/* SPDX-License-Identifier: MIT
 *
 * nocsim energy RUN.db: where the energy of a finished run went, also with other prices.
 */
#include "sim/cli/commands.h"
#include "sim/cli/options.h"
#include "sim/cli/rows.h"
#include "sim/config/quantity.h"
#include "sim/record/energy.h"
#include "sim/record/rundb.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

struct view {
    const char *by, *sql;
};

static const struct view views[] = {
    {"kind",
     "SELECT k.type, k.event, k.count, k.unit_energy_j, k.energy_j, k.energy_j / t.time_s AS power_w, "
     "k.energy_j * 100 / t.energy_j AS percent, k.trust FROM energy_by_kind k, energy_total t "
     "WHERE k.energy_j > 0 OR k.unit_energy_j IS NULL ORDER BY k.kind"},
    {"component",
     "SELECT e.path, e.row, e.col, e.dynamic_j, e.leakage_j, e.energy_j, e.energy_j / t.time_s AS power_w "
     "FROM energy_by_component e, run_time t ORDER BY e.component"},
    {"layer",
     "SELECT coalesce(e.name, '(none)') AS layer, e.components, e.dynamic_j, e.leakage_j, e.energy_j, "
     "e.energy_j / t.time_s AS power_w FROM energy_by_layer e, run_time t ORDER BY e.layer"},
    {"trust", "SELECT trust, count(*) AS kinds, sum(energy_j) AS energy_j, "
              "sum(energy_j) * 100 / (SELECT energy_j FROM energy_total) AS percent "
              "FROM energy_by_kind GROUP BY trust ORDER BY energy_j DESC"},
    {"total", "SELECT energy_j, dynamic_j, leakage_j, time_s, power_w FROM energy_total"},
};
#define VIEWS (sizeof views / sizeof *views)
#define TOTAL (&views[VIEWS - 1])

struct request {
    const char *path, *tech;
    const struct view *view; /* NULL: not given */
    struct sim_energy_point point;
    enum cli_format format;
};

static int parse_quantity(const char *option, const char *text, enum sim_unit unit, double *value) {
    char why[SIM_QUANTITY_SIZE];
    if (!sim_quantity_parse(text, unit, value, why))
        return cli_usage("energy", "%s: %s", option, why);
    if (!(*value > 0))
        return cli_usage("energy", "%s: must be above 0", option);
    return SIM_EXIT_OK;
}

static int parse_voltage(void *request, char *text) {
    return parse_quantity("--voltage", text, SIM_UNIT_VOLT, &((struct request *)request)->point.voltage_v);
}

static int parse_clock(void *request, char *text) {
    return parse_quantity("--clock", text, SIM_UNIT_HERTZ, &((struct request *)request)->point.clock_hz);
}

static int parse_view(void *request, char *text) {
    for (size_t i = 0; i < VIEWS; i++)
        if (strcmp(views[i].by, text) == 0) {
            ((struct request *)request)->view = &views[i];
            return SIM_EXIT_OK;
        }
    return cli_usage("energy", "--by takes total, kind, component, layer or trust, not '%s'", text);
}

static const struct cli_option option_table[] = {
    {"tech", 't', "FILE", "unit energies and leakage (configs/tech); default: those of the run",
     CLI_TEXT(struct request, tech)},
    {"voltage", 'v', "V", "supply, such as '0.6 V'; needs --tech; default: that of the run",
     CLI_PARSED(parse_voltage)},
    {"clock", 'c', "F", "clock, such as '120 kHz'; needs --tech; default: that of the run",
     CLI_PARSED(parse_clock)},
    {"by", 'b', "WHAT", "total, kind, component, layer or trust; default: kind, and the total in text",
     CLI_PARSED(parse_view)},
    {"format", 'f', "FORMAT", "text (default), json or csv", CLI_TEXT_JSON_OR_CSV(struct request, format)},
    CLI_HELP,
    CLI_END,
};

static const struct cli_command command = {
    .name = "energy",
    .usage =
        "Usage: nocsim energy RUN.db [--tech FILE] [OPTION]...\n"
        "Prints the energy of a finished run. With --tech the counts of the run are priced again with "
        "another\n"
        "technology file: energy is linear in the counts, so nothing needs to be simulated.\n\nOptions:\n",
    .option = option_table,
    .least = 1,
    .most = 1,
    .missing = "which run database?",
    .surplus = "one run database at a time",
};

static bool show(sqlite3 *database, const struct request *request, const struct view *view,
                 struct sim_err *err) {
    sqlite3_stmt *rows;
    if (sqlite3_prepare_v2(database, view->sql, -1, &rows, NULL) != SQLITE_OK)
        return sim_rundb_fault(database, request->path, err);
    bool good =
        cli_print_rows(rows, request->format, stdout) || sim_rundb_fault(database, request->path, err);
    sqlite3_finalize(rows);
    return good;
}

static bool is_priced(sqlite3 *database, const char *path, struct sim_err *err) {
    sqlite3_stmt *row;
    if (sqlite3_prepare_v2(database, "SELECT count(*) FROM kind WHERE unit_energy_j IS NULL", -1, &row,
                           NULL) != SQLITE_OK)
        return sim_rundb_fault(database, path, err);
    bool good = sqlite3_step(row) == SQLITE_ROW;
    bool priced = good && sqlite3_column_int64(row, 0) == 0;
    sqlite3_finalize(row);
    if (!good)
        return sim_rundb_fault(database, path, err);
    return priced || sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                                 "%s: the run has no prices: give some with --tech", path);
}

static void run(const struct request *request, struct sim_err *err) {
    sqlite3 *database = sim_rundb_open(request->path, err);
    struct sim_energy *energy = NULL;
    if (database == NULL)
        return;
    bool good = request->tech == NULL
                    ? is_priced(database, request->path, err)
                    : (energy = sim_energy_load(request->tech, err)) != NULL &&
                          sim_rundb_reprice(database, request->path, energy, &request->point, err);
    if (good)
        good = show(database, request, request->view == NULL ? &views[0] : request->view, err);
    if (good && request->view == NULL && request->format == CLI_FORMAT_TEXT) {
        putchar('\n');
        show(database, request, TOTAL, err);
    }
    sim_energy_free(energy);
    sqlite3_close(database);
}

int cmd_energy(int argc, char **argv) {
    struct request request = {.format = CLI_FORMAT_TEXT};
    int code;
    if (!cli_command_line(&command, argc, argv, &request, &code))
        return code;
    if (request.tech == NULL && (request.point.voltage_v > 0 || request.point.clock_hz > 0))
        return cli_usage("energy", "--voltage and --clock need --tech");
    request.path = argv[optind];
    struct sim_err err;
    sim_err_init(&err);
    run(&request, &err);
    return cli_flush("energy", cli_finish(&err));
}

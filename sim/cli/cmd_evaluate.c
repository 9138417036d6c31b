/* SPDX-License-Identifier: MIT
 *
 * nocsim evaluate: the network of a trace on several kinds of synapses, side by side: accuracy, energy,
 * latency and area of each.
 */
#include "arch/evaluate.h"
#include "arch/units.h"
#include "sim/cli/cli.h"
#include "sim/cli/commands.h"
#include "sim/cli/options.h"
#include "sim/cli/samples.h"
#include "sim/config.h"
#include "sim/energy.h"
#include "sim/progress.h"
#include "sim/quantity.h"
#include "sim/registry.h"
#include "sim/table.h"
#include "sim/trace.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#define SETS_MAX 64
#define PULSE_MIDDLE 0.5

static const struct cli_option options_table[] = {
    {"trace", 't', "FILE", "spike trace with weights"},
    {"set", 's', "KEY=VALUE", "change a value of every description"},
    {"samples", 'n', "N", "only the first N samples"},
    {"seeds", 'S', "N", "repeat with N seeds: mean and 95 % interval of the accuracy"},
    {"format", 'f', "FORMAT", "text (default) or json"},
    {"quiet", 'q', NULL, "no progress"},
    {"help", 'h', NULL, "this text"},
    {NULL, 0, NULL, NULL},
};

struct options {
    const char *trace;
    const char *set[SETS_MAX + 1];
    int sets;
    uint64_t samples, seeds;
    enum cli_format format;
    bool quiet;
};

/* What one description gave, over its seeds. */
struct outcome {
    const char *file;
    char unit[64];
    uint32_t units;
    uint64_t samples, labelled;
    double accuracy, interval; /* mean, half of its 95 % interval (0: one seed) */
    double energy_j;           /* a sample; NaN: no prices */
    double latency_s;          /* a sample */
    double area_m2;            /* 0: not known */
    double silent;             /* share of neurons that sent no spike in a sample */
};

/* ---- one evaluation --------------------------------------------------------------------------- */

static struct arch_evaluation *evaluate(const struct sim_graph *graph, const struct arch_samples *samples,
                                        const struct arch_units_spec *spec, struct sim_arena *arena,
                                        struct sim_err *err) {
    const struct arch_window_unit_type *window = arch_window_unit_of(spec->unit.schema);
    if (window == NULL) {
        struct arch_evaluate_rate how = {.type = arch_core_unit_of(spec->unit.schema),
                                         .spec = spec->unit.spec,
                                         .clock_hz = spec->clock_hz};
        return arch_evaluate_rate(graph, samples, &how, arena, err);
    }
    struct arch_ttfs *code = SIM_NEW_ARRAY(arena, struct arch_ttfs, graph->layers);
    if (!arch_evaluate_calibrate(graph, samples, spec->levels, spec->masked, spec->dead_zone,
                                 ARCH_CALIBRATION_SAMPLES, code, err))
        return NULL;
    struct arch_evaluate_windows how = {window, spec->unit.spec, spec->clock_hz, code, PULSE_MIDDLE, NULL,
                                        NULL};
    return arch_evaluate_windows(graph, samples, &how, arena, err);
}

static bool price(const struct sim_config *config, const struct arch_units_spec *spec,
                  const struct arch_evaluation *evaluation, double *energy_j, struct sim_err *err) {
    *energy_j = NAN;
    if (config->tech == NULL)
        return true;
    struct sim_energy *technology = sim_energy_read(config->tech, err);
    if (technology == NULL)
        return false;
    struct arch_evaluation_energy energy = {0};
    bool priced = arch_evaluation_price(evaluation, technology, spec->voltage_v, &energy, err);
    sim_energy_free(technology);
    *energy_j = (energy.dynamic_j + energy.leakage_j) / (double)evaluation->samples;
    return priced;
}

/* Loads a description with this seed (0: its own) and evaluates it once. */
static bool evaluate_seed(const char *file, uint64_t seed, const struct options *options,
                          const struct sim_graph *graph, const struct arch_samples *samples,
                          struct outcome *outcome, struct sim_err *err) {
    char setting[48];
    const char *sets[SETS_MAX + 1];
    memcpy(sets, options->set, sizeof sets);
    int count = options->sets;
    if (seed != 0) {
        snprintf(setting, sizeof setting, "chip.unit.seed=%llu", (unsigned long long)seed);
        sets[count++] = setting;
    }
    struct sim_config_request request = {
        .file = file, .set = sets, .sets = count, .registry = sim_registry, .run = &sim_run_schema};
    struct sim_config config;
    if (!sim_config_load(&config, &request, err))
        return false;
    struct sim_arena arena;
    sim_arena_init(&arena);
    bool done = config.chip.schema == &arch_units_schema;
    if (!done)
        sim_err_add(err, SIM_EXIT_CONFIG, &(struct sim_where){.file = file},
                    "a chip of type '%s' is run with nocsim run; evaluate takes arch.units",
                    config.chip.schema->name);
    const struct arch_units_spec *spec = config.chip.spec;
    struct arch_evaluation *evaluation = done ? evaluate(graph, samples, spec, &arena, err) : NULL;
    done = evaluation != NULL && price(&config, spec, evaluation, &outcome->energy_j, err);
    if (done) {
        snprintf(outcome->unit, sizeof outcome->unit, "%s", spec->unit.schema->name);
        outcome->units = evaluation->units;
        outcome->samples = evaluation->samples;
        outcome->labelled = evaluation->labelled;
        outcome->accuracy =
            (double)evaluation->right / (double)(evaluation->labelled > 0 ? evaluation->labelled : 1);
        outcome->latency_s = (double)evaluation->cycles / (double)evaluation->samples / spec->clock_hz;
        outcome->area_m2 = evaluation->area_m2;
        outcome->silent = arch_evaluation_silent(evaluation);
    }
    sim_arena_release(&arena);
    sim_config_release(&config);
    return done;
}

/* Student's t for a two-sided 95 % interval, by degrees of freedom (1 ..; normal beyond the table). */
static double student(uint64_t freedom) {
    static const double t[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228};
    return freedom <= sizeof t / sizeof *t ? t[freedom - 1] : 1.96 + 2.4 / (double)freedom;
}

static bool evaluate_file(const char *file, const struct options *options, const struct sim_graph *graph,
                          const struct arch_samples *samples, struct outcome *outcome, struct sim_err *err) {
    double sum = 0, squares = 0;
    outcome->file = file;
    for (uint64_t i = 0; i < options->seeds; i++) {
        if (!evaluate_seed(file, options->seeds > 1 ? i + 1 : 0, options, graph, samples, outcome, err))
            return false;
        sum += outcome->accuracy;
        squares += outcome->accuracy * outcome->accuracy;
    }
    double n = (double)options->seeds;
    outcome->accuracy = sum / n;
    if (options->seeds > 1) {
        double variance = fmax(0, (squares - sum * sum / n) / (n - 1));
        outcome->interval = student(options->seeds - 1) * sqrt(variance / n);
    }
    return true;
}

/* ---- output ----------------------------------------------------------------------------------- */

static void cell_quantity(struct sim_table *table, double value, enum sim_unit unit) {
    char text[48];
    sim_table_cell(table, "%s", value > 0 ? sim_quantity_format(text, sizeof text, value, unit) : "unknown");
}

/* For comparison at equal area: as many units as fit into a mm2, each with a sample of its own. */
static double rate_per_mm2(const struct outcome *outcome) {
    return 1e-6 / outcome->latency_s / outcome->area_m2;
}

static void print_text(const struct outcome *outcome, int count, const struct options *options) {
    struct sim_table table;
    sim_table_init(&table);
    sim_table_column(&table, "description", SIM_TABLE_LEFT);
    sim_table_column(&table, "unit", SIM_TABLE_LEFT);
    sim_table_column(&table, "units", SIM_TABLE_RIGHT);
    sim_table_column(&table, "accuracy", SIM_TABLE_RIGHT);
    sim_table_column(&table, "energy a sample", SIM_TABLE_RIGHT);
    sim_table_column(&table, "latency", SIM_TABLE_RIGHT);
    sim_table_column(&table, "energy x delay", SIM_TABLE_RIGHT);
    sim_table_column(&table, "area", SIM_TABLE_RIGHT);
    sim_table_column(&table, "samples/s/mm2", SIM_TABLE_RIGHT);
    for (int i = 0; i < count; i++) {
        const struct outcome *o = &outcome[i];
        sim_table_cell(&table, "%s", o->file);
        sim_table_cell(&table, "%s", o->unit);
        sim_table_cell(&table, "%u", o->units);
        if (options->seeds > 1)
            sim_table_cell(&table, "%.2f +- %.2f %%", 100 * o->accuracy, 100 * o->interval);
        else
            sim_table_cell(&table, "%.2f %%", 100 * o->accuracy);
        cell_quantity(&table, o->energy_j, SIM_UNIT_JOULE);
        cell_quantity(&table, o->latency_s, SIM_UNIT_SECOND);
        if (o->energy_j > 0)
            sim_table_cell(&table, "%.3g J s", o->energy_j * o->latency_s);
        else
            sim_table_cell(&table, "unknown");
        cell_quantity(&table, o->area_m2, SIM_UNIT_SQUARE_METRE);
        if (o->area_m2 > 0)
            sim_table_cell(&table, "%.4g", rate_per_mm2(o));
        else
            sim_table_cell(&table, "unknown");
    }
    sim_table_print(&table, 0, stdout);
    sim_table_release(&table);
}

static json_t *number_or_null(double value, bool known) { return known ? json_real(value) : json_null(); }

static void print_json(const struct outcome *outcome, int count, const struct options *options) {
    json_t *list = json_array();
    for (int i = 0; i < count; i++) {
        const struct outcome *o = &outcome[i];
        json_t *object = json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:f, s:f, s:f}", "arch", o->file, "trace",
                                   options->trace, "unit", o->unit, "units", (json_int_t)o->units, "samples",
                                   (json_int_t)o->samples, "seeds", (json_int_t)options->seeds, "accuracy",
                                   o->accuracy, "latency_s", o->latency_s, "silent", o->silent);
        json_object_set_new(object, "accuracy_interval", number_or_null(o->interval, options->seeds > 1));
        json_object_set_new(object, "energy_j", number_or_null(o->energy_j, o->energy_j > 0));
        json_object_set_new(object, "edp_js", number_or_null(o->energy_j * o->latency_s, o->energy_j > 0));
        json_object_set_new(object, "area_m2", number_or_null(o->area_m2, o->area_m2 > 0));
        json_object_set_new(object, "samples_per_s_mm2", number_or_null(rate_per_mm2(o), o->area_m2 > 0));
        json_array_append_new(list, object);
    }
    json_dumpf(list, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    fputc('\n', stdout);
    json_decref(list);
}

/* ---- command ---------------------------------------------------------------------------------- */

static bool evaluate_all(char **file, int files, const struct options *options, struct sim_err *err) {
    struct sim_trace trace;
    if (!sim_trace_open(&trace, options->trace, err))
        return false;
    struct sim_arena arena;
    sim_arena_init(&arena);
    struct arch_samples samples;
    uint64_t count = options->samples < trace.samples ? options->samples : trace.samples;
    bool sound = trace.functional;
    if (!sound)
        sim_err_add(err, SIM_EXIT_CONFIG, &(struct sim_where){.file = options->trace},
                    "the trace has no weights");
    sound = sound && cli_load_samples(&trace, count, &samples, &arena, err);
    struct outcome *outcome = SIM_NEW_ARRAY(&arena, struct outcome, (size_t)files);
    struct sim_progress progress;
    sim_progress_init(&progress, (uint64_t)files, "descriptions");
    if (options->quiet)
        sim_progress_quiet(&progress);
    for (int i = 0; sound && i < files; i++) {
        sound = evaluate_file(file[i], options, &trace.graph, &samples, &outcome[i], err);
        sim_progress_tick(&progress, (uint64_t)i + 1);
    }
    sim_progress_finish(&progress);
    if (sound && options->format == CLI_FORMAT_JSON)
        print_json(outcome, files, options);
    else if (sound)
        print_text(outcome, files, options);
    sim_arena_release(&arena);
    sim_trace_close(&trace);
    return sound;
}

static int print_help(void) {
    fputs("Usage: nocsim evaluate --trace FILE [OPTION]... DESCRIPTION...\n"
          "Runs the network of a trace on units by themselves (chip type arch.units) and prints accuracy, "
          "energy,\n"
          "latency and area of each description side by side.\n\nOptions:\n",
          stdout);
    cli_options_help(options_table, stdout);
    return cli_flush("evaluate", SIM_EXIT_OK);
}

int cmd_evaluate(int argc, char **argv) {
    struct option longs[CLI_OPTIONS_MAX + 1];
    char letters[2 * CLI_OPTIONS_MAX + 2];
    struct options options = {.samples = UINT64_MAX, .seeds = 1};
    cli_options_getopt(options_table, longs, letters);
    cli_getopt_reset();
    for (int answer; (answer = getopt_long(argc, argv, letters, longs, NULL)) != -1;) {
        switch (answer) {
        case 't':
            options.trace = optarg;
            break;
        case 's':
            if (options.sets == SETS_MAX)
                return cli_usage("evaluate", "more than %d --set", SETS_MAX);
            options.set[options.sets++] = optarg;
            break;
        case 'n':
            if (!cli_parse_uint(optarg, 1, UINT64_MAX - 1, &options.samples))
                return cli_usage("evaluate", "--samples takes a number, not '%s'", optarg);
            break;
        case 'S':
            if (!cli_parse_uint(optarg, 1, 1000, &options.seeds))
                return cli_usage("evaluate", "--seeds takes a number from 1 to 1000, not '%s'", optarg);
            break;
        case 'f':
            if (!cli_parse_format(optarg, CLI_ALLOW(CLI_FORMAT_TEXT) | CLI_ALLOW(CLI_FORMAT_JSON),
                                  &options.format))
                return cli_usage("evaluate", "--format takes text or json, not '%s'", optarg);
            break;
        case 'q':
            options.quiet = true;
            break;
        case 'h':
            return print_help();
        default:
            return cli_usage_getopt("evaluate", argv, answer);
        }
    }
    if (options.trace == NULL || optind == argc)
        return cli_usage("evaluate", "--trace and at least one description are needed");
    struct sim_err err;
    sim_err_init(&err);
    evaluate_all(argv + optind, argc - optind, &options, &err);
    return cli_flush("evaluate", cli_finish(&err));
}

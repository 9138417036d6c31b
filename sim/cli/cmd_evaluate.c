/* SPDX-License-Identifier: MIT
 *
 * nocsim evaluate: the network of a trace on several kinds of synapses and chips, side by side: accuracy,
 * energy, latency and area of each.
 */
#include "sim/base/heap.h"
#include "sim/base/table.h"
#include "sim/cli/cli.h"
#include "sim/cli/commands.h"
#include "sim/cli/evaluate.h"
#include "sim/cli/json.h"
#include "sim/cli/options.h"
#include "sim/config/quantity.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DESCRIPTIONS "configs/units" /* where none is named */
#define SUFFIX ".yaml"

struct options {
    struct cli_evaluate_input input;
    uint64_t samples, seeds, jobs;
    enum cli_format format;
    bool quiet;
};

static const struct cli_option option_table[] = {
    {"trace", 't', "FILE", "spike trace with weights", CLI_TEXT(struct options, input.trace)},
    {"set", 's', "KEY=VALUE", "change a value of every description",
     CLI_LIST(struct options, input.set, input.sets)},
    {"samples", 'n', "N", "only the first N samples", CLI_UINT(struct options, samples, 1, UINT64_MAX - 1)},
    {"seeds", 'S', "N",
     "repeat with the seeds 1 to N where something is drawn: mean and\n95 % interval of the accuracy",
     CLI_UINT(struct options, seeds, 1, 1000)},
    {"jobs", 'j', "N", "evaluations at the same time (default: one for each core)",
     CLI_UINT(struct options, jobs, 1, 1024)},
    {"format", 'f', "FORMAT", "text (default) or json", CLI_TEXT_OR_JSON(struct options, format)},
    {"quiet", 'q', NULL, "no progress", CLI_FLAG(struct options, quiet)},
    CLI_HELP,
    CLI_END,
};

static const struct cli_command command = {
    .name = "evaluate",
    .usage =
        "Usage: nocsim evaluate --trace FILE [OPTION]... [DESCRIPTION | FOLDER]...\n"
        "Runs the network of a trace on units by themselves (chip type arch.units), or cycle by cycle on "
        "any other\nchip, and prints accuracy, energy, latency and area of each description side by side. "
        "A folder stands for\nits descriptions; without any, " DESCRIPTIONS " is taken.\n\nOptions:\n",
    .option = option_table,
    .most = INT_MAX,
};

/* ---- descriptions ----------------------------------------------------------------------------- */

struct files {
    char **name;
    int count;
};

static void add_file(struct files *files, const char *name) {
    files->name = sim_heap_must(realloc(files->name, (size_t)(files->count + 1) * sizeof *files->name));
    files->name[files->count++] = sim_heap_must(strdup(name));
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Every description in a folder, in the order of their names. */
static bool add_folder(struct files *files, const char *folder, struct sim_err *err) {
    DIR *dir = opendir(folder);
    if (dir == NULL)
        return sim_err_add(err, SIM_EXIT_IO, NULL, "%s: %s", folder, strerror(errno));
    int first = files->count;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        size_t length = strlen(entry->d_name), suffix = sizeof SUFFIX - 1;
        char path[4096];
        if (length <= suffix || strcmp(entry->d_name + length - suffix, SUFFIX) != 0)
            continue;
        if (snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) < (int)sizeof path)
            add_file(files, path);
    }
    closedir(dir);
    if (files->count == first)
        return sim_err_add(err, SIM_EXIT_IO, NULL, "%s: has no descriptions (*%s)", folder, SUFFIX);
    qsort(files->name + first, (size_t)(files->count - first), sizeof *files->name, by_name);
    return true;
}

static bool list_files(struct files *files, char **argument, int arguments, struct sim_err *err) {
    bool sound = true;
    for (int i = 0; i < arguments; i++) {
        struct stat status;
        if (stat(argument[i], &status) == 0 && S_ISDIR(status.st_mode))
            sound &= add_folder(files, argument[i], err);
        else
            add_file(files, argument[i]);
    }
    return arguments > 0 ? sound : add_folder(files, DESCRIPTIONS, err);
}

static void release_files(struct files *files) {
    for (int i = 0; i < files->count; i++)
        free(files->name[i]);
    free(files->name);
}

/* ---- output ----------------------------------------------------------------------------------- */

static void cell_quantity(struct sim_table *table, double value, enum sim_unit unit) {
    char text[48];
    sim_table_cell(table, "%s", value > 0 ? sim_quantity_format(text, sizeof text, value, unit) : "unknown");
}

/* Mean accuracy of a subject and half of its 95 % interval. */
static double accuracy(const struct cli_evaluate_subject *subject, double *interval) {
    double *value = sim_heap_must(calloc(subject->runs, sizeof *value));
    for (uint64_t i = 0; i < subject->runs; i++)
        value[i] = subject->result[i].accuracy;
    double mean = cli_evaluate_mean(value, subject->runs, interval);
    free(value);
    return mean;
}

/* For comparison at equal area: as many units as fit into a mm2, each with a sample of its own. */
static double rate_per_mm2(const struct cli_evaluate_result *result) {
    return 1e-6 / result->latency_s / result->area_m2;
}

static void print_text(const struct cli_evaluate_subject *subject, int count, const struct options *options) {
    struct sim_table table;
    sim_table_init(&table);
    sim_table_column(&table, "description", SIM_TABLE_LEFT);
    sim_table_column(&table, "type", SIM_TABLE_LEFT);
    sim_table_column(&table, "units", SIM_TABLE_RIGHT);
    sim_table_column(&table, "accuracy", SIM_TABLE_RIGHT);
    sim_table_column(&table, "energy a sample", SIM_TABLE_RIGHT);
    sim_table_column(&table, "latency", SIM_TABLE_RIGHT);
    sim_table_column(&table, "energy x delay", SIM_TABLE_RIGHT);
    sim_table_column(&table, "area", SIM_TABLE_RIGHT);
    sim_table_column(&table, "samples/s/mm2", SIM_TABLE_RIGHT);
    for (int i = 0; i < count; i++) {
        const struct cli_evaluate_result *r = &subject[i].result[subject[i].runs - 1];
        double interval, mean = accuracy(&subject[i], &interval);
        sim_table_cell(&table, "%s", subject[i].file);
        sim_table_cell(&table, "%s", r->unit);
        sim_table_cell(&table, "%u", r->units);
        if (r->labelled == 0)
            sim_table_cell(&table, "no labels");
        else if (options->seeds > 1)
            sim_table_cell(&table, "%.2f +- %.2f %%", 100 * mean, 100 * interval);
        else
            sim_table_cell(&table, "%.2f %%", 100 * mean);
        cell_quantity(&table, r->energy_j, SIM_UNIT_JOULE);
        cell_quantity(&table, r->latency_s, SIM_UNIT_SECOND);
        if (r->energy_j > 0)
            sim_table_cell(&table, "%.3g J s", r->energy_j * r->latency_s);
        else
            sim_table_cell(&table, "unknown");
        cell_quantity(&table, r->area_m2, SIM_UNIT_SQUARE_METRE);
        if (r->area_m2 > 0)
            sim_table_cell(&table, "%.4g", rate_per_mm2(r));
        else
            sim_table_cell(&table, "unknown");
    }
    sim_table_print(&table, 0, stdout);
    sim_table_release(&table);
}

static json_t *number_or_null(double value, bool known) { return known ? json_real(value) : json_null(); }

static void print_json(const struct cli_evaluate_subject *subject, int count, const struct options *options) {
    json_t *list = json_array();
    for (int i = 0; i < count; i++) {
        const struct cli_evaluate_result *r = &subject[i].result[subject[i].runs - 1];
        double interval, mean = accuracy(&subject[i], &interval);
        json_t *object = json_pack("{s:s, s:s, s:s, s:I, s:I, s:I}", "arch", subject[i].file, "trace",
                                   options->input.trace, "unit", r->unit, "units", (json_int_t)r->units,
                                   "samples", (json_int_t)options->input.samples->samples, "seeds",
                                   (json_int_t)subject[i].runs);
        bool labelled = r->labelled > 0;
        json_object_set_new(object, "accuracy", number_or_null(mean, labelled));
        json_object_set_new(object, "accuracy_interval",
                            number_or_null(interval, labelled && subject[i].runs > 1));
        json_object_set_new(object, "latency_s", json_real(r->latency_s));
        json_object_set_new(object, "silent", number_or_null(r->silent, !isnan(r->silent)));
        json_object_set_new(object, "energy_per_sample_j", number_or_null(r->energy_j, r->energy_j > 0));
        json_object_set_new(object, "edp_js", number_or_null(r->energy_j * r->latency_s, r->energy_j > 0));
        json_object_set_new(object, "area_m2", number_or_null(r->area_m2, r->area_m2 > 0));
        json_object_set_new(object, "samples_per_s_mm2", number_or_null(rate_per_mm2(r), r->area_m2 > 0));
        json_array_append_new(list, object);
    }
    cli_json_print(list, 17, stdout);
}

/* ---- command ---------------------------------------------------------------------------------- */

static bool evaluate_files(const struct files *files, struct options *options, const struct sim_trace *trace,
                           const struct arch_samples *samples, struct sim_arena *arena, struct sim_err *err) {
    struct cli_evaluate_subject *subject =
        SIM_NEW_ARRAY(arena, struct cli_evaluate_subject, (size_t)files->count);
    options->input.graph = &trace->graph;
    options->input.samples = samples;
    bool sound = true;
    for (int i = 0; i < files->count && !sim_err_full(err); i++)
        sound &= cli_evaluate_probe(&subject[i], files->name[i], options->seeds, &options->input, arena, err);
    if (!sound || !cli_evaluate_all(subject, files->count, &options->input, (uint32_t)options->jobs,
                                    options->quiet, err))
        return false;
    if (options->format == CLI_FORMAT_JSON)
        print_json(subject, files->count, options);
    else
        print_text(subject, files->count, options);
    return true;
}

static bool evaluate(const struct files *files, struct options *options, struct sim_err *err) {
    struct sim_trace trace;
    if (!sim_trace_open(&trace, options->input.trace, err))
        return false;
    struct sim_arena arena;
    sim_arena_init(&arena);
    struct arch_samples samples;
    uint64_t count = options->samples < trace.samples ? options->samples : trace.samples;
    bool sound = trace.functional || sim_err_add(err, SIM_EXIT_CONFIG,
                                                 &(struct sim_where){.file = options->input.trace},
                                                 "the trace has no weights");
    sound = sound && cli_load_samples(&trace, count, &samples, &arena, err) &&
            evaluate_files(files, options, &trace, &samples, &arena, err);
    sim_arena_release(&arena);
    sim_trace_close(&trace);
    return sound;
}

int cmd_evaluate(int argc, char **argv) {
    struct options options = {.samples = UINT64_MAX, .seeds = 1, .jobs = cli_cores()};
    int code;
    if (!cli_command_line(&command, argc, argv, &options, &code))
        return code;
    if (options.input.trace == NULL)
        return cli_usage("evaluate", "--trace is needed");
    struct sim_err err;
    struct files files = {NULL, 0};
    sim_err_init(&err);
    if (list_files(&files, argv + optind, argc - optind, &err))
        evaluate(&files, &options, &err);
    release_files(&files);
    return cli_flush("evaluate", cli_finish(&err));
}

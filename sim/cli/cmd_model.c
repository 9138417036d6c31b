/* SPDX-License-Identifier: MIT
 *
 * nocsim model NAME --version V: evaluates a closed-form energy model, at one point, over ranges, or at the
 * value of a parameter where its ratio is 1.
 */
#include "sim/cli/commands.h"
#include "sim/cli/options.h"
#include "sim/cli/rows.h"
#include "sim/cli/sweep.h"
#include "sim/describe.h"
#include "sim/heap.h"
#include "sim/number.h"
#include "sim/quantity.h"
#include "sim/table.h"
#include "sim/value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SOLVE_STEPS 1024
#define LISTED_MAX 32

struct request {
    const char *name, *version, *solve, *results;
    const char *over[SIM_SWEEP_AXES_MAX];
    struct sim_sweep_setting set[LISTED_MAX];
    uint32_t overs, sets;
    enum cli_format format;
};

static const struct sim_where set_place = {"--set", 0, 0}, over_place = {"--over", 0, 0},
                              solve_place = {"--solve", 0, 0}, version_place = {"--version", 0, 0};

static int parse_set(void *user, char *text) {
    struct request *request = user;
    char *equal = strchr(text, '=');
    if (equal == NULL || equal == text || equal[1] == '\0')
        return cli_usage("model", "--set takes KEY=VALUE, not '%s'", text);
    if (request->sets == LISTED_MAX)
        return cli_usage("model", "more than %d --set", LISTED_MAX);
    *equal = '\0';
    request->set[request->sets++] = (struct sim_sweep_setting){text, equal + 1, set_place};
    return SIM_EXIT_OK;
}

static const struct cli_option option_table[] = {
    {"version", 'v', "V", "version of the model: v1, v4", CLI_TEXT(struct request, version)},
    {"set", 's', "KEY=VALUE", "change a parameter", CLI_PARSED(parse_set)},
    {"over", 0, "KEY=RANGE",
     "evaluate for each value: A,B,C or A..B/N (N values, even)\nor A..B*N (even in the logarithm); several "
     "make a grid",
     CLI_LIST(struct request, over, overs)},
    {"solve", 0, "KEY=A..B",
     "also find, by bisection, the least value of KEY between A and B\nat which the ratio passes 1",
     CLI_TEXT(struct request, solve)},
    {"results", 'r', "NAMES",
     "which results, separated by commas (default: all; in text over\nranges only the main ones)",
     CLI_TEXT(struct request, results)},
    {"format", 'f', "FORMAT", "text (default), json or csv", CLI_TEXT_JSON_OR_CSV(struct request, format)},
    CLI_HELP,
    CLI_END,
};

static const struct cli_command command = {
    .name = "model",
    .usage = "Usage: nocsim model NAME --version V [OPTION]...\n"
             "Evaluates the published formulas of a model.\n\n",
    .option = option_table,
    .least = 1,
    .most = 1,
    .missing = "which model?",
    .surplus = "one model at a time",
};

/* A parameter to be solved for. */
struct solution {
    const struct cli_sweep_field *field; /* NULL: none */
    const char *key;
    double low, high;
};

struct output {
    const struct request *request;
    const struct cli_sweep_subject *subject;
    uint32_t result[ARCH_MODEL_RESULTS_MAX], results;
    struct solution solution;
};

/* ---- help ------------------------------------------------------------------------------------- */

static void list_models(FILE *out) {
    fputs("Models:\n", out);
    for (size_t i = 0; arch_models[i] != NULL; i++) {
        const struct arch_model *model = arch_models[i];
        fprintf(out, "  %s --version %s\n      %s\n", model->name, model->version, model->trust);
    }
    fputs("With NAME and V given, --help describes the model: its parameters and results.\n", out);
}

/* The page of one model: parameters from the tables, then what it gives. */
static void describe_model(const struct arch_model *model, FILE *out) {
    const struct sim_schema *const registry[] = {model->schema, NULL};
    struct sim_catalogue catalogue;
    sim_catalogue_init(&catalogue, registry, NULL);
    for (uint32_t i = 0; i < catalogue.count; i++) {
        sim_describe_page(&catalogue, catalogue.schema[i], out);
        fputc('\n', out);
    }
    fprintf(out, "Trust: %s\n\nResults:\n", model->trust);
    for (uint32_t i = 0; i < model->results; i++)
        fprintf(out, "  %-18s  %s\n", model->result[i].name, model->result[i].help);
}

static void print_help(const struct request *request) {
    const struct arch_model *model = request->name != NULL && request->version != NULL
                                         ? arch_model_find(request->name, request->version)
                                         : NULL;
    if (model != NULL) {
        describe_model(model, stdout);
        return;
    }
    fputs(command.usage, stdout);
    list_models(stdout);
    fputs("\nOptions:\n", stdout);
    cli_options_help(option_table, stdout);
}

/* ---- ranges ----------------------------------------------------------------------------------- */

/* "A..B/N" or "A..B*N" as the mapping of a sweep's axis; NULL when the text is not of this form. */
static struct sim_node *span_node(const char *text, bool *logarithmic, struct sim_arena *arena) {
    const char *dots = strstr(text, ".."), *sign = NULL;
    for (const char *c = text; dots != NULL && *c != '\0'; c++)
        if (*c == '/' || *c == '*')
            sign = c;
    if (dots == NULL || sign == NULL || sign < dots)
        return NULL;
    *logarithmic = *sign == '*';
    struct sim_node *node = sim_node_new(SIM_NODE_MAPPING, &over_place, arena);
    const char *part[] = {sim_arena_format(arena, "%.*s", (int)(dots - text), text),
                          sim_arena_format(arena, "%.*s", (int)(sign - dots - 2), dots + 2),
                          sim_arena_format(arena, "%s", sign + 1)};
    static const char *const key[] = {"from", "to", "count"};
    for (int i = 0; i < 3; i++)
        sim_node_append(node, key[i], &over_place, sim_node_scalar(part[i], &over_place, arena), arena);
    return node;
}

static struct sim_node *list_node(const char *text, struct sim_arena *arena) {
    struct sim_node *node = sim_node_new(SIM_NODE_SEQUENCE, &over_place, arena);
    for (;;) {
        size_t length = strcspn(text, ",");
        const char *item = sim_arena_format(arena, "%.*s", (int)length, text);
        sim_node_append(node, NULL, &over_place, sim_node_scalar(item, &over_place, arena), arena);
        if (text[length] == '\0')
            return node;
        text += length + 1;
    }
}

static bool add_axis(struct sim_node *axes, const char *over, struct sim_arena *arena, struct sim_err *err) {
    const char *equal = strchr(over, '=');
    bool logarithmic = false;
    if (equal == NULL || equal == over || equal[1] == '\0')
        return sim_err_add(err, SIM_EXIT_USAGE, &over_place, "takes KEY=RANGE, not '%s'", over);
    struct sim_node *axis = sim_node_new(SIM_NODE_MAPPING, &over_place, arena);
    const char *key = sim_arena_format(arena, "%.*s", (int)(equal - over), over);
    struct sim_node *span = span_node(equal + 1, &logarithmic, arena);
    sim_node_append(axis, "key", &over_place, sim_node_scalar(key, &over_place, arena), arena);
    if (span != NULL)
        sim_node_append(axis, logarithmic ? "log" : "range", &over_place, span, arena);
    else
        sim_node_append(axis, "values", &over_place, list_node(equal + 1, arena), arena);
    sim_node_append(axes, NULL, &over_place, axis, arena);
    return true;
}

/* The request as a sweep, which does the rest. */
static bool make_sweep(struct request *request, struct sim_sweep *sweep, struct sim_err *err) {
    *sweep = (struct sim_sweep){.file = "command line",
                                .name = request->name,
                                .model = request->name,
                                .version = request->version,
                                .model_where = version_place,
                                .set = request->set,
                                .sets = request->sets};
    sim_arena_init(&sweep->arena);
    struct sim_node *root = sim_node_new(SIM_NODE_MAPPING, &over_place, &sweep->arena);
    struct sim_node *axes = sim_node_new(SIM_NODE_SEQUENCE, &over_place, &sweep->arena);
    bool good = true;
    for (uint32_t i = 0; i < request->overs; i++)
        good = add_axis(axes, request->over[i], &sweep->arena, err) && good;
    if (request->overs > 0)
        sim_node_append(root, "axes", &over_place, axes, &sweep->arena);
    sweep->root = root;
    return good;
}

/* ---- solving ---------------------------------------------------------------------------------- */

static bool parse_end(const struct sim_param *param, const char *text, double *value, struct sim_err *err) {
    char why[SIM_QUANTITY_SIZE];
    bool good = param->kind == SIM_PARAM_KIND_QUANTITY ? sim_quantity_parse(text, param->unit, value, why)
                                                       : sim_number_real(text, value);
    if (!good || *value < param->min || *value > param->max)
        return sim_err_add(err, SIM_EXIT_USAGE, &solve_place, "'%s' is not a value that '%s' can have", text,
                           param->key);
    return true;
}

static bool parse_solve(struct output *output, struct sim_arena *arena, struct sim_err *err) {
    const char *text = output->request->solve;
    if (text == NULL)
        return true;
    if (arch_model_result_index(output->subject->model, "ratio") == UINT32_MAX)
        return sim_err_add(err, SIM_EXIT_USAGE, &solve_place, "'%s' has no ratio that could pass 1",
                           output->subject->model->name);
    const char *equal = strchr(text, '='), *dots = equal == NULL ? NULL : strstr(equal, "..");
    if (dots == NULL)
        return sim_err_add(err, SIM_EXIT_USAGE, &solve_place, "takes KEY=A..B, not '%s'", text);
    struct solution *solution = &output->solution;
    solution->key = sim_arena_format(arena, "%.*s", (int)(equal - text), text);
    const struct sim_sweep_key *key = sim_sweep_find_key(output->subject->key, output->subject->keys,
                                                         solution->key, false, &solve_place, err);
    if (key == NULL)
        return false;
    if (key->param->kind != SIM_PARAM_KIND_REAL && key->param->kind != SIM_PARAM_KIND_QUANTITY)
        return sim_err_add(err, SIM_EXIT_USAGE, &solve_place, "'%s' has no values between its values",
                           key->path);
    solution->field = &output->subject->field[key - output->subject->key];
    const char *low = sim_arena_format(arena, "%.*s", (int)(dots - equal - 1), equal + 1);
    return parse_end(key->param, low, &solution->low, err) &&
           parse_end(key->param, dots + 2, &solution->high, err) &&
           (solution->low < solution->high ||
            sim_err_add(err, SIM_EXIT_USAGE, &solve_place, "'%s' is an empty range", text));
}

/* The spec with one parameter free. */
struct freed {
    const struct arch_model *model;
    void *spec;
    const struct cli_sweep_field *field;
    uint32_t ratio;
};

static double ratio_less_one(const void *user, double x) {
    const struct freed *freed = user;
    double value[ARCH_MODEL_RESULTS_MAX];
    memcpy((char *)freed->spec + freed->field->offset, &x, sizeof x);
    freed->model->evaluate(freed->spec, value);
    return value[freed->ratio] - 1;
}

static double solve(const struct output *output, void *spec) {
    struct freed freed = {output->subject->model, spec, output->solution.field,
                          arch_model_result_index(output->subject->model, "ratio")};
    struct arch_model_curve curve = {ratio_less_one, &freed};
    return arch_model_crossing(&curve, output->solution.low, output->solution.high, SOLVE_STEPS);
}

/* ---- printing --------------------------------------------------------------------------------- */

static bool is_main(const struct arch_model_result *result) {
    static const char *const names[] = {"ratio", "energy_snn_j", "energy_ann_j", "energy_qnn_j", "crossover"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(result->name, names[i]) == 0)
            return true;
    return false;
}

static bool choose_results(struct output *output, struct sim_err *err) {
    const struct arch_model *model = output->subject->model;
    const char *rest = output->request->results;
    bool few = output->request->format == CLI_FORMAT_TEXT && output->request->overs > 0;
    uint32_t mains = 0;
    for (uint32_t i = 0; i < model->results; i++)
        mains += is_main(&model->result[i]);
    for (uint32_t i = 0; i < model->results && rest == NULL; i++)
        if (!few || mains == 0 || is_main(&model->result[i]))
            output->result[output->results++] = i;
    const char *names[ARCH_MODEL_RESULTS_MAX];
    for (uint32_t i = 0; i < model->results; i++)
        names[i] = model->result[i].name;
    while (rest != NULL) {
        char name[64];
        size_t length = strcspn(rest, ",");
        snprintf(name, sizeof name, "%.*s", (int)length, rest);
        uint32_t index = arch_model_result_index(model, name);
        const char *nearest = sim_err_nearest(name, names, model->results);
        if (index == UINT32_MAX || output->results == ARCH_MODEL_RESULTS_MAX)
            return sim_err_add(err, SIM_EXIT_USAGE, &(struct sim_where){"--results", 0, 0},
                               "unknown result '%s'%s%s%s", name, nearest != NULL ? " (did you mean '" : "",
                               nearest != NULL ? nearest : "", nearest != NULL ? "'?)" : "");
        output->result[output->results++] = index;
        rest = rest[length] == ',' ? rest + length + 1 : NULL;
    }
    return true;
}

static const char *show(const char *name, double value, char buffer[64]) {
    size_t length = strlen(name);
    if (isnan(value))
        return "-";
    if (length > 2 && strcmp(name + length - 2, "_j") == 0)
        return sim_quantity_format(buffer, 64, value, SIM_UNIT_JOULE);
    snprintf(buffer, 64, "%.4g", value);
    return buffer;
}

static void print_text(const struct output *output, const double *value, double solved) {
    const struct arch_model *model = output->subject->model;
    struct sim_table table;
    char buffer[64];
    printf("%s %s: %s\n\n", model->name, model->version, model->trust);
    sim_table_init(&table);
    sim_table_column(&table, "result", SIM_TABLE_LEFT);
    sim_table_column(&table, "value", SIM_TABLE_RIGHT);
    sim_table_column(&table, "meaning", SIM_TABLE_LEFT);
    for (uint32_t i = 0; i < output->results; i++) {
        const struct arch_model_result *result = &model->result[output->result[i]];
        sim_table_cell(&table, "%s", result->name);
        sim_table_cell(&table, "%s", show(result->name, value[output->result[i]], buffer));
        sim_table_cell(&table, "%s", result->help);
    }
    if (output->solution.field != NULL) {
        sim_table_cell(&table, "%s", output->solution.key);
        sim_table_cell(&table, "%s", show("", solved, buffer));
        sim_table_cell(&table, "at which the ratio passes 1 (SI units)");
    }
    sim_table_print(&table, 0, stdout);
    sim_table_release(&table);
}

static void start_table(const struct output *output, struct sim_table *table) {
    const struct sim_sweep *sweep = output->subject->sweep;
    sim_table_init(table);
    for (uint32_t a = 0; a < sweep->axes; a++)
        sim_table_column(table, sweep->axis[a]->name, SIM_TABLE_RIGHT);
    for (uint32_t i = 0; i < output->results && table->columns + 1 < SIM_TABLE_COLUMNS_MAX; i++)
        sim_table_column(table, output->subject->model->result[output->result[i]].name, SIM_TABLE_RIGHT);
    if (output->solution.field != NULL)
        sim_table_column(
            table,
            sim_arena_format((struct sim_arena *)(uintptr_t)&sweep->arena, "%s at 1", output->solution.key),
            SIM_TABLE_RIGHT);
}

static void add_row(const struct output *output, struct sim_table *table, const struct sim_sweep_value **axis,
                    const double *value, double solved) {
    char buffer[64];
    uint32_t axes = output->subject->sweep->axes, last = table->columns - (output->solution.field != NULL);
    for (uint32_t a = 0; a < axes; a++)
        sim_table_cell(table, "%s", axis[a]->shown);
    for (uint32_t i = 0; axes + i < last; i++) {
        const char *name = output->subject->model->result[output->result[i]].name;
        sim_table_cell(table, "%s", show(name, value[output->result[i]], buffer));
    }
    if (output->solution.field != NULL)
        sim_table_cell(table, "%s", show("", solved, buffer));
}

static json_t *number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *row_json(const struct output *output, const struct sim_sweep_value **axis, const double *value,
                        double solved) {
    const struct sim_sweep *sweep = output->subject->sweep;
    json_t *row = sim_heap_must(json_object());
    for (uint32_t a = 0; a < sweep->axes; a++)
        json_object_set_new(row, sweep->axis[a]->key[0]->path,
                            isnan(axis[a]->number) ? json_string(axis[a]->shown) : number(axis[a]->number));
    for (uint32_t i = 0; i < output->results; i++)
        json_object_set_new(row, output->subject->model->result[output->result[i]].name,
                            number(value[output->result[i]]));
    if (output->solution.field != NULL) {
        char name[128];
        snprintf(name, sizeof name, "%s_at_1", output->solution.key);
        json_object_set_new(row, name, number(solved));
    }
    return row;
}

static void print_csv(json_t *rows) {
    size_t index;
    json_t *row, *value;
    const char *key;
    json_array_foreach(rows, index, row) {
        const char *separator = "";
        if (index == 0)
            json_object_foreach(row, key, value) {
                printf("%s%s", separator, key);
                separator = ",";
            }
        fputs(index == 0 ? "\r\n" : "", stdout);
        separator = "";
        json_object_foreach(row, key, value) {
            fputs(separator, stdout);
            if (json_is_number(value))
                printf("%.17g", json_number_value(value));
            else if (json_is_string(value))
                fputs(json_string_value(value), stdout);
            separator = ",";
        }
        fputs("\r\n", stdout);
    }
}

static json_t *parameters_json(const struct cli_sweep_subject *subject) {
    json_t *object = sim_heap_must(json_object());
    struct sim_arena arena;
    sim_arena_init(&arena);
    for (uint32_t i = 0; i < subject->keys; i++) {
        const struct cli_sweep_field *field = &subject->field[i];
        const char *text = sim_value_text(field->param, field->param->kind,
                                          (const char *)subject->base + field->offset, &arena);
        json_object_set_new(object, subject->key[i].path, json_string(text));
    }
    sim_arena_release(&arena);
    return object;
}

static void finish(const struct output *output, json_t *rows) {
    const struct arch_model *model = output->subject->model;
    if (output->request->format == CLI_FORMAT_CSV) {
        print_csv(rows);
        json_decref(rows);
        return;
    }
    json_t *root =
        json_pack("{s:s, s:s, s:s, s:o, s:o}", "model", model->name, "version", model->version, "trust",
                  model->trust, "parameters", parameters_json(output->subject), "rows", rows);
    json_dumpf(root, stdout, JSON_INDENT(2));
    fputc('\n', stdout);
    json_decref(root);
}

static bool print_all(const struct output *output, struct cli_sweep_evaluator *evaluator,
                      struct sim_err *err) {
    const struct sim_sweep *sweep = output->subject->sweep;
    bool text = output->request->format == CLI_FORMAT_TEXT, single = sweep->axes == 0;
    const struct sim_sweep_value *axis[SIM_SWEEP_AXES_MAX];
    double value[ARCH_MODEL_RESULTS_MAX];
    struct sim_table table;
    json_t *rows = sim_heap_must(json_array());
    start_table(output, &table);
    bool good = true;
    for (uint32_t candidate = 0; good && candidate < sweep->candidates; candidate++) {
        good = cli_sweep_evaluator_fill(evaluator, candidate, err);
        if (!good)
            break;
        output->subject->model->evaluate(evaluator->spec, value);
        double solved = output->solution.field != NULL ? solve(output, evaluator->spec) : NAN;
        sim_sweep_values(sweep, candidate, axis);
        if (text && single)
            print_text(output, value, solved);
        else if (text)
            add_row(output, &table, axis, value, solved);
        else
            json_array_append_new(rows, row_json(output, axis, value, solved));
    }
    if (good && text && !single)
        sim_table_print(&table, 0, stdout);
    if (good && !text)
        finish(output, rows);
    else
        json_decref(rows);
    sim_table_release(&table);
    return good;
}

static bool run(struct request *request, struct sim_sweep *sweep, struct cli_sweep_subject *subject,
                struct sim_err *err) {
    struct output output = {.request = request, .subject = subject};
    struct cli_sweep_evaluator evaluator;
    bool good = cli_sweep_subject_load(subject, sweep, err) &&
                sim_sweep_bind(sweep, subject->key, subject->keys, err) && choose_results(&output, err) &&
                parse_solve(&output, &subject->arena, err);
    if (!good)
        return false;
    good = cli_sweep_evaluator_init(&evaluator, subject, err) && print_all(&output, &evaluator, err);
    cli_sweep_evaluator_release(&evaluator);
    return good;
}

int cmd_model(int argc, char **argv) {
    struct request request = {.format = CLI_FORMAT_TEXT};
    bool help;
    int code = cli_command_options(&command, argc, argv, &request, &help);
    if (code != SIM_EXIT_OK)
        return code;
    request.name = optind < argc ? argv[optind] : NULL;
    if (help) {
        print_help(&request);
        return cli_flush("model", SIM_EXIT_OK);
    }
    code = cli_command_operands(&command, argc, argv);
    if (code != SIM_EXIT_OK)
        return code;
    if (request.version == NULL)
        return cli_usage("model", "--version is needed: numbers of versions do not mix");
    struct sim_err err;
    struct sim_sweep sweep;
    struct cli_sweep_subject subject;
    sim_err_init(&err);
    if (make_sweep(&request, &sweep, &err)) {
        run(&request, &sweep, &subject, &err);
        cli_sweep_subject_release(&subject);
    }
    sim_sweep_release(&sweep);
    return cli_flush("model", cli_finish(&err));
}

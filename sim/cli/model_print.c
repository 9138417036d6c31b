/* SPDX-License-Identifier: MIT
 *
 * What a model gives, as text for people, as JSON and CSV for programs; see model.h.
 */
#include "sim/base/heap.h"
#include "sim/base/table.h"
#include "sim/cli/json.h"
#include "sim/cli/model.h"
#include "sim/config/quantity.h"
#include "sim/config/value.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

static bool is_main(const struct arch_model_result *result) {
    static const char *const names[] = {"ratio", "energy_snn_j", "energy_ann_j", "energy_qnn_j", "crossover"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(result->name, names[i]) == 0)
            return true;
    return false;
}

bool model_choose_results(struct model_output *output, struct sim_err *err) {
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
        char suggestion[SIM_SUGGEST_SIZE];
        const char *nearest = sim_err_nearest(name, names, model->results);
        if (index == UINT32_MAX || output->results == ARCH_MODEL_RESULTS_MAX)
            return sim_err_add(err, SIM_EXIT_USAGE, &(struct sim_where){"--results", 0, 0},
                               "unknown result '%s'%s", name, sim_err_suggest(suggestion, nearest));
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

static void print_text(const struct model_output *output, const double *value, double solved) {
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

static void start_table(const struct model_output *output, struct sim_table *table) {
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

static void add_row(const struct model_output *output, struct sim_table *table,
                    const struct sim_sweep_value **axis, const double *value, double solved) {
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

static json_t *row_json(const struct model_output *output, const struct sim_sweep_value **axis,
                        const double *value, double solved) {
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

static void finish(const struct model_output *output, json_t *rows) {
    const struct arch_model *model = output->subject->model;
    if (output->request->format == CLI_FORMAT_CSV) {
        print_csv(rows);
        json_decref(rows);
        return;
    }
    json_t *root =
        json_pack("{s:s, s:s, s:s, s:o, s:o}", "model", model->name, "version", model->version, "trust",
                  model->trust, "parameters", parameters_json(output->subject), "rows", rows);
    cli_json_print(root, 17, stdout);
}

bool model_print(const struct model_output *output, struct cli_sweep_evaluator *evaluator,
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
        double solved = output->solution.field != NULL ? model_solve(output, evaluator->spec) : NAN;
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

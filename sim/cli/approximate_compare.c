/* SPDX-License-Identifier: MIT
 *
 * Approximators side by side, and the same while one value of the description varies; see approximate.h.
 */
#include "sim/base/table.h"
#include "sim/cli/approximate.h"
#include "sim/cli/json.h"
#include "sim/config/quantity.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static void cell(struct sim_table *table, double value, enum sim_unit unit) {
    char text[48];
    sim_table_cell(table, "%s", sim_quantity_format(text, sizeof text, value, unit));
}

static void print_text(const struct approximate_result *result, uint32_t count,
                       const struct arch_lanes_spec *lanes) {
    struct sim_table table;
    sim_table_init(&table);
    sim_table_column(&table, "approximator", SIM_TABLE_LEFT);
    sim_table_column(&table, "latency", SIM_TABLE_RIGHT);
    sim_table_column(&table, "interval", SIM_TABLE_RIGHT);
    sim_table_column(&table, "elements/s", SIM_TABLE_RIGHT);
    sim_table_column(&table, "energy/element", SIM_TABLE_RIGHT);
    sim_table_column(&table, "power", SIM_TABLE_RIGHT);
    sim_table_column(&table, "area", SIM_TABLE_RIGHT);
    sim_table_column(&table, "energy ratio", SIM_TABLE_RIGHT);
    sim_table_column(&table, "error", SIM_TABLE_RIGHT);
    for (uint32_t i = 0; i < count; i++) {
        const struct approximate_result *r = &result[i];
        sim_table_cell(&table, "%s", r->kind);
        sim_table_cell(&table, "%g cycles", r->latency);
        sim_table_cell(&table, "%.4g", r->interval);
        sim_table_cell(&table, "%.3g", r->elements / r->seconds);
        cell(&table, approximate_energy(r), SIM_UNIT_JOULE);
        cell(&table, (r->dynamic_j + r->leakage_j) / r->seconds, SIM_UNIT_WATT);
        cell(&table, r->area_m2, SIM_UNIT_SQUARE_METRE);
        sim_table_cell(&table, "%.2f x", approximate_energy(r) / approximate_energy(&result[0]));
        sim_table_cell(&table, "%.2g", r->error);
    }
    sim_table_print(&table, 0, stdout);
    sim_table_release(&table);
    printf(
        "\n%u cores x %u lanes, %u segments of %u bits. Latency: of a vector alone; interval: cycles between "
        "two.\nEnergy ratio: energy of an element over that of the first kind, leakage included at full "
        "rate.\n",
        lanes->cores, lanes->lanes, lanes->segments, lanes->bits);
}

static json_t *pack(const struct approximate_result *r) {
    json_t *events = json_array();
    for (uint32_t e = 0; e < r->events; e++)
        json_array_append_new(events, json_pack("{s:s, s:s, s:I, s:f}", "type", r->event[e].type, "event",
                                                r->event[e].event, "count", (json_int_t)r->event[e].count,
                                                "energy_j", r->event[e].energy_j));
    return json_pack("{s:s, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:o}", "approximator", r->kind,
                     "latency_cycles", r->latency, "interval_cycles", r->interval, "elements_per_s",
                     r->elements / r->seconds, "energy_per_element_j", approximate_energy(r), "power_w",
                     (r->dynamic_j + r->leakage_j) / r->seconds, "leakage_w", r->leakage_j / r->seconds,
                     "area_m2", r->area_m2, "error", r->error, "events", events);
}

bool cli_approximate_compare(const struct approximate_options *options, struct sim_err *err) {
    struct approximate_result result[APPROXIMATE_KINDS_MAX];
    struct arch_lanes_spec lanes;
    uint32_t count;
    if (!cli_approximate_run_all(options, result, &count, &lanes, err))
        return false;
    if (options->format == CLI_FORMAT_TEXT) {
        print_text(result, count, &lanes);
        return true;
    }
    json_t *list = json_array();
    for (uint32_t i = 0; i < count; i++)
        json_array_append_new(list, pack(&result[i]));
    json_t *root =
        json_pack("{s:s, s:I, s:I, s:I, s:I, s:o}", "arch", options->arch, "cores", (json_int_t)lanes.cores,
                  "lanes", (json_int_t)lanes.lanes, "segments", (json_int_t)lanes.segments, "bits",
                  (json_int_t)lanes.bits, "approximators", list);
    cli_json_print(root, APPROXIMATE_DIGITS, stdout);
    return true;
}

/* ---- one value varies -------------------------------------------------------------------------- */

static void head_of(struct sim_table *table, const char *key, const struct approximate_result *result,
                    uint32_t count) {
    sim_table_column(table, key, SIM_TABLE_LEFT);
    for (uint32_t i = 0; i < count; i++)
        sim_table_column(table, result[i].kind, SIM_TABLE_RIGHT);
    sim_table_column(table, "latency", SIM_TABLE_RIGHT);
    sim_table_column(table, "area", SIM_TABLE_RIGHT);
}

/* Energy of an element; behind the first kind's, how many times it each other takes. */
static void row_of(struct sim_table *table, const char *value, const struct approximate_result *result,
                   uint32_t count) {
    sim_table_cell(table, "%s", value);
    cell(table, approximate_energy(&result[0]), SIM_UNIT_JOULE);
    for (uint32_t i = 1; i < count; i++)
        sim_table_cell(table, "%.2f x", approximate_energy(&result[i]) / approximate_energy(&result[0]));
    sim_table_cell(table, "%g cycles", result[0].latency);
    cell(table, result[0].area_m2, SIM_UNIT_SQUARE_METRE);
}

/* Splits at commas, in place; the number of parts, 0: empty ones, or too many. Commas in brackets do not
 * count. */
static int split(char *text, char **part) {
    int count = 0, depth = 0;
    for (char *c = text, *start = text;; c++) {
        depth += (*c == '{' || *c == '[') - (*c == '}' || *c == ']');
        if (*c != '\0' && (*c != ',' || depth > 0))
            continue;
        if (c == start || count == APPROXIMATE_VALUES_MAX)
            return 0;
        part[count++] = start;
        if (*c == '\0')
            return count;
        *c = '\0';
        start = c + 1;
    }
}

/* KEY[,KEY ...]=VALUE[,VALUE ...], split in place. */
struct variation {
    char text[2048], *key[APPROXIMATE_VALUES_MAX], *value[APPROXIMATE_VALUES_MAX];
    int keys, values;
};

static bool parse(struct variation *v, const char *text) {
    char *equals = strlen(text) < sizeof v->text ? strchr(strcpy(v->text, text), '=') : NULL;
    if (equals == NULL)
        return false;
    *equals = '\0';
    v->keys = split(v->text, v->key);
    v->values = split(equals + 1, v->value);
    return v->keys > 0 && v->values > 0;
}

/* All approximators with every key at this value. */
static bool run_at(const struct approximate_options *options, const struct variation *variation,
                   const char *value, struct approximate_result *result, uint32_t *count,
                   struct sim_err *err) {
    char setting[APPROXIMATE_VALUES_MAX][512];
    struct approximate_options more = *options;
    struct arch_lanes_spec lanes;
    for (int k = 0; k < variation->keys; k++) {
        if (more.sets == APPROXIMATE_SETS_MAX)
            return sim_err_add(err, SIM_EXIT_USAGE, NULL, "more than %d settings", APPROXIMATE_SETS_MAX);
        snprintf(setting[k], sizeof setting[k], "%s=%s", variation->key[k], value);
        more.set[more.sets++] = setting[k];
    }
    return cli_approximate_run_all(&more, result, count, &lanes, err);
}

static bool vary(const struct approximate_options *options, const struct variation *variation,
                 struct sim_err *err) {
    struct sim_table table;
    json_t *list = json_array();
    bool done = true;
    sim_table_init(&table);
    for (int v = 0; done && v < variation->values; v++) {
        struct approximate_result result[APPROXIMATE_KINDS_MAX];
        uint32_t count;
        done = run_at(options, variation, variation->value[v], result, &count, err);
        if (!done)
            break;
        if (v == 0)
            head_of(&table, variation->key[0], result, count);
        row_of(&table, variation->value[v], result, count);
        json_t *kinds = json_array();
        for (uint32_t i = 0; i < count; i++)
            json_array_append_new(kinds, pack(&result[i]));
        json_array_append_new(list, json_pack("{s:s, s:s, s:o}", "key", variation->key[0], "value",
                                              variation->value[v], "approximators", kinds));
    }
    if (done && options->format == CLI_FORMAT_TEXT)
        sim_table_print(&table, 0, stdout);
    else if (done)
        cli_json_print(json_incref(list), APPROXIMATE_DIGITS, stdout);
    json_decref(list);
    sim_table_release(&table);
    return done;
}

bool cli_approximate_vary(const struct approximate_options *options, struct sim_err *err) {
    struct variation variation;
    if (!parse(&variation, options->vary))
        return sim_err_add(err, SIM_EXIT_USAGE, NULL, "--vary takes KEY,KEY ...=VALUE,VALUE ..., not '%s'",
                           options->vary);
    return vary(options, &variation, err);
}

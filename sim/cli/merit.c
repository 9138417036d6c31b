/* SPDX-License-Identifier: MIT
 *
 * Figures of merit of a run; see merit.h.
 */
#include "sim/cli/merit.h"

#include "sim/base/table.h"
#include "sim/config/quantity.h"

#include <math.h>
#include <string.h>

#define MM2 1e-6

void run_merit(const struct run *run, const struct run_result *result, const struct sim_record *record,
               struct run_merit *merit) {
    uint32_t kinds, types;
    const struct sim_record_kind *kind = sim_record_kinds(record, &kinds);
    const struct sim_record_area *area = sim_record_areas(record, &types);
    double samples = (double)(result->samples > 0 ? result->samples : 1), leakage = 0;
    *merit = (struct run_merit){.area_m2 = NAN, .complete = true};
    for (uint32_t i = 0; i < kinds; i++)
        if (strcmp(kind[i].event, SIM_ENERGY_LEAKAGE) == 0)
            leakage += (double)kind[i].count * kind[i].unit_energy_j;
    for (uint32_t i = 0; i < types; i++) {
        if (isnan(area[i].area_m2))
            merit->complete = false;
        else
            merit->area_m2 =
                (isnan(merit->area_m2) ? 0 : merit->area_m2) + area[i].components * area[i].area_m2;
    }
    merit->energy_j = result->energy_j / samples;
    merit->latency_s = (double)result->cycles / run->chip->clock_hz / samples;
    merit->leakage_share = leakage / result->energy_j;
    merit->edp_js = merit->energy_j * merit->latency_s;
    merit->rate_per_mm2 = MM2 / merit->latency_s / merit->area_m2;
    merit->edap_js_mm2 = merit->edp_js * merit->area_m2 / MM2;
}

static void cell_area(struct sim_table *table, double area_m2) {
    char text[48];
    if (isnan(area_m2))
        sim_table_cell(table, "-");
    else
        sim_table_cell(table, "%s", sim_quantity_format(text, sizeof text, area_m2, SIM_UNIT_SQUARE_METRE));
}

static void print_areas(const struct sim_record *record, FILE *out) {
    uint32_t types;
    const struct sim_record_area *area = sim_record_areas(record, &types);
    struct sim_table table;
    sim_table_init(&table);
    sim_table_column(&table, "component", SIM_TABLE_LEFT);
    sim_table_column(&table, "number", SIM_TABLE_RIGHT);
    sim_table_column(&table, "area of one", SIM_TABLE_RIGHT);
    sim_table_column(&table, "area", SIM_TABLE_RIGHT);
    sim_table_column(&table, "trust", SIM_TABLE_LEFT);
    for (uint32_t i = 0; i < types; i++) {
        sim_table_cell(&table, "%s", area[i].type);
        sim_table_cell(&table, "%u", area[i].components);
        cell_area(&table, area[i].area_m2);
        cell_area(&table, area[i].components * area[i].area_m2);
        sim_table_cell(&table, "%s", area[i].trust != NULL ? area[i].trust : "");
    }
    fputc('\n', out);
    sim_table_print(&table, 2, out);
    sim_table_release(&table);
}

void run_merit_print(const struct run_merit *merit, const struct sim_record *record, FILE *out) {
    char text[48];
    if (merit->energy_j > 0)
        fprintf(out, "\nMerit      energy x delay %.3g J s a sample", merit->edp_js);
    if (isnan(merit->area_m2)) {
        fputs("\nArea       of no component is known\n", out);
        return;
    }
    if (merit->energy_j > 0)
        fprintf(out, ", x area %.3g J s mm2\n", merit->edap_js_mm2);
    fprintf(out, "Area       %s%s, %.4g samples/s/mm2\n",
            sim_quantity_format(text, sizeof text, merit->area_m2, SIM_UNIT_SQUARE_METRE),
            merit->complete ? "" : " without what is not known (-)", merit->rate_per_mm2);
    print_areas(record, out);
}

static json_t *number(double value) { return isfinite(value) ? json_real(value) : json_null(); }

void run_merit_json(const struct run_merit *merit, const struct sim_record *record, json_t *root) {
    uint32_t types;
    const struct sim_record_area *area = sim_record_areas(record, &types);
    json_t *known = json_object(), *unknown = json_array();
    for (uint32_t i = 0; i < types; i++)
        if (isnan(area[i].area_m2))
            json_array_append_new(unknown, json_string(area[i].type));
        else
            json_object_set_new(known, area[i].type, json_real(area[i].components * area[i].area_m2));
    json_object_set_new(root, "latency_s", number(merit->latency_s));
    if (merit->energy_j > 0) {
        json_object_set_new(root, "energy_per_sample_j", number(merit->energy_j));
        json_object_set_new(root, "leakage_share", number(merit->leakage_share));
        json_object_set_new(root, "edp_js", number(merit->edp_js));
        json_object_set_new(root, "edap_js_mm2", number(merit->edap_js_mm2));
    }
    json_object_set_new(root, "area_m2", number(merit->area_m2));
    json_object_set_new(root, "area_by_type", known);
    json_object_set_new(root, "area_unknown", unknown);
    json_object_set_new(root, "samples_per_s_mm2", number(merit->rate_per_mm2));
}

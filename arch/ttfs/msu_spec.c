/* SPDX-License-Identifier: MIT
 *
 * Parameters of the memristive synapse unit; see msu.h.
 */
#include "arch/ttfs/msu.h"

static const struct sim_param cell_params[] = {
    SIM_PARAM_QUANTITY(struct arch_msu_cell_spec, g_min_s, "g_min", SIM_UNIT_SIEMENS, 0, 1, "10 uS",
                       "lowest conductance"),
    SIM_PARAM_QUANTITY(struct arch_msu_cell_spec, g_max_s, "g_max", SIM_UNIT_SIEMENS, 1e-12, 1, "100 uS",
                       "highest conductance"),
    SIM_PARAM_REAL(struct arch_msu_cell_spec, program, 0, 10, "0",
                   "relative standard deviation of a programmed conductance"),
    SIM_PARAM_REAL(struct arch_msu_cell_spec, read, 0, 10, "0",
                   "relative standard deviation of a conductance during a pulse"),
};

static const struct sim_schema cell_schema = {
    .name = "arch.msu.cell",
    .help = "Memristive cells, two a weight.",
    .size = sizeof(struct arch_msu_cell_spec),
    SIM_SCHEMA_PARAMS(cell_params),
};

static const struct sim_param adc_params[] = {
    SIM_PARAM_UINT(struct arch_msu_adc_spec, bits, 0, 16, "0",
                   "resolution, two's complement; 0: none, integrators are compared as they are"),
    SIM_PARAM_REAL(struct arch_msu_adc_spec, full_scale, 1e-3, 1e9, "4096",
                   "largest potential that is told apart, in steps of a weight times levels"),
    SIM_PARAM_UINT(struct arch_msu_adc_spec, converters, 1, 65536, "8", "converters of a unit"),
    SIM_PARAM_QUANTITY(struct arch_msu_adc_spec, time_s, "time", SIM_UNIT_SECOND, 0, 1, "20 ns",
                       "of a conversion"),
};

static const struct sim_schema adc_schema = {
    .name = "arch.msu.adc",
    .help = "Converters that read the integrators at the end of a window.",
    .size = sizeof(struct arch_msu_adc_spec),
    SIM_SCHEMA_PARAMS(adc_params),
};

static const struct sim_param params[] = {
    SIM_PARAM_UINT(struct arch_msu_spec, axons, 1, 65536, "256", "axons: rows"),
    SIM_PARAM_UINT(struct arch_msu_spec, neurons, 1, 65536, "256", "neurons: pairs of columns"),
    SIM_PARAM_UINT(struct arch_msu_spec, weight_bits, 2, 8, "8", "bits of a weight, two's complement"),
    SIM_PARAM_UINT64(struct arch_msu_spec, seed, 0, 9.2e18, "1", "of all deviations"),
    SIM_PARAM_SPEC(struct arch_msu_spec, cell, &cell_schema, "the memristive cells"),
    SIM_PARAM_SPEC(struct arch_msu_spec, adc, &adc_schema, "reading the integrators"),
    SIM_PARAM_QUANTITY(struct arch_msu_spec, slot_s, "slot", SIM_UNIT_SECOND, 1e-12, 1, "5 ns",
                       "time of a slot"),
    SIM_PARAM_QUANTITY(struct arch_msu_spec, settle_s, "settle", SIM_UNIT_SECOND, 0, 1, "2 ns",
                       "of the integrators after the last pulse"),
    SIM_PARAM_QUANTITY(struct arch_msu_spec, cell_area_m2, "cell_area", SIM_UNIT_SQUARE_METRE, 0, 1, "0 m2",
                       "of a cell; 0: not known"),
    SIM_PARAM_QUANTITY(struct arch_msu_spec, converter_area_m2, "converter_area", SIM_UNIT_SQUARE_METRE, 0, 1,
                       "0 m2", "of a converter"),
    SIM_PARAM_QUANTITY(struct arch_msu_spec, other_area_m2, "other_area", SIM_UNIT_SQUARE_METRE, 0, 1, "0 m2",
                       "of the rest of a unit"),
};

static bool check(const void *self, const struct sim_where *where, struct sim_err *err) {
    const struct arch_msu_spec *spec = self;
    if (spec->cell.g_min_s >= spec->cell.g_max_s)
        return sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "arch.msu: cell.g_min (%g S) must be less than cell.g_max (%g S)",
                           spec->cell.g_min_s, spec->cell.g_max_s);
    return true;
}

static const struct sim_type *const types[] = {&arch_msu_type, NULL};

const struct sim_schema arch_msu_schema = {
    .name = "arch.msu",
    .role = ARCH_WINDOW_UNIT_ROLE,
    .help = "Memristive synapse unit: a spike of a time-to-first-spike code drives its row for as long as "
            "its value "
            "says, columns integrate the charge; no weight is read.",
    .size = sizeof(struct arch_msu_spec),
    SIM_SCHEMA_PARAMS(params),
    .check = check,
    .types = types,
};

/* SPDX-License-Identifier: MIT
 *
 * The description of units by themselves, and the list of all unit types; see units.h.
 */
#include "arch/evaluate/units.h"

#include "arch/crossbar/crossbar.h"
#include "arch/ttfs/core.h"
#include "arch/ttfs/msu.h"
#include "arch/ttfs/opto_ttfs.h"

static const struct arch_core_unit_type *const core_units[] = {&arch_crossbar_unit};
static const struct arch_window_unit_type *const window_units[] = {&arch_ttfs_core_unit, &arch_opto_ttfs_unit,
                                                                   &arch_msu_unit};

const struct arch_core_unit_type *arch_core_unit_of(const struct sim_schema *schema) {
    for (size_t i = 0; i < sizeof core_units / sizeof *core_units; i++)
        if (core_units[i]->schema == schema)
            return core_units[i];
    return NULL;
}

const struct arch_window_unit_type *arch_window_unit_of(const struct sim_schema *schema) {
    for (size_t i = 0; i < sizeof window_units / sizeof *window_units; i++)
        if (window_units[i]->schema == schema)
            return window_units[i];
    return NULL;
}

static const struct sim_param params[] = {
    SIM_PARAM_QUANTITY(struct arch_units_spec, clock_hz, "clock", SIM_UNIT_HERTZ, 1, 1e12, "100 MHz",
                       "cycle in which latencies are counted"),
    SIM_PARAM_QUANTITY(struct arch_units_spec, voltage_v, "voltage", SIM_UNIT_VOLT, 0, 5, "0 V",
                       "supply voltage; 0: the technology's nominal one"),
    SIM_PARAM_ANY(struct arch_units_spec, unit, NULL, NULL,
                  "every unit of the grid: a core unit or a window unit"),
    SIM_PARAM_UINT(struct arch_units_spec, levels, 0, ARCH_TTFS_LEVELS_MAX, "0",
                   "levels of the time code (window units); 0: the timesteps of the trace"),
    SIM_PARAM_BOOL(struct arch_units_spec, masked, "false",
                   "the most frequent level of each layer sends no spike"),
    SIM_PARAM_UINT(struct arch_units_spec, dead_zone, 0, ARCH_TTFS_LEVELS_MAX, "0",
                   "levels on either side of the silent one that are taken for it"),
};

static bool check(const void *spec_, const struct sim_where *where, struct sim_err *err) {
    const struct arch_units_spec *spec = spec_;
    if (arch_core_unit_of(spec->unit.schema) != NULL || arch_window_unit_of(spec->unit.schema) != NULL)
        return true;
    return sim_err_add(err, SIM_EXIT_CONFIG, where,
                       "arch.units: '%s' is neither a core unit nor a window unit", spec->unit.schema->name);
}

const struct sim_schema arch_units_schema = {
    .name = "arch.units",
    .role = "chip",
    .help = "Core or window units by themselves, without networks between them: for comparing synapses on "
            "the same "
            "network with nocsim evaluate.",
    .size = sizeof(struct arch_units_spec),
    SIM_SCHEMA_PARAMS(params),
    .check = check,
};

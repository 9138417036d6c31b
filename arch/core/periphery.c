/* SPDX-License-Identifier: MIT
 *
 * Parameters of what stands around a unit; see periphery.h.
 */
#include "arch/core/periphery.h"

#include "arch/core/unit_core.h"
#include "arch/core/window_core.h"
#include "arch/unit/ttfs.h"

static const struct sim_param params[] = {
    SIM_PARAM_UINT(struct arch_periphery_spec, potential_bits, 8, 31, "24",
                   "bits of a membrane potential, which saturates (not of window units)"),
    SIM_PARAM_BOOL(struct arch_periphery_spec, partial_sums, "true",
                   "neurons with more inputs than axons are spread over cores that exchange partial sums"),
    SIM_PARAM_UINT(struct arch_periphery_spec, start_cycles, 1, 1e6, "1",
                   "from the tick to the unit's start"),
    SIM_PARAM_UINT(struct arch_periphery_spec, reset_cycles, 0, 1e6, "1",
                   "clearing of all state before a sample"),
    SIM_PARAM_UINT(struct arch_periphery_spec, update_cycles, 0, 1e6, "1", "update of a neuron with input"),
    SIM_PARAM_UINT(struct arch_periphery_spec, idle_cycles, 0, 1e6, "1", "update of a neuron without input"),
    SIM_PARAM_UINT(struct arch_periphery_spec, send_cycles, 1, 1e6, "1", "from one packet to the next"),
};

static const struct sim_type *const types[] = {&arch_unit_core_type, &arch_window_core_type, NULL};

const struct sim_schema arch_periphery_schema = {
    .name = "arch.periphery",
    .help = "The digital part of a core around a core unit or a window unit: scheduler, neurons, sender of "
            "packets.",
    .size = sizeof(struct arch_periphery_spec),
    SIM_SCHEMA_PARAMS(params),
    .types = types,
};

static const struct sim_param code_params[] = {
    SIM_PARAM_UINT(struct arch_time_code_spec, levels, 0, ARCH_TTFS_LEVELS_MAX, "0",
                   "levels of the time code; 0: the timesteps of the trace"),
    SIM_PARAM_BOOL(struct arch_time_code_spec, masked, "false",
                   "the most frequent level of each layer sends no spike"),
    SIM_PARAM_UINT(struct arch_time_code_spec, dead_zone, 0, ARCH_TTFS_LEVELS_MAX, "0",
                   "levels on either side of the silent one that are taken for it"),
};

const struct sim_schema arch_time_code_schema = {
    .name = "arch.time_code",
    .help = "The time code of window units: one spike at most for each neuron and window, whose slot is its "
            "level.",
    .size = sizeof(struct arch_time_code_spec),
    SIM_SCHEMA_PARAMS(code_params),
};

/* SPDX-License-Identifier: MIT
 *
 * Units by themselves: the description of a grid of core units or window units without networks between
 * them (arch/evaluate/evaluate.h), so that kinds of synapses can be compared on the same network.
 */
#ifndef ARCH_EVALUATE_UNITS_H
#define ARCH_EVALUATE_UNITS_H

#include "arch/unit/core_unit.h"
#include "arch/unit/window_unit.h"
#include "sim/config/param.h"

#ifdef __cplusplus
extern "C" {
#endif

struct arch_units_spec {
    double clock_hz, voltage_v; /* voltage 0: the technology's */
    struct sim_any unit;        /* role core_unit or window_unit */
    uint32_t levels;            /* of a time code; 0: the timesteps of the trace */
    bool masked;                /* the most frequent level is silent */
    uint32_t dead_zone;         /* levels around the silent one that are silent too */
};

extern const struct sim_schema arch_units_schema; /* "arch.units", role "chip" */

/* The unit type behind a schema; NULL when it is none of the kind. */
const struct arch_core_unit_type *arch_core_unit_of(const struct sim_schema *schema);
const struct arch_window_unit_type *arch_window_unit_of(const struct sim_schema *schema);

#ifdef __cplusplus
}
#endif

#endif

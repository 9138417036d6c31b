/* SPDX-License-Identifier: MIT
 *
 * The digital part of a core around a core unit or a window unit (unit_core.h, window_core.h): what of it a
 * description can choose.
 */
#ifndef ARCH_CORE_PERIPHERY_H
#define ARCH_CORE_PERIPHERY_H

#include "sim/config/param.h"

#ifdef __cplusplus
extern "C" {
#endif

struct arch_periphery_spec {
    uint32_t potential_bits;
    bool partial_sums;
    uint32_t start_cycles, reset_cycles, update_cycles, idle_cycles, send_cycles;
};

extern const struct sim_schema arch_periphery_schema; /* "arch.periphery" */

/* How a time code is chosen for the layers of a network (arch/unit/ttfs.h). */
struct arch_time_code_spec {
    uint32_t levels; /* 0: the timesteps of the trace */
    bool masked;     /* the most frequent level is silent */
    uint32_t dead_zone;
};

extern const struct sim_schema arch_time_code_schema; /* "arch.time_code" */

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * The variants of sim/base/lanes.h, for sim/base/lanes.c only. Vector code is built where the compiler can.
 */
#ifndef SIM_BASE_LANES_TABLES_H
#define SIM_BASE_LANES_TABLES_H

#include "sim/base/lanes.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define SIM_LANES_X86 1
#else
#define SIM_LANES_X86 0
#endif

extern const struct sim_lanes sim_lanes_scalar;
#if SIM_LANES_X86
extern const struct sim_lanes sim_lanes_avx2;
extern const struct sim_lanes sim_lanes_avx512;
#endif

#endif

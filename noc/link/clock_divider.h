/* SPDX-License-Identifier: MIT
 *
 * A network whose clock is the base clock divided by N: a cycle of the network is N base cycles.
 *
 *     base     0   1   2   3   4   5   6        N = 3: routers and terminals act in base cycles 0, 3, 6 ...
 *     network  0           1           2
 *
 * All times (stamps, wakes, latencies) stay in base cycles; latencies are multiples of N, so whatever becomes
 * visible does so at an edge of the network's clock. What happens is, cycle for cycle, that of the undivided
 * network, N times as slow: test/unit/test_clock_divider.c. The divided clock has no phase: its first edge is
 * that of cycle 0.
 */
#ifndef NOC_LINK_CLOCK_DIVIDER_H
#define NOC_LINK_CLOCK_DIVIDER_H

#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The first edge of the divided clock in or after base cycle `at`; SIM_NEVER stays. */
static inline sim_cycle noc_divider_edge(sim_cycle at, uint32_t divider) {
    sim_cycle late = at % divider;
    return at == SIM_NEVER || late == 0 ? at : at + divider - late;
}

#ifdef __cplusplus
}
#endif

#endif

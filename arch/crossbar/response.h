/* SPDX-License-Identifier: MIT
 *
 * Storage of the response of linear wires; see wire.h.
 */
#ifndef ARCH_CROSSBAR_RESPONSE_H
#define ARCH_CROSSBAR_RESPONSE_H

#include "arch/crossbar/wire.h"
#include "arch/unit/crossbar_lanes.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Coefficients of the wires by node (row x cols + column), and voltages of eight excitations. */
struct arch_crossbar_response {
    const struct arch_crossbar_lanes *lanes;
    double *row_gain, *row_pull, *row_keep, *col_gain, *col_pull, *col_keep; /* [nodes] */
    double *matrix; /* [nodes] of the owner, for results */
    double *row_v, *col_v, *part;                                            /* [nodes][8] */
};

struct arch_crossbar_response *arch_crossbar_response_new(uint32_t rows, uint32_t cols,
                                                          struct sim_arena *arena);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * The planes of a tile that are clocked: Shenjing gates the clock of each plane (one partial-sum router,
 * one spike router and one neuron) by a bit of its own.
 */
#ifndef NOC_SHENJING_PLANES_H
#define NOC_SHENJING_PLANES_H

#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Invariant: lanes[p] = -1 when bit p of bits is set, else 0; count is the number of set bits. */
struct noc_planes {
    uint64_t *bits;  /* [planes / 64] */
    int16_t *lanes;  /* [planes] */
    uint32_t planes; /* a multiple of 64 */
    uint32_t count;
};

/* The lane mask for vector operations: NULL when every plane is clocked. */
static inline const int16_t *noc_planes_lanes(const struct noc_planes *planes) {
    return planes->count == planes->planes ? NULL : planes->lanes;
}

#ifdef __cplusplus
}
#endif

#endif

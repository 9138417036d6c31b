/* SPDX-License-Identifier: MIT
 *
 * Tiles with equal weights: a convolution's tiles hold the same kernel wherever on the feature map they
 * stand, and the simulator keeps one copy. (The hardware keeps one each; energy and timing know nothing of
 * this.)
 *
 * A table from patches of a projection (sim/graph/projection.h) to the first tile that holds them, an open
 * hash. Equality is that of the patches, so two tiles whose weights are equal by chance keep a copy each.
 */
#ifndef ARCH_SHENJING_WEIGHT_SHARING_H
#define ARCH_SHENJING_WEIGHT_SHARING_H

#include "sim/base/arena.h"
#include "sim/graph/projection.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Invariant: mask + 1 is a power of two, at least twice as many as patches. */
struct arch_weight_sharing {
    struct sim_patch *patch; /* [mask + 1] */
    void **holder;           /* [mask + 1] NULL: free */
    uint32_t mask;
};

/* Room for `patches` of them. */
void arch_weight_sharing_init(struct arch_weight_sharing *sharing, uint32_t patches, struct sim_arena *arena);

/* Where the holder of a patch stands: NULL there when it is met for the first time; the caller sets it. A
 * patch of no projection is one with weights of 0. */
void **arch_weight_sharing_holder(struct arch_weight_sharing *sharing, struct sim_patch patch);

#ifdef __cplusplus
}
#endif

#endif

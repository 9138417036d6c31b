/* SPDX-License-Identifier: MIT
 *
 * What a dual chip is asked to do: the same network as spikes (SNN) or as quantised activations (QNN).
 *
 * Counts and levels: T timesteps of a rate code have T + 1 levels, which b = ceil(log2(T + 1)) bits hold. A
 * neuron's level is the number of its spikes; a level as spikes is any train with that many. A QNN's
 * neuron with the sum S and the threshold theta has the level clip(floor(S / theta), 0, T), which is the
 * spike count of an integrate-and-fire neuron with soft reset and no leak whose input current is in [0,
 * theta) in each timestep.
 */
#ifndef ARCH_DUAL_MODE_H
#define ARCH_DUAL_MODE_H

#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

enum arch_dual_mode { ARCH_DUAL_SNN, ARCH_DUAL_QNN, ARCH_DUAL_MODE_COUNT };

/* How spikes move. */
enum arch_dual_movement {
    ARCH_DUAL_SPARSE, /* as address events */
    ARCH_DUAL_DENSE,  /* as a bitmap each timestep */
    ARCH_DUAL_AUTO,   /* each timestep as whatever costs less */
    ARCH_DUAL_MOVEMENT_COUNT
};

enum arch_dual_neuron {
    ARCH_DUAL_IF,  /* integrate and fire in each timestep */
    ARCH_DUAL_SSF, /* sum the spikes of the window, then fire */
    ARCH_DUAL_NEURON_COUNT
};

#define ARCH_DUAL_TIMESTEPS_MAX 255u /* a level is a byte on the frame network */

/* Bits of an activation with `timesteps` + 1 levels. */
static inline uint32_t arch_dual_bits(uint32_t timesteps) {
    uint32_t bits = 0;
    while (timesteps >> bits != 0)
        bits++;
    return bits;
}

/* The level of a sum. threshold >= 1. */
static inline uint32_t arch_dual_quantise(int64_t sum, int32_t threshold, uint32_t timesteps) {
    if (sum <= 0)
        return 0;
    return sum / threshold < timesteps ? (uint32_t)(sum / threshold) : timesteps;
}

#ifdef __cplusplus
}
#endif

#endif

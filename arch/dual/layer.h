/* SPDX-License-Identifier: MIT
 *
 * A synthetic layer: fan-in, fan-out, timesteps, spike rate, activation density and mean hops, as a plan
 * and the activity that drives it.
 *
 *     tile   0          1   ...   d                d + 1
 *            cores <--------------sources (1-f) N <-sources f N       mean hops d + f
 *
 * Sources stand on a row of tiles at the two distances whose mixture has the mean wanted; a row holds the
 * cores of one input slice. More cores than a tile has, and further input slices, stand on further rows
 * with copies of their sources: a source sends to every core by itself anyway. The tiles are as many as
 * that takes.
 *
 * Activity: exactly round(N T rate) spikes on exactly round(N density) neurons, in proportion over the
 * sources, so that ratios are not noisy; which neurons and which timesteps is drawn from a seeded
 * generator. Without a density the middle case 2 T s / (T + 1) between its bounds is taken.
 *
 * Weights are drawn from 0 .. the greatest of their width; the threshold is above the largest input that any
 * timestep can have, so that inputs stay in [0, threshold) and spike counts equal levels.
 *
 * A convolution is a layer whose inputs have different numbers of synapses (fewer at the edges); it is
 * counted, not computed.
 */
#ifndef ARCH_DUAL_LAYER_H
#define ARCH_DUAL_LAYER_H

#include "arch/dual/chip.h"
#include "sim/base/arena.h"
#include "sim/base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ARCH_DUAL_LAYER_INPUTS_MAX (1u << 20)
#define ARCH_DUAL_LAYER_HOPS_MAX 64

struct arch_dual_layer {
    uint32_t fan_in, fan_out, timesteps;
    double rate;    /* spikes a neuron and timestep */
    double density; /* neurons that spike at all; NaN: the middle case */
    double hops;
    bool pooling; /* synapses without weights of their own */
    uint64_t seed;
};

/* What was drawn: whole spikes and neurons. */
struct arch_dual_activity {
    uint64_t spikes, active;
    double hop_spikes;  /* hops of all spikes */
    double hop_neurons; /* hops of all neurons */
    const uint64_t **train; /* [layers of the plan] */
};

/* The share of active neurons that the middle case has. */
double arch_dual_layer_density(const struct arch_dual_layer *layer);

/* Judges the layer alone and with the chip; false and a message located at `where`. */
bool arch_dual_layer_check(const struct arch_dual_layer *layer, const struct arch_dual_chip_spec *spec,
                           const struct sim_where *where, struct sim_err *err);

/* The plan and its activity, in the arena. The layer has passed the check. */
struct arch_dual_plan *arch_dual_layer_plan(const struct arch_dual_layer *layer,
                                            const struct arch_dual_chip_spec *spec, struct sim_arena *arena,
                                            struct arch_dual_activity *activity);

#ifdef __cplusplus
}
#endif

#endif

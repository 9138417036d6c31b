/* SPDX-License-Identifier: MIT
 *
 * Neuron models of the digital core: what happens to a membrane potential at the end of a timestep.
 *
 * One file for each model (if.c, lif.c); a new model is a file and a line in
 * arch_neuron_models. All arithmetic is on integers and saturates at the width of the potential, as in
 * silicon. A model leaves a potential of 0 alone while there is no input: a silent network stays silent.
 */
#ifndef ARCH_NEURON_NEURON_H
#define ARCH_NEURON_NEURON_H

#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ARCH_DECAY_ONE 4096u /* a decay of 1: the potential is lost at once */

struct arch_neuron_model;

/* The parameters that all neurons of a core share. */
struct arch_neuron {
    const struct arch_neuron_model *model;
    int32_t threshold; /* >= 1 */
    int32_t highest;   /* potentials lie in -highest - 1 .. highest */
    bool soft;         /* reset: subtracts the threshold; else clears */
    uint32_t decay;    /* of the potential in a timestep, in 1 / ARCH_DECAY_ONE */
    int32_t leak;      /* towards 0 in a timestep */
};

struct arch_neuron_model {
    const char *name, *help;
    uint32_t planes; /* of state, after the potential: each of `neurons` words, in `potential` too */
    /* One timestep of `neurons` neurons: adds `input`, fires. Bit n of `fired` = neuron n spiked; words are
     * written whole, unused bits are 0. */
    void (*update)(const struct arch_neuron *neuron, int32_t *potential, const int32_t *input,
                   uint32_t neurons, uint64_t *fired);
};

extern const struct arch_neuron_model arch_neuron_if;  /* v += i */
extern const struct arch_neuron_model arch_neuron_lif; /* v -= v decay; v -> 0 by leak; v += i */

/* All models, ends with NULL. */
extern const struct arch_neuron_model *const arch_neuron_models[];

/* The sum of potential and input, at the width of the potential. */
static inline int32_t arch_neuron_add(const struct arch_neuron *neuron, int32_t potential, int32_t input) {
    int64_t sum = (int64_t)potential + input;
    if (sum > neuron->highest)
        return neuron->highest;
    return sum < -(int64_t)neuron->highest - 1 ? -neuron->highest - 1 : (int32_t)sum;
}

/* What a spike leaves of the potential. */
static inline int32_t arch_neuron_reset(const struct arch_neuron *neuron, int32_t potential) {
    return neuron->soft ? potential - neuron->threshold : 0;
}

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * Further neuron models with the interface of neuron.h, one file each:
 *
 *     channel_if.c    integrate and fire, a threshold for each neuron (channel)
 *     ssf.c           sum spikes, then fire: a window of input, then its spikes over the next window
 *     ttfs.c          time to first spike: the falling staircase threshold, at most one spike a window
 *     masked_ttfs.c   the same with a silent level and a dead zone (arch/unit/ttfs.h)
 *     shift_lif.c     leaky integrate and fire, spikes of height 2^-k: weights are shifted
 *
 * What a model needs besides the common parameters stands in a struct that begins with them; `update` gets
 * the address of its first member. A model's state takes several planes of `neurons` words each, all in
 * `potential` and all 0 after a reset; plane 0 is the membrane potential. Models with windows count
 * timesteps in one of them, so they must be updated in every timestep. Words are integers and saturate as
 * in neuron.h.
 */
#ifndef ARCH_NEURON_MODELS_H
#define ARCH_NEURON_MODELS_H

#include "arch/neuron/neuron.h"
#include "arch/unit/ttfs.h"

#ifdef __cplusplus
extern "C" {
#endif

struct arch_neuron_channel_if {
    struct arch_neuron neuron; /* its threshold is not used */
    const int32_t *threshold;  /* [neurons] >= 1 */
};

struct arch_neuron_ssf {
    struct arch_neuron neuron; /* threshold: of one spike in a window */
    uint32_t window;           /* T, timesteps */
    uint32_t slack;            /* the threshold is lowered by this many thousandths; the source: 1 */
};

struct arch_neuron_ttfs {
    struct arch_neuron neuron; /* threshold: a step of the staircase */
    struct arch_ttfs arriving; /* code of the spikes that come in; a window has arriving.levels timesteps */
    struct arch_ttfs sent;     /* code of its own spikes; the same number of levels */
    const int32_t *constant;   /* [neurons] weights x silent level of the arriving code; NULL: 0 */
};

struct arch_neuron_shift_lif {
    struct arch_neuron neuron; /* threshold: of a spike of height 1 */
    uint32_t shifts;           /* K: spikes have heights 1, 1/2, .. 2^-K; 0 .. 30 */
};

extern const struct arch_neuron_model arch_neuron_channel_if;
extern const struct arch_neuron_model arch_neuron_ssf;
extern const struct arch_neuron_model arch_neuron_ttfs; /* arriving and sent: silent 0 */
extern const struct arch_neuron_model arch_neuron_masked_ttfs;
extern const struct arch_neuron_model arch_neuron_shift_lif;

/* Planes of state, after the potential, that are of use to others. */
#define ARCH_NEURON_SHIFT_PLANE 1u /* shift_lif: k of the spike, where one fired */

/* The contribution of a weight to a neuron that receives a spike of height 2^-shift. */
static inline int32_t arch_neuron_shift_weight(int32_t weight, uint32_t shift) { return weight >> shift; }

#ifdef __cplusplus
}
#endif

#endif

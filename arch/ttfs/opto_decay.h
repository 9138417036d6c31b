/* SPDX-License-Identifier: MIT
 *
 * The photocurrent of an optoelectronic synapse after a light pulse: a stretched exponential with offset,
 *
 *     O(t) = amplitude exp(-(t / tau)^beta) + offset
 *
 * and its inverse. The device's own decay is the kernel of a time-to-first-spike code: what is read at the
 * instant t_k, where O(t_k) = (T - k) / T, is proportional to the level T - k. The instants are not
 * equidistant; they absorb the non-linearity.
 *
 * Source: Otters (arXiv 2509.18968), In2O3 thin-film transistor, as given by a third party's digest:
 * amplitude 110.989, tau 1.3425, beta 0.495, offset -109.989. The unit of time was not published in a
 * source read so far; seconds fit what is known (a window of 100 us).
 */
#ifndef ARCH_TTFS_OPTO_DECAY_H
#define ARCH_TTFS_OPTO_DECAY_H

#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct arch_opto_decay {
    double amplitude, tau, beta, offset; /* tau in the unit of t */
};

double arch_opto_decay_at(const struct arch_opto_decay *decay, double t);

/* The instant at which the decay has come down to `value`; 0 when it begins below, NaN when it never gets
 * there. */
double arch_opto_decay_instant(const struct arch_opto_decay *decay, double value);

#ifdef __cplusplus
}
#endif

#endif

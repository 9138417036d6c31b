/* SPDX-License-Identifier: MIT
 *
 * One axis of a sweep: from its description to a list of values.
 *
 *     values   written one by one; each is read as its key would read it
 *     range    from, to, and step or count: evenly spaced, both ends included where they fit
 *     log      from, to, and factor or count: evenly spaced in the logarithm
 *
 * Whole-number keys take whole numbers: a range must hit them, a log is rounded and loses its doubles.
 */
#ifndef SIM_SWEEP_AXIS_H
#define SIM_SWEEP_AXIS_H

#include "sim/sweep/sweep.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What an axis needs of its sweep. */
struct sim_sweep_binding {
    struct sim_sweep *sweep;
    const struct sim_sweep_key *key;
    uint32_t keys;
    uint64_t values; /* made so far, of all axes */
    struct sim_err *err;
};

/* How the values of a sample are placed within an axis. */
struct sim_sweep_draw {
    uint32_t count;
    uint64_t seed;
    bool latin; /* one value in each of `count` equal parts, in random order */
};

/* Reads an axis (a mapping with key, keys or option), expands it, and appends it to the sweep. draw: NULL
 * outside of a sample. NULL and messages on a fault. */
const struct sim_sweep_axis *sim_sweep_axis_read(struct sim_sweep_binding *binding,
                                                 const struct sim_node *node,
                                                 const struct sim_sweep_draw *draw);

#ifdef __cplusplus
}
#endif

#endif

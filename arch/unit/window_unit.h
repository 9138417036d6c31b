/* SPDX-License-Identifier: MIT
 *
 * A window unit: a core unit for time-to-first-spike codes. It turns the spikes of a whole window into one
 * potential for each neuron.
 *
 *     window     0                 1                 2
 *     layer 0    fires
 *     layer 1    integrates        fires
 *     layer 2                      integrates        fires
 *
 * A layer integrates while the layer before fires, and fires in the next window: its threshold is infinite
 * until then. Like a core unit (core_unit.h) it is plain data without links; the owner collects spikes,
 * adds the potentials of units that share neurons, and applies the staircase threshold (ttfs.h).
 *
 *     init -> load ... -> prepare -> integrate, fire ...
 *
 * Potentials are in steps of a weight times levels, so an ideal unit gives the integer sum of weight x level.
 */
#ifndef ARCH_UNIT_WINDOW_UNIT_H
#define ARCH_UNIT_WINDOW_UNIT_H

#include "arch/unit/core_unit.h"
#include "arch/unit/ttfs.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ARCH_WINDOW_UNIT_ROLE "window_unit" /* of the schemas, for SIM_PARAM_ANY */

/* The spikes of one window, by ascending axon. */
struct arch_window {
    uint32_t spikes;
    const uint32_t *axon; /* [spikes] */
    const uint8_t *slot;  /* [spikes] */
};

struct arch_window_unit_type {
    const struct sim_schema *schema; /* role ARCH_WINDOW_UNIT_ROLE */
    const struct sim_event *events;  /* [event_count] */
    uint32_t event_count;
    size_t size; /* of a unit's state */

    void (*shape)(const void *spec, struct arch_core_unit_shape *shape);

    /* A unit in the caller's zeroed storage of `size` bytes; `spec` outlives it. Counts `neurons` of its
     * neurons as used, and `axons` of its axons. */
    void (*init)(void *unit, const void *spec, const struct arch_core_unit_host *host, uint32_t axons,
                 uint32_t neurons);

    /* Elaboration: weights of `axon` to neurons first .. first + count - 1. */
    void (*load)(void *unit, uint32_t axon, uint32_t first, uint32_t count, const int8_t *weights);

    /* Ends elaboration; `code` is that of the arriving spikes. False and messages when the unit cannot do
     * it. */
    bool (*prepare)(void *unit, const struct arch_ttfs *code, struct sim_err *err);

    /* One window that starts at `now`: potential[neurons], including the constant part of a masked code.
     * Counts the events, returns the cycles it takes. */
    uint64_t (*integrate)(void *unit, const struct arch_window *window, double *potential, sim_cycle now);

    /* Counts the events of a window in which the neurons compare their potentials with the falling
     * threshold of `slots` steps and `spikes` of them fire. Returns its cycles, in which the next layer
     * integrates. */
    uint64_t (*fire)(void *unit, uint32_t slots, uint32_t spikes, sim_cycle now);

    /* From here on what is drawn for reads and what changes by itself is that of stretch `stretch` of the
     * inputs, whose first begins at cycle 0: independent of other stretches, and in whatever order they are
     * asked for. A unit begins in stretch 0. NULL: nothing of the kind. */
    void (*begin)(void *unit, uint64_t stretch);

    /* Values that unit energies scale by (`scale:` in configs/tech): calls `report` for each. */
    void (*parameters)(const void *spec, void (*report)(void *user, const char *name, double value),
                       void *user);

    /* Silicon area, m2; 0: not known. */
    double (*area)(const void *spec);
};

#ifdef __cplusplus
}
#endif

#endif

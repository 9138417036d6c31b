/* SPDX-License-Identifier: MIT
 *
 * A core unit: what turns the spikes of a core's axons into one weighted sum for each neuron.
 *
 * Around it stands a core: it collects spikes, starts the unit once a timestep, and gives the sums to its
 * neurons when the unit's latency has passed. A unit is plain data with a few functions; it has no links and
 * takes no steps, so any tile or chip can own one, and which one is chosen by `type:` in the description.
 *
 *     init -> load ... -> prepare -> integrate ...
 *
 * Axons that nobody loads have weight 0. Events are counted in the owner's counters, whose events must
 * contain those of the unit in their order from `first_event` on.
 */
#ifndef ARCH_UNIT_CORE_UNIT_H
#define ARCH_UNIT_CORE_UNIT_H

#include "sim/base/err.h"
#include "sim/config/param.h"
#include "sim/kernel/component.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_arena;

#define ARCH_CORE_UNIT_ROLE "core_unit" /* of the schemas, for SIM_PARAM_ANY */

/* The step of the component types that count for units: the core around a unit does everything. */
sim_cycle arch_core_unit_step(void *self, sim_cycle now);

/* Where a unit stands. */
struct arch_core_unit_host {
    struct sim_component *owner; /* counts the events */
    uint32_t first_event;
    uint32_t number; /* of the core in its chip: cores draw different random numbers */
    double clock_hz; /* of the cycles in which latency is given */
    struct sim_arena *arena;
};

struct arch_core_unit_shape {
    uint32_t axons, neurons, weight_bits; /* two's complement */
};

struct arch_core_unit_type {
    const struct sim_schema *schema; /* role ARCH_CORE_UNIT_ROLE */
    const struct sim_event *events;  /* [event_count] */
    uint32_t event_count;
    size_t size; /* of a unit's state */

    void (*shape)(const void *spec, struct arch_core_unit_shape *shape);

    /* A unit in the caller's zeroed storage of `size` bytes; `spec` outlives it. */
    void (*init)(void *unit, const void *spec, const struct arch_core_unit_host *host);

    /* Elaboration: weights of `axon` to neurons first .. first + count - 1. */
    void (*load)(void *unit, uint32_t axon, uint32_t first, uint32_t count, const int8_t *weights);

    /* Ends elaboration. False and messages when the loaded weights cannot be held. */
    bool (*prepare)(void *unit, struct sim_err *err);

    /* One timestep that starts at `now`: sums[neurons] of the weights of the spiking axons (bitmap of
     * (axons + 63) / 64 words; bits beyond the axons are 0). Counts the events, returns the cycles it takes.
     */
    uint64_t (*integrate)(void *unit, const uint64_t *spikes, int32_t *sums, sim_cycle now);

    /* From here on what is drawn for reads and what changes by itself is that of stretch `stretch` of the
     * inputs, whose first begins at cycle 0: independent of other stretches, and in whatever order they are
     * asked for. A unit begins in stretch 0. NULL: nothing of the kind. */
    void (*begin)(void *unit, uint64_t stretch);

    /* Values that unit energies scale by (`scale:` in configs/tech): calls `report` for each. NULL: none. */
    void (*parameters)(const void *spec, void (*report)(void *user, const char *name, double value),
                       void *user);

    /* Silicon area, m2; 0: not known. */
    double (*area)(const void *spec);
};

#ifdef __cplusplus
}
#endif

#endif

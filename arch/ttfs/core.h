/* SPDX-License-Identifier: MIT
 *
 * Digital core for time-to-first-spike codes (arch.ttfs_core): the baseline for the analog ones, and exact.
 *
 *     slot  spikes --> weight rows --> slope += weights        every slot: potential += slope
 *
 * A spike adds its weights to the slope of the neurons; adding the slope to the potential in every slot
 * gives each weight the value of its spike's slot without a multiplier. The values below the silent level
 * of a masked code grow with the slot; they come from a second ramp of the same kind, which runs on for
 * `silent` slots after the window. Both together give weights x value, which is what is computed here.
 *
 *     cycles = ramp slots x (slot_cycles + ceil(neurons / lanes)) + spikes x ceil(neurons / lanes)
 *
 * Not modelled: the widths of slope and potential; sparse weight memories.
 */
#ifndef ARCH_TTFS_CORE_H
#define ARCH_TTFS_CORE_H

#include "arch/unit/window_weights.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ARCH_TTFS_CORE_EVENTS(X)                                                                             \
    X(spikes_in, "spikes received")                                                                          \
    X(row_reads, "weights of an axon read")                                                                  \
    X(synaptic_adds, "weights added to a slope")                                                             \
    X(ramp_adds, "slopes added to a potential")                                                              \
    X(comparisons, "potentials compared with the threshold")                                                 \
    X(fires, "spikes fired")

enum arch_ttfs_core_event {
#define ARCH_TTFS_CORE_EVENT_NAME(name, help) ARCH_TTFS_CORE_EVENT_##name,
    ARCH_TTFS_CORE_EVENTS(ARCH_TTFS_CORE_EVENT_NAME)
#undef ARCH_TTFS_CORE_EVENT_NAME
        ARCH_TTFS_CORE_EVENT_COUNT
};

struct arch_ttfs_core_spec {
    uint32_t axons, neurons, weight_bits;
    uint32_t lanes; /* neurons at a time */
    uint32_t slot_cycles;
    double area_m2;
};

struct arch_ttfs_core {
    struct arch_window_weights weights;
    const struct arch_ttfs_core_spec *spec;
    double *table; /* [axons][lanes] */
};

extern const struct sim_schema arch_ttfs_core_schema; /* role "window_unit" */
extern const struct sim_type arch_ttfs_core_type;     /* its events; the core around it steps */
extern const struct arch_window_unit_type arch_ttfs_core_unit;

#ifdef __cplusplus
}
#endif

#endif

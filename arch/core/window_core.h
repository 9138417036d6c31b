/* SPDX-License-Identifier: MIT
 *
 * A window unit (arch/unit/window_unit.h: optoelectronic, memristive or digital time-to-first-spike synapses)
 * behind a packet network. A timestep of the chip is a window of the code; a spike's mark is its slot.
 *
 *     timestep      0          1               2                3
 *     host          fires
 *     layer 1       ..reads..  |rest| fires
 *     layer 2                  ..reads..       |rest| fires
 *
 * A core reads while the layer before fires. What reading takes longer than that (read-out, conversions)
 * delays its own firing: rest = integration time - cycles since the tick of the layer before. A spike of slot
 * k leaves when k + 1 of the window's slots have passed. Neurons that are spread over several cores take one
 * timestep more, in which the potentials of the other cores come as partial sums, rounded to whole steps of
 * a weight times level.
 *
 * A core works in one timestep of each sample, which the mapping gives it; else it is idle. Not modelled: a
 * spike is read at the instant of its slot although its packet arrives later; the window of a reader lags
 * behind by the network's latency, which is not subtracted from anything.
 */
#ifndef ARCH_CORE_WINDOW_CORE_H
#define ARCH_CORE_WINDOW_CORE_H

#include "arch/core/periphery.h"
#include "arch/core/shell.h"
#include "arch/unit/window_unit.h"

#ifdef __cplusplus
extern "C" {
#endif

extern const struct sim_type arch_window_core_type;

/* What a core does in a sample. */
struct arch_window_plan {
    uint32_t reads;        /* timestep in which the layer before fires */
    uint32_t timestep;     /* in which it fires or sends its sums */
    struct arch_ttfs sent; /* the code of its spikes */
    uint32_t threshold;    /* a step of the staircase */
};

struct arch_window_core {
    struct arch_core_shell shell;
    struct arch_window_plan plan;
    struct arch_ttfs_staircase staircase;
    const struct arch_window_unit_type *type;
    void *unit;
    struct sim_component unit_counts; /* what the unit counts; takes no steps */
    uint32_t *axon;                   /* [axons] spikes of a window */
    uint8_t *slot;
    double *potential; /* [neurons] */
    uint64_t *fired;   /* [levels][words] */
    int32_t *sum;      /* [neurons] of a core without neurons of its own */
    sim_cycle reads_at; /* the tick from which it reads */
    sim_cycle fire_start;
    uint64_t fire_cycles;
};

/* Prepares the state; `unit` is of this type, and its owner is unit_counts. It is the caller's and stays. */
void arch_window_core_init(struct arch_window_core *core, const struct arch_window_unit_type *type,
                           void *unit, const struct arch_core_ports *ports,
                           const struct arch_periphery_spec *periphery, struct sim_arena *arena);

/* Once the codes are known, before the run begins. */
void arch_window_core_plan(struct arch_window_core *core, const struct arch_window_plan *plan,
                           struct sim_arena *arena);

#ifdef __cplusplus
}
#endif

#endif

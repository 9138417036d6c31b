/* SPDX-License-Identifier: MIT
 *
 * The timestep barrier: a tree that tells all cores when a timestep begins, and learns when it is over.
 *
 *     root --tick--> nodes --tick--> cores and host          all leaves at the same depth
 *          <-report-       <-report-
 *
 * A timestep is over when every leaf is done with it and every packet sent has been received. Leaves count
 * both, from the start of the run on, and report when they are done and at every arrival after that. A leaf
 * that is done sends nothing more in the timestep, so once all are done the number sent is final, and the
 * sums are equal exactly when the last packet has arrived (termination detection by counting, Mattern 1987).
 *
 *     cycle   c                   c + cycles                c + cycles + levels
 *             sums equal at root  root starts a timestep    leaves see the tick
 *
 * With `timestep_cycles` the root waits until so many cycles have passed since the last start: a chip with a
 * global tick. A timestep that takes longer is extended, and counted as an overrun.
 *
 * Not modelled: the wires of the barrier (their latency is in `cycles`).
 */
#ifndef ARCH_CORE_BARRIER_H
#define ARCH_CORE_BARRIER_H

#include "sim/base/arena.h"
#include "sim/kernel/component.h"
#include "sim/kernel/link.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_kernel;

#define ARCH_BARRIER_FAN_OUT 64u

struct arch_tick {
    uint32_t timestep;
    uint32_t reset; /* 1: forget everything before this timestep; of later windows all but loaded weights */
    uint32_t window; /* the token window of the sample; 0 is the first, or the only one */
};

struct arch_report {
    uint64_t sent, received; /* packets since the run began; one for each copy */
    uint64_t done;           /* leaves that are done with the timestep */
};

SIM_LINK_DEFINE(arch_tick_link, struct arch_tick)
SIM_LINK_DEFINE(arch_report_link, struct arch_report)

/* A leaf's end, or a node's towards its parent. */
struct arch_barrier_port {
    struct arch_tick_link tick;
    struct arch_report_link report;
};

void arch_barrier_port_init(struct arch_barrier_port *port, struct sim_arena *arena);

#define ARCH_BARRIER_EVENTS(X)                                                                               \
    X(TICK, tick, "a timestep was started or passed on")                                                     \
    X(REPORT, report, "a report was taken in")                                                               \
    X(OVERRUN, overrun, "a timestep took longer than timestep_cycles")

#define ARCH_BARRIER_EVENT_ENUM(NAME, name, help) ARCH_BARRIER_##NAME,
enum arch_barrier_event { ARCH_BARRIER_EVENTS(ARCH_BARRIER_EVENT_ENUM) ARCH_BARRIER_EVENT_COUNT };

extern const struct sim_type arch_barrier_type;

/* Invariant: sum is the sum of last[]; at the root `running` from the first tick of a sample to the end of
 * its last timestep. */
struct arch_barrier {
    struct sim_component base;
    struct arch_barrier_port up; /* not of the root */
    struct arch_barrier_port *child[ARCH_BARRIER_FAN_OUT];
    struct arch_report last[ARCH_BARRIER_FAN_OUT], sum;
    uint32_t children;
    uint32_t leaves; /* below */
    /* Root only. */
    bool root;
    sim_cycle cycles, timestep_cycles;
    bool wanted; /* the caller has set timesteps: a sample shall begin */
    bool running;
    uint32_t timesteps;   /* of the sample, or of a token window of it */
    uint32_t window;
    uint32_t timestep;    /* at hand */
    sim_cycle start;      /* of the timestep at hand */
    sim_cycle next_start; /* SIM_NEVER: not known yet */
};

/* A tree over `leaves` ports: allocates nodes, adds them to the kernel under `path`, returns the root. The
 * leaves' components have their ids and give them in `id`. */
struct arch_barrier *arch_barrier_build(struct arch_barrier_port *const *leaf, const uint32_t *id,
                                        uint32_t leaves, sim_cycle cycles, sim_cycle timestep_cycles,
                                        const char *path, struct sim_kernel *kernel);

/* Gives an idle root its next sample, or token window `window` of one. The caller wakes it. */
void arch_barrier_begin(struct arch_barrier *root, uint32_t timesteps, uint32_t window);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * What the serial loop of kernel.c and the threads of shards.c share: a kernel without the loop.
 */
#ifndef SIM_KERNEL_CYCLE_H
#define SIM_KERNEL_CYCLE_H

#include "sim/kernel/kernel.h"

#ifdef __cplusplus
extern "C" {
#endif

/* sim_kernel_start without the end of elaboration. */
void sim_kernel_prepare(struct sim_kernel *kernel);

/* Steps who is due in cycle `now`; `dense`: everybody. */
void sim_kernel_cycle(struct sim_kernel *kernel, bool dense, sim_cycle now);

/* Nobody is due while work is left, or nothing was sent for too long before cycle `next`. */
static inline bool sim_kernel_stalled(const struct sim_kernel *kernel, sim_cycle next) {
    sim_cycle watchdog = kernel->spec.watchdog, moved = kernel->wheel.moved;
    if (next == SIM_NEVER)
        return true;
    return watchdog != 0 && next > moved && next - moved > watchdog;
}

/* The cycle to be stepped now, where somebody is due at `next` at the earliest (`dense`: everybody, at once);
 * SIM_NEVER: none before `until`. Asks kernel->wheel for `open` and `moved` only. */
static inline sim_cycle sim_kernel_plan(struct sim_kernel *kernel, bool dense, sim_cycle next,
                                        sim_cycle until) {
    if (kernel->wheel.open == 0 || kernel->now >= until)
        return SIM_NEVER;
    if (kernel->now == 0)
        next = 0;
    else if (sim_kernel_stalled(kernel, next))
        return SIM_NEVER;
    if (dense)
        next = kernel->now;
    if (next < until)
        return next;
    kernel->now = until;
    return SIM_NEVER;
}

/* Why there was none. */
static inline enum sim_stop sim_kernel_stop(const struct sim_kernel *kernel, sim_cycle until) {
    if (kernel->wheel.open == 0)
        return SIM_STOP_FINISHED;
    return kernel->now >= until ? SIM_STOP_TIME : SIM_STOP_STALLED;
}

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * A bench for synthetic layers: a plan in a kernel of its own, run as often as wanted in either execution,
 * and the events that each run counted.
 */
#ifndef ARCH_DUAL_CHIP_LAYER_H
#define ARCH_DUAL_CHIP_LAYER_H

#include "arch/dual/layer.h"
#include "sim/kernel/kernel.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Every type of component of a dual chip. */
enum arch_dual_type {
    ARCH_DUAL_TYPE_CORE,
    ARCH_DUAL_TYPE_HOST,
    ARCH_DUAL_TYPE_EVENT_ROUTER,
    ARCH_DUAL_TYPE_FRAME_ROUTER,
    ARCH_DUAL_TYPE_BARRIER,
    ARCH_DUAL_TYPE_COUNT
};

#define ARCH_DUAL_EVENTS_MAX 32u

extern const struct sim_type *const arch_dual_types[ARCH_DUAL_TYPE_COUNT];

struct arch_dual_bench {
    struct sim_arena arena;
    struct sim_kernel kernel;
    struct arch_dual_plan *plan;
    struct arch_dual_activity activity;
    struct arch_dual_system system;
    uint32_t timesteps;
};

struct arch_dual_outcome {
    uint64_t count[ARCH_DUAL_TYPE_COUNT][ARCH_DUAL_EVENTS_MAX];
    sim_cycle cycles;
    uint64_t outputs; /* spikes that the layer fired, or the sum of its levels */
};

/* The layer has passed the check. */
void arch_dual_bench_open(struct arch_dual_bench *bench, const struct arch_dual_layer *layer,
                          const struct arch_dual_chip_spec *spec);
void arch_dual_bench_close(struct arch_dual_bench *bench);

/* One inference. movement: enum arch_dual_movement, of spikes; costs: for `auto`. False: it does not end. */
bool arch_dual_bench_run(struct arch_dual_bench *bench, int mode, int movement,
                         const struct arch_dual_costs *costs, struct arch_dual_outcome *outcome);

#ifdef __cplusplus
}
#endif

#endif

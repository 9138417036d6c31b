/* SPDX-License-Identifier: MIT
 *
 * A row of Shenjing tiles that run from cycle 0, for the tests of their timing, description and event log.
 * Tile 0 is the westernmost. Programs and weights are loaded between rig_init and rig_run.
 */
#ifndef TEST_UNIT_TILE_RIG_H
#define TEST_UNIT_TILE_RIG_H

#include "arch/shenjing/tile.h"
#include "sim/kernel/kernel.h"

#define RIG_TILES 3

struct rig {
    struct sim_arena arena;
    struct sim_kernel kernel;
    struct arch_shenjing_tile tile[RIG_TILES];
    bool started;
};

/* Default sizes; every plane and sub-core selected; threshold 10. */
void rig_init(struct rig *rig, enum sim_order order, bool count_toggles);
void rig_release(struct rig *rig);

/* Runs to `cycle` and settles: registers show what is visible in `cycle`. */
void rig_run(struct rig *rig, sim_cycle cycle);

/* External spikes of cycle 0: axons first .. end - 1 are active. */
void rig_axons(struct rig *rig, uint32_t tile, uint32_t first, uint32_t end);

/* All weights of `axon` are `weight`. */
void rig_weights(struct rig *rig, uint32_t tile, uint32_t axon, int8_t weight);

/* Plane 0 of an output register as visible in the present cycle. */
int16_t rig_ps_out(const struct rig *rig, uint32_t tile, enum noc_port port);
bool rig_spike_out(const struct rig *rig, uint32_t tile, enum noc_port port);

#endif

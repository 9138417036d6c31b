/* SPDX-License-Identifier: MIT
 *
 * The network of a trace laid out on a dual chip, once for both executions.
 *
 *   partition   a dense layer becomes cores of at most so many axons and neurons; more axons: partial sums
 *   place       cores fill tiles row by row, in the squarest corner of the mesh; the host stands at tile
 *   [0][0]
 *   connect     every core of a layer is sent the neurons that it reads, by each core that has some of them
 *
 * Not mapped: layers with several operands, and any kind but dense.
 */
#ifndef ARCH_DUAL_MAP_H
#define ARCH_DUAL_MAP_H

#include "arch/dual_chip.h"
#include "sim/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The plan, in the arena; *output is the layer that classifies. NULL and messages when the network does
 * not fit. */
struct arch_dual_plan *arch_dual_map(const struct arch_dual_chip_spec *spec, const struct sim_graph *graph,
                                     uint32_t *output, struct sim_arena *arena, struct sim_err *err);

#ifdef __cplusplus
}
#endif

#endif

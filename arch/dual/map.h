/* SPDX-License-Identifier: MIT
 *
 * The network of a trace laid out on a dual chip, once for both executions.
 *
 *   partition   a layer becomes cores of at most so many axons and neurons: a convolution, pooling or
 *               identity by patches of its grid, a dense layer by stretches; operands stand side by side
 *               among the axons of a core, and where they are more than it has the layer is cut, all its
 *               cores alike: partial sums
 *   place       cores fill tiles row by row, in the squarest corner of the mesh; the host stands at tile
 *               [0][0]; once connected they move where spikes travel less far (place.c)
 *   connect     every core of a layer is sent the neurons that it has synapses from, by each core that has
 *               some of them
 *
 * A core's memory holds the weights of its patch as a matrix; patches that lie alike share it in the
 * simulation, not on the chip. Synapses of pooling and identity all weigh `scale`, which is wired. Synapses
 * that a window lacks at the edge are neither stored, nor read, nor sent to.
 *
 * Not mapped: host layers, neurons other than integrate and fire.
 */
#ifndef ARCH_DUAL_MAP_H
#define ARCH_DUAL_MAP_H

#include "arch/dual/chip.h"
#include "sim/graph/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The plan, in the arena; *output is the layer that classifies. NULL and messages when the network does
 * not fit. */
struct arch_dual_plan *arch_dual_map(const struct arch_dual_chip_spec *spec, const struct sim_graph *graph,
                                     uint32_t *output, struct sim_arena *arena, struct sim_err *err);

/* Part of it: other tiles for the cores of a connected plan, by spec->placement; plan->placed tells. */
void arch_dual_place(struct arch_dual_plan *plan, const struct arch_dual_chip_spec *spec,
                     const struct sim_graph *graph);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * Rounds: a network cut into parts that run one after the other on one chip.
 *
 * A round is a run of layers. What it reads of earlier rounds are input layers to it, whose spikes have been
 * kept; what later rounds read of it leaves the chip. A chip sends out what none of its layers reads, so a
 * cut may lie only where no layer is read both in its own round and in a later one (in a residual network:
 * between the blocks).
 */
#ifndef ARCH_LAYOUT_ROUNDS_H
#define ARCH_LAYOUT_ROUNDS_H

#include "sim/graph/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Layers first .. end - 1 of a network as a network of their own. */
struct arch_round {
    uint32_t first, end;
    struct sim_graph graph;
    uint32_t *layer; /* [graph.layers] their numbers in the whole network */
    uint32_t *local; /* [layers of the whole network] the other way; UINT32_MAX: not in this round */
};

/* Whether a round that begins with layer `first` may end before layer `end`, which may be the last one. */
bool arch_rounds_may_cut(const struct sim_graph *graph, uint32_t first, uint32_t end);

/* Whether a later round, or the outside, needs the spikes of layer `id` of a round that ends before `end`. */
bool arch_rounds_keeps(const struct sim_graph *graph, uint32_t id, uint32_t end);

/* Makes the network of a round, in the arena; weights and names stay those of `graph`. */
void arch_round_make(struct arch_round *round, const struct sim_graph *graph, uint32_t first, uint32_t end,
                     struct sim_arena *arena);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * Chains of layers: the input, then layers of integrate-and-fire neurons, each of which reads all of the
 * layer before.
 */
#ifndef TEST_UNIT_CHAIN_H
#define TEST_UNIT_CHAIN_H

#include "sim/graph/graph.h"

/* Makes layer `id` (0: the input) of an allocated graph, after those before it; its memory is in `arena`.
 * 5-bit weights and a soft reset; the caller adds a threshold and weights. */
struct sim_layer *chain_layer(struct sim_graph *graph, uint32_t id, uint32_t neurons,
                              struct sim_arena *arena);

/* An initialised graph of such layers with these numbers of neurons. */
void chain_init(struct sim_graph *graph, const uint32_t *neurons, uint32_t layers, int32_t threshold);

#endif

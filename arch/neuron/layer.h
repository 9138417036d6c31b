/* SPDX-License-Identifier: MIT
 *
 * From a layer of a network to the neurons of a core: which model, with what parameters (sim/graph/neuron.h).
 */
#ifndef ARCH_NEURON_LAYER_H
#define ARCH_NEURON_LAYER_H

#include "arch/neuron/models.h"
#include "sim/graph/neuron.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Neurons at places first .. first + count - 1 (sim/graph/projection.h) of layer `id`, whose potentials have
 * `potential_bits`; lives in `arena`. NULL and a message when the layer's neurons are unknown or wrong. */
const struct arch_neuron *arch_neuron_of_layer(const struct sim_graph *graph, uint32_t id, uint32_t first,
                                               uint32_t count, uint32_t potential_bits,
                                               struct sim_arena *arena, struct sim_err *err);

/* The code of a layer's spikes when its neurons have a time code; else levels 0. */
struct arch_ttfs arch_neuron_code(const struct sim_layer *layer);

/* The number of heights that a layer's spikes can have: 1, or of shift_lif shifts + 1. */
uint32_t arch_neuron_heights(const struct sim_layer *layer);

#ifdef __cplusplus
}
#endif

#endif

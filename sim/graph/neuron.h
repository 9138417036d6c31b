/* SPDX-License-Identifier: MIT
 *
 * What a layer's attributes say about its neurons.
 *
 *     neuron        attributes                      what it is
 *     if, lif       decay, leak                     integrate and fire, leaky
 *     channel_if    thresholds                      a threshold for each channel or neuron
 *     ssf           window, slack                   sum spikes, fire over the next window
 *     ttfs          levels                          time to first spike, falling threshold
 *     masked_ttfs   levels, silent, dead_zone       the same with a silent level
 *     shift_lif     shifts, decay                   spikes of height 2^-k
 *     (input)       levels, silent, dead_zone       the code of its spikes, if a time code
 *
 * The equations stand in workloads/README.md; cores compute them (arch/neuron/models.h).
 */
#ifndef SIM_GRAPH_NEURON_H
#define SIM_GRAPH_NEURON_H

#include "sim/graph/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SIM_NEURON_DECAY_ONE 4096u /* a decay of 1: the potential is lost at once */
#define SIM_NEURON_LEVELS_MAX 255u
#define SIM_NEURON_SHIFTS_MAX 30u

struct sim_neuron_parameters {
    uint32_t decay, leak; /* of the potential in a timestep: in 1 / SIM_NEURON_DECAY_ONE; a step towards 0 */
    uint32_t window, slack;  /* timesteps; thousandths by which the threshold is lowered */
    uint32_t levels;         /* also the timesteps of a window; 0: not given (input layers) */
    uint32_t silent, dead_zone;
    uint32_t shifts;         /* the smallest spike is 2^-shifts */
    const int32_t *threshold; /* [neurons]; NULL: not asked for, or one for the layer */
};

/* Reads the parameters of a layer. Thresholds of each neuron are made in `arena`, unless it is NULL. False
 * and a text in `fault` when an attribute is wrong or missing. */
bool sim_neuron_read(const struct sim_layer *layer, struct sim_arena *arena,
                     struct sim_neuron_parameters *parameters, char *fault, size_t size);

/* The same for layer `id`, whose operands must send the code that it reads. Part of sim_graph_check. */
bool sim_neuron_check(const struct sim_graph *graph, uint32_t id, char *fault, size_t size);

#ifdef __cplusplus
}
#endif

#endif

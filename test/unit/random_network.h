/* SPDX-License-Identifier: MIT
 *
 * Random dense networks of integrate-and-fire neurons with random input spikes, for tests that compare a chip
 * with something independent.
 */
#ifndef TEST_UNIT_RANDOM_NETWORK_H
#define TEST_UNIT_RANDOM_NETWORK_H

#include "arch/chip.h"
#include "arch/evaluate.h"
#include "sim/graph.h"

#define RANDOM_LAYERS_MAX 5u

/* What networks are drawn from. */
struct random_network_spec {
    uint32_t layers_most; /* 2 .. RANDOM_LAYERS_MAX: between 2 and so many */
    uint32_t inputs_most, neurons_most, timesteps_most, samples;
    uint32_t weight_bits;
    int32_t threshold_most;
    bool hard_resets; /* some layers */
    uint32_t spike_percent;
};

struct random_network {
    struct sim_graph graph;
    struct arch_samples samples;
};

/* Everything lives in the graph's arena. */
void random_network_make(struct random_network *network, const struct random_network_spec *spec,
                         uint64_t seed);
void random_network_release(struct random_network *network);

/* Runs the samples on a chip of this type: count[sample][outputs of the last layer]. Returns the cycles of
 * the run. `description` is bound to the schema with all hardware that descriptions can name. */
sim_cycle random_network_run(const struct random_network *network, const struct arch_chip_type *type,
                             const char *description, enum sim_order order, uint32_t *count);

#endif

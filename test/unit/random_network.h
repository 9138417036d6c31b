/* SPDX-License-Identifier: MIT
 *
 * Random dense networks of integrate-and-fire neurons with random input spikes, for tests that compare a chip
 * with something independent.
 */
#ifndef TEST_UNIT_RANDOM_NETWORK_H
#define TEST_UNIT_RANDOM_NETWORK_H

#include "arch/chip.h"
#include "arch/evaluate/evaluate.h"
#include "sim/graph/graph.h"

#define RANDOM_LAYERS_MAX 5u

/* What networks are drawn from. */
struct random_network_spec {
    uint32_t layers_most; /* 2 .. RANDOM_LAYERS_MAX: between 2 and so many */
    uint32_t inputs_most, neurons_most, timesteps_most, samples;
    uint32_t weight_bits;
    int32_t threshold_most;
    bool hard_resets; /* some layers */
    bool flat;        /* layers have no grid, so that chips keep the order of neurons */
    bool leaks;       /* some layers: decay, leak and delay, as packet chips have them */
    uint32_t spike_percent;
};

struct random_network_leaks {
    int32_t decay, leak;
    uint32_t delay;
};

struct random_network {
    struct sim_graph graph;
    struct random_network_leaks leaks[RANDOM_LAYERS_MAX];
    struct arch_samples samples;
};

/* Everything lives in the graph's arena. */
void random_network_make(struct random_network *network, const struct random_network_spec *spec,
                         uint64_t seed);
void random_network_release(struct random_network *network);

/* Spikes of the last layer, which are `outputs`. */
static inline uint32_t random_network_outputs(const struct random_network *network) {
    return network->graph.layer[network->graph.layers - 1].neurons;
}

/* What the integrate-and-fire equations give, spike by spike: count[sample][outputs]. */
void random_network_equations(const struct random_network *network, uint32_t *count);

/* A chip of this type for `description`, which may name any core and packet network. */
struct random_network_chip {
    const struct arch_chip_type *type;
    const char *description;
    bool (*audit)(const struct arch_chip *chip, sim_cycle now,
                  struct sim_err *err); /* now and then; or NULL */
    enum arch_as as;                    /* of chips that have a choice */
};

/* Runs the samples: count[sample][outputs]. Returns the cycles of the run. */
sim_cycle random_network_run(const struct random_network *network, const struct random_network_chip *chip,
                             enum sim_order order, uint32_t *count);

/* Fails, naming the sample and the output, where counts of all samples differ. */
void random_network_compare(const struct random_network *network, const uint32_t *got,
                            const uint32_t *expected, const char *what);

#endif

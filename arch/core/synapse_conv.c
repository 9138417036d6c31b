/* SPDX-License-Identifier: MIT
 *
 * Convolutional synapse memory: one kernel serves all positions, and a spike's targets are computed from its
 * address; see synapse.h. As the compressed convolutional lists of Loihi and SENECA do. Dense layers in such
 * a memory keep all their weights.
 */
#include "arch/core/synapse.h"

#include "sim/base/arena.h"

struct walk {
    const struct arch_synapses *synapses;
    struct sim_shape shape; /* of the layer */
    int32_t *input;         /* NULL: only count */
    uint32_t events;
};

static void meet(void *user, uint32_t neuron, int32_t weight) {
    struct walk *walk = user;
    uint32_t at = sim_shape_place(walk->shape, neuron) - walk->synapses->first_neuron;
    if (at >= walk->synapses->neurons)
        return;
    walk->events++;
    if (walk->input != NULL)
        walk->input[at] += weight;
}

static uint32_t visit(const struct arch_synapses *s, uint32_t axon, int32_t *input) {
    struct walk walk = {.synapses = s, .input = input};
    for (uint32_t i = 0; i < s->windows; i++) {
        const struct arch_synapse_window *window = &s->window[i];
        if (axon - window->axon >= window->count)
            continue;
        walk.shape = window->projection->out;
        uint32_t place = window->first + axon - window->axon;
        sim_projection_targets(window->projection, sim_shape_number(window->projection->in, place), meet,
                               &walk);
    }
    return walk.events;
}

static void add(struct arch_synapses *s, const uint32_t *axon, uint32_t axons, int32_t *input) {
    for (uint32_t i = 0; i < axons; i++)
        visit(s, axon[i], input);
}

const struct arch_synapse_format arch_synapse_conv = {
    .name = "convolutional",
    .help = "one kernel for all positions",
    .add = add,
};

uint64_t arch_synapse_window_weights(const struct sim_projection *projection, uint32_t axons,
                                     uint32_t neurons) {
    if (!projection->weighted)
        return 1;
    uint32_t channels = projection->out.channels < neurons ? projection->out.channels : neurons;
    return projection->full ? (uint64_t)axons * neurons
                            : (uint64_t)sim_projection_rows(projection) * channels;
}

void arch_synapses_load_windows(struct arch_synapses *s, const struct arch_synapse_window *window,
                                uint32_t windows, uint32_t axons, uint32_t first_neuron, uint32_t neurons,
                                uint32_t weight_bits, struct sim_arena *arena) {
    *s = (struct arch_synapses){.format = &arch_synapse_conv,
                                .axons = axons,
                                .neurons = neurons,
                                .window = window,
                                .windows = windows,
                                .first_neuron = first_neuron};
    for (uint32_t i = 0; i < windows; i++)
        s->bits +=
            arch_synapse_window_weights(window[i].projection, window[i].count, neurons) * weight_bits;
    s->events = SIM_NEW_ARRAY(arena, uint32_t, axons);
    for (uint32_t axon = 0; axon < axons; axon++)
        s->events[axon] = visit(s, axon, NULL);
}

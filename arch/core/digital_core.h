/* SPDX-License-Identifier: MIT
 *
 * A digital neuromorphic core behind a packet network, as in TrueNorth and Loihi: synapse memory and neurons
 * inside a shell (shell.h). One timestep, from the tick on:
 *
 *     tick   start_cycles   for every axon with a spike:          for every neuron:            packets
 *            [reset]        axon_cycles + synapse_cycles for      update_cycles or             one every
 *                           each `synapse_lanes` synapses         idle_cycles                  send_cycles
 *            |--------------|-------------------------------------|----------------------------|
 *
 * A spike that loads a weight (synapse_load.h) takes axon_cycles, and write_cycles for each weight.
 *
 * A neuron's spike can leave as soon as that neuron is updated, so sending overlaps updating.
 *
 * Not modelled: learning, stochastic neurons, dendrites, refractory periods; faults of a scheduler that is
 * written while it is read. Widths: inputs are summed in 32 bits, potentials saturate at potential_bits.
 * Sources: Merolla et al., Science 2014; Akopyan et al., TCAD 2015; Davies et al., IEEE Micro 2018.
 */
#ifndef ARCH_CORE_DIGITAL_CORE_H
#define ARCH_CORE_DIGITAL_CORE_H

#include "arch/core/soma.h"
#include "arch/core/synapse_load.h"
#include "sim/config/param.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Its own events, after those of shell and neurons. */
#define ARCH_DIGITAL_CORE_EVENTS(X)                                                                          \
    X(ROW_READ, row_read, "the synapses of an axon were read")                                               \
    X(SYNAPTIC_EVENT, synaptic_event, "a weight was added to a neuron's input")                              \
    X(WEIGHT_WRITE, weight_write, "a weight was changed by a spike of a loaded operand")

#define ARCH_DIGITAL_CORE_EVENT_ENUM(NAME, name, help) ARCH_DIGITAL_CORE_##NAME,
enum arch_digital_core_event {
    ARCH_DIGITAL_CORE_BEFORE = ARCH_SOMA_EVENT_COUNT - 1,
    ARCH_DIGITAL_CORE_EVENTS(ARCH_DIGITAL_CORE_EVENT_ENUM) ARCH_DIGITAL_CORE_EVENT_COUNT
};

struct arch_digital_core_spec {
    uint32_t axons, neurons;
    uint32_t weight_bits, potential_bits;
    int synapses; /* enum arch_synapse_kind */
    uint32_t index_bits;
    double synapse_memory_b; /* 0: as much as axons x neurons take */
    bool skip_zero;
    bool partial_sums;
    uint32_t start_cycles, reset_cycles;
    uint32_t axon_cycles, synapse_cycles, synapse_lanes, write_cycles;
    uint32_t update_cycles, idle_cycles, send_cycles;
};

extern const struct sim_schema arch_digital_core_schema;
extern const struct sim_type arch_digital_core_type;

struct arch_digital_core {
    struct arch_core_shell shell;
    const struct arch_digital_core_spec *spec;
    struct arch_synapses synapses;
    struct arch_soma soma;
    const struct arch_synapse_load *load; /* of a product; NULL: weights stay */
    uint32_t *row;   /* [axons] scratch */
    int32_t *weight; /* [neurons] scratch, where spikes have heights */
};

/* Prepares the state. The synapses, neurons and the load (or NULL) are the caller's and stay. */
void arch_digital_core_init(struct arch_digital_core *core, const struct arch_digital_core_spec *spec,
                            const struct arch_core_ports *ports, const struct arch_synapses *synapses,
                            const struct arch_synapse_load *load, const struct arch_soma_load *neurons,
                            struct sim_arena *arena);

#ifdef __cplusplus
}
#endif

#endif

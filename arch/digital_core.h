/* SPDX-License-Identifier: MIT
 *
 * A digital neuromorphic core behind a packet network, as in TrueNorth and Loihi.
 *
 *              +------------+   +-----------+   +----------+   +---------+
 *   packets -->| axon table |-->| scheduler |-->| synapses |-->| neurons |--> spikes --> packets
 *              +------------+   | 16 slots  |   |  memory  |   +---------+
 *                               +-----------+   +----------+
 *
 * A packet names an axon (or a source neuron, from which the axon table finds the axon) and the timestep in
 * which it takes effect; it is noted as a bit in the scheduler. One timestep, from the tick on:
 *
 *     tick   start_cycles   for every axon with a spike:          for every neuron:            packets
 *            [reset]        axon_cycles + synapse_cycles for      update_cycles or             one every
 *                           each `synapse_lanes` synapses         idle_cycles                  send_cycles
 *            |--------------|-------------------------------------|----------------------------|
 *
 * A neuron's spike can leave as soon as that neuron is updated, so sending overlaps updating. The core is
 * done when the last packet has left and all neurons are updated; the barrier (arch/barrier.h) does the rest.
 * A spike fired in timestep t takes effect in t + 1 + delay, delay 0 .. 15.
 *
 * A neuron with more inputs than a core has axons is spread over several cores: all but one send the sum of
 * their share as partial-sum packets to the one that fires. The scheduler gives the latter's own axons one
 * timestep more, so that shares of one timestep meet. This is not in the published chips.
 *
 * Not modelled: learning, stochastic neurons, dendrites, refractory periods; faults of a scheduler that is
 * written while it is read. Widths: inputs are summed in 32 bits, potentials saturate at potential_bits.
 * Sources: Merolla et al., Science 2014; Akopyan et al., TCAD 2015; Davies et al., IEEE Micro 2018.
 */
#ifndef ARCH_DIGITAL_CORE_H
#define ARCH_DIGITAL_CORE_H

#include "arch/address_event.h"
#include "arch/barrier.h"
#include "arch/neuron.h"
#include "arch/spike_sender.h"
#include "arch/synapse.h"
#include "noc/interface.h"
#include "sim/param.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ARCH_DIGITAL_CORE_EVENTS(X)                                                                          \
    X(TICK, tick, "a timestep began")                                                                        \
    X(RESET, reset, "all state was cleared")                                                                 \
    X(PACKET_IN, packet_in, "a packet arrived")                                                              \
    X(AXON_EVENT, axon_event, "a spike was noted in the scheduler")                                          \
    X(SUM_IN, sum_in, "a partial sum was added to a neuron's input")                                         \
    X(ROW_READ, row_read, "the synapses of an axon were read")                                               \
    X(SYNAPTIC_EVENT, synaptic_event, "a weight was added to a neuron's input")                              \
    X(UPDATE_ACTIVE, update_active, "a neuron with input was updated")                                       \
    X(UPDATE_IDLE, update_idle, "a neuron without input was updated")                                        \
    X(FIRE, fire, "a neuron fired")                                                                          \
    X(PACKET_OUT, packet_out, "a packet was sent")

#define ARCH_DIGITAL_CORE_EVENT_ENUM(NAME, name, help) ARCH_DIGITAL_CORE_##NAME,
enum arch_digital_core_event {
    ARCH_DIGITAL_CORE_EVENTS(ARCH_DIGITAL_CORE_EVENT_ENUM) ARCH_DIGITAL_CORE_EVENT_COUNT
};

struct arch_digital_core_spec {
    uint32_t axons, neurons;
    uint32_t weight_bits, potential_bits;
    int synapses; /* enum arch_synapse_kind: dense or sparse */
    uint32_t index_bits;
    double synapse_memory_b; /* 0: as much as axons x neurons take */
    bool skip_zero;
    bool partial_sums;
    uint32_t start_cycles, reset_cycles;
    uint32_t axon_cycles, synapse_cycles, synapse_lanes;
    uint32_t update_cycles, idle_cycles, send_cycles;
};

extern const struct sim_schema arch_digital_core_schema;
extern const struct sim_type arch_digital_core_type;

/* An entry of the axon table: keys key .. key + count - 1 are axons axon .. */
struct arch_axon_range {
    uint32_t key, count, axon;
};

/* What a core holds when the run begins. Everything is the caller's and stays. */
struct arch_digital_core_load {
    struct arch_synapses synapses;
    struct arch_neuron neuron;
    const struct arch_axon_range *range; /* ascending */
    uint32_t ranges;
    const struct arch_destination *destination;
    uint32_t destinations;
    uint32_t spikes_per_packet;
    bool partial; /* sends its inputs as partial sums; has no neurons of its own */
};

/* Invariant: between timesteps `input` is 0 (but what partial sums have added for the next), and `fired`,
 * `active` are those of the last timestep. */
struct arch_digital_core {
    struct sim_component base;
    const struct arch_digital_core_spec *spec;
    struct arch_digital_core_load load;
    struct noc_interface *interface; /* [networks] */
    uint32_t networks;
    uint32_t flits; /* of a packet */
    struct arch_barrier_port barrier;
    /* State of the network. */
    uint32_t words;          /* 64-bit words of a scheduler slot */
    uint64_t *scheduler;     /* [slot * words + word] */
    int32_t *potential;      /* [neurons] */
    int32_t *input;          /* [neurons] of the timestep at hand */
    int32_t *next_input;     /* [neurons] partial sums for the next timestep */
    uint64_t *fired;         /* [words of neurons] */
    uint64_t *active;        /* neurons with input */
    uint32_t *active_before; /* [words of neurons] active neurons in the words before */
    uint32_t *row;           /* [axons] scratch */
    /* The timestep at hand. */
    enum { ARCH_CORE_IDLE, ARCH_CORE_BUSY } phase;
    struct arch_sender sender;
    sim_cycle update_start, update_end, send_at;
    uint64_t sent, received; /* copies, since the run began */
};

/* Prepares the state; the networks initialise the interfaces afterwards. */
void arch_digital_core_init(struct arch_digital_core *core, const struct arch_digital_core_spec *spec,
                            const struct arch_digital_core_load *load, uint32_t networks, uint32_t flits,
                            struct sim_arena *arena);

#ifdef __cplusplus
}
#endif

#endif

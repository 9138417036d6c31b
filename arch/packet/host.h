/* SPDX-License-Identifier: MIT
 *
 * The host of a packet chip: the world outside, at a port of its own of the first router.
 *
 * In timestep t of a sample it sends the input spikes of t as packets, one every send_cycles, as a core sends
 * its neurons' spikes: they take effect in t + 1. Spikes of output layers come to it as packets; a layer's
 * output for input timestep i is fired in timestep i + latency of the layer, and what is fired outside these
 * timesteps (while the network fills and drains) is not counted. It takes part in the barrier like a core.
 *
 * Where the neurons of the output layer tell levels by the timestep of their spike (ttfs), its outputs are
 * the levels of the last window instead of numbers of spikes.
 *
 * A sample of several token windows (arch/host/sequence.h) runs as that many samples.
 *
 * With window units a timestep is a window: the spikes of all timesteps of the input become one spike at most
 * of each neuron, in timestep 0, and the count of an output is its level.
 *
 * Not modelled: the interface between the chip and its board; static power of the whole chip is charged here.
 */
#ifndef ARCH_PACKET_HOST_H
#define ARCH_PACKET_HOST_H

#include "arch/core/barrier.h"
#include "arch/core/packet_latency.h"
#include "arch/unit/ttfs.h"
#include "arch/core/spike_sender.h"
#include "noc/network/interface.h"
#include "sim/graph/projection.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ARCH_PACKET_HOST_EVENTS(X)                                                                           \
    X(SPIKE_IN, spike_in, "a packet with input spikes was sent to the chip")                                 \
    X(SPIKE_OUT, spike_out, "a packet with output spikes came from the chip")

#define ARCH_PACKET_HOST_EVENT_ENUM(NAME, name, help) ARCH_PACKET_HOST_##NAME,
enum arch_packet_host_event {
    ARCH_PACKET_HOST_EVENTS(ARCH_PACKET_HOST_EVENT_ENUM) ARCH_PACKET_HOST_EVENT_COUNT
};

extern const struct sim_type arch_packet_host_type;

/* A layer outside the cores: of inputs, or computed by a host. It is sent in the order of places. */
struct arch_packet_feed {
    uint32_t layer, neurons, words;
    struct sim_shape shape;
    uint64_t *placed; /* [words] spikes in that order; NULL: the same as by number */
    const struct arch_destination *destination;
    uint32_t destinations;
    uint64_t *fired; /* time codes: [levels][words], of the sample's window */
    uint32_t *level; /* [neurons] scratch */
};

/* A layer that leaves the chip: its neuron at place n comes as key + n. */
struct arch_packet_tap {
    uint32_t layer, key, neurons;
    struct sim_shape shape;
    uint32_t latency; /* timesteps from an input to the output that it causes */
};

/* Invariant: feed[feeding] is being sent while busy; outputs count in output_count when they belong to
 * output_layer. */
struct arch_packet_host {
    struct sim_component base;
    struct noc_interface *interface; /* [networks] */
    uint32_t networks, flits, send_cycles, spikes_per_packet;
    struct arch_barrier_port barrier;
    struct arch_packet_feed *feed;
    uint32_t feeds;
    struct arch_packet_tap *tap;
    uint32_t taps;
    uint32_t layers, output_layer, outputs;
    uint32_t *output_count; /* [outputs] */
    uint32_t *const *window_count; /* [layers] where their spikes in a window are counted besides, or NULL */
    uint64_t *layer_spikes; /* [layers] */
    uint64_t *const *record; /* [layers] where output spikes are written down, [timesteps][words], or NULL */
    bool marked;                  /* spikes have marks */
    const struct arch_ttfs *code; /* [layers] time codes; NULL: spikes are what they are */
    struct arch_ttfs answer; /* of an output layer whose neurons have a time code; levels 0: spikes count */
    uint32_t answer_latency; /* of that layer */
    /* The sample. */
    bool fresh; /* a sample begins, not a further token window of one */
    uint32_t timesteps;
    uint32_t inputs; /* timesteps of the chip that have inputs */
    const uint64_t *const *spikes;
    uint32_t timestep;
    bool busy;
    uint32_t feeding;
    struct arch_sender sender;
    sim_cycle send_at;
    uint64_t sent, received;
    struct arch_packet_latency *latency; /* NULL: nobody measures */
    uint32_t number;                     /* its terminal */
};

/* Makes it send and take spikes of time codes, one code for each layer. `code` stays the caller's. */
void arch_packet_host_code(struct arch_packet_host *host, const struct arch_ttfs *code,
                           struct sim_arena *arena);

/* Gives the host its next sample or token window, which starts with the barrier's next reset. Counts of a
 * sample start at 0 with its first window. */
void arch_packet_host_begin(struct arch_packet_host *host, uint32_t timesteps, const uint64_t *const *spikes,
                            bool fresh);

#ifdef __cplusplus
}
#endif

#endif

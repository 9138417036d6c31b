/* SPDX-License-Identifier: MIT
 *
 * The output side of a core or host of a dual chip: the neurons of a timestep as streams to each target.
 *
 * Targets go one after another, neurons in ascending order. Spikes go as trains on the event network (silent
 * blocks send nothing) or as bitmaps on the frame network; levels and partial sums go on the frame network. A
 * stream is sent as soon as the channel into the network is free and the router has a place.
 *
 * Copies: with one delivery for each target neuron every packet, bit and word is sent `copies` times. The
 * copies follow each other in one stream: they are bits and cycles, not items.
 */
#ifndef ARCH_DUAL_STREAM_SENDER_H
#define ARCH_DUAL_STREAM_SENDER_H

#include "arch/dual/mode.h"
#include "noc/stream/mesh.h"

#ifdef __cplusplus
extern "C" {
#endif

enum arch_stream_network { ARCH_STREAM_EVENTS, ARCH_STREAM_FRAMES, ARCH_STREAM_NETWORK_COUNT };

/* Neurons first .. first + count - 1 are axons key, key + 1 ... of a terminal. */
struct arch_stream_target {
    uint32_t terminal, key, first, count;
    uint32_t copies;              /* of each neuron's activation */
    const uint64_t *copies_before; /* [count + 1] where they differ: those of the neurons before; or NULL */
    uint32_t hops;
    int movement;                 /* enum arch_dual_movement, of spikes */
    double frame_at;              /* AUTO: with more spikes than this in a timestep a bitmap costs less */
};

/* Widths of the networks. */
struct arch_stream_widths {
    uint32_t event_bits, event_cycles; /* of a packet */
    uint32_t frame_bits;               /* that a channel of the frame network carries a cycle */
    uint32_t sum_bits;                 /* of a partial sum */
};

/* Invariant: of target `next`, neurons before `block` are sent. At most one of the arrays is set. */
struct arch_stream_sender {
    const struct arch_stream_target *target;
    uint32_t targets;
    struct arch_stream_widths widths;
    struct noc_stream_port port[ARCH_STREAM_NETWORK_COUNT];
    uint64_t sent; /* streams, since the run began */
    /* The timestep at hand. */
    const uint64_t *spikes;
    const uint8_t *level;
    const int32_t *sum;
    uint32_t level_bits;
    uint32_t next, block;
    uint32_t kind; /* of the target at hand */
};

/* Starts a timestep with one of the three; the array stays until the last stream. */
void arch_stream_sender_spikes(struct arch_stream_sender *sender, const uint64_t *spikes);
void arch_stream_sender_levels(struct arch_stream_sender *sender, const uint8_t *level, uint32_t bits);
void arch_stream_sender_sums(struct arch_stream_sender *sender, const int32_t *sum);

/* Sends what can be sent; returns when to go on (SIM_NEVER: a place that comes home wakes the component), or
 * `now` when all is sent. */
sim_cycle arch_stream_sender_run(struct arch_stream_sender *sender, sim_cycle now);

/* Takes back places; first thing in every step. */
static inline void arch_stream_sender_refill(struct arch_stream_sender *sender, sim_cycle now) {
    for (int i = 0; i < ARCH_STREAM_NETWORK_COUNT; i++)
        noc_stream_output_refill(&sender->port[i].leave, now);
}

#ifdef __cplusplus
}
#endif

#endif

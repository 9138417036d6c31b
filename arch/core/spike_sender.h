/* SPDX-License-Identifier: MIT
 *
 * The output side of a core or host: from the spikes of a timestep to a series of address-event packets.
 *
 * Neurons go in ascending order; each spike goes to every destination in the list whose range holds the
 * neuron. Packets that may carry several spikes take up to `spikes_per_packet` spikes out of an aligned block
 * of 16 neurons; all destinations then start their keys at the same place in a block. Partial sums go the
 * same way, one packet a neuron. Marked spikes (arch/core/address_event.h) go mark by mark.
 */
#ifndef ARCH_CORE_SPIKE_SENDER_H
#define ARCH_CORE_SPIKE_SENDER_H

#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Neurons first .. first + count - 1 go to `terminal` with keys key, key + 1 ... */
struct arch_destination {
    uint32_t terminal; /* or a multicast group, as the network numbers them */
    uint32_t key;
    uint32_t first, count;
    uint32_t copies; /* deliveries of one packet */
    uint8_t delay;   /* timesteps beyond the next */
    uint8_t network;
    bool sum; /* takes partial sums */
};

/* Invariant: `mask` are the spikes of neurons block .. block + 15 that the packet at hand carries, for
 * destination number `next`; mask == 0: no packet is left. */
struct arch_sender {
    const struct arch_destination *destination;
    uint32_t destinations;
    uint32_t spikes_per_packet;
    uint32_t marks; /* spikes are marked 0 .. marks - 1; 0: they are not */
    /* The timestep at hand. */
    uint32_t mark;         /* of the packet at hand */
    const uint64_t *fired; /* [marks][words of the neurons] */
    const int32_t *value;  /* [neuron] of partial sums */
    uint32_t neurons, timestep;
    uint32_t block, mask, next;
};

/* The packet at hand. */
struct arch_sender_packet {
    const struct arch_destination *destination;
    uint32_t event; /* arch/core/address_event.h */
    uint32_t last;  /* the last neuron of those it carries */
};

/* Starts a timestep; the arrays stay until the last packet. */
void arch_sender_start(struct arch_sender *sender, const uint64_t *fired, const int32_t *value,
                       uint32_t neurons, uint32_t timestep);

/* False when no packet is left. */
bool arch_sender_packet(const struct arch_sender *sender, struct arch_sender_packet *packet);

/* Goes on to the next packet. */
void arch_sender_advance(struct arch_sender *sender);

#ifdef __cplusplus
}
#endif

#endif

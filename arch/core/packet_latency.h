/* SPDX-License-Identifier: MIT
 *
 * Latencies of the packets of a packet chip: from the cycle in which a core or the host has one ready for
 * the network to the cycle in which its tail is taken at the other end, for each copy of a multicast packet.
 *
 * An instrument, not hardware: packets carry no time, so the ones under way are looked up by where they go
 * and by their address event. Two equal ones under way to the same core at the same time (a neuron that fires
 * again before its spike has arrived) are taken in the order in which they left: sum and mean are exact all
 * the same. What is noted does not depend on the order of the components within a cycle.
 */
#ifndef ARCH_CORE_PACKET_LATENCY_H
#define ARCH_CORE_PACKET_LATENCY_H

#include "arch/core/packet_group.h"
#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct arch_packet_latency;

/* `note` is called for every delivery. */
struct arch_packet_latency *arch_packet_latency_new(void (*note)(void *user, sim_cycle latency), void *user);
void arch_packet_latency_free(struct arch_packet_latency *latency); /* NULL is allowed */

/* Where the members of multicast groups are looked up; must outlive the instrument. */
void arch_packet_latency_groups(struct arch_packet_latency *latency, const struct arch_packet_group *group,
                                uint32_t groups);

/* A packet is ready at `now`: for terminal `dst` of a network, or for a group. */
void arch_packet_latency_sent(struct arch_packet_latency *latency, uint32_t network, uint32_t dst,
                              uint32_t event, sim_cycle now);

/* The tail of a packet was taken at a terminal. */
void arch_packet_latency_arrived(struct arch_packet_latency *latency, uint32_t network, uint32_t terminal,
                                 uint32_t event, sim_cycle now);

#ifdef __cplusplus
}
#endif

#endif

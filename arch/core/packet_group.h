/* SPDX-License-Identifier: MIT
 *
 * A multicast group: the packets of one source that go to the same terminals of a network, which routers
 * replicate (noc/topology/multicast_tree.h) and which carry the group's number instead of a destination.
 */
#ifndef ARCH_CORE_PACKET_GROUP_H
#define ARCH_CORE_PACKET_GROUP_H

#include <stdint.h>

/* number: within its network. member[members]: terminals. */
struct arch_packet_group {
    uint32_t network, number, source;
    uint32_t *member, members;
};

#endif

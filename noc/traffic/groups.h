/* SPDX-License-Identifier: MIT
 *
 * Multicast traffic: messages for several terminals, as the spike of a neuron is for all its targets.
 *
 *     message of a terminal --> tree      one packet, copied on its way (noc/topology/multicast_tree.h)
 *                           --> unicast   a packet to each member, one after the other, all of them waiting
 *                                         from the message's creation on
 *
 * Every terminal has `groups` sets of `fanout` different terminals, drawn from the seed alone, and a message
 * is for one of them, at random. So sets and messages are the same in every network and however they are
 * sent, and the two ways can be compared.
 *
 * The tag of a packet is the number of its message: terminal + terminals x number among the terminal's,
 * modulo the largest multiple of `terminals` below 2^32. A ring for each terminal remembers the messages of
 * which copies are still to arrive; it grows with them.
 */
#ifndef NOC_TRAFFIC_GROUPS_H
#define NOC_TRAFFIC_GROUPS_H

#include "noc/network/network.h"
#include "noc/traffic/traffic.h"

#ifdef __cplusplus
extern "C" {
#endif

struct noc_message {
    sim_cycle created;
    uint32_t left; /* copies that have not arrived */
};

/* Messages first .. next - 1 of a terminal; the older ones are complete. */
struct noc_messages {
    struct noc_message *ring; /* [number & (capacity - 1)], on the heap */
    uint64_t first, next;
    uint32_t capacity;
    uint32_t left, group; /* copies still to be handed out of the message next - 1; its set */
};

struct noc_groups {
    uint32_t fanout, groups;
    uint32_t *member; /* [(terminal * groups + group) * fanout] */
    uint32_t *tree;   /* [terminal * groups + group] what packets for the set are sent to; NULL: unicast */
    uint64_t numbers; /* of messages; then they begin again */
    struct noc_messages *messages; /* [terminal] */
};

/* Called by noc_traffic_init: judges the parameters, and draws the sets. */
bool noc_groups_check(const struct noc_traffic *traffic, const struct sim_where *where, struct sim_err *err);
void noc_groups_init(struct noc_traffic *traffic, struct sim_arena *arena);

/* After the last packet was drawn; does nothing for other traffic. */
void noc_groups_release(struct noc_traffic *traffic);

/* Where messages go by trees: lays the trees of all sets, in a network that is built and not yet assembled.
 * Does nothing for other traffic. False and located messages when the network cannot replicate. */
bool noc_groups_lay(struct noc_traffic *traffic, struct noc_network *network, const struct sim_where *where,
                    struct sim_arena *arena, struct sim_err *err);

/* Called by noc_traffic_next. */
void noc_groups_next(struct noc_traffic *traffic, uint32_t terminal, struct noc_packet *packet);

/* The tail of a copy with this tag has arrived: the message it is of, valid until the next call. Its `left`
 * is 0 when it was the last copy. */
struct noc_message noc_groups_arrived(struct noc_traffic *traffic, uint32_t tag);

/* Law L5 in copies: those that messages still wait for are in the network or have not been handed out. Does
 * nothing for other traffic. */
bool noc_groups_audit(const struct noc_traffic *traffic, const struct noc_network *network, sim_cycle now,
                      struct sim_err *err);

#ifdef __cplusplus
}
#endif

#endif

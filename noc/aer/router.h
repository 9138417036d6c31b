/* SPDX-License-Identifier: MIT
 *
 * An address-event router: single-flit packets, dimension order, no virtual channels. The router of
 * spiking chips such as TrueNorth and Loihi, much smaller than noc/router/router.h.
 *
 *                     north                     one FIFO at each input, one turn at each output
 *                       |
 *            west -- router -- east             x first, then y; rows grow southward
 *                       |   \
 *                     south  local 4, 5 ...     the cores of a tile, and at one tile the host
 *
 *     cycle     t                    t + latency of the link
 *               output granted       visible at the next router, which may grant it in this very cycle
 *
 * An output takes one packet every `port_cycles`; inputs that want the same output take turns. A packet
 * leaves when the receiver's FIFO has room. Tree multicast: a packet for a group is replicated at the routers
 * where its tree branches, each copy leaving as soon as its output can take it; the packet stays at the
 * front of its FIFO until the last copy has left. Since x comes before y for every branch, the channels of a
 * tree depend on each other like those of dimension-order unicast, which cannot deadlock.
 *
 * Latencies differ between directions because they do in asynchronous chips, where the cycle is no clock but
 * a raster of time. A clock divider d lets outputs be granted in every d-th cycle only; latencies are then in
 * cycles of the network, d base cycles each.
 *
 * Credits come back as the stamps of free slots (noc/link/flit.h). A sender that has none sleeps: the
 * receiver wakes it when a place in a full FIFO is given back.
 *
 * Not modelled: contention inside the crossbar, arbitration races of asynchronous circuits.
 * Sources: Merolla et al., Science 2014 and Akopyan et al., TCAD 2015 (TrueNorth); Davies et al., IEEE Micro
 * 2018 (Loihi).
 */
#ifndef NOC_AER_ROUTER_H
#define NOC_AER_ROUTER_H

#include "noc/network/interface.h"
#include "noc/topology/mesh_port.h"
#include "sim/kernel/component.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NOC_AER_PORTS_MAX 16u

#define NOC_AER_ROUTER_EVENTS(X)                                                                             \
    X(ROUTE, route, "a packet reached the front of an input FIFO and its address was decoded")               \
    X(LINK_NORTH, link_north, "a packet was sent to the router in the north")                                \
    X(LINK_SOUTH, link_south, "a packet was sent to the router in the south")                                \
    X(LINK_EAST, link_east, "a packet was sent to the router in the east")                                   \
    X(LINK_WEST, link_west, "a packet was sent to the router in the west")                                   \
    X(DELIVER, deliver, "a packet was sent to a core of this tile, or to the host")                          \
    X(COPY, copy, "a packet of a multicast tree was sent once more")

#define NOC_AER_ROUTER_EVENT_ENUM(NAME, name, help) NOC_AER_ROUTER_##NAME,
enum noc_aer_router_event { NOC_AER_ROUTER_EVENTS(NOC_AER_ROUTER_EVENT_ENUM) NOC_AER_ROUTER_EVENT_COUNT };

extern const struct sim_type noc_aer_router_type;

/* Where a terminal sits: all that a router needs to know of it. */
struct noc_aer_home {
    uint16_t x, y;
    uint16_t port;
};

/* Invariant: `todo` are the outputs that the front packet still has to go to; 0 while it is not routed. */
struct noc_aer_input {
    struct noc_fifo fifo;
    uint32_t head; /* slot of the front packet */
    uint16_t todo;
    struct sim_link credit; /* to the sender: only its wake is used */
    uint16_t mark;          /* where the channel that ends here would name its arrivals; not read */
};

struct noc_aer_output {
    struct noc_channel channel;
    uint32_t tail;     /* slot to fill next at the receiver */
    sim_cycle free_at; /* the output can be granted from this cycle on */
    uint32_t
        eject_credit; /* to a core, which takes what arrives at once: cycles until its place is free again */
    uint8_t turn;     /* the input that is first in line */
};

struct noc_aer_router {
    struct sim_component base;
    const struct noc_aer_home *home; /* [terminal] */
    const uint16_t *branch;          /* [group] outputs of a multicast tree here; NULL: no groups */
    uint16_t x, y;
    uint32_t ports;
    uint32_t connected;            /* a bit for each input that somebody sends to */
    uint32_t divider, port_cycles; /* in base cycles */
    struct noc_aer_input input[NOC_AER_PORTS_MAX];
    struct noc_aer_output output[NOC_AER_PORTS_MAX];
};

/* Makes `input` the end of a channel of `latency` cycles: the channel's sender fills `depth` slots, each of
 * which it may use again `credit_latency` cycles after the packet has left. */
void noc_aer_input_init(struct noc_aer_input *input, struct noc_channel *channel, uint32_t latency,
                        uint32_t depth, uint32_t credit_latency, struct sim_arena *arena);

/* Frees the place of the front packet, and wakes a sender that may have waited for one. A sender that fills
 * the last place in this very cycle sees the freed one, or its packet is seen here: in either order it goes
 * on. */
static inline void noc_aer_input_pop(struct noc_aer_input *input, sim_cycle now) {
    uint32_t head = input->head, depth = input->fifo.depth;
    bool full = (input->fifo.slot[head == 0 ? depth - 1 : head - 1].stamp & NOC_FULL) != 0;
    noc_slot_release(&input->fifo.slot[head], now, input->fifo.credit_latency);
    input->head = head + 1 == depth ? 0 : head + 1;
    if (full)
        sim_wake_at(&input->credit.to, now, now + input->fifo.credit_latency);
}

/* When a core's interface that could not send is worth another try; SIM_NEVER: when it is woken. */
static inline sim_cycle noc_aer_retry_at(const struct noc_interface *interface, sim_cycle now) {
    const struct noc_slot *slot = &interface->out.slot[interface->tail[0]];
    sim_cycle at = noc_slot_at(slot);
    if (slot->stamp & NOC_FULL)
        return SIM_NEVER;
    return at > now ? at : now + 1;
}

#ifdef __cplusplus
}
#endif

#endif

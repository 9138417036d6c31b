/* SPDX-License-Identifier: MIT
 *
 * The network interface: where a terminal (a core, a traffic source, a recorder) meets its router.
 *
 *     terminal ---> injection channel ---> router's local FIFO     one flit a cycle, credits
 *              <--- FIFO <--- ejection channel                     never blocked: what arrives is taken
 *
 * A flit sent in cycle t is visible at the router at t + link latency + 1. A packet takes the next VC in
 * turn (after the last one used) that has a credit when its head is ready, and keeps it to its tail.
 * The interface is part of the component that uses it: call receive, then send, once in each cycle in
 * which the component is stepped.
 */
#ifndef NOC_NETWORK_INTERFACE_H
#define NOC_NETWORK_INTERFACE_H

#include "noc/link/channel.h"

#ifdef __cplusplus
extern "C" {
#endif

struct noc_packet {
    sim_cycle created; /* the cycle from which it waits to be sent */
    uint32_t dst;      /* terminal */
    uint32_t size;     /* flits */
    uint32_t tag;      /* carried along */
    uint32_t class_;   /* routing class on entry: noc_routing.entries */
};

/* A flit that has arrived. */
struct noc_arrival {
    uint32_t tag, hops;
    bool head, tail;
};

struct noc_interface {
    struct noc_channel out;
    struct noc_inbox inbox;
    struct noc_fifo in;
    uint32_t vcs;
    uint32_t left;     /* flits of the current packet still to be sent */
    uint64_t word, info;
    const uint32_t *places; /* noc_routing.place, where the interface routes heads for its router; or NULL */
    uint8_t shift, vc_mask; /* of codes: port << shift | vc */
    uint16_t vc;       /* of the current packet; of the last one between packets */
    bool headed;       /* the current packet's head has been sent */
    uint16_t *tail;    /* [vc] slot to fill next at the router */
    uint16_t *head;    /* [vc] slot of the next arrival */
};

enum { NOC_SENT_HEAD = 1, NOC_SENT_TAIL = 2, NOC_SENT_FLIT = 4 };

/* `latency`: of the ejection channel; `credit_latency`: of the credits for it. The network connects `out`. */
void noc_interface_init(struct noc_interface *interface, uint32_t vcs, uint32_t depth, uint32_t latency,
                        uint32_t credit_latency, struct sim_arena *arena);

/* Makes a packet the current one; there must be none. */
void noc_interface_offer(struct noc_interface *interface, const struct noc_packet *packet);

/* Sends the next flit of the current packet if there is a credit; a set of NOC_SENT_... */
int noc_interface_send(struct noc_interface *interface, sim_cycle now);

/* Takes the flit that becomes visible at `now`; false when there is none. */
bool noc_interface_receive(struct noc_interface *interface, sim_cycle now, struct noc_arrival *arrival);

#ifdef __cplusplus
}
#endif

#endif

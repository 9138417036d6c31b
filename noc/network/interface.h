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
#include "noc/topology/routing.h"

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

#define NOC_INTERFACE_NO_VC UINT16_MAX /* before the first packet */

struct noc_interface {
    struct noc_channel out;
    struct noc_inbox inbox;
    struct noc_fifo in;
    uint32_t vcs;
    uint32_t left;     /* flits of the current packet still to be sent */
    uint64_t word, info;
    const uint32_t *places; /* noc_routing.place, where the interface routes heads for its router; or NULL */
    uint8_t shift;          /* of codes: port << shift | vc */
    uint8_t in_mask;        /* of an entry of the inbox: its VC, or nothing where the VCs share one ring */
    uint16_t vc;       /* of the current packet; of the last one between packets */
    bool headed;       /* the current packet's head has been sent */
    uint16_t *tail;    /* [vc] slot to fill next at the router */
    uint16_t *head;    /* [vc] slot of the next arrival */
};

enum { NOC_SENT_HEAD = 1, NOC_SENT_TAIL = 2, NOC_SENT_FLIT = 4 };

/* `latency`: of the ejection channel; `credit_latency`: of the credits for it. `depth` 0: the VCs share one
 * ring, which is never full (noc/link/channel.h). The network connects `out`. */
void noc_interface_init(struct noc_interface *interface, uint32_t vcs, uint32_t depth, uint32_t latency,
                        uint32_t credit_latency, struct sim_arena *arena);

/* Makes a packet the current one; there must be none. */
static inline void noc_interface_offer(struct noc_interface *ni, const struct noc_packet *packet) {
    assert(ni->left == 0 && packet->size > 0);
    uint64_t size = packet->size < NOC_SIZE_MAX ? packet->size : NOC_SIZE_MAX;
    ni->left = packet->size;
    ni->headed = false;
    ni->word =
        (uint64_t)packet->class_ << NOC_CLASS_SHIFT | (uint64_t)packet->dst << NOC_DST_SHIFT | packet->tag;
    ni->info = size << NOC_SIZE_SHIFT;
}

/* The first packet of all may use VC 0 only; then the turn goes round from the last VC used. */
static inline bool noc_interface_choose_vc(struct noc_interface *ni, uint64_t visible) {
    uint32_t vc = ni->vc, turns = ni->vcs;
    if (vc == NOC_INTERFACE_NO_VC) {
        vc = ni->vcs - 1;
        turns = 1;
    }
    while (turns-- > 0) {
        vc = vc + 1 == ni->vcs ? 0 : vc + 1;
        if (noc_slot_free(&ni->out.slot[ni->tail[vc]], visible)) {
            ni->vc = (uint16_t)vc;
            return true;
        }
    }
    return false;
}

/* Sends the next flit of the current packet if there is a credit; a set of NOC_SENT_... */
static inline int noc_interface_send(struct noc_interface *ni, sim_cycle now) {
    uint64_t visible = noc_visible(now), word = ni->word;
    if (ni->left == 0)
        return 0;
    if (ni->headed ? !noc_slot_free(&ni->out.slot[ni->tail[ni->vc]], visible)
                   : !noc_interface_choose_vc(ni, visible))
        return 0;
    int sent = NOC_SENT_FLIT;
    if (!ni->headed) {
        word |= NOC_HEAD;
        sent |= NOC_SENT_HEAD;
        ni->headed = true;
    }
    if (--ni->left == 0) {
        word |= NOC_TAIL;
        sent |= NOC_SENT_TAIL;
    }
    uint32_t vc = ni->vc, slot = ni->tail[vc];
    ni->tail[vc] = (uint16_t)noc_position_behind(slot, ni->vcs, ni->out.size);
    uint32_t entry = !(word & NOC_HEAD) || ni->places == NULL ? NOC_ENTRY_FLIT | vc
                                        : noc_routing_entry(ni->places, ni->out.place, vc, word);
    noc_channel_post(&ni->out, now, &ni->out.slot[slot], entry, word, ni->info);
    return sent;
}

/* Takes the flit that becomes visible at `now`; false when there is none. */
static inline bool noc_interface_receive(struct noc_interface *ni, sim_cycle now,
                                         struct noc_arrival *arrival) {
    uint16_t *entry = noc_inbox_row(&ni->inbox, now);
    if (*entry == 0)
        return false;
    uint32_t vc = *entry & ni->in_mask;
    *entry = 0;
    struct noc_slot *slot = &ni->in.slot[ni->head[vc]];
    *arrival = (struct noc_arrival){
        .tag = noc_flit_tag(slot->word),
        .hops = noc_slot_hops(slot),
        .head = (slot->word & NOC_HEAD) != 0,
        .tail = (slot->word & NOC_TAIL) != 0,
    };
    ni->head[vc] = (uint16_t)noc_position_behind(ni->head[vc], ni->vcs, noc_fifo_size(&ni->in));
    noc_slot_release(slot, now, ni->in.credit_latency);
    return true;
}

#ifdef __cplusplus
}
#endif

#endif

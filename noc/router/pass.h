/* SPDX-License-Identifier: MIT
 *
 * The usual cycle of a plain router, private to plain.c: heads of packets of one flit arrive where
 * nothing waits, and no two of them want the same output. Each gets a VC and the switch of the next cycle, in
 * one go.
 *
 * This is most of a simulation's time, so it has few branches (what arrives is as good as random), and few
 * loads that wait for one another: what a later step needs is fetched as soon as its address is known.
 */
#ifndef NOC_ROUTER_PASS_H
#define NOC_ROUTER_PASS_H

#include "noc/router/stages.h"

#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NOC_MARKS UINT64_C(0x8080808080808080) /* of arrivals: NOC_ENTRY_FLIT */

/* The one of `vcs` of `port` that comes first in the line of input VC `in`, which is alone there. Where the
 * line begins behind another port's VC, lower or higher, the lowest is first. */
NOC_INLINE uint32_t noc_first_vc(const struct noc_router *r, uint32_t in, uint32_t port, uint32_t vcs) {
    uint32_t behind = vcs & (uint32_t)((~UINT64_C(1) << r->vc[in].accept) >> (port << r->shift));
    return (uint32_t)__builtin_ctz(behind != 0 ? behind : vcs);
}

/* Arrivals of a cycle: the lower and the upper bytes of a row of the inbox. */
struct noc_arrivals {
    uint64_t vcs, ports;
};

typedef uint8_t noc_row __attribute__((vector_size(2 * NOC_PLAIN_PORTS)));
typedef uint64_t noc_row_halves __attribute__((vector_size(2 * NOC_PLAIN_PORTS)));

NOC_INLINE struct noc_arrivals noc_arrivals(const uint16_t *row) {
    noc_row entry;
    memcpy(&entry, row, sizeof entry);
    entry = __builtin_shufflevector(entry, entry, 0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15);
    noc_row_halves halves = (noc_row_halves)entry;
    return (struct noc_arrivals){.vcs = halves[0], .ports = halves[1]};
}

/* A head that arrives, and where it goes. */
struct noc_passing {
    uint32_t input, entry; /* in the inbox, without its port */
    uint32_t port, code, out; /* output port, input VC, output VC */
    uint64_t word;
};

/* The row of the inbox for cycle `now`. */
NOC_INLINE uint16_t *noc_row_of(const struct noc_router *r, sim_cycle now) {
    return r->inbox.row + (size_t)((uint32_t)now & r->inbox.mask) * NOC_PLAIN_PORTS;
}

/* Output VCs given back in this cycle are free from the next one on. */
NOC_INLINE uint64_t noc_held(const struct noc_router *r, sim_cycle now) {
    return r->ahead_free & -(uint64_t)(r->ahead == now);
}

NOC_INLINE struct noc_passing noc_head_in(struct noc_arrivals in, uint32_t lane) {
    return (struct noc_passing){.input = lane >> 3,
                                .entry = (uint32_t)(in.vcs >> lane),
                                .port = (uint32_t)__builtin_ctzll(in.ports >> lane)};
}

/* A head of which input, entry and port are known gets a VC and the switch of the next cycle; output VCs
 * `held` are not free yet. False, and nothing has changed, for want of a VC or a credit or because more flits
 * follow. It is sent when noc_pass has said so. */
NOC_INLINE bool noc_admit(struct noc_router *r, struct noc_passing *head, uint64_t held, sim_cycle now) {
    uint32_t in_vc = head->entry & r->vc_mask, code = head->input << r->shift | in_vc;
    uint32_t first = head->port << r->shift, vcs = (uint32_t)(~held >> first) & r->all_vcs;
    struct noc_input_vc *vc = &r->vc[code];
    struct noc_port_state *state = &r->port[head->input];
    uint32_t front = vc->front;
    struct noc_slot *from = state->fifo.slot + front;
    head->word = from->word;
    if (vcs == 0 || !(head->word & NOC_TAIL))
        return false;
    uint32_t out = first | noc_first_vc(r, code, head->port, vcs);
    const struct noc_channel *channel = &r->channel[head->port];
    uint16_t *next = &r->next[out & ~(uint32_t)channel->shared];
    struct noc_slot *to = channel->slot + *next;
    if (!noc_slot_free(to, noc_visible(now + 1)))
        return false;
    noc_slot_forward(to, from, 1 + channel->base.latency);
    noc_slot_release(from, now + 1, state->fifo.credit_latency);
    vc->front = (uint16_t)noc_behind(r, front);
    vc->accept = (uint8_t)out;
    *next = noc_behind_next(r, channel, *next);
    r->vc_grant[out] = (uint8_t)code;
    state->accept = (uint8_t)head->port;
    state->vc = (uint8_t)in_vc;
    r->grant[head->port] = (uint8_t)head->input;
    head->code = code;
    head->out = out;
    return true;
}

/* Says so to the receiver. Nothing stands behind the head, so what is there in the next cycle is what arrives
 * then: true if that is another head. */
NOC_INLINE bool noc_pass(struct noc_router *r, const struct noc_passing *head, sim_cycle now) {
    struct noc_channel *channel = &r->channel[head->port];
    uint32_t entry = noc_routing_entry(r->places, channel->place, head->out & r->vc_mask, head->word);
    noc_channel_announce(channel, now + 1, entry);
    return (uint8_t)noc_row_of(r, now + 1)[head->input] == (uint8_t)head->entry;
}

/* Nothing but what is leaving is open from now on. */
NOC_INLINE void noc_leave(struct noc_router *r, uint64_t closed, uint64_t free, uint32_t outputs,
                          sim_cycle now) {
    r->plain[NOC_SET_OPEN] = r->ahead_closed = closed;
    r->plain[NOC_SET_BUSY] = r->ahead_free = free;
    r->ahead_outputs = (uint8_t)outputs;
    r->ahead = now + 1;
}

/* All arrivals are heads, routed by their senders, and no two of them want the same output: the sum of their
 * sets of one is a union of as many. */
NOC_INLINE bool noc_apart(struct noc_arrivals in) {
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint32_t sum = (uint32_t)(in.ports * ones >> 56);
    return __builtin_popcount(sum) == __builtin_popcountll(in.vcs & NOC_MARKS);
}

/* Takes this cycle's row out of the inbox. */
NOC_INLINE struct noc_arrivals noc_take_row(struct noc_router *r, sim_cycle now) {
    uint16_t *row = noc_row_of(r, now);
    struct noc_arrivals in = noc_arrivals(row);
    memset(row, 0, sizeof(noc_row));
    return in;
}

#ifdef __cplusplus
}
#endif

#endif

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
 * line begins at another port's VC, lower or higher, the lowest is first. */
NOC_INLINE uint32_t noc_first_vc(const struct noc_router *r, uint32_t in, uint32_t port, uint32_t vcs) {
    uint32_t behind = vcs & (uint32_t)((~UINT64_C(0) << (r->vc[in].accept & 63)) >> (port << r->shift));
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

/* What leaves in the next cycle: of ahead_closed, ahead_free, ahead_more, ahead_outputs. */
struct noc_leaving {
    uint64_t closed, free, more;
    uint32_t outputs;
};

/* The row of the inbox for cycle `now`. */
NOC_INLINE uint16_t *noc_row_of(const struct noc_router *r, sim_cycle now) {
    return r->inbox.row + (size_t)((uint32_t)now & r->inbox.mask) * NOC_PLAIN_PORTS;
}

/* The head that arrives at the input of `lane` gets a VC and the switch of the next cycle; output VCs `held`
 * are not free yet. False, and nothing has changed, for want of a VC or a credit or because more flits
 * follow. Nothing stands behind the head, so what is there in the next cycle is what arrives then. */
NOC_INLINE bool noc_pass_head(struct noc_router *r, struct noc_arrivals in, uint32_t lane, uint64_t held,
                              sim_cycle now, struct noc_leaving *leaving) {
    uint64_t visible = noc_visible(now + 1);
    uint32_t input = lane >> 3, in_vc = (uint32_t)(in.vcs >> lane) & r->vc_mask,
             code = input << r->shift | in_vc;
    uint32_t port = (uint32_t)__builtin_ctzll(in.ports >> lane), first = port << r->shift;
    uint32_t vcs = (uint32_t)(~held >> first) & r->all_vcs;
    struct noc_input_vc *vc = &r->vc[code];
    struct noc_port_state *state = &r->port[input];
    struct noc_slot *from = state->fifo.slot + vc->front;
    uint64_t word = from->word, stamp = from->stamp;
    if (vcs == 0 || !(word & NOC_TAIL))
        return false;
    uint32_t out_vc = noc_first_vc(r, code, port, vcs), out = first | out_vc;
    struct noc_output_vc *next = &r->output_vc[out];
    struct noc_channel *channel = &r->channel[port];
    struct noc_slot *to = channel->slot + next->next;
    if (!noc_slot_free(to, visible))
        return false;
    vc->accept = (uint8_t)(out + 1);
    next->grant = (uint16_t)(code + 1);
    state->accept = (uint8_t)(port + 1);
    state->vc = (uint8_t)(in_vc + 1);
    r->grant[port] = (uint8_t)(input + 1);
    noc_slot_release(from, now + 1, state->fifo.credit_latency);
    next->next = noc_behind(r, next->next);
    vc->front = noc_behind(r, vc->front);
    leaving->closed |= UINT64_C(1) << code;
    leaving->free |= UINT64_C(1) << out;
    leaving->more |= (uint64_t)((uint8_t)noc_row_of(r, now + 1)[input] == (uint8_t)(in.vcs >> lane)) << code;
    leaving->outputs |= (uint32_t)(in.ports >> lane) & 0xFF;
    noc_channel_post(channel, now + 1, to, noc_routing_entry(r->places, channel->place, out_vc, word), word,
                     (stamp & NOC_INFO_MASK) + 1);
    return true;
}

/* Nothing but what is leaving is open from now on. */
NOC_INLINE sim_cycle noc_leave(struct noc_router *r, const struct noc_leaving *leaving, sim_cycle now) {
    r->plain[NOC_SET_OPEN] = r->ahead_closed = leaving->closed;
    r->plain[NOC_SET_BUSY] = r->ahead_free = leaving->free;
    r->ahead_more = leaving->more;
    r->ahead_outputs = (uint8_t)leaving->outputs;
    r->ahead = now + 1;
    return leaving->more != 0 ? now + 2 : SIM_NEVER;
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

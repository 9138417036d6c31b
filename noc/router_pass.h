/* SPDX-License-Identifier: MIT
 *
 * The usual cycle of a plain router, private to router_plain.c: heads of packets of one flit arrive where
 * nothing waits, and no two of them want the same output. Each gets a VC and the switch of the next cycle, in
 * one go.
 *
 * This is most of a simulation's time, so it has few branches (what arrives is as good as random), and few
 * loads that wait for one another: what a later step needs is fetched as soon as its address is known.
 */
#ifndef NOC_ROUTER_PASS_H
#define NOC_ROUTER_PASS_H

#include "noc/router_stages.h"

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

/* Arrivals of a cycle: the two rows of the inbox. */
struct noc_arrivals {
    uint64_t vcs, ports;
};

/* What leaves in the next cycle: of ahead_closed, ahead_free, ahead_more, ahead_outputs. */
struct noc_leaving {
    uint64_t closed, free, more;
    uint32_t outputs;
};

/* The head that arrives at the input of `lane` gets a VC and the switch of the next cycle; output VCs `held`
 * are not free yet. False, and nothing has changed, for want of a VC or a credit or because more flits
 * follow. */
NOC_INLINE bool noc_pass_head(struct noc_router *r, struct noc_arrivals in, uint32_t lane, uint64_t held,
                              sim_cycle now, struct noc_leaving *leaving) {
    uint64_t visible = noc_visible(now + 1);
    uint32_t input = lane >> 3, in_vc = (uint32_t)(in.vcs >> lane) & r->vc_mask,
             code = input << r->shift | in_vc;
    uint32_t port = (uint32_t)__builtin_ctzll(in.ports >> lane), first = port << r->shift;
    uint32_t vcs = (uint32_t)(~held >> first) & r->all_vcs;
    __builtin_prefetch(&r->output_vc[first]);
    struct noc_input_vc *vc = &r->vc[code];
    struct noc_slot *from = vc->front;
    uint64_t word = from->word, stamp = from->stamp;
    if (vcs == 0 || !(word & NOC_TAIL))
        return false;
    uint32_t out_vc = noc_first_vc(r, code, port, vcs), out = first | out_vc;
    struct noc_output_vc *next = &r->output_vc[out];
    struct noc_slot *to = next->next;
    if (!noc_slot_free(to, visible))
        return false;
    struct noc_channel *channel = &r->channel[port];
    struct noc_port_state *state = &r->port[input];
    vc->accept = (uint8_t)(out + 1);
    next->grant = (uint16_t)(code + 1);
    state->accept = (uint8_t)(port + 1);
    state->vc = (uint8_t)(in_vc + 1);
    r->port[port].grant = (uint8_t)(input + 1);
    noc_slot_release(from, now + 1, state->fifo.credit_latency);
    noc_advance(&next->next, &next->index, r->depth);
    noc_advance(&vc->front, &vc->index, r->depth);
    leaving->outputs |= UINT32_C(1) << port;
    leaving->closed |= UINT64_C(1) << code;
    leaving->free |= UINT64_C(1) << out;
    leaving->more |= (uint64_t)noc_slot_full(vc->front, visible) << code;
    noc_channel_post(channel, now + 1, to, noc_routing_entry(r->places, channel->place, out_vc, word), word,
                     (stamp & NOC_INFO_MASK) + 1);
    return true;
}

/* Nothing but what is leaving is open from now on. */
NOC_INLINE sim_cycle noc_leave(struct noc_router *r, const struct noc_leaving *leaving, sim_cycle now) {
    r->set[NOC_SET_OPEN] = r->ahead_closed = leaving->closed;
    r->set[NOC_SET_BUSY] = r->ahead_free = leaving->free;
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

/* Takes this cycle's rows out of the inbox. */
NOC_INLINE struct noc_arrivals noc_take_rows(struct noc_router *r, sim_cycle now) {
    uint8_t *row = r->inbox.row + (size_t)((uint32_t)now & r->inbox.mask) * (2 * NOC_PLAIN_PORTS);
    struct noc_arrivals in, none = {0, 0};
    memcpy(&in, row, sizeof in);
    if (in.vcs != 0)
        memcpy(row, &none, sizeof none);
    return in;
}

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * What a router's cycle will use, fetched ahead of it: a network of many routers is larger than the caches,
 * and each flit meets another part of it.
 *
 *     stage 0    arrivals of the cycle and of the next
 *     stage 1    of each arrival: its port and VC, and the VCs and the channel of the output that it goes to
 *     stage 2    its slot, the slot that it will probably fill, the inbox entry there, and the wheel's word
 *
 * What waits since earlier cycles has been loaded by those.
 */
#include "noc/router/pass.h"

/* The functions that only fetch must be inlined: the compiler takes a call without a result for useless. */
NOC_INLINE void fetch_path(const struct noc_router *r, uint32_t code, uint32_t port) {
    __builtin_prefetch(&r->vc[code]);
    __builtin_prefetch(&r->port[code >> r->shift]);
    __builtin_prefetch(&r->next[port << r->shift]);
    __builtin_prefetch(&r->channel[port]);
}

NOC_INLINE void fetch_slots(const struct noc_router *r, uint32_t code, uint32_t port, sim_cycle now) {
    const struct noc_channel *channel = &r->channel[port];
    uint32_t out = port << r->shift | noc_first_vc(r, code, port, r->all_vcs);
    __builtin_prefetch(noc_front(r, code));
    __builtin_prefetch(noc_next(r, out));
    noc_channel_fetch(channel, now + 1);
}

void noc_router_fetch(const void *self, sim_cycle now, uint32_t stage) {
    const struct noc_router *r = self;
    const uint16_t *row = noc_inbox_row(&r->inbox, now);
    if (stage == 0) {
        __builtin_prefetch(row);
        __builtin_prefetch(noc_inbox_row(&r->inbox, now + 1));
    }
    if (stage == 0 || r->stages != NULL)
        return;
    struct noc_arrivals in = noc_arrivals(row);
    for (uint64_t left = in.vcs & NOC_MARKS; left != 0; left &= left - 1) {
        uint32_t lane = (uint32_t)__builtin_ctzll(left) & ~7u;
        uint32_t code = lane >> 3 << r->shift | ((uint32_t)(in.vcs >> lane) & r->vc_mask);
        uint32_t port = (uint32_t)__builtin_ctzll(in.ports >> lane | 1u << 8) & 7u;
        if (stage == 1)
            fetch_path(r, code, port);
        else
            fetch_slots(r, code, port, now);
    }
}

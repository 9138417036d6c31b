/* SPDX-License-Identifier: MIT
 *
 * The allocators of a plain router, private to plain.c: who gets a VC, and who the switch.
 *
 * Both are iSLIP with one iteration, on words of bits. Where several compete, the grants of the outputs come
 * first, then the inputs accept; who is alone gets what it asks for.
 */
#ifndef NOC_ROUTER_PLAIN_ALLOCATE_H
#define NOC_ROUTER_PLAIN_ALLOCATE_H

#include "noc/router/pass.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The sets of a router, in registers during a cycle. */
struct sets {
    uint64_t busy, open, active, ready;
    uint64_t closed, more, free; /* noc_router.ahead_closed, ahead_more, ahead_free */
    uint64_t held;               /* output VCs given back in this cycle: free from the next one on */
};

/* Who asks for the switch of a cycle: input VCs, and the ports they want, inputs in the upper half and
 * outputs in the lower, once and twice. */
struct requests {
    uint64_t vcs;
    uint32_t ports, twice;
};

NOC_INLINE uint32_t port_pair(uint32_t input, uint32_t output) {
    return UINT32_C(0x10000) << input | UINT32_C(1) << output;
}

NOC_INLINE void add_request(struct requests *a, uint64_t vc, uint32_t pair) {
    a->twice |= a->ports & pair;
    a->ports |= pair;
    a->vcs |= vc;
}

/* The next slot of output VC `out` is free in the cycle of `visible`. */
NOC_INLINE bool has_credit(const struct noc_router *r, uint32_t out, uint64_t visible) {
    return noc_slot_free(noc_next(r, out), visible);
}

NOC_INLINE void note(struct noc_router *r, enum noc_router_event event, sim_cycle now, uint64_t latency,
                     const bool log) {
    if (log)
        sim_log_event(r->base.log, now, r->base.id, event, 1, latency);
}

/* VCs and class that routing allows the packet at the front of input VC `code`: where packets keep their
 * class, all of them share one choice. */
NOC_INLINE const struct noc_choice *choice_of(const struct noc_router *r, uint32_t code) {
    return &r->choice[r->classless ? 0 : code];
}

/* The output port that the packet at the front of input VC `code` goes to; choice_of has the rest. */
NOC_INLINE uint32_t route(struct noc_router *r, uint32_t code) {
    uint64_t word = noc_front(r, code)->word;
    if (r->places != NULL)
        return noc_routing_port(r->place, r->places[noc_flit_dst(word)]);
    struct noc_hop hop = {.router = r->number,
                          .in_port = code >> r->shift,
                          .in_vc = code & r->vc_mask,
                          .dst = noc_flit_dst(word),
                          .class_ = noc_flit_class(word)};
    r->routing->route(r->routing, &hop, &r->choice[code]);
    return r->choice[code].port;
}

NOC_INLINE void request_vc(struct noc_router *r, uint32_t code, uint32_t port) {
    r->port[port].request |= UINT64_C(1) << code;
    r->request_outputs |= UINT64_C(1) << port;
}

/* ---- VC allocator ------------------------------------------------------------------------------- */

NOC_INLINE uint32_t free_vcs(const struct noc_router *r, const struct sets *s, uint32_t port) {
    return (uint32_t)(~(s->busy | s->held) >> (port << r->shift)) & r->all_vcs;
}

/* Output VC `out` is granted to input VC `in`. */
NOC_INLINE void grant_vc(struct noc_router *r, struct sets *s, uint32_t in, uint32_t out, sim_cycle now,
                         const bool log) {
    r->vc_grant[out] = (uint8_t)in;
    r->vc[in].accept = (uint8_t)out;
    s->busy |= UINT64_C(1) << out;
    note(r, NOC_ROUTER_VC_ALLOC, now, r->spec->vc_alloc_delay, log);
}

/* The packet at the front of `in` holds `out`, and goes on holding it after this cycle. */
NOC_INLINE void hold_vc(struct noc_router *r, struct sets *s, uint32_t in, uint32_t port, uint32_t out) {
    struct noc_input_vc *input = &r->vc[in];
    input->out = (uint16_t)out;
    input->out_port = (uint8_t)port;
    s->active |= UINT64_C(1) << in;
    s->ready |= UINT64_C(1) << in;
}

/* The first of `request` behind `grant` that may have VC `vc`; 64 if there is none. */
static uint32_t first_allowed(const struct noc_router *r, uint64_t request, uint32_t grant, uint32_t vc) {
    uint64_t behind = request & (~UINT64_C(1) << grant);
    for (uint64_t left = behind; left != 0; left &= left - 1)
        if (choice_of(r, (uint32_t)__builtin_ctzll(left))->vcs >> vc & 1)
            return (uint32_t)__builtin_ctzll(left);
    for (uint64_t left = request & ~behind; left != 0; left &= left - 1)
        if (choice_of(r, (uint32_t)__builtin_ctzll(left))->vcs >> vc & 1)
            return (uint32_t)__builtin_ctzll(left);
    return 64;
}

/* Several packets may ask for the same port. Each asks for one port only, so the two phases of iSLIP can be
 * done port by port. Returns the winners; vc_of[input VC] is what they win. */
static __attribute__((noinline)) uint64_t compete(struct noc_router *r, uint32_t port, uint32_t free,
                                                  uint8_t *vc_of) {
    uint16_t rank[64];
    uint64_t request = r->port[port].request, winners = 0;
    for (; free != 0; free &= free - 1) {
        uint32_t vc = (uint32_t)__builtin_ctz(free), out = port << r->shift | vc;
        uint32_t in = first_allowed(r, request, r->vc_grant[out], vc);
        if (in == 64)
            continue;
        uint16_t offered = (uint16_t)((out - r->vc[in].accept - 1) & 0x7FFF);
        if (winners >> in & 1 && offered >= rank[in])
            continue;
        rank[in] = offered;
        vc_of[in] = (uint8_t)vc;
        winners |= UINT64_C(1) << in;
    }
    r->port[port].request = request & ~winners;
    if (r->port[port].request == 0)
        r->request_outputs &= ~(UINT64_C(1) << port);
    return winners;
}

/* Grants `vc` of `port` to `in`, which asks for the switch of the next cycle if it has a credit. */
NOC_INLINE void give_vc(struct noc_router *r, struct sets *s, struct requests *asking, uint32_t in,
                        uint32_t port, uint32_t vc, sim_cycle now, const bool log) {
    uint32_t out = port << r->shift | vc;
    grant_vc(r, s, in, out, now, log);
    hold_vc(r, s, in, port, out);
    if (has_credit(r, out, noc_visible(now + 1)))
        add_request(asking, UINT64_C(1) << in, port_pair(in >> r->shift, port));
}

/* The VC allocator, where several packets may ask for a port; they have put in their requests. */
NOC_INLINE void allocate_vcs(struct noc_router *r, struct sets *s, struct requests *asking, uint64_t outputs,
                             sim_cycle now, const bool log) {
    uint8_t vc_of[64];
    for (; outputs != 0; outputs &= outputs - 1) {
        uint32_t port = (uint32_t)__builtin_ctzll(outputs);
        uint64_t request = r->port[port].request;
        uint32_t vcs = free_vcs(r, s, port);
        if ((request & (request - 1)) == 0) {
            uint32_t in = (uint32_t)__builtin_ctzll(request);
            vcs &= choice_of(r, in)->vcs;
            if (vcs == 0)
                continue;
            r->port[port].request = 0;
            r->request_outputs &= ~(UINT64_C(1) << port);
            give_vc(r, s, asking, in, port, noc_first_vc(r, in, port, vcs), now, log);
            continue;
        }
        for (uint64_t winners = compete(r, port, vcs, vc_of); winners != 0; winners &= winners - 1) {
            uint32_t in = (uint32_t)__builtin_ctzll(winners);
            give_vc(r, s, asking, in, port, vc_of[in], now, log);
        }
    }
}

/* ---- switch allocator --------------------------------------------------------------------------- */

/* The first of `set` behind `pointer`. */
NOC_INLINE uint32_t first_in_line(uint32_t set, uint32_t pointer) {
    uint32_t behind = (uint32_t)(set & (~UINT64_C(1) << pointer));
    return (uint32_t)__builtin_ctz(behind != 0 ? behind : set);
}

/* Some inputs or outputs are wanted twice: iSLIP among the eligible VCs; returns the winners. */
static __attribute__((noinline)) uint64_t arbitrate(const struct noc_router *r, uint64_t eligible) {
    uint32_t wanted[NOC_PLAIN_PORTS] = {0}, granted[NOC_PLAIN_PORTS] = {0}, outputs = 0, inputs = 0;
    uint64_t winners = 0;
    for (uint64_t left = eligible; left != 0; left &= left - 1) {
        uint32_t code = (uint32_t)__builtin_ctzll(left), port = r->vc[code].out_port;
        wanted[port] |= UINT32_C(1) << (code >> r->shift);
        outputs |= UINT32_C(1) << port;
    }
    for (; outputs != 0; outputs &= outputs - 1) {
        uint32_t port = (uint32_t)__builtin_ctz(outputs);
        uint32_t input = first_in_line(wanted[port], r->grant[port]);
        granted[input] |= UINT32_C(1) << port;
        inputs |= UINT32_C(1) << input;
    }
    for (; inputs != 0; inputs &= inputs - 1) {
        uint32_t input = (uint32_t)__builtin_ctz(inputs), first = input << r->shift;
        uint32_t port = first_in_line(granted[input], r->port[input].accept);
        uint32_t vcs = (uint32_t)(eligible >> first) & r->all_vcs, set = 0;
        for (uint32_t left = vcs; left != 0; left &= left - 1) {
            uint32_t vc = (uint32_t)__builtin_ctz(left);
            if (r->vc[first | vc].out_port == port)
                set |= UINT32_C(1) << vc;
        }
        winners |= UINT64_C(1) << (first | first_in_line(set, r->port[input].vc));
    }
    return winners;
}

/* The VCs of `ready` ask for the switch of cycle `when`, as far as they have a credit. */
NOC_INLINE void ask_switch(const struct noc_router *r, struct requests *asking, uint64_t ready,
                           sim_cycle when) {
    uint64_t visible = noc_visible(when);
    for (; ready != 0; ready &= ready - 1) {
        uint32_t code = (uint32_t)__builtin_ctzll(ready);
        if (has_credit(r, r->vc[code].out, visible))
            add_request(asking, ready & -ready, port_pair(code >> r->shift, r->vc[code].out_port));
    }
}

#ifdef __cplusplus
}
#endif

#endif

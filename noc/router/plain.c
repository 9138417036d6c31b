/* SPDX-License-Identifier: MIT
 *
 * A cycle of the plain router, in one piece.
 *
 * Plain: iSLIP with one iteration for both allocators, all delays 1 (RC hidden), no speculation, wormhole,
 * one choice from routing, at most 64 input VCs. Then a set of VCs is a word, and the cycle of router.c,
 * vc_allocator.c and switch_allocator.c becomes this: the same decisions, with short cuts where nobody
 * competes (a lone request gets what it asks for; requests for the switch that share neither input nor
 * output are all granted).
 *
 * The switch of cycle t + 1 is decided in the step of cycle t. Everything that can take part is known then: a
 * flit that becomes visible at t + 1 has been on its channel for a cycle at least, and so has a credit
 * (latencies are 2 or more). So a lone head is done with in the step of its arrival. What changes by the
 * decision and may be seen at t + 1 (a VC given back, the next packet of a FIFO) waits for the end of t + 1:
 *
 *     step t    arrivals t | VA t | SA t, unless decided in step t - 1 | what t gave back | SA t + 1
 *
 * With an event log the router decides nothing ahead, so that events come in order of time.
 * test/unit/test_noc_router.c holds both forms of the router against each other.
 */
#include "noc/router/plain_allocate.h"

/* plain_avx2.c is this file again, for another processor. */
#ifndef NOC_PLAIN
#define NOC_PLAIN(name) name
#endif

/* ---- the switch --------------------------------------------------------------------------------- */

/* The front flit of input VC `code` goes through the switch in cycle `when`, to output VC `out`. Returns its
 * word, and in *more whether another flit stands behind it then. */
NOC_INLINE uint64_t send(struct noc_router *r, uint32_t code, uint32_t port, uint32_t out,
                         sim_cycle when, bool *more) {
    struct noc_input_vc *vc = &r->vc[code];
    struct noc_channel *channel = &r->channel[port];
    uint16_t *next = &r->next[out & ~(uint32_t)channel->shared];
    uint32_t input = code >> r->shift;
    const struct noc_fifo *fifo = &r->port[input].fifo;
    struct noc_slot *slot = fifo->slot + vc->front;
    uint64_t word = slot->word, info = slot->stamp & NOC_INFO_MASK;
    uint32_t out_vc = out & r->vc_mask, entry = NOC_ENTRY_FLIT | out_vc;

    r->port[input].accept = (uint8_t)port;
    r->port[input].vc = (uint8_t)(code & r->vc_mask);
    r->grant[port] = (uint8_t)input;
    if (word & NOC_HEAD && r->places != NULL)
        entry = noc_routing_entry(r->places, channel->place, out_vc, word);
    else if (word & NOC_HEAD)
        word = noc_flit_with_class(word, choice_of(r, code)->class_);
    noc_channel_post(channel, when, channel->slot + *next, entry, word, info + 1);
    *next = noc_behind_next(r, channel, *next);
    noc_slot_release(slot, when, fifo->credit_latency);
    vc->front = (uint16_t)noc_behind(r, vc->front);
    *more = noc_slot_full(fifo->slot + vc->front, noc_visible(when));
    return word;
}

/* The tail of a packet that held `out` has left in cycle `when`, decided `ahead` or now. */
NOC_INLINE void close_packet(struct noc_router *r, struct sets *s, uint32_t code, uint32_t out, bool more,
                             sim_cycle when, const bool log, const bool ahead) {
    uint64_t bit = UINT64_C(1) << code;
    r->tails++;
    if (ahead) {
        s->closed |= bit;
        s->more |= (uint64_t)more << code;
        s->free |= UINT64_C(1) << out;
        return;
    }
    s->busy &= ~(UINT64_C(1) << out);
    if (more) {
        note(r, NOC_ROUTER_ROUTE, when, r->spec->routing_delay, log);
        request_vc(r, code, route(r, code));
    } else {
        s->open &= ~bit;
    }
}

/* Sends the winners of cycle `when`. `ahead`: that is the next cycle. */
NOC_INLINE void traverse(struct noc_router *r, struct sets *s, uint64_t winners, sim_cycle when,
                         const bool log, const bool ahead) {
    uint32_t outputs = 0;
    for (; winners != 0; winners &= winners - 1) {
        uint32_t code = (uint32_t)__builtin_ctzll(winners), port = r->vc[code].out_port,
                 out = r->vc[code].out;
        uint64_t bit = winners & -winners;
        bool more;
        uint64_t word = send(r, code, port, out, when, &more);
        outputs |= UINT32_C(1) << port;
        if (log)
            noc_router_log_traversal(r, port, when);
        if (word & NOC_TAIL) {
            s->active &= ~bit;
            s->ready &= ~bit;
            close_packet(r, s, code, out, more, when, log, ahead);
        } else {
            s->ready &= more ? ~UINT64_C(0) : ~bit;
        }
    }
    if (ahead)
        r->ahead_outputs |= (uint8_t)outputs;
}

/* The switch of this cycle, where it is not decided yet. */
static __attribute__((noinline)) void traverse_now(struct noc_router *r, struct sets *s, uint64_t ready,
                                                   sim_cycle now, bool log) {
    struct requests asking = {.vcs = 0};
    ask_switch(r, &asking, ready, now);
    traverse(r, s, asking.twice != 0 ? arbitrate(r, asking.vcs) : asking.vcs, now, log, false);
}

/* ---- arrival ------------------------------------------------------------------------------------ */

struct head {
    uint32_t code, port;
};

/* Takes the arrivals in. Fills `head` with those that begin a packet and
 * `asking` with the ports they want; returns how many. `decided`: flits of packets that hold a VC have been
 * counted on already. */
NOC_INLINE uint32_t receive(struct noc_router *r, struct sets *s, struct noc_arrivals in, bool decided,
                            sim_cycle now, const bool log, struct head *head, struct requests *asking) {
    uint32_t heads = 0;
    for (uint64_t left = in.vcs & NOC_MARKS; left != 0; left &= left - 1, r->arrived++) {
        uint32_t lane = (uint32_t)__builtin_ctzll(left) & ~7u, input = lane >> 3;
        uint32_t code = input << r->shift | ((uint32_t)(in.vcs >> lane) & r->vc_mask);
        uint64_t bit = UINT64_C(1) << code, routed = in.ports >> lane & 0xFF;
        note(r, NOC_ROUTER_BUFFER_WRITE, now, 1, log);
        if (s->open & bit) {
            s->ready |= decided ? 0 : s->active & bit;
            continue;
        }
        uint32_t port = routed != 0 ? (uint32_t)__builtin_ctzll(routed) : route(r, code);
        note(r, NOC_ROUTER_ROUTE, now, r->spec->routing_delay, log);
        s->open |= bit;
        add_request(asking, bit, port_pair(input, port));
        head[heads++] = (struct head){code, port};
    }
    return heads;
}

/* A VC for every head, if one is free, and for those that have asked already; outputs in `clash` are wanted
 * by several. Adds the winners that have a credit to who asks for the switch of the next cycle. */
NOC_INLINE void allocate(struct noc_router *r, struct sets *s, const struct head *head, uint32_t heads,
                         uint64_t clash, sim_cycle now, const bool log, struct requests *asking) {
    for (uint32_t k = 0; k < heads; k++) {
        uint32_t in = head[k].code, port = head[k].port, vcs = choice_of(r, in)->vcs & free_vcs(r, s, port);
        if (clash >> port & 1 || vcs == 0) {
            request_vc(r, in, port);
            continue;
        }
        give_vc(r, s, asking, in, port, noc_first_vc(r, in, port, vcs), now, log);
    }
    allocate_vcs(r, s, asking, clash, now, log);
}

/* Nobody wants what another wants: every head gets a VC, if one is free, and who has a credit the switch of
 * the next cycle. */
NOC_INLINE void pass(struct noc_router *r, struct sets *s, const struct head *head, uint32_t heads,
                     sim_cycle now) {
    uint64_t visible = noc_visible(now + 1);
    uint32_t outputs = 0;
    for (uint32_t k = 0; k < heads; k++) {
        uint32_t in = head[k].code, port = head[k].port, vcs = choice_of(r, in)->vcs & free_vcs(r, s, port);
        if (vcs == 0) {
            request_vc(r, in, port);
            continue;
        }
        uint32_t out = port << r->shift | noc_first_vc(r, in, port, vcs);
        grant_vc(r, s, in, out, now, false);
        if (!has_credit(r, out, visible)) {
            hold_vc(r, s, in, port, out);
            continue;
        }
        bool more;
        uint64_t word = send(r, in, port, out, now + 1, &more);
        outputs |= UINT32_C(1) << port;
        if (word & NOC_TAIL) {
            close_packet(r, s, in, out, more, now + 1, false, true);
        } else {
            hold_vc(r, s, in, port, out);
            s->ready &= more ? ~UINT64_C(0) : ~(UINT64_C(1) << in);
        }
    }
    r->ahead_outputs |= (uint8_t)outputs;
}

/* ---- a cycle ------------------------------------------------------------------------------------ */

/* What the switch of cycle r->ahead gives back. Returns the input VCs that have another packet. */
NOC_INLINE uint64_t give_back(struct sets *s) {
    uint64_t more = s->more;
    s->open &= ~(s->closed ^ more);
    s->busy &= ~s->free;
    s->closed = s->free = s->more = 0;
    return more;
}

/* The packets at the front of `vcs` ask for a VC. */
NOC_INLINE void route_all(struct noc_router *r, uint64_t vcs, sim_cycle now, const bool log) {
    for (; vcs != 0; vcs &= vcs - 1) {
        uint32_t code = (uint32_t)__builtin_ctzll(vcs);
        note(r, NOC_ROUTER_ROUTE, now, r->spec->routing_delay, log);
        request_vc(r, code, route(r, code));
    }
}

/* Active VCs without a flit whose next one becomes visible at `when`. */
NOC_INLINE uint64_t filling(const struct noc_router *r, uint64_t waiting, sim_cycle when) {
    uint64_t visible = noc_visible(when), filled = 0;
    for (; waiting != 0; waiting &= waiting - 1)
        if (noc_slot_full(noc_front(r, (uint32_t)__builtin_ctzll(waiting)), visible))
            filled |= waiting & -waiting;
    return filled;
}

NOC_INLINE struct sets load_sets(const struct noc_router *r) {
    return (struct sets){.busy = r->plain[NOC_SET_BUSY],
                         .open = r->plain[NOC_SET_OPEN],
                         .active = r->plain[NOC_SET_ACTIVE],
                         .ready = r->plain[NOC_SET_READY],
                         .closed = r->ahead_closed,
                         .more = r->ahead_more,
                         .free = r->ahead_free};
}

/* Returns the next cycle in which the router has something to do by itself. */
NOC_INLINE sim_cycle store_sets(struct noc_router *r, const struct sets *s, sim_cycle now) {
    r->plain[NOC_SET_BUSY] = s->busy;
    r->plain[NOC_SET_OPEN] = s->open;
    r->plain[NOC_SET_ACTIVE] = s->active;
    r->plain[NOC_SET_READY] = s->ready;
    r->ahead_closed = s->closed;
    r->ahead_more = s->more;
    r->ahead_free = s->free;
    if ((r->request_outputs | s->ready) != 0)
        return now + 1;
    return s->more != 0 ? now + 2 : SIM_NEVER;
}

/* A head arrives at a router that has nothing else. What the last packet gave back is free by now. */
static __attribute__((noinline)) sim_cycle pass_alone(struct noc_router *r, struct noc_arrivals in,
                                                      sim_cycle now) {
    struct sets s = {.busy = 0};
    struct requests lone = {.vcs = 0};
    struct head head[1];
    r->ahead = now + 1;
    r->ahead_outputs = 0;
    receive(r, &s, in, true, now, false, head, &lone);
    pass(r, &s, head, 1, now);
    return store_sets(r, &s, now);
}

NOC_INLINE sim_cycle cycle(struct noc_router *r, struct noc_arrivals in, sim_cycle now, const bool log) {
    struct sets s = load_sets(r);
    struct requests fresh = {.vcs = 0}, asking = {.vcs = 0};
    struct head head[NOC_PLAIN_PORTS];
    uint64_t behind = 0;
    bool decided = !log && r->ahead == now;
    if (!decided && s.closed != 0)
        route_all(r, give_back(&s), now, log);
    uint64_t waiting = r->request_outputs;
    uint32_t heads = receive(r, &s, in, decided, now, log, head, &fresh);
    uint64_t ready = s.ready;
    bool late = log || (!decided && ready != 0); /* the switch of this cycle is still to be decided */
    if (decided) {
        s.held = s.free;
        behind = give_back(&s);
    }
    if (!late) {
        ready |= filling(r, s.active & ~ready, now + 1);
        s.ready = ready;
        ask_switch(r, &asking, ready, now + 1);
    }
    r->ahead_outputs = 0;
    if (!late && (waiting | fresh.twice | asking.twice | (fresh.ports & asking.ports)) == 0) {
        pass(r, &s, head, heads, now);
        traverse(r, &s, asking.vcs, now + 1, false, true);
    } else {
        allocate(r, &s, head, heads, waiting | (fresh.twice & 0xFFFF), now, log, &asking);
        if (late) {
            struct sets copy = s; /* keeps the sets of the other cases out of memory */
            traverse_now(r, &copy, ready, now, log);
            s = copy;
            ready = (ready & s.ready) | filling(r, s.active & ~s.ready, now + 1);
            s.ready |= ready;
            ask_switch(r, &asking, ready, now + 1);
        }
        if (!log)
            traverse(r, &s, asking.twice != 0 ? arbitrate(r, asking.vcs) : asking.vcs, now + 1, false, true);
    }
    if (behind != 0)
        route_all(r, behind, now, log);
    if (!log)
        r->ahead = now + 1;
    return store_sets(r, &s, now);
}

static __attribute__((noinline)) sim_cycle pass_many(struct noc_router *r, struct noc_arrivals in,
                                                     sim_cycle now) {
    return cycle(r, in, now, false);
}

static __attribute__((noinline)) sim_cycle logged(struct noc_router *r, struct noc_arrivals in,
                                                  sim_cycle now) {
    return cycle(r, in, now, true);
}

/* ---- the usual cycle ---------------------------------------------------------------------------- */

/* What pass_free leaves, for want of a VC or a credit or because more flits follow. */
static __attribute__((noinline)) sim_cycle pass_rest(struct noc_router *r, struct noc_arrivals in,
                                                     uint64_t held, sim_cycle now) {
    struct sets s = load_sets(r);
    struct requests fresh = {.vcs = 0};
    struct head head[NOC_PLAIN_PORTS];
    s.held = held;
    uint32_t heads = receive(r, &s, in, true, now, false, head, &fresh);
    pass(r, &s, head, heads, now);
    return store_sets(r, &s, now);
}

/* Arrivals meet nothing that waits, and none wants the output of another: packets of one flit pass on the
 * spot. */
static __attribute__((noinline)) sim_cycle pass_free(struct noc_router *r, struct noc_arrivals in,
                                                     sim_cycle now) {
    uint64_t held = noc_held(r, now), stay = 0, closed = 0, free = 0, more = 0;
    uint32_t passed = 0, outputs = 0;
    for (uint64_t left = in.vcs & NOC_MARKS; left != 0; left &= left - 1) {
        struct noc_passing head = noc_head_in(in, (uint32_t)__builtin_ctzll(left) & ~7u);
        if (!noc_admit(r, &head, held, now)) {
            stay |= left & -left;
            continue;
        }
        passed++;
        closed |= UINT64_C(1) << head.code;
        free |= UINT64_C(1) << head.out;
        outputs |= UINT32_C(1) << head.port;
        more |= (uint64_t)noc_pass(r, &head, now) << head.code;
    }
    r->arrived += passed;
    r->tails += passed;
    r->ahead_more = more;
    noc_leave(r, closed, free, outputs, now);
    if (stay != 0)
        return pass_rest(r, (struct noc_arrivals){in.vcs & (stay >> 7) * 0xFF, in.ports}, held, now);
    return more != 0 ? now + 2 : SIM_NEVER;
}

/* The same for one head that may pass; ahead_more is 0. */
NOC_INLINE sim_cycle pass_lone(struct noc_router *r, const struct noc_passing *head, sim_cycle now) {
    r->arrived++;
    r->tails++;
    noc_leave(r, UINT64_C(1) << head->code, UINT64_C(1) << head->out, UINT32_C(1) << head->port, now);
    if (__builtin_expect(!noc_pass(r, head, now), 1))
        return SIM_NEVER;
    r->ahead_more = r->ahead_closed;
    return r->ahead + 1;
}

/* Nothing but one packet, whose tail is still to come and for which this cycle is decided: `arrived` flits of
 * it, one or none. */
static __attribute__((noinline)) sim_cycle pass_stream(struct noc_router *r, uint32_t arrived,
                                                       sim_cycle now) {
    uint64_t active = r->plain[NOC_SET_ACTIVE], visible = noc_visible(now + 1);
    uint32_t code = (uint32_t)__builtin_ctzll(active), out = r->vc[code].out, port = r->vc[code].out_port;
    bool ready = r->plain[NOC_SET_READY] != 0 || noc_slot_full(noc_front(r, code), visible);
    r->arrived += arrived;
    r->ahead = now + 1;
    r->ahead_outputs = 0;
    if (ready && has_credit(r, out, visible)) {
        bool more;
        uint64_t word = send(r, code, port, out, now + 1, &more);
        r->ahead_outputs = (uint8_t)(1u << port);
        if (word & NOC_TAIL) {
            r->tails++;
            r->plain[NOC_SET_ACTIVE] = r->plain[NOC_SET_READY] = 0;
            r->ahead_closed = active;
            r->ahead_more = more ? active : 0;
            r->ahead_free = UINT64_C(1) << out;
            return more ? now + 2 : SIM_NEVER;
        }
        ready = more;
    }
    r->plain[NOC_SET_READY] = ready ? active : 0;
    return ready ? now + 1 : SIM_NEVER;
}

/* Whether that is so. */
NOC_INLINE bool is_stream(const struct noc_router *r, struct noc_arrivals in, sim_cycle now) {
    uint64_t active = r->plain[NOC_SET_ACTIVE];
    if (r->ahead != now || active == 0 || (active & (active - 1)) != 0)
        return false;
    if ((r->ahead_closed | r->request_outputs | in.ports) != 0)
        return false;
    uint32_t code = (uint32_t)__builtin_ctzll(active), lane = code >> r->shift << 3;
    return in.vcs == 0 || in.vcs == (uint64_t)(NOC_ENTRY_FLIT | (code & r->vc_mask)) << lane;
}

/* Everything else. */
static __attribute__((noinline)) sim_cycle pass_others(struct noc_router *r, sim_cycle now) {
    struct noc_arrivals in = noc_take_row(r, now);
    if (r->base.log != NULL)
        return logged(r, in, now);
    if (is_stream(r, in, now))
        return pass_stream(r, in.vcs != 0, now);
    uint64_t waiting = r->plain[NOC_SET_READY] | r->request_outputs;
    if ((in.vcs | waiting) == 0 && (r->ahead_more == 0 || r->ahead == now))
        return r->ahead_more != 0 ? now + 1 : SIM_NEVER; /* nothing is due, nothing changes */
    waiting |= r->plain[NOC_SET_ACTIVE] | r->ahead_more;
    if (waiting == 0 && in.ports != 0 && noc_apart(in))
        return pass_free(r, in, now);
    /* A lone arrival, and nothing else is open by now. */
    uint32_t lane = (uint32_t)__builtin_ctzll(in.vcs | UINT64_C(1) << 63) & ~7u;
    uint64_t rest = in.vcs >> lane >> 8;
    uint64_t others = r->plain[NOC_SET_OPEN] & ~(r->ahead_closed & -(uint64_t)(r->ahead != now));
    if ((rest | others | waiting) == 0)
        return pass_alone(r, in, now);
    return pass_many(r, in, now);
}

sim_cycle NOC_PLAIN(noc_router_plain_cycle)(struct noc_router *r, sim_cycle now) {
    uint16_t *row = noc_row_of(r, now);
    struct noc_arrivals in = noc_arrivals(row);
    uint64_t waiting = r->plain[NOC_SET_READY] | r->plain[NOC_SET_ACTIVE] | r->request_outputs |
                       r->ahead_more | (uintptr_t)r->base.log;
    if (waiting == 0 && in.ports != 0) {
        uint32_t lane = (uint32_t)__builtin_ctzll(in.vcs) & ~7u;
        struct noc_passing head = noc_head_in(in, lane);
        if (in.vcs >> lane <= UINT8_MAX && noc_admit(r, &head, noc_held(r, now), now)) {
            row[head.input] = 0;
            return pass_lone(r, &head, now);
        }
    }
    return pass_others(r, now);
}

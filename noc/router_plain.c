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
#include "noc/router_stages.h"

#include <string.h>

#define PLAIN_PORTS 8u /* an inbox row is one word */

/* The sets of a router, in registers during a cycle. */
struct sets {
    uint64_t busy, open, active, ready, fresh;
    uint64_t closed, more, free; /* noc_router.ahead_closed, ahead_more, ahead_free */
    uint64_t eligible;           /* ready for the switch decided next, with a credit; */
    uint32_t ports,
        conflict; /* what they want: inputs in the upper half, outputs in the lower; wanted twice */
};

/* Input VC `code`, which holds output VC `out`, asks for the switch of the cycle of `visible`. */
NOC_INLINE void ask_switch(const struct noc_router *r, struct sets *s, uint32_t code, uint32_t out,
                           uint64_t visible) {
    if (!noc_slot_free(r->output_vc[out].next, visible))
        return;
    uint32_t used = UINT32_C(0x10000) << (code >> r->shift) | UINT32_C(1) << (out >> r->shift);
    s->conflict |= s->ports & used;
    s->ports |= used;
    s->eligible |= UINT64_C(1) << code;
}

NOC_INLINE void note(struct noc_router *r, enum noc_router_event event, sim_cycle now, uint64_t latency,
                     const bool log) {
    r->base.count[event]++;
    if (log)
        sim_log_event(r->base.log, now, r->base.id, event, 1, latency);
}

/* VCs and class that routing allows the packet at the front of input VC `code`: where packets keep their
 * class, all of them share one choice. */
NOC_INLINE const struct noc_choice *choice_of(const struct noc_router *r, uint32_t code) {
    return &r->choice[r->classless ? 0 : code];
}

/* The output port that the packet at the front of input VC `code` goes to; choice_of has the rest. */
NOC_INLINE uint32_t route(struct noc_router *r, uint32_t code, sim_cycle now, const bool log) {
    const struct noc_routing *routing = r->routing;
    uint64_t word = r->vc[code].front->word;
    note(r, NOC_ROUTER_ROUTE, now, r->spec->routing_delay, log);
    if (routing->place != NULL)
        return noc_routing_port(r->place, routing->place[noc_flit_dst(word)]);
    struct noc_hop hop = {.router = r->number,
                          .in_port = code >> r->shift,
                          .in_vc = code & r->vc_mask,
                          .dst = noc_flit_dst(word),
                          .class_ = noc_flit_class(word)};
    routing->route(routing, &hop, &r->choice[code]);
    return r->choice[code].port;
}

NOC_INLINE void request_vc(struct noc_router *r, uint32_t code, uint32_t port) {
    r->request[port] |= UINT64_C(1) << code;
    r->request_outputs |= UINT64_C(1) << port;
}

/* ---- VC allocator ------------------------------------------------------------------------------- */

NOC_INLINE void take_vc(struct noc_router *r, struct sets *s, uint32_t in, uint32_t port, uint32_t vc,
                        sim_cycle now, const bool log) {
    uint32_t out = port << r->shift | vc;
    uint64_t bit = UINT64_C(1) << in;
    struct noc_input_vc *input = &r->vc[in];
    r->output_vc[out].grant = (uint16_t)(in + 1);
    input->accept = (uint8_t)(out + 1);
    input->out = (uint16_t)out;
    input->out_port = (uint8_t)port;
    input->out_vc = (uint8_t)vc;
    input->class_ = choice_of(r, in)->class_;
    s->busy |= UINT64_C(1) << out;
    s->fresh |= bit;
    ask_switch(r, s, in, out, noc_visible(now + 1));
    note(r, NOC_ROUTER_VC_ALLOC, now, r->spec->vc_alloc_delay, log);
}

NOC_INLINE uint32_t free_vcs(const struct noc_router *r, const struct sets *s, uint32_t port) {
    return (uint32_t)(~s->busy >> (port << r->shift)) & r->all_vcs;
}

/* The free VC of `port` that comes first in the line of input VC `in`, which is alone there. */
NOC_INLINE uint32_t first_vc(const struct noc_router *r, uint32_t in, uint32_t port, uint32_t vcs) {
    uint32_t first =
        (uint32_t)r->vc[in].accept - (port << r->shift); /* wraps round when it points elsewhere */
    uint32_t behind = vcs & (uint32_t)(~UINT64_C(0) << (first < 32 ? first : 32));
    return (uint32_t)__builtin_ctz(behind | (vcs & -(uint32_t)(behind == 0)));
}

/* The first of `request`, from `grant` on, that may have VC `vc`; 64 if there is none. */
static uint32_t first_allowed(const struct noc_router *r, uint64_t request, uint32_t grant, uint32_t vc) {
    uint64_t behind = grant < 64 ? request & (~UINT64_C(0) << grant) : 0;
    for (uint64_t left = behind; left != 0; left &= left - 1)
        if (choice_of(r, (uint32_t)__builtin_ctzll(left))->vcs >> vc & 1)
            return (uint32_t)__builtin_ctzll(left);
    for (uint64_t left = request & ~behind; left != 0; left &= left - 1)
        if (choice_of(r, (uint32_t)__builtin_ctzll(left))->vcs >> vc & 1)
            return (uint32_t)__builtin_ctzll(left);
    return 64;
}

/* Several packets may ask for the same port. Each asks for one port only, so the two phases of iSLIP can be
 * done port by port. Returns the winners; vc[input VC] is what they win. */
static __attribute__((noinline)) uint64_t compete(struct noc_router *r, uint32_t port, uint32_t free,
                                                  uint8_t *vc_of) {
    uint16_t rank[64];
    uint64_t request = r->request[port], winners = 0;
    for (; free != 0; free &= free - 1) {
        uint32_t vc = (uint32_t)__builtin_ctz(free), out = port << r->shift | vc;
        uint32_t in = first_allowed(r, request, r->output_vc[out].grant, vc);
        if (in == 64)
            continue;
        uint16_t offered = (uint16_t)((out - r->vc[in].accept) & 0x7FFF);
        if (winners >> in & 1 && offered >= rank[in])
            continue;
        rank[in] = offered;
        vc_of[in] = (uint8_t)vc;
        winners |= UINT64_C(1) << in;
    }
    return winners;
}

/* The output ports of `outputs` with requests, of which some may have several. */
static __attribute__((noinline)) void allocate_vcs(struct noc_router *r, struct sets *s, uint64_t outputs,
                                                   sim_cycle now, bool log) {
    uint8_t vc[64];
    for (; outputs != 0; outputs &= outputs - 1) {
        uint32_t port = (uint32_t)__builtin_ctzll(outputs), free = free_vcs(r, s, port);
        for (uint64_t winners = compete(r, port, free, vc); winners != 0; winners &= winners - 1) {
            uint32_t in = (uint32_t)__builtin_ctzll(winners);
            r->request[port] &= ~(UINT64_C(1) << in);
            take_vc(r, s, in, port, vc[in], now, log);
        }
        if (r->request[port] == 0)
            r->request_outputs &= ~(UINT64_C(1) << port);
    }
}

/* ---- arrival ------------------------------------------------------------------------------------ */

struct head {
    uint32_t code, port;
};

/* Takes the arrivals `bytes` in (a row of the inbox) and has VCs allocated. `decided`: flits of packets that
 * hold a VC have been counted on already. */
NOC_INLINE void receive(struct noc_router *r, struct sets *s, uint64_t bytes, bool decided, sim_cycle now,
                        const bool log) {
    struct head head[PLAIN_PORTS];
    uint32_t heads = 0;
    uint64_t seen = 0, clash = r->request_outputs; /* output ports */
    while (bytes != 0) {
        uint32_t lane = (uint32_t)__builtin_ctzll(bytes) & ~7u;
        uint32_t code = (lane >> 3 << r->shift) + ((uint32_t)(bytes >> lane) & 0xFF) - 1;
        uint64_t bit = UINT64_C(1) << code;
        bytes &= ~(UINT64_C(0xFF) << lane);
        note(r, NOC_ROUTER_BUFFER_WRITE, now, 1, log);
        if (s->open & bit) {
            s->ready |= decided ? 0 : s->active & bit;
            continue;
        }
        uint32_t port = route(r, code, now, log);
        s->open |= bit;
        clash |= seen & UINT64_C(1) << port;
        seen |= UINT64_C(1) << port;
        head[heads++] = (struct head){code, port};
    }
    for (uint32_t k = 0; k < heads; k++) {
        uint32_t in = head[k].code, port = head[k].port;
        uint32_t vcs = choice_of(r, in)->vcs & free_vcs(r, s, port);
        if (clash >> port & 1 || vcs == 0)
            request_vc(r, in, port);
        else
            take_vc(r, s, in, port, first_vc(r, in, port, vcs), now, log);
    }
    if (clash != 0)
        allocate_vcs(r, s, clash, now, log);
}

/* ---- switch allocator --------------------------------------------------------------------------- */

/* The front flit of input VC `code` goes through the switch in cycle `when`. Returns its word, and in *more
 * whether another flit stands behind it then. */
NOC_INLINE uint64_t send(struct noc_router *r, uint32_t code, sim_cycle when, bool *more) {
    struct noc_input_vc *vc = &r->vc[code];
    struct noc_output_vc *next = &r->output_vc[vc->out];
    struct noc_slot *slot = vc->front;
    uint64_t word = slot->word, info = slot->stamp & NOC_INFO_MASK;
    uint32_t input = code >> r->shift, port = vc->out_port, depth = r->depth;

    r->port[input].accept = (uint8_t)(port + 1);
    r->port[input].vc = (uint8_t)((code & r->vc_mask) + 1);
    r->port[port].grant = (uint8_t)(input + 1);
    if (!r->classless && word & NOC_HEAD)
        word = noc_flit_with_class(word, vc->class_);
    noc_channel_send(&r->channel[port], when, next->next, vc->out_vc, word, info + 1);
    noc_advance(&next->next, &next->index, depth);
    noc_slot_release(slot, when, r->input[input].fifo.credit_latency);
    noc_advance(&vc->front, &vc->index, depth);
    *more = noc_slot_full(vc->front, noc_visible(when));
    return word;
}

NOC_INLINE uint32_t first_in_line(uint32_t set, uint32_t pointer) {
    uint32_t behind = (uint32_t)(set & (~UINT64_C(0) << pointer));
    return (uint32_t)__builtin_ctz(behind != 0 ? behind : set);
}

/* Some inputs or outputs are wanted twice: iSLIP among the eligible VCs; returns the winners. */
static __attribute__((noinline)) uint64_t arbitrate(struct noc_router *r, uint64_t eligible) {
    uint32_t wanted[PLAIN_PORTS] = {0}, granted[PLAIN_PORTS] = {0}, outputs = 0, inputs = 0;
    uint64_t winners = 0;
    for (uint64_t left = eligible; left != 0; left &= left - 1) {
        uint32_t code = (uint32_t)__builtin_ctzll(left), port = r->vc[code].out >> r->shift;
        wanted[port] |= UINT32_C(1) << (code >> r->shift);
        outputs |= UINT32_C(1) << port;
    }
    for (; outputs != 0; outputs &= outputs - 1) {
        uint32_t port = (uint32_t)__builtin_ctz(outputs);
        uint32_t input = first_in_line(wanted[port], r->port[port].grant);
        granted[input] |= UINT32_C(1) << port;
        inputs |= UINT32_C(1) << input;
    }
    for (; inputs != 0; inputs &= inputs - 1) {
        uint32_t input = (uint32_t)__builtin_ctz(inputs), first = input << r->shift;
        uint32_t port = first_in_line(granted[input], r->port[input].accept);
        uint32_t vcs = (uint32_t)(eligible >> first) & r->all_vcs, set = 0;
        for (uint32_t left = vcs; left != 0; left &= left - 1) {
            uint32_t vc = (uint32_t)__builtin_ctz(left);
            if ((uint32_t)r->vc[first | vc].out >> r->shift == port)
                set |= UINT32_C(1) << vc;
        }
        winners |= UINT64_C(1) << (first | first_in_line(set, r->port[input].vc));
    }
    return winners;
}

/* The VCs that get the switch of cycle `when`: `asking`, and those that have asked already. */
NOC_INLINE uint64_t allocate_switch(struct noc_router *r, struct sets *s, uint64_t asking, sim_cycle when) {
    uint64_t visible = noc_visible(when);
    for (; asking != 0; asking &= asking - 1) {
        uint32_t code = (uint32_t)__builtin_ctzll(asking);
        ask_switch(r, s, code, r->vc[code].out, visible);
    }
    return s->conflict != 0 ? arbitrate(r, s->eligible) : s->eligible;
}

/* Sends the winners of cycle `when`. `ahead`: that is the next cycle. */
NOC_INLINE void traverse(struct noc_router *r, struct sets *s, uint64_t winners, sim_cycle when,
                         const bool log, const bool ahead) {
    uint64_t outputs = 0;
    for (; winners != 0; winners &= winners - 1) {
        uint32_t code = (uint32_t)__builtin_ctzll(winners), port = r->vc[code].out_port;
        uint64_t bit = winners & -winners;
        bool more;
        uint64_t word = send(r, code, when, &more);
        outputs |= UINT64_C(1) << port;
        if (log)
            noc_router_log_traversal(r, port, when);
        if (!(word & NOC_TAIL)) {
            s->ready &= more ? ~UINT64_C(0) : ~bit;
            continue;
        }
        s->active &= ~bit;
        s->ready &= ~bit;
        if (ahead) {
            s->closed |= bit;
            s->more |= bit & -(uint64_t)more;
            s->free |= UINT64_C(1) << r->vc[code].out;
        } else {
            s->busy &= ~(UINT64_C(1) << r->vc[code].out);
            if (more)
                request_vc(r, code, route(r, code, when, log));
            else
                s->open &= ~bit;
        }
    }
    if (ahead)
        r->ahead_outputs = outputs;
}

/* The switch of this cycle, where it is not decided yet. What has asked already is for the next one. */
static __attribute__((noinline)) void traverse_now(struct noc_router *r, struct sets *s, sim_cycle now,
                                                   bool log) {
    struct sets next = *s;
    s->eligible = 0;
    s->ports = s->conflict = 0;
    traverse(r, s, allocate_switch(r, s, s->ready, now), now, log, false);
    s->eligible = next.eligible;
    s->ports = next.ports;
    s->conflict = next.conflict;
}

static __attribute__((noinline)) void traverse_ahead(struct noc_router *r, struct sets *s, sim_cycle when) {
    traverse(r, s, allocate_switch(r, s, s->ready & ~s->fresh, when), when, false, true);
}

/* ---- a cycle ------------------------------------------------------------------------------------ */

/* What the switch of cycle r->ahead gave back is free from now on. */
NOC_INLINE void give_back(struct noc_router *r, struct sets *s, sim_cycle now, const bool log) {
    s->open &= ~(s->closed ^ s->more);
    s->busy &= ~s->free;
    s->closed = s->free = 0;
    for (; s->more != 0; s->more &= s->more - 1) {
        uint32_t code = (uint32_t)__builtin_ctzll(s->more);
        request_vc(r, code, route(r, code, now, log));
    }
}

/* Active VCs without a flit whose next one becomes visible at `when`. */
NOC_INLINE uint64_t filling(const struct noc_router *r, uint64_t waiting, sim_cycle when) {
    uint64_t visible = noc_visible(when), filled = 0;
    for (; waiting != 0; waiting &= waiting - 1)
        if (noc_slot_full(r->vc[__builtin_ctzll(waiting)].front, visible))
            filled |= waiting & -waiting;
    return filled;
}

/* A head arrives at a router that has nothing else: it gets a VC now and, with a credit, the switch of the
 * next cycle. What the last packet gave back is free by now. */
static __attribute__((noinline)) sim_cycle pass_alone(struct noc_router *r, uint32_t code, sim_cycle now) {
    uint64_t bit = UINT64_C(1) << code;
    struct sets s = {.busy = 0};
    note(r, NOC_ROUTER_BUFFER_WRITE, now, 1, false);
    uint32_t port = route(r, code, now, false);
    take_vc(r, &s, code, port, first_vc(r, code, port, choice_of(r, code)->vcs), now, false);
    r->set[NOC_SET_BUSY] = s.busy;
    r->set[NOC_SET_OPEN] = bit;
    r->ahead = now + 1;
    r->ahead_outputs = r->ahead_closed = r->ahead_more = r->ahead_free = 0;
    if (!noc_slot_free(r->output_vc[r->vc[code].out].next, noc_visible(now + 1))) {
        r->set[NOC_SET_ACTIVE] = r->set[NOC_SET_READY] = bit;
        return now + 1;
    }
    bool more;
    uint64_t word = send(r, code, now + 1, &more);
    r->ahead_outputs = UINT64_C(1) << port;
    if (word & NOC_TAIL) {
        r->ahead_closed = bit;
        r->ahead_more = more ? bit : 0;
        r->ahead_free = s.busy;
        return more ? now + 2 : SIM_NEVER;
    }
    r->set[NOC_SET_ACTIVE] = bit;
    r->set[NOC_SET_READY] = more ? bit : 0;
    return more ? now + 1 : SIM_NEVER;
}

NOC_INLINE sim_cycle cycle(struct noc_router *r, uint64_t bytes, sim_cycle now, const bool log) {
    struct sets s = {.busy = r->set[NOC_SET_BUSY],
                     .open = r->set[NOC_SET_OPEN],
                     .active = r->set[NOC_SET_ACTIVE],
                     .ready = r->set[NOC_SET_READY],
                     .closed = r->ahead_closed,
                     .more = r->ahead_more,
                     .free = r->ahead_free};
    bool decided = !log && r->ahead == now;
    if (!decided && s.closed != 0)
        give_back(r, &s, now, log);
    receive(r, &s, bytes, decided, now, log);
    if (!decided && s.ready != 0)
        traverse_now(r, &s, now, log);
    else if (decided && s.closed != 0)
        give_back(r, &s, now, log);
    s.active |= s.fresh;
    s.ready |= s.fresh;
    if (!log) {
        if (s.active != s.ready)
            s.ready |= filling(r, s.active & ~s.ready, now + 1);
        r->ahead = now + 1;
        traverse_ahead(r, &s, now + 1);
        r->ahead_closed = s.closed;
        r->ahead_more = s.more;
        r->ahead_free = s.free;
    }
    r->set[NOC_SET_BUSY] = s.busy;
    r->set[NOC_SET_OPEN] = s.open;
    r->set[NOC_SET_ACTIVE] = s.active;
    r->set[NOC_SET_READY] = s.ready;
    if ((r->request_outputs | s.ready) != 0)
        return now + 1;
    return s.more != 0 ? now + 2 : SIM_NEVER;
}

static __attribute__((noinline)) sim_cycle pass_many(struct noc_router *r, uint64_t bytes, sim_cycle now) {
    return cycle(r, bytes, now, false);
}

/* Takes this cycle's row out of the inbox. */
NOC_INLINE uint64_t take_row(struct noc_router *r, sim_cycle now) {
    uint8_t *row = r->inbox.row + (size_t)((uint32_t)now & r->inbox.mask) * PLAIN_PORTS;
    uint64_t bytes, zero = 0;
    memcpy(&bytes, row, PLAIN_PORTS);
    if (bytes != 0)
        memcpy(row, &zero, PLAIN_PORTS);
    return bytes;
}

sim_cycle noc_router_plain_cycle(struct noc_router *r, sim_cycle now) {
    uint64_t bytes = take_row(r, now), waiting = r->set[NOC_SET_READY] | r->request_outputs;
    if ((bytes | waiting) == 0 && (r->ahead_more == 0 || r->ahead == now))
        return r->ahead_more != 0 ? now + 1 : SIM_NEVER; /* nothing is due, nothing changes */
    /* A lone arrival, and nothing else is open by now. */
    uint32_t lane = (uint32_t)__builtin_ctzll(bytes | UINT64_C(1) << 63) & ~7u;
    uint64_t rest = bytes >> lane >> 8;
    uint64_t others = r->set[NOC_SET_OPEN] & ~(r->ahead_closed & -(uint64_t)(r->ahead != now));
    if ((rest | others | waiting | r->ahead_more) == 0)
        return pass_alone(r, (lane >> 3 << r->shift) + (uint32_t)(bytes >> lane) - 1, now);
    return pass_many(r, bytes, now);
}

sim_cycle noc_router_plain_logged(struct noc_router *r, sim_cycle now) {
    return cycle(r, take_row(r, now), now, true);
}

bool noc_router_is_plain(const struct noc_router *r) {
    const struct noc_router_spec *spec = r->spec;
    return spec->vc_allocator == NOC_ALLOCATOR_ISLIP && spec->switch_allocator == NOC_ALLOCATOR_ISLIP &&
           spec->iterations == 1 && spec->vc_alloc_delay == 1 && spec->switch_alloc_delay == 1 &&
           !spec->speculative && r->routed_on_arrival && !r->cut_through && r->choices_max == 1 &&
           r->words == 1 && r->ports <= PLAIN_PORTS;
}

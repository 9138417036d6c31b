/* SPDX-License-Identifier: MIT
 *
 * A cycle of the plain router, in one piece.
 *
 * Plain: iSLIP with one iteration for both allocators, all delays 1 (RC hidden), no speculation, wormhole,
 * one choice from routing, at most 64 input VCs. Then a set of VCs is a word, and the cycle of router.c,
 * vc_allocator.c and switch_allocator.c becomes this: the same decisions, with short cuts where nobody
 * competes (a lone request gets what it asks for; requests for the switch that share neither input nor
 * output are all granted). Whether events are logged and, when not, the number of bits of a VC number are
 * constants of each copy of the function.
 * test/unit/test_noc_router.c holds both forms against each other.
 */
#include "noc/router_stages.h"

#include <string.h>

#define PLAIN_PORTS 8u /* an inbox row is one word */

/* The sets of a router, in registers during a cycle. */
struct sets {
    uint64_t open, active, ready, fresh;
    uint32_t writes, routes, grants; /* counted in this cycle */
};

NOC_INLINE void note(const struct noc_router *r, enum noc_router_event event, sim_cycle now, uint64_t latency,
                     const bool log) {
    if (log)
        sim_log_event(r->base.log, now, r->base.id, event, 1, latency);
}

/* The packet at the front of input VC `code` asks for a VC. */
NOC_INLINE void request_vc(struct noc_router *r, struct sets *s, uint32_t code, sim_cycle now, const uint32_t shift, const bool log) {
    struct noc_input_vc *vc = &r->vc[code];
    struct noc_choice *choice = &r->choice[code];
    uint64_t word = vc->front->word;
    const struct noc_routing *routing = r->routing;
    uint32_t port;
    if (routing->place != NULL) {
        port = noc_routing_port(r->place, routing->place[noc_flit_dst(word)]);
        choice->port = (uint16_t)port;
    } else {
        struct noc_hop hop = {.router = r->number,
                              .in_port = code >> shift,
                              .in_vc = code & ((1u << shift) - 1),
                              .dst = noc_flit_dst(word),
                              .class_ = noc_flit_class(word)};
        routing->route(routing, &hop, choice);
        port = choice->port;
    }
    vc->choices = 1;
    r->request[port] |= UINT64_C(1) << code;
    r->request_outputs |= UINT64_C(1) << port;
    s->routes++;
    note(r, NOC_ROUTER_ROUTE, now, r->spec->routing_delay, log);
}

NOC_INLINE void receive(struct noc_router *r, struct sets *s, sim_cycle now, const uint32_t shift, const bool log) {
    uint8_t *row = r->inbox.row + (size_t)((uint32_t)now & r->inbox.mask) * PLAIN_PORTS;
    uint64_t bytes;
    memcpy(&bytes, row, PLAIN_PORTS);
    if (bytes == 0)
        return;
    memset(row, 0, PLAIN_PORTS);
    do {
        uint32_t lane = (uint32_t)__builtin_ctzll(bytes) & ~7u;
        uint32_t code = (lane >> 3 << shift) + ((uint32_t)(bytes >> lane) & 0xFF) - 1;
        uint64_t bit = UINT64_C(1) << code;
        bytes &= ~(UINT64_C(0xFF) << lane);
        s->writes++;
        note(r, NOC_ROUTER_BUFFER_WRITE, now, 1, log);
        if (s->open & bit) {
            s->ready |= s->active & bit;
        } else {
            s->open |= bit;
            request_vc(r, s, code, now, shift, log);
        }
    } while (bytes != 0);
}

/* ---- VC allocator ------------------------------------------------------------------------------- */

NOC_INLINE void take_vc(struct noc_router *r, struct sets *s, uint32_t in, uint32_t port, uint32_t vc,
                        sim_cycle now, const uint32_t shift, const bool log) {
    uint32_t out = port << shift | vc;
    uint64_t bit = UINT64_C(1) << in;
    struct noc_input_vc *input = &r->vc[in];
    r->output_vc[out].grant = (uint16_t)(in + 1 == r->codes ? 0 : in + 1);
    input->accept = (uint16_t)(out + 1);
    input->out = (uint16_t)out;
    input->class_ = r->choice[in].class_;
    input->choices = 0;
    r->output[port].busy |= UINT32_C(1) << vc;
    if ((r->request[port] &= ~bit) == 0)
        r->request_outputs &= ~(UINT64_C(1) << port);
    s->fresh |= bit;
    s->grants++;
    note(r, NOC_ROUTER_VC_ALLOC, now, r->spec->vc_alloc_delay, log);
}

/* Several packets ask for output `port`. Each asks for this port only, so the two phases of iSLIP can be done
 * port by port. */
static __attribute__((noinline)) uint64_t compete(struct noc_router *r, uint32_t port, uint32_t free, uint32_t shift) {
    uint64_t request = r->request[port], winners = 0;
    for (; free != 0; free &= free - 1) {
        uint32_t vc = (uint32_t)__builtin_ctz(free), out = port << shift | vc;
        uint64_t behind = request & (~UINT64_C(0) << r->output_vc[out].grant), left = behind != 0 ? behind : request;
        uint32_t tries = 2, in = 64;
        for (;;) {
            in = (uint32_t)__builtin_ctzll(left);
            if (r->choice[in].vcs >> vc & 1)
                break;
            left &= left - 1;
            if (left == 0 && --tries > 0)
                left = request & ~behind;
            if (left == 0) {
                in = 64;
                break;
            }
        }
        if (in == 64)
            continue;
        struct noc_input_vc *input = &r->vc[in];
        uint16_t rank = (uint16_t)((out - input->accept) & 0x7FFF);
        if (rank < input->rank) {
            input->rank = rank;
            input->code = (uint16_t)vc;
            winners |= UINT64_C(1) << in;
        }
    }
    return winners;
}

NOC_INLINE void allocate_vcs(struct noc_router *r, struct sets *s, sim_cycle now, const uint32_t shift, const bool log) {
    for (uint64_t outputs = r->request_outputs; outputs != 0; outputs &= outputs - 1) {
        uint32_t port = (uint32_t)__builtin_ctzll(outputs);
        uint32_t free = r->all_vcs & ~r->output[port].busy;
        uint64_t request = r->request[port];
        if (free == 0)
            continue;
        if ((request & (request - 1)) == 0) {
            uint32_t in = (uint32_t)__builtin_ctzll(request), accept = r->vc[in].accept;
            uint32_t vcs = free & r->choice[in].vcs;
            if (vcs == 0)
                continue;
            uint32_t behind = accept >> shift == port ? vcs & (UINT32_MAX << (accept & ((1u << shift) - 1))) : 0;
            take_vc(r, s, in, port, (uint32_t)__builtin_ctz(behind != 0 ? behind : vcs), now, shift, log);
            continue;
        }
        for (uint64_t winners = compete(r, port, free, shift); winners != 0; winners &= winners - 1) {
            uint32_t in = (uint32_t)__builtin_ctzll(winners);
            r->vc[in].rank = NOC_UNRANKED;
            take_vc(r, s, in, port, r->vc[in].code, now, shift, log);
        }
    }
}

/* ---- switch allocator --------------------------------------------------------------------------- */

NOC_INLINE void traverse(struct noc_router *r, struct sets *s, uint32_t code, sim_cycle now, uint64_t visible,
                         const uint32_t shift, const bool log) {
    const uint32_t vc_mask = (1u << shift) - 1;
    uint64_t bit = UINT64_C(1) << code;
    struct noc_input_vc *vc = &r->vc[code];
    uint32_t out = vc->out;
    const struct noc_input *in = &r->input[code >> shift];
    struct noc_output *output = &r->output[out >> shift];
    struct noc_output_vc *next = &r->output_vc[out];
    struct noc_slot *slot = vc->front;
    uint64_t word = slot->word, info = slot->stamp & NOC_INFO_MASK;

    noc_channel_send(&output->channel, now, next->next, out & vc_mask,
                     word & NOC_HEAD ? noc_flit_with_class(word, vc->class_) : word, info + 1);
    noc_advance(&next->next, &next->index, output->channel.depth);
    noc_slot_release(slot, now, in->fifo.credit_latency);
    if (log)
        noc_router_log_traversal(r, output, now);
    noc_advance(&vc->front, &vc->index, in->fifo.depth);
    bool more = noc_slot_full(vc->front, visible);
    if (word & NOC_TAIL) {
        output->busy &= ~(UINT32_C(1) << (out & vc_mask));
        s->active &= ~bit;
        s->ready &= ~bit;
        if (more)
            request_vc(r, s, code, now, shift, log);
        else
            s->open &= ~bit;
    } else if (!more) {
        s->ready &= ~bit;
    }
}

NOC_INLINE uint32_t first_in_line(uint32_t set, uint32_t pointer) {
    uint32_t behind = set & (UINT32_MAX << pointer);
    return (uint32_t)__builtin_ctz(behind != 0 ? behind : set);
}

/* Some inputs or outputs are wanted twice: iSLIP among the eligible VCs; returns the winners. */
static __attribute__((noinline)) uint64_t arbitrate(struct noc_router *r, uint64_t eligible, uint32_t shift) {
    uint32_t wanted[PLAIN_PORTS] = {0}, granted[PLAIN_PORTS] = {0}, outputs = 0, inputs = 0;
    uint64_t winners = 0;
    for (uint64_t left = eligible; left != 0; left &= left - 1) {
        uint32_t code = (uint32_t)__builtin_ctzll(left), port = r->vc[code].out >> shift;
        wanted[port] |= UINT32_C(1) << (code >> shift);
        outputs |= UINT32_C(1) << port;
    }
    for (; outputs != 0; outputs &= outputs - 1) {
        uint32_t port = (uint32_t)__builtin_ctz(outputs);
        uint32_t input = first_in_line(wanted[port], r->output[port].pointer);
        granted[input] |= UINT32_C(1) << port;
        inputs |= UINT32_C(1) << input;
    }
    for (; inputs != 0; inputs &= inputs - 1) {
        uint32_t input = (uint32_t)__builtin_ctz(inputs), first = input << shift;
        struct noc_input *in = &r->input[input];
        uint32_t port = first_in_line(granted[input], in->pointer);
        uint32_t vcs = (uint32_t)(eligible >> first) & r->all_vcs, set = 0;
        for (uint32_t left = vcs; left != 0; left &= left - 1) {
            uint32_t vc = (uint32_t)__builtin_ctz(left);
            if ((uint32_t)r->vc[first | vc].out >> shift == port)
                set |= UINT32_C(1) << vc;
        }
        winners |= UINT64_C(1) << (first | first_in_line(set, in->vc_pointer));
    }
    return winners;
}

NOC_INLINE void allocate_switch(struct noc_router *r, struct sets *s, sim_cycle now, const uint32_t shift, const bool log) {
    uint64_t visible = noc_visible(now), winners = 0;
    uint32_t inputs = 0, outputs = 0, conflict = 0;
    for (uint64_t left = s->ready; left != 0; left &= left - 1) {
        uint32_t code = (uint32_t)__builtin_ctzll(left), out = r->vc[code].out;
        if (!noc_slot_free(r->output_vc[out].next, visible))
            continue;
        uint32_t input = UINT32_C(1) << (code >> shift), output = UINT32_C(1) << (out >> shift);
        conflict |= (inputs & input) | (outputs & output);
        inputs |= input;
        outputs |= output;
        winners |= UINT64_C(1) << code;
    }
    if (conflict != 0)
        winners = arbitrate(r, winners, shift);
    for (; winners != 0; winners &= winners - 1) {
        uint32_t code = (uint32_t)__builtin_ctzll(winners), vc = code & ((1u << shift) - 1);
        uint32_t input = code >> shift, port = r->vc[code].out >> shift;
        struct noc_input *in = &r->input[input];
        in->pointer = (uint16_t)(port + 1);
        in->vc_pointer = (uint16_t)(vc + 1 == r->routing->vcs ? 0 : vc + 1);
        r->output[port].pointer = (uint16_t)(input + 1);
        traverse(r, s, code, now, visible, shift, log);
    }
}

/* ---- a cycle ------------------------------------------------------------------------------------ */

NOC_INLINE sim_cycle cycle(struct noc_router *r, sim_cycle now, const uint32_t shift, const bool log) {
    struct sets s = {r->set[NOC_SET_OPEN], r->set[NOC_SET_ACTIVE], r->set[NOC_SET_READY], 0, 0, 0, 0};
    receive(r, &s, now, shift, log);
    if (r->request_outputs != 0)
        allocate_vcs(r, &s, now, shift, log);
    if (s.ready != 0)
        allocate_switch(r, &s, now, shift, log);
    r->set[NOC_SET_OPEN] = s.open;
    r->set[NOC_SET_ACTIVE] = s.active | s.fresh;
    r->set[NOC_SET_READY] = s.ready | s.fresh;
    r->base.count[NOC_ROUTER_BUFFER_WRITE] += s.writes;
    r->base.count[NOC_ROUTER_ROUTE] += s.routes;
    r->base.count[NOC_ROUTER_VC_ALLOC] += s.grants;
    return (r->request_outputs | s.ready | s.fresh) != 0 ? now + 1 : SIM_NEVER;
}

#define CYCLE(SHIFT)                                                                               \
    static sim_cycle cycle_##SHIFT(struct noc_router *r, sim_cycle now) {                           \
        return cycle(r, now, SHIFT, false);                                                        \
    }
CYCLE(0)
CYCLE(1)
CYCLE(2)
CYCLE(3)
CYCLE(4)
CYCLE(5)

sim_cycle noc_router_plain_logged(struct noc_router *r, sim_cycle now) { return cycle(r, now, r->shift, true); }

sim_cycle (*noc_router_plain(const struct noc_router *r))(struct noc_router *router, sim_cycle now) {
    static sim_cycle (*const by_shift[])(struct noc_router *, sim_cycle) = {cycle_0, cycle_1, cycle_2,
                                                                           cycle_3, cycle_4, cycle_5};
    const struct noc_router_spec *spec = r->spec;
    bool plain = spec->vc_allocator == NOC_ALLOCATOR_ISLIP && spec->switch_allocator == NOC_ALLOCATOR_ISLIP &&
                 spec->iterations == 1 && spec->vc_alloc_delay == 1 && spec->switch_alloc_delay == 1 &&
                 !spec->speculative && r->routed_on_arrival && !r->cut_through && r->choices_max == 1 &&
                 r->words == 1 && r->ports <= PLAIN_PORTS;
    return plain ? by_shift[r->shift] : NULL;
}

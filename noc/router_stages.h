/* SPDX-License-Identifier: MIT
 *
 * The inside of the router that its units share; private to router*.c, vc_allocator.c, switch_allocator.c.
 */
#ifndef NOC_ROUTER_STAGES_H
#define NOC_ROUTER_STAGES_H

#include "noc/router.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NOC_NO_GRANT 0xFFFFu

/* A decision on its way through a pipelined unit. */
struct noc_decision {
    sim_cycle due;
    uint16_t in, out; /* codes; out may be NOC_NO_GRANT */
};

/* A queue of decisions; each input VC has at most one in it, so `size` = number of codes suffices. */
struct noc_pipe {
    struct noc_decision *entry;
    uint32_t size, head, count;
};

struct noc_router_stages {
    struct noc_allocator vc_allocator, switch_allocator, speculative_allocator;
    struct noc_request *request, *grant; /* scratch, as many as there can be requests */
    struct noc_pipe routing, vc_alloc, switch_alloc;
    uint64_t *asked;         /* set: speculative: input VCs whose heads ask for a VC in this cycle */
    uint8_t *asked_choices;  /* [code] and how many choices they had */
};

void noc_pipe_init(struct noc_pipe *pipe, uint32_t size, struct sim_arena *arena);
void noc_pipe_push(struct noc_pipe *pipe, sim_cycle due, uint32_t in, uint32_t out);
/* The oldest decision if it is due, else NULL. Valid until the next push. */
const struct noc_decision *noc_pipe_pop(struct noc_pipe *pipe, sim_cycle now);

/* ---- sets --------------------------------------------------------------------------------------- */

/* Functions that take `words` are compiled twice, for one word (constant) and for any number. */
#define NOC_INLINE static inline __attribute__((always_inline))

NOC_INLINE uint64_t noc_bit(uint32_t code) { return UINT64_C(1) << (code & 63); }

NOC_INLINE uint64_t *noc_set_word(const struct noc_router *r, enum noc_set set, uint32_t code, uint32_t words) {
    return &r->set[words == 1 ? (uint32_t)set : (uint32_t)set * words + code / 64];
}

NOC_INLINE bool noc_in_set(const struct noc_router *r, enum noc_set set, uint32_t code) {
    return *noc_set_word(r, set, code, r->words) >> (code & 63) & 1;
}

/* The VCs of an input port in a set: they lie within one word, because 1 << shift divides 64. */
NOC_INLINE uint32_t noc_port_vcs(const struct noc_router *r, const uint64_t *set, uint32_t port) {
    uint32_t code = port << r->shift;
    return (uint32_t)(set[code / 64] >> (code & 63)) & r->all_vcs;
}

NOC_INLINE bool noc_set_empty(const uint64_t *set, uint32_t words) {
    uint64_t any = set[0];
    for (uint32_t w = 1; w < words; w++)
        any |= set[w];
    return any == 0;
}

/* ---- requests for VCs --------------------------------------------------------------------------- */

/* Puts the requests of choices already made. */
NOC_INLINE void noc_put_request(struct noc_router *r, uint32_t code, uint32_t words) {
    const struct noc_choice *choice = &r->choice[code * r->choices_max];
    for (uint32_t k = 0; k < r->vc[code].choices; k++) {
        r->request[choice[k].port * words + (words == 1 ? 0 : code / 64)] |= noc_bit(code);
        r->request_outputs |= UINT64_C(1) << choice[k].port;
    }
}

/* Takes the requests of an input VC back (it got a VC, or waits in a pipelined allocator). */
NOC_INLINE void noc_drop_request(struct noc_router *r, uint32_t code, uint32_t words) {
    const struct noc_choice *choice = &r->choice[code * r->choices_max];
    for (uint32_t k = 0; k < r->vc[code].choices; k++) {
        uint64_t *request = &r->request[choice[k].port * words];
        request[words == 1 ? 0 : code / 64] &= ~noc_bit(code);
        if (noc_set_empty(request, words))
            r->request_outputs &= ~(UINT64_C(1) << choice[k].port);
    }
}

/* Asks the routing unit, and the VC allocator for what it answers. */
NOC_INLINE void noc_request_vc(struct noc_router *r, uint32_t code, sim_cycle now, uint32_t words) {
    struct noc_input_vc *vc = &r->vc[code];
    uint64_t word = r->input[code >> r->shift].fifo.slot[vc->head].word;
    struct noc_hop hop = {
        .router = r->number,
        .in_port = code >> r->shift,
        .in_vc = code & r->vc_mask,
        .dst = noc_flit_dst(word),
        .class_ = noc_flit_class(word),
    };
    assert(word & NOC_HEAD);
    vc->choices = (uint8_t)r->routing->route(r->routing, &hop, &r->choice[code * r->choices_max]);
    sim_count(&r->base, NOC_ROUTER_ROUTE, 1, now, r->spec->routing_delay);
    noc_put_request(r, code, words);
}

/* The packet at the front of input VC `code` can be routed from cycle `from` on. */
NOC_INLINE void noc_begin_packet(struct noc_router *r, uint32_t code, sim_cycle from, sim_cycle now,
                                 uint32_t words) {
    *noc_set_word(r, NOC_SET_OPEN, code, words) |= noc_bit(code);
    if (r->routed_on_arrival)
        noc_request_vc(r, code, now, words);
    else
        noc_pipe_push(&r->stages->routing, from + r->spec->routing_delay, code, 0);
}

/* Gives output VC `out` to input VC `in`; it may ask for the switch from the next cycle on. */
NOC_INLINE void noc_take_vc(struct noc_router *r, uint32_t in, uint32_t out, sim_cycle now, uint32_t words) {
    struct noc_input_vc *vc = &r->vc[in];
    const struct noc_choice *choice = &r->choice[in * r->choices_max];
    uint32_t port = out >> r->shift, bit = UINT32_C(1) << (out & r->vc_mask);
    noc_drop_request(r, in, words);
    if (vc->choices > 1)
        while (choice->port != port || !(choice->vcs & bit))
            choice++;
    vc->choices = 0;
    vc->class_ = choice->class_;
    vc->out = (uint16_t)out;
    r->output[port].busy |= bit;
    *noc_set_word(r, NOC_SET_FRESH, in, words) |= noc_bit(in);
    sim_count(&r->base, NOC_ROUTER_VC_ALLOC, 1, now, r->spec->vc_alloc_delay);
}

/* ---- units -------------------------------------------------------------------------------------- */

/* One cycle of the VC allocator. */
void noc_vc_allocate(struct noc_router *router, sim_cycle now);

/* One cycle of the switch allocator; the winners leave. */
void noc_switch_allocate(struct noc_router *router, sim_cycle now);

static inline uint32_t noc_next_slot(uint32_t slot, uint32_t vc, uint32_t depth) {
    return slot + 1 == (vc + 1) * depth ? vc * depth : slot + 1;
}

/* The packet at the front of input VC `code`, which holds output VC `out`, may send its next flit there:
 * one credit for a flit, in virtual cut-through for a head one for each flit of its packet. */
NOC_INLINE bool noc_has_credit(const struct noc_router *r, uint32_t code, uint32_t out, uint64_t visible) {
    const struct noc_channel *channel = &r->output[out >> r->shift].channel;
    if (!noc_slot_free(&channel->slot[r->tail[out]], visible))
        return false;
    if (!r->cut_through)
        return true;
    const struct noc_slot *front = &r->input[code >> r->shift].fifo.slot[r->vc[code].head];
    if (!(front->word & NOC_HEAD))
        return true;
    uint32_t end = ((out & r->vc_mask) + 1) * channel->depth;
    uint32_t last = r->tail[out] + noc_slot_size(front) - 1;
    return noc_slot_free(&channel->slot[last < end ? last : last - channel->depth], visible);
}

#ifdef __cplusplus
}
#endif

#endif

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
    uint32_t *asked;         /* [input] speculative: VCs whose heads ask for a VC in this cycle */
    uint8_t *asked_choices;  /* [code] and how many choices they had */
};

void noc_pipe_init(struct noc_pipe *pipe, uint32_t size, struct sim_arena *arena);
void noc_pipe_push(struct noc_pipe *pipe, sim_cycle due, uint32_t in, uint32_t out);
/* The oldest decision if it is due, else NULL. Valid until the next push. */
const struct noc_decision *noc_pipe_pop(struct noc_pipe *pipe, sim_cycle now);

/* ---- units -------------------------------------------------------------------------------------- */

/* The packet at the front of input VC `code` can be routed from cycle `from` on. */
void noc_router_begin_packet(struct noc_router *router, uint32_t code, sim_cycle from, sim_cycle now);

/* Asks the routing unit, and the VC allocator for what it answers. */
void noc_router_request_vc(struct noc_router *router, uint32_t code, sim_cycle now);

/* Takes the requests of an input VC back (it got a VC, or waits in a pipelined allocator). */
void noc_router_drop_request(struct noc_router *router, uint32_t code);

/* Puts the requests of choices already made (again). */
void noc_router_put_request(struct noc_router *router, uint32_t code);

/* Gives output VC `out` to input VC `in`; it may ask for the switch from the next cycle on. */
void noc_router_take_vc(struct noc_router *router, uint32_t in, uint32_t out, sim_cycle now);

/* The VCs `bits` of `input` hold an output VC and have a flit: they ask for the switch. */
static inline void noc_router_activate(struct noc_router *r, uint32_t input, uint32_t bits) {
    r->input[input].active |= bits;
    r->input[input].ready |= bits;
    r->ready_inputs |= UINT64_C(1) << input;
}

/* One cycle of the VC allocator. */
void noc_vc_allocate(struct noc_router *router, sim_cycle now);

/* One cycle of the switch allocator; the winners leave. */
void noc_switch_allocate(struct noc_router *router, sim_cycle now);

static inline uint32_t noc_next_slot(const struct noc_fifo *fifo, uint32_t slot, uint32_t vc) {
    return slot + 1 == (vc + 1) * fifo->depth ? vc * fifo->depth : slot + 1;
}

/* The packet at the front of input VC `code`, which holds an output VC, may send its next flit there:
 * one credit for a flit, in virtual cut-through for a head one for each flit of its packet. */
static inline bool noc_has_credit(const struct noc_router *r, uint32_t code, uint32_t out,
                                  uint64_t visible) {
    const struct noc_channel *channel = &r->output[out >> r->shift].channel;
    const struct noc_slot *slot = &channel->slot[r->tail[out]];
    if (!noc_slot_free(slot, visible))
        return false;
    if (!r->cut_through)
        return true;
    const struct noc_slot *front = &r->input[code >> r->shift].fifo.slot[r->vc[code].head];
    if (!(front->word & NOC_HEAD))
        return true;
    uint32_t first = (out & r->vc_mask) * channel->depth;
    uint32_t last = r->tail[out] + noc_slot_size(front) - 1;
    if (last >= first + channel->depth)
        last -= channel->depth;
    return noc_slot_free(&channel->slot[last], visible);
}

#ifdef __cplusplus
}
#endif

#endif

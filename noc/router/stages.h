/* SPDX-License-Identifier: MIT
 *
 * The inside of the router that its units share; private to router*.c, vc_allocator.c, switch_allocator.c.
 */
#ifndef NOC_ROUTER_STAGES_H
#define NOC_ROUTER_STAGES_H

#include "noc/router/router.h"

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

/* Copies of the packet at the front of an input VC. Invariant: while `left` is not empty the packet's slots
 * from `start` on stay full, and the front of the input VC is what is read next of the copy at hand. */
struct noc_replication {
    uint64_t left; /* branches without a whole copy; empty: no multicast packet is here */
    uint32_t label;
    uint16_t start; /* position in the FIFO */
    uint8_t branch; /* of the copy at hand */
};

struct noc_router_stages {
    struct noc_allocator vc_allocator, switch_allocator, speculative_allocator;
    uint8_t *choices;  /* [code] how many of noc_router.choice count; > 0 while it asks for a VC */
    uint64_t *wanted;  /* [output] input ports, scratch of the switch allocator */
    struct noc_request *request, *grant; /* scratch, as many as there can be requests */
    struct noc_pipe routing, vc_alloc, switch_alloc;
    uint64_t *asked;       /* set: speculative: input VCs whose heads ask for the switch in this cycle */
    uint64_t *asked_ports; /* [code] for which output ports */
    const struct noc_trees *trees;
    struct noc_replication *replication; /* [code]; NULL: no multicast */
    uint64_t copied;                     /* flits sent that stayed */
    uint32_t *serial; /* [output] base cycles for which a flit keeps the link busy; NULL: one, all of them */
    sim_cycle *free_at; /* [output] from when on it can take the next flit */
};

void noc_pipe_init(struct noc_pipe *pipe, uint32_t size, struct sim_arena *arena);
void noc_pipe_push(struct noc_pipe *pipe, sim_cycle due, uint32_t in, uint32_t out);
/* The oldest decision if it is due, else NULL. Valid until the next push. */
const struct noc_decision *noc_pipe_pop(struct noc_pipe *pipe, sim_cycle now);

/* ---- sets --------------------------------------------------------------------------------------- */

NOC_INLINE uint64_t noc_bit(uint32_t code) { return UINT64_C(1) << (code & 63); }

NOC_INLINE uint64_t *noc_set_word(const struct noc_router *r, enum noc_set set, uint32_t code) {
    return &r->set[(uint32_t)set * r->words + code / 64];
}

NOC_INLINE bool noc_in_set(const struct noc_router *r, enum noc_set set, uint32_t code) {
    return *noc_set_word(r, set, code) >> (code & 63) & 1;
}

/* The VCs of a port in a set: they lie within one word, because 1 << shift divides 64. */
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

static inline void noc_add(struct noc_router *r, enum noc_set set, uint32_t code) {
    *noc_set_word(r, set, code) |= noc_bit(code);
}

static inline void noc_remove(struct noc_router *r, enum noc_set set, uint32_t code) {
    *noc_set_word(r, set, code) &= ~noc_bit(code);
}

/* ---- packets and slots -------------------------------------------------------------------------- */

/* Asks for the VCs of choices already made; takes the requests back. */
void noc_router_put_request(struct noc_router *router, uint32_t code);
void noc_router_drop_request(struct noc_router *router, uint32_t code);

/* Asks the routing unit, and the VC allocator for what it answers. */
void noc_router_request_vc(struct noc_router *router, uint32_t code, sim_cycle now);

/* The packet at the front of input VC `code` can be routed from cycle `from` on. */
void noc_router_begin_packet(struct noc_router *router, uint32_t code, sim_cycle from, sim_cycle now);

/* Gives output VC `out` to input VC `in`; it may ask for the switch from the next cycle on. */
void noc_router_take_vc(struct noc_router *router, uint32_t in, uint32_t out, sim_cycle now);

/* A multicast packet for `dst` is routed: returns the number of choices. Copy number `choice` of those asked
 * for got a VC. A flit of it is read: readdresses it; true if it stays for further copies. Its tail was read:
 * true if another copy follows. */
uint32_t noc_router_start_copies(struct noc_router *router, uint32_t code, uint32_t dst);
void noc_router_choose_copy(struct noc_router *router, uint32_t code, uint32_t choice);
bool noc_router_copy_flit(struct noc_router *router, uint32_t code, uint64_t *word);
bool noc_router_next_copy(struct noc_router *router, uint32_t code);

static inline bool noc_router_copies(const struct noc_router *r, uint32_t code) {
    return r->stages->replication != NULL && r->stages->replication[code].left != 0;
}

/* The input VCs that ask for a VC of output `port`: a set. */
NOC_INLINE uint64_t *noc_requests(const struct noc_router *r, uint32_t port) {
    return r->words == 1 ? &r->port[port].request : &r->request[port * r->words];
}

/* The position behind `position` in a FIFO of the network's routers. */
NOC_INLINE uint32_t noc_behind(const struct noc_router *r, uint32_t position) {
    return noc_position_behind(position, r->vcs, r->slots);
}

/* The same at the receiver of a channel. */
NOC_INLINE uint16_t noc_behind_next(const struct noc_router *r, const struct noc_channel *channel,
                                    uint32_t position) {
    return (uint16_t)noc_position_behind(position, r->vcs, channel->size);
}

/* The slot of the last of `flits` flits that output VC `out` sends next; at most the depth of the FIFO. */
static inline struct noc_slot *noc_last_of(const struct noc_router *r, uint32_t out, uint32_t flits) {
    uint32_t next = r->next[out];
    return r->channel[out >> r->shift].slot + noc_position_behind(next, (flits - 1) * r->vcs, r->slots);
}

/* Output `port` still sends a flit in pieces. */
static inline bool noc_output_occupied(const struct noc_router *r, uint32_t port, sim_cycle now) {
    return r->stages->serial != NULL && r->stages->free_at[port] > now;
}

/* The packet at the front of input VC `code`, which holds output VC `out`, may send its next flit there:
 * one credit for a flit, in virtual cut-through for a head one for each flit of its packet. */
static inline bool noc_has_credit(const struct noc_router *r, uint32_t code, uint32_t out, uint64_t visible) {
    const struct noc_slot *front = noc_front(r, code);
    if (!noc_slot_free(noc_next(r, out), visible))
        return false;
    if (!r->cut_through || !(front->word & NOC_HEAD))
        return true;
    return noc_slot_free(noc_last_of(r, out, noc_slot_size(front)), visible);
}

/* A whole cycle, in general; what noc_router.cycle points to, unless the clock is divided. */
sim_cycle noc_router_cycle(struct noc_router *router, sim_cycle now);

/* fetch.c: begins to load what a cycle will use (sim_type.fetch). */
void noc_router_fetch(const void *router, sim_cycle now, uint32_t stage);

/* ---- units -------------------------------------------------------------------------------------- */

/* One cycle of the VC allocator. */
void noc_vc_allocate(struct noc_router *router, sim_cycle now);

/* One cycle of the switch allocator; the winners leave. */
void noc_switch_allocate(struct noc_router *router, sim_cycle now);

/* Tells the event log what a flit did that went to `output`. The counters follow from the channels' own. */
void noc_router_log_traversal(const struct noc_router *router, uint32_t output, sim_cycle now);

/* Gives a router the general form, before it is stepped: what is not plain needs it, and tests compare with
 * it. */
void noc_router_generalize(struct noc_router *router, struct sim_arena *arena);

/* Whether routers of `ports` ports are plain; plain.c: their whole cycle, for any processor and for most. */
bool noc_router_is_plain(const struct noc_router_spec *spec, const struct noc_routing *routing,
                         uint32_t ports);
sim_cycle noc_router_plain_cycle(struct noc_router *router, sim_cycle now);
sim_cycle noc_router_plain_cycle_avx2(struct noc_router *router, sim_cycle now);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * The VC allocator: which packet gets which virtual channel of the output port it goes to.
 *
 * Inputs are all input VCs, outputs all output VCs; a packet asks for every free VC that its routing
 * choices allow: in the escape network whatever its credit; outside of it only where there is room for the
 * whole packet or, of one that is longer than the FIFO, where the FIFO is empty. Otherwise packets that wait
 * for credits of the VCs they chose could wait for each other in a circle, with nobody left to ask for the
 * escape network. So a packet that waits outside of it stands with its head in front and can ask, or is on
 * its way into room that nobody can take (Duato, TPDS 1993, has one packet in a FIFO instead). The allocator
 * itself is in allocator.h; with a delay its answers come out of a pipe and are checked again.
 */
#include "noc/router/stages.h"

/* The packet at the front of input VC `code` fits behind output VC `out`, or is alone there. */
static bool has_room(const struct noc_router *r, uint32_t code, uint32_t out, uint64_t visible) {
    uint32_t depth = r->spec->buffer_flits, size = noc_slot_size(noc_front(r, code));
    uint32_t flits = size < NOC_SIZE_MAX && size < depth ? size : depth;
    return noc_slot_free(noc_last_of(r, out, flits), visible);
}

/* Of the VCs `vcs` of output port `port`, those behind which there is room. */
static uint32_t roomy(const struct noc_router *r, uint32_t code, uint32_t port, uint32_t vcs,
                      uint64_t visible) {
    uint32_t kept = 0;
    for (; vcs != 0; vcs &= vcs - 1)
        if (has_room(r, code, port << r->shift | (uint32_t)__builtin_ctz(vcs), visible))
            kept |= vcs & -vcs;
    return kept;
}

/* Those of the free VCs `free` of output port `port` that input VC `code` asks for. */
static inline uint32_t allowed(const struct noc_router *r, uint32_t code, uint32_t port, uint32_t free,
                               uint64_t visible) {
    const struct noc_choice *choice = &r->choice[code * r->choices_max];
    uint32_t vcs = 0;
    for (uint32_t k = 0; k < r->stages->choices[code]; k++)
        if (choice[k].port == port)
            vcs |= choice[k].escape ? free & choice[k].vcs
                                    : roomy(r, code, port, free & choice[k].vcs, visible);
    return vcs;
}

static uint32_t list_requests(const struct noc_router *r, uint64_t visible) {
    struct noc_request *request = r->stages->request;
    uint32_t count = 0;
    for (uint64_t outputs = r->request_outputs; outputs != 0; outputs &= outputs - 1) {
        uint32_t port = (uint32_t)__builtin_ctzll(outputs);
        uint32_t free = r->all_vcs & ~noc_port_vcs(r, r->set + NOC_SET_BUSY * r->words, port);
        for (uint32_t w = 0; w < r->words; w++)
            for (uint64_t set = noc_requests(r, port)[w]; set != 0; set &= set - 1) {
                uint32_t code = w * 64 + (uint32_t)__builtin_ctzll(set);
                for (uint32_t vcs = allowed(r, code, port, free, visible); vcs != 0; vcs &= vcs - 1)
                    request[count++] = (struct noc_request){
                        .in = (uint16_t)code,
                        .out = (uint16_t)(port << r->shift | (uint32_t)__builtin_ctz(vcs)),
                    };
            }
    }
    return count;
}

/* Sends every requester, winner or not, down the allocator's pipeline. */
static void enter_pipe(struct noc_router *r, uint32_t grants, sim_cycle due) {
    struct noc_router_stages *stages = r->stages;
    for (uint32_t k = 0; k < grants; k++) {
        noc_router_drop_request(r, stages->grant[k].in);
        noc_pipe_push(&stages->vc_alloc, due, stages->grant[k].in, stages->grant[k].out);
    }
    while (r->request_outputs != 0) {
        const uint64_t *request = noc_requests(r, (uint32_t)__builtin_ctzll(r->request_outputs));
        uint32_t w = 0;
        while (request[w] == 0)
            w++;
        uint32_t code = w * 64 + (uint32_t)__builtin_ctzll(request[w]);
        noc_router_drop_request(r, code);
        noc_pipe_push(&stages->vc_alloc, due, code, NOC_NO_GRANT);
    }
}

static bool still_allowed(const struct noc_router *r, uint32_t code, uint32_t out, uint64_t visible) {
    uint32_t vc = UINT32_C(1) << (out & r->vc_mask);
    return !noc_in_set(r, NOC_SET_BUSY, out) && allowed(r, code, out >> r->shift, vc, visible) != 0;
}

static void leave_pipe(struct noc_router *r, sim_cycle now) {
    const struct noc_decision *d;
    while ((d = noc_pipe_pop(&r->stages->vc_alloc, now)) != NULL) {
        noc_router_put_request(r, d->in);
        if (d->out != NOC_NO_GRANT && still_allowed(r, d->in, d->out, noc_visible(now)))
            noc_router_take_vc(r, d->in, d->out, now);
    }
}

void noc_vc_allocate(struct noc_router *r, sim_cycle now) {
    struct noc_router_stages *stages = r->stages;
    uint32_t delay = r->spec->vc_alloc_delay, grants = 0;
    if (r->request_outputs != 0)
        grants = noc_allocator_run(&stages->vc_allocator, stages->request,
                                   list_requests(r, noc_visible(now)), stages->grant);
    if (delay == 1) {
        for (uint32_t k = 0; k < grants; k++)
            noc_router_take_vc(r, stages->grant[k].in, stages->grant[k].out, now);
        return;
    }
    enter_pipe(r, grants, now + delay - 1);
    leave_pipe(r, now);
}

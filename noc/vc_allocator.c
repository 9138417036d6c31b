/* SPDX-License-Identifier: MIT
 *
 * The VC allocator: which packet gets which virtual channel of the output port it goes to.
 *
 * Inputs are all input VCs, outputs all output VCs; a packet asks for every free VC that its routing
 * choices allow, whatever its credit. The plain form is iSLIP with one iteration over sets of bits: an
 * input VC that is alone at its output port takes the first free VC in its line; where several compete,
 * every free output VC grants and every input VC accepts. Other allocators and delays go through request
 * lists (allocator.h).
 */
#include "noc/router_stages.h"

/* VCs of output port `out` that input VC `code` asks for. */
static inline uint32_t allowed(const struct noc_router *r, uint32_t code, uint32_t out) {
    const struct noc_choice *choice = &r->choice[code * r->choices_max];
    uint32_t vcs = 0;
    for (uint32_t k = 0; k < r->vc[code].choices; k++)
        if (choice[k].port == out)
            vcs |= choice[k].vcs;
    return vcs;
}

/* ---- plain form --------------------------------------------------------------------------------- */

NOC_INLINE void grant(struct noc_router *r, uint32_t in, uint32_t out, sim_cycle now, uint32_t words) {
    r->grant_pointer[out] = (uint16_t)(in + 1 == r->codes ? 0 : in + 1);
    r->accept_pointer[in] = (uint16_t)(out + 1);
    noc_take_vc(r, in, out, now, words);
}

/* Input VC `code` is the only one that asks for output port `port`, and asks for no other. */
NOC_INLINE void serve_alone(struct noc_router *r, uint32_t port, uint32_t free, uint32_t code, sim_cycle now,
                            uint32_t words) {
    uint32_t vcs = free & r->choice[code * r->choices_max].vcs, accept = r->accept_pointer[code];
    if (vcs == 0)
        return;
    uint32_t behind = accept >> r->shift == port ? vcs & (UINT32_MAX << (accept & r->vc_mask)) : 0;
    uint32_t vc = (uint32_t)__builtin_ctz(behind != 0 ? behind : vcs);
    grant(r, code, port << r->shift | vc, now, words);
}

/* The requester of output VC (port, vc) that comes first from the VC's grant pointer on; codes if there is none. */
NOC_INLINE uint32_t first_requester(const struct noc_router *r, uint32_t port, uint32_t vc, uint32_t words) {
    const uint64_t *request = &r->request[port * words];
    uint32_t pointer = r->grant_pointer[port << r->shift | vc], w = words == 1 ? 0 : pointer / 64;
    uint64_t behind = ~UINT64_C(0) << (pointer & 63);
    for (uint32_t k = 0; k <= words; k++) {
        uint64_t set = request[w] & (k == 0 ? behind : k == words ? ~behind : ~UINT64_C(0));
        for (; set != 0; set &= set - 1) {
            uint32_t code = w * 64 + (uint32_t)__builtin_ctzll(set);
            if (allowed(r, code, port) >> vc & 1)
                return code;
        }
        w = w + 1 == words ? 0 : w + 1;
    }
    return r->codes;
}

/* The only member of a set; codes when it has several. */
NOC_INLINE uint32_t only_member(const struct noc_router *r, const uint64_t *set, uint32_t words) {
    uint32_t code = r->codes;
    for (uint32_t w = 0; w < words; w++) {
        if (set[w] == 0)
            continue;
        if (code != r->codes || (set[w] & (set[w] - 1)) != 0)
            return r->codes;
        code = w * 64 + (uint32_t)__builtin_ctzll(set[w]);
    }
    return code;
}

NOC_INLINE void allocate_plain(struct noc_router *r, sim_cycle now, uint32_t words) {
    uint16_t candidate[NOC_CODES_MAX];
    uint32_t candidates = 0;
    for (uint64_t outputs = r->request_outputs; outputs != 0; outputs &= outputs - 1) {
        uint32_t port = (uint32_t)__builtin_ctzll(outputs);
        uint32_t free = r->all_vcs & ~r->output[port].busy;
        if (free == 0)
            continue;
        uint32_t only = only_member(r, &r->request[port * words], words);
        if (only != r->codes && r->vc[only].choices == 1) {
            serve_alone(r, port, free, only, now, words);
            continue;
        }
        for (; free != 0; free &= free - 1) {
            uint32_t vc = (uint32_t)__builtin_ctz(free), out = port << r->shift | vc;
            uint32_t in = first_requester(r, port, vc, words);
            if (in == r->codes)
                continue;
            struct noc_input_vc *input = &r->vc[in];
            uint16_t rank = (uint16_t)((out - r->accept_pointer[in]) & 0x7FFF);
            if (rank >= input->rank)
                continue;
            if (input->rank == NOC_UNRANKED)
                candidate[candidates++] = (uint16_t)in;
            input->rank = rank;
            input->code = (uint16_t)out;
        }
    }
    for (uint32_t k = 0; k < candidates; k++) {
        struct noc_input_vc *input = &r->vc[candidate[k]];
        input->rank = NOC_UNRANKED;
        grant(r, candidate[k], input->code, now, words);
    }
}

/* ---- general form ------------------------------------------------------------------------------- */

static uint32_t list_requests(const struct noc_router *r) {
    struct noc_request *request = r->stages->request;
    uint32_t count = 0;
    for (uint64_t outputs = r->request_outputs; outputs != 0; outputs &= outputs - 1) {
        uint32_t port = (uint32_t)__builtin_ctzll(outputs);
        uint32_t free = r->all_vcs & ~r->output[port].busy;
        for (uint32_t w = 0; w < r->words; w++)
            for (uint64_t set = r->request[port * r->words + w]; set != 0; set &= set - 1) {
                uint32_t code = w * 64 + (uint32_t)__builtin_ctzll(set);
                for (uint32_t vcs = free & allowed(r, code, port); vcs != 0; vcs &= vcs - 1)
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
        noc_drop_request(r, stages->grant[k].in, r->words);
        noc_pipe_push(&stages->vc_alloc, due, stages->grant[k].in, stages->grant[k].out);
    }
    while (r->request_outputs != 0) {
        const uint64_t *request = &r->request[(uint32_t)__builtin_ctzll(r->request_outputs) * r->words];
        uint32_t w = 0;
        while (request[w] == 0)
            w++;
        uint32_t code = w * 64 + (uint32_t)__builtin_ctzll(request[w]);
        noc_drop_request(r, code, r->words);
        noc_pipe_push(&stages->vc_alloc, due, code, NOC_NO_GRANT);
    }
}

static void leave_pipe(struct noc_router *r, sim_cycle now) {
    const struct noc_decision *d;
    while ((d = noc_pipe_pop(&r->stages->vc_alloc, now)) != NULL) {
        bool free = d->out != NOC_NO_GRANT &&
                    !(r->output[d->out >> r->shift].busy >> (d->out & r->vc_mask) & 1);
        noc_put_request(r, d->in, r->words);
        if (free)
            noc_take_vc(r, d->in, d->out, now, r->words);
    }
}

static void allocate_general(struct noc_router *r, sim_cycle now) {
    struct noc_router_stages *stages = r->stages;
    uint32_t delay = r->spec->vc_alloc_delay, grants = 0;
    if (r->request_outputs != 0)
        grants = noc_allocator_run(&stages->vc_allocator, stages->request, list_requests(r), stages->grant);
    if (delay == 1) {
        for (uint32_t k = 0; k < grants; k++)
            noc_take_vc(r, stages->grant[k].in, stages->grant[k].out, now, r->words);
        return;
    }
    enter_pipe(r, grants, now + delay - 1);
    leave_pipe(r, now);
}

void noc_vc_allocate(struct noc_router *r, sim_cycle now) {
    if (!r->plain_vc)
        allocate_general(r, now);
    else if (r->words == 1)
        allocate_plain(r, now, 1);
    else
        allocate_plain(r, now, r->words);
}

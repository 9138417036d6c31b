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

static inline uint32_t first_in_line(uint32_t set, uint32_t pointer) {
    uint32_t behind = set & (UINT32_MAX << pointer);
    return (uint32_t)__builtin_ctz(behind != 0 ? behind : set);
}

static inline void grant(struct noc_router *r, uint32_t in, uint32_t out, sim_cycle now) {
    r->grant_pointer[out] = (uint16_t)(in + 1);
    r->accept_pointer[in] = (uint16_t)(out + 1);
    noc_router_take_vc(r, in, out, now);
}

/* The only packet that asks for output port `port`. */
static inline void serve_alone(struct noc_router *r, uint32_t port, uint32_t free, uint32_t code,
                               sim_cycle now) {
    uint32_t vcs = free & r->choice[code * r->choices_max].vcs, accept = r->accept_pointer[code];
    if (vcs == 0)
        return;
    uint32_t vc = first_in_line(vcs, accept >> r->shift == port ? accept & r->vc_mask : 0);
    grant(r, code, port << r->shift | vc, now);
}

/* The first requester in `set` (VCs of input `in`) that output VC `vc` of `port` is allowed for. */
static inline bool first_allowed(const struct noc_router *r, uint32_t port, uint32_t vc, uint32_t in,
                                 uint32_t set, uint32_t *code) {
    for (; set != 0; set &= set - 1) {
        *code = in << r->shift | (uint32_t)__builtin_ctz(set);
        if (allowed(r, *code, port) >> vc & 1)
            return true;
    }
    return false;
}

/* The requester of output VC (port, vc) that comes first from the VC's grant pointer on. */
static bool first_requester(const struct noc_router *r, uint32_t port, uint32_t vc, uint32_t *code) {
    const uint32_t *request = &r->request[port * (r->ports + 1u)];
    uint32_t pointer = r->grant_pointer[port << r->shift | vc];
    uint32_t start = pointer >> r->shift, behind = UINT32_MAX << (pointer & r->vc_mask);
    uint64_t ports = r->output[port].request_ports, later = ports & (~UINT64_C(0) << start << 1);
    if (first_allowed(r, port, vc, start, request[start] & behind, code))
        return true;
    for (; later != 0; later &= later - 1) {
        uint32_t in = (uint32_t)__builtin_ctzll(later);
        if (first_allowed(r, port, vc, in, request[in], code))
            return true;
    }
    for (uint64_t earlier = ports & ~(~UINT64_C(0) << start); earlier != 0; earlier &= earlier - 1) {
        uint32_t in = (uint32_t)__builtin_ctzll(earlier);
        if (first_allowed(r, port, vc, in, request[in], code))
            return true;
    }
    return first_allowed(r, port, vc, start, request[start] & ~behind, code);
}

static inline bool single(uint64_t set) { return (set & (set - 1)) == 0; }

static void allocate_plain(struct noc_router *r, sim_cycle now) {
    uint16_t candidate[NOC_PORTS_MAX * NOC_VCS_MAX];
    uint32_t candidates = 0;
    for (uint64_t outputs = r->request_outputs; outputs != 0; outputs &= outputs - 1) {
        uint32_t port = (uint32_t)__builtin_ctzll(outputs);
        struct noc_output *output = &r->output[port];
        uint32_t free = r->all_vcs & ~output->busy;
        if (free == 0)
            continue;
        if (single(output->request_ports)) {
            uint32_t in = (uint32_t)__builtin_ctzll(output->request_ports);
            uint32_t vcs = r->request[port * (r->ports + 1u) + in];
            uint32_t code = in << r->shift | (uint32_t)__builtin_ctz(vcs);
            if (single(vcs) && r->vc[code].choices == 1) {
                serve_alone(r, port, free, code, now);
                continue;
            }
        }
        for (; free != 0; free &= free - 1) {
            uint32_t vc = (uint32_t)__builtin_ctz(free), out = port << r->shift | vc, in;
            if (!first_requester(r, port, vc, &in))
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
        grant(r, candidate[k], input->code, now);
    }
}

/* ---- general form ------------------------------------------------------------------------------- */

/* Calls for every input VC that asks for output port `port`. */
#define FOR_EACH_REQUESTER(r, port, code)                                                          \
    for (uint64_t ports_ = (r)->output[port].request_ports; ports_ != 0; ports_ &= ports_ - 1)     \
        for (uint32_t in_ = (uint32_t)__builtin_ctzll(ports_),                                     \
                      vcs_ = (r)->request[(port) * ((r)->ports + 1u) + in_], code;                 \
             vcs_ != 0 && (code = in_ << (r)->shift | (uint32_t)__builtin_ctz(vcs_), true);        \
             vcs_ &= vcs_ - 1)

static uint32_t list_requests(const struct noc_router *r) {
    struct noc_request *request = r->stages->request;
    uint32_t count = 0;
    for (uint64_t outputs = r->request_outputs; outputs != 0; outputs &= outputs - 1) {
        uint32_t port = (uint32_t)__builtin_ctzll(outputs);
        uint32_t free = r->all_vcs & ~r->output[port].busy;
        FOR_EACH_REQUESTER(r, port, code) {
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
        noc_router_drop_request(r, stages->grant[k].in);
        noc_pipe_push(&stages->vc_alloc, due, stages->grant[k].in, stages->grant[k].out);
    }
    while (r->request_outputs != 0) {
        uint32_t port = (uint32_t)__builtin_ctzll(r->request_outputs);
        uint32_t in = (uint32_t)__builtin_ctzll(r->output[port].request_ports);
        uint32_t vc = (uint32_t)__builtin_ctz(r->request[port * (r->ports + 1u) + in]);
        noc_router_drop_request(r, in << r->shift | vc);
        noc_pipe_push(&stages->vc_alloc, due, in << r->shift | vc, NOC_NO_GRANT);
    }
}

static void leave_pipe(struct noc_router *r, sim_cycle now) {
    const struct noc_decision *d;
    while ((d = noc_pipe_pop(&r->stages->vc_alloc, now)) != NULL) {
        bool free = d->out != NOC_NO_GRANT &&
                    !(r->output[d->out >> r->shift].busy >> (d->out & r->vc_mask) & 1);
        noc_router_put_request(r, d->in);
        if (free)
            noc_router_take_vc(r, d->in, d->out, now);
    }
}

static void allocate_general(struct noc_router *r, sim_cycle now) {
    struct noc_router_stages *stages = r->stages;
    uint32_t delay = r->spec->vc_alloc_delay, grants = 0;
    if (r->request_outputs != 0)
        grants = noc_allocator_run(&stages->vc_allocator, stages->request, list_requests(r), stages->grant);
    if (delay == 1) {
        for (uint32_t k = 0; k < grants; k++)
            noc_router_take_vc(r, stages->grant[k].in, stages->grant[k].out, now);
        return;
    }
    enter_pipe(r, grants, now + delay - 1);
    leave_pipe(r, now);
}

void noc_vc_allocate(struct noc_router *r, sim_cycle now) {
    if (r->plain_vc)
        allocate_plain(r, now);
    else
        allocate_general(r, now);
}

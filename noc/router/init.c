/* SPDX-License-Identifier: MIT
 *
 * Elaboration of the router: parameters, latencies, storage; see router.h.
 */
#include "noc/router/stages.h"

#include "noc/link/clock_divider.h"
#include "noc/router/deflection.h"
#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/base/lanes.h"

#include <string.h>

static const char *const allocators[] = {"islip", "separable_input_first", NULL};
static const char *const arbiters[] = {"round_robin", "matrix", NULL};
static const char *const flow_controls[] = {"wormhole", "cut_through", "deflection", NULL};

static const struct sim_param params[] = {
    SIM_PARAM_UINT(struct noc_router_spec, vcs, 1, NOC_VCS_MAX, "4", "virtual channels per port"),
    SIM_PARAM_UINT(struct noc_router_spec, buffer_flits, 1, 4096, "8",
                   "depth of each virtual channel's FIFO, flits"),
    SIM_PARAM_UINT(struct noc_router_spec, flit_bits, 1, 4096, "64",
                   "width of a flit and of the links, bits"),
    SIM_PARAM_BOOL(struct noc_router_spec, lookahead, "true",
                   "the router before computes the route: no RC stage"),
    SIM_PARAM_BOOL(struct noc_router_spec, speculative, "false",
                   "heads ask for VC and switch in the same cycle"),
    SIM_PARAM_UINT(struct noc_router_spec, routing_delay, 0, 64, "1", "RC, cycles (none with lookahead)"),
    SIM_PARAM_UINT(struct noc_router_spec, vc_alloc_delay, 1, 64, "1", "VA, cycles"),
    SIM_PARAM_UINT(struct noc_router_spec, switch_alloc_delay, 1, 64, "1", "SA, cycles"),
    SIM_PARAM_UINT(struct noc_router_spec, traversal_delay, 0, 64, "1",
                   "ST, cycles from the grant to the link"),
    SIM_PARAM_UINT(struct noc_router_spec, credit_delay, 0, 64, "1",
                   "cycles from a credit's arrival to its use"),
    SIM_PARAM_CHOICE(struct noc_router_spec, vc_allocator, allocators, "islip",
                     "matching of input and output VCs"),
    SIM_PARAM_CHOICE(struct noc_router_spec, switch_allocator, allocators, "islip",
                     "matching of input and output ports"),
    SIM_PARAM_CHOICE(struct noc_router_spec, arbiter, arbiters, "round_robin",
                     "arbiters of both allocators, at their inputs and outputs; iSLIP has round-robin ones"),
    SIM_PARAM_UINT(struct noc_router_spec, iterations, 1, 16, "1", "iterations of iSLIP per cycle"),
    SIM_PARAM_CHOICE(
        struct noc_router_spec, flow_control, flow_controls, "wormhole",
        "a head needs a credit for itself, or (cut_through) for its whole packet; deflection: no "
        "buffers, a cycle a hop, packets of one flit; buffer_flits is of what waits to enter"),
};

static bool check(const void *self, const struct sim_where *where, struct sim_err *err) {
    const struct noc_router_spec *spec = self;
    bool sound = spec->flow_control != NOC_FLOW_DEFLECTION || noc_deflection_check(spec, where, err);
    if (spec->vcs * spec->buffer_flits > UINT16_MAX)
        sound = sim_err_add(err, SIM_EXIT_CONFIG, where,
                            "noc.router: vcs x buffer_flits is %u, more than %u flits per port",
                            spec->vcs * spec->buffer_flits, UINT16_MAX);
    if (spec->speculative && (spec->vc_alloc_delay != 1 || spec->switch_alloc_delay != 1))
        sound = sim_err_add(err, SIM_EXIT_CONFIG, where,
                            "noc.router: speculative needs vc_alloc_delay and switch_alloc_delay of 1");
    return sound;
}

const struct sim_schema noc_router_schema = {
    .name = "noc.router",
    .help = "Input-queued virtual-channel router: wormhole or cut-through flow control, credits, "
            "pipeline RC-VA-SA-ST with configurable delays.",
    .size = sizeof(struct noc_router_spec),
    SIM_SCHEMA_PARAMS(params),
    .check = check,
};

uint32_t noc_router_flit_latency(const struct noc_router_spec *spec, uint32_t link_latency) {
    return spec->flow_control == NOC_FLOW_DEFLECTION ? link_latency
                                                     : spec->traversal_delay + link_latency + 1;
}

uint32_t noc_router_credit_latency(const struct noc_router_spec *spec, uint32_t link_latency) {
    return link_latency + 1 + spec->credit_delay;
}

uint32_t noc_router_hop_latency(const struct noc_router_spec *spec, uint32_t link_latency) {
    if (spec->flow_control == NOC_FLOW_DEFLECTION)
        return link_latency;
    uint32_t routing = spec->lookahead ? 0 : spec->routing_delay;
    uint32_t allocation = spec->speculative ? spec->vc_alloc_delay - 1 + spec->switch_alloc_delay
                                            : spec->vc_alloc_delay + spec->switch_alloc_delay;
    return routing + allocation + spec->traversal_delay + link_latency;
}

void noc_pipe_init(struct noc_pipe *pipe, uint32_t size, struct sim_arena *arena) {
    *pipe = (struct noc_pipe){.entry = SIM_NEW_ARRAY(arena, struct noc_decision, size), .size = size};
}

void noc_pipe_push(struct noc_pipe *pipe, sim_cycle due, uint32_t in, uint32_t out) {
    uint32_t at = pipe->head + pipe->count;
    assert(pipe->count < pipe->size);
    pipe->entry[at >= pipe->size ? at - pipe->size : at] =
        (struct noc_decision){.due = due, .in = (uint16_t)in, .out = (uint16_t)out};
    pipe->count++;
}

const struct noc_decision *noc_pipe_pop(struct noc_pipe *pipe, sim_cycle now) {
    const struct noc_decision *oldest = &pipe->entry[pipe->head];
    if (pipe->count == 0 || oldest->due > now)
        return NULL;
    pipe->count--;
    pipe->head = pipe->head + 1 == pipe->size ? 0 : pipe->head + 1;
    return oldest;
}

static struct noc_router_stages *new_stages(const struct noc_router *r, struct sim_arena *arena) {
    const struct noc_router_spec *spec = r->spec;
    struct noc_router_stages *stages = SIM_NEW(arena, struct noc_router_stages);
    uint32_t codes = r->codes;
    size_t requests = (size_t)codes * r->choices_max * spec->vcs;
    enum noc_arbiter_kind arbiter = (enum noc_arbiter_kind)spec->arbiter;
    noc_allocator_init(&stages->vc_allocator, (enum noc_allocator_kind)spec->vc_allocator, arbiter, codes,
                       codes, spec->iterations, arena);
    noc_allocator_init(&stages->switch_allocator, (enum noc_allocator_kind)spec->switch_allocator, arbiter,
                       r->ports, r->ports, spec->iterations, arena);
    if (spec->speculative)
        noc_allocator_init(&stages->speculative_allocator, (enum noc_allocator_kind)spec->switch_allocator,
                           arbiter, r->ports, r->ports, spec->iterations, arena);
    if (requests < (size_t)r->ports * r->ports)
        requests = (size_t)r->ports * r->ports;
    stages->wanted = SIM_NEW_ARRAY(arena, uint64_t, r->ports);
    stages->request = SIM_NEW_ARRAY(arena, struct noc_request, requests);
    stages->grant = SIM_NEW_ARRAY(arena, struct noc_request, requests);
    noc_pipe_init(&stages->routing, codes, arena);
    noc_pipe_init(&stages->vc_alloc, codes, arena);
    noc_pipe_init(&stages->switch_alloc, codes, arena);
    stages->asked = SIM_NEW_ARRAY(arena, uint64_t, r->words);
    stages->asked_ports = SIM_NEW_ARRAY(arena, uint64_t, codes);
    return stages;
}

/* The tables of a router stand together in one block, those first whose entries should not cross cache lines.
 * Returns its size; places them unless `block` is NULL.
 */
static size_t lay_out(struct noc_router *r, unsigned char *block) {
    size_t at = 0, codes = r->codes;
#define PLACE(table, count)                                                                        \
    do {                                                                                           \
        at = (at + __alignof__(*r->table) - 1) / __alignof__(*r->table) * __alignof__(*r->table);  \
        if (block != NULL)                                                                         \
            r->table = (void *)(block + at);                                                       \
        at += ((count) * sizeof *r->table + 7) / 8 * 8;                                            \
    } while (0)
    PLACE(channel, r->ports);
    PLACE(vc, codes);
    PLACE(port, r->ports);
    PLACE(next, codes);
    PLACE(vc_grant, codes);
    PLACE(request, r->words > 1 ? (size_t)r->ports * r->words : 0);
    PLACE(choice, r->classless ? 0 : codes * r->choices_max);
#undef PLACE
    return at;
}

bool noc_router_is_plain(const struct noc_router_spec *spec, const struct noc_routing *routing,
                         uint32_t ports) {
    return spec->vc_allocator == NOC_ALLOCATOR_ISLIP && spec->switch_allocator == NOC_ALLOCATOR_ISLIP &&
           spec->arbiter == NOC_ARBITER_ROUND_ROBIN && spec->iterations == 1 && spec->vc_alloc_delay == 1 &&
           spec->switch_alloc_delay == 1 && !spec->speculative && spec->flow_control == NOC_FLOW_WORMHOLE &&
           (spec->lookahead || spec->routing_delay == 0) && routing->choices == 1 &&
           ports <= NOC_PLAIN_PORTS && ports << noc_bits_for(spec->vcs) <= 64;
}

/* The form of the plain router for the processor at hand. */
static noc_router_step *plain_cycle(void) {
#if defined(__x86_64__) && defined(__GNUC__)
    if (sim_lanes() != sim_lanes_variant(0) && __builtin_cpu_supports("bmi"))
        return noc_router_plain_cycle_avx2;
#endif
    return noc_router_plain_cycle;
}

static sim_cycle divided_cycle(struct noc_router *r, sim_cycle now) {
    sim_cycle edge = noc_divider_edge(now, r->divider);
    return edge > now ? edge : noc_divider_edge(noc_router_cycle(r, now), r->divider);
}

/* An allocator answers delay - 1 cycles after the request, in the same cycle if the delay is 1. */
struct noc_router_spec noc_router_divided_spec(const struct noc_router_spec *spec, uint32_t divider) {
    struct noc_router_spec divided = *spec;
    divided.routing_delay *= divider;
    divided.vc_alloc_delay = (spec->vc_alloc_delay - 1) * divider + 1;
    divided.switch_alloc_delay = (spec->switch_alloc_delay - 1) * divider + 1;
    return divided;
}

void noc_router_divide(struct noc_router *r, uint32_t divider, struct sim_arena *arena) {
    r->divider = (uint8_t)divider;
    noc_router_generalize(r, arena);
}

void noc_router_look_at_data(struct noc_router *r, int payload, uint32_t um, struct sim_arena *arena) {
    r->data = noc_link_data_new(payload, r->spec->flit_bits, um, r->ports, r->codes, arena);
    r->bits_um = 0;
    if (r->stages == NULL && r->spec->flow_control != NOC_FLOW_DEFLECTION)
        noc_router_generalize(r, arena);
}

void noc_router_generalize(struct noc_router *r, struct sim_arena *arena) {
    if (r->classless)
        r->choice = SIM_NEW_ARRAY(arena, struct noc_choice, (size_t)r->codes * r->choices_max);
    r->classless = false;
    r->set = SIM_NEW_ARRAY(arena, uint64_t, (size_t)NOC_SET_COUNT * r->words);
    r->stages = new_stages(r, arena);
    r->cycle = r->divider > 1 ? divided_cycle : noc_router_cycle;
    r->stages->choices = SIM_NEW_ARRAY(arena, uint8_t, r->codes);
}

void noc_router_serialize(struct noc_router *r, struct sim_arena *arena) {
    if (r->stages == NULL)
        noc_router_generalize(r, arena);
    r->stages->serial = SIM_NEW_ARRAY(arena, uint32_t, r->ports);
    r->stages->free_at = SIM_NEW_ARRAY(arena, sim_cycle, r->ports);
}

void noc_router_init(struct noc_router *r, const struct noc_router_spec *spec,
                     const struct noc_routing *routing, uint32_t number, uint32_t latency,
                     struct sim_arena *arena) {
    uint32_t ports = noc_topology_ports(routing->topology, number);
    r->spec = spec;
    r->routing = routing;
    r->number = number;
    r->ports = (uint8_t)ports;
    r->shift = (uint8_t)noc_bits_for(spec->vcs);
    r->vc_mask = (uint8_t)((1u << r->shift) - 1);
    r->all_vcs = routing->all_vcs;
    r->choices_max = (uint16_t)routing->choices;
    r->cut_through = spec->flow_control == NOC_FLOW_CUT_THROUGH;
    r->routed_on_arrival = spec->lookahead || spec->routing_delay == 0;
    r->codes = (uint16_t)(ports << r->shift);
    r->vcs = (uint16_t)spec->vcs;
    r->slots = (uint16_t)(spec->vcs * spec->buffer_flits);
    r->words = (uint16_t)((r->codes + 63) / 64);
    r->classless = routing->place != NULL && noc_router_is_plain(spec, routing, ports);
    noc_inbox_init(&r->inbox, (ports + 7) / 8 * 8, latency + 1,
                   arena); /* + 1: senders that decide a cycle ahead */
    lay_out(r, SIM_NEW_ARRAY(arena, unsigned char, lay_out(r, NULL)));
    if (routing->place != NULL)
        r->place = noc_routing_here(routing->topology, number);
    if (r->classless)
        r->choice = routing->any;
    r->places = routing->place;
    memset(r->grant, NOC_LAST_IN_LINE, sizeof r->grant);
    r->cycle = plain_cycle();
    r->set = r->plain;
    if (!noc_router_is_plain(spec, routing, ports))
        noc_router_generalize(r, arena);
}

void noc_router_connect(struct noc_router *r, uint32_t port, uint32_t latency, const struct noc_fifo *fifo,
                        const struct noc_inbox *inbox, uint32_t peer_port) {
    noc_channel_init(&r->channel[port], latency, fifo, inbox, peer_port);
    bool shared = fifo->vcs < r->spec->vcs;
    r->channel[port].shared = shared ? r->vc_mask & 31u : 0;
    for (uint32_t vc = 0; vc < r->spec->vcs; vc++) {
        r->next[port << r->shift | vc] = (uint16_t)(shared ? 0 : vc);
        r->vc_grant[port << r->shift | vc] = NOC_LAST_IN_LINE;
    }
}

void noc_router_receive_from(struct noc_router *r, uint32_t port, uint32_t depth, uint32_t credit_latency,
                             struct sim_arena *arena) {
    struct noc_fifo *fifo = &r->port[port].fifo;
    noc_fifo_init(fifo, r->spec->vcs, depth, credit_latency, arena);
    r->port[port].accept = r->port[port].vc = NOC_LAST_IN_LINE;
    for (uint32_t vc = 0; vc < r->spec->vcs; vc++)
        r->vc[port << r->shift | vc] =
            (struct noc_input_vc){.front = (uint16_t)vc, .accept = NOC_LAST_IN_LINE};
}

/* SPDX-License-Identifier: MIT
 *
 * Assembly of a packet network; see network.h.
 */
#include "noc/network/network.h"

#include "noc/batch/batch.h"
#include "noc/router/deflection.h"
#include "noc/router/stages.h"
#include "noc/topology/deadlock.h"
#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/kernel/kernel.h"

#include <math.h>
#include <string.h>

static const char *const topologies[] = {"mesh", "torus", "fat_tree", "graph", NULL};

static const struct sim_param params[] = {
    SIM_PARAM_CHOICE(struct noc_network_spec, topology, topologies, "mesh", "how the routers are connected"),
    SIM_PARAM_TEXT(struct noc_network_spec, size, "8x8",
                   "routers in each dimension of a mesh or torus; fat tree: arity x levels"),
    SIM_PARAM_TEXT(struct noc_network_spec, edges, "",
                   "graph: its edges, \"0-1, 1-2:3\" (latency behind the colon)"),
    SIM_PARAM_UINT(struct noc_network_spec, concentration, 1, 56, "1", "terminals at each router"),
    SIM_PARAM_CHOICE(struct noc_network_spec, routing, noc_routing_names, "xy", "routing function"),
    SIM_PARAM_SPEC(struct noc_network_spec, router, &noc_router_schema, "the routers, all alike"),
    SIM_PARAM_UINT(struct noc_network_spec, link_latency, 1, 64, "1", "wire between routers, cycles"),
    SIM_PARAM_QUANTITY(struct noc_network_spec, link_length_m, "link_length", SIM_UNIT_METRE, 0, 1, "1 mm",
                       "length of a link between routers, for its energy"),
    SIM_PARAM_CHOICE(struct noc_network_spec, link_payload, noc_payload_names, "average",
                     "bits on the links: of random data on average; or looked at, and each wire that changes "
                     "counted: random bits, or the packet's address event"),
    SIM_PARAM_UINT(struct noc_network_spec, terminal_latency, 1, 64, "1",
                   "wire between router and terminal, cycles"),
    SIM_PARAM_UINT(struct noc_network_spec, chip_size, 0, 65535, "0",
                   "routers along the side of a chip, in grids of several chips; 0 = one chip"),
    SIM_PARAM_UINT(struct noc_network_spec, boundary_latency, 1, 96, "4", "wire from chip to chip, cycles"),
    SIM_PARAM_UINT(
        struct noc_network_spec, boundary_bits, 0, 4096, "0",
        "width of a wire from chip to chip, over which a wider flit goes in pieces; 0 = flit_bits"),
    SIM_PARAM_UINT(struct noc_network_spec, clock_divider, 1, 64, "1",
                   "base cycles in a cycle of the network"),
    SIM_PARAM_BOOL(struct noc_network_spec, check_deadlock, "true",
                   "refuse routing that can deadlock (channel-dependency graph)"),
};

const struct sim_schema noc_network_schema = {
    .name = "noc.network",
    .help = "Packet network of virtual-channel routers: topology, routing function and links.",
    .size = sizeof(struct noc_network_spec),
    SIM_SCHEMA_PARAMS(params),
};

void noc_network_defaults(struct noc_network_spec *spec) {
    *spec = (struct noc_network_spec){
        .topology = NOC_TOPOLOGY_MESH,
        .size = "8x8",
        .edges = "",
        .concentration = 1,
        .routing = NOC_ROUTING_XY,
        .router = {.vcs = 4,
                   .buffer_flits = 8,
                   .flit_bits = 64,
                   .lookahead = true,
                   .routing_delay = 1,
                   .vc_alloc_delay = 1,
                   .switch_alloc_delay = 1,
                   .traversal_delay = 1,
                   .credit_delay = 1,
                   .iterations = 1},
        .link_latency = 1,
        .link_length_m = 1e-3,
        .terminal_latency = 1,
        .boundary_latency = 4,
        .clock_divider = 1,
        .check_deadlock = true,
    };
}

static bool is_deflecting(const struct noc_network_spec *spec) {
    return spec->router.flow_control == NOC_FLOW_DEFLECTION;
}

sim_cycle noc_network_zero_load(const struct noc_network_spec *spec, uint32_t hops, uint32_t size) {
    sim_cycle hop = noc_router_hop_latency(&spec->router, spec->link_latency);
    sim_cycle last = noc_router_hop_latency(&spec->router, spec->terminal_latency);
    sim_cycle flit = is_deflecting(spec) ? 1 : spec->router.switch_alloc_delay; /* behind another of its VC */
    return (spec->terminal_latency + 1 + (hops - 1) * hop + last + (size - 1) * flit) * spec->clock_divider;
}

uint32_t noc_network_serial(const struct noc_network_spec *spec, const struct noc_end *end) {
    if (!end->boundary || spec->boundary_bits == 0)
        return 1;
    return (spec->router.flit_bits + spec->boundary_bits - 1) / spec->boundary_bits;
}

uint32_t noc_network_flit_latency(const struct noc_network_spec *spec, const struct noc_end *end) {
    uint32_t link = end->kind == NOC_END_TERMINAL ? spec->terminal_latency
                                                  : end->latency + noc_network_serial(spec, end) - 1;
    return noc_router_flit_latency(&spec->router, link) * spec->clock_divider;
}

uint32_t noc_network_credit_latency(const struct noc_network_spec *spec, const struct noc_end *end) {
    uint32_t link = end->kind == NOC_END_TERMINAL ? spec->terminal_latency : end->latency;
    return noc_router_credit_latency(&spec->router, link) * spec->clock_divider;
}

/* From a terminal into the network, flits and credits alike. */
static uint32_t inject_latency(const struct noc_network_spec *spec) {
    return (spec->terminal_latency + 1) * spec->clock_divider;
}

bool noc_network_fits(const struct noc_network_spec *spec, uint32_t size, const char *what,
                      const struct sim_where *where, struct sim_err *err) {
    uint32_t most = spec->router.buffer_flits < NOC_SIZE_MAX ? spec->router.buffer_flits : NOC_SIZE_MAX;
    if (is_deflecting(spec) && size > 1)
        return sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "%s %u flits: a network that deflects takes packets of one flit", what, size);
    if (spec->router.flow_control == NOC_FLOW_CUT_THROUGH && size > most)
        return sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "%s %u flits: virtual cut-through needs FIFOs that hold it (%u flits)", what, size,
                           most);
    return true;
}

/* The largest latency of the channels that end at a router. */
static uint32_t latest(const struct noc_network *n, uint32_t router) {
    uint32_t latency = inject_latency(n->spec);
    for (uint32_t port = 0; port < noc_topology_ports(&n->topology, router); port++) {
        const struct noc_end *end = noc_topology_end(&n->topology, router, port);
        if (end->kind == NOC_END_ROUTER) {
            uint32_t l = noc_network_flit_latency(n->spec, end);
            latency = l > latency ? l : latency;
        }
    }
    return latency;
}

static bool has_narrow_links(const struct noc_network_spec *spec) {
    return spec->chip_size > 0 && spec->boundary_bits > 0 && spec->boundary_bits < spec->router.flit_bits;
}

static void build_router(struct noc_network *n, uint32_t number, const char *path,
                         struct sim_kernel *kernel) {
    const struct noc_router_spec *spec = &n->router_spec;
    struct noc_router *r = &n->router[number];
    noc_router_init(r, spec, &n->routing, number, latest(n, number), kernel->arena);
    if (is_deflecting(n->spec))
        r->divider = (uint8_t)n->spec->clock_divider;
    else if (n->spec->clock_divider > 1)
        noc_router_divide(r, n->spec->clock_divider, kernel->arena);
    uint32_t um = (uint32_t)lround(n->spec->link_length_m * 1e6);
    r->bits_um = um * spec->flit_bits;
    if (n->spec->link_payload != NOC_PAYLOAD_AVERAGE)
        noc_router_look_at_data(r, n->spec->link_payload, um, kernel->arena);
    if (has_narrow_links(n->spec))
        noc_router_serialize(r, kernel->arena);
    for (uint32_t port = 0; port < r->ports; port++) {
        const struct noc_end *end = noc_topology_end(&n->topology, number, port);
        if (has_narrow_links(n->spec))
            r->stages->serial[port] = noc_network_serial(n->spec, end) * n->spec->clock_divider;
        uint32_t credit = end->kind == NOC_END_TERMINAL ? inject_latency(n->spec)
                                                        : noc_network_credit_latency(n->spec, end);
        if (end->kind == NOC_END_NONE)
            continue;
        if (is_deflecting(n->spec) && end->kind == NOC_END_ROUTER) /* registers of the wires, no credits */
            noc_router_receive_from(r, port, noc_network_flit_latency(n->spec, end) + 1, 0, kernel->arena);
        else
            noc_router_receive_from(r, port, spec->buffer_flits, credit, kernel->arena);
    }
    sim_kernel_add(kernel, &r->base,
                   is_deflecting(n->spec) ? &noc_deflection_type
                   : n->together          ? &noc_router_part_type
                                          : &noc_router_type,
                   sim_arena_format(kernel->arena, "%s.router[%u]", path, number));
}

/* Terminals have no FIFO for each VC: nobody asks how much room there is in one, and there is always some. */
static bool sinks_share(const struct noc_network *n, uint32_t depth, uint32_t round_trip) {
    return !n->sinks_apart && !is_deflecting(n->spec) && !n->routing.escape &&
           n->router_spec.flow_control == NOC_FLOW_WORMHOLE && depth >= round_trip &&
           n->router_spec.vcs * depth > noc_shared_size(n->router_spec.vcs, round_trip);
}

static void build_terminal(struct noc_network *n, uint32_t number, const char *path,
                           struct sim_kernel *kernel) {
    const struct noc_router_spec *spec = &n->router_spec;
    const struct noc_home *home = &n->topology.home[number];
    const struct noc_end *end = noc_topology_end(&n->topology, home->router, home->port);
    struct noc_terminal *t = &n->terminal[number];
    uint32_t latency = noc_network_flit_latency(n->spec, end),
             credit = noc_network_credit_latency(n->spec, end),
             depth = is_deflecting(n->spec) ? latency + credit + 1 : spec->buffer_flits; /* never full */
    if (sinks_share(n, depth, latency + credit))
        depth = 0;
    noc_interface_init(&t->interface, spec->vcs, depth, latency, credit, kernel->arena);
    t->divider = n->spec->clock_divider;
    sim_kernel_add(kernel, &t->base, t->divider > 1 ? &noc_terminal_divided_type : &noc_terminal_type,
                   sim_arena_format(kernel->arena, "%s.terminal[%u]", path, number));
}

static void connect_output(struct noc_network *n, struct noc_router *r, uint32_t port,
                           struct sim_kernel *kernel) {
    const struct noc_end *end = noc_topology_end(&n->topology, r->number, port);
    struct noc_channel *channel = &r->channel[port];
    r->port[port].kind = (uint8_t)(end->kind | (end->boundary ? NOC_PORT_BOUNDARY : 0));
    if (end->kind == NOC_END_NONE)
        return;
    if (end->kind == NOC_END_TERMINAL) {
        struct noc_terminal *t = &n->terminal[end->peer];
        noc_router_connect(r, port, noc_network_flit_latency(n->spec, end), &t->interface.in,
                           &t->interface.inbox, 0);
        sim_kernel_connect_link(kernel, &channel->base, "eject", r->base.id, t->base.id);
    } else {
        struct noc_router *peer = &n->router[end->peer];
        noc_router_connect(r, port, noc_network_flit_latency(n->spec, end), &peer->port[end->peer_port].fifo,
                           &peer->inbox, end->peer_port);
        channel->place = peer->place & NOC_PLACE_MASK;
        sim_kernel_connect_link(kernel, &channel->base, "link", r->base.id, peer->base.id);
    }
}

static void connect_terminal(struct noc_network *n, uint32_t number, struct sim_kernel *kernel) {
    struct noc_terminal *t = &n->terminal[number];
    const struct noc_home *home = &n->topology.home[number];
    struct noc_router *r = &n->router[home->router];
    noc_channel_init(&t->interface.out, inject_latency(n->spec), &r->port[home->port].fifo, &r->inbox,
                     home->port);
    if (r->classless) {
        t->interface.out.place = r->place & NOC_PLACE_MASK;
        t->interface.places = r->places;
    }
    sim_kernel_connect_link(kernel, &t->interface.out.base, "inject", t->base.id,
                            n->batch != NULL ? noc_batch_component(n->batch)->id : r->base.id);
}

/* Wakes reach less than SIM_WHEEL_SLOTS cycles ahead. */
static bool check_latencies(const struct noc_network *n, const struct sim_where *where, struct sim_err *err) {
    uint32_t most = inject_latency(n->spec);
    for (uint32_t i = 0; i < n->topology.first[n->topology.routers]; i++) {
        uint32_t flit = noc_network_flit_latency(n->spec, &n->topology.end[i]);
        uint32_t credit = noc_network_credit_latency(n->spec, &n->topology.end[i]);
        most = flit > most ? flit : most;
        most = credit > most ? credit : most;
    }
    if (most + n->spec->clock_divider < SIM_WHEEL_SLOTS)
        return true;
    return sim_err_add(
        err, SIM_EXIT_CONFIG, where,
        "noc.network: a link takes %u base cycles with its delays and clock_divider %u: at most %u "
        "are possible",
        most, n->spec->clock_divider, SIM_WHEEL_SLOTS - 1 - n->spec->clock_divider);
}

static bool deflection_fits(const struct noc_network *n, const struct sim_where *where, struct sim_err *err) {
    if (has_narrow_links(n->spec))
        return sim_err_add(
            err, SIM_EXIT_CONFIG, where,
            "noc.network: a network that deflects has no links narrower than flits (boundary_bits)");
    return noc_deflection_fits(&n->topology, where, err);
}

bool noc_network_build(struct noc_network *n, const struct noc_network_spec *spec,
                       const struct sim_where *where, struct sim_arena *arena, struct sim_err *err) {
    memset(n, 0, sizeof *n);
    n->spec = spec;
    n->router_spec = noc_router_divided_spec(&spec->router, spec->clock_divider);
    noc_trees_init(&n->trees, &n->routing);
    struct noc_topology_spec shape = {
        .kind = (enum noc_topology_kind)spec->topology,
        .size = spec->size,
        .edges = spec->edges,
        .concentration = spec->concentration,
        .link_latency = spec->link_latency,
        .chip_size = spec->chip_size,
        .boundary_latency = spec->boundary_latency,
    };
    /* What deflects cannot deadlock, and needs no virtual channels for it. */
    uint32_t vcs = is_deflecting(spec) ? NOC_VCS_MAX : spec->router.vcs;
    return noc_topology_init(&n->topology, &shape, where, arena, err) &&
           noc_routing_init(&n->routing, (enum noc_routing_kind)spec->routing, &n->topology, vcs, where,
                            arena, err) &&
           (!is_deflecting(spec) || deflection_fits(n, where, err)) &&
           check_latencies(n, where, err) &&
           (!spec->check_deadlock || is_deflecting(spec) ||
            noc_deadlock_check(&n->routing, &shape, where, err));
}

bool noc_network_together(struct noc_network *n) {
    const struct noc_network_spec *spec = n->spec;
    n->together = spec->topology == NOC_TOPOLOGY_MESH && spec->clock_divider == 1 && n->trees.labels == 0 &&
                  (spec->chip_size == 0 ||
                   (spec->boundary_latency == spec->link_latency && !has_narrow_links(spec))) &&
                  spec->link_payload == NOC_PAYLOAD_AVERAGE && noc_batch_fits(&n->router_spec, &n->routing);
    return n->together;
}

/* Of all outputs of routers. */
static uint32_t count_channels(const struct noc_topology *t) {
    uint32_t channels = 0;
    for (uint32_t end = 0; end < t->first[t->routers]; end++)
        channels += t->end[end].kind != NOC_END_NONE;
    return channels;
}

void noc_network_assemble(struct noc_network *n, const char *path, const struct noc_client *client,
                          struct sim_kernel *kernel) {
    struct sim_arena *arena = kernel->arena;
    size_t before = arena->bytes;
    sim_kernel_reserve(kernel, n->topology.routers + n->topology.terminals + n->together,
                       count_channels(&n->topology) + n->topology.terminals);
    if (n->together) {
        n->batch = noc_batch_new(arena);
        sim_kernel_add(kernel, noc_batch_component(n->batch), &noc_batch_type,
                       sim_arena_format(arena, "%s.batch", path));
    }
    n->router = SIM_NEW_ARRAY(arena, struct noc_router, n->topology.routers);
    n->terminal = SIM_NEW_ARRAY(arena, struct noc_terminal, n->topology.terminals);
    for (uint32_t router = 0; router < n->topology.routers; router++)
        build_router(n, router, path, kernel);
    for (uint32_t terminal = 0; terminal < n->topology.terminals; terminal++)
        build_terminal(n, terminal, path, kernel);
    for (uint32_t router = 0; router < n->topology.routers; router++)
        for (uint32_t port = 0; port < n->router[router].ports; port++)
            connect_output(n, &n->router[router], port, kernel);
    for (uint32_t terminal = 0; terminal < n->topology.terminals; terminal++) {
        connect_terminal(n, terminal, kernel);
        noc_terminal_init(&n->terminal[terminal], terminal, client);
    }
    if (n->trees.labels > 0)
        noc_network_multicast(n, arena);
    if (n->batch != NULL)
        noc_batch_take(n->batch, n->router, &n->topology, n->terminal->interface.in.credit_latency, arena);
    n->bytes_per_router = (arena->bytes - before) / n->topology.routers;
}

void noc_network_multicast(struct noc_network *n, struct sim_arena *arena) {
    for (uint32_t router = 0; router < n->topology.routers; router++)
        noc_router_replicate(&n->router[router], &n->trees, arena);
    for (uint32_t terminal = 0; terminal < n->topology.terminals; terminal++)
        n->terminal[terminal].interface.places = NULL; /* routers find the branches of a tree */
}

uint32_t noc_network_tree(struct noc_network *n, uint32_t source, uint32_t *member, uint32_t members,
                          struct sim_arena *arena) {
    return noc_trees_add(&n->trees, source, source % n->routing.entries, member, members, arena);
}

uint64_t noc_network_underway(const struct noc_network *n) {
    uint64_t copies = 0;
    for (uint32_t router = 0; router < n->topology.routers; router++)
        copies += noc_router_copies_due(&n->router[router]);
    for (uint32_t terminal = 0; terminal < n->topology.terminals; terminal++) {
        const struct noc_terminal *t = &n->terminal[terminal];
        const struct noc_fifo *in = &t->interface.in;
        copies += t->pending ? noc_trees_leaves(&n->trees, t->packet.dst) : 0;
        for (uint32_t slot = 0; slot < noc_fifo_size(in); slot++)
            copies += in->slot[slot].stamp & NOC_FULL && in->slot[slot].word & NOC_TAIL;
    }
    return copies;
}

/* ---- audit -------------------------------------------------------------------------------------- */

static uint32_t full_slots(const struct noc_fifo *fifo, uint32_t vc) {
    uint32_t full = 0;
    for (uint32_t k = 0; k < fifo->depth; k++)
        full += (fifo->slot[k * fifo->vcs + vc].stamp & NOC_FULL) != 0;
    return full;
}

/* The sender's next slot lies as many steps behind the receiver's head as there are full slots. */
static bool ends_agree(const struct noc_fifo *fifo, uint32_t vc, uint32_t step, uint32_t head,
                       uint32_t tail) {
    return tail == (head + full_slots(fifo, vc) * step) % noc_fifo_size(fifo);
}

static bool disagree(const struct sim_component *from, uint32_t vc, sim_cycle now, struct sim_err *err) {
    return sim_err_add(err, SIM_EXIT_STOPPED, NULL,
                       "cycle %llu: %s: VC %u of a channel: sender and receiver disagree on the flits in it",
                       (unsigned long long)now, from->path, vc);
}

static bool audit_router(const struct noc_network *n, const struct noc_router *r, sim_cycle now,
                         struct sim_err *err) {
    bool sound = true;
    for (uint32_t port = 0; port < r->ports; port++) {
        const struct noc_end *end = noc_topology_end(&n->topology, r->number, port);
        for (uint32_t vc = 0; vc < r->spec->vcs && end->kind != NOC_END_NONE; vc++) {
            uint32_t tail = r->next[port << r->shift | vc];
            bool agree;
            if (end->kind == NOC_END_TERMINAL) {
                const struct noc_interface *ni = &n->terminal[end->peer].interface;
                if (vc >= ni->in.vcs)
                    break;
                agree = ends_agree(&ni->in, vc, r->vcs, ni->head[vc], tail);
            } else {
                const struct noc_router *peer = &n->router[end->peer];
                agree =
                    ends_agree(&peer->port[end->peer_port].fifo, vc, r->vcs,
                               noc_router_oldest(peer, (uint32_t)end->peer_port << peer->shift | vc), tail);
            }
            if (!agree)
                sound = disagree(&r->base, vc, now, err);
        }
    }
    return sound;
}

static bool audit_terminal(const struct noc_network *n, const struct noc_terminal *t, sim_cycle now,
                           struct sim_err *err) {
    const struct noc_home *home = &n->topology.home[t->number];
    const struct noc_router *r = &n->router[home->router];
    for (uint32_t vc = 0; vc < t->interface.vcs; vc++)
        if (!ends_agree(&r->port[home->port].fifo, vc, r->vcs,
                        noc_router_oldest(r, home->port << r->shift | vc), t->interface.tail[vc]))
            return disagree(&t->base, vc, now, err);
    return true;
}

bool noc_network_audit(const struct noc_network *n, sim_cycle now, struct sim_err *err) {
    bool sound = true;
    uint64_t sent = 0, received = 0, inside = 0;
    for (uint32_t router = 0; router < n->topology.routers; router++) {
        sound &= audit_router(n, &n->router[router], now, err);
        inside += noc_router_flits(&n->router[router]);
        sent += noc_router_copied(&n->router[router]);
    }
    for (uint32_t terminal = 0; terminal < n->topology.terminals; terminal++) {
        const struct noc_terminal *t = &n->terminal[terminal];
        sound &= audit_terminal(n, t, now, err);
        sent += t->base.count[NOC_TERMINAL_SEND_FLIT];
        received += t->base.count[NOC_TERMINAL_RECEIVE_FLIT];
        for (uint32_t vc = 0; vc < t->interface.in.vcs; vc++)
            inside += full_slots(&t->interface.in, vc);
    }
    if (sent != received + inside)
        sound = sim_err_add(
            err, SIM_EXIT_STOPPED, NULL,
            "cycle %llu: %llu flits were sent or copied, but %llu arrived and %llu are in the network",
            (unsigned long long)now, (unsigned long long)sent, (unsigned long long)received,
            (unsigned long long)inside);
    return sound;
}

/* SPDX-License-Identifier: MIT
 *
 * Ports between cores and a network of virtual-channel routers; see vc_network.h.
 */
#include "arch/packet/vc_network.h"

#include "noc/link/clock_divider.h"
#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/kernel/kernel.h"

#define WIRE 1u /* cycles between core and port, and for the credits back */
#define ARRIVALS                                                                                             \
    4u /* places at the core: it takes an arrival at once, and its credit is back two cycles later */

static const struct sim_param params[] = {
    SIM_PARAM_SPEC(struct arch_vc_network_spec, network, &noc_network_schema,
                   "topology, routing and routers"),
    SIM_PARAM_UINT(struct arch_vc_network_spec, port_buffer, 1, 64, "4",
                   "packets that wait at a core's port"),
    SIM_PARAM_CHOICE(struct arch_vc_network_spec, multicast, noc_multicast_names, "unicast",
                     "a spike for several cores: one packet each, or one that the routers replicate"),
    SIM_PARAM_TEXT(struct arch_vc_network_spec, name, "", "what the chip calls this network; may be empty"),
};

const struct sim_schema arch_vc_network_schema = {
    .name = "arch.vc_network",
    .role = "network",
    .help = "A network of virtual-channel routers under the cores of a packet chip; a spike is a packet of "
            "one or "
            "several flits.",
    .size = sizeof(struct arch_vc_network_spec),
    SIM_SCHEMA_PARAMS(params),
};

uint32_t arch_vc_network_flits(const struct arch_vc_network_spec *spec, uint32_t packet_bits) {
    return (packet_bits + spec->network.router.flit_bits - 1) / spec->network.router.flit_bits;
}

bool arch_vc_network_check(const struct arch_vc_network_spec *spec, const char *name, uint32_t packet_bits,
                           const struct sim_where *where, struct sim_err *err) {
    const struct noc_router_spec *router = &spec->network.router;
    uint32_t flits = arch_vc_network_flits(spec, packet_bits);
    char what[128];
    snprintf(what, sizeof what, "%s: packets of", name);
    if (!noc_network_fits(&spec->network, flits, what, where, err))
        return false;
    if (router->flow_control == NOC_FLOW_DEFLECTION && spec->multicast == NOC_MULTICAST_TREE)
        return sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "%s: multicast tree needs routers with buffers, and these deflect", name);
    if (spec->multicast != NOC_MULTICAST_TREE || noc_router_replicates(router, flits))
        return true;
    return sim_err_add(
        err, SIM_EXIT_CONFIG, where,
        "%s: multicast tree can deadlock with packets of %u flits, wormhole flow control or FIFOs "
        "of %u flits: it needs flow_control cut_through and buffer_flits of %u or more, or "
        "flit_bits of %u or more (packets of one flit)",
        name, flits, router->buffer_flits, flits, packet_bits);
}

/* ---- the port: steps with its terminal ---------------------------------------------------------- */

static bool none(void *self, uint32_t terminal, struct noc_packet *packet) {
    (void)self, (void)terminal, (void)packet;
    return false;
}

static void left(void *self, uint32_t terminal, const struct noc_packet *packet, sim_cycle now) {
    (void)self, (void)terminal, (void)packet, (void)now;
}

static void arrived(void *self, uint32_t terminal, const struct noc_arrival *arrival, sim_cycle now) {
    struct arch_vc_network *n = self;
    struct noc_aer_output *output = &n->port[terminal].to_core;
    if (!arrival->tail)
        return;
    struct noc_slot *slot = &output->channel.slot[output->tail];
    assert(noc_slot_free(slot, noc_visible(now)));
    noc_channel_send(&output->channel, now, slot, 0, NOC_HEAD | NOC_TAIL | arrival->tag, arrival->hops);
    output->tail = output->tail + 1 == output->channel.size ? 0 : output->tail + 1;
}

static bool waiting(const struct noc_aer_input *input, sim_cycle now) {
    return input->fifo.slot != NULL && noc_slot_full(&input->fifo.slot[input->head], noc_visible(now));
}

/* Where core (or host) number `number` sits. */
static uint32_t terminal_of(const struct arch_vc_network *n, uint32_t number) {
    return number == n->host ? n->network.topology.terminals - 1 : number;
}

static void take_packet(struct arch_vc_network *n, struct noc_terminal *t, sim_cycle now) {
    struct noc_aer_input *input = &n->port[t->number].from_core;
    struct noc_slot *slot = &input->fifo.slot[input->head];
    uint32_t dst = noc_flit_dst(slot->word), tag = noc_flit_tag(slot->word);
    t->packet = (struct noc_packet){
        .created = now,
        .dst = dst & NOC_GROUP ? n->group[dst & ~NOC_GROUP] : terminal_of(n, dst),
        .size = n->flits,
        .tag = tag,
        .class_ = tag % n->network.routing.entries,
    };
    t->pending = true;
    sim_open(&t->base);
    noc_aer_input_pop(input, now);
}

static sim_cycle step(void *self, sim_cycle now) {
    struct noc_terminal *t = self;
    struct arch_vc_network *n = t->client->self;
    sim_cycle edge = noc_divider_edge(now, t->divider);
    if (edge > now)
        return edge;
    if (!t->pending && waiting(&n->port[t->number].from_core, now))
        take_packet(n, t, now);
    sim_cycle next = noc_terminal_type.step(t, now);
    return noc_divider_edge(!t->pending && waiting(&n->port[t->number].from_core, now) ? now + 1 : next,
                            t->divider);
}

/* ---- assembly ----------------------------------------------------------------------------------- */

bool arch_vc_network_build(struct arch_vc_network *n, const struct arch_vc_network_spec *spec, uint32_t cores,
                           uint32_t host, uint32_t groups, uint32_t packet_bits, const char *path,
                           struct sim_kernel *kernel, struct sim_err *err) {
    struct sim_arena *arena = kernel->arena;
    *n = (struct arch_vc_network){.spec = spec, .host = host};
    n->client = (struct noc_client){.self = n, .next = none, .sent = left, .arrived = arrived};
    n->flits = arch_vc_network_flits(spec, packet_bits);
    if (!noc_network_build(&n->network, &spec->network, NULL, arena, err))
        return false;
    uint32_t terminals = n->network.topology.terminals;
    if (terminals < cores + 1)
        return sim_err_add(
            err, SIM_EXIT_CONFIG, NULL,
            "%s has %u terminals, and %u cores and the host need %u: a larger size or concentration would do",
            path, terminals, cores, cores + 1);
    if (terminals > NOC_GROUP || (spec->multicast == NOC_MULTICAST_TREE &&
                                  noc_trees_branches(&n->network.topology) > NOC_BRANCHES_MAX))
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "%s: %u terminals at routers of up to %u ports are too many for multicast", path,
                           terminals, n->network.topology.ports_max);
    n->port = SIM_NEW_ARRAY(arena, struct arch_vc_port, terminals);
    noc_network_assemble(&n->network, path, &n->client, kernel);
    noc_network_add_static(&n->network, path, &n->parts, kernel);
    if (spec->multicast == NOC_MULTICAST_TREE)
        noc_network_multicast(&n->network, arena);
    n->group = SIM_NEW_ARRAY(arena, uint32_t, groups);
    struct sim_type *type = SIM_NEW(arena, struct sim_type);
    *type = noc_terminal_type;
    type->step = step;
    for (uint32_t t = 0; t < terminals; t++)
        n->network.terminal[t].base.type = type;
    return true;
}

bool arch_vc_network_group(struct arch_vc_network *n, uint32_t group, uint32_t source, const uint32_t *member,
                           uint32_t members, const char *path, struct sim_arena *arena,
                           struct sim_err *err) {
    uint32_t *terminal = SIM_NEW_ARRAY(arena, uint32_t, members);
    for (uint32_t i = 0; i < members; i++)
        terminal[i] = terminal_of(n, member[i]);
    n->group[group] = noc_network_tree(&n->network, terminal_of(n, source), terminal, members, arena);
    return n->group[group] != NOC_NO_TREE ||
           sim_err_add(
               err, SIM_EXIT_CONFIG, NULL,
               "%s: the trees of all multicast groups have more than %u nodes: fewer or larger cores, or "
               "multicast: unicast, would do",
               path, n->network.trees.most);
}

void arch_vc_network_attach(struct arch_vc_network *n, uint32_t number, struct noc_interface *interface,
                            struct sim_component *owner, struct sim_kernel *kernel) {
    uint32_t terminal = terminal_of(n, number);
    struct sim_component *base = &n->network.terminal[terminal].base;
    struct arch_vc_port *port = &n->port[terminal];
    noc_interface_init(interface, 1, ARRIVALS, WIRE, WIRE, kernel->arena);
    noc_aer_input_init(&port->from_core, &interface->out, WIRE, n->spec->port_buffer, WIRE, kernel->arena);
    sim_kernel_connect_link(kernel, &interface->out.base, "port", owner->id, base->id);
    sim_kernel_connect_link(kernel, &port->from_core.credit, "credit", base->id, owner->id);
    noc_channel_init(&port->to_core.channel, WIRE, &interface->in, &interface->inbox, 0);
    sim_kernel_connect_link(kernel, &port->to_core.channel.base, "core", base->id, owner->id);
}

static uint64_t full_slots(const struct noc_slot *slot, uint32_t depth) {
    uint64_t full = 0;
    for (uint32_t i = 0; i < depth; i++)
        full += (slot[i].stamp & NOC_FULL) != 0;
    return full;
}

/* Deliveries that the packets in a port's FIFO mean. */
static uint64_t copies_at(const struct arch_vc_network *n, const struct noc_fifo *fifo) {
    uint64_t copies = 0;
    for (uint32_t i = 0; i < fifo->depth; i++) {
        uint32_t dst = noc_flit_dst(fifo->slot[i].word);
        if (fifo->slot[i].stamp & NOC_FULL)
            copies += dst & NOC_GROUP ? noc_trees_leaves(&n->network.trees, n->group[dst & ~NOC_GROUP]) : 1;
    }
    return copies;
}

uint64_t arch_vc_network_underway(const struct arch_vc_network *n) {
    uint64_t copies = noc_network_underway(&n->network);
    for (uint32_t i = 0; i < n->network.topology.terminals; i++) {
        const struct arch_vc_port *port = &n->port[i];
        if (port->from_core.fifo.slot != NULL)
            copies += copies_at(n, &port->from_core.fifo) +
                      full_slots(port->to_core.channel.slot, port->to_core.channel.size);
    }
    return copies;
}

/* SPDX-License-Identifier: MIT
 *
 * Networks of a packet chip; see network.h.
 */
#include "arch/packet/network.h"

#include "noc/watch/network_observe.h"
#include "sim/kernel/kernel.h"

#include <string.h>

bool arch_packet_network_multicasts(const struct sim_any *any) {
    if (any->schema == &arch_vc_network_schema)
        return ((const struct arch_vc_network_spec *)any->spec)->multicast == NOC_MULTICAST_TREE;
    return any->schema == &noc_aer_mesh_schema &&
           ((const struct noc_aer_mesh_spec *)any->spec)->multicast == NOC_MULTICAST_TREE;
}

const char *arch_packet_network_name(const struct sim_any *any) {
    if (any->schema == &arch_vc_network_schema)
        return ((const struct arch_vc_network_spec *)any->spec)->name;
    return any->schema == &noc_aer_mesh_schema ? ((const struct noc_aer_mesh_spec *)any->spec)->name : "";
}

bool arch_packet_network_check(const struct sim_any *any, const char *name, uint32_t packet_bits,
                               const struct sim_where *where, struct sim_err *err) {
    return any->schema != &arch_vc_network_schema ||
           arch_vc_network_check(any->spec, name, packet_bits, where, err);
}

bool arch_packet_network_build(struct arch_packet_network *network, const struct sim_any *any,
                               const struct arch_packet_network_site *site, const char *path,
                               struct sim_kernel *kernel, struct sim_err *err) {
    network->packet_bits = site->packet_bits;
    if (any->schema == &arch_vc_network_schema) {
        network->kind = ARCH_NETWORK_VC;
        return arch_vc_network_build(&network->vc, any->spec, site->cores, site->host, site->groups,
                                     site->packet_bits, path, kernel, err);
    }
    if (any->schema != &noc_aer_mesh_schema)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL, "a packet chip cannot have a network of type '%s'",
                           any->schema->name);
    network->kind = ARCH_NETWORK_AER;
    noc_aer_mesh_build(&network->mesh, any->spec, site->rows, site->cols, site->cores_per_tile, site->groups,
                       path, kernel);
    return true;
}

bool arch_packet_network_group(struct arch_packet_network *network, uint32_t group, uint32_t source,
                               const uint32_t *member, uint32_t members, const char *path,
                               struct sim_arena *arena, struct sim_err *err) {
    if (network->kind == ARCH_NETWORK_VC)
        return arch_vc_network_group(&network->vc, group, source, member, members, path, arena, err);
    noc_aer_mesh_group(&network->mesh, group, source, member, members);
    return true;
}

void arch_packet_network_attach(struct arch_packet_network *network, uint32_t terminal,
                                struct noc_interface *interface, struct sim_component *owner,
                                struct sim_kernel *kernel) {
    if (network->kind == ARCH_NETWORK_VC)
        arch_vc_network_attach(&network->vc, terminal, interface, owner, kernel);
    else
        noc_aer_mesh_attach(&network->mesh, terminal, interface, owner, kernel);
}

static void place_in_mesh(const struct noc_aer_mesh *mesh, uint32_t component, int32_t *row, int32_t *col) {
    uint32_t router = component - mesh->router[0].base.id;
    if (router >= mesh->rows * mesh->cols)
        return;
    *row = mesh->router[router].y;
    *col = mesh->router[router].x;
}

/* Grids have rows and columns; of other topologies the routers have no place. */
static void place_in_grid(const struct noc_network *network, uint32_t component, int32_t *row, int32_t *col) {
    uint32_t router = component - network->router[0].base.id;
    if (router >= network->topology.routers || network->topology.dimensions == 0)
        return;
    const uint16_t *at = noc_topology_coordinate(&network->topology, router);
    *col = at[0];
    *row = network->topology.dimensions > 1 ? at[1] : 0;
}

void arch_packet_network_place(const struct arch_packet_network *network, uint32_t component, int32_t *row,
                               int32_t *col) {
    if (network->kind == ARCH_NETWORK_VC)
        place_in_grid(&network->vc.network, component, row, col);
    else
        place_in_mesh(&network->mesh, component, row, col);
}

static bool sends_in_mesh(const struct noc_aer_mesh *mesh, const struct sim_connection *c, uint64_t *sends) {
    uint32_t router = c->from - mesh->router[0].base.id;
    if (router >= mesh->rows * mesh->cols)
        return false;
    for (uint32_t port = 0; port < mesh->router[router].ports; port++)
        if (&mesh->router[router].output[port].channel.base == c->link) {
            *sends = mesh->router[router].output[port].channel.flits;
            return true;
        }
    return false;
}

static bool sends_of_router(const struct noc_network *network, const struct sim_connection *c, sim_cycle now,
                            uint64_t *sends) {
    uint32_t router = c->from - network->router[0].base.id;
    if (router >= network->topology.routers)
        return false;
    for (uint32_t port = 0; port < network->router[router].ports; port++)
        if (&network->router[router].channel[port].base == c->link) {
            *sends = noc_network_sent(network, router, port, now);
            return true;
        }
    return false;
}

static bool sends_of_terminal(const struct arch_vc_network *vc, const struct sim_connection *c,
                              uint64_t *sends) {
    uint32_t terminal = c->from - vc->network.terminal[0].base.id;
    if (terminal >= vc->network.topology.terminals)
        return false;
    const struct noc_channel *inject = &vc->network.terminal[terminal].interface.out;
    const struct noc_channel *core = &vc->port[terminal].to_core.channel;
    if (c->link != &inject->base && c->link != &core->base)
        return false;
    *sends = c->link == &inject->base ? inject->flits : core->flits;
    return true;
}

bool arch_packet_network_sends(const struct arch_packet_network *network, const struct sim_connection *c,
                               sim_cycle now, uint64_t *sends, uint32_t *bits) {
    *bits = network->packet_bits;
    if (network->kind == ARCH_NETWORK_AER)
        return sends_in_mesh(&network->mesh, c, sends);
    const struct arch_vc_network *vc = &network->vc;
    bool to_core = c->link != NULL && strcmp(c->name, "core") == 0;
    *bits = to_core ? network->packet_bits : vc->spec->network.router.flit_bits;
    return sends_of_router(&vc->network, c, now, sends) || sends_of_terminal(vc, c, sends);
}

uint64_t arch_packet_network_underway(const struct arch_packet_network *network) {
    return network->kind == ARCH_NETWORK_VC ? arch_vc_network_underway(&network->vc)
                                            : noc_aer_mesh_underway(&network->mesh);
}

bool arch_packet_network_audit(const struct arch_packet_network *network, sim_cycle now,
                               struct sim_err *err) {
    return network->kind == ARCH_NETWORK_VC ? noc_network_audit(&network->vc.network, now, err)
                                            : noc_aer_mesh_audit(&network->mesh, now, err);
}

/* Links between routers. */
static uint32_t links(const struct noc_topology *topology) {
    uint32_t count = 0;
    for (uint32_t router = 0; router < topology->routers; router++)
        for (uint32_t port = 0; port < noc_topology_ports(topology, router); port++)
            count += noc_topology_end(topology, router, port)->kind == NOC_END_ROUTER;
    return count;
}

void arch_packet_network_parameters(const struct arch_packet_network *network, uint32_t count,
                                    void (*report)(void *user, const char *type, const char *name,
                                                   double value),
                                    void *user) {
    const struct noc_router_spec *router = NULL;
    double routers = 0, flits = 0, bit_mm = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (network[i].kind != ARCH_NETWORK_VC)
            continue;
        const struct noc_topology *topology = &network[i].vc.network.topology;
        const struct noc_router_spec *own = &network[i].vc.spec->network.router;
        router = router == NULL ? own : router;
        routers += topology->routers;
        uint32_t between = links(topology), fifos = between + topology->terminals;
        flits += (double)fifos * own->vcs * own->buffer_flits;
        bit_mm += noc_network_bit_mm(&network[i].vc.spec->network, between);
    }
    if (router == NULL)
        return;
    report(user, noc_router_type.name, "flit_bits", router->flit_bits);
    report(user, noc_router_type.name, "vcs", router->vcs);
    report(user, noc_router_type.name, "buffer_flits", router->buffer_flits);
    report(user, noc_clock_type.name, "flit_bits", router->flit_bits);
    report(user, noc_clock_type.name, "routers", routers);
    report(user, noc_buffer_type.name, "flit_bits", router->flit_bits);
    report(user, noc_buffer_type.name, "flits", flits);
    report(user, noc_link_type.name, "flit_bits", router->flit_bits);
    report(user, noc_link_type.name, "bit_mm", bit_mm);
}

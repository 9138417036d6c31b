/* SPDX-License-Identifier: MIT
 *
 * Networks of a packet chip; see packet_network.h.
 */
#include "arch/packet_network.h"

bool arch_packet_network_multicasts(const struct sim_any *any) {
    return any->schema == &noc_aer_mesh_schema &&
           ((const struct noc_aer_mesh_spec *)any->spec)->multicast == NOC_MULTICAST_TREE;
}

bool arch_packet_network_build(struct arch_packet_network *network, const struct sim_any *any,
                               const struct arch_packet_network_site *site, const char *path,
                               struct sim_kernel *kernel, struct sim_err *err) {
    if (any->schema != &noc_aer_mesh_schema)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL, "a packet chip cannot have a network of type '%s'",
                           any->schema->name);
    noc_aer_mesh_build(&network->mesh, any->spec, site->rows, site->cols, site->cores_per_tile, site->groups, path,
                       kernel);
    return true;
}

void arch_packet_network_group(struct arch_packet_network *network, uint32_t group, uint32_t source,
                               const uint32_t *member, uint32_t members) {
    noc_aer_mesh_group(&network->mesh, group, source, member, members);
}

void arch_packet_network_attach(struct arch_packet_network *network, uint32_t terminal,
                                struct noc_interface *interface, struct sim_component *owner,
                                struct sim_kernel *kernel) {
    noc_aer_mesh_attach(&network->mesh, terminal, interface, owner, kernel);
}

void arch_packet_network_place(const struct arch_packet_network *network, uint32_t component, int32_t *row,
                               int32_t *col) {
    const struct noc_aer_mesh *mesh = &network->mesh;
    uint32_t router = component - mesh->router[0].base.id;
    if (router >= mesh->rows * mesh->cols)
        return;
    *row = mesh->router[router].y;
    *col = mesh->router[router].x;
}

uint64_t arch_packet_network_underway(const struct arch_packet_network *network) {
    return noc_aer_mesh_underway(&network->mesh);
}

bool arch_packet_network_audit(const struct arch_packet_network *network, sim_cycle now, struct sim_err *err) {
    return noc_aer_mesh_audit(&network->mesh, now, err);
}

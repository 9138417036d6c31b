/* SPDX-License-Identifier: MIT
 *
 * The routing functions and what they share; private to routing*.c.
 */
#ifndef NOC_TOPOLOGY_ROUTING_BUILD_H
#define NOC_TOPOLOGY_ROUTING_BUILD_H

#include "noc/topology/routing.h"

#ifdef __cplusplus
extern "C" {
#endif

noc_route noc_route_mesh_xy, noc_route_mesh_yx, noc_route_torus_xy, noc_route_torus_yx;
noc_route noc_route_west_first, noc_route_odd_even, noc_route_o1turn;
noc_route noc_route_mesh_adaptive, noc_route_torus_adaptive;
noc_route noc_route_table, noc_route_up_down, noc_route_tree;

/* Distances for TABLE (up_down false) and UP_DOWN. */
void noc_routing_measure(struct noc_routing *routing, bool up_down, struct sim_arena *arena);

/* The choice of a packet that has arrived: its terminal's port, any VC. */
static inline uint32_t noc_route_eject(const struct noc_routing *routing, const struct noc_hop *hop,
                                       uint32_t port, struct noc_choice *choice) {
    *choice = (struct noc_choice){.vcs = routing->all_vcs,
                                  .port = (uint16_t)port,
                                  .class_ = (uint8_t)hop->class_,
                                  .escape = 1};
    return 1;
}

#ifdef __cplusplus
}
#endif

#endif

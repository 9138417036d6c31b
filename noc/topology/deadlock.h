/* SPDX-License-Identifier: MIT
 *
 * Can this routing deadlock? The channel-dependency graph has a node for each virtual channel of each
 * link and an arc wherever a packet that holds the one may ask for the other. Wormhole routing cannot
 * deadlock when the graph has no cycle (Dally and Seitz, 1987); with an escape network, when the escape
 * channels alone have none and a packet outside can always ask for one (Duato, 1993; packets that have
 * entered the escape network stay in it, so there are no indirect dependencies; and outside they wait where
 * they can ask, because the VC allocator looks for room there, noc/router/vc_allocator.c).
 *
 * The graph is found by following every packet: from each source, to each destination, with each entry
 * class, over every choice. Grids larger than needed are judged on smaller ones of the same shape and
 * parity: the functions for grids look only at order and distance within a dimension.
 */
#ifndef NOC_TOPOLOGY_DEADLOCK_H
#define NOC_TOPOLOGY_DEADLOCK_H

#include "noc/topology/routing.h"

#ifdef __cplusplus
extern "C" {
#endif

/* False and a message that names the cycle when the routing can deadlock. `shape` is what the routing's
 * topology was built from. */
bool noc_deadlock_check(const struct noc_routing *routing, const struct noc_topology_spec *shape,
                        const struct sim_where *where, struct sim_err *err);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * What the builders of topologies share; private to topology*.c.
 */
#ifndef NOC_TOPOLOGY_BUILD_H
#define NOC_TOPOLOGY_BUILD_H

#include "noc/topology/topology.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Reads "8x8x4" into size[0 .. *count - 1]; false unless every part is a positive number. */
bool noc_topology_parse_sizes(const char *text, uint32_t *size, uint32_t *count);

/* Tables for `routers` routers with `ends` ports in all. */
void noc_topology_alloc(struct noc_topology *t, uint32_t routers, uint32_t terminals, size_t ends,
                        struct sim_arena *arena);

/* Puts a terminal at a port. */
void noc_topology_attach(struct noc_topology *t, uint32_t router, uint32_t port, uint32_t terminal);

/* Finds the diameter by search; false when some router cannot be reached (its id in *unreached). */
bool noc_topology_measure(struct noc_topology *t, uint32_t *unreached);

bool noc_topology_grid(struct noc_topology *t, const struct noc_topology_spec *spec,
                       const struct sim_where *where, struct sim_arena *arena, struct sim_err *err);
bool noc_topology_tree(struct noc_topology *t, const struct noc_topology_spec *spec,
                       const struct sim_where *where, struct sim_arena *arena, struct sim_err *err);
bool noc_topology_graph(struct noc_topology *t, const struct noc_topology_spec *spec,
                        const struct sim_where *where, struct sim_arena *arena, struct sim_err *err);

#ifdef __cplusplus
}
#endif

#endif

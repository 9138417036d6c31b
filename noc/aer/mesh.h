/* SPDX-License-Identifier: MIT
 *
 * A mesh of address-event routers (noc/aer/router.h), and the trees of its multicast groups.
 *
 * Terminals are the places where cores sit: `concentration` of them at each router, numbered router by
 * router, and after them one more at router 0, where the host is. A terminal owns a network interface
 * (noc/network/interface.h) and sends packets of one flit. A packet's destination is a terminal, or
 * NOC_GROUP | group for the tree of a multicast group: the union of the x-then-y paths from the group's
 * source to its members, in which every member gets one copy.
 */
#ifndef NOC_AER_MESH_H
#define NOC_AER_MESH_H

#include "noc/aer/router.h"
#include "noc/network/interface.h"
#include "noc/topology/multicast_tree.h"
#include "sim/config/param.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_kernel;
struct sim_err;

struct noc_aer_mesh_spec {
    uint32_t latency_x, latency_y, latency_inject, latency_deliver,
        credit_latency; /* cycles of the network */
    uint32_t port_cycles, buffer;
    uint32_t clock_divider;
    int multicast; /* enum noc_multicast: what the network can do */
    const char *name;
};

extern const struct sim_schema noc_aer_mesh_schema;

struct noc_aer_mesh {
    const struct noc_aer_mesh_spec *spec;
    uint32_t rows, cols, concentration;
    uint32_t terminals;            /* the host's is the last */
    struct noc_aer_home *home;     /* [terminal] */
    struct noc_aer_router *router; /* [row * cols + col] */
    uint32_t groups;
    uint32_t *fan_out;                /* [group] */
    struct noc_interface **interface; /* [terminal] NULL: nobody is there */
};

/* Builds rows x cols routers under `path` ("chip.noc[0]") with room for `groups` multicast groups. */
void noc_aer_mesh_build(struct noc_aer_mesh *mesh, const struct noc_aer_mesh_spec *spec, uint32_t rows,
                        uint32_t cols, uint32_t concentration, uint32_t groups, const char *path,
                        struct sim_kernel *kernel);

/* Lays the tree of `group`: from terminal `source` to each of `members`, which differ from each other. */
void noc_aer_mesh_group(struct noc_aer_mesh *mesh, uint32_t group, uint32_t source, const uint32_t *member,
                        uint32_t members);

/* Connects a terminal: prepares `interface`, which `owner` steps. */
void noc_aer_mesh_attach(struct noc_aer_mesh *mesh, uint32_t terminal, struct noc_interface *interface,
                         struct sim_component *owner, struct sim_kernel *kernel);

/* Copies that have been sent but not taken: packets in FIFOs, on wires, and arrived but not taken, those of a
 * multicast tree once for each member that they will still reach. */
uint64_t noc_aer_mesh_underway(const struct noc_aer_mesh *mesh);

/* Law L4 between the two ends of every channel; false and messages on a fault. */
bool noc_aer_mesh_audit(const struct noc_aer_mesh *mesh, sim_cycle now, struct sim_err *err);

#ifdef __cplusplus
}
#endif

#endif

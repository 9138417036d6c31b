/* SPDX-License-Identifier: MIT
 *
 * Topologies: which port of which router leads where.
 *
 * A topology is a table of ends, one for each port of each router. Ports are bidirectional pairs: what
 * leaves through port p enters the peer at `peer_port`, and what comes back arrives at port p. In grids
 * (meshes and tori of any number of dimensions) ports 2d and 2d + 1 lead to the larger and the smaller
 * coordinate of dimension d, and the terminals follow:
 *
 *                  2 (+y)
 *                    |
 *        1 (-x) -- router -- 0 (+x)      router id = x + y * size_x + ...; dimension 0 varies fastest
 *                    |    \
 *                  3 (-y)  4, 5 ... terminals
 *
 * Concentration puts several terminals at a router: in two dimensions as a tile of the terminal grid
 * (as square as its divisors allow), otherwise consecutive terminals share a router.
 *
 * A fat tree is a k-ary n-tree: n levels of k^(n-1) switches, k ports down (0 .. k-1) and k up
 * (k .. 2k-1) except at the roots. A graph is given as an edge list, "0-1, 1-2:3, ..." with an optional
 * latency behind the colon; terminals sit at the routers in order.
 */
#ifndef NOC_TOPOLOGY_TOPOLOGY_H
#define NOC_TOPOLOGY_TOPOLOGY_H

#include "noc/link/flit.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_arena;
struct sim_err;
struct sim_where;

#define NOC_DIMENSIONS_MAX 8u
#define NOC_GRAPH_MAX 4096u   /* routers of a free graph */
#define NOC_PORTS_MAX 63u
#define NOC_CHOICES_LIMIT 16u /* output ports that one packet may ask for */

enum noc_topology_kind {
    NOC_TOPOLOGY_MESH,
    NOC_TOPOLOGY_TORUS,
    NOC_TOPOLOGY_FAT_TREE,
    NOC_TOPOLOGY_GRAPH,
    NOC_TOPOLOGY_COUNT
};

enum noc_end_kind { NOC_END_NONE, NOC_END_ROUTER, NOC_END_TERMINAL };

/* Where a port leads. */
struct noc_end {
    uint32_t peer;      /* router or terminal id */
    uint16_t peer_port; /* of a router */
    uint8_t kind;       /* enum noc_end_kind */
    uint8_t boundary;   /* crosses from chip to chip */
    uint32_t latency;   /* of the wire, cycles */
};

/* Where a terminal sits. */
struct noc_home {
    uint32_t router;
    uint32_t port;
};

struct noc_topology {
    enum noc_topology_kind kind;
    uint32_t routers, terminals;
    uint32_t ports_max;          /* ports of the largest router */
    uint32_t diameter;           /* most routers on a shortest path between terminals */
    uint32_t *first;             /* [router + 1] index of the router's port 0 in `end` */
    struct noc_end *end;         /* [first[router] + port] */
    struct noc_home *home;       /* [terminal] */
    uint32_t dimensions;         /* grids only, else 0 */
    uint32_t size[NOC_DIMENSIONS_MAX];
    bool wrap;                   /* torus */
    uint16_t *coordinate;        /* [router * dimensions + d], grids; fat tree: digits, level first */
    uint32_t concentration;      /* terminals at a router (grids, graphs) */
    uint32_t arity, levels;      /* fat tree */
};

/* What to build. Texts come from a description and are judged here. */
struct noc_topology_spec {
    enum noc_topology_kind kind;
    const char *size;        /* grids: "8x8", "16", "4x4x4"; fat tree: "arity x levels" */
    const char *edges;       /* graph: "0-1, 1-2:3" */
    uint32_t concentration;
    uint32_t link_latency;
    uint32_t chip_size;      /* grids: side of a chip in routers; 0 = one chip */
    uint32_t boundary_latency;
};

/* Builds the table; false and located messages when the texts make no sense. */
bool noc_topology_init(struct noc_topology *topology, const struct noc_topology_spec *spec,
                       const struct sim_where *where, struct sim_arena *arena, struct sim_err *err);

static inline uint32_t noc_topology_ports(const struct noc_topology *t, uint32_t router) {
    return t->first[router + 1] - t->first[router];
}

static inline const struct noc_end *noc_topology_end(const struct noc_topology *t, uint32_t router,
                                                     uint32_t port) {
    return &t->end[t->first[router] + port];
}

static inline const uint16_t *noc_topology_coordinate(const struct noc_topology *t, uint32_t router) {
    return t->coordinate + (size_t)router * t->dimensions;
}

/* "mesh 8x8" and the like, for messages; valid as long as the arena. */
const char *noc_topology_describe(const struct noc_topology *topology, struct sim_arena *arena);

#ifdef __cplusplus
}
#endif

#endif

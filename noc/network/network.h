/* SPDX-License-Identifier: MIT
 *
 * A packet network: a topology, a routing function, a router at every node, a terminal at every home.
 *
 * The assembly computes no behaviour; it builds, connects and checks:
 *   - the routing function fits the topology and the number of virtual channels;
 *   - the channel-dependency graph has no cycle that could deadlock (noc/topology/deadlock.h);
 *   - channels get their latencies: link + traversal + 1 between routers, so that a flit granted in cycle a
 *     is visible at a + traversal_delay + link + 1 (noc/router/router.h); all times clock_divider
 *     (noc/link/clock_divider.h).
 */
#ifndef NOC_NETWORK_NETWORK_H
#define NOC_NETWORK_NETWORK_H

#include "noc/network/terminal.h"
#include "noc/router/router.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_kernel;
struct noc_batch;

struct noc_network_spec {
    int topology;  /* enum noc_topology_kind */
    const char *size, *edges;
    uint32_t concentration;
    int routing;   /* enum noc_routing_kind */
    struct noc_router_spec router;
    uint32_t link_latency;
    double link_length_m;
    int link_payload; /* enum noc_payload */
    uint32_t terminal_latency;
    uint32_t chip_size, boundary_latency, boundary_bits;
    uint32_t clock_divider;
    bool check_deadlock;
};

extern const struct sim_schema noc_network_schema;

struct noc_network {
    const struct noc_network_spec *spec;
    struct noc_router_spec router_spec; /* delays in base cycles */
    struct noc_topology topology;
    struct noc_routing routing;
    struct noc_router *router;     /* [router] */
    struct noc_terminal *terminal; /* [terminal] */
    struct noc_trees trees;
    bool together;           /* noc_network_together was asked for and can be */
    struct noc_batch *batch; /* steps the routers; NULL: they are stepped one by one */
    bool sinks_apart; /* before assembly: FIFOs for each VC at terminals too, for tests */
    size_t bytes_per_router;       /* storage, terminals' interfaces and channels included */
};

/* Fills a spec with the defaults of the schema (8x8 mesh, XY, 4 VCs of 8 flits). */
void noc_network_defaults(struct noc_network_spec *spec);

/* First step: builds topology and routing and judges them; false and located messages when the description
 * makes no sense. `spec` must live as long as the network. */
bool noc_network_build(struct noc_network *network, const struct noc_network_spec *spec,
                       const struct sim_where *where, struct sim_arena *arena, struct sim_err *err);

/* Packets of `size` flits can be sent: false and a message that begins with `what` ("packet 3 has"). */
bool noc_network_fits(const struct noc_network_spec *spec, uint32_t size, const char *what,
                      const struct sim_where *where, struct sim_err *err);

/* Between the steps: the routers are to be stepped together (noc/batch/batch.h), which suits a loaded network
 * without an event log. False where they cannot. */
bool noc_network_together(struct noc_network *network);

/* Second step: routers, terminals and channels under `path` ("noc"); `client` serves all terminals and is
 * asked for their first packets. Cannot fail. */
void noc_network_assemble(struct noc_network *network, const char *path, const struct noc_client *client,
                          struct sim_kernel *kernel);

/* Where there is multicast: routers that replicate, as a third step; assembly takes it by itself when there
 * are trees already. A tree for each group, any time after the first step: from `source` to each of `members`
 * (reordered, no two the same); packets for what it returns reach them all, unless it is NOC_NO_TREE. */
void noc_network_multicast(struct noc_network *network, struct sim_arena *arena);
uint32_t noc_network_tree(struct noc_network *network, uint32_t source, uint32_t *member, uint32_t members,
                          struct sim_arena *arena);

/* Deliveries that are still to come of the packets in the network: those in the routers and on
 * wires, and those that terminals have not sent to the end. */
uint64_t noc_network_underway(const struct noc_network *network);

/* Law L5 in flits and law L4 between the two ends of every channel; false and messages on a fault. */
bool noc_network_audit(const struct noc_network *network, sim_cycle now, struct sim_err *err);

/* Cycles for which a flit keeps the sending end of a link busy: more than one where links from chip to chip
 * are narrower than flits. */
uint32_t noc_network_serial(const struct noc_network_spec *spec, const struct noc_end *end);

/* Base cycles from the switch grant to visibility behind an end, and of the credits for it. */
uint32_t noc_network_flit_latency(const struct noc_network_spec *spec, const struct noc_end *end);
uint32_t noc_network_credit_latency(const struct noc_network_spec *spec, const struct noc_end *end);

/* Latency of a packet of `size` flits that meets no other, over a path of `hops` routers with links of
 * the network's link latency, FIFOs being deep enough for it to stream: creation (at an edge of the network's
 * clock) to arrival of the tail, in base cycles. With speculation exact where routing gives a single choice
 * of port, and the least latency elsewhere. */
sim_cycle noc_network_zero_load(const struct noc_network_spec *spec, uint32_t hops, uint32_t size);

#ifdef __cplusplus
}
#endif

#endif

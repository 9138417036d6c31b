/* SPDX-License-Identifier: MIT
 *
 * Plain routers of a mesh, stepped together.
 *
 * Where every router has a flit or two in each cycle, most of a simulation's time goes into deciding: the
 * same few rules over and over, router by router, and each time another way through them. A batch turns that
 * round: it is one component that holds the sets of all routers side by side, a router in each lane of a
 * vector register, and takes a rule for 16 (AVX-512), 8 (AVX2) or 4 of them at once (cycle.c). Only flits
 * that move are touched one by one. A cycle costs almost the same whether anything moves or not, so a batch
 * is for loaded networks; near idle, routers that are stepped only when something is due are faster.
 *
 * It is the same hardware: router.h has the cycle rules, and test/unit/test_batch.c holds both against each
 * other, packet by packet. The flits stay in the routers' FIFOs; the other state comes back to the routers
 * whenever somebody settles or explains the components.
 *
 * Not for: anything but plain routers (plain.c) of a mesh of up to two dimensions with dimension-order
 * routing, all of whose links are alike, with at most 32 input VCs each; an event log; multicast.
 */
#ifndef NOC_BATCH_BATCH_H
#define NOC_BATCH_BATCH_H

#include "noc/router/router.h"

#ifdef __cplusplus
extern "C" {
#endif

struct noc_batch;

/* Whether the routers of a network can be a batch, as far as routers and routing tell. */
bool noc_batch_fits(const struct noc_router_spec *spec, const struct noc_routing *routing);

/* From how many flits on, which leave a router in a cycle, a batch is faster than its routers one by one, on
 * the processor at hand (`make bench-noc`; measured at three sizes of mesh). */
double noc_batch_pays(void);

extern const struct sim_type noc_batch_type;

/* An empty batch; its component is to be added to a kernel before its routers, which are settled after it. */
struct noc_batch *noc_batch_new(struct sim_arena *arena);
struct sim_component *noc_batch_component(struct noc_batch *batch);

/* Takes over all routers of the topology, connected already. Terminals that send to them must wake the batch;
 * they themselves are not to be stepped any more. `eject_credit`: cycles from a flit's arrival at a terminal
 * to the use of its credit. */
void noc_batch_take(struct noc_batch *batch, struct noc_router *router, const struct noc_topology *topology,
                    uint32_t eject_credit, struct sim_arena *arena);

#ifdef __cplusplus
}
#endif

#endif

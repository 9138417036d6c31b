/* SPDX-License-Identifier: MIT
 *
 * A router without buffers: every flit that arrives leaves in the same cycle, by another way if need be.
 *
 *     links in  --> [ oldest first ] --> links out      flit of one hop:  t        t + link latency
 *     terminals --> [ what is left ] --> terminals                        in, out  in the next router
 *
 * Flits are packets of their own. Those on the links choose one after the other, the oldest first: a port
 * that leads nearer to the destination (the choices of the routing function), else any free link: they are
 * deflected. There are as many links out as in, so each of them finds one. Then come the terminals, the
 * longest waiting first: a flit enters when a port that it wants, or any other link, is left over. Each
 * terminal's port keeps what waits to enter in a FIFO of buffer_flits, with credits; it has no other buffer.
 *
 * No deadlock, since nothing waits for anything. No livelock: the order is total up to flits that differ in
 * nothing (age, then destination and tag), so of the flits that are first in it one is nearer to its
 * destination after every hop; a flit that enters is delivered after at most (links + 1) x diameter hops.
 * All links have the same latency, therefore the number of hops is the age.
 *
 * The state is a struct noc_router with one VC, of which FIFOs of links are the registers of the wires.
 * Events are those of noc.router; buffers count at the terminals' FIFOs only. Clock dividers work as
 * elsewhere. Not modelled: the permutation network's own limits (it sorts fully), multicast, reassembly of
 * packets.
 *
 * After BLESS (Moscibroda and Mutlu, ISCA 2009), FLIT-BLESS with oldest-first ranking.
 */
#ifndef NOC_ROUTER_DEFLECTION_H
#define NOC_ROUTER_DEFLECTION_H

#include "noc/router/router.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A type of struct noc_router, called noc.router as well: what it counts has the same prices. */
extern const struct sim_type noc_deflection_type;

/* What a description may say of a router that deflects; and its spec as the network builds it. */
bool noc_deflection_check(const struct noc_router_spec *spec, const struct sim_where *where,
                          struct sim_err *err);

/* All links must have one latency. */
bool noc_deflection_fits(const struct noc_topology *topology, const struct sim_where *where,
                         struct sim_err *err);

#ifdef __cplusplus
}
#endif

#endif

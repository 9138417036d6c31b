/* SPDX-License-Identifier: MIT
 *
 * The networks that a packet chip can have, behind one face.
 *
 *   noc.aer_mesh      address-event routers, with tree multicast (noc/aer/mesh.h)
 *   arch.vc_network   virtual-channel routers, any topology and routing, with tree multicast where packets
 * fit
 *                     into FIFOs whole (arch/packet/vc_network.h)
 *
 * Terminal i is core i; the host's number is the first one beyond the tiles' cores.
 */
#ifndef ARCH_PACKET_NETWORK_H
#define ARCH_PACKET_NETWORK_H

#include "arch/packet/vc_network.h"
#include "noc/aer/mesh.h"
#include "sim/config/param.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Invariant: which of the two is there depends on the type. */
struct arch_packet_network {
    enum { ARCH_NETWORK_AER, ARCH_NETWORK_VC } kind;
    uint32_t packet_bits;
    struct noc_aer_mesh mesh;
    struct arch_vc_network vc;
};

struct sim_connection;

/* The network replicates packets. */
bool arch_packet_network_multicasts(const struct sim_any *any);

/* What the description calls it; empty: nothing. */
const char *arch_packet_network_name(const struct sim_any *any);

/* False and a message when network `name` cannot work with packets of `packet_bits`. */
bool arch_packet_network_check(const struct sim_any *any, const char *name, uint32_t packet_bits,
                               const struct sim_where *where, struct sim_err *err);

/* The tiles that are used, and what they must be able to do. */
struct arch_packet_network_site {
    uint32_t rows, cols, cores_per_tile, groups;
    uint32_t cores, host, packet_bits;
};

/* Builds the routers under `path`. False and messages on a fault. */
bool arch_packet_network_build(struct arch_packet_network *network, const struct sim_any *any,
                               const struct arch_packet_network_site *site, const char *path,
                               struct sim_kernel *kernel, struct sim_err *err);

/* Makes `group` known: from core (or host) `source` to each of `members`. False and a message of the network
 * at `path` when it has no room for it. */
bool arch_packet_network_group(struct arch_packet_network *network, uint32_t group, uint32_t source,
                               const uint32_t *member, uint32_t members, const char *path,
                               struct sim_arena *arena, struct sim_err *err);

void arch_packet_network_attach(struct arch_packet_network *network, uint32_t terminal,
                                struct noc_interface *interface, struct sim_component *owner,
                                struct sim_kernel *kernel);

/* Fills row and column when `component` is a router of this network. */
void arch_packet_network_place(const struct arch_packet_network *network, uint32_t component, int32_t *row,
                               int32_t *col);

/* Items sent before `now` over a link that a router or port of this network drives, and the bits of each;
 * false: it is none. */
bool arch_packet_network_sends(const struct arch_packet_network *network,
                               const struct sim_connection *connection, sim_cycle now, uint64_t *sends,
                               uint32_t *bits);

/* Copies that are on their way. */
uint64_t arch_packet_network_underway(const struct arch_packet_network *network);

/* Values that unit energies scale by: sizes of the routers are those of the first virtual-channel network,
 * numbers of routers and of FIFOs' flits those of all. */
void arch_packet_network_parameters(const struct arch_packet_network *network, uint32_t count,
                                    void (*report)(void *user, const char *type, const char *name,
                                                   double value),
                                    void *user);

bool arch_packet_network_audit(const struct arch_packet_network *network, sim_cycle now, struct sim_err *err);

#ifdef __cplusplus
}
#endif

#endif

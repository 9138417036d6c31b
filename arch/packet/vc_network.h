/* SPDX-License-Identifier: MIT
 *
 * A network of virtual-channel routers (noc/network/network.h) under the cores of a packet chip.
 *
 *     core --channel--> [ port: FIFO --> network interface ] --> router       flits, virtual channels,
 * credits
 *          <--channel--                                      <--
 *
 * The port stands between a core and its router. It turns the core's single-flit packets into packets of as
 * many flits as packet_bits need, and back; towards the core it is like an address-event router with one
 * port. It costs one cycle each way. Core i sits at terminal i of the network, the host at the last.
 *
 * With multicast: tree the routers replicate a spike for several cores (noc/router/multicast.c); otherwise it
 * is sent once to each.
 */
#ifndef ARCH_PACKET_VC_NETWORK_H
#define ARCH_PACKET_VC_NETWORK_H

#include "noc/aer/router.h"
#include "noc/network/network.h"
#include "noc/network/static.h"

#ifdef __cplusplus
extern "C" {
#endif

struct arch_vc_network_spec {
    struct noc_network_spec network;
    uint32_t port_buffer;
    int multicast; /* enum noc_multicast */
    const char *name;
};

extern const struct sim_schema arch_vc_network_schema;

/* Between a core and its terminal, which steps it. */
struct arch_vc_port {
    struct noc_aer_input from_core;
    struct noc_aer_output to_core;
};

struct arch_vc_network {
    const struct arch_vc_network_spec *spec;
    struct noc_network network;
    struct noc_client client;
    struct arch_vc_port *port; /* [terminal] */
    uint32_t flits;            /* of a packet */
    uint32_t host;             /* what the cores call the last terminal */
    struct noc_network_static parts;
    uint32_t *group;           /* [group] the destination of its packets in the network */
};

/* Flits of a packet of `packet_bits`. */
uint32_t arch_vc_network_flits(const struct arch_vc_network_spec *spec, uint32_t packet_bits);

/* False and a message when packets of that size cannot be replicated safely; `name` is the network's. */
bool arch_vc_network_check(const struct arch_vc_network_spec *spec, const char *name, uint32_t packet_bits,
                           const struct sim_where *where, struct sim_err *err);

/* Builds routers and terminals for `cores` cores and the host, whose number in destinations is `host`, with
 * room for `groups` multicast groups. False and messages when the description makes no sense or has too few
 * terminals. */
bool arch_vc_network_build(struct arch_vc_network *network, const struct arch_vc_network_spec *spec,
                           uint32_t cores, uint32_t host, uint32_t groups, uint32_t packet_bits,
                           const char *path, struct sim_kernel *kernel, struct sim_err *err);

/* Lays the tree of `group` from core (or host) `source` to each of `members`. False and a message of the
 * network at `path` when the trees have more nodes than packets have labels. */
bool arch_vc_network_group(struct arch_vc_network *network, uint32_t group, uint32_t source,
                           const uint32_t *member, uint32_t members, const char *path,
                           struct sim_arena *arena, struct sim_err *err);

/* Connects core (or host) number `terminal`. */
void arch_vc_network_attach(struct arch_vc_network *network, uint32_t terminal,
                            struct noc_interface *interface, struct sim_component *owner,
                            struct sim_kernel *kernel);

/* Copies that have left a core and not been taken by another. */
uint64_t arch_vc_network_underway(const struct arch_vc_network *network);

#ifdef __cplusplus
}
#endif

#endif

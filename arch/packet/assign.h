/* SPDX-License-Identifier: MIT
 *
 * Which network of a packet chip carries what: by the layer that sends, by the kind of packet, or both.
 *
 *     networks:
 *       - {type: noc.aer_mesh, name: spikes}
 *       - {type: arch.vc_network, name: sums, ...}
 *     assign:
 *       - {packets: sums, network: sums}
 *       - {layer: conv1, packets: hidden, network: spikes}
 *
 * The first entry that fits decides; what none fits goes to the first network. Without any entry the networks
 * share the load: core i sends on network i mod their number, the host on the first.
 */
#ifndef ARCH_PACKET_ASSIGN_H
#define ARCH_PACKET_ASSIGN_H

#include "sim/config/param.h"
#include "sim/graph/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

enum arch_packet_class {
    ARCH_PACKETS_ALL,
    ARCH_PACKETS_INPUTS,  /* from the host */
    ARCH_PACKETS_HIDDEN,  /* from core to core */
    ARCH_PACKETS_OUTPUTS, /* to the host */
    ARCH_PACKETS_SUMS,    /* partial sums */
    ARCH_PACKETS_COUNT
};

struct arch_assignment_spec {
    const char *layer; /* empty: every layer */
    int packets;       /* enum arch_packet_class */
    const char *network;
};

extern const struct sim_schema arch_assignment_schema;

/* An entry by numbers; the names that it came from are right. */
struct arch_assignment {
    uint32_t layer; /* UINT32_MAX: every layer */
    enum arch_packet_class packets;
    uint32_t network;
};

struct arch_assignments {
    const struct arch_assignment *entry;
    uint32_t entries, networks;
};

/* Checks that networks have different names, and the entries name one of them. name[i] is that of network
 * i. */
bool arch_assignments_check(const struct arch_assignment_spec *spec, uint32_t entries,
                            const char *const *name, uint32_t networks, const struct sim_where *where,
                            struct sim_err *err);

/* Finds layers and networks by their names; `entry` has room for all. False and a message when there is no
 * such layer. */
bool arch_assignments_resolve(const struct arch_assignment_spec *spec, uint32_t entries,
                              const char *const *name, uint32_t networks, const struct sim_graph *graph,
                              struct arch_assignment *entry, struct sim_err *err);

/* The network for packets of a kind from a layer, sent by core `core` (inputs: by the host, 0). */
uint32_t arch_assignments_network(const struct arch_assignments *assignments, enum arch_packet_class packets,
                                  uint32_t layer, uint32_t core);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * What the routers of a network cost by merely existing, beside the leakage of their logic:
 *
 *   noc.clock    the clock trees; they are driven in every cycle (no clock gating)
 *   noc.buffer   the leakage of the FIFOs, which grows with their number, depth and width
 *   noc.link     the leakage of the repeaters in the links between routers, which grows with bits and length
 *
 * There is one component of each type in a network. They are never stepped after cycle 0; their counters are
 * products of the number of cycles, taken when somebody looks. The clock tree of a router grows with the
 * width of its data path, but not in proportion; so it has two counters, one for each part.
 */
#ifndef NOC_NETWORK_STATIC_H
#define NOC_NETWORK_STATIC_H

#include "noc/network/network.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NOC_CLOCK_EVENTS(X)                                                                                  \
    X(ROUTER_CYCLE, router_cycle, "a cycle of a router's clock tree: the part that any router has")          \
    X(BIT_CYCLE, bit_cycle, "a cycle of a router's clock tree, for each bit of a flit")

#define NOC_CLOCK_EVENT_ENUM(NAME, name, help) NOC_CLOCK_##NAME,
enum noc_clock_event { NOC_CLOCK_EVENTS(NOC_CLOCK_EVENT_ENUM) NOC_CLOCK_EVENT_COUNT };

struct noc_static {
    struct sim_component base;
    uint64_t routers, flit_bits;
    uint64_t divider; /* base cycles in a cycle of the network */
};

struct noc_network_static {
    struct noc_static clock, buffer, link;
};

/* All have the state struct noc_static. */
extern const struct sim_type noc_clock_type, noc_buffer_type, noc_link_type;

/* Adds them to an assembled network, before the kernel starts. */
void noc_network_add_static(const struct noc_network *network, const char *path,
                            struct noc_network_static *parts, struct sim_kernel *kernel);

/* Wires between routers: bits x millimetres, of links that lead one way. */
double noc_network_bit_mm(const struct noc_network_spec *spec, uint64_t links);

#ifdef __cplusplus
}
#endif

#endif

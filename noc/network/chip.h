/* SPDX-License-Identifier: MIT
 *
 * A chip that is nothing but packet networks, of which there may be none: what `nocsim --traffic` measures,
 * one network at a time, since several networks of a chip share nothing but its clock and voltage.
 *
 * The network's terminals are sources and sinks of synthetic traffic (noc/traffic/traffic.h) or of a recorded
 * trace (noc/traffic/trace.h). Clock and voltage turn cycles and events into seconds and joules; they change
 * nothing else.
 */
#ifndef NOC_NETWORK_CHIP_H
#define NOC_NETWORK_CHIP_H

#include "noc/network/network.h"

#ifdef __cplusplus
extern "C" {
#endif

struct noc_chip_spec {
    double clock_hz, voltage_v;
    struct noc_network_spec network;
    uint32_t has_network; /* 1; 0: network is 'none' */
    const struct noc_network_spec *networks;
    uint32_t network_count;
};

extern const struct sim_schema noc_chip_schema;

#ifdef __cplusplus
}
#endif

#endif

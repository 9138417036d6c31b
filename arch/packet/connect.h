/* SPDX-License-Identifier: MIT
 *
 * The last stage of arch/packet/map.h: latencies, axon tables, destination lists, multicast groups.
 */
#ifndef ARCH_PACKET_CONNECT_H
#define ARCH_PACKET_CONNECT_H

#include "arch/packet/map.h"

#ifdef __cplusplus
extern "C" {
#endif

/* False with messages when operands of a layer are too far apart in time. */
bool arch_packet_connect(struct arch_packet_map *map, struct sim_err *err);

#ifdef __cplusplus
}
#endif

#endif

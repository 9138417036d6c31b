/* SPDX-License-Identifier: MIT
 *
 * A router of streams (noc/stream/stream.h) on a mesh, dimension order: the router of both networks of a dual
 * chip.
 *
 *                     north                     a FIFO of streams at each input, one turn at each output
 *                       |
 *            west -- router -- east             x first, then y; rows grow southward
 *                       |   \
 *                     south  local 4, 5 ...     cores and hosts of the tile
 *
 *     cycle    t                 t + hop_cycles            t + cycles
 *              output granted,   head at the next router,  tail has left: output and input are free again
 *              channel held      which may grant it now
 *
 * The event network is virtual cut-through: a train of packets goes on without waiting for its tail, and
 * waits in one piece. On the frame network the held channels are the circuit. A stream leaves only when
 * the next FIFO has a place for it, so trains block each other as packets would, but a train is never
 * interrupted: packets of two trains do not take turns on a channel. Dimension order cannot deadlock.
 *
 * Not modelled: the acknowledgement of a circuit's set-up, the widths of control wires, clock trees.
 */
#ifndef NOC_STREAM_ROUTER_H
#define NOC_STREAM_ROUTER_H

#include "noc/stream/stream.h"
#include "sim/kernel/component.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NOC_STREAM_PORTS_MAX 16u
#define NOC_STREAM_LOCAL 4u /* the first local port; before it north, south, east, west */

#define NOC_STREAM_ROUTER_EVENTS(X)                                                                          \
    X(GRANT, grant, "a stream was given an output")                                                          \
    X(HOP_BITS, hop_bits, "a bit of an event, bitmap or activation crossed to the next router")              \
    X(SUM_BITS, sum_bits, "a bit of a partial sum crossed to the next router")                               \
    X(LOCAL_BITS, local_bits, "a bit was handed to a core or host of this tile")                             \
    X(WAIT_CYCLES, wait_cycles, "a cycle that a stream's head waited for an output or a place")

#define NOC_STREAM_ROUTER_EVENT_ENUM(NAME, name, help) NOC_STREAM_ROUTER_##NAME,
enum noc_stream_router_event {
    NOC_STREAM_ROUTER_EVENTS(NOC_STREAM_ROUTER_EVENT_ENUM) NOC_STREAM_ROUTER_EVENT_COUNT
};

/* The same hardware at two prices. */
extern const struct sim_type noc_event_router_type, noc_frame_router_type;

/* Where a terminal sits. */
struct noc_stream_home {
    uint16_t x, y, port, unused;
};

struct noc_stream_router {
    struct sim_component base;
    const struct noc_stream_home *home; /* [terminal] */
    uint32_t x, y, ports;
    uint32_t turn[NOC_STREAM_PORTS_MAX]; /* [output] the input that is first in line */
    bool fed[NOC_STREAM_PORTS_MAX];      /* [input] somebody sends to it */
    struct noc_stream_input input[NOC_STREAM_PORTS_MAX];
    struct noc_stream_output output[NOC_STREAM_PORTS_MAX]; /* to == NULL: the rim */
};

#ifdef __cplusplus
}
#endif

#endif

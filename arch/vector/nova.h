/* SPDX-License-Identifier: MIT
 *
 * NOVA (arXiv 2405.04206): vector lanes whose slopes and biases come past on a line network (arch.nova).
 *
 *     lanes' cycle     |      0      |      1      |      2      |
 *     network (x 2)    |  0   |  1   |  2   |  3   |
 *     request shows      x
 *     comparators        segment
 *     flits                f0     f1                                a lane latches the pair of its segment
 *     multiply-add                     y = slope * x + bias
 *     result shows                                   y
 *
 * The multiply-add starts at the first edge of the lanes' clock at which all pairs have passed. Pairs are
 * latched in two sets, vector by vector, because the next vector's flits may pass during a multiply-add.
 *
 *     look-up = ceil((flits + spans before the core's) / ratio) cycles of the lanes; one more for the
 * multiply-add
 *
 * Published: the principle, one cycle for a look-up at the usual breakpoint counts. Recalled and unverified:
 * link width, clock ratio, hop length, local comparators, one multiply-add a lane. Ours: the latches' two
 * sets, the wire past the lanes, all areas.
 */
#ifndef ARCH_VECTOR_NOVA_H
#define ARCH_VECTOR_NOVA_H

#include "arch/vector/approximator.h"

#ifdef __cplusplus
extern "C" {
#endif

struct arch_nova_spec {
    struct noc_line_spec line;
    struct arch_lanes_area area;
    double router_bit_m2; /* of a router and its repeaters, for each bit of the link */
};

/* Invariant: `wave` is latched as far as flit `flits_seen`; at most one vector waits for its multiply-add. */
struct arch_nova {
    struct sim_component base;
    const struct arch_lanes_setup *setup;
    struct arch_lanes_port *port;
    struct noc_line_link *tap;
    uint32_t ratio, flits, pairs_of_flit;
    uint32_t flits_seen;
    uint32_t *segment;             /* [lanes] of the vector at hand */
    struct noc_line_pair *pair[2]; /* [lanes] by parity of the wave */
    int32_t *y;                    /* [queue][lanes] */
    bool waits;                    /* for its multiply-add */
    sim_cycle at;
    struct arch_lanes_request ready;
};

extern const struct sim_schema arch_nova_schema; /* role "approximator" */
extern const struct sim_type arch_nova_type;     /* a core's lanes */
extern const struct arch_approximator_type arch_nova_approximator;

#ifdef __cplusplus
}
#endif

#endif

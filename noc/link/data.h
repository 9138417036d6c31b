/* SPDX-License-Identifier: MIT
 *
 * What the wires of a link carry, and how many of them change with a flit: the energy of a repeated wire goes
 * into its transitions, and a wire that keeps its value costs nothing.
 *
 *     average    nobody looks: each bit of a flit has the price of a bit of random data
 *     random     bits drawn anew for each flit, the same at every hop of a packet
 *     address    the address event itself: tag (bits 0-31) and destination (32-55), from the first flit on;
 *                what the packet has beyond them are zeros
 *
 * Each link keeps the flit sent last; a flit costs the bits in which it differs from that one, whatever
 * packet or VC it was of (VCs share the wires). Idle links keep their value. What the flits' own control bits
 * and the wires of the credits do is not modelled. Routers that look take the general form
 * (noc/router/router.c), which is slower.
 */
#ifndef NOC_LINK_DATA_H
#define NOC_LINK_DATA_H

#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_arena;

enum noc_payload { NOC_PAYLOAD_AVERAGE, NOC_PAYLOAD_RANDOM, NOC_PAYLOAD_ADDRESS, NOC_PAYLOAD_COUNT };

extern const char *const noc_payload_names[]; /* in the order of the enum, NULL at the end */

/* The links that leave a router. */
struct noc_link_data {
    int payload; /* enum noc_payload, not AVERAGE */
    uint32_t flit_bits, words, um; /* of a flit; its 64-bit words; length of a link */
    uint64_t *last;                /* [port * words] the flit sent last */
    uint32_t *sent;                /* [code] flits sent of the packet at hand, of each output VC */
};

struct noc_link_data *noc_link_data_new(int payload, uint32_t flit_bits, uint32_t um, uint32_t ports,
                                        uint32_t codes, struct sim_arena *arena);

/* A flit with this word (flit.h) goes over the link of `port`, as the next of output VC `code`: the wires
 * that change. */
uint32_t noc_link_data_send(struct noc_link_data *data, uint32_t port, uint32_t code, uint64_t word);

#ifdef __cplusplus
}
#endif

#endif

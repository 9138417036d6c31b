/* SPDX-License-Identifier: MIT
 *
 * A terminal that only sends and receives packets: the source and sink of synthetic traffic and of
 * recorded traces. Where packets come from and what is noted about them is the client's business.
 *
 * The source queue is unbounded: a packet waits from its creation until the tail of the one before it
 * has left, and its waiting counts. The sink takes every flit in the cycle in which it becomes visible.
 * In a cycle: arrivals, then the packet whose cycle has come, then at most one flit is sent.
 */
#ifndef NOC_NETWORK_TERMINAL_H
#define NOC_NETWORK_TERMINAL_H

#include "noc/network/interface.h"
#include "sim/kernel/component.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NOC_TERMINAL_EVENTS(X)                                                                     \
    X(SEND_FLIT, send_flit, "a flit was sent into the network")                                    \
    X(SEND_PACKET, send_packet, "the tail of a packet was sent into the network")                  \
    X(RECEIVE_FLIT, receive_flit, "a flit arrived from the network")                               \
    X(RECEIVE_PACKET, receive_packet, "the tail of a packet arrived from the network")

#define NOC_TERMINAL_EVENT_ENUM(NAME, name, help) NOC_TERMINAL_##NAME,
enum noc_terminal_event { NOC_TERMINAL_EVENTS(NOC_TERMINAL_EVENT_ENUM) NOC_TERMINAL_EVENT_COUNT };

/* The callbacks get `self` of the client. A client keeps what it learns apart for each terminal, or in sums
 * that do not depend on the order of the terminals within a cycle. */
struct noc_client {
    void *self;
    /* The terminal's next packet, in order of creation; false when there is none any more. */
    bool (*next)(void *self, uint32_t terminal, struct noc_packet *packet);
    /* Begins to load what that will use (sim_type.fetch). NULL: nothing. */
    void (*fetch)(const void *self, uint32_t terminal);
    /* The head of a packet left its source queue. */
    void (*sent)(void *self, uint32_t terminal, const struct noc_packet *packet, sim_cycle now);
    /* A head or a tail (or both in one) arrived. */
    void (*arrived)(void *self, uint32_t terminal, const struct noc_arrival *arrival, sim_cycle now);
};

struct __attribute__((aligned(64))) noc_terminal {
    struct sim_component base;
    struct noc_interface interface;
    const struct noc_client *client;
    uint32_t number;
    uint32_t divider;         /* of its clock (noc/link/clock_divider.h), for noc_terminal_divided_type */
    bool pending;             /* `packet` waits for its cycle or is being sent */
    struct noc_packet packet;
};

/* The second for a divided clock. */
extern const struct sim_type noc_terminal_type, noc_terminal_divided_type;

/* Prepares the terminal's own part; fetches the first packet. Its work is open while it has packets to
 * send; a packet's is open from its first flit to the arrival of its tail. Call after sim_kernel_add. */
void noc_terminal_init(struct noc_terminal *terminal, uint32_t number, const struct noc_client *client);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * A channel: the wires from one output port to one input port, the virtual-channel FIFOs at their far
 * end, and the credit wires back.
 *
 *     sender                               receiver
 *     a   switch granted, flit leaves
 *     a+1 switch traversal
 *     a+2 wire                             (latency = traversal + wire + 1)
 *     a+3                                  the flit is visible; its input port is named in the inbox
 *                                     s    the flit leaves the FIFO
 *     s + credit_latency                   the sender may use the slot again
 *
 * Flits live where the hardware keeps them, in the FIFO; while they are on the wire their slot is
 * reserved already, because a credit was spent on it. The stamps of the slots (flit.h) are the wires'
 * memory, so credits need no messages and wake nobody: who waits for a credit looks at the one slot
 * that he is about to fill.
 *
 * The inbox has a row for each coming cycle, with an entry for each input port: 0, or the VC at which a flit
 * becomes visible in that cycle, with a mark. Lookahead routing is done by the sender, who has the flit at
 * hand: the upper byte of a head's entry is the output port that it goes to (channel.place), as a set of one,
 * where the receiver has at most 8. An entry has one writer, the sender, and one reader.
 */
#ifndef NOC_LINK_CHANNEL_H
#define NOC_LINK_CHANNEL_H

#include "noc/link/flit.h"
#include "sim/kernel/link.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_arena;

#define NOC_ENTRY_FLIT 0x80u    /* | vc */
#define NOC_ENTRY_PORT_SHIFT 8u

/* Arrivals at one component, over all its input ports. */
struct noc_inbox {
    uint16_t *row; /* [(cycle & mask) * stride + port] */
    uint32_t mask; /* rows - 1; rows is a power of two > the largest latency */
    uint32_t stride;
};

/* The FIFOs of one input port, rings whose slots alternate: position p is of VC p % vcs, and p + vcs the next
 * of the same VC. Invariant: of each VC the full slots are consecutive. */
struct noc_fifo {
    struct noc_slot *slot; /* [index * vcs + vc] */
    uint16_t depth, vcs;
    uint32_t credit_latency; /* cycles from leaving the FIFO to use of the credit by the sender's switch */
};

static inline uint32_t noc_fifo_size(const struct noc_fifo *fifo) {
    return (uint32_t)fifo->vcs * fifo->depth;
}

/* The position behind `position` in FIFOs of `vcs` VCs and `size` slots. */
static inline uint32_t noc_position_behind(uint32_t position, uint32_t vcs, uint32_t size) {
    uint32_t next = position + vcs;
    return next < size ? next : next - size;
}

/* A sink that takes each flit in the cycle in which it becomes visible needs no FIFO for each VC: at most one
 * flit a cycle is sent, and its slot can be used again a round trip (latency + credit latency) later. So
 * where each VC's FIFO has room for a round trip no credit is ever missing, and one ring of more slots than
 * that holds all VCs' flits, none of which waits. Both ends go round it in the steps that they know from
 * FIFOs of `vcs` VCs; the size has no divisor in common with that, so they come to all slots. Cycle by cycle
 * nothing differs: test/unit/test_sink.c. */
uint32_t noc_shared_size(uint32_t vcs, uint32_t round_trip);

/* The sender's end. base carries the latency and who is woken; its item counters are not used. */
struct noc_channel {
    struct sim_link base;
    struct noc_slot *slot; /* of the receiver's FIFO */
    uint16_t *row;         /* the receiver's inbox, at this channel's port */
    uint8_t row_mask, row_stride;
    uint16_t size;       /* slots there */
    uint32_t place : 26; /* of the receiver, for lookahead routing */
    uint32_t shared : 6; /* all bits of a VC's number, where the VCs share one ring; else 0 */
    uint64_t flits; /* sent so far */
};

/* An inbox with rows of `stride` entries, for channels whose latencies are at most `latency`. */
void noc_inbox_init(struct noc_inbox *inbox, uint32_t stride, uint32_t latency, struct sim_arena *arena);

/* FIFOs for `vcs` virtual channels of `depth` flits. */
void noc_fifo_init(struct noc_fifo *fifo, uint32_t vcs, uint32_t depth, uint32_t credit_latency,
                   struct sim_arena *arena);

/* A channel of `latency` cycles that ends in `fifo` at input port `port` of the owner of `inbox`. */
void noc_channel_init(struct noc_channel *channel, uint32_t latency, const struct noc_fifo *fifo,
                      const struct noc_inbox *inbox, uint32_t port);

/* The entry for what the channel sends to arrive in cycle `at`; the entry of cycle `now`, to take it out. */
static inline uint16_t *noc_channel_entry(const struct noc_channel *channel, sim_cycle at) {
    return channel->row + ((uint32_t)at & channel->row_mask) * channel->row_stride;
}

static inline uint16_t *noc_inbox_row(const struct noc_inbox *inbox, sim_cycle now) {
    return inbox->row + (size_t)((uint32_t)now & inbox->mask) * inbox->stride;
}

/* Fetches what noc_channel_post in cycle `now` will write, the slot excepted. */
NOC_INLINE void noc_channel_fetch(const struct noc_channel *channel, sim_cycle now) {
    __builtin_prefetch(noc_channel_entry(channel, now + channel->base.latency));
    sim_wake_fetch(&channel->base.to, now + channel->base.latency);
}

/* Sends a flit in cycle `now` into `slot` (free, the next of its VC), with `entry` for the inbox. `info` is
 * its size and hops. */
static inline void noc_channel_post(struct noc_channel *channel, sim_cycle now, struct noc_slot *slot,
                                    uint32_t entry, uint64_t word, uint64_t info) {
    sim_cycle at = now + channel->base.latency;
    slot->word = word;
    noc_slot_set_stamp(slot, NOC_FULL | at << NOC_AT_SHIFT | info);
    *noc_channel_entry(channel, at) = (uint16_t)entry;
    channel->flits++;
    sim_wake_at(&channel->base.to, now, at);
}

/* The same without lookahead: `slot` is the next of `vc`. */
static inline void noc_channel_send(struct noc_channel *channel, sim_cycle now, struct noc_slot *slot,
                                    uint32_t vc, uint64_t word, uint64_t info) {
    noc_channel_post(channel, now, slot, NOC_ENTRY_FLIT | vc, word, info);
}

/* The same in two parts, for a flit in slot `from` that arrived in this cycle and becomes visible to the
 * receiver `cycles` later: one hop more. The channel leads somewhere, and its latency with that of the flit's
 * stay is less than SIM_WHEEL_SLOTS. */
static inline void noc_slot_forward(struct noc_slot *slot, const struct noc_slot *from, uint32_t cycles) {
    slot->word = from->word;
    noc_slot_set_stamp(slot, from->stamp + ((uint64_t)cycles << NOC_AT_SHIFT) + 1);
}

static inline void noc_channel_announce(struct noc_channel *channel, sim_cycle now, uint32_t entry) {
    sim_cycle at = now + channel->base.latency;
    *noc_channel_entry(channel, at) = (uint16_t)entry;
    channel->flits++;
    sim_wake_soon(&channel->base.to, now, at);
}

/* Frees the slot of a flit that leaves the FIFO in cycle `now`. */
static inline void noc_slot_release(struct noc_slot *slot, sim_cycle now, uint32_t credit_latency) {
    noc_slot_set_stamp(slot, (now + credit_latency) << NOC_AT_SHIFT);
}

#ifdef __cplusplus
}
#endif

#endif

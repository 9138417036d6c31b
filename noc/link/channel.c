/* SPDX-License-Identifier: MIT
 *
 * Set-up of channels; see channel.h.
 */
#include "noc/link/channel.h"

#include "sim/base/arena.h"

#define SMALL 16u /* slots, packed with what is allocated beside them */

void noc_inbox_init(struct noc_inbox *inbox, uint32_t stride, uint32_t latency, struct sim_arena *arena) {
    uint32_t rows = 1;
    while (rows <= latency)
        rows *= 2;
    inbox->mask = rows - 1;
    inbox->stride = stride;
    inbox->row = SIM_PACK_ARRAY(arena, uint16_t, (size_t)rows * stride);
}

void noc_fifo_init(struct noc_fifo *fifo, uint32_t vcs, uint32_t depth, uint32_t credit_latency,
                   struct sim_arena *arena) {
    fifo->depth = (uint16_t)depth;
    fifo->vcs = (uint16_t)vcs;
    assert(vcs * depth <= UINT16_MAX);
    fifo->credit_latency = credit_latency;
    size_t slots = (size_t)vcs * depth;
    fifo->slot = slots <= SMALL ? SIM_PACK_ARRAY(arena, struct noc_slot, slots)
                                : SIM_NEW_ARRAY(arena, struct noc_slot, slots);
}

static bool have_common_divisor(uint32_t a, uint32_t b) {
    while (b != 0) {
        uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a != 1;
}

uint32_t noc_shared_size(uint32_t vcs, uint32_t round_trip) {
    uint32_t size = (vcs > round_trip ? vcs : round_trip) + 1;
    while (have_common_divisor(size, vcs))
        size++;
    return size;
}

void noc_channel_init(struct noc_channel *channel, uint32_t latency, const struct noc_fifo *fifo,
                      const struct noc_inbox *inbox, uint32_t port) {
    assert(latency <= inbox->mask && inbox->mask <= UINT8_MAX && inbox->stride <= UINT8_MAX);
    sim_link_init(&channel->base, latency, 1);
    channel->slot = fifo->slot;
    channel->size = (uint16_t)noc_fifo_size(fifo);
    channel->row = inbox->row + port;
    channel->row_mask = (uint8_t)inbox->mask;
    channel->row_stride = (uint8_t)inbox->stride;
}

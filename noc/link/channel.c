/* SPDX-License-Identifier: MIT
 *
 * Set-up of channels; see channel.h.
 */
#include "noc/link/channel.h"

#include "sim/base/arena.h"

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
    fifo->slot = SIM_NEW_ARRAY(arena, struct noc_slot, (size_t)vcs * depth);
}

void noc_channel_init(struct noc_channel *channel, uint32_t latency, const struct noc_fifo *fifo,
                      const struct noc_inbox *inbox, uint32_t port) {
    assert(latency <= inbox->mask && inbox->mask <= UINT8_MAX && inbox->stride <= UINT8_MAX);
    sim_link_init(&channel->base, latency, 1);
    channel->slot = fifo->slot;
    channel->depth = (uint16_t)fifo->depth;
    channel->row = inbox->row + port;
    channel->row_mask = (uint8_t)inbox->mask;
    channel->row_stride = (uint8_t)inbox->stride;
}

/* SPDX-License-Identifier: MIT
 *
 * The network interface; see interface.h.
 */
#include "noc/network/interface.h"

#include "sim/base/arena.h"

void noc_interface_init(struct noc_interface *ni, uint32_t vcs, uint32_t depth, uint32_t latency,
                        uint32_t credit_latency, struct sim_arena *arena) {
    noc_inbox_init(&ni->inbox, 1, latency + 1, arena); /* + 1: routers that decide a cycle ahead */
    if (depth > 0)
        noc_fifo_init(&ni->in, vcs, depth, credit_latency, arena);
    else
        noc_fifo_init(&ni->in, 1, noc_shared_size(vcs, latency + credit_latency), credit_latency, arena);
    ni->vcs = vcs;
    ni->vc = NOC_INTERFACE_NO_VC;
    ni->shift = (uint8_t)noc_bits_for(vcs);
    ni->in_mask = (uint8_t)(depth > 0 ? (1u << ni->shift) - 1 : 0);
    ni->head = SIM_PACK_ARRAY(arena, uint16_t, 2 * (size_t)vcs);
    ni->tail = ni->head + vcs;
    for (uint32_t vc = 0; vc < vcs; vc++)
        {
        ni->tail[vc] = (uint16_t)vc;
        ni->head[vc] = (uint16_t)(vc & ni->in_mask);
    }
}

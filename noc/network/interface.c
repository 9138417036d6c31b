/* SPDX-License-Identifier: MIT
 *
 * The network interface; see interface.h.
 */
#include "noc/network/interface.h"

#include "noc/topology/routing.h"
#include "sim/base/arena.h"

#define NO_VC UINT16_MAX

void noc_interface_init(struct noc_interface *ni, uint32_t vcs, uint32_t depth, uint32_t latency,
                        uint32_t credit_latency, struct sim_arena *arena) {
    noc_inbox_init(&ni->inbox, 1, latency + 1, arena); /* + 1: routers that decide a cycle ahead */
    noc_fifo_init(&ni->in, vcs, depth, credit_latency, arena);
    ni->vcs = vcs;
    ni->vc = NO_VC;
    while (UINT32_C(1) << ni->shift < vcs)
        ni->shift++;
    ni->vc_mask = (uint8_t)((1u << ni->shift) - 1);
    ni->head = SIM_PACK_ARRAY(arena, uint16_t, 2 * (size_t)vcs);
    ni->tail = ni->head + vcs;
    for (uint32_t vc = 0; vc < vcs; vc++)
        ni->head[vc] = ni->tail[vc] = (uint16_t)vc;
}

void noc_interface_offer(struct noc_interface *ni, const struct noc_packet *packet) {
    assert(ni->left == 0 && packet->size > 0);
    uint64_t size = packet->size < NOC_SIZE_MAX ? packet->size : NOC_SIZE_MAX;
    ni->left = packet->size;
    ni->headed = false;
    ni->word =
        (uint64_t)packet->class_ << NOC_CLASS_SHIFT | (uint64_t)packet->dst << NOC_DST_SHIFT | packet->tag;
    ni->info = size << NOC_SIZE_SHIFT;
}

/* The first packet of all may use VC 0 only; then the turn goes round from the last VC used. */
static bool choose_vc(struct noc_interface *ni, uint64_t visible) {
    uint32_t vc = ni->vc, turns = ni->vcs;
    if (vc == NO_VC) {
        vc = ni->vcs - 1;
        turns = 1;
    }
    while (turns-- > 0) {
        vc = vc + 1 == ni->vcs ? 0 : vc + 1;
        if (noc_slot_free(&ni->out.slot[ni->tail[vc]], visible)) {
            ni->vc = (uint16_t)vc;
            return true;
        }
    }
    return false;
}

int noc_interface_send(struct noc_interface *ni, sim_cycle now) {
    uint64_t visible = noc_visible(now), word = ni->word;
    if (ni->left == 0)
        return 0;
    if (ni->headed ? !noc_slot_free(&ni->out.slot[ni->tail[ni->vc]], visible) : !choose_vc(ni, visible))
        return 0;
    int sent = NOC_SENT_FLIT;
    if (!ni->headed) {
        word |= NOC_HEAD;
        sent |= NOC_SENT_HEAD;
        ni->headed = true;
    }
    if (--ni->left == 0) {
        word |= NOC_TAIL;
        sent |= NOC_SENT_TAIL;
    }
    uint32_t vc = ni->vc, slot = ni->tail[vc];
    ni->tail[vc] = (uint16_t)noc_position_behind(slot, ni->vcs, ni->vcs * ni->out.depth);
    uint32_t entry = !(word & NOC_HEAD) || ni->places == NULL ? NOC_ENTRY_FLIT | vc
                                        : noc_routing_entry(ni->places, ni->out.place, vc, word);
    noc_channel_post(&ni->out, now, &ni->out.slot[slot], entry, word, ni->info);
    return sent;
}

bool noc_interface_receive(struct noc_interface *ni, sim_cycle now, struct noc_arrival *arrival) {
    uint16_t *entry = noc_inbox_row(&ni->inbox, now);
    if (*entry == 0)
        return false;
    uint32_t vc = *entry & ni->vc_mask;
    *entry = 0;
    struct noc_slot *slot = &ni->in.slot[ni->head[vc]];
    *arrival = (struct noc_arrival){
        .tag = noc_flit_tag(slot->word),
        .hops = noc_slot_hops(slot),
        .head = (slot->word & NOC_HEAD) != 0,
        .tail = (slot->word & NOC_TAIL) != 0,
    };
    ni->head[vc] = (uint16_t)noc_position_behind(ni->head[vc], ni->vcs, ni->vcs * ni->in.depth);
    noc_slot_release(slot, now, ni->in.credit_latency);
    return true;
}

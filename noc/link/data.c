/* SPDX-License-Identifier: MIT
 *
 * Transitions on the wires of links; see data.h.
 */
#include "noc/link/data.h"

#include "noc/link/flit.h"
#include "sim/base/arena.h"
#include "sim/base/rng.h"

#define PACKET ((UINT64_C(1) << NOC_CLASS_SHIFT) - 1) /* destination and tag: the same at all hops */

const char *const noc_payload_names[] = {"average", "random", "address", NULL};

struct noc_link_data *noc_link_data_new(int payload, uint32_t flit_bits, uint32_t um, uint32_t ports,
                                        uint32_t codes, struct sim_arena *arena) {
    struct noc_link_data *data = SIM_NEW(arena, struct noc_link_data);
    *data = (struct noc_link_data){
        .payload = payload, .flit_bits = flit_bits, .words = (flit_bits + 63) / 64, .um = um};
    data->last = SIM_NEW_ARRAY(arena, uint64_t, (size_t)ports * data->words);
    data->sent = SIM_NEW_ARRAY(arena, uint32_t, codes);
    return data;
}

/* Bits from .. from + 63 of the packet's address event. */
static uint64_t address_bits(uint64_t packet, uint64_t from) { return from < 64 ? packet >> from : 0; }

uint32_t noc_link_data_send(struct noc_link_data *data, uint32_t port, uint32_t code, uint64_t word) {
    uint64_t packet = word & PACKET, number = word & NOC_HEAD ? 0 : data->sent[code];
    uint64_t rng = sim_rng_stream(packet, number), *last = data->last + (size_t)port * data->words;
    uint32_t toggles = 0;
    data->sent[code] = (uint32_t)number + 1;
    for (uint32_t i = 0; i < data->words; i++) {
        uint32_t bits = data->flit_bits - 64 * i;
        uint64_t now = data->payload == NOC_PAYLOAD_RANDOM
                           ? sim_rng_next(&rng)
                           : address_bits(packet, number * data->flit_bits + 64 * i);
        if (bits < 64)
            now &= (UINT64_C(1) << bits) - 1;
        toggles += (uint32_t)__builtin_popcountll(now ^ last[i]);
        last[i] = now;
    }
    return toggles;
}

/* SPDX-License-Identifier: MIT
 *
 * The 32-bit word of an address-event packet.
 *
 *     spike    31 = 0 | 30..27 slot | 26..0 key
 *     marked   31 = 0 | 30..27 slot | 26..19 mark | 18..0 key
 *     packed   31 = 0 | 30..27 slot | 26..16 block | 15..0 mask    spikes of keys 16 block + i, bit i set
 *     sum      31 = 1 | 30..20 neuron | 19..0 value, two's complement
 *
 * Slot: the timestep in which the event takes effect, modulo 16. Key: the target's axon, or with multicast
 * the source neuron's number, from which the target's axon table finds the axon. A chip uses packed words
 * when its packets may carry several spikes, marked words when its spikes say more than that they happened:
 * the mark is the slot of a time code, or k of a spike of height 2^-k. A sum is a share of a neuron's input
 * in the next timestep, for neurons whose synapses are spread over several cores.
 *
 * Widths after TrueNorth's packet (4-bit tick, 8-bit axon, two 9-bit offsets, 2 bits of debug) and Loihi's
 * 32-bit spike message; the destination is the network's business (noc/link/flit.h).
 */
#ifndef ARCH_CORE_ADDRESS_EVENT_H
#define ARCH_CORE_ADDRESS_EVENT_H

#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ARCH_SLOTS 16u /* timesteps that an event may lie ahead */
#define ARCH_SPIKES_PER_PACKET_MAX 16u
#define ARCH_EVENT_SUM (UINT32_C(1) << 31)
#define ARCH_EVENT_SLOT_SHIFT 27
#define ARCH_EVENT_KEYS (UINT32_C(1) << 27)
#define ARCH_EVENT_BLOCKS (UINT32_C(1) << 11)
#define ARCH_EVENT_MARK_SHIFT 19
#define ARCH_EVENT_MARKS 256u
#define ARCH_EVENT_MARKED_KEYS (UINT32_C(1) << ARCH_EVENT_MARK_SHIFT)
#define ARCH_EVENT_SUM_SHIFT 20
#define ARCH_EVENT_SUM_MOST ((INT32_C(1) << (ARCH_EVENT_SUM_SHIFT - 1)) - 1)

static inline uint32_t arch_event_spike(uint32_t slot, uint32_t key) {
    return slot << ARCH_EVENT_SLOT_SHIFT | key;
}

static inline uint32_t arch_event_packed(uint32_t slot, uint32_t block, uint32_t mask) {
    return slot << ARCH_EVENT_SLOT_SHIFT | block << 16 | mask;
}

static inline uint32_t arch_event_marked(uint32_t slot, uint32_t mark, uint32_t key) {
    return slot << ARCH_EVENT_SLOT_SHIFT | mark << ARCH_EVENT_MARK_SHIFT | key;
}

/* The value saturates. */
static inline uint32_t arch_event_sum(uint32_t neuron, int32_t value) {
    value = value > ARCH_EVENT_SUM_MOST ? ARCH_EVENT_SUM_MOST : value;
    value = value < -ARCH_EVENT_SUM_MOST - 1 ? -ARCH_EVENT_SUM_MOST - 1 : value;
    return ARCH_EVENT_SUM | neuron << ARCH_EVENT_SUM_SHIFT |
           ((uint32_t)value & ((UINT32_C(1) << ARCH_EVENT_SUM_SHIFT) - 1));
}

static inline uint32_t arch_event_slot(uint32_t event) {
    return event >> ARCH_EVENT_SLOT_SHIFT & (ARCH_SLOTS - 1);
}
static inline uint32_t arch_event_key(uint32_t event) { return event & (ARCH_EVENT_KEYS - 1); }
static inline uint32_t arch_event_block(uint32_t event) { return event >> 16 & (ARCH_EVENT_BLOCKS - 1); }
static inline uint32_t arch_event_mask(uint32_t event) { return event & 0xFFFF; }
static inline uint32_t arch_event_mark(uint32_t event) {
    return event >> ARCH_EVENT_MARK_SHIFT & (ARCH_EVENT_MARKS - 1);
}
static inline uint32_t arch_event_marked_key(uint32_t event) { return event & (ARCH_EVENT_MARKED_KEYS - 1); }
static inline uint32_t arch_event_sum_neuron(uint32_t event) {
    return event >> ARCH_EVENT_SUM_SHIFT & (ARCH_EVENT_BLOCKS - 1);
}
static inline int32_t arch_event_sum_value(uint32_t event) {
    int32_t value = (int32_t)(event & ((UINT32_C(1) << ARCH_EVENT_SUM_SHIFT) - 1));
    return value > ARCH_EVENT_SUM_MOST ? value - (INT32_C(1) << ARCH_EVENT_SUM_SHIFT) : value;
}

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * The 32-bit word of an address-event packet.
 *
 *     spike    31 = 0 | 30..27 slot | 26..0 key
 *     packed   31 = 0 | 30..27 slot | 26..16 block | 15..0 mask    spikes of keys 16 block + i, bit i set
 *     sum      31 = 1 | 30..27 slot | 26..16 neuron | 15..0 value, two's complement
 *
 * Slot: the timestep in which the event takes effect, modulo 16. Key: the target's axon, or with multicast
 * the source neuron's number, from which the target's axon table finds the axon. A chip uses packed words
 * when its packets may carry several spikes. A sum is a share of a neuron's input, for neurons whose synapses
 * are spread over several cores.
 *
 * Widths after TrueNorth's packet (4-bit tick, 8-bit axon, two 9-bit offsets, 2 bits of debug) and Loihi's
 * 32-bit spike message; the destination is the network's business (noc/flit.h).
 */
#ifndef ARCH_ADDRESS_EVENT_H
#define ARCH_ADDRESS_EVENT_H

#include "sim/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ARCH_SLOTS 16u /* timesteps that an event may lie ahead */
#define ARCH_SPIKES_PER_PACKET_MAX 16u
#define ARCH_EVENT_SUM (UINT32_C(1) << 31)
#define ARCH_EVENT_SLOT_SHIFT 27
#define ARCH_EVENT_KEYS (UINT32_C(1) << 27)
#define ARCH_EVENT_BLOCKS (UINT32_C(1) << 11)

static inline uint32_t arch_event_spike(uint32_t slot, uint32_t key) {
    return slot << ARCH_EVENT_SLOT_SHIFT | key;
}

static inline uint32_t arch_event_packed(uint32_t slot, uint32_t block, uint32_t mask) {
    return slot << ARCH_EVENT_SLOT_SHIFT | block << 16 | mask;
}

static inline uint32_t arch_event_sum(uint32_t slot, uint32_t neuron, int32_t value) {
    return ARCH_EVENT_SUM | slot << ARCH_EVENT_SLOT_SHIFT | neuron << 16 | (uint16_t)value;
}

static inline uint32_t arch_event_slot(uint32_t event) {
    return event >> ARCH_EVENT_SLOT_SHIFT & (ARCH_SLOTS - 1);
}
static inline uint32_t arch_event_key(uint32_t event) { return event & (ARCH_EVENT_KEYS - 1); }
static inline uint32_t arch_event_block(uint32_t event) { return event >> 16 & (ARCH_EVENT_BLOCKS - 1); }
static inline uint32_t arch_event_mask(uint32_t event) { return event & 0xFFFF; }
static inline int32_t arch_event_value(uint32_t event) { return (int16_t)(uint16_t)event; }

#ifdef __cplusplus
}
#endif

#endif

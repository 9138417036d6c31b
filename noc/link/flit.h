/* SPDX-License-Identifier: MIT
 *
 * A flit, and the buffer slot that holds it.
 *
 * A slot is one place of a virtual channel's FIFO at the receiving end of a channel. It carries its own
 * time stamp, so a slot says by itself whether its flit can be seen yet and, once it is empty, whether
 * the credit for it has already come back to the sender:
 *
 *     full,  at > now     the flit is on the wire
 *     full,  at <= now    the flit is buffered
 *     empty, at > now     the credit is on its way back
 *     empty, at <= now    the sender owns a credit
 *
 * A slot is in exactly one of these four states: that is law L4 (credits + flits in flight + buffered +
 * credits in flight = depth).
 *
 *     stamp   63 full | 62..21 at | 20..12 size of the packet | 11..0 hops
 *     word    63 head | 62 tail | 61..56 routing class | 55..32 destination | 31..0 tag
 *
 * The tag belongs to the terminals (a packet number, a creation time, a spike); the network carries it.
 * The size saturates at NOC_SIZE_MAX; only virtual cut-through looks at it.
 */
#ifndef NOC_LINK_FLIT_H
#define NOC_LINK_FLIT_H

#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NOC_INLINE static inline __attribute__((always_inline))

/* Bits that number `n` things: the least for which 2^bits >= n. */
static inline uint32_t noc_bits_for(uint32_t n) {
    uint32_t bits = 0;
    while (UINT32_C(1) << bits < n)
        bits++;
    return bits;
}

struct noc_slot {
    uint64_t stamp, word;
};

#define NOC_FULL (UINT64_C(1) << 63)
#define NOC_AT_SHIFT 21
#define NOC_SIZE_SHIFT 12
#define NOC_SIZE_MAX 511u
#define NOC_HOPS_MAX 4095u
/* `at` has 42 bits: no run of a network reaches this cycle. */
#define NOC_CYCLES_MAX ((UINT64_C(1) << 42) - (UINT64_C(1) << 30))
#define NOC_INFO_MASK ((UINT64_C(1) << NOC_AT_SHIFT) - 1)

#define NOC_HEAD (UINT64_C(1) << 63)
#define NOC_TAIL (UINT64_C(1) << 62)
#define NOC_CLASS_SHIFT 56
#define NOC_CLASS_MASK 63u
#define NOC_DST_SHIFT 32
#define NOC_DST_MASK 0xFFFFFFu
#define NOC_TERMINALS_MAX (NOC_DST_MASK + 1u)
#define NOC_GROUP (UINT32_C(1) << 23) /* of a destination, where there is multicast: the rest names a group */

/* What is visible at `now`: a stamp below this bound (NOC_FULL taken off) is. */
static inline uint64_t noc_visible(sim_cycle now) { return (now + 1) << NOC_AT_SHIFT; }

/* Two threads may step sender and receiver at a time (sim/kernel/shards.h), so either may look at a stamp
 * that the other is setting. It is set for later cycles than whoever looks asks for: the old stamp and the
 * new one both say "not yet". A stamp must only be written in one piece, hence the volatile store, and no
 * reader looks twice. Atomic accesses, which the thread sanitizer gets, would be the same moves, but a
 * compiler keeps less in registers around them. */
static inline uint64_t noc_slot_stamp(const struct noc_slot *slot) {
#ifdef __SANITIZE_THREAD__
    return __atomic_load_n(&slot->stamp, __ATOMIC_RELAXED);
#else
    return slot->stamp;
#endif
}

static inline void noc_slot_set_stamp(struct noc_slot *slot, uint64_t stamp) {
#ifdef __SANITIZE_THREAD__
    __atomic_store_n(&slot->stamp, stamp, __ATOMIC_RELAXED);
#else
    *(volatile uint64_t *)&slot->stamp = stamp;
#endif
}

/* The sender owns a credit for this slot. */
static inline bool noc_slot_free(const struct noc_slot *slot, uint64_t visible) {
    return noc_slot_stamp(slot) < visible;
}

/* The receiver sees a flit in this slot: full slots are the negative numbers. */
static inline bool noc_slot_full(const struct noc_slot *slot, uint64_t visible) {
    return (int64_t)noc_slot_stamp(slot) < (int64_t)(visible | NOC_FULL);
}

static inline sim_cycle noc_slot_at(const struct noc_slot *slot) {
    return (slot->stamp & ~NOC_FULL) >> NOC_AT_SHIFT;
}

static inline uint32_t noc_slot_hops(const struct noc_slot *slot) {
    return (uint32_t)slot->stamp & NOC_HOPS_MAX;
}

static inline uint32_t noc_slot_size(const struct noc_slot *slot) {
    return (uint32_t)(slot->stamp >> NOC_SIZE_SHIFT) & NOC_SIZE_MAX;
}

static inline uint32_t noc_flit_dst(uint64_t word) {
    return (uint32_t)(word >> NOC_DST_SHIFT) & NOC_DST_MASK;
}

static inline uint32_t noc_flit_class(uint64_t word) {
    return (uint32_t)(word >> NOC_CLASS_SHIFT) & NOC_CLASS_MASK;
}

static inline uint64_t noc_flit_with_class(uint64_t word, uint32_t class_) {
    return (word & ~((uint64_t)NOC_CLASS_MASK << NOC_CLASS_SHIFT)) | (uint64_t)class_ << NOC_CLASS_SHIFT;
}

static inline uint64_t noc_flit_with_dst(uint64_t word, uint32_t dst) {
    return (word & ~((uint64_t)NOC_DST_MASK << NOC_DST_SHIFT)) | (uint64_t)dst << NOC_DST_SHIFT;
}

static inline uint32_t noc_flit_tag(uint64_t word) { return (uint32_t)word; }

#ifdef __cplusplus
}
#endif

#endif

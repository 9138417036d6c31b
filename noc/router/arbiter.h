/* SPDX-License-Identifier: MIT
 *
 * Arbiters: one requester wins. State moves on grant only (law L3).
 *
 * Round robin: the first requester at or after the pointer, which then stands behind the winner.
 * Matrix (least recently granted): every pair has a priority bit and the winner loses all of its pairs.
 * That is the same as an order of last grants, which is what is stored here: the requester granted
 * longest ago wins, and those never granted come first, the last of them in front.
 */
#ifndef NOC_ROUTER_ARBITER_H
#define NOC_ROUTER_ARBITER_H

#include "sim/base/arena.h"
#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

enum noc_arbiter_kind { NOC_ARBITER_ROUND_ROBIN, NOC_ARBITER_MATRIX, NOC_ARBITER_COUNT };

struct noc_arbiter {
    uint64_t *granted; /* matrix: [requester] number of the last grant; NULL: round robin */
    uint64_t grants;   /* matrix: grants so far */
    uint16_t pointer;  /* round robin: first in line */
};

/* An arbiter for requesters 0 .. size - 1 (size < 2^16). */
static inline void noc_arbiter_init(struct noc_arbiter *arbiter, enum noc_arbiter_kind kind, uint32_t size,
                                    struct sim_arena *arena) {
    arbiter->granted = kind == NOC_ARBITER_MATRIX ? SIM_NEW_ARRAY(arena, uint64_t, size) : NULL;
    arbiter->grants = 0;
    arbiter->pointer = 0;
}

/* How far `requester` stands from the front of the line; the least wins. Ranks of one arbiter differ. */
static inline uint64_t noc_arbiter_rank(const struct noc_arbiter *arbiter, uint32_t requester) {
    if (arbiter->granted != NULL)
        return arbiter->granted[requester] << 16 | (0xFFFFu - requester);
    return (uint16_t)(requester - arbiter->pointer);
}

static inline void noc_arbiter_grant(struct noc_arbiter *arbiter, uint32_t requester) {
    if (arbiter->granted != NULL)
        arbiter->granted[requester] = ++arbiter->grants;
    else
        arbiter->pointer = (uint16_t)(requester + 1);
}

#ifdef __cplusplus
}
#endif

#endif

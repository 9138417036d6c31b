/* SPDX-License-Identifier: MIT
 *
 * Allocators: match inputs to outputs, each at most once, among a set of requests.
 *
 * iSLIP (McKeown, ToN 1999): every free output grants to its first requester in line, every input accepts
 * the first grant in its own line; lines move only on grants accepted in the first iteration. Further
 * iterations match what is left.
 * With matrix arbiters the lines are orders of last grants, and the rest is the same: an output-first
 * separable allocator, no iSLIP in the strict sense, that keeps iSLIP's rule for when a line moves.
 * Separable, input first: every input picks one of its outputs, every output one of the inputs that
 * picked it; the lines of matched pairs move.
 *
 * This is the plain form, over a list of requests. The router runs iSLIP with one iteration and round
 * robin in a faster form of its own (vc_allocator.h, switch_allocator.h), which does exactly the same.
 */
#ifndef NOC_ROUTER_ALLOCATOR_H
#define NOC_ROUTER_ALLOCATOR_H

#include "noc/router/arbiter.h"

#ifdef __cplusplus
extern "C" {
#endif

enum noc_allocator_kind { NOC_ALLOCATOR_ISLIP, NOC_ALLOCATOR_SEPARABLE_INPUT_FIRST, NOC_ALLOCATOR_COUNT };

struct noc_request {
    uint16_t in, out;
};

struct noc_allocator {
    enum noc_allocator_kind kind;
    uint32_t inputs, outputs, iterations;
    struct noc_arbiter *input, *output;
    /* Scratch, clear between calls. */
    uint64_t *best;    /* [output] least rank of a candidate */
    uint16_t *chosen;  /* [output] the candidate */
    uint64_t *best_in; /* [input] */
    uint16_t *chosen_in;
    bool *matched_in, *matched_out;
};

void noc_allocator_init(struct noc_allocator *allocator, enum noc_allocator_kind kind,
                        enum noc_arbiter_kind arbiter, uint32_t inputs, uint32_t outputs,
                        uint32_t iterations, struct sim_arena *arena);

/* Matches among `count` different requests; writes the matched pairs to `grant` (as long as `request`) and
 * returns how many. Time: count x iterations, and nothing for ports without requests. */
uint32_t noc_allocator_run(struct noc_allocator *allocator, const struct noc_request *request,
                           uint32_t count, struct noc_request *grant);

#ifdef __cplusplus
}
#endif

#endif

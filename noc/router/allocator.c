/* SPDX-License-Identifier: MIT
 *
 * Allocators over request lists; see allocator.h.
 */
#include "noc/router/allocator.h"

void noc_allocator_init(struct noc_allocator *a, enum noc_allocator_kind kind,
                        enum noc_arbiter_kind arbiter, uint32_t inputs, uint32_t outputs,
                        uint32_t iterations, struct sim_arena *arena) {
    *a = (struct noc_allocator){.kind = kind, .inputs = inputs, .outputs = outputs, .iterations = iterations};
    a->input = SIM_NEW_ARRAY(arena, struct noc_arbiter, inputs);
    a->output = SIM_NEW_ARRAY(arena, struct noc_arbiter, outputs);
    for (uint32_t i = 0; i < inputs; i++)
        noc_arbiter_init(&a->input[i], arbiter, outputs, arena);
    for (uint32_t o = 0; o < outputs; o++)
        noc_arbiter_init(&a->output[o], arbiter, inputs, arena);
    a->best = SIM_NEW_ARRAY(arena, uint64_t, outputs);
    a->best_in = SIM_NEW_ARRAY(arena, uint64_t, inputs);
    a->chosen = SIM_NEW_ARRAY(arena, uint16_t, outputs);
    a->chosen_in = SIM_NEW_ARRAY(arena, uint16_t, inputs);
    a->matched_in = SIM_NEW_ARRAY(arena, bool, inputs);
    a->matched_out = SIM_NEW_ARRAY(arena, bool, outputs);
}

static bool open(const struct noc_allocator *a, struct noc_request r) {
    return !a->matched_in[r.in] && !a->matched_out[r.out];
}

/* Each output offers itself to its first open requester. */
static void offer_outputs(struct noc_allocator *a, const struct noc_request *request, uint32_t count) {
    for (uint32_t k = 0; k < count; k++)
        a->best[request[k].out] = UINT64_MAX;
    for (uint32_t k = 0; k < count; k++) {
        struct noc_request r = request[k];
        uint64_t rank = noc_arbiter_rank(&a->output[r.out], r.in);
        if (open(a, r) && rank < a->best[r.out]) {
            a->best[r.out] = rank;
            a->chosen[r.out] = r.in;
        }
    }
}

/* Each input picks its first open output; with `offered`, among those that offered themselves to it. */
static void pick_inputs(struct noc_allocator *a, const struct noc_request *request, uint32_t count,
                        bool offered) {
    for (uint32_t k = 0; k < count; k++)
        a->best_in[request[k].in] = UINT64_MAX;
    for (uint32_t k = 0; k < count; k++) {
        struct noc_request r = request[k];
        if (!open(a, r) || (offered && (a->best[r.out] == UINT64_MAX || a->chosen[r.out] != r.in)))
            continue;
        uint64_t rank = noc_arbiter_rank(&a->input[r.in], r.out);
        if (rank < a->best_in[r.in]) {
            a->best_in[r.in] = rank;
            a->chosen_in[r.in] = r.out;
        }
    }
}

/* Matches every request that both sides agree on. */
static uint32_t match(struct noc_allocator *a, const struct noc_request *request, uint32_t count, bool move,
                      struct noc_request *grant) {
    uint32_t granted = 0;
    for (uint32_t k = 0; k < count; k++) {
        struct noc_request r = request[k];
        if (!open(a, r) || a->best_in[r.in] == UINT64_MAX || a->chosen_in[r.in] != r.out ||
            a->best[r.out] == UINT64_MAX || a->chosen[r.out] != r.in)
            continue;
        a->matched_in[r.in] = a->matched_out[r.out] = true;
        if (move) {
            noc_arbiter_grant(&a->input[r.in], r.out);
            noc_arbiter_grant(&a->output[r.out], r.in);
        }
        grant[granted++] = r;
    }
    return granted;
}

/* Each output picks among the inputs that picked it. */
static void pick_outputs(struct noc_allocator *a, const struct noc_request *request, uint32_t count) {
    for (uint32_t k = 0; k < count; k++)
        a->best[request[k].out] = UINT64_MAX;
    for (uint32_t k = 0; k < count; k++) {
        struct noc_request r = request[k];
        if (a->best_in[r.in] == UINT64_MAX || a->chosen_in[r.in] != r.out)
            continue;
        uint64_t rank = noc_arbiter_rank(&a->output[r.out], r.in);
        if (rank < a->best[r.out]) {
            a->best[r.out] = rank;
            a->chosen[r.out] = r.in;
        }
    }
}

uint32_t noc_allocator_run(struct noc_allocator *a, const struct noc_request *request, uint32_t count,
                           struct noc_request *grant) {
    uint32_t granted = 0;
    if (a->kind == NOC_ALLOCATOR_ISLIP) {
        for (uint32_t i = 0; i < a->iterations; i++) {
            offer_outputs(a, request, count);
            pick_inputs(a, request, count, true);
            uint32_t matched = match(a, request, count, i == 0, grant + granted);
            if (matched == 0)
                break;
            granted += matched;
        }
    } else {
        pick_inputs(a, request, count, false);
        pick_outputs(a, request, count);
        granted = match(a, request, count, true, grant);
    }
    for (uint32_t k = 0; k < count; k++) {
        a->matched_in[request[k].in] = false;
        a->matched_out[request[k].out] = false;
    }
    return granted;
}

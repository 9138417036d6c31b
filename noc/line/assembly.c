/* SPDX-License-Identifier: MIT
 *
 * Assembly of a line network from its spans; see line.h.
 */
#include "noc/line/line.h"
#include "sim/kernel/kernel.h"

static struct noc_line *build_span(const struct noc_line_plan *plan, uint32_t number, uint32_t routers,
                                   struct sim_kernel *kernel) {
    struct noc_line *line = SIM_NEW(kernel->arena, struct noc_line);
    line->plan = plan;
    line->flits = noc_line_flits(plan->spec, plan->pairs, plan->pair_bits, &line->pairs_of_flit);
    line->routers = routers;
    line->tap = SIM_NEW_ARRAY(kernel->arena, struct noc_line_link, routers);
    for (uint32_t r = 0; r < routers; r++)
        noc_line_link_init(&line->tap[r], 1, 4, kernel->arena);
    noc_line_link_init(&line->in, 1, 4, kernel->arena);
    sim_kernel_add(kernel, &line->base, &noc_line_type,
                   sim_arena_format(kernel->arena, "%s.span[%u]", plan->path, number));
    return line;
}

struct noc_line *noc_line_build(const struct noc_line_plan *plan, struct noc_line_order_link *order,
                                struct sim_kernel *kernel, struct sim_err *err) {
    uint32_t reach = noc_line_reach(plan->spec, plan->network_hz), pairs_of_flit;
    if (noc_line_flits(plan->spec, plan->pairs, plan->pair_bits, &pairs_of_flit) == 0)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "noc.line: a link of %u bits does not hold a pair of %u bits and its tag",
                           plan->spec->link_bits, plan->pair_bits),
               NULL;
    if (reach == 0)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "noc.line: a hop of %g mm takes longer than a cycle of the network at %g MHz",
                           plan->spec->hop_m * 1e3, plan->network_hz * 1e-6),
               NULL;
    struct noc_line *head = NULL, *last = NULL;
    for (uint32_t first = 0, number = 0; first < plan->routers; first += reach, number++) {
        uint32_t left = plan->routers - first;
        struct noc_line *line = build_span(plan, number, left < reach ? left : reach, kernel);
        if (last == NULL) {
            head = line;
            head->order = order;
        } else {
            last->next = line;
            sim_kernel_connect_link(kernel, &line->in.base, "line", last->base.id, line->base.id);
        }
        last = line;
    }
    return head;
}

struct noc_line_link *noc_line_tap(struct noc_line *head, uint32_t router, uint32_t *span) {
    struct noc_line *line = head;
    for (; router >= line->routers; line = line->next)
        router -= line->routers;
    *span = line->base.id;
    return &line->tap[router];
}

/* SPDX-License-Identifier: MIT
 *
 * What a placement costs: hops of every net, weighted; see placement.h.
 */
#include "arch/layout/placement.h"

void arch_placement_view_init(struct arch_placement_view *view, const struct arch_placement_problem *problem,
                              struct sim_arena *arena) {
    uint32_t places = 2 * problem->items + problem->fixed_count;
    *view = (struct arch_placement_view){
        .problem = problem,
        .row = SIM_NEW_ARRAY(arena, uint32_t, places),
        .col = SIM_NEW_ARRAY(arena, uint32_t, places),
        .low = SIM_NEW_ARRAY(arena, uint32_t, problem->cols),
        .high = SIM_NEW_ARRAY(arena, uint32_t, problem->cols),
        .stamp = SIM_NEW_ARRAY(arena, uint32_t, problem->cols),
    };
    for (uint32_t i = 0; i < problem->fixed_count; i++) {
        view->row[2 * problem->items + i] = problem->fixed[i].row;
        view->col[2 * problem->items + i] = problem->fixed[i].col;
    }
}

void arch_placement_view_set(struct arch_placement_view *view, uint32_t seat, uint32_t item, uint32_t site) {
    struct arch_placement_site at = view->problem->site[site];
    uint32_t pin = ARCH_PIN_SEAT(view->problem, seat);
    view->row[item] = view->row[pin] = at.row;
    view->col[item] = view->col[pin] = at.col;
}

static uint32_t apart(uint32_t a, uint32_t b) { return a > b ? a - b : b - a; }

static uint64_t unicast_hops(const struct arch_placement_view *view, const struct arch_placement_net *net) {
    const uint32_t *pin = view->problem->pin + net->first_pin;
    uint32_t row = view->row[net->source], col = view->col[net->source];
    uint64_t hops = 0;
    for (uint32_t i = 0; i < net->pins; i++)
        hops += apart(row, view->row[pin[i]]) + apart(col, view->col[pin[i]]);
    return hops;
}

/* The trunk along the source's row, and each column's branch north and south of it. */
static uint64_t tree_hops(struct arch_placement_view *view, const struct arch_placement_net *net) {
    const uint32_t *pin = view->problem->pin + net->first_pin;
    uint32_t row = view->row[net->source], col = view->col[net->source], west = col, east = col;
    uint64_t hops = 0;
    view->stamped++;
    for (uint32_t i = 0; i < net->pins; i++) {
        uint32_t r = view->row[pin[i]], c = view->col[pin[i]];
        if (view->stamp[c] != view->stamped) {
            view->stamp[c] = view->stamped;
            view->low[c] = view->high[c] = row;
            west = c < west ? c : west;
            east = c > east ? c : east;
        }
        if (r < view->low[c]) {
            hops += view->low[c] - r;
            view->low[c] = r;
        } else if (r > view->high[c]) {
            hops += r - view->high[c];
            view->high[c] = r;
        }
    }
    return hops + east - west;
}

double arch_placement_net_cost(struct arch_placement_view *view, uint32_t number) {
    const struct arch_placement_net *net = &view->problem->net[number];
    uint64_t hops = net->tree ? tree_hops(view, net) : unicast_hops(view, net);
    return net->weight * (double)hops;
}

double arch_placement_cost(const struct arch_placement_problem *problem,
                           const struct arch_placement *placed) {
    struct sim_arena scratch;
    struct arch_placement_view view;
    double cost = 0;
    sim_arena_init(&scratch);
    arch_placement_view_init(&view, problem, &scratch);
    for (uint32_t seat = 0; seat < problem->items; seat++)
        arch_placement_view_set(&view, seat, placed->item[seat], placed->site[seat]);
    for (uint32_t net = 0; net < problem->nets; net++)
        cost += arch_placement_net_cost(&view, net);
    sim_arena_release(&scratch);
    return cost;
}

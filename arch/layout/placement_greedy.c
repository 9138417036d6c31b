/* SPDX-License-Identifier: MIT
 *
 * Greedy placement: one seat after the other, next the one that is most strongly tied to those placed, to the
 * free site from which the weighted distances to them are least. Distances in a mesh are those of rows plus
 * those of columns, so the cost of every site follows from one pass over the rows and one over the columns.
 */
#include "arch/layout/placement.h"

struct greedy {
    const struct arch_placement_problem *problem;
    struct arch_placement *placed;
    uint32_t *first_net, *net; /* nets of each seat, a range each */
    double *tie;               /* [items] to what is placed */
    bool *there;               /* [items] */
    double *row_pull, *col_pull;
};

/* The seat of a pin; `items` for a fixed place. */
static uint32_t seat_of(const struct arch_placement_problem *p, const uint32_t *seat, uint32_t pin) {
    if (pin >= 2 * p->items)
        return p->items;
    return pin >= p->items ? pin - p->items : seat[pin];
}

static void pull(struct greedy *g, struct arch_placement_site at, double weight) {
    g->row_pull[at.row] += weight;
    g->col_pull[at.col] += weight;
}

/* One end of a net, if it has a place. */
static bool place_of(const struct greedy *g, const uint32_t *seat, uint32_t pin,
                     struct arch_placement_site *at) {
    const struct arch_placement_problem *p = g->problem;
    uint32_t owner = seat_of(p, seat, pin);
    if (owner == p->items)
        *at = p->fixed[pin - 2 * p->items];
    else if (g->there[owner])
        *at = p->site[g->placed->site[owner]];
    else
        return false;
    return true;
}

/* Turns weights at places into weighted distances from every place, on one axis. */
static void spread(double *pull, double *cost, uint32_t length) {
    double below = 0, above = 0, sum = 0;
    for (uint32_t i = 0; i < length; i++) {
        cost[i] = sum;
        below += pull[i];
        sum += below;
    }
    sum = 0;
    for (uint32_t i = length; i-- > 0;) {
        cost[i] += sum;
        above += pull[i];
        sum += above;
    }
}

/* The best free site for a seat. Sources and pins of its nets pull; of the pins of a net only those that are
 * not of this seat. */
static uint32_t best_site(struct greedy *g, const uint32_t *seat, uint32_t own, const bool *taken,
                          double *row_cost, double *col_cost) {
    const struct arch_placement_problem *p = g->problem;
    struct arch_placement_site at, middle = {p->rows / 2, p->cols / 2};
    bool pulled = false;
    for (uint32_t i = 0; i < p->rows; i++)
        g->row_pull[i] = 0;
    for (uint32_t i = 0; i < p->cols; i++)
        g->col_pull[i] = 0;
    for (uint32_t k = g->first_net[own]; k < g->first_net[own + 1]; k++) {
        const struct arch_placement_net *net = &p->net[g->net[k]];
        bool source = seat_of(p, seat, net->source) == own;
        if (!source && place_of(g, seat, net->source, &at)) {
            pull(g, at, net->weight);
            pulled = true;
        }
        for (uint32_t i = 0; i < net->pins && (source || net->tree); i++)
            if (place_of(g, seat, p->pin[net->first_pin + i], &at)) {
                pull(g, at, net->weight / (source ? 1 : net->pins));
                pulled = true;
            }
    }
    if (!pulled)
        pull(g, middle, 1);
    spread(g->row_pull, row_cost, p->rows);
    spread(g->col_pull, col_cost, p->cols);
    uint32_t best = p->sites;
    double least = 0;
    for (uint32_t site = 0; site < p->sites; site++) {
        double cost = row_cost[p->site[site].row] + col_cost[p->site[site].col];
        if (taken[site] || (best < p->sites && cost >= least))
            continue;
        best = site;
        least = cost;
    }
    return best;
}

/* The nets of every seat, one after the other. */
static void list_nets(struct greedy *g, const uint32_t *seat, struct sim_arena *arena) {
    const struct arch_placement_problem *p = g->problem;
    g->first_net = SIM_NEW_ARRAY(arena, uint32_t, p->items + 2);
    g->net = SIM_NEW_ARRAY(arena, uint32_t, (size_t)p->nets + p->pins + 1);
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t n = 0; n < p->nets; n++)
            for (uint32_t i = 0; i <= p->net[n].pins; i++) {
                uint32_t pin = i == 0 ? p->net[n].source : p->pin[p->net[n].first_pin + i - 1];
                uint32_t owner = seat_of(p, seat, pin);
                if (owner == p->items)
                    continue;
                if (pass == 0)
                    g->first_net[owner + 2]++;
                else
                    g->net[g->first_net[owner + 1]++] = n;
            }
        for (uint32_t s = 2; pass == 0 && s < p->items + 2; s++)
            g->first_net[s] += g->first_net[s - 1];
    }
}

/* A seat has been placed, or a fixed place counted: what hangs on it is tied more. */
static void tie_net(struct greedy *g, const uint32_t *seat, uint32_t number, bool from_source) {
    const struct arch_placement_problem *p = g->problem;
    const struct arch_placement_net *net = &p->net[number];
    uint32_t source = seat_of(p, seat, net->source);
    if (!from_source) {
        if (source < p->items)
            g->tie[source] += net->weight;
        return;
    }
    for (uint32_t i = 0; i < net->pins; i++) {
        uint32_t owner = seat_of(p, seat, p->pin[net->first_pin + i]);
        if (owner < p->items)
            g->tie[owner] += net->weight;
    }
}

static uint32_t next_seat(const struct greedy *g) {
    uint32_t best = g->problem->items;
    for (uint32_t s = 0; s < g->problem->items; s++)
        if (!g->there[s] && (best == g->problem->items || g->tie[s] > g->tie[best]))
            best = s;
    return best;
}

void arch_placement_greedy(const struct arch_placement_problem *p, struct arch_placement *placed) {
    struct sim_arena scratch;
    sim_arena_init(&scratch);
    uint32_t *seat = SIM_NEW_ARRAY(&scratch, uint32_t, p->items);
    double *row_cost = SIM_NEW_ARRAY(&scratch, double, p->rows),
           *col_cost = SIM_NEW_ARRAY(&scratch, double, p->cols);
    bool *taken = SIM_NEW_ARRAY(&scratch, bool, p->sites);
    struct greedy g = {
        .problem = p,
        .placed = placed,
        .tie = SIM_NEW_ARRAY(&scratch, double, p->items),
        .there = SIM_NEW_ARRAY(&scratch, bool, p->items),
        .row_pull = SIM_NEW_ARRAY(&scratch, double, p->rows),
        .col_pull = SIM_NEW_ARRAY(&scratch, double, p->cols),
    };
    for (uint32_t s = 0; s < p->items; s++)
        seat[placed->item[s]] = s;
    list_nets(&g, seat, &scratch);
    for (uint32_t n = 0; n < p->nets; n++)
        if (p->net[n].source >= 2 * p->items)
            tie_net(&g, seat, n, true);
    for (uint32_t count = 0; count < p->items; count++) {
        uint32_t own = next_seat(&g), site = best_site(&g, seat, own, taken, row_cost, col_cost);
        placed->site[own] = site;
        taken[site] = g.there[own] = true;
        for (uint32_t k = g.first_net[own]; k < g.first_net[own + 1]; k++)
            tie_net(&g, seat, g.net[k], seat_of(p, seat, p->net[g.net[k]].source) == own);
    }
    sim_arena_release(&scratch);
}

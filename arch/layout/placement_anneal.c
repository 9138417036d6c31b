/* SPDX-License-Identifier: MIT
 *
 * Simulated annealing of a placement; see placement.h.
 *
 * A move is a list of exchanges, each its own inverse, so that a refused move is taken back by doing it once
 * more in reverse. Costs of nets are kept; a move recomputes those of the nets that it touches.
 */
#include "arch/layout/placement.h"

#include "sim/base/rng.h"

#include <math.h>
#include <string.h>
#include <time.h>

#define NOBODY UINT32_MAX
#define TRIALS 256u         /* moves that measure what a move costs, before the first */
#define HOT 0.05            /* share of those that cost something that the first temperature takes */
#define COLD 1e-3           /* last temperature, of the first */
#define HALVINGS 60         /* that find the first temperature */
#define COOL_EVERY 32u      /* moves at one temperature */
#define CHECK_EVERY 4096u   /* moves between looks at the clock */

struct exchange {
    bool of_items; /* of seats a and b; else the contents of sites a and b */
    uint32_t a, b;
};

struct annealing {
    const struct arch_placement_problem *problem;
    struct arch_placement *placed;
    struct arch_placement_view view;
    uint32_t *occupant;             /* [sites] a seat, or NOBODY */
    uint32_t *at;                   /* [rows * cols] first site there ... */
    uint32_t *sites_at;             /* ... and how many; 0: none */
    uint32_t *length;               /* [items] of the chain that begins with it */
    uint32_t *first_net, *net;      /* nets of each pin, a range each */
    double *cost;                   /* [nets] */
    uint32_t *touched, touched_count; /* nets */
    uint32_t *stamp, stamped;       /* [nets] */
    struct exchange *move;
    uint32_t exchanges;
    uint64_t rng;
};

static void list_nets(struct annealing *a, struct sim_arena *arena) {
    const struct arch_placement_problem *p = a->problem;
    uint32_t ends = 2 * p->items;
    a->first_net = SIM_NEW_ARRAY(arena, uint32_t, ends + 2);
    a->net = SIM_NEW_ARRAY(arena, uint32_t, (size_t)p->nets + p->pins + 1);
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t n = 0; n < p->nets; n++)
            for (uint32_t i = 0; i <= p->net[n].pins; i++) {
                uint32_t pin = i == 0 ? p->net[n].source : p->pin[p->net[n].first_pin + i - 1];
                if (pin >= ends)
                    continue;
                if (pass == 0)
                    a->first_net[pin + 2]++;
                else
                    a->net[a->first_net[pin + 1]++] = n;
            }
        for (uint32_t pin = 2; pass == 0 && pin < ends + 2; pin++)
            a->first_net[pin] += a->first_net[pin - 1];
    }
}

/* ---- moves ------------------------------------------------------------------------------------- */

static void touch(struct annealing *a, uint32_t pin) {
    for (uint32_t k = a->first_net[pin]; k < a->first_net[pin + 1]; k++) {
        uint32_t net = a->net[k];
        if (a->stamp[net] == a->stamped)
            continue;
        a->stamp[net] = a->stamped;
        a->touched[a->touched_count++] = net;
    }
}

static void show(struct annealing *a, uint32_t seat) {
    arch_placement_view_set(&a->view, seat, a->placed->item[seat], a->placed->site[seat]);
}

static void do_exchange(struct annealing *a, struct exchange x) {
    if (x.of_items) {
        uint32_t item = a->placed->item[x.a];
        a->placed->item[x.a] = a->placed->item[x.b];
        a->placed->item[x.b] = item;
        show(a, x.a);
        show(a, x.b);
        return;
    }
    uint32_t from = a->occupant[x.a], to = a->occupant[x.b];
    a->occupant[x.a] = to;
    a->occupant[x.b] = from;
    if (from != NOBODY) {
        a->placed->site[from] = x.b;
        show(a, from);
    }
    if (to != NOBODY) {
        a->placed->site[to] = x.a;
        show(a, to);
    }
}

static void add(struct annealing *a, struct exchange x) {
    if (x.of_items) {
        touch(a, a->placed->item[x.a]);
        touch(a, a->placed->item[x.b]);
    } else {
        for (int i = 0; i < 2; i++) {
            uint32_t seat = a->occupant[i == 0 ? x.a : x.b];
            if (seat == NOBODY)
                continue;
            touch(a, a->placed->item[seat]);
            touch(a, ARCH_PIN_SEAT(a->problem, seat));
        }
    }
    do_exchange(a, x);
    a->move[a->exchanges++] = x;
}

/* Proposes a move of the seat and what stands at `site`; the kind follows from who that is. */
static void propose(struct annealing *a, uint32_t seat, uint32_t site) {
    const uint32_t *chain = a->problem->chain;
    uint32_t other = a->occupant[site], own = chain[seat], dice = (uint32_t)sim_rng_below(&a->rng, 8);
    a->exchanges = a->touched_count = 0;
    a->stamped++;
    if (other != NOBODY && chain[other] == own) {
        if (dice < 6) {
            add(a, (struct exchange){true, seat, other});
            return;
        }
        for (uint32_t k = 0; k < a->length[own] / 2; k++)
            add(a, (struct exchange){false, a->placed->site[own + k],
                                     a->placed->site[own + a->length[own] - 1 - k]});
        return;
    }
    if (other != NOBODY && dice < 7 && a->length[own] > 1 && a->length[own] == a->length[chain[other]]) {
        for (uint32_t k = 0; k < a->length[own]; k++)
            add(a, (struct exchange){false, a->placed->site[own + k], a->placed->site[chain[other] + k]});
        return;
    }
    add(a, (struct exchange){false, a->placed->site[seat], site});
}

/* What the proposed move, which has been done, costs. */
static double change(struct annealing *a) {
    double before = 0, after = 0;
    for (uint32_t i = 0; i < a->touched_count; i++) {
        before += a->cost[a->touched[i]];
        after += arch_placement_net_cost(&a->view, a->touched[i]);
    }
    return after - before;
}

static void keep(struct annealing *a) {
    for (uint32_t i = 0; i < a->touched_count; i++)
        a->cost[a->touched[i]] = arch_placement_net_cost(&a->view, a->touched[i]);
}

static void take_back(struct annealing *a) {
    while (a->exchanges > 0)
        do_exchange(a, a->move[--a->exchanges]);
}

/* ---- partners ---------------------------------------------------------------------------------- */

static uint32_t around(struct annealing *a, uint32_t centre, uint32_t range, uint32_t length) {
    uint32_t low = centre > range ? centre - range : 0,
             high = centre + range < length ? centre + range : length - 1;
    return low + (uint32_t)sim_rng_below(&a->rng, high - low + 1);
}

/* A site near something that the seat is tied to, or near the seat itself; NOBODY: none is there. */
static uint32_t partner(struct annealing *a, uint32_t seat, uint32_t range) {
    const struct arch_placement_problem *p = a->problem;
    uint32_t item = a->placed->item[seat], pin = ARCH_PIN_SEAT(p, seat);
    uint32_t nets = a->first_net[item + 1] - a->first_net[item];
    if (nets > 0 && sim_rng_below(&a->rng, 2) == 0) {
        const struct arch_placement_net *net =
            &p->net[a->net[a->first_net[item] + sim_rng_below(&a->rng, nets)]];
        uint32_t end = (uint32_t)sim_rng_below(&a->rng, net->pins + 1);
        pin = end == net->pins ? net->source : p->pin[net->first_pin + end];
    }
    uint32_t row = around(a, a->view.row[pin], range, p->rows),
             col = around(a, a->view.col[pin], range, p->cols), place = row * p->cols + col;
    if (a->sites_at[place] == 0)
        return NOBODY;
    uint32_t site = a->at[place] + (uint32_t)sim_rng_below(&a->rng, a->sites_at[place]);
    return site == a->placed->site[seat] ? NOBODY : site;
}

/* ---- the schedule ------------------------------------------------------------------------------ */

/* Proposes some move; false: there was no partner. */
static bool try_one(struct annealing *a, uint32_t range) {
    uint32_t seat = (uint32_t)sim_rng_below(&a->rng, a->problem->items), site = partner(a, seat, range);
    if (site == NOBODY)
        return false;
    propose(a, seat, site);
    return true;
}

/* The temperature at which a share HOT of the moves that cost something is taken. Few of the moves may be
 * cheap (those that leave chains whole), so that a mean cost would say nothing about them. */
static double first_temperature(struct annealing *a, uint32_t range) {
    double delta[TRIALS], low = 0, high = 0;
    uint32_t count = 0;
    for (uint32_t i = 0; i < TRIALS; i++) {
        if (!try_one(a, range))
            continue;
        delta[count] = change(a);
        high = delta[count] > high ? delta[count] : high;
        count += delta[count] > 0;
        take_back(a);
    }
    for (int i = 0; i < HALVINGS; i++) {
        double middle = (low + high) / 2, taken = 0;
        for (uint32_t k = 0; k < count; k++)
            taken += exp(-delta[k] / middle);
        if (taken > HOT * count)
            high = middle;
        else
            low = middle;
    }
    return high;
}

static double processor_time_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void cool(struct annealing *a, const struct arch_placement_spec *spec,
                 struct arch_placement_report *report) {
    const struct arch_placement_problem *p = a->problem;
    uint32_t side = p->rows > p->cols ? p->rows : p->cols;
    uint64_t moves = (uint64_t)spec->moves * p->items;
    double first = first_temperature(a, side / 2 + 1), limit = processor_time_s() + spec->time_s;
    double temperature = first, range = side / 2.0 + 1;
    for (uint64_t i = 0; i < moves; i++) {
        if (i % CHECK_EVERY == 0) {
            report->out_of_time = processor_time_s() > limit;
            if (report->out_of_time)
                return;
        }
        if (i % COOL_EVERY == 0) {
            double done = (double)i / (double)moves;
            temperature = first * pow(COLD, done);
            range = 1 + (side / 2.0) * pow(1.0 / side, done);
        }
        report->moves++;
        if (!try_one(a, (uint32_t)range))
            continue;
        double delta = change(a);
        if (delta <= 0 || sim_rng_real(&a->rng) < exp(-delta / temperature)) {
            keep(a);
            report->accepted++;
        } else {
            take_back(a);
        }
    }
}

static void prepare(struct annealing *a, struct sim_arena *arena) {
    const struct arch_placement_problem *p = a->problem;
    arch_placement_view_init(&a->view, p, arena);
    a->occupant = SIM_NEW_ARRAY(arena, uint32_t, p->sites);
    a->at = SIM_NEW_ARRAY(arena, uint32_t, (size_t)p->rows * p->cols);
    a->sites_at = SIM_NEW_ARRAY(arena, uint32_t, (size_t)p->rows * p->cols);
    a->length = SIM_NEW_ARRAY(arena, uint32_t, p->items);
    a->cost = SIM_NEW_ARRAY(arena, double, p->nets + 1);
    a->touched = SIM_NEW_ARRAY(arena, uint32_t, p->nets + 1);
    a->stamp = SIM_NEW_ARRAY(arena, uint32_t, p->nets + 1);
    a->move = SIM_NEW_ARRAY(arena, struct exchange, p->items);
    list_nets(a, arena);
    for (uint32_t site = 0; site < p->sites; site++) {
        uint32_t place = p->site[site].row * p->cols + p->site[site].col;
        a->occupant[site] = NOBODY;
        if (a->sites_at[place]++ == 0)
            a->at[place] = site;
    }
    for (uint32_t seat = 0; seat < p->items; seat++) {
        a->occupant[a->placed->site[seat]] = seat;
        a->length[p->chain[seat]]++;
        show(a, seat);
    }
    for (uint32_t net = 0; net < p->nets; net++)
        a->cost[net] = arch_placement_net_cost(&a->view, net);
}

void arch_placement_anneal(const struct arch_placement_problem *problem,
                           const struct arch_placement_spec *spec, struct arch_placement *placed,
                           struct arch_placement_report *report) {
    struct sim_arena scratch;
    sim_arena_init(&scratch);
    struct arch_placement start = {SIM_NEW_ARRAY(&scratch, uint32_t, problem->items),
                                   SIM_NEW_ARRAY(&scratch, uint32_t, problem->items)};
    memcpy(start.site, placed->site, problem->items * sizeof *start.site);
    memcpy(start.item, placed->item, problem->items * sizeof *start.item);
    double cost = arch_placement_cost(problem, placed);
    struct annealing annealing = {
        .problem = problem, .placed = placed, .rng = sim_rng_stream(spec->seed, 0)};
    prepare(&annealing, &scratch);
    cool(&annealing, spec, report);
    if (arch_placement_cost(problem, placed) > cost) {
        memcpy(placed->site, start.site, problem->items * sizeof *start.site);
        memcpy(placed->item, start.item, problem->items * sizeof *start.item);
    }
    sim_arena_release(&scratch);
}

/* SPDX-License-Identifier: MIT
 *
 * Placement: which site of a mesh gets which core, so that spikes travel few hops. It knows no kind of chip.
 *
 * A problem is a set of nets over a mesh with sites. A net stands for what one source sends to its pins: its
 * cost is its weight (expected events a timestep) times hops, of one way to each pin (unicast), or of the
 * tree that leaves the source along its row and branches at columns (tree: what dimension-order multicast
 * takes, and an upper bound of trees that branch better).
 *
 * Items may form chains, in which partial sums run from member to member. The members of a chain have seats,
 * and what a member sends and receives along the chain hangs on the seat, while what it reads hangs on the
 * item: items of a chain may change seats, as addition does not care. A pin is
 *
 *     ARCH_PIN_ITEM(i)       what item i reads              (wherever it sits)
 *     ARCH_PIN_SEAT(p, s)    an end of the chain's links, or the root that fires
 *     ARCH_PIN_FIXED(p, f)   a place that cannot be chosen, such as the host's
 *
 * Strategies: the chip's own order; a snake along the rows; a Hilbert curve; greedy (next comes the item most
 * strongly tied to those placed, to the free site nearest to them); simulated annealing, which begins with
 * the best of the others. Its budget is a number of moves, so that the same seed gives the same placement on
 * any machine; a limit of time ends it early and says so. A move exchanges the contents of two sites, the
 * items of two seats of a chain, the sites of two chains of one length, or turns a chain round; it looks for
 * partners in a window that shrinks as the temperature falls.
 *
 * Source of the method: Kirkpatrick, Gelatt, Vecchi, "Optimization by simulated annealing", Science 220,
 * 1983; shrinking windows as in the placers of field-programmable gate arrays (Betz, Rose, "VPR", FPL 1997).
 */
#ifndef ARCH_LAYOUT_PLACEMENT_H
#define ARCH_LAYOUT_PLACEMENT_H

#include "sim/base/arena.h"
#include "sim/config/param.h"
#include "sim/graph/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

enum arch_placement_strategy {
    ARCH_PLACEMENT_ORDER,
    ARCH_PLACEMENT_SERPENTINE,
    ARCH_PLACEMENT_HILBERT,
    ARCH_PLACEMENT_GREEDY,
    ARCH_PLACEMENT_ANNEAL,
    ARCH_PLACEMENT_COUNT
};

extern const char *const arch_placement_names[ARCH_PLACEMENT_COUNT + 1];

struct arch_placement_spec {
    int strategy;
    uint64_t seed;
    uint32_t moves; /* tried for each item */
    double time_s;
    double rate;
};

extern const struct sim_schema arch_placement_schema; /* "arch.placement" */

struct arch_placement_site {
    uint32_t row, col;
};

struct arch_placement_net {
    uint32_t source; /* a pin */
    uint32_t first_pin, pins;
    double weight;
    bool tree;
};

struct arch_placement_problem {
    struct sim_arena *arena;
    uint32_t rows, cols;
    struct arch_placement_site *site;
    uint32_t sites; /* >= items */
    uint32_t items;
    uint32_t *chain; /* [items] first item of its chain; those of a chain follow each other */
    struct arch_placement_site *fixed;
    uint32_t fixed_count;
    struct arch_placement_net *net;
    uint32_t nets, net_capacity;
    uint32_t *pin;
    uint32_t pins, pin_capacity;
};

#define ARCH_PIN_ITEM(item) (item)
#define ARCH_PIN_SEAT(problem, seat) ((problem)->items + (seat))
#define ARCH_PIN_FIXED(problem, number) (2 * (problem)->items + (number))

/* A problem without nets: every site of a rows x cols mesh, `per_site` times each, up to `sites` in all;
 * every item a chain of its own. */
void arch_placement_init(struct arch_placement_problem *problem, uint32_t rows, uint32_t cols,
                         uint32_t per_site, uint32_t sites, uint32_t items, struct sim_arena *arena);

/* Adds a net without pins; then its pins. */
void arch_placement_net(struct arch_placement_problem *problem, uint32_t source, double weight, bool tree);
void arch_placement_pin(struct arch_placement_problem *problem, uint32_t pin);

/* A placement: where each seat is, and who sits there. */
struct arch_placement {
    uint32_t *site; /* [items] of each seat */
    uint32_t *item; /* [items] in each seat */
};

struct arch_placement_report {
    int strategy;
    double before, after; /* cost: in the chip's own order; as placed */
    uint64_t moves, accepted;
    bool out_of_time; /* the limit of time ended it: another run may end elsewhere */
};

double arch_placement_cost(const struct arch_placement_problem *problem, const struct arch_placement *placed);

/* Solves the problem. `placed` holds the chip's own order, and the result afterwards. */
void arch_placement_solve(const struct arch_placement_problem *problem,
                          const struct arch_placement_spec *spec, struct arch_placement *placed,
                          struct arch_placement_report *report);

/* Parts of the above. Seats along a curve: a snake, or Hilbert's (placement_curve.c). */
void arch_placement_curve(const struct arch_placement_problem *problem, bool hilbert,
                          struct arch_placement *placed);
void arch_placement_greedy(const struct arch_placement_problem *problem, struct arch_placement *placed);
void arch_placement_anneal(const struct arch_placement_problem *problem,
                           const struct arch_placement_spec *spec, struct arch_placement *placed,
                           struct arch_placement_report *report);

/* Expected spikes of a neuron of a layer in a timestep: as recorded (sim_layer.rate), else the guess. */
double arch_placement_rate(const struct arch_placement_spec *spec, const struct sim_layer *layer);

/* Where nets stand at present, and what a net costs then (placement_cost.c). */
struct arch_placement_view {
    const struct arch_placement_problem *problem;
    uint32_t *row, *col; /* [2 * items + fixed_count] of each pin */
    uint32_t *low, *high, *stamp, stamped; /* [cols] scratch */
};

void arch_placement_view_init(struct arch_placement_view *view, const struct arch_placement_problem *problem,
                              struct sim_arena *arena);
void arch_placement_view_set(struct arch_placement_view *view, uint32_t seat, uint32_t item, uint32_t site);
double arch_placement_net_cost(struct arch_placement_view *view, uint32_t net);

#ifdef __cplusplus
}
#endif

#endif

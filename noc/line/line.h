/* SPDX-License-Identifier: MIT
 *
 * Line network that broadcasts slope and bias pairs past the vector lanes of all cores (NOVA, arXiv
 * 2405.04206): a table of a piecewise-linear function that lies in no core and passes all of them.
 *
 *     order --> head |== r0 == r1 == r2 ==|== r3 == r4 == r5 ==| ...
 *                         |     |     |        |
 *                       core  core  core     core
 *
 * Links have no buffers, flow control or routing: repeaters without a clock carry a flit past as many routers
 * as their delay allows in one cycle of the network (the reach); there a register takes it, for the next
 * span. A span is one component: every router of it sees a flit a cycle after it was sent.
 *
 *     network cycle   |  c   | c+1  | c+2  | c+3  |        2 flits, 2 spans
 *     head sends         f0     f1
 *     span 0 sees               f0     f1
 *     span 1 sees                      f0     f1
 *
 * A flit holds a tag and as many pairs as fit; flit t holds pairs t * n .. t * n + n - 1. The network's clock
 * is the base clock; the lanes' clock is a whole number of times slower, and a broadcast starts at its edges.
 *
 * Not modelled: data-dependent toggling of the links; set-up of the repeaters.
 */
#ifndef NOC_LINE_LINE_H
#define NOC_LINE_LINE_H

#include "sim/kernel/component.h"
#include "sim/base/arena.h"
#include "sim/kernel/link.h"
#include "sim/config/param.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_kernel;
struct sim_err;

#define NOC_LINE_EVENTS(X)                                                                                   \
    X(flits, "flits sent into the span")                                                                     \
    X(register_bits, "bits of flits taken by the span's first register")                                     \
    X(link_bit_um, "bits of flits times micrometres of link")                                                \
    X(tap_bit_um, "bits of flits times micrometres of wire past the lanes of a core")

enum noc_line_event {
#define NOC_LINE_EVENT_NAME(name, help) NOC_LINE_EVENT_##name,
    NOC_LINE_EVENTS(NOC_LINE_EVENT_NAME)
#undef NOC_LINE_EVENT_NAME
        NOC_LINE_EVENT_COUNT
};

struct noc_line_spec {
    uint32_t link_bits;
    uint32_t clock_ratio;   /* network cycles in a cycle of the lanes */
    double hop_m;           /* from router to router */
    double delay_per_mm_s;  /* of repeated wire, routers included */
    double setup_s;         /* of a cycle, not for travelling */
};

extern const struct sim_schema noc_line_schema; /* nested; "noc.line" */
extern const struct sim_type noc_line_type;     /* "noc.line": a span */

struct noc_line_pair {
    int32_t slope, bias;
};

struct noc_line_flit {
    uint32_t broadcast; /* number of the order */
    uint16_t tag, pairs;
    const struct noc_line_pair *pair; /* [pairs] */
};
SIM_LINK_DEFINE(noc_line_link, struct noc_line_flit)

struct noc_line_order {
    uint32_t broadcast, table;
};
SIM_LINK_DEFINE(noc_line_order_link, struct noc_line_order)

/* Routers that a flit passes in a cycle at this clock of the network; 0: not even one. */
uint32_t noc_line_reach(const struct noc_line_spec *spec, double network_hz);

/* Flits of a table of `pairs` pairs of `pair_bits` bits, and pairs in each (the last may have fewer): the
 * fewest whose pairs and tag fit the link. 0: not even one pair fits. */
uint32_t noc_line_flits(const struct noc_line_spec *spec, uint32_t pairs, uint32_t pair_bits,
                        uint32_t *pairs_of_flit);

/* What is broadcast, on which line. */
struct noc_line_plan {
    const struct noc_line_spec *spec;
    uint32_t routers;
    double network_hz, core_m; /* length of wire past the lanes of a core */
    uint32_t pairs, pair_bits, queue;
    const struct noc_line_pair *const *table; /* [tables] of `pairs` pairs */
    const char *path;                         /* of the spans: "PATH.span[0]" */
};

/* Invariant: a broadcast under way has sent flits 0 .. sent - 1. */
struct noc_line {
    struct sim_component base;
    const struct noc_line_plan *plan;
    uint32_t flits, pairs_of_flit;
    struct noc_line_order_link *order; /* the head's; NULL further down */
    struct noc_line_link in;           /* further down: from the span before */
    struct noc_line *next;             /* NULL: the last */
    struct noc_line_link *tap;         /* [routers] to the cores */
    uint32_t routers;                  /* of this span */
    bool busy;
    uint32_t sent;
    struct noc_line_order current;
};

/* Builds the spans of a line; orders come by `order`, which the caller connects to the head. The plan must
 * outlive them. Returns the head; NULL and messages when a flit does not fit the link or a hop the cycle. */
struct noc_line *noc_line_build(const struct noc_line_plan *plan, struct noc_line_order_link *order,
                                struct sim_kernel *kernel, struct sim_err *err);

/* The tap of a router, for its core: connect it from *span to the core. */
struct noc_line_link *noc_line_tap(struct noc_line *head, uint32_t router, uint32_t *span);

#ifdef __cplusplus
}
#endif

#endif

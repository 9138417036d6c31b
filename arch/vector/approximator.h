/* SPDX-License-Identifier: MIT
 *
 * Approximators: hardware that evaluates non-linear functions in the vector lanes of a host's cores.
 *
 *     host --requests (a vector a core)--> approximator --results--> host
 *
 * The kinds differ in where slopes and biases lie; what a lane computes with them is the same (piecewise.h):
 *
 *     arch.nova         they pass all cores on a line network (noc/line); a lane latches the pair of its
 * segment arch.lane_table   in each lane arch.core_table   in each core, behind `ports` read ports
 *     arch.vector_unit  nowhere: one unit for all cores computes the function exactly
 *
 * All kinds take requests and give results by the same links, in the lanes' clock, which is `ratio` times
 * slower than the base clock. At most `queue` vectors of a core are on their way.
 */
#ifndef ARCH_VECTOR_APPROXIMATOR_H
#define ARCH_VECTOR_APPROXIMATOR_H

#include "arch/vector/piecewise.h"
#include "noc/line/line.h"
#include "sim/config/param.h"
#include "sim/kernel/component.h"
#include "sim/kernel/link.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_kernel;

#define ARCH_APPROXIMATOR_ROLE "approximator" /* of the schemas, for SIM_PARAM_ANY */

struct arch_lanes_request {
    uint32_t wave, function; /* number of the vector; which of the setup's tables */
    uint32_t elements;       /* lanes that have one, from lane 0 on; the others are gated and count nothing */
    uint32_t reserved;
    const int32_t *x;        /* [elements] */
};
SIM_LINK_DEFINE(arch_lanes_requests, struct arch_lanes_request)

struct arch_lanes_result {
    uint32_t wave, reserved;
    const int32_t *y; /* [elements]; stands until `queue` further requests have been made */
};
SIM_LINK_DEFINE(arch_lanes_results, struct arch_lanes_result)

/* A core's two links; the host's component is at the other end. */
struct arch_lanes_port {
    struct arch_lanes_requests request;
    struct arch_lanes_results result;
};

/* What is known of the host. */
struct arch_lanes_setup {
    uint32_t cores, lanes, queue, bits, segments, functions;
    double clock_hz;            /* of the lanes */
    double core_m, lane_m;      /* from core to core; width of a lane */
    const struct arch_fixed *const *table; /* [functions] in the order of enum arch_scalar */
    uint32_t place[ARCH_SCALAR_COUNT];     /* of a function among them */
    const char *path;
};

struct arch_approximator_type {
    const struct sim_schema *schema;

    /* Cycles of the base clock in one of the lanes. */
    uint32_t (*ratio)(const void *spec);

    /* Components between the host and its ports, port[core]; `host` is its id. Spec and setup outlive them.
     * False and messages when they do not go together. */
    bool (*build)(const void *spec, const struct arch_lanes_setup *setup, struct arch_lanes_port *port,
                  uint32_t host, struct noc_line_order_link **order, struct sim_kernel *kernel,
                  struct sim_err *err);

    /* Silicon area of all its hardware, m2. */
    double (*area)(const void *spec, const struct arch_lanes_setup *setup);
};

/* The kind behind a schema; NULL: it is none. */
const struct arch_approximator_type *arch_approximator_of(const struct sim_schema *schema);

/* Events of lanes that work with slopes and biases. */
#define ARCH_LANES_EVENTS(X)                                                                                 \
    X(vectors, "vectors evaluated")                                                                          \
    X(results, "elements evaluated")                                                                         \
    X(comparisons, "comparisons of an element with a breakpoint")                                            \
    X(table_bits, "bits of slopes and biases read from a table")                                             \
    X(table_bit_um, "bits of slopes and biases times micrometres from the table to the lane")                \
    X(tag_matches, "comparisons of a lane's segment with the tag of a flit")                                 \
    X(latch_bits, "bits of slopes and biases latched from the line")                                         \
    X(macs, "multiply-adds")

enum arch_lanes_event {
#define ARCH_LANES_EVENT_NAME(name, help) ARCH_LANES_EVENT_##name,
    ARCH_LANES_EVENTS(ARCH_LANES_EVENT_NAME)
#undef ARCH_LANES_EVENT_NAME
        ARCH_LANES_EVENT_COUNT
};

extern const struct sim_event arch_lanes_events[ARCH_LANES_EVENT_COUNT];

/* Areas of a lane's parts; the same keys in every kind. */
struct arch_lanes_area {
    double comparator_m2, mac_m2,
        bit_m2; /* one comparator; one multiply-add; a bit of storage, read port included */
};

extern const struct sim_schema arch_lanes_area_schema; /* nested */

/* Of the comparators and multiply-adds of all lanes, and the breakpoints, which each core holds once. */
double arch_lanes_area(const struct arch_lanes_area *area, const struct arch_lanes_setup *setup);

#ifdef __cplusplus
}
#endif

#endif

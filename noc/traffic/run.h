/* SPDX-License-Identifier: MIT
 *
 * A measurement: a network under synthetic traffic.
 *
 *     | warm-up | window: packets created here are measured | until they have all arrived |
 *
 * Warm-up ends when the mean latency of the packets that arrived in the last half of the time so far is
 * near that of the quarter before it. The window is fixed (`cycles`) or doubles until the confidence
 * interval of the mean is narrow enough. Sources go on to the end, so what is measured meets the same
 * traffic throughout. A network is saturated when it accepts less than it is offered: measured packets do
 * not arrive in time, or fewer flits arrive than chance allows, in the window or at the end of a warm-up that
 * did not settle; then only `accepted` and the loads of links mean anything.
 *
 * Of multicast messages (groups.h) each copy is a packet with a latency of its own, and `accepted`
 * are the copies; `rate` are the flits before they are copied.
 *
 * Several threads give the same result: each steps a slice of the routers, with their terminals, and has sums
 * of its own of what it learns, which are added up between stretches of the run. Multicast messages are known
 * to all their receivers, so they have one thread; and so has a batch of routers (noc/batch).
 */
#ifndef NOC_TRAFFIC_RUN_H
#define NOC_TRAFFIC_RUN_H

#include "noc/network/network.h"
#include "noc/network/statistics.h"
#include "noc/traffic/traffic.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NOC_WINDOW_LEAST 32 /* cycles: each batch of the statistics has one */

struct noc_run_spec {
    sim_cycle warmup;     /* 0 = found out */
    sim_cycle cycles;     /* length of the window (at least NOC_WINDOW_LEAST); 0 = until converged */
    sim_cycle cycles_max; /* the run may not be longer; 0 = 4,000,000 */
    double precision;     /* converged: half interval / mean; 0 = 0.01 */
    sim_cycle watchdog;   /* cycles without any flit sent; 0 = 100,000 */
    int order;            /* enum sim_order */
    sim_cycle audit;      /* cycles between audits of the laws; 0 = only at the end */
    uint32_t threads;     /* that step the network together (sim/kernel/shards.h); 0 = 1 */
    /* Told now and then: the part of the run, cycles of it that are done, of how many (0: not known). It
     * changes nothing of the result. NULL: nobody. */
    void (*tell)(void *listener, const char *part, sim_cycle done, sim_cycle total);
    void *listener;
};

/* The load of a link between routers in the window, flits per cycle. */
struct noc_link_load {
    uint32_t from, port, to;
    double load;
};

struct noc_run_result {
    double rate;                 /* offered, flits per terminal and cycle */
    double latency_mean, latency_interval; /* cycles */
    double network_latency_mean; /* NaN when measured packets are still on their way */
    sim_cycle latency_p50, latency_p95, latency_p99, latency_max;
    double hops_mean;            /* routers */
    double accepted;             /* flits per terminal and cycle that arrived in the window */
    bool saturated, converged;
    sim_cycle warmup, window, cycles; /* lengths; cycles: of the whole run */
    uint64_t packets;            /* measured; of multicast messages each copy */
    uint64_t messages;           /* multicast: of which every copy was measured; */
    double latency_last_mean;    /* and, from a message's creation to the arrival of its last copy: */
    sim_cycle latency_last_p99, latency_last_max;
    uint64_t flit_hops;          /* in the whole run: switch traversals */
    uint64_t flits;              /* that arrived in the whole run */
    uint64_t steps;              /* of components */
    uint32_t routers, terminals;
    size_t bytes_per_router;
    double link_load_mean, link_load_max;
    struct noc_link_load *link;  /* [links] by router and port */
    uint32_t links;
    struct noc_statistics *statistics; /* histogram and batches */
    uint64_t count[NOC_ROUTER_EVENT_COUNT]; /* events of all routers, in the whole run */
};

/* Runs one measurement on a network of its own. False and messages when a description makes no sense, or the
 * network stalls or fails an audit. noc_run_result_release in any case. */
bool noc_traffic_run(const struct noc_run_spec *spec, const struct noc_network_spec *network,
                     const struct noc_traffic_spec *traffic, const struct sim_where *where,
                     struct noc_run_result *result, struct sim_err *err);

/* Cycles that a network of so many terminals is run between two looks at its progress: a fraction of a
 * second. */
sim_cycle noc_run_piece(uint32_t terminals);

void noc_run_result_release(struct noc_run_result *result);

#ifdef __cplusplus
}
#endif

#endif

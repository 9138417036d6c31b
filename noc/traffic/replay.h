/* SPDX-License-Identifier: MIT
 *
 * Replay of a trace of explicit injections on a network: what happened to every packet.
 */
#ifndef NOC_TRAFFIC_REPLAY_H
#define NOC_TRAFFIC_REPLAY_H

#include "noc/network/network.h"
#include "noc/traffic/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The life of a packet, in cycles. */
struct noc_record {
    sim_cycle injected; /* the head left the source queue */
    sim_cycle head, tail; /* arrival at the destination */
    uint32_t hops;      /* routers */
};

struct noc_replay_spec {
    sim_cycle watchdog; /* cycles without any flit sent before the run is given up; 0 = 100,000 */
    int order;          /* enum sim_order */
    uint64_t seed;      /* of the shuffled order, and of drawn routing classes */
    sim_cycle audit;    /* cycles between audits; 0 = only at the end */
};

/* Runs `trace` on a network of its own until every packet has arrived. record[i] belongs to packet i. False
 * and messages when the description or the trace makes no sense, or the run stalls or fails an audit. */
bool noc_replay(const struct noc_replay_spec *spec, const struct noc_network_spec *network,
                const struct noc_trace *trace, struct noc_record *record, struct sim_err *err);

#ifdef __cplusplus
}
#endif

#endif

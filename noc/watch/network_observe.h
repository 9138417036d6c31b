/* SPDX-License-Identifier: MIT
 *
 * A network seen at work: every cycle from 0 on, with an observer that may look at everything between cycles.
 *
 * A measurement (noc/traffic/run.h) knows of no observers, so it costs nothing when nobody looks. Runs repeat
 * exactly (law L7): who wants to see a measured run, to record every component or to tell a packet's life,
 * runs it again here. Traces of explicit injections are run here in the first place.
 */
#ifndef NOC_WATCH_NETWORK_OBSERVE_H
#define NOC_WATCH_NETWORK_OBSERVE_H

#include "noc/network/network.h"
#include "noc/traffic/trace.h"
#include "noc/traffic/traffic.h"
#include "sim/kernel/engine.h"
#include "sim/kernel/kernel.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Either traffic or trace is set. */
struct noc_observe_spec {
    const struct noc_network_spec *network;
    const struct noc_traffic_spec *traffic;
    const struct noc_trace *trace;
    const struct sim_where *where; /* of the description, for messages */
    enum sim_order order;
    uint64_t seed;      /* of the shuffled order; of a trace's routing classes */
    sim_cycle watchdog; /* cycles without any flit sent; 0 = 100,000 */
    sim_cycle cycles;   /* how long; a trace may be finished earlier */
    const struct sim_engine_type *engine; /* who steps the components; NULL: native */
};

/* The tag of a packet tells the observer which one it is: for a trace, its number; otherwise the low word of
 * the cycle of its creation (at tails only, of multicast), unless `tag` has another wish. Functions that are
 * NULL are not called. */
struct noc_observer {
    void *self;
    uint32_t (*tag)(void *self, uint32_t terminal,
                    uint64_t number); /* the terminal's packet `number`, from 0 */
    void (*sent)(void *self, uint32_t terminal, const struct noc_packet *packet,
                 sim_cycle now); /* its head */
    void (*arrived)(void *self, uint32_t terminal, const struct noc_arrival *arrival, sim_cycle now);
    /* Everything is built, nothing has happened: components may be added. */
    void (*assembled)(void *self, struct sim_kernel *kernel, struct noc_network *network);
    /* Before the cycle kernel->now; returns up to which cycle to run before it wants to look again. The run
     * ends when that is kernel->now. */
    sim_cycle (*look)(void *self, const struct sim_kernel *kernel);
    /* The run has ended, audited and settled, and everything is still there. False and messages on a fault.
     */
    bool (*ended)(void *self, struct sim_kernel *kernel, struct noc_network *network, struct sim_err *err);
};

/* False and messages when a description makes no sense, or the network stalls or fails an audit. */
bool noc_network_observe(const struct noc_observe_spec *spec, const struct noc_observer *observer,
                         struct sim_err *err);

/* Flits that have left through a router's output before cycle `now`, to which the network was run. */
uint64_t noc_network_sent(const struct noc_network *network, uint32_t router, uint32_t port, sim_cycle now);

/* Packet `number` of synthetic traffic: the packets of all terminals in the order of their creation, in a
 * cycle by terminal. False when it is created at `limit` or later. */
struct noc_packet_id {
    uint32_t terminal;
    uint64_t number; /* among the packets of its terminal */
    sim_cycle created;
};

bool noc_traffic_find(const struct noc_observe_spec *spec, uint64_t number, sim_cycle limit,
                      struct noc_packet_id *id, struct sim_err *err);

#ifdef __cplusplus
}
#endif

#endif

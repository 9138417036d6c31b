/* SPDX-License-Identifier: MIT
 *
 * Runs for comparison; see network_form.h.
 */
#include "test/unit/network_form.h"

#include "noc/router/stages.h"
#include "sim/base/err.h"
#include "sim/base/rng.h"
#include "test/suite.h"

struct hash_client {
    struct noc_traffic traffic;
    uint32_t left[256];
    uint64_t hash; /* sum over arrivals, so that the order within a cycle does not matter */
};

static bool hash_next(void *self, uint32_t terminal, struct noc_packet *packet) {
    struct hash_client *c = self;
    if (c->left[terminal] == 0)
        return false;
    c->left[terminal]--;
    noc_traffic_next(&c->traffic, terminal, packet);
    packet->size = 1 + packet->tag % c->traffic.spec->packet; /* sizes differ, the same in both runs */
    return true;
}

static void hash_sent(void *self, uint32_t terminal, const struct noc_packet *packet, sim_cycle now) {
    struct hash_client *c = self;
    uint64_t mix = now * 1000003 + terminal * 7919 + packet->dst;
    c->hash += sim_rng_next(&mix);
}

static void hash_arrived(void *self, uint32_t terminal, const struct noc_arrival *arrival, sim_cycle now) {
    struct hash_client *c = self;
    uint64_t mix = now * 999983 + terminal * 104729 + arrival->tag * 31 + arrival->hops + arrival->tail;
    c->hash += sim_rng_next(&mix);
}

struct network_outcome network_form_run(const struct noc_network_spec *spec,
                                        const struct noc_traffic_spec *traffic, enum network_form form,
                                        enum sim_order order) {
    struct network_outcome outcome = {.hash = 0};
    struct hash_client client = {.hash = 0};
    struct noc_client callbacks = {
        .self = &client, .next = hash_next, .sent = hash_sent, .arrived = hash_arrived};
    struct noc_network network;
    struct sim_arena arena;
    struct sim_kernel kernel;
    struct sim_kernel_spec kernel_spec = {.order = order, .seed = 3, .watchdog = 10000};
    struct sim_err err;
    sim_err_init(&err);
    sim_arena_init(&arena);
    sim_kernel_init(&kernel, &kernel_spec, &arena);
    ck_assert(noc_network_build(&network, spec, NULL, &arena, &err));
    ck_assert(noc_traffic_init(&client.traffic, traffic, &network.topology, network.routing.entries, NULL,
                               &arena, &err));
    for (uint32_t t = 0; t < network.topology.terminals; t++)
        client.left[t] = 60;
    if (form == NETWORK_TOGETHER)
        ck_assert(noc_network_together(&network));
    noc_network_assemble(&network, "noc", &callbacks, &kernel);
    for (uint32_t r = 0; r < network.topology.routers; r++) {
        ck_assert(network.router[r].stages == NULL);
        if (form == NETWORK_GENERAL)
            noc_router_generalize(&network.router[r], &arena);
    }
    sim_kernel_start(&kernel);
    for (sim_cycle until = 100;; until += 100) {
        enum sim_stop stop = sim_kernel_run(&kernel, until);
        sim_kernel_settle(&kernel);
        bool sound = sim_kernel_audit(&kernel, &err) && noc_network_audit(&network, kernel.now, &err);
        sim_err_print(&err, stderr);
        ck_assert(sound);
        ck_assert_int_ne(stop, SIM_STOP_STALLED);
        if (stop == SIM_STOP_FINISHED)
            break;
    }
    outcome.hash = client.hash;
    outcome.end = kernel.now;
    for (uint32_t r = 0; r < network.topology.routers; r++)
        for (uint32_t e = 0; e < NOC_ROUTER_EVENT_COUNT; e++)
            outcome.count[e] += network.router[r].base.count[e];
    sim_arena_release(&arena);
    sim_err_release(&err);
    return outcome;
}

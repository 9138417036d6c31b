/* SPDX-License-Identifier: MIT
 *
 * Routers without buffers: zero-load latency by formula on every topology, what contention does to two flits,
 * conservation and the livelock bound under saturation, and what is refused.
 */
#include "noc/network/network.h"
#include "noc/router/deflection.h"
#include "noc/traffic/replay.h"
#include "noc/traffic/traffic.h"
#include "sim/base/err.h"
#include "sim/base/rng.h"
#include "sim/kernel/kernel.h"
#include "test/suite.h"
#include "test/unit/network_shape.h"

#include <string.h>

static const struct network_shape shape[] = {
    {NOC_TOPOLOGY_MESH, "8x8", "", 1, NOC_ROUTING_XY, 1},
    {NOC_TOPOLOGY_MESH, "5x4", "", 1, NOC_ROUTING_WEST_FIRST, 1},
    {NOC_TOPOLOGY_MESH, "6x5", "", 1, NOC_ROUTING_ODD_EVEN, 1},
    {NOC_TOPOLOGY_MESH, "4x3x3", "", 1, NOC_ROUTING_ADAPTIVE, 1},
    {NOC_TOPOLOGY_MESH, "4x4", "", 4, NOC_ROUTING_ADAPTIVE, 1},
    {NOC_TOPOLOGY_TORUS, "8x8", "", 1, NOC_ROUTING_XY, 1},
    {NOC_TOPOLOGY_TORUS, "5x3", "", 2, NOC_ROUTING_ADAPTIVE, 1},
    {NOC_TOPOLOGY_FAT_TREE, "4x3", "", 1, NOC_ROUTING_UP_DOWN, 1},
    {NOC_TOPOLOGY_GRAPH, "", "0-1, 1-2, 2-3, 3-0, 0-2", 1, NOC_ROUTING_UP_DOWN, 1},
    {NOC_TOPOLOGY_GRAPH, "", "0-1, 1-2, 1-3, 3-4", 2, NOC_ROUTING_TABLE, 1},
};

#define SHAPES ((int)(sizeof shape / sizeof *shape))

static void set_shape(struct noc_network_spec *spec, int i) {
    network_shape_set(spec, &shape[i]);
    spec->router.buffer_flits = 4;
    spec->router.flow_control = NOC_FLOW_DEFLECTION;
}

static void replay(const struct noc_network_spec *spec, const struct noc_injection *packet, uint32_t count,
                   struct noc_record *record) {
    struct noc_trace trace = {.path = "test", .packet = (struct noc_injection *)packet, .count = count};
    struct noc_replay_spec replay = {.seed = 1, .audit = 1000};
    struct sim_err err;
    sim_err_init(&err);
    bool run = noc_replay(&replay, spec, &trace, record, &err);
    sim_err_print(&err, stderr);
    ck_assert(run);
    sim_err_release(&err);
}

/* Alone: into the first router, a link for every hop, out of the last; and nothing else. */
START_TEST(zero_load_latency) {
    enum { PACKETS = 80 };
    struct noc_injection packet[PACKETS];
    struct noc_record record[PACKETS];
    struct noc_network_spec spec;
    struct noc_network network;
    struct sim_arena arena;
    struct sim_err err;
    uint64_t rng = sim_rng_stream(2, (uint64_t)_i);
    set_shape(&spec, _i % SHAPES);
    spec.link_latency = 1 + (uint32_t)(_i / SHAPES) * 2;
    spec.terminal_latency = 1 + (uint32_t)(_i / SHAPES);
    spec.clock_divider = 1 + (uint32_t)(_i / SHAPES);
    sim_arena_init(&arena);
    sim_err_init(&err);
    ck_assert(noc_network_build(&network, &spec, NULL, &arena, &err));
    uint32_t terminals = network.topology.terminals;
    for (uint32_t i = 0; i < PACKETS; i++)
        packet[i] = (struct noc_injection){.cycle = i * 600, .src = (uint32_t)sim_rng_below(&rng, terminals),
                                           .dst = (uint32_t)sim_rng_below(&rng, terminals), .size = 1};
    replay(&spec, packet, PACKETS, record);
    for (uint32_t i = 0; i < PACKETS; i++) {
        uint32_t links = record[i].hops - 1;
        sim_cycle latency = spec.terminal_latency + 1 + links * spec.link_latency + spec.terminal_latency;
        ck_assert_uint_eq(record[i].tail - packet[i].cycle, latency * spec.clock_divider);
        ck_assert_uint_eq(noc_network_zero_load(&spec, record[i].hops, 1), latency * spec.clock_divider);
        ck_assert_uint_le(record[i].hops, network.topology.diameter);
    }
    sim_arena_release(&arena);
    sim_err_release(&err);
}
END_TEST

/* On the line 0 - 1 - 2 - 3 flits from 0 and 2 for terminal 1 meet there. The older is delivered; the other,
 * which came from router 2, goes on to router 0 or back to 2, and is there again two cycles later. */
START_TEST(the_younger_is_deflected) {
    struct noc_network_spec spec;
    struct noc_record record[2];
    noc_network_defaults(&spec);
    set_shape(&spec, 0);
    spec.size = "4";
    static const struct noc_injection packet[] = {{.cycle = 0, .src = 3, .dst = 1, .size = 1},
                                                  {.cycle = 1, .src = 0, .dst = 1, .size = 1}};
    replay(&spec, packet, 2, record);
    ck_assert_uint_eq(record[0].tail, noc_network_zero_load(&spec, 3, 1));
    ck_assert_uint_eq(record[1].tail, 1 + noc_network_zero_load(&spec, 2, 1) + 2);
    ck_assert_uint_eq(record[1].hops, 4);
}
END_TEST

/* ---- saturation --------------------------------------------------------------------------------- */

struct crowd {
    struct noc_traffic traffic;
    uint32_t left[256];
    uint64_t sent, arrived, hops_most;
    sim_cycle latency_most;
};

static bool next_packet(void *self, uint32_t terminal, struct noc_packet *packet) {
    struct crowd *c = self;
    if (c->left[terminal]-- == 0)
        return c->left[terminal] = 0, false;
    noc_traffic_next(&c->traffic, terminal, packet);
    return true;
}

static void packet_sent(void *self, uint32_t terminal, const struct noc_packet *packet, sim_cycle now) {
    struct crowd *c = self;
    (void)terminal, (void)packet, (void)now;
    c->sent++;
}

static void packet_arrived(void *self, uint32_t terminal, const struct noc_arrival *arrival, sim_cycle now) {
    struct crowd *c = self;
    (void)terminal, (void)now;
    ck_assert(arrival->head && arrival->tail);
    c->arrived++;
    c->hops_most = arrival->hops > c->hops_most ? arrival->hops : c->hops_most;
}

/* Every terminal sends as fast as it can. All flits arrive, none after more hops than the bound. */
START_TEST(nobody_is_lost_or_late_in_a_crowd) {
    static const int pattern[] = {NOC_PATTERN_UNIFORM, NOC_PATTERN_HOTSPOT, NOC_PATTERN_TORNADO};
    struct noc_network_spec spec;
    struct noc_network network;
    struct noc_traffic_spec traffic = {.rate = 1, .packet = 1, .self = true, .hotspot = "*:1", .seed = 3};
    struct crowd crowd = {.sent = 0};
    struct noc_client client = {
        .self = &crowd, .next = next_packet, .sent = packet_sent, .arrived = packet_arrived};
    struct sim_arena arena;
    struct sim_kernel kernel;
    struct sim_kernel_spec kernel_spec = {.watchdog = 10000};
    struct sim_err err;
    set_shape(&spec, _i % SHAPES);
    bool grid = spec.topology == NOC_TOPOLOGY_MESH || spec.topology == NOC_TOPOLOGY_TORUS;
    traffic.pattern = pattern[_i / SHAPES];
    if (traffic.pattern == NOC_PATTERN_HOTSPOT)
        traffic.hotspot = "0:20, *:1";
    if (traffic.pattern == NOC_PATTERN_TORNADO && !grid)
        traffic.pattern = NOC_PATTERN_UNIFORM;
    sim_err_init(&err);
    sim_arena_init(&arena);
    sim_kernel_init(&kernel, &kernel_spec, &arena);
    bool built = noc_network_build(&network, &spec, NULL, &arena, &err) &&
                 noc_traffic_init(&crowd.traffic, &traffic, &network.topology, network.routing.entries, NULL,
                                  &arena, &err);
    sim_err_print(&err, stderr);
    ck_assert(built);
    const struct noc_topology *t = &network.topology;
    uint32_t links = 0;
    for (uint32_t i = 0; i < t->first[t->routers]; i++)
        links += t->end[i].kind == NOC_END_ROUTER;
    for (uint32_t i = 0; i < t->terminals; i++)
        crowd.left[i] = 300;
    noc_network_assemble(&network, "noc", &client, &kernel);
    sim_kernel_start(&kernel);
    enum sim_stop stop;
    do {
        stop = sim_kernel_run(&kernel, kernel.now + 50);
        bool sound = sim_kernel_audit(&kernel, &err) && noc_network_audit(&network, kernel.now, &err);
        sim_err_print(&err, stderr);
        ck_assert(sound);
        ck_assert_int_ne(stop, SIM_STOP_STALLED);
    } while (stop != SIM_STOP_FINISHED);
    ck_assert_uint_eq(crowd.sent, 300 * t->terminals);
    ck_assert_uint_eq(crowd.arrived, crowd.sent);
    if (traffic.pattern != NOC_PATTERN_TORNADO)
        ck_assert_uint_gt(crowd.hops_most, t->diameter); /* somebody was deflected */
    ck_assert_uint_le(crowd.hops_most, (links + 1) * t->diameter);
    sim_arena_release(&arena);
    sim_err_release(&err);
}
END_TEST

/* ---- refusal ------------------------------------------------------------------------------------ */

static void refused(const struct noc_network_spec *spec, uint32_t size, const char *message) {
    struct noc_network network;
    struct sim_arena arena;
    struct sim_err err;
    struct sim_where where = {.file = "test"};
    sim_arena_init(&arena);
    sim_err_init(&err);
    bool sound = noc_router_schema.check(&spec->router, &where, &err) &&
                 noc_network_build(&network, spec, &where, &arena, &err) &&
                 noc_network_fits(spec, size, "packets of", &where, &err);
    ck_assert(sound == (message == NULL));
    if (message != NULL)
        ck_assert_msg(strstr(err.message[0], message) != NULL, "%s", err.message[0]);
    sim_err_release(&err);
    sim_arena_release(&arena);
}

START_TEST(what_does_not_fit_is_refused) {
    struct noc_network_spec spec;
    set_shape(&spec, 0);
    refused(&spec, 1, NULL);
    refused(&spec, 2, "packets of 2 flits: a network that deflects takes packets of one flit");
    spec.router.vcs = 2;
    refused(&spec, 1, "vcs must be 1, not 2");
    set_shape(&spec, 0);
    spec.router.vc_alloc_delay = 2;
    refused(&spec, 1, "must be left alone");
    set_shape(&spec, 0);
    spec.chip_size = 4;
    refused(&spec, 1, "links of 1 and 4 cycles");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("deflection");
    TCase *flits = suite_case(suite, "flits");
    tcase_set_timeout(flits, 60);
    tcase_add_loop_test(flits, zero_load_latency, 0, 3 * SHAPES);
    tcase_add_test(flits, the_younger_is_deflected);
    TCase *crowds = suite_case(suite, "crowds");
    tcase_set_timeout(crowds, 60);
    tcase_add_loop_test(crowds, nobody_is_lost_or_late_in_a_crowd, 0, 3 * SHAPES);
    tcase_add_test(suite_case(suite, "refusal"), what_does_not_fit_is_refused);
    return suite_run(suite);
}

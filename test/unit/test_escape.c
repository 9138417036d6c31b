/* SPDX-License-Identifier: MIT
 *
 * Minimal adaptive routing with an escape network, pressed far beyond saturation: whatever the FIFOs, the
 * length of packets, flow control and pipeline, all packets arrive when the sources stop. Small rings, few
 * VCs and short FIFOs deadlock within some thousand cycles if a VC is taken without room for the packet.
 */
#include "noc/network/network.h"
#include "noc/traffic/traffic.h"
#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/base/rng.h"
#include "sim/kernel/kernel.h"
#include "test/suite.h"

#define TERMINALS_MAX 128u
#define PACKETS 150u

struct crowd {
    struct noc_traffic traffic;
    uint32_t left[TERMINALS_MAX];
    uint64_t arrived;
    bool mixed; /* sizes from 1 to packet, in turn */
};

static bool next_packet(void *self, uint32_t terminal, struct noc_packet *packet) {
    struct crowd *c = self;
    if (c->left[terminal] == 0)
        return false;
    c->left[terminal]--;
    noc_traffic_next(&c->traffic, terminal, packet);
    packet->size = c->mixed ? 1 + c->left[terminal] % c->traffic.spec->packet : c->traffic.spec->packet;
    return true;
}

static void packet_sent(void *self, uint32_t terminal, const struct noc_packet *packet, sim_cycle now) {
    (void)self, (void)terminal, (void)packet, (void)now;
}

static void packet_arrived(void *self, uint32_t terminal, const struct noc_arrival *arrival, sim_cycle now) {
    struct crowd *c = self;
    (void)terminal, (void)now;
    c->arrived += arrival->tail;
}

static const struct {
    int topology;
    const char *size;
} place[] = {
    {NOC_TOPOLOGY_TORUS, "4x4"},   {NOC_TOPOLOGY_TORUS, "8"},  {NOC_TOPOLOGY_TORUS, "3x5"},
    {NOC_TOPOLOGY_TORUS, "4x4x2"}, {NOC_TOPOLOGY_MESH, "4x4"}, {NOC_TOPOLOGY_MESH, "6x5"},
    {NOC_TOPOLOGY_MESH, "3x3x3"},
};

static uint32_t draw(uint64_t *rng, uint32_t n) { return (uint32_t)sim_rng_below(rng, n); }

static void draw_network(struct noc_network_spec *spec, uint64_t *rng) {
    uint32_t p = draw(rng, sizeof place / sizeof *place);
    noc_network_defaults(spec);
    spec->topology = place[p].topology;
    spec->size = place[p].size;
    spec->concentration = 1 + draw(rng, 2);
    spec->routing = NOC_ROUTING_ADAPTIVE;
    spec->link_latency = 1 + draw(rng, 3) * 5;
    spec->router.vcs = (spec->topology == NOC_TOPOLOGY_TORUS ? 3 : 2) + draw(rng, 3);
    spec->router.buffer_flits = 1 + draw(rng, 4);
    spec->router.flow_control = draw(rng, 2) == 0 ? NOC_FLOW_WORMHOLE : NOC_FLOW_CUT_THROUGH;
    spec->router.vc_allocator = (int)draw(rng, NOC_ALLOCATOR_COUNT);
    spec->router.switch_allocator = (int)draw(rng, NOC_ALLOCATOR_COUNT);
    spec->router.arbiter = (int)draw(rng, NOC_ARBITER_COUNT);
    spec->router.iterations = 1 + draw(rng, 2);
    spec->router.credit_delay = draw(rng, 3);
    spec->router.speculative = draw(rng, 2) == 0;
    spec->router.vc_alloc_delay = spec->router.speculative ? 1 : 1 + draw(rng, 3);
    spec->router.lookahead = draw(rng, 2) == 0;
}

/* Everybody has a packet in every cycle at first; then the network has to drain. */
START_TEST(what_is_pressed_in_comes_out) {
    static const int pattern[] = {NOC_PATTERN_UNIFORM, NOC_PATTERN_TORNADO, NOC_PATTERN_NEIGHBOUR};
    uint64_t rng = sim_rng_stream(17, (uint64_t)_i);
    struct noc_network_spec spec;
    struct crowd crowd = {.mixed = draw(&rng, 2) == 0};
    struct noc_client client = {
        .self = &crowd, .next = next_packet, .sent = packet_sent, .arrived = packet_arrived};
    struct noc_network network;
    struct sim_arena arena;
    struct sim_kernel kernel;
    struct sim_kernel_spec kernel_spec = {.watchdog = 20000};
    struct sim_err err;
    draw_network(&spec, &rng);
    uint32_t longest = spec.router.flow_control == NOC_FLOW_CUT_THROUGH ? spec.router.buffer_flits : 10;
    struct noc_traffic_spec traffic = {.pattern = pattern[draw(&rng, 3)],
                                       .rate = 1,
                                       .packet = 1 + draw(&rng, longest),
                                       .self = true,
                                       .hotspot = "",
                                       .seed = (uint64_t)_i};
    sim_err_init(&err);
    sim_arena_init(&arena);
    sim_kernel_init(&kernel, &kernel_spec, &arena);
    bool built = noc_network_build(&network, &spec, NULL, &arena, &err) &&
                 noc_traffic_init(&crowd.traffic, &traffic, &network.topology, network.routing.entries, NULL,
                                  &arena, &err);
    sim_err_print(&err, stderr);
    ck_assert(built);
    ck_assert_uint_le(network.topology.terminals, TERMINALS_MAX);
    for (uint32_t t = 0; t < network.topology.terminals; t++)
        crowd.left[t] = PACKETS;
    noc_network_assemble(&network, "noc", &client, &kernel);
    sim_kernel_start(&kernel);
    enum sim_stop stop;
    while ((stop = sim_kernel_run(&kernel, kernel.now + 500)) == SIM_STOP_TIME) {
        sim_kernel_settle(&kernel);
        bool sound = sim_kernel_audit(&kernel, &err) && noc_network_audit(&network, kernel.now, &err);
        sim_err_print(&err, stderr);
        ck_assert(sound);
    }
    if (stop != SIM_STOP_FINISHED)
        sim_kernel_explain(&kernel, stderr);
    ck_assert_int_eq(stop, SIM_STOP_FINISHED);
    ck_assert_uint_eq(crowd.arrived, (uint64_t)PACKETS * network.topology.terminals);
    sim_arena_release(&arena);
    sim_err_release(&err);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("escape network");
    TCase *pressure = suite_case(suite, "pressure");
    tcase_set_timeout(pressure, 60);
    tcase_add_loop_test(pressure, what_is_pressed_in_comes_out, 0, 80);
    return suite_run(suite);
}

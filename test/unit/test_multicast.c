/* SPDX-License-Identifier: MIT
 *
 * Multicast trees in networks of virtual-channel routers: link crossings of tree and repeated unicast and the
 * arrival of every copy, by formula; every member gets one copy on every topology; what is refused.
 */
#include "noc/network/network.h"
#include "noc/router/stages.h"
#include "sim/base/err.h"
#include "sim/base/rng.h"
#include "sim/kernel/kernel.h"
#include "test/suite.h"
#include "test/unit/network_shape.h"

#define TERMINALS_MAX 256u
#define FIRST_CYCLE 5u

/* One packet from `source`, to `dst` each; unicast: several. */
struct probe {
    uint32_t source, size;
    const uint32_t *dst;
    uint32_t packets, next;
    sim_cycle arrival[TERMINALS_MAX]; /* of the last tail, 0: none */
    uint32_t copies[TERMINALS_MAX], hops[TERMINALS_MAX];
};

static bool next_packet(void *self, uint32_t terminal, struct noc_packet *packet) {
    struct probe *p = self;
    if (terminal != p->source || p->next == p->packets)
        return false;
    *packet = (struct noc_packet){.created = FIRST_CYCLE, .dst = p->dst[p->next++], .size = p->size};
    return true;
}

static void packet_sent(void *self, uint32_t terminal, const struct noc_packet *packet, sim_cycle now) {
    (void)self, (void)terminal, (void)packet, (void)now;
}

static void packet_arrived(void *self, uint32_t terminal, const struct noc_arrival *arrival, sim_cycle now) {
    struct probe *p = self;
    if (!arrival->tail)
        return;
    p->copies[terminal]++;
    p->arrival[terminal] = now;
    p->hops[terminal] = arrival->hops;
}

struct outcome {
    struct probe probe;
    uint64_t crossings; /* flits on links between routers */
    uint64_t reads, writes;
    uint32_t terminals;
    struct noc_topology topology; /* plain numbers only: the tables are gone */
};

/* Sends one packet from `source` to `members`: as a tree, or once to each. */
static struct outcome send_to(const struct noc_network_spec *spec, uint32_t source, const uint32_t *members,
                              uint32_t count, uint32_t size, bool tree) {
    struct outcome outcome = {.probe = {.source = source, .size = size}};
    struct probe *p = &outcome.probe;
    struct noc_client client = {
        .self = p, .next = next_packet, .sent = packet_sent, .arrived = packet_arrived};
    struct noc_network network;
    struct sim_arena arena;
    struct sim_kernel kernel;
    struct sim_kernel_spec kernel_spec = {.watchdog = 10000};
    struct sim_err err;
    uint32_t label = NOC_GROUP, list[TERMINALS_MAX];
    sim_err_init(&err);
    sim_arena_init(&arena);
    sim_kernel_init(&kernel, &kernel_spec, &arena);
    bool built = noc_network_build(&network, spec, NULL, &arena, &err);
    sim_err_print(&err, stderr);
    ck_assert(built);
    outcome.terminals = network.topology.terminals;
    ck_assert_uint_le(outcome.terminals, TERMINALS_MAX);
    p->dst = tree ? &label : members;
    p->packets = tree ? 1 : count;
    noc_network_assemble(&network, "noc", &client, &kernel);
    if (tree) {
        noc_network_multicast(&network, &arena);
        for (uint32_t i = 0; i < count; i++)
            list[i] = members[i];
        ck_assert_uint_eq(noc_network_tree(&network, source, list, count, &arena), label);
        for (uint32_t node = 0; node < network.trees.labels; node++)
            for (uint32_t k = 0; k < network.trees.node[node].branches; k++)
                ck_assert(network.trees.node[node].branch[k].choice.escape);
    }
    sim_kernel_start(&kernel);
    for (sim_cycle until = 1;; until++) {
        enum sim_stop stop = sim_kernel_run(&kernel, until);
        bool sound = sim_kernel_audit(&kernel, &err) && noc_network_audit(&network, kernel.now, &err);
        sim_err_print(&err, stderr);
        ck_assert(sound);
        ck_assert_int_ne(stop, SIM_STOP_STALLED);
        if (tree) {
            uint64_t arrived = 0;
            for (uint32_t t = 0; t < outcome.terminals; t++)
                arrived += p->copies[t];
            ck_assert_uint_eq(arrived + noc_network_underway(&network), count);
        }
        if (stop == SIM_STOP_FINISHED)
            break;
    }
    sim_kernel_settle(&kernel);
    for (uint32_t r = 0; r < network.topology.routers; r++) {
        outcome.crossings += network.router[r].base.count[NOC_ROUTER_LINK_FLIT];
        outcome.reads += network.router[r].base.count[NOC_ROUTER_BUFFER_READ];
        outcome.writes += network.router[r].base.count[NOC_ROUTER_BUFFER_WRITE];
    }
    for (uint32_t i = 0; i < count; i++)
        ck_assert_uint_eq(p->copies[members[i]], 1);
    uint32_t copies = 0;
    for (uint32_t t = 0; t < outcome.terminals; t++)
        copies += p->copies[t];
    ck_assert_uint_eq(copies, count);
    sim_arena_release(&arena);
    sim_err_release(&err);
    return outcome;
}

static void mesh(struct noc_network_spec *spec, const char *size, uint32_t flits) {
    noc_network_defaults(spec);
    spec->size = size;
    spec->router.flow_control = flits > 1 ? NOC_FLOW_CUT_THROUGH : NOC_FLOW_WORMHOLE;
}

static uint32_t apart(uint32_t a, uint32_t b) { return a > b ? a - b : b - a; }

/* To everybody in a k x k mesh: a tree crosses one link to each other router, k * k - 1 in all; unicast
 * pays the sum of the distances, k * k * (k - 1) from a corner. Each crossing is a flit, and so is each of
 * a packet. */
START_TEST(broadcast_in_a_mesh) {
    enum { K = 8 };
    static const uint32_t sources[] = {0, 63, 27, 5};
    uint32_t source = sources[_i % 4], size = _i < 4 ? 1 : 5, all[K * K], distance = 0;
    struct noc_network_spec spec;
    mesh(&spec, "8x8", size);
    for (uint32_t t = 0; t < K * K; t++) {
        all[t] = t;
        distance += apart(t % K, source % K) + apart(t / K, source / K);
    }
    struct outcome tree = send_to(&spec, source, all, K * K, size, true);
    struct outcome unicast = send_to(&spec, source, all, K * K, size, false);
    ck_assert_uint_eq(tree.crossings, size * (K * K - 1));
    ck_assert_uint_eq(unicast.crossings, size * distance);
    if (source == 0)
        ck_assert_uint_eq(distance, K * K * (K - 1));
    ck_assert_uint_eq(tree.writes, size * K * K);             /* into each router once */
    ck_assert_uint_eq(tree.reads, size * (2 * K * K - 1)); /* out of it once a copy: links and terminals */
    for (uint32_t t = 0; t < K * K; t++)
        ck_assert_uint_eq(tree.probe.hops[t], unicast.probe.hops[t]);
}
END_TEST

/* A group in a row: the tree is the line to the farthest member. */
START_TEST(members_in_a_row) {
    static const uint32_t members[] = {3, 5, 7};
    struct noc_network_spec spec;
    mesh(&spec, "8x8", 1);
    ck_assert_uint_eq(send_to(&spec, 0, members, 3, 1, true).crossings, 7);
    ck_assert_uint_eq(send_to(&spec, 0, members, 3, 1, false).crossings, 3 + 5 + 7);
    ck_assert_uint_eq(send_to(&spec, 5, members, 3, 1, true).crossings, 2 + 2);
}
END_TEST

/* Copies of one packet leave a router one after another: VA and SA again for each, and the flits of the one
 * before. On a line the packet for the next router takes the lower port, so it goes first: member i at
 * distance d is late by nothing, but its own copy to the terminal by one turn (and by none at the end of
 * the line). */
START_TEST(copies_arrive_when_the_formula_says) {
    static const uint32_t members[] = {2, 4, 6};
    uint32_t size = _i == 0 ? 1 : 4;
    struct noc_network_spec spec;
    mesh(&spec, "8", size);
    spec.router.vc_alloc_delay = _i == 2 ? 3 : 1;
    spec.router.vcs = 1;
    struct outcome tree = send_to(&spec, 0, members, 3, size, true);
    uint32_t turn = spec.router.vc_alloc_delay + spec.router.switch_alloc_delay + size - 1;
    for (uint32_t i = 0; i < 3; i++) {
        sim_cycle alone = noc_network_zero_load(&spec, members[i] + 1, size);
        ck_assert_uint_eq(tree.probe.arrival[members[i]] - FIRST_CYCLE, alone + (i < 2 ? turn : 0));
    }
}
END_TEST

static const struct network_shape shape[] = {
    {NOC_TOPOLOGY_MESH, "5x4", "", 1, NOC_ROUTING_YX, 2},
    {NOC_TOPOLOGY_MESH, "6x5", "", 1, NOC_ROUTING_WEST_FIRST, 2},
    {NOC_TOPOLOGY_MESH, "6x5", "", 1, NOC_ROUTING_ODD_EVEN, 2},
    {NOC_TOPOLOGY_MESH, "4x4", "", 1, NOC_ROUTING_O1TURN, 3},
    {NOC_TOPOLOGY_MESH, "4x3x3", "", 1, NOC_ROUTING_ADAPTIVE, 2},
    {NOC_TOPOLOGY_MESH, "4x4", "", 4, NOC_ROUTING_XY, 2},
    {NOC_TOPOLOGY_TORUS, "8x8", "", 1, NOC_ROUTING_XY, 2},
    {NOC_TOPOLOGY_TORUS, "5x3", "", 1, NOC_ROUTING_YX, 4},
    {NOC_TOPOLOGY_TORUS, "4x4", "", 1, NOC_ROUTING_ADAPTIVE, 3},
    {NOC_TOPOLOGY_FAT_TREE, "4x3", "", 1, NOC_ROUTING_UP_DOWN, 2},
    {NOC_TOPOLOGY_GRAPH, "", "0-1, 1-2, 2-3, 3-0, 0-2, 3-4, 4-5:3, 5-1", 2, NOC_ROUTING_UP_DOWN, 2},
    {NOC_TOPOLOGY_GRAPH, "", "0-1, 1-2, 1-3, 3-4", 2, NOC_ROUTING_TABLE, 1},
};

#define SHAPES (sizeof shape / sizeof *shape)

/* Every member gets one copy (send_to says so), over as many routers as unicast, and no link is crossed
 * more often. */
START_TEST(every_topology) {
    struct noc_network_spec spec;
    uint64_t rng = sim_rng_stream(3, (uint64_t)_i);
    network_shape_set(&spec, &shape[_i]);
    uint32_t none = 0, terminals = send_to(&spec, 0, &none, 1, 1, true).terminals;
    for (uint32_t round = 0; round < 20; round++) {
        uint32_t member[TERMINALS_MAX], members = 0, size = 1 + (uint32_t)sim_rng_below(&rng, 3),
                 source = (uint32_t)sim_rng_below(&rng, terminals);
        spec.router.flow_control = size > 1 ? NOC_FLOW_CUT_THROUGH : NOC_FLOW_WORMHOLE;
        for (uint32_t t = 0; t < terminals; t++)
            if (t == 0 || sim_rng_below(&rng, 3) == 0)
                member[members++] = t;
        struct outcome tree = send_to(&spec, source, member, members, size, true);
        struct outcome unicast = send_to(&spec, source, member, members, size, false);
        ck_assert_uint_le(tree.crossings, unicast.crossings);
        for (uint32_t t = 0; t < terminals; t++)
            if (spec.routing != NOC_ROUTING_UP_DOWN)
                ck_assert_uint_eq(tree.probe.hops[t], unicast.probe.hops[t]);
    }
}
END_TEST

/* To all of a 4-ary 3-tree: 2 links up to a root; down from the middle switch passed to 3 other leaves,
 * from the root to 3 other middle switches, and from each of these to 4 leaves. */
START_TEST(broadcast_in_a_fat_tree) {
    struct noc_network_spec spec;
    uint32_t all[64];
    noc_network_defaults(&spec);
    spec.topology = NOC_TOPOLOGY_FAT_TREE;
    spec.size = "4x3";
    spec.routing = NOC_ROUTING_UP_DOWN;
    for (uint32_t t = 0; t < 64; t++)
        all[t] = t;
    struct outcome tree = send_to(&spec, 0, all, 64, 1, true);
    ck_assert_uint_eq(tree.crossings, 2 + 3 + 3 * 4 + 3);
}
END_TEST

/* Safe: one flit under any flow control, or cut-through with FIFOs that hold a packet. */
START_TEST(what_can_be_replicated) {
    struct noc_network_spec spec;
    noc_network_defaults(&spec);
    spec.router.flow_control = NOC_FLOW_WORMHOLE;
    ck_assert(noc_router_replicates(&spec.router, 1));
    ck_assert(!noc_router_replicates(&spec.router, 2));
    spec.router.flow_control = NOC_FLOW_CUT_THROUGH;
    ck_assert(noc_router_replicates(&spec.router, 8));
    ck_assert(!noc_router_replicates(&spec.router, 9));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("multicast");
    TCase *trees = suite_case(suite, "trees");
    tcase_set_timeout(trees, 60);
    tcase_add_loop_test(trees, broadcast_in_a_mesh, 0, 8);
    tcase_add_test(trees, members_in_a_row);
    tcase_add_loop_test(trees, copies_arrive_when_the_formula_says, 0, 3);
    tcase_add_loop_test(trees, every_topology, 0, (int)SHAPES);
    tcase_add_test(trees, broadcast_in_a_fat_tree);
    tcase_add_test(trees, what_can_be_replicated);
    return suite_run(suite);
}

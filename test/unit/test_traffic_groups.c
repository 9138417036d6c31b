/* SPDX-License-Identifier: MIT
 *
 * Multicast traffic: the sets of destinations, and what trees and repeated unicast make of the same messages:
 * links crossed, counted beside the network, copies delivered, and the arrival of the last one.
 */
#include "noc/traffic/groups.h"

#include "noc/traffic/run.h"
#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/kernel/kernel.h"
#include "test/suite.h"
#include "test/unit/network_shape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SIDE 8u
#define TERMINALS (SIDE * SIDE)
#define MESSAGES 20u /* of a terminal */

static struct sim_arena arena;
static struct sim_err err;

static void set_up(void) {
    sim_arena_init(&arena);
    sim_err_init(&err);
}

static void tear_down(void) {
    sim_arena_release(&arena);
    sim_err_release(&err);
}

static struct noc_traffic_spec multicast(uint32_t fanout, uint32_t groups, int replication) {
    return (struct noc_traffic_spec){.pattern = NOC_PATTERN_MULTICAST,
                                     .rate = 0.02,
                                     .packet = 1,
                                     .self = true,
                                     .hotspot = "",
                                     .fanout = fanout,
                                     .groups = groups,
                                     .replication = replication,
                                     .seed = 7};
}

/* ---- sets --------------------------------------------------------------------------------------- */

static void prepare(struct noc_traffic *traffic, struct noc_topology *t, const struct noc_traffic_spec *spec,
                    const char *size) {
    struct noc_topology_spec shape = {
        .kind = NOC_TOPOLOGY_MESH, .size = size, .edges = "", .concentration = 1, .link_latency = 1};
    ck_assert(noc_topology_init(t, &shape, NULL, &arena, &err));
    ck_assert(noc_traffic_init(traffic, spec, t, 1, NULL, &arena, &err));
}

/* No member twice, nobody himself unless he may, everybody equally often, all orders. */
START_TEST(sets_are_drawn_evenly) {
    struct noc_traffic traffic;
    struct noc_topology t;
    struct noc_traffic_spec spec = multicast(5, 2000, NOC_REPLICATION_UNICAST);
    uint32_t hits[12] = {0}, first[12] = {0};
    spec.self = _i != 0;
    prepare(&traffic, &t, &spec, "4x3");
    for (uint32_t set = 0; set < 12 * spec.groups; set++) {
        const uint32_t *member = traffic.groups->member + (size_t)set * spec.fanout;
        for (uint32_t i = 0; i < spec.fanout; i++) {
            ck_assert_uint_lt(member[i], 12);
            ck_assert(spec.self || member[i] != set / spec.groups);
            for (uint32_t j = 0; j < i; j++)
                ck_assert_uint_ne(member[i], member[j]);
            hits[member[i]]++;
        }
        first[member[0]]++;
    }
    for (uint32_t terminal = 0; terminal < 12; terminal++) {
        ck_assert_double_le(fabs(hits[terminal] - 10000.0), 6 * sqrt(10000.0));
        ck_assert_double_le(fabs(first[terminal] - 2000.0), 6 * sqrt(2000.0));
    }
    noc_groups_release(&traffic);
}
END_TEST

/* As a tree and one by one: the same sets, at the same times; members in turn, at the message's creation. */
START_TEST(messages_are_the_same_either_way) {
    struct noc_traffic tree, unicast;
    struct noc_topology t;
    struct noc_traffic_spec tree_spec = multicast(6, 3, NOC_REPLICATION_TREE),
                            unicast_spec = multicast(6, 3, NOC_REPLICATION_UNICAST);
    prepare(&tree, &t, &tree_spec, "8x8");
    prepare(&unicast, &t, &unicast_spec, "8x8");
    unicast.entries = 2; /* routing classes are drawn elsewhere */
    tree.groups->tree = SIM_NEW_ARRAY(&arena, uint32_t, TERMINALS * 3);
    for (uint32_t set = 0; set < TERMINALS * 3; set++)
        tree.groups->tree[set] = NOC_GROUP | set;
    for (uint32_t message = 0; message < 50; message++)
        for (uint32_t terminal = 0; terminal < TERMINALS; terminal += 9) {
            struct noc_packet whole, part;
            noc_groups_next(&tree, terminal, &whole);
            const uint32_t *member = unicast.groups->member + (size_t)(whole.dst & ~NOC_GROUP) * 6;
            for (uint32_t i = 6; i-- > 0;) {
                noc_groups_next(&unicast, terminal, &part);
                ck_assert_uint_eq(part.created, whole.created);
                ck_assert_uint_eq(part.tag, whole.tag);
                ck_assert_uint_eq(part.dst, member[i]);
            }
        }
    noc_groups_release(&tree);
    noc_groups_release(&unicast);
}
END_TEST

/* Copies arrive in any order over many messages; each message is complete once. */
START_TEST(messages_are_remembered_until_they_are_complete) {
    struct noc_traffic traffic;
    struct noc_topology t;
    struct noc_traffic_spec spec = multicast(3, 1, NOC_REPLICATION_UNICAST);
    struct noc_packet packet[300];
    uint32_t complete = 0;
    prepare(&traffic, &t, &spec, "2x2");
    traffic.groups->numbers = 128; /* as if tags came round */
    for (uint32_t round = 0; round < 10; round++) {
        for (uint32_t i = 0; i < 300; i++)
            noc_groups_next(&traffic, 3, &packet[i]);
        for (uint32_t i = 0, at = 0; i < 300; i++, at = (at + 91) % 300) {
            struct noc_message message = noc_groups_arrived(&traffic, packet[at].tag);
            ck_assert_uint_eq(message.created, packet[at].created);
            complete += message.left == 0;
        }
        ck_assert_uint_eq(complete, 100 * (round + 1));
        ck_assert_uint_eq(traffic.groups->messages[3].first, traffic.groups->messages[3].next);
    }
    ck_assert_uint_le(traffic.groups->messages[3].capacity, 128);
    noc_groups_release(&traffic);
}
END_TEST

/* ---- links -------------------------------------------------------------------------------------- */

struct count {
    struct noc_traffic traffic;
    uint32_t handed[TERMINALS];
    uint32_t per_terminal;
    uint64_t copies, complete;
    uint64_t tree_links, unicast_links; /* of the messages handed out, by another way than the network's */
    uint64_t late, last;                /* sums of latencies: of last copies expected, measured */
};

/* XY from the source: along its row to the farthest column on either side, and in each column that has
 * members up and down to the farthest of them. */
static uint32_t links_of_tree(uint32_t source, const uint32_t *member, uint32_t members) {
    int x = (int)(source % SIDE), y = (int)(source / SIDE), east = 0, west = 0, north[SIDE] = {0},
        south[SIDE] = {0};
    for (uint32_t i = 0; i < members; i++) {
        int u = (int)(member[i] % SIDE), dx = u - x, dy = (int)(member[i] / SIDE) - y;
        east = dx > east ? dx : east;
        west = -dx > west ? -dx : west;
        north[u] = dy > north[u] ? dy : north[u];
        south[u] = -dy > south[u] ? -dy : south[u];
    }
    uint32_t links = (uint32_t)(east + west);
    for (uint32_t u = 0; u < SIDE; u++)
        links += (uint32_t)(north[u] + south[u]);
    return links;
}

static uint32_t distance(uint32_t a, uint32_t b) {
    return (uint32_t)(abs((int)(a % SIDE) - (int)(b % SIDE)) + abs((int)(a / SIDE) - (int)(b / SIDE)));
}

static bool next_packet(void *self, uint32_t terminal, struct noc_packet *packet) {
    struct count *c = self;
    const struct noc_groups *g = c->traffic.groups;
    if (c->handed[terminal]++ == c->per_terminal)
        return false;
    noc_groups_next(&c->traffic, terminal, packet);
    if (g->messages[terminal].left + 1 < (g->tree != NULL ? 1 : g->fanout))
        return true; /* not the first of its message */
    const uint32_t *member =
        g->member + ((size_t)terminal * g->groups + g->messages[terminal].group) * g->fanout;
    uint32_t late = 0;
    c->tree_links += links_of_tree(terminal, member, g->fanout);
    for (uint32_t i = 0; i < g->fanout; i++) {
        uint32_t away = distance(terminal, member[i]), arrives = 2 + 4 * (away + 1) + (g->fanout - 1 - i);
        c->unicast_links += away;
        late = arrives > late ? arrives : late;
    }
    c->late += late;
    return true;
}

static void packet_sent(void *self, uint32_t terminal, const struct noc_packet *packet, sim_cycle now) {
    (void)self, (void)terminal, (void)packet, (void)now;
}

static void packet_arrived(void *self, uint32_t terminal, const struct noc_arrival *arrival, sim_cycle now) {
    struct count *c = self;
    (void)terminal;
    if (!arrival->tail)
        return;
    struct noc_message message = noc_groups_arrived(&c->traffic, arrival->tag);
    c->copies++;
    c->complete += message.left == 0;
    if (message.left == 0)
        c->last += now - message.created;
}

/* Runs MESSAGES of every terminal to the end; the flits on links between routers. */
static uint64_t run_messages(const struct noc_traffic_spec *spec, struct count *c) {
    struct noc_network_spec network_spec;
    struct noc_network network;
    struct sim_kernel kernel;
    struct sim_kernel_spec kernel_spec = {.watchdog = 1000000000};
    struct sim_arena run;
    enum sim_stop stop = SIM_STOP_TIME;
    struct noc_client client = {
        .self = c, .next = next_packet, .sent = packet_sent, .arrived = packet_arrived};
    noc_network_defaults(&network_spec);
    uint32_t packets = spec->replication == NOC_REPLICATION_TREE ? 1 : spec->fanout; /* of a message */
    *c = (struct count){.per_terminal = MESSAGES * packets};
    sim_arena_init(&run);
    sim_kernel_init(&kernel, &kernel_spec, &run);
    ck_assert(noc_network_build(&network, &network_spec, NULL, &run, &err));
    ck_assert(noc_traffic_init(&c->traffic, spec, &network.topology, 1, NULL, &run, &err));
    ck_assert(noc_groups_lay(&c->traffic, &network, NULL, &run, &err));
    noc_network_assemble(&network, "noc", &client, &kernel);
    sim_kernel_start(&kernel);
    while (stop == SIM_STOP_TIME) {
        stop = sim_kernel_run(&kernel, kernel.now + (spec->rate < 0.001 ? 1000003 : 53));
        bool sound = noc_groups_audit(&c->traffic, &network, kernel.now, &err) &&
                     noc_network_audit(&network, kernel.now, &err);
        sim_err_print(&err, stderr);
        ck_assert(sound);
    }
    ck_assert_int_eq(stop, SIM_STOP_FINISHED);
    sim_kernel_settle(&kernel);
    uint64_t links = 0;
    for (uint32_t r = 0; r < network.topology.routers; r++)
        links += network.router[r].base.count[NOC_ROUTER_LINK_FLIT];
    noc_groups_release(&c->traffic);
    sim_arena_release(&run);
    return links;
}

/* On an 8x8 mesh, with sets of every size: links crossed to the flit, and no copy lost or made up. */
START_TEST(trees_and_unicast_cross_the_links_counted_by_hand) {
    static const uint32_t fanouts[] = {1, 2, 5, 8, 16, 63, 64};
    uint32_t fanout = fanouts[_i];
    struct count tree, unicast;
    struct noc_traffic_spec spec = multicast(fanout, 4, NOC_REPLICATION_TREE);
    uint64_t crossed = run_messages(&spec, &tree);
    spec.replication = NOC_REPLICATION_UNICAST;
    uint64_t repeated = run_messages(&spec, &unicast);
    ck_assert_uint_eq(tree.tree_links, unicast.tree_links); /* the same messages */
    ck_assert_uint_eq(crossed, tree.tree_links);
    ck_assert_uint_eq(repeated, unicast.unicast_links);
    ck_assert_uint_eq(tree.copies, (uint64_t)TERMINALS * MESSAGES * fanout);
    ck_assert_uint_eq(unicast.copies, tree.copies);
    ck_assert_uint_eq(tree.complete, TERMINALS * MESSAGES);
    ck_assert_uint_eq(unicast.complete, TERMINALS * MESSAGES);
    if (fanout == 64)
        ck_assert_uint_eq(crossed, TERMINALS * MESSAGES * 63);
    if (fanout == 1)
        ck_assert_uint_eq(crossed, repeated);
}
END_TEST

/* Messages far apart: copy i of repeated unicast leaves i cycles after the first and meets nobody. */
START_TEST(the_last_unicast_copy_arrives_when_the_formula_says) {
    struct count c;
    struct noc_traffic_spec spec = multicast(12, 2, NOC_REPLICATION_UNICAST);
    spec.rate = 1e-6;
    run_messages(&spec, &c);
    ck_assert_uint_eq(c.last, c.late);
}
END_TEST

/* ---- measurements ------------------------------------------------------------------------------- */

static struct noc_run_result measure(const struct noc_traffic_spec *traffic,
                                     const struct network_shape *shape, int order) {
    struct noc_network_spec network;
    struct noc_run_spec spec = {.order = order, .cycles = 3000, .warmup = 500, .audit = 77};
    struct noc_run_result result;
    network_shape_set(&network, shape);
    network.router.flow_control = traffic->packet > 1 ? NOC_FLOW_CUT_THROUGH : NOC_FLOW_WORMHOLE;
    bool done = noc_traffic_run(&spec, &network, traffic, NULL, &result, &err);
    sim_err_print(&err, stderr);
    ck_assert(done);
    return result;
}

static const struct network_shape shapes[] = {
    {NOC_TOPOLOGY_MESH, "8x8", "", 1, NOC_ROUTING_XY, 4},
    {NOC_TOPOLOGY_MESH, "4x4", "", 4, NOC_ROUTING_O1TURN, 4},
    {NOC_TOPOLOGY_TORUS, "6x6", "", 1, NOC_ROUTING_ADAPTIVE, 3},
    {NOC_TOPOLOGY_FAT_TREE, "4x3", "", 1, NOC_ROUTING_UP_DOWN, 2},
};

/* Below saturation every measured message has all its copies; any order of steps gives the same. */
START_TEST(copies_are_conserved_in_any_order) {
    for (int replication = NOC_REPLICATION_TREE; replication <= NOC_REPLICATION_UNICAST; replication++)
        for (uint32_t packet = 1; packet <= 3; packet += 2) {
            struct noc_traffic_spec spec = multicast(6, 2, replication);
            spec.rate = 0.01;
            spec.packet = packet;
            struct noc_run_result sparse = measure(&spec, &shapes[_i], SIM_ORDER_SPARSE),
                                  dense = measure(&spec, &shapes[_i], SIM_ORDER_DENSE),
                                  shuffled = measure(&spec, &shapes[_i], SIM_ORDER_SHUFFLED);
            ck_assert(!sparse.saturated);
            ck_assert_uint_gt(sparse.messages, 100);
            ck_assert_uint_eq(sparse.packets, 6 * sparse.messages);
            ck_assert_double_gt(sparse.latency_last_mean, sparse.latency_mean);
            ck_assert_uint_eq(sparse.latency_last_max, sparse.latency_max);
            ck_assert_mem_eq(sparse.statistics, dense.statistics, sizeof *sparse.statistics);
            ck_assert_mem_eq(sparse.statistics, shuffled.statistics, sizeof *sparse.statistics);
            ck_assert_mem_eq(sparse.count, shuffled.count, sizeof sparse.count);
            ck_assert_double_eq(sparse.latency_last_mean, shuffled.latency_last_mean);
            noc_run_result_release(&sparse);
            noc_run_result_release(&dense);
            noc_run_result_release(&shuffled);
        }
}
END_TEST

START_TEST(too_many_copies_are_saturation) {
    struct noc_traffic_spec spec = multicast(16, 1, NOC_REPLICATION_UNICAST);
    spec.rate = 0.08;
    struct noc_run_result result = measure(&spec, &shapes[0], SIM_ORDER_SPARSE);
    ck_assert(result.saturated);
    ck_assert_double_lt(result.accepted, 0.08 * 16);
    noc_run_result_release(&result);
}
END_TEST

/* ---- refusals ----------------------------------------------------------------------------------- */

static const struct {
    uint32_t fanout, packet;
    bool self;
    int flow_control;
    const char *message;
} refused[] = {
    {65, 1, true, NOC_FLOW_WORMHOLE, "net.yaml:4:1: noc.traffic: fanout 65 is more than the 64 terminals"},
    {64, 1, false, NOC_FLOW_WORMHOLE,
     "fanout 64 is more than the 63 terminals that a terminal can send to (self"},
    {8, 2, true, NOC_FLOW_WORMHOLE,
     "net.yaml:4:1: noc.traffic: multicast trees can deadlock with packets of 2 flits"},
    {8, 1, true, NOC_FLOW_DEFLECTION, "multicast trees need routers with buffers, and these deflect"},
};

START_TEST(what_cannot_be_is_refused) {
    struct noc_network_spec network;
    struct noc_run_spec run = {.cycles = 100};
    struct noc_run_result result;
    struct sim_where where = {.file = "net.yaml", .line = 4, .column = 1};
    struct noc_traffic_spec spec = multicast(refused[_i].fanout, 1, NOC_REPLICATION_TREE);
    noc_network_defaults(&network);
    network.router.flow_control = refused[_i].flow_control;
    if (network.router.flow_control == NOC_FLOW_DEFLECTION)
        network.router.vcs = 1;
    spec.packet = refused[_i].packet;
    spec.self = refused[_i].self;
    ck_assert(!noc_traffic_run(&run, &network, &spec, &where, &result, &err));
    ck_assert_int_eq(err.code, SIM_EXIT_CONFIG);
    ck_assert_int_eq(err.count, 1);
    ck_assert_msg(strstr(err.message[0], refused[_i].message) != NULL, "%s", err.message[0]);
    noc_run_result_release(&result);
}
END_TEST

START_TEST(trees_may_be_too_many) {
    struct noc_network_spec network_spec;
    struct noc_network network;
    struct noc_traffic traffic;
    struct noc_traffic_spec spec = multicast(8, 1, NOC_REPLICATION_TREE);
    noc_network_defaults(&network_spec);
    ck_assert(noc_network_build(&network, &network_spec, NULL, &arena, &err));
    ck_assert(noc_traffic_init(&traffic, &spec, &network.topology, 1, NULL, &arena, &err));
    network.trees.most = 200;
    ck_assert(!noc_groups_lay(&traffic, &network, NULL, &arena, &err));
    ck_assert_msg(strstr(err.message[0], "the trees of all 64 sets have more than 200 nodes") != NULL, "%s",
                  err.message[0]);
    noc_groups_release(&traffic);
}
END_TEST

#define COUNT(table) (int)(sizeof(table) / sizeof *(table))

int main(void) {
    Suite *suite = suite_create("multicast traffic");
    TCase *sets = suite_case(suite, "sets");
    tcase_add_checked_fixture(sets, set_up, tear_down);
    tcase_add_loop_test(sets, sets_are_drawn_evenly, 0, 2);
    tcase_add_test(sets, messages_are_the_same_either_way);
    tcase_add_test(sets, messages_are_remembered_until_they_are_complete);
    TCase *links = suite_case(suite, "links");
    tcase_add_checked_fixture(links, set_up, tear_down);
    tcase_set_timeout(links, 60);
    tcase_add_loop_test(links, trees_and_unicast_cross_the_links_counted_by_hand, 0, 7);
    tcase_add_test(links, the_last_unicast_copy_arrives_when_the_formula_says);
    TCase *runs = suite_case(suite, "measurements");
    tcase_add_checked_fixture(runs, set_up, tear_down);
    tcase_set_timeout(runs, 60);
    tcase_add_loop_test(runs, copies_are_conserved_in_any_order, 0, COUNT(shapes));
    tcase_add_test(runs, too_many_copies_are_saturation);
    TCase *faults = suite_case(suite, "refused");
    tcase_add_checked_fixture(faults, set_up, tear_down);
    tcase_add_loop_test(faults, what_cannot_be_is_refused, 0, COUNT(refused));
    tcase_add_test(faults, trees_may_be_too_many);
    return suite_run(suite);
}

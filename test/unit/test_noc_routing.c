/* SPDX-License-Identifier: MIT
 *
 * Topologies, routing and the deadlock check: every packet reaches its destination over every choice, minimal
 * functions take minimal paths, turn models make no forbidden turn, combinations that can deadlock are
 * refused with their cycle.
 */
#include "noc/network/network.h"
#include "noc/topology/deadlock.h"
#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "test/suite.h"
#include "test/fixture.h"

#include <string.h>

static struct noc_topology_spec grid(enum noc_topology_kind kind, const char *size) {
    return (struct noc_topology_spec){.kind = kind,
                                      .size = size,
                                      .edges = "",
                                      .concentration = 1,
                                      .link_latency = 1,
                                      .boundary_latency = 4};
}

static bool build(struct noc_topology *t, struct noc_topology_spec spec) {
    struct sim_where where = {.file = "net.yaml", .line = 2, .column = 3};
    return noc_topology_init(t, &spec, &where, &arena, &err);
}

/* Every link has a way back that ends where it began. */
static void check_ends(const struct noc_topology *t) {
    for (uint32_t router = 0; router < t->routers; router++)
        for (uint32_t port = 0; port < noc_topology_ports(t, router); port++) {
            const struct noc_end *end = noc_topology_end(t, router, port);
            if (end->kind == NOC_END_ROUTER) {
                const struct noc_end *back = noc_topology_end(t, end->peer, end->peer_port);
                ck_assert_int_eq(back->kind, NOC_END_ROUTER);
                ck_assert_uint_eq(back->peer, router);
                ck_assert_uint_eq(back->peer_port, port);
                ck_assert_uint_eq(back->latency, end->latency);
            } else if (end->kind == NOC_END_TERMINAL) {
                ck_assert_uint_eq(t->home[end->peer].router, router);
                ck_assert_uint_eq(t->home[end->peer].port, port);
            }
        }
}

START_TEST(a_mesh_has_a_rim) {
    struct noc_topology t;
    ck_assert(build(&t, grid(NOC_TOPOLOGY_MESH, "4x3")));
    check_ends(&t);
    ck_assert_uint_eq(t.routers, 12);
    ck_assert_uint_eq(t.ports_max, 5);
    ck_assert_uint_eq(t.diameter, 6);
    ck_assert_int_eq(noc_topology_end(&t, 0, 1)->kind, NOC_END_NONE);
    ck_assert_uint_eq(noc_topology_end(&t, 0, 0)->peer, 1);
    ck_assert_uint_eq(noc_topology_end(&t, 0, 2)->peer, 4);
    ck_assert_uint_eq(noc_topology_end(&t, 5, 4)->peer, 5);
}
END_TEST

START_TEST(a_torus_has_none) {
    struct noc_topology t;
    ck_assert(build(&t, grid(NOC_TOPOLOGY_TORUS, "4x3")));
    check_ends(&t);
    ck_assert_uint_eq(t.diameter, 1 + 2 + 1);
    ck_assert_uint_eq(noc_topology_end(&t, 0, 1)->peer, 3);
    ck_assert_uint_eq(noc_topology_end(&t, 0, 3)->peer, 8);
}
END_TEST

START_TEST(concentration_tiles_the_plane) {
    struct noc_topology t;
    struct noc_topology_spec spec = grid(NOC_TOPOLOGY_MESH, "4x4");
    spec.concentration = 4;
    ck_assert(build(&t, spec));
    check_ends(&t);
    ck_assert_uint_eq(t.terminals, 64);
    ck_assert_uint_eq(t.home[0].router, 0);
    ck_assert_uint_eq(t.home[1].router, 0);
    ck_assert_uint_eq(t.home[2].router, 1);
    ck_assert_uint_eq(t.home[8].router, 0);
    ck_assert_uint_eq(t.home[63].router, 15);
}
END_TEST

START_TEST(chips_have_boundaries) {
    struct noc_topology t;
    struct noc_topology_spec spec = grid(NOC_TOPOLOGY_MESH, "6x6");
    spec.chip_size = 3;
    ck_assert(build(&t, spec));
    ck_assert_uint_eq(noc_topology_end(&t, 2, 0)->latency, 4);
    ck_assert_uint_eq(noc_topology_end(&t, 2, 0)->boundary, 1);
    ck_assert_uint_eq(noc_topology_end(&t, 1, 0)->latency, 1);
    ck_assert_uint_eq(noc_topology_end(&t, 12, 2)->boundary, 1);
}
END_TEST

START_TEST(a_fat_tree_reaches_all_leaves) {
    struct noc_topology t;
    ck_assert(build(&t, grid(NOC_TOPOLOGY_FAT_TREE, "4x3")));
    check_ends(&t);
    ck_assert_uint_eq(t.terminals, 64);
    ck_assert_uint_eq(t.routers, 48);
    ck_assert_uint_eq(t.diameter, 5);
}
END_TEST

START_TEST(a_graph_is_its_edge_list) {
    struct noc_topology t;
    struct noc_topology_spec spec = grid(NOC_TOPOLOGY_GRAPH, "");
    spec.edges = "0-1, 1-2:3 ,2-0";
    ck_assert(build(&t, spec));
    check_ends(&t);
    ck_assert_uint_eq(t.routers, 3);
    ck_assert_uint_eq(noc_topology_end(&t, 1, 1)->latency, 3);
    ck_assert_uint_eq(noc_topology_end(&t, 1, 0)->latency, 1);
    ck_assert_uint_eq(t.diameter, 2);
}
END_TEST

static const struct {
    enum noc_topology_kind kind;
    const char *size, *edges, *message;
} nonsense[] = {
    {NOC_TOPOLOGY_MESH, "8y8", "", "net.yaml:2:3: noc.network: size '8y8' is not of the form 8x8"},
    {NOC_TOPOLOGY_MESH, "", "", "size '' is not of the form"},
    {NOC_TOPOLOGY_MESH, "0x4", "", "size '0x4' is not of the form"},
    {NOC_TOPOLOGY_MESH, "4x", "", "size '4x' is not of the form"},
    {NOC_TOPOLOGY_MESH, "1x1x1x1x1x1x1x1x1", "", "is not of the form"},
    {NOC_TOPOLOGY_MESH, "65000x65000", "", "more than 16777216 terminals"},
    {NOC_TOPOLOGY_MESH, "9000", "", "paths of 9000 routers are too long"},
    {NOC_TOPOLOGY_MESH, "99999999999999999999", "", "is not of the form"},
    {NOC_TOPOLOGY_FAT_TREE, "4", "", "size '4' of a fat tree is not of the form 4x3"},
    {NOC_TOPOLOGY_FAT_TREE, "1x3", "", "is not of the form 4x3"},
    {NOC_TOPOLOGY_GRAPH, "", "", "a graph needs its edges, as in edges: "},
    {NOC_TOPOLOGY_GRAPH, "", "-1", "edge 1 is not of the form"},
    {NOC_TOPOLOGY_GRAPH, "", "0-1, 1-1", "edge 2 is not of the form"},
    {NOC_TOPOLOGY_GRAPH, "", "0-1, 1-2:0", "edge 2 is not of the form"},
    {NOC_TOPOLOGY_GRAPH, "", "0-1, 2-3", "router 2 is not connected to router 0"},
    {NOC_TOPOLOGY_GRAPH, "", "0-1,", "edge 2 is not of the form"},
    {NOC_TOPOLOGY_GRAPH, "", "0-99999", "a graph has at most 4096 routers"},
};

START_TEST(nonsense_is_refused) {
    struct noc_topology t;
    struct noc_topology_spec spec = grid(nonsense[_i].kind, nonsense[_i].size);
    spec.edges = nonsense[_i].edges;
    ck_assert(!build(&t, spec));
    ck_assert_int_eq(err.code, SIM_EXIT_CONFIG);
    ck_assert_int_eq(err.count, 1);
    ck_assert_msg(strstr(err.message[0], nonsense[_i].message) != NULL, "%s", err.message[0]);
}
END_TEST

/* ---- routes ------------------------------------------------------------------------------------- */

/* Follows every choice; paths longer than `longest` routers fail. */
static void follow(const struct noc_routing *routing, struct noc_hop hop, uint32_t length, uint32_t longest,
                   void (*judge)(const struct noc_routing *, const struct noc_hop *,
                                 const struct noc_choice *)) {
    struct noc_choice choice[NOC_CHOICES_MAX];
    uint32_t count = routing->route(routing, &hop, choice);
    ck_assert_uint_ge(count, 1);
    ck_assert_uint_le(count, routing->choices);
    ck_assert_uint_le(length, longest);
    for (uint32_t k = 0; k < count; k++) {
        const struct noc_end *end = noc_topology_end(routing->topology, hop.router, choice[k].port);
        ck_assert_uint_ne(choice[k].vcs & routing->all_vcs, 0);
        ck_assert_uint_eq(choice[k].vcs & ~routing->all_vcs, 0);
        if (judge != NULL)
            judge(routing, &hop, &choice[k]);
        if (end->kind == NOC_END_TERMINAL) {
            ck_assert_uint_eq(end->peer, hop.dst);
            continue;
        }
        ck_assert_int_eq(end->kind, NOC_END_ROUTER);
        struct noc_hop next = {.router = end->peer,
                               .in_port = end->peer_port,
                               .in_vc = (uint32_t)__builtin_ctz(choice[k].vcs),
                               .dst = hop.dst,
                               .class_ = choice[k].class_};
        follow(routing, next, length + 1, longest, judge);
    }
}

static void follow_all(struct noc_topology_spec spec, enum noc_routing_kind kind, uint32_t vcs,
                       void (*judge)(const struct noc_routing *, const struct noc_hop *,
                                     const struct noc_choice *)) {
    struct noc_topology t;
    struct noc_routing routing;
    ck_assert(build(&t, spec));
    ck_assert(noc_routing_init(&routing, kind, &t, vcs, NULL, &arena, &err));
    ck_assert(noc_deadlock_check(&routing, &spec, NULL, &err));
    for (uint32_t src = 0; src < t.terminals; src++)
        for (uint32_t dst = 0; dst < t.terminals; dst++)
            for (uint32_t class_ = 0; class_ < routing.entries; class_++) {
                struct noc_hop hop = {
                    .router = t.home[src].router, .in_port = t.home[src].port, .dst = dst, .class_ = class_};
                uint32_t longest = kind == NOC_ROUTING_UP_DOWN ? t.routers : t.diameter;
                if (t.dimensions > 0 && kind != NOC_ROUTING_UP_DOWN) {
                    longest = 1; /* all of these are minimal */
                    for (uint32_t d = 0; d < t.dimensions; d++) {
                        uint32_t a = noc_topology_coordinate(&t, t.home[src].router)[d];
                        uint32_t b = noc_topology_coordinate(&t, t.home[dst].router)[d];
                        uint32_t way = a > b ? a - b : b - a;
                        longest += t.wrap && t.size[d] - way < way ? t.size[d] - way : way;
                    }
                }
                follow(&routing, hop, 1, longest, judge);
            }
}

/* No turn into west: who goes west has come from the east or from a terminal. */
static void judge_west_first(const struct noc_routing *routing, const struct noc_hop *hop,
                             const struct noc_choice *choice) {
    (void)routing;
    if (choice->port == 1)
        ck_assert(hop->in_port == 0 || hop->in_port >= 4);
}

/* Chiu's rules: no turn from east to north or south in an even column, none from there to west in an odd one.
 */
static void judge_odd_even(const struct noc_routing *routing, const struct noc_hop *hop,
                           const struct noc_choice *choice) {
    uint32_t x = noc_topology_coordinate(routing->topology, hop->router)[0];
    bool vertical = choice->port == 2 || choice->port == 3;
    if (hop->in_port == 1 && vertical)
        ck_assert_uint_eq(x % 2, 1);
    if ((hop->in_port == 2 || hop->in_port == 3) && choice->port == 1)
        ck_assert_uint_eq(x % 2, 0);
}

START_TEST(every_path_arrives) {
    follow_all(grid(NOC_TOPOLOGY_MESH, "5x4"), NOC_ROUTING_XY, 1, NULL);
    follow_all(grid(NOC_TOPOLOGY_MESH, "3x4x2"), NOC_ROUTING_YX, 2, NULL);
    follow_all(grid(NOC_TOPOLOGY_MESH, "5x5"), NOC_ROUTING_WEST_FIRST, 1, judge_west_first);
    follow_all(grid(NOC_TOPOLOGY_MESH, "6x5"), NOC_ROUTING_ODD_EVEN, 2, judge_odd_even);
    follow_all(grid(NOC_TOPOLOGY_MESH, "5x5"), NOC_ROUTING_ODD_EVEN, 1, judge_odd_even);
    follow_all(grid(NOC_TOPOLOGY_MESH, "4x4"), NOC_ROUTING_O1TURN, 3, NULL);
    follow_all(grid(NOC_TOPOLOGY_MESH, "3x3x2"), NOC_ROUTING_ADAPTIVE, 2, NULL);
    follow_all(grid(NOC_TOPOLOGY_MESH, "3x3"), NOC_ROUTING_UP_DOWN, 1, NULL);
    follow_all(grid(NOC_TOPOLOGY_TORUS, "5x4"), NOC_ROUTING_XY, 2, NULL);
    follow_all(grid(NOC_TOPOLOGY_TORUS, "8"), NOC_ROUTING_XY, 3, NULL);
    follow_all(grid(NOC_TOPOLOGY_TORUS, "4x4"), NOC_ROUTING_ADAPTIVE, 3, NULL);
    follow_all(grid(NOC_TOPOLOGY_TORUS, "3x2x3"), NOC_ROUTING_YX, 4, NULL);
    follow_all(grid(NOC_TOPOLOGY_FAT_TREE, "3x3"), NOC_ROUTING_UP_DOWN, 1, NULL);
}
END_TEST

START_TEST(up_down_crosses_any_graph) {
    struct noc_topology_spec spec = grid(NOC_TOPOLOGY_GRAPH, "");
    spec.edges = "0-1, 1-2, 2-3, 3-4, 4-5, 5-0, 1-4, 2-6, 6-7, 7-2";
    follow_all(spec, NOC_ROUTING_UP_DOWN, 1, NULL);
}
END_TEST

/* ---- deadlock ----------------------------------------------------------------------------------- */

/* A torus without a dateline: what the check must find. */
static uint32_t route_round(const struct noc_routing *routing, const struct noc_hop *hop,
                            struct noc_choice *choice) {
    const struct noc_home *home = &routing->topology->home[hop->dst];
    *choice = (struct noc_choice){.vcs = routing->all_vcs,
                                  .port = (uint16_t)(home->router == hop->router ? home->port : 0),
                                  .escape = 1};
    return 1;
}

START_TEST(a_ring_without_dateline_deadlocks) {
    struct noc_topology t;
    struct noc_routing routing;
    struct noc_topology_spec spec = grid(NOC_TOPOLOGY_TORUS, "4");
    struct sim_where where = {.file = "net.yaml", .line = 5, .column = 1};
    ck_assert(build(&t, spec));
    ck_assert(noc_routing_init(&routing, NOC_ROUTING_XY, &t, 2, NULL, &arena, &err));
    ck_assert(noc_deadlock_check(&routing, &spec, &where, &err));
    routing.route = route_round;
    ck_assert(!noc_deadlock_check(&routing, &spec, &where, &err));
    ck_assert_int_eq(err.code, SIM_EXIT_CONFIG);
    ck_assert_ptr_nonnull(strstr(err.message[0], "net.yaml:5:1: noc.network: routing xy on this torus 4"));
    ck_assert_ptr_nonnull(strstr(err.message[0], "a cycle of 4 links"));
    ck_assert_ptr_nonnull(strstr(err.message[0], "0->1 VC"));
}
END_TEST

START_TEST(shortest_paths_in_a_ring_deadlock) {
    struct noc_topology t;
    struct noc_routing routing;
    struct noc_topology_spec spec = grid(NOC_TOPOLOGY_GRAPH, "");
    spec.edges = "0-1, 1-2, 2-3, 3-4, 4-0";
    ck_assert(build(&t, spec));
    ck_assert(noc_routing_init(&routing, NOC_ROUTING_TABLE, &t, 4, NULL, &arena, &err));
    ck_assert(!noc_deadlock_check(&routing, &spec, NULL, &err));
    ck_assert_ptr_nonnull(
        strstr(err.message[0], "routing table on this graph of 5 routers with 4 virtual channels"));
    spec.edges = "0-1, 1-2, 2-3, 3-4"; /* a line has no cycle */
    ck_assert(build(&t, spec));
    ck_assert(noc_routing_init(&routing, NOC_ROUTING_TABLE, &t, 1, NULL, &arena, &err));
    ck_assert(noc_deadlock_check(&routing, &spec, NULL, &err));
}
END_TEST

static const struct {
    enum noc_topology_kind kind;
    const char *size;
    enum noc_routing_kind routing;
    uint32_t vcs;
    const char *message;
} misfit[] = {
    {NOC_TOPOLOGY_TORUS, "4x4", NOC_ROUTING_XY, 1, "at least 2 virtual channels in a torus"},
    {NOC_TOPOLOGY_TORUS, "4x4", NOC_ROUTING_ADAPTIVE, 2, "at least 3 virtual channels in a torus"},
    {NOC_TOPOLOGY_TORUS, "4x4", NOC_ROUTING_WEST_FIRST, 4, "a two-dimensional mesh"},
    {NOC_TOPOLOGY_MESH, "4x4x4", NOC_ROUTING_ODD_EVEN, 4, "a two-dimensional mesh"},
    {NOC_TOPOLOGY_MESH, "4x4", NOC_ROUTING_O1TURN, 1, "at least 2 virtual channels"},
    {NOC_TOPOLOGY_MESH, "4x4", NOC_ROUTING_ADAPTIVE, 1, "at least 2 virtual channels"},
    {NOC_TOPOLOGY_FAT_TREE, "2x3", NOC_ROUTING_XY, 2, "a mesh or a torus"},
};

START_TEST(routing_must_fit) {
    struct noc_topology t;
    struct noc_routing routing;
    ck_assert(build(&t, grid(misfit[_i].kind, misfit[_i].size)));
    ck_assert(!noc_routing_init(&routing, misfit[_i].routing, &t, misfit[_i].vcs, NULL, &arena, &err));
    ck_assert_msg(strstr(err.message[0], misfit[_i].message) != NULL, "%s", err.message[0]);
}
END_TEST

/* Grids too large to be followed in full are judged on smaller ones: same answer, in time. */
START_TEST(large_networks_are_judged_too) {
    struct noc_topology t;
    struct noc_routing routing;
    struct noc_topology_spec spec = grid(NOC_TOPOLOGY_TORUS, "64x63");
    ck_assert(build(&t, spec));
    ck_assert(noc_routing_init(&routing, NOC_ROUTING_ADAPTIVE, &t, 4, NULL, &arena, &err));
    ck_assert(noc_deadlock_check(&routing, &spec, NULL, &err));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("noc routing");
    TCase *topology = suite_case(suite, "topology");
    tcase_add_checked_fixture(topology, set_up, tear_down);
    tcase_add_test(topology, a_mesh_has_a_rim);
    tcase_add_test(topology, a_torus_has_none);
    tcase_add_test(topology, concentration_tiles_the_plane);
    tcase_add_test(topology, chips_have_boundaries);
    tcase_add_test(topology, a_fat_tree_reaches_all_leaves);
    tcase_add_test(topology, a_graph_is_its_edge_list);
    tcase_add_loop_test(topology, nonsense_is_refused, 0, sizeof nonsense / sizeof *nonsense);
    TCase *routes = suite_case(suite, "routes");
    tcase_add_checked_fixture(routes, set_up, tear_down);
    tcase_set_timeout(routes, 60);
    tcase_add_test(routes, every_path_arrives);
    tcase_add_test(routes, up_down_crosses_any_graph);
    TCase *deadlock = suite_case(suite, "deadlock");
    tcase_add_checked_fixture(deadlock, set_up, tear_down);
    tcase_set_timeout(deadlock, 60);
    tcase_add_test(deadlock, a_ring_without_dateline_deadlocks);
    tcase_add_test(deadlock, shortest_paths_in_a_ring_deadlock);
    tcase_add_loop_test(deadlock, routing_must_fit, 0, sizeof misfit / sizeof *misfit);
    tcase_add_test(deadlock, large_networks_are_judged_too);
    return suite_run(suite);
}

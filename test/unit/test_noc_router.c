/* SPDX-License-Identifier: MIT
 *
 * The virtual-channel router: zero-load latency by formula for every topology, routing function and pipeline;
 * the plain form against the general one; the counters; what is refused.
 */
#include "noc/router/stages.h"

#include "noc/traffic/replay.h"
#include "noc/traffic/traffic.h"
#include "sim/base/err.h"
#include "sim/base/rng.h"
#include "sim/kernel/kernel.h"
#include "test/suite.h"
#include "test/unit/network_form.h"
#include "test/unit/network_shape.h"

#include <stdlib.h>
#include <string.h>

/* ---- zero load ---------------------------------------------------------------------------------- */

static const struct network_shape shape[] = {
    {NOC_TOPOLOGY_MESH, "8x8", "", 1, NOC_ROUTING_XY, 1},
    {NOC_TOPOLOGY_MESH, "8x8", "", 1, NOC_ROUTING_YX, 2},
    {NOC_TOPOLOGY_MESH, "5x4", "", 1, NOC_ROUTING_WEST_FIRST, 2},
    {NOC_TOPOLOGY_MESH, "6x5", "", 1, NOC_ROUTING_ODD_EVEN, 2},
    {NOC_TOPOLOGY_MESH, "4x4", "", 1, NOC_ROUTING_O1TURN, 3},
    {NOC_TOPOLOGY_MESH, "4x3x3", "", 1, NOC_ROUTING_ADAPTIVE, 2},
    {NOC_TOPOLOGY_MESH, "9", "", 1, NOC_ROUTING_XY, 2},
    {NOC_TOPOLOGY_MESH, "4x4", "", 4, NOC_ROUTING_XY, 2},
    {NOC_TOPOLOGY_MESH, "3x3", "", 1, NOC_ROUTING_UP_DOWN, 1},
    {NOC_TOPOLOGY_TORUS, "8x8", "", 1, NOC_ROUTING_XY, 2},
    {NOC_TOPOLOGY_TORUS, "5x3", "", 1, NOC_ROUTING_YX, 4},
    {NOC_TOPOLOGY_TORUS, "4x4", "", 1, NOC_ROUTING_ADAPTIVE, 3},
    {NOC_TOPOLOGY_TORUS, "7", "", 2, NOC_ROUTING_XY, 2},
    {NOC_TOPOLOGY_TORUS, "3x2x4", "", 1, NOC_ROUTING_XY, 3},
    {NOC_TOPOLOGY_FAT_TREE, "2x4", "", 1, NOC_ROUTING_UP_DOWN, 1},
    {NOC_TOPOLOGY_FAT_TREE, "4x3", "", 1, NOC_ROUTING_UP_DOWN, 2},
    {NOC_TOPOLOGY_GRAPH, "", "0-1, 1-2, 2-3, 3-0, 0-2", 1, NOC_ROUTING_UP_DOWN, 2},
    {NOC_TOPOLOGY_GRAPH, "", "0-1, 1-2, 1-3, 3-4", 2, NOC_ROUTING_TABLE, 1},
    {NOC_TOPOLOGY_MESH, "8x8", "", 1, NOC_ROUTING_XY, 16},
};

#define SHAPES (sizeof shape / sizeof *shape)

/* Routers on a shortest path that the routing may take, by following its choices in every way. */
static uint32_t shortest(const struct noc_routing *routing, struct noc_hop hop) {
    const struct noc_topology *t = routing->topology;
    struct noc_choice choice[NOC_CHOICES_MAX];
    uint32_t count = routing->route(routing, &hop, choice), best = UINT32_MAX;
    for (uint32_t k = 0; k < count && best > 1; k++) {
        const struct noc_end *end = noc_topology_end(t, hop.router, choice[k].port);
        if (end->kind == NOC_END_TERMINAL) {
            ck_assert_uint_eq(end->peer, hop.dst);
            return 1;
        }
        ck_assert_int_eq(end->kind, NOC_END_ROUTER);
        struct noc_hop next = {.router = end->peer,
                               .in_port = end->peer_port,
                               .in_vc = (uint32_t)__builtin_ctz(choice[k].vcs),
                               .dst = hop.dst,
                               .class_ = choice[k].class_};
        uint32_t length = 1 + shortest(routing, next);
        best = length < best ? length : best;
        if (routing->kind != NOC_ROUTING_TABLE)
            break; /* every choice of these functions is on a shortest path */
    }
    return best;
}

enum { PACKETS = 40, APART = 4000 };

struct lone {
    uint32_t hops, size;
    sim_cycle latency;
    const struct noc_network *network;
    struct noc_hop hop; /* at the first router */
};

/* Packets that meet nobody, between any two terminals; `judge` gets each. */
static void run_lone(const struct noc_network_spec *spec, uint64_t seed,
                     void (*judge)(const struct noc_network_spec *, const struct lone *)) {
    struct noc_injection packet[PACKETS];
    struct noc_record record[PACKETS];
    struct noc_trace trace = {.path = "test", .packet = packet, .count = PACKETS};
    struct noc_replay_spec replay = {.seed = seed};
    struct noc_network network;
    struct sim_arena arena;
    struct sim_err err;
    sim_err_init(&err);
    sim_arena_init(&arena);
    bool built = noc_network_build(&network, spec, NULL, &arena, &err);
    sim_err_print(&err, stderr);
    ck_assert(built);
    for (uint32_t i = 0; i < PACKETS; i++)
        packet[i] = (struct noc_injection){.cycle = (sim_cycle)i * APART * spec->clock_divider,
                                           .src = (uint32_t)sim_rng_below(&seed, network.topology.terminals),
                                           .dst = (uint32_t)sim_rng_below(&seed, network.topology.terminals),
                                           .size = 1 + (uint32_t)sim_rng_below(&seed, 5)};
    bool run = noc_replay(&replay, spec, &trace, record, &err);
    sim_err_print(&err, stderr);
    ck_assert(run);
    for (uint32_t i = 0; i < PACKETS; i++) {
        const struct noc_home *home = &network.topology.home[packet[i].src];
        struct noc_hop hop = {.router = home->router, .in_port = home->port, .dst = packet[i].dst};
        struct lone lone = {.hops = record[i].hops,
                            .size = packet[i].size,
                            .latency = record[i].tail - packet[i].cycle,
                            .network = &network,
                            .hop = hop};
        ck_assert_uint_eq(record[i].hops, shortest(&network.routing, hop));
        ck_assert_uint_eq(record[i].injected, packet[i].cycle);
        if (spec->boundary_bits == 0)
            ck_assert_uint_eq(record[i].tail - record[i].head,
                              (packet[i].size - 1) * spec->router.switch_alloc_delay * spec->clock_divider);
        judge(spec, &lone);
    }
    sim_arena_release(&arena);
    sim_err_release(&err);
}

static void judge_exact(const struct noc_network_spec *spec, const struct lone *lone) {
    ck_assert_uint_eq(lone->latency, noc_network_zero_load(spec, lone->hops, lone->size));
}

static void check_zero_load(const struct noc_network_spec *spec, uint64_t seed) {
    run_lone(spec, seed, judge_exact);
}

/* Buffers cover the longest credit loop, so a packet streams. */
START_TEST(zero_load_latency_of_every_topology) {
    struct noc_network_spec spec;
    network_shape_set(&spec, &shape[_i]);
    spec.router.buffer_flits = 64;
    check_zero_load(&spec, (uint64_t)_i + 1);
}
END_TEST

START_TEST(zero_load_latency_of_every_pipeline) {
    uint64_t rng = sim_rng_stream(7, (uint64_t)_i);
    struct noc_network_spec spec;
    network_shape_set(&spec, &shape[sim_rng_below(&rng, SHAPES)]);
    spec.link_latency = 1 + (uint32_t)sim_rng_below(&rng, 4);
    spec.terminal_latency = 1 + (uint32_t)sim_rng_below(&rng, 3);
    spec.router.buffer_flits = 64;
    spec.router.lookahead = sim_rng_below(&rng, 2) != 0;
    spec.router.routing_delay = (uint32_t)sim_rng_below(&rng, 4);
    spec.router.traversal_delay = (uint32_t)sim_rng_below(&rng, 4);
    spec.router.credit_delay = (uint32_t)sim_rng_below(&rng, 4);
    spec.router.arbiter = (int)sim_rng_below(&rng, 2);
    bool one_choice = spec.routing == NOC_ROUTING_XY || spec.routing == NOC_ROUTING_YX ||
                      spec.routing == NOC_ROUTING_O1TURN;
    spec.router.speculative = one_choice && sim_rng_below(&rng, 2) == 0;
    if (!spec.router.speculative) {
        spec.router.vc_alloc_delay = 1 + (uint32_t)sim_rng_below(&rng, 3);
        spec.router.switch_alloc_delay = 1 + (uint32_t)sim_rng_below(&rng, 3);
    }
    spec.clock_divider = sim_rng_below(&rng, 4) == 0 ? 2 + (uint32_t)sim_rng_below(&rng, 2) : 1;
    spec.router.vc_allocator = (int)sim_rng_below(&rng, 2);
    spec.router.switch_allocator = (int)sim_rng_below(&rng, 2);
    spec.router.flow_control = (int)sim_rng_below(&rng, 2);
    check_zero_load(&spec, (uint64_t)_i + 1);
}
END_TEST

/* Flits of a packet on its way, `arrival` at a router, leave over `link`: the head after its stages, those
 * behind it when they are there, `apart` or more. */
static void pass(const struct noc_router_spec *r, uint32_t size, uint32_t link, uint32_t pieces,
                 sim_cycle *arrival) {
    sim_cycle stages = (r->lookahead ? 0 : r->routing_delay) + r->vc_alloc_delay + r->switch_alloc_delay -
                       (r->speculative ? 1 : 0);
    uint32_t apart = pieces > r->switch_alloc_delay ? pieces : r->switch_alloc_delay;
    sim_cycle before = 0;
    for (uint32_t i = 0; i < size; i++) {
        sim_cycle leaves = arrival[i] + (i == 0 ? stages : r->switch_alloc_delay) - 1;
        if (i > 0 && leaves < before + apart)
            leaves = before + apart;
        before = leaves;
        arrival[i] = leaves + 1 + r->traversal_delay + link + pieces - 1;
    }
}

/* Links of unlike latency and width: every flit, link by link. Every path that the routing function allows
 * has the same links or, in grids, as many within chips and between them (rings are odd: no two ways round).
 */
static void judge_links(const struct noc_network_spec *spec, const struct lone *lone) {
    const struct noc_routing *routing = &lone->network->routing;
    struct noc_choice choice[NOC_CHOICES_MAX];
    struct noc_hop hop = lone->hop;
    sim_cycle arrival[8];
    uint32_t steps = 0;
    for (uint32_t i = 0; i < lone->size; i++)
        arrival[i] = spec->terminal_latency + 1 + i;
    for (const struct noc_end *end; steps++ < 100;) {
        routing->route(routing, &hop, choice);
        end = noc_topology_end(routing->topology, hop.router, choice[0].port);
        bool narrow = end->boundary && spec->boundary_bits > 0;
        bool last = end->kind == NOC_END_TERMINAL;
        pass(&spec->router, lone->size, last ? spec->terminal_latency : end->latency,
             narrow ? (spec->router.flit_bits - 1) / spec->boundary_bits + 1 : 1, arrival);
        if (last)
            break;
        hop = (struct noc_hop){.router = end->peer,
                               .in_port = end->peer_port,
                               .in_vc = (uint32_t)__builtin_ctz(choice[0].vcs),
                               .dst = hop.dst,
                               .class_ = choice[0].class_};
    }
    ck_assert_uint_eq(steps, lone->hops);
    ck_assert_uint_eq(lone->latency, arrival[lone->size - 1]);
}

static const struct network_shape unlike[] = {
    {NOC_TOPOLOGY_MESH, "6x6", "", 1, NOC_ROUTING_XY, 2},
    {NOC_TOPOLOGY_MESH, "6x4", "", 2, NOC_ROUTING_YX, 2},
    {NOC_TOPOLOGY_MESH, "6x6", "", 1, NOC_ROUTING_ADAPTIVE, 3},
    {NOC_TOPOLOGY_MESH, "6x6", "", 1, NOC_ROUTING_ODD_EVEN, 2},
    {NOC_TOPOLOGY_MESH, "6x6", "", 1, NOC_ROUTING_WEST_FIRST, 2},
    {NOC_TOPOLOGY_MESH, "4x4", "", 1, NOC_ROUTING_O1TURN, 2},
    {NOC_TOPOLOGY_MESH, "4x4x2", "", 1, NOC_ROUTING_XY, 2},
    {NOC_TOPOLOGY_TORUS, "9x9", "", 1, NOC_ROUTING_XY, 2},
    {NOC_TOPOLOGY_TORUS, "9", "", 1, NOC_ROUTING_XY, 2},
    {NOC_TOPOLOGY_TORUS, "9x3", "", 1, NOC_ROUTING_YX, 4},
    {NOC_TOPOLOGY_GRAPH, "", "0-1:7, 1-2:2, 1-3:20, 3-4", 2, NOC_ROUTING_TABLE, 1},
    {NOC_TOPOLOGY_GRAPH, "", "0-1:3, 0-2:5, 1-3:9, 2-4, 3-5:2", 1, NOC_ROUTING_UP_DOWN, 2},
};

#define UNLIKE (sizeof unlike / sizeof *unlike)

START_TEST(zero_load_latency_over_links_of_unlike_latency) {
    struct noc_network_spec spec;
    uint64_t rng = sim_rng_stream(23, (uint64_t)_i);
    network_shape_set(&spec, &unlike[(uint32_t)_i % UNLIKE]);
    spec.chip_size = spec.topology == NOC_TOPOLOGY_MESH ? 2 : spec.topology == NOC_TOPOLOGY_TORUS ? 3 : 0;
    spec.boundary_latency = 1 + (uint32_t)sim_rng_below(&rng, 30);
    if (spec.routing <= NOC_ROUTING_YX) /* elsewhere it matters where on the way the narrow links are */
        spec.boundary_bits = (const uint32_t[]){0, 16, 20, 64}[sim_rng_below(&rng, 4)];
    spec.link_latency = 1 + (uint32_t)sim_rng_below(&rng, 3);
    spec.router.buffer_flits = 128;
    spec.router.lookahead = sim_rng_below(&rng, 2) == 0;
    spec.router.routing_delay = (uint32_t)sim_rng_below(&rng, 3);
    spec.router.traversal_delay = (uint32_t)sim_rng_below(&rng, 3);
    spec.router.credit_delay = (uint32_t)sim_rng_below(&rng, 4);
    spec.router.speculative = spec.routing <= NOC_ROUTING_YX && sim_rng_below(&rng, 2) == 0;
    if (!spec.router.speculative) {
        spec.router.vc_alloc_delay = 1 + (uint32_t)sim_rng_below(&rng, 3);
        if (spec.boundary_bits == 0 ||
            spec.chip_size == 0) /* else the link's pace and the allocator's beat */
            spec.router.switch_alloc_delay = 1 + (uint32_t)sim_rng_below(&rng, 3);
    }
    run_lone(&spec, (uint64_t)_i + 1, judge_links);
}
END_TEST

/* Where there are several choices of port, speculation may ask for the switch to the wrong one: between the
 * latency with it and that without. */
static void judge_between(const struct noc_network_spec *spec, const struct lone *lone) {
    struct noc_network_spec without = *spec;
    without.router.speculative = false;
    ck_assert_uint_ge(lone->latency, noc_network_zero_load(spec, lone->hops, lone->size));
    ck_assert_uint_le(lone->latency, noc_network_zero_load(&without, lone->hops, lone->size));
}

START_TEST(zero_load_latency_with_adaptive_speculation) {
    struct noc_network_spec spec;
    network_shape_set(&spec, &shape[_i]);
    spec.router.buffer_flits = 64;
    spec.router.speculative = true;
    run_lone(&spec, (uint64_t)_i + 1, judge_between);
}
END_TEST

/* The published means of the reference configuration: uniform 27, transpose 27, bit complement 38,
 * neighbour 20. */
START_TEST(zero_load_of_the_reference_mesh) {
    struct noc_network_spec spec;
    noc_network_defaults(&spec);
    ck_assert_uint_eq(noc_network_zero_load(&spec, 1, 1), 6);
    ck_assert_uint_eq(noc_network_zero_load(&spec, 15, 1), 62);
    ck_assert_uint_eq(noc_network_zero_load(&spec, 9, 1), 38);
    ck_assert_uint_eq(noc_network_zero_load(&spec, 8, 4), 37);
}
END_TEST

/* ---- plain against general ---------------------------------------------------------------------- */

static void compare_forms(const struct noc_network_spec *spec, const struct noc_traffic_spec *traffic) {
    struct network_outcome plain = network_form_run(spec, traffic, NETWORK_PLAIN, SIM_ORDER_SPARSE);
    struct network_outcome general = network_form_run(spec, traffic, NETWORK_GENERAL, SIM_ORDER_SPARSE);
    struct network_outcome shuffled = network_form_run(spec, traffic, NETWORK_PLAIN, SIM_ORDER_SHUFFLED);
    ck_assert_uint_eq(plain.hash, general.hash);
    ck_assert_uint_eq(plain.end, general.end);
    ck_assert_uint_eq(plain.hash, shuffled.hash);
    for (uint32_t e = 0; e < NOC_ROUTER_EVENT_COUNT; e++) {
        ck_assert_uint_eq(plain.count[e], general.count[e]);
        ck_assert_uint_eq(plain.count[e], shuffled.count[e]);
    }
    ck_assert_uint_eq(plain.count[NOC_ROUTER_BUFFER_WRITE], plain.count[NOC_ROUTER_BUFFER_READ]);
    ck_assert_uint_eq(plain.count[NOC_ROUTER_ROUTE], plain.count[NOC_ROUTER_VC_ALLOC]);
    ck_assert_uint_eq(plain.count[NOC_ROUTER_CROSSBAR],
                      plain.count[NOC_ROUTER_LINK_FLIT] + plain.count[NOC_ROUTER_EJECT_FLIT]);
}

START_TEST(plain_and_general_form_are_equal) {
    static const char *const size[] = {"4x4", "6", "3x5", "2x2x2"};
    uint64_t rng = sim_rng_stream(11, (uint64_t)_i);
    struct noc_network_spec spec;
    noc_network_defaults(&spec);
    spec.size = size[sim_rng_below(&rng, 4)];
    spec.topology = sim_rng_below(&rng, 2) ? NOC_TOPOLOGY_TORUS : NOC_TOPOLOGY_MESH;
    spec.router.vcs = 2 + (uint32_t)sim_rng_below(&rng, 5);
    spec.router.buffer_flits = 1 + (uint32_t)sim_rng_below(&rng, 9);
    spec.router.credit_delay = (uint32_t)sim_rng_below(&rng, 3);
    spec.router.traversal_delay = (uint32_t)sim_rng_below(&rng, 3);
    spec.link_latency = 1 + (uint32_t)sim_rng_below(&rng, 3);
    struct noc_traffic_spec traffic = {.rate = 0.05 + 0.9 * sim_rng_real(&rng),
                                       .packet = 1 + (uint32_t)sim_rng_below(&rng, 8),
                                       .self = true,
                                       .hotspot = "0:1",
                                       .pattern = sim_rng_below(&rng, 4) == 0 ? NOC_PATTERN_HOTSPOT
                                                                              : NOC_PATTERN_UNIFORM,
                                       .seed = (uint64_t)_i};
    compare_forms(&spec, &traffic);
}
END_TEST

/* Packets of one VC follow each other in all cycles, where they are short. */
START_TEST(both_forms_are_equal_with_one_vc) {
    struct noc_network_spec spec;
    noc_network_defaults(&spec);
    spec.size = "4x3";
    spec.router.vcs = 1;
    spec.router.buffer_flits = 2 + (uint32_t)_i;
    struct noc_traffic_spec traffic = {.rate = 0.05 * (1 + _i),
                                       .packet = 1 + (uint32_t)_i % 3,
                                       .self = true,
                                       .hotspot = "",
                                       .pattern = NOC_PATTERN_UNIFORM,
                                       .seed = (uint64_t)_i};
    compare_forms(&spec, &traffic);
}
END_TEST

/* ---- refusals ----------------------------------------------------------------------------------- */

START_TEST(combinations_that_make_no_sense_are_refused) {
    struct noc_network_spec network;
    noc_network_defaults(&network);
    struct noc_router_spec spec = network.router;
    struct sim_where where = {.file = "mesh.yaml", .line = 3, .column = 5};
    struct sim_err err;
    sim_err_init(&err);
    ck_assert(noc_router_schema.check(&spec, &where, &err));
    spec.speculative = true;
    spec.vc_alloc_delay = 2;
    ck_assert(!noc_router_schema.check(&spec, &where, &err));
    spec = network.router;
    spec.vcs = 32;
    spec.buffer_flits = 4096;
    ck_assert(!noc_router_schema.check(&spec, &where, &err));
    ck_assert_int_eq(err.count, 2);
    ck_assert_ptr_nonnull(strstr(err.message[0], "mesh.yaml:3:5: noc.router: speculative"));
    sim_err_release(&err);
}
END_TEST

START_TEST(a_router_takes_at_most_four_kilobytes) {
    struct noc_network_spec spec;
    struct noc_topology topology;
    struct noc_routing routing;
    struct sim_arena arena;
    struct sim_err err;
    sim_err_init(&err);
    sim_arena_init(&arena);
    noc_network_defaults(&spec);
    struct noc_topology_spec shape_spec = {
        .kind = NOC_TOPOLOGY_MESH, .size = "8x8", .concentration = 1, .link_latency = 1};
    ck_assert(noc_topology_init(&topology, &shape_spec, NULL, &arena, &err));
    ck_assert(noc_routing_init(&routing, NOC_ROUTING_XY, &topology, 4, NULL, &arena, &err));
    size_t before = arena.bytes;
    struct noc_router *router = SIM_NEW(&arena, struct noc_router);
    noc_router_init(router, &spec.router, &routing, 9, 3, &arena);
    for (uint32_t port = 0; port < 5; port++)
        noc_router_receive_from(router, port, spec.router.buffer_flits, 3, &arena);
    ck_assert_uint_le(arena.bytes - before, 4096);
    sim_arena_release(&arena);
    sim_err_release(&err);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("noc router");
    TCase *zero = suite_case(suite, "zero load");
    tcase_set_timeout(zero, 60);
    tcase_add_loop_test(zero, zero_load_latency_of_every_topology, 0, SHAPES);
    tcase_add_loop_test(zero, zero_load_latency_of_every_pipeline, 0, 60);
    tcase_add_loop_test(zero, zero_load_latency_over_links_of_unlike_latency, 0, 4 * UNLIKE);
    tcase_add_loop_test(zero, zero_load_latency_with_adaptive_speculation, 0, SHAPES);
    tcase_add_test(zero, zero_load_of_the_reference_mesh);
    TCase *forms = suite_case(suite, "plain and general");
    tcase_set_timeout(forms, 60);
    tcase_add_loop_test(forms, plain_and_general_form_are_equal, 0, 40);
    tcase_add_loop_test(forms, both_forms_are_equal_with_one_vc, 0, 12);
    TCase *refused = suite_case(suite, "refused");
    tcase_add_test(refused, combinations_that_make_no_sense_are_refused);
    tcase_add_test(refused, a_router_takes_at_most_four_kilobytes);
    return suite_run(suite);
}

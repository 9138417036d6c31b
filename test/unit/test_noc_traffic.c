/* SPDX-License-Identifier: MIT
 *
 * Synthetic traffic, statistics, measurements, and traces of explicit injections.
 */
#include "noc/traffic/replay.h"
#include "noc/traffic/run.h"
#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/base/rng.h"
#include "sim/kernel/kernel.h"
#include "test/suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* ---- patterns ----------------------------------------------------------------------------------- */

static bool prepare(struct noc_traffic *traffic, struct noc_topology *t, const struct noc_traffic_spec *spec,
                    const char *size, uint32_t concentration) {
    struct noc_topology_spec shape = {.kind = NOC_TOPOLOGY_MESH,
                                      .size = size,
                                      .edges = "",
                                      .concentration = concentration,
                                      .link_latency = 1};
    ck_assert(noc_topology_init(t, &shape, NULL, &arena, &err));
    return noc_traffic_init(traffic, spec, t, 1, NULL, &arena, &err);
}

static const struct {
    int pattern;
    const char *size;
    uint32_t concentration, src, dst;
} destination[] = {
    {NOC_PATTERN_TRANSPOSE, "8x8", 1, 1, 8},    {NOC_PATTERN_TRANSPOSE, "8x8", 1, 0x2B, 0x1D},
    {NOC_PATTERN_BITCOMP, "8x8", 1, 0, 63},     {NOC_PATTERN_BITCOMP, "8x8", 1, 21, 42},
    {NOC_PATTERN_BITREV, "8x8", 1, 1, 32},      {NOC_PATTERN_BITREV, "4x8", 1, 3, 24},
    {NOC_PATTERN_SHUFFLE, "8x8", 1, 33, 3},     {NOC_PATTERN_SHUFFLE, "8x8", 1, 5, 10},
    {NOC_PATTERN_TORNADO, "8x8", 1, 0, 27},     {NOC_PATTERN_TORNADO, "8x8", 1, 63, 18},
    {NOC_PATTERN_TORNADO, "5", 1, 4, 1},        {NOC_PATTERN_NEIGHBOUR, "8x8", 1, 0, 9},
    {NOC_PATTERN_NEIGHBOUR, "8x8", 1, 63, 0},   {NOC_PATTERN_NEIGHBOUR, "4x4", 4, 7, 8},
    {NOC_PATTERN_NEIGHBOUR, "3x3x3", 1, 26, 0}, {NOC_PATTERN_NEIGHBOUR, "3", 2, 5, 0},
};

START_TEST(destinations_follow_the_pattern) {
    struct noc_traffic traffic;
    struct noc_topology t;
    struct noc_traffic_spec spec = {
        .pattern = destination[_i].pattern, .rate = 0.1, .packet = 1, .hotspot = ""};
    uint64_t rng = 1;
    ck_assert(prepare(&traffic, &t, &spec, destination[_i].size, destination[_i].concentration));
    ck_assert_uint_eq(noc_traffic_destination(&traffic, destination[_i].src, &rng), destination[_i].dst);
}
END_TEST

START_TEST(weights_are_kept) {
    struct noc_traffic traffic;
    struct noc_topology t;
    struct noc_traffic_spec spec = {
        .pattern = NOC_PATTERN_HOTSPOT, .rate = 0.1, .packet = 1, .hotspot = " 5:4, 0:2 ,*:1"};
    uint32_t hits[16] = {0};
    uint64_t rng = 1;
    ck_assert(prepare(&traffic, &t, &spec, "4x4", 1));
    for (uint32_t i = 0; i < 200000; i++)
        hits[noc_traffic_destination(&traffic, 3, &rng)]++;
    for (uint32_t dst = 0; dst < 16; dst++) {
        double expected = 200000.0 * (dst == 5 ? 4 : dst == 0 ? 2 : 1) / 20;
        ck_assert_double_le(fabs(hits[dst] - expected), 6 * sqrt(expected));
    }
}
END_TEST

START_TEST(uniform_without_self_never_hits_the_source) {
    struct noc_traffic traffic;
    struct noc_topology t;
    struct noc_traffic_spec spec = {.pattern = NOC_PATTERN_UNIFORM, .rate = 0.1, .packet = 1, .hotspot = ""};
    uint32_t hits[9] = {0};
    uint64_t rng = 1;
    ck_assert(prepare(&traffic, &t, &spec, "3x3", 1));
    for (uint32_t i = 0; i < 80000; i++)
        hits[noc_traffic_destination(&traffic, 4, &rng)]++;
    for (uint32_t dst = 0; dst < 9; dst++)
        ck_assert_double_le(fabs(hits[dst] - (dst == 4 ? 0 : 10000.0)), 600);
}
END_TEST

START_TEST(packets_come_at_the_rate) {
    static const double rate[] = {0.001, 0.1, 0.5, 1.0};
    struct noc_traffic traffic;
    struct noc_topology t;
    struct noc_traffic_spec spec = {.rate = rate[_i], .packet = 2, .self = true, .hotspot = "", .seed = 9};
    struct noc_packet packet;
    sim_cycle last = 0;
    ck_assert(prepare(&traffic, &t, &spec, "2x2", 1));
    uint32_t packets = 0, zero = 0;
    for (noc_traffic_next(&traffic, 1, &packet); packet.created < 4000000;
         noc_traffic_next(&traffic, 1, &packet)) {
        ck_assert(packets == 0 || packet.created > last);
        last = packet.created;
        zero += packet.created == 0;
        packets++;
    }
    double expected = 4000000 * rate[_i] / 2;
    ck_assert_uint_le(zero, 1);
    ck_assert_double_le(fabs(packets - expected), 6 * sqrt(expected));
}
END_TEST

/* The state of a generator whose next 64 bits are `bits`: SplitMix64 backwards. */
static uint64_t state_before(uint64_t bits) {
    uint64_t z = (bits ^ bits >> 31 ^ bits >> 62) * UINT64_C(0x319642B2D24D8EC3);
    z = (z ^ z >> 27 ^ z >> 54) * UINT64_C(0x96DE1B173F119089);
    return (z ^ z >> 30 ^ z >> 60) - UINT64_C(0x9E3779B97F4A7C15);
}

static void check_gap(struct noc_traffic *traffic, double probability, uint64_t state) {
    uint64_t copy = state;
    double u = sim_rng_real(&copy), gap = 1 + floor(log1p(-u) / log1p(-probability));
    traffic->source[0] = (struct noc_source){.rng = state, .created = 0};
    noc_traffic_advance(traffic, 0);
    ck_assert_msg(traffic->source[0].created == (sim_cycle)gap, "draw %.17g: %llu instead of %.0f cycles", u,
                  (unsigned long long)traffic->source[0].created, gap);
}

/* Draws at random, and those next to where the gap changes. */
START_TEST(gaps_are_those_of_the_exact_logarithm) {
    static const double rate[] = {1e-7, 1.2e-5, 0.001, 0.01, 0.3, 0.97};
    struct noc_traffic traffic;
    struct noc_topology t;
    struct noc_traffic_spec spec = {.rate = rate[_i], .packet = 1, .self = true, .hotspot = "", .seed = 5};
    uint64_t rng = 7;
    ck_assert(prepare(&traffic, &t, &spec, "2x2", 1));
    ck_assert_uint_eq(sim_rng_next(&(uint64_t){state_before(12345)}), 12345);
    for (uint32_t i = 0; i < 200000; i++)
        check_gap(&traffic, spec.rate, sim_rng_next(&rng));
    for (double gap = 0; gap * log1p(-spec.rate) > -30 && gap < 3000; gap++) {
        uint64_t middle = (uint64_t)(-expm1(gap * log1p(-spec.rate)) * 0x1p53);
        for (uint64_t k = 0; k < 9; k++)
            if (middle + k >= 4 && middle + k - 4 < UINT64_C(1) << 53)
                check_gap(&traffic, spec.rate, state_before((middle + k - 4) << 11));
    }
}
END_TEST

static const struct {
    struct noc_traffic_spec spec;
    const char *size, *message;
} refused[] = {
    {{.pattern = NOC_PATTERN_BITCOMP, .rate = 0.1, .packet = 1, .hotspot = ""},
     "3x3",
     "needs a power of two of terminals, not 9"},
    {{.pattern = NOC_PATTERN_TRANSPOSE, .rate = 0.1, .packet = 1, .hotspot = ""},
     "4x2",
     "an even power of two"},
    {{.pattern = NOC_PATTERN_HOTSPOT, .rate = 0.1, .packet = 1, .hotspot = ""},
     "4x4",
     "hotspot: '' is not of the form"},
    {{.pattern = NOC_PATTERN_HOTSPOT, .rate = 0.1, .packet = 1, .hotspot = "16:1"},
     "4x4",
     "'16:1' is no terminal of the network, which has 0 to 15"},
    {{.pattern = NOC_PATTERN_HOTSPOT, .rate = 0.1, .packet = 1, .hotspot = "1:0"},
     "4x4",
     "hotspot: all weights are 0"},
    {{.pattern = NOC_PATTERN_HOTSPOT, .rate = 0.1, .packet = 1, .hotspot = "1:1,1:2"},
     "4x4",
     "terminal 1 is named twice"},
    {{.pattern = NOC_PATTERN_UNIFORM, .rate = 0.1, .packet = 1, .hotspot = ""},
     "1",
     "can only send to itself"},
};

START_TEST(patterns_that_do_not_fit_are_refused) {
    struct noc_traffic traffic;
    struct noc_topology t;
    ck_assert(!prepare(&traffic, &t, &refused[_i].spec, refused[_i].size, 1));
    ck_assert_msg(strstr(err.message[0], refused[_i].message) != NULL, "%s", err.message[0]);
}
END_TEST

/* ---- statistics --------------------------------------------------------------------------------- */

START_TEST(quantiles_and_means_are_exact_for_small_latencies) {
    struct noc_statistics *s = malloc(sizeof *s);
    noc_statistics_init(s);
    noc_statistics_arrived(s, 5, 3, 17); /* before the window */
    noc_statistics_open(s, 100, 1000);
    for (uint32_t i = 0; i < 1000; i++)
        noc_statistics_arrived(s, 100 + i, 4, 100 + i + 1 + i % 100);
    noc_statistics_arrived(s, 1100, 3, 1200); /* after it */
    ck_assert_uint_eq(s->packets, 1000);
    ck_assert_uint_eq(s->seen, 1002);
    ck_assert_uint_eq(s->latency, 50500);
    ck_assert_uint_eq(noc_statistics_quantile(s, 0.5), 50);
    ck_assert_uint_eq(noc_statistics_quantile(s, 0.99), 99);
    ck_assert_uint_eq(noc_statistics_quantile(s, 1), 100);
    ck_assert(isfinite(noc_statistics_interval(s)));
    free(s);
}
END_TEST

START_TEST(bins_cover_all_latencies) {
    sim_cycle next = 0;
    for (uint32_t i = 0; i < NOC_HISTOGRAM_BINS; i++) {
        sim_cycle first, last;
        noc_statistics_bin(i, &first, &last);
        ck_assert_uint_eq(first, next);
        ck_assert_uint_ge(last, first);
        ck_assert_uint_le((last - first) * 128, first);
        next = last + 1;
    }
}
END_TEST

START_TEST(a_longer_window_keeps_its_batches) {
    struct noc_statistics *s = malloc(sizeof *s);
    noc_statistics_init(s);
    noc_statistics_open(s, 0, 640);
    for (uint32_t i = 0; i < 640; i++)
        noc_statistics_arrived(s, i, 1, i + i / 20);
    noc_statistics_extend(s);
    ck_assert_uint_eq(s->end, 1280);
    for (uint32_t i = 640; i < 1280; i++)
        noc_statistics_arrived(s, i, 1, i + i / 20);
    uint64_t packets = 0, latency = 0;
    for (uint32_t b = 0; b < NOC_BATCHES; b++) {
        packets += s->batch[b].packets;
        latency += s->batch[b].latency;
    }
    ck_assert_uint_eq(packets, 1280);
    ck_assert_uint_eq(latency, s->latency);
    free(s);
}
END_TEST

/* ---- measurements ------------------------------------------------------------------------------- */

static struct noc_run_result measure_network(const char *size, int flow_control, double rate, uint32_t packet,
                                             int order, sim_cycle cycles) {
    struct noc_network_spec network;
    struct noc_traffic_spec traffic = {
        .rate = rate, .packet = packet, .self = true, .hotspot = "", .seed = 5};
    struct noc_run_spec spec = {.order = order, .cycles = cycles, .warmup = cycles / 4, .audit = 777};
    struct noc_run_result result;
    noc_network_defaults(&network);
    network.size = size;
    network.router.flow_control = flow_control;
    network.router.vcs = flow_control == NOC_FLOW_DEFLECTION ? 1 : network.router.vcs;
    bool done = noc_traffic_run(&spec, &network, &traffic, NULL, &result, &err);
    sim_err_print(&err, stderr);
    ck_assert(done);
    return result;
}

static struct noc_run_result measure(double rate, uint32_t packet, int order, sim_cycle cycles) {
    return measure_network("4x4", NOC_FLOW_WORMHOLE, rate, packet, order, cycles);
}

/* At a tiny rate nobody meets anybody: the mean is the zero-load mean, 2 + 4 (hops) at one flit. */
START_TEST(an_idle_network_has_zero_load_latency) {
    struct noc_run_result r = measure(0.0005, 1, SIM_ORDER_SPARSE, 0);
    ck_assert(r.converged && !r.saturated);
    ck_assert_double_le(fabs(r.latency_mean - (2 + 4 * r.hops_mean)), 0.01);
    ck_assert_double_le(fabs(r.accepted - 0.0005), 0.0001);
    ck_assert_double_le(fabs(r.network_latency_mean - r.latency_mean), 0.01);
    noc_run_result_release(&r);
}
END_TEST

START_TEST(orders_give_the_same_measurement) {
    struct noc_run_result a = measure(0.3, 3, SIM_ORDER_SPARSE, 2000),
                          b = measure(0.3, 3, SIM_ORDER_DENSE, 2000),
                          c = measure(0.3, 3, SIM_ORDER_SHUFFLED, 2000);
    ck_assert_mem_eq(a.statistics, b.statistics, sizeof *a.statistics);
    ck_assert_mem_eq(a.statistics, c.statistics, sizeof *a.statistics);
    ck_assert_mem_eq(a.count, b.count, sizeof a.count);
    ck_assert_mem_eq(a.count, c.count, sizeof a.count);
    ck_assert_uint_eq(a.cycles, b.cycles);
    noc_run_result_release(&a);
    noc_run_result_release(&b);
    noc_run_result_release(&c);
}
END_TEST

/* In the sparse order so many components are fetched before they step; in the dense order they are not. */
START_TEST(fetching_changes_nothing) {
    static const int flow_control[] = {NOC_FLOW_WORMHOLE, NOC_FLOW_CUT_THROUGH, NOC_FLOW_DEFLECTION};
    struct noc_run_result a = measure_network("46x46", flow_control[_i], 0.05, 1, SIM_ORDER_SPARSE, 150),
                          b = measure_network("46x46", flow_control[_i], 0.05, 1, SIM_ORDER_DENSE, 150);
    ck_assert_uint_gt(a.packets, 0);
    ck_assert_mem_eq(a.statistics, b.statistics, sizeof *a.statistics);
    ck_assert_mem_eq(a.count, b.count, sizeof a.count);
    noc_run_result_release(&a);
    noc_run_result_release(&b);
}
END_TEST

START_TEST(saturation_is_noticed) {
    struct noc_run_result r = measure(0.98, 4, SIM_ORDER_SPARSE, 0);
    ck_assert(r.saturated);
    ck_assert_double_lt(r.accepted, 0.9);
    ck_assert_double_gt(r.accepted, 0.4);
    ck_assert_uint_eq(r.links, 48);
    ck_assert_double_le(r.link_load_max, 1.0);
    noc_run_result_release(&r);
}
END_TEST

/* Links from chip to chip of a quarter of a flit's width: a flit in four cycles, and nearly so many under
 * pressure. */
START_TEST(narrow_links_carry_their_width) {
    struct noc_network_spec network;
    struct noc_traffic_spec traffic = {
        .pattern = NOC_PATTERN_BITCOMP, .rate = 0.5, .packet = 1, .hotspot = ""};
    struct noc_run_spec spec = {.cycles = 2000, .warmup = 2000, .audit = 500};
    struct noc_run_result r;
    double boundary = 0, inside = 0;
    noc_network_defaults(&network);
    network.chip_size = 4;
    network.boundary_bits = 16;
    bool done = noc_traffic_run(&spec, &network, &traffic, NULL, &r, &err);
    sim_err_print(&err, stderr);
    ck_assert(done && r.saturated);
    for (uint32_t i = 0; i < r.links; i++) {
        uint32_t a = r.link[i].from, b = r.link[i].to;
        bool crosses = a % 8 / 4 != b % 8 / 4 || a / 32 != b / 32;
        double *most = crosses ? &boundary : &inside;
        *most = r.link[i].load > *most ? r.link[i].load : *most;
    }
    ck_assert_double_le(boundary, 0.25);
    ck_assert_double_gt(boundary, 0.24);
    noc_run_result_release(&r);
    network.router = (struct noc_router_spec){.vcs = 1,
                                              .buffer_flits = 4,
                                              .flit_bits = 64,
                                              .lookahead = true,
                                              .routing_delay = 1,
                                              .vc_alloc_delay = 1,
                                              .switch_alloc_delay = 1,
                                              .traversal_delay = 1,
                                              .credit_delay = 1,
                                              .iterations = 1,
                                              .flow_control = NOC_FLOW_DEFLECTION};
    ck_assert(!noc_traffic_run(&spec, &network, &traffic, NULL, &r, &err));
    ck_assert_ptr_nonnull(strstr(err.message[0], "no links narrower than flits"));
    noc_run_result_release(&r);
}
END_TEST

/* A window too short to tell load from chance: the warm-up, which did not settle while flits fell behind,
 * says it. A given warm-up says nothing, and one that settles is no verdict. */
START_TEST(an_unsettled_warm_up_is_a_verdict) {
    struct noc_network_spec network;
    struct noc_traffic_spec traffic = {.pattern = NOC_PATTERN_HOTSPOT,
                                       .rate = 0.3,
                                       .packet = 8,
                                       .hotspot = "27:4, 28:4, 35:4, 36:4, *:1",
                                       .seed = 1};
    struct noc_run_spec spec = {.cycles = 64};
    struct noc_run_result found, given, calm;
    noc_network_defaults(&network);
    ck_assert(noc_traffic_run(&spec, &network, &traffic, NULL, &found, &err));
    spec.warmup = found.warmup;
    ck_assert(noc_traffic_run(&spec, &network, &traffic, NULL, &given, &err));
    traffic.rate = 0.05;
    spec.warmup = 0;
    ck_assert(noc_traffic_run(&spec, &network, &traffic, NULL, &calm, &err));
    ck_assert(found.saturated);
    ck_assert(!given.saturated);
    ck_assert(!calm.saturated);
    ck_assert_double_eq(found.accepted, given.accepted); /* the same window */
    noc_run_result_release(&found);
    noc_run_result_release(&given);
    noc_run_result_release(&calm);
}
END_TEST

/* ---- traces ------------------------------------------------------------------------------------- */

static const char *write_trace(const char *text) {
    static char path[64];
    snprintf(path, sizeof path, "/tmp/nocsim-trace-%ld.txt", (long)getpid());
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
    return path;
}

START_TEST(traces_are_read_in_both_forms) {
    struct noc_trace trace;
    const char *path = write_trace("cycle,src,dst,size\n# comment\n\n5, 1,2,3\n 4 0 3 1\n");
    bool read = noc_trace_read(&trace, path, &err);
    unlink(path);
    ck_assert(read);
    ck_assert_uint_eq(trace.count, 2);
    ck_assert_uint_eq(trace.packet[0].cycle, 5);
    ck_assert_uint_eq(trace.packet[0].size, 3);
    ck_assert_uint_eq(trace.packet[1].dst, 3);
    ck_assert(noc_trace_check(&trace, 4, &err));
    ck_assert(!noc_trace_check(&trace, 3, &err));
    noc_trace_release(&trace);
}
END_TEST

static const struct {
    const char *text, *message;
} malformed[] = {
    {"", "the trace has no packets"},
    {"0 1 2\n", ":1:6: expected size, a number"},
    {"0 1 2 3 4\n", ":1: more than four fields"},
    {"0 1 x 3\n", ":1:5: expected dst, a number"},
    {"0 -1 2 3\n", ":1:3: expected src, a number"},
    {"0 1 2 0\n", "a packet has at least one flit"},
    {"\n0 1 2 70000\n", ":2:7: size is too large"},
    {"99999999999999999999999 1 2 1\n", "cycle is too large"},
    {"0 1.5 2 1\n", "expected src, a number"},
};

START_TEST(malformed_traces_are_located) {
    struct noc_trace trace;
    const char *path = write_trace(malformed[_i].text);
    bool read = noc_trace_read(&trace, path, &err);
    unlink(path);
    noc_trace_release(&trace);
    ck_assert(!read);
    ck_assert_int_eq(err.code, SIM_EXIT_CONFIG);
    ck_assert_msg(strstr(err.message[0], malformed[_i].message) != NULL, "%s", err.message[0]);
}
END_TEST

START_TEST(a_missing_trace_is_an_input_error) {
    struct noc_trace trace;
    ck_assert(!noc_trace_read(&trace, "/nonexistent/trace.txt", &err));
    ck_assert_int_eq(err.code, SIM_EXIT_IO);
    noc_trace_release(&trace);
}
END_TEST

START_TEST(cut_through_needs_room_for_a_packet) {
    struct noc_injection packet = {.src = 0, .dst = 1, .size = 9};
    struct noc_trace trace = {.path = "test.txt", .packet = &packet, .count = 1};
    struct noc_replay_spec replay = {.watchdog = 1000};
    struct noc_network_spec network;
    struct noc_record record;
    noc_network_defaults(&network);
    network.router.flow_control = NOC_FLOW_CUT_THROUGH;
    ck_assert(!noc_replay(&replay, &network, &trace, &record, &err));
    ck_assert_ptr_nonnull(strstr(err.message[0], "test.txt: packet 0 has 9 flits: virtual cut-through"));
    packet.size = 8;
    ck_assert(noc_replay(&replay, &network, &trace, &record, &err));
}
END_TEST

#define COUNT(table) (int)(sizeof(table) / sizeof *(table))

struct listener {
    const char *part;
    uint32_t parts, calls;
    sim_cycle done;
};

static void listen(void *listener, const char *part, sim_cycle done, sim_cycle total) {
    struct listener *l = listener;
    ck_assert(done <= total || total == 0);
    ck_assert(part != l->part ? done == 0 : done >= l->done);
    l->parts += part != l->part;
    l->part = part;
    l->done = done;
    l->calls++;
}

/* Warm-up, window and the last packets, in pieces of half a million router-cycles or so; the same result. */
START_TEST(listeners_change_nothing) {
    struct noc_network_spec network;
    struct noc_traffic_spec traffic = {.rate = 0.1, .packet = 2, .self = true, .hotspot = "", .seed = 4};
    struct listener listener = {.part = NULL};
    struct noc_run_spec silent = {.cycles = 40000, .audit = 30000}, told = silent;
    struct noc_run_result expected, r;
    told.tell = listen;
    told.listener = &listener;
    noc_network_defaults(&network);
    ck_assert(noc_traffic_run(&silent, &network, &traffic, NULL, &expected, &err));
    ck_assert(noc_traffic_run(&told, &network, &traffic, NULL, &r, &err));
    ck_assert(r.cycles == expected.cycles && r.packets == expected.packets && r.steps == expected.steps);
    ck_assert(r.latency_mean == expected.latency_mean && r.flit_hops == expected.flit_hops);
    ck_assert_uint_eq(listener.parts, 3);
    ck_assert_uint_ge(listener.calls, 40000 / noc_run_piece(64) + 2);
    noc_run_result_release(&expected);
    noc_run_result_release(&r);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("noc traffic");
    TCase *patterns = suite_case(suite, "patterns");
    tcase_add_checked_fixture(patterns, set_up, tear_down);
    tcase_add_loop_test(patterns, destinations_follow_the_pattern, 0, COUNT(destination));
    tcase_add_test(patterns, weights_are_kept);
    tcase_add_test(patterns, uniform_without_self_never_hits_the_source);
    tcase_add_loop_test(patterns, packets_come_at_the_rate, 0, 4);
    tcase_add_loop_test(patterns, gaps_are_those_of_the_exact_logarithm, 0, 6);
    tcase_add_loop_test(patterns, patterns_that_do_not_fit_are_refused, 0, COUNT(refused));
    TCase *statistics = suite_case(suite, "statistics");
    tcase_add_test(statistics, quantiles_and_means_are_exact_for_small_latencies);
    tcase_add_test(statistics, bins_cover_all_latencies);
    tcase_add_test(statistics, a_longer_window_keeps_its_batches);
    TCase *runs = suite_case(suite, "measurements");
    tcase_add_checked_fixture(runs, set_up, tear_down);
    tcase_set_timeout(runs, 60);
    tcase_add_test(runs, an_idle_network_has_zero_load_latency);
    tcase_add_test(runs, orders_give_the_same_measurement);
    tcase_add_loop_test(runs, fetching_changes_nothing, 0, 3);
    tcase_add_test(runs, saturation_is_noticed);
    tcase_add_test(runs, an_unsettled_warm_up_is_a_verdict);
    tcase_add_test(runs, narrow_links_carry_their_width);
    tcase_add_test(runs, listeners_change_nothing);
    TCase *traces = suite_case(suite, "traces");
    tcase_add_checked_fixture(traces, set_up, tear_down);
    tcase_add_test(traces, traces_are_read_in_both_forms);
    tcase_add_loop_test(traces, malformed_traces_are_located, 0, COUNT(malformed));
    tcase_add_test(traces, a_missing_trace_is_an_input_error);
    tcase_add_test(traces, cut_through_needs_room_for_a_packet);
    return suite_run(suite);
}

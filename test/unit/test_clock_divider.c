/* SPDX-License-Identifier: MIT
 *
 * A network with a divided clock is the same network, N times as slow: under load every packet of it has N
 * times the times that it has without a divider. What is too slow for the wheel is refused.
 */
#include "noc/link/clock_divider.h"
#include "noc/traffic/replay.h"
#include "sim/base/err.h"
#include "sim/base/rng.h"
#include "test/suite.h"

#include <string.h>

enum { PACKETS = 600 };

static uint32_t draw(uint64_t *rng, uint32_t n) { return (uint32_t)sim_rng_below(rng, n); }

static void draw_spec(struct noc_network_spec *spec, uint64_t *rng) {
    noc_network_defaults(spec);
    spec->topology = draw(rng, 2) ? NOC_TOPOLOGY_MESH : NOC_TOPOLOGY_TORUS;
    spec->size = "4x4";
    spec->link_latency = 1 + draw(rng, 3);
    spec->terminal_latency = 1 + draw(rng, 2);
    struct noc_router_spec *r = &spec->router;
    r->vcs = 2 + draw(rng, 3);
    r->buffer_flits = 4 + draw(rng, 5);
    r->lookahead = draw(rng, 2) == 0;
    r->routing_delay = draw(rng, 3);
    r->vc_alloc_delay = 1 + draw(rng, 3);
    r->switch_alloc_delay = 1 + draw(rng, 3);
    r->traversal_delay = draw(rng, 3);
    r->credit_delay = draw(rng, 3);
    if (draw(rng, 3) == 0)
        r->vc_alloc_delay = r->switch_alloc_delay = r->traversal_delay = r->credit_delay = 1;
    r->speculative = r->vc_alloc_delay == 1 && r->switch_alloc_delay == 1 && draw(rng, 2) == 0;
    r->vc_allocator = (int)draw(rng, NOC_ALLOCATOR_COUNT);
    r->switch_allocator = (int)draw(rng, NOC_ALLOCATOR_COUNT);
    r->flow_control = (int)draw(rng, NOC_FLOW_DEFLECTION);
}

static void replay(struct noc_network_spec *spec, uint32_t divider, const struct noc_injection *injection,
                   uint64_t seed, struct noc_record *record) {
    struct noc_injection packet[PACKETS];
    struct noc_trace trace = {.path = "test", .packet = packet, .count = PACKETS};
    struct noc_replay_spec replay = {.seed = seed};
    struct sim_err err;
    sim_err_init(&err);
    memcpy(packet, injection, sizeof packet);
    for (uint32_t i = 0; i < PACKETS; i++)
        packet[i].cycle *= divider;
    spec->clock_divider = divider;
    bool run = noc_replay(&replay, spec, &trace, record, &err);
    sim_err_print(&err, stderr);
    ck_assert(run);
    sim_err_release(&err);
}

START_TEST(a_divided_network_is_as_many_times_slower) {
    uint64_t rng = sim_rng_stream(5, (uint64_t)_i);
    struct noc_network_spec spec;
    draw_spec(&spec, &rng);
    struct noc_injection packet[PACKETS];
    static struct noc_record once[PACKETS], slow[PACKETS];
    for (uint32_t i = 0; i < PACKETS; i++)
        packet[i] = (struct noc_injection){.cycle = i / 4, .src = draw(&rng, 16), .dst = draw(&rng, 16),
                                           .size = 1 + draw(&rng, 4)};
    uint32_t divider = 2 + draw(&rng, 6);
    replay(&spec, 1, packet, (uint64_t)_i, once);
    replay(&spec, divider, packet, (uint64_t)_i, slow);
    for (uint32_t i = 0; i < PACKETS; i++) {
        ck_assert_uint_eq(slow[i].injected, once[i].injected * divider);
        ck_assert_uint_eq(slow[i].head, once[i].head * divider);
        ck_assert_uint_eq(slow[i].tail, once[i].tail * divider);
        ck_assert_uint_eq(slow[i].hops, once[i].hops);
    }
}
END_TEST

/* Alone: the formula. A packet created between two edges waits for the next. */
START_TEST(zero_load_latency) {
    struct noc_network_spec spec;
    noc_network_defaults(&spec);
    uint32_t divider = (uint32_t)_i;
    struct noc_injection packet[PACKETS];
    static struct noc_record record[PACKETS];
    for (uint32_t i = 0; i < PACKETS; i++)
        packet[i] = (struct noc_injection){.cycle = i * 500, .src = i % 64, .dst = i * 7 % 64,
                                           .size = 1 + i % 4};
    replay(&spec, divider, packet, 1, record);
    for (uint32_t i = 0; i < PACKETS; i++)
        ck_assert_uint_eq(record[i].tail - packet[i].cycle * divider,
                          divider * noc_network_zero_load(&(struct noc_network_spec){
                                                              .clock_divider = 1,
                                                              .link_latency = spec.link_latency,
                                                              .terminal_latency = spec.terminal_latency,
                                                              .router = spec.router,
                                                          },
                                                          record[i].hops, packet[i].size));
}
END_TEST

START_TEST(edges) {
    ck_assert_uint_eq(noc_divider_edge(0, 3), 0);
    ck_assert_uint_eq(noc_divider_edge(1, 3), 3);
    ck_assert_uint_eq(noc_divider_edge(3, 3), 3);
    ck_assert_uint_eq(noc_divider_edge(4, 3), 6);
    ck_assert_uint_eq(noc_divider_edge(SIM_NEVER, 3), SIM_NEVER);
}
END_TEST

START_TEST(what_is_too_slow_is_refused) {
    struct noc_network_spec spec;
    struct noc_network network;
    struct sim_arena arena;
    struct sim_err err;
    sim_arena_init(&arena);
    sim_err_init(&err);
    noc_network_defaults(&spec);
    spec.clock_divider = 40; /* 3 + 3 cycles of 40 are possible, 6 of them are not */
    ck_assert(noc_network_build(&network, &spec, NULL, &arena, &err));
    spec.link_latency = 5;
    ck_assert(!noc_network_build(&network, &spec, NULL, &arena, &err));
    ck_assert_ptr_nonnull(strstr(err.message[0], "clock_divider 40"));
    sim_err_release(&err);
    sim_arena_release(&arena);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("clock divider");
    TCase *divider = suite_case(suite, "divider");
    tcase_set_timeout(divider, 60);
    tcase_add_loop_test(divider, a_divided_network_is_as_many_times_slower, 0, 60);
    tcase_add_loop_test(divider, zero_load_latency, 1, 5);
    tcase_add_test(divider, edges);
    tcase_add_test(divider, what_is_too_slow_is_refused);
    return suite_run(suite);
}

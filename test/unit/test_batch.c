/* SPDX-License-Identifier: MIT
 *
 * Routers stepped together against the same routers stepped one by one, packet by packet: random meshes, on
 * every vector code of the processor; and which networks can be stepped together.
 */
#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/base/lanes.h"
#include "sim/base/rng.h"
#include "test/suite.h"
#include "test/unit/network_form.h"

#include <stdlib.h>

static uint32_t between(uint64_t *rng, uint32_t least, uint32_t most) {
    return least + (uint32_t)sim_rng_below(rng, most - least + 1);
}

static void draw_network(uint64_t *rng, struct noc_network_spec *spec) {
    static const char *const size[] = {"4x4", "7x5", "3x9", "17", "1", "2x1", "16x3"};
    noc_network_defaults(spec);
    spec->size = size[between(rng, 0, 6)];
    spec->concentration = between(rng, 1, 4);
    spec->router.vcs = between(rng, 1, 4);
    spec->router.buffer_flits = between(rng, 1, 20);
    spec->router.credit_delay = between(rng, 0, 3);
    spec->router.traversal_delay = between(rng, 0, 3);
    spec->link_latency = between(rng, 1, 5);
    spec->terminal_latency = between(rng, 1, 5);
}

static void compare(uint64_t *rng, const struct noc_network_spec *spec) {
    struct noc_traffic_spec traffic = {
        .rate = 0.02 + 0.98 * sim_rng_real(rng),
        .packet = between(rng, 1, 8),
        .self = true,
        .hotspot = "0:1",
        .pattern = between(rng, 0, 3) == 0 ? NOC_PATTERN_HOTSPOT : NOC_PATTERN_UNIFORM,
        .seed = *rng,
    };
    struct network_outcome one_by_one = network_form_run(spec, &traffic, NETWORK_GENERAL, SIM_ORDER_SPARSE);
    for (enum sim_order order = 0; order < SIM_ORDER_COUNT; order++) {
        struct network_outcome together = network_form_run(spec, &traffic, NETWORK_TOGETHER, order);
        ck_assert_uint_eq(together.hash, one_by_one.hash);
        ck_assert_uint_eq(together.end, one_by_one.end);
        for (uint32_t e = 0; e < NOC_ROUTER_EVENT_COUNT; e++)
            ck_assert_uint_eq(together.count[e], one_by_one.count[e]);
    }
}

#define CODES SIM_LANES_VARIANTS

/* Each case is a process of its own, so each can choose its vector code. */
START_TEST(routers_together_do_the_same) {
    const struct sim_lanes *lanes = sim_lanes_variant((uint32_t)_i % CODES);
    uint64_t rng = sim_rng_stream(29, (uint64_t)_i / CODES);
    struct noc_network_spec spec;
    if (lanes == NULL)
        return; /* this processor cannot */
    draw_network(&rng, &spec);
    setenv("NOCSIM_SIMD", lanes->name, 1);
    compare(&rng, &spec);
}
END_TEST

/* Eight VCs, of a router with three or four ports. */
START_TEST(many_virtual_channels) {
    uint64_t rng = sim_rng_stream(31, (uint64_t)_i);
    struct noc_network_spec spec;
    const struct sim_lanes *lanes = sim_lanes_variant((uint32_t)_i % CODES);
    if (lanes == NULL)
        return;
    draw_network(&rng, &spec);
    spec.size = "11";
    spec.concentration = between(&rng, 1, 2);
    spec.router.vcs = between(&rng, 5, 8);
    setenv("NOCSIM_SIMD", lanes->name, 1);
    compare(&rng, &spec);
}
END_TEST

static bool fits(const struct noc_network_spec *spec) {
    struct noc_network network;
    struct sim_arena arena;
    struct sim_err err;
    sim_err_init(&err);
    sim_arena_init(&arena);
    ck_assert(noc_network_build(&network, spec, NULL, &arena, &err));
    bool together = noc_network_together(&network);
    sim_arena_release(&arena);
    sim_err_release(&err);
    return together;
}

#define ck_assert_together(wanted, change)                                                         \
    do {                                                                                           \
        struct noc_network_spec spec;                                                              \
        noc_network_defaults(&spec);                                                               \
        change;                                                                                    \
        ck_assert(fits(&spec) == (wanted));                                                        \
    } while (0)

START_TEST(who_can_be_stepped_together) {
    ck_assert_together(true, (void)0);
    ck_assert_together(true, spec.chip_size = 4; spec.boundary_latency = spec.link_latency);
    ck_assert_together(false, spec.chip_size = 4); /* links of two latencies */
    ck_assert_together(false, spec.topology = NOC_TOPOLOGY_TORUS);
    ck_assert_together(false, spec.size = "3x3x3");
    ck_assert_together(false, spec.routing = NOC_ROUTING_YX);
    ck_assert_together(false, spec.clock_divider = 2);
    ck_assert_together(false, spec.link_payload = NOC_PAYLOAD_AVERAGE + 1);
    ck_assert_together(false, spec.router.vcs = 8);
    ck_assert_together(false, spec.router.buffer_flits = 128);
    ck_assert_together(false, spec.router.iterations = 2);
    ck_assert_together(false, spec.router.flow_control = NOC_FLOW_CUT_THROUGH);
    ck_assert_together(false, spec.router.speculative = true);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("batch");
    TCase *same = suite_case(suite, "same");
    tcase_set_timeout(same, 120);
    tcase_add_loop_test(same, routers_together_do_the_same, 0, CODES * 40);
    tcase_add_loop_test(same, many_virtual_channels, 0, CODES * 6);
    TCase *who = suite_case(suite, "who");
    tcase_add_test(who, who_can_be_stepped_together);
    return suite_run(suite);
}

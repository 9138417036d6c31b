/* SPDX-License-Identifier: MIT
 *
 * Several threads step one packet network: the serial run, bit for bit, over random networks, orders and
 * numbers of threads; the watchdog, the end of work, and idle stretches of any length.
 */
#include "noc/traffic/run.h"
#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/base/rng.h"
#include "sim/kernel/kernel.h"
#include "sim/kernel/shards.h"
#include "test/suite.h"

#include <stdlib.h>
#include <string.h>

#define SEEDS 24

static uint32_t draw(uint64_t *rng, uint32_t n) { return (uint32_t)sim_rng_below(rng, n); }

/* ---- measurements ------------------------------------------------------------------------------- */

static void draw_network(struct noc_network_spec *spec, uint64_t *rng) {
    static const char *const grid[] = {"4x4", "3x5", "9", "2x2x3", "8x6"};
    static const char *const edges[] = {"0-1", "0-1, 0-2:7, 0-3, 3-4, 1-4:2, 2-4"};
    noc_network_defaults(spec);
    spec->topology = (int)draw(rng, NOC_TOPOLOGY_COUNT);
    spec->size = spec->topology == NOC_TOPOLOGY_FAT_TREE ? "2x3" : grid[draw(rng, 5)];
    spec->edges = spec->topology == NOC_TOPOLOGY_GRAPH ? edges[draw(rng, 2)] : "";
    spec->routing = (int)draw(rng, NOC_ROUTING_COUNT);
    spec->concentration = 1 + draw(rng, 2);
    spec->link_latency = 1 + draw(rng, 3);
    spec->clock_divider = 1 + draw(rng, 4) / 3;
    spec->chip_size = draw(rng, 3) == 0 ? 2 : 0;
    spec->router.vcs = 1u << draw(rng, 4);
    spec->router.buffer_flits = 1 + draw(rng, 8);
    spec->router.lookahead = draw(rng, 3) > 0;
    spec->router.traversal_delay = draw(rng, 3);
    spec->router.credit_delay = draw(rng, 3);
    spec->router.vc_alloc_delay = 1 + draw(rng, 4) / 3;
    spec->router.flow_control = (int)draw(rng, 6);
    if (spec->router.flow_control > NOC_FLOW_DEFLECTION)
        spec->router.flow_control = NOC_FLOW_WORMHOLE;
}

static bool measure(const struct noc_run_spec *run, const struct noc_network_spec *network,
                    const struct noc_traffic_spec *traffic, uint32_t threads, struct noc_run_result *result,
                    struct sim_err *err) {
    struct noc_run_spec spec = *run;
    spec.threads = threads;
    return noc_traffic_run(&spec, network, traffic, NULL, result, err);
}

static void compare(const struct noc_run_result *a, const struct noc_run_result *b, int seed,
                    uint32_t threads) {
    struct noc_run_result x = *a, y = *b;
    ck_assert_msg(memcmp(a->statistics, b->statistics, sizeof *a->statistics) == 0,
                  "seed %d, %u threads: other statistics", seed, threads);
    ck_assert_uint_eq(a->links, b->links);
    for (uint32_t i = 0; i < a->links; i++)
        ck_assert_msg(a->link[i].load == b->link[i].load, "seed %d, %u threads: link %u", seed, threads, i);
    x.link = y.link = NULL;
    x.statistics = y.statistics = NULL;
    x.steps = y.steps = x.bytes_per_router = y.bytes_per_router = 0; /* the serial run may have a batch */
    ck_assert_msg(memcmp(&x, &y, sizeof x) == 0, "seed %d, %u threads: other results", seed, threads);
}

/* Draws what can be measured; what is refused is drawn again. */
START_TEST(any_number_of_threads) {
    static const uint32_t threads[] = {2, 3, 7};
    uint64_t rng = (uint64_t)_i;
    struct noc_network_spec network;
    struct noc_traffic_spec traffic;
    struct noc_run_spec run;
    struct noc_run_result serial = {.link = NULL}, result;
    struct sim_err err;
    sim_err_init(&err);
    for (bool drawn = false; !drawn;) {
        draw_network(&network, &rng);
        bool single = network.router.flow_control != NOC_FLOW_WORMHOLE;
        traffic = (struct noc_traffic_spec){.pattern = draw(&rng, 2) == 0 ? NOC_PATTERN_UNIFORM
                                                                           : NOC_PATTERN_NEIGHBOUR,
                                            .packet = single ? 1 : 1 + draw(&rng, 5),
                                            .self = true,
                                            .hotspot = "",
                                            .seed = sim_rng_next(&rng)};
        traffic.rate = (const double[]){0.0005, 0.02, 0.1, 0.4}[draw(&rng, 4)];
        run = (struct noc_run_spec){.warmup = draw(&rng, 2) * 50,
                                    .cycles = 100 + draw(&rng, 200),
                                    .cycles_max = 2000,
                                    .order = (int)draw(&rng, 5),
                                    .audit = draw(&rng, 3) == 0 ? 77 : 0};
        run.order = run.order < SIM_ORDER_COUNT ? run.order : SIM_ORDER_SPARSE;
        drawn = noc_router_schema.check(&network.router, NULL, &err) &&
                measure(&run, &network, &traffic, 1, &serial, &err);
        if (!drawn)
            noc_run_result_release(&serial);
        sim_err_release(&err);
    }
    for (size_t k = 0; k < sizeof threads / sizeof *threads; k++) {
        ck_assert(measure(&run, &network, &traffic, threads[k], &result, &err));
        compare(&serial, &result, _i, threads[k]);
        noc_run_result_release(&result);
    }
    noc_run_result_release(&serial);
    sim_err_release(&err);
}
END_TEST

/* A ring of shortest paths can deadlock, and does. */
START_TEST(watchdog) {
    struct noc_network_spec network;
    struct noc_traffic_spec traffic = {
        .pattern = NOC_PATTERN_UNIFORM, .rate = 1, .packet = 8, .self = true, .hotspot = "", .seed = 1};
    struct noc_run_spec run = {.warmup = 3000, .cycles = 3000, .watchdog = 300};
    char stuck[2][256];
    noc_network_defaults(&network);
    network.topology = NOC_TOPOLOGY_GRAPH;
    network.edges = "0-1, 1-2, 2-3, 3-4, 4-5, 5-6, 6-7, 7-0";
    network.routing = NOC_ROUTING_TABLE;
    network.router.vcs = 1;
    network.router.buffer_flits = 1;
    network.check_deadlock = false;
    for (uint32_t k = 0; k < 2; k++) {
        struct noc_run_result result;
        struct sim_err err;
        char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);
        sim_err_init(&err);
        ck_assert(!measure(&run, &network, &traffic, 1 + 2 * k, &result, &err));
        sim_err_print(&err, out);
        fclose(out);
        snprintf(stuck[k], sizeof stuck[k], "%s", text);
        free(text);
        noc_run_result_release(&result);
        sim_err_release(&err);
    }
    ck_assert_ptr_nonnull(strstr(stuck[0], "the network is stuck"));
    ck_assert_str_eq(stuck[0], stuck[1]);
}
END_TEST

/* ---- work that ends ----------------------------------------------------------------------------- */

#define PACKETS 12u
#define TERMINALS 12u

/* Each terminal's packets, further and further apart. */
struct ledger {
    uint32_t sent[TERMINALS];
    sim_cycle arrived[TERMINALS]; /* sum of the cycles */
};

static bool next_packet(void *self, uint32_t terminal, struct noc_packet *packet) {
    struct ledger *l = self;
    uint32_t k = l->sent[terminal]++;
    *packet = (struct noc_packet){.created = (UINT64_C(1) << (k + terminal / 4)) * 5,
                                  .dst = (terminal * 5 + k) % TERMINALS,
                                  .size = 1 + k % 3};
    return k < PACKETS;
}

static void packet_sent(void *self, uint32_t terminal, const struct noc_packet *packet, sim_cycle now) {
    (void)self;
    (void)terminal;
    ck_assert_uint_le(packet->created, now);
}

static void packet_arrived(void *self, uint32_t terminal, const struct noc_arrival *arrival, sim_cycle now) {
    struct ledger *l = self;
    l->arrived[terminal] += arrival->tail ? now : 0;
}

/* In pieces of `piece` cycles: a run that ends within an idle stretch goes on as if it had not. */
static sim_cycle run_to_end(uint32_t shards, sim_cycle piece, struct ledger *ledger, uint64_t *steps) {
    struct sim_arena arena;
    struct sim_kernel kernel;
    struct noc_network network;
    struct noc_network_spec spec;
    struct sim_err err;
    struct sim_kernel_spec kernel_spec = {.order = SIM_ORDER_SPARSE};
    struct noc_client client = {
        .self = ledger, .next = next_packet, .sent = packet_sent, .arrived = packet_arrived};
    uint32_t of[2 * TERMINALS];
    sim_arena_init(&arena);
    sim_err_init(&err);
    noc_network_defaults(&spec);
    spec.size = "4x3";
    memset(ledger, 0, sizeof *ledger);
    sim_kernel_init(&kernel, &kernel_spec, &arena);
    ck_assert(noc_network_build(&network, &spec, NULL, &arena, &err));
    noc_network_assemble(&network, "noc", &client, &kernel);
    for (uint32_t id = 0; id < 2 * TERMINALS; id++)
        of[id] = id % shards;
    if (shards > 1)
        sim_shards_start(&kernel, shards, of);
    else
        sim_kernel_start(&kernel);
    while (sim_kernel_run(&kernel, kernel.now + piece) == SIM_STOP_TIME) {
    }
    ck_assert(sim_kernel_audit(&kernel, &err));
    ck_assert(noc_network_audit(&network, kernel.now, &err));
    sim_cycle end = kernel.now;
    *steps = kernel.steps;
    sim_arena_release(&arena);
    sim_err_release(&err);
    return end;
}

START_TEST(end_of_work) {
    struct ledger serial, ledger;
    uint64_t serial_steps, steps;
    sim_cycle end = run_to_end(1, 1000000, &serial, &serial_steps);
    for (uint32_t shards = 1; shards <= 6; shards++) {
        ck_assert_uint_eq(run_to_end(shards, shards % 2 == 0 ? 1000000 : 777, &ledger, &steps), end);
        ck_assert_uint_eq(steps, serial_steps);
        ck_assert_mem_eq(ledger.arrived, serial.arrived, sizeof serial.arrived);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("shards");
    tcase_add_loop_test(suite_case(suite, "the serial run"), any_number_of_threads, 0, SEEDS);
    tcase_add_test(suite_case(suite, "watchdog"), watchdog);
    tcase_add_test(suite_case(suite, "end of work"), end_of_work);
    return suite_run(suite);
}

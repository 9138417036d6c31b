/* SPDX-License-Identifier: MIT
 *
 * The address-event mesh by itself: latency of lone packets between all pairs by formula, the rate of a port,
 * fair turns, multicast trees, and random traffic with every packet accounted for.
 */
#include "noc/aer/mesh.h"
#include "sim/base/err.h"
#include "sim/base/rng.h"
#include "sim/kernel/kernel.h"
#include "test/suite.h"

#include <stdlib.h>
#include <string.h>

#define ROWS 3u
#define COLS 4u
#define EACH 2u /* terminals at a router */
#define TERMINALS (ROWS * COLS * EACH + 1)
#define QUEUE 512u

static uint32_t draw(uint64_t *rng, uint32_t below) { return (uint32_t)sim_rng_below(rng, below); }

/* Sends what is in its queue, in order, not before its time; notes what arrives. */
struct node {
    struct sim_component base;
    struct noc_interface interface;
    struct {
        sim_cycle at;
        uint32_t dst, tag;
    } queue[QUEUE];
    uint32_t queued, sent;
    sim_cycle arrival[QUEUE];
    uint32_t tag[QUEUE], hops[QUEUE], arrivals;
};

static sim_cycle node_step(void *self, sim_cycle now) {
    struct node *n = self;
    struct noc_arrival arrival;
    if (noc_interface_receive(&n->interface, now, &arrival)) {
        n->arrival[n->arrivals] = now;
        n->hops[n->arrivals] = arrival.hops;
        n->tag[n->arrivals++] = arrival.tag;
    }
    if (n->sent == n->queued)
        return SIM_NEVER;
    if (now < n->queue[n->sent].at)
        return n->queue[n->sent].at;
    if (n->interface.left == 0)
        noc_interface_offer(
            &n->interface,
            &(struct noc_packet){.dst = n->queue[n->sent].dst, .size = 1, .tag = n->queue[n->sent].tag});
    if (noc_interface_send(&n->interface, now) == 0)
        return noc_aer_retry_at(&n->interface, now);
    n->sent++;
    return now + 1;
}

static const struct sim_type node_type = {.name = "test.node", .help = "a terminal", .step = node_step};

struct bench {
    struct sim_arena arena;
    struct sim_kernel kernel;
    struct noc_aer_mesh_spec spec;
    struct noc_aer_mesh mesh;
    struct node node[TERMINALS];
};

static const struct noc_aer_mesh_spec loihi = {.latency_x = 41,
                                               .latency_y = 65,
                                               .latency_inject = 10,
                                               .latency_deliver = 11,
                                               .credit_latency = 10,
                                               .port_cycles = 3,
                                               .buffer = 16,
                                               .clock_divider = 1};

static struct bench *bench_new(const struct noc_aer_mesh_spec *spec, uint32_t groups) {
    struct bench *b = calloc(1, sizeof *b);
    sim_arena_init(&b->arena);
    sim_kernel_init(&b->kernel, &(struct sim_kernel_spec){.order = SIM_ORDER_SPARSE}, &b->arena);
    b->spec = *spec;
    for (uint32_t t = 0; t < TERMINALS; t++)
        sim_kernel_add(&b->kernel, &b->node[t].base, &node_type, "node");
    noc_aer_mesh_build(&b->mesh, &b->spec, ROWS, COLS, EACH, groups, "noc", &b->kernel);
    ck_assert_uint_eq(b->mesh.terminals, TERMINALS);
    for (uint32_t t = 0; t < TERMINALS; t++)
        noc_aer_mesh_attach(&b->mesh, t, &b->node[t].interface, &b->node[t].base, &b->kernel);
    sim_open(&b->node[0].base); /* never at rest */
    return b;
}

static void bench_free(struct bench *b) {
    sim_arena_release(&b->arena);
    free(b);
}

static void put(struct bench *b, uint32_t from, sim_cycle at, uint32_t dst, uint32_t tag) {
    struct node *n = &b->node[from];
    ck_assert_uint_lt(n->queued, QUEUE);
    n->queue[n->queued].at = at;
    n->queue[n->queued].dst = dst;
    n->queue[n->queued++].tag = tag;
}

static void run(struct bench *b, sim_cycle until) {
    if (!b->kernel.started)
        sim_kernel_start(&b->kernel);
    sim_kernel_run(&b->kernel, until);
}

static uint32_t router_of(uint32_t terminal) { return terminal + 1 == TERMINALS ? 0 : terminal / EACH; }

static uint32_t distance(uint32_t a, uint32_t b) { return a > b ? a - b : b - a; }

static uint64_t total(const struct bench *b, uint32_t event) {
    uint64_t sum = 0;
    for (uint32_t r = 0; r < ROWS * COLS; r++)
        sum += b->mesh.router[r].base.count[event];
    return sum;
}

START_TEST(a_lone_packet_takes_the_published_time) {
    struct bench *b = bench_new(&loihi, 0);
    sim_cycle at[TERMINALS];
    uint32_t from = (uint32_t)_i;
    for (uint32_t to = 0; to < TERMINALS; to++) {
        at[to] = 1000 * (to + 1);
        put(b, from, at[to], to, to);
    }
    run(b, 100000);
    for (uint32_t to = 0; to < TERMINALS; to++) {
        uint32_t dx = distance(router_of(from) % COLS, router_of(to) % COLS);
        uint32_t dy = distance(router_of(from) / COLS, router_of(to) / COLS);
        ck_assert_uint_eq(b->node[to].arrivals, 1);
        ck_assert_uint_eq(b->node[to].tag[0], to);
        ck_assert_uint_eq(b->node[to].arrival[0], at[to] + 10 + 41 * dx + 65 * dy + 11);
        ck_assert_uint_eq(b->node[to].hops[0], dx + dy + 1);
    }
    bench_free(b);
}
END_TEST

START_TEST(hops_are_counted_by_direction) {
    struct bench *b = bench_new(&loihi, 0);
    put(b, 0, 10, EACH * 7, 0);         /* [0][0] -> [1][3]: 3 east, 1 south */
    put(b, EACH * 10, 10, EACH * 1, 0); /* [2][2] -> [0][1]: 1 west, 2 north */
    run(b, 10000);
    ck_assert_uint_eq(total(b, NOC_AER_ROUTER_LINK_EAST), 3);
    ck_assert_uint_eq(total(b, NOC_AER_ROUTER_LINK_SOUTH), 1);
    ck_assert_uint_eq(total(b, NOC_AER_ROUTER_LINK_WEST), 1);
    ck_assert_uint_eq(total(b, NOC_AER_ROUTER_LINK_NORTH), 2);
    ck_assert_uint_eq(total(b, NOC_AER_ROUTER_DELIVER), 2);
    ck_assert_uint_eq(total(b, NOC_AER_ROUTER_ROUTE), 5 + 4);
    bench_free(b);
}
END_TEST

START_TEST(a_port_takes_a_packet_every_port_cycles) {
    struct noc_aer_mesh_spec spec = loihi;
    spec.clock_divider = 1 + (uint32_t)_i;
    spec.latency_x = spec.latency_y = 5;
    struct bench *b = bench_new(&spec, 0);
    for (uint32_t i = 0; i < 40; i++) {
        put(b, 0, 12, 1, i);          /* a core of the same tile, */
        put(b, EACH, 12, 1, 100 + i); /* and one of the next: in turn */
    }
    run(b, 100000);
    const struct node *n = &b->node[1];
    ck_assert_uint_eq(n->arrivals, 80);
    uint32_t local = 0;
    for (uint32_t i = 1; i < 80; i++)
        ck_assert_uint_eq(n->arrival[i] - n->arrival[i - 1], 3 * spec.clock_divider);
    for (uint32_t i = 20; i < 40; i++)
        local += n->tag[i] < 100;
    ck_assert_uint_ge(local, 9); /* both take turns */
    ck_assert_uint_le(local, 11);
    bench_free(b);
}
END_TEST

START_TEST(a_tree_gives_each_member_one_copy) {
    uint64_t rng = sim_rng_stream((uint64_t)_i, 1);
    struct noc_aer_mesh_spec spec = loihi;
    spec.buffer = 1 + draw(&rng, 3);
    spec.multicast = NOC_MULTICAST_TREE;
    struct bench *b = bench_new(&spec, 2);
    uint32_t member[TERMINALS], members[2] = {0}, packets = 30, source[2];
    bool in[2][TERMINALS] = {{false}};
    for (uint32_t g = 0; g < 2; g++) {
        source[g] = draw(&rng, TERMINALS);
        for (uint32_t t = 0; t < TERMINALS; t++)
            if (draw(&rng, 2)) {
                member[members[g]++] = t;
                in[g][t] = true;
            }
        noc_aer_mesh_group(&b->mesh, g, source[g], member, members[g]);
        ck_assert_uint_eq(b->mesh.fan_out[g], members[g]);
    }
    for (uint32_t g = 0; g < 2; g++)
        for (uint32_t i = 0; i < packets && members[g] > 0; i++)
            put(b, source[g], 10, NOC_GROUP | g, 1000 * g + i);
    run(b, 200000);
    for (uint32_t t = 0; t < TERMINALS; t++) {
        uint32_t next[2] = {0};
        ck_assert_uint_eq(b->node[t].arrivals, packets * (in[0][t] + in[1][t]));
        for (uint32_t i = 0; i < b->node[t].arrivals; i++) {
            uint32_t g = b->node[t].tag[i] / 1000;
            ck_assert_uint_eq(b->node[t].tag[i] % 1000, next[g]++); /* in order */
        }
    }
    ck_assert_uint_eq(noc_aer_mesh_underway(&b->mesh), 0);
    bench_free(b);
}
END_TEST

START_TEST(nothing_is_lost_under_load) {
    uint64_t rng = sim_rng_stream((uint64_t)_i, 2);
    struct noc_aer_mesh_spec spec = {.latency_x = 1 + draw(&rng, 9),
                                     .latency_y = 1 + draw(&rng, 9),
                                     .latency_inject = 1 + draw(&rng, 3),
                                     .latency_deliver = 1 + draw(&rng, 3),
                                     .credit_latency = 1 + draw(&rng, 9),
                                     .port_cycles = 1 + draw(&rng, 3),
                                     .buffer = 1 + draw(&rng, 4),
                                     .clock_divider = 1 + draw(&rng, 3)};
    struct bench *b = bench_new(&spec, 0);
    uint32_t expected[TERMINALS] = {0};
    for (uint32_t i = 0; i < 3000; i++) {
        uint32_t from = draw(&rng, TERMINALS), to = draw(&rng, 3) ? draw(&rng, TERMINALS) : 5;
        if (expected[to] == QUEUE || b->node[from].queued == QUEUE)
            continue;
        expected[to]++;
        put(b, from, 1, to, to);
    }
    struct sim_err err;
    sim_err_init(&err);
    uint64_t underway = 0;
    for (sim_cycle until = 50; until < 60000; until += until < 3000 ? 50 : 3000) {
        run(b, until);
        uint64_t sent = 0, arrived = 0;
        for (uint32_t t = 0; t < TERMINALS; t++) {
            sent += b->node[t].sent;
            arrived += b->node[t].arrivals;
        }
        bool sound = noc_aer_mesh_audit(&b->mesh, until, &err) && sim_kernel_audit(&b->kernel, &err);
        sim_err_print(&err, stderr);
        ck_assert(sound);
        underway = noc_aer_mesh_underway(&b->mesh);
        ck_assert_uint_eq(sent, arrived + underway);
    }
    ck_assert_uint_eq(underway, 0);
    for (uint32_t t = 0; t < TERMINALS; t++) {
        ck_assert_uint_eq(b->node[t].arrivals, expected[t]);
        for (uint32_t i = 0; i < expected[t]; i++)
            ck_assert_uint_eq(b->node[t].tag[i], t);
    }
    sim_err_release(&err);
    bench_free(b);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("address-event mesh");
    TCase *latency = suite_case(suite, "latency"), *ports = suite_case(suite, "ports");
    TCase *multicast = suite_case(suite, "multicast"), *load = suite_case(suite, "load");
    tcase_add_loop_test(latency, a_lone_packet_takes_the_published_time, 0, (int)TERMINALS);
    tcase_add_test(latency, hops_are_counted_by_direction);
    tcase_add_loop_test(ports, a_port_takes_a_packet_every_port_cycles, 0, 4);
    tcase_add_loop_test(multicast, a_tree_gives_each_member_one_copy, 0, 40);
    tcase_add_loop_test(load, nothing_is_lost_under_load, 0, 40);
    return suite_run(suite);
}

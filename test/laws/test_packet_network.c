/* SPDX-License-Identifier: MIT
 *
 * The laws over random packet networks: topologies, routing functions, router pipelines and traffic drawn
 * from the seed, with multicast trees where they are safe; every network carries a number of packets and then
 * comes to rest.
 */
#include "noc/network/network.h"
#include "noc/router/stages.h"
#include "noc/traffic/traffic.h"
#include "sim/base/err.h"
#include "sim/base/rng.h"
#include "test/laws/harness.h"

#include <string.h>

/* The client's notes are kept apart for each terminal. */
struct ledger {
    uint32_t left; /* packets to be created */
    uint32_t sent, arrived;
    uint64_t latency; /* of all arrivals, from creation */
};

struct system {
    struct noc_network_spec spec;
    struct noc_traffic_spec traffic_spec;
    struct noc_network network;
    struct noc_traffic traffic;
    struct noc_client client;
    struct ledger *ledger; /* [terminal] */
    uint32_t *group;       /* [terminal] destination of its multicast packets; NULL: no multicast */
};

static bool next_packet(void *self, uint32_t terminal, struct noc_packet *packet) {
    struct system *s = self;
    if (s->ledger[terminal].left == 0)
        return false;
    s->ledger[terminal].left--;
    noc_traffic_next(&s->traffic, terminal, packet);
    if (s->group != NULL && packet->created % 3 == 0)
        packet->dst = s->group[terminal];
    return true;
}

static void packet_sent(void *self, uint32_t terminal, const struct noc_packet *packet, sim_cycle now) {
    struct system *s = self;
    ck_assert_uint_le(packet->created, now);
    s->ledger[terminal].sent += noc_trees_leaves(&s->network.trees, packet->dst);
}

static void packet_arrived(void *self, uint32_t terminal, const struct noc_arrival *arrival, sim_cycle now) {
    struct system *s = self;
    if (arrival->tail) {
        s->ledger[terminal].arrived++;
        s->ledger[terminal].latency += (uint32_t)now - arrival->tag;
    }
}

static uint32_t draw(uint64_t *rng, uint32_t n) { return (uint32_t)sim_rng_below(rng, n); }

static const char *draw_size(uint64_t *rng, enum noc_topology_kind kind) {
    static const char *const grid[] = {"2x2", "4x4", "3x2", "5", "2x2x2", "4x3"};
    static const char *const tree[] = {"2x2", "2x3", "3x2", "4x2"};
    return kind == NOC_TOPOLOGY_FAT_TREE ? tree[draw(rng, 4)] : grid[draw(rng, 6)];
}

static void draw_spec(struct noc_network_spec *spec, uint64_t *rng) {
    static const char *const edges[] = {"0-1", "0-1, 1-2:3, 2-0", "0-1, 0-2:7, 0-3, 3-4, 1-4:2, 2-4",
                                        "0-1, 1-2, 2-3, 3-4, 4-0:5"};
    noc_network_defaults(spec);
    spec->topology = (int)draw(rng, NOC_TOPOLOGY_COUNT);
    spec->size = draw_size(rng, (enum noc_topology_kind)spec->topology);
    spec->edges = spec->topology == NOC_TOPOLOGY_GRAPH ? edges[draw(rng, 4)] : "";
    spec->routing = (int)draw(rng, NOC_ROUTING_COUNT);
    spec->concentration = 1 + draw(rng, 2);
    spec->link_latency = 1 + draw(rng, draw(rng, 3) == 0 ? 20 : 2);
    spec->terminal_latency = 1 + draw(rng, 3);
    spec->clock_divider = draw(rng, 3) == 0 ? 2 + draw(rng, 3) : 1;
    spec->link_payload = draw(rng, 3) == 0 ? 1 + (int)draw(rng, 2) : NOC_PAYLOAD_AVERAGE;
    spec->chip_size = draw(rng, 3) == 0 ? 2 : 0;
    spec->boundary_latency = 1 + draw(rng, 9);
    spec->boundary_bits = draw(rng, 2) == 0 ? 9 + draw(rng, 60) : 0;
    struct noc_router_spec *r = &spec->router;
    r->vcs = 1 + draw(rng, 6);
    r->buffer_flits = 1 + draw(rng, 8);
    r->lookahead = draw(rng, 2) == 0;
    r->speculative = draw(rng, 2) == 0;
    r->routing_delay = 1 + draw(rng, 2);
    r->vc_alloc_delay = 1 + draw(rng, 3);
    r->switch_alloc_delay = 1 + draw(rng, 3);
    r->traversal_delay = 1 + draw(rng, 2);
    r->credit_delay = 1 + draw(rng, 2);
    if (draw(rng, 2) == 0)
        r->vc_alloc_delay = r->switch_alloc_delay = r->traversal_delay = r->credit_delay = 1;
    r->vc_allocator = (int)draw(rng, NOC_ALLOCATOR_COUNT);
    r->switch_allocator = (int)draw(rng, NOC_ALLOCATOR_COUNT);
    r->arbiter = (int)draw(rng, NOC_ARBITER_COUNT);
    r->iterations = 1 + draw(rng, 2);
    r->flow_control = (int)draw(rng, NOC_FLOW_COUNT);
    if (r->flow_control == NOC_FLOW_DEFLECTION) {
        *r = (struct noc_router_spec){.vcs = 1,
                                      .buffer_flits = r->buffer_flits,
                                      .flit_bits = r->flit_bits,
                                      .lookahead = true,
                                      .routing_delay = 1,
                                      .vc_alloc_delay = 1,
                                      .switch_alloc_delay = 1,
                                      .traversal_delay = 1,
                                      .credit_delay = 1,
                                      .iterations = 1,
                                      .flow_control = NOC_FLOW_DEFLECTION};
    }
}

static void draw_traffic(struct noc_traffic_spec *spec, uint64_t *rng, uint32_t longest) {
    static const double rates[] = {0.001, 0.01, 0.1, 0.3, 0.9};
    spec->pattern = NOC_PATTERN_UNIFORM;
    spec->self = draw(rng, 2) == 0;
    spec->rate = rates[draw(rng, 5)];
    spec->packet = 1 + draw(rng, longest);
    spec->hotspot = "";
    spec->seed = sim_rng_next(rng);
}

/* A tree from every terminal to some others, itself included now and then. */
static void draw_groups(struct system *s, uint64_t *rng, struct sim_arena *arena) {
    uint32_t terminals = s->network.topology.terminals, *member = SIM_NEW_ARRAY(arena, uint32_t, terminals);
    noc_network_multicast(&s->network, arena);
    s->group = SIM_NEW_ARRAY(arena, uint32_t, terminals);
    for (uint32_t t = 0; t < terminals; t++) {
        uint32_t members = 0, odds = 1 + draw(rng, 4);
        for (uint32_t m = 0; m < terminals; m++)
            if (m == t + 1 || draw(rng, odds) == 0)
                member[members++] = m;
        s->group[t] = members > 0 ? noc_network_tree(&s->network, t, member, members, arena) : t;
    }
}

/* Draws until the parts fit together; what is refused stays in the arena. */
static void *build(struct sim_kernel *kernel, uint64_t seed) {
    uint64_t rng = seed;
    struct sim_err err;
    sim_err_init(&err);
    struct system *s;
    bool fits;
    do {
        sim_err_release(&err);
        s = SIM_NEW(kernel->arena, struct system);
        draw_spec(&s->spec, &rng);
        bool whole = s->spec.router.flow_control == NOC_FLOW_CUT_THROUGH; /* a FIFO takes a whole packet */
        bool single = s->spec.router.flow_control == NOC_FLOW_DEFLECTION;
        draw_traffic(&s->traffic_spec, &rng, whole ? s->spec.router.buffer_flits : single ? 1 : 8);
        fits = noc_router_schema.check(&s->spec.router, NULL, &err) &&
               noc_network_build(&s->network, &s->spec, NULL, kernel->arena, &err) &&
               s->network.topology.routers > 1 &&
               noc_traffic_init(&s->traffic, &s->traffic_spec, &s->network.topology,
                                s->network.routing.entries, NULL, kernel->arena, &err);
    } while (!fits);
    sim_err_release(&err);
    s->ledger = SIM_NEW_ARRAY(kernel->arena, struct ledger, s->network.topology.terminals);
    uint32_t most = s->traffic_spec.rate < 0.05 ? 5 : 60;
    for (uint32_t t = 0; t < s->network.topology.terminals; t++)
        s->ledger[t].left = draw(&rng, most);
    s->client =
        (struct noc_client){.self = s, .next = next_packet, .sent = packet_sent, .arrived = packet_arrived};
    noc_network_assemble(&s->network, "noc", &s->client, kernel);
    if (noc_router_replicates(&s->spec.router, s->traffic_spec.packet) && draw(&rng, 3) > 0)
        draw_groups(s, &rng, kernel->arena);
    return s;
}

/* What a router notes down within a cycle. */
static void tidy(struct sim_kernel *kernel) {
    for (uint32_t id = 0; id < kernel->components; id++) {
        struct noc_router *r = (struct noc_router *)kernel->component[id];
        if (r->base.type->name != noc_router_type.name)
            continue;
        memset(r->set + NOC_SET_ELIGIBLE * r->words, 0, r->words * sizeof *r->set);
        if (r->stages != NULL) {
            memset(r->stages->asked, 0, r->words * sizeof *r->stages->asked);
            memset(r->stages->asked_ports, 0, r->codes * sizeof *r->stages->asked_ports);
        }
    }
}

static bool audit(const void *self, const struct sim_kernel *kernel, struct sim_err *err) {
    const struct system *s = self;
    return noc_network_audit(&s->network, kernel->now, err);
}

/* Packets: what has been sent and has not arrived is inside, and is the work left, with that of the sources.
 */
static bool conservation(const void *self, const struct sim_kernel *kernel, struct sim_err *err) {
    const struct system *s = self;
    if (!audit(self, kernel, err))
        return false;
    uint64_t sent = 0, arrived = 0;
    for (uint32_t t = 0; t < s->network.topology.terminals; t++) {
        sent += s->ledger[t].sent;
        arrived += s->ledger[t].arrived;
    }
    if (s->group != NULL) {
        uint64_t underway = noc_network_underway(&s->network);
        for (uint32_t t = 0; t < s->network.topology.terminals; t++) {
            const struct noc_terminal *terminal = &s->network.terminal[t];
            bool headed = terminal->interface.left != 0 && terminal->interface.headed;
            if (terminal->pending && !headed)
                underway -= noc_trees_leaves(&s->network.trees, terminal->packet.dst);
        }
        if (sent != arrived + underway)
            return sim_err_add(err, SIM_EXIT_STOPPED, NULL, "at %d: %d copies sent, %d arrived, %d underway",
                               (int)kernel->now, (int)sent, (int)arrived, (int)underway);
        return true;
    }
    if (arrived > sent || sent - arrived > kernel->wheel.open)
        return sim_err_add(err, SIM_EXIT_STOPPED, NULL, "at %d: %d packets sent, %d arrived, %d open",
                           (int)kernel->now, (int)sent, (int)arrived, (int)kernel->wheel.open);
    return true;
}

static const struct law_subject networks = {
    .name = "packet networks",
    .build = build,
    .tidy = tidy,
    .credits = audit,
    .conservation = conservation,
    .cycles = 4000,
    .watchdog = 200000,
    .shared_ends = true,
};

/* Every network comes to rest with every packet delivered. */
START_TEST(all_packets_arrive) {
    struct law_run run;
    law_run_open(&run, &networks, (uint64_t)_i, SIM_ORDER_SPARSE);
    enum sim_stop stop = sim_kernel_run(&run.kernel, 10000000);
    if (stop != SIM_STOP_FINISHED) {
        sim_kernel_explain(&run.kernel, stdout);
        law_fail(&run, "stops for reason %d", (int)stop);
    }
    const struct system *s = run.system;
    uint64_t sent = 0, arrived = 0;
    for (uint32_t t = 0; t < s->network.topology.terminals; t++) {
        ck_assert_uint_eq(s->ledger[t].left, 0);
        sent += s->ledger[t].sent;
        arrived += s->ledger[t].arrived;
    }
    ck_assert_uint_eq(sent, arrived);
    law_run_close(&run);
}
END_TEST

/* The draw reaches every topology, routing function, pipeline and kind of event. */
START_TEST(the_networks_are_alive) {
    uint32_t topology[NOC_TOPOLOGY_COUNT] = {0}, routing[NOC_ROUTING_COUNT] = {0}, flow[NOC_FLOW_COUNT] = {0};
    uint64_t count[NOC_ROUTER_EVENT_COUNT] = {0}, copied = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct law_run run;
        law_run_open(&run, &networks, seed, SIM_ORDER_SPARSE);
        sim_kernel_run(&run.kernel, networks.cycles);
        sim_kernel_settle(&run.kernel);
        const struct system *s = run.system;
        topology[s->spec.topology]++;
        routing[s->spec.routing]++;
        flow[s->spec.router.flow_control]++;
        for (uint32_t r = 0; r < s->network.topology.routers; r++)
            copied += noc_router_copied(&s->network.router[r]);
        for (uint32_t r = 0; r < s->network.topology.routers; r++)
            for (int event = 0; event < NOC_ROUTER_EVENT_COUNT; event++)
                count[event] += s->network.router[r].base.count[event];
        law_run_close(&run);
    }
    ck_assert_uint_gt(copied, 1000);
    for (int i = 0; i < NOC_TOPOLOGY_COUNT; i++)
        ck_assert_msg(topology[i] > 0, "topology %d is never drawn", i);
    for (int i = 0; i < NOC_ROUTING_COUNT; i++)
        ck_assert_msg(routing[i] > 0, "routing function %d is never drawn", i);
    for (int i = 0; i < NOC_FLOW_COUNT; i++)
        ck_assert_msg(flow[i] > 0, "flow control %d is never drawn", i);
    for (int event = 0; event < NOC_ROUTER_EVENT_COUNT; event++)
        if (event != NOC_ROUTER_BOUNDARY_BIT)
            ck_assert_msg(count[event] > 100, "%s occurs %d times", noc_router_type.events[event].name,
                          (int)count[event]);
}
END_TEST

int main(void) {
    Suite *suite = suite_create(networks.name);
    law_add(suite, &networks);
    TCase *rest = suite_case(suite, "rest");
    tcase_set_timeout(rest, 60);
    tcase_add_loop_test(rest, all_packets_arrive, 0, 40);
    tcase_add_test(rest, the_networks_are_alive);
    return suite_run(suite);
}

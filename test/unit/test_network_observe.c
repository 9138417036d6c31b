/* SPDX-License-Identifier: MIT
 *
 * Observed networks: the same packets at the same cycles as in a measurement or a replay that nobody looks
 * at.
 */
#include "noc/network/static.h"
#include "noc/traffic/replay.h"
#include "noc/traffic/run.h"
#include "noc/watch/network_watch.h"
#include "sim/base/err.h"
#include "test/suite.h"

#define PACKETS 400

static struct noc_network_spec network;
static struct noc_injection injection[PACKETS];
static struct noc_trace trace = {.path = "(drawn)", .packet = injection, .count = PACKETS};
static struct sim_err err;

static void setup(void) {
    noc_network_defaults(&network);
    network.size = "4x4";
    network.router.vcs = 2;
    network.router.buffer_flits = 4;
    uint64_t draw = 1;
    for (uint32_t i = 0; i < PACKETS; i++) {
        draw = draw * UINT64_C(6364136223846793005) + 1442695040888963407;
        injection[i] = (struct noc_injection){.cycle = i / 3,
                                              .src = draw >> 40 & 15,
                                              .dst = draw >> 50 & 15,
                                              .size = 1 + (uint32_t)(draw >> 60)};
    }
    sim_err_init(&err);
}

static void teardown(void) { sim_err_release(&err); }

static struct noc_observe_spec observe_trace(void) {
    return (struct noc_observe_spec){.network = &network, .trace = &trace, .cycles = SIM_NEVER, .seed = 1};
}

/* ---- observers ---------------------------------------------------------------------------------- */

struct notes {
    struct noc_record record[PACKETS];
    uint64_t looks, flit_hops;
    sim_cycle cycles, stop;
    struct noc_network_static parts;
};

static void on_sent(void *self, uint32_t terminal, const struct noc_packet *packet, sim_cycle now) {
    struct notes *notes = self;
    (void)terminal;
    notes->record[packet->tag].injected = now;
}

static void on_arrived(void *self, uint32_t terminal, const struct noc_arrival *arrival, sim_cycle now) {
    struct notes *notes = self;
    (void)terminal;
    if (arrival->head)
        notes->record[arrival->tag].head = now;
    if (arrival->tail)
        notes->record[arrival->tag].tail = now;
}

static sim_cycle on_look(void *self, const struct sim_kernel *kernel) {
    struct notes *notes = self;
    notes->looks++;
    return kernel->now == notes->stop ? kernel->now : kernel->now + 1;
}

static void on_assembled(void *self, struct sim_kernel *kernel, struct noc_network *built) {
    struct notes *notes = self;
    noc_network_add_static(built, "noc", &notes->parts, kernel);
}

static bool on_ended(void *self, struct sim_kernel *kernel, struct noc_network *built, struct sim_err *e) {
    struct notes *notes = self;
    (void)e;
    notes->cycles = kernel->now;
    for (uint32_t router = 0; router < built->topology.routers; router++) {
        notes->flit_hops += built->router[router].base.count[NOC_ROUTER_CROSSBAR];
        uint64_t sent = 0;
        for (uint32_t port = 0; port < noc_topology_ports(&built->topology, router); port++)
            sent += noc_network_sent(built, router, port, kernel->now);
        ck_assert_uint_eq(sent, built->router[router].base.count[NOC_ROUTER_CROSSBAR]);
    }
    return true;
}

START_TEST(a_trace_is_replayed_to_the_cycle) {
    static struct noc_record record[PACKETS];
    static struct notes notes;
    struct noc_replay_spec replay = {.seed = 1};
    ck_assert(noc_replay(&replay, &network, &trace, record, &err));
    for (int looking = 0; looking < 2; looking++) {
        notes = (struct notes){.stop = SIM_NEVER};
        struct noc_observer observer = {
            .self = &notes, .sent = on_sent, .arrived = on_arrived, .look = looking ? on_look : NULL};
        struct noc_observe_spec spec = observe_trace();
        ck_assert(noc_network_observe(&spec, &observer, &err));
        for (uint32_t i = 0; i < PACKETS; i++) {
            ck_assert_uint_eq(notes.record[i].injected, record[i].injected);
            ck_assert_uint_eq(notes.record[i].head, record[i].head);
            ck_assert_uint_eq(notes.record[i].tail, record[i].tail);
        }
        ck_assert_uint_eq(notes.looks > 0, looking);
    }
}
END_TEST

START_TEST(a_measured_run_repeats) {
    static struct notes notes;
    struct noc_traffic_spec traffic = {.rate = 0.3, .packet = 3, .self = true, .hotspot = "", .seed = 5};
    struct noc_run_spec run = {.warmup = 300, .cycles = 700};
    struct noc_run_result result;
    ck_assert(noc_traffic_run(&run, &network, &traffic, NULL, &result, &err));
    struct noc_observer observer = {.self = &notes, .assembled = on_assembled, .ended = on_ended};
    struct noc_observe_spec spec = {
        .network = &network, .traffic = &traffic, .cycles = result.cycles, .seed = 5};
    notes = (struct notes){.stop = SIM_NEVER};
    ck_assert(noc_network_observe(&spec, &observer, &err));
    ck_assert_uint_eq(notes.cycles, result.cycles);
    ck_assert_uint_eq(notes.flit_hops, result.flit_hops);
    noc_run_result_release(&result);
}
END_TEST

START_TEST(an_observer_ends_the_run) {
    static struct notes notes;
    struct noc_traffic_spec traffic = {.rate = 0.1, .packet = 1, .self = true, .hotspot = "", .seed = 1};
    struct noc_observe_spec spec = {.network = &network, .traffic = &traffic, .cycles = 1000};
    struct noc_observer observer = {.self = &notes, .look = on_look, .ended = on_ended};
    notes = (struct notes){.stop = 37};
    ck_assert(noc_network_observe(&spec, &observer, &err));
    ck_assert_uint_eq(notes.cycles, 37);
}
END_TEST

START_TEST(static_costs_are_cycles) {
    static struct notes notes;
    struct noc_traffic_spec traffic = {.rate = 0.1, .packet = 1, .self = true, .hotspot = "", .seed = 1};
    struct noc_observe_spec spec = {.network = &network, .traffic = &traffic, .cycles = 123};
    struct noc_observer observer = {.self = &notes, .assembled = on_assembled};
    uint64_t count[NOC_CLOCK_EVENT_COUNT];
    notes = (struct notes){.stop = SIM_NEVER};
    ck_assert(noc_network_observe(&spec, &observer, &err));
    notes.parts.clock.base.count = count;
    noc_clock_type.settle(&notes.parts.clock, 123);
    ck_assert_uint_eq(count[NOC_CLOCK_ROUTER_CYCLE], 16 * 123);
    ck_assert_uint_eq(count[NOC_CLOCK_BIT_CYCLE], 16 * 64 * 123);
}
END_TEST

/* ---- numbers of packets ------------------------------------------------------------------------- */

START_TEST(packets_are_numbered_by_creation) {
    struct noc_traffic_spec traffic = {.rate = 0.5, .packet = 2, .self = true, .hotspot = "", .seed = 9};
    struct noc_observe_spec spec = {.network = &network, .traffic = &traffic};
    uint64_t of_terminal[16] = {0};
    struct noc_packet_id before = {.terminal = 0}, id;
    for (uint64_t number = 0; number < 200; number++) {
        ck_assert(noc_traffic_find(&spec, number, 100000, &id, &err));
        ck_assert_uint_eq(id.number, of_terminal[id.terminal]++);
        if (number > 0)
            ck_assert(before.created < id.created ||
                      (before.created == id.created && before.terminal < id.terminal));
        before = id;
    }
    ck_assert(!noc_traffic_find(&spec, 10000000, 1000, &id, &err));
    ck_assert_int_eq(err.code, SIM_EXIT_USAGE);
}
END_TEST

/* ---- stories ------------------------------------------------------------------------------------ */

START_TEST(every_story_is_whole_and_true) {
    static struct noc_record record[PACKETS];
    struct noc_replay_spec replay = {.seed = 1};
    ck_assert(noc_replay(&replay, &network, &trace, record, &err));
    sim_cycle waited[NOC_WAIT_COUNT] = {0};
    for (uint32_t i = 0; i < PACKETS; i++) {
        struct noc_observe_spec spec = observe_trace();
        struct noc_story story;
        ck_assert(noc_network_watch(&spec, i, &story, &err));
        ck_assert_uint_eq(story.created, injection[i].cycle);
        ck_assert_uint_eq(story.injected, record[i].injected);
        ck_assert_uint_eq(story.head, record[i].head);
        ck_assert_uint_eq(story.tail, record[i].tail);
        ck_assert_uint_eq(story.hops, record[i].hops);
        sim_cycle next = story.created, sum[NOC_WAIT_COUNT] = {0}, lost = 0;
        for (size_t k = 0; k < story.lines; k++) {
            ck_assert_uint_eq(story.line[k].first, next);
            next = story.line[k].last + 1;
            sum[story.line[k].wait] += next - story.line[k].first;
            if (story.line[k].wait != NOC_WAIT_NONE && story.line[k].last < story.head)
                lost += next - story.line[k].first;
        }
        ck_assert_uint_eq(next, story.tail + 1);
        for (int wait = 0; wait < NOC_WAIT_COUNT; wait++) {
            ck_assert_uint_eq(sum[wait], story.waited[wait]);
            waited[wait] += sum[wait];
        }
        /* Every cycle that the head took longer than alone, it waited for something. */
        ck_assert_uint_eq(story.head - story.created + story.size - 1, story.zero_load + lost);
        noc_story_release(&story);
    }
    for (int wait = NOC_WAIT_QUEUE; wait < NOC_WAIT_COUNT; wait++)
        ck_assert_uint_gt(waited[wait], 0);
}
END_TEST

START_TEST(there_is_no_such_packet) {
    struct noc_observe_spec spec = observe_trace();
    struct noc_story story;
    ck_assert(!noc_network_watch(&spec, PACKETS, &story, &err));
    ck_assert_int_eq(err.code, SIM_EXIT_USAGE);
    ck_assert_str_eq(err.message[0], "there is no packet 400: the trace has 400 packets, numbered from 0");
    noc_story_release(&story);
}
END_TEST

START_TEST(a_run_may_end_before_the_packet_arrives) {
    struct noc_traffic_spec traffic = {.rate = 0.1, .packet = 4, .self = true, .hotspot = "", .seed = 1};
    struct noc_observe_spec spec = {.network = &network, .traffic = &traffic, .cycles = 20};
    struct noc_packet_id id;
    uint64_t number = 0;
    while (noc_traffic_find(&spec, number, 20, &id, &err))
        number++;
    sim_err_release(&err);
    sim_err_init(&err);
    struct noc_story story;
    ck_assert(noc_network_watch(&spec, number - 1, &story, &err));
    ck_assert_uint_eq(story.tail, SIM_NEVER);
    ck_assert_uint_eq(story.line[0].first, story.created);
    ck_assert_uint_eq(story.line[story.lines - 1].last, 19);
    noc_story_release(&story);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("network_observe");
    TCase *runs = suite_case(suite, "runs");
    tcase_add_checked_fixture(runs, setup, teardown);
    tcase_add_test(runs, a_trace_is_replayed_to_the_cycle);
    tcase_add_test(runs, a_measured_run_repeats);
    tcase_add_test(runs, an_observer_ends_the_run);
    tcase_add_test(runs, static_costs_are_cycles);
    tcase_add_test(runs, packets_are_numbered_by_creation);
    TCase *stories = suite_case(suite, "stories");
    tcase_add_checked_fixture(stories, setup, teardown);
    tcase_set_timeout(stories, 60);
    tcase_add_test(stories, every_story_is_whole_and_true);
    tcase_add_test(stories, there_is_no_such_packet);
    tcase_add_test(stories, a_run_may_end_before_the_packet_arrives);
    return suite_run(suite);
}

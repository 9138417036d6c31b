/* SPDX-License-Identifier: MIT
 *
 * Terminals whose VCs share one ring (noc/link/channel.h) against the same terminals with a FIFO for each VC:
 * every flit of a network under heavy load is sent and arrives in the same cycle. And a ring has room: it is
 * larger than a round trip, and its steps come to all of its slots.
 */
#include "noc/network/network.h"
#include "sim/base/err.h"
#include "sim/base/rng.h"
#include "sim/kernel/kernel.h"
#include "test/suite.h"

#include <string.h>

enum { TERMINALS = 16, PACKETS = 1500, END = 30000 };

struct packets {
    uint64_t rng[TERMINALS];
    uint32_t left[TERMINALS];
    sim_cycle created[TERMINALS];
    sim_cycle sent[TERMINALS * PACKETS], head[TERMINALS * PACKETS], tail[TERMINALS * PACKETS];
};

/* A third of the packets go to one of two terminals. */
static bool next(void *self, uint32_t terminal, struct noc_packet *packet) {
    struct packets *p = self;
    if (p->left[terminal] == 0)
        return false;
    uint64_t *rng = &p->rng[terminal];
    p->created[terminal] += sim_rng_below(rng, 6);
    *packet = (struct noc_packet){
        .created = p->created[terminal],
        .dst = (uint32_t)(sim_rng_below(rng, 3) == 0 ? sim_rng_below(rng, 2) : sim_rng_below(rng, TERMINALS)),
        .size = 1 + (uint32_t)sim_rng_below(rng, 4),
        .tag = terminal * PACKETS + --p->left[terminal],
    };
    return true;
}

static void sent(void *self, uint32_t terminal, const struct noc_packet *packet, sim_cycle now) {
    (void)terminal;
    ((struct packets *)self)->sent[packet->tag] = now;
}

static void arrived(void *self, uint32_t terminal, const struct noc_arrival *arrival, sim_cycle now) {
    struct packets *p = self;
    (void)terminal;
    if (arrival->head)
        p->head[arrival->tag] = now;
    if (arrival->tail)
        p->tail[arrival->tag] = now;
}

/* Returns the slots of a terminal. */
static uint32_t run(const struct noc_network_spec *spec, uint64_t seed, bool apart, struct packets *p) {
    const struct noc_client client = {.self = p, .next = next, .sent = sent, .arrived = arrived};
    struct sim_kernel_spec kernel_spec = {.order = (enum sim_order)(seed % SIM_ORDER_COUNT), .seed = seed};
    struct sim_arena arena;
    struct sim_kernel kernel;
    struct noc_network network;
    struct sim_err err;
    memset(p, 0, sizeof *p);
    for (uint32_t t = 0; t < TERMINALS; t++) {
        p->rng[t] = sim_rng_stream(seed, t);
        p->left[t] = PACKETS;
    }
    sim_err_init(&err);
    sim_arena_init(&arena);
    sim_kernel_init(&kernel, &kernel_spec, &arena);
    bool sound = noc_network_build(&network, spec, NULL, &arena, &err);
    network.sinks_apart = apart;
    if (sound) {
        noc_network_assemble(&network, "noc", &client, &kernel);
        sim_kernel_start(&kernel);
    }
    while (sound && kernel.now < END && sim_kernel_run(&kernel, kernel.now + 97) == SIM_STOP_TIME)
        sound = noc_network_audit(&network, kernel.now, &err) && sim_kernel_audit(&kernel, &err);
    sim_err_print(&err, stderr);
    ck_assert(sound);
    uint32_t slots = noc_fifo_size(&network.terminal[0].interface.in);
    sim_err_release(&err);
    sim_arena_release(&arena);
    return slots;
}

static void draw_spec(struct noc_network_spec *spec, uint64_t *rng) {
    noc_network_defaults(spec);
    spec->topology = sim_rng_below(rng, 2) ? NOC_TOPOLOGY_MESH : NOC_TOPOLOGY_TORUS;
    spec->size = "4x4";
    spec->terminal_latency = 1 + (uint32_t)sim_rng_below(rng, 3);
    struct noc_router_spec *r = &spec->router;
    r->vcs = 2 + (uint32_t)sim_rng_below(rng, 5);
    if (spec->topology == NOC_TOPOLOGY_MESH)
        r->vcs = 1 + (uint32_t)sim_rng_below(rng, 6);
    r->credit_delay = (uint32_t)sim_rng_below(rng, 3);
    r->traversal_delay = (uint32_t)sim_rng_below(rng, 3);
    r->speculative = sim_rng_below(rng, 3) == 0;
    r->vc_allocator = (int)sim_rng_below(rng, NOC_ALLOCATOR_COUNT);
    if (sim_rng_below(rng, 2) == 0) { /* plain */
        r->speculative = false;
        r->vc_allocator = 0;
    }
    uint32_t round_trip = noc_router_flit_latency(r, spec->terminal_latency) +
                          noc_router_credit_latency(r, spec->terminal_latency);
    r->buffer_flits = round_trip + (uint32_t)sim_rng_below(rng, 5) - 1; /* of 5, one is too small */
}

START_TEST(a_shared_ring_differs_in_nothing) {
    static struct packets shared, apart;
    uint64_t rng = sim_rng_stream(77, (uint64_t)_i);
    struct noc_network_spec spec;
    draw_spec(&spec, &rng);
    uint32_t few = run(&spec, (uint64_t)_i, false, &shared), many = run(&spec, (uint64_t)_i, true, &apart);
    uint32_t round_trip = noc_router_flit_latency(&spec.router, spec.terminal_latency) +
                          noc_router_credit_latency(&spec.router, spec.terminal_latency);
    ck_assert_uint_eq(many, spec.router.vcs * spec.router.buffer_flits);
    ck_assert_uint_le(few, many);
    if (spec.router.buffer_flits < round_trip)
        ck_assert_uint_eq(few, many);
    else if (spec.router.vcs > 1)
        ck_assert_uint_lt(few, many);
    ck_assert_mem_eq(shared.sent, apart.sent, sizeof shared.sent);
    ck_assert_mem_eq(shared.head, apart.head, sizeof shared.head);
    ck_assert_mem_eq(shared.tail, apart.tail, sizeof shared.tail);
    uint32_t done = 0;
    for (uint32_t i = 0; i < TERMINALS * PACKETS; i++)
        done += shared.tail[i] != 0;
    ck_assert_uint_gt(done, TERMINALS * PACKETS / 4);
}
END_TEST

START_TEST(a_ring_has_room) {
    for (uint32_t vcs = 1; vcs <= 32; vcs++)
        for (uint32_t round_trip = 2; round_trip < 256; round_trip++) {
            uint32_t size = noc_shared_size(vcs, round_trip), at = 0, steps = 0;
            ck_assert_uint_gt(size, round_trip);
            ck_assert_uint_gt(size, vcs);
            do {
                at = noc_position_behind(at, vcs, size);
                steps++;
            } while (at != 0);
            ck_assert_uint_eq(steps, size);
        }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("noc/network/sink");
    TCase *sinks = suite_case(suite, "sinks");
    tcase_add_loop_test(sinks, a_shared_ring_differs_in_nothing, 0, 40);
    tcase_add_test(sinks, a_ring_has_room);
    return suite_run(suite);
}

/* SPDX-License-Identifier: MIT
 *
 * Replay; see replay.h. Every packet's tag is its number in the trace.
 */
#include "noc/traffic/replay.h"

#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/base/rng.h"
#include "sim/kernel/kernel.h"

#include <stdlib.h>

struct replay {
    const struct noc_trace *trace;
    struct noc_record *record;
    uint32_t *first, *next; /* [terminal], [packet]: the queue of each source, by cycle */
    uint32_t entries;
    uint64_t seed;
};

#define LAST UINT32_MAX

static bool next_packet(void *self, uint32_t terminal, struct noc_packet *packet) {
    struct replay *replay = self;
    uint32_t i = replay->first[terminal];
    if (i == LAST)
        return false;
    const struct noc_injection *p = &replay->trace->packet[i];
    uint64_t draw = sim_rng_stream(replay->seed, i);
    *packet = (struct noc_packet){
        .created = p->cycle,
        .dst = p->dst,
        .size = p->size,
        .tag = i,
        .class_ = (uint32_t)sim_rng_below(&draw, replay->entries),
    };
    replay->first[terminal] = replay->next[i];
    return true;
}

static void sent(void *self, uint32_t terminal, const struct noc_packet *packet, sim_cycle now) {
    struct replay *replay = self;
    (void)terminal;
    replay->record[packet->tag].injected = now;
}

static void arrived(void *self, uint32_t terminal, const struct noc_arrival *arrival, sim_cycle now) {
    struct replay *replay = self;
    struct noc_record *record = &replay->record[arrival->tag];
    assert(replay->trace->packet[arrival->tag].dst == terminal);
    (void)terminal;
    if (arrival->head) {
        record->head = now;
        record->hops = arrival->hops;
    }
    if (arrival->tail)
        record->tail = now;
}

struct place {
    sim_cycle cycle;
    uint32_t packet;
};

static int by_cycle(const void *a, const void *b) {
    const struct place *x = a, *y = b;
    if (x->cycle != y->cycle)
        return x->cycle < y->cycle ? -1 : 1;
    return x->packet < y->packet ? -1 : 1;
}

/* Links the packets of each source in the order of their cycles. */
static void queue_packets(struct replay *replay, uint32_t terminals, struct sim_arena *arena) {
    const struct noc_trace *trace = replay->trace;
    replay->first = SIM_NEW_ARRAY(arena, uint32_t, terminals);
    replay->next = SIM_NEW_ARRAY(arena, uint32_t, trace->count);
    struct place *order = SIM_NEW_ARRAY(arena, struct place, trace->count);
    for (uint32_t i = 0; i < trace->count; i++)
        order[i] = (struct place){.cycle = trace->packet[i].cycle, .packet = i};
    qsort(order, trace->count, sizeof *order, by_cycle);
    for (uint32_t t = 0; t < terminals; t++)
        replay->first[t] = LAST;
    for (uint32_t k = trace->count; k-- > 0;) {
        uint32_t i = order[k].packet, src = trace->packet[i].src;
        replay->next[i] = replay->first[src];
        replay->first[src] = i;
    }
}

static bool fit(const struct noc_network_spec *network, const struct noc_trace *trace, struct sim_err *err) {
    struct sim_where where = {.file = trace->path};
    for (uint32_t i = 0; i < trace->count; i++) {
        char what[64];
        snprintf(what, sizeof what, "packet %u has", i);
        where.line = (int)trace->packet[i].line;
        if (!noc_network_fits(network, trace->packet[i].size, what, &where, err))
            return false;
    }
    return true;
}

static bool run(const struct noc_replay_spec *spec, struct sim_kernel *kernel,
                const struct noc_network *network, struct sim_err *err) {
    for (;;) {
        sim_cycle until = spec->audit == 0 ? SIM_NEVER : kernel->now + spec->audit;
        enum sim_stop stop = sim_kernel_run(kernel, until);
        if (!sim_kernel_audit(kernel, err) || !noc_network_audit(network, kernel->now, err))
            return false;
        if (stop == SIM_STOP_FINISHED)
            return true;
        if (stop == SIM_STOP_STALLED) {
            sim_kernel_explain(kernel, stderr);
            return sim_err_add(err, SIM_EXIT_STOPPED, NULL, "cycle %llu: the network is stuck",
                               (unsigned long long)kernel->now);
        }
    }
}

bool noc_replay(const struct noc_replay_spec *spec, const struct noc_network_spec *network_spec,
                const struct noc_trace *trace, struct noc_record *record, struct sim_err *err) {
    struct sim_arena arena;
    struct sim_kernel kernel;
    struct noc_network network;
    struct replay replay = {.trace = trace, .record = record, .entries = 1, .seed = spec->seed};
    struct noc_client client = {.self = &replay, .next = next_packet, .sent = sent, .arrived = arrived};
    struct sim_kernel_spec kernel_spec = {.order = (enum sim_order)spec->order,
                                          .seed = spec->seed,
                                          .watchdog = spec->watchdog != 0 ? spec->watchdog : 100000};
    struct sim_where where = {.file = NULL};
    sim_arena_init(&arena);
    sim_kernel_init(&kernel, &kernel_spec, &arena);
    bool sound = fit(network_spec, trace, err) &&
                 noc_network_build(&network, network_spec, &where, &arena, err) &&
                 noc_trace_check(trace, network.topology.terminals, err);
    if (sound) {
        replay.entries = network.routing.entries;
        queue_packets(&replay, network.topology.terminals, &arena);
        noc_network_assemble(&network, "noc", &client, &kernel);
        sim_kernel_start(&kernel);
        sound = run(spec, &kernel, &network, err);
    }
    sim_arena_release(&arena);
    return sound;
}

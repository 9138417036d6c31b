/* SPDX-License-Identifier: MIT
 *
 * A network seen at work; see network_observe.h.
 */
#include "noc/watch/network_observe.h"

#include "noc/traffic/groups.h"
#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/base/memory.h"
#include "sim/base/rng.h"

#include <stdlib.h>
#include <string.h>

struct observation {
    const struct noc_observe_spec *spec;
    const struct noc_observer *observer;
    struct sim_arena arena;
    struct sim_kernel kernel;
    struct noc_network network;
    struct noc_traffic traffic;
    uint64_t *fetched;    /* [terminal] packets so far */
    uint32_t *queue;      /* [packet] of the trace, by source and cycle */
    uint32_t *next, *end; /* [terminal] its part of the queue */
};

/* ---- packets ------------------------------------------------------------------------------------ */

static bool next_injection(struct observation *o, uint32_t terminal, struct noc_packet *packet) {
    if (o->next[terminal] == o->end[terminal])
        return false;
    uint32_t number = o->queue[o->next[terminal]++];
    const struct noc_injection *injection = &o->spec->trace->packet[number];
    uint64_t draw = sim_rng_stream(o->spec->seed, number);
    *packet = (struct noc_packet){
        .created = injection->cycle,
        .dst = injection->dst,
        .size = injection->size,
        .tag = number,
        .class_ = (uint32_t)sim_rng_below(&draw, o->network.routing.entries),
    };
    return true;
}

static bool next_packet(void *self, uint32_t terminal, struct noc_packet *packet) {
    struct observation *o = self;
    if (o->spec->trace != NULL)
        return next_injection(o, terminal, packet);
    noc_traffic_next(&o->traffic, terminal, packet);
    if (o->observer->tag != NULL)
        packet->tag = o->observer->tag(o->observer->self, terminal, o->fetched[terminal]);
    o->fetched[terminal]++;
    return true;
}

static void sent(void *self, uint32_t terminal, const struct noc_packet *packet, sim_cycle now) {
    struct observation *o = self;
    if (o->observer->sent != NULL)
        o->observer->sent(o->observer->self, terminal, packet, now);
}

static void arrived(void *self, uint32_t terminal, const struct noc_arrival *arrival, sim_cycle now) {
    struct observation *o = self;
    struct noc_arrival translated = *arrival;
    if (o->traffic.groups != NULL && o->observer->tag == NULL && arrival->tail)
        translated.tag = (uint32_t)noc_groups_arrived(&o->traffic, arrival->tag).created;
    if (o->observer->arrived != NULL)
        o->observer->arrived(o->observer->self, terminal, &translated, now);
}

struct place {
    sim_cycle cycle;
    uint32_t src, packet;
};

static int by_source_and_cycle(const void *a, const void *b) {
    const struct place *x = a, *y = b;
    if (x->src != y->src)
        return x->src < y->src ? -1 : 1;
    if (x->cycle != y->cycle)
        return x->cycle < y->cycle ? -1 : 1;
    return x->packet < y->packet ? -1 : 1;
}

static void queue_packets(struct observation *o) {
    const struct noc_trace *trace = o->spec->trace;
    uint32_t terminals = o->network.topology.terminals;
    struct place *place = SIM_NEW_ARRAY(&o->arena, struct place, trace->count);
    for (uint32_t i = 0; i < trace->count; i++)
        place[i] = (struct place){.cycle = trace->packet[i].cycle, .src = trace->packet[i].src, .packet = i};
    qsort(place, trace->count, sizeof *place, by_source_and_cycle);
    o->queue = SIM_NEW_ARRAY(&o->arena, uint32_t, trace->count);
    o->next = SIM_NEW_ARRAY(&o->arena, uint32_t, terminals);
    o->end = SIM_NEW_ARRAY(&o->arena, uint32_t, terminals);
    for (uint32_t i = 0, terminal = 0; terminal < terminals; terminal++) {
        o->next[terminal] = i;
        for (; i < trace->count && place[i].src == terminal; i++)
            o->queue[i] = place[i].packet;
        o->end[terminal] = i;
    }
}

static bool check_sizes(const struct noc_observe_spec *spec, struct sim_err *err) {
    struct sim_where where = {.file = spec->trace->path};
    for (uint32_t i = 0; i < spec->trace->count; i++) {
        char what[64];
        snprintf(what, sizeof what, "packet %u has", i);
        where.line = (int)spec->trace->packet[i].line;
        if (!noc_network_fits(spec->network, spec->trace->packet[i].size, what, &where, err))
            return false;
    }
    return true;
}

static bool prepare_packets(struct observation *o, struct sim_err *err) {
    const struct noc_observe_spec *spec = o->spec;
    if (spec->trace == NULL)
        return noc_traffic_init(&o->traffic, spec->traffic, &o->network.topology, o->network.routing.entries,
                                spec->where, &o->arena, err) &&
               noc_groups_lay(&o->traffic, &o->network, spec->where, &o->arena, err);
    if (!noc_trace_check(spec->trace, o->network.topology.terminals, err) || !check_sizes(spec, err))
        return false;
    queue_packets(o);
    return true;
}

/* ---- the run ------------------------------------------------------------------------------------ */

static bool run(struct observation *o, struct sim_engine *engine, struct sim_err *err) {
    struct sim_kernel *kernel = &o->kernel;
    while (kernel->now < o->spec->cycles) {
        sim_cycle until = o->spec->cycles;
        if (o->observer->look != NULL) {
            sim_cycle wanted = o->observer->look(o->observer->self, kernel);
            until = wanted < until ? wanted : until;
        }
        if (until <= kernel->now)
            break;
        enum sim_stop stop;
        if (!sim_engine_run(engine, until, &stop, err))
            return false;
        if (stop == SIM_STOP_FINISHED)
            break;
        if (stop == SIM_STOP_STALLED) {
            sim_kernel_explain(kernel, stderr);
            return sim_err_add(err, SIM_EXIT_STOPPED, NULL, "cycle %llu: the network is stuck",
                               (unsigned long long)kernel->now);
        }
    }
    sim_kernel_settle(kernel);
    bool components = sim_kernel_audit(kernel, err);
    if (o->observer->tag == NULL) /* else nobody knew the messages of the copies */
        components &= noc_groups_audit(&o->traffic, &o->network, kernel->now, err);
    return noc_network_audit(&o->network, kernel->now, err) && components;
}

bool noc_network_observe(const struct noc_observe_spec *spec, const struct noc_observer *observer,
                         struct sim_err *err) {
    struct observation o = {.spec = spec, .observer = observer};
    struct noc_client client = {.self = &o, .next = next_packet, .sent = sent, .arrived = arrived};
    struct sim_kernel_spec kernel = {
        .order = spec->order, .seed = spec->seed, .watchdog = spec->watchdog != 0 ? spec->watchdog : 100000};
    sim_arena_init(&o.arena);
    sim_kernel_init(&o.kernel, &kernel, &o.arena);
    bool sound =
        noc_network_build(&o.network, spec->network, spec->where, &o.arena, err) && prepare_packets(&o, err);
    if (sound) {
        o.fetched = SIM_NEW_ARRAY(&o.arena, uint64_t, o.network.topology.terminals);
        noc_network_assemble(&o.network, "noc", &client, &o.kernel);
        if (observer->assembled != NULL)
            observer->assembled(observer->self, &o.kernel, &o.network);
        sim_kernel_start(&o.kernel);
        struct sim_engine engine;
        const struct sim_engine_type *type = spec->engine != NULL ? spec->engine : &sim_engine_native;
        bool opened = sim_engine_open(&engine, type, &o.kernel, err);
        sound = opened && run(&o, &engine, err);
        if (opened)
            sim_engine_close(&engine);
        if (sound && observer->ended != NULL)
            sound = observer->ended(observer->self, &o.kernel, &o.network, err);
    }
    noc_groups_release(&o.traffic);
    sim_arena_release(&o.arena);
    return sound;
}

/* A router may have decided about cycle `now` already. */
uint64_t noc_network_sent(const struct noc_network *network, uint32_t router, uint32_t port, sim_cycle now) {
    return noc_router_sent(&network->router[router], port, now);
}

/* ---- the number of a packet --------------------------------------------------------------------- */

static int by_creation(const void *a, const void *b) {
    const struct noc_packet_id *x = a, *y = b;
    if (x->created != y->created)
        return x->created < y->created ? -1 : 1;
    return x->terminal < y->terminal ? -1 : x->terminal > y->terminal;
}

struct packets {
    struct noc_packet_id *id;
    size_t count, capacity;
};

static void append(struct packets *packets, struct noc_packet_id id) {
    if (packets->count == packets->capacity) {
        packets->capacity = packets->capacity == 0 ? 1024 : 2 * packets->capacity;
        packets->id = realloc(packets->id, packets->capacity * sizeof *packets->id);
        if (packets->id == NULL)
            sim_memory_exhausted(NULL);
    }
    packets->id[packets->count++] = id;
}

/* All packets created before `limit`, or the first few more than `enough`, whatever comes first. */
static void draw_packets(struct noc_traffic *traffic, uint64_t enough, sim_cycle limit,
                         struct packets *packets) {
    struct noc_packet_id *next = malloc(traffic->terminals * sizeof *next);
    if (next == NULL)
        sim_memory_exhausted(NULL);
    for (uint32_t terminal = 0; terminal < traffic->terminals; terminal++) {
        struct noc_packet packet;
        noc_traffic_next(traffic, terminal, &packet);
        next[terminal] = (struct noc_packet_id){.terminal = terminal, .created = packet.created};
    }
    for (sim_cycle horizon = 1024; packets->count <= enough; horizon *= 2) {
        sim_cycle until = horizon < limit ? horizon : limit;
        for (uint32_t terminal = 0; terminal < traffic->terminals; terminal++)
            while (next[terminal].created < until) {
                append(packets, next[terminal]);
                struct noc_packet packet;
                noc_traffic_next(traffic, terminal, &packet);
                next[terminal].created = packet.created;
                next[terminal].number++;
            }
        if (until == limit)
            break;
    }
    free(next);
}

bool noc_traffic_find(const struct noc_observe_spec *spec, uint64_t number, sim_cycle limit,
                      struct noc_packet_id *id, struct sim_err *err) {
    struct sim_arena arena;
    struct noc_network network;
    struct noc_traffic traffic = {.groups = NULL};
    struct packets packets = {.count = 0};
    sim_arena_init(&arena);
    bool sound = noc_network_build(&network, spec->network, spec->where, &arena, err) &&
                 noc_traffic_init(&traffic, spec->traffic, &network.topology, network.routing.entries,
                                  spec->where, &arena, err);
    if (sound) {
        draw_packets(&traffic, number, limit, &packets);
        if (packets.count <= number)
            sound = sim_err_add(err, SIM_EXIT_USAGE, NULL,
                                "packet %llu is not created before cycle %llu: there are %llu until then",
                                (unsigned long long)number, (unsigned long long)limit,
                                (unsigned long long)packets.count);
    }
    if (sound) {
        qsort(packets.id, packets.count, sizeof *packets.id, by_creation);
        *id = packets.id[number];
    }
    free(packets.id);
    noc_groups_release(&traffic);
    sim_arena_release(&arena);
    return sound;
}

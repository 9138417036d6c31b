/* SPDX-License-Identifier: MIT
 *
 * A measurement under synthetic traffic; see run.h.
 */
#include "noc/traffic/run.h"

#include "noc/batch/batch.h"
#include "noc/traffic/groups.h"
#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/base/memory.h"
#include "sim/kernel/kernel.h"
#include "sim/kernel/shards.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW_MIN 4096     /* cycles, where the window is found out */
#define ENOUGH_PACKETS 2000 /* before anything is concluded from a mean */
#define NEAR 0.05           /* warm-up has ended: relative difference of two means */
#define MISSING 0.01        /* saturated: this part of the offered load did not arrive, beyond chance */
#define SIGMAS 4
#define GROWTH 1.6          /* a saturated network's mean latency doubles with the time; */
#define HOPELESS 3          /* seen so often, it is not going to settle */
#define QUIET_PACKETS 50 /* at tiny rates nothing moves for long: the watchdog waits for as many packets */

/* The client of the terminals of a shard. */
struct observer {
    struct noc_client client;
    struct run *run;
    struct noc_statistics *statistics; /* of the first: run->statistics */
};

struct run {
    const struct noc_run_spec *spec;
    struct sim_arena arena;
    struct sim_kernel kernel;
    struct noc_network network;
    struct noc_traffic traffic;
    struct noc_statistics *statistics, *last; /* of packets; of last copies, NULL: no multicast */
    struct observer *observer; /* [shards] */
    uint32_t shards;
    uint64_t received;  /* flits arrived before the window */
    uint64_t *link_flits; /* [end] sent before the window */
    sim_cycle limit;
    const char *part; /* of the run, since cycle `begun` */
    sim_cycle begun;
    bool swamped; /* warm-up ended without settling, and fewer flits arrived than were offered */
};

/* ---- client of the terminals -------------------------------------------------------------------- */

static bool observe_next(void *self, uint32_t terminal, struct noc_packet *packet) {
    struct observer *observer = self;
    noc_traffic_next(&observer->run->traffic, terminal, packet);
    return true;
}

static void observe_fetch(const void *self, uint32_t terminal) {
    const struct observer *observer = self;
    __builtin_prefetch(&observer->run->traffic.source[terminal]);
}

static void observe_sent(void *self, uint32_t terminal, const struct noc_packet *packet, sim_cycle now) {
    struct observer *observer = self;
    (void)terminal;
    noc_statistics_sent(observer->statistics, packet->created,
                        noc_trees_leaves(&observer->run->network.trees, packet->dst), now);
}

static void note_copy(struct run *run, const struct noc_arrival *arrival, sim_cycle now) {
    struct noc_message message = noc_groups_arrived(&run->traffic, arrival->tag);
    noc_statistics_arrived(run->statistics, message.created, arrival->hops, now);
    if (message.left == 0)
        noc_statistics_arrived(run->last, message.created, arrival->hops, now);
}

static void observe_arrival(void *self, uint32_t terminal, const struct noc_arrival *arrival, sim_cycle now) {
    struct observer *observer = self;
    (void)terminal;
    if (arrival->tail && observer->run->last != NULL)
        note_copy(observer->run, arrival, now);
    else if (arrival->tail)
        noc_statistics_arrived(observer->statistics, now - (uint32_t)((uint32_t)now - arrival->tag),
                               arrival->hops, now);
}

/* An observer for each shard; the first has all terminals until they are divided. */
static void observe(struct run *run, uint32_t shards) {
    run->shards = shards;
    run->observer = SIM_NEW_ARRAY(&run->arena, struct observer, shards);
    for (uint32_t k = 0; k < shards; k++) {
        struct observer *observer = &run->observer[k];
        observer->client = (struct noc_client){.self = observer,
                                               .next = observe_next,
                                               .fetch = observe_fetch,
                                               .sent = observe_sent,
                                               .arrived = observe_arrival};
        observer->run = run;
        observer->statistics = k == 0 ? run->statistics : SIM_NEW(&run->arena, struct noc_statistics);
    }
}

/* Ends elaboration: the routers' slices, with their terminals, are the shards. */
static void start(struct run *run) {
    const struct noc_topology *t = &run->network.topology;
    if (run->shards == 1) {
        sim_kernel_start(&run->kernel);
        return;
    }
    uint32_t *of = SIM_NEW_ARRAY(&run->arena, uint32_t, run->kernel.components);
    for (uint32_t router = 0; router < t->routers; router++)
        of[run->network.router[router].base.id] = (uint32_t)((uint64_t)router * run->shards / t->routers);
    for (uint32_t terminal = 0; terminal < t->terminals; terminal++) {
        const struct noc_router *home = &run->network.router[t->home[terminal].router];
        uint32_t shard = of[home->base.id];
        of[run->network.terminal[terminal].base.id] = shard;
        run->network.terminal[terminal].client = &run->observer[shard].client;
    }
    sim_shards_start(&run->kernel, run->shards, of);
}

static const char warming[] = "warm-up: cycles", measuring[] = "window: cycles",
                  draining[] = "last packets: cycles";

/* ---- phases ------------------------------------------------------------------------------------- */

static bool audit(struct run *run, struct sim_err *err) {
    sim_kernel_settle(&run->kernel);
    bool sound = sim_kernel_audit(&run->kernel, err);
    sound &= noc_groups_audit(&run->traffic, &run->network, run->kernel.now, err);
    return noc_network_audit(&run->network, run->kernel.now, err) && sound;
}

sim_cycle noc_run_piece(uint32_t terminals) { return (UINT32_C(1) << 20) / terminals + 1; }

static void begin(struct run *run, const char *part) {
    run->part = part;
    run->begun = run->kernel.now;
}

/* Runs on to `to`, on the way to `until`, in pieces where somebody listens. False: the network is stuck. */
static bool run_to(struct run *run, sim_cycle to, sim_cycle until) {
    const struct noc_run_spec *spec = run->spec;
    if (spec->tell == NULL)
        return sim_kernel_run(&run->kernel, to) != SIM_STOP_STALLED;
    sim_cycle piece = noc_run_piece(run->network.topology.terminals);
    while (run->kernel.now < to) {
        spec->tell(spec->listener, run->part, run->kernel.now - run->begun,
                   run->part == draining ? 0 : until - run->begun);
        sim_cycle end = to - run->kernel.now > piece ? run->kernel.now + piece : to;
        if (sim_kernel_run(&run->kernel, end) == SIM_STOP_STALLED)
            return false;
    }
    return true;
}

/* The same for all shards: sums up what they observed. */
static bool run_shards_to(struct run *run, sim_cycle to, sim_cycle until) {
    for (uint32_t k = 1; k < run->shards; k++)
        noc_statistics_copy_window(run->observer[k].statistics, run->statistics);
    bool moves = run_to(run, to, until);
    for (uint32_t k = 1; k < run->shards; k++)
        noc_statistics_merge(run->statistics, run->observer[k].statistics);
    return moves;
}

static bool advance(struct run *run, sim_cycle until, struct sim_err *err) {
    while (run->kernel.now < until) {
        sim_cycle to = until;
        if (run->spec->audit != 0 && until - run->kernel.now > run->spec->audit)
            to = run->kernel.now + run->spec->audit;
        if (!run_shards_to(run, to, until)) {
            sim_kernel_explain(&run->kernel, stderr);
            return sim_err_add(err, SIM_EXIT_STOPPED, NULL, "cycle %llu: the network is stuck",
                               (unsigned long long)run->kernel.now);
        }
        if (run->spec->audit != 0 && !audit(run, err))
            return false;
    }
    return true;
}

static uint64_t received(const struct run *run) {
    uint64_t flits = 0;
    for (uint32_t t = 0; t < run->network.topology.terminals; t++)
        flits += run->network.terminal[t].base.count[NOC_TERMINAL_RECEIVE_FLIT];
    return flits;
}

/* Cycles in which about `packets` packets are created, at most `most`. */
static sim_cycle time_for(const struct run *run, double packets, sim_cycle most) {
    const struct noc_traffic_spec *traffic = run->traffic.spec;
    double per_cycle = traffic->rate / traffic->packet * run->network.topology.terminals;
    double cycles = per_cycle > 0 ? ceil(packets / per_cycle) : INFINITY;
    return cycles < (double)most ? (sim_cycle)cycles : most;
}

/* `arrived` flits in `cycles` are fewer than were offered, beyond chance. */
static bool lags(const struct run *run, uint64_t arrived, double cycles) {
    const struct noc_traffic_spec *traffic = run->traffic.spec;
    double copies = noc_traffic_copies(traffic);
    double offered = traffic->rate * copies * run->network.topology.terminals * cycles;
    return offered - (double)arrived >
           MISSING * offered + SIGMAS * sqrt(offered * copies * traffic->packet);
}

/* Runs until the mean latency has settled, or the time is up: then a saturated network is as warm as it gets.
 */
static bool warm_up(struct run *run, struct sim_err *err) {
    begin(run, warming);
    if (run->spec->warmup != 0)
        return advance(run, run->spec->warmup, err);
    const struct noc_statistics *s = run->statistics;
    sim_cycle time = 8 * (sim_cycle)noc_network_zero_load(run->network.spec, run->network.topology.diameter,
                                                          run->traffic.spec->packet);
    if (time < time_for(run, ENOUGH_PACKETS, run->limit))
        time = time_for(run, ENOUGH_PACKETS, run->limit);
    sim_cycle most = run->limit / 4 > time ? run->limit / 4 : time;
    if (!advance(run, time / 2, err))
        return false;
    uint64_t seen = s->seen, latency = s->seen_latency, flits = received(run);
    double before = INFINITY;
    for (uint32_t growing = 0;; time *= 2) {
        if (!advance(run, time, err))
            return false;
        double mean =
            s->seen > seen ? (double)(s->seen_latency - latency) / (double)(s->seen - seen) : INFINITY;
        bool lagging = lags(run, received(run) - flits, (double)(time - time / 2));
        growing = lagging && mean > GROWTH * before ? growing + 1 : 0;
        bool settled = fabs(mean - before) <= NEAR * mean;
        run->swamped = lagging && !settled;
        if (settled || growing == HOPELESS || time >= most / 2)
            return true;
        before = mean;
        seen = s->seen;
        latency = s->seen_latency;
        flits = received(run);
    }
}

/* Flits sent over an output before the cycle at hand. */
static uint64_t sent(const struct run *run, uint32_t router, uint32_t port) {
    return noc_router_sent(&run->network.router[router], port, run->kernel.now);
}

static void open_window(struct run *run) {
    const struct noc_topology *t = &run->network.topology;
    sim_cycle wanted = run->spec->cycles, least = NOC_WINDOW_LEAST;
    if (wanted == 0) {
        wanted = time_for(run, ENOUGH_PACKETS, run->limit);
        least = WINDOW_MIN;
    }
    wanted = wanted < least ? least : wanted;
    noc_statistics_open(run->statistics, run->kernel.now, wanted);
    if (run->last != NULL)
        noc_statistics_open(run->last, run->kernel.now, wanted);
    run->received = received(run);
    sim_kernel_settle(&run->kernel);
    for (uint32_t router = 0; router < t->routers; router++)
        for (uint32_t port = 0; port < run->network.router[router].ports; port++)
            run->link_flits[t->first[router] + port] = sent(run, router, port);
}

/* Fewer flits arrived in the window so far than were offered, beyond chance. */
static bool falls_behind(const struct run *run) {
    return lags(run, received(run) - run->received, (double)(run->kernel.now - run->statistics->start));
}

static bool measure(struct run *run, struct noc_run_result *result, struct sim_err *err) {
    struct noc_statistics *s = run->statistics;
    double precision = run->spec->precision > 0 ? run->spec->precision : 0.01;
    begin(run, measuring);
    for (;;) {
        if (!advance(run, s->end, err))
            return false;
        double mean = s->packets > 0 ? (double)s->latency / (double)s->packets : 0;
        result->converged = noc_statistics_interval(s) <= precision * mean;
        result->saturated = run->swamped || falls_behind(run);
        sim_cycle window = s->end - s->start;
        bool too_long = s->end + window > run->limit;
        if (run->spec->cycles != 0 || result->converged || result->saturated || too_long)
            return true;
        noc_statistics_extend(s);
        if (run->last != NULL)
            noc_statistics_extend(run->last);
    }
}

/* The sources do not stop: what is measured meets the same traffic to its end. A saturated network is not
 * waited for, unless the window was asked for. */
static bool drain(struct run *run, struct noc_run_result *result, struct sim_err *err) {
    const struct noc_statistics *s = run->statistics;
    const sim_cycle piece = 256;
    sim_cycle end = s->end, patience = end - s->start + 100000;
    begin(run, draining);
    if (result->saturated && run->spec->cycles == 0)
        return true;
    for (;;) {
        bool waiting = s->sent != s->packets;
        for (uint32_t t = 0; t < run->network.topology.terminals && !waiting; t++)
            waiting = run->network.terminal[t].packet.created < end;
        if (!waiting)
            return true;
        if (run->kernel.now - end > patience) {
            result->saturated = true;
            return true;
        }
        if (!advance(run, run->kernel.now + piece, err))
            return false;
    }
}

/* ---- result ------------------------------------------------------------------------------------- */

static void note_links(const struct run *run, double cycles, struct noc_run_result *result) {
    const struct noc_topology *t = &run->network.topology;
    result->link = calloc((size_t)t->first[t->routers] + 1, sizeof *result->link);
    if (result->link == NULL)
        sim_memory_exhausted(NULL);
    for (uint32_t router = 0; router < t->routers; router++)
        for (uint32_t port = 0; port < run->network.router[router].ports; port++) {
            const struct noc_end *end = noc_topology_end(t, router, port);
            if (end->kind != NOC_END_ROUTER)
                continue;
            double load = (double)run->link_flits[t->first[router] + port] / cycles;
            result->link[result->links++] =
                (struct noc_link_load){.from = router, .port = port, .to = end->peer, .load = load};
            result->link_load_mean += load;
            result->link_load_max = load > result->link_load_max ? load : result->link_load_max;
        }
    if (result->links > 0)
        result->link_load_mean /= result->links;
}

/* At the end of the window: loads and accepted traffic. */
static void close_window(struct run *run, struct noc_run_result *result) {
    const struct noc_topology *t = &run->network.topology;
    double cycles = (double)(run->kernel.now - run->statistics->start);
    result->accepted = (double)(received(run) - run->received) / cycles / t->terminals;
    sim_kernel_settle(&run->kernel);
    for (uint32_t router = 0; router < t->routers; router++)
        for (uint32_t port = 0; port < run->network.router[router].ports; port++)
            run->link_flits[t->first[router] + port] =
                sent(run, router, port) - run->link_flits[t->first[router] + port];
    note_links(run, cycles, result);
}

static void conclude(const struct run *run, struct noc_run_result *result) {
    const struct noc_statistics *s = run->statistics;
    double packets = s->packets > 0 ? (double)s->packets : NAN;
    result->rate = run->traffic.spec->rate;
    result->packets = s->packets;
    result->latency_mean = (double)s->latency / packets;
    result->latency_interval = noc_statistics_interval(s);
    result->network_latency_mean = s->sent == s->packets
                                       ? result->latency_mean - (double)s->queueing / packets
                                       : NAN; /* how long those queued that are on their way is in the sum */
    result->latency_p50 = noc_statistics_quantile(s, 0.50);
    result->latency_p95 = noc_statistics_quantile(s, 0.95);
    result->latency_p99 = noc_statistics_quantile(s, 0.99);
    result->latency_max = s->latency_max;
    result->hops_mean = (double)s->hops / packets;
    result->warmup = s->start;
    result->window = s->end - s->start;
    result->cycles = run->kernel.now;
    result->steps = run->kernel.steps;
    result->routers = run->network.topology.routers;
    result->terminals = run->network.topology.terminals;
    result->bytes_per_router = run->network.bytes_per_router;
    for (uint32_t router = 0; router < result->routers; router++)
        for (uint32_t event = 0; event < NOC_ROUTER_EVENT_COUNT; event++)
            result->count[event] += run->network.router[router].base.count[event];
    result->flit_hops = result->count[NOC_ROUTER_CROSSBAR];
    result->flits = received(run);
    if (run->last == NULL)
        return;
    result->messages = run->last->packets;
    result->latency_last_mean =
        run->last->packets > 0 ? (double)run->last->latency / (double)run->last->packets : NAN;
    result->latency_last_p99 = noc_statistics_quantile(run->last, 0.99);
    result->latency_last_max = run->last->latency_max;
}

static bool run_all(struct run *run, struct noc_run_result *result, struct sim_err *err) {
    if (!warm_up(run, err))
        return false;
    open_window(run);
    if (!measure(run, result, err))
        return false;
    close_window(run, result);
    if (!drain(run, result, err) || !audit(run, err))
        return false;
    conclude(run, result);
    return true;
}

/* Flits that leave a router in a cycle, about, if the network takes what it is offered: a packet's way is a
 * third of the grid in each dimension. */
static double load(const struct run *run) {
    const struct noc_topology *t = &run->network.topology;
    double hops = 1;
    for (uint32_t d = 0; d < t->dimensions; d++)
        hops += t->size[d] / 3.0;
    return run->traffic.spec->rate * hops * t->terminals / t->routers;
}

static uint32_t shards_of(const struct run *run) {
    uint32_t most = run->network.topology.routers, wanted = run->spec->threads;
    if (wanted == 0 || run->traffic.groups != NULL)
        return 1;
    return wanted < most ? wanted : most;
}

static bool check(const struct noc_network_spec *network, const struct noc_traffic_spec *traffic,
                  const struct sim_where *where, struct sim_err *err) {
    if (!noc_network_fits(network, traffic->packet, "noc.traffic: packets of", where, err))
        return false;
    if (!(traffic->rate > 0))
        return sim_err_add(err, SIM_EXIT_CONFIG, where, "noc.traffic: a rate of 0 leaves nothing to measure");
    return true;
}

bool noc_traffic_run(const struct noc_run_spec *spec, const struct noc_network_spec *network_spec,
                     const struct noc_traffic_spec *traffic_spec, const struct sim_where *where,
                     struct noc_run_result *result, struct sim_err *err) {
    struct run run = {.spec = spec, .limit = spec->cycles_max != 0 ? spec->cycles_max : 4000000};
    memset(result, 0, sizeof *result);
    result->statistics = run.statistics = malloc(sizeof *run.statistics);
    if (run.statistics == NULL)
        sim_memory_exhausted(NULL);
    noc_statistics_init(run.statistics);
    struct sim_kernel_spec kernel_spec = {.order = (enum sim_order)spec->order,
                                          .seed = traffic_spec->seed,
                                          .unlisted = spec->threads <= 1};
    sim_arena_init(&run.arena);
    sim_kernel_init(&run.kernel, &kernel_spec, &run.arena);
    bool sound = check(network_spec, traffic_spec, where, err) &&
                 noc_network_build(&run.network, network_spec, where, &run.arena, err) &&
                 noc_traffic_init(&run.traffic, traffic_spec, &run.network.topology,
                                  run.network.routing.entries, where, &run.arena, err) &&
                 noc_groups_lay(&run.traffic, &run.network, where, &run.arena, err);
    if (sound && run.traffic.groups != NULL) {
        run.last = SIM_NEW(&run.arena, struct noc_statistics);
        noc_statistics_init(run.last);
    }
    if (sound) {
        run.link_flits =
            SIM_NEW_ARRAY(&run.arena, uint64_t, run.network.topology.first[run.network.topology.routers]);
        run.kernel.spec.watchdog =
            spec->watchdog != 0 ? spec->watchdog : 100000 + time_for(&run, QUIET_PACKETS, SIM_NEVER / 2);
        observe(&run, shards_of(&run));
        if (load(&run) >= noc_batch_pays() && spec->order == SIM_ORDER_SPARSE && run.shards == 1)
            noc_network_together(&run.network);
        noc_network_assemble(&run.network, "noc", &run.observer[0].client, &run.kernel);
        start(&run);
        sound = run_all(&run, result, err);
    }
    noc_groups_release(&run.traffic);
    sim_arena_release(&run.arena);
    return sound;
}

void noc_run_result_release(struct noc_run_result *result) {
    free(result->link);
    free(result->statistics);
    memset(result, 0, sizeof *result);
}

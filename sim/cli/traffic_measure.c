/* SPDX-License-Identifier: MIT
 *
 * Measurements: of synthetic traffic by noc_traffic_run, of a recorded trace by watching all its packets.
 */
#include "sim/cli/traffic.h"

#include "noc/network/static.h"
#include "sim/base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PACKETS_ENOUGH 1e6 /* near saturation a mean may not converge in any time */
#define CYCLES_LEAST 20000
#define CYCLES_MOST 4000000
#define WATCHDOG 1000000

/* ---- energy ------------------------------------------------------------------------------------- */

void cli_traffic_parameters(const struct traffic *traffic, const struct noc_run_result *run,
                            struct sim_energy_parameter parameter[TRAFFIC_PARAMETERS + 1]) {
    uint64_t fifos = (uint64_t)run->links + run->terminals;
    const struct noc_router_spec *router = &traffic->network->router;
    double flits = (double)router->vcs * router->buffer_flits;
    if (router->flow_control == NOC_FLOW_DEFLECTION)
        fifos = traffic->terminals; /* where flits wait to enter */
    const struct sim_energy_parameter list[] = {
        {"noc.router", "flit_bits", router->flit_bits},
        {"noc.router", "vcs", router->vcs},
        {"noc.router", "buffer_flits", router->buffer_flits},
        {"noc.clock", "flit_bits", router->flit_bits},
        {"noc.clock", "routers", run->routers},
        {"noc.buffer", "flit_bits", router->flit_bits},
        {"noc.buffer", "flits", (double)fifos * flits},
        {"noc.link", "flit_bits", router->flit_bits},
        {"noc.link", "bit_mm", noc_network_bit_mm(traffic->network, run->links)},
        {NULL, NULL, 0},
    };
    memcpy(parameter, list, sizeof list);
}

/* What an event of a type costs. */
static double unit(const struct traffic *traffic, const struct sim_energy_point *point, const char *type,
                   const char *event, struct sim_err *err) {
    struct sim_energy_price price = {.unit_energy_j = NAN};
    return sim_energy_price(traffic->energy, type, event, point, &price, err) ? price.unit_energy_j : NAN;
}

/* Of one component of a type; what no source gives is `unknown`. */
static double area_of(const struct traffic *traffic, const struct sim_energy_point *point, const char *type,
                      double unknown, struct sim_err *err) {
    struct sim_energy_area area = {.area_m2 = NAN};
    sim_energy_area(traffic->energy, type, point, &area, err);
    return isnan(area.area_m2) ? unknown : area.area_m2;
}

bool cli_traffic_price(const struct traffic *traffic, const struct noc_run_result *run,
                       struct traffic_energy *energy, struct sim_err *err) {
    *energy = (struct traffic_energy){
        .total_j = NAN, .dynamic_j = NAN, .static_j = NAN, .hop_j = NAN, .edp_js = NAN, .area_m2 = NAN};
    if (traffic->energy == NULL)
        return true;
    struct sim_energy_parameter parameter[TRAFFIC_PARAMETERS + 1];
    cli_traffic_parameters(traffic, run, parameter);
    struct sim_energy_point point = {.voltage_v = traffic->chip->voltage_v,
                                     .clock_hz = traffic->chip->clock_hz,
                                     .parameter = parameter,
                                     .parameters = TRAFFIC_PARAMETERS};
    double dynamic = 0, cycles = (double)run->cycles, routers = run->routers;
    for (uint32_t event = 0; event < noc_router_type.event_count; event++)
        dynamic += (double)run->count[event] *
                   unit(traffic, &point, noc_router_type.name, noc_router_type.events[event].name, err);
    uint32_t divider = traffic->network->clock_divider;
    double edges = routers * (double)((run->cycles + divider - 1) / divider);
    double clock = unit(traffic, &point, noc_clock_type.name, "router_cycle", err) * edges +
                   unit(traffic, &point, noc_clock_type.name, "bit_cycle", err) * edges *
                       traffic->network->router.flit_bits;
    double leakage =
        cycles * (routers * unit(traffic, &point, noc_router_type.name, SIM_ENERGY_LEAKAGE, err) +
                  unit(traffic, &point, noc_clock_type.name, SIM_ENERGY_LEAKAGE, err) +
                  unit(traffic, &point, noc_buffer_type.name, SIM_ENERGY_LEAKAGE, err) +
                  unit(traffic, &point, noc_link_type.name, SIM_ENERGY_LEAKAGE, err));
    double area_m2 = routers * area_of(traffic, &point, noc_router_type.name, NAN, err);
    area_m2 += area_of(traffic, &point, noc_buffer_type.name, 0, err) +
               area_of(traffic, &point, noc_clock_type.name, 0, err) +
               area_of(traffic, &point, noc_link_type.name, 0, err);
    *energy = (struct traffic_energy){.total_j = dynamic + clock + leakage,
                                      .edp_js = (dynamic + clock + leakage) /
                                                (double)run->count[NOC_ROUTER_EJECT_FLIT] *
                                                run->latency_mean / traffic->chip->clock_hz,
                                      .area_m2 = area_m2,
                                      .dynamic_j = dynamic,
                                      .static_j = clock + leakage,
                                      .hop_j = dynamic / (double)run->flit_hops};
    return err->count == 0;
}

/* ---- recorded traces ---------------------------------------------------------------------------- */

struct recorded {
    const struct traffic *traffic;
    struct noc_run_result *result;
    sim_cycle *latency; /* [packet] */
    sim_cycle last;
    struct sim_progress *progress; /* NULL: silent */
    uint64_t arrived;
    uint64_t queueing, sum, hops, flits;
};

static void on_sent(void *self, uint32_t terminal, const struct noc_packet *packet, sim_cycle now) {
    struct recorded *r = self;
    (void)terminal;
    r->queueing += now - packet->created;
}

static void on_arrived(void *self, uint32_t terminal, const struct noc_arrival *arrival, sim_cycle now) {
    struct recorded *r = self;
    (void)terminal;
    if (arrival->head)
        r->hops += arrival->hops;
    if (!arrival->tail)
        return;
    r->latency[arrival->tag] = now - r->traffic->trace.packet[arrival->tag].cycle;
    r->last = now > r->last ? now : r->last;
    r->arrived++;
}

static sim_cycle on_look(void *self, const struct sim_kernel *kernel) {
    const struct recorded *r = self;
    sim_progress_tick(r->progress, r->arrived);
    return kernel->now + noc_run_piece(r->traffic->terminals);
}

static int by_latency(const void *a, const void *b) {
    sim_cycle x = *(const sim_cycle *)a, y = *(const sim_cycle *)b;
    return x < y ? -1 : x > y;
}

static sim_cycle quantile(const sim_cycle *sorted, uint64_t count, double fraction) {
    uint64_t rank = (uint64_t)ceil(fraction * (double)count);
    return sorted[rank > 0 ? rank - 1 : 0];
}

static void note_links(const struct noc_network *network, struct noc_run_result *result) {
    const struct noc_topology *t = &network->topology;
    result->link = calloc((size_t)t->first[t->routers] + 1, sizeof *result->link);
    if (result->link == NULL)
        sim_memory_exhausted(NULL);
    for (uint32_t router = 0; router < t->routers; router++)
        for (uint32_t port = 0; port < noc_topology_ports(t, router); port++) {
            const struct noc_end *end = noc_topology_end(t, router, port);
            if (end->kind != NOC_END_ROUTER)
                continue;
            double load =
                (double)noc_network_sent(network, router, port, result->cycles) / (double)result->cycles;
            result->link[result->links++] =
                (struct noc_link_load){.from = router, .port = port, .to = end->peer, .load = load};
            result->link_load_mean += load;
            result->link_load_max = load > result->link_load_max ? load : result->link_load_max;
        }
    if (result->links > 0)
        result->link_load_mean /= result->links;
}

static bool on_ended(void *self, struct sim_kernel *kernel, struct noc_network *network,
                     struct sim_err *err) {
    struct recorded *r = self;
    struct noc_run_result *result = r->result;
    (void)err;
    result->cycles = kernel->now;
    result->steps = kernel->steps;
    result->routers = network->topology.routers;
    result->terminals = network->topology.terminals;
    result->bytes_per_router = network->bytes_per_router;
    for (uint32_t router = 0; router < result->routers; router++)
        for (uint32_t event = 0; event < noc_router_type.event_count; event++)
            result->count[event] += network->router[router].base.count[event];
    result->flit_hops = result->count[NOC_ROUTER_CROSSBAR];
    result->flits = result->count[NOC_ROUTER_EJECT_FLIT];
    note_links(network, result);
    return true;
}

/* The longest time in which no packet is created. */
static sim_cycle longest_gap(const struct noc_trace *trace) {
    sim_cycle *cycle = malloc(trace->count * sizeof *cycle), gap = 0;
    if (cycle == NULL)
        sim_memory_exhausted(NULL);
    for (uint32_t i = 0; i < trace->count; i++)
        cycle[i] = trace->packet[i].cycle;
    qsort(cycle, trace->count, sizeof *cycle, by_latency);
    for (uint32_t i = 0; i < trace->count; i++) {
        sim_cycle before = i == 0 ? 0 : cycle[i - 1];
        gap = cycle[i] - before > gap ? cycle[i] - before : gap;
    }
    free(cycle);
    return gap;
}

struct noc_observe_spec cli_traffic_observe_spec(const struct traffic *traffic, sim_cycle cycles) {
    bool recorded = traffic->trace.packet != NULL;
    sim_cycle watchdog = traffic->run.watchdog != 0 ? traffic->run.watchdog : WATCHDOG;
    return (struct noc_observe_spec){
        .network = traffic->network,
        .traffic = recorded ? NULL : &traffic->spec,
        .trace = recorded ? &traffic->trace : NULL,
        .where = &traffic->where,
        .order = traffic->order,
        .seed = traffic->spec.seed,
        .watchdog = recorded ? watchdog + longest_gap(&traffic->trace) : SIM_NEVER / 2,
        .cycles = cycles,
    };
}

static bool measure_recorded(const struct traffic *traffic, struct sim_progress *progress,
                             struct traffic_result *result, struct sim_err *err) {
    const struct noc_trace *trace = &traffic->trace;
    struct noc_run_result *run = &result->run;
    struct recorded r = {.traffic = traffic, .result = run, .progress = progress};
    struct noc_observer observer = {.self = &r, .sent = on_sent, .arrived = on_arrived, .ended = on_ended};
    struct noc_observe_spec spec = cli_traffic_observe_spec(traffic, SIM_NEVER);
    if (progress != NULL) {
        sim_progress_part(progress, trace->count, "packets");
        observer.look = on_look;
    }
    r.latency = calloc(trace->count, sizeof *r.latency);
    if (r.latency == NULL)
        sim_memory_exhausted(NULL);
    bool sound = noc_network_observe(&spec, &observer, err);
    sim_cycle first = SIM_NEVER, last = 0;
    for (uint32_t i = 0; sound && i < trace->count; i++) {
        r.sum += r.latency[i];
        r.flits += trace->packet[i].size;
        first = trace->packet[i].cycle < first ? trace->packet[i].cycle : first;
        last = trace->packet[i].cycle > last ? trace->packet[i].cycle : last;
        sim_histogram_add(result->latency, r.latency[i], 1);
    }
    if (sound) {
        qsort(r.latency, trace->count, sizeof *r.latency, by_latency);
        run->packets = trace->count;
        run->latency_mean = (double)r.sum / trace->count;
        run->network_latency_mean = (double)(r.sum - r.queueing) / trace->count;
        run->latency_interval = NAN;
        run->latency_p50 = quantile(r.latency, trace->count, 0.50);
        run->latency_p95 = quantile(r.latency, trace->count, 0.95);
        run->latency_p99 = quantile(r.latency, trace->count, 0.99);
        run->latency_max = r.latency[trace->count - 1];
        run->hops_mean = (double)r.hops / trace->count;
        run->rate = (double)r.flits / (double)(last - first + 1) / run->terminals;
        run->accepted = (double)r.flits / (double)(r.last - first + 1) / run->terminals;
        run->window = run->cycles;
        run->converged = true;
    }
    free(r.latency);
    return sound;
}

/* ---- both --------------------------------------------------------------------------------------- */

static double seconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

sim_cycle cli_traffic_longest(const struct traffic *traffic) {
    const struct noc_run_spec *run = &traffic->run;
    double packets = traffic->spec.rate / traffic->spec.packet * traffic->terminals *
                     noc_traffic_copies(&traffic->spec); /* a cycle */
    double cycles = packets > 0 ? PACKETS_ENOUGH / packets + CYCLES_LEAST : CYCLES_MOST;
    sim_cycle most = cycles < CYCLES_MOST ? (sim_cycle)cycles : CYCLES_MOST;
    if (run->cycles_max != 0)
        most = run->cycles_max;
    return most < run->warmup + run->cycles ? run->warmup + run->cycles : most;
}

/* Bins alike: noc/network/statistics.h and sim/base/histogram.h cut time in the same way. */
static void copy_histogram(const struct noc_statistics *s, struct sim_histogram *histogram) {
    for (uint32_t i = 0; i < NOC_HISTOGRAM_BINS; i++) {
        sim_cycle low, high;
        noc_statistics_bin(i, &low, &high);
        sim_histogram_add(histogram, low, s->histogram[i]);
    }
}

static void on_progress(void *listener, const char *part, sim_cycle done, sim_cycle total) {
    sim_progress_part(listener, total, part);
    sim_progress_tick(listener, done);
}

static bool measure(const struct traffic *traffic, struct sim_progress *progress,
                    struct traffic_result *result, struct sim_err *err) {
    *result = (struct traffic_result){.latency = calloc(1, sizeof *result->latency)};
    if (result->latency == NULL)
        sim_memory_exhausted(NULL);
    double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID), start = seconds(CLOCK_MONOTONIC);
    bool sound;
    if (traffic->trace.packet != NULL) {
        sound = measure_recorded(traffic, progress, result, err);
    } else {
        struct noc_run_spec run = traffic->run;
        run.cycles_max = cli_traffic_longest(traffic);
        run.tell = progress != NULL && progress->out != NULL ? on_progress : NULL;
        run.listener = progress;
        sound = noc_traffic_run(&run, traffic->network, &traffic->spec, &traffic->where, &result->run,
                                err);
        if (sound)
            copy_histogram(result->run.statistics, result->latency);
    }
    result->sim_seconds = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    result->elapsed_seconds = seconds(CLOCK_MONOTONIC) - start;
    return sound && cli_traffic_price(traffic, &result->run, &result->energy, err);
}

bool cli_traffic_compares(const struct traffic *traffic) {
    return traffic->trace.packet == NULL && traffic->spec.pattern == NOC_PATTERN_MULTICAST &&
           traffic->spec.replication == NOC_REPLICATION_BOTH;
}

bool cli_traffic_measure(const struct traffic *traffic, struct sim_progress *progress,
                         struct traffic_result *result, struct sim_err *err) {
    if (!cli_traffic_compares(traffic))
        return measure(traffic, progress, result, err);
    struct traffic one = *traffic;
    one.spec.replication = NOC_REPLICATION_TREE;
    bool sound = measure(&one, progress, result, err);
    result->unicast = calloc(1, sizeof *result->unicast);
    if (result->unicast == NULL)
        sim_memory_exhausted(NULL);
    one.spec.replication = NOC_REPLICATION_UNICAST;
    return sound && measure(&one, progress, result->unicast, err);
}

void cli_traffic_result_release(struct traffic_result *result) {
    if (result->unicast != NULL)
        cli_traffic_result_release(result->unicast);
    free(result->unicast);
    noc_run_result_release(&result->run);
    free(result->latency);
    *result = (struct traffic_result){.latency = NULL};
}

/* SPDX-License-Identifier: MIT
 *
 * The database of a measurement: the measured run once more, with every component on record.
 *
 * The measurement itself knows no recorder. Runs repeat exactly, so the repeated one has the same counts;
 * this is checked before the database gets its name.
 */
#include "sim/cli/traffic.h"

#include "noc/network/static.h"

#include <math.h>
#include <stdlib.h>

struct recording {
    const struct traffic *traffic;
    const struct traffic_result *result;
    struct sim_record *record;
    struct sim_progress *progress;
    struct sim_err *err;
    struct noc_network_static parts;
    uint32_t packets; /* histogram */
    bool sound;
};

/* A measured packet has arrived; synthetic packets carry the low word of the cycle of their creation. */
static void on_arrived(void *self, uint32_t terminal, const struct noc_arrival *arrival, sim_cycle now) {
    struct recording *r = self;
    const struct noc_run_result *run = &r->result->run;
    const struct noc_trace *trace = &r->traffic->trace;
    (void)terminal;
    if (!arrival->tail)
        return;
    sim_cycle latency = trace->packet != NULL ? now - trace->packet[arrival->tag].cycle
                                              : (uint32_t)((uint32_t)now - arrival->tag);
    sim_cycle created = now - latency;
    if (trace->packet != NULL || (created >= run->warmup && created - run->warmup < run->window))
        sim_record_latency(r->record, r->packets, latency, 1);
}

static struct sim_record_place place_of(const struct noc_topology *topology, uint32_t router) {
    struct sim_record_place place = {-1, -1, -1};
    if (topology->dimensions != 1 && topology->dimensions != 2)
        return place;
    const uint16_t *coordinate = noc_topology_coordinate(topology, router);
    place.col = coordinate[0];
    place.row = topology->dimensions == 2 ? coordinate[1] : 0;
    return place;
}

static void record_facts(struct recording *r) {
    const struct traffic *traffic = r->traffic;
    const struct noc_run_result *run = &r->result->run;
    char text[512];
    sim_record_set_text(r->record, "arch", traffic->options->arch);
    sim_record_set_text(r->record, "traffic", cli_traffic_describe(traffic, text, sizeof text));
    sim_record_set_text(r->record, "engine",
                        traffic->options->engine != NULL ? traffic->options->engine->name : "native");
    sim_record_set_int(r->record, "order", (int64_t)traffic->order);
    sim_record_set_int(r->record, "seed", (int64_t)traffic->spec.seed);
    sim_record_set_real(r->record, "rate", run->rate);
    sim_record_set_real(r->record, "accepted", run->accepted);
    sim_record_set_int(r->record, "saturated", run->saturated);
    sim_record_set_int(r->record, "warmup", (int64_t)run->warmup);
    sim_record_set_int(r->record, "window", (int64_t)run->window);
    sim_record_set_int(r->record, "packets", (int64_t)run->packets);
    for (uint32_t i = 0; i < traffic->config.settings; i++)
        sim_record_config(r->record, traffic->config.setting[i].path, traffic->config.setting[i].value,
                          traffic->config.setting[i].origin);
    struct sim_energy_parameter parameter[TRAFFIC_PARAMETERS + 1];
    cli_traffic_parameters(traffic, run, parameter);
    for (const struct sim_energy_parameter *p = parameter; p->type != NULL; p++)
        sim_record_parameter(r->record, p->type, p->name, p->value);
}

static void on_assembled(void *self, struct sim_kernel *kernel, struct noc_network *network) {
    struct recording *r = self;
    const struct noc_topology *topology = &network->topology;
    noc_network_add_static(network, "noc", &r->parts, kernel);
    record_facts(r);
    for (uint32_t id = 0; id < kernel->components; id++) {
        struct sim_record_place place = {-1, -1, -1};
        if (id < topology->routers)
            place = place_of(topology, id);
        else if (id - topology->routers < topology->terminals)
            place = place_of(topology, topology->home[id - topology->routers].router);
        sim_record_component(r->record, kernel->component[id], &place);
    }
    struct sim_energy_point point = {.voltage_v = r->traffic->chip->voltage_v,
                                     .clock_hz = r->traffic->chip->clock_hz};
    if (r->traffic->energy != NULL)
        r->sound = sim_record_price(r->record, r->traffic->energy, &point, r->err);
    r->packets =
        sim_record_histogram(r->record, "packet", "cycles from a packet's creation to its tail's arrival");
}

/* Stops early when there is no point in going on. */
static sim_cycle on_look(void *self, const struct sim_kernel *kernel) {
    const struct recording *r = self;
    sim_progress_tick(r->progress, kernel->now);
    return r->sound && !sim_record_failed(r->record) ? kernel->now + noc_run_piece(r->result->run.terminals)
                                                     : kernel->now;
}

static uint64_t sends_of(const struct noc_network *network, const struct sim_connection *c, sim_cycle now) {
    uint32_t routers = network->topology.routers;
    const struct sim_link *link = c->link;
    if (c->from >= routers)
        return network->terminal[c->from - routers].interface.out.flits;
    for (uint32_t port = 0; port < noc_topology_ports(&network->topology, c->from); port++)
        if (&network->router[c->from].channel[port].base == link)
            return noc_network_sent(network, c->from, port, now);
    return 0;
}

static void record_links(struct recording *r, const struct sim_kernel *kernel,
                         const struct noc_network *network) {
    uint32_t bits = network->spec->router.flit_bits;
    for (uint32_t i = 0; i < kernel->connections; i++) {
        const struct sim_connection *c = &kernel->connection[i];
        if (c->link == NULL)
            continue;
        uint64_t sends = sends_of(network, c, kernel->now);
        struct sim_record_link link = {
            .name = c->name,
            .from = c->from,
            .to = c->to,
            .width = bits,
            .latency = c->link->latency,
            .sends = sends,
            .bits = (int64_t)(sends * bits),
        };
        sim_record_link(r->record, &link);
    }
}

static bool on_ended(void *self, struct sim_kernel *kernel, struct noc_network *network,
                     struct sim_err *err) {
    struct recording *r = self;
    const struct noc_run_result *run = &r->result->run;
    if (!r->sound)
        return false;
    uint64_t flit_hops = 0;
    for (uint32_t router = 0; router < network->topology.routers; router++)
        flit_hops += network->router[router].base.count[NOC_ROUTER_CROSSBAR];
    if (!sim_record_failed(r->record) && (flit_hops != run->flit_hops || kernel->now != run->cycles))
        return sim_err_add(err, SIM_EXIT_STOPPED, NULL,
                           "the run did not repeat: %llu flit-hops in %llu cycles, then %llu in %llu",
                           (unsigned long long)run->flit_hops, (unsigned long long)run->cycles,
                           (unsigned long long)flit_hops, (unsigned long long)kernel->now);
    record_links(r, kernel, network);
    return sim_record_finish(r->record, kernel->now, err);
}

bool cli_traffic_record(const struct traffic *traffic, const struct traffic_result *result,
                        struct sim_progress *progress, struct sim_record *record, struct sim_err *err) {
    struct recording r = {.traffic = traffic,
                          .result = result,
                          .record = record,
                          .progress = progress,
                          .err = err,
                          .sound = true};
    sim_progress_part(progress, result->run.cycles, "again, on record: cycles");
    struct noc_observer observer = {
        .self = &r, .arrived = on_arrived, .assembled = on_assembled, .look = on_look, .ended = on_ended};
    struct noc_observe_spec run = cli_traffic_observe_spec(traffic, result->run.cycles);
    run.engine = traffic->options->engine;
    return noc_network_observe(&run, &observer, err);
}

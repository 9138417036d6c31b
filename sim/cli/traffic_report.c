/* SPDX-License-Identifier: MIT
 *
 * What a measurement gave, for people and for programs.
 */
#include "sim/cli/traffic.h"

#include "sim/base/memory.h"
#include "sim/base/number.h"
#include "sim/base/table.h"
#include "sim/config/quantity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BARS 8 /* rows of the histogram */
#define BAR_WIDTH 40
#define LINKS_SHOWN 3

static const char *quantity(double value, enum sim_unit unit) {
    static char buffer[8][48];
    static int next;
    next = (next + 1) % 8;
    return sim_quantity_format(buffer[next], sizeof buffer[next], value, unit);
}

/* ---- text --------------------------------------------------------------------------------------- */

static void print_network(const struct traffic *traffic, const struct noc_run_result *run, FILE *out) {
    const struct noc_network_spec *n = traffic->network;
    static const char *const topologies[] = {"mesh", "torus", "fat tree", "graph"};
    fprintf(out, "Network    %s: %s %s, routing %s, %u router%s, %u terminal%s\n", traffic->options->arch,
            topologies[n->topology], n->topology == NOC_TOPOLOGY_GRAPH ? "from an edge list" : n->size,
            noc_routing_names[n->routing], run->routers, sim_plural(run->routers), run->terminals,
            sim_plural(run->terminals));
    if (n->router.flow_control == NOC_FLOW_DEFLECTION)
        fprintf(out, "Router     deflects, flits of %u bit%s, clock %s", n->router.flit_bits,
                sim_plural(n->router.flit_bits), quantity(traffic->chip->clock_hz, SIM_UNIT_HERTZ));
    else
        fprintf(out, "Router     %u VC%s x %u flit%s of %u bit%s a port, clock %s", n->router.vcs,
                sim_plural(n->router.vcs), n->router.buffer_flits, sim_plural(n->router.buffer_flits),
                n->router.flit_bits, sim_plural(n->router.flit_bits),
                quantity(traffic->chip->clock_hz, SIM_UNIT_HERTZ));
    if (n->clock_divider > 1)
        fprintf(out, " / %u", n->clock_divider);
    fputc('\n', out);
}

static void print_run(const struct traffic *traffic, const struct noc_run_result *run, FILE *out) {
    if (traffic->trace.packet != NULL) {
        fprintf(out, "Run        %llu cycles, %llu packet%s\n", (unsigned long long)run->cycles,
                (unsigned long long)run->packets, sim_plural(run->packets));
        return;
    }
    const char *verdict = run->saturated   ? "saturated"
                          : run->converged ? "converged"
                          : traffic->options->cycles > 0
                              ? "of the length asked for"
                              : "not converged within the longest run (--max-cycles)";
    fprintf(out, "Run        %llu cycles: warm-up %llu, window %llu; %llu packet%s measured; %s\n",
            (unsigned long long)run->cycles, (unsigned long long)run->warmup, (unsigned long long)run->window,
            (unsigned long long)run->packets, sim_plural(run->packets), verdict);
}

static void print_latency(const struct traffic *traffic, const struct noc_run_result *run, FILE *out) {
    if (run->packets == 0) {
        fprintf(out, "Latency    none: no measured packet arrived\n");
        return;
    }
    char interval[48] = "";
    if (isfinite(run->latency_interval))
        snprintf(interval, sizeof interval, " +- %.2f (95 %%)", run->latency_interval);
    fprintf(out, "Latency    %.2f%s cycles = %s", run->latency_mean, interval,
            quantity(run->latency_mean / traffic->chip->clock_hz, SIM_UNIT_SECOND));
    if (isfinite(run->network_latency_mean))
        fprintf(out, ", of which %.2f in the network", run->network_latency_mean);
    fputc('\n', out);
    fprintf(out,
            "           half within %llu, 95 %% within %llu, 99 %% within %llu, all within %llu cycles\n",
            (unsigned long long)run->latency_p50, (unsigned long long)run->latency_p95,
            (unsigned long long)run->latency_p99, (unsigned long long)run->latency_max);
    fprintf(out, "Hops       %.3f routers", run->hops_mean);
    if (traffic->network->router.flow_control == NOC_FLOW_DEFLECTION)
        fprintf(out, "; %.2f %% of the flits' hops were deflections",
                100 * (double)run->count[NOC_ROUTER_DEFLECT] / (double)run->flit_hops);
    fputc('\n', out);
}

static double hops_per_flit(const struct noc_run_result *run) {
    return run->flits > 0 ? (double)run->flit_hops / (double)run->flits : NAN;
}

static bool is_multicast(const struct traffic *traffic) {
    return traffic->trace.packet == NULL && traffic->spec.pattern == NOC_PATTERN_MULTICAST;
}

static void print_copies(const char *heading, const struct noc_run_result *run, FILE *out) {
    fprintf(
        out,
        "%-10s the last copy after %.2f cycles, 99 %% of them within %llu; %.3f flit-hops a copied flit\n",
        heading, run->latency_last_mean, (unsigned long long)run->latency_last_p99, hops_per_flit(run));
}

static void print_multicast(const struct traffic *traffic, const struct traffic_result *result, FILE *out) {
    if (!is_multicast(traffic) || result->run.messages == 0)
        return;
    print_copies(traffic->spec.replication == NOC_REPLICATION_UNICAST ? "Unicast" : "Tree", &result->run,
                 out);
    if (result->unicast == NULL)
        return;
    const struct noc_run_result *other = &result->unicast->run;
    if (other->messages > 0)
        print_copies("Unicast", other, out);
    fprintf(out, "           %.2f +- %.2f cycles a copy, %.5f flits accepted, %.2f times the flit-hops%s\n",
            other->latency_mean, other->latency_interval, other->accepted,
            hops_per_flit(other) / hops_per_flit(&result->run), other->saturated ? "; saturated" : "");
}

static int by_load(const void *a, const void *b) {
    const struct noc_link_load *x = a, *y = b;
    if (x->load != y->load)
        return x->load < y->load ? 1 : -1;
    return x->from != y->from ? (x->from < y->from ? -1 : 1) : x->port < y->port ? -1 : x->port > y->port;
}

static void print_links(const struct noc_run_result *run, FILE *out) {
    if (run->links == 0)
        return;
    struct noc_link_load *link = malloc(run->links * sizeof *link);
    if (link == NULL)
        sim_memory_exhausted(NULL);
    memcpy(link, run->link, run->links * sizeof *link);
    qsort(link, run->links, sizeof *link, by_load);
    fprintf(out, "Links      %u, mean load %.3f flits a cycle", run->links, run->link_load_mean);
    for (uint32_t i = 0; i < LINKS_SHOWN && i < run->links && link[i].load > 0; i++)
        fprintf(out, "%s %.3f from %u to %u", i > 0 ? "," : "; most:", link[i].load, link[i].from,
                link[i].to);
    fputc('\n', out);
    free(link);
}

/* Up to BARS classes of equal width between the least and the 99th percentile, and one for the rest. */
static void print_histogram(const struct traffic_result *result, FILE *out) {
    const struct sim_histogram *h = result->latency;
    if (h->count == 0)
        return;
    sim_cycle last = result->run.latency_p99, width = (last - h->min) / BARS + 1;
    uint64_t count[BARS + 1] = {0}, most = 1;
    for (uint32_t bin = 0; bin < SIM_HISTOGRAM_BINS; bin++) {
        uint64_t low = sim_histogram_low(bin);
        if (h->bin[bin] == 0)
            continue;
        uint64_t row = low <= last ? (low - h->min) / width : BARS;
        count[row < BARS ? row : BARS] += h->bin[bin];
    }
    for (uint32_t row = 0; row <= BARS; row++)
        most = count[row] > most ? count[row] : most;
    fputc('\n', out);
    for (uint32_t row = 0; row <= BARS; row++) {
        if (count[row] == 0)
            continue;
        char range[48];
        sim_cycle from = h->min + row * width, to = from + width - 1;
        if (row == BARS)
            snprintf(range, sizeof range, "above %llu", (unsigned long long)last);
        else
            snprintf(range, sizeof range, to > from && last > from ? "%llu-%llu" : "%llu",
                     (unsigned long long)from, (unsigned long long)(to < last ? to : last));
        fprintf(out, "  %15s %5.1f %%  ", range, 100 * (double)count[row] / (double)h->count);
        for (uint64_t i = 0; i < (count[row] * BAR_WIDTH + most - 1) / most; i++)
            fputc('#', out);
        fputc('\n', out);
    }
}

static void print_energy(const struct traffic *traffic, const struct traffic_result *result, FILE *out) {
    const struct traffic_energy *e = &result->energy;
    if (!isfinite(e->total_j))
        return;
    double seconds = (double)result->run.cycles / traffic->chip->clock_hz;
    fprintf(out, "Energy     %s = %s; events %s, clock and leakage %s (%s)\n",
            quantity(e->total_j, SIM_UNIT_JOULE), quantity(e->total_j / seconds, SIM_UNIT_WATT),
            quantity(e->dynamic_j, SIM_UNIT_JOULE), quantity(e->static_j, SIM_UNIT_JOULE),
            sim_energy_name(traffic->energy));
    if (isfinite(e->hop_j))
        fprintf(out, "           %s a flit and router, link included\n", quantity(e->hop_j, SIM_UNIT_JOULE));
    if (isfinite(e->edp_js))
        fprintf(out, "Merit      energy x delay %.3g J s a delivered flit\n", e->edp_js);
    fprintf(out, "Area       %s of routers and buffers\n",
            isnan(e->area_m2) ? "-" : quantity(e->area_m2, SIM_UNIT_SQUARE_METRE));
}

/* Of several threads by the clock, which they want to beat. */
static void print_speed(const struct traffic *traffic, const struct traffic_result *result, FILE *out) {
    const struct noc_run_result *run = &result->run;
    double seconds = result->sim_seconds;
    fprintf(out, "Simulated  in %s of CPU", quantity(seconds, SIM_UNIT_SECOND));
    if (traffic->run.threads > 1) {
        seconds = result->elapsed_seconds;
        fprintf(out, ", %s of time for %u threads", quantity(seconds, SIM_UNIT_SECOND), traffic->run.threads);
    }
    fprintf(out, ": %s cycles/s, %s flit-hops/s\n", quantity((double)run->cycles / seconds, SIM_UNIT_NONE),
            quantity((double)run->flit_hops / seconds, SIM_UNIT_NONE));
}

void cli_traffic_print_text(const struct traffic *traffic, const struct traffic_result *result, FILE *out) {
    const struct noc_run_result *run = &result->run;
    char text[512];
    print_network(traffic, run, out);
    fprintf(out, "Traffic    %s\n", cli_traffic_describe(traffic, text, sizeof text));
    print_run(traffic, run, out);
    print_latency(traffic, run, out);
    print_multicast(traffic, result, out);
    fprintf(out, "Accepted   %.5f of %.5f flits offered by a terminal in a cycle\n", run->accepted,
            run->rate * (traffic->trace.packet == NULL ? noc_traffic_copies(&traffic->spec) : 1));
    print_links(run, out);
    print_energy(traffic, result, out);
    print_speed(traffic, result, out);
    if (result->database != NULL)
        fprintf(out, "Results    %s\n", result->database);
    print_histogram(result, out);
}

/* ---- JSON --------------------------------------------------------------------------------------- */

static json_t *number(double value) { return isfinite(value) ? json_real(value) : json_null(); }

static void put_real(json_t *object, const char *key, double value) {
    json_object_set_new(object, key, number(value));
}

static void put_integer(json_t *object, const char *key, uint64_t value) {
    json_object_set_new(object, key, json_integer((json_int_t)value));
}

static json_t *json_links(const struct noc_run_result *run) {
    json_t *links = json_array();
    for (uint32_t i = 0; i < run->links; i++)
        json_array_append_new(links, json_pack("{s:I, s:I, s:I, s:f}", "from", (json_int_t)run->link[i].from,
                                               "port", (json_int_t)run->link[i].port, "to",
                                               (json_int_t)run->link[i].to, "load", run->link[i].load));
    return links;
}

static json_t *json_histogram(const struct sim_histogram *histogram) {
    json_t *bins = json_array();
    for (uint32_t bin = 0; bin < SIM_HISTOGRAM_BINS; bin++)
        if (histogram->bin[bin] != 0)
            json_array_append_new(bins, json_pack("[I, I, I]", (json_int_t)sim_histogram_low(bin),
                                                  (json_int_t)sim_histogram_high(bin),
                                                  (json_int_t)histogram->bin[bin]));
    return bins;
}

static void put_energy(json_t *root, const struct traffic *traffic, const struct traffic_result *result) {
    const struct traffic_energy *e = &result->energy;
    bool priced = isfinite(e->total_j);
    put_real(root, "energy_j", e->total_j);
    put_real(root, "power_w", e->total_j * traffic->chip->clock_hz / (double)result->run.cycles);
    put_real(root, "energy_dynamic_j", e->dynamic_j);
    put_real(root, "energy_static_j", e->static_j);
    put_real(root, "energy_per_flit_hop_j", e->hop_j);
    put_real(root, "edp_js", e->edp_js);
    put_real(root, "area_m2", e->area_m2);
    json_object_set_new(root, "tech", priced ? json_string(sim_energy_name(traffic->energy)) : json_null());
}

static void put_multicast(json_t *root, const struct traffic *traffic, const struct traffic_result *result,
                          bool whole) {
    const struct noc_run_result *run = &result->run;
    bool multicast = is_multicast(traffic), any = multicast && run->messages > 0;
    int replication = traffic->spec.replication;
    if (replication == NOC_REPLICATION_BOTH)
        replication = NOC_REPLICATION_TREE;
    json_object_set_new(root, "fanout", multicast ? json_integer(traffic->spec.fanout) : json_null());
    json_object_set_new(root, "replication",
                        multicast ? json_string(noc_replication_names[replication]) : json_null());
    json_object_set_new(root, "messages", multicast ? json_integer((json_int_t)run->messages) : json_null());
    put_real(root, "latency_last_mean", any ? run->latency_last_mean : NAN);
    json_object_set_new(root, "latency_last_p99",
                        any ? json_integer((json_int_t)run->latency_last_p99) : json_null());
    json_object_set_new(root, "latency_last_max",
                        any ? json_integer((json_int_t)run->latency_last_max) : json_null());
    struct traffic other = *traffic;
    other.spec.replication = NOC_REPLICATION_UNICAST;
    json_object_set_new(root, "unicast",
                        result->unicast != NULL ? cli_traffic_json(&other, result->unicast, whole)
                                                : json_null());
}

json_t *cli_traffic_json(const struct traffic *traffic, const struct traffic_result *result, bool whole) {
    const struct noc_run_result *run = &result->run;
    json_t *root = json_object();
    bool recorded = traffic->trace.packet != NULL, any = run->packets > 0;
    json_object_set_new(root, "arch", json_string(traffic->options->arch));
    json_object_set_new(root, "traffic",
                        json_string(recorded ? "trace" : noc_pattern_names[traffic->spec.pattern]));
    json_object_set_new(root, "trace", recorded ? json_string(traffic->trace.path) : json_null());
    json_object_set_new(root, "packet", recorded ? json_null() : json_integer(traffic->spec.packet));
    put_integer(root, "seed", traffic->spec.seed);
    put_multicast(root, traffic, result, whole);
    put_real(root, "rate", run->rate);
    put_real(root, "latency_mean", any ? run->latency_mean : NAN);
    put_real(root, "latency_interval", any ? run->latency_interval : NAN);
    put_real(root, "network_latency_mean", any ? run->network_latency_mean : NAN);
    json_object_set_new(root, "latency_p50", any ? json_integer((json_int_t)run->latency_p50) : json_null());
    json_object_set_new(root, "latency_p95", any ? json_integer((json_int_t)run->latency_p95) : json_null());
    json_object_set_new(root, "latency_p99", any ? json_integer((json_int_t)run->latency_p99) : json_null());
    json_object_set_new(root, "latency_max", any ? json_integer((json_int_t)run->latency_max) : json_null());
    put_real(root, "hops_mean", any ? run->hops_mean : NAN);
    put_real(root, "accepted", run->accepted);
    json_object_set_new(root, "saturated", json_boolean(run->saturated));
    json_object_set_new(root, "converged", json_boolean(run->converged));
    put_integer(root, "cycles", run->cycles);
    put_integer(root, "warmup", run->warmup);
    put_integer(root, "window", run->window);
    put_integer(root, "packets", run->packets);
    put_integer(root, "flit_hops", run->flit_hops);
    put_real(root, "flit_hops_per_flit", hops_per_flit(run));
    put_integer(root, "deflections", run->count[NOC_ROUTER_DEFLECT]);
    put_integer(root, "routers", run->routers);
    put_integer(root, "terminals", run->terminals);
    put_real(root, "link_load_mean", run->link_load_mean);
    put_real(root, "link_load_max", run->link_load_max);
    put_energy(root, traffic, result);
    put_integer(root, "bytes_per_router", run->bytes_per_router);
    put_real(root, "sim_seconds", result->sim_seconds);
    if (whole) {
        json_object_set_new(root, "links", json_links(run));
        json_object_set_new(root, "latency_histogram", json_histogram(result->latency));
    }
    json_object_set_new(root, "database",
                        result->database != NULL ? json_string(result->database) : json_null());
    return root;
}

/* ---- the story of a packet ---------------------------------------------------------------------- */

static unsigned long long since(sim_cycle from, sim_cycle to) { return (unsigned long long)(to - from); }

static void print_outcome(const struct noc_story *story, FILE *out) {
    if (story->tail == SIM_NEVER) {
        fprintf(out, "\nThe run ended before it had arrived.\n");
        return;
    }
    sim_cycle latency = story->tail - story->created;
    fprintf(out,
            "\nLatency %llu cycle%s = %llu in the source queue + %llu for the head + %llu more for the tail, "
            "over %u "
            "router%s.\n",
            (unsigned long long)latency, sim_plural(latency), since(story->created, story->injected),
            since(story->injected, story->head), since(story->head, story->tail), story->hops,
            sim_plural(story->hops));
    fprintf(out, "Alone it would have taken %llu.", (unsigned long long)story->zero_load);
    const char *separator = " It waited for: ";
    for (int wait = NOC_WAIT_QUEUE; wait < NOC_WAIT_COUNT; wait++)
        if (story->waited[wait] > 0) {
            fprintf(out, "%s%s %llu", separator, noc_wait_names[wait],
                    (unsigned long long)story->waited[wait]);
            separator = ", ";
        }
    fputs(separator[0] == ',' ? " cycles.\n" : " It waited for nothing.\n", out);
}

void cli_traffic_print_story(const struct traffic *traffic, const struct noc_story *story, FILE *out) {
    fprintf(out, "Packet %llu, ", (unsigned long long)story->number);
    if (story->dst != UINT32_MAX)
        fprintf(out, "%u flit%s from terminal %u to terminal %u", story->size, sim_plural(story->size),
                story->src, story->dst);
    else
        fprintf(out, "from terminal %u", story->src);
    fprintf(out, ", created in cycle %llu (%s)\n\n", (unsigned long long)story->created,
            traffic->options->arch);
    for (size_t i = 0; i < story->lines; i++) {
        const struct noc_story_line *line = &story->line[i];
        char cycles[64];
        if (line->first == line->last)
            snprintf(cycles, sizeof cycles, "cycle %llu", (unsigned long long)line->first);
        else
            snprintf(cycles, sizeof cycles, "cycles %llu-%llu", (unsigned long long)line->first,
                     (unsigned long long)line->last);
        fprintf(out, "%-22s %s\n", cycles, line->text);
    }
    print_outcome(story, out);
}

static json_t *cycle_or_null(sim_cycle cycle) {
    return cycle == SIM_NEVER ? json_null() : json_integer((json_int_t)cycle);
}

json_t *cli_traffic_story_json(const struct noc_story *story) {
    json_t *root = json_object(), *lines = json_array(), *waited = json_object();
    put_integer(root, "packet", story->number);
    put_integer(root, "src", story->src);
    json_object_set_new(root, "dst", story->dst == UINT32_MAX ? json_null() : json_integer(story->dst));
    put_integer(root, "size", story->size);
    put_integer(root, "created", story->created);
    json_object_set_new(root, "injected", cycle_or_null(story->injected));
    json_object_set_new(root, "head", cycle_or_null(story->head));
    json_object_set_new(root, "tail", cycle_or_null(story->tail));
    if (story->tail != SIM_NEVER) {
        put_integer(root, "latency", story->tail - story->created);
        put_integer(root, "zero_load", story->zero_load);
        put_integer(root, "hops", story->hops);
    }
    for (int wait = NOC_WAIT_QUEUE; wait < NOC_WAIT_COUNT; wait++)
        put_integer(waited, noc_wait_names[wait], story->waited[wait]);
    json_object_set_new(root, "waited", waited);
    for (size_t i = 0; i < story->lines; i++) {
        const struct noc_story_line *line = &story->line[i];
        json_array_append_new(lines, json_pack("{s:I, s:I, s:s, s:s}", "first", (json_int_t)line->first,
                                               "last", (json_int_t)line->last, "waits_for",
                                               noc_wait_names[line->wait], "text", line->text));
    }
    json_object_set_new(root, "story", lines);
    return root;
}

/* SPDX-License-Identifier: MIT
 *
 * nocsim --arch A --traffic T: measures a packet network under synthetic or recorded traffic.
 */
#include "sim/base/number.h"
#include "sim/base/memory.h"
#include "sim/cli/commands.h"
#include "sim/cli/engines.h"
#include "sim/cli/options.h"
#include "sim/cli/traffic.h"

#include <stdlib.h>
#include <string.h>

#define WATCHDOG_DEFAULT UINT64_C(1000000) /* run.watchdog: then a measurement chooses one for its load */

static int parse_engine(void *request, char *text) {
    struct traffic_options *options = request;
    const char *fault;
    options->engine = engines_find(text, &fault);
    return options->engine != NULL ? SIM_EXIT_OK : cli_usage("traffic", "%s, not '%s'", fault, text);
}

static int parse_until(void *request, char *text) {
    struct traffic_options *options = request;
    options->converged = strcmp(text, "converged") == 0;
    return options->converged ? SIM_EXIT_OK
                              : cli_usage("traffic", "--until takes converged, not '%s'", text);
}

static int parse_precision(void *request, char *text) {
    struct traffic_options *options = request;
    if (sim_number_real(text, &options->precision) && options->precision > 0 && options->precision <= 1)
        return SIM_EXIT_OK;
    return cli_usage("traffic", "--precision takes a number above 0, up to 1, not '%s'", text);
}

static const char *const log_names[] = {"summary", "events"};
static const enum sim_record_level log_levels[] = {SIM_RECORD_SUMMARY, SIM_RECORD_EVENTS};

static const struct cli_option option_table[] = {
    {"arch", 'a', "FILE", "description of a chip of type noc.chip", CLI_TEXT(struct traffic_options, arch)},
    {"traffic", 't', "TRAFFIC",
     "PATTERN[,rate=R][,packet=FLITS][,seed=N]...: uniform, transpose,\n"
     "bitcomp, bitrev, shuffle, tornado, neighbour,\n"
     "hotspot[,hotspot=27:4,28:4,*:1] (weights of terminals; without:\n"
     "4 for those in the centre, 1 for others), or\n"
     "multicast[,fanout=8][,groups=1][,replication=tree|unicast]\n"
     "(copied by the routers, by the source; without: both, compared);\n"
     "trace=FILE.csv: a packet a line, cycle,src,dst,size",
     CLI_TEXT(struct traffic_options, traffic)},
    {"network", 0, "N", "which network of the chip: 0 (default) is 'network', 1 the first of 'networks' ...",
     CLI_UINT(struct traffic_options, network, 0, UINT64_MAX)},
    {"cycles", 'c', "N", "length of the measured window, after the warm-up",
     CLI_UINT(struct traffic_options, cycles, NOC_WINDOW_LEAST, NOC_CYCLES_MAX / 4)},
    {"until", 'u', "converged", "extend the window until the mean latency is known well enough (default)",
     CLI_PARSED(parse_until)},
    {"warmup", 0, "N", "cycles before the window (default: found out)",
     CLI_UINT(struct traffic_options, warmup, 1, NOC_CYCLES_MAX / 4)},
    {"precision", 0, "P", "well enough: half the 95 % interval / mean (default: 0.01)",
     CLI_PARSED(parse_precision)},
    {"max-cycles", 0, "N",
     "where the window is not extended any more (default: a million\npackets, at most 4000000 cycles)",
     CLI_UINT(struct traffic_options, cycles_max, 1, NOC_CYCLES_MAX)},
    {"load-curve", 'L', "a:b:step", "measure the rates a to b instead of one, on all cores",
     CLI_TEXT(struct traffic_options, curve)},
    {"jobs", 'j', "N",
     "processes at a time of --load-curve (default: cores); threads that step\n"
     "the network of one measurement (default: 1); the results are the same",
     CLI_UINT(struct traffic_options, jobs, 1, 1024)},
    {"watch", 'w', "PACKET",
     "tell the life of packet number PACKET (from 0, in order of creation;\n"
     "of a trace: of its lines); without -o nothing is measured",
     CLI_UINT_GIVEN(struct traffic_options, watch, watched, 0, UINT64_MAX)},
    {"output", 'o', "FILE", "results database ('none': none, the default)",
     CLI_TEXT(struct traffic_options, output)},
    {"log", 'l', "LEVEL", "of the database: summary (default) or events",
     CLI_CHOICE(struct traffic_options, log, log_names, 2)},
    {"set", 's', "KEY=VALUE", "change a value of the description, e.g. chip.network.routing=yx",
     CLI_LIST(struct traffic_options, set, sets)},
    {"engine", 0, "ENGINE",
     "native (default) or systemc: who calls the components in\n"
     "the run that makes the database (-o); the results are the same",
     CLI_PARSED(parse_engine)},
    {"order", 0, "ORDER",
     "sparse (default), dense or shuffled: how components are\nstepped; the results are the same",
     CLI_CHOICE_GIVEN(struct traffic_options, order, order_given, sim_order_names, SIM_ORDER_COUNT)},
    {"seed", 0, "N", "seed of the traffic",
     CLI_UINT_GIVEN(struct traffic_options, seed, seed_given, 0, UINT64_MAX)},
    {"audit", 0, "N", "check the laws of the network every N cycles (always: at the end)",
     CLI_UINT(struct traffic_options, audit, 1, UINT64_MAX)},
    {"format", 'f', "FORMAT", "text (default) or json", CLI_TEXT_OR_JSON(struct traffic_options, format)},
    {"brief", 0, NULL, "json without links and histogram", CLI_FLAG(struct traffic_options, brief)},
    {"force", 0, NULL, "replace an existing database", CLI_FLAG(struct traffic_options, force)},
    {"quiet", 'q', NULL, "no progress, no summary", CLI_FLAG(struct traffic_options, quiet)},
    CLI_HELP,
    CLI_END,
};

static const struct cli_command command = {
    .name = "traffic",
    .usage = "Usage: nocsim --arch FILE --traffic TRAFFIC [OPTION]...\n"
             "Measures latency, throughput, load of links and energy of a packet network, cycle by cycle.\n\n"
             "Options:\n",
    .option = option_table,
};

bool cmd_traffic_wanted(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0)
            return false;
        if (strcmp(argv[i], "--traffic") == 0 || strncmp(argv[i], "--traffic=", 10) == 0)
            return true;
    }
    return false;
}

static int check(const struct traffic_options *o) {
    bool recorded = o->traffic != NULL && strncmp(o->traffic, "trace=", 6) == 0;
    if (o->arch == NULL || o->traffic == NULL)
        return cli_usage("traffic", "--arch and --traffic are needed");
    if (o->cycles > 0 && o->converged)
        return cli_usage("traffic", "either --cycles or --until");
    if (recorded && (o->cycles > 0 || o->converged || o->warmup > 0 || o->precision > 0 || o->cycles_max > 0))
        return cli_usage(
            "traffic", "a trace runs to its end: no --cycles, --until, --warmup, --precision, --max-cycles");
    if (recorded && o->curve != NULL)
        return cli_usage("traffic", "--load-curve needs a pattern, not a trace");
    if (o->curve != NULL && (o->output != NULL || o->watched))
        return cli_usage("traffic", "--load-curve is many runs: no --output, no --watch");
    if (o->brief && o->format != CLI_FORMAT_JSON)
        return cli_usage("traffic", "--brief is for --format json");
    if (o->jobs > 1 && o->curve == NULL && (recorded || (o->watched && o->output == NULL)))
        return cli_usage("traffic", "--jobs needs a measurement of a pattern: a trace, or a packet that is "
                                    "watched, has one thread");
    if (o->log > 0 && o->output == NULL)
        return cli_usage("traffic", "--log needs --output");
    if (o->engine != NULL && o->output == NULL)
        return cli_usage("traffic", "--engine is of the run that makes the database: --output is needed");
    return SIM_EXIT_OK;
}

/* ---- elaboration -------------------------------------------------------------------------------- */

static bool load(struct traffic *traffic, struct sim_err *err) {
    const struct traffic_options *o = traffic->options;
    if (!cli_config_load(&traffic->config, o->arch, o->set, o->sets, err))
        return false;
    const struct sim_node *node = sim_node_get(traffic->config.root, "chip");
    traffic->where = node != NULL ? node->where : (struct sim_where){.file = o->arch};
    if (traffic->config.chip.schema != &noc_chip_schema)
        return sim_err_add(err, SIM_EXIT_CONFIG, &traffic->where,
                           "--traffic needs a chip of type 'noc.chip', not '%s'",
                           traffic->config.chip.schema->name);
    traffic->chip = traffic->config.chip.spec;
    if (traffic->chip->has_network + traffic->chip->network_count == 0)
        return sim_err_add(err, SIM_EXIT_CONFIG, &traffic->where,
                           "noc.chip: the chip has no network, so there is nothing to send packets over");
    if (o->network == 0 && !traffic->chip->has_network)
        return sim_err_add(err, SIM_EXIT_CONFIG, &traffic->where,
                           "noc.chip: network is none: --network 1 is the first of 'networks'");
    if (o->network > traffic->chip->network_count)
        return sim_err_add(err, SIM_EXIT_CONFIG, &traffic->where,
                           "--network %llu: the chip has %u network%s, numbered from 0",
                           (unsigned long long)o->network, traffic->chip->network_count + 1,
                           sim_plural(traffic->chip->network_count + 1));
    traffic->network =
        o->network == 0 ? &traffic->chip->network : &traffic->chip->networks[o->network - 1];
    const struct sim_kernel_spec *run = traffic->config.run;
    traffic->order = o->order_given ? o->order : run->order;
    traffic->run = (struct noc_run_spec){
        .warmup = o->warmup,
        .cycles = o->cycles,
        .cycles_max = o->cycles_max,
        .precision = o->precision,
        .watchdog = run->watchdog == WATCHDOG_DEFAULT ? 0 : run->watchdog,
        .order = (int)traffic->order,
        .audit = o->audit,
        .threads = o->curve == NULL ? (uint32_t)o->jobs : 1,
    };
    if (o->seed_given)
        traffic->spec.seed = o->seed;
    if (traffic->config.tech != NULL)
        traffic->energy = sim_energy_read(traffic->config.tech, err);
    return traffic->config.tech == NULL || traffic->energy != NULL;
}

/* The terminals of the routers in the middle of a plane, or the middle terminal. */
static bool in_centre(const struct noc_topology *t, uint32_t terminal) {
    if (t->dimensions != 2)
        return terminal == t->terminals / 2;
    const uint16_t *coordinate = noc_topology_coordinate(t, t->home[terminal].router);
    for (uint32_t d = 0; d < 2; d++)
        if (coordinate[d] != (t->size[d] - 1) / 2 && coordinate[d] != t->size[d] / 2)
            return false;
    return true;
}

/* Weights of a hotspot pattern that names none. */
static void choose_hotspot(struct traffic *traffic, const struct noc_topology *topology) {
    size_t size = 0;
    char *text = NULL;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        sim_memory_exhausted(NULL);
    for (uint32_t terminal = 0; terminal < topology->terminals; terminal++)
        if (in_centre(topology, terminal))
            fprintf(out, "%u:4,", terminal);
    fputs("*:1", out);
    fclose(out);
    free(traffic->hotspot);
    traffic->hotspot = text;
    traffic->spec.hotspot = text;
}

/* Builds the network once, for faults and for what depends on its size. */
static bool survey(struct traffic *traffic, struct sim_err *err) {
    static const struct sim_where option = {.file = "--traffic"};
    struct sim_arena arena;
    struct noc_network network;
    struct noc_traffic drawn;
    bool recorded = traffic->trace.packet != NULL;
    sim_arena_init(&arena);
    bool sound = noc_network_build(&network, traffic->network, &traffic->where, &arena, err);
    if (sound && !recorded && traffic->spec.pattern == NOC_PATTERN_HOTSPOT && *traffic->spec.hotspot == '\0')
        choose_hotspot(traffic, &network.topology);
    if (sound && !recorded)
        sound = noc_traffic_init(&drawn, &traffic->spec, &network.topology, network.routing.entries, &option,
                                 &arena, err);
    if (sound && !recorded && traffic->options->curve == NULL && !(traffic->spec.rate > 0))
        sound = sim_err_add(err, SIM_EXIT_CONFIG, &option,
                            "noc.traffic.rate: at a rate of 0 there is nothing to measure");
    traffic->terminals = network.topology.terminals;
    sim_arena_release(&arena);
    return sound;
}

static void release(struct traffic *traffic) {
    if (traffic->chip != NULL || traffic->config.file != NULL)
        sim_config_release(&traffic->config);
    sim_energy_free(traffic->energy);
    noc_trace_release(&traffic->trace);
    free(traffic->hotspot);
}

/* ---- what is asked for -------------------------------------------------------------------------- */

static void print_json(json_t *root) {
    json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
    putchar('\n');
    json_decref(root);
}

static bool tell(const struct traffic *traffic, struct noc_story *story, struct sim_err *err) {
    bool recorded = traffic->trace.packet != NULL;
    struct noc_observe_spec spec =
        cli_traffic_observe_spec(traffic, recorded ? SIM_NEVER : cli_traffic_longest(traffic));
    return noc_network_watch(&spec, traffic->options->watch, story, err);
}

static int watch(const struct traffic *traffic, struct sim_err *err) {
    struct noc_story story;
    if (tell(traffic, &story, err)) {
        if (traffic->options->format == CLI_FORMAT_JSON)
            print_json(cli_traffic_story_json(&story));
        else
            cli_traffic_print_story(traffic, &story, stdout);
    }
    noc_story_release(&story);
    return cli_finish(err);
}

/* story: of the packet that is watched beside the measurement; NULL: none. */
static void print_result(const struct traffic *traffic, const struct traffic_result *result,
                         const struct noc_story *story) {
    const struct traffic_options *o = traffic->options;
    if (o->format == CLI_FORMAT_JSON) {
        json_t *root = cli_traffic_json(traffic, result, !o->brief);
        if (story != NULL)
            json_object_set_new(root, "watch", cli_traffic_story_json(story));
        print_json(root);
        return;
    }
    if (story != NULL) {
        cli_traffic_print_story(traffic, story, stdout);
        putchar('\n');
    }
    cli_traffic_print_text(traffic, result, stdout);
}

static int measure(const struct traffic *traffic, struct sim_err *err) {
    struct traffic_result result;
    struct noc_story story = {.line = NULL};
    const struct traffic_options *o = traffic->options;
    struct sim_record_spec spec = {.path = o->output, .level = log_levels[o->log], .force = o->force};
    struct sim_record *record = NULL;
    if (o->output != NULL && (record = sim_record_new(&spec, err)) == NULL)
        return cli_finish(err);
    struct sim_progress progress;
    sim_progress_init(&progress, 0, "cycles");
    if (o->quiet)
        sim_progress_quiet(&progress);
    bool sound = cli_traffic_measure(traffic, &progress, &result, err) &&
                 (!o->watched || tell(traffic, &story, err));
    if (sound && record != NULL) {
        sound = cli_traffic_record(traffic, &result, &progress, record, err);
        result.database = o->output;
    }
    sim_progress_finish(&progress);
    sim_record_free(record);
    if (sound && !o->quiet)
        print_result(traffic, &result, o->watched ? &story : NULL);
    noc_story_release(&story);
    cli_traffic_result_release(&result);
    return cli_finish(err);
}

/* SIM_EXIT_OK, or an exit code after a message. */
static int check_multicast(const struct traffic *traffic) {
    const struct traffic_options *o = traffic->options;
    if (traffic->trace.packet != NULL || traffic->spec.pattern != NOC_PATTERN_MULTICAST)
        return SIM_EXIT_OK;
    if (o->jobs > 1 && o->curve == NULL)
        return cli_usage("traffic", "--jobs: messages of multicast are measured by one thread");
    if (o->output != NULL && cli_traffic_compares(traffic))
        return cli_usage("traffic", "--output is of one run, and multicast makes two, by trees and by "
                                    "repeated unicast: it needs replication=tree or replication=unicast");
    if (o->watched && traffic->spec.replication != NOC_REPLICATION_UNICAST)
        return cli_usage("traffic", "--watch follows one packet to one terminal, and trees make copies: of "
                                    "multicast it needs replication=unicast");
    return SIM_EXIT_OK;
}

static int run(struct traffic *traffic) {
    struct sim_err err;
    sim_err_init(&err);
    if (!load(traffic, &err) || !survey(traffic, &err))
        return cli_finish(&err);
    if (traffic->options->watched && traffic->options->output == NULL)
        return watch(traffic, &err);
    if (traffic->options->curve == NULL)
        return measure(traffic, &err);
    double *rate;
    size_t count;
    if (!cli_traffic_parse_curve(traffic->options->curve, &rate, &count)) {
        sim_err_release(&err);
        return cli_usage(
            "traffic", "--load-curve takes first:last:step with up to 10000 rates above 0, up to 1, not '%s'",
            traffic->options->curve);
    }
    int code = cli_traffic_curve(traffic, rate, count, &err);
    free(rate);
    int fault = cli_finish(&err);
    return fault != SIM_EXIT_OK ? fault : code;
}

int cmd_traffic(int argc, char **argv) {
    struct traffic_options options = {.arch = NULL};
    int code;
    if (!cli_command_line(&command, argc, argv, &options, &code))
        return code;
    if (options.output != NULL && strcmp(options.output, "none") == 0)
        options.output = NULL;
    code = check(&options);
    if (code != SIM_EXIT_OK)
        return code;
    struct traffic traffic = {.options = &options, .spec = {.seed = 1}};
    code = cli_traffic_parse(options.traffic, &traffic);
    if (code == SIM_EXIT_OK && traffic.seeded && options.seed_given)
        code = cli_usage("traffic", "the seed is given twice: by --seed, and by seed= in --traffic");
    if (code == SIM_EXIT_OK)
        code = check_multicast(&traffic);
    if (code == SIM_EXIT_OK)
        code = run(&traffic);
    release(&traffic);
    return cli_flush("traffic", code);
}

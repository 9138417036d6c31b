/* SPDX-License-Identifier: MIT
 *
 * nocsim --arch A --traffic T: measures a packet network under synthetic or recorded traffic.
 */
#include "sim/cli/commands.h"
#include "sim/cli/engines.h"
#include "sim/cli/options.h"
#include "sim/cli/traffic.h"
#include "sim/number.h"
#include "sim/registry.h"

#include <stdlib.h>
#include <string.h>

#define WATCHDOG_DEFAULT UINT64_C(1000000) /* run.watchdog: then a measurement chooses one for its load */

static const struct cli_option options_table[] = {
    {"arch", 'a', "FILE", "description of a chip of type noc.chip"},
    {"traffic", 't', "TRAFFIC",
     "PATTERN[,rate=R][,packet=FLITS][,seed=N]...: uniform, transpose,\n"
     "bitcomp, bitrev, shuffle, tornado, neighbour, or\n"
     "hotspot[,hotspot=27:4,28:4,*:1] (weights of terminals; without:\n"
     "4 for those in the centre, 1 for others);\n"
     "trace=FILE.csv: a packet a line, cycle,src,dst,size"},
    {"network", 0, "N", "which network of the chip: 0 (default) is 'network', 1 the first of 'networks' ..."},
    {"cycles", 'c', "N", "length of the measured window, after the warm-up (at least 512)"},
    {"until", 'u', "converged", "extend the window until the mean latency is known well enough (default)"},
    {"warmup", 0, "N", "cycles before the window (default: found out)"},
    {"precision", 0, "P", "well enough: half the 95 % interval / mean (default: 0.01)"},
    {"max-cycles", 0, "N", "the longest run (default: a million packets, at most 4000000 cycles)"},
    {"load-curve", 'L', "a:b:step", "measure the rates a to b instead of one, on all cores"},
    {"jobs", 'j', "N", "processes at a time of --load-curve (default: cores)"},
    {"watch", 'w', "PACKET",
     "tell the life of packet number PACKET (from 0, in order of creation;\n"
     "of a trace: of its lines); without -o nothing is measured"},
    {"output", 'o', "FILE", "results database ('none': none, the default)"},
    {"log", 'l', "LEVEL", "of the database: summary (default) or events"},
    {"set", 's', "KEY=VALUE", "change a value of the description, e.g. chip.network.routing=yx"},
    {"engine", 0, "ENGINE",
     "native (default) or systemc: who calls the components in\n"
     "the run that makes the database (-o); the results are the same"},
    {"order", 0, "ORDER",
     "sparse (default), dense or shuffled: how components are\nstepped; the results are the same"},
    {"seed", 0, "N", "seed of the traffic"},
    {"audit", 0, "N", "check the laws of the network every N cycles (always: at the end)"},
    {"format", 'f', "FORMAT", "text (default) or json"},
    {"brief", 0, NULL, "json without links and histogram"},
    {"force", 0, NULL, "replace an existing database"},
    {"quiet", 'q', NULL, "no progress, no summary"},
    {"help", 'h', NULL, "this text"},
    {NULL, 0, NULL, NULL},
};

static int print_help(void) {
    fputs("Usage: nocsim --arch FILE --traffic TRAFFIC [OPTION]...\n"
          "Measures latency, throughput, load of links and energy of a packet network, cycle by "
          "cycle.\n\nOptions:\n",
          stdout);
    cli_options_help(options_table, stdout);
    return cli_flush("traffic", SIM_EXIT_OK);
}

bool cmd_traffic_wanted(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0)
            return false;
        if (strcmp(argv[i], "--traffic") == 0 || strncmp(argv[i], "--traffic=", 10) == 0)
            return true;
    }
    return false;
}

/* ---- options ------------------------------------------------------------------------------------ */

static bool parse_choice(const char *text, const char *const *names, int count, int *choice) {
    for (int i = 0; i < count; i++)
        if (strcmp(text, names[i]) == 0) {
            *choice = i;
            return true;
        }
    return false;
}

static int parse_number(const char *name, const char *text, uint64_t min, uint64_t *value) {
    if (cli_parse_uint(text, min, INT64_MAX / 4, value))
        return SIM_EXIT_OK;
    return cli_usage("traffic", "--%s takes a number from %llu, not '%s'", name, (unsigned long long)min,
                     text);
}

static int parse_text(const char *name, const char *text, const char **value) {
    if (*value != NULL)
        return cli_usage("traffic", "--%s is given twice", name);
    *value = text;
    return SIM_EXIT_OK;
}

static int parse_words(struct traffic_options *options, const char *name, const char *value) {
    static const char *const orders[] = {"sparse", "dense", "shuffled"};
    int choice;
    if (strcmp(name, "order") == 0) {
        if (!parse_choice(value, orders, SIM_ORDER_COUNT, &choice))
            return cli_usage("traffic", "--order takes sparse, dense or shuffled, not '%s'", value);
        options->order = (enum sim_order)choice;
        options->order_given = true;
    } else if (strcmp(name, "engine") == 0) {
        const char *fault;
        options->engine = engines_find(value, &fault);
        if (options->engine == NULL)
            return cli_usage("traffic", "%s", fault);
    } else if (strcmp(name, "log") == 0) {
        if (!parse_choice(value, sim_record_level_name, SIM_RECORD_LEVEL_COUNT, &choice) ||
            choice == SIM_RECORD_STEPS)
            return cli_usage("traffic", "--log takes summary or events, not '%s'", value);
        options->level = (enum sim_record_level)choice;
    } else if (strcmp(name, "until") == 0) {
        if (strcmp(value, "converged") != 0)
            return cli_usage("traffic", "--until takes converged, not '%s'", value);
        options->converged = true;
    } else if (strcmp(name, "precision") == 0) {
        if (!sim_number_real(value, &options->precision) || !(options->precision > 0) ||
            options->precision > 1)
            return cli_usage("traffic", "--precision takes a number above 0, up to 1, not '%s'", value);
    } else if (strcmp(name, "format") == 0) {
        if (!cli_parse_format(value, CLI_ALLOW(CLI_FORMAT_TEXT) | CLI_ALLOW(CLI_FORMAT_JSON),
                              &options->format))
            return cli_usage("traffic", "--format takes text or json, not '%s'", value);
    } else if (strcmp(name, "set") == 0) {
        if (options->sets == TRAFFIC_SETS_MAX)
            return cli_usage("traffic", "more than %d --set", TRAFFIC_SETS_MAX);
        options->set[options->sets++] = value;
    } else if (strcmp(name, "force") == 0) {
        options->force = true;
    } else if (strcmp(name, "brief") == 0) {
        options->brief = true;
    } else if (strcmp(name, "quiet") == 0) {
        options->quiet = true;
    }
    return SIM_EXIT_OK;
}

static int parse_option(struct traffic_options *options, const char *name, const char *value) {
    const struct {
        const char *name;
        const char **text;
    } texts[] = {{"arch", &options->arch},
                 {"traffic", &options->traffic},
                 {"output", &options->output},
                 {"load-curve", &options->curve}};
    const struct {
        const char *name;
        uint64_t min, *number;
        bool *given;
    } numbers[] = {{"cycles", 1, &options->cycles, NULL},
                   {"warmup", 1, &options->warmup, NULL},
                   {"max-cycles", 1, &options->cycles_max, NULL},
                   {"seed", 0, &options->seed, &options->seed_given},
                   {"watch", 0, &options->watch, &options->watched},
                   {"audit", 1, &options->audit, NULL},
                   {"network", 0, &options->network, NULL},
                   {"jobs", 1, &options->jobs, NULL}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(name, texts[i].name) == 0)
            return parse_text(name, value, texts[i].text);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(name, numbers[i].name) == 0) {
            if (numbers[i].given != NULL)
                *numbers[i].given = true;
            return parse_number(name, value, numbers[i].min, numbers[i].number);
        }
    return parse_words(options, name, value);
}

static int check_options(const struct traffic_options *o) {
    bool recorded = o->traffic != NULL && strncmp(o->traffic, "trace=", 6) == 0;
    if (o->arch == NULL || o->traffic == NULL)
        return cli_usage("traffic", "--arch and --traffic are needed");
    if (o->cycles > NOC_CYCLES_MAX / 4 || o->warmup > NOC_CYCLES_MAX / 4 || o->cycles_max > NOC_CYCLES_MAX)
        return cli_usage("traffic", "a network runs for at most %llu cycles (--cycles, --warmup: a quarter)",
                         (unsigned long long)NOC_CYCLES_MAX);
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
    if (o->jobs > 0 && o->curve == NULL)
        return cli_usage("traffic", "--jobs needs --load-curve");
    if (o->level != SIM_RECORD_SUMMARY && o->output == NULL)
        return cli_usage("traffic", "--log needs --output");
    return SIM_EXIT_OK;
}

/* SIM_EXIT_OK with *help set, or an exit code. */
static int parse(struct traffic_options *options, int argc, char **argv, bool *help) {
    struct option longs[CLI_OPTIONS_MAX + 1];
    char letters[2 * CLI_OPTIONS_MAX + 2];
    cli_options_getopt(options_table, longs, letters);
    cli_getopt_reset();
    *options = (struct traffic_options){.arch = NULL};
    *help = false;
    for (int answer; (answer = getopt_long(argc, argv, letters, longs, NULL)) != -1;) {
        const char *name = cli_options_name(options_table, answer);
        if (name == NULL)
            return cli_usage_getopt("traffic", argv, answer);
        *help |= strcmp(name, "help") == 0;
        int code = parse_option(options, name, optarg);
        if (code != SIM_EXIT_OK)
            return code;
    }
    if (*help)
        return SIM_EXIT_OK;
    if (optind < argc)
        return cli_usage("traffic", "'%s' is no option", argv[optind]);
    if (options->output != NULL && strcmp(options->output, "none") == 0)
        options->output = NULL;
    if (options->engine != NULL && options->output == NULL)
        return cli_usage("traffic", "--engine is of the run that makes the database: --output is needed");
    return check_options(options);
}

/* ---- elaboration -------------------------------------------------------------------------------- */

static bool load(struct traffic *traffic, struct sim_err *err) {
    const struct traffic_options *o = traffic->options;
    struct sim_config_request request = {.file = o->arch,
                                         .set = o->set,
                                         .sets = (int)o->sets,
                                         .registry = sim_registry,
                                         .run = &sim_run_schema};
    if (!sim_config_load(&traffic->config, &request, err))
        return false;
    const struct sim_node *node = sim_node_get(traffic->config.root, "chip");
    traffic->where = node != NULL ? node->where : (struct sim_where){.file = o->arch};
    if (traffic->config.chip.schema != &noc_chip_schema)
        return sim_err_add(err, SIM_EXIT_CONFIG, &traffic->where,
                           "--traffic needs a chip of type 'noc.chip', not '%s'",
                           traffic->config.chip.schema->name);
    traffic->chip = traffic->config.chip.spec;
    if (o->network > traffic->chip->network_count)
        return sim_err_add(err, SIM_EXIT_CONFIG, &traffic->where,
                           "--network %llu: the chip has %u networks, numbered from 0",
                           (unsigned long long)o->network, traffic->chip->network_count + 1);
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
        abort();
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
    struct sim_arena arena;
    struct noc_network network;
    struct noc_traffic drawn;
    bool recorded = traffic->trace.packet != NULL;
    sim_arena_init(&arena);
    bool sound = noc_network_build(&network, traffic->network, &traffic->where, &arena, err);
    if (sound && !recorded && traffic->spec.pattern == NOC_PATTERN_HOTSPOT && *traffic->spec.hotspot == '\0')
        choose_hotspot(traffic, &network.topology);
    if (sound && !recorded)
        sound = noc_traffic_init(&drawn, &traffic->spec, &network.topology, network.routing.entries,
                                 &traffic->where, &arena, err);
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
    struct sim_record_spec spec = {.path = o->output, .level = o->level, .force = o->force};
    struct sim_record *record = NULL;
    if (o->output != NULL && (record = sim_record_new(&spec, err)) == NULL)
        return cli_finish(err);
    bool sound = cli_traffic_measure(traffic, &result, err) && (!o->watched || tell(traffic, &story, err));
    if (sound && record != NULL) {
        sound = cli_traffic_record(traffic, &result, record, err);
        result.database = o->output;
    }
    sim_record_free(record);
    if (sound && !o->quiet)
        print_result(traffic, &result, o->watched ? &story : NULL);
    noc_story_release(&story);
    cli_traffic_result_release(&result);
    return cli_finish(err);
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
        return cli_usage("traffic",
                         "--load-curve takes first:last:step with rates above 0, up to 1, not '%s'",
                         traffic->options->curve);
    }
    int code = cli_traffic_curve(traffic, rate, count, &err);
    free(rate);
    int fault = cli_finish(&err);
    return fault != SIM_EXIT_OK ? fault : code;
}

int cmd_traffic(int argc, char **argv) {
    struct traffic_options options;
    bool help;
    int code = parse(&options, argc, argv, &help);
    if (code != SIM_EXIT_OK)
        return code;
    if (help)
        return print_help();
    struct traffic traffic = {.options = &options, .spec = {.seed = 1}};
    code = cli_traffic_parse(options.traffic, &traffic);
    if (code == SIM_EXIT_OK)
        code = run(&traffic);
    release(&traffic);
    return cli_flush("traffic", code);
}

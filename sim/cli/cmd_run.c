/* SPDX-License-Identifier: MIT
 *
 * nocsim --arch A --trace T: runs a trace on a chip, leaves a database, prints a summary.
 */
#include "sim/cli/commands.h"
#include "sim/cli/engines.h"
#include "sim/cli/options.h"
#include "sim/cli/run.h"
#include "sim/record/hash.h"

#include <signal.h>
#include <string.h>

static int parse_engine(void *request, char *text) {
    struct run_options *options = request;
    const char *fault;
    options->engine = engines_find(text, &fault);
    return options->engine != NULL ? SIM_EXIT_OK : cli_usage("run", "%s, not '%s'", fault, text);
}

static const struct cli_option option_table[] = {
    {"arch", 'a', "FILE", "chip description (configs/*.yaml)", CLI_TEXT(struct run_options, arch)},
    {"trace", 't', "FILE", "spike trace (workloads/*.spk)", CLI_TEXT(struct run_options, trace)},
    {"output", 'o', "FILE",
     "results database; 'none' writes none\n(default: ARCH-TRACE.db in the current directory)",
     CLI_TEXT(struct run_options, output)},
    {"log", 'l', "LEVEL",
     "summary (default): totals; steps: also every timestep;\nevents: also every single event",
     CLI_CHOICE(struct run_options, level, sim_record_level_name, SIM_RECORD_LEVEL_COUNT)},
    {"samples", 'n', "N|a:b", "the first N samples, or samples a to b - 1 (default: all)",
     CLI_RANGE(struct run_options, samples)},
    {"as", 0, "NETWORK",
     "snn (default): spikes; qnn: the quantised network that the\ntrace's is equal to (chips that have "
     "both)",
     CLI_CHOICE(struct run_options, as, run_as_names, ARCH_AS_COUNT)},
    {"replay", 0, NULL, "the trace's spikes drive every layer, although it has weights",
     CLI_FLAG(struct run_options, replay)},
    {"timesteps", 'T', "N", "run only the first N timesteps of each sample",
     CLI_UINT(struct run_options, timesteps, 1, SIM_TRACE_TIMESTEPS_MAX)},
    {"set", 's', "KEY=VALUE", "change a value of the description, e.g. chip.rows=8",
     CLI_LIST(struct run_options, set, sets)},
    {"order", 0, "ORDER",
     "sparse (default), dense or shuffled: how components are\nstepped; the results are the same",
     CLI_CHOICE_GIVEN(struct run_options, order, order_given, sim_order_names, SIM_ORDER_COUNT)},
    {"seed", 0, "N", "seed of the shuffled order",
     CLI_UINT_GIVEN(struct run_options, seed, seed_given, 0, UINT64_MAX)},
    {"engine", 0, "ENGINE",
     "native (default) or systemc: who calls the components; the\nresults are the same",
     CLI_PARSED(parse_engine)},
    {"vcd", 0, "FILE", "write waveforms of the connections (GTKWave opens them)",
     CLI_TEXT(struct run_options, vcd)},
    {"vcd-scope", 0, "PATTERN", "only these, e.g. 'chip.tile[0..3].*' (default: all)",
     CLI_TEXT(struct run_options, vcd_scope)},
    {"format", 'f', "FORMAT", "text (default) or json", CLI_TEXT_OR_JSON(struct run_options, format)},
    {"force", 0, NULL, "replace an existing database", CLI_FLAG(struct run_options, force)},
    {"quiet", 'q', NULL, "no progress, no summary", CLI_FLAG(struct run_options, quiet)},
    CLI_HELP,
    CLI_END,
};

static const struct cli_command command = {
    .name = "run",
    .usage = "Usage: nocsim --arch FILE --trace FILE [OPTION]...\n"
             "       nocsim --arch FILE --traffic TRAFFIC [OPTION]...     (nocsim traffic --help)\n"
             "Runs a spike trace on a chip, cycle by cycle, and leaves every event's energy and latency in a "
             "database.\n\n"
             "Options:\n",
    .option = option_table,
};

void cmd_run_help(FILE *out) { cli_command_help(&command, out); }

static int check(const struct run_options *options) {
    if (options->arch == NULL || options->trace == NULL)
        return cli_usage("run", "--arch and --trace are needed");
    if (options->vcd_scope != NULL && options->vcd == NULL)
        return cli_usage("run", "--vcd-scope needs --vcd");
    return SIM_EXIT_OK;
}

static void on_signal(int number) { run_interrupted = number; }

/* A path without folders and ending. */
static void base_name(char *name, size_t size, const char *path) {
    const char *slash = strrchr(path, '/');
    snprintf(name, size, "%s", slash != NULL ? slash + 1 : path);
    char *dot = strrchr(name, '.');
    if (dot != NULL && dot != name)
        *dot = '\0';
}

static int run_all(struct run *run, const struct run_options *options, struct sim_err *err) {
    if (!run_build(run, options, err))
        return cli_finish(err);
    struct cli_range range = options->samples;
    if (!cli_clip_range("run", &range, run->trace.samples))
        return SIM_EXIT_USAGE;
    char arch[128], trace[128], name[300];
    base_name(arch, sizeof arch, options->arch);
    base_name(trace, sizeof trace, options->trace);
    snprintf(name, sizeof name, "%s-%s.db", arch, trace);
    const char *database = options->output != NULL ? options->output : name;
    if (strcmp(database, "none") == 0)
        database = NULL;
    struct sim_record_spec spec = {.path = database, .level = options->level, .force = options->force};
    struct sim_record *record = sim_record_new(&spec, err);
    if (record == NULL)
        return cli_finish(err);
    struct run_result result = {.database = database};
    bool done = run_simulate(run, options, range, record, &result, err);
    struct sim_hash hash;
    if (done && database != NULL && sim_hash_run(database, &hash, err))
        snprintf(result.hash, sizeof result.hash, "%s", hash.digest);
    if (done && !options->quiet) {
        if (options->format == CLI_FORMAT_JSON)
            run_print_json(run, options, &result, record, stdout);
        else
            run_print_text(run, options, &result, record, stdout);
    }
    sim_record_free(record);
    run_result_release(&result);
    if (run_interrupted)
        return 128 + (int)run_interrupted;
    if (err->code == SIM_EXIT_STOPPED)
        return SIM_EXIT_STOPPED; /* printed where it happened */
    return cli_finish(err);
}

int cmd_run(int argc, char **argv) {
    struct run_options options = {.samples = CLI_RANGE_ALL, .engine = &sim_engine_native};
    int code;
    if (cmd_traffic_wanted(argc, argv))
        return cmd_traffic(argc, argv);
    if (!cli_command_line(&command, argc, argv, &options, &code))
        return code;
    code = check(&options);
    if (code != SIM_EXIT_OK)
        return code;
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    struct sim_err err;
    sim_err_init(&err);
    struct run run;
    code = run_all(&run, &options, &err);
    sim_err_release(&err);
    run_release(&run);
    return cli_flush("run", code);
}

/* SPDX-License-Identifier: MIT
 *
 * nocsim --arch A --trace T: runs a trace on a chip, leaves a database, prints a summary.
 */
#include "sim/cli/commands.h"
#include "sim/cli/engines.h"
#include "sim/cli/options.h"
#include "sim/cli/run.h"
#include "sim/energy.h"
#include "sim/hash.h"
#include "sim/progress.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

static volatile sig_atomic_t interrupted;

static void on_signal(int number) { interrupted = number; }

/* ---- what the database is told ---------------------------------------------------------------- */

static void base_name(char *name, size_t size, const char *path) {
    const char *slash = strrchr(path, '/');
    snprintf(name, size, "%s", slash != NULL ? slash + 1 : path);
    char *dot = strrchr(name, '.');
    if (dot != NULL && dot != name)
        *dot = '\0';
}

static void report_area(void *user, const char *type, double area_m2) {
    sim_record_area(user, type, area_m2, "computed from the description of the unit", "derived");
}

static void report_parameter(void *user, const char *type, const char *name, double value) {
    sim_record_parameter(user, type, name, value);
}

static void record_configuration(struct sim_record *record, const struct run *run,
                                 const struct run_options *options) {
    sim_record_set_text(record, "arch", options->arch);
    sim_record_set_text(record, "trace", options->trace);
    sim_record_set_text(record, "as", run_as_names[options->as]);
    sim_record_set_text(record, "engine", options->engine->name);
    sim_record_set_int(record, "order", (int64_t)run->kernel.spec.order);
    sim_record_set_int(record, "seed", (int64_t)run->kernel.spec.seed);
    sim_record_set_int(record, "cycles_per_timestep", (int64_t)run->chip->period);
    sim_record_set_int(record, "tiles_used", run->chip->tiles_used);
    for (uint32_t i = 0; i < run->config.settings; i++)
        sim_record_config(record, run->config.setting[i].path, run->config.setting[i].value,
                          run->config.setting[i].origin);
    const struct sim_graph *graph = &run->trace.graph;
    for (uint32_t id = 0; id < graph->layers; id++)
        sim_record_layer(record, (int32_t)id, graph->layer[id].name,
                         sim_layer_kinds[graph->layer[id].kind].name, graph->layer[id].neurons);
    for (uint32_t id = 0; id < run->kernel.components; id++) {
        struct arch_chip_place place = run->chip->type->place(run->chip, id);
        struct sim_record_place where = {place.layer, place.row, place.col};
        sim_record_component(record, run->kernel.component[id], &where);
    }
    run->chip->type->parameters(run->chip, report_parameter, record);
    if (run->chip->type->areas != NULL)
        run->chip->type->areas(run->chip, report_area, record);
}

static bool record_price(struct sim_record *record, const struct run *run, struct sim_err *err) {
    if (run->config.tech == NULL)
        return true; /* counts without energies */
    struct sim_energy *energy = sim_energy_read(run->config.tech, err);
    if (energy == NULL)
        return false;
    struct sim_energy_point point = {.voltage_v = run->chip->voltage_v, .clock_hz = run->chip->clock_hz};
    bool priced = sim_record_price(record, energy, &point, err);
    sim_energy_free(energy);
    return priced;
}

static void record_links(struct sim_record *record, const struct run *run) {
    for (uint32_t i = 0; i < run->kernel.connections; i++) {
        const struct sim_connection *c = &run->kernel.connection[i];
        struct sim_record_link link = {.name = c->name, .from = c->from, .to = c->to, .bits = -1};
        if (c->wire != NULL) {
            link.width = 8 * c->wire->bytes;
            link.latency = c->wire->latency;
            link.sends = c->wire->drives;
        } else {
            uint64_t sends = 0;
            uint32_t bits = 0;
            if (run->chip->type->sends == NULL ||
                !run->chip->type->sends(run->chip, c, run->kernel.now, &sends, &bits))
                continue;
            link.width = bits;
            link.latency = c->link->latency;
            link.sends = sends;
            link.bits = (int64_t)(sends * bits);
        }
        sim_record_link(record, &link);
    }
}

/* ---- the run ---------------------------------------------------------------------------------- */

struct runner {
    struct run *run;
    const struct run_options *options;
    struct sim_record *record;
    struct run_result *result;
    uint32_t timesteps;
    uint64_t **spikes; /* [layers] input spikes of the sample at hand */
    uint32_t sample_histogram;
};

/* Tells of a stall where it happened. Always false. */
static bool stalled(const struct runner *runner, struct sim_err *err) {
    const struct sim_kernel *kernel = &runner->run->kernel;
    sim_err_add(err, SIM_EXIT_STOPPED, NULL,
                "no progress since cycle %llu (now %llu, run.watchdog: %llu cycles); who waits for what:",
                (unsigned long long)kernel->wheel.moved, (unsigned long long)kernel->now,
                (unsigned long long)kernel->spec.watchdog);
    sim_err_print(err, stderr);
    sim_kernel_explain(kernel, stderr);
    return false;
}

static sim_cycle last_cycle(const struct run *run) {
    return run->chip->cycles_max != 0 ? run->chip->cycles_max : SIM_NEVER;
}

/* The run has come to the chip's last cycle. Always false. */
static bool too_long(const struct runner *runner, struct sim_err *err) {
    sim_err_add(
        err, SIM_EXIT_STOPPED, NULL,
        "the run reached cycle %llu, which is as far as this chip's packets can tell the time: fewer samples "
        "(-n) or shorter timesteps would do",
        (unsigned long long)last_cycle(runner->run));
    sim_err_print(err, stderr);
    return false;
}

/* Runs to the end of a timestep, which some chips know only when it is near. */
static bool run_timestep(struct runner *runner, uint32_t timestep, enum sim_stop *stop, struct sim_err *err) {
    struct run *run = runner->run;
    sim_cycle until;
    while (*stop == SIM_STOP_TIME && run->kernel.now < last_cycle(run) &&
           (until = run->chip->type->step_end(run->chip, timestep)) > run->kernel.now)
        if (!sim_engine_run(&run->engine, until < last_cycle(run) ? until : last_cycle(run), stop, err))
            return false;
    return true;
}

/* Goes on with what follows from a sample's outputs, if anything does. */
static bool resume(struct run *run, enum sim_stop *stop) {
    if (*stop != SIM_STOP_FINISHED || run->chip->type->resume == NULL ||
        !run->chip->type->resume(run->chip, &run->kernel))
        return false;
    *stop = SIM_STOP_TIME;
    return true;
}

/* Runs to the end of the sample, at level steps with a stop at the end of each timestep's period. */
static bool run_sample(struct runner *runner, uint64_t sample, struct sim_err *err) {
    struct run *run = runner->run;
    bool summary = runner->options->level == SIM_RECORD_SUMMARY;
    enum sim_stop stop = SIM_STOP_TIME;
    for (uint32_t timestep = 0; stop == SIM_STOP_TIME || resume(run, &stop); timestep++) {
        if (!(summary ? sim_engine_run(&run->engine, last_cycle(run), &stop, err)
                      : run_timestep(runner, timestep, &stop, err))) {
            sim_err_print(err, stderr);
            return false;
        }
        if (stop == SIM_STOP_TIME && run->kernel.now >= last_cycle(run))
            return too_long(runner, err);
        if (summary)
            continue;
        sim_kernel_settle(&run->kernel);
        sim_record_step(runner->record, (int64_t)sample, timestep);
    }
    return stop != SIM_STOP_STALLED || stalled(runner, err);
}

static bool read_inputs(struct runner *runner, uint64_t sample, struct sim_err *err) {
    struct sim_trace *trace = &runner->run->trace;
    for (uint32_t id = 0; id < trace->graph.layers; id++)
        if (runner->spikes[id] != NULL && !sim_trace_sample(trace, sample, id, runner->spikes[id], err))
            return false;
    return true;
}

static int32_t classify(const struct arch_chip *chip) {
    uint32_t best = 0;
    for (uint32_t i = 1; i < chip->outputs; i++)
        if (chip->output_count[i] > chip->output_count[best])
            best = i;
    return (int32_t)best;
}

static uint64_t count_spikes(const struct runner *runner, uint32_t layer, uint32_t timestep) {
    if (runner->run->chip->recoded)
        return timestep == 0 ? runner->run->chip->layer_spikes[layer] : 0;
    uint32_t words = sim_layer_words(&runner->run->trace.graph.layer[layer]);
    uint64_t spikes = 0;
    for (uint32_t i = 0; i < words; i++)
        spikes += (uint64_t)__builtin_popcountll(runner->spikes[layer][(size_t)timestep * words + i]);
    return spikes;
}

static bool record_sample(struct runner *runner, uint64_t sample, sim_cycle first, struct sim_err *err) {
    struct run *run = runner->run;
    int32_t label;
    if (!sim_trace_label(&run->trace, sample, &label, err))
        return false;
    struct sim_record_sample row = {
        .id = (int64_t)sample,
        .label = label,
        .class_ = classify(run->chip),
        .first_cycle = first,
        .last_cycle = run->kernel.now - 1,
    };
    sim_cycle cycles = run->kernel.now - first;
    struct run_result *result = runner->result;
    result->samples++;
    result->labelled += label >= 0;
    result->correct += label >= 0 && label == row.class_;
    if (cycles > result->sample_cycles)
        result->sample_cycles = cycles;
    sim_record_sample(runner->record, &row);
    sim_record_output(runner->record, row.id, run->chip->output_count, run->chip->outputs);
    sim_record_latency(runner->record, runner->sample_histogram, cycles, 1);
    for (uint32_t id = 0; id < run->trace.graph.layers; id++) {
        if (runner->spikes[id] == NULL)
            continue;
        for (uint32_t timestep = 0; timestep < runner->timesteps; timestep++) {
            uint64_t spikes = count_spikes(runner, id, timestep);
            if (run->trace.graph.layer[id].kind == SIM_LAYER_INPUT)
                result->input_spikes += spikes;
            sim_record_spikes(runner->record, (int64_t)sample, (int32_t)id, timestep, spikes);
        }
    }
    return true;
}

static bool run_samples(struct runner *runner, struct cli_range range, struct sim_err *err) {
    struct run *run = runner->run;
    struct sim_progress progress;
    sim_progress_init(&progress, range.end - range.first, "samples");
    if (runner->options->quiet)
        sim_progress_quiet(&progress);
    bool sound = true;
    for (uint64_t sample = range.first; sound && sample < range.end; sample++) {
        sound = read_inputs(runner, sample, err);
        if (!sound)
            break;
        sim_cycle first = run->kernel.now;
        run->chip->type->begin(run->chip, &run->kernel, runner->timesteps,
                               (const uint64_t *const *)runner->spikes);
        sound = run_sample(runner, sample, err) && record_sample(runner, sample, first, err) &&
                !interrupted && !sim_record_failed(runner->record);
        sim_progress_tick(&progress, sample + 1 - range.first);
    }
    sim_progress_finish(&progress);
    return sound || sim_record_failed(runner->record); /* finish tells what failed */
}

static double cpu_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void alloc_spikes(struct runner *runner) {
    struct run *run = runner->run;
    runner->spikes = SIM_NEW_ARRAY(&run->arena, uint64_t *, run->trace.graph.layers);
    for (uint32_t id = 0; id < run->trace.graph.layers; id++)
        if (sim_graph_given(&run->trace.graph, id))
            runner->spikes[id] = SIM_NEW_ARRAY(&run->arena, uint64_t, sim_trace_words(&run->trace, id));
}

static bool open_waveforms(struct run *run, const struct run_options *options, struct sim_err *err) {
    if (options->vcd == NULL)
        return true;
    struct sim_vcd_spec spec = {.path = options->vcd,
                                .scope = options->vcd_scope,
                                .clock_hz = run->chip->clock_hz,
                                .force = options->force};
    run->vcd = sim_vcd_new(&spec, &run->kernel, err);
    run->engine.watch = run->vcd != NULL ? sim_vcd_watch : NULL;
    run->engine.watcher = run->vcd;
    return run->vcd != NULL;
}

static void finish_result(struct run_result *result, const struct sim_record *record) {
    uint32_t kinds;
    const struct sim_record_kind *kind = sim_record_kinds(record, &kinds);
    result->energy_j = sim_record_energy(record);
    result->spikes = result->input_spikes;
    for (uint32_t i = 0; i < kinds; i++)
        if (strcmp(kind[i].event, "fire") == 0)
            result->spikes += kind[i].count;
}

bool run_simulate(struct run *run, const struct run_options *options, struct cli_range range,
                  struct sim_record *record, struct run_result *result, struct sim_err *err) {
    struct runner runner = {
        .run = run,
        .options = options,
        .record = record,
        .result = result,
        .timesteps = run_timesteps(run, options),
    };
    record_configuration(record, run, options);
    if (!record_price(record, run, err))
        return false;
    runner.sample_histogram = sim_record_histogram(record, "sample", "cycles from reset to the last output");
    alloc_spikes(&runner);
    sim_kernel_start(&run->kernel);
    if (!sim_engine_open(&run->engine, options->engine, &run->kernel, err) ||
        !open_waveforms(run, options, err))
        return false;
    double before = cpu_seconds();
    bool sound = run_samples(&runner, range, err);
    sim_kernel_settle(&run->kernel);
    result->sim_seconds = cpu_seconds() - before;
    if (run->vcd != NULL)
        sound &= sim_vcd_finish(run->vcd, run->kernel.now, err);
    result->cycles = run->kernel.now;
    if (!sound || interrupted)
        return false;
    record_links(record, run);
    bool finished = sim_record_finish(record, result->cycles, err);
    finish_result(result, record);
    return finished;
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
    if (interrupted)
        return 128 + (int)interrupted;
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

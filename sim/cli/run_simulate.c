/* SPDX-License-Identifier: MIT
 *
 * The run of a trace on a built chip: sample by sample, to the end of each or from timestep to timestep; see
 * run.h.
 */
#include "arch/core/packet_latency.h"
#include "sim/base/heap.h"
#include "sim/base/histogram.h"
#include "sim/base/progress.h"
#include "sim/cli/run.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

volatile sig_atomic_t run_interrupted;

struct runner {
    struct run *run;
    const struct run_options *options;
    struct sim_record *record;
    struct run_result *result;
    uint32_t timesteps;
    uint64_t **spikes; /* [layers] input spikes of the sample at hand */
    uint32_t sample_histogram, packet_histogram;
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
                !run_interrupted && !sim_record_failed(runner->record);
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

static void note_packet(void *user, sim_cycle latency) {
    struct runner *runner = user;
    sim_histogram_add(runner->result->packets, latency, 1);
    sim_record_latency(runner->record, runner->packet_histogram, latency, 1);
}

/* NULL where the chip has no packets. */
static struct arch_packet_latency *measure_packets(struct runner *runner) {
    struct arch_chip *chip = runner->run->chip;
    if (chip->type->measure == NULL)
        return NULL;
    struct arch_packet_latency *latency = arch_packet_latency_new(note_packet, runner);
    runner->result->packets = sim_heap_must(calloc(1, sizeof *runner->result->packets));
    runner->packet_histogram = sim_record_histogram(
        runner->record, "packet", "cycles from a packet's being ready at its sender to its arrival");
    chip->type->measure(chip, latency);
    return latency;
}

void run_result_release(struct run_result *result) { free(result->packets); }

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
    run_record_configuration(record, run, options);
    if (!run_record_price(record, run, err))
        return false;
    runner.sample_histogram = sim_record_histogram(record, "sample", "cycles from reset to the last output");
    alloc_spikes(&runner);
    struct arch_packet_latency *latency = measure_packets(&runner);
    sim_kernel_start(&run->kernel);
    bool sound = sim_engine_open(&run->engine, options->engine, &run->kernel, err) &&
                 open_waveforms(run, options, err);
    double before = cpu_seconds();
    sound = sound && run_samples(&runner, range, err);
    sim_kernel_settle(&run->kernel);
    result->sim_seconds = cpu_seconds() - before;
    arch_packet_latency_free(latency);
    if (run->vcd != NULL)
        sound &= sim_vcd_finish(run->vcd, run->kernel.now, err);
    result->cycles = run->kernel.now;
    if (!sound || run_interrupted)
        return false;
    run_record_links(record, run);
    bool finished = sim_record_finish(record, result->cycles, err);
    finish_result(result, record);
    return finished;
}

/* SPDX-License-Identifier: MIT
 *
 * One description for one seed; see arch/evaluate/evaluate.h.
 */
#include "sim/cli/evaluate.h"

#include "arch/evaluate/units.h"
#include "sim/cli/merit.h"
#include "sim/record/energy.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#define PULSE_MIDDLE 0.5
#define WORKERS_MAX 64u

/* ---- seeds ------------------------------------------------------------------------------------ */

static bool is_seed(const char *path) {
    size_t length = strlen(path);
    return strncmp(path, "chip.", 5) == 0 && length > 5 && strcmp(path + length - 5, ".seed") == 0;
}

bool cli_evaluate_probe(struct cli_evaluate_subject *subject, const char *file, uint64_t seeds,
                        const struct cli_evaluate_input *input, struct sim_arena *arena,
                        struct sim_err *err) {
    *subject = (struct cli_evaluate_subject){.file = file};
    struct sim_config config;
    if (!cli_config_load(&config, file, input->set, input->sets, err))
        return false;
    for (uint32_t i = 0; i < config.settings && subject->seeds < CLI_EVALUATE_SEEDS_MAX; i++)
        if (is_seed(config.setting[i].path))
            subject->seed[subject->seeds++] = sim_arena_format(arena, "%s", config.setting[i].path);
    subject->runs = subject->seeds == 0 ? 1 : seeds;
    subject->result = SIM_NEW_ARRAY(arena, struct cli_evaluate_result, subject->runs);
    sim_config_release(&config);
    return true;
}

/* ---- units ------------------------------------------------------------------------------------ */

static void tick(void *user, uint64_t sample, uint32_t layer, const uint32_t *level,
                 const double *potential) {
    const struct cli_evaluate_input *input = user;
    (void)sample, (void)level, (void)potential;
    if (layer == 0)
        input->tick(input->user, 1);
}

/* One of the threads of an evaluation, with units of its own. */
struct worker {
    pthread_t thread;
    const struct cli_evaluate_input *input;
    const struct arch_units_spec *spec;
    struct arch_evaluate_share share;
    struct sim_arena arena;
    struct sim_err *err, own; /* all of them meet the same faults: those of the first are told */
    struct arch_evaluation *evaluation;
};

static struct arch_evaluation *evaluate_share(struct worker *worker) {
    const struct cli_evaluate_input *input = worker->input;
    const struct arch_units_spec *spec = worker->spec;
    const struct arch_window_unit_type *window = arch_window_unit_of(spec->unit.schema);
    void *user = (void *)(uintptr_t)input;
    if (window == NULL) {
        struct arch_evaluate_rate how = {.type = arch_core_unit_of(spec->unit.schema),
                                         .spec = spec->unit.spec,
                                         .clock_hz = spec->clock_hz,
                                         .visit = tick,
                                         .user = user,
                                         .share = worker->share};
        return arch_evaluate_rate(input->graph, input->samples, &how, &worker->arena, worker->err);
    }
    struct arch_ttfs *code = SIM_NEW_ARRAY(&worker->arena, struct arch_ttfs, input->graph->layers);
    if (!arch_evaluate_calibrate(input->graph, input->samples, spec->levels, spec->masked, spec->dead_zone,
                                 ARCH_CALIBRATION_SAMPLES, code, worker->err))
        return NULL;
    struct arch_evaluate_windows how = {.type = window,
                                        .spec = spec->unit.spec,
                                        .clock_hz = spec->clock_hz,
                                        .code = code,
                                        .guard = PULSE_MIDDLE,
                                        .visit = tick,
                                        .user = user,
                                        .share = worker->share};
    return arch_evaluate_windows(input->graph, input->samples, &how, &worker->arena, worker->err);
}

static void *work(void *user) {
    struct worker *worker = user;
    worker->evaluation = evaluate_share(worker);
    return NULL;
}

/* By as many threads as there are stretches for; a thread that cannot be started is done without. The result
 * lives in the first worker's arena. */
static uint32_t evaluate(const struct cli_evaluate_input *input, const struct arch_units_spec *spec,
                         struct worker *worker, struct sim_err *err) {
    uint64_t stretches = (input->samples->samples + ARCH_EVALUATE_STRETCH - 1) / ARCH_EVALUATE_STRETCH;
    uint32_t wanted = input->threads < WORKERS_MAX ? input->threads : WORKERS_MAX, started = 1;
    wanted = wanted < stretches ? wanted : (uint32_t)stretches;
    wanted = wanted > 0 ? wanted : 1;
    for (uint32_t i = 0; i < wanted; i++) {
        worker[i] = (struct worker){.input = input, .spec = spec, .share = {i, wanted}};
        sim_arena_init(&worker[i].arena);
        sim_err_init(&worker[i].own);
        worker[i].err = i == 0 ? err : &worker[i].own;
    }
    while (started < wanted && pthread_create(&worker[started].thread, NULL, work, &worker[started]) == 0)
        started++;
    work(&worker[0]);
    for (uint32_t i = started; i < wanted; i++)
        work(&worker[i]);
    for (uint32_t i = 1; i < started; i++)
        pthread_join(worker[i].thread, NULL);
    for (uint32_t i = 1; i < wanted && worker[0].evaluation != NULL; i++)
        if (worker[i].evaluation != NULL)
            arch_evaluation_add(worker[0].evaluation, worker[i].evaluation);
    return wanted;
}

static bool price(const struct sim_config *config, const struct arch_evaluation *evaluation, double *energy_j,
                  struct sim_err *err) {
    const struct arch_units_spec *spec = config->chip.spec;
    *energy_j = NAN;
    if (config->tech == NULL)
        return true;
    struct sim_energy *technology = sim_energy_read(config->tech, err);
    if (technology == NULL)
        return false;
    struct arch_evaluation_energy energy = {0};
    bool priced = arch_evaluation_price(evaluation, technology, spec->voltage_v, &energy, err);
    sim_energy_free(technology);
    *energy_j = (energy.dynamic_j + energy.leakage_j) / (double)evaluation->samples;
    return priced;
}

static bool run_units(const struct sim_config *config, const struct cli_evaluate_input *input,
                      struct cli_evaluate_result *result, struct sim_err *err) {
    const struct arch_units_spec *spec = config->chip.spec;
    struct worker worker[WORKERS_MAX];
    uint32_t workers = evaluate(input, spec, worker, err);
    const struct arch_evaluation *evaluation = worker[0].evaluation;
    bool done = evaluation != NULL && price(config, evaluation, &result->energy_j, err);
    if (done) {
        snprintf(result->unit, sizeof result->unit, "%s", spec->unit.schema->name);
        result->units = evaluation->units;
        result->labelled = evaluation->labelled;
        result->accuracy =
            (double)evaluation->right / (double)(evaluation->labelled > 0 ? evaluation->labelled : 1);
        result->latency_s = (double)evaluation->cycles / (double)evaluation->samples / spec->clock_hz;
        result->area_m2 = evaluation->area_m2;
        result->silent = arch_evaluation_silent(evaluation);
    }
    for (uint32_t i = 0; i < workers; i++) {
        sim_arena_release(&worker[i].arena);
        sim_err_release(&worker[i].own);
    }
    return done;
}

/* ---- chips ------------------------------------------------------------------------------------ */

static bool run_chip(const struct run_options *options, const struct cli_evaluate_input *input,
                     struct cli_evaluate_result *result, struct sim_err *err) {
    struct run run;
    struct run_result measured = {0};
    struct sim_record_spec spec = {.level = SIM_RECORD_SUMMARY};
    struct sim_record *record = NULL;
    bool done = run_build(&run, options, err) && (record = sim_record_new(&spec, err)) != NULL &&
                run_simulate(&run, options, options->samples, record, &measured, err);
    if (done) {
        struct run_merit merit;
        run_merit(&run, &measured, record, &merit);
        snprintf(result->unit, sizeof result->unit, "%s", run.chip->name);
        result->units = run.chip->tiles_used;
        result->labelled = measured.labelled;
        result->accuracy = (double)measured.correct / (double)(measured.labelled > 0 ? measured.labelled : 1);
        result->energy_j = measured.energy_j > 0 ? merit.energy_j : NAN;
        result->latency_s = merit.latency_s;
        result->area_m2 = merit.complete ? merit.area_m2 : 0;
        result->silent = NAN;
        input->tick(input->user, measured.samples);
    }
    if (record != NULL)
        sim_record_free(record);
    run_release(&run);
    return done;
}

/* ---- either ----------------------------------------------------------------------------------- */

bool cli_evaluate_run(const struct cli_evaluate_subject *subject, uint64_t run,
                      const struct cli_evaluate_input *input, struct sim_err *err) {
    struct sim_arena arena;
    sim_arena_init(&arena);
    struct run_options *options = SIM_NEW(&arena, struct run_options);
    *options = (struct run_options){.arch = subject->file,
                                    .trace = input->trace,
                                    .samples = {.first = 0, .end = input->samples->samples},
                                    .engine = &sim_engine_native,
                                    .quiet = true};
    for (uint32_t i = 0; i < input->sets; i++)
        options->set[options->sets++] = input->set[i];
    for (int i = 0; subject->runs > 1 && i < subject->seeds; i++)
        options->set[options->sets++] =
            sim_arena_format(&arena, "%s=%llu", subject->seed[i], (unsigned long long)run + 1);
    struct sim_config config;
    bool loaded = cli_config_load(&config, subject->file, options->set, options->sets, err), done = false;
    if (loaded && config.chip.schema == &arch_units_schema)
        done = run_units(&config, input, &subject->result[run], err);
    else if (loaded)
        done = run_chip(options, input, &subject->result[run], err);
    if (loaded)
        sim_config_release(&config);
    sim_arena_release(&arena);
    return done;
}

/* SPDX-License-Identifier: MIT
 *
 * Doing the points of a sweep: runs in processes of their own, evaluations in this one; see
 * sim/sweep/sweep.h.
 */
#include "sim/cli/sweep.h"

#include "sim/base/heap.h"
#include "sim/base/progress.h"
#include "sim/cli/sweep_pool.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WAIT_MS 100

static volatile sig_atomic_t interrupted;

static void on_signal(int number) {
    interrupted = number;
}

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- a run ------------------------------------------------------------------------------------ */

/* Ended because someone wanted it to: not the fault of the point. */
static bool was_cut(const struct cli_sweep_end *end) {
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (end->signal == signals[i] || end->exit_code == 128 + signals[i])
            return true;
    return false;
}

static void trim(char *text) {
    size_t length = strlen(text);
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == ' '))
        text[--length] = '\0';
}

/* What went wrong, in the words of the run where it has any; NULL when nothing did. Heap. */
static char *fault_of(const struct cli_sweep_end *end, double timeout_s, bool is_object,
                      const char *json_fault) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = sim_heap_must(open_memstream(&text, &size));
    if (end->timed_out)
        fprintf(out, "no end within %g s\n", timeout_s);
    else if (end->too_much)
        fprintf(out, "more than %zu bytes of output\n", CLI_SWEEP_OUTPUT_MAX);
    else if (end->signal != 0)
        fprintf(out, "ended by signal %d (%s)\n", end->signal, strsignal(end->signal));
    else if (end->exit_code == SIM_EXIT_OK && !is_object)
        fprintf(out, "gave no summary: %s\n", json_fault);
    else if (end->exit_code != SIM_EXIT_OK && end->said[0] == '\0')
        fprintf(out, "exit code %d\n", end->exit_code);
    if (end->exit_code != SIM_EXIT_OK || end->signal != 0)
        fputs(end->said, out);
    fclose(out);
    sim_heap_must(text);
    trim(text);
    if (text[0] != '\0')
        return text;
    free(text);
    return NULL;
}

/* What became of a run; error and summary are to be freed. */
static struct sim_sweep_outcome judge(const struct cli_sweep_end *end, double timeout_s) {
    json_error_t fault = {.text = "it is no object"};
    json_t *summary = json_loads(end->output, JSON_REJECT_DUPLICATES, &fault);
    if (json_array_size(summary) == 1) { /* nocsim evaluate, one description */
        json_t *only = json_incref(json_array_get(summary, 0));
        json_decref(summary);
        summary = only;
    }
    bool is_object = json_is_object(summary);
    char *error = fault_of(end, timeout_s, is_object, fault.text);
    if (error != NULL || !is_object) {
        json_decref(summary);
        summary = NULL;
    }
    return (struct sim_sweep_outcome){
        .candidate = (uint32_t)end->tag,
        .done = error == NULL,
        .exit_code = end->exit_code,
        .error = error,
        .wall_s = end->wall_s,
        .summary = summary,
    };
}

static void release_outcome(struct sim_sweep_outcome *outcome) {
    free((void *)(uintptr_t)outcome->error);
    json_decref(outcome->summary);
}

/* ---- which points are next -------------------------------------------------------------------- */

static bool is_todo(const struct cli_sweep_work *work, uint32_t candidate) {
    if (work->db == NULL)
        return true;
    uint8_t state = work->db->state[candidate];
    return state == SIM_SWEEP_OPEN || (state == SIM_SWEEP_FAILED && work->retry);
}

/* Moves *index to the next point of the shard that is to do; false when there is none. */
static bool next_point(const struct cli_sweep_work *work, uint64_t *index, uint32_t *candidate) {
    for (; *index < work->sweep->points; *index += work->shards) {
        *candidate = sim_sweep_candidate(work->sweep, *index);
        if (!is_todo(work, *candidate))
            continue;
        *index += work->shards;
        return true;
    }
    return false;
}

static void count_todo(struct cli_sweep_work *work) {
    uint32_t candidate;
    work->todo = 0;
    for (uint64_t index = work->shard; next_point(work, &index, &candidate);)
        work->todo++;
}

/* ---- recording -------------------------------------------------------------------------------- */

struct recorder {
    struct cli_sweep_work *work;
    struct sim_progress progress;
    bool judged; /* the objectives have been checked */
    struct sim_err *err;
};

static bool record(struct recorder *recorder, const struct sim_sweep_outcome *outcome) {
    struct cli_sweep_work *work = recorder->work;
    if (!sim_sweep_db_put(work->db, outcome, recorder->err))
        return false;
    if (outcome->done)
        work->done++;
    else
        work->failed++;
    sim_progress_tick(&recorder->progress, work->done + work->failed);
    if (outcome->done && !recorder->judged) {
        recorder->judged = true;
        return sim_sweep_db_check_objectives(work->db, recorder->err);
    }
    return true;
}

/* ---- runs ------------------------------------------------------------------------------------- */

static bool start(struct cli_sweep_work *work, struct cli_sweep_pool *pool, uint32_t candidate,
                  struct sim_err *err) {
    struct sim_arena arena;
    sim_arena_init(&arena);
    bool good = false;
    /* Too many processes for now: as long as some run, the machine is only busy. */
    for (int attempt = 0; !good && attempt < 50; attempt++) {
        good =
            cli_sweep_pool_start(pool, cli_sweep_command_line(work->subject, candidate, &arena), candidate);
        if (!good && errno != EAGAIN && errno != ENOMEM)
            break;
        if (!good)
            nanosleep(&(struct timespec){0, 100000000}, NULL);
    }
    if (!good)
        sim_err_add(err, SIM_EXIT_IO, NULL, "a process cannot be started: %s", strerror(errno));
    sim_arena_release(&arena);
    return good;
}

static bool take(struct recorder *recorder, const struct cli_sweep_end *end) {
    if (was_cut(end)) {
        recorder->work->cut++;
        return true;
    }
    struct sim_sweep_outcome outcome = judge(end, recorder->work->sweep->timeout_s);
    bool good = record(recorder, &outcome);
    release_outcome(&outcome);
    return good;
}

static bool do_runs(struct recorder *recorder) {
    struct cli_sweep_work *work = recorder->work;
    struct cli_sweep_pool pool;
    cli_sweep_pool_init(&pool, work->jobs, work->sweep->timeout_s);
    uint64_t index = work->shard;
    uint32_t candidate;
    bool good = true, more = true;
    while (good && !interrupted && (more || pool.running > 0)) {
        while (good && more && pool.running < pool.jobs) {
            more = next_point(work, &index, &candidate);
            good = !more || start(work, &pool, candidate, recorder->err);
        }
        struct cli_sweep_end end;
        if (good && pool.running > 0 && cli_sweep_pool_wait(&pool, WAIT_MS, &end))
            good = take(recorder, &end);
        else if (good)
            good = sim_sweep_db_commit(work->db, recorder->err);
    }
    work->cut += pool.running;
    cli_sweep_pool_release(&pool);
    return good;
}

/* ---- in this process --------------------------------------------------------------------------- */

static struct sim_sweep_outcome evaluate(struct cli_sweep_evaluator *evaluator, uint32_t candidate) {
    struct sim_sweep_outcome outcome = {.candidate = candidate, .exit_code = SIM_EXIT_OK};
    double start_s = now_s();
    struct sim_err err;
    sim_err_init(&err);
    outcome.done = cli_sweep_evaluator_fill(evaluator, candidate, &err);
    if (outcome.done)
        outcome.summary = evaluator->subject->evaluate(evaluator, &err);
    outcome.done = outcome.summary != NULL;
    if (!outcome.done) {
        outcome.exit_code = (int)err.code;
        outcome.error = sim_heap_must(strdup(err.message[0]));
    }
    outcome.wall_s = now_s() - start_s;
    sim_err_release(&err);
    return outcome;
}

static bool do_evaluations(struct recorder *recorder) {
    struct cli_sweep_work *work = recorder->work;
    struct cli_sweep_evaluator evaluator;
    bool good = cli_sweep_evaluator_init(&evaluator, work->subject, recorder->err);
    uint32_t candidate;
    for (uint64_t index = work->shard; good && !interrupted && next_point(work, &index, &candidate);) {
        struct sim_sweep_outcome outcome = evaluate(&evaluator, candidate);
        good = record(recorder, &outcome);
        release_outcome(&outcome);
    }
    cli_sweep_evaluator_release(&evaluator);
    return good;
}

/* ---- all of it -------------------------------------------------------------------------------- */

static void catch_signals(void) {
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaction(signals[i], &action, NULL);
}

bool cli_sweep_work_run(struct cli_sweep_work *work, struct sim_err *err) {
    struct recorder recorder = {.work = work, .err = err};
    recorder.judged = work->sweep->objectives == 0;
    catch_signals();
    count_todo(work);
    sim_progress_init(&recorder.progress, work->todo, "points");
    if (work->quiet)
        sim_progress_quiet(&recorder.progress);
    double start_s = now_s();
    bool good = work->subject->evaluate != NULL ? do_evaluations(&recorder) : do_runs(&recorder);
    sim_progress_finish(&recorder.progress);
    work->wall_s = now_s() - start_s;
    work->interrupted = interrupted;
    return sim_sweep_db_commit(work->db, err) && good;
}

static void add_to_sample(struct cli_sweep_sample *sample, const struct sim_sweep_outcome *outcome) {
    sample->points++;
    sample->failed += !outcome->done;
    sample->mean_s += outcome->wall_s;
    sample->least_s = fmin(sample->least_s, outcome->wall_s);
    sample->most_s = fmax(sample->most_s, outcome->wall_s);
    if (!outcome->done && sample->error == NULL)
        sample->error = sim_heap_must(strdup(outcome->error));
}

static bool sample_runs(struct cli_sweep_work *work, const uint32_t *candidate, uint32_t count,
                        struct cli_sweep_sample *sample, struct sim_err *err) {
    struct cli_sweep_pool pool;
    cli_sweep_pool_init(&pool, work->jobs, work->sweep->timeout_s);
    bool good = true;
    uint32_t next = 0;
    while (good && !interrupted && (next < count || pool.running > 0)) {
        while (good && next < count && pool.running < pool.jobs)
            good = start(work, &pool, candidate[next++], err);
        struct cli_sweep_end end;
        if (good && cli_sweep_pool_wait(&pool, WAIT_MS, &end)) {
            struct sim_sweep_outcome outcome = judge(&end, work->sweep->timeout_s);
            add_to_sample(sample, &outcome);
            release_outcome(&outcome);
        }
    }
    cli_sweep_pool_release(&pool);
    return good;
}

static bool sample_evaluations(struct cli_sweep_work *work, const uint32_t *candidate, uint32_t count,
                         struct cli_sweep_sample *sample, struct sim_err *err) {
    struct cli_sweep_evaluator evaluator;
    bool good = cli_sweep_evaluator_init(&evaluator, work->subject, err);
    for (uint32_t i = 0; good && i < count; i++) {
        struct sim_sweep_outcome outcome = evaluate(&evaluator, candidate[i]);
        add_to_sample(sample, &outcome);
        release_outcome(&outcome);
    }
    cli_sweep_evaluator_release(&evaluator);
    return good;
}

bool cli_sweep_work_sample(struct cli_sweep_work *work, uint32_t count, struct cli_sweep_sample *sample,
                           struct sim_err *err) {
    *sample = (struct cli_sweep_sample){.least_s = INFINITY};
    catch_signals();
    count_todo(work);
    if (count > work->todo)
        count = (uint32_t)work->todo;
    uint32_t *chosen = sim_heap_must(calloc(count + 1, sizeof *chosen)), used = 0, candidate;
    uint64_t seen = 0;
    for (uint64_t index = work->shard; used < count && next_point(work, &index, &candidate); seen++)
        if (seen == (count == 1 ? 0 : (work->todo - 1) * used / (count - 1)))
            chosen[used++] = candidate;
    bool good = work->subject->evaluate != NULL ? sample_evaluations(work, chosen, used, sample, err)
                                             : sample_runs(work, chosen, used, sample, err);
    free(chosen);
    work->interrupted = interrupted;
    if (sample->points > 0)
        sample->mean_s /= sample->points;
    return good;
}

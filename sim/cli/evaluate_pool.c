/* SPDX-License-Identifier: MIT
 *
 * Many evaluations on several threads, with progress; see arch/evaluate/evaluate.h. A thread takes the next
 * run that nobody has taken; runs share nothing that is written, so their results are those of one thread.
 */
#include "sim/cli/evaluate.h"

#include "sim/base/progress.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#define JOBS_MAX 256u
#define SHOW_NS 200000000

struct pool {
    struct cli_evaluate_subject *subject;
    int subjects;
    struct cli_evaluate_input input;
    atomic_uint_fast64_t done; /* samples of all evaluations */
    pthread_mutex_t lock;
    pthread_cond_t ended;
    int next_subject;
    uint64_t next_run;
    uint32_t working; /* threads */
    struct sim_err *err;
    bool failed;
};

static void count(void *user, uint64_t samples) {
    struct pool *pool = user;
    atomic_fetch_add_explicit(&pool->done, samples, memory_order_relaxed);
}

/* The next run; false when there is none or one has failed. Under the lock. */
static bool take(struct pool *pool, const struct cli_evaluate_subject **subject, uint64_t *run) {
    while (pool->next_subject < pool->subjects &&
           pool->next_run == pool->subject[pool->next_subject].runs) {
        pool->next_subject++;
        pool->next_run = 0;
    }
    if (pool->failed || pool->next_subject == pool->subjects)
        return false;
    *subject = &pool->subject[pool->next_subject];
    *run = pool->next_run++;
    return true;
}

static void *work(void *user) {
    struct pool *pool = user;
    const struct cli_evaluate_subject *subject;
    uint64_t run;
    pthread_mutex_lock(&pool->lock);
    while (take(pool, &subject, &run)) {
        struct sim_err err;
        pthread_mutex_unlock(&pool->lock);
        sim_err_init(&err);
        bool done = cli_evaluate_run(subject, run, &pool->input, &err);
        pthread_mutex_lock(&pool->lock);
        if (!done && !pool->failed) {
            pool->failed = true;
            struct sim_err kept = *pool->err;
            *pool->err = err;
            err = kept;
        }
        sim_err_release(&err);
    }
    pool->working--;
    pthread_cond_signal(&pool->ended);
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* Shows progress until the last thread has ended. Under the lock. */
static void watch(struct pool *pool, struct sim_progress *progress) {
    while (pool->working > 0) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += SHOW_NS;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&pool->ended, &pool->lock, &until);
        sim_progress_tick(progress, atomic_load_explicit(&pool->done, memory_order_relaxed));
    }
}

bool cli_evaluate_all(struct cli_evaluate_subject *subject, int subjects,
                      const struct cli_evaluate_input *input, uint32_t jobs, bool quiet,
                      struct sim_err *err) {
    struct pool pool = {.subject = subject, .subjects = subjects, .input = *input, .err = err};
    pool.input.tick = count;
    pool.input.user = &pool;
    struct sim_progress progress;
    pthread_t thread[JOBS_MAX];
    uint64_t runs = 0;
    uint32_t threads = 0;
    for (int i = 0; i < subjects; i++)
        runs += subject[i].runs;
    jobs = jobs < JOBS_MAX ? jobs : JOBS_MAX;
    pool.input.threads = jobs > runs ? jobs / (uint32_t)runs : 1;
    jobs = jobs < runs ? jobs : (uint32_t)runs;
    sim_progress_init(&progress, runs * input->samples->samples, "samples");
    if (quiet)
        sim_progress_quiet(&progress);
    pthread_mutex_init(&pool.lock, NULL);
    pthread_cond_init(&pool.ended, NULL);
    pthread_mutex_lock(&pool.lock);
    for (pool.working = 1; threads < jobs; threads++, pool.working++)
        if (pthread_create(&thread[threads], NULL, work, &pool) != 0)
            break;
    pool.working--;
    watch(&pool, &progress);
    pthread_mutex_unlock(&pool.lock);
    for (uint32_t i = 0; i < threads; i++)
        pthread_join(thread[i], NULL);
    pthread_cond_destroy(&pool.ended);
    pthread_mutex_destroy(&pool.lock);
    sim_progress_finish(&progress);
    if (threads == 0)
        return sim_err_add(err, SIM_EXIT_IO, NULL, "no thread could be started");
    return !pool.failed;
}

/* Student's t for a two-sided 95 % interval, by degrees of freedom (1 ..; beyond the table an approximation
 * that is right to 0.3 %). */
static double student(uint64_t freedom) {
    static const double t[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228};
    return freedom <= sizeof t / sizeof *t ? t[freedom - 1] : 1.96 + 2.4 / (double)freedom;
}

double cli_evaluate_mean(const double *value, uint64_t count, double *interval) {
    double sum = 0, squares = 0, n = (double)count;
    for (uint64_t i = 0; i < count; i++)
        sum += value[i];
    for (uint64_t i = 0; i < count; i++)
        squares += (value[i] - sum / n) * (value[i] - sum / n);
    *interval = count > 1 ? student(count - 1) * sqrt(squares / (n - 1) / n) : 0;
    return sum / n;
}

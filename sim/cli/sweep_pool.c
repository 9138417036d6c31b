/* SPDX-License-Identifier: MIT
 *
 * The pool of processes; see sweep_pool.h. One poll() watches, for each job, its two pipes and its pidfd.
 */
#define _GNU_SOURCE /* pipe2 */
#include "sim/cli/sweep_pool.h"

#include "sim/base/heap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define READ_BYTES 65536

/* Invariant: pid > 0 exactly while the job runs; the descriptors are open then, a pipe until its end. */
struct cli_sweep_job {
    pid_t pid;
    int pidfd, out, err;
    uint64_t tag, start_ns;
    bool timed_out, too_much;
    char *output, *said;
    size_t output_bytes, said_bytes;
};

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void cli_sweep_pool_init(struct cli_sweep_pool *pool, uint32_t jobs, double timeout_s) {
    *pool = (struct cli_sweep_pool){.jobs = jobs, .timeout_s = timeout_s};
    pool->job = sim_heap_must(calloc(jobs, sizeof *pool->job));
}

static void close_pipe(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void forget(struct cli_sweep_pool *pool, struct cli_sweep_job *job) {
    close_pipe(&job->out);
    close_pipe(&job->err);
    close_pipe(&job->pidfd);
    job->pid = 0;
    pool->running--;
}

void cli_sweep_pool_release(struct cli_sweep_pool *pool) {
    for (uint32_t i = 0; i < pool->jobs; i++) {
        struct cli_sweep_job *job = &pool->job[i];
        if (job->pid > 0) {
            kill(-job->pid, SIGKILL);
            kill(job->pid, SIGKILL); /* before it made its group */
            waitpid(job->pid, NULL, 0);
            forget(pool, job);
        }
        free(job->output);
        free(job->said);
    }
    free(pool->job);
    free(pool->output);
    free(pool->said);
    *pool = (struct cli_sweep_pool){.job = NULL};
}

/* ---- starting --------------------------------------------------------------------------------- */

static void become(char *const *argv, int out, int err, pid_t parent) {
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    sigset_t none;
    sigemptyset(&none);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    int null = open("/dev/null", O_RDONLY);
    if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
        _exit(127);
    execv(argv[0], argv);
    dprintf(2, "%s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

static struct cli_sweep_job *free_job(struct cli_sweep_pool *pool) {
    for (uint32_t i = 0; i < pool->jobs; i++)
        if (pool->job[i].pid == 0)
            return &pool->job[i];
    return NULL;
}

bool cli_sweep_pool_start(struct cli_sweep_pool *pool, char *const *argv, uint64_t tag) {
    struct cli_sweep_job *job = free_job(pool);
    int out[2] = {-1, -1}, err[2] = {-1, -1};
    if (job == NULL || pipe2(out, O_CLOEXEC) != 0)
        return false;
    pid_t parent = getpid(), pid = -1;
    if (pipe2(err, O_CLOEXEC) == 0)
        pid = fork();
    if (pid == 0)
        become(argv, out[1], err[1], parent);
    int fault = errno;
    close_pipe(&out[1]);
    close_pipe(&err[1]);
    int pidfd = pid > 0 ? pidfd_open(pid, 0) : -1;
    if (pid > 0 && pidfd < 0) {
        fault = errno;
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
    if (pidfd < 0) {
        close_pipe(&out[0]);
        close_pipe(&err[0]);
        errno = fault;
        return false;
    }
    fcntl(out[0], F_SETFL, O_NONBLOCK);
    fcntl(err[0], F_SETFL, O_NONBLOCK);
    free(job->output);
    free(job->said);
    *job = (struct cli_sweep_job){
        .pid = pid, .pidfd = pidfd, .out = out[0], .err = err[0], .tag = tag, .start_ns = now_ns()};
    pool->running++;
    return true;
}

/* ---- listening -------------------------------------------------------------------------------- */

static void keep(char **text, size_t *bytes, const char *more, size_t count) {
    *text = sim_heap_must(realloc(*text, *bytes + count + 1));
    memcpy(*text + *bytes, more, count);
    *bytes += count;
    (*text)[*bytes] = '\0';
}

/* Reads what is there; closes the pipe at its end. */
static void read_output(struct cli_sweep_job *job) {
    char buffer[READ_BYTES];
    ssize_t count;
    while (job->out >= 0 && (count = read(job->out, buffer, sizeof buffer)) != -1) {
        if (count == 0) {
            close_pipe(&job->out);
        } else if (job->output_bytes + (size_t)count > CLI_SWEEP_OUTPUT_MAX) {
            job->too_much = true;
            close_pipe(&job->out);
            kill(-job->pid, SIGKILL);
        } else {
            keep(&job->output, &job->output_bytes, buffer, (size_t)count);
        }
    }
}

static void read_said(struct cli_sweep_job *job) {
    char buffer[CLI_SWEEP_STDERR_MAX];
    ssize_t count;
    while (job->err >= 0 && (count = read(job->err, buffer, sizeof buffer)) != -1) {
        if (count == 0) {
            close_pipe(&job->err);
            break;
        }
        keep(&job->said, &job->said_bytes, buffer, (size_t)count);
        if (job->said_bytes > CLI_SWEEP_STDERR_MAX) {
            size_t surplus = job->said_bytes - CLI_SWEEP_STDERR_MAX;
            const char *line = memchr(job->said + surplus, '\n', CLI_SWEEP_STDERR_MAX);
            size_t cut = line == NULL ? surplus : (size_t)(line + 1 - job->said);
            memmove(job->said, job->said + cut, job->said_bytes - cut + 1);
            job->said_bytes -= cut;
        }
    }
}

/* Kills the jobs that are over time; returns how many milliseconds the next one has left, or `limit`. */
static int check_times(struct cli_sweep_pool *pool, int limit) {
    uint64_t now = now_ns();
    for (uint32_t i = 0; pool->timeout_s > 0 && i < pool->jobs; i++) {
        struct cli_sweep_job *job = &pool->job[i];
        if (job->pid == 0 || job->timed_out)
            continue;
        double left_s = pool->timeout_s - 1e-9 * (double)(now - job->start_ns);
        if (left_s <= 0) {
            job->timed_out = true;
            kill(-job->pid, SIGKILL);
            kill(job->pid, SIGKILL);
        } else if (left_s * 1e3 < limit) {
            limit = (int)(left_s * 1e3) + 1;
        }
    }
    return limit;
}

static void finish(struct cli_sweep_pool *pool, struct cli_sweep_job *job, struct cli_sweep_end *end) {
    int status = 0;
    while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    kill(-job->pid, SIGKILL); /* whatever it may have left behind */
    read_output(job);
    read_said(job);
    free(pool->output);
    free(pool->said);
    if (job->output == NULL)
        keep(&job->output, &job->output_bytes, "", 0);
    if (job->said == NULL)
        keep(&job->said, &job->said_bytes, "", 0);
    pool->output = job->output;
    pool->said = job->said;
    job->output = job->said = NULL;
    *end = (struct cli_sweep_end){
        .tag = job->tag,
        .exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
        .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
        .timed_out = job->timed_out,
        .too_much = job->too_much,
        .wall_s = 1e-9 * (double)(now_ns() - job->start_ns),
        .output = pool->output,
        .said = pool->said,
    };
    forget(pool, job);
}

bool cli_sweep_pool_wait(struct cli_sweep_pool *pool, int wait_ms, struct cli_sweep_end *end) {
    struct pollfd *watch = sim_heap_must(calloc(3u * pool->jobs, sizeof *watch));
    for (uint32_t i = 0; i < pool->jobs; i++) {
        const struct cli_sweep_job *job = &pool->job[i];
        bool runs = job->pid > 0;
        watch[3 * i] = (struct pollfd){runs ? job->out : -1, POLLIN, 0};
        watch[3 * i + 1] = (struct pollfd){runs ? job->err : -1, POLLIN, 0};
        watch[3 * i + 2] = (struct pollfd){runs ? job->pidfd : -1, POLLIN, 0};
    }
    int ready = poll(watch, 3u * pool->jobs, check_times(pool, wait_ms));
    struct cli_sweep_job *ended = NULL;
    for (uint32_t i = 0; ready > 0 && i < pool->jobs; i++) {
        struct cli_sweep_job *job = &pool->job[i];
        if (watch[3 * i].revents != 0)
            read_output(job);
        if (watch[3 * i + 1].revents != 0)
            read_said(job);
        if (watch[3 * i + 2].revents != 0 && ended == NULL)
            ended = job;
    }
    free(watch);
    check_times(pool, wait_ms);
    if (ended != NULL)
        finish(pool, ended, end);
    return ended != NULL;
}

/* SPDX-License-Identifier: MIT
 *
 * --load-curve: latency and accepted traffic over the load offered.
 *
 * Every rate is measured in a process of its own, as many at a time as the machine has cores (--jobs). A
 * child sends its result, plain data, through a pipe; a fault of a child is reported with its rate.
 */
#include "sim/cli/traffic.h"

#include "sim/base/memory.h"
#include "sim/base/number.h"
#include "sim/base/table.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define JOBS_MAX 256
#define PLOT_ROWS 12
#define PLOT_COLUMNS 60
#define PLOT_TOP 6.0 /* times the latency of the first point: higher points are left out */

struct point {
    double rate;
    struct traffic_result result, unicast; /* result.unicast is NULL or leads to the other */
    int code; /* of the child; -1: not yet */
};

/* What goes through the pipe: a measurement, and of multicast perhaps another one. */
struct part {
    struct noc_run_result run;
    struct traffic_energy energy;
    double sim_seconds;
};

struct message {
    struct part one, unicast;
    bool compared;
};

struct job {
    pid_t pid;
    int pipe;
    size_t point;
    size_t got;
    struct message message;
};

/* ---- processes ---------------------------------------------------------------------------------- */

static bool send_all(int pipe, const void *bytes, size_t size) {
    for (const char *p = bytes; size > 0;) {
        ssize_t sent = write(pipe, p, size);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        p += sent;
        size -= (size_t)sent;
    }
    return true;
}

static struct part part_of(const struct traffic_result *result) {
    struct part part = {.run = result->run, .energy = result->energy, .sim_seconds = result->sim_seconds};
    part.run.link = NULL;
    part.run.statistics = NULL;
    return part;
}

static struct traffic_result result_of(const struct part *part) {
    return (struct traffic_result){
        .run = part->run, .energy = part->energy, .sim_seconds = part->sim_seconds};
}

__attribute__((noreturn)) static void child(struct traffic *traffic, double rate, int pipe) {
    struct sim_err err;
    struct traffic_result result;
    sim_err_init(&err);
    traffic->spec.rate = rate;
    bool sound = cli_traffic_measure(traffic, NULL, &result, &err);
    if (!sound) {
        char text[32];
        fprintf(stderr, "nocsim: at rate %s:\n", sim_number_format(text, sizeof text, rate));
        _exit(cli_finish(&err));
    }
    struct message message = {.one = part_of(&result), .compared = result.unicast != NULL};
    if (message.compared)
        message.unicast = part_of(result.unicast);
    _exit(send_all(pipe, &message, sizeof message) ? SIM_EXIT_OK : SIM_EXIT_IO);
}

static bool start(struct traffic *traffic, struct job *job, size_t number, double rate, struct sim_err *err) {
    int ends[2];
    if (pipe(ends) != 0)
        return sim_err_add(err, SIM_EXIT_IO, NULL, "cannot make a pipe: %s", strerror(errno));
    *job = (struct job){.point = number, .pipe = ends[0]};
    fflush(NULL);
    job->pid = fork();
    if (job->pid == 0) {
        close(ends[0]);
        child(traffic, rate, ends[1]);
    }
    close(ends[1]);
    if (job->pid > 0)
        return true;
    close(ends[0]);
    return sim_err_add(err, SIM_EXIT_IO, NULL, "cannot start a process: %s", strerror(errno));
}

/* Takes what has come; true when the child has closed its end. */
static bool take(struct job *job) {
    ssize_t got = read(job->pipe, (char *)&job->message + job->got, sizeof job->message - job->got);
    if (got < 0 && errno == EINTR)
        return false;
    if (got > 0)
        job->got += (size_t)got;
    return got <= 0 || job->got == sizeof job->message;
}

static void finish(struct job *job, struct point *point) {
    int status;
    close(job->pipe);
    while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR) {
    }
    point->code = WIFEXITED(status) ? WEXITSTATUS(status) : SIM_EXIT_STOPPED;
    if (WIFSIGNALED(status))
        fprintf(stderr, "nocsim: a process was ended by signal %d\n", WTERMSIG(status));
    if (point->code == SIM_EXIT_OK && job->got != sizeof job->message)
        point->code = SIM_EXIT_IO;
    point->result = result_of(&job->message.one);
    point->unicast = result_of(&job->message.unicast);
    if (job->message.compared)
        point->result.unicast = &point->unicast;
}

static size_t jobs_wanted(const struct traffic *traffic, size_t points) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t jobs = traffic->options->jobs != 0 ? traffic->options->jobs : cores > 0 ? (size_t)cores : 1;
    jobs = jobs < points ? jobs : points;
    return jobs < JOBS_MAX ? jobs : JOBS_MAX;
}

/* Runs all points; after a fault no new ones are started. */
static bool run_points(struct traffic *traffic, struct point *point, size_t count, struct sim_err *err) {
    size_t jobs = jobs_wanted(traffic, count), running = 0, next = 0, done = 0;
    struct job *job = calloc(jobs, sizeof *job);
    struct pollfd *ready = calloc(jobs, sizeof *ready);
    struct sim_progress progress;
    bool sound = true;
    if (job == NULL || ready == NULL)
        sim_memory_exhausted(NULL);
    sim_progress_init(&progress, count, "rates");
    if (traffic->options->quiet)
        sim_progress_quiet(&progress);
    while (running > 0 || (sound && next < count)) {
        while (sound && running < jobs && next < count) {
            sound = start(traffic, &job[running], next, point[next].rate, err);
            running += sound;
            next += sound;
        }
        for (size_t i = 0; i < running; i++)
            ready[i] = (struct pollfd){.fd = job[i].pipe, .events = POLLIN};
        if (running == 0 || poll(ready, running, -1) < 0)
            continue;
        for (size_t i = running; i-- > 0;) {
            if (ready[i].revents == 0 || !take(&job[i]))
                continue;
            finish(&job[i], &point[job[i].point]);
            sound &= point[job[i].point].code == SIM_EXIT_OK;
            job[i] = job[--running];
            sim_progress_tick(&progress, ++done);
        }
    }
    sim_progress_finish(&progress);
    free(job);
    free(ready);
    return sound;
}

/* ---- output ------------------------------------------------------------------------------------- */

static void print_table(const struct point *point, size_t count) {
    static const char *const headings[] = {"rate", "latency",  "+- 95 %",  "network", "p99",
                                           "hops", "accepted", "max link", "pJ/hop", "last copy"};
    bool messages = point[0].result.run.messages > 0, energy = isfinite(point[0].result.energy.hop_j);
    struct sim_table table;
    sim_table_init(&table);
    for (size_t i = 0; i < sizeof headings / sizeof *headings; i++)
        if (i < 8 || (i == 8 && energy) || (i == 9 && messages))
            sim_table_column(&table, headings[i], SIM_TABLE_RIGHT);
    sim_table_column(&table, "", SIM_TABLE_LEFT);
    for (size_t i = 0; i < count; i++) {
        const struct noc_run_result *run = &point[i].result.run;
        char rate[32];
        sim_table_cell(&table, "%s", sim_number_format(rate, sizeof rate, point[i].rate));
        if (run->packets > 0) {
            sim_table_cell(&table, "%.2f", run->latency_mean);
            sim_table_cell(&table, isfinite(run->latency_interval) ? "%.2f" : "-", run->latency_interval);
            sim_table_cell(&table, isfinite(run->network_latency_mean) ? "%.2f" : "-",
                           run->network_latency_mean);
            sim_table_cell(&table, "%llu", (unsigned long long)run->latency_p99);
            sim_table_cell(&table, "%.3f", run->hops_mean);
        } else {
            for (int k = 0; k < 5; k++)
                sim_table_cell(&table, "-");
        }
        sim_table_cell(&table, "%.4f", run->accepted);
        sim_table_cell(&table, "%.3f", run->link_load_max);
        if (energy)
            sim_table_cell(&table, "%.3f", 1e12 * point[i].result.energy.hop_j);
        if (messages)
            sim_table_cell(&table, run->messages > 0 ? "%.2f" : "-", run->latency_last_mean);
        sim_table_cell(&table, "%s", run->saturated ? "saturated" : run->converged ? "" : "not converged");
    }
    sim_table_print(&table, 0, stdout);
    sim_table_release(&table);
}

/* Latency over rate, up to PLOT_TOP times that of the first point. */
static void print_plot(const struct point *point, size_t count) {
    char plot[PLOT_ROWS][PLOT_COLUMNS + 1];
    double first = point[0].result.run.latency_mean, top = 0, span = point[count - 1].rate - point[0].rate;
    if (count < 2 || !isfinite(first) || !(first > 0))
        return;
    for (size_t i = 0; i < count; i++) {
        double latency = point[i].result.run.latency_mean;
        if (!point[i].result.run.saturated && latency > top && latency <= PLOT_TOP * first)
            top = latency;
    }
    if (!(top > 0))
        return;
    memset(plot, ' ', sizeof plot);
    for (size_t i = 0; i < count; i++) {
        const struct noc_run_result *run = &point[i].result.run;
        int column = (int)lround((point[i].rate - point[0].rate) / span * (PLOT_COLUMNS - 1));
        bool above = run->saturated || !(run->latency_mean <= top);
        int row = above ? 0 : PLOT_ROWS - 1 - (int)lround(run->latency_mean / top * (PLOT_ROWS - 1));
        plot[row][column] = above ? '^' : '*';
    }
    printf("\nlatency, cycles (^ above, or saturated)\n");
    for (int row = 0; row < PLOT_ROWS; row++) {
        plot[row][PLOT_COLUMNS] = '\0';
        for (int end = PLOT_COLUMNS; end > 0 && plot[row][end - 1] == ' '; end--)
            plot[row][end - 1] = '\0';
        if (row % 4 == 0 || row == PLOT_ROWS - 1)
            printf("%8.1f |%s\n", top * (PLOT_ROWS - 1 - row) / (PLOT_ROWS - 1), plot[row]);
        else
            printf("%8s |%s\n", "", plot[row]);
    }
    char from[32], to[32];
    printf("%8s +", "");
    for (int i = 0; i < PLOT_COLUMNS; i++)
        putchar('-');
    printf("\n%10s%-*s%s\n", "", PLOT_COLUMNS - 6, sim_number_format(from, sizeof from, point[0].rate),
           sim_number_format(to, sizeof to, point[count - 1].rate));
}

/* Where the network saturates: the largest accepted traffic. */
static void print_throughput(const struct point *point, size_t count) {
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, point[i].result.run.accepted);
    for (size_t i = 0; i < count; i++)
        if (point[i].result.run.saturated) {
            char rate[32];
            printf("\nSaturates at an offered load of %s or below; the most it accepts is %.4f flits a "
                   "terminal and "
                   "cycle.\n",
                   sim_number_format(rate, sizeof rate, point[i].rate), most);
            return;
        }
    printf("\nNot saturated up to the largest load.\n");
}

static void print_curve(const struct point *point, size_t count) {
    print_table(point, count);
    print_throughput(point, count);
    print_plot(point, count);
}

/* One, or that of trees and that of repeated unicast. */
static void print_curves(struct point *point, size_t count) {
    bool compared = point[0].result.unicast != NULL;
    if (compared)
        puts("By trees, each copy:\n");
    print_curve(point, count);
    if (!compared)
        return;
    for (size_t i = 0; i < count; i++)
        point[i].result = point[i].unicast;
    puts("\nBy repeated unicast:\n");
    print_curve(point, count);
}

static void print_json(struct traffic *traffic, const struct point *point, size_t count) {
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, cli_traffic_json(traffic, &point[i].result, false));
    json_dumpf(array, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
    putchar('\n');
    json_decref(array);
}

int cli_traffic_curve(struct traffic *traffic, const double *rate, size_t count, struct sim_err *err) {
    struct point *point = calloc(count, sizeof *point);
    int code = SIM_EXIT_OK;
    if (point == NULL)
        sim_memory_exhausted(NULL);
    for (size_t i = 0; i < count; i++)
        point[i] = (struct point){.rate = rate[i], .code = -1};
    if (!run_points(traffic, point, count, err))
        code = err->count > 0 ? (int)err->code : SIM_EXIT_STOPPED;
    for (size_t i = count; i-- > 0;)
        code = point[i].code > 0 ? point[i].code : code;
    if (code == SIM_EXIT_OK && !traffic->options->quiet) {
        if (traffic->options->format == CLI_FORMAT_JSON) {
            print_json(traffic, point, count);
        } else {
            print_curves(point, count);
        }
    }
    free(point);
    return code;
}

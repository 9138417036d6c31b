/* SPDX-License-Identifier: MIT
 *
 * Load curves beside those of BookSim2: a row for each point of curves.csv.
 *
 *     curves FILE... [PART-OF-NAME]
 *
 * Each point is run with RUNS seeds, with the warm-up and the window that BookSim2 had. BookSim2 ran once, so
 * its figure scatters as a single one of ours does: a point is inside when the two differ by at most 2 %, or
 * by no more than the 99 % interval for one further run, computed from our RUNS, where that is wider (near
 * and beyond saturation; of a hundred such points one may lie outside by chance). Compared is the mean packet
 * latency, and for points measured beyond saturation the accepted throughput. Points that BookSim2 gave up as
 * unstable have no numbers to compare. Exit code: 0 all inside, 1 usage or a point outside, 2 the file is
 * malformed, 4 it cannot be read.
 */
#include "noc/traffic/run.h"
#include "sim/base/err.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TOLERANCE 0.02
#define RUNS 8
#define STUDENT_T 3.4995 /* 99.5 % quantile with RUNS - 1 degrees of freedom */

enum {
    NAME,
    TOPOLOGY,
    K,
    N,
    ROUTING,
    TRAFFIC,
    VCS,
    BUFFER,
    PACKET,
    RATE,
    KIND,
    STATUS,
    LATENCY,
    NETWORK,
    HOPS,
    ACCEPTED,
    WARMUP,
    MEASURED,
    EXTRA,
    COLUMNS
};

struct point {
    char *text, *column[COLUMNS];
    char size[32];
    int line;
    struct noc_network_spec network;
    struct noc_traffic_spec traffic;
    struct noc_run_spec run;
    double ours[RUNS]; /* latency or accepted throughput */
    struct sim_err err;
    bool done, throughput;
};

struct table {
    struct point *point;
    size_t count, capacity;
    atomic_size_t next;
};

static int index_of(const char *word, const char *const *names) {
    for (int i = 0; names[i] != NULL; i++)
        if (strcmp(word, names[i]) == 0)
            return i;
    return -1;
}

/* Names of BookSim2 that differ from ours. */
static bool set_traffic(struct point *p) {
    const char *name = p->column[TRAFFIC];
    p->traffic = (struct noc_traffic_spec){.rate = strtod(p->column[RATE], NULL),
                                           .packet = (uint32_t)strtoul(p->column[PACKET], NULL, 10),
                                           .self = true,
                                           .hotspot = "",
                                           .seed = 1};
    if (strcmp(name, "hotspot4") == 0 || strcmp(name, "hotspot_n0") == 0) {
        p->traffic.pattern = NOC_PATTERN_HOTSPOT;
        p->traffic.hotspot = strcmp(name, "hotspot4") == 0 ? "27:4, 28:4, 35:4, 36:4, *:1" : "0:1";
        return true;
    }
    p->traffic.pattern = index_of(strcmp(name, "neighbor") == 0 ? "neighbour" : name, noc_pattern_names);
    return p->traffic.pattern >= 0;
}

static bool set_network(struct point *p) {
    const char *topology = p->column[TOPOLOGY], *routing = p->column[ROUTING];
    noc_network_defaults(&p->network);
    if (strcmp(p->column[N], "2") != 0)
        return false;
    snprintf(p->size, sizeof p->size, "%lux%lu", strtoul(p->column[K], NULL, 10),
             strtoul(p->column[K], NULL, 10));
    p->network.size = p->size;
    p->network.router.vcs = (uint32_t)strtoul(p->column[VCS], NULL, 10);
    p->network.router.buffer_flits = (uint32_t)strtoul(p->column[BUFFER], NULL, 10);
    if (strcmp(topology, "cmesh") == 0)
        p->network.concentration = 4;
    p->network.topology = strcmp(topology, "torus") == 0 ? NOC_TOPOLOGY_TORUS : NOC_TOPOLOGY_MESH;
    if (strcmp(routing, "min_adapt") == 0)
        p->network.routing = NOC_ROUTING_ADAPTIVE;
    return (strcmp(topology, "mesh") == 0 && strcmp(routing, "dor") == 0) ||
           (strcmp(topology, "mesh") == 0 && strcmp(routing, "min_adapt") == 0) ||
           (strcmp(topology, "cmesh") == 0 && strcmp(routing, "dor_no_express") == 0) ||
           (strcmp(topology, "torus") == 0 && strcmp(routing, "dim_order") == 0);
}

static bool parse(struct point *p, const char *path, struct sim_err *err) {
    struct sim_where where = {.file = path, .line = p->line};
    char *rest = p->text;
    for (int c = 0; c < COLUMNS; c++)
        if ((p->column[c] = strsep(&rest, ",")) == NULL)
            return sim_err_add(err, SIM_EXIT_CONFIG, &where, "not %d columns", COLUMNS);
    if (!set_network(p) || !set_traffic(p))
        return sim_err_add(err, SIM_EXIT_CONFIG, &where, "a configuration that is not known here");
    p->run.warmup = strtoull(p->column[WARMUP], NULL, 10);
    p->run.cycles = strtoull(p->column[MEASURED], NULL, 10);
    p->throughput = strcmp(p->column[STATUS], "throughput") == 0;
    return true;
}

static bool read_table(struct table *t, const char *path, const char *part, struct sim_err *err) {
    struct sim_where where = {.file = path};
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return sim_err_add(err, SIM_EXIT_IO, &where, "cannot open: %s", strerror(errno));
    char *line = NULL;
    size_t size = 0, before = t->count;
    while (getline(&line, &size, file) >= 0) {
        where.line++;
        line[strcspn(line, "\r\n")] = '\0';
        if (where.line == 1 || (part != NULL && strstr(line, part) == NULL))
            continue;
        if (t->count == t->capacity) {
            t->capacity = t->capacity == 0 ? 256 : 2 * t->capacity;
            t->point = realloc(t->point, t->capacity * sizeof *t->point);
        }
        t->point[t->count++] = (struct point){.text = strdup(line), .line = where.line};
    }
    free(line);
    fclose(file);
    bool sound = true;
    for (size_t i = before; i < t->count; i++)
        sound &= parse(&t->point[i], path, err);
    return sound;
}

static bool run_point(struct point *p) {
    bool sound = true;
    for (uint32_t i = 0; i < RUNS && sound; i++) {
        struct noc_run_result result;
        p->traffic.seed = i + 1;
        sound = noc_traffic_run(&p->run, &p->network, &p->traffic, NULL, &result, &p->err);
        p->ours[i] = p->throughput ? result.accepted : result.latency_mean;
        noc_run_result_release(&result);
    }
    return sound;
}

static void *work(void *argument) {
    struct table *t = argument;
    for (size_t i; (i = atomic_fetch_add(&t->next, 1)) < t->count;) {
        struct point *p = &t->point[i];
        sim_err_init(&p->err);
        p->network.size = p->size; /* points have moved since they were parsed */
        if (strcmp(p->column[STATUS], "unstable") != 0)
            p->done = run_point(p);
    }
    return NULL;
}

/* Prints a line; false when the point lies outside. */
static bool judge(const struct point *p, double *worst) {
    double theirs = strtod(p->column[p->throughput ? ACCEPTED : LATENCY], NULL), ours = 0, squares = 0;
    for (int i = 0; i < RUNS; i++)
        ours += p->ours[i] / RUNS;
    for (int i = 0; i < RUNS; i++)
        squares += (p->ours[i] - ours) * (p->ours[i] - ours);
    double interval = STUDENT_T * sqrt(squares / (RUNS - 1) * (1 + 1.0 / RUNS)), limit = TOLERANCE * theirs;
    double allowed = interval > limit ? interval : limit;
    bool inside = p->done && fabs(ours - theirs) <= allowed;
    if (interval <= limit && fabs(ours - theirs) / theirs > *worst)
        *worst = fabs(ours - theirs) / theirs;
    printf("%-42s %8s  %-8s %10.4f %10.4f %+8.2f %%  +-%6.2f %%  %s\n", p->column[NAME], p->column[RATE],
           p->throughput ? "accepted" : "latency", theirs, ours, 100 * (ours - theirs) / theirs,
           100 * allowed / theirs, inside ? "ok" : "OUTSIDE");
    return inside;
}

int main(int argc, char **argv) {
    struct table table = {.count = 0};
    struct sim_err err;
    sim_err_init(&err);
    bool part = argc > 2 && strchr(argv[argc - 1], '.') == NULL; /* files have an ending */
    if (argc < 2) {
        fprintf(stderr, "usage: %s FILE... [PART-OF-NAME]\n", argv[0]);
        return SIM_EXIT_USAGE;
    }
    bool sound = true;
    for (int i = 1; i < argc - part; i++)
        sound = read_table(&table, argv[i], part ? argv[argc - 1] : NULL, &err) && sound;
    if (!sound) {
        sim_err_print(&err, stderr);
        return err.code;
    }
    long threads = sysconf(_SC_NPROCESSORS_ONLN);
    pthread_t thread[64];
    threads = threads < 1 ? 1 : threads > 64 ? 64 : threads;
    for (long i = 0; i < threads; i++)
        if (pthread_create(&thread[i], NULL, work, &table) != 0)
            return SIM_EXIT_STOPPED;
    for (long i = 0; i < threads; i++)
        pthread_join(thread[i], NULL);
    printf("%-42s %8s  %-8s %10s %10s %10s  %10s\n", "configuration", "rate", "of", "BookSim2", "nocsim",
           "differs", "allowed");
    double worst = 0;
    int inside = 0, outside = 0, unstable = 0;
    for (size_t i = 0; i < table.count; i++) {
        struct point *p = &table.point[i];
        if (strcmp(p->column[STATUS], "unstable") == 0)
            unstable++;
        else if (judge(p, &worst))
            inside++;
        else
            outside++;
        sim_err_print(&p->err, stdout);
        sim_err_release(&p->err);
        free(p->text);
    }
    free(table.point);
    printf("%d inside, %d outside, %d without a number of BookSim2's (unstable); largest difference where 2 "
           "%% decides: "
           "%.2f %%\n",
           inside, outside, unstable, 100 * worst);
    return outside == 0 ? SIM_EXIT_OK : SIM_EXIT_USAGE;
}

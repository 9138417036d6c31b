/* SPDX-License-Identifier: MIT
 *
 * Replays traces of explicit injections and compares every packet with what BookSim2 did.
 *
 *     replay FOLDER
 *
 * For each NAME.vcV.bufB.csv.gz (or .csv) in the folder NAME.txt is run on an 8x8 mesh with V virtual
 * channels of B flits, and creation, injection, arrivals, latencies and hops of every packet are compared.
 * Exit code: 0 all equal, 1 usage or a difference, 2 a file is malformed, 4 it cannot be read.
 */
#include "noc/traffic/replay.h"
#include "sim/base/err.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { ID, SRC, DST, SIZE, CTIME, ITIME, AHEAD, ATAIL, PLAT, NLAT, HOPS, FIELDS };
static const char heading[] = "id,src,dst,size,ctime,itime_head,atime_head,atime_tail,plat,nlat,hops";
static const char *const field_name[FIELDS] = {
    "id", "src", "dst", "size", "ctime", "itime_head", "atime_head", "atime_tail", "plat", "nlat", "hops"};

struct golden {
    const char *path;
    long long (*row)[FIELDS]; /* [packet] */
    bool *given;
};

struct variant {
    char trace[PATH_MAX], result[PATH_MAX];
    uint32_t vcs, buffer;
};

static bool parse_row(char *line, long long *value, const struct sim_where *where, struct sim_err *err) {
    char *p = line;
    for (int f = 0; f < FIELDS; f++) {
        char *end;
        errno = 0;
        value[f] = strtoll(p, &end, 10);
        if (end == p || errno != 0 || *end != (f + 1 == FIELDS ? '\0' : ','))
            return sim_err_add(err, SIM_EXIT_CONFIG, where, "%s is not a number, or there are not %d fields",
                               field_name[f], FIELDS);
        p = end + 1;
    }
    return true;
}

static bool take_row(const struct golden *g, const long long *value, const struct noc_trace *trace,
                     const struct sim_where *where, struct sim_err *err) {
    if (value[ID] < 0 || value[ID] >= trace->count)
        return sim_err_add(err, SIM_EXIT_CONFIG, where, "packet %lld is not in the trace of %u packets",
                           value[ID], trace->count);
    if (g->given[value[ID]])
        return sim_err_add(err, SIM_EXIT_CONFIG, where, "packet %lld is given twice", value[ID]);
    g->given[value[ID]] = true;
    memcpy(g->row[value[ID]], value, FIELDS * sizeof *value);
    return true;
}

static bool read_golden(const struct golden *g, const struct noc_trace *trace, struct sim_err *err) {
    struct sim_where where = {.file = g->path};
    gzFile file = gzopen(g->path, "rb");
    if (file == NULL)
        return sim_err_add(err, SIM_EXIT_IO, &where, "cannot open: %s", strerror(errno));
    char line[512];
    uint32_t rows = 0;
    bool sound = true;
    while (sound && gzgets(file, line, sizeof line) != NULL) {
        long long value[FIELDS];
        where.line++;
        line[strcspn(line, "\r\n")] = '\0';
        if (where.line == 1) {
            if (strcmp(line, heading) != 0)
                sound = sim_err_add(err, SIM_EXIT_CONFIG, &where, "the heading is not '%s'", heading);
            continue;
        }
        sound = parse_row(line, value, &where, err) && take_row(g, value, trace, &where, err);
        rows++;
    }
    int code;
    const char *message = gzerror(file, &code);
    if (sound && code != Z_OK && code != Z_STREAM_END)
        sound = sim_err_add(err, SIM_EXIT_CONFIG, &where, "damaged: %s", message);
    gzclose(file);
    where.line = 0;
    if (sound && rows != trace->count)
        sound =
            sim_err_add(err, SIM_EXIT_CONFIG, &where, "%u packets, but the trace has %u", rows, trace->count);
    return sound;
}

/* Prints the first difference; true when there is none. */
static bool compare(const struct variant *v, const struct golden *g, const struct noc_trace *trace,
                    const struct noc_record *record) {
    for (uint32_t i = 0; i < trace->count; i++) {
        const struct noc_injection *p = &trace->packet[i];
        const struct noc_record *r = &record[i];
        const sim_cycle ours[FIELDS] = {i,
                                        p->src,
                                        p->dst,
                                        p->size,
                                        p->cycle,
                                        r->injected,
                                        r->head,
                                        r->tail,
                                        r->tail - p->cycle,
                                        r->tail - r->injected,
                                        r->hops};
        for (int f = 0; f < FIELDS; f++)
            if (g->row[i][f] != (long long)ours[f]) {
                printf(
                    "FAIL %s: packet %u (%u -> %u, %u flits, created at %llu): %s expected %lld, got %llu\n",
                    v->result, i, p->src, p->dst, p->size, (unsigned long long)p->cycle, field_name[f],
                    g->row[i][f], (unsigned long long)ours[f]);
                return false;
            }
    }
    printf("pass %s: %u packets\n", v->result, trace->count);
    return true;
}

static bool run_variant(const struct variant *v, struct sim_err *err) {
    struct noc_trace trace;
    struct noc_network_spec network;
    noc_network_defaults(&network);
    network.router.vcs = v->vcs;
    network.router.buffer_flits = v->buffer;
    bool equal = false, sound = noc_trace_read(&trace, v->trace, err);
    if (sound) {
        struct golden golden = {.path = v->result,
                                .row = calloc(trace.count, sizeof *golden.row),
                                .given = calloc(trace.count, sizeof *golden.given)};
        struct noc_record *record = calloc(trace.count, sizeof *record);
        struct noc_replay_spec replay = {.watchdog = 100000};
        sound = read_golden(&golden, &trace, err) && noc_replay(&replay, &network, &trace, record, err);
        equal = sound && compare(v, &golden, &trace, record);
        free(golden.row);
        free(golden.given);
        free(record);
    }
    noc_trace_release(&trace);
    return equal;
}

/* Takes "NAME.vcV.bufB.csv[.gz]" apart. */
static bool parse_name(const char *folder, const char *name, struct variant *v, struct sim_err *err) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    struct sim_where where = {.file = path};
    const char *vc = NULL;
    for (const char *p = name; (p = strstr(p, ".vc")) != NULL; p++)
        vc = p;
    int used = 0;
    if (vc == NULL || vc == name || sscanf(vc, ".vc%u.buf%u.csv%n", &v->vcs, &v->buffer, &used) != 2 ||
        used == 0 || (strcmp(vc + used, "") != 0 && strcmp(vc + used, ".gz") != 0))
        return sim_err_add(err, SIM_EXIT_CONFIG, &where, "the name is not of the form NAME.vcV.bufB.csv.gz");
    if (v->vcs < 1 || v->vcs > NOC_VCS_MAX || v->buffer < 1 || v->buffer > 2047)
        return sim_err_add(err, SIM_EXIT_CONFIG, &where, "%u virtual channels of %u flits cannot be built",
                           v->vcs, v->buffer);
    snprintf(v->result, sizeof v->result, "%s", path);
    if ((size_t)snprintf(v->trace, sizeof v->trace, "%s/%.*s.txt", folder, (int)(vc - name), name) >=
        sizeof v->trace)
        return sim_err_add(err, SIM_EXIT_CONFIG, &where, "the name is too long");
    return true;
}

static int only_results(const struct dirent *entry) {
    size_t length = strlen(entry->d_name);
    return strstr(entry->d_name, ".vc") != NULL &&
           ((length > 4 && strcmp(entry->d_name + length - 4, ".csv") == 0) ||
            (length > 7 && strcmp(entry->d_name + length - 7, ".csv.gz") == 0));
}

static int only_traces(const struct dirent *entry) {
    size_t length = strlen(entry->d_name);
    return length > 4 && strcmp(entry->d_name + length - 4, ".txt") == 0;
}

int main(int argc, char **argv) {
    struct dirent **name, **trace;
    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return SIM_EXIT_USAGE;
    }
    int count = scandir(argv[1], &name, only_results, alphasort);
    int traces = scandir(argv[1], &trace, only_traces, alphasort);
    if (count < 0 || traces < 0) {
        fprintf(stderr, "nocsim: %s: %s\n", argv[1], strerror(errno));
        return SIM_EXIT_IO;
    }
    int passed = 0, failed = 0;
    enum sim_exit code = SIM_EXIT_OK;
    for (int i = 0; i < count; i++) {
        struct sim_err err;
        struct variant v;
        sim_err_init(&err);
        if (parse_name(argv[1], name[i]->d_name, &v, &err) && run_variant(&v, &err)) {
            passed++;
        } else {
            failed++;
            sim_err_print(&err, stdout);
            if (code == SIM_EXIT_OK)
                code = err.count > 0 ? err.code : SIM_EXIT_USAGE;
        }
        sim_err_release(&err);
    }
    for (int t = 0; t < traces; t++) {
        size_t stem = strlen(trace[t]->d_name) - 4;
        bool used = false;
        for (int i = 0; i < count; i++)
            used |= strncmp(name[i]->d_name, trace[t]->d_name, stem) == 0 &&
                    strncmp(name[i]->d_name + stem, ".vc", 3) == 0;
        if (!used) {
            printf("nocsim: %s/%s: no result %.*s.vcV.bufB.csv.gz to compare with\n", argv[1],
                   trace[t]->d_name, (int)stem, trace[t]->d_name);
            failed++;
            code = code == SIM_EXIT_OK ? SIM_EXIT_CONFIG : code;
        }
        free(trace[t]);
    }
    for (int i = 0; i < count; i++)
        free(name[i]);
    free(name);
    free(trace);
    if (passed + failed == 0) {
        printf("nocsim: %s: no NAME.txt and NAME.vcV.bufB.csv.gz here\n", argv[1]);
        code = SIM_EXIT_CONFIG;
    }
    printf("%d passed, %d failed\n", passed, failed);
    return code;
}

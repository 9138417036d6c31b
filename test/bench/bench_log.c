/* SPDX-License-Identifier: MIT
 *
 * What the run database costs, in CPU seconds of the whole process (simulation and writer thread):
 *
 *   events    rows of the event log a second, from sim_count to the renamed file, indexes included
 *   summary   the fixed cost of a database without an event log, and the cost of a sample
 *
 *     bench_log [ROWS]        writes below $TMPDIR; ends with 1 when the event log is below its target
 */
#include "sim/record/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TARGET_ROWS_PER_S 1.0e6
#define TILES 12
#define EVENTS 60
#define SAMPLES 10000
#define TIMESTEPS 20

static struct sim_event event[EVENTS];
static char name[EVENTS][16];
static struct sim_type type = {.name = "bench.tile", .help = "", .events = event, .event_count = EVENTS};
static struct sim_component tile[TILES];
static uint64_t count[TILES][EVENTS];

static double cpu_s(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static struct sim_record *new_record(const char *path, enum sim_record_level level, struct sim_err *err) {
    struct sim_record *record =
        sim_record_new(&(struct sim_record_spec){.path = path, .level = level, .force = true}, err);
    if (record == NULL)
        return NULL;
    for (uint32_t i = 0; i < EVENTS; i++) {
        snprintf(name[i], sizeof name[i], "event_%u", i);
        event[i] = (struct sim_event){name[i], ""};
    }
    for (uint32_t id = 0; id < TILES; id++) {
        memset(count[id], 0, sizeof count[id]);
        tile[id] = (struct sim_component){.type = &type, .path = "tile", .id = id, .count = count[id]};
        sim_record_component(record, &tile[id], &(struct sim_record_place){0, 0, (int32_t)id});
    }
    return record;
}

static bool events(const char *path, uint64_t rows, double *seconds, struct sim_err *err) {
    double start = cpu_s();
    struct sim_record *record = new_record(path, SIM_RECORD_EVENTS, err);
    if (record == NULL)
        return false;
    for (uint64_t i = 0; i < rows; i++)
        sim_count(&tile[i % TILES], (uint32_t)(i % EVENTS), 1 + i % 256, i / 8, 1 + i % 2);
    bool good = sim_record_finish(record, rows / 8 + 1, err);
    sim_record_free(record);
    *seconds = cpu_s() - start;
    return good;
}

static bool summary(const char *path, uint64_t samples, double *seconds, struct sim_err *err) {
    double start = cpu_s();
    struct sim_record *record = new_record(path, SIM_RECORD_SUMMARY, err);
    if (record == NULL)
        return false;
    uint32_t latency = sim_record_histogram(record, "sample", "cycles of a sample");
    for (int32_t layer = 0; layer < 3; layer++)
        sim_record_layer(record, layer, "layer", "dense", 100);
    for (uint64_t sample = 0; sample < samples; sample++) {
        for (uint32_t step = 0; step < TIMESTEPS; step++)
            for (int32_t layer = 0; layer < 3; layer++)
                sim_record_spikes(record, (int64_t)sample, layer, step, sample + step);
        sim_record_latency(record, latency, 2900, 1);
        sim_record_sample(record, &(struct sim_record_sample){(int64_t)sample, 1, 1, sample * 2900,
                                                              sample * 2900 + 2899});
    }
    bool good = sim_record_finish(record, samples * 2900, err);
    sim_record_free(record);
    *seconds = cpu_s() - start;
    return good;
}

int main(int argc, char **argv) {
    uint64_t rows = argc > 1 ? strtoull(argv[1], NULL, 10) : 4000000;
    const char *folder = getenv("TMPDIR") == NULL ? "/tmp" : getenv("TMPDIR");
    char path[512];
    snprintf(path, sizeof path, "%s/bench_log.%ld.db", folder, (long)getpid());
    struct sim_err err;
    sim_err_init(&err);
    double log_s = 0, fixed_s = 0, samples_s = 0;
    bool good = summary(path, 0, &fixed_s, &err) && summary(path, SAMPLES, &samples_s, &err) &&
                events(path, rows, &log_s, &err);
    unlink(path);
    sim_err_print(&err, stderr);
    if (!good)
        return err.code;
    double rate = (double)rows / log_s;
    printf("event log: %.2f million rows per CPU second (%llu rows in %.2f s; target %.1f)\n", rate * 1e-6,
           (unsigned long long)rows, log_s, TARGET_ROWS_PER_S * 1e-6);
    printf("summary:   %.1f ms for a database, %.2f us for a sample of %d timesteps and 3 layers\n",
           fixed_s * 1e3, (samples_s - fixed_s) * 1e6 / SAMPLES, TIMESTEPS);
    return rate >= TARGET_ROWS_PER_S ? 0 : 1;
}

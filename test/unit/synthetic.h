/* SPDX-License-Identifier: MIT
 *
 * A small made-up run, for the tests of the run database and of what reads it: four tiles and a host that
 * do random things for some samples, and keep their own account of what they did.
 */
#ifndef TEST_UNIT_SYNTHETIC_H
#define TEST_UNIT_SYNTHETIC_H

#include "sim/base/rng.h"
#include "sim/kernel/component.h"
#include "sim/record/record.h"

#include <check.h>
#include <dirent.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SYNTHETIC_TILES 4u
#define SYNTHETIC_COMPONENTS (SYNTHETIC_TILES + 1)
#define SYNTHETIC_TIMESTEPS 5u
#define SYNTHETIC_STEP_CYCLES 100u

enum synthetic_event { SYNTHETIC_WORK, SYNTHETIC_HOP, SYNTHETIC_TICK, SYNTHETIC_TILE_EVENTS };

static const struct sim_event synthetic_tile_events[] = {{"work", "work done"},
                                                         {"hop", "hops"},
                                                         {"tick", "cycles, by the passing of time"}};
static const struct sim_event synthetic_host_events[] = {{"send", "items sent"}};
static const struct sim_type synthetic_tile = {.name = "test.tile",
                                               .help = "a tile",
                                               .events = synthetic_tile_events,
                                               .event_count = SYNTHETIC_TILE_EVENTS};
static const struct sim_type synthetic_host = {.name = "test.host",
                                               .help = "a host",
                                               .events = synthetic_host_events,
                                               .event_count = 1};

/* How the run is made; equal seeds are equal work. */
struct synthetic {
    uint64_t seed;
    uint32_t samples;
    uint32_t events;  /* of each timestep */
    uint64_t shuffle; /* another order of the events of a cycle; 0: none */
    enum sim_record_level level;
    const struct sim_energy *energy; /* NULL: not priced */
    double clock_hz;
};

struct synthetic_run {
    struct sim_component component[SYNTHETIC_COMPONENTS];
    uint64_t count[SYNTHETIC_COMPONENTS][SYNTHETIC_TILE_EVENTS];
    uint64_t spikes, hops;
    sim_cycle cycles;
};

static inline void synthetic_describe(struct synthetic_run *run, const struct synthetic *how,
                                      struct sim_record *record, struct sim_err *err) {
    static const char *const path[] = {"chip.tile[0][0]", "chip.tile[0][1]", "chip.tile[1][0]",
                                       "chip.tile[1][1]", "chip.host"};
    memset(run, 0, sizeof *run);
    sim_record_set_text(record, "arch", "synthetic.yaml");
    sim_record_set_text(record, "placement", "order");
    sim_record_set_int(record, "seed", (int64_t)how->seed);
    sim_record_config(record, "chip.rows", "2", "synthetic.yaml:3");
    sim_record_layer(record, 0, "input", "input", 16);
    sim_record_layer(record, 1, "output", "dense", 10);
    for (uint32_t id = 0; id < SYNTHETIC_COMPONENTS; id++) {
        bool tile = id < SYNTHETIC_TILES;
        run->component[id] = (struct sim_component){.type = tile ? &synthetic_tile : &synthetic_host,
                                                    .path = path[id],
                                                    .id = id,
                                                    .count = run->count[id]};
        struct sim_record_place place = {.layer = tile ? (int32_t)(id / 2) : -1,
                                         .row = tile ? (int32_t)(id / 2) : -1,
                                         .col = tile ? (int32_t)(id % 2) : -1};
        sim_record_component(record, &run->component[id], &place);
    }
    sim_record_parameter(record, "test.tile", "width", 64);
    if (how->energy != NULL)
        ck_assert(sim_record_price(record, how->energy,
                                   &(struct sim_energy_point){.clock_hz = how->clock_hz}, err));
}

struct synthetic_call {
    sim_cycle cycle;
    uint32_t component, event;
    uint64_t count, latency;
};

static inline int synthetic_compare(const void *a, const void *b) {
    const struct synthetic_call *x = a, *y = b;
    return x->cycle < y->cycle ? -1 : x->cycle > y->cycle;
}

/* One timestep: random calls of sim_count in the order of their cycles. */
static inline void synthetic_step(struct synthetic_run *run, const struct synthetic *how, uint64_t *rng,
                                  uint64_t *order) {
    struct synthetic_call *call = calloc(how->events, sizeof *call);
    for (uint32_t i = 0; i < how->events; i++) {
        uint32_t component = (uint32_t)sim_rng_below(rng, SYNTHETIC_COMPONENTS);
        call[i] =
            (struct synthetic_call){.cycle = run->cycles + sim_rng_below(rng, SYNTHETIC_STEP_CYCLES),
                                    .component = component,
                                    .event =
                                        component < SYNTHETIC_TILES ? (uint32_t)sim_rng_below(rng, 2) : 0,
                                    .count = sim_rng_below(rng, 10), /* 0 is no event */
                                    .latency = 1 + sim_rng_below(rng, 3)};
    }
    for (uint32_t i = how->events; how->shuffle != 0 && i > 1; i--) {
        uint32_t j = (uint32_t)sim_rng_below(order, i);
        struct synthetic_call swap = call[i - 1];
        call[i - 1] = call[j];
        call[j] = swap;
    }
    qsort(call, how->events, sizeof *call, synthetic_compare);
    for (uint32_t i = 0; i < how->events; i++)
        sim_count(&run->component[call[i].component], call[i].event, call[i].count, call[i].cycle,
                  call[i].latency);
    free(call);
    run->cycles += SYNTHETIC_STEP_CYCLES;
    for (uint32_t id = 0; id < SYNTHETIC_TILES; id++)
        run->count[id][SYNTHETIC_TICK] = run->cycles;
}

/* Everything between new and finish. */
static inline void synthetic_fill(struct synthetic_run *run, const struct synthetic *how,
                                  struct sim_record *record, struct sim_err *err) {
    synthetic_describe(run, how, record, err);
    uint64_t rng = sim_rng_stream(how->seed, 1), order = sim_rng_stream(how->shuffle, 2);
    uint32_t histogram = sim_record_histogram(record, "sample", "cycles of a sample");
    for (uint32_t sample = 0; sample < how->samples; sample++) {
        sim_cycle first = run->cycles;
        for (uint32_t step = 0; step < SYNTHETIC_TIMESTEPS; step++) {
            synthetic_step(run, how, &rng, &order);
            for (int32_t layer = 0; layer < 2; layer++) {
                uint64_t spikes = sim_rng_below(&rng, 7);
                run->spikes += spikes;
                sim_record_spikes(record, sample, layer, step, spikes);
            }
            sim_record_step(record, sample, step);
        }
        sim_record_latency(record, histogram, run->cycles - first, 1);
        sim_record_output(record, sample, (const uint32_t[]){sample + 1, 0, 5}, 3);
        sim_record_sample(record,
                          &(struct sim_record_sample){.id = sample,
                                                      .label = (int32_t)(sample % 10),
                                                      .class_ =
                                                          sample % 4 == 0 ? 3 : (int32_t)(sample % 10),
                                                      .first_cycle = first,
                                                      .last_cycle = run->cycles - 1});
    }
    for (uint32_t id = 0; id < SYNTHETIC_TILES; id++)
        run->hops += run->count[id][SYNTHETIC_HOP];
    sim_record_link(record, &(struct sim_record_link){.name = "east",
                                                      .from = 0,
                                                      .to = 1,
                                                      .width = 16,
                                                      .latency = 1,
                                                      .sends = run->count[0][SYNTHETIC_HOP],
                                                      .bits = -1});
    sim_record_link(record, &(struct sim_record_link){.name = "north",
                                                      .from = 2,
                                                      .to = UINT32_MAX,
                                                      .width = 16,
                                                      .latency = 1,
                                                      .sends = 3,
                                                      .bits = 17});
}

/* The whole life of a run; asserts that it succeeds. */
static inline void synthetic_make(const char *path, const struct synthetic *how,
                                  struct synthetic_run *run) {
    struct sim_err err;
    sim_err_init(&err);
    struct sim_record *record =
        sim_record_new(&(struct sim_record_spec){.path = path, .level = how->level, .force = true}, &err);
    sim_err_print(&err, stderr);
    ck_assert_ptr_nonnull(record);
    synthetic_fill(run, how, record, &err);
    bool good = sim_record_finish(record, run->cycles, &err);
    sim_err_print(&err, stderr);
    ck_assert(good);
    sim_record_free(record);
    sim_err_release(&err);
}

/* ---- a folder for one test ---------------------------------------------------------------------- */

static char folder[64];

static inline void folder_make(void) {
    strcpy(folder, "/tmp/nocsim-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static inline uint32_t folder_each(void (*each)(const char *path, void *data), void *data) {
    DIR *listing = opendir(folder);
    uint32_t files = 0;
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        files++;
        if (each != NULL)
            each(path, data);
    }
    closedir(listing);
    return files;
}

static inline void folder_unlink(const char *path, void *unused) {
    (void)unused;
    unlink(path);
}

static inline void folder_remove(void) {
    folder_each(folder_unlink, NULL);
    rmdir(folder);
}

/* A path in the folder; valid until the fourth next call. */
static inline const char *in_folder(const char *name) {
    static char path[4][128];
    static int next;
    next = (next + 1) % 4;
    snprintf(path[next], sizeof path[next], "%s/%s", folder, name);
    return path[next];
}

static inline void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

/* ---- asking -------------------------------------------------------------------------------------- */

static inline sqlite3 *open_plain(const char *path) {
    sqlite3 *database;
    ck_assert_int_eq(sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    return database;
}

static inline void execute(const char *path, const char *sql) {
    sqlite3 *database = open_plain(path);
    char *message = NULL;
    sqlite3_exec(database, sql, NULL, NULL, &message);
    ck_assert_msg(message == NULL, "%s: %s", sql, message);
    sqlite3_close(database);
}

static inline double ask_real(sqlite3 *database, const char *sql) {
    sqlite3_stmt *row;
    ck_assert_msg(sqlite3_prepare_v2(database, sql, -1, &row, NULL) == SQLITE_OK, "%s: %s", sql,
                  sqlite3_errmsg(database));
    ck_assert_msg(sqlite3_step(row) == SQLITE_ROW, "%s: no row", sql);
    ck_assert_msg(sqlite3_column_type(row, 0) != SQLITE_NULL, "%s: is NULL", sql);
    double value = sqlite3_column_double(row, 0);
    sqlite3_finalize(row);
    return value;
}

static inline int64_t ask_int(sqlite3 *database, const char *sql) {
    return (int64_t)ask_real(database, sql);
}

/* ---- a technology -------------------------------------------------------------------------------- */

#define SYNTHETIC_TECH                                                                                     \
    "technology: {name: test, node: 28 nm, voltage: 0.8 V}\n"                                              \
    "energy:\n"                                                                                            \
    "  test.tile:\n"                                                                                       \
    "    work: {energy: 2 pJ, source: \"made up\", trust: choice}\n"                                       \
    "    hop: {energy: 3 pJ, scale: {width: 32}, source: \"made up\", trust: derived}\n"                   \
    "    leakage: {power: 1 uW, source: \"made up\", trust: calibrated}\n"                                 \
    "  test.host:\n"                                                                                       \
    "    send: {energy: 0.5 pJ, source: \"made up\", trust: paper}\n"                                      \
    "free:\n"                                                                                              \
    "  test.tile: {tick: \"counted in leakage\"}\n"                                                        \
    "  test.host: {leakage: \"off the chip\"}\n"

/* At 0.8 V, 1 MHz and the recorded width of 64. */
#define SYNTHETIC_WORK_J 2e-12
#define SYNTHETIC_HOP_J 6e-12
#define SYNTHETIC_SEND_J 0.5e-12
#define SYNTHETIC_LEAK_J 1e-12
#define SYNTHETIC_CLOCK_HZ 1e6

static inline struct sim_energy *synthetic_energy(void) {
    struct sim_err err;
    sim_err_init(&err);
    write_file(in_folder("tech.yaml"), SYNTHETIC_TECH);
    struct sim_energy *energy = sim_energy_load(in_folder("tech.yaml"), &err);
    sim_err_print(&err, stderr);
    ck_assert_ptr_nonnull(energy);
    return energy;
}

/* What the run's own account says it cost. */
static inline double synthetic_cost(const struct synthetic_run *run) {
    double energy_j = SYNTHETIC_LEAK_J * (double)run->cycles * SYNTHETIC_TILES;
    for (uint32_t id = 0; id < SYNTHETIC_TILES; id++)
        energy_j += SYNTHETIC_WORK_J * (double)run->count[id][SYNTHETIC_WORK] +
                    SYNTHETIC_HOP_J * (double)run->count[id][SYNTHETIC_HOP];
    return energy_j + SYNTHETIC_SEND_J * (double)run->count[SYNTHETIC_TILES][0];
}

#endif

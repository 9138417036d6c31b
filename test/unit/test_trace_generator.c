/* SPDX-License-Identifier: MIT
 *
 * Generated spikes: drawn as the format says, in the walk at their place, and faulty generators refused.
 */
#include "sim/base/rng.h"
#include "sim/trace/trace.h"
#include "test/suite.h"
#include "test/unit/trace_sample.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SAMPLES 3
#define TIMESTEPS 4

static const uint32_t sizes[] = {70, 130, 3};
static struct sim_err err;
static struct sim_trace trace;
static char path[256];

/* Layers 0 and 2 recorded, layer 1 without spikes; then the statement. */
static void write_trace(const char *sql) {
    struct trace_sample sample;
    trace_sample_chain(&sample, sizes, 3, TIMESTEPS, SAMPLES);
    for (uint32_t s = 0; s < SAMPLES; s++)
        for (uint32_t t = 0; t < TIMESTEPS; t++)
            sample.spikes[s][0][t * 2] = sample.spikes[s][2][t] = 1 + t % 2;
    ck_assert(trace_sample_write(&sample, path, true, &err));
    trace_sample_release(&sample);
    sqlite3 *sqlite;
    ck_assert_int_eq(sqlite3_open(path, &sqlite), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(sqlite,
                                  "CREATE TABLE generator(layer INTEGER PRIMARY KEY, seed INTEGER NOT NULL,"
                                  " rate_ppm INTEGER NOT NULL)",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(sqlite, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(sqlite);
}

static void set_up(void) {
    sim_err_init(&err);
    trace_sample_path(path, sizeof path);
}

static void tear_down(void) {
    unlink(path);
    sim_err_release(&err);
}

/* Number k of the stream that starts at `seed`, by walking there. */
static uint64_t number_of(uint64_t seed, uint64_t k) {
    uint64_t state = seed, number = 0;
    for (uint64_t i = 0; i <= k; i++)
        number = sim_rng_next(&state);
    return number;
}

START_TEST(spikes_are_those_of_the_format) {
    write_trace("INSERT INTO generator VALUES(1, -5, 300000)");
    ck_assert(sim_trace_open(&trace, path, &err));
    ck_assert(trace.recorded[1] && trace.replay);
    uint64_t spikes[TIMESTEPS * 3], total = 0;
    for (uint64_t s = 0; s < SAMPLES; s++) {
        ck_assert(sim_trace_sample(&trace, s, 1, spikes, &err));
        for (uint64_t t = 0; t < TIMESTEPS; t++)
            for (uint64_t n = 0; n < sizes[1]; n++) {
                uint64_t number = number_of((uint64_t)-5, (s * TIMESTEPS + t) * sizes[1] + n);
                bool expected = (number >> 32) < (UINT64_C(300000) << 32) / 1000000;
                ck_assert_uint_eq(spikes[t * 3 + n / 64] >> (n % 64) & 1, expected);
                total += expected;
            }
        ck_assert_uint_eq(spikes[2] >> (sizes[1] - 128), 0);
    }
    ck_assert_uint_gt(total, 380); /* 468 expected of 1560, standard deviation 18 */
    ck_assert_uint_lt(total, 560);
    sim_trace_close(&trace);
}
END_TEST

START_TEST(rates_0_and_1_are_silence_and_all) {
    write_trace(_i == 0 ? "INSERT INTO generator VALUES(1, 7, 0)"
                        : "INSERT INTO generator VALUES(1, 7, 1000000)");
    ck_assert(sim_trace_open(&trace, path, &err));
    uint64_t spikes[TIMESTEPS * 3];
    ck_assert(sim_trace_sample(&trace, 1, 1, spikes, &err));
    for (int t = 0; t < TIMESTEPS; t++) {
        ck_assert_uint_eq(spikes[t * 3], _i == 0 ? 0 : UINT64_MAX);
        ck_assert_uint_eq(spikes[t * 3 + 2], _i == 0 ? 0 : 3);
    }
    sim_trace_close(&trace);
}
END_TEST

struct seen {
    uint64_t rows, last, generated;
};

static bool see(void *user, const struct sim_trace_row *row) {
    struct seen *seen = user;
    uint64_t key = (row->sample * 8 + row->layer) * 8 + row->timestep + 1;
    ck_assert_uint_gt(key, seen->last);
    seen->last = key;
    seen->rows++;
    if (row->layer == 1) {
        uint64_t spikes[TIMESTEPS * 3];
        ck_assert(sim_trace_sample(&trace, row->sample, 1, spikes, &err));
        ck_assert_mem_eq(row->bitmap, spikes + (size_t)row->timestep * 3, 3 * sizeof *spikes);
        seen->generated++;
    }
    return true;
}

START_TEST(a_walk_meets_generated_rows_in_order) {
    write_trace("INSERT INTO generator VALUES(1, 9, 200000)");
    ck_assert(sim_trace_open(&trace, path, &err));
    struct seen every = {0}, only = {0}, recorded = {0}, one = {0};
    ck_assert(sim_trace_walk(&trace, 0, UINT64_MAX, SIM_TRACE_EVERY_LAYER, see, &every, &err));
    ck_assert_uint_eq(every.rows, 3 * SAMPLES * TIMESTEPS);
    ck_assert_uint_eq(every.generated, SAMPLES * TIMESTEPS);
    ck_assert(sim_trace_walk(&trace, 0, UINT64_MAX, 1, see, &only, &err));
    ck_assert_uint_eq(only.rows, SAMPLES * TIMESTEPS);
    ck_assert(sim_trace_walk(&trace, 0, UINT64_MAX, SIM_TRACE_EVERY_RECORDED, see, &recorded, &err));
    ck_assert_uint_eq(recorded.rows, 2 * SAMPLES * TIMESTEPS);
    ck_assert(sim_trace_walk(&trace, 1, 2, SIM_TRACE_EVERY_LAYER, see, &one, &err));
    ck_assert_uint_eq(one.rows, 3 * TIMESTEPS);
    ck_assert(sim_trace_check(&trace, &err));
    sim_trace_close(&trace);
}
END_TEST

static const struct {
    const char *sql, *fault;
} faults[] = {
    {"INSERT INTO generator VALUES(3, 1, 5)", "generator(3): layer 3 is not in 0..2"},
    {"INSERT INTO generator VALUES(-1, 1, 5)", "generator(-1): layer -1 is not in 0..2"},
    {"INSERT INTO generator VALUES(1, 1, 1000001)", "generator(1): rate_ppm 1000001 is not in 0..1000000"},
    {"INSERT INTO generator VALUES(1, 1, -1)", "generator(1): rate_ppm -1 is not in 0..1000000"},
    {"INSERT INTO generator VALUES(1, 'x', 5)", "generator(1): seed is TEXT, not INTEGER"},
    {"INSERT INTO generator VALUES(0, 1, 5)", "recorded spikes of a layer that has a generator"},
    {"INSERT INTO generator VALUES(1, 1, 5); INSERT INTO sample VALUES(2147483646, NULL)",
     "more than 2^36 numbers would have to be drawn"},
    {"DROP TABLE generator; CREATE VIEW generator AS SELECT 1 AS layer, 1 AS seed, 1 AS rate_ppm",
     "generator is not a plain table but a view"},
    {"DROP TABLE generator; CREATE TABLE generator(layer INTEGER PRIMARY KEY, seed INTEGER)",
     "table generator: no column 'rate_ppm'"},
};

START_TEST(faults_are_refused) {
    write_trace(faults[_i].sql);
    if (sim_trace_open(&trace, path, &err)) {
        ck_assert(!sim_trace_check(&trace, &err));
        sim_trace_close(&trace);
    }
    ck_assert_int_gt(err.count, 0);
    ck_assert_int_eq(err.code, SIM_EXIT_CONFIG);
    ck_assert_msg(strstr(err.message[0], faults[_i].fault) != NULL, "'%s'", err.message[0]);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sim/trace/generator");
    TCase *tcase = suite_case(suite, "generator");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, spikes_are_those_of_the_format);
    tcase_add_loop_test(tcase, rates_0_and_1_are_silence_and_all, 0, 2);
    tcase_add_test(tcase, a_walk_meets_generated_rows_in_order);
    tcase_add_loop_test(tcase, faults_are_refused, 0, sizeof faults / sizeof *faults);
    return suite_run(suite);
}

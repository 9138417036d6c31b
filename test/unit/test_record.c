/* SPDX-License-Identifier: MIT
 *
 * The run database: what is recorded is what happened, at every level; a database that has its name is
 * whole, whatever happens to its writer.
 */
#include "sim/record/record.h"

#include "sim/base/partial.h"
#include "sim/record/hash.h"
#include "sim/record/queries.h"
#include "sim/record/rundb.h"
#include "test/suite.h"
#include "test/unit/priced_run.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

static struct synthetic how(enum sim_record_level level) {
    return (struct synthetic){.seed = 7,
                              .samples = 6,
                              .events = 200,
                              .level = level,
                              .energy = energy,
                              .clock_hz = SYNTHETIC_CLOCK_HZ};
}

static bool exists(const char *path) { return access(path, F_OK) == 0; }

/* ---- content ----------------------------------------------------------------------------------- */

START_TEST(counts_and_energies_are_those_of_the_run) {
    struct synthetic_run run;
    struct synthetic what = how((enum sim_record_level)_i);
    synthetic_make(in_folder("run.db"), &what, &run);
    sqlite3 *database = sim_rundb_open(in_folder("run.db"), &err);
    ck_assert_ptr_nonnull(database);
    for (uint32_t id = 0; id < SYNTHETIC_COMPONENTS; id++)
        for (uint32_t event = 0; event < run.component[id].type->event_count; event++) {
            char sql[256];
            snprintf(sql, sizeof sql,
                     "SELECT total(count) FROM count JOIN kind ON kind = kind.id WHERE component = %u AND "
                     "event = '%s'",
                     id, run.component[id].type->events[event].name);
            ck_assert_int_eq(ask_int(database, sql), (int64_t)run.count[id][event]);
        }
    assert_near(ask_real(database, "SELECT energy_j FROM energy_total"), synthetic_cost(&run));
    assert_near(ask_real(database, "SELECT sum(energy_j) FROM energy_by_component"), synthetic_cost(&run));
    assert_near(ask_real(database, "SELECT sum(energy_j) FROM energy_by_layer"), synthetic_cost(&run));
    assert_near(ask_real(database, "SELECT leakage_j FROM energy_total"),
                SYNTHETIC_LEAK_J * (double)run.cycles * SYNTHETIC_TILES);
    assert_near(ask_real(database, "SELECT power_w FROM energy_total"),
                synthetic_cost(&run) / ((double)run.cycles / SYNTHETIC_CLOCK_HZ));
    ck_assert_int_eq(ask_int(database, "SELECT sum(count) FROM spikes"), (int64_t)run.spikes);
    ck_assert_int_eq(ask_int(database, "SELECT count(*) FROM sample WHERE correct = (label = class)"),
                     what.samples);
    ck_assert_int_eq(ask_int(database, "SELECT count(*) FROM output"),
                     2 * what.samples); /* a silent neuron has no row */
    ck_assert_int_eq(ask_int(database, "SELECT count FROM output WHERE sample = 3 AND neuron = 0"), 4);
    ck_assert_int_eq(ask_int(database,
                             "SELECT count(*) FROM link WHERE to_component IS NULL AND bits = 17"),
                     1);
    ck_assert_int_eq(ask_int(database, "SELECT count(*) FROM run WHERE key = 'level'"), 1);
    ck_assert_int_eq(ask_int(database, "SELECT (SELECT count(*) FROM step) > 0"),
                     what.level >= SIM_RECORD_STEPS);
    ck_assert_int_eq(ask_int(database, "SELECT (SELECT count(*) FROM event) > 0"),
                     what.level == SIM_RECORD_EVENTS);
    sqlite3_close(database);
}
END_TEST

/* Every component and kind: the parts add up to the count. */
static void assert_adds_up(sqlite3 *database, const char *table, const char *where) {
    char sql[512];
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM count c JOIN kind k ON k.id = c.kind WHERE %s AND c.count <> "
             "(SELECT total(t.count) FROM %s t WHERE t.component = c.component AND t.kind = c.kind)",
             where, table);
    ck_assert_int_eq(ask_int(database, sql), 0);
}

START_TEST(steps_and_events_add_up) {
    struct synthetic_run run;
    struct synthetic what = how(SIM_RECORD_EVENTS);
    synthetic_make(in_folder("run.db"), &what, &run);
    sqlite3 *database = sim_rundb_open(in_folder("run.db"), &err);
    ck_assert_ptr_nonnull(database);
    assert_adds_up(database, "event", "1");
    assert_adds_up(database, "step", "k.event <> 'leakage'");
    assert_near(ask_real(database, "SELECT sum(energy_j) FROM event_energy"), synthetic_cost(&run));
    assert_near(ask_real(database, "SELECT sum(dynamic_j) FROM step_energy"),
                ask_real(database, "SELECT dynamic_j FROM energy_total"));
    sqlite3_close(database);
}
END_TEST

START_TEST(totals_are_known_without_a_database) {
    struct synthetic_run run, same;
    struct synthetic what = how(SIM_RECORD_EVENTS);
    struct sim_record *record =
        sim_record_new(&(struct sim_record_spec){.path = NULL, .level = what.level}, &err);
    ck_assert_ptr_nonnull(record);
    synthetic_fill(&run, &what, record, &err);
    sim_energy_free(energy); /* a record keeps what it needs of the technology */
    energy = NULL;
    ck_assert(sim_record_finish(record, run.cycles, &err));
    assert_near(sim_record_energy(record), synthetic_cost(&run));
    uint32_t kinds;
    const struct sim_record_kind *kind = sim_record_kinds(record, &kinds);
    ck_assert_uint_eq(kinds, SYNTHETIC_TILE_EVENTS + 1 + 1 + 1);
    ck_assert_str_eq(kind[SYNTHETIC_HOP].event, "hop");
    ck_assert_uint_eq(kind[SYNTHETIC_HOP].count, run.hops);
    ck_assert_str_eq(kind[SYNTHETIC_TILE_EVENTS].event, "leakage");
    ck_assert_uint_eq(kind[SYNTHETIC_TILE_EVENTS].count, run.cycles * SYNTHETIC_TILES);
    ck_assert_str_eq(kind[SYNTHETIC_HOP].source, "made up");
    ck_assert_str_eq(kind[SYNTHETIC_HOP].trust, "derived");
    sim_record_free(record);
    what.energy = NULL;
    synthetic_make(in_folder("run.db"), &what, &same);
    ck_assert_mem_eq(run.count, same.count, sizeof run.count);
}
END_TEST

START_TEST(what_is_powered_down_does_not_leak) {
    struct synthetic_run run;
    struct synthetic what = how(SIM_RECORD_EVENTS);
    struct sim_record *record =
        sim_record_new(&(struct sim_record_spec){.path = in_folder("run.db"), .level = what.level}, &err);
    synthetic_fill(&run, &what, record, &err);
    sim_record_power_down(record, 1);
    sim_record_power_down(record, 3);
    ck_assert(sim_record_finish(record, run.cycles, &err));
    assert_near(sim_record_energy(record),
                synthetic_cost(&run) - 2 * SYNTHETIC_LEAK_J * (double)run.cycles);
    sim_record_free(record);
    sqlite3 *database = sim_rundb_open(in_folder("run.db"), &err);
    assert_adds_up(database, "event", "1");
    assert_near(ask_real(database, "SELECT leakage_j FROM energy_total"),
                2 * SYNTHETIC_LEAK_J * (double)run.cycles);
    sqlite3_close(database);
}
END_TEST

START_TEST(the_report_equals_the_view) {
    struct synthetic_run run;
    struct synthetic what = how(SIM_RECORD_SUMMARY);
    struct sim_record *record =
        sim_record_new(&(struct sim_record_spec){.path = in_folder("run.db")}, &err);
    synthetic_fill(&run, &what, record, &err);
    ck_assert(sim_record_finish(record, run.cycles, &err));
    sqlite3 *database = sim_rundb_open(in_folder("run.db"), &err);
    ck_assert_double_eq(ask_real(database, "SELECT energy_j FROM energy_total"), sim_record_energy(record));
    sqlite3_close(database);
    sim_record_free(record);
}
END_TEST

static int compare_u64(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* Percentiles against sorting; _i is the seed. */
START_TEST(percentiles_are_those_of_the_sorted_latencies) {
    enum { N = 3000 };
    uint64_t rng = sim_rng_stream((uint64_t)_i, 3), value[N];
    struct sim_record *record =
        sim_record_new(&(struct sim_record_spec){.path = in_folder("run.db")}, &err);
    uint32_t histogram = sim_record_histogram(record, "packet", "");
    for (uint32_t i = 0; i < N; i++) {
        value[i] = sim_rng_below(&rng, 1ull << (1 + sim_rng_below(&rng, 40)));
        sim_record_latency(record, histogram, value[i], 1);
    }
    ck_assert(sim_record_finish(record, 1, &err));
    sim_record_free(record);
    qsort(value, N, sizeof *value, compare_u64);
    sqlite3 *database = sim_rundb_open(in_folder("run.db"), &err);
    static const struct {
        const char *sql;
        double fraction;
    } point[] = {{"SELECT p50 FROM latency_percentiles", 0.5},
                 {"SELECT p90 FROM latency_percentiles", 0.9},
                 {"SELECT p99 FROM latency_percentiles", 0.99},
                 {"SELECT p999 FROM latency_percentiles", 0.999}};
    for (uint32_t i = 0; i < 4; i++) {
        double exact = (double)value[(uint32_t)ceil(N * point[i].fraction) - 1],
               found = ask_real(database, point[i].sql);
        ck_assert_msg(found >= exact && found <= exact * (1 + 1.0 / 128), "%s: %.0f, sorted %.0f (seed %d)",
                      point[i].sql, found, exact, _i);
    }
    ck_assert_double_eq(ask_real(database, "SELECT max FROM latency_percentiles"), (double)value[N - 1]);
    ck_assert_double_eq(ask_real(database, "SELECT min FROM latency_percentiles"), (double)value[0]);
    sqlite3_close(database);
}
END_TEST

START_TEST(every_documented_query_runs) {
    struct synthetic_run run;
    struct synthetic what = how(SIM_RECORD_EVENTS);
    synthetic_make(in_folder("run.db"), &what, &run);
    struct sim_queries queries;
    sim_queries_init(&queries);
    ck_assert_uint_ge(queries.count, 10);
    sqlite3 *database = sim_rundb_open(in_folder("run.db"), &err);
    for (uint32_t i = 0; i < queries.count; i++) {
        ck_assert_msg(queries.query[i].help[0] != '\0', "%s says nothing", queries.query[i].name);
        sqlite3_stmt *rows;
        ck_assert_msg(sqlite3_prepare_v2(database, queries.query[i].sql, -1, &rows, NULL) == SQLITE_OK,
                      "%s: %s", queries.query[i].name, sqlite3_errmsg(database));
        ck_assert_msg(sqlite3_step(rows) == SQLITE_ROW, "%s: no row", queries.query[i].name);
        while (sqlite3_step(rows) == SQLITE_ROW)
            continue;
        ck_assert_msg(sqlite3_finalize(rows) == SQLITE_OK, "%s: %s", queries.query[i].name,
                      sqlite3_errmsg(database));
    }
    sqlite3_close(database);
    sim_queries_release(&queries);
}
END_TEST

static double ask_query(sqlite3 *database, const struct sim_queries *queries, const char *column,
                        const char *name) {
    char sql[2048];
    const struct sim_query *query = sim_queries_find(queries, name);
    ck_assert_ptr_nonnull(query);
    snprintf(sql, sizeof sql, "SELECT %s FROM (%s)", column, query->sql);
    return ask_real(database, sql);
}

START_TEST(documented_queries_answer_right) {
    struct synthetic_run run;
    struct synthetic what = how(SIM_RECORD_EVENTS);
    synthetic_make(in_folder("run.db"), &what, &run);
    struct sim_queries queries;
    sim_queries_init(&queries);
    sqlite3 *database = sim_rundb_open(in_folder("run.db"), &err);
    double cost = synthetic_cost(&run), samples = what.samples;
    assert_near(ask_query(database, &queries, "energy_per_spike_j", "energy_per_spike"),
                cost / (double)run.spikes);
    assert_near(ask_query(database, &queries, "energy_per_sample_j", "energy_per_spike"), cost / samples);
    assert_near(ask_query(database, &queries, "sum(percent)", "energy_per_layer"), 100);
    assert_near(ask_query(database, &queries, "sum(percent)", "energy_per_kind"), 100);
    assert_near(ask_query(database, &queries, "sum(energy_j)", "energy_trust"), cost);
    assert_near(ask_query(database, &queries, "total(energy_j) FILTER (WHERE trust = 'derived')",
                          "energy_trust"),
                SYNTHETIC_HOP_J * (double)run.hops);
    double hottest = 0;
    for (uint32_t id = 0; id < SYNTHETIC_TILES; id++)
        hottest = fmax(hottest, SYNTHETIC_WORK_J * (double)run.count[id][SYNTHETIC_WORK] +
                                    SYNTHETIC_HOP_J * (double)run.count[id][SYNTHETIC_HOP] +
                                    SYNTHETIC_LEAK_J * (double)run.cycles);
    assert_near(ask_query(database, &queries, "energy_j", "hottest_components"), hottest);
    assert_near(ask_query(database, &queries, "load", "link_load"),
                (double)run.count[0][SYNTHETIC_HOP] / (double)run.cycles);
    ck_assert_double_eq(ask_query(database, &queries, "p50", "latency"),
                        SYNTHETIC_TIMESTEPS * SYNTHETIC_STEP_CYCLES);
    ck_assert_double_eq(ask_query(database, &queries, "sum(samples)", "confusion"),
                        2); /* samples 0 and 4 of 0..5 */
    ck_assert_double_eq(ask_query(database, &queries, "count(*)", "step_energy"), SYNTHETIC_TIMESTEPS);
    ck_assert_double_eq(ask_query(database, &queries, "count(*)", "heat_map"), SYNTHETIC_TILES);
    ck_assert_double_eq(ask_query(database, &queries, "count(*)", "sources"), 6);
    sqlite3_close(database);
    sim_queries_release(&queries);
}
END_TEST

/* ---- files --------------------------------------------------------------------------------------- */

START_TEST(an_existing_file_is_kept_without_force) {
    write_file(in_folder("run.db"), "precious");
    ck_assert_ptr_null(sim_record_new(&(struct sim_record_spec){.path = in_folder("run.db")}, &err));
    ck_assert_int_eq(err.code, SIM_EXIT_IO);
    ck_assert_ptr_nonnull(strstr(err.message[0], "--force"));
    struct stat status;
    ck_assert_int_eq(stat(in_folder("run.db"), &status), 0);
    ck_assert_int_eq(status.st_size, 8);
    struct synthetic_run run;
    struct synthetic what = how(SIM_RECORD_SUMMARY);
    synthetic_make(in_folder("run.db"), &what, &run);
    struct sim_hash hash;
    ck_assert(sim_hash_run(in_folder("run.db"), &hash, &(struct sim_err){.code = SIM_EXIT_OK}));
}
END_TEST

START_TEST(a_file_that_appears_meanwhile_is_kept) {
    struct sim_record *record =
        sim_record_new(&(struct sim_record_spec){.path = in_folder("run.db")}, &err);
    ck_assert_ptr_nonnull(record);
    write_file(in_folder("run.db"), "precious");
    ck_assert(!sim_record_finish(record, 10, &err));
    ck_assert_int_eq(err.code, SIM_EXIT_IO);
    sim_record_free(record);
    struct stat status;
    ck_assert_int_eq(stat(in_folder("run.db"), &status), 0);
    ck_assert_int_eq(status.st_size, 8);
    ck_assert_uint_eq(folder_each(NULL, NULL), 2); /* the technology, the precious file */
}
END_TEST

START_TEST(an_abandoned_record_leaves_nothing) {
    struct sim_record *record =
        sim_record_new(&(struct sim_record_spec){.path = in_folder("run.db"), .level = SIM_RECORD_EVENTS},
                       &err);
    struct synthetic_run run;
    struct synthetic what = how(SIM_RECORD_EVENTS);
    synthetic_fill(&run, &what, record, &err);
    ck_assert_uint_eq(folder_each(NULL, NULL), 2);
    sim_record_free(record);
    ck_assert_uint_eq(folder_each(NULL, NULL), 1);
}
END_TEST

START_TEST(places_that_cannot_be_written_are_errors) {
    static const char *const path[] = {"/proc/run.db", "/nowhere/at/all/run.db", "/dev/null", "/tmp"};
    for (uint32_t i = 0; i < 4; i++) {
        ck_assert_ptr_null(sim_record_new(&(struct sim_record_spec){.path = path[i], .force = true}, &err));
        ck_assert_int_eq(err.code, SIM_EXIT_IO);
        ck_assert_int_eq(err.count, 1);
        ck_assert_ptr_nonnull(strstr(err.message[0], path[i]));
        sim_err_release(&err);
    }
}
END_TEST

START_TEST(odd_names_are_names) {
    static const char *const name[] = {"file:run.db", "run?mode=ro.db", "a b%41#.db", "-run.db",
                                       ":memory:"};
    char here[PATH_MAX];
    ck_assert_ptr_nonnull(getcwd(here, sizeof here));
    ck_assert_int_eq(chdir(folder), 0);
    for (uint32_t i = 0; i < 5; i++) {
        struct synthetic_run run;
        struct synthetic what = how(SIM_RECORD_SUMMARY);
        synthetic_make(name[i], &what, &run);
        ck_assert(exists(in_folder(name[i])));
        struct sim_hash hash;
        ck_assert_msg(sim_hash_run(name[i], &hash, &err), "%s", name[i]);
    }
    ck_assert_int_eq(chdir(here), 0);
}
END_TEST

START_TEST(partial_files_of_the_dead_are_begun_anew) {
    write_file(in_folder("run.db.nocsim-partial"), "what a dead writer left");
    write_file(in_folder("other.db.nocsim-partial"), "another run");
    struct synthetic_run run;
    struct synthetic what = how(SIM_RECORD_SUMMARY);
    synthetic_make(in_folder("run.db"), &what, &run);
    ck_assert(!exists(in_folder("run.db.nocsim-partial")));
    ck_assert(exists(in_folder("other.db.nocsim-partial")));
    struct sim_hash hash;
    ck_assert(sim_hash_run(in_folder("run.db"), &hash, &err));
}
END_TEST

/* Whether or not it may replace a file: its work would be lost, or that of the first. */
START_TEST(a_second_writer_is_refused_at_its_start) {
    struct sim_partial first, second;
    ck_assert(sim_partial_open(&first, in_folder("run.db"), _i, &err));
    for (int force = 0; force < 2; force++) {
        ck_assert(!sim_partial_open(&second, in_folder("run.db"), force, &err));
        ck_assert_int_eq(err.code, SIM_EXIT_IO);
        ck_assert_ptr_nonnull(strstr(err.message[force], "run.db: is being written by another process"));
    }
    sim_err_release(&err);
    ck_assert_int_eq(write(first.fd, "whole", 5), 5);
    ck_assert(sim_partial_complete(&first, &err));
    sim_partial_release(&first);
    ck_assert(!sim_partial_open(&second, in_folder("run.db"), false, &err));
    ck_assert_ptr_nonnull(strstr(err.message[0], "exists already"));
    sim_err_release(&err);
    ck_assert(sim_partial_open(&second, in_folder("run.db"), true, &err));
    sim_partial_release(&second);
    ck_assert(exists(in_folder("run.db")) && !exists(in_folder("run.db.nocsim-partial")));
}
END_TEST

/* A name that leads elsewhere is not followed, and no folder or pipe is taken for a file. */
START_TEST(partial_files_are_plain) {
    struct sim_partial partial;
    ck_assert(!sim_partial_open(&partial, "", true, &err));
    ck_assert_ptr_nonnull(strstr(err.message[0], "needs a name"));
    sim_err_release(&err);
    write_file(in_folder("mine"), "precious");
    ck_assert_int_eq(symlink("mine", in_folder("run.db.nocsim-partial")), 0);
    ck_assert(!sim_partial_open(&partial, in_folder("run.db"), false, &err));
    ck_assert_ptr_nonnull(strstr(err.message[0], "run.db: cannot be created (first as "));
    sim_err_release(&err);
    unlink(in_folder("run.db.nocsim-partial"));
    ck_assert_int_eq(mkfifo(in_folder("run.db.nocsim-partial"), 0600), 0);
    ck_assert(!sim_partial_open(&partial, in_folder("run.db"), false, &err));
    sim_err_release(&err);
    struct stat status;
    ck_assert(stat(in_folder("mine"), &status) == 0 && status.st_size > 0);
}
END_TEST

/* ---- a writer that dies ---------------------------------------------------------------------------- */

static void live(enum sim_record_level level) {
    struct synthetic_run run;
    struct synthetic what = how(level);
    what.samples = 10;
    what.events = 500;
    synthetic_make(in_folder("run.db"), &what, &run);
}

static void sleep_us(uint64_t us) {
    nanosleep(&(struct timespec){.tv_sec = (time_t)(us / 1000000), .tv_nsec = (long)(us % 1000000) * 1000},
              NULL);
}

/* The time to the kill follows what happened to the last life, so that most kills hit the end of a run. */
START_TEST(a_killed_run_leaves_a_whole_database_or_none) {
    enum { LIVES = 60, LIVES_MAX = 1000 };
    uint64_t rng = sim_rng_stream(11, 4);
    double span_us = 20000;
    char whole[SIM_HASH_SIZE] = "";
    uint32_t finished = 0, lives = 0;
    for (; lives < LIVES || ((finished == 0 || finished == lives) && lives < LIVES_MAX); lives++) {
        pid_t child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0) {
            live(SIM_RECORD_EVENTS);
            _exit(0);
        }
        sleep_us((uint64_t)(span_us * sim_rng_real(&rng)));
        kill(child, SIGKILL);
        ck_assert_int_eq(waitpid(child, NULL, 0), child);
        span_us *= exists(in_folder("run.db")) ? 0.8 : 1.2;
        if (!exists(in_folder("run.db")))
            continue;
        struct sim_hash hash;
        bool good = sim_hash_run(in_folder("run.db"), &hash, &err);
        sim_err_print(&err, stderr);
        ck_assert_msg(good, "life %u", lives);
        if (whole[0] == '\0')
            strcpy(whole, hash.digest);
        ck_assert_str_eq(hash.digest, whole);
        finished++;
        unlink(in_folder("run.db"));
    }
    ck_assert_msg(finished > 0 && finished < lives, "%u of %u lives finished", finished, lives);
    live(SIM_RECORD_SUMMARY);
    ck_assert_uint_eq(folder_each(NULL, NULL),
                      2); /* the technology and the last run: the dead left nothing */
}
END_TEST

/* ---- a full disk ------------------------------------------------------------------------------------ */

/* Lives with at most `bytes` in a file; the exit code is that of the record's error. */
static int live_within(rlim_t bytes) {
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        struct rlimit limit = {bytes, bytes};
        setrlimit(RLIMIT_FSIZE, &limit);
        struct synthetic_run run;
        struct synthetic what = how(SIM_RECORD_EVENTS);
        what.samples = 30;
        what.events = 1000;
        struct sim_record *record =
            sim_record_new(&(struct sim_record_spec){.path = in_folder("run.db"), .level = what.level},
                           &err);
        if (record != NULL) {
            synthetic_fill(&run, &what, record, &err);
            sim_record_finish(record, run.cycles, &err);
        }
        int code = (int)err.code + 10 * (err.count == 1);
        sim_record_free(record);
        _exit(code);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status), "killed by signal %d", WTERMSIG(status));
    return WEXITSTATUS(status);
}

START_TEST(a_full_disk_is_an_error_and_leaves_nothing) {
    static const rlim_t bytes[] = {0, 1, 4096, 65536, 262144, 1048576, 2097152};
    for (uint32_t i = 0; i < sizeof bytes / sizeof *bytes; i++) {
        ck_assert_int_eq(live_within(bytes[i]), 10 + SIM_EXIT_IO);
        ck_assert_uint_eq(folder_each(NULL, NULL), 1);
    }
    ck_assert_int_eq(live_within(RLIM_INFINITY), SIM_EXIT_OK);
    ck_assert_uint_eq(folder_each(NULL, NULL), 2);
}
END_TEST

/* ---- views of the shipped schema --------------------------------------------------------------------- */

START_TEST(the_stored_views_work_in_any_sqlite) {
    struct synthetic_run run;
    struct synthetic what = how(SIM_RECORD_EVENTS);
    synthetic_make(in_folder("run.db"), &what, &run);
    sqlite3 *database = open_plain(in_folder("run.db"));
    ck_assert_int_eq(ask_int(database,
                             "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"),
                     1);
    sqlite3_stmt *view;
    ck_assert_int_eq(sqlite3_prepare_v2(database, "SELECT name FROM sqlite_schema WHERE type = 'view'", -1,
                                        &view, NULL),
                     SQLITE_OK);
    uint32_t views = 0;
    for (; sqlite3_step(view) == SQLITE_ROW; views++) {
        char sql[128];
        snprintf(sql, sizeof sql, "SELECT count(*) > 0 FROM %s",
                 (const char *)sqlite3_column_text(view, 0));
        ck_assert_msg(ask_int(database, sql) == 1, "%s", sql);
    }
    ck_assert_uint_ge(views, 11);
    sqlite3_finalize(view);
    sqlite3_close(database);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sim/record/record");
    TCase *content = suite_case(suite, "content");
    tcase_add_checked_fixture(content, set_up, tear_down);
    tcase_add_loop_test(content, counts_and_energies_are_those_of_the_run, 0, SIM_RECORD_LEVEL_COUNT);
    tcase_add_test(content, steps_and_events_add_up);
    tcase_add_test(content, totals_are_known_without_a_database);
    tcase_add_test(content, what_is_powered_down_does_not_leak);
    tcase_add_test(content, the_report_equals_the_view);
    tcase_add_loop_test(content, percentiles_are_those_of_the_sorted_latencies, 0, 8);
    tcase_add_test(content, every_documented_query_runs);
    tcase_add_test(content, documented_queries_answer_right);
    tcase_add_test(content, the_stored_views_work_in_any_sqlite);
    TCase *files = suite_case(suite, "files");
    tcase_add_checked_fixture(files, set_up, tear_down);
    tcase_add_test(files, an_existing_file_is_kept_without_force);
    tcase_add_test(files, a_file_that_appears_meanwhile_is_kept);
    tcase_add_test(files, an_abandoned_record_leaves_nothing);
    tcase_add_test(files, places_that_cannot_be_written_are_errors);
    tcase_add_test(files, odd_names_are_names);
    tcase_add_test(files, partial_files_of_the_dead_are_begun_anew);
    tcase_add_loop_test(files, a_second_writer_is_refused_at_its_start, 0, 2);
    tcase_add_test(files, partial_files_are_plain);
    TCase *faults = suite_case(suite, "faults");
    tcase_add_checked_fixture(faults, set_up, tear_down);
    tcase_set_timeout(faults, 120);
    tcase_add_test(faults, a_killed_run_leaves_a_whole_database_or_none);
    tcase_add_test(faults, a_full_disk_is_an_error_and_leaves_nothing);
    return suite_run(suite);
}

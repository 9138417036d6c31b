/* SPDX-License-Identifier: MIT
 *
 * The content hash: the same for the same deeds in any order, another for any other deed; damaged, foreign
 * and lying files are clear errors.
 */
#include "sim/record/hash.h"

#include "sim/record/rundb.h"
#include "test/suite.h"
#include "test/unit/synthetic.h"

#include <sys/stat.h>

static struct sim_err err;
static struct sim_hash hash;

static void make(const char *name, struct synthetic what) {
    struct synthetic_run run;
    what.samples = what.samples == 0 ? 3 : what.samples;
    what.events = what.events == 0 ? 100 : what.events;
    synthetic_make(in_folder(name), &what, &run);
}

static void set_up(void) {
    folder_make();
    sim_err_init(&err);
    make("run.db", (struct synthetic){.seed = 1, .level = SIM_RECORD_EVENTS});
}

static void tear_down(void) {
    sim_err_release(&err);
    folder_remove();
}

static const char *digest(const char *name) {
    bool good = sim_hash_run(in_folder(name), &hash, &err);
    sim_err_print(&err, stderr);
    ck_assert_msg(good, "%s", name);
    return hash.digest;
}

static void copy(const char *from, const char *to, size_t most) {
    FILE *in = fopen(in_folder(from), "rb"), *out = fopen(in_folder(to), "wb");
    for (int c; most > 0 && (c = fgetc(in)) != EOF; most--)
        fputc(c, out);
    fclose(in);
    fclose(out);
}

static long size_of(const char *name) {
    struct stat status;
    ck_assert_int_eq(stat(in_folder(name), &status), 0);
    return (long)status.st_size;
}

START_TEST(the_order_of_work_does_not_matter) {
    char first[SIM_HASH_SIZE];
    strcpy(first, digest("run.db"));
    make("same.db", (struct synthetic){.seed = 1, .level = SIM_RECORD_EVENTS, .shuffle = (uint64_t)_i + 1});
    ck_assert_str_eq(digest("same.db"), first);
}
END_TEST

START_TEST(the_order_of_rows_does_not_matter) {
    char first[SIM_HASH_SIZE];
    strcpy(first, digest("run.db"));
    execute(in_folder("run.db"),
            "CREATE TEMP TABLE t AS SELECT * FROM event ORDER BY random(); DELETE FROM event;"
            "INSERT INTO event SELECT * FROM t; DROP TABLE t;"
            "CREATE TEMP TABLE t AS SELECT * FROM step ORDER BY random(); DELETE FROM step;"
            "INSERT INTO step SELECT * FROM t;");
    ck_assert_str_eq(digest("run.db"), first);
}
END_TEST

START_TEST(how_it_was_run_does_not_matter) {
    char first[SIM_HASH_SIZE];
    strcpy(first, digest("run.db"));
    execute(in_folder("run.db"),
            "UPDATE run SET value = 'x'; DELETE FROM config; UPDATE kind SET unit_energy_j = 1,"
            "source = 'y', trust = 'fit', help = 'z'; UPDATE histogram SET help = '';");
    ck_assert_str_eq(digest("run.db"), first);
}
END_TEST

START_TEST(other_work_is_another_hash) {
    char first[SIM_HASH_SIZE];
    strcpy(first, digest("run.db"));
    make("other.db", (struct synthetic){.seed = 2, .level = SIM_RECORD_EVENTS});
    ck_assert_str_ne(digest("other.db"), first);
}
END_TEST

/* One changed value in one row of any covered column. */
static const char *const change[] = {
    "UPDATE layer SET id = 5 WHERE id = 1",
    "UPDATE layer SET name = 'x' WHERE id = 1",
    "UPDATE layer SET kind = 'x' WHERE id = 1",
    "UPDATE layer SET neurons = neurons + 1 WHERE id = 1",
    "UPDATE component SET id = 99 WHERE id = 1",
    "UPDATE component SET path = path || '.' WHERE id = 1",
    "UPDATE component SET type = 'x' WHERE id = 1",
    "UPDATE component SET layer = 1 WHERE id = 1",
    "UPDATE component SET layer = NULL WHERE id = 1",
    "UPDATE component SET row = 9 WHERE id = 1",
    "UPDATE component SET col = 9 WHERE id = 1",
    "UPDATE kind SET type = 'x' WHERE id = 1",
    "UPDATE kind SET event = 'x' WHERE id = 1",
    "UPDATE count SET count = count + 1 WHERE component = 1 AND kind = 0",
    "DELETE FROM count WHERE component = 1 AND kind = 0",
    "UPDATE step SET sample = 9 WHERE rowid = 1",
    "UPDATE step SET timestep = 9 WHERE rowid = 1",
    "UPDATE step SET component = 9 WHERE rowid = 1",
    "UPDATE step SET kind = 9 WHERE rowid = 1",
    "UPDATE step SET count = count + 1 WHERE rowid = 1",
    "UPDATE event SET cycle = cycle + 1 WHERE rowid = 7",
    "UPDATE event SET component = 9 WHERE rowid = 7",
    "UPDATE event SET kind = 9 WHERE rowid = 7",
    "UPDATE event SET count = count + 1 WHERE rowid = 7",
    "UPDATE event SET latency = latency + 1 WHERE rowid = 7",
    "DELETE FROM event WHERE rowid = 7",
    "INSERT INTO event SELECT * FROM event WHERE rowid = 7",
    "UPDATE sample SET id = 77 WHERE id = 1",
    "UPDATE sample SET label = label + 1 WHERE id = 1",
    "UPDATE sample SET class = class + 1 WHERE id = 1",
    "UPDATE sample SET first_cycle = 3 WHERE id = 1",
    "UPDATE sample SET last_cycle = 3 WHERE id = 1",
    "UPDATE output SET sample = 9 WHERE sample = 1 AND neuron = 0",
    "UPDATE output SET neuron = 9 WHERE sample = 1 AND neuron = 0",
    "UPDATE output SET count = count + 1 WHERE sample = 1 AND neuron = 0",
    "UPDATE spikes SET sample = 9 WHERE rowid = 1",
    "UPDATE spikes SET layer = 9 WHERE rowid = 1",
    "UPDATE spikes SET timestep = 9 WHERE rowid = 1",
    "UPDATE spikes SET count = count + 1 WHERE rowid = 1",
    "UPDATE link SET id = 99 WHERE id = 1",
    "UPDATE link SET name = 'x' WHERE id = 1",
    "UPDATE link SET from_component = 9 WHERE id = 1",
    "UPDATE link SET to_component = 9 WHERE id = 1",
    "UPDATE link SET width = 9 WHERE id = 1",
    "UPDATE link SET latency = 9 WHERE id = 1",
    "UPDATE link SET sends = sends + 1 WHERE id = 1",
    "UPDATE link SET bits = bits + 1 WHERE id = 1",
    "UPDATE histogram SET name = 'x'",
    "UPDATE histogram SET count = 9",
    "UPDATE histogram SET sum = 9",
    "UPDATE histogram SET min = 9",
    "UPDATE histogram SET max = 9",
    "UPDATE latency SET low = low + 1",
    "UPDATE latency SET high = high + 1",
    "UPDATE latency SET count = count + 1",
};

START_TEST(any_change_is_another_hash) {
    char first[SIM_HASH_SIZE];
    strcpy(first, digest("run.db"));
    execute(in_folder("run.db"), change[_i]);
    ck_assert_msg(strcmp(digest("run.db"), first) != 0, "%s", change[_i]);
}
END_TEST

/* Two wrongs that cancel in a plain sum of columns. */
START_TEST(swapped_values_are_another_hash) {
    char first[SIM_HASH_SIZE];
    strcpy(first, digest("run.db"));
    execute(in_folder("run.db"), "UPDATE event SET count = count + 1 WHERE rowid = 3;"
                                 "UPDATE event SET count = count - 1 WHERE rowid = 4;");
    ck_assert_str_ne(digest("run.db"), first);
}
END_TEST

/* ---- files that are no run database ------------------------------------------------------------------ */

static void refuse(const char *name, enum sim_exit code, const char *words) {
    sim_err_release(&err);
    ck_assert_msg(!sim_hash_run(in_folder(name), &hash, &err), "%s was accepted", name);
    ck_assert_int_eq(err.count, 1);
    ck_assert_msg(err.code == code, "%s: exit code %d: %s", name, err.code, err.message[0]);
    ck_assert_msg(strstr(err.message[0], words) != NULL, "%s: %s", words, err.message[0]);
    ck_assert_msg(strstr(err.message[0], in_folder(name)) != NULL, "no file in: %s", err.message[0]);
}

START_TEST(foreign_files_are_errors) {
    refuse("missing.db", SIM_EXIT_IO, "No such file");
    mkdir(in_folder("folder.db"), 0700);
    refuse("folder.db", SIM_EXIT_IO, "not a regular file");
    rmdir(in_folder("folder.db"));
    write_file(in_folder("empty.db"), "");
    refuse("empty.db", SIM_EXIT_CONFIG, "not a run database");
    write_file(in_folder("text.db"),
               "this is no database at all, but it is long enough to have a header in it, which "
               "would have to begin with the words that SQLite writes there.\n");
    refuse("text.db", SIM_EXIT_CONFIG, "not a database");
    sqlite3 *other;
    sqlite3_open(in_folder("other.db"), &other);
    sqlite3_exec(other, "CREATE TABLE t(a); INSERT INTO t VALUES(1)", NULL, NULL, NULL);
    sqlite3_close(other);
    refuse("other.db", SIM_EXIT_CONFIG, "not a run database");
    copy("run.db", "newer.db", SIZE_MAX);
    execute(in_folder("newer.db"), "PRAGMA user_version = 1000");
    refuse("newer.db", SIM_EXIT_CONFIG, "version 1000");
    copy("run.db", "busy.db", SIZE_MAX);
    write_file(in_folder("busy.db-journal"), "half a change");
    refuse("busy.db", SIM_EXIT_CONFIG, "half changed");
}
END_TEST

START_TEST(lying_schemas_are_errors) {
    static const struct {
        const char *sql, *words;
    } lie[] = {
        {"DROP TABLE latency", "'latency' is missing"},
        {"ALTER TABLE count RENAME TO c; CREATE VIEW count AS WITH RECURSIVE r(component) AS (VALUES(1) "
         "UNION ALL SELECT "
         "component + 1 FROM r) SELECT component, 1 AS kind, 1 AS count FROM r",
         "'count' is not the one"},
        {"DROP TABLE event; CREATE TABLE event(cycle, component, kind, count)", "'event' is not the one"},
        {"DROP TABLE sample; CREATE TABLE sample(id INTEGER PRIMARY KEY, label INTEGER, class INTEGER, "
         "first_cycle INTEGER,"
         "last_cycle INTEGER, correct AS (printf('%1000000000d', 1)))",
         "'sample' is not the one"},
        {"DROP TABLE layer; CREATE VIRTUAL TABLE layer USING fts5(id, name, kind, neurons)",
         "'layer' is not the one"},
    };
    for (uint32_t i = 0; i < sizeof lie / sizeof *lie; i++) {
        copy("run.db", "lie.db", SIZE_MAX);
        /* views of the file refer to the tables: they go first */
        execute(in_folder("lie.db"),
                "DROP VIEW merit; DROP VIEW energy_per_sample; DROP VIEW area_total; DROP VIEW area_by_type;"
                "DROP VIEW energy_total; DROP VIEW energy_by_layer; DROP VIEW energy_by_component;"
                "DROP VIEW energy_by_kind; DROP VIEW event_energy; DROP VIEW step_energy;"
                "DROP VIEW spikes_by_layer; DROP VIEW accuracy; DROP VIEW link_load;"
                "DROP VIEW latency_percentiles; DROP VIEW run_time;");
        execute(in_folder("lie.db"), lie[i].sql);
        refuse("lie.db", SIM_EXIT_CONFIG, lie[i].words);
    }
}
END_TEST

/* Views in the file are never asked: a reader sees its own. */
START_TEST(lying_views_are_ignored) {
    execute(in_folder("run.db"),
            "DROP VIEW run_time; CREATE VIEW run_time AS WITH RECURSIVE r(n) AS (VALUES(1) UNION ALL "
            "SELECT n + 1 FROM r) SELECT max(n) AS cycles, 1 AS clock_hz, 1 AS time_s FROM r;");
    sqlite3 *database = sim_rundb_open(in_folder("run.db"), &err);
    ck_assert_ptr_nonnull(database);
    ck_assert_int_eq(ask_int(database, "SELECT cycles FROM run_time"),
                     3 * SYNTHETIC_TIMESTEPS * SYNTHETIC_STEP_CYCLES);
    sqlite3_close(database);
}
END_TEST

START_TEST(a_truncated_file_is_an_error_at_any_length) {
    long size = size_of("run.db");
    for (long length = 0; length < size; length += length < 4096 ? 97 : 2777) {
        copy("run.db", "short.db", (size_t)length);
        refuse("short.db", SIM_EXIT_CONFIG, "");
    }
}
END_TEST

/* Flipped bytes give an error or another hash, or hit what is not covered; never a crash or a hang. */
START_TEST(damage_is_survived) {
    char first[SIM_HASH_SIZE];
    strcpy(first, digest("run.db"));
    uint64_t rng = sim_rng_stream((uint64_t)_i, 5);
    copy("run.db", "bad.db", SIZE_MAX);
    FILE *file = fopen(in_folder("bad.db"), "r+b");
    long size = size_of("bad.db"), first_page = 4096;
    for (uint32_t i = 0; i < 20; i++) {
        fseek(file, (long)sim_rng_below(&rng, (uint64_t)(_i % 2 == 0 ? size : first_page)), SEEK_SET);
        fputc((int)sim_rng_below(&rng, 256), file);
    }
    fclose(file);
    if (sim_hash_run(in_folder("bad.db"), &hash, &err))
        return;
    ck_assert_int_eq(err.count, 1);
    ck_assert(err.code == SIM_EXIT_CONFIG || err.code == SIM_EXIT_IO);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sim/record/hash");
    TCase *content = suite_case(suite, "content");
    tcase_add_checked_fixture(content, set_up, tear_down);
    tcase_add_loop_test(content, the_order_of_work_does_not_matter, 0, 5);
    tcase_add_test(content, the_order_of_rows_does_not_matter);
    tcase_add_test(content, how_it_was_run_does_not_matter);
    tcase_add_test(content, other_work_is_another_hash);
    tcase_add_loop_test(content, any_change_is_another_hash, 0, sizeof change / sizeof *change);
    tcase_add_test(content, swapped_values_are_another_hash);
    TCase *files = suite_case(suite, "files");
    tcase_add_checked_fixture(files, set_up, tear_down);
    tcase_add_test(files, foreign_files_are_errors);
    tcase_add_test(files, lying_schemas_are_errors);
    tcase_add_test(files, lying_views_are_ignored);
    tcase_add_test(files, a_truncated_file_is_an_error_at_any_length);
    tcase_add_loop_test(files, damage_is_survived, 0, 100);
    return suite_run(suite);
}

/* SPDX-License-Identifier: MIT
 *
 * The event log and the writer thread: no row is lost, invented, or changed on its way, however many
 * there are and however the writer fares.
 */
#include "sim/kernel/log.h"

#include "test/suite.h"
#include "test/unit/synthetic.h"

static sqlite3 *database;

static void set_up(void) {
    ck_assert_int_eq(sqlite3_open(":memory:", &database), SQLITE_OK);
    sqlite3_exec(database,
                 "CREATE TABLE event(cycle, component, kind, count, latency);"
                 "CREATE TABLE pair(a, b); CREATE TABLE guarded(a UNIQUE, b, c);",
                 NULL, NULL, NULL);
}

static void tear_down(void) { sqlite3_close(database); }

/* Rows i = 0 .. n - 1 hold numbers that follow from i; sums over them are known in closed form. */
static void check_rows(uint64_t n) {
    struct sim_rows *rows = sim_rows_new(database);
    struct sim_rows_block pair, event;
    sim_rows_block_init(&pair, rows, "pair", 2);
    sim_rows_block_init(&event, rows, "event", 5);
    for (uint64_t i = 0; i < n; i++) {
        int64_t *cell = sim_rows_next(&pair);
        cell[0] = (int64_t)i;
        cell[1] = i % 3 == 0 ? SIM_ROWS_NULL : -(int64_t)i;
        cell = sim_rows_next(&event);
        for (int64_t column = 0; column < 5; column++)
            cell[column] = (int64_t)i * 5 + column;
    }
    sim_rows_block_release(&pair);
    sim_rows_block_release(&event);
    sim_rows_free(rows);
    ck_assert_int_eq(ask_int(database, "SELECT count(*) FROM pair"), (int64_t)n);
    ck_assert_int_eq(ask_int(database, "SELECT count(*) FROM event"), (int64_t)n);
    ck_assert_int_eq(ask_int(database, "SELECT count(*) FROM pair WHERE a <> rowid - 1 OR "
                                       "b IS NOT iif(a % 3 = 0, NULL, -a)"),
                     0);
    ck_assert_int_eq(
        ask_int(database,
                "SELECT count(*) FROM event WHERE cycle <> (rowid - 1) * 5 OR component <> cycle + 1 "
                "OR kind <> cycle + 2 OR count <> cycle + 3 OR latency <> cycle + 4"),
        0);
}

START_TEST(every_row_arrives_in_order) {
    static const uint64_t n[] = {
        0, 1, SIM_ROWS_BLOCK - 1, SIM_ROWS_BLOCK, SIM_ROWS_BLOCK + 1, 40 * SIM_ROWS_BLOCK + 17};
    check_rows(n[_i]);
}
END_TEST

START_TEST(big_numbers_survive) {
    struct sim_rows *rows = sim_rows_new(database);
    struct sim_rows_block pair;
    sim_rows_block_init(&pair, rows, "pair", 2);
    int64_t *cell = sim_rows_next(&pair);
    cell[0] = INT64_MAX;
    cell[1] = INT64_MIN + 1;
    sim_rows_block_release(&pair);
    sim_rows_free(rows);
    ck_assert_int_eq(ask_int(database,
                             "SELECT a = 9223372036854775807 AND b = -9223372036854775807 FROM pair"),
                     1);
}
END_TEST

START_TEST(flushed_rows_can_be_read) {
    struct sim_rows *rows = sim_rows_new(database);
    struct sim_rows_block pair;
    sim_rows_block_init(&pair, rows, "pair", 2);
    for (int64_t i = 1; i <= 50; i++) {
        for (uint32_t j = 0; j < 100; j++)
            memset(sim_rows_next(&pair), 0, 2 * sizeof(int64_t));
        sim_rows_block_send(&pair);
        sim_rows_flush(rows);
        ck_assert_int_eq(ask_int(database, "SELECT count(*) FROM pair"), i * 100);
    }
    sim_rows_block_release(&pair);
    sim_rows_free(rows);
}
END_TEST

/* The writer's first fault is kept, later rows are dropped, and no producer waits for ever. */
START_TEST(a_fault_is_kept_and_nobody_hangs) {
    struct sim_rows *rows = sim_rows_new(database);
    struct sim_rows_block guarded;
    sim_rows_block_init(&guarded, rows, "guarded", 3);
    for (uint64_t i = 0; i < 30 * SIM_ROWS_BLOCK; i++) {
        int64_t *cell = sim_rows_next(&guarded);
        cell[0] = i == SIM_ROWS_BLOCK + 5 ? 3 : (int64_t)i; /* 3 is there already */
        cell[1] = cell[2] = 0;
    }
    sim_rows_block_release(&guarded);
    sim_rows_flush(rows);
    ck_assert(sim_rows_failed(rows));
    ck_assert_ptr_nonnull(strstr(sim_rows_fault(rows), "UNIQUE"));
    sim_rows_free(rows);
    ck_assert_int_eq(ask_int(database, "SELECT count(*) FROM guarded"), SIM_ROWS_BLOCK);
}
END_TEST

START_TEST(events_and_remainders_add_up) {
    struct sim_rows *rows = sim_rows_new(database);
    struct sim_log log;
    sim_log_init(&log, rows);
    uint64_t counter[3] = {0, 0, 0};
    static const struct sim_event events[] = {{"a", ""}, {"b", ""}, {"c", ""}};
    static const struct sim_type type = {.name = "t", .events = events, .event_count = 3};
    struct sim_component component = {.type = &type, .id = 5, .count = counter, .log = &log};
    sim_log_add(&log, 5, 40, 3);
    sim_count(&component, 0, 2, 10, 1);
    sim_count(&component, 0, 0, 11, 1); /* nothing happened: no row */
    sim_count(&component, 1, 7, 12, 3);
    counter[1] += 100; /* by the passing of time */
    counter[2] += 9;
    sim_log_remainder(&log, 5, counter, 1000);
    ck_assert_uint_eq(log.rows, 4);
    sim_log_release(&log);
    sim_rows_free(rows);
    ck_assert_int_eq(ask_int(database, "SELECT count(*) FROM event"), 4);
    ck_assert_int_eq(ask_int(database,
                             "SELECT count(*) FROM event WHERE component = 5 AND "
                             "((cycle, kind, count, latency) IN (VALUES (10, 40, 2, 1), (12, 41, 7, 3), "
                             "(0, 41, 100, 1000), (0, 42, 9, 1000)))"),
                     4);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sim/kernel/log");
    TCase *rows = suite_case(suite, "rows");
    tcase_add_checked_fixture(rows, set_up, tear_down);
    tcase_add_loop_test(rows, every_row_arrives_in_order, 0, 6);
    tcase_add_test(rows, big_numbers_survive);
    tcase_add_test(rows, flushed_rows_can_be_read);
    tcase_add_test(rows, a_fault_is_kept_and_nobody_hangs);
    TCase *log = suite_case(suite, "log");
    tcase_add_checked_fixture(log, set_up, tear_down);
    tcase_add_test(log, events_and_remainders_add_up);
    return suite_run(suite);
}

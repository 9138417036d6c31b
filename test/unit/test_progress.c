/* SPDX-License-Identifier: MIT
 *
 * Progress: the line, its silence where there is no terminal, and its pace.
 */
#include "sim/base/progress.h"

#include "test/suite.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const struct {
    uint64_t done, total;
    double seconds;
    const char *line;
} lines[] = {
    {0, 1000, 0.0, "samples 0/1000 (0 %)"},
    {412, 1000, 2.0, "samples 412/1000 (41 %), 206 /s, 3 s left"},
    {999, 1000, 1000.0, "samples 999/1000 (99 %), 1.0 /s, 1 s left"},
    {1000, 1000, 10.0, "samples 1000/1000 (100 %), 100 /s, 0 s left"},
    {10, 1000, 10.0, "samples 10/1000 (1 %), 1.0 /s, 16 min 30 s left"},
    {1, 10000, 3.0, "samples 1/10000 (0 %), 0.3 /s, 8 h 19 min left"},
    {7, 0, 2.0, "samples 7, 3.5 /s"},
    {1001, 1000, 2.0, "samples 1001/1000 (100 %)"},
    {1, UINT64_MAX, 1.0, "samples 1/18446744073709551615 (0 %), 1.0 /s, long left"},
};

START_TEST(the_line_tells_rate_and_time_left) {
    char line[160];
    int length =
        sim_progress_format(line, sizeof line, "samples", lines[_i].done, lines[_i].total, lines[_i].seconds);
    ck_assert_str_eq(line, lines[_i].line);
    ck_assert_int_eq(length, (int)strlen(line));
}
END_TEST

START_TEST(no_terminal_no_progress) {
    char name[] = "/tmp/nocsim-progress-XXXXXX";
    int file = mkstemp(name), saved = dup(STDERR_FILENO);
    dup2(file, STDERR_FILENO);
    struct sim_progress progress;
    sim_progress_init(&progress, 10, "samples");
    progress.shown_ns = 0;
    sim_progress_tick(&progress, 5);
    sim_progress_finish(&progress);
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    ck_assert_int_eq(lseek(file, 0, SEEK_END), 0);
    ck_assert_ptr_null(progress.out);
    close(file);
    unlink(name);
}
END_TEST

/* Since the last update. */
static uint64_t elapsed_ns(const struct sim_progress *progress) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec - progress->shown_ns;
}

START_TEST(updates_are_rare_and_cleared) {
    char *text = NULL;
    size_t size = 0;
    struct sim_progress progress;
    sim_progress_init(&progress, 100000, "samples");
    progress.out = open_memstream(&text, &size);
    FILE *out = progress.out;
    for (uint64_t done = 0; done < 100000; done++)
        sim_progress_tick(&progress, done); /* far faster than the pace */
    fflush(out);
    ck_assert_uint_le(size, 160 * 5);
    progress.shown_ns = 0;
    sim_progress_tick(&progress, 50000);
    fflush(out);
    ck_assert_ptr_nonnull(strstr(text, "\rsamples 50000/100000 (50 %)"));
    sim_progress_tick(&progress, 50001); /* too soon */
    fflush(out);
    if (elapsed_ns(&progress) < 200000000) /* unless the machine was busy meanwhile */
        ck_assert_ptr_null(strstr(text, "50001"));
    sim_progress_finish(&progress);
    fflush(out);
    ck_assert_int_eq(text[size - 1], '\r');
    fclose(out);
    free(text);
}
END_TEST

START_TEST(parts_have_their_own_pace) {
    static const char warming[] = "warm-up", measuring[] = "window";
    struct sim_progress progress;
    sim_progress_init(&progress, 10, warming);
    progress.out = stderr;
    progress.start_ns = 1;
    sim_progress_part(&progress, 20, warming);
    ck_assert(progress.total == 20 && progress.start_ns == 1);
    sim_progress_part(&progress, 5, measuring);
    ck_assert(progress.total == 5 && progress.what == measuring && progress.start_ns > 1);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sim/base/progress");
    TCase *tcase = suite_case(suite, "line");
    tcase_add_loop_test(tcase, the_line_tells_rate_and_time_left, 0, sizeof lines / sizeof *lines);
    tcase_add_test(tcase, no_terminal_no_progress);
    tcase_add_test(tcase, updates_are_rare_and_cleared);
    tcase_add_test(tcase, parts_have_their_own_pace);
    return suite_run(suite);
}

/* SPDX-License-Identifier: MIT
 *
 * The pool of processes: every way in which a job can end, and that nothing outlives it.
 */
#include "sim/cli/sweep_pool.c" /* the command line is no library */

#include "test/suite.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct cli_sweep_pool pool;

static void start(const char *script, uint64_t tag) {
    char *argv[] = {"/bin/sh", "-c", (char *)(uintptr_t)script, NULL};
    ck_assert(cli_sweep_pool_start(&pool, argv, tag));
}

static struct cli_sweep_end wait_for_end(void) {
    struct cli_sweep_end end;
    time_t begin = time(NULL);
    while (time(NULL) - begin < 30) /* a wait also comes back whenever a job has written something */
        if (cli_sweep_pool_wait(&pool, 100, &end))
            return end;
    ck_abort_msg("no job ends");
}

static struct cli_sweep_end run(const char *script, double timeout_s) {
    cli_sweep_pool_init(&pool, 2, timeout_s);
    start(script, 7);
    return wait_for_end();
}

START_TEST(a_job_ends_well) {
    struct cli_sweep_end end = run("echo out; echo said >&2; cat; exit 0", 0); /* cat: stdin is empty */
    ck_assert_uint_eq(end.tag, 7);
    ck_assert_int_eq(end.exit_code, 0);
    ck_assert_int_eq(end.signal, 0);
    ck_assert(!end.timed_out && !end.too_much);
    ck_assert_str_eq(end.output, "out\n");
    ck_assert_str_eq(end.said, "said\n");
    ck_assert(end.wall_s > 0 && end.wall_s < 30);
    ck_assert_uint_eq(pool.running, 0);
    cli_sweep_pool_release(&pool);
}
END_TEST

START_TEST(a_job_fails) {
    struct cli_sweep_end end = run("echo wrong >&2; exit 3", 0);
    ck_assert_int_eq(end.exit_code, 3);
    ck_assert_str_eq(end.said, "wrong\n");
    cli_sweep_pool_release(&pool);
}
END_TEST

START_TEST(a_job_crashes) {
    struct cli_sweep_end end = run("kill -SEGV $$", 0);
    ck_assert_int_eq(end.exit_code, -1);
    ck_assert_int_eq(end.signal, SIGSEGV);
    cli_sweep_pool_release(&pool);
}
END_TEST

START_TEST(a_job_hangs) {
    struct cli_sweep_end end = run("trap '' TERM INT HUP; sleep 60", 0.2);
    ck_assert(end.timed_out);
    ck_assert_int_eq(end.signal, SIGKILL);
    ck_assert(end.wall_s >= 0.2 && end.wall_s < 20);
    cli_sweep_pool_release(&pool);
}
END_TEST

START_TEST(a_job_floods) {
    struct cli_sweep_end end = run("yes out", 0);
    ck_assert(end.too_much);
    ck_assert_uint_le(strlen(end.output), CLI_SWEEP_OUTPUT_MAX);
    cli_sweep_pool_release(&pool);
}
END_TEST

START_TEST(only_the_end_of_stderr_is_kept) {
    struct cli_sweep_end end = run("seq 1 200000 >&2; exit 1", 0);
    ck_assert_uint_le(strlen(end.said), CLI_SWEEP_STDERR_MAX);
    ck_assert_uint_ge(strlen(end.said), CLI_SWEEP_STDERR_MAX / 2);
    ck_assert_ptr_nonnull(strstr(end.said, "\n199999\n200000\n"));
    ck_assert_int_eq((int)strspn(end.said, "0123456789"), 6); /* begins with a whole line */
    cli_sweep_pool_release(&pool);
}
END_TEST

START_TEST(large_output_is_kept_whole) {
    struct cli_sweep_end end = run("seq 1 100000", 0);
    ck_assert_uint_eq(strlen(end.output), 588895);
    ck_assert_str_eq(end.output + 588895 - 7, "100000\n");
    cli_sweep_pool_release(&pool);
}
END_TEST

START_TEST(a_program_that_is_not_there) {
    cli_sweep_pool_init(&pool, 1, 0);
    char *argv[] = {"/nowhere/nocsim", NULL};
    ck_assert(cli_sweep_pool_start(&pool, argv, 1));
    struct cli_sweep_end end = wait_for_end();
    ck_assert_int_eq(end.exit_code, 127);
    ck_assert_ptr_nonnull(strstr(end.said, "/nowhere/nocsim: No such file"));
    cli_sweep_pool_release(&pool);
}
END_TEST

START_TEST(jobs_end_in_any_order) {
    cli_sweep_pool_init(&pool, 3, 0);
    start("sleep 0.6; echo a", 1);
    start("sleep 0.3; echo b", 2);
    start("echo c", 3);
    static const uint64_t order[] = {3, 2, 1};
    for (int i = 0; i < 3; i++)
        ck_assert_uint_eq(wait_for_end().tag, order[i]);
    cli_sweep_pool_release(&pool);
}
END_TEST

/* A grandchild keeps the pipe open: the job still ends with its process, and the grandchild with it. */
START_TEST(a_grandchild_does_not_outlive_the_job) {
    struct cli_sweep_end end = run("sleep 300 & echo $!; exit 0", 0);
    pid_t pid = atoi(end.output);
    ck_assert_int_gt(pid, 1);
    for (int i = 0; i < 100 && kill(pid, 0) == 0; i++)
        nanosleep(&(struct timespec){0, 20000000}, NULL);
    char path[64], state = 'X';
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    if (file != NULL && fscanf(file, "%*d (%*[^)]) %c", &state) == 1)
        ck_assert_int_eq(state, 'Z'); /* nobody has collected it, in a container without an init */
    if (file != NULL)
        fclose(file);
    cli_sweep_pool_release(&pool);
}
END_TEST

START_TEST(release_kills_what_runs) {
    cli_sweep_pool_init(&pool, 2, 0);
    start("sleep 300", 1);
    start("trap '' TERM; sleep 300", 2);
    ck_assert_uint_eq(pool.running, 2);
    cli_sweep_pool_release(&pool);
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    ck_assert_int_eq(errno, ECHILD);
}
END_TEST

/* The caller dies without a word: its jobs do, too. */
START_TEST(jobs_die_with_their_caller) {
    int pipes[2];
    ck_assert_int_eq(pipe(pipes), 0);
    pid_t caller = fork();
    if (caller == 0) {
        cli_sweep_pool_init(&pool, 1, 0);
        char script[64];
        snprintf(script, sizeof script, "echo $$ >&%d; exec sleep 300", pipes[1]);
        start(script, 1);
        pause();
    }
    close(pipes[1]);
    char line[32] = "";
    ck_assert_int_gt((int)read(pipes[0], line, sizeof line - 1), 0);
    kill(caller, SIGKILL);
    waitpid(caller, NULL, 0);
    ck_assert_int_eq((int)read(pipes[0], line, sizeof line), 0); /* the job held the other end */
    close(pipes[0]);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sim/cli/sweep_pool");
    TCase *ends = suite_case(suite, "ends");
    tcase_set_timeout(ends, 60);
    tcase_add_test(ends, a_job_ends_well);
    tcase_add_test(ends, a_job_fails);
    tcase_add_test(ends, a_job_crashes);
    tcase_add_test(ends, a_job_hangs);
    tcase_add_test(ends, a_job_floods);
    tcase_add_test(ends, only_the_end_of_stderr_is_kept);
    tcase_add_test(ends, large_output_is_kept_whole);
    tcase_add_test(ends, a_program_that_is_not_there);
    tcase_add_test(ends, jobs_end_in_any_order);
    TCase *care = suite_case(suite, "care");
    tcase_set_timeout(care, 60);
    tcase_add_test(care, a_grandchild_does_not_outlive_the_job);
    tcase_add_test(care, release_kills_what_runs);
    tcase_add_test(care, jobs_die_with_their_caller);
    return suite_run(suite);
}

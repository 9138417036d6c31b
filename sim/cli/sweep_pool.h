/* SPDX-License-Identifier: MIT
 *
 * A pool of processes, each doing one job of its own: a fault of one, whatever it is, ends that one only.
 *
 * A job is a command line. Its stdin is /dev/null; stdout is kept whole (up to a limit), of stderr the end.
 * It runs in a process group of its own, so that an interrupt from the terminal reaches the caller alone, who
 * decides; and the system kills it when the caller dies.
 */
#ifndef SIM_CLI_SWEEP_POOL_H
#define SIM_CLI_SWEEP_POOL_H

#include "sim/base/types.h"

#define CLI_SWEEP_JOBS_MAX 1024
#define CLI_SWEEP_OUTPUT_MAX ((size_t)16 << 20)
#define CLI_SWEEP_STDERR_MAX ((size_t)2048)

/* How a job ended. */
struct cli_sweep_end {
    uint64_t tag;             /* as given to start */
    int exit_code;            /* -1: none */
    int signal;               /* 0: none */
    bool timed_out, too_much; /* too much output */
    double wall_s;
    const char *output; /* stdout; valid until the next call */
    const char *said;   /* the end of stderr, without a broken first line */
};

struct cli_sweep_job;

struct cli_sweep_pool {
    struct cli_sweep_job *job; /* [jobs] */
    uint32_t jobs, running;
    double timeout_s;    /* 0: none */
    char *output, *said; /* of the job last ended */
};

void cli_sweep_pool_init(struct cli_sweep_pool *pool, uint32_t jobs, double timeout_s);

/* Kills what still runs, waits for it, and releases. */
void cli_sweep_pool_release(struct cli_sweep_pool *pool);

/* Starts a job; running < jobs. False when no process could be made (errno). */
bool cli_sweep_pool_start(struct cli_sweep_pool *pool, char *const *argv, uint64_t tag);

/* Waits up to wait_ms for the end of any job; a signal ends the wait early. True when one has ended. */
bool cli_sweep_pool_wait(struct cli_sweep_pool *pool, int wait_ms, struct cli_sweep_end *end);

#endif

/* SPDX-License-Identifier: MIT
 *
 * Evaluation of descriptions side by side: what one gives for one seed, and many of them on several threads.
 *
 * A description of arch.units is evaluated without networks (arch/evaluate/evaluate.h), any other chip is run
 * cycle by cycle. Where there are more threads than runs, those of units share their samples among several.
 * Seeds replace every parameter `seed` below `chip`; a description that has none is done once.
 */
#ifndef SIM_CLI_EVALUATE_H
#define SIM_CLI_EVALUATE_H

#include "sim/cli/samples.h"
#include "sim/config/config.h"

#define CLI_EVALUATE_SETS_MAX 64
#define CLI_EVALUATE_SEEDS_MAX 32 /* parameters `seed` in one description */

/* What all evaluations share. */
struct cli_evaluate_input {
    const char *trace;
    const struct sim_graph *graph;
    const struct arch_samples *samples;
    const char *set[CLI_EVALUATE_SETS_MAX];
    uint32_t sets;
    void (*tick)(void *user, uint64_t samples); /* called when samples are done, from any thread */
    void *user;
    uint32_t threads; /* of one evaluation of units */
};

struct cli_evaluate_result {
    char unit[64]; /* type of the units, or of the chip */
    uint32_t units;
    uint64_t labelled;
    double accuracy;
    double energy_j;  /* a sample; NaN: no prices */
    double latency_s; /* a sample, on average */
    double area_m2;   /* 0: not known */
    double silent;    /* share of neurons that sent no spike in a sample; NaN: not known */
};

/* One description, as its file and the settings give it. */
struct cli_evaluate_subject {
    const char *file;
    const char *seed[CLI_EVALUATE_SEEDS_MAX]; /* paths */
    int seeds;
    uint64_t runs;                      /* seeds to do, 1 where nothing is drawn */
    struct cli_evaluate_result *result; /* [runs] */
};

/* Reads a description and finds its seeds. The subject's strings live in `arena`. */
bool cli_evaluate_probe(struct cli_evaluate_subject *subject, const char *file, uint64_t seeds,
                        const struct cli_evaluate_input *input, struct sim_arena *arena, struct sim_err *err);

/* Fills result[run]: with the description's own seeds if it is the only run, else with seed run + 1. */
bool cli_evaluate_run(const struct cli_evaluate_subject *subject, uint64_t run,
                      const struct cli_evaluate_input *input, struct sim_err *err);

/* All runs of all subjects, `jobs` at the same time; the results do not depend on `jobs`. */
bool cli_evaluate_all(struct cli_evaluate_subject *subject, int subjects,
                      const struct cli_evaluate_input *input, uint32_t jobs, bool quiet, struct sim_err *err);

/* Mean and half of the 95 % interval (0: one value) by Student's t. */
double cli_evaluate_mean(const double *value, uint64_t count, double *interval);

#endif

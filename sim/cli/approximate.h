/* SPDX-License-Identifier: MIT
 *
 * nocsim approximate: what its parts share. Each part prints one kind of table, as text or JSON.
 */
#ifndef SIM_CLI_APPROXIMATE_H
#define SIM_CLI_APPROXIMATE_H

#include "arch/vector/lanes.h"
#include "sim/cli/cli.h"
#include "sim/config/config.h"

#define APPROXIMATE_SETS_MAX 64
#define APPROXIMATE_VALUES_MAX 32
#define APPROXIMATE_DIGITS 10 /* of numbers in JSON */

struct approximate_options {
    const char *arch;
    const char *set[APPROXIMATE_SETS_MAX + 1];
    uint32_t sets;
    const char *vary; /* "KEY=A,B,C"; NULL */
    uint64_t waves, row, seed;
    enum cli_format format;
};

/* What one approximator did. Cycles are those of the lanes. */
struct approximate_event {
    const char *type, *event;
    uint64_t count;
    double energy_j;
};

#define APPROXIMATE_EVENTS_MAX 32

struct approximate_result {
    const char *kind; /* "arch.nova" */
    double latency, interval;
    double elements, seconds; /* of the run */
    double dynamic_j, leakage_j, area_m2;
    double error; /* largest, over the run's inputs */
    struct approximate_event event[APPROXIMATE_EVENTS_MAX];
    uint32_t events;
};

/* Loads the description with the options' settings and `more` (NULL: none): its chip must be arch.lanes, or
 * one that has such lanes. The caller releases the configuration. */
bool cli_approximate_load(struct sim_config *config, const struct approximate_options *options,
                          const struct arch_lanes_spec **lanes, struct sim_err *err);

/* Runs approximator `which` of the lanes and prices the run. */
bool cli_approximate_run(const struct sim_config *config, const struct arch_lanes_spec *lanes, uint32_t which,
                         const struct approximate_options *options, struct approximate_result *result,
                         struct sim_err *err);

#define APPROXIMATE_KINDS_MAX 16u

/* Runs all approximators; *count of them, and the lanes' sizes in *lanes (whose lists do not outlive the
 * call). */
bool cli_approximate_run_all(const struct approximate_options *options, struct approximate_result *result,
                             uint32_t *count, struct arch_lanes_spec *lanes, struct sim_err *err);

static inline double approximate_energy(const struct approximate_result *r) { /* of an element */
    return (r->dynamic_j + r->leakage_j) / r->elements;
}

/* The parts: all approximators side by side; the same while one value varies; approximation errors; operators
 * on the vector unit. */
bool cli_approximate_compare(const struct approximate_options *options, struct sim_err *err);
bool cli_approximate_vary(const struct approximate_options *options, struct sim_err *err);
bool cli_approximate_sensitivity(const struct approximate_options *options, struct sim_err *err);
bool cli_approximate_errors(const struct approximate_options *options, struct sim_err *err);
bool cli_approximate_operators(const struct approximate_options *options, struct sim_err *err);

#endif

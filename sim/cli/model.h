/* SPDX-License-Identifier: MIT
 *
 * nocsim model: what its parts share. A request becomes a sweep without files (its axes are the ranges of
 * --over), whose points are evaluated one after another, solved for one parameter where that is asked for,
 * and printed.
 */
#ifndef SIM_CLI_MODEL_H
#define SIM_CLI_MODEL_H

#include "sim/cli/cli.h"
#include "sim/cli/sweep.h"

#define MODEL_SETS_MAX 32

struct model_request {
    const char *name, *version, *solve, *results;
    const char *over[SIM_SWEEP_AXES_MAX];
    struct sim_sweep_setting set[MODEL_SETS_MAX];
    uint32_t overs, sets;
    enum cli_format format;
};

/* A parameter to be solved for. */
struct model_solution {
    const struct cli_sweep_field *field; /* NULL: none */
    const char *key;
    double low, high;
};

struct model_output {
    const struct model_request *request;
    const struct cli_sweep_subject *subject;
    uint32_t result[ARCH_MODEL_RESULTS_MAX], results;
    struct model_solution solution;
};

/* The request as a sweep, to be released also after a fault. */
bool model_make_sweep(struct model_request *request, struct sim_sweep *sweep, struct sim_err *err);

/* Reads --solve, if it is given, into output->solution, whose texts live in `arena`. */
bool model_parse_solve(struct model_output *output, struct sim_arena *arena, struct sim_err *err);

/* The least value of the solution's parameter at which the ratio passes 1, the others as in `spec` (whose
 * parameter is changed); NaN: none between its ends. */
double model_solve(const struct model_output *output, void *spec);

/* Chooses the results to be printed. */
bool model_choose_results(struct model_output *output, struct sim_err *err);

/* Evaluates and prints every point. */
bool model_print(const struct model_output *output, struct cli_sweep_evaluator *evaluator,
                 struct sim_err *err);

#endif

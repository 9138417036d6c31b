/* SPDX-License-Identifier: MIT
 *
 * Closed-form energy models: published formulas that answer in nanoseconds what the simulator answers by
 * counting events. They serve as checks of the simulator and as a quick first look at a design space.
 *
 * A model is a spec (a parameter table, so that every constant has a unit, a range and a page in
 * `nocsim describe`), a list of named results, and one function from the first to the second. It has no
 * state and takes no time: no contention, no placement, no timing. Energies are joules, of what the model's
 * page says.
 */
#ifndef ARCH_MODEL_MODEL_H
#define ARCH_MODEL_MODEL_H

#include "sim/config/param.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ARCH_MODEL_RESULTS_MAX 24

struct arch_model_result {
    const char *name; /* "energy_snn_j" */
    const char *help;
};

struct arch_model {
    const char *name, *version; /* "snn-vs-qnn", "v4" */
    const char *trust;          /* where the formulas come from, and how far to trust them */
    const struct sim_schema *schema;
    const struct arch_model_result *result;
    uint32_t results;
    /* Fills value[results] from a spec that has passed schema->check. NaN: there is no such value (a
     * crossover that does not exist). */
    void (*evaluate)(const void *spec, double *value);
};

/* Every model; ends with NULL. */
extern const struct arch_model *const arch_models[];

/* The model, or NULL. */
const struct arch_model *arch_model_find(const char *name, const char *version);

/* The model of that schema, or NULL. */
const struct arch_model *arch_model_of_schema(const struct sim_schema *schema);

/* Index of a result; UINT32_MAX when there is none of that name. */
uint32_t arch_model_result_index(const struct arch_model *model, const char *name);

/* A function of one variable, for the search below. */
struct arch_model_curve {
    double (*at)(const void *user, double x);
    const void *user;
};

/* The smallest x of low..high where the curve passes through zero: the interval is searched in `steps`
 * equal parts for a change of sign, which is then bisected to the precision of double. NaN: no part shows
 * one. Parts with a NaN at an end are skipped. */
double arch_model_crossing(const struct arch_model_curve *curve, double low, double high, uint32_t steps);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * The value of a model's parameter at which its ratio passes 1; see model.h.
 */
#include "sim/base/number.h"
#include "sim/cli/model.h"
#include "sim/config/quantity.h"

#include <string.h>

#define SOLVE_STEPS 1024

static const struct sim_where solve_place = {"--solve", 0, 0};

static bool parse_end(const struct sim_param *param, const char *text, double *value, struct sim_err *err) {
    char why[SIM_QUANTITY_SIZE];
    bool good = param->kind == SIM_PARAM_KIND_QUANTITY ? sim_quantity_parse(text, param->unit, value, why)
                                                       : sim_number_real(text, value);
    if (!good || *value < param->min || *value > param->max)
        return sim_err_add(err, SIM_EXIT_USAGE, &solve_place, "'%s' is not a value that '%s' can have", text,
                           param->key);
    return true;
}

bool model_parse_solve(struct model_output *output, struct sim_arena *arena, struct sim_err *err) {
    const char *text = output->request->solve;
    if (text == NULL)
        return true;
    if (arch_model_result_index(output->subject->model, "ratio") == UINT32_MAX)
        return sim_err_add(err, SIM_EXIT_USAGE, &solve_place, "'%s' has no ratio that could pass 1",
                           output->subject->model->name);
    const char *equal = strchr(text, '='), *dots = equal == NULL ? NULL : strstr(equal, "..");
    if (dots == NULL)
        return sim_err_add(err, SIM_EXIT_USAGE, &solve_place, "takes KEY=A..B, not '%s'", text);
    struct model_solution *solution = &output->solution;
    solution->key = sim_arena_format(arena, "%.*s", (int)(equal - text), text);
    const struct sim_sweep_key *key = sim_sweep_find_key(output->subject->key, output->subject->keys,
                                                         solution->key, false, &solve_place, err);
    if (key == NULL)
        return false;
    if (key->param->kind != SIM_PARAM_KIND_REAL && key->param->kind != SIM_PARAM_KIND_QUANTITY)
        return sim_err_add(err, SIM_EXIT_USAGE, &solve_place, "'%s' has no values between its values",
                           key->path);
    solution->field = &output->subject->field[key - output->subject->key];
    const char *low = sim_arena_format(arena, "%.*s", (int)(dots - equal - 1), equal + 1);
    return parse_end(key->param, low, &solution->low, err) &&
           parse_end(key->param, dots + 2, &solution->high, err) &&
           (solution->low < solution->high ||
            sim_err_add(err, SIM_EXIT_USAGE, &solve_place, "'%s' is an empty range", text));
}

/* The spec with one parameter free. */
struct freed {
    const struct arch_model *model;
    void *spec;
    const struct cli_sweep_field *field;
    uint32_t ratio;
};

static double ratio_less_one(const void *user, double x) {
    const struct freed *freed = user;
    double value[ARCH_MODEL_RESULTS_MAX];
    memcpy((char *)freed->spec + freed->field->offset, &x, sizeof x);
    freed->model->evaluate(freed->spec, value);
    return value[freed->ratio] - 1;
}

double model_solve(const struct model_output *output, void *spec) {
    struct freed freed = {output->subject->model, spec, output->solution.field,
                          arch_model_result_index(output->subject->model, "ratio")};
    struct arch_model_curve curve = {ratio_less_one, &freed};
    return arch_model_crossing(&curve, output->solution.low, output->solution.high, SOLVE_STEPS);
}

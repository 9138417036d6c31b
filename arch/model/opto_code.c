/* SPDX-License-Identifier: MIT
 *
 * Instants of an optoelectronic time code; see opto_code.h.
 */
#include "arch/model/opto_code.h"

#include "arch/ttfs/opto_decay.h"

static const struct sim_param params[] = {
    SIM_PARAM_REAL(struct arch_model_opto_spec, amplitude, 1e-6, 1e9, "110.989",
                   "of the stretched exponential"),
    SIM_PARAM_QUANTITY(struct arch_model_opto_spec, tau_s, "tau", SIM_UNIT_SECOND, 1e-12, 1e12, "1.3425 s",
                       "time constant; that its unit is the second is a reading"),
    SIM_PARAM_REAL(struct arch_model_opto_spec, beta, 0.01, 10, "0.495", "exponent"),
    SIM_PARAM_REAL(struct arch_model_opto_spec, offset, -1e9, 1e9, "-109.989", "added to the exponential"),
    SIM_PARAM_UINT(struct arch_model_opto_spec, timesteps, 1, 65535, "15", "steps T of the code"),
    SIM_PARAM_UINT(struct arch_model_opto_spec, step, 0, 65535, "1", "step k, 0 to T"),
    SIM_PARAM_QUANTITY(struct arch_model_opto_spec, time_s, "time", SIM_UNIT_SECOND, 0, 1e6, "10 us",
                       "instant at which the photocurrent is wanted"),
};

static bool check(const void *user, const struct sim_where *where, struct sim_err *err) {
    const struct arch_model_opto_spec *spec = user;
    if (spec->step <= spec->timesteps)
        return true;
    return sim_err_add(err, SIM_EXIT_CONFIG, where, "step %u lies behind the last of %u timesteps",
                       spec->step, spec->timesteps);
}

const struct sim_schema arch_model_opto_schema = {
    .name = "model.opto_code",
    .help = "Instants and values of a decaying photocurrent that is the kernel of a time code.",
    .role = "model",
    .size = sizeof(struct arch_model_opto_spec),
    SIM_SCHEMA_PARAMS(params),
    .check = check,
};

static void evaluate(const void *user, double *value) {
    const struct arch_model_opto_spec *spec = user;
    const struct arch_opto_decay decay = {spec->amplitude, spec->tau_s, spec->beta, spec->offset};
    double level = (double)(spec->timesteps - spec->step) / spec->timesteps;
    value[ARCH_MODEL_OPTO_VALUE] = arch_opto_decay_at(&decay, spec->time_s);
    value[ARCH_MODEL_OPTO_INSTANT] = arch_opto_decay_instant(&decay, level);
    value[ARCH_MODEL_OPTO_LEVEL] = level;
}

static const struct arch_model_result results[ARCH_MODEL_OPTO_RESULT_COUNT] = {
    [ARCH_MODEL_OPTO_VALUE] = {"value", "photocurrent at `time`; 1 when fresh"},
    [ARCH_MODEL_OPTO_INSTANT] = {"instant_s", "t_k, where the photocurrent has come down to `level`"},
    [ARCH_MODEL_OPTO_LEVEL] = {"level", "(T - k) / T"},
};

const struct arch_model arch_model_opto_code = {
    .name = "opto-code",
    .version = "v1",
    .trust =
        "note: a fit published in arXiv 2509.18968, by a third party's digest; the unit of time is a reading",
    .schema = &arch_model_opto_schema,
    .result = results,
    .results = ARCH_MODEL_OPTO_RESULT_COUNT,
    .evaluate = evaluate,
};

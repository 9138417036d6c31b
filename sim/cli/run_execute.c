/* SPDX-License-Identifier: MIT
 *
 * As what a network is executed (--as), and the prices that a chip may choose by; see run.h.
 */
#include "sim/cli/run.h"
#include "sim/record/energy.h"

#define PARAMETERS_MAX 64

const char *const run_as_names[ARCH_AS_COUNT + 1] = {"snn", "qnn", NULL};

struct prices {
    struct sim_energy *energy;
    struct sim_energy_point point;
    struct sim_energy_parameter parameter[PARAMETERS_MAX];
    struct sim_err *err;
};

static void note_parameter(void *user, const char *type, const char *name, double value) {
    struct prices *prices = user;
    if (prices->point.parameters < PARAMETERS_MAX)
        prices->parameter[prices->point.parameters++] = (struct sim_energy_parameter){type, name, value};
}

static double unit_energy(void *user, const char *type, const char *event) {
    struct prices *prices = user;
    struct sim_energy_price price = {0};
    sim_energy_price(prices->energy, type, event, &prices->point, &price, prices->err);
    return price.unit_energy_j;
}

bool run_execute(struct run *run, const struct run_options *options, struct sim_err *err) {
    const struct arch_chip_type *type = run->chip->type;
    struct sim_where where = {.file = options->arch};
    if (type->execute == NULL)
        return options->as == ARCH_AS_SNN ||
               sim_err_add(err, SIM_EXIT_CONFIG, &where,
                           "--as %s: a chip of type '%s' has no multipliers, it runs networks as snn only "
                           "(arch.dual_chip runs both)",
                           run_as_names[options->as], type->schema->name);
    struct arch_execution execution = {.as = options->as, .timesteps = run_timesteps(run, options)};
    if (run->config.tech == NULL)
        return type->execute(run->chip, &execution, err);
    struct prices prices = {.energy = sim_energy_read(run->config.tech, err), .err = err};
    if (prices.energy == NULL)
        return false;
    prices.point = (struct sim_energy_point){
        .voltage_v = run->chip->voltage_v, .clock_hz = run->chip->clock_hz, .parameter = prices.parameter};
    type->parameters(run->chip, note_parameter, &prices);
    execution.unit_energy = unit_energy;
    execution.user = &prices;
    bool done = type->execute(run->chip, &execution, err);
    sim_energy_free(prices.energy);
    return done && err->count == 0;
}

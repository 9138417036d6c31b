/* SPDX-License-Identifier: MIT
 *
 * Power of a chip from its rate of synaptic events; see power_law.h.
 */
#include "arch/model/power_law.h"

#include <math.h>

static const struct sim_param params[] = {
    SIM_PARAM_QUANTITY(struct arch_model_power_spec, static_w, "static", SIM_UNIT_WATT, 0, 1e3, "64.4 mW",
                       "power at rest (default: TrueNorth at 0.8 V)"),
    SIM_PARAM_QUANTITY(struct arch_model_power_spec, clock_j, "clock_energy", SIM_UNIT_JOULE, 0, 1e-3, "0 J",
                       "energy of a clock cycle"),
    SIM_PARAM_QUANTITY(struct arch_model_power_spec, clock_hz, "clock", SIM_UNIT_HERTZ, 0, 1e12, "0 Hz",
                       "clock frequency; 0: asynchronous"),
    SIM_PARAM_QUANTITY(struct arch_model_power_spec, event_j, "event", SIM_UNIT_JOULE, 0, 1e-6, "2.30 pJ",
                       "energy of a synaptic event (default: TrueNorth at 0.8 V)"),
    SIM_PARAM_REAL(struct arch_model_power_spec, neurons, 0, 1e12, "1048576", "neurons that spike"),
    SIM_PARAM_REAL(struct arch_model_power_spec, fan_out, 0, 1e9, "128", "synapses that a spike reaches"),
    SIM_PARAM_QUANTITY(struct arch_model_power_spec, rate_hz, "rate", SIM_UNIT_HERTZ, 0, 1e12, "20 Hz",
                       "mean firing rate of a neuron"),
};

const struct sim_schema arch_model_power_schema = {
    .name = "model.power_law",
    .help = "Power of a whole chip: static, clock, and an energy for each synaptic event.",
    .role = "model",
    .size = sizeof(struct arch_model_power_spec),
    SIM_SCHEMA_PARAMS(params),
};

static void evaluate(const void *user, double *value) {
    const struct arch_model_power_spec *spec = user;
    double events = spec->neurons * spec->fan_out * spec->rate_hz;
    double dynamic = spec->event_j * events;
    double total = spec->static_w + spec->clock_j * spec->clock_hz + dynamic;
    value[ARCH_MODEL_POWER_TOTAL] = total;
    value[ARCH_MODEL_POWER_DYNAMIC] = dynamic;
    value[ARCH_MODEL_POWER_EVENTS] = events;
    value[ARCH_MODEL_POWER_AVERAGE] = events > 0 ? total / events : NAN;
}

static const struct arch_model_result results[ARCH_MODEL_POWER_RESULT_COUNT] = {
    [ARCH_MODEL_POWER_TOTAL] = {"power_w", "power of the chip"},
    [ARCH_MODEL_POWER_DYNAMIC] = {"dynamic_w", "of it: synaptic events"},
    [ARCH_MODEL_POWER_EVENTS] = {"events_hz", "synaptic events a second"},
    [ARCH_MODEL_POWER_AVERAGE] = {"event_average_j", "power over events: everything included"},
};

const struct arch_model arch_model_power_law = {
    .name = "power-law",
    .version = "v1",
    .trust = "published fits to measurements (TrueNorth, ODIN), by a third party's notes",
    .schema = &arch_model_power_schema,
    .result = results,
    .results = ARCH_MODEL_POWER_RESULT_COUNT,
    .evaluate = evaluate,
};

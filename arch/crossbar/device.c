/* SPDX-License-Identifier: MIT
 *
 * Programming error, stuck cells, drift; see device.h.
 */
#include "arch/crossbar/device.h"

#include <math.h>

#define PCM_T0_S 20.0

void arch_crossbar_device_init(struct arch_crossbar_device *device, const struct arch_crossbar_spec *spec,
                               uint32_t core, const struct arch_crossbar_ziggurat *ziggurat) {
    *device = (struct arch_crossbar_device){.spec = spec, .ziggurat = ziggurat};
    device->step_s = (spec->cell.g_max_s - spec->cell.g_min_s) / ((1 << spec->cell.bits) - 1);
    const struct arch_crossbar_drift_spec *drift = &spec->drift;
    double t0 = drift->model == ARCH_CROSSBAR_DRIFT_PCM ? PCM_T0_S : drift->t0_s;
    if (drift->model != ARCH_CROSSBAR_DRIFT_NONE && drift->age_s > t0)
        device->log_age = log(drift->age_s / t0);
    device->ideal = spec->program.model == ARCH_CROSSBAR_PROGRAM_EXACT && spec->program.stuck_off <= 0 &&
                    spec->program.stuck_on <= 0 && device->log_age <= 0;
    device->key_program = arch_crossbar_key(spec->seed, core, ARCH_CROSSBAR_STREAM_PROGRAM);
    device->key_stuck = arch_crossbar_key(spec->seed, core, ARCH_CROSSBAR_STREAM_STUCK);
    device->key_drift = arch_crossbar_key(spec->seed, core, ARCH_CROSSBAR_STREAM_DRIFT);
}

static double polynomial(const double *coefficient, int degree, double x) {
    double value = coefficient[degree];
    while (degree-- > 0)
        value = value * x + coefficient[degree];
    return value;
}

double arch_crossbar_program_sigma(const struct arch_crossbar_spec *spec, double g) {
    static const double milo[] = {4.782321, -0.009107}, wan[] = {1.053, 0.2374, -1.167e-2, 1.536e-4};
    static const double joshi[] = {0.28638599, 0.07585724, -0.00178767}, pcm[] = {0.26348, 1.9650, -1.1731};
    static const double second[] = {0.348, 16.030, -43.853, 45.393, -16.815};
    static const double day[] = {0.701, 22.086, -50.773, 47.095, -16.458};
    static const double two_days[] = {0.782, 20.274, -43.507, 37.062, -11.934};
    double us = g * 1e6, x = g / spec->cell.g_max_s, sigma = 0;
    switch ((enum arch_crossbar_program_model)spec->program.model) {
    case ARCH_CROSSBAR_PROGRAM_EXACT: return 0;
    case ARCH_CROSSBAR_PROGRAM_NORMAL: return spec->program.sigma_s;
    case ARCH_CROSSBAR_PROGRAM_PROPORTIONAL: return spec->program.sigma * g;
    case ARCH_CROSSBAR_PROGRAM_RRAM_MILO_2021: sigma = polynomial(milo, 1, us); break;
    case ARCH_CROSSBAR_PROGRAM_RRAM_WAN_2022: sigma = polynomial(wan, 3, us); break;
    case ARCH_CROSSBAR_PROGRAM_RRAM_WAN_2022_SECOND: sigma = polynomial(second, 4, x); break;
    case ARCH_CROSSBAR_PROGRAM_RRAM_WAN_2022_DAY: sigma = polynomial(day, 4, x); break;
    case ARCH_CROSSBAR_PROGRAM_RRAM_WAN_2022_TWO_DAYS: sigma = polynomial(two_days, 4, x); break;
    case ARCH_CROSSBAR_PROGRAM_PCM_JOSHI_2020: sigma = polynomial(joshi, 2, us); break;
    case ARCH_CROSSBAR_PROGRAM_PCM_AIHWKIT: sigma = polynomial(pcm, 2, x); break;
    }
    return sigma > 0 ? sigma * 1e-6 : 0;
}

void arch_crossbar_draw(const struct arch_crossbar_device *device, uint64_t cell, uint64_t cells,
                        uint64_t writes, struct arch_crossbar_draws *draws) {
    draws->program = arch_crossbar_normal(device->ziggurat, device->key_program, cell + cells * writes);
    draws->stuck = arch_crossbar_uniform(device->key_stuck, cell);
    draws->drift = arch_crossbar_normal(device->ziggurat, device->key_drift, cell);
}

static double within(double value, double low, double high) {
    return value < low ? low : value > high ? high : value;
}

static double drift_exponent(const struct arch_crossbar_spec *spec, double g, double normal) {
    const struct arch_crossbar_drift_spec *drift = &spec->drift;
    if (drift->model == ARCH_CROSSBAR_DRIFT_POWER)
        return drift->exponent + drift->exponent_sigma * normal;
    double x = log(g / spec->cell.g_max_s);
    return within(-0.0155 * x + 0.0244, 0.049, 0.1) + within(-0.0125 * x - 0.0059, 0.008, 0.045) * normal;
}

double arch_crossbar_cell(const struct arch_crossbar_device *device, double level,
                          const struct arch_crossbar_draws *draws) {
    const struct arch_crossbar_spec *spec = device->spec;
    const struct arch_crossbar_program_spec *program = &spec->program;
    if (device->ideal)
        return level;
    double target = spec->cell.g_min_s + level * device->step_s;
    double g = target + arch_crossbar_program_sigma(spec, target) * draws->program;
    if (g < 0)
        g = 0;
    if (draws->stuck < program->stuck_off)
        g = spec->cell.g_min_s;
    else if (draws->stuck >= 1 - program->stuck_on)
        g = spec->cell.g_max_s;
    if (device->log_age > 0 && g > 0)
        g *= exp(-drift_exponent(spec, g, draws->drift) * device->log_age);
    return level + (g - target) / device->step_s;
}

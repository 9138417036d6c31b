/* SPDX-License-Identifier: MIT
 *
 * Parameters of the core with optoelectronic synapses; see opto_ttfs.h.
 */
#include "arch/ttfs/opto_ttfs.h"

#include <math.h>

static const struct sim_param decay_params[] = {
    SIM_PARAM_REAL(struct arch_opto_decay_spec, amplitude, 1e-6, 1e9, "110.989",
                   "of the stretched exponential"),
    SIM_PARAM_REAL(struct arch_opto_decay_spec, tau, 1e-12, 1e12, "1.3425", "time constant, in `unit`"),
    SIM_PARAM_REAL(struct arch_opto_decay_spec, beta, 0.01, 10, "0.495", "exponent"),
    SIM_PARAM_REAL(struct arch_opto_decay_spec, offset, -1e9, 1e9, "-109.989",
                   "amplitude + offset must be 1"),
    SIM_PARAM_QUANTITY(struct arch_opto_decay_spec, unit_s, "unit", SIM_UNIT_SECOND, 1e-12, 1e6, "1 s",
                       "unit of time of tau; not published in a source read so far"),
};

static const struct sim_schema decay_schema = {
    .name = "arch.opto_ttfs.decay",
    .help = "Photocurrent after a light pulse: amplitude exp(-(t / tau)^beta) + offset. Defaults: In2O3 "
            "transistor of "
            "arXiv 2509.18968, by a third party's digest.",
    .size = sizeof(struct arch_opto_decay_spec),
    SIM_SCHEMA_PARAMS(decay_params),
};

static const struct sim_param adc_params[] = {
    SIM_PARAM_UINT(struct arch_opto_adc_spec, bits, 0, 16, "0",
                   "resolution, 2^bits - 1 steps; 0: not rounded"),
    SIM_PARAM_REAL(struct arch_opto_adc_spec, full_scale, 1e-3, 1e3, "1",
                   "largest reading that is told apart; a fresh device shows 1"),
    SIM_PARAM_UINT(struct arch_opto_adc_spec, converters, 0, 1u << 30, "0",
                   "readings that a core converts at a time; 0: all"),
    SIM_PARAM_QUANTITY(struct arch_opto_adc_spec, time_s, "time", SIM_UNIT_SECOND, 0, 1, "0 s",
                       "of a reading"),
};

static const struct sim_schema adc_schema = {
    .name = "arch.opto_ttfs.adc",
    .help = "Converters that read the photocurrents.",
    .size = sizeof(struct arch_opto_adc_spec),
    SIM_SCHEMA_PARAMS(adc_params),
};

static const struct sim_param variation_params[] = {
    SIM_PARAM_REAL(struct arch_opto_variation_spec, amplitude, 0, 10, "0", "of a device's photocurrent"),
    SIM_PARAM_REAL(struct arch_opto_variation_spec, tau, 0, 1, "0", "of a device's time constant"),
    SIM_PARAM_REAL(struct arch_opto_variation_spec, beta, 0, 1, "0", "of a device's exponent"),
    SIM_PARAM_REAL(struct arch_opto_variation_spec, read, 0, 10, "0", "of every reading anew"),
};

static const struct sim_schema variation_schema = {
    .name = "arch.opto_ttfs.variation",
    .help = "Relative standard deviations, normally distributed.",
    .size = sizeof(struct arch_opto_variation_spec),
    SIM_SCHEMA_PARAMS(variation_params),
};

static const char *const devices[] = {"synapse", "axon", "core", NULL};

static const struct sim_param params[] = {
    SIM_PARAM_UINT(struct arch_opto_ttfs_spec, axons, 1, 65536, "256", "axons"),
    SIM_PARAM_UINT(struct arch_opto_ttfs_spec, neurons, 1, 65536, "256", "neurons"),
    SIM_PARAM_UINT(struct arch_opto_ttfs_spec, weight_bits, 1, 8, "8", "bits of a gain, two's complement"),
    SIM_PARAM_CHOICE(struct arch_opto_ttfs_spec, devices, devices, "synapse",
                     "a device for each synapse, or shared by all synapses of an axon or of the core"),
    SIM_PARAM_UINT64(struct arch_opto_ttfs_spec, seed, 0, 9.2e18, "1", "of all deviations"),
    SIM_PARAM_SPEC(struct arch_opto_ttfs_spec, decay, &decay_schema, "the device"),
    SIM_PARAM_SPEC(struct arch_opto_ttfs_spec, adc, &adc_schema, "reading a device"),
    SIM_PARAM_SPEC(struct arch_opto_ttfs_spec, variation, &variation_schema,
                   "deviations of devices and readings"),
    SIM_PARAM_UINT(struct arch_opto_ttfs_spec, readout_cycles, 0, 1e6, "1",
                   "from the end of the window to the potentials"),
    SIM_PARAM_QUANTITY(struct arch_opto_ttfs_spec, device_area_m2, "device_area", SIM_UNIT_SQUARE_METRE, 0, 1,
                       "0 m2", "of a device; 0: not known"),
    SIM_PARAM_QUANTITY(struct arch_opto_ttfs_spec, other_area_m2, "other_area", SIM_UNIT_SQUARE_METRE, 0, 1,
                       "0 m2", "of a core without its devices"),
};

static bool check(const void *self, const struct sim_where *where, struct sim_err *err) {
    const struct arch_opto_ttfs_spec *spec = self;
    double start = spec->decay.amplitude + spec->decay.offset;
    bool good = true;
    if (fabs(start - 1) > 1e-6)
        good = sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "arch.opto_ttfs: decay.amplitude + decay.offset is %g, but a fresh device shows 1",
                           start);
    if (spec->decay.offset >= 0)
        good = sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "arch.opto_ttfs: with decay.offset %g a device never comes down to 0",
                           spec->decay.offset);
    return good;
}

static const struct sim_type *const types[] = {&arch_opto_ttfs_type, NULL};

const struct sim_schema arch_opto_ttfs_schema = {
    .name = "arch.opto_ttfs",
    .role = ARCH_WINDOW_UNIT_ROLE,
    .help = "Core with optoelectronic synapses: the decay of a device's photocurrent is the kernel of a "
            "time-to-first-spike code, read at instants that make it linear.",
    .size = sizeof(struct arch_opto_ttfs_spec),
    SIM_SCHEMA_PARAMS(params),
    .check = check,
    .types = types,
};

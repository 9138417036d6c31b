/* SPDX-License-Identifier: MIT
 *
 * Energy of reads against their fluctuation; see crossbar_fluctuation.h.
 */
#include "arch/model/crossbar_fluctuation.h"

#include <math.h>

static const char *const codings[] = {"amplitude", "bits", "unary", NULL};

static const struct sim_param params[] = {
    SIM_PARAM_CHOICE(
        struct arch_fluctuation_spec, coding, codings, "bits",
        "how an activation comes onto its row: one voltage, its bits one after another, a count of spikes"),
    SIM_PARAM_UINT(struct arch_fluctuation_spec, bits, 1, 16, "4", "width of an activation"),
    SIM_PARAM_REAL(struct arch_fluctuation_spec, fan_in, 1, 1e6, "128", "cells of a column that are summed"),
    SIM_PARAM_QUANTITY(struct arch_fluctuation_spec, read_energy_j, "read_energy", SIM_UNIT_JOULE, 1e-21,
                       1e-6, "10 fJ", "a cell's read at full input"),
    SIM_PARAM_QUANTITY(struct arch_fluctuation_spec, nominal_energy_j, "nominal_energy", SIM_UNIT_JOULE,
                       1e-21, 1e-6, "10 fJ", "read energy at which `fluctuation` holds"),
    SIM_PARAM_QUANTITY(struct arch_fluctuation_spec, conversion_energy_j, "conversion_energy", SIM_UNIT_JOULE,
                       0, 1e-6, "1.5625 pJ", "a conversion of a column (ISAAC's)"),
    SIM_PARAM_REAL(struct arch_fluctuation_spec, fluctuation, 1e-9, 10, "0.1",
                   "relative standard deviation of a cell's current from read to read"),
    SIM_PARAM_REAL(struct arch_fluctuation_spec, exponent, 0.01, 2, "0.5",
                   "fluctuation goes with read_energy^-this"),
    SIM_PARAM_REAL(struct arch_fluctuation_spec, lasting, 0, 1, "0",
                   "share of the fluctuation's variance that is the same in all reads of an activation"),
    SIM_PARAM_REAL(struct arch_fluctuation_spec, target_error, 1e-9, 10, "0.05",
                   "error of a product that is asked for"),
};

const struct sim_schema arch_fluctuation_schema = {
    .name = "model.read_fluctuation",
    .help = "Energy of a read of an emerging memory against its fluctuation, for three codings of the input.",
    .size = sizeof(struct arch_fluctuation_spec),
    SIM_SCHEMA_PARAMS(params),
};

struct coding {
    double reads;    /* conversions of a column */
    double energy;   /* in reads at full input */
    double variance; /* of a product, where nothing lasts, relative to that of one read */
};

static struct coding coding_of(const struct arch_fluctuation_spec *spec) {
    double top = ldexp(1, (int)spec->bits) - 1, square = top * (2 * top + 1) / 6;
    switch ((enum arch_fluctuation_coding)spec->coding) {
    case ARCH_FLUCTUATION_AMPLITUDE: return (struct coding){1, square / (top * top), 1};
    case ARCH_FLUCTUATION_BITS:
        return (struct coding){spec->bits, spec->bits / 2.0, top * (top + 2) / 6 / square};
    case ARCH_FLUCTUATION_UNARY: return (struct coding){top, top / 2, top / 2 / square};
    case ARCH_FLUCTUATION_CODING_COUNT: break;
    }
    return (struct coding){0, 0, 0};
}

static void evaluate(const void *self, double *value) {
    const struct arch_fluctuation_spec *spec = self;
    struct coding coding = coding_of(spec);
    double cell = spec->fluctuation * pow(spec->read_energy_j / spec->nominal_energy_j, -spec->exponent);
    double averaged = sqrt(coding.variance * (1 - spec->lasting) + spec->lasting);
    double conversions = coding.reads * spec->conversion_energy_j / spec->fan_in;
    double quiet = spec->target_error / averaged;
    double target = spec->nominal_energy_j * pow(quiet / spec->fluctuation, -1 / spec->exponent);
    value[ARCH_FLUCTUATION_READS] = coding.reads;
    value[ARCH_FLUCTUATION_CELL] = cell;
    value[ARCH_FLUCTUATION_ERROR] = cell * averaged;
    value[ARCH_FLUCTUATION_COLUMN_ERROR] = cell * averaged / sqrt(spec->fan_in);
    value[ARCH_FLUCTUATION_ENERGY] = spec->read_energy_j * coding.energy + conversions;
    value[ARCH_FLUCTUATION_TARGET_READ] = target;
    value[ARCH_FLUCTUATION_TARGET_ENERGY] = target * coding.energy + conversions;
}

static const struct arch_model_result results[] = {
    {"reads", "reads of a column for one activation"},
    {"cell_fluctuation", "relative standard deviation of a cell's current in one read"},
    {"error", "of a product, relative to the root mean square product"},
    {"column_error", "of a sum of fan_in products of independent signs, relative to its root mean square"},
    {"energy_j", "of a product, conversions included"},
    {"target_read_energy_j", "a cell's read that meets target_error"},
    {"target_energy_j", "of a product that meets target_error"},
};

const struct arch_model arch_model_fluctuation = {
    .name = "read-fluctuation",
    .version = "v1",
    .trust = "choice: arithmetic on the problem of TNNLS 2023 (arXiv 2112.00324), whose equations are not "
             "published in a "
             "source read so far",
    .schema = &arch_fluctuation_schema,
    .result = results,
    .results = ARCH_FLUCTUATION_RESULT_COUNT,
    .evaluate = evaluate,
};

/* SPDX-License-Identifier: MIT
 *
 * Energy of reads against their fluctuation: the closed form beside the crossbar's simulation.
 *
 * A cell's current fluctuates from read to read with relative standard deviation s; more energy e for a read
 * makes it quieter: s = fluctuation (e / e0)^-exponent. An activation x of 0 .. L = 2^bits - 1, all equally
 * likely, reaches the rows in one of three ways, and independent fluctuations of its reads average out, all
 * but the share that lasts:
 *
 *     coding      reads    energy of a cell, mean            variance of x w / (s w)^2, mean
 *     amplitude   1        e (2L + 1) / 6L  (x^2 / L^2)      L (2L + 1) / 6  (x^2)
 *     bits        bits     e bits / 2                        L (L + 2) / 6   (sum of 4^k x_k)
 *     unary       L        e L / 2                           L / 2           (x)
 *
 * The error is relative to the root mean square of x w. Conversions are charged to the fan_in cells of a
 * column.
 *
 * Published (Wang, Luo, Goh, Zhang, Wong: in-memory deep learning with unstable emerging memory, TNNLS 2023,
 * abstract): random telegraph fluctuation is a problem, three techniques recover the accuracy, energy
 * efficiency is at least ten times better. Its equations are not published in a source read so far. What is
 * here is ours: exponent 0.5 follows for a current integrated against white noise, and the three codings are
 * arithmetic. It shows the kind of trade, and none of the paper's numbers.
 */
#ifndef ARCH_MODEL_CROSSBAR_FLUCTUATION_H
#define ARCH_MODEL_CROSSBAR_FLUCTUATION_H

#include "arch/model/model.h"

#ifdef __cplusplus
extern "C" {
#endif

enum arch_fluctuation_coding {
    ARCH_FLUCTUATION_AMPLITUDE,
    ARCH_FLUCTUATION_BITS,
    ARCH_FLUCTUATION_UNARY,
    ARCH_FLUCTUATION_CODING_COUNT
};

struct arch_fluctuation_spec {
    int coding; /* enum arch_fluctuation_coding */
    uint32_t bits;
    double fan_in;
    double read_energy_j, nominal_energy_j, conversion_energy_j;
    double fluctuation, exponent, lasting;
    double target_error;
};

enum arch_fluctuation_result {
    ARCH_FLUCTUATION_READS,
    ARCH_FLUCTUATION_CELL,          /* relative standard deviation of one read */
    ARCH_FLUCTUATION_ERROR,         /* of a product */
    ARCH_FLUCTUATION_COLUMN_ERROR,  /* of a sum of fan_in products */
    ARCH_FLUCTUATION_ENERGY,        /* of a product */
    ARCH_FLUCTUATION_TARGET_READ,   /* energy of a read that meets target_error */
    ARCH_FLUCTUATION_TARGET_ENERGY, /* of a product then */
    ARCH_FLUCTUATION_RESULT_COUNT
};

extern const struct sim_schema arch_fluctuation_schema;
extern const struct arch_model arch_model_fluctuation;

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * Vector operations of the crossbar on double lanes, one lane for each column.
 *
 * The same source (crossbar_lanes_body.h) is compiled for several instruction sets; the one that sim_lanes()
 * names is taken. Lanes never mix and nothing is contracted, so every variant gives the same bits.
 * `lanes` is a multiple of 16; arrays are aligned to 64 bytes.
 */
#ifndef ARCH_UNIT_CROSSBAR_LANES_H
#define ARCH_UNIT_CROSSBAR_LANES_H

#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Codes low .. high of `lsb`; a code is the integer nearest to value / lsb + offset, ties to even. */
struct arch_crossbar_codes {
    double low, high, lsb;
};

/* The same in single precision: a code is the integer nearest to value x per_step + offset; it is in doubt
 * where that is nearer than `doubt` to the middle between two codes. */
struct arch_crossbar_single_codes {
    float low, high, per_step, doubt;
};

/* A wire of resistors, see arch/crossbar/wire.c: nodes first, first + step, ... from its open end to its
 * terminal; coefficients by node. */
struct arch_crossbar_line {
    uint32_t nodes, first;
    int32_t step;
    const double *gain, *pull, *keep;
};

#define ARCH_CROSSBAR_EXCITATIONS 8u /* solved side by side */

struct arch_crossbar_lanes {
    /* acc[i] += sum over r of scale[r] base[row[r] lanes + i], in the order of r; scale NULL: 1. */
    void (*add)(double *acc, const double *base, const uint32_t *row, const double *scale, uint32_t rows,
                uint32_t lanes);
    /* acc[i] += sqrt(variance[i]) normal[i] */
    void (*noise)(double *acc, const double *variance, const double *normal, uint32_t lanes);
    /* value[i] = lsb x code of value[i] */
    void (*convert)(double *value, const double *offset, const struct arch_crossbar_codes *codes,
                    uint32_t lanes);
    /* acc[i] += weight x value[i] */
    void (*gather)(double *acc, const double *value, double weight, uint32_t lanes);
    /* to[i] = the integer nearest to value[i], within 32 bits */
    void (*whole)(int32_t *to, const double *value, uint32_t lanes);
    /* In single precision; `lanes` is a multiple of 64. acc[i] += sum over r of base[row[r] lanes + i] */
    void (*add_single)(float *acc, const float *base, const uint32_t *row, uint32_t rows, uint32_t lanes);
    /* to[i] = from[i] */
    void (*widen)(float *to, const int16_t *from, uint32_t lanes);
    /* value[i] = code of value[i]; lists the lanes in doubt in lane[lanes] and returns their number. */
    uint32_t (*code)(float *value, const float *offset, const struct arch_crossbar_single_codes *codes,
                     uint32_t *lane, uint32_t lanes);
    /* sum[i] = sum over p of gain[p lanes + i] code[p lanes + i], p < planes */
    void (*join)(float *sum, const float *code, const float *gain, uint32_t planes, uint32_t lanes);
    /* acc[i] += code x sum[i] + input x inputs[i] */
    void (*settle)(double *acc, const float *sum, double code, const double *inputs, double input,
                   uint32_t lanes);
    /* Voltages v[node][8] of a wire for given ones across its cells and at its terminal[8]: part = gain
     * across
     * + pull part_behind, v = part + keep v_next. `part` is scratch of [nodes][8]. Returns how far the
     * fastest voltage moved. */
    double (*wire)(double *v, const double *across, double *part, const struct arch_crossbar_line *line,
                   const double *terminal);
};

extern const struct arch_crossbar_lanes arch_crossbar_lanes_scalar, arch_crossbar_lanes_avx2,
    arch_crossbar_lanes_avx512;

const struct arch_crossbar_lanes *arch_crossbar_lanes(void);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * The operations of crossbar_lanes.h, for inclusion: the including file says for which instruction set it is
 * compiled and names the table ARCH_CROSSBAR_LANES_TABLE.
 */
#ifndef ARCH_CROSSBAR_LANES_BODY_H
#define ARCH_CROSSBAR_LANES_BODY_H

#include "arch/crossbar_lanes.h"

#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif

#define WIDTH 8u
typedef double vector __attribute__((vector_size(8 * sizeof(double)), may_alias));

/* Adding and taking off 1.5 x 2^52 rounds to an integer. */
static const double rounder = 0x1.8p52;

static inline void add_plain(double *acc, const double *base, const uint32_t *row, uint32_t rows,
                             uint32_t lanes) {
    vector *out = (vector *)acc;
    vector a = out[0], b = out[1];
    for (uint32_t r = 0; r < rows; r++) {
        const vector *in = (const vector *)(base + (size_t)row[r] * lanes);
        a += in[0];
        b += in[1];
    }
    out[0] = a;
    out[1] = b;
}

static inline void add_scaled(double *acc, const double *base, const uint32_t *row, const double *scale,
                              uint32_t rows, uint32_t lanes) {
    vector *out = (vector *)acc;
    vector a = out[0], b = out[1];
    for (uint32_t r = 0; r < rows; r++) {
        const vector *in = (const vector *)(base + (size_t)row[r] * lanes);
        a += in[0] * scale[r];
        b += in[1] * scale[r];
    }
    out[0] = a;
    out[1] = b;
}

static void add(double *acc, const double *base, const uint32_t *row, const double *scale, uint32_t rows,
                uint32_t lanes) {
    for (uint32_t i = 0; i < lanes; i += 2 * WIDTH) {
        if (scale == NULL)
            add_plain(acc + i, base + i, row, rows, lanes);
        else
            add_scaled(acc + i, base + i, row, scale, rows, lanes);
    }
}

static void noise(double *acc, const double *variance, const double *normal, uint32_t lanes) {
    for (uint32_t i = 0; i < lanes; i += WIDTH)
        for (uint32_t j = 0; j < WIDTH; j++)
            acc[i + j] += __builtin_sqrt(variance[i + j]) * normal[i + j];
}

static void convert(double *value, const double *offset, const struct arch_crossbar_codes *codes,
                    uint32_t lanes) {
    double low = codes->low, high = codes->high, lsb = codes->lsb;
    for (uint32_t i = 0; i < lanes; i += WIDTH) {
        double code[WIDTH];
        for (uint32_t j = 0; j < WIDTH; j++)
            code[j] = value[i + j] / lsb + offset[i + j];
        for (uint32_t j = 0; j < WIDTH; j++) {
            code[j] = code[j] < low ? low : code[j];
            code[j] = code[j] > high ? high : code[j];
        }
        for (uint32_t j = 0; j < WIDTH; j++)
            value[i + j] = (code[j] + rounder - rounder) * lsb;
    }
}

static double wire(double *v, const double *across, double *part, const struct arch_crossbar_line *line,
                   const double *terminal) {
    vector *out = (vector *)v, *scratch = (vector *)part, behind = {0}, next = *(const vector *)terminal;
    const vector *in = (const vector *)across;
    double most[WIDTH] = {0}, moved = 0;
    int64_t node = line->first;
    for (uint32_t i = 0; i < line->nodes; i++, node += line->step)
        scratch[i] = behind = line->gain[node] * in[node] + line->pull[node] * behind;
    for (uint32_t i = line->nodes; i-- > 0;) {
        node -= line->step;
        next = scratch[i] + line->keep[node] * next;
        vector change = next - out[node];
        for (uint32_t j = 0; j < WIDTH; j++) {
            double size = __builtin_fabs(change[j]);
            most[j] = size > most[j] ? size : most[j];
        }
        out[node] = next;
    }
    for (uint32_t j = 0; j < WIDTH; j++)
        moved = most[j] > moved ? most[j] : moved;
    return moved;
}

const struct arch_crossbar_lanes ARCH_CROSSBAR_LANES_TABLE = {add, noise, convert, wire};

#endif

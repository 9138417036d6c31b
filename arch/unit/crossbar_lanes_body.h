/* SPDX-License-Identifier: MIT
 *
 * The operations of crossbar_lanes.h, for inclusion: the including file says for which instruction set it is
 * compiled and names the table ARCH_CROSSBAR_LANES_TABLE.
 */
#ifndef ARCH_UNIT_CROSSBAR_LANES_BODY_H
#define ARCH_UNIT_CROSSBAR_LANES_BODY_H

#include "arch/unit/crossbar_lanes.h"

#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif

#define WIDTH 8u
typedef double vector __attribute__((vector_size(8 * sizeof(double)), may_alias));

typedef int64_t longs __attribute__((vector_size(8 * sizeof(int64_t)))); /* -1 or 0 */
typedef int32_t ints __attribute__((vector_size(8 * sizeof(int32_t)), may_alias));
typedef float halves __attribute__((vector_size(8 * sizeof(float)), may_alias));

/* Adding and taking off 1.5 x 2^52, 1.5 x 2^23, rounds to an integer. */
static const double rounder = 0x1.8p52;
static const float single_rounder = 0x1.8p23f;

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

static void gather(double *acc, const double *value, double weight, uint32_t lanes) {
    for (uint32_t i = 0; i < lanes; i += WIDTH)
        *(vector *)(acc + i) += weight * *(const vector *)(value + i);
}

static void whole(int32_t *to, const double *value, uint32_t lanes) {
    const vector low = (vector){0} + INT32_MIN, high = (vector){0} + INT32_MAX;
    for (uint32_t i = 0; i < lanes; i += WIDTH) {
        vector x = *(const vector *)(value + i);
        longs below = x < low, above = x > high;
        longs kept = (~(below | above) & (longs)x) | (below & (longs)low) | (above & (longs)high);
        *(ints *)(to + i) = __builtin_convertvector((vector)kept + rounder - rounder, ints);
    }
}

#define SINGLES 16u
typedef float singles __attribute__((vector_size(16 * sizeof(float)), may_alias));
typedef int16_t shorts __attribute__((vector_size(16 * sizeof(int16_t)), may_alias));
typedef int32_t truths __attribute__((vector_size(16 * sizeof(int32_t)), may_alias)); /* -1 or 0 */

static void add_single(float *acc, const float *base, const uint32_t *row, uint32_t rows, uint32_t lanes) {
    for (uint32_t i = 0; i < lanes; i += 4 * SINGLES) {
        singles *out = (singles *)(acc + i);
        singles a = out[0], b = out[1], c = out[2], d = out[3];
        for (uint32_t r = 0; r < rows; r++) {
            const singles *in = (const singles *)(base + (size_t)row[r] * lanes + i);
            a += in[0];
            b += in[1];
            c += in[2];
            d += in[3];
        }
        out[0] = a;
        out[1] = b;
        out[2] = c;
        out[3] = d;
    }
}

static void widen(float *to, const int16_t *from, uint32_t lanes) {
    for (uint32_t i = 0; i < lanes; i += SINGLES)
        *(singles *)(to + i) = __builtin_convertvector(*(const shorts *)(from + i), singles);
}

/* x[i] = limit[i] where `which` says so. */
static inline void choose(singles *x, const truths *which, const singles *limit) {
    truths kept = ~*which & *(const truths *)x;
    *(truths *)x = kept | (*which & *(const truths *)limit);
}

/* Rounds 16 lanes; not 0 in those whose distance from the code is above `sure`. */
static inline void round_singles(float *value, const float *offset,
                                 const struct arch_crossbar_single_codes *codes, float sure, truths *doubt) {
    singles *at = (singles *)value;
    singles exact = *at * codes->per_step + *(const singles *)offset;
    singles low = (singles){0} + codes->low, high = (singles){0} + codes->high;
    truths below = exact < low, above = exact > high;
    choose(&exact, &below, &low);
    choose(&exact, &above, &high);
    *at = exact + single_rounder - single_rounder;
    singles away = exact - *at;
    *doubt = (away > sure) | (away < -sure);
}

static uint32_t code(float *value, const float *offset, const struct arch_crossbar_single_codes *codes,
                     uint32_t *lane, uint32_t lanes) {
    float sure = 0.5f - codes->doubt;
    uint32_t count = 0;
    for (uint32_t i = 0; i < lanes; i += 4 * SINGLES) {
        truths doubt[4], any = {0};
        for (uint32_t k = 0; k < 4; k++) {
            uint32_t from = i + k * SINGLES;
            round_singles(value + from, offset + from, codes, sure, &doubt[k]);
            any |= doubt[k];
        }
        int32_t found = 0;
        for (uint32_t j = 0; j < SINGLES; j++)
            found |= any[j];
        for (uint32_t j = 0; found != 0 && j < 4 * SINGLES; j++)
            if (doubt[j / SINGLES][j % SINGLES])
                lane[count++] = i + j;
    }
    return count;
}

static void join(float *sum, const float *code, const float *gain, uint32_t planes, uint32_t lanes) {
    for (uint32_t i = 0; i < lanes; i += SINGLES) {
        singles all = {0};
        for (uint32_t p = 0; p < planes; p++)
            all += *(const singles *)(gain + p * lanes + i) * *(const singles *)(code + p * lanes + i);
        *(singles *)(sum + i) = all;
    }
}

static void settle(double *acc, const float *sum, double code, const double *inputs, double input,
                   uint32_t lanes) {
    for (uint32_t i = 0; i < lanes; i += WIDTH)
        *(vector *)(acc + i) += __builtin_convertvector(*(const halves *)(sum + i), vector) * code +
                                *(const vector *)(inputs + i) * input;
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

const struct arch_crossbar_lanes ARCH_CROSSBAR_LANES_TABLE = {
    add, noise, convert, gather, whole, add_single, widen, code, join, settle, wire};

#endif

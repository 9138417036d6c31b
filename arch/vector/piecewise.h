/* SPDX-License-Identifier: MIT
 *
 * Piecewise-linear approximation: a function cut into segments, a slope and a bias for each,
 *
 *     y = slope[k] * x + bias[k]       k = number of breakpoints <= x
 *
 * as approximators in hardware compute it (NN-LUT, arXiv 2112.02191; NOVA, arXiv 2405.04206). The lines of
 * neighbouring segments need not meet. Each line is the best one for its segment (least largest error, by an
 * exchange of three points), over a grid of the range. Two ways to cut:
 *
 *     uniform   equal segments; the index is the top bits of x
 *     minimax   least largest error of all cuts: the smallest error for which the longest feasible segments,
 *               one after another, are no more than allowed (exact on the grid, by bisection)
 *
 * `arch_fixed` is the same table in integers, which is what the hardware holds: words of `bits` bits, each
 * kind with as many fraction bits as its largest value leaves room for, and
 *
 *     y = ((slope * x + half) >> (slope_fraction + x_fraction - y_fraction)) + bias, saturated.
 */
#ifndef ARCH_VECTOR_PIECEWISE_H
#define ARCH_VECTOR_PIECEWISE_H

#include "arch/vector/scalar_function.h"
#include "sim/base/arena.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ARCH_SEGMENTS_MAX 256u
#define ARCH_WORD_MIN 4u
#define ARCH_WORD_MAX 24u

enum arch_cut { ARCH_CUT_UNIFORM, ARCH_CUT_MINIMAX, ARCH_CUT_COUNT };

extern const char *const arch_cut_name[ARCH_CUT_COUNT + 1];

struct arch_piecewise {
    const struct arch_scalar_function *function;
    uint32_t segments;
    double breakpoint[ARCH_SEGMENTS_MAX]; /* [segments - 1], ascending */
    double slope[ARCH_SEGMENTS_MAX], bias[ARCH_SEGMENTS_MAX];
};

/* Fits 1 .. ARCH_SEGMENTS_MAX segments. */
void arch_piecewise_fit(struct arch_piecewise *to, enum arch_scalar function, uint32_t segments,
                        enum arch_cut cut);

double arch_piecewise_value(const struct arch_piecewise *pieces, double x);

/* Largest and root-mean-square error within the range, on a grid of its own. */
struct arch_error {
    double most, rms;
};

struct arch_error arch_piecewise_error(const struct arch_piecewise *pieces);

struct arch_fixed {
    const struct arch_scalar_function *function;
    uint32_t segments, bits;
    int x_fraction, y_fraction, slope_fraction;
    int32_t low, high; /* the range, in x */
    int32_t breakpoint[ARCH_SEGMENTS_MAX], slope[ARCH_SEGMENTS_MAX], bias[ARCH_SEGMENTS_MAX];
};

/* Rounds a table to words of ARCH_WORD_MIN .. ARCH_WORD_MAX bits. */
void arch_fixed_init(struct arch_fixed *to, const struct arch_piecewise *pieces, uint32_t bits);

/* x as a lane sees it: within its word, clamped to the range unless the function extends. */
int32_t arch_fixed_clamp(const struct arch_fixed *table, int64_t x);

/* The segment of x: what the comparators find. */
uint32_t arch_fixed_segment(const struct arch_fixed *table, int32_t x);

/* The multiply-add, with a slope and bias from wherever they come. */
int32_t arch_fixed_line(const struct arch_fixed *table, int32_t slope, int32_t bias, int32_t x);

/* The three together: x with x_fraction, the result with y_fraction fraction bits. */
int32_t arch_fixed_value(const struct arch_fixed *table, int64_t x);

/* Against the exact function, over every x of the range that the word has (every 2^k-th beyond 16 bits). */
struct arch_error arch_fixed_error(const struct arch_fixed *table);

#ifdef __cplusplus
}
#endif

#endif

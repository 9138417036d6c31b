/* SPDX-License-Identifier: MIT
 *
 * Piecewise-linear tables in fixed point; see piecewise.h.
 */
#include "arch/vector/fixed_point.h"
#include "arch/vector/piecewise.h"

#include <assert.h>
#include <math.h>

/* The most fraction bits with which values up to `most` fit a signed word; 1 may become 1 - 2^-(bits - 1). */
static int fraction_of(double most, uint32_t bits) {
    int exponent;
    double mantissa = frexp(most, &exponent); /* most = mantissa * 2^exponent */
    if (mantissa == 0.5)
        exponent--; /* a power of two may saturate by one step */
    return (int)bits - 1 - exponent;
}

static int32_t quantise(double value, int fraction, uint32_t bits) {
    return arch_saturate(llround(ldexp(value, fraction)), bits);
}

void arch_fixed_init(struct arch_fixed *to, const struct arch_piecewise *pieces, uint32_t bits) {
    assert(bits >= ARCH_WORD_MIN && bits <= ARCH_WORD_MAX);
    const struct arch_scalar_function *function = pieces->function;
    double slope = 0, y = 0;
    for (uint32_t k = 0; k < pieces->segments; k++) {
        slope = fmax(slope, fabs(pieces->slope[k]));
        y = fmax(y, fabs(pieces->bias[k]));
    }
    y = fmax(y, fmax(fabs(function->value(function->low)), fabs(function->value(function->high))));
    to->function = function;
    to->segments = pieces->segments;
    to->bits = bits;
    to->x_fraction = fraction_of(fmax(fabs(function->low), fabs(function->high)), bits);
    to->y_fraction = fraction_of(y, bits);
    to->slope_fraction = fraction_of(slope, bits);
    to->low = quantise(function->low, to->x_fraction, bits);
    to->high = quantise(function->high, to->x_fraction, bits);
    for (uint32_t k = 0; k < pieces->segments; k++) {
        to->slope[k] = quantise(pieces->slope[k], to->slope_fraction, bits);
        to->bias[k] = quantise(pieces->bias[k], to->y_fraction, bits);
        if (k + 1 < pieces->segments)
            to->breakpoint[k] = quantise(pieces->breakpoint[k], to->x_fraction, bits);
    }
}

int32_t arch_fixed_clamp(const struct arch_fixed *table, int64_t x) {
    if (table->function->extends)
        return arch_saturate(x, table->bits);
    return (int32_t)(x < table->low ? table->low : x > table->high ? table->high : x);
}

uint32_t arch_fixed_segment(const struct arch_fixed *table, int32_t x) {
    uint32_t k = 0;
    while (k + 1 < table->segments && table->breakpoint[k] <= x)
        k++;
    return k;
}

int32_t arch_fixed_line(const struct arch_fixed *table, int32_t slope, int32_t bias, int32_t x) {
    int exponent = table->y_fraction - table->slope_fraction - table->x_fraction;
    return arch_saturate(arch_shift_round((int64_t)slope * x, exponent) + bias, table->bits);
}

int32_t arch_fixed_value(const struct arch_fixed *table, int64_t x) {
    int32_t inside = arch_fixed_clamp(table, x);
    uint32_t k = arch_fixed_segment(table, inside);
    return arch_fixed_line(table, table->slope[k], table->bias[k], inside);
}

struct arch_error arch_fixed_error(const struct arch_fixed *table) {
    struct arch_error error = {0, 0};
    int64_t stride = table->bits > 16 ? INT64_C(1) << (table->bits - 16) : 1;
    uint64_t points = 0;
    for (int64_t x = table->low; x <= table->high; x += stride, points++) {
        double exact = table->function->value(ldexp((double)x, -table->x_fraction));
        double e = fabs(ldexp(arch_fixed_value(table, x), -table->y_fraction) - exact);
        error.most = fmax(error.most, e);
        error.rms += e * e;
    }
    error.rms = sqrt(error.rms / (double)points);
    return error;
}

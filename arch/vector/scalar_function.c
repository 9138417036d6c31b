/* SPDX-License-Identifier: MIT
 *
 * Exact values of the non-linear functions; see scalar_function.h.
 */
#include "arch/vector/scalar_function.h"

#include <math.h>

static double gelu(double x) { return 0.5 * x * erfc(-x * M_SQRT1_2); }
static double silu(double x) { return x / (1 + exp(-x)); }
static double softplus(double x) { return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)); }
static double reciprocal(double x) { return 1 / x; }
static double rsqrt(double x) { return 1 / sqrt(x); }

const struct arch_scalar_function arch_scalar_function[ARCH_SCALAR_COUNT] = {
    [ARCH_SCALAR_EXP] = {"exp", "e^x of what the row's maximum was taken off", -8, 0, false, exp},
    [ARCH_SCALAR_GELU] = {"gelu", "x times the normal distribution function, by erf", -8, 8, true, gelu},
    [ARCH_SCALAR_SILU] = {"silu", "x / (1 + e^-x)", -8, 8, true, silu},
    [ARCH_SCALAR_SOFTPLUS] = {"softplus", "ln(1 + e^x)", -8, 8, true, softplus},
    [ARCH_SCALAR_RECIPROCAL] = {"reciprocal", "1 / x of a mantissa", 1, 2, false, reciprocal},
    [ARCH_SCALAR_RSQRT] = {"rsqrt", "1 / sqrt(x) of a mantissa", 1, 4, false, rsqrt},
};

const char *const arch_scalar_name[ARCH_SCALAR_COUNT + 1] = {"exp",      "gelu",       "silu",
                                                             "softplus", "reciprocal", "rsqrt"};

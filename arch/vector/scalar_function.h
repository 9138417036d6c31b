/* SPDX-License-Identifier: MIT
 *
 * The non-linear functions of transformers that hardware approximates, with their exact values (libm).
 *
 * Each has the range over which a table is fitted. Operators bring their arguments there: softmax takes the
 * row's maximum off before exp; reciprocal and reciprocal square root get a mantissa, whose power of two is
 * shifted back. Beyond the range an argument is clamped, or, where the function goes on as a straight line
 * (`extends`), the first or last line goes on.
 */
#ifndef ARCH_VECTOR_SCALAR_FUNCTION_H
#define ARCH_VECTOR_SCALAR_FUNCTION_H

#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

enum arch_scalar {
    ARCH_SCALAR_EXP,
    ARCH_SCALAR_GELU,
    ARCH_SCALAR_SILU,
    ARCH_SCALAR_SOFTPLUS,
    ARCH_SCALAR_RECIPROCAL,
    ARCH_SCALAR_RSQRT,
    ARCH_SCALAR_COUNT
};

struct arch_scalar_function {
    const char *name, *help;
    double low, high; /* of the table */
    bool extends;
    double (*value)(double);
};

extern const struct arch_scalar_function arch_scalar_function[ARCH_SCALAR_COUNT];

/* Their names; ends with NULL. */
extern const char *const arch_scalar_name[ARCH_SCALAR_COUNT + 1];

#ifdef __cplusplus
}
#endif

#endif

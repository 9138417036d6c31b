/* SPDX-License-Identifier: MIT
 *
 * Fixed-point arithmetic of the lanes: shifts that round down, and what a leading-one detector gives.
 */
#ifndef ARCH_VECTOR_FIXED_POINT_H
#define ARCH_VECTOR_FIXED_POINT_H

#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ARCH_FIXED_LARGE (INT64_C(1) << 61)

/* floor(value * 2^exponent), within +-2^61; |value| <= 2^61. */
static inline int64_t arch_shift(int64_t value, int exponent) {
    if (exponent < 0)
        return exponent < -62 ? (value < 0 ? -1 : 0) : value >> -exponent;
    if (value == 0 || exponent == 0)
        return value;
    if (exponent > 61 || value > ARCH_FIXED_LARGE >> exponent || value < -(ARCH_FIXED_LARGE >> exponent))
        return value < 0 ? -ARCH_FIXED_LARGE : ARCH_FIXED_LARGE;
    return value * (INT64_C(1) << exponent);
}

/* The same, rounded to nearest, halves up. */
static inline int64_t arch_shift_round(int64_t value, int exponent) {
    if (exponent >= 0)
        return arch_shift(value, exponent);
    return exponent < -62 ? 0 : (value + (INT64_C(1) << (-exponent - 1))) >> -exponent;
}

/* The nearest value of a signed word of `bits` bits (2 .. 32). */
static inline int32_t arch_saturate(int64_t value, uint32_t bits) {
    int64_t most = (INT64_C(1) << (bits - 1)) - 1;
    return (int32_t)(value > most ? most : value < -most - 1 ? -most - 1 : value);
}

/* Of value > 0: floor, ceiling and nearest of log2. */
static inline int arch_log2_floor(uint64_t value) { return 63 - __builtin_clzll(value); }
static inline int arch_log2_ceil(uint64_t value) {
    return value == 1 ? 0 : 64 - __builtin_clzll(value - 1);
}
static inline int arch_log2_round(uint64_t value) {
    __extension__ typedef unsigned __int128 wide;
    int floor = arch_log2_floor(value); /* up when the mantissa is sqrt(2) or more */
    return floor + ((wide)value * value >> (2 * floor + 1) != 0);
}

/* floor(sqrt(value)). */
static inline uint32_t arch_square_root(uint64_t value) {
    uint64_t root = 0;
    for (uint64_t bit = UINT64_C(1) << 31; bit != 0; bit >>= 1)
        if ((root | bit) * (root | bit) <= value)
            root |= bit;
    return (uint32_t)root;
}

#ifdef __cplusplus
}
#endif

#endif

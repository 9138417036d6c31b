/* SPDX-License-Identifier: MIT
 *
 * Numbers as text, in the way of the C locale whatever the locale is, strict when reading (no inf, nan,
 * leading blanks, octal, trailing junk), and exact: a decimal is rounded once.
 */
#ifndef SIM_BASE_NUMBER_H
#define SIM_BASE_NUMBER_H

#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* "4096", "0x1000". False on anything else or beyond 64 bits. */
bool sim_number_uint(const char *text, uint64_t *value);

/* "-12", "4096", "0x1000". False on anything else or beyond 64 bits. */
bool sim_number_int(const char *text, int64_t *value);

/* "0.5", "-3", "1e-9". False on anything else, and when the value is too large or too small for double. */
bool sim_number_real(const char *text, double *value);

/* Length of the decimal number at the start of `text`; 0 when there is none. */
size_t sim_number_length(const char *text);

/* The decimal number of that length, times 10^exponent, rounded once. False as sim_number_real. */
bool sim_number_scale(const char *text, size_t length, int exponent, double *value);

/* A finite value as digits: d.ddd x 10^exponent, without trailing zeros; "0" for zero. */
struct sim_decimal {
    bool negative;
    int exponent, count;
    char digit[24]; /* count digits, then NUL */
};

/* The value rounded to `digits` significant digits, or, with digits = 0, with the fewest digits that read
 * back as the same value. */
struct sim_decimal sim_decimal_of(double value, int digits);

/* Prints it: plain where that is short, otherwise with an exponent ("1.5e-07"). Returns buffer. */
char *sim_decimal_print(const struct sim_decimal *decimal, char *buffer, size_t size);

/* Both in one: the value with the fewest digits that read back as the same value; "inf", "nan". */
char *sim_number_format(char *buffer, size_t size, double value);

/* A part of one as a signed percentage, of two decimals for instance "+1.25 %", "-0.50 %"; zero has no sign,
 * nor has what is rounded to it ("0.00 %"). NaN and infinities as sim_number_format. Returns buffer. */
char *sim_number_percent(char *buffer, size_t size, double part, int decimals);

/* What ends a regular noun behind `count`: "" of one, "s" of any other number. */
static inline const char *sim_plural(uint64_t count) { return count == 1 ? "" : "s"; }


#ifdef __cplusplus
}
#endif

#endif

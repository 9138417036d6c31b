/* SPDX-License-Identifier: MIT
 *
 * Numbers as text; see number.h. glibc's strtod and printf do the rounding; the locale is kept out by
 * strtod_l on the way in and by picking the digits out of "%e" on the way out.
 */
#define _GNU_SOURCE /* strtod_l */
#include "sim/base/number.h"

#include <assert.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_CHARS 64     /* longest mantissa accepted */
#define EXPONENT_MAX 100000 /* exponents saturate here; double ends at 308 */

static locale_t c_locale;

static void open_locale(void) {
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c_locale == (locale_t)0)
        abort();
}

static double to_double(const char *text) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, open_locale);
    return strtod_l(text, NULL, c_locale);
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static int hex_digit(char c) {
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool sim_number_uint(const char *text, uint64_t *value) {
    bool hex = text[0] == '0' && text[1] == 'x';
    uint64_t base = hex ? 16 : 10, sum = 0;
    const char *c = hex ? text + 2 : text;
    if (*c == '\0' || (!hex && c[0] == '0' && c[1] != '\0'))
        return false;
    for (; *c != '\0'; c++) {
        int digit = hex ? hex_digit(*c) : is_digit(*c) ? *c - '0' : -1;
        if (digit < 0 || sum > (UINT64_MAX - (uint64_t)digit) / base)
            return false;
        sum = sum * base + (uint64_t)digit;
    }
    *value = sum;
    return true;
}

bool sim_number_int(const char *text, int64_t *value) {
    bool negative = text[0] == '-';
    uint64_t size;
    if (!sim_number_uint(text + negative, &size) || size > (uint64_t)INT64_MAX + negative)
        return false;
    *value = negative ? -(int64_t)(size - 1) - 1 : (int64_t)size;
    if (size == 0)
        *value = 0;
    return true;
}

size_t sim_number_length(const char *text) {
    size_t at = text[0] == '-' || text[0] == '+', digits = 0;
    for (; is_digit(text[at]); at++)
        digits++;
    if (text[at] == '.')
        for (at++; is_digit(text[at]); at++)
            digits++;
    if (digits == 0)
        return 0;
    size_t mark = at;
    if (text[at] != 'e' && text[at] != 'E')
        return at;
    at += 1 + (text[at + 1] == '-' || text[at + 1] == '+');
    if (!is_digit(text[at]))
        return mark;
    while (is_digit(text[at]))
        at++;
    return at;
}

bool sim_number_scale(const char *text, size_t length, int exponent, double *value) {
    size_t mantissa = strcspn(text, "eE");
    mantissa = mantissa < length ? mantissa : length;
    if (mantissa == 0 || mantissa > NUMBER_CHARS)
        return false;
    long own = 0;
    if (mantissa < length) {
        bool negative = text[mantissa + 1] == '-';
        for (size_t i = mantissa + 1; i < length; i++)
            if (is_digit(text[i]) && own < EXPONENT_MAX)
                own = own * 10 + (text[i] - '0');
        own = negative ? -own : own;
    }
    char buffer[NUMBER_CHARS + 16];
    snprintf(buffer, sizeof buffer, "%.*se%ld", (int)mantissa, text, own + exponent);
    double result = to_double(buffer);
    bool zero = strcspn(buffer, "123456789e") == mantissa;
    if (!isfinite(result) || (!zero && fabs(result) < DBL_MIN))
        return false;
    *value = zero ? 0.0 : result;
    return true;
}

bool sim_number_real(const char *text, double *value) {
    size_t length = sim_number_length(text);
    return length != 0 && text[length] == '\0' && sim_number_scale(text, length, 0, value);
}

static struct sim_decimal digits_of(double value, int digits) {
    char text[40];
    snprintf(text, sizeof text, "%.*e", digits - 1, fabs(value));
    struct sim_decimal decimal = {.negative = value < 0};
    const char *c = text;
    for (; *c != 'e'; c++)
        if (is_digit(*c))
            decimal.digit[decimal.count++] = *c;
    decimal.exponent = atoi(c + 1);
    while (decimal.count > 1 && decimal.digit[decimal.count - 1] == '0')
        decimal.count--;
    decimal.digit[decimal.count] = '\0';
    return decimal;
}

static double value_of(const struct sim_decimal *decimal) {
    char text[48];
    snprintf(text, sizeof text, "%s%se%d", decimal->negative ? "-" : "", decimal->digit,
             decimal->exponent - (decimal->count - 1));
    return to_double(text);
}

struct sim_decimal sim_decimal_of(double value, int digits) {
    assert(isfinite(value) && digits >= 0 && digits <= DBL_DECIMAL_DIG);
    if (digits != 0)
        return digits_of(value, digits);
    struct sim_decimal decimal = digits_of(value, 1);
    for (int count = 2; count <= DBL_DECIMAL_DIG && value_of(&decimal) != value; count++)
        decimal = digits_of(value, count);
    return decimal;
}

char *sim_decimal_print(const struct sim_decimal *decimal, char *buffer, size_t size) {
    const char *sign = decimal->negative ? "-" : "", *digit = decimal->digit;
    int exponent = decimal->exponent, count = decimal->count, whole = exponent + 1;
    if (exponent < -4 || exponent > 15)
        snprintf(buffer, size, "%s%c%s%se%+03d", sign, digit[0], count > 1 ? "." : "", digit + 1,
                 exponent);
    else if (whole <= 0)
        snprintf(buffer, size, "%s0.%.*s%s", sign, -whole, "0000", digit);
    else if (whole >= count)
        snprintf(buffer, size, "%s%s%.*s", sign, digit, whole - count, "000000000000000");
    else
        snprintf(buffer, size, "%s%.*s.%s", sign, whole, digit, digit + whole);
    return buffer;
}

char *sim_number_format(char *buffer, size_t size, double value) {
    if (!isfinite(value)) {
        snprintf(buffer, size, "%s", isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
        return buffer;
    }
    struct sim_decimal decimal = sim_decimal_of(value, 0);
    return sim_decimal_print(&decimal, buffer, size);
}

char *sim_number_percent(char *buffer, size_t size, double part, int decimals) {
    char text[352]; /* the largest double has 309 digits before the point */
    if (!isfinite(100 * part))
        return sim_number_format(buffer, size, part);
    snprintf(text, sizeof text, "%+.*f", decimals, 100 * part);
    bool zero = text[strcspn(text, "123456789")] == '\0';
    snprintf(buffer, size, "%s %%", zero ? text + 1 : text);
    return buffer;
}

/* SPDX-License-Identifier: MIT
 *
 * Numbers and quantities as text: exact both ways, strict, and the same in every locale.
 */
#include "sim/base/number.h"
#include "sim/base/rng.h"
#include "sim/config/quantity.h"

#include "test/suite.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *text;
    enum sim_unit unit;
    double value;
} good[] = {
    {"120 kHz", SIM_UNIT_HERTZ, 120e3},
    {"120kHz", SIM_UNIT_HERTZ, 120e3},
    {"28.125 MHz", SIM_UNIT_HERTZ, 28.125e6},
    {"1 GHz", SIM_UNIT_HERTZ, 1e9},
    {"2 THz", SIM_UNIT_HERTZ, 2e12},
    {"5 ns", SIM_UNIT_SECOND, 5e-9},
    {"7 as", SIM_UNIT_SECOND, 7e-18},
    {"1 mm", SIM_UNIT_METRE, 1e-3},
    {"1 m", SIM_UNIT_METRE, 1},
    {"3 um", SIM_UNIT_METRE, 3e-6},
    {"3 \xC2\xB5m", SIM_UNIT_METRE, 3e-6},  /* micro sign */
    {"3 \xCE\xBCm", SIM_UNIT_METRE, 3e-6},  /* Greek mu */
    {"12 um2", SIM_UNIT_SQUARE_METRE, 12e-12},
    {"12 um^2", SIM_UNIT_SQUARE_METRE, 12e-12},
    {"1 mm\xC2\xB2", SIM_UNIT_SQUARE_METRE, 1e-6},
    {"0.9 V", SIM_UNIT_VOLT, 0.9},
    {"-10 uA", SIM_UNIT_AMPERE, -10e-6},
    {"2 kOhm", SIM_UNIT_OHM, 2e3},
    {"2 k\xCE\xA9", SIM_UNIT_OHM, 2e3},
    {"50 uS", SIM_UNIT_SIEMENS, 50e-6},
    {"0.2 fF", SIM_UNIT_FARAD, 0.2e-15},
    {"3.2 pJ", SIM_UNIT_JOULE, 3.2e-12},
    {"3.0 pJ/bit", SIM_UNIT_JOULE_PER_BIT, 3.0e-12},
    {"8 pJ/kbit", SIM_UNIT_JOULE_PER_BIT, 8e-15},
    {"40.4 fJ/bit/mm", SIM_UNIT_JOULE_PER_BIT_METRE, 40.4e-12},
    {"1.26 mW", SIM_UNIT_WATT, 1.26e-3},
    {"300 K", SIM_UNIT_KELVIN, 300},
    {"4 KiB", SIM_UNIT_BYTE, 4096},
    {"4 kB", SIM_UNIT_BYTE, 4000},
    {"1.5 MiB", SIM_UNIT_BYTE, 1572864},
    {"1e-3 MHz", SIM_UNIT_HERTZ, 1000},
    {"1e5 aJ", SIM_UNIT_JOULE, 1e-13},
    {".5 V", SIM_UNIT_VOLT, 0.5},
    {"+5. V", SIM_UNIT_VOLT, 5},
    {"0.25", SIM_UNIT_NONE, 0.25},
};

START_TEST(good_quantities_are_exact) {
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        double value = NAN;
        char why[SIM_QUANTITY_SIZE] = "";
        ck_assert_msg(sim_quantity_parse(good[i].text, good[i].unit, &value, why), "%s: %s",
                      good[i].text, why);
        ck_assert_msg(value == good[i].value, "%s is %.17g", good[i].text, value);
    }
}
END_TEST

START_TEST(bad_quantities_say_what_is_expected) {
    static const struct {
        const char *text;
        enum sim_unit unit;
        const char *why;
    } bad[] = {
        {"120", SIM_UNIT_HERTZ, "'120' has no unit: a frequency such as '120 kHz' is expected"},
        {"120 khz", SIM_UNIT_HERTZ, "has the unknown unit 'khz' (did you mean 'kHz'?)"},
        {"120 mhz", SIM_UNIT_HERTZ, "(did you mean 'MHz'?)"},
        {"120 xHz", SIM_UNIT_HERTZ, "has the unknown unit 'xHz'"},
        {"120 kHz!", SIM_UNIT_HERTZ, "has the unknown unit 'kHz!'"},
        {"120 kHz kHz", SIM_UNIT_HERTZ, "has the unknown unit"},
        {"120 V", SIM_UNIT_HERTZ, "'120 V' is a voltage: a frequency"},
        {"3 pJ", SIM_UNIT_JOULE_PER_BIT, "is an energy: an energy per bit such as '3.0 pJ/bit'"},
        {"3 pJ/bit/", SIM_UNIT_JOULE_PER_BIT, "unknown unit"},
        {"3 pJ/bit/mm", SIM_UNIT_JOULE_PER_BIT, "is an energy per bit and length"},
        {"3 pJ/mm/bit", SIM_UNIT_JOULE_PER_BIT_METRE, "unknown unit"},
        {"1 mm", SIM_UNIT_SQUARE_METRE, "is a length: an area such as '12 um2'"},
        {"1 mm2", SIM_UNIT_METRE, "is an area: a length"},
        {"3 mB", SIM_UNIT_BYTE, "unknown unit 'mB'"},
        {"3 KiHz", SIM_UNIT_HERTZ, "unknown unit 'KiHz'"},
        {"", SIM_UNIT_VOLT, "does not begin with a number"},
        {"V", SIM_UNIT_VOLT, "does not begin with a number"},
        {"nan V", SIM_UNIT_VOLT, "does not begin with a number"},
        {"inf V", SIM_UNIT_VOLT, "does not begin with a number"},
        {" 1 V", SIM_UNIT_VOLT, "does not begin with a number"},
        {"--1 V", SIM_UNIT_VOLT, "does not begin with a number"},
        {". V", SIM_UNIT_VOLT, "does not begin with a number"},
        {"0x10 V", SIM_UNIT_VOLT, "unknown unit"},
        {"1,5 V", SIM_UNIT_VOLT, "unknown unit ',5 V'"},
        {"1e V", SIM_UNIT_VOLT, "unknown unit 'e V'"},
        {"1e309 V", SIM_UNIT_VOLT, "is too large"},
        {"1e300 TV", SIM_UNIT_VOLT, "is too large"},
        {"1e-320 V", SIM_UNIT_VOLT, "too small"},
        {"1e99999999999999999999 V", SIM_UNIT_VOLT, "is too large"},
        {"0.5 V", SIM_UNIT_NONE, "is not a bare number"},
        {"1 ", SIM_UNIT_NONE, "is not a bare number"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double value = 42;
        char why[SIM_QUANTITY_SIZE] = "";
        ck_assert_msg(!sim_quantity_parse(bad[i].text, bad[i].unit, &value, why), "'%s' is %g",
                      bad[i].text, value);
        ck_assert_msg(strstr(why, bad[i].why) != NULL, "'%s': %s", bad[i].text, why);
        ck_assert(value == 42);
    }
}
END_TEST

START_TEST(hostile_texts_stay_short) {
    char text[70000], why[SIM_QUANTITY_SIZE];
    double value;
    for (int fill = 1; fill < 256; fill++) {
        memset(text, fill, sizeof text - 1);
        text[sizeof text - 1] = '\0';
        ck_assert(!sim_quantity_parse(text, SIM_UNIT_JOULE, &value, why));
        text[0] = '1';
        text[1] = ' ';
        ck_assert(!sim_quantity_parse(text, SIM_UNIT_JOULE, &value, why));
        ck_assert_uint_lt(strlen(why), SIM_QUANTITY_SIZE);
    }
}
END_TEST

START_TEST(reports_have_three_digits) {
    static const struct {
        double value;
        enum sim_unit unit;
        const char *text;
    } cases[] = {
        {1.2345e-5, SIM_UNIT_WATT, "12.3 uW"},
        {120e3, SIM_UNIT_HERTZ, "120 kHz"},
        {999.7e3, SIM_UNIT_HERTZ, "1 MHz"},
        {999.4e3, SIM_UNIT_HERTZ, "999 kHz"},
        {0, SIM_UNIT_JOULE, "0 J"},
        {-4.5678e-9, SIM_UNIT_JOULE, "-4.57 nJ"},
        {40.4e-12, SIM_UNIT_JOULE_PER_BIT_METRE, "40.4 fJ/bit/mm"},
        {12.34e-12, SIM_UNIT_SQUARE_METRE, "12.3 um2"},
        {0.5e-6, SIM_UNIT_SQUARE_METRE, "500000 um2"},
        {4096, SIM_UNIT_BYTE, "4 KiB"},
        {1234567, SIM_UNIT_BYTE, "1.23 MB"},
        {1e-25, SIM_UNIT_JOULE, "1e-07 aJ"},
        {0.12345, SIM_UNIT_NONE, "0.123"},
        {INFINITY, SIM_UNIT_JOULE, "inf J"},
        {NAN, SIM_UNIT_NONE, "nan"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[64];
        ck_assert_str_eq(
            sim_quantity_format(text, sizeof text, cases[i].value, cases[i].unit), cases[i].text);
    }
}
END_TEST

/* The exact form of a random double of any size reads back as the same double. */
START_TEST(exact_texts_read_back) {
    uint64_t rng = sim_rng_stream(1, 1);
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = sim_rng_next(&rng);
        double value, back;
        memcpy(&value, &bits, sizeof value);
        if (i % 2 != 0)
            value = ldexp(sim_rng_real(&rng), (int)sim_rng_below(&rng, 80) - 60);
        if (!isnormal(value) || fabs(value) > 1e290 || fabs(value) < 1e-290)
            continue;
        enum sim_unit unit = (enum sim_unit)sim_rng_below(&rng, SIM_UNIT_COUNT);
        char text[64], why[SIM_QUANTITY_SIZE] = "";
        sim_quantity_exact(text, sizeof text, value, unit);
        ck_assert_msg(sim_quantity_parse(text, unit, &back, why), "%.17g: %s: %s", value, text, why);
        ck_assert_msg(back == value, "%.17g -> %s -> %.17g", value, text, back);
    }
}
END_TEST

START_TEST(every_unit_reads_its_example) {
    for (int unit = 0; unit < SIM_UNIT_COUNT; unit++) {
        double value;
        char why[SIM_QUANTITY_SIZE] = "", one[64];
        ck_assert_msg(
            sim_quantity_parse(sim_unit_example((enum sim_unit)unit), (enum sim_unit)unit, &value, why),
            "%s", why);
        snprintf(one, sizeof one, "1 %s", sim_unit_symbol((enum sim_unit)unit));
        if (unit != SIM_UNIT_NONE) {
            ck_assert_msg(sim_quantity_parse(one, (enum sim_unit)unit, &value, why), "%s", why);
            ck_assert(value == 1);
        }
    }
}
END_TEST

START_TEST(the_locale_does_not_matter) {
    static const char *const locales[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", NULL};
    bool comma = false;
    for (size_t i = 0; locales[i] != NULL && !comma; i++)
        comma = setlocale(LC_ALL, locales[i]) != NULL && localeconv()->decimal_point[0] == ',';
    double value;
    char why[SIM_QUANTITY_SIZE] = "", text[64];
    ck_assert_msg(sim_quantity_parse("0.9 V", SIM_UNIT_VOLT, &value, why), "%s", why);
    ck_assert(value == 0.9);
    ck_assert_str_eq(sim_quantity_exact(text, sizeof text, 1.5e3, SIM_UNIT_HERTZ), "1.5 kHz");
    ck_assert_str_eq(sim_number_format(text, sizeof text, 0.1), "0.1");
    setlocale(LC_ALL, "C");
}
END_TEST

START_TEST(integers_are_strict) {
    static const struct {
        const char *text;
        uint64_t value;
    } numbers[] = {{"0", 0},
                   {"4096", 4096},
                   {"0x1000", 4096},
                   {"0xfF", 255},
                   {"18446744073709551615", UINT64_MAX},
                   {"0xffffffffffffffff", UINT64_MAX}};
    static const char *const refused[] = {"",     "-1", "+1", "01",  "0x",  "1 ",  " 1",
                                          "0x1g", "1.", "1e3", "abc", "18446744073709551616",
                                          "0x10000000000000000"};
    uint64_t value = 0;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        ck_assert_msg(sim_number_uint(numbers[i].text, &value), "%s", numbers[i].text);
        ck_assert_uint_eq(value, numbers[i].value);
    }
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        ck_assert_msg(!sim_number_uint(refused[i], &value), "'%s'", refused[i]);
    int64_t wide = 0;
    ck_assert(sim_number_int("-9223372036854775808", &wide) && wide == INT64_MIN);
    ck_assert(sim_number_int("9223372036854775807", &wide) && wide == INT64_MAX);
    ck_assert(sim_number_int("-0", &wide) && wide == 0);
    ck_assert(!sim_number_int("9223372036854775808", &wide));
    ck_assert(!sim_number_int("-9223372036854775809", &wide));
    ck_assert(!sim_number_int("--1", &wide) && !sim_number_int("-", &wide));
}
END_TEST

START_TEST(numbers_print_short) {
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0"},         {0.1, "0.1"},       {-0.5, "-0.5"},
                 {100, "100"},     {123456, "123456"}, {1e15, "1000000000000000"},
                 {1e16, "1e+16"},  {1e-4, "0.0001"},   {1.5e-7, "1.5e-07"},
                 {1.0 / 3, "0.3333333333333333"}};
    char text[64];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_str_eq(sim_number_format(text, sizeof text, cases[i].value), cases[i].text);
}
END_TEST

START_TEST(percentages_of_nothing_have_no_sign) {
    static const struct {
        double part;
        int decimals;
        const char *text;
    } cases[] = {{0.0125, 2, "+1.25 %"},   {-0.005, 2, "-0.50 %"}, {0, 2, "0.00 %"},
                 {-0.0, 2, "0.00 %"},      {-1e-9, 2, "0.00 %"},   {1e-9, 2, "0.00 %"},
                 {-0.00006, 2, "-0.01 %"}, {-0.0004, 1, "0.0 %"},  {-0.0006, 1, "-0.1 %"},
                 {-0.004, 0, "0 %"},       {NAN, 2, "nan"},        {-INFINITY, 2, "-inf"}};
    char text[64];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_str_eq(sim_number_percent(text, sizeof text, cases[i].part, cases[i].decimals),
                         cases[i].text);
}
END_TEST

START_TEST(one_is_singular) {
    ck_assert_str_eq(sim_plural(1), "");
    ck_assert_str_eq(sim_plural(0), "s");
    ck_assert_str_eq(sim_plural(2), "s");
    ck_assert_str_eq(sim_plural(UINT64_C(0x100000001)), "s");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sim/config/quantity");
    TCase *parse = suite_case(suite, "parse");
    tcase_add_test(parse, good_quantities_are_exact);
    tcase_add_test(parse, bad_quantities_say_what_is_expected);
    tcase_add_test(parse, hostile_texts_stay_short);
    tcase_add_test(parse, every_unit_reads_its_example);
    tcase_add_test(parse, the_locale_does_not_matter);
    TCase *print = suite_case(suite, "print");
    tcase_add_test(print, reports_have_three_digits);
    tcase_add_test(print, exact_texts_read_back);
    TCase *number = suite_case(suite, "number");
    tcase_add_test(number, integers_are_strict);
    tcase_add_test(number, numbers_print_short);
    tcase_add_test(number, percentages_of_nothing_have_no_sign);
    tcase_add_test(number, one_is_singular);
    return suite_run(suite);
}

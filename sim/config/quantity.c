/* SPDX-License-Identifier: MIT
 *
 * Quantities; see quantity.h. One table row for each unit; a unit is a product of at most three factors, the
 * first above the line and the others below it. Prefixes only add to a decimal exponent, which is applied
 * to the digits before they become a double.
 */
#include "sim/config/quantity.h"

#include "sim/base/number.h"
#include "sim/config/node.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define FACTORS 3

struct unit {
    const char *name, *example;
    const char *factor[FACTORS]; /* base symbols; the first is divided by the others */
    bool square;                 /* the first factor is squared */
    const char *below;           /* printed behind the first factor */
    int shift;                   /* printed digits = value x 10^shift, because of `below` */
};

static const struct unit units[SIM_UNIT_COUNT] = {
    [SIM_UNIT_NONE] = {"a number", "0.5", {NULL}, false, "", 0},
    [SIM_UNIT_HERTZ] = {"a frequency", "120 kHz", {"Hz"}, false, "", 0},
    [SIM_UNIT_SECOND] = {"a time", "5 ns", {"s"}, false, "", 0},
    [SIM_UNIT_METRE] = {"a length", "1 mm", {"m"}, false, "", 0},
    [SIM_UNIT_SQUARE_METRE] = {"an area", "12 um2", {"m"}, true, "", 0},
    [SIM_UNIT_VOLT] = {"a voltage", "0.9 V", {"V"}, false, "", 0},
    [SIM_UNIT_AMPERE] = {"a current", "10 uA", {"A"}, false, "", 0},
    [SIM_UNIT_OHM] = {"a resistance", "2 kOhm", {"Ohm"}, false, "", 0},
    [SIM_UNIT_SIEMENS] = {"a conductance", "50 uS", {"S"}, false, "", 0},
    [SIM_UNIT_FARAD] = {"a capacitance", "0.2 fF", {"F"}, false, "", 0},
    [SIM_UNIT_JOULE] = {"an energy", "3.2 pJ", {"J"}, false, "", 0},
    [SIM_UNIT_JOULE_PER_BIT] = {"an energy per bit", "3.0 pJ/bit", {"J", "bit"}, false, "/bit", 0},
    [SIM_UNIT_JOULE_PER_BIT_METRE] = {"an energy per bit and length", "40.4 fJ/bit/mm",
                                      {"J", "bit", "m"}, false, "/bit/mm", -3},
    [SIM_UNIT_WATT] = {"a power", "1.26 mW", {"W"}, false, "", 0},
    [SIM_UNIT_KELVIN] = {"a temperature", "300 K", {"K"}, false, "", 0},
    [SIM_UNIT_BYTE] = {"a size in bytes", "4 KiB", {"B"}, false, "", 0},
};

struct prefix {
    const char *text;
    int exponent; /* of ten */
    double scale; /* of two, for bytes; otherwise 1 */
};

/* Largest first, so that a suggestion for "mhz" is MHz. */
static const struct prefix prefixes[] = {
    {"Ti", 0, 0x1p40}, {"Gi", 0, 0x1p30}, {"Mi", 0, 0x1p20}, {"Ki", 0, 0x1p10},
    {"T", 12, 1},      {"G", 9, 1},       {"M", 6, 1},       {"k", 3, 1},
    {"", 0, 1},        {"m", -3, 1},      {"u", -6, 1},      {"\xC2\xB5", -6, 1},
    {"\xCE\xBC", -6, 1}, {"n", -9, 1},    {"p", -12, 1},     {"f", -15, 1},
    {"a", -18, 1},
};

#define PREFIXES (sizeof prefixes / sizeof *prefixes)

/* Other spellings of a base symbol. */
static const char *other_spelling(const char *base) {
    return strcmp(base, "Ohm") == 0 ? "\xCE\xA9" : NULL;
}

static bool fits(const struct prefix *prefix, const char *base) {
    bool byte = strcmp(base, "B") == 0, bit = strcmp(base, "bit") == 0;
    return (prefix->scale == 1 || byte) && (prefix->exponent >= 0 || (!byte && !bit));
}

/* Matches `length` bytes of `text` with a prefix and a base symbol. */
static const struct prefix *match(const char *text, size_t length, const char *base,
                                  bool any_case) {
    const char *spelling[] = {base, other_spelling(base)};
    for (size_t i = 0; i < PREFIXES; i++)
        for (size_t s = 0; s < 2 && spelling[s] != NULL; s++) {
            size_t front = strlen(prefixes[i].text), back = strlen(spelling[s]);
            if (front + back != length || !fits(&prefixes[i], base))
                continue;
            if (memcmp(text, prefixes[i].text, front) == 0 &&
                memcmp(text + front, spelling[s], back) == 0)
                return &prefixes[i];
            if (any_case && strncasecmp(text, prefixes[i].text, front) == 0 &&
                strncasecmp(text + front, spelling[s], back) == 0)
                return &prefixes[i];
        }
    return NULL;
}

/* Length of the first factor's symbol in `text` of `length` bytes, without the mark of a square; 0: no mark.
 */
static size_t without_square(const char *text, size_t length) {
    static const char *const marks[] = {"^2", "2", "\xC2\xB2"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t mark = strlen(marks[i]);
        if (length > mark && memcmp(text + length - mark, marks[i], mark) == 0)
            return length - mark;
    }
    return 0;
}

/* The power of ten and the factor of two that a unit's text stands for; false when it is another unit's. */
static bool parse_unit(const char *text, const struct unit *unit, int *exponent, double *scale) {
    *exponent = 0;
    *scale = 1;
    for (int i = 0; i < FACTORS && unit->factor[i] != NULL; i++) {
        size_t length = strcspn(text, "/"), symbol = length;
        if (i == 0 && unit->square)
            symbol = without_square(text, length);
        const struct prefix *prefix = match(text, symbol, unit->factor[i], false);
        if (prefix == NULL)
            return false;
        *exponent += i > 0 ? -prefix->exponent
                           : (unit->square ? 2 * prefix->exponent : prefix->exponent);
        *scale *= prefix->scale;
        bool more = i + 1 < FACTORS && unit->factor[i + 1] != NULL;
        if (text[length] != (more ? '/' : '\0'))
            return false;
        text += length + more;
    }
    return unit->factor[0] != NULL;
}

/* The unit whose text this is, or SIM_UNIT_NONE. */
static enum sim_unit recognise(const char *text) {
    for (int unit = SIM_UNIT_NONE + 1; unit < SIM_UNIT_COUNT; unit++) {
        int exponent;
        double scale;
        if (parse_unit(text, &units[unit], &exponent, &scale))
            return (enum sim_unit)unit;
    }
    return SIM_UNIT_NONE;
}

static bool refuse(char why[SIM_QUANTITY_SIZE], enum sim_unit unit, const char *text,
                   const char *fault) {
    char quote[SIM_QUOTE_SIZE];
    snprintf(why, SIM_QUANTITY_SIZE, "'%s' %s: %s such as '%s' is expected", sim_quote(quote, text),
             fault, units[unit].name, units[unit].example);
    return false;
}

static bool refuse_unit(char why[SIM_QUANTITY_SIZE], enum sim_unit unit, const char *text,
                        const char *symbol) {
    char fault[SIM_QUOTE_SIZE + 80], quote[SIM_QUOTE_SIZE];
    enum sim_unit other = recognise(symbol);
    const char *base = units[unit].factor[0];
    const struct prefix *near =
        base == NULL ? NULL : match(symbol, strcspn(symbol, "/2"), base, true);
    if (other != SIM_UNIT_NONE)
        snprintf(fault, sizeof fault, "is %s", units[other].name);
    else if (near != NULL && units[unit].factor[1] == NULL)
        snprintf(fault, sizeof fault, "has the unknown unit '%s' (did you mean '%s%s%s'?)",
                 sim_quote(quote, symbol), near->text, base, units[unit].square ? "2" : "");
    else
        snprintf(fault, sizeof fault, "has the unknown unit '%s'", sim_quote(quote, symbol));
    return refuse(why, unit, text, fault);
}

bool sim_quantity_parse(const char *text, enum sim_unit unit, double *value,
                        char why[SIM_QUANTITY_SIZE]) {
    assert(unit < SIM_UNIT_COUNT);
    size_t length = sim_number_length(text);
    if (length == 0)
        return refuse(why, unit, text, "does not begin with a number");
    const char *symbol = text + length + strspn(text + length, " ");
    int exponent = 0;
    double scale = 1, number;
    if (unit == SIM_UNIT_NONE && text[length] != '\0')
        return refuse(why, unit, text, "is not a bare number");
    if (unit != SIM_UNIT_NONE && *symbol == '\0')
        return refuse(why, unit, text, "has no unit");
    if (unit != SIM_UNIT_NONE && !parse_unit(symbol, &units[unit], &exponent, &scale))
        return refuse_unit(why, unit, text, symbol);
    if (!sim_number_scale(text, length, exponent, &number) || !isfinite(number * scale))
        return refuse(why, unit, text, "is too large, too small or too long");
    *value = number * scale;
    return true;
}

/* The prefix for a value with this decimal exponent, whose prefixes are powers of 10^step. */
static const struct prefix *choose(int exponent, int step, const char *base) {
    const struct prefix *best = NULL;
    for (size_t i = 0; i < PREFIXES; i++) {
        const struct prefix *prefix = &prefixes[i];
        if (prefix->scale != 1 || !fits(prefix, base) || (unsigned char)prefix->text[0] >= 0x80)
            continue;
        best = prefix;
        if (prefix->exponent * step <= exponent)
            break;
    }
    return best;
}

/* Sizes that are whole numbers of KiB, MiB ... are written so; false when `value` is none. */
static bool format_binary(char *buffer, size_t size, double value) {
    for (size_t i = 0; i < PREFIXES && prefixes[i].scale != 1; i++) {
        double count = value / prefixes[i].scale;
        if (count >= 1 && count < 0x1p53 && count == floor(count)) {
            snprintf(buffer, size, "%.0f %sB", count, prefixes[i].text);
            return true;
        }
    }
    return false;
}

static char *format(char *buffer, size_t size, double value, enum sim_unit number, int digits) {
    assert(number < SIM_UNIT_COUNT);
    const struct unit *unit = &units[number];
    const char *base = unit->factor[0] == NULL ? "" : unit->factor[0];
    const char *square = unit->square ? "2" : "", *gap = base[0] == '\0' ? "" : " ";
    char text[48];
    if (!isfinite(value)) {
        snprintf(buffer, size, "%s%s%s%s%s", sim_number_format(text, sizeof text, value), gap, base,
                 square, unit->below);
        return buffer;
    }
    if (number == SIM_UNIT_BYTE && format_binary(buffer, size, value))
        return buffer;
    struct sim_decimal decimal = sim_decimal_of(value, digits);
    const char *prefix = "";
    if (base[0] != '\0' && value != 0) {
        decimal.exponent += unit->shift;
        int step = unit->square ? 2 : 1;
        const struct prefix *best = choose(decimal.exponent, step, base);
        decimal.exponent -= best->exponent * step;
        prefix = best->text;
    }
    snprintf(buffer, size, "%s%s%s%s%s%s", sim_decimal_print(&decimal, text, sizeof text), gap,
             prefix, base, square, unit->below);
    return buffer;
}

char *sim_quantity_format(char *buffer, size_t size, double value, enum sim_unit unit) {
    return format(buffer, size, value, unit, 3);
}

char *sim_quantity_exact(char *buffer, size_t size, double value, enum sim_unit unit) {
    return format(buffer, size, value, unit, 0);
}

const char *sim_unit_name(enum sim_unit unit) {
    assert(unit < SIM_UNIT_COUNT);
    return units[unit].name;
}

const char *sim_unit_example(enum sim_unit unit) {
    assert(unit < SIM_UNIT_COUNT);
    return units[unit].example;
}

const char *sim_unit_symbol(enum sim_unit unit) {
    static const char *const symbols[SIM_UNIT_COUNT] = {
        "", "Hz", "s", "m", "m2", "V", "A", "Ohm", "S", "F", "J", "J/bit", "J/bit/m", "W", "K", "B",
    };
    assert(unit < SIM_UNIT_COUNT);
    return symbols[unit];
}

/* SPDX-License-Identifier: MIT
 *
 * Patterns for names; see glob.h.
 */
#include "sim/base/glob.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_MAX 9 /* of an index */

/* The digits at *text; false when there are none or too many. */
static bool read_index(const char **text, unsigned long *index) {
    size_t digits = strspn(*text, "0123456789");
    if (digits == 0 || digits > DIGITS_MAX)
        return false;
    *index = strtoul(*text, NULL, 10);
    *text += digits;
    return true;
}

/* "[a..b]" at *pattern. */
static bool read_range(const char **pattern, unsigned long range[2]) {
    const char *p = *pattern;
    if (*p++ != '[' || !read_index(&p, &range[0]) || strncmp(p, "..", 2) != 0)
        return false;
    p += 2;
    if (!read_index(&p, &range[1]) || *p++ != ']')
        return false;
    *pattern = p;
    return true;
}

const char *sim_glob_fault(const char *pattern) {
    if (*pattern == '\0')
        return "it is empty";
    for (const char *p = pattern; *p != '\0'; p++) {
        if (*p != '[')
            continue;
        const char *end = strchr(p, ']'), *dots = strstr(p, "..");
        if (end == NULL)
            return "a '[' has no ']'";
        if (dots == NULL || dots > end)
            continue;
        unsigned long range[2];
        if (!read_range(&p, range))
            return "a range of indices is written [a..b]";
        if (range[0] > range[1])
            return "a range of indices runs upward";
        p--;
    }
    return NULL;
}

static const char *skip_index(const char *name) {
    const char *end = *name == '[' ? strchr(name, ']') : NULL;
    return end != NULL ? end + 1 : name;
}

/* Matches one element of the pattern, no '*'; both move on when it does. */
static bool match_one(const char **pattern, const char **name) {
    const char *p = *pattern, *n = *name;
    unsigned long range[2], index;
    if (*p == '[' && read_range(&p, range)) {
        if (*n++ != '[' || !read_index(&n, &index) || *n++ != ']' || index < range[0] || index > range[1])
            return false;
    } else if (*n == '\0' || (*p != '?' && *p != *n)) {
        return false;
    } else {
        p++;
        n++;
    }
    if (p[-1] == ']' && *p != '[')
        while (*n == '[')
            n = skip_index(n);
    *pattern = p;
    *name = n;
    return true;
}

bool sim_glob_match(const char *pattern, const char *name) {
    const char *after_star = NULL, *retry = NULL;
    for (;;) {
        if (*pattern == '*') {
            after_star = ++pattern;
            retry = name;
        } else if (*pattern == '\0' && *name == '\0') {
            return true;
        } else if (*pattern == '\0' || !match_one(&pattern, &name)) {
            if (after_star == NULL || *retry == '\0')
                return false;
            pattern = after_star;
            name = ++retry;
        }
    }
}

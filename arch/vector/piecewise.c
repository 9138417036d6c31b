/* SPDX-License-Identifier: MIT
 *
 * Fitting piecewise-linear approximations; see piecewise.h.
 */
#include "arch/vector/piecewise.h"

#include <assert.h>
#include <math.h>

#define GRID 2048u  /* intervals of the range */
#define BISECTIONS 40u
#define ROUNDS 100u     /* exchanges; a handful are needed */
#define SETTLED 1e-9 /* relative excess over the level at which an exchange has found the best line */

const char *const arch_cut_name[ARCH_CUT_COUNT + 1] = {"uniform", "minimax"};

/* The function on the grid. */
struct samples {
    double x[GRID + 1], y[GRID + 1];
};

struct line {
    double slope, bias, error; /* largest distance from the samples of its segment */
};

static void sample(struct samples *s, const struct arch_scalar_function *function) {
    for (uint32_t i = 0; i <= GRID; i++) {
        s->x[i] = function->low + (function->high - function->low) * i / GRID;
        s->y[i] = function->value(s->x[i]);
    }
}

static double distance(const struct samples *s, const struct line *line, uint32_t i) {
    return s->y[i] - line->slope * s->x[i] - line->bias;
}

static uint32_t farthest(const struct samples *s, const struct line *line, uint32_t first, uint32_t last) {
    uint32_t worst = first;
    for (uint32_t i = first + 1; i <= last; i++)
        if (fabs(distance(s, line, i)) > fabs(distance(s, line, worst)))
            worst = i;
    return worst;
}

/* Puts point i among the three, so that the signs of their distances still alternate. */
static void exchange(uint32_t point[3], const struct samples *s, const struct line *line, uint32_t i) {
    bool above = distance(s, line, i) > 0;
    for (int k = 0; k < 3; k++) {
        bool same = (distance(s, line, point[k]) > 0) == above;
        if (i < point[k]) { /* left of all, or between k - 1 and k, of which one has its sign */
            if (same)
                point[k] = i;
            else if (k > 0)
                point[k - 1] = i;
            else
                point[2] = point[1], point[1] = point[0], point[0] = i;
            return;
        }
    }
    if ((distance(s, line, point[2]) > 0) == above)
        point[2] = i;
    else
        point[0] = point[1], point[1] = point[2], point[2] = i;
}

/* The line with the least largest distance from samples first .. last (first < last). */
static struct line best_line(const struct samples *s, uint32_t first, uint32_t last) {
    uint32_t point[3] = {first, (first + last) / 2, last};
    struct line line = {0};
    for (uint32_t round = 0;; round++) {
        double x0 = s->x[point[0]], x1 = s->x[point[1]], x2 = s->x[point[2]];
        double y0 = s->y[point[0]], y1 = s->y[point[1]], y2 = s->y[point[2]];
        line.slope = (y2 - y0) / (x2 - x0);
        line.bias = 0.5 * (y0 - line.slope * x0 + y1 - line.slope * x1);
        double level = fabs(distance(s, &line, point[0]));
        uint32_t worst = farthest(s, &line, first, last);
        line.error = fabs(distance(s, &line, worst));
        if (last - first < 2 || round == ROUNDS || line.error <= level * (1 + SETTLED) + 1e-15)
            return line;
        exchange(point, s, &line, worst);
    }
}

/* The last sample of the longest segment from `first` whose best line stays within `error`. */
static uint32_t reach(const struct samples *s, uint32_t first, double error) {
    uint32_t fits = first + 1, fails = GRID + 1;
    for (uint32_t step = 1; fits < GRID && fails > GRID; step *= 2) { /* doubling, then halving */
        uint32_t try = fits + step < GRID ? fits + step : GRID;
        if (best_line(s, first, try).error <= error)
            fits = try;
        else
            fails = try;
    }
    while (fails <= GRID && fails - fits > 1) {
        uint32_t middle = (fits + fails) / 2;
        if (best_line(s, first, middle).error <= error)
            fits = middle;
        else
            fails = middle;
    }
    return fits;
}

/* Cuts into longest segments within `error`; false when they are more than `segments`. end[k] is the last
 * sample of segment k; *used of them. */
static bool cut_within(const struct samples *s, double error, uint32_t segments, uint32_t *end,
                       uint32_t *used) {
    *used = 0;
    for (uint32_t first = 0; first < GRID; first = end[(*used)++]) {
        if (*used == segments)
            return false;
        end[*used] = reach(s, first, error);
    }
    return true;
}

static uint32_t cut_minimax(const struct samples *s, uint32_t segments, uint32_t *end) {
    uint32_t trial[ARCH_SEGMENTS_MAX], used = 0;
    double fails = 0, fits = best_line(s, 0, GRID).error;
    end[0] = GRID;
    used = 1;
    for (uint32_t i = 0; i < BISECTIONS; i++) {
        double middle = 0.5 * (fails + fits);
        uint32_t count;
        if (!cut_within(s, middle, segments, trial, &count)) {
            fails = middle;
            continue;
        }
        fits = middle;
        used = count;
        for (uint32_t k = 0; k < count; k++)
            end[k] = trial[k];
    }
    return used;
}

void arch_piecewise_fit(struct arch_piecewise *to, enum arch_scalar function, uint32_t segments,
                        enum arch_cut cut) {
    assert(segments >= 1 && segments <= ARCH_SEGMENTS_MAX);
    struct samples s;
    uint32_t end[ARCH_SEGMENTS_MAX], used = segments;
    to->function = &arch_scalar_function[function];
    to->segments = segments;
    sample(&s, to->function);
    if (cut == ARCH_CUT_MINIMAX)
        used = cut_minimax(&s, segments, end);
    else
        for (uint32_t k = 0; k < segments; k++)
            end[k] = (GRID * (k + 1) + segments / 2) / segments;
    for (uint32_t k = 0, first = 0; k < segments; k++) {
        uint32_t source = k < used ? k : used - 1; /* a straight function needs fewer */
        if (k < used) {
            struct line line = best_line(&s, first, end[k]);
            to->slope[k] = line.slope;
            to->bias[k] = line.bias;
            first = end[k];
        } else {
            to->slope[k] = to->slope[source];
            to->bias[k] = to->bias[source];
        }
        if (k + 1 < segments)
            to->breakpoint[k] = s.x[end[source]];
    }
}

double arch_piecewise_value(const struct arch_piecewise *pieces, double x) {
    const struct arch_scalar_function *function = pieces->function;
    if (!function->extends)
        x = fmin(fmax(x, function->low), function->high);
    uint32_t k = 0;
    while (k + 1 < pieces->segments && pieces->breakpoint[k] <= x)
        k++;
    return pieces->slope[k] * x + pieces->bias[k];
}

struct arch_error arch_piecewise_error(const struct arch_piecewise *pieces) {
    const struct arch_scalar_function *function = pieces->function;
    uint32_t points = 8 * GRID + 3; /* beside the points of the fit */
    struct arch_error error = {0, 0};
    for (uint32_t i = 0; i <= points; i++) {
        double x = function->low + (function->high - function->low) * i / points;
        double e = fabs(arch_piecewise_value(pieces, x) - function->value(x));
        error.most = fmax(error.most, e);
        error.rms += e * e;
    }
    error.rms = sqrt(error.rms / (points + 1));
    return error;
}

/* SPDX-License-Identifier: MIT
 *
 * The ziggurat: its layers and its rare cases; see crossbar_random.h.
 */
#include "arch/unit/crossbar_random.h"

#include "sim/base/arena.h"

#include <math.h>

static double density(double x) { return exp(-x * x / 2); }

/* What is missing when layers of equal area are stacked on a base that ends at r: 0 for the right r. */
static double stack(double r, struct arch_crossbar_ziggurat *z) {
    double area = r * density(r) + sqrt(2 * atan(1)) * erfc(r / sqrt(2));
    z->x[0] = area / density(r);
    z->x[1] = r;
    for (int i = 1; i < ARCH_CROSSBAR_ZIGGURAT - 1; i++) {
        double height = density(z->x[i]) + area / z->x[i];
        if (height >= 1)
            return 1; /* r is too small: the stack is too high */
        z->x[i + 1] = sqrt(-2 * log(height));
    }
    double last = z->x[ARCH_CROSSBAR_ZIGGURAT - 1];
    return density(last) + area / last - 1;
}

struct arch_crossbar_ziggurat *arch_crossbar_ziggurat_new(struct sim_arena *arena) {
    struct arch_crossbar_ziggurat *z = SIM_NEW(arena, struct arch_crossbar_ziggurat);
    double low = 2, high = 6;
    for (;;) {
        double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high)
            break;
        if (stack(middle, z) > 0)
            low = middle;
        else
            high = middle;
    }
    stack(high, z);
    z->x[ARCH_CROSSBAR_ZIGGURAT] = 0;
    for (int i = 0; i <= ARCH_CROSSBAR_ZIGGURAT; i++)
        z->f[i] = density(z->x[i]);
    return z;
}

static double open_uniform(uint64_t *state) { return ((double)(sim_rng_next(state) >> 12) + 0.5) * 0x1p-52; }

/* Beyond r: an exponential distribution under which the tail lies (Marsaglia, Technometrics 6, 1964). */
static double tail(double r, uint64_t *state) {
    for (;;) {
        double x = -log(open_uniform(state)) / r, y = -log(open_uniform(state));
        if (2 * y > x * x)
            return r + x;
    }
}

double arch_crossbar_ziggurat_slow(const struct arch_crossbar_ziggurat *z, uint64_t bits) {
    uint64_t state = bits;
    for (;;) {
        uint32_t layer = (uint32_t)bits % ARCH_CROSSBAR_ZIGGURAT;
        double x = (double)((int64_t)bits >> 11) * 0x1p-52 * z->x[layer];
        if (fabs(x) < z->x[layer + 1])
            return x;
        if (layer == 0) {
            double far = tail(z->x[1], &state);
            return x < 0 ? -far : far;
        }
        if (z->f[layer] + open_uniform(&state) * (z->f[layer + 1] - z->f[layer]) < density(x))
            return x;
        bits = sim_rng_next(&state);
    }
}

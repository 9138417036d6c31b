/* SPDX-License-Identifier: MIT
 *
 * Time-to-first-spike code: the staircase threshold; see ttfs.h.
 */
#include "arch/unit/ttfs.h"

#include <string.h>

void arch_ttfs_staircase_init(struct arch_ttfs_staircase *staircase, uint32_t levels, uint32_t step,
                              double guard) {
    assert(levels >= 1 && levels <= ARCH_TTFS_LEVELS_MAX && step > 0);
    staircase->levels = levels;
    staircase->step = step;
    for (uint32_t q = 1; q <= levels; q++)
        staircase->threshold[q - 1] = (double)step * q - guard;
}

uint32_t arch_ttfs_fire(const struct arch_ttfs_staircase *staircase, double potential) {
    if (!(potential >= staircase->threshold[0]))
        return 0;
    double quotient = potential / staircase->step;
    uint32_t q = quotient >= staircase->levels ? staircase->levels : (uint32_t)quotient;
    while (q < staircase->levels && potential >= staircase->threshold[q])
        q++;
    while (q > 0 && potential < staircase->threshold[q - 1])
        q--;
    return q;
}

void arch_ttfs_levels_of(const uint64_t *spikes, uint32_t timesteps, uint32_t neurons, uint32_t levels,
                         uint32_t *level) {
    uint32_t words = (neurons + 63) / 64;
    memset(level, 0, neurons * sizeof *level);
    for (uint32_t t = 0; t < timesteps; t++, spikes += words)
        for (uint32_t word = 0; word < words; word++)
            for (uint64_t rest = spikes[word]; rest != 0; rest &= rest - 1)
                level[word * 64 + (uint32_t)__builtin_ctzll(rest)]++;
    if (levels != timesteps)
        for (uint32_t n = 0; n < neurons; n++)
            level[n] = (2 * level[n] * levels + timesteps) / (2 * timesteps);
}

uint32_t arch_ttfs_most_frequent(const uint64_t *histogram, uint32_t levels) {
    uint32_t best = 0;
    for (uint32_t q = 1; q <= levels; q++)
        if (histogram[q] > histogram[best])
            best = q;
    return best;
}

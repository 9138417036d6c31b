/* SPDX-License-Identifier: MIT
 *
 * Time-to-first-spike code: the staircase threshold; see ttfs.h.
 */
#include "arch/ttfs.h"

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

uint32_t arch_ttfs_most_frequent(const uint64_t *histogram, uint32_t levels) {
    uint32_t best = 0;
    for (uint32_t q = 1; q <= levels; q++)
        if (histogram[q] > histogram[best])
            best = q;
    return best;
}

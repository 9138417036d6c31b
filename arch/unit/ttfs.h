/* SPDX-License-Identifier: MIT
 *
 * Time-to-first-spike code: a number of 0 .. levels is the instant of at most one spike in a window.
 *
 *     slot        0     1    ..   levels - 1        the earlier, the larger
 *     level    levels   ..           1              no spike: 0
 *
 * Masked: the level that needs no spike is not 0 but `silent`, best the most frequent one, and levels
 * within `dead_zone` of it are rounded to it. One slot per level is left, and a spike means the difference
 * to `silent`:
 *
 *     slot        0        ..   levels - silent - 1   levels - silent   ..   levels - 1
 *     value    levels - silent ..       1                  -1           ..    -silent
 *
 * The constant part, the weights times `silent`, goes into the receiver's bias. Without dead zone nothing is
 * lost. With silent 0 and dead zone 0 this is the plain code.
 *
 * Sources: Otters (arXiv 2509.18968) for the plain code and the staircase; Matterhorn (arXiv 2601.22876)
 * for the idea of a masked code. Its equations were not available: this form of it is a choice.
 */
#ifndef ARCH_UNIT_TTFS_H
#define ARCH_UNIT_TTFS_H

#include "sim/base/types.h"

#include <assert.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ARCH_TTFS_LEVELS_MAX 255u
#define ARCH_TTFS_NO_SPIKE UINT32_MAX

struct arch_ttfs {
    uint32_t levels;    /* T, 1 .. ARCH_TTFS_LEVELS_MAX: the largest level, and the slots of a window */
    uint32_t silent;    /* the level without a spike, 0 .. levels */
    uint32_t dead_zone; /* levels that differ from it by no more are rounded to it */
};

/* The level that is sent for `level`. */
static inline uint32_t arch_ttfs_round(const struct arch_ttfs *code, uint32_t level) {
    uint32_t distance = level > code->silent ? level - code->silent : code->silent - level;
    return distance <= code->dead_zone ? code->silent : level;
}

/* The slot of the spike for `level`, or ARCH_TTFS_NO_SPIKE. */
static inline uint32_t arch_ttfs_slot(const struct arch_ttfs *code, uint32_t level) {
    assert(level <= code->levels);
    level = arch_ttfs_round(code, level);
    if (level == code->silent)
        return ARCH_TTFS_NO_SPIKE;
    return level > code->silent ? code->levels - level : code->levels - 1 - level;
}

/* What a spike in `slot` means. */
static inline uint32_t arch_ttfs_level(const struct arch_ttfs *code, uint32_t slot) {
    return slot < code->levels - code->silent ? code->levels - slot : code->levels - 1 - slot;
}

static inline int32_t arch_ttfs_value(const struct arch_ttfs *code, uint32_t slot) {
    return (int32_t)arch_ttfs_level(code, slot) - (int32_t)code->silent;
}

/* The falling threshold: a neuron whose potential is at least threshold[q - 1] and less than threshold[q]
 * has reached level q. Level q begins at q x step; the thresholds stand `guard` below it, where no sum of
 * integers lies, so that the small errors of analog sums do not matter. */
struct arch_ttfs_staircase {
    uint32_t levels;
    double step;
    double threshold[ARCH_TTFS_LEVELS_MAX]; /* [levels] ascending */
};

/* step > 0; 0 <= guard < 1. */
void arch_ttfs_staircase_init(struct arch_ttfs_staircase *staircase, uint32_t levels, uint32_t step,
                              double guard);

/* min(levels, floor(potential / step)), not below 0: the level of the first threshold that is crossed while
 * they fall. */
uint32_t arch_ttfs_fire(const struct arch_ttfs_staircase *staircase, double potential);

/* The levels that rate-coded spikes[timesteps][(neurons + 63) / 64] stand for: their number, or where
 * `levels` differ from the timesteps, levels / timesteps of it, rounded to the nearest, halves up. */
void arch_ttfs_levels_of(const uint64_t *spikes, uint32_t timesteps, uint32_t neurons, uint32_t levels,
                         uint32_t *level);

/* The most frequent level of a histogram[levels + 1]; the lowest of equals. */
uint32_t arch_ttfs_most_frequent(const uint64_t *histogram, uint32_t levels);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * A histogram of cycles: exact below 256, then 128 bins an octave, so that a bin is at most 1/128 of its
 * value wide. Any 64-bit value fits; merging and comparing histograms is exact.
 */
#ifndef SIM_BASE_HISTOGRAM_H
#define SIM_BASE_HISTOGRAM_H

#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SIM_HISTOGRAM_EXACT_BITS 8 /* values below 2^8 have a bin each */
#define SIM_HISTOGRAM_SUB_BITS 7   /* 2^7 bins an octave above */
#define SIM_HISTOGRAM_BINS                                                                         \
    ((1u << SIM_HISTOGRAM_EXACT_BITS) + ((64u - SIM_HISTOGRAM_EXACT_BITS) << SIM_HISTOGRAM_SUB_BITS))

/* Invariant: count is the sum of bin[]; min and max mean nothing while count is 0. */
struct sim_histogram {
    uint64_t count, sum, min, max;
    uint64_t bin[SIM_HISTOGRAM_BINS];
};

/* The bin of a value, and a bin's lowest and highest value. */
static inline uint32_t sim_histogram_bin(uint64_t value) {
    if (value < 1u << SIM_HISTOGRAM_EXACT_BITS)
        return (uint32_t)value;
    uint32_t octave = 63u - (uint32_t)__builtin_clzll(value);
    uint32_t top = (uint32_t)(value >> (octave - SIM_HISTOGRAM_SUB_BITS));
    uint32_t sub = top & ((1u << SIM_HISTOGRAM_SUB_BITS) - 1);
    return (1u << SIM_HISTOGRAM_EXACT_BITS) +
           ((octave - SIM_HISTOGRAM_EXACT_BITS) << SIM_HISTOGRAM_SUB_BITS) + sub;
}

static inline uint64_t sim_histogram_low(uint32_t bin) {
    if (bin < 1u << SIM_HISTOGRAM_EXACT_BITS)
        return bin;
    uint32_t above = bin - (1u << SIM_HISTOGRAM_EXACT_BITS);
    uint32_t shift = (above >> SIM_HISTOGRAM_SUB_BITS) + SIM_HISTOGRAM_EXACT_BITS - SIM_HISTOGRAM_SUB_BITS;
    uint64_t sub = above & ((1u << SIM_HISTOGRAM_SUB_BITS) - 1);
    return ((1ull << SIM_HISTOGRAM_SUB_BITS) + sub) << shift;
}

static inline uint64_t sim_histogram_high(uint32_t bin) {
    return bin + 1 == SIM_HISTOGRAM_BINS ? UINT64_MAX : sim_histogram_low(bin + 1) - 1;
}

static inline void sim_histogram_add(struct sim_histogram *histogram, uint64_t value, uint64_t count) {
    if (count == 0)
        return;
    if (histogram->count == 0 || value < histogram->min)
        histogram->min = value;
    if (histogram->count == 0 || value > histogram->max)
        histogram->max = value;
    histogram->count += count;
    histogram->sum += value * count;
    histogram->bin[sim_histogram_bin(value)] += count;
}

/* Nearest-rank quantile, 0 < fraction <= 1: the upper end of the bin that holds the rank, at most the largest
 * value. Of an empty histogram: 0. */
static inline uint64_t sim_histogram_quantile(const struct sim_histogram *histogram, double fraction) {
    double wanted = fraction * (double)histogram->count;
    uint64_t reached = 0;
    for (uint32_t bin = 0; bin < SIM_HISTOGRAM_BINS; bin++) {
        reached += histogram->bin[bin];
        if (reached > 0 && (double)reached >= wanted)
            return sim_histogram_high(bin) < histogram->max ? sim_histogram_high(bin) : histogram->max;
    }
    return 0;
}

#ifdef __cplusplus
}
#endif

#endif

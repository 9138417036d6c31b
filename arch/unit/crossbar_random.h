/* SPDX-License-Identifier: MIT
 *
 * Random numbers of a crossbar core: addressed, not drawn in order.
 *
 * Draw number n of a stream is a function of the stream's key and n (SplitMix64 at position n), so that any
 * cell's draw can be computed again at any time, nothing is stored, and the order of work cannot matter.
 * Normal numbers come from a ziggurat of 256 layers (Marsaglia and Tsang, J. Stat. Software 5(8), 2000); a
 * rejected attempt goes on with a stream of its own.
 */
#ifndef ARCH_UNIT_CROSSBAR_RANDOM_H
#define ARCH_UNIT_CROSSBAR_RANDOM_H

#include "sim/base/rng.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_arena;

/* What is drawn; each has a stream in every core. */
enum arch_crossbar_stream {
    ARCH_CROSSBAR_STREAM_PROGRAM,        /* normal: programming error; cell + cells x writes before */
    ARCH_CROSSBAR_STREAM_STUCK,          /* uniform: below stuck_off, above 1 - stuck_on; cell */
    ARCH_CROSSBAR_STREAM_DRIFT,          /* normal: exponent; cell */
    ARCH_CROSSBAR_STREAM_TELEGRAPH,      /* normal: step; cell */
    ARCH_CROSSBAR_STREAM_TELEGRAPH_HIGH, /* uniform: first level; cell, from the stretch on */
    ARCH_CROSSBAR_STREAM_TELEGRAPH_TIME, /* in order: changes of level, from the stretch on */
    ARCH_CROSSBAR_STREAM_ADC,            /* normal: offset; converter */
    ARCH_CROSSBAR_STREAM_READ,           /* normal: noise; column + lanes x reads of the stretch before */
    ARCH_CROSSBAR_STREAM_COUNT
};

/* Key of a stream of core `core`. */
static inline uint64_t arch_crossbar_key(uint64_t seed, uint32_t core, enum arch_crossbar_stream stream) {
    return sim_rng_stream(seed, (uint64_t)core * ARCH_CROSSBAR_STREAM_COUNT + (uint64_t)stream);
}

/* State from which number n and those after it are drawn in order. */
static inline uint64_t arch_crossbar_state(uint64_t key, uint64_t n) {
    return key + n * UINT64_C(0x9E3779B97F4A7C15);
}

static inline uint64_t arch_crossbar_bits(uint64_t key, uint64_t n) {
    uint64_t state = arch_crossbar_state(key, n);
    return sim_rng_next(&state);
}

/* Uniform in [0, 1). */
static inline double arch_crossbar_uniform(uint64_t key, uint64_t n) {
    return (double)(arch_crossbar_bits(key, n) >> 11) * 0x1p-53;
}

/* First number of a stretch of the inputs (core_unit.h): each has 2^40 numbers of a stream. */
static inline uint64_t arch_crossbar_stretch(uint64_t stretch) { return stretch << 40; }

#define ARCH_CROSSBAR_ZIGGURAT 256

/* Layer i, 1 ..: the box from x = 0 to x[i] and height f[i] to f[i + 1], f = exp(-x^2 / 2); x falls with i.
 * Layer 0 is the box below f[1] with the tail, as wide as its area asks. */
struct arch_crossbar_ziggurat {
    double x[ARCH_CROSSBAR_ZIGGURAT + 1], f[ARCH_CROSSBAR_ZIGGURAT + 1];
};

struct arch_crossbar_ziggurat *arch_crossbar_ziggurat_new(struct sim_arena *arena);

double arch_crossbar_ziggurat_slow(const struct arch_crossbar_ziggurat *ziggurat, uint64_t bits);

/* Standard normal. */
static inline double arch_crossbar_normal(const struct arch_crossbar_ziggurat *ziggurat, uint64_t key,
                                          uint64_t n) {
    uint64_t bits = arch_crossbar_bits(key, n);
    uint32_t layer = (uint32_t)bits % ARCH_CROSSBAR_ZIGGURAT;
    double x = (double)((int64_t)bits >> 11) * 0x1p-52 * ziggurat->x[layer];
    if (__builtin_expect((x < 0 ? -x : x) < ziggurat->x[layer + 1], 1))
        return x;
    return arch_crossbar_ziggurat_slow(ziggurat, bits);
}

#ifdef __cplusplus
}
#endif

#endif

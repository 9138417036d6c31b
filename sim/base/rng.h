/* SPDX-License-Identifier: MIT
 *
 * Seeded random numbers: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). The state is one 64-bit word,
 * so every consumer owns its own stream: derive one with sim_rng_stream(seed, number). No model draws a
 * number a cycle (law L3): it draws the time of its next event.
 */
#ifndef SIM_BASE_RNG_H
#define SIM_BASE_RNG_H

#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

static inline uint64_t sim_rng_next(uint64_t *state) {
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* The initial state of stream `number` of `seed`. */
static inline uint64_t sim_rng_stream(uint64_t seed, uint64_t number) {
    uint64_t state = seed ^ (number * UINT64_C(0xD1B54A32D192ED03));
    return sim_rng_next(&state) ^ number;
}

/* Uniform in 0 .. n - 1 (n > 0), without modulo bias worth mentioning (2^-64 n). */
static inline uint64_t sim_rng_below(uint64_t *state, uint64_t n) {
    __extension__ typedef unsigned __int128 wide;
    return (uint64_t)(((wide)sim_rng_next(state) * n) >> 64);
}

/* Uniform in [0, 1) with 53 random bits. */
static inline double sim_rng_real(uint64_t *state) {
    return (double)(sim_rng_next(state) >> 11) * 0x1p-53;
}

#ifdef __cplusplus
}
#endif

#endif

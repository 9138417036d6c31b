/* SPDX-License-Identifier: MIT
 *
 * Operations on sets of VCs, a router in each lane; private to noc/batch.
 */
#ifndef NOC_BATCH_LANES_H
#define NOC_BATCH_LANES_H

#include "noc/batch/state.h"

#include <string.h>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Loops over ports, VCs and planes must not be loops: their vectors belong into registers. */
#define NOC_UNROLL _Pragma("GCC unroll 16")

typedef uint32_t noc_lane __attribute__((may_alias));

/* One lane of a vector in memory. */
NOC_INLINE noc_lane *noc_lane_of(noc_vec *v, uint32_t lane) { return (noc_lane *)v + lane; }

/* Stores a vector anywhere. */
NOC_INLINE void noc_store(uint32_t *words, noc_vec v) { memcpy(words, &v, sizeof v); }

/* A bit for each lane that is not 0. */
NOC_INLINE uint32_t noc_lanes_set(noc_vec v) {
#if defined(__AVX512F__)
    return _mm512_test_epi32_mask((__m512i)v, (__m512i)v);
#elif defined(__AVX2__)
    __m256i none = _mm256_cmpeq_epi32((__m256i)v, _mm256_setzero_si256());
    return ~(uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(none)) & 0xFF;
#else
    uint32_t lanes = 0;
    NOC_UNROLL
    for (uint32_t k = 0; k < NOC_LANES; k++)
        lanes |= (uint32_t)(v[k] != 0) << k;
    return lanes;
#endif
}

NOC_INLINE noc_vec noc_all(uint32_t word) { return (noc_vec){0} + word; }

/* Tests of lanes: where `test` is not 0; where it has one of `bits`, or none of them. */
#if defined(__AVX512F__)
typedef __mmask16 noc_where;
NOC_INLINE noc_where noc_is(noc_vec test) { return _mm512_test_epi32_mask((__m512i)test, (__m512i)test); }
NOC_INLINE noc_where noc_has(noc_vec test, noc_vec bits) {
    return _mm512_test_epi32_mask((__m512i)test, (__m512i)bits);
}
NOC_INLINE noc_where noc_lacks(noc_vec test, noc_vec bits) {
    return _mm512_testn_epi32_mask((__m512i)test, (__m512i)bits);
}
NOC_INLINE noc_vec noc_only(noc_where where, noc_vec v) {
    return (noc_vec)_mm512_maskz_mov_epi32(where, (__m512i)v);
}
NOC_INLINE noc_vec noc_either(noc_where where, noc_vec there, noc_vec elsewhere) {
    return (noc_vec)_mm512_mask_mov_epi32((__m512i)elsewhere, where, (__m512i)there);
}
NOC_INLINE noc_vec noc_or_only(noc_vec set, noc_where where, noc_vec v) {
    return (noc_vec)_mm512_mask_or_epi32((__m512i)set, where, (__m512i)set, (__m512i)v);
}
#else
typedef noc_vec noc_where; /* all bits of a lane, or none */
NOC_INLINE noc_where noc_is(noc_vec test) { return ~(noc_vec)(test == 0); }
NOC_INLINE noc_where noc_has(noc_vec test, noc_vec bits) { return noc_is(test & bits); }
NOC_INLINE noc_where noc_lacks(noc_vec test, noc_vec bits) { return (noc_vec)((test & bits) == 0); }
NOC_INLINE noc_vec noc_only(noc_where where, noc_vec v) { return where & v; }
NOC_INLINE noc_vec noc_either(noc_where where, noc_vec there, noc_vec elsewhere) {
    return (where & there) | (~where & elsewhere);
}
NOC_INLINE noc_vec noc_or_only(noc_vec set, noc_where where, noc_vec v) { return set | (where & v); }
#endif

/* The first of `set` in a line that begins with `line`; nothing of nothing. */
NOC_INLINE noc_vec noc_first(noc_vec set, noc_vec line) {
    noc_vec head = set & line, left = noc_either(noc_is(head), head, set);
    return left & -left;
}

/* The line behind the only member of `one`; where there is none, `line`. */
NOC_INLINE noc_vec noc_line_behind(noc_vec one, noc_vec line) {
    return noc_either(noc_is(one), ~(one | (one - 1)), line);
}

/* The first VC of each port that has a VC in the set; all VCs of the ports whose first VCs are given. */
NOC_INLINE noc_vec noc_ports_of(noc_vec set, uint32_t shift, uint32_t firsts) {
    NOC_UNROLL
    for (uint32_t k = 0; k < shift; k++)
        set |= set >> (UINT32_C(1) << k);
    return set & firsts;
}

NOC_INLINE noc_vec noc_vcs_of(noc_vec ports, uint32_t shift) {
    return (ports << (UINT32_C(1) << shift)) - ports;
}

/* Counters: one more, or one less, for each member of the set; those that are not 0. */
NOC_INLINE void noc_count_up(noc_vec *plane, uint32_t planes, noc_vec set) {
    NOC_UNROLL
    for (uint32_t k = 0; k < planes; k++) {
        noc_vec carry = plane[k] & set;
        plane[k] ^= set;
        set = carry;
    }
}

NOC_INLINE void noc_count_down(noc_vec *plane, uint32_t planes, noc_vec set) {
    NOC_UNROLL
    for (uint32_t k = 0; k < planes; k++) {
        noc_vec borrow = ~plane[k] & set;
        plane[k] ^= set;
        set = borrow;
    }
}

NOC_INLINE noc_vec noc_some(const noc_vec *plane, uint32_t planes) {
    noc_vec some = plane[0];
    NOC_UNROLL
    for (uint32_t k = 1; k < planes; k++)
        some |= plane[k];
    return some;
}

/* The number of the only member of each set. */
NOC_INLINE noc_vec noc_number_of(noc_vec one) {
    typedef int32_t signed_vec __attribute__((vector_size(4 * NOC_LANES)));
    typedef float float_vec __attribute__((vector_size(4 * NOC_LANES)));
    float_vec exponent = __builtin_convertvector((signed_vec)one, float_vec);
    return (((noc_vec)exponent >> 23) & 0xFF) - 127;
}

NOC_INLINE noc_vec noc_lane_numbers(void) {
    noc_vec numbers;
    NOC_UNROLL
    for (uint32_t k = 0; k < NOC_LANES; k++)
        numbers[k] = k;
    return numbers;
}

/* Writes the words of the lanes where `set` is not 0 to `list` and returns how many; up to NOC_LANES words
 * behind them are spoilt. */
NOC_INLINE uint32_t noc_list_lanes(noc_vec value, noc_vec set, void *list) {
    uint32_t lanes = noc_lanes_set(set), count = (uint32_t)__builtin_popcount(lanes);
#if defined(__AVX512F__)
    _mm512_storeu_si512(list, _mm512_maskz_compress_epi32((__mmask16)lanes, (__m512i)value));
#else
    for (noc_lane *word = (noc_lane *)list; lanes != 0; lanes &= lanes - 1)
        *word++ = value[__builtin_ctz(lanes)];
#endif
    return count;
}

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * AVX-512 variant of the vector operations (F, BW, VL, BITALG, VPOPCNTDQ); see lanes.h.
 */
#include "sim/base/lanes_tables.h"

#if SIM_LANES_X86

#include <immintrin.h>

#define LANES (uint32_t)(sizeof(__m512i) / sizeof(int16_t))

static __m512i load(const void *from) { return _mm512_load_si512(from); }
static void store(void *to, __m512i v) { _mm512_store_si512(to, v); }

static __m512i wrap(__m512i v, __m128i shift) {
    return _mm512_sra_epi16(_mm512_sll_epi16(v, shift), shift);
}

static __mmask32 written(const int16_t *mask, uint32_t i) {
    return mask == NULL ? 0xffffffffu : _mm512_movepi16_mask(load(mask + i));
}

static __m512i low_half(__m512i v) { return _mm512_cvtepi8_epi16(_mm512_castsi512_si256(v)); }
static __m512i high_half(__m512i v) { return _mm512_cvtepi8_epi16(_mm512_extracti64x4_epi64(v, 1)); }

static void add_rows_64(int16_t *acc, const int8_t *base, const uint32_t *offset, uint32_t rows,
                        uint32_t group) {
    __m512i a = load(acc), b = load(acc + 32);
    for (uint32_t r = 0; r < rows;) {
        uint32_t end = rows - r < group ? rows : r + group;
        __m512i sum = _mm512_setzero_si512();
        for (; r < end; r++)
            sum = _mm512_add_epi8(sum, load(base + offset[r]));
        a = _mm512_add_epi16(a, low_half(sum));
        b = _mm512_add_epi16(b, high_half(sum));
    }
    store(acc, a);
    store(acc + 32, b);
}

/* 256 lanes, the usual width: one pass over the rows. */
static void add_rows_256(int16_t *acc, const int8_t *base, const uint32_t *offset, uint32_t rows,
                         uint32_t group) {
    __m512i total[8];
    for (int i = 0; i < 8; i++)
        total[i] = load(acc + 32 * i);
    for (uint32_t r = 0; r < rows;) {
        uint32_t end = rows - r < group ? rows : r + group;
        __m512i a = _mm512_setzero_si512(), b = a, c = a, d = a;
        for (; r < end; r++) {
            const int8_t *row = base + offset[r];
            a = _mm512_add_epi8(a, load(row));
            b = _mm512_add_epi8(b, load(row + 64));
            c = _mm512_add_epi8(c, load(row + 128));
            d = _mm512_add_epi8(d, load(row + 192));
        }
        total[0] = _mm512_add_epi16(total[0], low_half(a));
        total[1] = _mm512_add_epi16(total[1], high_half(a));
        total[2] = _mm512_add_epi16(total[2], low_half(b));
        total[3] = _mm512_add_epi16(total[3], high_half(b));
        total[4] = _mm512_add_epi16(total[4], low_half(c));
        total[5] = _mm512_add_epi16(total[5], high_half(c));
        total[6] = _mm512_add_epi16(total[6], low_half(d));
        total[7] = _mm512_add_epi16(total[7], high_half(d));
    }
    for (int i = 0; i < 8; i++)
        store(acc + 32 * i, total[i]);
}

static void add_rows(int16_t *acc, const int8_t *base, const uint32_t *offset, uint32_t rows,
                     uint32_t group, uint32_t lanes) {
    uint32_t i = 0;
    for (; i + 256 <= lanes; i += 256)
        add_rows_256(acc + i, base + i, offset, rows, group);
    for (; i < lanes; i += 64)
        add_rows_64(acc + i, base + i, offset, rows, group);
}

static uint32_t differ(const int16_t *a, const int16_t *b, uint16_t bits, const int16_t *mask,
                       uint32_t lanes) {
    const __m512i wide = _mm512_set1_epi16((short)bits);
    __m512i sum = _mm512_setzero_si512();
    for (uint32_t i = 0; i < lanes; i += LANES) {
        __m512i x = _mm512_and_si512(_mm512_xor_si512(load(a + i), load(b + i)), wide);
        if (mask != NULL)
            x = _mm512_and_si512(x, load(mask + i));
        sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64(x));
    }
    return (uint32_t)_mm512_reduce_add_epi64(sum);
}

static void copy(int16_t *to, const int16_t *from, const int16_t *mask, uint32_t lanes) {
    for (uint32_t i = 0; i < lanes; i += LANES)
        _mm512_mask_storeu_epi16(to + i, written(mask, i), load(from + i));
}

static void add(int16_t *to, const int16_t *a, const int16_t *b, uint32_t shift, const int16_t *mask,
                uint32_t lanes) {
    __m128i by = _mm_cvtsi32_si128((int)shift);
    for (uint32_t i = 0; i < lanes; i += LANES) {
        __m512i sum = load(a + i);
        if (b != NULL)
            sum = _mm512_add_epi16(sum, load(b + i));
        _mm512_mask_storeu_epi16(to + i, written(mask, i), wrap(sum, by));
    }
}

static void fire(int16_t *potential, const int16_t *input, int16_t threshold, uint32_t shift,
                 const int16_t *mask, uint64_t *spike, uint32_t lanes) {
    const __m512i limit = _mm512_set1_epi16(threshold);
    __m128i by = _mm_cvtsi32_si128((int)shift);
    for (uint32_t i = 0; i < lanes; i += 64) {
        uint64_t below = 0, changed = 0;
        for (uint32_t half = 0; half < 64; half += LANES) {
            __mmask32 m = written(mask, i + half);
            __m512i v = wrap(_mm512_add_epi16(load(potential + i + half), load(input + i + half)), by);
            __m512i y = wrap(_mm512_sub_epi16(v, limit), by);
            __mmask32 negative = _mm512_movepi16_mask(y);
            _mm512_mask_storeu_epi16(potential + i + half, m, _mm512_mask_mov_epi16(y, negative, v));
            below |= (uint64_t)negative << half;
            changed |= (uint64_t)m << half;
        }
        spike[i / 64] = (~below & changed) | (spike[i / 64] & ~changed);
    }
}

const struct sim_lanes sim_lanes_avx512 = {
    .name = "avx512", .add_rows = add_rows, .differ = differ, .copy = copy, .add = add, .fire = fire};

#endif

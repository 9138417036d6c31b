/* SPDX-License-Identifier: MIT
 *
 * AVX2 variant of the vector operations; see lanes.h.
 */
#include "sim/base/lanes_tables.h"

#if SIM_LANES_X86

#include <immintrin.h>
#include <string.h>

#define V (int)sizeof(__m256i)
#define LANES (uint32_t)(sizeof(__m256i) / sizeof(int16_t))

static __m256i load(const void *from) { return _mm256_load_si256((const __m256i *)from); }
static void store(void *to, __m256i v) { _mm256_store_si256((__m256i *)to, v); }

static __m256i wrap(__m256i v, __m128i shift) {
    return _mm256_sra_epi16(_mm256_sll_epi16(v, shift), shift);
}

/* The two halves of 32 8-bit lanes, added to two vectors of 16-bit lanes. */
static void add_wide(__m256i *to, __m256i bytes) {
    to[0] = _mm256_add_epi16(to[0], _mm256_cvtepi8_epi16(_mm256_castsi256_si128(bytes)));
    to[1] = _mm256_add_epi16(to[1], _mm256_cvtepi8_epi16(_mm256_extracti128_si256(bytes, 1)));
}

static void add_rows_64(int16_t *acc, const int8_t *base, const uint32_t *offset, uint32_t rows,
                        uint32_t group) {
    __m256i total[4];
    for (uint32_t i = 0; i < 4; i++)
        total[i] = load(acc + i * LANES);
    for (uint32_t r = 0; r < rows;) {
        uint32_t end = rows - r < group ? rows : r + group;
        __m256i a = _mm256_setzero_si256(), b = a;
        for (; r < end; r++) {
            const int8_t *row = base + offset[r];
            a = _mm256_add_epi8(a, load(row));
            b = _mm256_add_epi8(b, load(row + V));
        }
        add_wide(total, a);
        add_wide(total + 2, b);
    }
    for (uint32_t i = 0; i < 4; i++)
        store(acc + i * LANES, total[i]);
}

/* As many accumulators as there are registers for. */
static void add_rows_128(int16_t *acc, const int8_t *base, const uint32_t *offset, uint32_t rows,
                         uint32_t group) {
    __m256i total[8];
    for (uint32_t i = 0; i < 8; i++)
        total[i] = load(acc + i * LANES);
    for (uint32_t r = 0; r < rows;) {
        uint32_t end = rows - r < group ? rows : r + group;
        __m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;
        for (; r < end; r++) {
            const int8_t *row = base + offset[r];
            a = _mm256_add_epi8(a, load(row));
            b = _mm256_add_epi8(b, load(row + V));
            c = _mm256_add_epi8(c, load(row + 2 * V));
            d = _mm256_add_epi8(d, load(row + 3 * V));
        }
        add_wide(total, a);
        add_wide(total + 2, b);
        add_wide(total + 4, c);
        add_wide(total + 6, d);
    }
    for (uint32_t i = 0; i < 8; i++)
        store(acc + i * LANES, total[i]);
}

static void add_rows(int16_t *acc, const int8_t *base, const uint32_t *offset, uint32_t rows, uint32_t group,
                     uint32_t lanes) {
    uint32_t i = 0;
    for (; i + 128 <= lanes; i += 128)
        add_rows_128(acc + i, base + i, offset, rows, group);
    for (; i < lanes; i += 64)
        add_rows_64(acc + i, base + i, offset, rows, group);
}

static uint32_t differ(const int16_t *a, const int16_t *b, uint16_t bits, const int16_t *mask,
                       uint32_t lanes) {
    const __m256i nibble = _mm256_set1_epi8(15), wide = _mm256_set1_epi16((short)bits);
    const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2,
                                           2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    __m256i sum = _mm256_setzero_si256();
    for (uint32_t i = 0; i < lanes; i += LANES) {
        __m256i x = _mm256_and_si256(_mm256_xor_si256(load(a + i), load(b + i)), wide);
        if (mask != NULL)
            x = _mm256_and_si256(x, load(mask + i));
        __m256i low = _mm256_shuffle_epi8(table, _mm256_and_si256(x, nibble));
        __m256i high = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(x, 4), nibble));
        sum = _mm256_add_epi64(sum, _mm256_sad_epu8(_mm256_add_epi8(low, high), _mm256_setzero_si256()));
    }
    return (uint32_t)(_mm256_extract_epi64(sum, 0) + _mm256_extract_epi64(sum, 1) +
                      _mm256_extract_epi64(sum, 2) + _mm256_extract_epi64(sum, 3));
}

static void copy(int16_t *to, const int16_t *from, const int16_t *mask, uint32_t lanes) {
    if (mask == NULL) {
        for (uint32_t i = 0; i < lanes; i += LANES)
            store(to + i, load(from + i));
        return;
    }
    for (uint32_t i = 0; i < lanes; i += LANES)
        store(to + i, _mm256_blendv_epi8(load(to + i), load(from + i), load(mask + i)));
}

static void add(int16_t *to, const int16_t *a, const int16_t *b, uint32_t shift, const int16_t *mask,
                uint32_t lanes) {
    __m128i by = _mm_cvtsi32_si128((int)shift);
    for (uint32_t i = 0; i < lanes; i += LANES) {
        __m256i sum = load(a + i);
        if (b != NULL)
            sum = _mm256_add_epi16(sum, load(b + i));
        sum = wrap(sum, by);
        store(to + i, mask == NULL ? sum : _mm256_blendv_epi8(load(to + i), sum, load(mask + i)));
    }
}

/* One bit for each of 32 lanes: the sign bits of two vectors. */
static uint32_t signs(__m256i a, __m256i b) {
    __m256i packed = _mm256_permute4x64_epi64(_mm256_packs_epi16(a, b), 0xd8);
    return (uint32_t)_mm256_movemask_epi8(packed);
}

static void fire(int16_t *potential, const int16_t *input, int16_t threshold, uint32_t shift,
                 const int16_t *mask, uint64_t *spike, uint32_t lanes) {
    const __m256i limit = _mm256_set1_epi16(threshold), all = _mm256_set1_epi16(-1);
    __m128i by = _mm_cvtsi32_si128((int)shift);
    for (uint32_t i = 0; i < lanes; i += 64) {
        uint64_t below = 0, written = 0;
        for (uint32_t half = 0; half < 2; half++) {
            __m256i y[2], m[2];
            for (uint32_t j = 0; j < 2; j++) {
                int16_t *p = potential + i + half * 32 + j * LANES;
                __m256i old = load(p), v = wrap(_mm256_add_epi16(old, load(input + (p - potential))), by);
                y[j] = wrap(_mm256_sub_epi16(v, limit), by);
                m[j] = mask == NULL ? all : load(mask + (p - potential));
                __m256i next = _mm256_blendv_epi8(y[j], v, _mm256_srai_epi16(y[j], 15));
                store(p, _mm256_blendv_epi8(old, next, m[j]));
            }
            below |= (uint64_t)signs(y[0], y[1]) << (half * 32);
            written |= (uint64_t)signs(m[0], m[1]) << (half * 32);
        }
        spike[i / 64] = (~below & written) | (spike[i / 64] & ~written);
    }
}

const struct sim_lanes sim_lanes_avx2 = {
    .name = "avx2", .add_rows = add_rows, .differ = differ, .copy = copy, .add = add, .fire = fire};

#endif

/* SPDX-License-Identifier: MIT
 *
 * Choice of the vector operations, and the plain C variant; see lanes.h. The inner loops have a fixed
 * length so that any compiler can use the vectors of its base instruction set.
 */
#include "sim/base/lanes_tables.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK 64

static int16_t wrap(int value, uint32_t shift) {
    return (int16_t)((int16_t)((unsigned)value << shift) >> shift);
}

static void add_rows(int16_t *acc, const int8_t *base, const uint32_t *offset, uint32_t rows,
                     uint32_t group, uint32_t lanes) {
    (void)group;
    for (uint32_t first = 0; first < lanes; first += BLOCK) {
        int16_t sum[BLOCK];
        memcpy(sum, acc + first, sizeof sum);
        for (uint32_t r = 0; r < rows; r++) {
            const int8_t *row = base + offset[r] + first;
            for (uint32_t i = 0; i < BLOCK; i++)
                sum[i] = (int16_t)(sum[i] + row[i]);
        }
        memcpy(acc + first, sum, sizeof sum);
    }
}

static uint32_t differ(const int16_t *a, const int16_t *b, uint16_t bits, const int16_t *mask,
                       uint32_t lanes) {
    uint64_t wide = bits * UINT64_C(0x0001000100010001);
    uint32_t count = 0;
    for (uint32_t i = 0; i < lanes; i += 4) {
        uint64_t x, y, m = ~UINT64_C(0);
        memcpy(&x, a + i, sizeof x);
        memcpy(&y, b + i, sizeof y);
        if (mask != NULL)
            memcpy(&m, mask + i, sizeof m);
        count += (uint32_t)__builtin_popcountll((x ^ y) & m & wide);
    }
    return count;
}

static void copy(int16_t *to, const int16_t *from, const int16_t *mask, uint32_t lanes) {
    if (mask == NULL) {
        memcpy(to, from, lanes * sizeof *to);
        return;
    }
    for (uint32_t i = 0; i < lanes; i++)
        to[i] = (int16_t)((from[i] & mask[i]) | (to[i] & ~mask[i]));
}

static void add(int16_t *to, const int16_t *a, const int16_t *b, uint32_t shift, const int16_t *mask,
                uint32_t lanes) {
    for (uint32_t i = 0; i < lanes; i++) {
        int16_t m = (int16_t)(mask != NULL ? mask[i] : -1);
        int16_t sum = wrap(a[i] + (b != NULL ? b[i] : 0), shift);
        to[i] = (int16_t)((sum & m) | (to[i] & ~m));
    }
}

static void fire(int16_t *potential, const int16_t *input, int16_t threshold, uint32_t shift,
                 const int16_t *mask, uint64_t *spike, uint32_t lanes) {
    for (uint32_t i = 0; i < lanes; i++) {
        if (mask != NULL && mask[i] == 0)
            continue;
        int16_t v = wrap(potential[i] + input[i], shift), y = wrap(v - threshold, shift);
        potential[i] = y >= 0 ? y : v;
        uint64_t bit = UINT64_C(1) << (i % 64);
        spike[i / 64] = y >= 0 ? spike[i / 64] | bit : spike[i / 64] & ~bit;
    }
}

const struct sim_lanes sim_lanes_scalar = {
    .name = "scalar", .add_rows = add_rows, .differ = differ, .copy = copy, .add = add, .fire = fire};

/* ---- choice ------------------------------------------------------------------------------------ */

static const char *const names[SIM_LANES_VARIANTS] = {"scalar", "avx2", "avx512"};

const struct sim_lanes *sim_lanes_variant(uint32_t i) {
    if (i == 0)
        return &sim_lanes_scalar;
#if SIM_LANES_X86
    __builtin_cpu_init();
    bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") &&
                __builtin_cpu_supports("popcnt");
    if (i == 1 && avx2)
        return &sim_lanes_avx2;
    if (i == 2 && avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vpopcntdq") &&
        __builtin_cpu_supports("avx512bitalg"))
        return &sim_lanes_avx512;
#endif
    return NULL;
}

const struct sim_lanes *sim_lanes_find(const char *name, struct sim_err *err) {
    if (name == NULL || *name == '\0') {
        for (uint32_t i = SIM_LANES_VARIANTS; i-- > 0;)
            if (sim_lanes_variant(i) != NULL)
                return sim_lanes_variant(i);
    }
    for (uint32_t i = 0; i < SIM_LANES_VARIANTS; i++) {
        if (strcmp(name, names[i]) != 0)
            continue;
        if (sim_lanes_variant(i) == NULL)
            sim_err_add(err, SIM_EXIT_USAGE, NULL, "vector code '%s' is not available on this processor",
                        name);
        return sim_lanes_variant(i);
    }
    sim_err_add(err, SIM_EXIT_USAGE, NULL, "unknown vector code '%s': one of scalar, avx2, avx512", name);
    return NULL;
}

const struct sim_lanes *sim_lanes(void) {
    static const struct sim_lanes *chosen; /* every thread would choose the same */
    const struct sim_lanes *lanes = __atomic_load_n(&chosen, __ATOMIC_RELAXED);
    if (lanes != NULL)
        return lanes;
    struct sim_err err;
    sim_err_init(&err);
    lanes = sim_lanes_find(getenv("NOCSIM_SIMD"), &err);
    if (lanes == NULL) {
        sim_err_print(&err, stderr);
        lanes = sim_lanes_find(NULL, &err);
    }
    sim_err_release(&err);
    __atomic_store_n(&chosen, lanes, __ATOMIC_RELAXED);
    return lanes;
}

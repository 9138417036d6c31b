/* SPDX-License-Identifier: MIT
 *
 * Vector operations: every variant that the processor has gives the results of plain arithmetic, on random
 * lanes, masks, widths and lengths, and leaves the lanes outside the mask alone.
 */
#include "sim/lanes.h"

#include "sim/rng.h"
#include "test/suite.h"

#include <stdlib.h>
#include <string.h>

#define LANES_MAX 512u
#define ROWS_MAX 70u
#define ROUNDS 200

struct vectors {
    _Alignas(64) int16_t a[LANES_MAX], b[LANES_MAX], to[LANES_MAX], before[LANES_MAX], mask[LANES_MAX];
    _Alignas(64) int8_t rows[ROWS_MAX * LANES_MAX];
    uint64_t bits[LANES_MAX / 64], bits_before[LANES_MAX / 64];
    uint32_t lanes, shift;
    bool masked;
};

static struct vectors v;
static uint64_t rng;

static uint32_t below(uint32_t n) { return (uint32_t)sim_rng_below(&rng, n); }

/* Extreme values are as frequent as all the others. */
static int16_t value(uint32_t shift) {
    const int16_t extreme[] = {INT16_MIN, INT16_MAX, -1, 0, 1};
    int16_t x = below(2) ? extreme[below(5)] : (int16_t)below(0x10000);
    return (int16_t)(x >> shift);
}

static void fill(void) {
    v.lanes = 64 * (1 + below(LANES_MAX / 64));
    v.shift = below(3) ? 0 : below(14);
    v.masked = below(2);
    for (uint32_t i = 0; i < v.lanes; i++) {
        v.a[i] = value(v.shift);
        v.b[i] = value(v.shift);
        v.to[i] = v.before[i] = value(v.shift);
        v.mask[i] = below(2) ? -1 : 0;
    }
    for (uint32_t i = 0; i < v.lanes / 64; i++)
        v.bits[i] = v.bits_before[i] = sim_rng_next(&rng);
}

static const int16_t *mask(void) { return v.masked ? v.mask : NULL; }
static bool written(uint32_t i) { return !v.masked || v.mask[i] != 0; }
static int16_t wrapped(int x) { return (int16_t)((int16_t)((unsigned)x << v.shift) >> v.shift); }

static const struct sim_lanes *variant;

static void check_lane(uint32_t i, int16_t wanted) {
    int16_t expected = written(i) ? wanted : v.before[i];
    ck_assert_msg(v.to[i] == expected, "%s: lane %u of %u: expected %d, got %d", variant->name, i, v.lanes,
                  expected, v.to[i]);
}

static void check_copy_and_add(void) {
    variant->copy(v.to, v.a, mask(), v.lanes);
    for (uint32_t i = 0; i < v.lanes; i++)
        check_lane(i, v.a[i]);
    memcpy(v.to, v.before, sizeof v.to);
    bool one = below(2);
    variant->add(v.to, v.a, one ? NULL : v.b, v.shift, mask(), v.lanes);
    for (uint32_t i = 0; i < v.lanes; i++)
        check_lane(i, wrapped(v.a[i] + (one ? 0 : v.b[i])));
}

static void check_differ(void) {
    uint16_t bits = (uint16_t)((1u << (16 - v.shift)) - 1);
    uint32_t expected = 0;
    for (uint32_t i = 0; i < v.lanes; i++)
        if (written(i))
            expected += (uint32_t)__builtin_popcount((unsigned)(v.a[i] ^ v.b[i]) & bits);
    ck_assert_uint_eq(variant->differ(v.a, v.b, bits, mask(), v.lanes), expected);
}

static void check_fire(void) {
    int16_t threshold = value(0);
    variant->fire(v.to, v.a, threshold, v.shift, mask(), v.bits, v.lanes);
    for (uint32_t i = 0; i < v.lanes; i++) {
        int16_t sum = wrapped(v.before[i] + v.a[i]), rest = wrapped(sum - threshold);
        bool was = v.bits_before[i / 64] >> (i % 64) & 1, is = v.bits[i / 64] >> (i % 64) & 1;
        check_lane(i, rest >= 0 ? rest : sum);
        ck_assert_msg(is == (written(i) ? rest >= 0 : was), "%s: spike %u", variant->name, i);
    }
}

static void check_add_rows(void) {
    uint32_t weight_bits = 2 + below(7), group = 1u << (8 - weight_bits), stride = v.lanes,
             rows = below(ROWS_MAX);
    uint32_t offset[ROWS_MAX];
    int32_t sum[LANES_MAX];
    for (uint32_t i = 0; i < v.lanes; i++)
        sum[i] = v.to[i];
    for (uint32_t r = 0; r < rows; r++) {
        offset[r] = r * stride;
        for (uint32_t i = 0; i < v.lanes; i++) {
            int least = -(1 << (weight_bits - 1));
            int weight = below(3) ? least : least + (int)below(1u << weight_bits);
            v.rows[offset[r] + i] = (int8_t)weight;
            sum[i] += weight;
        }
    }
    variant->add_rows(v.to, v.rows, offset, rows, group, v.lanes);
    for (uint32_t i = 0; i < v.lanes; i++)
        ck_assert_msg(v.to[i] == (int16_t)sum[i], "%s: %u rows of %u bits: lane %u: expected %d, got %d",
                      variant->name, rows, weight_bits, i, (int16_t)sum[i], v.to[i]);
}

START_TEST(variants_agree) {
    variant = sim_lanes_variant((uint32_t)_i);
    if (variant == NULL)
        return; /* not on this processor */
    for (int round = 0; round < ROUNDS; round++) {
        rng = sim_rng_stream(7, (uint64_t)round);
        fill();
        check_copy_and_add();
        fill();
        check_differ();
        check_fire();
        fill();
        check_add_rows();
    }
}
END_TEST

START_TEST(choice_by_name) {
    struct sim_err err;
    sim_err_init(&err);
    ck_assert_ptr_nonnull(sim_lanes_find(NULL, &err));
    ck_assert_ptr_eq(sim_lanes_find("", &err), sim_lanes_find(NULL, &err));
    ck_assert_str_eq(sim_lanes_find("scalar", &err)->name, "scalar");
    for (uint32_t i = 0; i < SIM_LANES_VARIANTS; i++)
        if (sim_lanes_variant(i) != NULL)
            ck_assert_ptr_eq(sim_lanes_find(sim_lanes_variant(i)->name, &err), sim_lanes_variant(i));
    ck_assert_int_eq(err.code, SIM_EXIT_OK);
    ck_assert_ptr_null(sim_lanes_find("avx1", &err));
    ck_assert_int_eq(err.code, SIM_EXIT_USAGE);
    ck_assert_ptr_nonnull(strstr(err.message[0], "unknown vector code 'avx1'"));
    sim_err_release(&err);
}
END_TEST

START_TEST(choice_by_environment) {
    setenv("NOCSIM_SIMD", "scalar", 1);
    ck_assert_str_eq(sim_lanes()->name, "scalar");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("lanes");
    tcase_add_loop_test(suite_case(suite, "variants"), variants_agree, 0, (int)SIM_LANES_VARIANTS);
    TCase *choice = suite_case(suite, "choice");
    tcase_add_test(choice, choice_by_name);
    tcase_add_test(choice, choice_by_environment);
    return suite_run(suite);
}

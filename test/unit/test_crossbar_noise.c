/* SPDX-License-Identifier: MIT
 *
 * What a crossbar core draws has the distribution that its parameters ask for. Seeds are fixed, so these
 * tests pass or fail for good; limits are about five standard errors.
 */
#include "test/suite.h"
#include "test/unit/crossbar_rig.h"

#include <math.h>

struct moments {
    double count, mean, sd;
};

static struct moments moments_of(const double *value, size_t count) {
    struct moments m = {.count = (double)count};
    for (size_t i = 0; i < count; i++)
        m.mean += value[i] / m.count;
    for (size_t i = 0; i < count; i++)
        m.sd += (value[i] - m.mean) * (value[i] - m.mean) / (m.count - 1);
    m.sd = sqrt(m.sd);
    return m;
}

static void expect_moments(const struct moments *m, double mean, double sd) {
    double mean_error = 5 * sd / sqrt(m->count), sd_error = 5 * sd / sqrt(2 * m->count);
    ck_assert_msg(fabs(m->mean - mean) <= mean_error + 1e-12, "mean %g, expected %g within %g", m->mean, mean,
                  mean_error);
    ck_assert_msg(fabs(m->sd - sd) <= sd_error + 1e-12, "deviation %g, expected %g within %g", m->sd, sd,
                  sd_error);
}

/* ---- random numbers ----------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Largest distance of the empirical distribution from the normal one, times the root of the count. */
static double kolmogorov(double *value, size_t count) {
    double worst = 0;
    qsort(value, count, sizeof *value, ascending);
    for (size_t i = 0; i < count; i++) {
        double p = 0.5 * erfc(-value[i] / sqrt(2)), below = (double)i / (double)count;
        worst = fmax(worst, fmax(fabs(p - below), fabs(p - below - 1 / (double)count)));
    }
    return worst * sqrt((double)count);
}

START_TEST(normals_are_normal) {
    enum { COUNT = 2000000 };
    struct sim_arena arena;
    sim_arena_init(&arena);
    struct arch_crossbar_ziggurat *z = arch_crossbar_ziggurat_new(&arena);
    ck_assert(fabs(z->x[1] - 3.6541528853610088) < 1e-9); /* r of 256 layers, Marsaglia and Tsang */
    double *value = SIM_NEW_ARRAY(&arena, double, COUNT), fourth = 0, far = 0;
    uint64_t key = arch_crossbar_key(7, 3, ARCH_CROSSBAR_STREAM_READ);
    for (uint32_t i = 0; i < COUNT; i++) {
        value[i] = arch_crossbar_normal(z, key, i);
        fourth += value[i] * value[i] * value[i] * value[i] / COUNT;
        far += fabs(value[i]) > 3.7;
    }
    struct moments m = moments_of(value, COUNT);
    expect_moments(&m, 0, 1);
    ck_assert(fabs(fourth - 3) < 5 * sqrt(96.0 / COUNT));
    double expected = COUNT * erfc(3.7 / sqrt(2));
    ck_assert(fabs(far - expected) < 5 * sqrt(expected));
    ck_assert(kolmogorov(value, COUNT) < 1.95); /* exceeded once in a thousand */
    sim_arena_release(&arena);
}
END_TEST

START_TEST(streams_and_neighbours_are_independent) {
    enum { COUNT = 400000 };
    struct sim_arena arena;
    sim_arena_init(&arena);
    struct arch_crossbar_ziggurat *z = arch_crossbar_ziggurat_new(&arena);
    uint64_t key = arch_crossbar_key(1, 0, ARCH_CROSSBAR_STREAM_READ);
    const uint64_t others[] = {arch_crossbar_key(1, 1, ARCH_CROSSBAR_STREAM_READ),
                               arch_crossbar_key(2, 0, ARCH_CROSSBAR_STREAM_READ),
                               arch_crossbar_key(1, 0, ARCH_CROSSBAR_STREAM_PROGRAM), key};
    for (uint32_t other = 0; other < 4; other++) {
        double product = 0;
        for (uint64_t i = 0; i < COUNT; i++) /* the last one: neighbours in one stream */
            product +=
                arch_crossbar_normal(z, key, i) * arch_crossbar_normal(z, others[other], i + (other == 3));
        ck_assert(fabs(product) < 5 * sqrt(COUNT));
    }
    sim_arena_release(&arena);
}
END_TEST

/* ---- programming -------------------------------------------------------------------------------- */

/* sigma_us at each of the digits: constants of the fits, worked out by hand from their formulas. */
static const struct {
    const char *text;
    int weight;
    double g_us, sigma_us;
} programs[] = {
    {"model: normal, sigma_s: 1.5 uS", 7, 100, 1.5},
    {"model: normal, sigma_s: 1.5 uS", 2, 1 + 2 * 99.0 / 7, 1.5},
    {"model: proportional, sigma: 0.04", 7, 100, 4},
    {"model: rram_milo_2021", 7, 100, 3.871621},
    {"model: rram_wan_2022", 7, 39, 0.2374 * 39 - 0.01167 * 39 * 39 + 0.0001536 * 39 * 39 * 39 + 1.053},
    {"model: rram_wan_2022_second", 7, 40, 1.103},
    {"model: rram_wan_2022_day", 7, 40, 2.651},
    {"model: rram_wan_2022_two_days", 7, 40, 2.677},
    {"model: pcm_joshi_2020", 7, 25, 1.06552324},
    {"model: pcm_aihwkit", 7, 25, 1.05538},
};

START_TEST(programmed_conductances) {
    char text[300];
    struct rig rig;
    double g_max = _i < 4 ? 100 : programs[_i].g_us;
    snprintf(text, sizeof text,
             "{axons: 256, neurons: 128, array: {rows: 256}, weights: {bits: 4, symmetric: true}, "
             "cell: {bits: 3, g_min: 1 uS, g_max: %g uS}, program: {%s}}",
             g_max, programs[_i].text);
    rig_init(&rig, text, 0);
    rig_load_all(&rig, programs[_i].weight);
    rig_prepare(&rig);
    double *g = SIM_NEW_ARRAY(&rig.arena, double, 256 * 128);
    for (uint32_t axon = 0; axon < 256; axon++)
        for (uint32_t neuron = 0; neuron < 128; neuron++)
            g[axon * 128 + neuron] =
                1 + rig.xb->cell[axon * rig.xb->layout.lanes + neuron * 2] * (g_max - 1) / 7;
    struct moments m = moments_of(g, 256 * 128);
    expect_moments(&m, programs[_i].g_us, programs[_i].sigma_us);
    rig_release(&rig);
}
END_TEST

START_TEST(no_conductance_is_negative) {
    struct rig rig;
    rig_init(&rig, "{axons: 64, neurons: 64, program: {model: normal, sigma_s: 50 uS}}", 0);
    rig_load_random(&rig, &(uint64_t){4});
    rig_prepare(&rig);
    double lowest = 1e9;
    for (uint32_t axon = 0; axon < 64; axon++)
        for (uint32_t column = 0; column < rig.xb->layout.columns; column++)
            lowest = fmin(lowest, 1e-6 + rig.xb->cell[axon * rig.xb->layout.lanes + column] * 33e-6);
    ck_assert(fabs(lowest) < 1e-15);
    rig_release(&rig);
}
END_TEST

START_TEST(stuck_cells) {
    struct rig rig;
    rig_init(&rig,
             "{axons: 256, neurons: 256, weights: {bits: 3}, cell: {bits: 3}, program: {stuck_off: 0.03, "
             "stuck_on: 0.01}}",
             0);
    rig_load_all(&rig, 3);
    rig_prepare(&rig);
    double off = 0, on = 0, cells = 256 * 256;
    for (uint32_t axon = 0; axon < 256; axon++)
        for (uint32_t neuron = 0; neuron < 256; neuron++) {
            double cell = rig.xb->cell[axon * rig.xb->layout.lanes + neuron * 2];
            off += fabs(cell) < 1e-9;
            on += fabs(cell - 7) < 1e-9;
        }
    ck_assert(fabs(off - 0.03 * cells) < 5 * sqrt(0.03 * 0.97 * cells));
    ck_assert(fabs(on - 0.01 * cells) < 5 * sqrt(0.01 * 0.99 * cells));
    rig_release(&rig);
}
END_TEST

START_TEST(drift_exponents) {
    static const struct {
        const char *text;
        double mean, sd, t0;
    } cases[] = {
        {"model: power, exponent: 0.05, exponent_sigma: 0.01, age: 100 ks", 0.05, 0.01, 1},
        {"model: power, exponent: 0.03, t0: 10 s, age: 100 ks", 0.03, 0, 10},
        {"model: pcm, age: 100 ks", 0.049, 0.008, 20}, /* at g_max: both clamped */
    };
    char text[300];
    struct rig rig;
    snprintf(text, sizeof text,
             "{axons: 128, neurons: 128, cell: {bits: 1, g_min: 0 S, g_max: 25 uS}, "
             "weights: {bits: 2, symmetric: true}, drift: {%s}}",
             cases[_i].text);
    rig_init(&rig, text, 0);
    rig_load_all(&rig, 1);
    rig_prepare(&rig);
    double *nu = SIM_NEW_ARRAY(&rig.arena, double, 128 * 128);
    for (uint32_t i = 0; i < 128 * 128; i++)
        nu[i] = -log(rig.xb->cell[i / 128 * rig.xb->layout.lanes + i % 128 * 2]) / log(1e5 / cases[_i].t0);
    struct moments m = moments_of(nu, 128 * 128);
    expect_moments(&m, cases[_i].mean, cases[_i].sd);
    rig_release(&rig);
}
END_TEST

/* ---- reads -------------------------------------------------------------------------------------- */

/* Sums of one neuron over many reads of the same input: 64 cells of 100 uS. */
static struct moments read_often(const char *read, sim_cycle gap) {
    enum { READS = 40000 };
    char text[300];
    struct rig rig;
    uint64_t spikes = ~UINT64_C(0);
    snprintf(text, sizeof text,
             "{axons: 64, neurons: 1, cell: {bits: 1, g_min: 0 S}, weights: {bits: 2, symmetric: true}, %s}",
             read);
    rig_init(&rig, text, 0);
    rig_load_all(&rig, 1);
    rig_prepare(&rig);
    double *value = SIM_NEW_ARRAY(&rig.arena, double, READS);
    for (uint32_t i = 0; i < READS; i++) {
        arch_crossbar_spikes(rig.xb, &spikes, rig.sums, i * gap);
        value[i] = rig.xb->total[0];
    }
    struct moments m = moments_of(value, READS);
    rig_release(&rig);
    return m;
}

/* The cells of the negative column are at 0 S: they add only what does not scale with conductance. */
START_TEST(read_noise) {
    static const struct {
        const char *text;
        double variance; /* of one cell at g_max, of one at 0 S, together; steps squared */
    } cases[] = {
        {"read: {fluctuation: 0.1}", 0.01},
        {"read: {fluctuation: 0.1, energy: 4}", 0.0025},
        {"read: {fluctuation: 0.1, energy: 16, fluctuation_exponent: 0.25}", 0.0025},
        {"read: {thermal: 2 uS}", 2 * 0.0004},
        {"read: {thermal: 2 uS, energy: 2}", 0.0004},
        {"read: {bandwidth: 1 GHz}", 4 * 1.380649e-23 * 300 * 1e9 / (0.2 * 0.2 * 100e-6)},
        {"read: {flicker: 0.01}, drift: {age: 10 s}", 0.0001 * 16.8112428}, /* ln((10 + 250e-9) / 500e-9) */
    };
    struct moments m = read_often(cases[_i].text, 1);
    expect_moments(&m, 64, sqrt(64 * cases[_i].variance));
}
END_TEST

/* ---- telegraph noise ---------------------------------------------------------------------------- */

/* Share of cells on the higher level, and its correlation with that a gap later, over many gaps. */
START_TEST(telegraph_levels) {
    static const double gaps[] = {1e-5, 3e-4, 1e-3, 50e-3};
    enum { ROUNDS = 3000 };
    struct rig rig;
    const double p = 0.2, dwell = 1e-3, gap = gaps[_i];
    rig_init(&rig,
             "{axons: 32, neurons: 8, weights: {bits: 2, symmetric: true}, cell: {bits: 1, g_min: 1 uS}, "
             "read: {telegraph: 0.1, telegraph_high: 0.2, telegraph_dwell: 1 ms}}",
             0);
    rig_load_all(&rig, 1);
    rig_prepare(&rig);
    uint32_t lanes = rig.xb->layout.lanes, cells = 32 * 16;
    bool *before = SIM_NEW_ARRAY(&rig.arena, bool, 32 * lanes);
    double high = 0, both = 0, rate = 1 / dwell / (1 - p);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        arch_crossbar_telegraph_advance(rig.xb->telegraph, round * gap);
        double now = 0;
        for (uint32_t axon = 0; axon < 32; axon++)
            for (uint32_t column = 0; column < 16; column++) {
                uint32_t i = axon * lanes + column;
                double g = 1 + rig.xb->cell[i] * 99, quiet = 1 + rig.xb->quiet[i] * 99;
                bool is_high = g > quiet * 1.05;
                ck_assert(fabs(g - quiet * (is_high ? 1.1 : 1)) < 1e-9);
                both += round > 0 && is_high && before[i];
                now += before[i] = is_high;
            }
        ck_assert_uint_eq((uint32_t)now, rig.xb->telegraph->high);
        high += now;
    }
    /* Independent samples: one each correlation time. */
    double share = high / ROUNDS / cells, decay = exp(-gap * rate);
    double independent = cells * fmin(ROUNDS, 1 + ROUNDS * gap * rate / 2);
    ck_assert_msg(fabs(share - p) < 5 * sqrt(p * (1 - p) / independent), "share %g", share);
    double stay = both / (ROUNDS - 1) / cells / share, expected = p + (1 - p) * decay;
    double samples = high * (_i == 0 ? 1 : 0.5);
    ck_assert_msg(fabs(stay - expected) < 5 * sqrt(expected * (1 - expected) / samples) + 2 * fabs(share - p),
                  "stays %g, expected %g", stay, expected);
    rig_release(&rig);
}
END_TEST

/* A telegraph cell's noise does not average out within its dwell time, but does beyond. */
START_TEST(telegraph_noise_is_slow) {
    const char *text = "read: {telegraph: 0.2, telegraph_high: 0.5, telegraph_dwell: 1 ms}";
    struct moments fast = read_often(text, 1), slow = read_often(text, 100000000);
    ck_assert(fast.sd < 0.5 * slow.sd);
    ck_assert(fabs(slow.sd - sqrt(64 * 0.25) * 0.2) < 0.05);
    ck_assert(fabs(slow.mean - 64 * 1.1) < 0.05);
}
END_TEST

/* ---- stretches ---------------------------------------------------------------------------------- */

/* Sums of some reads in a stretch. */
static void read_stretch(struct rig *rig, uint64_t stretch, int32_t *sums) {
    uint64_t rng = 1, spikes[1];
    arch_crossbar_begin(rig->xb, stretch);
    for (uint32_t i = 0; i < 10; i++) {
        rig_random_spikes(rig, spikes, 0.6, &rng);
        arch_crossbar_spikes(rig->xb, spikes, rig->sums, 1000 * i);
        memcpy(sums + i * rig->spec.neurons, rig->sums, rig->spec.neurons * sizeof *sums);
    }
}

static const char *const drawn[] = {
    "read: {fluctuation: 0.3}",
    "read: {telegraph: 0.5, telegraph_dwell: 3 us}",
    "read: {fluctuation: 0.3, telegraph: 0.5, telegraph_dwell: 3 us}",
    "read: {thermal: 20 uS}, adc: {kind: sar, bits: 7}",
    "read: {telegraph: 0.5, telegraph_dwell: 3 us}, adc: {kind: sar, bits: 7}",
};

/* A stretch draws the same whatever was read before it, and not what another one draws. */
START_TEST(stretches_are_independent) {
    char text[200];
    struct rig rig;
    int32_t first[10 * 6], sums[10 * 6];
    snprintf(text, sizeof text, "{axons: 64, neurons: 6, weights: {bits: 6}, %s}", drawn[_i]);
    rig_init(&rig, text, 2);
    rig_load_random(&rig, &(uint64_t){4});
    rig_prepare(&rig);
    read_stretch(&rig, 3, first);
    read_stretch(&rig, 1, sums);
    ck_assert_mem_ne(sums, first, sizeof sums);
    read_stretch(&rig, 3, sums);
    ck_assert_mem_eq(sums, first, sizeof sums);
    read_stretch(&rig, 0, first);
    rig_release(&rig);
    rig_init(&rig, text, 2);
    rig_load_random(&rig, &(uint64_t){4});
    rig_prepare(&rig);
    read_stretch(&rig, 0, sums);
    ck_assert_mem_eq(sums, first, sizeof sums);
    rig_release(&rig);
}
END_TEST

/* ---- converters --------------------------------------------------------------------------------- */

START_TEST(converter_offsets) {
    struct rig rig;
    rig_init(&rig,
             "{axons: 256, neurons: 250, array: {rows: 1}, weights: {bits: 5}, "
             "adc: {kind: sar, bits: 8, columns: 1, offset_sigma: 0.7}}",
             0);
    rig_prepare(&rig);
    size_t count = 0, lanes = rig.xb->layout.lanes;
    double *offset = SIM_NEW_ARRAY(&rig.arena, double, 256 * lanes);
    for (uint32_t block = 0; block < 256; block++)
        for (uint32_t c = 0; c < rig.xb->layout.conversions; c++)
            offset[count++] = rig.xb->offset[block * lanes + c];
    struct moments m = moments_of(offset, count);
    expect_moments(&m, 0, 0.7);
    rig_release(&rig);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("crossbar noise");
    TCase *draws = suite_case(suite, "draws");
    tcase_add_test(draws, normals_are_normal);
    tcase_add_test(draws, streams_and_neighbours_are_independent);
    TCase *program = suite_case(suite, "programming");
    tcase_add_loop_test(program, programmed_conductances, 0, sizeof programs / sizeof *programs);
    tcase_add_test(program, no_conductance_is_negative);
    tcase_add_test(program, stuck_cells);
    tcase_add_loop_test(program, drift_exponents, 0, 3);
    TCase *reads = suite_case(suite, "reads");
    tcase_set_timeout(reads, 30);
    tcase_add_loop_test(reads, read_noise, 0, 7);
    tcase_add_loop_test(reads, telegraph_levels, 0, 4);
    tcase_add_test(reads, telegraph_noise_is_slow);
    tcase_add_loop_test(suite_case(suite, "stretches"), stretches_are_independent, 0, 5);
    tcase_add_test(suite_case(suite, "converters"), converter_offsets);
    return suite_run(suite);
}

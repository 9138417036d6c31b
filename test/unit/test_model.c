/* SPDX-License-Identifier: MIT
 *
 * Closed forms against the published results, row by row. A row says what was published, what the model is
 * expected to give, and how far they may differ. Status of a row:
 *
 *     exact   the formula is the authors' code
 *     fit     a constant was fitted to the row
 *     post    the reading of the model was chosen with the row in view
 *     pred    reproduced without having been used
 *     miss    known not to be reproduced: the test asserts that it is missed (DEVIATIONS.md)
 *
 * Rows whose inputs are not published (accuracy, TTFS, battery life) have no model and no row.
 */
#include "arch/model/snn_vs_qnn_v1.h"
#include "arch/model/snn_vs_qnn_v4.h"
#include "sim/config/bind.h"

#include "test/suite.h"
#include "test/fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The results of a model for a spec written in YAML. */
static const double *evaluate(const struct arch_model *model, const char *yaml) {
    const struct sim_binding binding = {NULL, &arena, &err};
    void *spec = sim_arena_alloc(&arena, 1, model->schema->size);
    if (!sim_bind_text(&binding, model->schema, yaml, spec)) {
        sim_err_print(&err, stderr);
        ck_abort_msg("cannot bind %s", yaml);
    }
    double *value = SIM_NEW_ARRAY(&arena, double, model->results);
    model->evaluate(spec, value);
    return value;
}

static double v1(enum arch_model_v1_result result, const char *yaml) {
    return evaluate(&arch_model_snn_vs_qnn_v1, yaml)[result];
}

static double v4(enum arch_model_v4_result result, const char *yaml) {
    return evaluate(&arch_model_snn_vs_qnn_v4, yaml)[result];
}

static char *text(const char *format, ...) {
    va_list arguments;
    char buffer[512];
    va_start(arguments, format);
    vsnprintf(buffer, sizeof buffer, format, arguments);
    va_end(arguments);
    return sim_arena_format(&arena, "%s", buffer);
}

/* ---- version 1 -------------------------------------------------------------------------------- */

static const struct {
    uint32_t timesteps;
    double classical, spatial; /* sparsity of equal energy */
} a1_to_a6[] = {
    {1, 0.4391, 0.5463},  {2, 0.7440, 0.7736},  {3, 0.8375, 0.8493},  {4, 0.8819, 0.8872},
    {5, 0.9075, 0.9099},  {6, 0.9242, 0.9251},  {7, 0.9358, 0.9359},  {8, 0.9444, 0.9440},
    {10, 0.9562, 0.9554}, {12, 0.9639, 0.9630}, {16, 0.9734, 0.9724}, {17, 0.9750, 0.9741},
};

START_TEST(a1_to_a6_crossovers) {
    for (size_t i = 0; i < sizeof a1_to_a6 / sizeof *a1_to_a6; i++) {
        uint32_t t = a1_to_a6[i].timesteps;
        ck_assert_double_eq_tol(
            v1(ARCH_MODEL_V1_CROSSOVER_SPARSITY, text("{hardware: classical, timesteps: %u}", t)),
            a1_to_a6[i].classical, 5e-5);
        ck_assert_double_eq_tol(
            v1(ARCH_MODEL_V1_CROSSOVER_SPARSITY, text("{hardware: spatial, timesteps: %u}", t)),
            a1_to_a6[i].spatial, 5e-5);
    }
}
END_TEST

START_TEST(a7_ratios_of_the_best_vgg16) {
    ck_assert_double_eq_tol(
        v1(ARCH_MODEL_V1_RATIO, "{hardware: classical, timesteps: 6, spike_rate: 0.0581}"), 0.850, 5e-4);
    ck_assert_double_eq_tol(v1(ARCH_MODEL_V1_RATIO, "{hardware: spatial, timesteps: 6, spike_rate: 0.0581}"),
                            0.778, 5e-4);
}
END_TEST

/* Published as "> 92 %" and "> 93 %"; the second only by rounding 92.51 up. */
START_TEST(a8_thresholds_at_six_timesteps) {
    double classical = 100 * v1(ARCH_MODEL_V1_CROSSOVER_SPARSITY, "{hardware: classical, timesteps: 6}");
    double spatial = 100 * v1(ARCH_MODEL_V1_CROSSOVER_SPARSITY, "{hardware: spatial, timesteps: 6}");
    ck_assert_double_eq_tol(classical, 92, 0.5);
    ck_assert_double_eq_tol(spatial, 93, 0.5);
    ck_assert_double_lt(spatial, 93);
}
END_TEST

START_TEST(a9_thresholds_beyond_sixteen_timesteps) {
    ck_assert_double_gt(v1(ARCH_MODEL_V1_CROSSOVER_SPARSITY, "{hardware: classical, timesteps: 17}"), 0.97);
    ck_assert_double_gt(v1(ARCH_MODEL_V1_CROSSOVER_SPARSITY, "{hardware: spatial, timesteps: 17}"), 0.97);
}
END_TEST

/* 69 % of the ANN's energy is published without its sparsity; it needs 94.86 %, not the 94.19 % of A7. */
START_TEST(a10_needs_another_sparsity_than_a7) {
    ck_assert_double_eq_tol(v1(ARCH_MODEL_V1_RATIO, "{timesteps: 6, spike_rate: 0.0514}"), 0.69, 1e-3);
    ck_assert_double_gt(v1(ARCH_MODEL_V1_RATIO, "{timesteps: 6, spike_rate: 0.0581}"), 0.69 + 0.08);
}
END_TEST

static double v1_excess(const void *spec, double rate) {
    struct arch_model_v1_spec here = *(const struct arch_model_v1_spec *)spec;
    double value[ARCH_MODEL_V1_RESULT_COUNT];
    here.spike_rate = rate;
    arch_model_snn_vs_qnn_v1.evaluate(&here, value);
    return value[ARCH_MODEL_V1_RATIO] - 1;
}

START_TEST(solved_and_bisected_crossovers_agree) {
    const struct sim_binding binding = {NULL, &arena, &err};
    for (int hardware = 0; hardware < ARCH_MODEL_V1_HARDWARE_COUNT; hardware++)
        for (uint32_t t = 1; t <= 64; t++) {
            struct arch_model_v1_spec spec;
            ck_assert(sim_bind_text(&binding, &arch_model_v1_schema, "{}", &spec));
            spec.hardware = hardware;
            spec.timesteps = t;
            double value[ARCH_MODEL_V1_RESULT_COUNT];
            arch_model_snn_vs_qnn_v1.evaluate(&spec, value);
            struct arch_model_curve curve = {v1_excess, &spec};
            double bisected = arch_model_crossing(&curve, 0, 1, 16);
            ck_assert(isnan(bisected) == isnan(value[ARCH_MODEL_V1_CROSSOVER]));
            if (!isnan(bisected))
                ck_assert_double_eq_tol(bisected, value[ARCH_MODEL_V1_CROSSOVER], 1e-12);
        }
}
END_TEST

/* ---- version 4 -------------------------------------------------------------------------------- */

#define LAYER "mode: sparse, fan_in: 4096, hops: 1, "
/* gamma held at its value where B1 crosses: 1 - gamma = 2 T s_r / (T + 1) = 0.095630 */
#define HELD LAYER "timesteps: 5, weight_bits: 4, activity: given, density: 0.0956299, "
/* weights amortised and no neuron term: the networks of the paper. */
#define NETWORK "weight_read: 0 pJ/bit, neuron: 0 pJ, "
#define READING4 NETWORK "weight_bits: 4, hops: 0.64, "
#define READING8 NETWORK "weight_bits: 8, hops: 0.64, "

static const struct row {
    const char *id, *status;
    enum arch_model_v4_result result;
    const char *yaml;
    double published, published_tol, model, model_tol;
} rows[] = {
    {"B1", "fit", ARCH_MODEL_V4_CROSSOVER, LAYER "timesteps: 5, weight_bits: 4", 0.0575, 5e-4, 0.0574, 5e-5},
    {"B2", "post", ARCH_MODEL_V4_CROSSOVER, LAYER "timesteps: 5, weight_bits: 8", 0.064, 1e-3, 0.0647, 5e-5},
    {"B3 weight x1.5", "fit", ARCH_MODEL_V4_CROSSOVER, HELD "weight_read: 0.0582 pJ/bit", 0.0608, 1e-4,
     0.0608, 1e-4},
    {"B3 weight x0.5", "fit", ARCH_MODEL_V4_CROSSOVER, HELD "weight_read: 0.0194 pJ/bit", 0.0539, 1e-4,
     0.0539, 1e-4},
    {"B4 dense x0.5", "pred", ARCH_MODEL_V4_CROSSOVER, HELD "dense_move: 0.125 pJ/bit", 0.0341, 5e-4, 0.0341,
     5e-4},
    {"B4 sparse x0.5", "pred", ARCH_MODEL_V4_CROSSOVER, HELD "sparse_move: 1.5 pJ/bit", 0.1080, 5e-4, 0.1078,
     5e-4},
    {"B7 w3", "post", ARCH_MODEL_V4_SWITCH, "neuron: 0 pJ, mac: fixed, weight_bits: 3", 0.12, 5e-3, 0.118,
     5e-4},
    {"B7 w8", "post", ARCH_MODEL_V4_SWITCH, "neuron: 0 pJ, weight_bits: 8", 0.17, 5e-3, 0.169, 5e-4},
    {"B8 w4", "fit", ARCH_MODEL_V4_CROSSOVER, LAYER "timesteps: 2, weight_bits: 4", 0.104, 1e-3, 0.1045,
     2e-4},
    {"B8 w8", "fit", ARCH_MODEL_V4_CROSSOVER, LAYER "timesteps: 2, weight_bits: 8", 0.123, 1e-3, 0.1232,
     2e-4},
    {"B9", "pred", ARCH_MODEL_V4_CROSSOVER, LAYER "timesteps: 3, weight_bits: 8", 0.082, 1e-3, 0.0817, 2e-4},
    {"B10", "fit", ARCH_MODEL_V4_PARITY_HOPS, LAYER "timesteps: 4, weight_bits: 8, spike_rate: 0.1", 0.46,
     0.01, 0.46, 0.005},
    {"B11", "pred", ARCH_MODEL_V4_PARITY_HOPS,
     LAYER "timesteps: 4, weight_bits: 8, spike_rate: 0.1, sparse_reads: window", 0.67, 0.01, 0.67, 0.005},
    {"B12", "fit", ARCH_MODEL_V4_CROSSOVER, "mode: sparse, timesteps: 5, fan_in: 64", 0.054, 1e-3, 0.0541,
     5e-5},
    {"B13", "miss", ARCH_MODEL_V4_CROSSOVER, LAYER "timesteps: 1, weight_bits: 8", 0.297, 0.05, 0.170, 5e-4},
    {"C1 reading 4", "fit", ARCH_MODEL_V4_RATIO, READING4 "timesteps: 3, spike_rate: 0.0549", 0.987, 3e-3,
     0.988, 1e-3},
    {"C1 reading 8", "post", ARCH_MODEL_V4_RATIO, READING8 "timesteps: 3, spike_rate: 0.0549", 0.987, 3e-3,
     0.987, 1e-3},
    {"C2 reading 4", "fit", ARCH_MODEL_V4_RATIO, READING4 "timesteps: 8, spike_rate: 0.0852", 1.966, 5e-3,
     1.965, 1e-3},
    {"C2 reading 8, events", "fit", ARCH_MODEL_V4_RATIO,
     READING8 "mode: sparse, timesteps: 8, spike_rate: 0.0852", 1.966, 5e-3, 1.968, 1e-3},
    {"C2 reading 8", "miss", ARCH_MODEL_V4_RATIO, READING8 "timesteps: 8, spike_rate: 0.0852", 1.966, 5e-3,
     1.926, 1e-3},
    {"C4 T=4", "post", ARCH_MODEL_V4_RATIO, READING4 "timesteps: 4, spike_rate: 0.09", 1.316, 0.0132, 1.307,
     1e-3},
    {"C4 T=5", "post", ARCH_MODEL_V4_RATIO, READING4 "timesteps: 5, spike_rate: 0.09", 1.635, 0.0164, 1.630,
     1e-3},
    {"C4 T=6", "post", ARCH_MODEL_V4_RATIO, READING4 "timesteps: 6, spike_rate: 0.09", 1.953, 0.0195, 1.953,
     1e-3},
    {"C4 T=7", "post", ARCH_MODEL_V4_RATIO, READING4 "timesteps: 7, spike_rate: 0.09", 2.270, 0.0227, 2.276,
     1e-3},
    {"C4 T=8", "post", ARCH_MODEL_V4_RATIO, READING4 "timesteps: 8, spike_rate: 0.09", 1.958, 0.0196, 1.963,
     1e-3},
    {"C11", "post", ARCH_MODEL_V4_RATIO,
     NETWORK "mode: dense, timesteps: 15, accumulate: 0 pJ, mac: fixed, mac_energy: 0 pJ", 3.793, 0.0569,
     3.750, 1e-9},
    {"C14 leak 0.90", "post", ARCH_MODEL_V4_RATIO, READING4 "timesteps: 5, spike_rate: 0.05657", 1.121, 5e-3,
     1.125, 1e-3},
    {"C14 leak 0.99", "post", ARCH_MODEL_V4_RATIO, READING4 "timesteps: 5, spike_rate: 0.06569", 1.301, 5e-3,
     1.300, 1e-3},
};

START_TEST(rows_of_version_4) {
    const struct row *row = &rows[_i];
    double value = v4(row->result, text("{%s}", row->yaml));
    bool meets = fabs(value - row->published) <= row->published_tol;
    bool miss = strcmp(row->status, "miss") == 0;
    ck_assert_msg(fabs(value - row->model) <= row->model_tol, "%s: %.6f, expected %.6f", row->id, value,
                  row->model);
    ck_assert_msg(meets != miss, "%s (%s): %.6f, published %.6f", row->id, row->status, value,
                  row->published);
}
END_TEST

START_TEST(b5_compute_energies_hardly_matter) {
    static const char *const changes[] = {"accumulate: 0.08172 pJ", "accumulate: 0.02724 pJ",
                                          "mac: fixed, mac_energy: 0.258 pJ",
                                          "mac: fixed, mac_energy: 0.086 pJ"};
    double base = v4(ARCH_MODEL_V4_CROSSOVER, "{" HELD "}");
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        double moved = fabs(v4(ARCH_MODEL_V4_CROSSOVER, text("{" HELD "%s}", changes[i])) - base);
        ck_assert_double_le(moved, 0.0005 + 0.0001);
        ck_assert_double_ge(moved, 0.0004);
    }
}
END_TEST

START_TEST(b6_one_point_of_spike_rate) {
    double base = v4(ARCH_MODEL_V4_RATIO, "{" HELD "spike_rate: 0.057378}");
    double more = v4(ARCH_MODEL_V4_RATIO, "{" HELD "spike_rate: 0.067378}");
    ck_assert_double_eq_tol(100 * (more / base - 1), 17.39, 0.1);
    ck_assert_double_eq_tol(100 * (more / base - 1), 17.41, 0.01);
}
END_TEST

/* Without the re-reading of weights in each timestep the switch would be 0.089-0.094, not 0.12-0.17. */
START_TEST(b7_needs_weights_read_in_each_timestep) {
    ck_assert_double_eq_tol(v4(ARCH_MODEL_V4_SWITCH, "{neuron: 0 pJ, weight_bits: 4}"), 0.128, 5e-4);
    ck_assert_double_eq_tol(v4(ARCH_MODEL_V4_SWITCH, "{neuron: 0 pJ, dense_reads: window, weight_bits: 4}"),
                            0.089, 5e-4);
    ck_assert_double_eq_tol(v4(ARCH_MODEL_V4_SWITCH, "{neuron: 0 pJ, dense_reads: window, weight_bits: 8}"),
                            0.094, 5e-4);
}
END_TEST

START_TEST(b2_falls_with_the_timesteps) {
    ck_assert_double_eq_tol(v4(ARCH_MODEL_V4_CROSSOVER, "{" LAYER "timesteps: 10, weight_bits: 8}"), 0.0396,
                            1e-4);
}
END_TEST

START_TEST(b13_has_no_crossover_when_bitmaps_are_allowed) {
    ck_assert_double_nan(v4(ARCH_MODEL_V4_CROSSOVER, "{timesteps: 1, weight_bits: 8}"));
}
END_TEST

/* Spike rates of VGG16 on CIFAR-10 at T = 3..8; published for 3 and 8, the others implied by C3. */
static const double rates[] = {0.0549, 0.0647, 0.0713, 0.0774, 0.0819, 0.0852};

static double vgg16(uint32_t t, const char *change) {
    return v4(ARCH_MODEL_V4_RATIO,
              text("{" READING4 "timesteps: %u, spike_rate: %.4f%s}", t, rates[t - 3], change));
}

/* The rates implied by the published ratios rise smoothly between the two published ones. */
START_TEST(c3_implied_rates) {
    static const double published[] = {0.987, 1.026, 1.406, 1.824, 2.243, 1.966};
    for (uint32_t t = 3; t <= 8; t++) {
        ck_assert_double_eq_tol(vgg16(t, ""), published[t - 3], 3e-3);
        if (t > 3)
            ck_assert_double_gt(rates[t - 3], rates[t - 4]);
    }
    ck_assert_double_eq(v4(ARCH_MODEL_V4_IS_DENSE, "{" READING4 "timesteps: 7, spike_rate: 0.0819}"), 0);
    double most = v4(ARCH_MODEL_V4_RATIO, "{" READING8 "timesteps: 7, spike_rate: 0.0833}");
    ck_assert_double_lt(most, 2.243 - 0.02); /* reading 8 cannot reach the published row */
}
END_TEST

START_TEST(c5_no_win_at_eta_64) {
    static const double expected[] = {1.486, 1.314, 1.637, 1.960, 2.281, 1.965};
    double low = INFINITY, high = 0;
    for (uint32_t t = 3; t <= 8; t++) {
        double ratio = vgg16(t, ", sparse_move: 16 pJ/bit");
        ck_assert_double_eq_tol(ratio, expected[t - 3], 1e-3);
        ck_assert_double_gt(ratio, 1);
        low = fmin(low, ratio);
        high = fmax(high, ratio);
    }
    ck_assert_double_eq_tol(low, 1.316, 0.005 * 1.316);
    ck_assert_double_eq_tol(high, 2.282, 0.005 * 2.282);
}
END_TEST

/* The published ranges are 1/12 wins, 0.987-2.270 over CIFAR-10 and CIFAR-100. */
START_TEST(c6_one_win_at_eta_12) {
    int wins = 0;
    for (uint32_t t = 3; t <= 8; t++)
        wins += vgg16(t, "") < 1;
    ck_assert_int_eq(wins, 1);
    ck_assert_double_eq_tol(vgg16(3, ""), 0.987, 3e-3);
}
END_TEST

/* Published: eta = 4: 0.541-1.020, eta = 1: 0.594-0.872. The reconstruction lies below both. */
START_TEST(c7_and_c8_are_missed) {
    static const struct {
        const char *change;
        double low, high, published_low;
    } cases[] = {
        {", sparse_move: 1 pJ/bit", 0.35, 0.79, 0.541},
        {", sparse_move: 0.25 pJ/bit", 0.11, 0.25, 0.594},
    };
    for (size_t i = 0; i < 2; i++) {
        double low = INFINITY, high = 0;
        for (uint32_t t = 3; t <= 8; t++) {
            low = fmin(low, vgg16(t, cases[i].change));
            high = fmax(high, vgg16(t, cases[i].change));
        }
        ck_assert_double_eq_tol(low, cases[i].low, 0.01);
        ck_assert_double_eq_tol(high, cases[i].high, 0.01);
        ck_assert_double_lt(low, 0.7 * cases[i].published_low);
    }
}
END_TEST

/* Transformer on SST-2 (and C10, seven GLUE tasks at T = 3): the dense limit T / b, movement only. */
START_TEST(c9_and_c10_dense_limit) {
    static const struct {
        uint32_t timesteps;
        double published;
    } cases[] = {{1, 0.996}, {3, 1.500}, {7, 2.338}, {15, 3.762}};
    for (size_t i = 0; i < 4; i++) {
        uint32_t t = cases[i].timesteps;
        const char *common = text(NETWORK "mode: dense, hops: 4.75, timesteps: %u", t);
        double limit =
            v4(ARCH_MODEL_V4_RATIO, text("{%s, accumulate: 0 pJ, mac: fixed, mac_energy: 0 pJ}", common));
        ck_assert_double_eq_tol(limit, (double)t / arch_model_activation_bits(t), 1e-12);
        ck_assert_double_eq_tol(limit, cases[i].published, 0.005 * cases[i].published);
        double compute = v4(ARCH_MODEL_V4_RATIO, text("{%s, spike_rate: 0.25}", common));
        ck_assert_double_lt(compute, limit); /* the published rows lie above the limit: a term is missing */
    }
    double reread =
        v4(ARCH_MODEL_V4_RATIO, "{hops: 4.75, mode: dense, timesteps: 15, spike_rate: 0.2, neuron: 0 pJ}");
    ck_assert_double_gt(reread, 4.0); /* weights re-read: far from the published 3.762 */
}
END_TEST

/* TTFS is not modelled; a factor found by trial relates its published ratios to those of the rate code. */
START_TEST(c12_ttfs_follows_the_rate_code_within_5_percent) {
    static const double ttfs[] = {0.732, 0.661, 0.790, 0.907, 1.001, 0.811};
    for (uint32_t t = 3; t <= 8; t++) {
        double factor = 4.0 * t / ((t + 1.0) * (t + 1.0));
        ck_assert_double_eq_tol(vgg16(t, "") * factor, ttfs[t - 3], 0.05 * ttfs[t - 3]);
    }
}
END_TEST

/* ---- the models as such ----------------------------------------------------------------------- */

START_TEST(activation_bits) {
    static const uint32_t first[] = {1, 2, 4, 8, 16, 32}; /* timesteps from which b = 1, 2, ... */
    for (uint32_t b = 1; b <= 5; b++)
        for (uint32_t t = first[b - 1]; t < first[b]; t++)
            ck_assert_uint_eq(arch_model_activation_bits(t), b);
    ck_assert_uint_eq(arch_model_activation_bits(UINT32_MAX), 32);
}
END_TEST

START_TEST(shares_add_up) {
    for (int mode = 0; mode < 3; mode++) {
        static const char *const names[] = {"auto", "sparse", "dense"};
        const double *v =
            evaluate(&arch_model_snn_vs_qnn_v4, text("{mode: %s, spike_rate: 0.3}", names[mode]));
        ck_assert_double_eq_tol(v[ARCH_MODEL_V4_SNN_MOVE] + v[ARCH_MODEL_V4_SNN_WEIGHT] +
                                    v[ARCH_MODEL_V4_SNN_COMPUTE] + v[ARCH_MODEL_V4_SNN_NEURON],
                                v[ARCH_MODEL_V4_SNN], 1e-24);
        ck_assert_double_eq_tol(v[ARCH_MODEL_V4_QNN_MOVE] + v[ARCH_MODEL_V4_QNN_WEIGHT] +
                                    v[ARCH_MODEL_V4_QNN_COMPUTE],
                                v[ARCH_MODEL_V4_QNN], 1e-24);
        double cheaper = fmin(v[ARCH_MODEL_V4_SPARSE_J], v[ARCH_MODEL_V4_DENSE_J]);
        ck_assert_double_eq(v[ARCH_MODEL_V4_SNN], mode == 0   ? cheaper
                                                  : mode == 1 ? v[ARCH_MODEL_V4_SPARSE_J]
                                                              : v[ARCH_MODEL_V4_DENSE_J]);
    }
}
END_TEST

START_TEST(activity_bounds_the_density) {
    const char *common = "timesteps: 4, spike_rate: 0.2, activity: ";
    double worst = v4(ARCH_MODEL_V4_DENSITY, text("{%sworst}", common));
    double middle = v4(ARCH_MODEL_V4_DENSITY, text("{%smiddle}", common));
    double best = v4(ARCH_MODEL_V4_DENSITY, text("{%sbest}", common));
    ck_assert_double_eq_tol(worst, 0.2, 1e-15);
    ck_assert_double_eq_tol(middle, 0.32, 1e-15);
    ck_assert_double_eq_tol(best, 0.8, 1e-15);
    ck_assert_double_eq(v4(ARCH_MODEL_V4_DENSITY, "{timesteps: 4, spike_rate: 0.9, activity: best}"), 1);
}
END_TEST

START_TEST(an_unknown_mac_is_an_error) {
    const struct sim_binding binding = {NULL, &arena, &err};
    struct arch_model_v4_spec spec;
    ck_assert(!sim_bind_text(&binding, &arch_model_v4_schema, "{timesteps: 16}", &spec));
    ck_assert_int_eq(err.code, SIM_EXIT_CONFIG);
    ck_assert_ptr_nonnull(strstr(err.message[0], "5-bit activations (timesteps: 16) and 4-bit weights"));
    ck_assert(!sim_bind_text(&binding, &arch_model_v4_schema, "{weight_bits: 6}", &spec));
    ck_assert(sim_bind_text(&binding, &arch_model_v4_schema, "{weight_bits: 6, mac: fixed}", &spec));
}
END_TEST

START_TEST(tables_are_sound) {
    for (size_t i = 0; arch_models[i] != NULL; i++) {
        ck_assert(sim_schema_audit(arch_models[i]->schema, &err));
        ck_assert_ptr_eq(arch_model_find(arch_models[i]->name, arch_models[i]->version), arch_models[i]);
        ck_assert_ptr_eq(arch_model_of_schema(arch_models[i]->schema), arch_models[i]);
        ck_assert_uint_le(arch_models[i]->results, ARCH_MODEL_RESULTS_MAX);
        for (uint32_t k = 0; k < arch_models[i]->results; k++)
            ck_assert_uint_eq(arch_model_result_index(arch_models[i], arch_models[i]->result[k].name), k);
    }
    ck_assert_ptr_null(arch_model_find("snn-vs-qnn", "v2"));
    ck_assert_uint_eq(arch_model_result_index(arch_models[0], "nothing"), UINT32_MAX);
}
END_TEST

static double parabola(const void *user, double x) {
    return x * x - *(const double *)user;
}
static double broken(const void *user, double x) {
    return x < *(const double *)user ? NAN : x - 0.9;
}

START_TEST(crossings_are_found_to_the_last_bit) {
    double two = 2, nine = 9, half = 0.5;
    ck_assert_double_eq_tol(arch_model_crossing(&(struct arch_model_curve){parabola, &two}, 0, 2, 1), sqrt(2),
                            1e-15);
    ck_assert_double_nan(arch_model_crossing(&(struct arch_model_curve){parabola, &nine}, 0, 2, 100));
    ck_assert_double_nan(
        arch_model_crossing(&(struct arch_model_curve){parabola, &two}, -2, 2, 1)); /* two, unseen */
    ck_assert_double_eq_tol(arch_model_crossing(&(struct arch_model_curve){parabola, &two}, -2, 2, 3),
                            -sqrt(2), 1e-15);
    ck_assert_double_eq_tol(arch_model_crossing(&(struct arch_model_curve){broken, &half}, 0, 1, 8), 0.9,
                            1e-15);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("arch/model");
    TCase *first = suite_case(suite, "version 1");
    tcase_add_checked_fixture(first, set_up, tear_down);
    tcase_add_test(first, a1_to_a6_crossovers);
    tcase_add_test(first, a7_ratios_of_the_best_vgg16);
    tcase_add_test(first, a8_thresholds_at_six_timesteps);
    tcase_add_test(first, a9_thresholds_beyond_sixteen_timesteps);
    tcase_add_test(first, a10_needs_another_sparsity_than_a7);
    tcase_add_test(first, solved_and_bisected_crossovers_agree);
    TCase *fourth = suite_case(suite, "version 4");
    tcase_add_checked_fixture(fourth, set_up, tear_down);
    tcase_add_loop_test(fourth, rows_of_version_4, 0, (int)(sizeof rows / sizeof *rows));
    tcase_add_test(fourth, b5_compute_energies_hardly_matter);
    tcase_add_test(fourth, b6_one_point_of_spike_rate);
    tcase_add_test(fourth, b7_needs_weights_read_in_each_timestep);
    tcase_add_test(fourth, b2_falls_with_the_timesteps);
    tcase_add_test(fourth, b13_has_no_crossover_when_bitmaps_are_allowed);
    tcase_add_test(fourth, c3_implied_rates);
    tcase_add_test(fourth, c5_no_win_at_eta_64);
    tcase_add_test(fourth, c6_one_win_at_eta_12);
    tcase_add_test(fourth, c7_and_c8_are_missed);
    tcase_add_test(fourth, c9_and_c10_dense_limit);
    tcase_add_test(fourth, c12_ttfs_follows_the_rate_code_within_5_percent);
    TCase *models = suite_case(suite, "models");
    tcase_add_checked_fixture(models, set_up, tear_down);
    tcase_add_test(models, activation_bits);
    tcase_add_test(models, shares_add_up);
    tcase_add_test(models, activity_bounds_the_density);
    tcase_add_test(models, an_unknown_mac_is_an_error);
    tcase_add_test(models, tables_are_sound);
    tcase_add_test(models, crossings_are_found_to_the_last_bit);
    return suite_run(suite);
}

/* SPDX-License-Identifier: MIT
 *
 * Neuron models against scalar references of their own: one neuron, wide arithmetic, written from the
 * equations.
 */
#include "arch/neuron/layer.h"

#include "sim/base/rng.h"
#include "test/suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NEURONS 70u /* two words of spikes, the second in part */
#define PLANES 5u
#define WIDE ((int32_t)1 << 30)

static uint64_t rng;

static int32_t between(int32_t low, int32_t high) {
    return low + (int32_t)sim_rng_below(&rng, (uint64_t)((int64_t)high - low + 1));
}

static bool bit(const uint64_t *fired, uint32_t n) { return fired[n / 64] >> (n % 64) & 1; }

struct layer {
    const struct arch_neuron *neuron;
    int32_t state[PLANES * NEURONS], input[NEURONS];
    uint64_t fired[2];
};

static void reset(struct layer *layer, const struct arch_neuron *neuron) {
    ck_assert_uint_le(1 + neuron->model->planes, PLANES);
    memset(layer, 0, sizeof *layer);
    layer->neuron = neuron;
    layer->fired[0] = layer->fired[1] = UINT64_MAX;
}

static void step(struct layer *layer) {
    layer->neuron->model->update(layer->neuron, layer->state, layer->input, NEURONS, layer->fired);
    ck_assert_uint_eq(layer->fired[1] >> (NEURONS - 64), 0);
}

/* ---- integrate and fire, leaky or not ----------------------------------------------------------- */

/* v += i; fires at the threshold; subtracts it, or clears. Saturation far away. */
static bool reference_if(double *v, double input, double threshold, bool soft) {
    *v += input;
    if (*v < threshold)
        return false;
    *v = soft ? *v - threshold : 0;
    return true;
}

START_TEST(integrate_and_fire) {
    rng = sim_rng_stream(1, (uint64_t)_i);
    struct arch_neuron neuron = {&arch_neuron_if, between(1, 500), WIDE, _i % 2 == 0, 0, 0};
    struct layer layer;
    double v[NEURONS] = {0};
    reset(&layer, &neuron);
    for (uint32_t t = 0; t < 200; t++) {
        for (uint32_t n = 0; n < NEURONS; n++)
            layer.input[n] = between(-200, 300);
        step(&layer);
        for (uint32_t n = 0; n < NEURONS; n++) {
            ck_assert_int_eq(bit(layer.fired, n),
                             reference_if(&v[n], layer.input[n], neuron.threshold, neuron.soft));
            ck_assert_double_eq(layer.state[n], v[n]);
        }
    }
}
END_TEST

START_TEST(potentials_saturate) {
    struct arch_neuron neuron = {&arch_neuron_if, 120, 127, true, 0, 0};
    struct layer layer;
    reset(&layer, &neuron);
    layer.input[0] = 1000; /* 127 - 120 stays */
    layer.input[1] = -1000;
    step(&layer);
    ck_assert_int_eq(layer.state[0], 7);
    ck_assert_int_eq(layer.state[1], -128);
}
END_TEST

START_TEST(leaky_integrate_and_fire) {
    rng = sim_rng_stream(2, (uint64_t)_i);
    struct arch_neuron neuron = {&arch_neuron_lif,           between(1, 500), WIDE, _i % 2 == 0,
                                 (uint32_t)between(0, 4096), between(0, 5)};
    struct layer layer;
    double v[NEURONS] = {0};
    reset(&layer, &neuron);
    for (uint32_t t = 0; t < 200; t++) {
        for (uint32_t n = 0; n < NEURONS; n++)
            layer.input[n] = between(-200, 300);
        step(&layer);
        for (uint32_t n = 0; n < NEURONS; n++) {
            v[n] -= trunc(v[n] * neuron.decay / 4096);
            v[n] = copysign(fmax(fabs(v[n]) - neuron.leak, 0), v[n]);
            ck_assert_int_eq(bit(layer.fired, n),
                             reference_if(&v[n], layer.input[n], neuron.threshold, neuron.soft));
            ck_assert(layer.state[n] == v[n]);
        }
    }
}
END_TEST

START_TEST(a_threshold_for_each_channel) {
    rng = sim_rng_stream(3, (uint64_t)_i);
    int32_t threshold[NEURONS];
    for (uint32_t n = 0; n < NEURONS; n++)
        threshold[n] = between(1, 400);
    struct arch_neuron_channel_if channel = {{&arch_neuron_channel_if, 1, WIDE, _i % 2 == 0, 0, 0},
                                             threshold};
    struct layer layer;
    double v[NEURONS] = {0};
    reset(&layer, &channel.neuron);
    for (uint32_t t = 0; t < 200; t++) {
        for (uint32_t n = 0; n < NEURONS; n++)
            layer.input[n] = between(-200, 300);
        step(&layer);
        for (uint32_t n = 0; n < NEURONS; n++) {
            ck_assert_int_eq(bit(layer.fired, n),
                             reference_if(&v[n], layer.input[n], threshold[n], channel.neuron.soft));
            ck_assert_double_eq(layer.state[n], v[n]);
        }
    }
}
END_TEST

/* A constant input q for T timesteps gives q spikes: Sorbet's neuron (T 16, threshold 0.95 (16 - 1e-4)) and
 * SpikySpace's (T 3, 0.98 (3 - 1e-4)), in millionths. */
static void constant_input(int32_t threshold, uint32_t timesteps, uint32_t levels) {
    struct arch_neuron neuron = {&arch_neuron_if, threshold, INT32_MAX, true, 0, 0};
    struct layer layer;
    reset(&layer, &neuron);
    uint32_t count[NEURONS] = {0};
    for (uint32_t q = 0; q < levels; q++)
        layer.input[q] = (int32_t)q * 1000000;
    for (uint32_t t = 0; t < timesteps; t++) {
        step(&layer);
        for (uint32_t q = 0; q < levels; q++)
            count[q] += bit(layer.fired, q);
    }
    for (uint32_t q = 0; q < levels; q++)
        ck_assert_uint_eq(count[q], q);
}

START_TEST(constant_inputs_give_their_number_of_spikes) {
    constant_input(15199905, 16, 16);
    constant_input(2939902, 3, 4);
}
END_TEST

/* ---- sum spikes and fire ------------------------------------------------------------------------ */

/* The source's loop: S over the window, then u += S, spike and u -= 0.999 T where u reaches it; in
 * thousandths, so that nothing is rounded. */
static uint32_t reference_ssf(double s, uint32_t window, uint32_t *when) {
    double u = 0;
    uint32_t count = 0;
    for (uint32_t t = 0; t < window; t++) {
        u += s;
        if (u >= 999.0 * window) {
            u -= 999.0 * window;
            when[count++] = t;
        }
    }
    return count;
}

START_TEST(sum_spikes_and_fire) {
    rng = sim_rng_stream(4, (uint64_t)_i);
    uint32_t window = (uint32_t)between(1, 40);
    struct arch_neuron_ssf ssf = {{&arch_neuron_ssf, 1000, WIDE, true, 0, 0}, window, 1};
    struct layer layer;
    reset(&layer, &ssf.neuron);
    int64_t sum[NEURONS] = {0}, before[NEURONS] = {0};
    for (uint32_t w = 0; w < 6; w++) {
        uint32_t when[NEURONS][64], spikes[NEURONS], seen[NEURONS] = {0};
        for (uint32_t n = 0; n < NEURONS; n++) {
            before[n] = w == 0 ? 0 : sum[n];
            sum[n] = 0;
            spikes[n] = reference_ssf((double)before[n], window, when[n]);
            double level = floor((double)before[n] / 999);
            ck_assert_uint_eq(spikes[n], (uint32_t)fmin(fmax(level, 0), window));
        }
        for (uint32_t t = 0; t < window; t++) {
            for (uint32_t n = 0; n < NEURONS; n++)
                sum[n] += layer.input[n] = between(-700, 1500) / (n % 7 == 0 ? 20 : 1);
            step(&layer);
            for (uint32_t n = 0; n < NEURONS; n++)
                if (bit(layer.fired, n)) {
                    ck_assert_uint_lt(seen[n], spikes[n]);
                    ck_assert_uint_eq(when[n][seen[n]], t);
                    seen[n]++;
                }
        }
        for (uint32_t n = 0; n < NEURONS; n++)
            ck_assert_uint_eq(seen[n], spikes[n]);
    }
}
END_TEST

/* ---- time to first spike ------------------------------------------------------------------------ */

/* Neurons that each get the weighted levels of a few axons: in every window, in the slot of each axon's
 * code. */
#define AXONS 12u

static uint32_t quantise(int64_t potential, int32_t step_, uint32_t levels) {
    uint32_t q = 0;
    while (q < levels && potential >= (int64_t)(q + 1) * step_)
        q++;
    return q;
}

static uint32_t zone(uint32_t level, uint32_t silent, uint32_t dead_zone) {
    return (uint32_t)abs((int)level - (int)silent) <= dead_zone ? silent : level;
}

static void check_ttfs(const struct arch_neuron_ttfs *ttfs, int32_t weight[AXONS][NEURONS]) {
    uint32_t levels = ttfs->arriving.levels;
    struct layer layer;
    reset(&layer, &ttfs->neuron);
    int64_t potential[NEURONS] = {0};
    for (uint32_t w = 0; w < 5; w++) {
        uint32_t slot[AXONS], expected[NEURONS], seen[NEURONS] = {0};
        for (uint32_t n = 0; n < NEURONS; n++) {
            uint32_t level = zone(quantise(potential[n], ttfs->neuron.threshold, levels), ttfs->sent.silent,
                                  ttfs->sent.dead_zone);
            expected[n] = w == 0 ? ttfs->sent.silent : level;
            potential[n] = 0;
        }
        for (uint32_t a = 0; a < AXONS; a++) {
            uint32_t level = (uint32_t)between(0, (int32_t)levels);
            slot[a] = arch_ttfs_slot(&ttfs->arriving, level);
            for (uint32_t n = 0; n < NEURONS; n++)
                potential[n] +=
                    (int64_t)weight[a][n] * zone(level, ttfs->arriving.silent, ttfs->arriving.dead_zone);
        }
        for (uint32_t k = 0; k < levels; k++) {
            memset(layer.input, 0, sizeof layer.input);
            for (uint32_t a = 0; a < AXONS; a++)
                for (uint32_t n = 0; slot[a] == k && n < NEURONS; n++)
                    layer.input[n] += weight[a][n];
            step(&layer);
            for (uint32_t n = 0; n < NEURONS; n++)
                if (bit(layer.fired, n)) {
                    ck_assert_uint_eq(arch_ttfs_level(&ttfs->sent, k), expected[n]);
                    seen[n]++;
                }
        }
        for (uint32_t n = 0; n < NEURONS; n++)
            ck_assert_uint_eq(seen[n], expected[n] != ttfs->sent.silent);
    }
}

static void random_ttfs(bool masked) {
    int32_t weight[AXONS][NEURONS], constant[NEURONS] = {0};
    uint32_t levels = (uint32_t)between(1, 31);
    struct arch_neuron_ttfs ttfs = {
        {masked ? &arch_neuron_masked_ttfs : &arch_neuron_ttfs, between(1, 60), WIDE, true, 0, 0},
        {levels, 0, 0},
        {levels, 0, 0},
        constant};
    if (masked) {
        ttfs.arriving.silent = (uint32_t)between(0, (int32_t)levels);
        ttfs.arriving.dead_zone = (uint32_t)between(0, 3);
        ttfs.sent.silent = (uint32_t)between(0, (int32_t)levels);
        ttfs.sent.dead_zone = (uint32_t)between(0, 3);
    }
    for (uint32_t a = 0; a < AXONS; a++)
        for (uint32_t n = 0; n < NEURONS; n++) {
            weight[a][n] = between(-12, 15);
            constant[n] += weight[a][n] * (int32_t)ttfs.arriving.silent;
        }
    check_ttfs(&ttfs, weight);
}

START_TEST(time_to_first_spike) {
    rng = sim_rng_stream(5, (uint64_t)_i);
    random_ttfs(false);
}
END_TEST

START_TEST(masked_time_to_first_spike) {
    rng = sim_rng_stream(6, (uint64_t)_i);
    random_ttfs(true);
}
END_TEST

/* With silent level 0 and no dead zone the masked neuron is the plain one: every spike, and potentials at
 * the end of each window. */
START_TEST(an_empty_mask_changes_nothing) {
    rng = sim_rng_stream(7, (uint64_t)_i);
    uint32_t levels = (uint32_t)between(1, 31);
    struct arch_neuron_ttfs plain = {
        {&arch_neuron_ttfs, between(1, 60), WIDE, true, 0, 0}, {levels, 0, 0}, {levels, 0, 0}, NULL};
    struct arch_neuron_ttfs masked = plain;
    masked.neuron.model = &arch_neuron_masked_ttfs;
    struct layer a, b;
    reset(&a, &plain.neuron);
    reset(&b, &masked.neuron);
    for (uint32_t t = 0; t < 6 * levels; t++) {
        for (uint32_t n = 0; n < NEURONS; n++)
            a.input[n] = b.input[n] = between(-20, 30);
        step(&a);
        step(&b);
        ck_assert_mem_eq(a.fired, b.fired, sizeof a.fired);
        if ((t + 1) % levels == 0)
            ck_assert_mem_eq(a.state, b.state, NEURONS * sizeof *a.state);
    }
}
END_TEST

/* ---- ShiftLIF ----------------------------------------------------------------------------------- */

START_TEST(shift_lif) {
    rng = sim_rng_stream(8, (uint64_t)_i);
    uint32_t shifts = (uint32_t)between(0, 4);
    double lambda = _i % 3 == 0 ? 1 : 0.75;
    struct arch_neuron_shift_lif lif = {
        {&arch_neuron_shift_lif, between(1, 30) << shifts, WIDE, _i % 2 == 0, lambda == 1 ? 0 : 1024, 0},
        shifts};
    struct layer layer;
    reset(&layer, &lif.neuron);
    double u[NEURONS] = {0};
    for (uint32_t t = 0; t < 200; t++) {
        for (uint32_t n = 0; n < NEURONS; n++)
            layer.input[n] = between(-100, 150);
        step(&layer);
        for (uint32_t n = 0; n < NEURONS; n++) {
            u[n] = u[n] - trunc(u[n] * (1 - lambda)) + layer.input[n];
            double height = 0;
            for (double s = 1; s >= pow(2, -(double)shifts) && height == 0; s /= 2)
                if (u[n] >= s * lif.neuron.threshold)
                    height = s;
            ck_assert_int_eq(bit(layer.fired, n), height > 0);
            if (height > 0) {
                uint32_t k = (uint32_t)layer.state[ARCH_NEURON_SHIFT_PLANE * NEURONS + n];
                ck_assert_double_eq(pow(2, -(double)k), height);
                int32_t weight = between(-128, 127);
                ck_assert_int_eq(arch_neuron_shift_weight(weight, k), (int32_t)floor(weight * height));
                u[n] = lif.neuron.soft ? u[n] - height * lif.neuron.threshold : 0;
            }
            ck_assert(layer.state[n] == u[n]);
        }
    }
}
END_TEST

/* Without shifts, spikes have one height: it is the leaky neuron. */
START_TEST(shift_lif_without_shifts_is_lif) {
    rng = sim_rng_stream(9, (uint64_t)_i);
    struct arch_neuron lif = {
        &arch_neuron_lif, between(1, 300), WIDE, _i % 2 == 0, (uint32_t)between(0, 4096), 0};
    struct arch_neuron_shift_lif shift = {lif, 0};
    shift.neuron.model = &arch_neuron_shift_lif;
    struct layer a, b;
    reset(&a, &lif);
    reset(&b, &shift.neuron);
    for (uint32_t t = 0; t < 100; t++) {
        for (uint32_t n = 0; n < NEURONS; n++)
            a.input[n] = b.input[n] = between(-100, 150);
        step(&a);
        step(&b);
        ck_assert_mem_eq(a.fired, b.fired, sizeof a.fired);
        ck_assert_mem_eq(a.state, b.state, NEURONS * sizeof *a.state);
    }
}
END_TEST

/* ---- layers ------------------------------------------------------------------------------------- */

/* What a silent input adds: the silent level of its code times its weight, for each neuron of a core. */
START_TEST(a_layers_masked_neurons_know_their_constants) {
    enum { FIRST = 2, COUNT = 4, ALL = 7, SILENT = 3 };
    struct sim_graph graph;
    struct sim_err err;
    const uint32_t operand = 0;
    int8_t weight[AXONS * ALL];
    rng = (uint64_t)_i;
    for (uint32_t i = 0; i < AXONS * ALL; i++)
        weight[i] = (int8_t)between(-16, 15);
    sim_err_init(&err);
    sim_graph_init(&graph);
    sim_graph_alloc(&graph, 2);
    graph.layer[0] = (struct sim_layer){.name = "in",
                                        .kind = SIM_LAYER_INPUT,
                                        .neurons = AXONS,
                                        .attributes = "{\"levels\": 7, \"silent\": 3}"};
    graph.layer[1] = (struct sim_layer){.name = "out",
                                        .kind = SIM_LAYER_DENSE,
                                        .neurons = ALL,
                                        .neuron = SIM_NEURON_MASKED_TTFS,
                                        .reset = SIM_RESET_SOFT,
                                        .threshold = 20,
                                        .weight_bits = 5,
                                        .attributes = "{\"levels\": 7, \"silent\": 1}",
                                        .operands = 1,
                                        .operand = &operand,
                                        .rows = AXONS,
                                        .cols = ALL,
                                        .weight = weight};
    bool sound = sim_graph_check(&graph, NULL, &err);
    sim_err_print(&err, stderr);
    ck_assert(sound);
    const struct arch_neuron *neuron =
        arch_neuron_of_layer(&graph, 1, FIRST, COUNT, 24, &graph.arena, &err);
    ck_assert_ptr_nonnull(neuron);
    const struct arch_neuron_ttfs *ttfs = (const struct arch_neuron_ttfs *)neuron;
    ck_assert_uint_eq(ttfs->arriving.silent, SILENT);
    ck_assert_uint_eq(ttfs->sent.silent, 1);
    for (uint32_t n = 0; n < COUNT; n++) {
        int32_t expected = 0;
        for (uint32_t axon = 0; axon < AXONS; axon++)
            expected += SILENT * weight[axon * ALL + FIRST + n];
        ck_assert_int_eq(ttfs->constant[n], expected);
    }
    sim_graph_release(&graph);
    sim_err_release(&err);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("neuron models");
    TCase *fire = suite_case(suite, "integrate and fire");
    tcase_set_timeout(fire, 60);
    tcase_add_loop_test(fire, integrate_and_fire, 0, 20);
    tcase_add_test(fire, potentials_saturate);
    tcase_add_loop_test(fire, leaky_integrate_and_fire, 0, 20);
    tcase_add_loop_test(fire, a_threshold_for_each_channel, 0, 20);
    tcase_add_test(fire, constant_inputs_give_their_number_of_spikes);
    TCase *windows = suite_case(suite, "windows");
    tcase_set_timeout(windows, 60);
    tcase_add_loop_test(windows, sum_spikes_and_fire, 0, 40);
    tcase_add_loop_test(windows, time_to_first_spike, 0, 60);
    tcase_add_loop_test(windows, masked_time_to_first_spike, 0, 200);
    tcase_add_loop_test(windows, an_empty_mask_changes_nothing, 0, 20);
    TCase *shift = suite_case(suite, "shift");
    tcase_set_timeout(shift, 60);
    tcase_add_loop_test(shift, shift_lif, 0, 40);
    tcase_add_loop_test(shift, shift_lif_without_shifts_is_lif, 0, 20);
    tcase_add_loop_test(suite_case(suite, "layers"), a_layers_masked_neurons_know_their_constants, 0, 5);
    return suite_run(suite);
}

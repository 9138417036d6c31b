/* SPDX-License-Identifier: MIT
 *
 * Evaluation of the MNIST network: the spiking network on ideal units is the quantised one, level by level
 * (the proposition of Otters, on a trained network); masks lose nothing; rate coding spikes as the
 * reference does; grids of small units compute what one large unit computes; deviations cost accuracy and
 * every event has its price.
 */
#include "arch/crossbar/crossbar.h"
#include "arch/crossbar/spec.h"
#include "arch/ttfs/core.h"
#include "arch/ttfs/msu.h"
#include "arch/ttfs/opto_ttfs.h"
#include "sim/config/bind.h"
#include "sim/config/yaml.h"
#include "sim/record/energy.h"
#include "test/suite.h"
#include "test/unit/samples.h"

#include <math.h>
#include <string.h>

#define TRACE "workloads/mnist-mlp.spk"
#define LAYERS 3u
#define CLOCK_HZ 1e8
#define WINDOW_EVENTS_MAX 16u

static struct sim_arena arena;
static struct sim_err err;
static struct sim_trace trace;
static struct arch_samples samples;

static void set_up_samples(uint64_t number) {
    sim_arena_init(&arena);
    sim_err_init(&err);
    bool loaded = sim_trace_open(&trace, TRACE, &err) && samples_load(&trace, number, &samples, &arena, &err);
    sim_err_print(&err, stderr);
    ck_assert(loaded);
}

static void set_up(void) { set_up_samples(100); }

static void tear_down(void) {
    sim_trace_close(&trace);
    sim_err_release(&err);
    sim_arena_release(&arena);
}

static const void *describe(const struct sim_schema *schema, const char *yaml) {
    struct sim_binding binding = {.arena = &arena, .err = &err};
    void *spec = sim_arena_alloc(&arena, 1, schema->size);
    bool bound = sim_bind_text(&binding, schema, yaml, spec);
    if (!bound)
        sim_err_print(&err, stderr);
    ck_assert(bound);
    return spec;
}

static struct arch_evaluation *run(const struct arch_window_unit_type *type, const char *yaml,
                                   const struct arch_ttfs *code, arch_evaluate_visit *visit, void *user) {
    struct arch_evaluate_windows how = {type,  describe(type->schema, yaml), CLOCK_HZ, code, 0.5, visit, user,
                                        {0, 0}};
    struct arch_evaluation *evaluation = arch_evaluate_windows(&trace.graph, &samples, &how, &arena, &err);
    sim_err_print(&err, stderr);
    ck_assert_ptr_nonnull(evaluation);
    return evaluation;
}

static void plain(struct arch_ttfs code[LAYERS], uint32_t levels) {
    for (uint32_t l = 0; l < LAYERS; l++)
        code[l] = (struct arch_ttfs){levels, 0, 0};
}

/* ---- the quantised network ---------------------------------------------------------------------- */

/* Levels of all layers of a sample by plain integer arithmetic, on the levels that `code` lets through. */
struct quantised {
    const struct arch_ttfs *code;
    uint32_t level[LAYERS][784];
    int64_t sum[LAYERS][784];
    uint64_t compared;
};

static uint32_t through(const struct arch_ttfs *code, uint32_t level) {
    int64_t distance = (int64_t)level - code->silent;
    return distance * distance <= (int64_t)code->dead_zone * code->dead_zone ? code->silent : level;
}

static void quantise(struct quantised *q, uint64_t sample) {
    uint32_t words = (784 + 63) / 64, levels = q->code[0].levels;
    for (uint32_t n = 0; n < 784; n++) {
        uint32_t spikes = 0;
        for (uint32_t t = 0; t < samples.timesteps; t++)
            spikes +=
                (uint32_t)(samples.spikes[(sample * samples.timesteps + t) * words + n / 64] >> (n % 64) & 1);
        q->level[0][n] = (uint32_t)floor((double)spikes * levels / samples.timesteps + 0.5);
    }
    for (uint32_t l = 1; l < LAYERS; l++) {
        const struct sim_layer *layer = &trace.graph.layer[l];
        for (uint32_t n = 0; n < layer->cols; n++) {
            int64_t sum = 0;
            for (uint32_t a = 0; a < layer->rows; a++)
                sum += (int64_t)layer->weight[(size_t)a * layer->cols + n] *
                       through(&q->code[l - 1], q->level[l - 1][a]);
            q->sum[l][n] = sum;
            q->level[l][n] = (uint32_t)fmin(fmax(floor((double)sum / layer->threshold), 0), levels);
        }
    }
}

static void compare(void *user, uint64_t sample, uint32_t layer, const uint32_t *level,
                    const double *potential) {
    struct quantised *q = user;
    if (layer == 0)
        quantise(q, sample);
    for (uint32_t n = 0; n < trace.graph.layer[layer].neurons; n++, q->compared++) {
        bool same = level[n] == q->level[layer][n] &&
                    (layer == 0 || fabs(potential[n] - (double)q->sum[layer][n]) < 1e-6);
        if (!same)
            ck_abort_msg("sample %llu, layer %u, neuron %u: level %u, expected %u",
                         (unsigned long long)sample, layer, n, level[n], q->level[layer][n]);
    }
}

static const struct {
    const struct arch_window_unit_type *type;
    const char *yaml;
    uint32_t levels;
} ideal[] = {
    {&arch_ttfs_core_unit, "{axons: 784, neurons: 512, weight_bits: 5}", 20},
    {&arch_opto_ttfs_unit, "{axons: 784, neurons: 512, weight_bits: 5}", 20},
    {&arch_opto_ttfs_unit, "{axons: 256, neurons: 256, weight_bits: 5, adc: {bits: 4}}", 15},
    {&arch_opto_ttfs_unit, "{axons: 784, neurons: 512, weight_bits: 5, devices: axon, adc: {bits: 3}}", 7},
    {&arch_opto_ttfs_unit, "{axons: 100, neurons: 60, weight_bits: 5, devices: core, adc: {bits: 2}}", 3},
    {&arch_msu_unit, "{axons: 256, neurons: 256, weight_bits: 5}", 20},
    {&arch_msu_unit, "{axons: 784, neurons: 512, weight_bits: 5}", 15},
};

START_TEST(spiking_is_quantised) {
    struct arch_ttfs code[LAYERS];
    plain(code, ideal[_i].levels);
    static struct quantised q;
    q = (struct quantised){.code = code};
    run(ideal[_i].type, ideal[_i].yaml, code, compare, &q);
    ck_assert_uint_eq(q.compared, 100 * (784 + 512 + 10));
}
END_TEST

/* Any silent level and dead zone: the network quantised on what is let through. */
START_TEST(masked_spiking_is_quantised) {
    static const struct arch_ttfs codes[][LAYERS] = {{{20, 0, 3}, {20, 0, 1}, {20, 0, 0}},
                                                     {{20, 20, 0}, {20, 5, 0}, {20, 3, 0}},
                                                     {{20, 7, 2}, {20, 1, 1}, {20, 20, 3}}};
    static struct quantised q;
    q = (struct quantised){.code = codes[_i / 2]};
    run(_i % 2 ? &arch_msu_unit : &arch_ttfs_core_unit, "{weight_bits: 5}", codes[_i / 2], compare, &q);
    ck_assert_uint_gt(q.compared, 0);
}
END_TEST

/* ---- calibration, activity ---------------------------------------------------------------------- */

START_TEST(calibration_finds_the_most_frequent_levels) {
    struct arch_ttfs code[LAYERS], masked[LAYERS];
    ck_assert(arch_evaluate_calibrate(&trace.graph, &samples, 0, false, 2, 100, code, &err));
    ck_assert(arch_evaluate_calibrate(&trace.graph, &samples, 0, true, 2, 100, masked, &err));
    struct arch_evaluation *evaluation = run(&arch_ttfs_core_unit, "{weight_bits: 5}", masked, NULL, NULL);
    for (uint32_t l = 0; l < LAYERS; l++) {
        ck_assert_uint_eq(code[l].levels, 20);
        ck_assert_uint_eq(code[l].silent, 0);
        ck_assert_uint_eq(code[l].dead_zone, 2);
        for (uint32_t q = 0; q <= 20; q++)
            ck_assert_uint_le(evaluation->layer[l].histogram[q],
                              evaluation->layer[l].histogram[masked[l].silent]);
    }
    ck_assert(!arch_evaluate_calibrate(&trace.graph, &samples, 256, false, 0, 1, code, &err));
    ck_assert_ptr_nonnull(strstr(err.message[0], "at most 255 levels"));
}
END_TEST

/* Dark digits on white paper: inverted pixels are most often at the highest level. The mask finds it and
 * saves what the plain code spends on it. */
START_TEST(a_mask_follows_the_data) {
    uint64_t *inverted = SIM_NEW_ARRAY(&arena, uint64_t, samples.samples * samples.timesteps * 13);
    for (size_t i = 0; i < samples.samples * samples.timesteps * 13; i++)
        inverted[i] = i % 13 == 12 ? ~samples.spikes[i] & 0xFFFF : ~samples.spikes[i];
    samples.spikes = inverted;
    struct arch_ttfs code[LAYERS];
    plain(code, 20);
    uint64_t spikes = run(&arch_msu_unit, "{weight_bits: 5}", code, NULL, NULL)->layer[0].spikes;
    ck_assert(arch_evaluate_calibrate(&trace.graph, &samples, 0, true, 0, 100, code, &err));
    ck_assert_uint_eq(code[0].silent, 20);
    static struct quantised q;
    q = (struct quantised){.code = code};
    uint64_t masked = run(&arch_msu_unit, "{weight_bits: 5}", code, compare, &q)->layer[0].spikes;
    ck_assert_uint_lt(masked * 4, spikes);
}
END_TEST

START_TEST(activity_is_counted) {
    struct arch_ttfs code[LAYERS];
    plain(code, 20);
    code[1].dead_zone = 4;
    struct arch_evaluation *e =
        run(&arch_ttfs_core_unit, "{axons: 256, neurons: 200, weight_bits: 5}", code, NULL, NULL);
    static const uint32_t units[] = {0, 4 * 3, 2 * 1};
    uint64_t silent = 0;
    for (uint32_t l = 0; l < LAYERS; l++) {
        const struct arch_evaluation_layer *layer = &e->layer[l];
        uint64_t neurons = 0, quiet = 0;
        for (uint32_t q = 0; q <= 20; q++) {
            neurons += layer->histogram[q];
            quiet += q <= code[l].dead_zone ? layer->histogram[q] : 0;
        }
        ck_assert_uint_eq(neurons, layer->neurons * 100);
        ck_assert_uint_eq(layer->silent, quiet);
        ck_assert_uint_eq(layer->spikes + layer->silent, neurons);
        ck_assert_uint_eq(layer->units, units[l]);
        silent += quiet;
    }
    ck_assert_uint_eq(e->layer[0].deliveries, 3 * e->layer[0].spikes);
    ck_assert_uint_eq(e->layer[1].count[ARCH_TTFS_CORE_EVENT_spikes_in], e->layer[0].deliveries);
    ck_assert_uint_eq(e->layer[1].count[ARCH_TTFS_CORE_EVENT_fires], e->layer[1].spikes);
    ck_assert_uint_eq(e->layer[1].count[ARCH_TTFS_CORE_EVENT_synaptic_adds], 512 * e->layer[0].spikes);
    ck_assert_uint_eq(e->layer[2].count[ARCH_TTFS_CORE_EVENT_spikes_in], e->layer[1].spikes);
    ck_assert_double_eq_tol(arch_evaluation_silent(e), (double)silent / (100 * 1306), 1e-12);
}
END_TEST

/* Two layers integrate and the last fires: three windows, one converted read-out each for the two. */
START_TEST(latency_is_the_windows) {
    struct arch_ttfs code[LAYERS];
    plain(code, 15);
    struct arch_evaluation *e =
        run(&arch_opto_ttfs_unit, "{weight_bits: 5, readout_cycles: 3}", code, NULL, NULL);
    ck_assert_uint_eq(e->cycles_most, 3 * 10001 + 2 * 3);
    ck_assert_uint_eq(e->cycles, 100 * e->cycles_most);
    e = run(&arch_msu_unit, "{weight_bits: 5, slot: 10 ns, settle: 0 s}", code, NULL, NULL);
    ck_assert_uint_eq(e->cycles_most, 3 * 15);
}
END_TEST

/* ---- rate coding -------------------------------------------------------------------------------- */

struct rate_reference {
    uint64_t compared;
};

/* Spikes of each neuron by the loop that the trace format defines. */
static void compare_rate(void *user, uint64_t sample, uint32_t layer, const uint32_t *level,
                         const double *potential) {
    struct rate_reference *reference = user;
    static int64_t v[LAYERS][784];
    static uint32_t count[LAYERS][784];
    static bool fired[LAYERS][784];
    if (layer == 0) {
        memset(v, 0, sizeof v);
        memset(count, 0, sizeof count);
        for (uint32_t t = 0; t < samples.timesteps; t++)
            for (uint32_t l = 0; l < LAYERS; l++)
                for (uint32_t n = 0; n < trace.graph.layer[l].neurons; n++) {
                    const struct sim_layer *from = &trace.graph.layer[l];
                    if (l == 0) {
                        fired[0][n] =
                            samples.spikes[(sample * samples.timesteps + t) * 13 + n / 64] >> (n % 64) & 1;
                    } else {
                        for (uint32_t a = 0; a < from->rows; a++)
                            v[l][n] += fired[l - 1][a] ? from->weight[(size_t)a * from->cols + n] : 0;
                        fired[l][n] = v[l][n] >= from->threshold;
                        v[l][n] -= fired[l][n] ? from->threshold : 0;
                    }
                    count[l][n] += fired[l][n];
                }
    }
    for (uint32_t n = 0; n < trace.graph.layer[layer].neurons; n++, reference->compared++) {
        int64_t input = v[layer][n] + (int64_t)count[layer][n] * trace.graph.layer[layer].threshold;
        if (level[n] != count[layer][n] || (layer > 0 && potential[n] != (double)input))
            ck_abort_msg("sample %llu, layer %u, neuron %u: %u spikes, expected %u",
                         (unsigned long long)sample, layer, n, level[n], count[layer][n]);
    }
}

START_TEST(rate_coding_spikes_as_the_format_says) {
    static const char *const yaml[] = {"{axons: 784, neurons: 512, weights: {bits: 5}}",
                                       "{axons: 100, neurons: 70, weights: {bits: 8}}"};
    samples.samples = 40;
    struct rate_reference reference = {0};
    struct arch_evaluate_rate how = {&arch_crossbar_unit, describe(&arch_crossbar_schema, yaml[_i]), CLOCK_HZ,
                                     compare_rate, &reference, {0, 0}};
    struct arch_evaluation *e = arch_evaluate_rate(&trace.graph, &samples, &how, &arena, &err);
    sim_err_print(&err, stderr);
    ck_assert_ptr_nonnull(e);
    ck_assert_uint_eq(reference.compared, 40 * 1306);
    ck_assert_uint_eq(e->layer[1].units, _i == 0 ? 1 : 8 * 8);
}
END_TEST

/* ---- shares ------------------------------------------------------------------------------------- */

static struct arch_evaluation *share_of(int kind, uint32_t number, uint32_t of) {
    struct arch_evaluation *e;
    if (kind == 0) {
        struct arch_evaluate_rate how = {
            .type = &arch_crossbar_unit,
            .spec =
                describe(&arch_crossbar_schema, "{axons: 784, neurons: 512, weights: {bits: 5}, read: "
                                                "{fluctuation: 0.3, telegraph: 0.1, telegraph_high: 0.01}}"),
            .clock_hz = CLOCK_HZ,
            .share = {number, of}};
        e = arch_evaluate_rate(&trace.graph, &samples, &how, &arena, &err);
    } else {
        struct arch_ttfs code[LAYERS];
        const struct arch_window_unit_type *type = kind == 1 ? &arch_msu_unit : &arch_opto_ttfs_unit;
        plain(code, 15);
        struct arch_evaluate_windows how = {
            .type = type,
            .spec =
                describe(type->schema,
                         kind == 1 ? "{axons: 784, neurons: 512, weight_bits: 5, cell: {read: 0.2}}"
                                   : "{axons: 784, neurons: 512, weight_bits: 5, variation: {read: 0.3}}"),
            .clock_hz = CLOCK_HZ,
            .code = code,
            .guard = 0.5,
            .share = {number, of}};
        e = arch_evaluate_windows(&trace.graph, &samples, &how, &arena, &err);
    }
    sim_err_print(&err, stderr);
    ck_assert_ptr_nonnull(e);
    return e;
}

/* 990 samples are two stretches, of 500 and of 490; they add up to one evaluation of all. */
START_TEST(shares_add_up) {
    tear_down();
    set_up_samples(990);
    struct arch_evaluation *all = share_of(_i, 0, 0), *first = share_of(_i, 0, 2),
                           *second = share_of(_i, 1, 2);
    ck_assert_uint_eq(first->samples, 500);
    ck_assert_uint_eq(second->samples, 490);
    ck_assert_uint_eq(share_of(_i, 2, 3)->samples, 0);
    arch_evaluation_add(second, first);
    ck_assert_uint_eq(second->samples, all->samples);
    ck_assert_uint_eq(second->labelled, all->labelled);
    ck_assert_uint_eq(second->right, all->right);
    ck_assert_uint_eq(second->right_by_potential, all->right_by_potential);
    ck_assert_uint_eq(second->tied, all->tied);
    ck_assert_uint_eq(second->cycles, all->cycles);
    ck_assert_uint_eq(second->cycles_most, all->cycles_most);
    for (uint32_t l = 0; l < LAYERS; l++) {
        const struct arch_evaluation_layer *found = &second->layer[l], *expected = &all->layer[l];
        ck_assert_uint_eq(found->spikes, expected->spikes);
        ck_assert_uint_eq(found->deliveries, expected->deliveries);
        ck_assert_uint_eq(found->silent, expected->silent);
        ck_assert_mem_eq(found->histogram, expected->histogram, sizeof found->histogram);
        ck_assert_mem_eq(found->count, expected->count, all->events * sizeof *found->count);
    }
}
END_TEST

/* ---- accuracy ----------------------------------------------------------------------------------- */

static double mean_accuracy(const char *variation, uint32_t seeds) {
    double sum = 0;
    for (uint32_t seed = 1; seed <= seeds; seed++) {
        struct arch_ttfs code[LAYERS];
        char yaml[200];
        plain(code, 15);
        snprintf(yaml, sizeof yaml,
                 "{axons: 784, neurons: 512, weight_bits: 5, adc: {bits: 8, full_scale: 2}, seed: %u, "
                 "devices: axon, variation: {%s}}",
                 seed, variation);
        struct arch_evaluation *e = run(&arch_opto_ttfs_unit, yaml, code, NULL, NULL);
        ck_assert_uint_eq(e->labelled, samples.samples);
        sum += (double)e->right / (double)e->samples;
    }
    return sum / seeds;
}

START_TEST(deviations_cost_accuracy) {
    tear_down();
    set_up_samples(1000);
    double exact = mean_accuracy("amplitude: 0", 1), ten = mean_accuracy("amplitude: 0.1", 3),
           much = mean_accuracy("amplitude: 1.5", 3);
    ck_assert_double_ge(exact, 0.985);
    ck_assert_double_ge(ten, exact - 0.01);
    ck_assert_double_le(much, exact - 0.05);
    ck_assert_double_ge(much, 0.2);
}
END_TEST

/* ---- descriptions, prices ----------------------------------------------------------------------- */

static const struct sim_schema *const registry[] = {&arch_ttfs_core_schema, &arch_opto_ttfs_schema,
                                                    &arch_msu_schema, NULL};

static const struct {
    const char *path;
    const struct arch_window_unit_type *type;
} parts[] = {{"configs/parts/ttfs-core.yaml", &arch_ttfs_core_unit},
             {"configs/parts/opto-otters.yaml", &arch_opto_ttfs_unit},
             {"configs/parts/opto-otters-shared.yaml", &arch_opto_ttfs_unit},
             {"configs/parts/msu-neurox.yaml", &arch_msu_unit}};

START_TEST(parts_are_priced) {
    struct sim_node *node = sim_yaml_load(parts[_i].path, &arena, &err);
    struct sim_binding binding = {.registry = registry, .arena = &arena, .err = &err};
    struct sim_any any;
    bool bound =
        node != NULL && sim_bind_any(&binding, ARCH_WINDOW_UNIT_ROLE, node, parts[_i].path, &any) != NULL;
    struct sim_energy *technology = sim_energy_load("configs/tech/ttfs-22nm.yaml", &err);
    sim_err_print(&err, stderr);
    ck_assert(bound && technology != NULL);
    ck_assert_ptr_eq(any.schema, parts[_i].type->schema);

    struct arch_ttfs code[LAYERS];
    plain(code, 15);
    struct arch_evaluate_windows how = {parts[_i].type, any.spec, CLOCK_HZ, code, 0.5, NULL, NULL, {0, 0}};
    struct arch_evaluation *e = arch_evaluate_windows(&trace.graph, &samples, &how, &arena, &err);
    ck_assert_ptr_nonnull(e);
    double event_j[WINDOW_EVENTS_MAX], sum = 0;
    struct arch_evaluation_energy energy = {.event_j = event_j}, low = {0};
    bool priced = arch_evaluation_price(e, technology, 0, &energy, &err) &&
                  arch_evaluation_price(e, technology, 0.4, &low, &err);
    sim_err_print(&err, stderr);
    ck_assert(priced);
    for (uint32_t i = 0; i < e->events; i++)
        sum += event_j[i];
    ck_assert_double_eq_tol(energy.dynamic_j, sum, 1e-12 * sum);
    ck_assert_double_eq_tol(energy.dynamic_j, 4 * low.dynamic_j, 1e-9 * sum);
    ck_assert_double_gt(energy.dynamic_j / 100, 1e-10); /* of an image */
    ck_assert_double_lt(energy.dynamic_j / 100, 1e-6);

    const char *names[WINDOW_EVENTS_MAX + 1];
    for (uint32_t i = 0; i < e->events; i++)
        names[i] = e->event[i].name;
    names[e->events] = SIM_ENERGY_LEAKAGE;
    ck_assert(sim_energy_check_type(technology, e->schema->name, names, e->events + 1, &err));
    sim_energy_free(technology);
}
END_TEST

/* The digital core by hand: three prices that scale with nothing, one that scales with the row. */
START_TEST(energy_is_count_times_price) {
    struct sim_energy *technology = sim_energy_load("configs/tech/ttfs-22nm.yaml", &err);
    struct arch_ttfs code[LAYERS];
    plain(code, 20);
    struct arch_evaluation *e =
        run(&arch_ttfs_core_unit, "{axons: 784, neurons: 512, weight_bits: 5}", code, NULL, NULL);
    struct arch_evaluation_energy energy = {0};
    ck_assert(arch_evaluation_price(e, technology, 0, &energy, &err));
    const uint64_t *hidden = e->layer[1].count, *output = e->layer[2].count;
    double expected = 0;
#define OF(event) ((double)(hidden[ARCH_TTFS_CORE_EVENT_##event] + output[ARCH_TTFS_CORE_EVENT_##event]))
    expected += 3e-12 * OF(spikes_in) + 79.5e-12 * 2 * 5 / 8 * OF(row_reads);
    expected += 54.48e-15 * (OF(synaptic_adds) + OF(ramp_adds) + OF(comparisons));
    ck_assert_double_eq_tol(energy.dynamic_j, expected, 1e-9 * expected);
    ck_assert_double_eq(energy.leakage_j, 0);
    sim_energy_free(technology);
}
END_TEST

START_TEST(what_cannot_be_is_refused) {
    struct arch_ttfs code[LAYERS];
    plain(code, 20);
    struct arch_evaluate_windows how = {&arch_opto_ttfs_unit,
                                        describe(&arch_opto_ttfs_schema, "{weight_bits: 4}"),
                                        CLOCK_HZ,
                                        code,
                                        0.5,
                                        NULL,
                                        NULL, {0, 0}};
    ck_assert_ptr_null(arch_evaluate_windows(&trace.graph, &samples, &how, &arena, &err));
    ck_assert_ptr_nonnull(strstr(err.message[0], "does not fit weight_bits 4"));
    struct arch_evaluate_rate rate = {&arch_crossbar_unit,
                                      describe(&arch_crossbar_schema, "{weights: {bits: 4}}"),
                                      CLOCK_HZ,
                                      NULL,
                                      NULL,
                                      {0, 0}};
    ck_assert_ptr_null(arch_evaluate_rate(&trace.graph, &samples, &rate, &arena, &err));
    ck_assert_ptr_nonnull(strstr(err.message[1], "weights of 5 bits for units of 4"));
    samples.neurons = 700;
    ck_assert_ptr_null(arch_evaluate_rate(&trace.graph, &samples, &rate, &arena, &err));
    ck_assert_ptr_nonnull(strstr(err.message[2], "samples of 700 neurons"));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("evaluation");
    TCase *network = suite_case(suite, "network");
    tcase_set_timeout(network, 120);
    tcase_add_checked_fixture(network, set_up, tear_down);
    tcase_add_loop_test(network, spiking_is_quantised, 0, sizeof ideal / sizeof *ideal);
    tcase_add_loop_test(network, masked_spiking_is_quantised, 0, 6);
    tcase_add_loop_test(network, rate_coding_spikes_as_the_format_says, 0, 2);
    tcase_add_test(network, deviations_cost_accuracy);
    tcase_add_loop_test(network, shares_add_up, 0, 3);
    TCase *results = suite_case(suite, "results");
    tcase_set_timeout(results, 60);
    tcase_add_checked_fixture(results, set_up, tear_down);
    tcase_add_test(results, calibration_finds_the_most_frequent_levels);
    tcase_add_test(results, a_mask_follows_the_data);
    tcase_add_test(results, activity_is_counted);
    tcase_add_test(results, latency_is_the_windows);
    tcase_add_loop_test(results, parts_are_priced, 0, sizeof parts / sizeof *parts);
    tcase_add_test(results, energy_is_count_times_price);
    tcase_add_test(results, what_cannot_be_is_refused);
    return suite_run(suite);
}

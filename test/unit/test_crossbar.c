/* SPDX-License-Identifier: MIT
 *
 * The crossbar core where nothing is wrong: it equals the digital core; its parameters, its layout, its
 * converters, its writes, its face as a core unit.
 */
#include "arch/shenjing/neuron_core.h"
#include "test/unit/crossbar_rig.h"
#include "test/suite.h"

#include <math.h>

/* ---- the digital core --------------------------------------------------------------------------- */

static const char *const equals_digital[] = {
    "{weights: {bits: 5}}",
    "{weights: {bits: 5}, write: {endurance: 1000000}}",
    "{weights: {bits: 5, encoding: offset, flip: true, correction: unit_column}, write: {endurance: "
    "1000000}}",
    "{weights: {bits: 5, subtraction: analog}, adc: {kind: sar, bits: 11}, write: {endurance: 1000000}}",
    "{weights: {bits: 5, placement: arrays}, adc: {kind: flash, bits: 10}, array: {active_rows: 9, rows: "
    "64}}",
    "{weights: {bits: 5}, cell: {bits: 8}, adc: {kind: ramp, bits: 16}, write: {endurance: 1000000}}",
};

/* One accumulation of the Shenjing core's sub-cores: rows + 3 cycles from the start to the local sums. */
static void digital_sums(const struct rig *rig, const uint64_t *spikes, int32_t *sums) {
    static const struct arch_neuron_core_spec spec = {
        .axons = 256, .neurons = 256, .weight_bits = 5, .sum_bits = 13};
    struct sim_arena arena;
    sim_arena_init(&arena);
    uint64_t count[ARCH_NEURON_CORE_EVENT_COUNT] = {0};
    struct sim_component owner = {.count = count};
    struct arch_neuron_core core;
    int8_t weights[256];
    arch_neuron_core_init(&core, &spec, NULL, &owner, 0, &arena);
    for (uint32_t axon = 0; axon < 256; axon++) {
        for (uint32_t neuron = 0; neuron < 256; neuron++)
            weights[neuron] = (int8_t)rig->xb->weight[axon * 256 + neuron];
        arch_neuron_core_load(&core, axon, 0, 256, weights);
    }
    arch_neuron_core_set_select(&core, 15, 0);
    arch_neuron_core_set_axons(&core, spikes, 0);
    arch_neuron_core_set_control(&core, 15, 0, 1);
    for (sim_cycle cycle = 2; cycle < 1 + 128 + 4; cycle++)
        arch_neuron_core_catch_up(&core, cycle < core.local_at ? cycle : core.local_at);
    for (uint32_t neuron = 0; neuron < 256; neuron++)
        sums[neuron] = core.local_ps[neuron];
    sim_arena_release(&arena);
}

START_TEST(ideal_crossbar_equals_the_digital_core) {
    struct rig rig;
    uint64_t rng = (uint64_t)_i, spikes[4];
    int32_t expected[256];
    rig_init(&rig, equals_digital[_i], 0);
    rig_load_random(&rig, &rng);
    rig_prepare(&rig);
    for (uint32_t round = 0; round < 8; round++) {
        rig_random_spikes(&rig, spikes, round / 7.0, &rng);
        arch_crossbar_spikes(rig.xb, spikes, rig.sums, 0);
        digital_sums(&rig, spikes, expected);
        for (uint32_t neuron = 0; neuron < 256; neuron++)
            ck_assert_msg(rig.sums[neuron] == expected[neuron], "round %u, neuron %u: %d, expected %d", round,
                          neuron, rig.sums[neuron], expected[neuron]);
    }
    rig_release(&rig);
}
END_TEST

START_TEST(exact_cores_of_all_widths) {
    char text[160];
    struct rig rig;
    uint64_t rng = (uint64_t)_i, spikes[8];
    uint32_t bits = 2 + (uint32_t)_i % 15, axons = 1 + (uint32_t)sim_rng_below(&rng, 500);
    snprintf(text, sizeof text, "{axons: %u, neurons: %u, weights: {bits: %u}}", axons,
             1 + (uint32_t)sim_rng_below(&rng, 200), bits);
    rig_init(&rig, text, 0);
    ck_assert(rig.xb->exact);
    int32_t *expected = SIM_NEW_ARRAY(&rig.arena, int32_t, rig.spec.neurons);
    rig_load_random(&rig, &rng);
    if (_i % 2 == 0)
        rig_load_all(&rig, -(1 << (bits - 1))); /* the most negative sums */
    rig_prepare(&rig);
    rig_random_spikes(&rig, spikes, _i % 2 == 0 ? 1 : 0.5, &rng);
    arch_crossbar_spikes(rig.xb, spikes, rig.sums, 0);
    rig_expect(&rig, spikes, expected);
    ck_assert_mem_eq(rig.sums, expected, rig.spec.neurons * sizeof *expected);
    rig_release(&rig);
}
END_TEST

/* ---- parameters --------------------------------------------------------------------------------- */

START_TEST(parameter_table_is_sound) {
    struct sim_arena arena;
    struct sim_err err;
    sim_arena_init(&arena);
    sim_err_init(&err);
    struct sim_binding binding = {.arena = &arena, .err = &err};
    bool sound = sim_bind_audit(&binding, &arch_crossbar_schema);
    sim_err_print(&err, stderr);
    ck_assert(sound);
    sim_arena_release(&arena);
    sim_err_release(&err);
}
END_TEST

static const struct {
    const char *text, *message;
} refused[] = {
    {"{cell: {g_min: 5 uS, g_max: 5 uS}}", "g_min must be below"},
    {"{cell: {bits: 2, levels: 5}}", "cell.levels"},
    {"{cell: {levels: 1}}", "cell.levels"},
    {"{weights: {flip: true}}", "need weights.encoding offset"},
    {"{weights: {encoding: offset, subtraction: analog}}", "need weights.encoding differential"},
    {"{input: {bits: 4}}", "input.kind spikes has one bit"},
    {"{input: {kind: serial, bits: 4, dac_bits: 2, twos_complement: true}}", "needs input.dac_bits 1"},
    {"{input: {kind: serial, bits: 2, dac_bits: 4}}", "more than input.bits"},
    {"{timing: {pipelined: true, sample_hold: false}}", "needs timing.sample_hold"},
    {"{array: {rows: 8, active_rows: 9}}", "more than array.rows"},
    {"{array: {cols: 3}}", "a weight takes 8 columns"},
    {"{program: {stuck_off: 0.7, stuck_on: 0.4}}", "more than all cells"},
    {"{wires: {driver: 5 Ohm}}", "needs wires.row"},
    {"{wires: {sense: 5 Ohm}}", "needs wires.col"},
    {"{axons: 65536, neurons: 65536}", "more than 2^28"},
    {"{cell: {g_min: 5}}", "has no unit"},
    {"{adc: {kind: sigma_delta}}", "one of ideal, sar, flash, ramp"},
};

START_TEST(wrong_descriptions_are_refused) {
    struct sim_arena arena;
    struct sim_err err;
    struct arch_crossbar_spec spec;
    sim_arena_init(&arena);
    sim_err_init(&err);
    struct sim_binding binding = {.arena = &arena, .err = &err};
    ck_assert(!sim_bind_text(&binding, &arch_crossbar_schema, refused[_i].text, &spec));
    ck_assert_int_eq(err.code, SIM_EXIT_CONFIG);
    ck_assert_msg(strstr(err.message[0], refused[_i].message) != NULL, "expected '%s' in: %s",
                  refused[_i].message, err.message[0]);
    sim_arena_release(&arena);
    sim_err_release(&err);
}
END_TEST

START_TEST(weights_that_do_not_fit_are_refused) {
    static const struct {
        const char *text;
        int weight;
        bool fits;
    } cases[] = {
        {"{axons: 3, neurons: 3, weights: {bits: 4}}", -8, true},
        {"{axons: 3, neurons: 3, weights: {bits: 4}}", 8, false},
        {"{axons: 3, neurons: 3, weights: {bits: 4}}", -9, false},
        {"{axons: 3, neurons: 3, weights: {bits: 4, symmetric: true}, cell: {bits: 3}}", -8, false},
        {"{axons: 3, neurons: 3, weights: {bits: 4, symmetric: true}, cell: {bits: 3}}", -7, true},
        {"{axons: 3, neurons: 3, weights: {bits: 4, encoding: offset}}", -8, true},
        {"{axons: 3, neurons: 3, weights: {bits: 4, encoding: offset}}", -9, false},
    };
    struct rig rig;
    rig_init(&rig, cases[_i].text, 0);
    rig_load(&rig, 1, 2, cases[_i].weight);
    ck_assert(arch_crossbar_prepare(rig.xb, &rig.err) == cases[_i].fits);
    ck_assert(cases[_i].fits || strstr(rig.err.message[0], "axon 1 to neuron 2") != NULL);
    rig_release(&rig);
}
END_TEST

/* ---- layout ------------------------------------------------------------------------------------- */

START_TEST(digits_make_up_their_weight) {
    char text[160];
    struct rig rig;
    static const char *const encodings[] = {"differential", "offset"};
    for (uint32_t bits = 2; bits <= 10; bits++)
        for (uint32_t cell = 1; cell <= 8; cell++)
            for (uint32_t encoding = 0; encoding < 2; encoding++) {
                snprintf(text, sizeof text,
                         "{neurons: 2, weights: {bits: %u, encoding: %s}, cell: {bits: %u}}", bits,
                         encodings[encoding], cell);
                rig_bind(&rig, text);
                struct arch_crossbar_layout l;
                arch_crossbar_layout(&rig.spec, &l);
                int half = 1 << (bits - 1);
                for (int weight = -half; weight < half; weight++) {
                    uint8_t digit[32];
                    ck_assert(arch_crossbar_digits(&rig.spec, &l, weight, digit));
                    int sum = encoding == 1 ? -half : 0, scale = 1;
                    for (uint32_t slice = 0; slice < l.slices; slice++, scale <<= cell) {
                        sum += scale * digit[slice * l.signs] -
                               (encoding == 0 ? scale * digit[slice * 2 + 1] : 0);
                        ck_assert(encoding == 1 || digit[slice * 2] == 0 || digit[slice * 2 + 1] == 0);
                    }
                    ck_assert_int_eq(sum, weight);
                }
                rig_release(&rig);
            }
}
END_TEST

START_TEST(columns_of_arrays_are_all_columns_once) {
    static const char *const texts[] = {
        "{neurons: 50, weights: {bits: 5}}",
        "{neurons: 50, array: {cols: 31}, weights: {bits: 5}}",
        "{neurons: 50, array: {cols: 31}, weights: {bits: 5, placement: arrays}}",
        "{neurons: 50, array: {cols: 50}, weights: {bits: 5, placement: arrays, encoding: offset}}",
    };
    struct rig rig;
    rig_bind(&rig, texts[_i]);
    struct arch_crossbar_layout l;
    arch_crossbar_layout(&rig.spec, &l);
    uint32_t seen = 0;
    for (uint32_t array = 0; array < l.across; array++) {
        uint32_t first, end;
        arch_crossbar_array_columns(&rig.spec, &l, array, &first, &end);
        ck_assert_uint_eq(first, seen);
        ck_assert(end > first && end - first <= rig.spec.array.cols);
        seen = end;
    }
    ck_assert_uint_eq(seen, l.columns);
    rig_release(&rig);
}
END_TEST

/* log2(rows) + dac bits + cell bits, less one where either is 1, less one with flipped columns. */
START_TEST(converter_bits_follow_isaacs_rule) {
    static const struct {
        uint32_t dac, cell;
        bool flip;
        uint32_t bits;
    } cases[] = {{1, 2, true, 8},  {1, 2, false, 9},  {1, 1, false, 8},
                 {2, 1, false, 9}, {2, 2, false, 11}, {2, 2, true, 10}};
    char text[256];
    struct rig rig;
    snprintf(text, sizeof text,
             "{axons: 128, neurons: 4, weights: {encoding: offset, flip: %s}, cell: {bits: %u}, "
             "input: {kind: serial, bits: 8, dac_bits: %u}, adc: {kind: sar, bits: %u}}",
             cases[_i].flip ? "true" : "false", cases[_i].cell, cases[_i].dac, cases[_i].bits);
    rig_bind(&rig, text);
    struct arch_crossbar_layout l;
    arch_crossbar_layout(&rig.spec, &l);
    ck_assert_uint_eq(arch_crossbar_adc_bits_needed(&rig.spec, &l), cases[_i].bits);
    ck_assert(arch_crossbar_adc_is_exact(&rig.spec, &l));
    rig.spec.adc.bits--;
    ck_assert(!arch_crossbar_adc_is_exact(&rig.spec, &l));
    rig_release(&rig);
}
END_TEST

START_TEST(area_is_the_sum_of_its_parts) {
    struct rig rig;
    rig_bind(&rig,
             "{axons: 200, neurons: 16, array: {rows: 128, cols: 64}, weights: {bits: 8, encoding: offset}, "
             "adc: {columns: 32}, area: {array: 1000 um2, driver: 2 um2, adc: 300 um2, sample_hold: 1 um2, "
             "shift_add: 10 um2, other: 7 um2}}");
    /* 4 slices: 64 columns, one array across, two blocks; 200 drivers; 2 converters an array. */
    double expected = 2 * 1000 + 200 * 2 + 4 * (300 + 10) + 2 * 64 * 1 + 7;
    ck_assert(fabs(arch_crossbar_area(&rig.spec) * 1e12 - expected) < 1e-6);
    rig_release(&rig);
}
END_TEST

/* ---- vectors ------------------------------------------------------------------------------------ */

START_TEST(vector_code_gives_the_same_bits) {
    enum { LANES = 64, ROWS = 37 };
    const struct arch_crossbar_lanes *variant = &arch_crossbar_lanes_scalar;
#if defined(__x86_64__) && defined(__GNUC__)
    variant = _i == 1 ? &arch_crossbar_lanes_avx2 : _i == 2 ? &arch_crossbar_lanes_avx512 : variant;
#endif
    if (sim_lanes_variant((uint32_t)_i) == NULL)
        return;
    struct sim_arena arena;
    sim_arena_init(&arena);
    uint64_t rng = 5;
    double *base = SIM_NEW_ARRAY(&arena, double, ROWS *LANES), *scale = SIM_NEW_ARRAY(&arena, double, ROWS);
    double *found = SIM_NEW_ARRAY(&arena, double, LANES), *expected = SIM_NEW_ARRAY(&arena, double, LANES);
    double *normal = SIM_NEW_ARRAY(&arena, double, LANES);
    uint32_t row[ROWS];
    for (uint32_t i = 0; i < ROWS * LANES; i++)
        base[i] = sim_rng_real(&rng) * 3;
    for (uint32_t r = 0; r < ROWS; r++) {
        scale[r] = sim_rng_real(&rng) * 4;
        row[r] = ROWS - 1 - r;
    }
    for (uint32_t i = 0; i < LANES; i++)
        normal[i] = sim_rng_real(&rng) - 0.5;
    for (uint32_t step = 0; step < 2; step++) {
        variant->add(found, base, row, step == 0 ? NULL : scale, ROWS, LANES);
        for (uint32_t i = 0; i < LANES; i++)
            for (uint32_t r = 0; r < ROWS; r++)
                expected[i] += step == 0 ? base[row[r] * LANES + i] : base[row[r] * LANES + i] * scale[r];
        ck_assert_mem_eq(found, expected, LANES * sizeof *found);
    }
    variant->noise(found, base, normal, LANES);
    for (uint32_t i = 0; i < LANES; i++)
        expected[i] += sqrt(base[i]) * normal[i];
    ck_assert_mem_eq(found, expected, LANES * sizeof *found);
    found[0] = expected[0] = 0.5 * 1.7; /* a tie */
    found[1] = expected[1] = -4;
    found[2] = expected[2] = 1e9;
    const struct arch_crossbar_codes codes = {.low = -2, .high = 70, .lsb = 1.7};
    variant->convert(found, normal, &codes, LANES);
    for (uint32_t i = 0; i < LANES; i++) {
        double code = fmin(70, fmax(-2, expected[i] / 1.7 + normal[i]));
        expected[i] = rint(code) * 1.7;
    }
    for (uint32_t i = 0; i < LANES; i++)
        ck_assert_double_eq(found[i], expected[i]);
    sim_arena_release(&arena);
}
END_TEST

START_TEST(a_spike_train_is_its_timesteps) {
    static const char text[] = "{axons: 70, neurons: 9, weights: {bits: 5}, adc: {kind: sar, bits: 7}, "
                               "read: {fluctuation: 0.1, telegraph: 0.3, telegraph_dwell: 100 ns}}";
    enum { STEPS = 20 };
    struct rig train, steps;
    uint64_t rng = 3, spikes[STEPS][2];
    int32_t sums[STEPS][9];
    rig_init(&train, text, 4);
    rig_init(&steps, text, 4);
    rig_load_random(&train, &(uint64_t){8});
    rig_load_random(&steps, &(uint64_t){8});
    rig_prepare(&train);
    rig_prepare(&steps);
    for (uint32_t t = 0; t < STEPS; t++)
        rig_random_spikes(&train, spikes[t], 0.3, &rng);
    uint64_t all = arch_crossbar_spike_train(train.xb, &spikes[0][0], STEPS, &sums[0][0], 1000), sum = 0;
    for (uint32_t t = 0; t < STEPS; t++) {
        sum += arch_crossbar_spikes(steps.xb, spikes[t], steps.sums, 1000 + sum);
        ck_assert_mem_eq(sums[t], steps.sums, sizeof sums[t]);
    }
    ck_assert_uint_eq(all, sum);
    ck_assert_mem_eq(train.count, steps.count, sizeof train.count);
    rig_release(&train);
    rig_release(&steps);
}
END_TEST

/* ---- writes ------------------------------------------------------------------------------------- */

static const char *const writable[] = {
    "{axons: 70, neurons: 9, weights: {bits: 5}}",
    "{axons: 70, neurons: 9, weights: {bits: 5}, write: {endurance: 1000}}",
    "{axons: 70, neurons: 9, weights: {bits: 5, encoding: offset, flip: true}, write: {endurance: 1000}}",
    ("{axons: 70, neurons: 9, weights: {bits: 5, placement: arrays}, array: {rows: 32, cols: 4}, write: "
     "{endurance: 1000}}"),
};

START_TEST(sums_follow_the_written_weights) {
    struct rig rig, fresh;
    uint64_t rng = 1, spikes[2], cycles;
    int32_t expected[9];
    rig_init(&rig, writable[_i], 0);
    rig_load_random(&rig, &rng);
    rig_prepare(&rig);
    for (uint32_t round = 0; round < 50; round++) {
        int16_t weights[9];
        uint32_t axon = (uint32_t)sim_rng_below(&rng, 70), first = (uint32_t)sim_rng_below(&rng, 9);
        uint32_t count = 1 + (uint32_t)sim_rng_below(&rng, 9 - first);
        for (uint32_t i = 0; i < count; i++)
            weights[i] = (int16_t)rig_random_weight(&rig.spec, &rng);
        ck_assert(arch_crossbar_write(rig.xb, axon, first, count, weights, round, &cycles));
        rig_random_spikes(&rig, spikes, 0.6, &rng);
        arch_crossbar_spikes(rig.xb, spikes, rig.sums, round);
        rig_expect(&rig, spikes, expected);
        ck_assert_mem_eq(rig.sums, expected, sizeof expected);
    }
    /* What a row's cells carry is as if it had been loaded so (where no column is inverted by what was
     * loaded). */
    rig_init(&fresh, writable[_i], 0);
    memcpy(fresh.xb->weight, rig.xb->weight, 70 * 9 * sizeof *rig.xb->weight);
    rig_prepare(&fresh);
    if (!rig.spec.weights.flip)
        ck_assert_mem_eq(rig.xb->row_steps, fresh.xb->row_steps, 70 * sizeof *rig.xb->row_steps);
    int16_t wrong = 16;
    memcpy(rig.count, fresh.count, sizeof rig.count);
    ck_assert(!arch_crossbar_write(rig.xb, 0, 0, 1, &wrong, 99, &cycles));
    ck_assert_mem_eq(rig.count, fresh.count, sizeof rig.count);
    rig_release(&rig);
    rig_release(&fresh);
}
END_TEST

START_TEST(writes_cost_pulses_and_time) {
    struct rig rig;
    uint64_t cycles;
    rig_init(&rig,
             "{axons: 4, neurons: 8, weights: {bits: 4}, cell: {bits: 2}, array: {cols: 16}, "
             "write: {time: 50 ns, pulses: 3, parallel: 4, endurance: 100}}",
             0);
    rig_prepare(&rig);
    /* 2 slices x 2 signs: 4 neurons an array, two arrays. 5 changes one cell of each slice, 1 only the lower.
     */
    int16_t weights[8] = {5, 5, 5, 0, 1, 0, 0, 0};
    ck_assert(arch_crossbar_write(rig.xb, 2, 0, 8, weights, 0, &cycles));
    ck_assert_uint_eq(rig.count[ARCH_CROSSBAR_EVENT_cell_writes], 7);
    ck_assert_uint_eq(rig.count[ARCH_CROSSBAR_EVENT_write_pulses], 21);
    ck_assert_uint_eq(rig.count[ARCH_CROSSBAR_EVENT_row_writes], 2);
    ck_assert_uint_eq(cycles, 2 * 3 * 50); /* six cells of the first array, four at once */
    ck_assert(arch_crossbar_write(rig.xb, 2, 0, 8, weights, 1, &cycles));
    ck_assert_uint_eq(cycles, 0);
    ck_assert_uint_eq(rig.count[ARCH_CROSSBAR_EVENT_cell_writes], 7);
    ck_assert_uint_eq(arch_crossbar_most_writes(rig.xb), 1);
    rig_release(&rig);
}
END_TEST

START_TEST(cells_wear_out) {
    struct rig rig;
    uint64_t cycles, spike = 1;
    rig_init(&rig, "{axons: 1, neurons: 1, weights: {bits: 3}, cell: {bits: 3}, write: {endurance: 10}}", 0);
    rig_prepare(&rig);
    for (int write = 1; write <= 11; write++) {
        int16_t weight = (int16_t)(write % 2 == 1 ? 3 : 2);
        ck_assert(arch_crossbar_write(rig.xb, 0, 0, 1, &weight, 0, &cycles));
        arch_crossbar_spikes(rig.xb, &spike, rig.sums, 0);
        ck_assert_int_eq(rig.sums[0], write <= 10 ? weight : 0);
        ck_assert_uint_eq(arch_crossbar_most_writes(rig.xb), (uint32_t)write);
    }
    rig_release(&rig);
}
END_TEST

START_TEST(each_write_is_programmed_anew) {
    struct rig rig;
    uint64_t cycles;
    rig_init(&rig,
             "{axons: 1, neurons: 1, weights: {bits: 3}, cell: {bits: 3}, program: {model: normal, sigma_s: "
             "1 uS}}",
             0);
    rig_load(&rig, 0, 0, 3);
    rig_prepare(&rig);
    double first = rig.xb->cell[0];
    for (int16_t weight = 2; weight <= 3; weight++)
        ck_assert(arch_crossbar_write(rig.xb, 0, 0, 1, &weight, 0, &cycles));
    ck_assert(fabs(first - rig.xb->cell[0]) > 1e-6 && fabs(rig.xb->cell[0] - 3) < 1);
    rig_release(&rig);
}
END_TEST

/* ---- as a core unit ----------------------------------------------------------------------------- */

START_TEST(unit_face) {
    struct rig rig;
    rig_bind(&rig,
             "{axons: 100, neurons: 20, weights: {bits: 5}, timing: {settle: 10 ns}, area: {other: 5 um2}}");
    const struct arch_core_unit_type *type = &arch_crossbar_unit;
    ck_assert_uint_eq(type->event_count, ARCH_CROSSBAR_EVENT_COUNT);
    ck_assert_str_eq(type->schema->role, ARCH_CORE_UNIT_ROLE);
    struct arch_core_unit_shape shape;
    type->shape(&rig.spec, &shape);
    ck_assert_uint_eq(shape.axons, 100);
    ck_assert_uint_eq(shape.neurons, 20);
    ck_assert_uint_eq(shape.weight_bits, 5);
    uint64_t count[3 + ARCH_CROSSBAR_EVENT_COUNT] = {0}, spikes[2] = {5, 0};
    struct sim_component owner = {.count = count};
    struct arch_core_unit_host host = {
        .owner = &owner, .first_event = 3, .clock_hz = 1e9, .arena = &rig.arena};
    void *unit = sim_arena_alloc(&rig.arena, 1, type->size);
    int8_t weights[20];
    for (int i = 0; i < 20; i++)
        weights[i] = (int8_t)(i - 10);
    type->init(unit, &rig.spec, &host);
    type->load(unit, 0, 0, 20, weights);
    type->load(unit, 2, 5, 10, weights);
    ck_assert(type->prepare(unit, &rig.err));
    int32_t sums[20];
    ck_assert_uint_eq(type->integrate(unit, spikes, sums, 0), 10);
    for (int i = 0; i < 20; i++)
        ck_assert_int_eq(sums[i], i - 10 + (i >= 5 && i < 15 ? i - 15 : 0));
    ck_assert_uint_eq(count[0] + count[1] + count[2], 0);
    ck_assert_uint_eq(count[3 + ARCH_CROSSBAR_EVENT_sums], 20);
    ck_assert(fabs(type->area(&rig.spec) - 5e-12) < 1e-18);
    rig_release(&rig);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("crossbar");
    TCase *digital = suite_case(suite, "digital core");
    tcase_add_loop_test(digital, ideal_crossbar_equals_the_digital_core, 0, 6);
    tcase_add_loop_test(digital, exact_cores_of_all_widths, 0, 30);
    TCase *parameters = suite_case(suite, "parameters");
    tcase_add_test(parameters, parameter_table_is_sound);
    tcase_add_loop_test(parameters, wrong_descriptions_are_refused, 0, sizeof refused / sizeof *refused);
    tcase_add_loop_test(parameters, weights_that_do_not_fit_are_refused, 0, 7);
    TCase *layout = suite_case(suite, "layout");
    tcase_add_test(layout, digits_make_up_their_weight);
    tcase_add_loop_test(layout, columns_of_arrays_are_all_columns_once, 0, 4);
    tcase_add_loop_test(layout, converter_bits_follow_isaacs_rule, 0, 6);
    tcase_add_test(layout, area_is_the_sum_of_its_parts);
    TCase *vectors = suite_case(suite, "vectors");
    tcase_add_loop_test(vectors, vector_code_gives_the_same_bits, 0, 3);
    tcase_add_test(vectors, a_spike_train_is_its_timesteps);
    TCase *writes = suite_case(suite, "writes");
    tcase_add_loop_test(writes, sums_follow_the_written_weights, 0, 4);
    tcase_add_test(writes, writes_cost_pulses_and_time);
    tcase_add_test(writes, cells_wear_out);
    tcase_add_test(writes, each_write_is_programmed_anew);
    tcase_add_test(suite_case(suite, "core unit"), unit_face);
    return suite_run(suite);
}

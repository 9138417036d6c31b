/* SPDX-License-Identifier: MIT
 *
 * Parameters of the memristor crossbar core; see spec.h.
 */
#include "arch/crossbar/spec.h"

#include "arch/crossbar/layout.h"
#include "arch/unit/core_unit.h"

static const char *const accesses[] = {"1t1r", "1r", NULL};
static const char *const selects[] = {"fixed", "active", NULL};

static const struct sim_param array_params[] = {
    SIM_PARAM_UINT(struct arch_crossbar_array_spec, rows, 1, 4096, "128", "rows of an array"),
    SIM_PARAM_UINT(struct arch_crossbar_array_spec, cols, 1, 4096, "128",
                   "columns of an array that hold weights"),
    SIM_PARAM_UINT(struct arch_crossbar_array_spec, active_rows, 0, 4096, "0",
                   "most rows of an array driven at the same time; 0: all"),
    SIM_PARAM_CHOICE(
        struct arch_crossbar_array_spec, access, accesses, "1t1r",
        "1t1r: cells of rows that are not driven are cut off; 1r: no selector, such rows stay at 0 V"),
    SIM_PARAM_CHOICE(struct arch_crossbar_array_spec, select, selects, "fixed",
                     "rows driven together: fixed neighbours, or (active) those with an input, as they come"),
    SIM_PARAM_BOOL(struct arch_crossbar_array_spec, skip_idle, "false",
                   "rows without any input are passed over: no time, no energy"),
};

static const struct sim_schema array_schema = {.name = "arch.crossbar.array",
                                               .help = "The arrays, all alike.",
                                               .size = sizeof(struct arch_crossbar_array_spec),
                                               SIM_SCHEMA_PARAMS(array_params)};

static const struct sim_param cell_params[] = {
    SIM_PARAM_QUANTITY(struct arch_crossbar_cell_spec, g_min_s, "g_min", SIM_UNIT_SIEMENS, 0, 1, "1 uS",
                       "lowest conductance"),
    SIM_PARAM_QUANTITY(struct arch_crossbar_cell_spec, g_max_s, "g_max", SIM_UNIT_SIEMENS, 1e-12, 1, "100 uS",
                       "highest conductance"),
    SIM_PARAM_QUANTITY(struct arch_crossbar_cell_spec, read_voltage_v, "read_voltage", SIM_UNIT_VOLT, 1e-3,
                       10, "0.2 V", "across a cell when its row is driven with the largest input"),
    SIM_PARAM_REAL(struct arch_crossbar_cell_spec, nonlinearity, 0, 10, "0",
                   "a of I = G V_read sinh(a V / V_read) / sinh(a); 0: ohmic"),
    SIM_PARAM_UINT(struct arch_crossbar_cell_spec, bits, 1, 8, "2", "weight bits that a cell holds"),
    SIM_PARAM_UINT(
        struct arch_crossbar_cell_spec, levels, 0, 256, "0",
        "conductances, equally spaced, that can be programmed; 0: 2^bits; fewer: weights are rounded"),
};

static const struct sim_schema cell_schema = {.name = "arch.crossbar.cell",
                                              .help = "The memristive cells, ideal ones.",
                                              .size = sizeof(struct arch_crossbar_cell_spec),
                                              SIM_SCHEMA_PARAMS(cell_params)};

static const char *const encodings[] = {"differential", "offset", NULL};
static const char *const placements[] = {"columns", "arrays", NULL};
static const char *const subtractions[] = {"digital", "analog", NULL};
static const char *const corrections[] = {"count", "unit_column", NULL};

static const struct sim_param weight_params[] = {
    SIM_PARAM_UINT(struct arch_crossbar_weight_spec, bits, 2, 16, "8", "width of a weight, two's complement"),
    SIM_PARAM_CHOICE(struct arch_crossbar_weight_spec, encoding, encodings, "differential",
                     "differential: a cell for w > 0 and one for w < 0; offset: one for w + 2^(bits-1)"),
    SIM_PARAM_CHOICE(struct arch_crossbar_weight_spec, placement, placements, "columns",
                     "cells of one weight: in neighbouring columns, or in the same place of several arrays"),
    SIM_PARAM_CHOICE(struct arch_crossbar_weight_spec, subtraction, subtractions, "digital",
                     "differential columns are subtracted after conversion, or (analog) as currents before"),
    SIM_PARAM_CHOICE(
        struct arch_crossbar_weight_spec, correction, corrections, "count",
        "offset: sum of the inputs from a digital counter, or from a column of ones in every array"),
    SIM_PARAM_BOOL(
        struct arch_crossbar_weight_spec, flip, "false",
        "offset: columns that are more than half full are stored inverted, which saves a bit of the ADC"),
    SIM_PARAM_BOOL(struct arch_crossbar_weight_spec, symmetric, "false",
                   "differential: no weight is -2^(bits-1), so that bits - 1 bits of slices suffice"),
};

static const struct sim_schema weight_schema = {.name = "arch.crossbar.weights",
                                                .help = "How signed weights become conductances.",
                                                .size = sizeof(struct arch_crossbar_weight_spec),
                                                SIM_SCHEMA_PARAMS(weight_params)};

static const char *const inputs[] = {"spikes", "serial", NULL};

static const struct sim_param input_params[] = {
    SIM_PARAM_CHOICE(struct arch_crossbar_input_spec, kind, inputs, "spikes",
                     "spikes: one bit an axon; serial: numbers, dac_bits at a time from the lowest on"),
    SIM_PARAM_UINT(struct arch_crossbar_input_spec, bits, 1, 16, "1", "width of an input (serial)"),
    SIM_PARAM_UINT(struct arch_crossbar_input_spec, dac_bits, 1, 8, "1",
                   "bits that a row driver applies at once, as a voltage"),
    SIM_PARAM_BOOL(struct arch_crossbar_input_spec, twos_complement, "false",
                   "inputs are signed: the pass of the highest bit is subtracted; needs dac_bits 1"),
};

static const struct sim_schema input_schema = {.name = "arch.crossbar.input",
                                               .help = "How inputs come onto the rows.",
                                               .size = sizeof(struct arch_crossbar_input_spec),
                                               SIM_SCHEMA_PARAMS(input_params)};

static const char *const adcs[] = {"ideal", "sar", "flash", "ramp", NULL};

static const struct sim_param adc_params[] = {
    SIM_PARAM_CHOICE(
        struct arch_crossbar_adc_spec, kind, adcs, "ideal",
        "steps of a conversion: sar bits, flash 1, ramp 2^bits, each plus extra_steps; ideal: none, and not "
        "rounded"),
    SIM_PARAM_UINT(struct arch_crossbar_adc_spec, bits, 1, 16, "8", "resolution (of not ideal ones)"),
    SIM_PARAM_UINT(struct arch_crossbar_adc_spec, columns, 1, 4096, "8", "columns that share one converter"),
    SIM_PARAM_UINT(struct arch_crossbar_adc_spec, extra_steps, 0, 64, "0",
                   "steps to sample and to hand over"),
    SIM_PARAM_QUANTITY(struct arch_crossbar_adc_spec, period_s, "period", SIM_UNIT_SECOND, 0, 1, "1 ns",
                       "time of a step"),
    SIM_PARAM_QUANTITY(struct arch_crossbar_adc_spec, time_s, "time", SIM_UNIT_SECOND, 0, 1, "0 s",
                       "time of a conversion; 0: steps x period"),
    SIM_PARAM_REAL(
        struct arch_crossbar_adc_spec, full_scale, 0, 1e9, "0",
        "largest sum that is told apart, in steps of a cell; more is clipped; 0: the largest that can occur"),
    SIM_PARAM_REAL(struct arch_crossbar_adc_spec, offset_sigma, 0, 1000, "0",
                   "standard deviation of the converters' offsets, LSB"),
};

static const struct sim_schema adc_schema = {.name = "arch.crossbar.adc",
                                             .help = "The converters of column currents, all alike.",
                                             .size = sizeof(struct arch_crossbar_adc_spec),
                                             SIM_SCHEMA_PARAMS(adc_params)};

static const struct sim_param timing_params[] = {
    SIM_PARAM_QUANTITY(struct arch_crossbar_timing_spec, settle_s, "settle", SIM_UNIT_SECOND, 0, 1, "10 ns",
                       "from driving the rows to valid column currents"),
    SIM_PARAM_BOOL(
        struct arch_crossbar_timing_spec, sample_hold, "true",
        "column currents are held for the converters; otherwise each step of the multiplexer settles anew"),
    SIM_PARAM_BOOL(struct arch_crossbar_timing_spec, pipelined, "false",
                   "rows settle while held currents are converted; needs sample_hold"),
    SIM_PARAM_UINT(struct arch_crossbar_timing_spec, digital_cycles, 0, 4096, "0",
                   "cycles of the core's clock from the last conversion to the sums"),
};

static const struct sim_schema timing_schema = {.name = "arch.crossbar.timing",
                                                .help = "Time of a pass: settling and conversions.",
                                                .size = sizeof(struct arch_crossbar_timing_spec),
                                                SIM_SCHEMA_PARAMS(timing_params)};

static const char *const program_models[] = {"exact",
                                             "normal",
                                             "proportional",
                                             "rram_milo_2021",
                                             "rram_wan_2022",
                                             "rram_wan_2022_second",
                                             "rram_wan_2022_day",
                                             "rram_wan_2022_two_days",
                                             "pcm_joshi_2020",
                                             "pcm_aihwkit",
                                             NULL};

static const struct sim_param program_params[] = {
    SIM_PARAM_CHOICE(
        struct arch_crossbar_program_spec, model, program_models, "exact",
        "standard deviation of a programmed conductance: sigma_s, sigma x conductance, or a published fit"),
    SIM_PARAM_QUANTITY(struct arch_crossbar_program_spec, sigma_s, "sigma_s", SIM_UNIT_SIEMENS, 0, 1, "0 S",
                       "normal"),
    SIM_PARAM_REAL(struct arch_crossbar_program_spec, sigma, 0, 10, "0", "proportional"),
    SIM_PARAM_REAL(struct arch_crossbar_program_spec, stuck_off, 0, 1, "0",
                   "share of cells that stay at g_min"),
    SIM_PARAM_REAL(struct arch_crossbar_program_spec, stuck_on, 0, 1, "0",
                   "share of cells that stay at g_max"),
};

static const struct sim_schema program_schema = {
    .name = "arch.crossbar.program",
    .help = "Faults of programming, drawn once for a cell and write.",
    .size = sizeof(struct arch_crossbar_program_spec),
    SIM_SCHEMA_PARAMS(program_params)};

static const char *const drift_models[] = {"none", "power", "pcm", NULL};

static const struct sim_param drift_params[] = {
    SIM_PARAM_CHOICE(
        struct arch_crossbar_drift_spec, model, drift_models, "none",
        "g (t / t0)^-nu for t > t0, nu normal for each cell: power as given here, pcm by AIHWKIT's fit"),
    SIM_PARAM_REAL(struct arch_crossbar_drift_spec, exponent, -1, 1, "0.03", "power: mean of nu"),
    SIM_PARAM_REAL(struct arch_crossbar_drift_spec, exponent_sigma, 0, 1, "0",
                   "power: standard deviation of nu"),
    SIM_PARAM_QUANTITY(struct arch_crossbar_drift_spec, t0_s, "t0", SIM_UNIT_SECOND, 1e-12, 1e9, "1 s",
                       "power: time of the programmed value (pcm: 20 s)"),
    SIM_PARAM_QUANTITY(struct arch_crossbar_drift_spec, age_s, "age", SIM_UNIT_SECOND, 0, 1e12, "0 s",
                       "time since programming; does not grow during a run"),
};

static const struct sim_schema drift_schema = {.name = "arch.crossbar.drift",
                                               .help = "Drift of conductances over time.",
                                               .size = sizeof(struct arch_crossbar_drift_spec),
                                               SIM_SCHEMA_PARAMS(drift_params)};

static const struct sim_param read_params[] = {
    SIM_PARAM_REAL(
        struct arch_crossbar_read_spec, energy, 1e-6, 1e6, "1",
        "energy of a read relative to that of the technology file; lowers `fluctuation` and thermal noise"),
    SIM_PARAM_REAL(struct arch_crossbar_read_spec, fluctuation, 0, 10, "0",
                   "relative standard deviation of a cell's current from read to read, at energy 1"),
    SIM_PARAM_REAL(struct arch_crossbar_read_spec, fluctuation_exponent, 0, 2, "0.5",
                   "fluctuation goes with energy^-this; 0.5: a signal integrated against white noise"),
    SIM_PARAM_QUANTITY(struct arch_crossbar_read_spec, thermal_s, "thermal", SIM_UNIT_SIEMENS, 0, 1, "0 S",
                       "standard deviation of a read, the same for all conductances"),
    SIM_PARAM_QUANTITY(struct arch_crossbar_read_spec, bandwidth_hz, "bandwidth", SIM_UNIT_HERTZ, 0, 1e12,
                       "0 Hz", "of the sensing: Johnson noise 4 k T G B of each connected cell; 0: none"),
    SIM_PARAM_QUANTITY(struct arch_crossbar_read_spec, temperature_k, "temperature", SIM_UNIT_KELVIN, 1, 1000,
                       "300 K", "of the Johnson noise"),
    SIM_PARAM_REAL(struct arch_crossbar_read_spec, flicker, 0, 10, "0",
                   "1/f noise Q of a cell at g_max (AIHWKIT: 0.0088); grows with the logarithm of drift.age"),
    SIM_PARAM_REAL(struct arch_crossbar_read_spec, flicker_exponent, 0, 2, "0.65",
                   "Q goes with (g / g_max)^-this"),
    SIM_PARAM_REAL(struct arch_crossbar_read_spec, flicker_limit, 0, 10, "0.2", "largest Q"),
    SIM_PARAM_REAL(struct arch_crossbar_read_spec, telegraph, 0, 1, "0",
                   "random telegraph noise: mean relative step of a cell's conductance"),
    SIM_PARAM_REAL(struct arch_crossbar_read_spec, telegraph_sigma, 0, 1, "0",
                   "standard deviation of the step over cells"),
    SIM_PARAM_REAL(struct arch_crossbar_read_spec, telegraph_high, 1e-6, 0.999999, "0.5",
                   "share of time on the higher level"),
    SIM_PARAM_QUANTITY(struct arch_crossbar_read_spec, telegraph_dwell_s, "telegraph_dwell", SIM_UNIT_SECOND,
                       1e-12, 1e9, "1 ms", "mean time on the higher level"),
};

static const struct sim_schema read_schema = {.name = "arch.crossbar.read",
                                              .help = "Noise of reads.",
                                              .size = sizeof(struct arch_crossbar_read_spec),
                                              SIM_SCHEMA_PARAMS(read_params)};

static const struct sim_param wire_params[] = {
    SIM_PARAM_QUANTITY(struct arch_crossbar_wire_spec, row_ohm, "row", SIM_UNIT_OHM, 0, 1e6, "0 Ohm",
                       "row wire from cell to cell; all four 0: no IR drop"),
    SIM_PARAM_QUANTITY(struct arch_crossbar_wire_spec, col_ohm, "col", SIM_UNIT_OHM, 0, 1e6, "0 Ohm",
                       "column wire from cell to cell"),
    SIM_PARAM_QUANTITY(struct arch_crossbar_wire_spec, driver_ohm, "driver", SIM_UNIT_OHM, 0, 1e6, "0 Ohm",
                       "a row's driver"),
    SIM_PARAM_QUANTITY(struct arch_crossbar_wire_spec, sense_ohm, "sense", SIM_UNIT_OHM, 0, 1e6, "0 Ohm",
                       "a column's virtual ground"),
    SIM_PARAM_REAL(struct arch_crossbar_wire_spec, tolerance, 1e-15, 1e-2, "1e-10",
                   "the iteration ends when no voltage moves by more, relative to read_voltage"),
    SIM_PARAM_UINT(struct arch_crossbar_wire_spec, iterations, 1, 1000000, "10000", "most iterations"),
};

static const struct sim_schema wire_schema = {.name = "arch.crossbar.wires",
                                              .help = "Resistances outside of the cells, for the IR drop.",
                                              .size = sizeof(struct arch_crossbar_wire_spec),
                                              SIM_SCHEMA_PARAMS(wire_params)};

static const struct sim_param write_params[] = {
    SIM_PARAM_QUANTITY(struct arch_crossbar_write_spec, time_s, "time", SIM_UNIT_SECOND, 0, 1, "100 ns",
                       "time of one write pulse and its check"),
    SIM_PARAM_UINT(struct arch_crossbar_write_spec, pulses, 1, 1000, "1", "pulses to program a cell"),
    SIM_PARAM_UINT(struct arch_crossbar_write_spec, parallel, 0, 65536, "0",
                   "cells of a row written at once in an array; 0: all"),
    SIM_PARAM_UINT64(struct arch_crossbar_write_spec, endurance, 0, 1e18, "0",
                     "writes that a cell survives, then it is stuck at g_min; 0: unlimited"),
};

static const struct sim_schema write_schema = {.name = "arch.crossbar.write",
                                               .help = "Programming of cells while a core runs.",
                                               .size = sizeof(struct arch_crossbar_write_spec),
                                               SIM_SCHEMA_PARAMS(write_params)};

static const struct sim_param area_params[] = {
    SIM_PARAM_QUANTITY(struct arch_crossbar_area_spec, array_m2, "array", SIM_UNIT_SQUARE_METRE, 0, 1, "0 m2",
                       "an array"),
    SIM_PARAM_QUANTITY(struct arch_crossbar_area_spec, driver_m2, "driver", SIM_UNIT_SQUARE_METRE, 0, 1,
                       "0 m2", "a row driver or DAC"),
    SIM_PARAM_QUANTITY(struct arch_crossbar_area_spec, adc_m2, "adc", SIM_UNIT_SQUARE_METRE, 0, 1, "0 m2",
                       "a converter"),
    SIM_PARAM_QUANTITY(struct arch_crossbar_area_spec, sample_hold_m2, "sample_hold", SIM_UNIT_SQUARE_METRE,
                       0, 1, "0 m2", "a column's sample-and-hold"),
    SIM_PARAM_QUANTITY(struct arch_crossbar_area_spec, shift_add_m2, "shift_add", SIM_UNIT_SQUARE_METRE, 0, 1,
                       "0 m2", "a converter's shift-and-add"),
    SIM_PARAM_QUANTITY(struct arch_crossbar_area_spec, other_m2, "other", SIM_UNIT_SQUARE_METRE, 0, 1, "0 m2",
                       "everything else of a core"),
};

static const struct sim_schema area_schema = {.name = "arch.crossbar.area",
                                              .help = "Silicon area of one of each component.",
                                              .size = sizeof(struct arch_crossbar_area_spec),
                                              SIM_SCHEMA_PARAMS(area_params)};

static const struct sim_param params[] = {
    SIM_PARAM_UINT(struct arch_crossbar_spec, axons, 1, 65536, "256", "inputs of the core"),
    SIM_PARAM_UINT(struct arch_crossbar_spec, neurons, 1, 65536, "256", "outputs of the core"),
    SIM_PARAM_UINT64(struct arch_crossbar_spec, seed, 0, 9.2e18, "1", "of everything that is drawn"),
    SIM_PARAM_SPEC(struct arch_crossbar_spec, array, &array_schema, "arrays of cells"),
    SIM_PARAM_SPEC(struct arch_crossbar_spec, cell, &cell_schema, "cells"),
    SIM_PARAM_SPEC(struct arch_crossbar_spec, weights, &weight_schema, "weights in cells"),
    SIM_PARAM_SPEC(struct arch_crossbar_spec, input, &input_schema, "inputs on rows"),
    SIM_PARAM_SPEC(struct arch_crossbar_spec, adc, &adc_schema, "converters"),
    SIM_PARAM_SPEC(struct arch_crossbar_spec, timing, &timing_schema, "time of a pass"),
    SIM_PARAM_SPEC(struct arch_crossbar_spec, program, &program_schema, "faults of programming"),
    SIM_PARAM_SPEC(struct arch_crossbar_spec, drift, &drift_schema, "drift"),
    SIM_PARAM_SPEC(struct arch_crossbar_spec, read, &read_schema, "noise of reads"),
    SIM_PARAM_SPEC(struct arch_crossbar_spec, wires, &wire_schema, "IR drop"),
    SIM_PARAM_SPEC(struct arch_crossbar_spec, write, &write_schema, "writing"),
    SIM_PARAM_SPEC(struct arch_crossbar_spec, area, &area_schema, "silicon area"),
};

static bool fault(const struct sim_where *where, struct sim_err *err, const char *what) {
    return sim_err_add(err, SIM_EXIT_CONFIG, where, "arch.crossbar: %s", what);
}

static bool check_cells(const struct arch_crossbar_spec *spec, const struct sim_where *where,
                        struct sim_err *err) {
    bool sound = true;
    if (spec->cell.g_min_s >= spec->cell.g_max_s)
        sound = fault(where, err, "cell.g_min must be below cell.g_max");
    if (spec->cell.levels == 1 || spec->cell.levels > UINT32_C(1) << spec->cell.bits)
        sound = fault(where, err, "cell.levels must be 0 or from 2 to 2^cell.bits");
    if (spec->program.stuck_off + spec->program.stuck_on > 1)
        sound = fault(where, err, "program.stuck_off and program.stuck_on are more than all cells");
    return sound;
}

static bool check_wires(const struct arch_crossbar_wire_spec *wires, const struct sim_where *where,
                        struct sim_err *err) {
    bool sound = true;
    if (wires->driver_ohm > 0 && wires->row_ohm <= 0)
        sound = fault(where, err, "wires.driver needs wires.row above 0");
    if (wires->sense_ohm > 0 && wires->col_ohm <= 0)
        sound = fault(where, err, "wires.sense needs wires.col above 0");
    return sound;
}

static bool check(const void *self, const struct sim_where *where, struct sim_err *err) {
    const struct arch_crossbar_spec *spec = self;
    const struct arch_crossbar_weight_spec *weights = &spec->weights;
    const struct arch_crossbar_input_spec *input = &spec->input;
    bool differential = weights->encoding == ARCH_CROSSBAR_DIFFERENTIAL, sound = true;
    if (differential && (weights->flip || weights->correction != ARCH_CROSSBAR_COUNT))
        sound =
            fault(where, err, "weights.flip and weights.correction unit_column need weights.encoding offset");
    if (!differential && (weights->subtraction == ARCH_CROSSBAR_ANALOG || weights->symmetric))
        sound = fault(where, err,
                      "weights.subtraction analog and weights.symmetric need weights.encoding differential");
    if (input->kind == ARCH_CROSSBAR_SPIKES &&
        (input->bits != 1 || input->dac_bits != 1 || input->twos_complement))
        sound =
            fault(where, err, "input.kind spikes has one bit: input.bits, dac_bits 1, twos_complement false");
    if (input->twos_complement && input->dac_bits != 1)
        sound = fault(where, err, "input.twos_complement needs input.dac_bits 1");
    if (input->dac_bits > input->bits)
        sound = fault(where, err, "input.dac_bits is more than input.bits");
    if (spec->timing.pipelined && !spec->timing.sample_hold)
        sound = fault(where, err, "timing.pipelined needs timing.sample_hold");
    if (spec->array.active_rows > spec->array.rows)
        sound = fault(where, err, "array.active_rows is more than array.rows");
    sound &= check_cells(spec, where, err);
    sound &= check_wires(&spec->wires, where, err);
    struct arch_crossbar_layout layout;
    arch_crossbar_layout(spec, &layout);
    if (layout.neurons_per_array == 0)
        sound = sim_err_add(err, SIM_EXIT_CONFIG, where,
                            "arch.crossbar: a weight takes %u columns, and an array has array.cols of %u",
                            layout.slices * layout.signs, spec->array.cols);
    if ((double)layout.lanes * spec->axons > 0x1p28)
        sound = fault(where, err, "axons x neurons x cells of a weight are more than 2^28");
    return sound;
}

static const struct sim_type *const types[] = {&arch_crossbar_type, NULL};

const struct sim_schema arch_crossbar_schema = {
    .name = "arch.crossbar",
    .help =
        "Memristor crossbar core: signed weights as conductances, column currents through shared converters, "
        "shift-and-add; device, wire and converter faults as parameters.",
    .role = ARCH_CORE_UNIT_ROLE,
    .size = sizeof(struct arch_crossbar_spec),
    SIM_SCHEMA_PARAMS(params),
    .check = check,
    .types = types,
};

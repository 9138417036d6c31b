/* SPDX-License-Identifier: MIT
 *
 * What describes a memristor crossbar core: `type: arch.crossbar` and its parts.
 *
 * A core has `axons` x `neurons` signed weights. They live in arrays of `rows` x `cols` cells: axons fill
 * as many blocks of rows as they need, neurons as many arrays side by side; all arrays of a core work at the
 * same time. A weight takes several cells: slices of `cell.bits` bits, and two of each (`differential`: for
 * the positive and the negative part) or one (`offset`: the weight plus 2^(bits-1)).
 *
 * Every non-ideality is off by default. Then, and with a converter that resolves the largest sum, the core
 * computes exactly what a digital core computes.
 */
#ifndef ARCH_CROSSBAR_SPEC_H
#define ARCH_CROSSBAR_SPEC_H

#include "sim/config/param.h"

#ifdef __cplusplus
extern "C" {
#endif

enum arch_crossbar_access { ARCH_CROSSBAR_1T1R, ARCH_CROSSBAR_1R };
enum arch_crossbar_rows { ARCH_CROSSBAR_ROWS_FIXED, ARCH_CROSSBAR_ROWS_ACTIVE };

struct arch_crossbar_array_spec {
    uint32_t rows, cols;
    uint32_t active_rows; /* driven at once; 0: all */
    int access;           /* enum arch_crossbar_access */
    int select;           /* enum arch_crossbar_rows */
    bool skip_idle;
};

struct arch_crossbar_cell_spec {
    double g_min_s, g_max_s, read_voltage_v;
    double nonlinearity;
    uint32_t bits, levels; /* levels 0: 2^bits */
};

enum arch_crossbar_encoding { ARCH_CROSSBAR_DIFFERENTIAL, ARCH_CROSSBAR_OFFSET };
enum arch_crossbar_placement { ARCH_CROSSBAR_COLUMNS, ARCH_CROSSBAR_ARRAYS };
enum arch_crossbar_subtraction { ARCH_CROSSBAR_DIGITAL, ARCH_CROSSBAR_ANALOG };
enum arch_crossbar_correction { ARCH_CROSSBAR_COUNT, ARCH_CROSSBAR_UNIT_COLUMN };

struct arch_crossbar_weight_spec {
    uint32_t bits;
    int encoding, placement, subtraction, correction;
    bool flip, symmetric;
};

enum arch_crossbar_input { ARCH_CROSSBAR_SPIKES, ARCH_CROSSBAR_SERIAL };

struct arch_crossbar_input_spec {
    int kind; /* enum arch_crossbar_input */
    uint32_t bits, dac_bits;
    bool twos_complement;
};

enum arch_crossbar_adc_kind {
    ARCH_CROSSBAR_ADC_IDEAL,
    ARCH_CROSSBAR_ADC_SAR,
    ARCH_CROSSBAR_ADC_FLASH,
    ARCH_CROSSBAR_ADC_RAMP
};

struct arch_crossbar_adc_spec {
    int kind; /* enum arch_crossbar_adc_kind */
    uint32_t bits, columns, extra_steps;
    double period_s, time_s;
    double full_scale;   /* 0: the largest sum */
    double offset_sigma; /* LSB */
};

struct arch_crossbar_timing_spec {
    double settle_s;
    bool sample_hold, pipelined;
    uint32_t digital_cycles;
};

enum arch_crossbar_program_model {
    ARCH_CROSSBAR_PROGRAM_EXACT,
    ARCH_CROSSBAR_PROGRAM_NORMAL,
    ARCH_CROSSBAR_PROGRAM_PROPORTIONAL,
    ARCH_CROSSBAR_PROGRAM_RRAM_MILO_2021,
    ARCH_CROSSBAR_PROGRAM_RRAM_WAN_2022,
    ARCH_CROSSBAR_PROGRAM_RRAM_WAN_2022_SECOND,
    ARCH_CROSSBAR_PROGRAM_RRAM_WAN_2022_DAY,
    ARCH_CROSSBAR_PROGRAM_RRAM_WAN_2022_TWO_DAYS,
    ARCH_CROSSBAR_PROGRAM_PCM_JOSHI_2020,
    ARCH_CROSSBAR_PROGRAM_PCM_AIHWKIT
};

struct arch_crossbar_program_spec {
    int model;             /* enum arch_crossbar_program_model */
    double sigma_s, sigma; /* normal: S; proportional: relative */
    double stuck_off, stuck_on;
};

enum arch_crossbar_drift_model {
    ARCH_CROSSBAR_DRIFT_NONE,
    ARCH_CROSSBAR_DRIFT_POWER,
    ARCH_CROSSBAR_DRIFT_PCM
};

struct arch_crossbar_drift_spec {
    int model; /* enum arch_crossbar_drift_model */
    double exponent, exponent_sigma, t0_s, age_s;
};

struct arch_crossbar_read_spec {
    double energy, fluctuation, fluctuation_exponent;
    double thermal_s, bandwidth_hz, temperature_k;
    double flicker, flicker_exponent, flicker_limit;
    double telegraph, telegraph_sigma, telegraph_high, telegraph_dwell_s;
};

struct arch_crossbar_wire_spec {
    double row_ohm, col_ohm, driver_ohm, sense_ohm;
    double tolerance;
    uint32_t iterations;
};

struct arch_crossbar_write_spec {
    double time_s;
    uint32_t pulses, parallel;
    uint64_t endurance; /* writes; 0: unlimited */
};

struct arch_crossbar_area_spec { /* m2 of one of each */
    double array_m2, driver_m2, adc_m2, sample_hold_m2, shift_add_m2, other_m2;
};

struct arch_crossbar_spec {
    uint32_t axons, neurons;
    uint64_t seed;
    struct arch_crossbar_array_spec array;
    struct arch_crossbar_cell_spec cell;
    struct arch_crossbar_weight_spec weights;
    struct arch_crossbar_input_spec input;
    struct arch_crossbar_adc_spec adc;
    struct arch_crossbar_timing_spec timing;
    struct arch_crossbar_program_spec program;
    struct arch_crossbar_drift_spec drift;
    struct arch_crossbar_read_spec read;
    struct arch_crossbar_wire_spec wires;
    struct arch_crossbar_write_spec write;
    struct arch_crossbar_area_spec area;
};

extern const struct sim_schema arch_crossbar_schema; /* role "core_unit" */

/* Name and events, for descriptions and prices. It has no step: a core owns the crossbar. */
extern const struct sim_type arch_crossbar_type;

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * Memristor crossbar core (arch.crossbar): weighted sums by Ohm's and Kirchhoff's laws.
 *
 *     inputs --drivers--> rows of cells --currents--> [sample-and-hold] --mux--> ADC --shift-and-add--> sums
 *
 * An input vector takes passes: one for each digit of the inputs and each group of rows that are driven at
 * once. Arrays side by side and blocks of rows below each other work at the same time, each with its own
 * converters.
 *
 *     latency = passes x (settle + mux x conversion)     sample-and-hold; pipelined: settling is hidden
 *             = passes x mux x (settle + conversion)     without: each step of the multiplexer settles anew
 *
 * A column's value in a pass is the sum over the driven rows of drive x (g - g_min) / step: the current at
 * g_min is taken off by an ideal reference. Values are converted, joined to signed sums and added in
 * integers. Where nothing is wrong and the converters resolve every sum, the core computes with integers
 * (`exact`), which gives the same sums as the cells would.
 *
 * Time enters as cycles of the owner's clock; nothing is drawn a cycle. Not modelled: supply noise, sneak
 * paths of half-selected cells during writing, disturbance by reads, temperature other than in Johnson noise.
 * Sources: see configs/parts/crossbar-*.yaml.
 */
#ifndef ARCH_CROSSBAR_CROSSBAR_H
#define ARCH_CROSSBAR_CROSSBAR_H

#include "arch/crossbar/adc.h"
#include "arch/crossbar/layout.h"
#include "arch/crossbar/noise.h"
#include "arch/crossbar/wire.h"
#include "arch/unit/core_unit.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ARCH_CROSSBAR_EVENTS(X)                                                   \
    X(accesses, "passes of one array: rows driven, columns read")                 \
    X(row_drives, "rows of one array driven in a pass")                           \
    X(cell_reads, "cells of driven rows that carry current in a pass")            \
    X(cell_steps, "steps above g_min of those cells, times their drive, ideally") \
    X(samples, "column currents sampled and held")                                \
    X(mux_steps, "steps of the column multiplexers")                              \
    X(conversions, "analog-to-digital conversions")                               \
    X(subtractions, "differential pairs subtracted")                              \
    X(shift_adds, "shift-and-add operations on converted values")                 \
    X(input_bits, "bits taken into the input registers")                          \
    X(sums, "sums handed over")                                                   \
    X(row_writes, "rows of one array written")                                    \
    X(cell_writes, "cells written to another level")                              \
    X(write_pulses, "write pulses on cells")

enum arch_crossbar_event {
#define ARCH_CROSSBAR_EVENT_NAME(name, help) ARCH_CROSSBAR_EVENT_##name,
    ARCH_CROSSBAR_EVENTS(ARCH_CROSSBAR_EVENT_NAME)
#undef ARCH_CROSSBAR_EVENT_NAME
    ARCH_CROSSBAR_EVENT_COUNT
};

/* Where everything is linear: the cells of each weight as one; see fold.c. */
struct arch_crossbar_fold {
    uint32_t lanes;    /* neurons, padded */
    double *weight;    /* [axons][lanes] */
    double *variance;  /* [axons][lanes] or NULL, as that of the cells */
    double *johnson;
};

/* Where converters are real and reads are quiet; see plane.c. One lane for each conversion of a
 * neuron, planes x lanes in all. */
struct arch_crossbar_planes {
    uint32_t planes, lanes, all;
    bool whole;             /* cells hold whole steps */
    uint32_t converted_rows; /* passes of fewer rows come out as they are */
    uint32_t group;         /* rows whose digits can be added in 8 bits */
    int8_t *digit;          /* [axons][all]; NULL: not whole, or too large */
    float *cell;            /* [axons][all] where `digit` is NULL */
    float *most;            /* [axons] no cell is larger */
    float *gain, *offset;   /* [blocks][all] weight of a code in sums; LSB */
    double *inputs;         /* [blocks][lanes] weight of the sum of the inputs' digits in sums */
    float rounding;         /* error of conversion in single precision, LSB */
    /* Scratch. */
    float *value, *sum;
    int16_t *narrow;
    uint32_t *at, *doubt;
    uint32_t *resolved, resolved_count; /* rows of passes that come out as they are */
};

struct arch_crossbar {
    const struct arch_crossbar_spec *spec;
    struct arch_core_unit_host host;
    struct arch_crossbar_layout layout;
    bool exact; /* sums are those of the integer weights */
    bool prepared;
    const struct arch_crossbar_lanes *lanes;
    int16_t *weight; /* [axons][neurons] */
    int8_t *narrow;  /* integer sums of weights of up to 8 bits: [axons][narrow_lanes] */
    uint32_t narrow_lanes, narrow_group;
    uint32_t *array_of;  /* [columns + units] array that a column stands in */
    uint64_t *flipped;   /* [blocks][columns / 64]: columns that are stored inverted (weights.flip) */
    uint32_t *row_steps; /* [axons] sum of the digits of a row's cells, of all arrays */

    /* Where not exact: */
    struct arch_crossbar_device device;
    double *cell;     /* [axons][lanes] steps above g_min */
    double *programmed; /* with linear IR drop: cells themselves; `cell` is what they seem to be */
    double *quiet;    /* with telegraph noise: cells on their lower level */
    double *variance; /* [axons][lanes] steps squared of a read; NULL: no noise */
    double *johnson;  /* [axons][lanes] with several drive steps: variance at any input; NULL: none */
    struct arch_crossbar_codes codes;
    double *offset;                            /* [blocks][lanes] LSB, by conversion */
    struct arch_crossbar_telegraph *telegraph; /* NULL: none */
    struct arch_crossbar_wires *wires;         /* NULL: no IR drop */
    struct arch_crossbar_fold *fold;           /* NULL: cells are read one by one */
    struct arch_crossbar_planes *planes;       /* NULL: the same */
    uint64_t key_read, first_read;             /* stream; its first number of this stretch of the inputs */
    uint64_t reads;                            /* passes that drew noise in it */
    uint64_t unconverged;                      /* IR drop: solutions that ended by the limit of iterations */
    double *drive_level; /* [drive_steps + 1] voltage of a digit in steps, bent by non-linear cells */
    uint32_t *written;   /* [axons] writes of a row */
    uint32_t *writes;    /* with an endurance: [axons][columns] writes of each cell */

    /* Scratch of one pass. */
    uint32_t *row;                   /* [axons] driven rows */
    uint32_t *digit;                 /* [axons] their digits */
    double *drive, *drive_squared;   /* [axons] */
    double *value, *spread, *normal; /* [lanes] */
    uint32_t total_lanes;            /* neurons, padded */
    double *total;                   /* [total_lanes] */
    int32_t *integer;                /* [total_lanes] */
    int16_t *narrow_acc;
    uint64_t *block_passes; /* [blocks] */
    uint64_t pass_cycles;   /* of one pass alone, for the event log */
    uint32_t *changed;      /* [across] */
};

extern const struct arch_core_unit_type arch_crossbar_unit; /* weights of up to 8 bits, input.kind spikes */

void arch_crossbar_init(struct arch_crossbar *xb, const struct arch_crossbar_spec *spec,
                        const struct arch_core_unit_host *host);

/* Elaboration: weights of `axon` to neurons first .. first + count - 1. */
void arch_crossbar_load(struct arch_crossbar *xb, uint32_t axon, uint32_t first, uint32_t count,
                        const int16_t *weights);

/* Programs the cells. False and messages when a weight does not fit. */
bool arch_crossbar_prepare(struct arch_crossbar *xb, struct sim_err *err);

/* Sums for one timestep of spikes, which starts at `now`; returns its cycles. */
uint64_t arch_crossbar_spikes(struct arch_crossbar *xb, const uint64_t *spikes, int32_t *sums, sim_cycle now);

/* The same for `timesteps` timesteps: spikes[timesteps][words], sums[timesteps][neurons]. A timestep starts
 * when the one before has ended. Returns the cycles of all. */
uint64_t arch_crossbar_spike_train(struct arch_crossbar *xb, const uint64_t *spikes, uint32_t timesteps,
                                   int32_t *sums, sim_cycle now);

/* Sums for a vector of numbers within input.bits: total[neurons], not rounded. */
uint64_t arch_crossbar_numbers(struct arch_crossbar *xb, const int32_t *numbers, double *total,
                               sim_cycle now);

/* Begins another stretch of the inputs, see arch/unit/core_unit.h. */
void arch_crossbar_begin(struct arch_crossbar *xb, uint64_t stretch);

/* Programs new weights at `now` and returns the cycles it takes. False (0 cycles, nothing written) when a
 * weight does not fit. A column keeps its inversion. */
bool arch_crossbar_write(struct arch_crossbar *xb, uint32_t axon, uint32_t first, uint32_t count,
                         const int16_t *weights, sim_cycle now, uint64_t *cycles);

/* Most writes of any cell since elaboration; counted only with write.endurance. */
uint32_t arch_crossbar_most_writes(const struct arch_crossbar *xb);

#ifdef __cplusplus
}
#endif

#endif

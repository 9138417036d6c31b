/* SPDX-License-Identifier: MIT
 *
 * Memristive synapse unit (arch.msu): sums of a time-to-first-spike window inside the memory.
 *
 *     spike --> row driver, a pulse of |value| slots --> cells --> column charge --> integrator --> potential
 *
 * A spike drives its row for as many slots as its value says, with the sign of the value: for a positive
 * value that is from its slot to the place of the silent level, so no arithmetic is needed; for a negative
 * one the pulse goes on for at most `silent` slots after the window. The charge that a pair of columns
 * collects is the sum of weight x value. No weight is ever read. At the end the integrators are converted,
 * once a neuron and window, or compared with the falling threshold as they are (adc.bits 0).
 *
 *     latency = (levels + max(0, silent - 1)) x slot + settle + conversions in turn
 *
 * Cells: a differential pair a weight, conductances g_min .. g_max in equal steps; programming error in
 * proportion to the conductance, drawn once; noise of a read in proportion to it, drawn for each pulse.
 * Where nothing deviates and adc.bits is 0, potentials are exact. Not modelled here: stuck cells, drift, IR
 * drop, telegraph noise (see arch/crossbar/crossbar.h for a core that has them), droop and saturation of the
 * integrators before the converter.
 *
 * Source: Matterhorn (arXiv 2601.22876) for the idea; its circuits, conductances and energies were not
 * published in a source read so far. The pulse-width scheme is a choice; numbers: configs/parts/msu-*.yaml.
 */
#ifndef ARCH_TTFS_MSU_H
#define ARCH_TTFS_MSU_H

#include "arch/unit/crossbar_random.h"
#include "arch/unit/window_weights.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ARCH_MSU_EVENTS(X)                                                                                   \
    X(spikes_in, "spikes received")                                                                          \
    X(row_pulses, "rows driven, times slots")                                                                \
    X(cell_pulses, "cells of driven rows, times slots")                                                      \
    X(cell_steps, "ideal steps above g_min of those cells, times slots")                                     \
    X(integrations, "column pairs integrated over a window")                                                 \
    X(conversions, "analog-to-digital conversions of integrators")                                           \
    X(comparisons, "potentials compared with the threshold")                                                 \
    X(fires, "spikes fired")                                                                                 \
    X(clipped, "conversions beyond the full scale")

enum arch_msu_event {
#define ARCH_MSU_EVENT_NAME(name, help) ARCH_MSU_EVENT_##name,
    ARCH_MSU_EVENTS(ARCH_MSU_EVENT_NAME)
#undef ARCH_MSU_EVENT_NAME
        ARCH_MSU_EVENT_COUNT
};

struct arch_msu_cell_spec {
    double g_min_s, g_max_s;
    double program, read; /* relative standard deviations */
};

struct arch_msu_adc_spec {
    uint32_t bits;     /* 0: none */
    double full_scale; /* potential, weight steps x levels */
    uint32_t converters;
    double time_s;
};

struct arch_msu_spec {
    uint32_t axons, neurons, weight_bits;
    uint64_t seed;
    struct arch_msu_cell_spec cell;
    struct arch_msu_adc_spec adc;
    double slot_s, settle_s;
    double cell_area_m2, converter_area_m2, other_area_m2;
};

struct arch_msu {
    struct arch_window_weights weights;
    const struct arch_msu_spec *spec;
    struct arch_crossbar_ziggurat *ziggurat;
    uint64_t key_program, key_read;
    uint64_t draws;
    double *table;                    /* [axons][lanes] weights as programmed */
    double *variance;                 /* [axons][lanes] of a pulse of one slot; NULL: no noise */
    double *normal, *spread, *square; /* scratch */
    uint32_t *row_steps;              /* [axons] steps above g_min of all cells of a row */
};

extern const struct sim_schema arch_msu_schema; /* role "window_unit" */
extern const struct sim_type arch_msu_type;     /* its events; the core around it steps */
extern const struct arch_window_unit_type arch_msu_unit;

#ifdef __cplusplus
}
#endif

#endif

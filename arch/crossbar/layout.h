/* SPDX-License-Identifier: MIT
 *
 * Where weights stand in a crossbar core.
 *
 *     weight w --digits--> `slices` digits of cell.bits bits, for each of `signs` signs --cells--> columns
 *
 *     differential   w = sum over s of 2^(bits s) (plus[s] - minus[s]), one of the two all 0
 *     offset         w + 2^(weight bits - 1) = sum over s of 2^(bits s) plus[s]
 *
 * A *column* here is a column of cells that is used. Columns are numbered without gaps: column(neuron, slice,
 * sign) = neuron x neuron_stride + slice x slice_stride + sign x sign_stride, so that the columns of an array
 * are neighbours; then follow the unit columns, one for each array. A *conversion* is what a converter sees:
 * a column, or (analog subtraction) a pair of them. Axons fill blocks of array.rows rows from the first on.
 */
#ifndef ARCH_CROSSBAR_LAYOUT_H
#define ARCH_CROSSBAR_LAYOUT_H

#include "arch/crossbar/spec.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ARCH_CROSSBAR_LANES 16u /* columns are padded to a multiple */

struct arch_crossbar_layout {
    uint32_t slices, signs;
    uint32_t steps; /* digits are 0 .. steps */
    uint32_t neurons_per_array;
    uint32_t across, blocks; /* arrays side by side; blocks of rows */
    uint32_t columns, units; /* unit columns: 0 or `across` */
    uint32_t lanes;          /* columns + units, padded */
    uint32_t neuron_stride, slice_stride, sign_stride;
    uint32_t conversions;       /* of weights, without unit columns */
    uint32_t array_conversions; /* most in one array, with its unit column */
    uint32_t converters;        /* in each array (or pair of arrays) */
    uint32_t mux;               /* conversions of one converter, one after another */
    uint32_t group_rows;        /* rows driven at once, at most */
    uint32_t passes;            /* digits of an input */
    uint32_t drive_steps;       /* a row is driven with 0 .. drive_steps */
    double largest;             /* sum of a column in one pass, ideally */
};

void arch_crossbar_layout(const struct arch_crossbar_spec *spec, struct arch_crossbar_layout *layout);

/* The columns of array `array` (0 .. across - 1): first .. end - 1, without its unit column. */
void arch_crossbar_array_columns(const struct arch_crossbar_spec *spec,
                                 const struct arch_crossbar_layout *layout, uint32_t array, uint32_t *first,
                                 uint32_t *end);

/* Digits of a weight: digit[slice * signs + sign]. False when the cells cannot hold it. */
bool arch_crossbar_digits(const struct arch_crossbar_spec *spec, const struct arch_crossbar_layout *layout,
                          int weight, uint8_t *digit);

/* A digit after rounding to the levels that can be programmed. */
double arch_crossbar_level(const struct arch_crossbar_cell_spec *cell, uint32_t digit);

/* Area of a core, m2. */
double arch_crossbar_area(const struct arch_crossbar_spec *spec);

#ifdef __cplusplus
}
#endif

#endif

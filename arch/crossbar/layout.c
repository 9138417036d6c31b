/* SPDX-License-Identifier: MIT
 *
 * Where weights stand; see layout.h.
 */
#include "arch/crossbar/layout.h"

#include <math.h>

static uint32_t ceil_div(uint32_t a, uint32_t b) { return (a + b - 1) / b; }

static uint32_t slices_of(const struct arch_crossbar_spec *spec) {
    uint32_t bits = spec->weights.bits;
    if (spec->weights.encoding == ARCH_CROSSBAR_DIFFERENTIAL)
        bits = spec->weights.symmetric ? bits - 1 : bits; /* -2^(bits-1) has a magnitude of `bits` bits */
    return ceil_div(bits, spec->cell.bits);
}

static void count_conversions(const struct arch_crossbar_spec *spec, struct arch_crossbar_layout *l) {
    bool pairs = spec->weights.subtraction == ARCH_CROSSBAR_ANALOG;
    uint32_t in_array = 0;
    for (uint32_t array = 0; array < l->across; array++) {
        uint32_t first, end;
        arch_crossbar_array_columns(spec, l, array, &first, &end);
        if (end - first > in_array)
            in_array = end - first;
    }
    if (pairs && spec->weights.placement == ARCH_CROSSBAR_COLUMNS)
        in_array /= 2;
    l->conversions = pairs ? l->columns / 2 : l->columns;
    l->array_conversions = in_array + (l->units != 0);
    l->mux = l->array_conversions < spec->adc.columns ? l->array_conversions : spec->adc.columns;
    l->converters = ceil_div(l->array_conversions, spec->adc.columns);
}

void arch_crossbar_layout(const struct arch_crossbar_spec *spec, struct arch_crossbar_layout *l) {
    const struct arch_crossbar_array_spec *array = &spec->array;
    *l = (struct arch_crossbar_layout){.slices = slices_of(spec)};
    l->signs = spec->weights.encoding == ARCH_CROSSBAR_DIFFERENTIAL ? 2 : 1;
    l->steps = (UINT32_C(1) << spec->cell.bits) - 1;
    l->columns = spec->neurons * l->slices * l->signs;
    l->sign_stride = l->slice_stride = l->neuron_stride = 1;
    if (spec->weights.placement == ARCH_CROSSBAR_COLUMNS) {
        l->neurons_per_array = array->cols / (l->slices * l->signs);
        l->across = l->neurons_per_array == 0 ? 0 : ceil_div(spec->neurons, l->neurons_per_array);
        l->slice_stride = l->signs;
        l->neuron_stride = l->signs * l->slices;
    } else {
        l->neurons_per_array = array->cols;
        l->across = ceil_div(spec->neurons, array->cols) * l->slices * l->signs;
        l->sign_stride = spec->neurons;
        l->slice_stride = spec->neurons * l->signs;
    }
    l->units = spec->weights.correction == ARCH_CROSSBAR_UNIT_COLUMN ? l->across : 0;
    l->lanes = ceil_div(l->columns + l->units, ARCH_CROSSBAR_LANES) * ARCH_CROSSBAR_LANES;
    l->blocks = ceil_div(spec->axons, array->rows);
    if (l->neurons_per_array != 0)
        count_conversions(spec, l);
    uint32_t rows = spec->axons < array->rows ? spec->axons : array->rows;
    l->group_rows = array->active_rows == 0 || array->active_rows > rows ? rows : array->active_rows;
    l->passes = ceil_div(spec->input.bits, spec->input.dac_bits);
    l->drive_steps = (UINT32_C(1) << spec->input.dac_bits) - 1;
    double digits = (double)l->group_rows * l->steps, half = floor((double)rows * l->steps / 2);
    l->largest = spec->weights.flip && half < digits ? half : digits;
    if (l->units != 0 && l->largest < l->group_rows)
        l->largest = l->group_rows;
    l->largest *= l->drive_steps;
}

void arch_crossbar_array_columns(const struct arch_crossbar_spec *spec, const struct arch_crossbar_layout *l,
                                 uint32_t array, uint32_t *first, uint32_t *end) {
    uint32_t size = spec->array.cols, base = 0, limit = l->columns, at = array;
    if (spec->weights.placement == ARCH_CROSSBAR_COLUMNS) {
        size = l->neurons_per_array * l->slices * l->signs;
    } else {
        uint32_t side = ceil_div(spec->neurons, size);
        base = array / side * spec->neurons;
        limit = base + spec->neurons;
        at = array % side;
    }
    *first = base + at * size;
    *end = limit - *first < size ? limit : *first + size;
}

bool arch_crossbar_digits(const struct arch_crossbar_spec *spec, const struct arch_crossbar_layout *l,
                          int weight, uint8_t *digit) {
    int half = 1 << (spec->weights.bits - 1);
    if (weight < -half || weight >= half)
        return false;
    bool differential = l->signs == 2;
    uint32_t magnitude = (uint32_t)(differential ? (weight < 0 ? -weight : weight) : weight + half);
    for (uint32_t slice = 0; slice < l->slices; slice++) {
        uint8_t value = (uint8_t)(magnitude >> (slice * spec->cell.bits) & l->steps);
        for (uint32_t sign = 0; sign < l->signs; sign++)
            digit[slice * l->signs + sign] = sign == (differential && weight < 0) ? value : 0;
    }
    return magnitude >> (l->slices * spec->cell.bits) == 0;
}

double arch_crossbar_level(const struct arch_crossbar_cell_spec *cell, uint32_t digit) {
    uint32_t steps = (UINT32_C(1) << cell->bits) - 1;
    if (cell->levels == 0 || cell->levels == steps + 1)
        return digit;
    double level = floor((double)digit * (cell->levels - 1) / steps + 0.5);
    return level * steps / (cell->levels - 1);
}

double arch_crossbar_area(const struct arch_crossbar_spec *spec) {
    const struct arch_crossbar_area_spec *area = &spec->area;
    struct arch_crossbar_layout l;
    arch_crossbar_layout(spec, &l);
    double arrays = (double)l.blocks * l.across;
    double sides =
        spec->weights.subtraction == ARCH_CROSSBAR_ANALOG && spec->weights.placement == ARCH_CROSSBAR_ARRAYS
            ? 2
            : 1;
    double converters = arrays / sides * l.converters;
    double columns = (double)l.blocks * (l.columns + l.units), rows = (double)spec->axons * l.across;
    return arrays * area->array_m2 + rows * area->driver_m2 +
           converters * (area->adc_m2 + area->shift_add_m2) +
           (spec->timing.sample_hold ? columns * area->sample_hold_m2 : 0) + area->other_m2;
}

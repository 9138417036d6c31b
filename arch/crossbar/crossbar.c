/* SPDX-License-Identifier: MIT
 *
 * Elaboration of the crossbar core: storage, weights, programming; see crossbar.h.
 */
#include "arch/crossbar/core.h"

#include "sim/base/arena.h"
#include "sim/base/lanes.h"

#include <math.h>
#include <string.h>

#define TOTAL_LANES 64u

static bool is_exact(const struct arch_crossbar *xb) {
    const struct arch_crossbar_spec *spec = xb->spec;
    uint32_t levels = spec->cell.levels;
    return xb->device.ideal && (levels == 0 || levels == xb->layout.steps + 1) &&
           (spec->cell.nonlinearity <= 0 || xb->layout.drive_steps == 1) &&
           !arch_crossbar_reads_are_noisy(&spec->read) && spec->read.telegraph <= 0 &&
           spec->read.telegraph_sigma <= 0 && !arch_crossbar_wires_matter(&spec->wires) &&
           spec->write.endurance == 0 && arch_crossbar_adc_is_exact(spec, &xb->layout);
}

static void init_drive(struct arch_crossbar *xb, struct sim_arena *arena) {
    double a = xb->spec->cell.nonlinearity;
    uint32_t steps = xb->layout.drive_steps;
    xb->drive_level = SIM_NEW_ARRAY(arena, double, steps + 1);
    for (uint32_t x = 0; x <= steps; x++)
        xb->drive_level[x] = a > 0 && x != steps ? steps * sinh(a * x / steps) / sinh(a) : x;
}

/* Converters' offsets, spread over the conversions that they serve. */
static void init_offsets(struct arch_crossbar *xb, struct sim_arena *arena) {
    const struct arch_crossbar_layout *l = &xb->layout;
    uint64_t key = arch_crossbar_key(xb->spec->seed, xb->host.number, ARCH_CROSSBAR_STREAM_ADC);
    xb->offset = SIM_NEW_ARRAY(arena, double, (size_t)l->blocks * l->lanes);
    for (uint32_t block = 0; block < l->blocks; block++) {
        uint32_t array = UINT32_MAX, place = 0;
        for (uint32_t c = 0; c < l->conversions + l->units; c++) {
            uint32_t of = xb->array_of[arch_crossbar_column_of_conversion(xb, c)];
            place = of == array ? place + 1 : c >= l->conversions ? l->array_conversions - 1 : 0;
            array = of;
            uint64_t converter =
                ((uint64_t)block * l->across + of) * l->converters + place / xb->spec->adc.columns;
            xb->offset[(size_t)block * l->lanes + c] =
                xb->spec->adc.offset_sigma * arch_crossbar_normal(xb->device.ziggurat, key, converter);
        }
    }
}

static void init_arrays(struct arch_crossbar *xb, struct sim_arena *arena) {
    const struct arch_crossbar_layout *l = &xb->layout;
    xb->array_of = SIM_NEW_ARRAY(arena, uint32_t, l->lanes);
    for (uint32_t array = 0; array < l->across; array++) {
        uint32_t first, end;
        arch_crossbar_array_columns(xb->spec, l, array, &first, &end);
        for (uint32_t column = first; column < end; column++)
            xb->array_of[column] = array;
        if (l->units != 0)
            xb->array_of[l->columns + array] = array;
    }
}

static void init_cells(struct arch_crossbar *xb, struct sim_arena *arena) {
    const struct arch_crossbar_spec *spec = xb->spec;
    const struct arch_crossbar_layout *l = &xb->layout;
    size_t cells = (size_t)spec->axons * l->lanes;
    xb->cell = SIM_NEW_ARRAY(arena, double, cells);
    if (spec->read.telegraph > 0 || spec->read.telegraph_sigma > 0) {
        xb->quiet = SIM_NEW_ARRAY(arena, double, cells);
        xb->telegraph = SIM_NEW(arena, struct arch_crossbar_telegraph);
    }
    if (arch_crossbar_reads_are_noisy(&spec->read)) {
        xb->variance = SIM_NEW_ARRAY(arena, double, cells);
        if (spec->read.bandwidth_hz > 0 && l->drive_steps > 1)
            xb->johnson = SIM_NEW_ARRAY(arena, double, cells);
    }
    if (arch_crossbar_wires_matter(&spec->wires)) {
        xb->wires = SIM_NEW(arena, struct arch_crossbar_wires);
        uint32_t rows = spec->axons < spec->array.rows ? spec->axons : spec->array.rows;
        uint32_t cols = l->columns < spec->array.cols ? l->columns : spec->array.cols;
        arch_crossbar_wires_init(xb->wires, spec, rows, cols + 1, arena);
        if (xb->wires->response != NULL)
            xb->programmed = SIM_NEW_ARRAY(arena, double, cells);
    }
    if (spec->write.endurance != 0)
        xb->writes = SIM_NEW_ARRAY(arena, uint32_t, (size_t)spec->axons * l->columns);
    xb->value = SIM_NEW_ARRAY(arena, double, l->lanes);
    xb->spread = SIM_NEW_ARRAY(arena, double, l->lanes);
    xb->normal = SIM_NEW_ARRAY(arena, double, l->lanes);
}

static void init_narrow(struct arch_crossbar *xb, struct sim_arena *arena) {
    const struct arch_crossbar_spec *spec = xb->spec;
    xb->narrow_lanes = (spec->neurons + 63) / 64 * 64;
    xb->narrow_group = 127u >> (spec->weights.bits - 1);
    xb->narrow_group = xb->narrow_group == 0 ? 1 : xb->narrow_group;
    xb->narrow = SIM_NEW_ARRAY(arena, int8_t, (size_t)spec->axons * xb->narrow_lanes);
    xb->narrow_acc = SIM_NEW_ARRAY(arena, int16_t, xb->narrow_lanes);
}

void arch_crossbar_init(struct arch_crossbar *xb, const struct arch_crossbar_spec *spec,
                        const struct arch_core_unit_host *host) {
    struct sim_arena *arena = host->arena;
    *xb = (struct arch_crossbar){.spec = spec, .host = *host, .lanes = arch_crossbar_lanes()};
    arch_crossbar_layout(spec, &xb->layout);
    arch_crossbar_device_init(&xb->device, spec, host->number, arch_crossbar_ziggurat_new(arena));
    xb->exact = is_exact(xb);
    xb->weight = SIM_NEW_ARRAY(arena, int16_t, (size_t)spec->axons * spec->neurons);
    xb->flipped = SIM_NEW_ARRAY(arena, uint64_t, (size_t)xb->layout.blocks * arch_crossbar_flip_words(xb));
    xb->row_steps = SIM_NEW_ARRAY(arena, uint32_t, spec->axons);
    xb->row = SIM_NEW_ARRAY(arena, uint32_t, spec->axons);
    xb->digit = SIM_NEW_ARRAY(arena, uint32_t, spec->axons);
    xb->written = SIM_NEW_ARRAY(arena, uint32_t, spec->axons);
    xb->drive = SIM_NEW_ARRAY(arena, double, spec->axons);
    xb->drive_squared = SIM_NEW_ARRAY(arena, double, spec->axons);
    xb->total_lanes = (spec->neurons + TOTAL_LANES - 1) / TOTAL_LANES * TOTAL_LANES;
    xb->total = SIM_NEW_ARRAY(arena, double, xb->total_lanes);
    xb->integer = SIM_NEW_ARRAY(arena, int32_t, xb->total_lanes);
    xb->changed = SIM_NEW_ARRAY(arena, uint32_t, xb->layout.across);
    xb->block_passes = SIM_NEW_ARRAY(arena, uint64_t, xb->layout.blocks);
    xb->key_read = arch_crossbar_key(spec->seed, host->number, ARCH_CROSSBAR_STREAM_READ);
    arch_crossbar_adc_codes(spec, &xb->layout, &xb->codes);
    init_arrays(xb, arena);
    init_drive(xb, arena);
    if (!xb->exact) {
        init_cells(xb, arena);
        init_offsets(xb, arena);
        arch_crossbar_fold_init(xb);
        arch_crossbar_planes_init(xb);
    }
    bool integers = xb->exact || (xb->planes != NULL && xb->planes->converted_rows > 0);
    if (integers && spec->weights.bits <= 8 && spec->input.kind == ARCH_CROSSBAR_SPIKES)
        init_narrow(xb, arena);
}

void arch_crossbar_load(struct arch_crossbar *xb, uint32_t axon, uint32_t first, uint32_t count,
                        const int16_t *weights) {
    assert(!xb->prepared && axon < xb->spec->axons && first + count <= xb->spec->neurons);
    memcpy(xb->weight + (size_t)axon * xb->spec->neurons + first, weights, count * sizeof *weights);
}

/* ---- programming ------------------------------------------------------------------------------- */

static bool weights_fit(const struct arch_crossbar *xb, struct sim_err *err) {
    const struct arch_crossbar_spec *spec = xb->spec;
    uint8_t digit[2 * 16];
    for (uint32_t axon = 0; axon < spec->axons; axon++)
        for (uint32_t neuron = 0; neuron < spec->neurons; neuron++) {
            int weight = xb->weight[(size_t)axon * spec->neurons + neuron];
            if (!arch_crossbar_digits(spec, &xb->layout, weight, digit))
                return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                                   "arch.crossbar: weight %d of axon %u to neuron %u is not one of %u bits%s",
                                   weight, axon, neuron, spec->weights.bits,
                                   spec->weights.symmetric ? ", symmetric" : "");
        }
    return true;
}

static void choose_flips(struct arch_crossbar *xb) {
    const struct arch_crossbar_spec *spec = xb->spec;
    const struct arch_crossbar_layout *l = &xb->layout;
    uint8_t digit[2 * 16];
    for (uint32_t block = 0; block < l->blocks; block++) {
        uint32_t first = block * spec->array.rows, left = spec->axons - first;
        uint32_t rows = left < spec->array.rows ? left : spec->array.rows;
        for (uint32_t neuron = 0; neuron < spec->neurons; neuron++) {
            uint64_t sum[16] = {0};
            for (uint32_t axon = first; axon < first + rows; axon++) {
                arch_crossbar_digits(spec, l, xb->weight[(size_t)axon * spec->neurons + neuron], digit);
                for (uint32_t slice = 0; slice < l->slices; slice++)
                    sum[slice] += digit[slice];
            }
            for (uint32_t slice = 0; slice < l->slices; slice++) {
                uint32_t column = neuron * l->neuron_stride + slice * l->slice_stride;
                if (2 * sum[slice] > (uint64_t)rows * l->steps)
                    xb->flipped[block * arch_crossbar_flip_words(xb) + column / 64] |= UINT64_C(1)
                                                                                       << (column % 64);
            }
        }
    }
}

uint32_t arch_crossbar_target(const struct arch_crossbar *xb, uint32_t axon, uint32_t column,
                              uint32_t digit) {
    if (column < xb->layout.columns && arch_crossbar_is_flipped(xb, axon / xb->spec->array.rows, column))
        return xb->layout.steps - digit;
    return digit;
}

static void set_cell(struct arch_crossbar *xb, uint32_t axon, uint32_t column, uint32_t digit,
                     uint32_t worn) {
    uint64_t at = (uint64_t)axon * xb->layout.lanes + column;
    uint64_t cells = (uint64_t)xb->spec->axons * xb->layout.lanes;
    struct arch_crossbar_draws draws = {0};
    if (!xb->device.ideal)
        arch_crossbar_draw(&xb->device, at, cells, xb->written[axon], &draws);
    double cell = arch_crossbar_cell(&xb->device, arch_crossbar_level(&xb->spec->cell, digit), &draws);
    if (xb->spec->write.endurance != 0 && worn > xb->spec->write.endurance)
        cell = 0;
    if (xb->programmed != NULL)
        xb->programmed[at] = cell;
    else if (xb->telegraph == NULL)
        xb->cell[at] = cell;
    else if (xb->prepared)
        arch_crossbar_telegraph_set(xb->telegraph, at, cell);
    else
        xb->cell[at] = xb->quiet[at] = cell;
    if (xb->variance != NULL)
        xb->variance[at] = arch_crossbar_variance(&xb->device, cell, xb->johnson == NULL);
    if (xb->johnson != NULL)
        xb->johnson[at] = arch_crossbar_johnson(&xb->device, cell, xb->layout.drive_steps);
}

uint32_t arch_crossbar_set_weight(struct arch_crossbar *xb, uint32_t axon, uint32_t neuron,
                                  const uint8_t *digit, const uint8_t *before, uint32_t *changed) {
    const struct arch_crossbar_layout *l = &xb->layout;
    uint32_t steps = 0;
    for (uint32_t slice = 0; slice < l->slices; slice++)
        for (uint32_t sign = 0; sign < l->signs; sign++) {
            uint32_t i = slice * l->signs + sign;
            uint32_t column = neuron * l->neuron_stride + slice * l->slice_stride + sign * l->sign_stride;
            uint32_t target = arch_crossbar_target(xb, axon, column, digit[i]);
            steps += target;
            if (before != NULL && digit[i] == before[i])
                continue;
            if (changed != NULL)
                changed[xb->array_of[column]]++;
            uint32_t *writes = xb->writes != NULL ? &xb->writes[(size_t)axon * l->columns + column] : NULL;
            if (writes != NULL && before != NULL)
                ++*writes;
            if (!xb->exact)
                set_cell(xb, axon, column, target, writes != NULL ? *writes : 0);
        }
    if (xb->fold != NULL && xb->programmed == NULL)
        arch_crossbar_fold_weight(xb, axon, neuron);
    if (xb->planes != NULL && xb->programmed == NULL)
        arch_crossbar_planes_weight(xb, axon, neuron);
    return steps;
}

/* A cell is on its other level: what was made of the cells of its weight is made again. */
static void cell_changed(void *user, uint64_t cell) {
    struct arch_crossbar *xb = user;
    const struct arch_crossbar_layout *l = &xb->layout;
    uint32_t axon = (uint32_t)(cell / l->lanes), column = (uint32_t)(cell % l->lanes);
    uint32_t neuron = l->neuron_stride == 1 ? column % xb->spec->neurons : column / l->neuron_stride;
    if (xb->fold != NULL)
        arch_crossbar_fold_weight(xb, axon, neuron);
    if (xb->planes != NULL)
        arch_crossbar_planes_weight(xb, axon, neuron);
}

static void start_telegraph(struct arch_crossbar *xb) {
    const struct arch_crossbar_layout *l = &xb->layout;
    arch_crossbar_telegraph_init(xb->telegraph, &xb->device, xb->host.number, xb->cell, xb->quiet,
                                 xb->spec->axons, l->lanes, l->columns + l->units, xb->host.arena);
    xb->telegraph->user = xb;
    if (xb->fold != NULL || xb->planes != NULL)
        xb->telegraph->changed = cell_changed;
    arch_crossbar_telegraph_start(xb->telegraph, 0);
}

bool arch_crossbar_prepare(struct arch_crossbar *xb, struct sim_err *err) {
    const struct arch_crossbar_spec *spec = xb->spec;
    const struct arch_crossbar_layout *l = &xb->layout;
    uint8_t digit[2 * 16];
    if (!weights_fit(xb, err))
        return false;
    if (spec->weights.flip)
        choose_flips(xb);
    for (uint32_t axon = 0; axon < spec->axons; axon++) {
        const int16_t *weight = xb->weight + (size_t)axon * spec->neurons;
        xb->row_steps[axon] = l->units;
        for (uint32_t neuron = 0; neuron < spec->neurons; neuron++) {
            arch_crossbar_digits(spec, l, weight[neuron], digit);
            xb->row_steps[axon] += arch_crossbar_set_weight(xb, axon, neuron, digit, NULL, NULL);
            if (xb->narrow != NULL)
                xb->narrow[(size_t)axon * xb->narrow_lanes + neuron] = (int8_t)weight[neuron];
        }
        for (uint32_t unit = 0; !xb->exact && unit < l->units; unit++)
            set_cell(xb, axon, l->columns + unit, 1, 0);
    }
    if (xb->planes != NULL)
        arch_crossbar_planes_prepare(xb);
    if (xb->programmed != NULL)
        arch_crossbar_respond_all(xb);
    if (xb->telegraph != NULL)
        start_telegraph(xb);
    xb->prepared = true;
    return true;
}

/* SPDX-License-Identifier: MIT
 *
 * Planes: fast passes through real converters, where reads are free of noise.
 *
 * A code is an integer, so a column need not be known better than the code asks. Columns are summed in 8 bits
 * where cells hold whole steps, else in single precision, and converted in single precision with a bound on
 * the error; where the bound reaches a code's border, that column alone is converted again as
 * pass.c does it, in double precision and in its order. The codes are therefore the same; signed
 * sums of codes are integers that single precision holds.
 *
 *     plane p = (slice, sign): [axons][planes][neurons, padded], one conversion a lane; with currents that
 *     are subtracted, a lane holds the difference of its pair
 *
 * A pass of so few rows that no sum can leave the range of converters that tell all steps apart is not
 * converted at all: its rows' weights are added as integers, those of all such passes of a digit at once.
 */
#include "arch/crossbar/core.h"

#include "sim/base/arena.h"
#include "sim/base/lanes.h"

#include <math.h>
#include <string.h>

#define LANES 64u
#define WHOLE 0x1p24        /* single precision holds all integers up to here */
#define PRECISION 0x1p-24f  /* relative error of an operation in it */
#define SPIKES_MOST 0x7FFFu /* of a 16-bit accumulator */

static bool is_analog(const struct arch_crossbar *xb) {
    return xb->layout.conversions != xb->layout.columns;
}

/* Cells hold whole steps, now and after any write. */
static bool is_whole(const struct arch_crossbar *xb) {
    uint32_t levels = xb->spec->cell.levels, steps = xb->layout.steps;
    return xb->device.ideal && (levels == 0 || levels == steps + 1) && xb->wires == NULL &&
           xb->telegraph == NULL;
}

/* Largest sum of signed codes of a pass. */
static double largest_sum(const struct arch_crossbar *xb) {
    const struct arch_crossbar_layout *l = &xb->layout;
    double code = fmax(-xb->codes.low, xb->codes.high), weights = 0, weight = 1;
    for (uint32_t slice = 0; slice < l->slices; slice++, weight *= l->steps + 1)
        weights += weight;
    return code * weights * l->signs;
}

static bool suits(const struct arch_crossbar *xb) {
    const struct arch_crossbar_layout *l = &xb->layout;
    return xb->spec->adc.kind != ARCH_CROSSBAR_ADC_IDEAL && xb->variance == NULL &&
           (xb->wires == NULL || xb->programmed != NULL) && l->units == 0 && l->drive_steps == 1 &&
           largest_sum(xb) < WHOLE && fmax(-xb->codes.low, xb->codes.high) < 0x1p16;
}

static uint32_t column_of(const struct arch_crossbar *xb, uint32_t plane, uint32_t neuron) {
    const struct arch_crossbar_layout *l = &xb->layout;
    uint32_t signs = is_analog(xb) ? 1 : l->signs;
    return neuron * l->neuron_stride + plane / signs * l->slice_stride + plane % signs * l->sign_stride;
}

static uint32_t conversion_of(const struct arch_crossbar *xb, uint32_t column) {
    uint32_t stride = xb->layout.sign_stride;
    return is_analog(xb) ? column / (2 * stride) * stride + column % stride : column;
}

static double plane_weight(const struct arch_crossbar *xb, uint32_t plane) {
    const struct arch_crossbar_layout *l = &xb->layout;
    uint32_t signs = is_analog(xb) ? 1 : l->signs;
    double weight = pow(l->steps + 1, plane / signs);
    return plane % signs == 1 ? -weight : weight;
}

/* Fewest rows whose sums may leave the range of converters which tell all steps apart; 0: those do not. */
static uint32_t converted_rows(const struct arch_crossbar *xb) {
    const struct arch_crossbar_spec *spec = xb->spec;
    if (!is_whole(xb) || spec->write.endurance != 0 || xb->codes.lsb > 1 || spec->adc.offset_sigma > 0)
        return 0;
    double range = is_analog(xb) ? fmin(-xb->codes.low, xb->codes.high) : xb->codes.high;
    return (uint32_t)fmin(range / xb->layout.steps, spec->axons) + 1;
}

void arch_crossbar_planes_init(struct arch_crossbar *xb) {
    if (!suits(xb))
        return;
    const struct arch_crossbar_layout *l = &xb->layout;
    struct sim_arena *arena = xb->host.arena;
    struct arch_crossbar_planes *p = xb->planes = SIM_NEW(arena, struct arch_crossbar_planes);
    uint32_t axons = xb->spec->axons;
    p->lanes = (xb->spec->neurons + LANES - 1) / LANES * LANES;
    p->planes = l->slices * (is_analog(xb) ? 1 : l->signs);
    p->all = p->planes * p->lanes;
    p->whole = is_whole(xb);
    p->converted_rows = converted_rows(xb);
    if (p->whole && l->steps <= INT8_MAX && l->group_rows * l->steps <= SPIKES_MOST) {
        p->digit = SIM_NEW_ARRAY(arena, int8_t, (size_t)axons * p->all);
        p->narrow = SIM_NEW_ARRAY(arena, int16_t, p->all);
        p->group = INT8_MAX / l->steps;
    } else {
        p->cell = SIM_NEW_ARRAY(arena, float, (size_t)axons * p->all);
        p->most = SIM_NEW_ARRAY(arena, float, axons);
    }
    p->gain = SIM_NEW_ARRAY(arena, float, (size_t)l->blocks * p->all);
    p->offset = SIM_NEW_ARRAY(arena, float, (size_t)l->blocks * p->all);
    p->inputs = SIM_NEW_ARRAY(arena, double, (size_t)l->blocks * p->lanes);
    p->value = SIM_NEW_ARRAY(arena, float, p->all);
    p->sum = SIM_NEW_ARRAY(arena, float, p->lanes);
    p->at = SIM_NEW_ARRAY(arena, uint32_t, axons);
    p->doubt = SIM_NEW_ARRAY(arena, uint32_t, p->all);
    p->resolved = SIM_NEW_ARRAY(arena, uint32_t, axons);
}

void arch_crossbar_planes_prepare(struct arch_crossbar *xb) {
    const struct arch_crossbar_layout *l = &xb->layout;
    struct arch_crossbar_planes *p = xb->planes;
    double half = ldexp(1, (int)xb->spec->weights.bits - 1), largest = 0;
    for (uint32_t block = 0; block < l->blocks; block++)
        for (uint32_t neuron = 0; neuron < xb->spec->neurons; neuron++) {
            double inputs = l->signs == 2 ? 0 : -half;
            for (uint32_t plane = 0; plane < p->planes; plane++) {
                uint32_t column = column_of(xb, plane, neuron);
                size_t to = (size_t)block * p->all + plane * p->lanes + neuron;
                bool flipped = arch_crossbar_is_flipped(xb, block, column);
                double weight = plane_weight(xb, plane);
                double offset = xb->offset[(size_t)block * l->lanes + conversion_of(xb, column)];
                p->gain[to] = (float)(flipped ? -weight : weight);
                p->offset[to] = (float)offset;
                largest = fmax(largest, fabs(offset));
                inputs += flipped ? weight * l->steps : 0;
            }
            p->inputs[(size_t)block * p->lanes + neuron] = inputs;
        }
    double code = fmax(-xb->codes.low, xb->codes.high) + 1;
    p->rounding = (float)(4 * (code + 2 * largest)) * PRECISION;
}

void arch_crossbar_planes_weight(struct arch_crossbar *xb, uint32_t axon, uint32_t neuron) {
    struct arch_crossbar_planes *p = xb->planes;
    const double *cell = xb->cell + (size_t)axon * xb->layout.lanes;
    for (uint32_t plane = 0; plane < p->planes; plane++) {
        uint32_t column = column_of(xb, plane, neuron);
        size_t to = (size_t)axon * p->all + plane * p->lanes + neuron;
        double minus = is_analog(xb) ? cell[column + xb->layout.sign_stride] : 0;
        if (p->digit != NULL) {
            p->digit[to] = (int8_t)(cell[column] - minus);
            continue;
        }
        p->cell[to] = (float)(cell[column] - minus);
        p->most[axon] = fmaxf(p->most[axon], (float)(fabs(cell[column]) + fabs(minus)));
    }
}

/* ---- passes ------------------------------------------------------------------------------------ */

/* Sums of the columns of a pass; returns how far they may be from the true ones, in steps. */
static float add_cells(struct arch_crossbar *xb, const uint32_t *row, uint32_t rows) {
    struct arch_crossbar_planes *p = xb->planes;
    float bound = 0;
    if (p->digit == NULL) {
        memset(p->value, 0, p->all * sizeof *p->value);
        xb->lanes->add_single(p->value, p->cell, row, rows, p->all);
        for (uint32_t i = 0; i < rows; i++)
            bound += p->most[row[i]];
        return p->whole ? 0 : 1.001f * (float)(rows + 1) * bound * PRECISION;
    }
    for (uint32_t i = 0; i < rows; i++)
        p->at[i] = row[i] * p->all;
    memset(p->narrow, 0, p->all * sizeof *p->narrow);
    sim_lanes()->add_rows(p->narrow, p->digit, p->at, rows, p->group, p->all);
    xb->lanes->widen(p->value, p->narrow, p->all);
    return 0;
}

/* The code of one lane as pass.c finds it. */
static double code_of(struct arch_crossbar *xb, uint32_t block, const uint32_t *row, uint32_t rows,
                      uint32_t lane) {
    const struct arch_crossbar_planes *p = xb->planes;
    const struct arch_crossbar_layout *l = &xb->layout;
    const struct arch_crossbar_codes *codes = &xb->codes;
    uint32_t column = column_of(xb, lane / p->lanes, lane % p->lanes);
    double value = 0, minus = 0;
    for (uint32_t i = 0; i < rows; i++) {
        const double *cell = xb->cell + (size_t)row[i] * l->lanes + column;
        value += cell[0];
        minus += is_analog(xb) ? cell[l->sign_stride] : 0;
    }
    if (p->digit != NULL)
        value = p->narrow[lane];
    else
        value -= minus;
    double code = value / codes->lsb + xb->offset[(size_t)block * l->lanes + conversion_of(xb, column)];
    return rint(fmin(codes->high, fmax(codes->low, code)));
}

static void convert(struct arch_crossbar *xb, uint32_t block, const uint32_t *row, uint32_t rows) {
    struct arch_crossbar_planes *p = xb->planes;
    size_t first = (size_t)block * p->all;
    float bound = add_cells(xb, row, rows);
    struct arch_crossbar_single_codes codes = {.low = (float)xb->codes.low,
                                               .high = (float)xb->codes.high,
                                               .per_step = (float)(1 / xb->codes.lsb)};
    codes.doubt = p->rounding + bound * codes.per_step * 1.001f;
    uint32_t doubts = xb->lanes->code(p->value, p->offset + first, &codes, p->doubt, p->all);
    for (uint32_t i = 0; i < doubts; i++)
        p->value[p->doubt[i]] = (float)code_of(xb, block, row, rows, p->doubt[i]);
    xb->lanes->join(p->sum, p->value, p->gain + first, p->planes, p->lanes);
}

void arch_crossbar_planes_read(struct arch_crossbar *xb, uint32_t block, uint32_t first, uint32_t rows,
                               double weight, uint64_t digits) {
    struct arch_crossbar_planes *p = xb->planes;
    const uint32_t *row = xb->row + first;
    if (rows < p->converted_rows) {
        memcpy(p->resolved + p->resolved_count, row, rows * sizeof *row);
        p->resolved_count += rows;
        return;
    }
    convert(xb, block, row, rows);
    const double *inputs = p->inputs + (size_t)block * p->lanes;
    xb->lanes->settle(xb->total, p->sum, weight * xb->codes.lsb, inputs, weight * (double)digits, p->lanes);
}

void arch_crossbar_planes_finish(struct arch_crossbar *xb, double weight) {
    struct arch_crossbar_planes *p = xb->planes;
    if (p->resolved_count == 0)
        return;
    memset(xb->integer, 0, xb->spec->neurons * sizeof *xb->integer);
    arch_crossbar_add_weights(xb, p->resolved, p->resolved_count, xb->integer);
    for (uint32_t neuron = 0; neuron < xb->spec->neurons; neuron++)
        xb->total[neuron] += weight * xb->integer[neuron];
    p->resolved_count = 0;
}

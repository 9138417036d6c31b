/* SPDX-License-Identifier: MIT
 *
 * Folding: where nothing on the way from cells to sums is non-linear - ideal converters, no IR drop, ohmic
 * cells - the cells of a weight are one number, and so is the variance of their noise. A neuron then takes
 * one multiplication a row and one draw a pass, whatever its weight's slices and signs.
 */
#include "arch/crossbar/core.h"

#include "sim/base/arena.h"

#include <math.h>
#include <string.h>

static bool is_linear(const struct arch_crossbar *xb) {
    const struct arch_crossbar_spec *spec = xb->spec;
    return spec->adc.kind == ARCH_CROSSBAR_ADC_IDEAL && (xb->wires == NULL || xb->programmed != NULL) &&
           xb->layout.units == 0 && (xb->layout.drive_steps == 1 || spec->cell.nonlinearity <= 0);
}

void arch_crossbar_fold_init(struct arch_crossbar *xb) {
    if (!is_linear(xb))
        return;
    struct arch_crossbar_fold *fold = xb->fold = SIM_NEW(xb->host.arena, struct arch_crossbar_fold);
    fold->lanes = (xb->spec->neurons + ARCH_CROSSBAR_LANES - 1) / ARCH_CROSSBAR_LANES * ARCH_CROSSBAR_LANES;
    size_t weights = (size_t)xb->spec->axons * fold->lanes;
    fold->weight = SIM_NEW_ARRAY(xb->host.arena, double, weights);
    if (xb->variance != NULL)
        fold->variance = SIM_NEW_ARRAY(xb->host.arena, double, weights);
    if (xb->johnson != NULL)
        fold->johnson = SIM_NEW_ARRAY(xb->host.arena, double, weights);
}

void arch_crossbar_fold_weight(struct arch_crossbar *xb, uint32_t axon, uint32_t neuron) {
    const struct arch_crossbar_layout *l = &xb->layout;
    struct arch_crossbar_fold *fold = xb->fold;
    size_t row = (size_t)axon * l->lanes, to = (size_t)axon * fold->lanes + neuron;
    double sum = 0, variance = 0, johnson = 0, weight = 1;
    for (uint32_t slice = 0; slice < l->slices; slice++) {
        for (uint32_t sign = 0; sign < l->signs; sign++) {
            uint32_t column = neuron * l->neuron_stride + slice * l->slice_stride + sign * l->sign_stride;
            bool flipped = arch_crossbar_is_flipped(xb, axon / xb->spec->array.rows, column);
            double cell = flipped ? l->steps - xb->cell[row + column] : xb->cell[row + column];
            sum += sign == 0 ? weight * cell : -weight * cell;
            variance += xb->variance != NULL ? weight * weight * xb->variance[row + column] : 0;
            johnson += xb->johnson != NULL ? weight * weight * xb->johnson[row + column] : 0;
        }
        weight *= l->steps + 1;
    }
    fold->weight[to] = l->signs == 2 ? sum : sum - ldexp(1, (int)xb->spec->weights.bits - 1);
    if (fold->variance != NULL)
        fold->variance[to] = variance;
    if (fold->johnson != NULL)
        fold->johnson[to] = johnson;
}

void arch_crossbar_fold_read(struct arch_crossbar *xb, uint32_t first, uint32_t rows, double weight) {
    const struct arch_crossbar_fold *fold = xb->fold;
    const struct arch_crossbar_lanes *lanes = xb->lanes;
    const uint32_t *row = xb->row + first;
    bool scaled = xb->layout.drive_steps > 1;
    if (rows == 0)
        return;
    memset(xb->value, 0, fold->lanes * sizeof *xb->value);
    lanes->add(xb->value, fold->weight, row, scaled ? xb->drive + first : NULL, rows, fold->lanes);
    if (fold->variance != NULL) {
        uint64_t n = xb->first_read + xb->reads++ * fold->lanes;
        memset(xb->spread, 0, fold->lanes * sizeof *xb->spread);
        lanes->add(xb->spread, fold->variance, row, scaled ? xb->drive_squared + first : NULL, rows,
                   fold->lanes);
        if (fold->johnson != NULL)
            lanes->add(xb->spread, fold->johnson, row, NULL, rows, fold->lanes);
        for (uint32_t neuron = 0; neuron < xb->spec->neurons; neuron++)
            xb->normal[neuron] = arch_crossbar_normal(xb->device.ziggurat, xb->key_read, n + neuron);
        lanes->noise(xb->value, xb->spread, xb->normal, fold->lanes);
    }
    lanes->gather(xb->total, xb->value, weight, fold->lanes);
}

/* SPDX-License-Identifier: MIT
 *
 * Linear IR drop in the crossbar core: the response of an array's wires in the place of its cells; see
 * wire.h. A pass then costs what it costs without IR drop, and programming one solution a row.
 */
#include "arch/crossbar/core.h"
#include "arch/crossbar/response.h"

static uint32_t rows_of(const struct arch_crossbar *xb, uint32_t block) {
    uint32_t left = xb->spec->axons - block * xb->spec->array.rows;
    return left < xb->spec->array.rows ? left : xb->spec->array.rows;
}

static void respond(struct arch_crossbar *xb, uint32_t block, uint32_t array, double *response) {
    const struct arch_crossbar_layout *l = &xb->layout;
    struct arch_crossbar_wires *w = xb->wires;
    double g_min = xb->spec->cell.g_min_s, step = xb->device.step_s;
    uint32_t first, end, base = block * xb->spec->array.rows, unit = l->columns + array;
    arch_crossbar_array_columns(xb->spec, l, array, &first, &end);
    w->rows = rows_of(xb, block);
    w->cols = end - first + (l->units != 0);
    for (uint32_t row = 0; row < w->rows; row++)
        for (uint32_t j = 0; j < w->cols; j++) {
            uint32_t column = first + j < end ? first + j : unit;
            w->cell[row * w->cols + j] =
                g_min + xb->programmed[(size_t)(base + row) * l->lanes + column] * step;
        }
    arch_crossbar_wires_response(w, response);
    xb->unconverged += !w->converged;
    for (uint32_t row = 0; row < w->rows; row++)
        for (uint32_t j = 0; j < w->cols; j++) {
            uint32_t column = first + j < end ? first + j : unit;
            xb->cell[(size_t)(base + row) * l->lanes + column] =
                (response[row * w->cols + j] - g_min) / step;
        }
}

static void fold(struct arch_crossbar *xb, uint32_t block) {
    uint32_t base = block * xb->spec->array.rows;
    for (uint32_t row = 0; row < rows_of(xb, block); row++)
        for (uint32_t neuron = 0; neuron < xb->spec->neurons; neuron++) {
            if (xb->fold != NULL)
                arch_crossbar_fold_weight(xb, base + row, neuron);
            if (xb->planes != NULL)
                arch_crossbar_planes_weight(xb, base + row, neuron);
        }
}

void arch_crossbar_respond(struct arch_crossbar *xb, uint32_t block, uint32_t array) {
    respond(xb, block, array, xb->wires->response->matrix);
    fold(xb, block);
}

void arch_crossbar_respond_all(struct arch_crossbar *xb) {
    for (uint32_t block = 0; block < xb->layout.blocks; block++) {
        for (uint32_t array = 0; array < xb->layout.across; array++)
            respond(xb, block, array, xb->wires->response->matrix);
        fold(xb, block);
    }
}

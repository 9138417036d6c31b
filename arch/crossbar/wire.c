/* SPDX-License-Identifier: MIT
 *
 * IR drop; see wire.h.
 *
 * A wire is eliminated from its open end to its terminal. With the conductance `to` of the segment towards
 * the terminal, `back` of the one behind, and h of the cell, v = part + (1 - carry) v_next is left:
 *
 *     loss = h + back x carry behind,  carry = loss / (to + loss)
 *     part = (h v_across + back x part behind) / (to + loss)
 *
 * Nothing is subtracted, so that cells of micro-siemens keep their digits beside wires of siemens.
 */
#include "arch/crossbar/response.h"

#include "sim/base/arena.h"

#include <math.h>
#include <string.h>

bool arch_crossbar_wires_matter(const struct arch_crossbar_wire_spec *spec) {
    return spec->row_ohm > 0 || spec->col_ohm > 0 || spec->driver_ohm > 0 || spec->sense_ohm > 0;
}

void arch_crossbar_wires_init(struct arch_crossbar_wires *wires, const struct arch_crossbar_spec *spec,
                              uint32_t rows_max, uint32_t cols_max, struct sim_arena *arena) {
    size_t cells = (size_t)rows_max * cols_max;
    *wires = (struct arch_crossbar_wires){.spec = spec->wires,
                                          .nonlinearity = spec->cell.nonlinearity,
                                          .read_voltage_v = spec->cell.read_voltage_v,
                                          .rows_max = rows_max,
                                          .cols_max = cols_max};
    wires->cell = SIM_NEW_ARRAY(arena, double, cells);
    wires->drive_v = SIM_NEW_ARRAY(arena, double, rows_max);
    wires->gap = SIM_NEW_ARRAY(arena, uint32_t, rows_max);
    wires->current = SIM_NEW_ARRAY(arena, double, cols_max);
    wires->row_v = SIM_NEW_ARRAY(arena, double, cells);
    wires->col_v = SIM_NEW_ARRAY(arena, double, cells);
    wires->chord = SIM_NEW_ARRAY(arena, double, cells);
    wires->carry = SIM_NEW_ARRAY(arena, double, cells);
    wires->part = SIM_NEW_ARRAY(arena, double, cells);
    wires->line = SIM_NEW_ARRAY(arena, double, cols_max);
    if (arch_crossbar_wires_are_linear(spec))
        wires->response = arch_crossbar_response_new(rows_max, cols_max, arena);
}

static double to_ground(const struct arch_crossbar_wires *w, uint32_t row) {
    double ohm = w->gap[row] * w->spec.col_ohm + (row + 1 == w->rows ? w->spec.sense_ohm : 0);
    return 1 / ohm;
}

static void chords(struct arch_crossbar_wires *w) {
    double a = w->nonlinearity, v0 = w->read_voltage_v;
    for (size_t i = 0; i < (size_t)w->rows * w->cols; i++) {
        double x = a * (w->row_v[i] - w->col_v[i]) / v0;
        w->chord[i] = w->cell[i] * (fabs(x) < 1e-9 ? a : a * sinh(x) / x) / sinh(a);
    }
}

/* All column wires side by side; returns how far the fastest voltage moved. */
static double solve_columns(struct arch_crossbar_wires *w) {
    uint32_t n = w->cols;
    double back = 0, moved = 0;
    memset(w->line, 0, n * sizeof *w->line);
    for (uint32_t row = 0; row < w->rows; row++) {
        double to = to_ground(w, row);
        const double *h = w->chord + (size_t)row * n, *across = w->row_v + (size_t)row * n;
        double *carry = w->carry + (size_t)row * n, *part = w->part + (size_t)row * n;
        const double *carry_behind = row > 0 ? carry - n : w->line,
                     *part_behind = row > 0 ? part - n : w->line;
        for (uint32_t col = 0; col < n; col++) {
            double loss = h[col] + back * carry_behind[col], all = to + loss;
            carry[col] = loss / all;
            part[col] = (h[col] * across[col] + back * part_behind[col]) / all;
        }
        back = to;
    }
    memset(w->line, 0, n * sizeof *w->line);
    for (uint32_t row = w->rows; row-- > 0;) {
        double *v = w->col_v + (size_t)row * n;
        const double *carry = w->carry + (size_t)row * n, *part = w->part + (size_t)row * n;
        for (uint32_t col = 0; col < n; col++) {
            double next = part[col] + (1 - carry[col]) * w->line[col], step = fabs(next - v[col]);
            moved = step > moved ? step : moved;
            v[col] = w->line[col] = next;
        }
    }
    const double *last = w->col_v + (size_t)(w->rows - 1) * n;
    for (uint32_t col = 0; col < n; col++)
        w->current[col] = last[col] * to_ground(w, w->rows - 1);
    return moved;
}

static double solve_rows(struct arch_crossbar_wires *w) {
    uint32_t n = w->cols;
    double segment = 1 / w->spec.row_ohm, first = 1 / (w->spec.row_ohm + w->spec.driver_ohm), moved = 0;
    for (uint32_t row = 0; row < w->rows; row++) {
        const double *h = w->chord + (size_t)row * n, *across = w->col_v + (size_t)row * n;
        double *carry = w->carry, *part = w->part, *v = w->row_v + (size_t)row * n, back = 0, c = 0, p = 0;
        for (uint32_t col = n; col-- > 0;) {
            double to = col > 0 ? segment : first, loss = h[col] + back * c, all = to + loss;
            c = carry[col] = loss / all;
            p = part[col] = (h[col] * across[col] + back * p) / all;
            back = to;
        }
        double next = w->drive_v[row];
        for (uint32_t col = 0; col < n; col++) {
            next = part[col] + (1 - carry[col]) * next;
            double step = fabs(next - v[col]);
            moved = step > moved ? step : moved;
            v[col] = next;
        }
    }
    return moved;
}

static void start(struct arch_crossbar_wires *w) {
    memset(w->col_v, 0, (size_t)w->rows * w->cols * sizeof *w->col_v);
    for (uint32_t row = 0; row < w->rows; row++)
        for (uint32_t col = 0; col < w->cols; col++)
            w->row_v[(size_t)row * w->cols + col] = w->drive_v[row];
    memcpy(w->chord, w->cell, (size_t)w->rows * w->cols * sizeof *w->chord);
    w->turns = 0;
    w->converged = false;
}

static void sum_currents(struct arch_crossbar_wires *w) {
    for (uint32_t col = 0; col < w->cols; col++)
        w->current[col] = 0;
    for (uint32_t row = 0; row < w->rows; row++)
        for (uint32_t col = 0; col < w->cols; col++) {
            size_t i = (size_t)row * w->cols + col;
            w->current[col] += w->chord[i] * (w->row_v[i] - w->col_v[i]);
        }
}

void arch_crossbar_wires_solve(struct arch_crossbar_wires *w) {
    bool columns = w->spec.col_ohm > 0, rows = w->spec.row_ohm > 0;
    double limit = w->spec.tolerance * w->read_voltage_v;
    for (uint32_t col = 0; col < w->cols; col++)
        w->current[col] = 0;
    if (w->rows == 0) {
        w->turns = 0;
        w->converged = true;
        return;
    }
    start(w);
    while (!w->converged && w->turns < w->spec.iterations) {
        double moved = 0;
        if (w->nonlinearity > 0)
            chords(w);
        if (columns)
            moved = solve_columns(w);
        if (rows)
            moved = fmax(moved, solve_rows(w));
        w->turns++;
        w->converged = moved <= limit;
    }
    if (w->nonlinearity > 0)
        chords(w);
    if (!columns)
        sum_currents(w);
}

/* SPDX-License-Identifier: MIT
 *
 * IR drop where it is linear: the currents of all columns for each row alone; see wire.h.
 *
 * The iteration is that of wire.c, for eight rows at a time in vector lanes. What a wire's
 * elimination needs of the cells is the same for all rows and all turns, and is computed once. By
 * superposition the rows' currents add up to those of any input.
 */
#include "arch/crossbar/response.h"

#include "sim/base/arena.h"

#include <math.h>
#include <string.h>

#define WIDTH ARCH_CROSSBAR_EXCITATIONS

bool arch_crossbar_wires_are_linear(const struct arch_crossbar_spec *spec) {
    bool telegraph = spec->read.telegraph > 0 || spec->read.telegraph_sigma > 0;
    return arch_crossbar_wires_matter(&spec->wires) && spec->cell.nonlinearity <= 0 && !telegraph &&
           (spec->array.access == ARCH_CROSSBAR_1R || spec->wires.col_ohm <= 0);
}

struct arch_crossbar_response *arch_crossbar_response_new(uint32_t rows, uint32_t cols,
                                                          struct sim_arena *arena) {
    struct arch_crossbar_response *r = SIM_NEW(arena, struct arch_crossbar_response);
    size_t nodes = (size_t)rows * cols;
    double **by_node[] = {&r->row_gain, &r->row_pull, &r->row_keep, &r->col_gain, &r->col_pull, &r->col_keep,
                          &r->matrix};
    double **by_lane[] = {&r->row_v, &r->col_v, &r->part};
    r->lanes = arch_crossbar_lanes();
    for (size_t i = 0; i < sizeof by_node / sizeof *by_node; i++)
        *by_node[i] = SIM_NEW_ARRAY(arena, double, nodes);
    for (size_t i = 0; i < sizeof by_lane / sizeof *by_lane; i++)
        *by_lane[i] = sim_arena_alloc(arena, nodes, WIDTH * sizeof(double));
    return r;
}

/* Elimination of node `node` with the segments `back` behind it and `to` towards the terminal; *carry is that
 * of the node behind, then its own. */
static void eliminate(const struct arch_crossbar_wires *w, uint32_t node, double back, double to,
                      double *carry, double *gain, double *pull, double *keep) {
    double loss = w->cell[node] + back * *carry, all = to + loss;
    *carry = loss / all;
    gain[node] = w->cell[node] / all;
    pull[node] = back / all;
    keep[node] = to / all;
}

static void prepare(const struct arch_crossbar_wires *w) {
    struct arch_crossbar_response *r = w->response;
    double row_first = 1 / (w->spec.row_ohm + w->spec.driver_ohm), row = 1 / w->spec.row_ohm;
    double col_last = 1 / (w->spec.col_ohm + w->spec.sense_ohm), col = 1 / w->spec.col_ohm;
    for (uint32_t i = 0; w->spec.row_ohm > 0 && i < w->rows; i++) {
        double carry = 0, back = 0;
        for (uint32_t j = w->cols; j-- > 0;) {
            double to = j > 0 ? row : row_first;
            eliminate(w, i * w->cols + j, back, to, &carry, r->row_gain, r->row_pull, r->row_keep);
            back = to;
        }
    }
    for (uint32_t j = 0; w->spec.col_ohm > 0 && j < w->cols; j++) {
        double carry = 0, back = 0;
        for (uint32_t i = 0; i < w->rows; i++) {
            double to = i + 1 < w->rows ? col : col_last;
            eliminate(w, i * w->cols + j, back, to, &carry, r->col_gain, r->col_pull, r->col_keep);
            back = to;
        }
    }
}

static double solve_rows(const struct arch_crossbar_wires *w, uint32_t first) {
    const struct arch_crossbar_response *r = w->response;
    double moved = 0;
    for (uint32_t i = 0; i < w->rows; i++) {
        _Alignas(64) double drive[WIDTH] = {0};
        struct arch_crossbar_line line = {.nodes = w->cols,
                                          .first = i * w->cols + w->cols - 1,
                                          .step = -1,
                                          .gain = r->row_gain,
                                          .pull = r->row_pull,
                                          .keep = r->row_keep};
        if (i >= first && i < first + WIDTH)
            drive[i - first] = 1;
        moved = fmax(moved, r->lanes->wire(r->row_v, r->col_v, r->part, &line, drive));
    }
    return moved;
}

static double solve_columns(const struct arch_crossbar_wires *w) {
    const struct arch_crossbar_response *r = w->response;
    static const _Alignas(64) double ground[WIDTH] = {0};
    double moved = 0;
    for (uint32_t j = 0; j < w->cols; j++) {
        struct arch_crossbar_line line = {.nodes = w->rows,
                                          .first = j,
                                          .step = (int32_t)w->cols,
                                          .gain = r->col_gain,
                                          .pull = r->col_pull,
                                          .keep = r->col_keep};
        moved = fmax(moved, r->lanes->wire(r->col_v, r->row_v, r->part, &line, ground));
    }
    return moved;
}

/* Rows first .. first + 7, each alone. */
static void excite(struct arch_crossbar_wires *w, uint32_t first) {
    struct arch_crossbar_response *r = w->response;
    bool rows = w->spec.row_ohm > 0, cols = w->spec.col_ohm > 0, converged = false;
    size_t nodes = (size_t)w->rows * w->cols;
    uint32_t turns = 0;
    memset(r->row_v, 0, nodes * WIDTH * sizeof *r->row_v);
    memset(r->col_v, 0, nodes * WIDTH * sizeof *r->col_v);
    for (uint32_t k = 0; k < WIDTH && first + k < w->rows; k++)
        for (uint32_t j = 0; j < w->cols; j++)
            r->row_v[((size_t)(first + k) * w->cols + j) * WIDTH + k] = 1;
    for (; !converged && turns < w->spec.iterations; turns++) {
        double moved = cols ? solve_columns(w) : 0;
        if (rows)
            moved = fmax(moved, solve_rows(w, first));
        converged = moved <= w->spec.tolerance || !(rows && cols);
    }
    w->turns = turns > w->turns ? turns : w->turns;
    w->converged &= converged;
}

static double current(const struct arch_crossbar_wires *w, uint32_t column, uint32_t lane) {
    const struct arch_crossbar_response *r = w->response;
    double sum = 0;
    if (w->spec.col_ohm > 0)
        return r->col_v[((size_t)(w->rows - 1) * w->cols + column) * WIDTH + lane] /
               (w->spec.col_ohm + w->spec.sense_ohm);
    for (uint32_t i = 0; i < w->rows; i++) {
        size_t node = (size_t)i * w->cols + column;
        sum += w->cell[node] * r->row_v[node * WIDTH + lane];
    }
    return sum;
}

void arch_crossbar_wires_response(struct arch_crossbar_wires *w, double *response) {
    w->turns = 0;
    w->converged = true;
    prepare(w);
    for (uint32_t first = 0; first < w->rows; first += WIDTH) {
        excite(w, first);
        for (uint32_t k = 0; k < WIDTH && first + k < w->rows; k++)
            for (uint32_t j = 0; j < w->cols; j++)
                response[(size_t)(first + k) * w->cols + j] = current(w, j, k);
    }
}

/* SPDX-License-Identifier: MIT
 *
 * IR drop: the currents of one array whose wires have resistance.
 *
 *     driver --[driver + row]--o--[row]--o--[row]--o        row wires, driven from the left
 *                              |cell     |cell     |cell
 *                              o         o         o        column wires, sensed at the bottom:
 *                             [col]     [col]     [col]     `gap` segments to the next connected row;
 *                              o ...     o ...     o ...    after the last row + sense, then virtual ground
 *
 * All voltages of one wire are solved exactly for given voltages on the wires it crosses (a tridiagonal
 * system), columns and rows in turn until nothing moves: block Gauss-Seidel, which converges for every
 * network of resistors. Rows that are not connected (cut-off transistors) are only wire. With cells that are
 * not ohmic each turn takes the chord conductance I / V of the last voltages.
 * Not modelled: capacitance, coupling between arrays, resistance of the transistors (part of the cell).
 */
#ifndef ARCH_CROSSBAR_WIRE_H
#define ARCH_CROSSBAR_WIRE_H

#include "arch/crossbar/spec.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_arena;

struct arch_crossbar_wires {
    struct arch_crossbar_wire_spec spec;
    double nonlinearity, read_voltage_v; /* of the cells */
    uint32_t rows_max, cols_max;
    /* The problem: rows x cols conductances, S, one row after another. */
    uint32_t rows, cols;
    double *cell;    /* [rows][cols] */
    double *drive_v; /* [rows] */
    uint32_t *gap;   /* [rows] cells from this row to the next connected one or to the end of the column */
    /* The answer. */
    double *current; /* [cols] A */
    uint32_t turns;  /* that the last solution took */
    bool converged;
    /* Scratch. */
    double *row_v, *col_v, *chord, *carry, *part, *line;
    struct arch_crossbar_response *response; /* NULL: not linear */
};

/* The wires have resistance at all. */
bool arch_crossbar_wires_matter(const struct arch_crossbar_wire_spec *spec);

void arch_crossbar_wires_init(struct arch_crossbar_wires *wires, const struct arch_crossbar_spec *spec,
                              uint32_t rows_max, uint32_t cols_max, struct sim_arena *arena);

/* Fills current, turns, converged. */
void arch_crossbar_wires_solve(struct arch_crossbar_wires *wires);

/* The network is linear and the same for every input: ohmic cells, and rows that are either all connected or
 * do not meet on resistive columns. Currents are then a fixed matrix times the voltages of the rows. */
bool arch_crossbar_wires_are_linear(const struct arch_crossbar_spec *spec);

/* That matrix: response[rows][cols], S, the current of each column for each row alone at 1 V and the others
 * at 0 V, every row connected. Uses rows, cols, cell; fills turns, converged. */
void arch_crossbar_wires_response(struct arch_crossbar_wires *wires, double *response);

#ifdef __cplusplus
}
#endif

#endif

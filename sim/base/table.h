/* SPDX-License-Identifier: MIT
 *
 * Aligned text tables on a terminal: columns are as wide as their widest cell, numbers stand right,
 * words left, two spaces between, a rule under the heading, no trailing blanks.
 *
 *     layer  name    neurons
 *     -----  ------  -------
 *         0  image       784
 */
#ifndef SIM_BASE_TABLE_H
#define SIM_BASE_TABLE_H

#include "sim/base/types.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SIM_TABLE_COLUMNS_MAX 32

enum sim_table_align {
    SIM_TABLE_LEFT,
    SIM_TABLE_RIGHT,
    SIM_TABLE_ALIGN_COUNT
};

/* Invariant: cells [0, columns) is the heading when columns are declared; cells come row by row. */
struct sim_table {
    uint32_t columns;
    enum sim_table_align align[SIM_TABLE_COLUMNS_MAX];
    char **cell; /* [cells] heap strings */
    size_t cells, capacity;
};

void sim_table_init(struct sim_table *table);
void sim_table_release(struct sim_table *table);

/* Declares the next column; all columns before the first cell. */
void sim_table_column(struct sim_table *table, const char *heading, enum sim_table_align align);

/* Fills the next cell, left to right, row after row. Text is UTF-8; its width is its code points;
 * control characters are shown as '?'. */
void sim_table_cell(struct sim_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Prints heading, rule and rows, each line after `indent` blanks. An incomplete last row is a bug. */
void sim_table_print(const struct sim_table *table, int indent, FILE *out);

#ifdef __cplusplus
}
#endif

#endif

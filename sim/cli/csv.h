/* SPDX-License-Identifier: MIT
 *
 * Lists of unsigned numbers as CSV: one row a line, commas between, nothing else. The first line may
 * be the heading. Blank lines and carriage returns before the line end are skipped. Lines are read
 * one by one into a short buffer, whatever the file is.
 */
#ifndef SIM_CLI_CSV_H
#define SIM_CLI_CSV_H

#include "sim/base/err.h"
#include "sim/base/types.h"

#include <stdio.h>

#define CLI_CSV_FIELDS_MAX 8

struct cli_csv {
    const char *path;
    FILE *file;
    const char *heading; /* "sample,label": names the fields in messages, and may be the first line */
    int fields;
    int line;                       /* of the row last read */
    int column[CLI_CSV_FIELDS_MAX]; /* where its fields begin */
};

/* "-" is standard input. False with a message of code SIM_EXIT_IO if it cannot be opened. */
bool cli_csv_open(struct cli_csv *csv, const char *path, const char *heading, struct sim_err *err);
void cli_csv_close(struct cli_csv *csv);

/* The next row; *end is set after the last one. Faulty lines are messages and are skipped, until the
 * list of errors is full. False if there was any fault. */
bool cli_csv_row(struct cli_csv *csv, uint64_t *field, bool *end, struct sim_err *err);

/* A message of code SIM_EXIT_CONFIG at a field of the row last read; returns false. */
bool cli_csv_fault(const struct cli_csv *csv, int field, struct sim_err *err, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif

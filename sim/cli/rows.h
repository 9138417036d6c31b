/* SPDX-License-Identifier: MIT
 *
 * Prints the rows of a query: as an aligned table for people, as JSON or CSV for programs.
 *
 * In text, a real number whose column ends in _j, _w, _s, _v or _hz is shown as a quantity
 * ("energy_j" 1.26e-3 becomes "energy" 1.26 mJ); JSON (an array of objects) and CSV (RFC 4180) keep every
 * digit. NULL is "-" in text, null in JSON, empty in CSV.
 */
#ifndef SIM_CLI_ROWS_H
#define SIM_CLI_ROWS_H

#include "sim/cli/cli.h"

#include <stdio.h>

struct sqlite3_stmt;

/* Steps the statement to its end. False when SQLite reports a fault: the caller asks it which. */
bool cli_print_rows(struct sqlite3_stmt *rows, enum cli_format format, FILE *out);

#endif

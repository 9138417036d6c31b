/* SPDX-License-Identifier: MIT
 *
 * Results for programs.
 */
#ifndef SIM_CLI_JSON_H
#define SIM_CLI_JSON_H

#include <jansson.h>
#include <stdio.h>

/* Prints the value, indented, on lines of its own, real numbers with this many significant digits (17:
 * exactly), and gives it back. */
void cli_json_print(json_t *value, int digits, FILE *out);

#endif

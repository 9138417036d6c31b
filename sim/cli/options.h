/* SPDX-License-Identifier: MIT
 *
 * Option tables: one line an option gives the parsing, the --help text and the manual page.
 */
#ifndef SIM_CLI_OPTIONS_H
#define SIM_CLI_OPTIONS_H

#include <getopt.h>
#include <stdio.h>

#define CLI_OPTIONS_MAX 32

struct cli_option {
    const char *name;     /* long name */
    char letter;          /* short name and getopt's answer; 0: long only, the answer is then 256 + index */
    const char *argument; /* "FILE"; NULL: takes none */
    const char *help;     /* may hold line breaks */
};

/* Fills the tables of getopt_long from `options` (ends with a NULL name). `letters` begins with ':'. */
void cli_options_getopt(const struct cli_option *options, struct option longs[CLI_OPTIONS_MAX + 1],
                        char letters[2 * CLI_OPTIONS_MAX + 2]);

/* The option that getopt_long answered, by its long name; NULL for '?' and ':'. */
const char *cli_options_name(const struct cli_option *options, int answer);

/* Prints the options, aligned. */
void cli_options_help(const struct cli_option *options, FILE *out);

#endif

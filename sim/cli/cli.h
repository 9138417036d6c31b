/* SPDX-License-Identifier: MIT
 *
 * What the commands share: strict parsing of option values, and the form of usage errors.
 *
 * A command is a function `int cmd_NAME(int argc, char **argv)` whose argv[0] is its own name
 * ("trace") and whose result is the exit code of the program (enum sim_exit). It parses with
 * cli_command_line (options.h), and ends a command line that is wrong for another reason with
 * `return cli_usage("trace", "...")`.
 */
#ifndef SIM_CLI_CLI_H
#define SIM_CLI_CLI_H

#include "sim/base/err.h"
#include "sim/base/types.h"

/* Lets getopt_long start on a new argument vector, silent about errors (cli_usage_getopt reports). */
void cli_getopt_reset(void);

/* Prints "nocsim COMMAND: MESSAGE" and where to find help on stderr; returns SIM_EXIT_USAGE. */
int cli_usage(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Same for the '?' and ':' that getopt_long has just returned (short options need a leading ':'). */
int cli_usage_getopt(const char *command, char **argv, int result);

/* Decimal digits only (no sign, no space), within min..max. False otherwise, *value untouched. */
bool cli_parse_uint(const char *text, uint64_t min, uint64_t max, uint64_t *value);

/* A range of samples, end exclusive. */
struct cli_range {
    uint64_t first, end;
};

#define CLI_RANGE_ALL ((struct cli_range){0, UINT64_MAX})

/* "N" is 0..N-1, "a:b" is a..b-1; "a:" and ":b" leave an end open. False on anything else, and on
 * an empty range. */
bool cli_parse_range(const char *text, struct cli_range *range);

/* The range within `count` samples; false (with a usage message) if it begins beyond them or ends
 * beyond them while its end was given. */
bool cli_clip_range(const char *command, struct cli_range *range, uint64_t count);

enum cli_format {
    CLI_FORMAT_TEXT,
    CLI_FORMAT_JSON,
    CLI_FORMAT_CSV,
    CLI_FORMAT_COUNT
};

extern const char *const cli_format_names[CLI_FORMAT_COUNT];

#define CLI_SETS_MAX 256 /* --set of one command line */

struct sim_config;

/* Loads a description of any hardware that there is (sim/config/registry.h), with settings "key.path=value".
 * On a fault false, messages, and nothing to release. */
bool cli_config_load(struct sim_config *config, const char *file, const char *const *set, uint32_t sets,
                     struct sim_err *err);

/* Prints the messages, if any, releases them, and returns their exit code. */
int cli_finish(struct sim_err *err);

/* Flushes stdout; a failed write (a full disk) is a message and SIM_EXIT_IO. Returns `code`
 * otherwise. Call it last in every command that prints. */
int cli_flush(const char *command, int code);

/* Cores that this process may use. */
uint32_t cli_cores(void);

#endif

/* SPDX-License-Identifier: MIT
 *
 * The subcommands of `nocsim trace`; each parses its own arguments (argv[0] is its name) and returns an
 * exit code. See cmd_trace.c.
 */
#ifndef SIM_CLI_TRACE_H
#define SIM_CLI_TRACE_H

int cli_trace_info(int argc, char **argv);
int cli_trace_dump(int argc, char **argv);
int cli_trace_check(int argc, char **argv);
int cli_trace_import(int argc, char **argv);

#endif

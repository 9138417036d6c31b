/* SPDX-License-Identifier: MIT
 *
 * The commands. Each takes the arguments from its own name on and returns the program's exit code.
 */
#ifndef SIM_CLI_COMMANDS_H
#define SIM_CLI_COMMANDS_H

#include <stdbool.h>
#include <stdio.h>

int cmd_run(int argc, char **argv);
void cmd_run_help(FILE *out); /* the same page for `nocsim --help` */
int cmd_compare(int argc, char **argv);
int cmd_config(int argc, char **argv);
int cmd_describe(int argc, char **argv);
int cmd_evaluate(int argc, char **argv);
int cmd_approximate(int argc, char **argv);
int cmd_energy(int argc, char **argv);
int cmd_hash(int argc, char **argv);
int cmd_map(int argc, char **argv);
int cmd_merge(int argc, char **argv);
int cmd_model(int argc, char **argv);
int cmd_query(int argc, char **argv);
int cmd_sweep(int argc, char **argv);
int cmd_trace(int argc, char **argv);
int cmd_traffic(int argc, char **argv);
bool cmd_traffic_wanted(int argc, char **argv); /* the arguments of run ask for traffic */

#endif

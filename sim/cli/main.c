/* SPDX-License-Identifier: MIT
 *
 * nocsim: the command line. Without a command it runs a trace on a chip.
 */
#include "sim/base/lanes.h"
#include "sim/base/partial.h"
#include "sim/cli/cli.h"
#include "sim/cli/commands.h"

#include <stdlib.h>
#include <string.h>

struct command {
    const char *name, *help;
    int (*run)(int argc, char **argv);
};

static const struct command commands[] = {
    {"run", "run a trace on a chip (the default command)", cmd_run},
    {"traffic", "measure a packet network under synthetic or recorded traffic", cmd_traffic},
    {"map", "show how a network is laid out on a chip: placement, schedule, programs", cmd_map},
    {"evaluate", "compare kinds of synapses on the network of a trace", cmd_evaluate},
    {"compare", "simulate a layer as SNN and as the equivalent QNN, side by side", cmd_compare},
    {"approximate", "compare hardware for non-linear functions: NOVA, tables, vector unit", cmd_approximate},
    {"trace", "look into, check, and make spike traces", cmd_trace},
    {"config", "print the effective configuration with the origin of each value", cmd_config},
    {"describe", "list the hardware types, or describe one with its parameters", cmd_describe},
    {"energy", "price a finished run with another technology file", cmd_energy},
    {"query", "ask a results database", cmd_query},
    {"sweep", "run every point of a design space, into one database", cmd_sweep},
    {"merge", "join the databases of a sweep's shards", cmd_merge},
    {"model", "evaluate a published closed-form energy model", cmd_model},
    {"hash", "content hash of a results database", cmd_hash},
};

#define COMMANDS (sizeof commands / sizeof *commands)

static int print_help(void) {
    cmd_run_help(stdout);
    puts("\nCommands (nocsim COMMAND --help):");
    for (size_t i = 0; i < COMMANDS; i++)
        printf("  %-11s %s\n", commands[i].name, commands[i].help);
    puts("\nExit codes: 0 success, 1 wrong command line, 2 wrong description or trace,\n"
         "3 stopped by the watchdog or an audit, 4 a file could not be read or written.");
    return cli_flush("help", SIM_EXIT_OK);
}

static int unknown_command(const char *name) {
    const char *names[COMMANDS];
    for (size_t i = 0; i < COMMANDS; i++)
        names[i] = commands[i].name;
    char suggestion[SIM_SUGGEST_SIZE];
    fprintf(stderr, "nocsim: unknown command '%s'%s\nTry 'nocsim --help'.\n", name,
            sim_err_suggest(suggestion, sim_err_nearest(name, names, COMMANDS)));
    return SIM_EXIT_USAGE;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        print_help();
        return SIM_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
        return print_help();
    if (strcmp(argv[1], "--version") == 0) {
        printf("nocsim %s\n", NOCSIM_VERSION);
        return cli_flush("version", SIM_EXIT_OK);
    }
    sim_partial_survive_limits();
    struct sim_err err;
    sim_err_init(&err);
    if (sim_lanes_find(getenv("NOCSIM_SIMD"), &err) == NULL)
        return cli_finish(&err);
    if (argv[1][0] == '-')
        return cmd_run(argc, argv);
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    return unknown_command(argv[1]);
}

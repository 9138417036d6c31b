/* SPDX-License-Identifier: MIT
 *
 * `nocsim trace`: what is in a spike trace, whether it is sound, and how to make one from a list.
 */
#include "sim/cli/commands.h"
#include "sim/base/number.h"
#include "sim/cli/options.h"
#include "sim/cli/trace.h"
#include "sim/trace/trace.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} subcommands[] = {
    {"info", cli_trace_info, "graph, samples, spike rates"},
    {"dump", cli_trace_dump, "the spikes, as text, CSV or JSON"},
    {"check", cli_trace_check, "validate every row"},
    {"import", cli_trace_import, "make a trace from CSV lines sample,layer,timestep,neuron"},
};

#define SUBCOMMANDS (sizeof subcommands / sizeof *subcommands)

static void print_help(void) {
    puts("Usage: nocsim trace SUBCOMMAND ...\n\n"
         "Spike traces (.spk): a network graph and the spikes of its samples.\n\n"
         "Subcommands:");
    for (size_t i = 0; i < SUBCOMMANDS; i++)
        printf("  %-8s %s\n", subcommands[i].name, subcommands[i].help);
    puts("\n'nocsim trace SUBCOMMAND --help' tells more. The format: workloads/README.md.");
}

int cmd_trace(int argc, char **argv) {
    if (argc < 2)
        return cli_usage("trace", "a subcommand is missing: info, dump, check or import");
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help();
        return cli_flush("trace", SIM_EXIT_OK);
    }
    const char *names[SUBCOMMANDS];
    for (size_t i = 0; i < SUBCOMMANDS; i++) {
        if (strcmp(argv[1], subcommands[i].name) == 0)
            return subcommands[i].run(argc - 1, argv + 1);
        names[i] = subcommands[i].name;
    }
    char suggestion[SIM_SUGGEST_SIZE];
    return cli_usage("trace", "unknown subcommand '%s'%s", argv[1],
                     sim_err_suggest(suggestion, sim_err_nearest(argv[1], names, SUBCOMMANDS)));
}

static const struct cli_option check_table[] = {CLI_HELP, CLI_END};

static const struct cli_command check = {
    .name = "trace check",
    .usage = "Usage: nocsim trace check FILE...\n"
             "Validates every row of every table and reports up to 20 faults of each file.\n"
             "Exit code 0: sound; 2: faulty; 4: unreadable.\n\nOptions:\n",
    .option = check_table,
    .least = 1,
    .most = INT_MAX,
    .missing = "a trace file is missing",
};

int cli_trace_check(int argc, char **argv) {
    int code;
    if (!cli_command_line(&check, argc, argv, NULL, &code))
        return code;
    for (int i = optind; i < argc; i++) {
        struct sim_err err;
        struct sim_trace trace;
        sim_err_init(&err);
        if (sim_trace_open(&trace, argv[i], &err)) {
            if (sim_trace_check(&trace, &err))
                printf("%s: ok (%llu sample%s, %u layer%s)\n", argv[i], (unsigned long long)trace.samples,
                       sim_plural(trace.samples), trace.graph.layers, sim_plural(trace.graph.layers));
            sim_trace_close(&trace);
        }
        int result = cli_finish(&err);
        code = code == SIM_EXIT_OK ? result : code;
    }
    return cli_flush(check.name, code);
}

/* SPDX-License-Identifier: MIT
 *
 * nocsim approximate: hardware for non-linear functions in the lanes of a host, side by side.
 */
#include "sim/cli/approximate.h"
#include "sim/cli/commands.h"
#include "sim/cli/options.h"

#include <string.h>

static const struct cli_option options_table[] = {
    {"arch", 'a', "FILE", "description of lanes and approximators (configs/nova-on-*.yaml)"},
    {"set", 's', "KEY=VALUE", "change a value of the description"},
    {"vary", 'V', "KEYS=VALUES",
     "compare at each of these values of a key (or of several\nkeys together), separated by commas"},
    {"sensitivity", 'S', NULL, "halve and double every number of the description, and say\nwhat it decides"},
    {"errors", 'e', NULL,
     "errors of piecewise-linear functions over segments and\nwords; needs no description"},
    {"operators", 'O', NULL, "cycles and energy of every operator on the vector unit"},
    {"waves", 'w', "N", "vectors that every core evaluates (default: 1000)"},
    {"row", 'r', "N", "elements of an operator's row (default: 128)"},
    {"seed", 0, "N", "of the arguments"},
    {"format", 'f', "FORMAT", "text (default) or json"},
    {"help", 'h', NULL, "this text"},
    {NULL, 0, NULL, NULL},
};

enum part {
    PART_COMPARE,
    PART_VARY,
    PART_SENSITIVITY,
    PART_ERRORS,
    PART_OPERATORS
};

static int print_help(void) {
    fputs("Usage: nocsim approximate --arch FILE [OPTION]...\n"
          "       nocsim approximate --errors [OPTION]...\n"
          "Runs every approximator of a description on the same random vectors and prints latency, energy, "
          "power\nand area side by side.\n\nOptions:\n",
          stdout);
    cli_options_help(options_table, stdout);
    return cli_flush("approximate", SIM_EXIT_OK);
}

static int parse_option(struct approximate_options *options, enum part *part, const char *name,
                        const char *value) {
    if (strcmp(name, "arch") == 0) {
        options->arch = value;
    } else if (strcmp(name, "set") == 0) {
        if (options->sets == APPROXIMATE_SETS_MAX)
            return cli_usage("approximate", "more than %d --set", APPROXIMATE_SETS_MAX);
        options->set[options->sets++] = value;
    } else if (strcmp(name, "vary") == 0) {
        options->vary = value;
        *part = PART_VARY;
    } else if (strcmp(name, "sensitivity") == 0) {
        *part = PART_SENSITIVITY;
    } else if (strcmp(name, "errors") == 0) {
        *part = PART_ERRORS;
    } else if (strcmp(name, "operators") == 0) {
        *part = PART_OPERATORS;
    } else if (strcmp(name, "waves") == 0) {
        if (!cli_parse_uint(value, 1, 1000000, &options->waves))
            return cli_usage("approximate", "--waves takes a number from 1 to 1000000, not '%s'", value);
    } else if (strcmp(name, "row") == 0) {
        if (!cli_parse_uint(value, 1, 1000000, &options->row))
            return cli_usage("approximate", "--row takes a number from 1 to 1000000, not '%s'", value);
    } else if (strcmp(name, "seed") == 0) {
        if (!cli_parse_uint(value, 0, UINT64_MAX, &options->seed))
            return cli_usage("approximate", "--seed takes a number, not '%s'", value);
    } else if (strcmp(name, "format") == 0) {
        if (!cli_parse_format(value, CLI_ALLOW(CLI_FORMAT_TEXT) | CLI_ALLOW(CLI_FORMAT_JSON),
                              &options->format))
            return cli_usage("approximate", "--format takes text or json, not '%s'", value);
    }
    return SIM_EXIT_OK;
}

int cmd_approximate(int argc, char **argv) {
    static bool (*const parts[])(const struct approximate_options *, struct sim_err *) = {
        [PART_COMPARE] = cli_approximate_compare,
        [PART_VARY] = cli_approximate_vary,
        [PART_SENSITIVITY] = cli_approximate_sensitivity,
        [PART_ERRORS] = cli_approximate_errors,
        [PART_OPERATORS] = cli_approximate_operators,
    };
    struct option longs[CLI_OPTIONS_MAX + 1];
    char letters[2 * CLI_OPTIONS_MAX + 2];
    struct approximate_options options = {.waves = 1000, .row = 128, .seed = 1};
    enum part part = PART_COMPARE;
    cli_options_getopt(options_table, longs, letters);
    cli_getopt_reset();
    for (int answer; (answer = getopt_long(argc, argv, letters, longs, NULL)) != -1;) {
        const char *name = cli_options_name(options_table, answer);
        if (name == NULL)
            return cli_usage_getopt("approximate", argv, answer);
        if (strcmp(name, "help") == 0)
            return print_help();
        int code = parse_option(&options, &part, name, optarg);
        if (code != SIM_EXIT_OK)
            return code;
    }
    if (optind < argc)
        return cli_usage("approximate", "'%s' is no option", argv[optind]);
    if (options.arch == NULL && part != PART_ERRORS)
        return cli_usage("approximate", "--arch is needed");
    struct sim_err err;
    sim_err_init(&err);
    parts[part](&options, &err);
    return cli_flush("approximate", cli_finish(&err));
}

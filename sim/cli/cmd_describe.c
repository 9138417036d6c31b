/* SPDX-License-Identifier: MIT
 *
 * nocsim describe [TYPE]: the types that a description can name, and the page of one.
 */
#include "sim/cli/cli.h"
#include "sim/cli/commands.h"
#include "sim/cli/options.h"
#include "sim/describe.h"
#include "sim/registry.h"

#include <stdio.h>

static const struct cli_option options_table[] = {
    {"format", 'f', "FORMAT", "text (default) or json"},
    {"help", 'h', NULL, "this text"},
    {NULL, 0, NULL, NULL},
};

static int print_help(void) {
    fputs("Usage: nocsim describe [TYPE] [OPTION]...\n"
          "Without TYPE, lists the types that a description can name. With TYPE, shows its\n"
          "parameters (key, kind, unit, range, default, meaning) and the events it counts.\n\nOptions:\n",
          stdout);
    cli_options_help(options_table, stdout);
    return cli_flush("describe", SIM_EXIT_OK);
}

static int put_json(json_t *value) {
    json_dumpf(value, stdout, JSON_INDENT(2));
    fputc('\n', stdout);
    json_decref(value);
    return cli_flush("describe", SIM_EXIT_OK);
}

static int describe(const char *name, enum cli_format format) {
    struct sim_catalogue catalogue;
    sim_catalogue_init(&catalogue, sim_registry, &sim_run_schema);
    if (name == NULL && format == CLI_FORMAT_JSON)
        return put_json(sim_describe_json_list(&catalogue));
    if (name == NULL) {
        sim_describe_list(&catalogue, stdout);
        return cli_flush("describe", SIM_EXIT_OK);
    }
    const char *nearest;
    const struct sim_schema *schema = sim_catalogue_find(&catalogue, name, &nearest);
    if (schema == NULL && nearest != NULL)
        return cli_usage("describe", "unknown type '%s' (did you mean '%s'?)", name, nearest);
    if (schema == NULL)
        return cli_usage("describe", "unknown type '%s'; 'nocsim describe' lists the types", name);
    if (format == CLI_FORMAT_JSON)
        return put_json(sim_describe_json_page(schema));
    sim_describe_page(&catalogue, schema, stdout);
    return cli_flush("describe", SIM_EXIT_OK);
}

int cmd_describe(int argc, char **argv) {
    struct option longs[CLI_OPTIONS_MAX + 1];
    char letters[2 * CLI_OPTIONS_MAX + 2];
    enum cli_format format = CLI_FORMAT_TEXT;
    cli_options_getopt(options_table, longs, letters);
    cli_getopt_reset();
    for (int answer; (answer = getopt_long(argc, argv, letters, longs, NULL)) != -1;) {
        switch (answer) {
        case 'f':
            if (!cli_parse_format(optarg, CLI_ALLOW(CLI_FORMAT_TEXT) | CLI_ALLOW(CLI_FORMAT_JSON),
                                  &format))
                return cli_usage("describe", "--format takes text or json, not '%s'", optarg);
            break;
        case 'h': return print_help();
        default: return cli_usage_getopt("describe", argv, answer);
        }
    }
    if (argc - optind > 1)
        return cli_usage("describe", "one TYPE at a time; '%s' is too much", argv[optind + 1]);
    return describe(optind < argc ? argv[optind] : NULL, format);
}

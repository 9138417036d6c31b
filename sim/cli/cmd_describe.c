/* SPDX-License-Identifier: MIT
 *
 * nocsim describe [TYPE]: the types that a description can name, and the page of one.
 */
#include "sim/cli/cli.h"
#include "sim/cli/commands.h"
#include "sim/cli/options.h"
#include "sim/cli/json.h"
#include "sim/config/describe.h"
#include "sim/config/registry.h"

#include <stdio.h>

struct request {
    enum cli_format format;
};

static const struct cli_option option_table[] = {
    {"format", 'f', "FORMAT", "text (default) or json", CLI_TEXT_OR_JSON(struct request, format)},
    CLI_HELP,
    CLI_END,
};

static const struct cli_command command = {
    .name = "describe",
    .usage = "Usage: nocsim describe [TYPE] [OPTION]...\n"
             "Without TYPE, lists the types that a description can name. With TYPE, shows its\n"
             "parameters (key, kind, unit, range, default, meaning) and the events it counts.\n\nOptions:\n",
    .option = option_table,
    .most = 1,
    .surplus = "one TYPE at a time",
};

static int put_json(json_t *value) {
    cli_json_print(value, 17, stdout);
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
    struct request request = {.format = CLI_FORMAT_TEXT};
    int code;
    if (!cli_command_line(&command, argc, argv, &request, &code))
        return code;
    return describe(optind < argc ? argv[optind] : NULL, request.format);
}

/* SPDX-License-Identifier: MIT
 *
 * nocsim approximate: hardware for non-linear functions in the lanes of a host, side by side.
 */
#include "sim/cli/approximate.h"
#include "sim/cli/commands.h"
#include "sim/cli/options.h"

enum part {
    PART_COMPARE,
    PART_VARY,
    PART_SENSITIVITY,
    PART_ERRORS,
    PART_OPERATORS
};

struct request {
    struct approximate_options options;
    enum part part;
};

static const struct cli_option option_table[] = {
    {"arch", 'a', "FILE", "description of lanes and approximators (configs/nova-on-*.yaml)",
     CLI_TEXT(struct request, options.arch)},
    {"set", 's', "KEY=VALUE", "change a value of the description",
     CLI_LIST(struct request, options.set, options.sets)},
    {"vary", 'V', "KEYS=VALUES",
     "compare at each of these values of a key (or of several\nkeys together), separated by commas",
     CLI_TEXT(struct request, options.vary)},
    {"sensitivity", 'S', NULL, "halve and double every number of the description, and say\nwhat it decides",
     CLI_CONSTANT(struct request, part, PART_SENSITIVITY)},
    {"errors", 'e', NULL,
     "errors of piecewise-linear functions over segments and\nwords; needs no description",
     CLI_CONSTANT(struct request, part, PART_ERRORS)},
    {"operators", 'O', NULL, "cycles and energy of every operator on the vector unit",
     CLI_CONSTANT(struct request, part, PART_OPERATORS)},
    {"waves", 'w', "N", "vectors that every core evaluates (default: 1000)",
     CLI_UINT(struct request, options.waves, 1, 1000000)},
    {"row", 'r', "N", "elements of an operator's row (default: 128)",
     CLI_UINT(struct request, options.row, 1, 1000000)},
    {"seed", 0, "N", "of the arguments", CLI_UINT(struct request, options.seed, 0, UINT64_MAX)},
    {"format", 'f', "FORMAT", "text (default) or json", CLI_TEXT_OR_JSON(struct request, options.format)},
    CLI_HELP,
    CLI_END,
};

static const struct cli_command command = {
    .name = "approximate",
    .usage =
        "Usage: nocsim approximate --arch FILE [OPTION]...\n"
        "       nocsim approximate --errors [OPTION]...\n"
        "Runs every approximator of a description on the same random vectors and prints latency, energy, "
        "power\nand area side by side.\n\nOptions:\n",
    .option = option_table,
};

int cmd_approximate(int argc, char **argv) {
    static bool (*const parts[])(const struct approximate_options *, struct sim_err *) = {
        [PART_COMPARE] = cli_approximate_compare,
        [PART_VARY] = cli_approximate_vary,
        [PART_SENSITIVITY] = cli_approximate_sensitivity,
        [PART_ERRORS] = cli_approximate_errors,
        [PART_OPERATORS] = cli_approximate_operators,
    };
    struct request request = {.options = {.waves = 1000, .row = 128, .seed = 1}};
    const struct approximate_options *options = &request.options;
    int code;
    if (!cli_command_line(&command, argc, argv, &request, &code))
        return code;
    if (request.part == PART_COMPARE && options->vary != NULL)
        request.part = PART_VARY;
    if (options->arch == NULL && request.part != PART_ERRORS)
        return cli_usage("approximate", "--arch is needed");
    struct sim_err err;
    sim_err_init(&err);
    parts[request.part](options, &err);
    return cli_flush("approximate", cli_finish(&err));
}

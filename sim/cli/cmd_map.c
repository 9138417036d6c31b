/* SPDX-License-Identifier: MIT
 *
 * nocsim map: how a network is laid out on a chip, without running it.
 */
#include "sim/base/partial.h"
#include "sim/cli/commands.h"
#include "sim/cli/options.h"
#include "sim/cli/run.h"
#include "sim/cli/windows.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct map_options {
    struct run_options run;
    const char *svg; /* NULL: no picture */
};

static const struct cli_option option_table[] = {
    {"arch", 'a', "FILE", "chip description", CLI_TEXT(struct map_options, run.arch)},
    {"trace", 't', "FILE", "spike trace; only its network is used", CLI_TEXT(struct map_options, run.trace)},
    {"set", 's', "KEY=VALUE", "change a value of the description",
     CLI_LIST(struct map_options, run.set, run.sets)},
    {"format", 'f', "FORMAT", "text (default) or json", CLI_TEXT_OR_JSON(struct map_options, run.format)},
    {"svg", 'v', "FILE", "also draw the floor plan into FILE", CLI_TEXT(struct map_options, svg)},
    CLI_HELP,
    CLI_END,
};

static const struct cli_command command = {
    .name = "map",
    .usage = "Usage: nocsim map --arch FILE --trace FILE [OPTION]...\n"
             "Shows placement, schedule, programs and utilisation of a network on a chip.\n\nOptions:\n",
    .option = option_table,
};

static bool draw_into(const struct arch_chip *chip, int fd, const char *path, struct sim_err *err) {
    struct sim_where where = {.file = path};
    FILE *out = fdopen(dup(fd), "w");
    if (out == NULL)
        return sim_err_add(err, SIM_EXIT_IO, &where, "cannot write: %s", strerror(errno));
    chip->type->draw_map(chip, out);
    bool failed = fflush(out) != 0 || ferror(out) != 0;
    int reason = errno;
    fclose(out);
    return !failed || sim_err_add(err, SIM_EXIT_IO, &where, "cannot write: %s", strerror(reason));
}

/* The floor plan into a file, which is replaced when the new one is whole. */
static bool draw(const struct arch_chip *chip, const char *path, struct sim_err *err) {
    struct sim_where where = {.file = path};
    struct sim_partial file;
    if (chip->type->draw_map == NULL)
        return sim_err_add(err, SIM_EXIT_CONFIG, &where, "there is no picture of a chip of type %s",
                           chip->name);
    if (!sim_partial_open(&file, path, true, err))
        return false;
    bool sound = draw_into(chip, file.fd, path, err) && sim_partial_complete(&file, err);
    sim_partial_release(&file);
    return sound;
}

static int map(const struct map_options *options) {
    struct sim_err err;
    sim_err_init(&err);
    struct run run;
    if (run_build(&run, &options->run, &err) &&
        (options->svg == NULL || draw(run.chip, options->svg, &err))) {
        if (options->run.format != CLI_FORMAT_JSON)
            cli_windows_print(&run.trace.graph, "Tokens    ", stdout);
        run.chip->type->print_map(run.chip, options->run.format == CLI_FORMAT_JSON, stdout);
    }
    int code = cli_finish(&err);
    run_release(&run);
    return cli_flush("map", code);
}

int cmd_map(int argc, char **argv) {
    struct map_options options = {.run = {.samples = CLI_RANGE_ALL}};
    int code;
    if (!cli_command_line(&command, argc, argv, &options, &code))
        return code;
    if (options.run.arch == NULL || options.run.trace == NULL)
        return cli_usage("map", "--arch and --trace are needed");
    return map(&options);
}

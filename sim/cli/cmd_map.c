/* SPDX-License-Identifier: MIT
 *
 * nocsim map: how a network is laid out on a chip, without running it.
 */
#include "sim/cli/commands.h"
#include "sim/cli/options.h"
#include "sim/cli/run.h"
#include "sim/partial.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const struct cli_option options_table[] = {
    {"arch", 'a', "FILE", "chip description"},
    {"trace", 't', "FILE", "spike trace; only its network is used"},
    {"set", 's', "KEY=VALUE", "change a value of the description"},
    {"format", 'f', "FORMAT", "text (default) or json"},
    {"svg", 'v', "FILE", "also draw the floor plan into FILE"},
    {"help", 'h', NULL, "this text"},
    {NULL, 0, NULL, NULL},
};

static int print_help(void) {
    fputs("Usage: nocsim map --arch FILE --trace FILE [OPTION]...\n"
          "Shows placement, schedule, programs and utilisation of a network on a chip.\n\nOptions:\n",
          stdout);
    cli_options_help(options_table, stdout);
    return cli_flush("map", SIM_EXIT_OK);
}

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

static int map(const struct run_options *options, const char *svg) {
    struct sim_err err;
    sim_err_init(&err);
    struct run run;
    if (run_build(&run, options, &err) && (svg == NULL || draw(run.chip, svg, &err)))
        run.chip->type->print_map(run.chip, options->format == CLI_FORMAT_JSON, stdout);
    int code = cli_finish(&err);
    run_release(&run);
    return cli_flush("map", code);
}

int cmd_map(int argc, char **argv) {
    struct option longs[CLI_OPTIONS_MAX + 1];
    char letters[2 * CLI_OPTIONS_MAX + 2];
    struct run_options options = {.samples = CLI_RANGE_ALL};
    const char *svg = NULL;
    cli_options_getopt(options_table, longs, letters);
    cli_getopt_reset();
    for (int answer; (answer = getopt_long(argc, argv, letters, longs, NULL)) != -1;) {
        switch (answer) {
        case 'a':
            options.arch = optarg;
            break;
        case 't':
            options.trace = optarg;
            break;
        case 's':
            if (options.sets == RUN_SETS_MAX)
                return cli_usage("map", "more than %d --set", RUN_SETS_MAX);
            options.set[options.sets++] = optarg;
            break;
        case 'f':
            if (!cli_parse_format(optarg, CLI_ALLOW(CLI_FORMAT_TEXT) | CLI_ALLOW(CLI_FORMAT_JSON),
                                  &options.format))
                return cli_usage("map", "--format takes text or json, not '%s'", optarg);
            break;
        case 'v':
            svg = optarg;
            break;
        case 'h':
            return print_help();
        default:
            return cli_usage_getopt("map", argv, answer);
        }
    }
    if (optind < argc)
        return cli_usage("map", "'%s' is no option", argv[optind]);
    if (options.arch == NULL || options.trace == NULL)
        return cli_usage("map", "--arch and --trace are needed");
    return map(&options, svg);
}

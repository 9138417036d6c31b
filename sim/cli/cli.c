/* SPDX-License-Identifier: MIT
 *
 * What the commands share; see cli.h.
 */
#define _GNU_SOURCE /* sched_getaffinity */
#include "sim/cli/cli.h"

#include "sim/config/config.h"
#include "sim/config/registry.h"

#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

void cli_getopt_reset(void) {
    optind = 0;
    opterr = 0;
}

int cli_usage(const char *command, const char *format, ...) {
    fprintf(stderr, "nocsim %s: ", command);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\nTry 'nocsim %s --help'.\n", command);
    return SIM_EXIT_USAGE;
}

int cli_usage_getopt(const char *command, char **argv, int result) {
    const char *given = optind > 0 ? argv[optind - 1] : "";
    if (result == ':')
        return cli_usage(command, "option '%s' needs a value", given);
    if (optopt != 0 && strncmp(given, "--", 2) != 0)
        return cli_usage(command, "unknown option '-%c'", optopt);
    return cli_usage(command, optopt != 0 ? "option '%s' takes no value" : "unknown option '%s'", given);
}

static bool parse_digits(const char *text, size_t length, uint64_t *value) {
    uint64_t number = 0;
    if (length == 0)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(text[i] - '0');
        if (number > (UINT64_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *value = number;
    return true;
}

bool cli_parse_uint(const char *text, uint64_t min, uint64_t max, uint64_t *value) {
    uint64_t number;
    if (!parse_digits(text, strlen(text), &number) || number < min || number > max)
        return false;
    *value = number;
    return true;
}

bool cli_parse_range(const char *text, struct cli_range *range) {
    struct cli_range found = CLI_RANGE_ALL;
    const char *colon = strchr(text, ':');
    if (colon == NULL) {
        if (!cli_parse_uint(text, 1, UINT64_MAX - 1, &found.end))
            return false;
    } else {
        size_t length = (size_t)(colon - text);
        if (length > 0 && !parse_digits(text, length, &found.first))
            return false;
        if (colon[1] != '\0' && !cli_parse_uint(colon + 1, 1, UINT64_MAX - 1, &found.end))
            return false;
    }
    if (found.first >= found.end)
        return false;
    *range = found;
    return true;
}

bool cli_clip_range(const char *command, struct cli_range *range, uint64_t count) {
    if (range->end == UINT64_MAX && range->first < count)
        range->end = count;
    if (range->first < count && range->end <= count)
        return true;
    unsigned long long last = range->end == UINT64_MAX ? range->first : range->end - 1;
    cli_usage(command, "--samples: sample %llu: the trace has %llu", last, (unsigned long long)count);
    return false;
}

const char *const cli_format_names[CLI_FORMAT_COUNT] = {"text", "json", "csv"};

bool cli_config_load(struct sim_config *config, const char *file, const char *const *set, uint32_t sets,
                     struct sim_err *err) {
    struct sim_config_request request = {.file = file,
                                         .set = set,
                                         .sets = (int)sets,
                                         .registry = sim_registry,
                                         .run = &sim_run_schema};
    return sim_config_load(config, &request, err);
}

int cli_finish(struct sim_err *err) {
    int code = (int)err->code;
    sim_err_print(err, stderr);
    if (sim_err_full(err) && err->dropped == 0)
        fprintf(stderr, "nocsim: gave up after %d faults\n", err->count);
    sim_err_release(err);
    return code;
}

int cli_flush(const char *command, int code) {
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    fprintf(stderr, "nocsim %s: cannot write: %s\n", command, errno != 0 ? strerror(errno) : "output error");
    return SIM_EXIT_IO;
}

uint32_t cli_cores(void) {
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return count < 1 ? 1 : (uint32_t)count;
}

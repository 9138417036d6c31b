/* SPDX-License-Identifier: MIT
 *
 * Command lines. A command declares each option once, in a table; from that one line come the parsing, the
 * message about a wrong value, and the lines of --help and of the manual page.
 *
 *     struct request { const char *arch; uint64_t rows; enum cli_format format; };
 *     static const struct cli_option options[] = {
 *         {"arch", 'a', "FILE", "chip description", CLI_TEXT(struct request, arch)},
 *         {"rows", 'r', "N", "of the chip (default: 4)", CLI_UINT(struct request, rows, 1, 64)},
 *         {"format", 'f', "FORMAT", "text (default) or json", CLI_TEXT_OR_JSON(struct request, format)},
 *         CLI_HELP,
 *         CLI_END,
 *     };
 *     static const struct cli_command command = {"paint", "Usage: ...\n\nOptions:\n", options, .most = 1};
 *
 *     struct request request = {.rows = 4};
 *     if (!cli_command_line(&command, argc, argv, &request, &code))
 *         return code;
 *
 * Values are stored in the command's own structure, whose defaults stand there before. An option that is
 * given again replaces its value; a list grows.
 */
#ifndef SIM_CLI_OPTIONS_H
#define SIM_CLI_OPTIONS_H

#include "sim/cli/cli.h"

#include <getopt.h> /* optind */
#include <stdio.h>

enum cli_value_kind {
    CLI_VALUE_FLAG,    /* bool */
    CLI_VALUE_CONSTANT,/* an enum: becomes `max` */
    CLI_VALUE_TEXT,    /* const char *; points into argv */
    CLI_VALUE_LIST,    /* array of `max` const char *, and their number */
    CLI_VALUE_UINT,    /* uint32_t or uint64_t, from min to max */
    CLI_VALUE_RANGE,   /* struct cli_range */
    CLI_VALUE_CHOICE,  /* an enum: index into the first `max` names */
    CLI_VALUE_PARSED,  /* whatever parse makes of it */
    CLI_VALUE_HELP
};

/* What an option's value is and where it is stored. Offsets are those of fields in the command's structure.
 */
struct cli_value {
    enum cli_value_kind kind;
    size_t offset, size;
    size_t count;              /* LIST: offset of the uint32_t number of its items */
    size_t given;              /* offset of a bool that tells whether the option was given; 0: none does */
    uint64_t min, max;
    const char *const *names;  /* CHOICE */
    /* PARSED: stores the value in `request`. An exit code, after its message (cli_usage). */
    int (*parse)(void *request, char *text);
};

struct cli_option {
    const char *name;     /* long name */
    char letter;          /* short name and getopt's answer; 0: long only, the answer is then 256 + index */
    const char *argument; /* "FILE"; NULL: takes none */
    const char *help;     /* may hold line breaks */
    struct cli_value value;
};

#define CLI_FIELD_(type, field) .offset = offsetof(type, field), .size = sizeof(((type *)0)->field)
#define CLI_OFFSET_(type, field, is)                                                                         \
    (offsetof(type, field) + 0 * sizeof(char[sizeof(((type *)0)->field) == sizeof(is) ? 1 : -1]))

#define CLI_FLAG(type, field) {.kind = CLI_VALUE_FLAG, .offset = CLI_OFFSET_(type, field, bool)}
#define CLI_CONSTANT(type, field, value_)                                                                    \
    {.kind = CLI_VALUE_CONSTANT, .offset = CLI_OFFSET_(type, field, int), .max = (value_)}
#define CLI_TEXT(type, field) {.kind = CLI_VALUE_TEXT, .offset = CLI_OFFSET_(type, field, char *)}
#define CLI_LIST(type, field, count_)                                                                        \
    {.kind = CLI_VALUE_LIST,                                                                                 \
     .offset = offsetof(type, field),                                                                        \
     .count = CLI_OFFSET_(type, count_, uint32_t),                                                           \
     .max = sizeof(((type *)0)->field) / sizeof(char *)}
#define CLI_UINT(type, field, min_, max_)                                                                    \
    {.kind = CLI_VALUE_UINT, CLI_FIELD_(type, field), .min = (min_), .max = (max_)}
#define CLI_UINT_GIVEN(type, field, given_, min_, max_)                                                      \
    {.kind = CLI_VALUE_UINT,                                                                                 \
     CLI_FIELD_(type, field),                                                                                \
     .given = CLI_OFFSET_(type, given_, bool),                                                               \
     .min = (min_),                                                                                          \
     .max = (max_)}
#define CLI_RANGE(type, field)                                                                               \
    {.kind = CLI_VALUE_RANGE, .offset = CLI_OFFSET_(type, field, struct cli_range)}
#define CLI_CHOICE(type, field, names_, count_)                                                              \
    {.kind = CLI_VALUE_CHOICE,                                                                               \
     .offset = CLI_OFFSET_(type, field, int),                                                                \
     .max = (count_),                                                                                        \
     .names = (names_)}
#define CLI_CHOICE_GIVEN(type, field, given_, names_, count_)                                                \
    {.kind = CLI_VALUE_CHOICE,                                                                               \
     .offset = CLI_OFFSET_(type, field, int),                                                                \
     .given = CLI_OFFSET_(type, given_, bool),                                                               \
     .max = (count_),                                                                                        \
     .names = (names_)}
#define CLI_TEXT_OR_JSON(type, field) CLI_CHOICE(type, field, cli_format_names, CLI_FORMAT_JSON + 1)
#define CLI_TEXT_JSON_OR_CSV(type, field) CLI_CHOICE(type, field, cli_format_names, CLI_FORMAT_COUNT)
#define CLI_PARSED(parse_) {.kind = CLI_VALUE_PARSED, .parse = (parse_)}

#define CLI_HELP {"help", 'h', NULL, "this text", {.kind = CLI_VALUE_HELP}}
#define CLI_END {NULL, 0, NULL, NULL, {.kind = CLI_VALUE_HELP}}

struct cli_command {
    const char *name;  /* "trace info": in messages */
    const char *usage; /* of the help text, before the options */
    const struct cli_option *option; /* ends with CLI_END */
    int least, most;   /* operands */
    const char *missing, *surplus; /* messages when there are fewer, or more; NULL for most = 0 */
};

/* Parses options and counts operands, which then are argv[optind] .. argv[argc - 1]. False when the command
 * line was wrong (a message is printed) or help was asked for (it is printed): the command ends with *code.
 */
bool cli_command_line(const struct cli_command *command, int argc, char **argv, void *request, int *code);

/* Its two halves, for commands whose help depends on the rest of the command line. The first returns an exit
 * code, and whether help was asked for; then operands need not be judged. */
int cli_command_options(const struct cli_command *command, int argc, char **argv, void *request, bool *help);
int cli_command_operands(const struct cli_command *command, int argc, char **argv);

/* Prints usage and options. */
void cli_command_help(const struct cli_command *command, FILE *out);

/* Prints the options, aligned. */
void cli_options_help(const struct cli_option *options, FILE *out);

#endif

/* SPDX-License-Identifier: MIT
 *
 * Command lines; see options.h.
 */
#include "sim/cli/options.h"

#include <assert.h>
#include <string.h>

#define CLI_OPTIONS_MAX 32
#define HELP_COLUMN 26

static int answer(const struct cli_option *options, int index) {
    return options[index].letter != 0 ? options[index].letter : 256 + index;
}

/* Fills the tables of getopt_long. */
static void getopt_tables(const struct cli_option *options, struct option longs[CLI_OPTIONS_MAX + 1],
                          char letters[2 * CLI_OPTIONS_MAX + 2]) {
    int count = 0;
    char *letter = letters;
    *letter++ = ':';
    for (; options[count].name != NULL; count++) {
        assert(count < CLI_OPTIONS_MAX);
        const struct cli_option *o = &options[count];
        longs[count] = (struct option){
            .name = o->name,
            .has_arg = o->argument != NULL ? required_argument : no_argument,
            .val = answer(options, count),
        };
        if (o->letter != 0)
            *letter++ = o->letter;
        if (o->letter != 0 && o->argument != NULL)
            *letter++ = ':';
    }
    longs[count] = (struct option){0};
    *letter = '\0';
}

static const struct cli_option *find(const struct cli_option *options, int given) {
    for (int i = 0; options[i].name != NULL; i++)
        if (answer(options, i) == given)
            return &options[i];
    return NULL;
}

static void print_help_text(const char *help, FILE *out) {
    for (const char *c = help; *c != '\0'; c++) {
        fputc(*c, out);
        if (*c == '\n')
            fprintf(out, "%*s", HELP_COLUMN, "");
    }
    fputc('\n', out);
}

void cli_options_help(const struct cli_option *options, FILE *out) {
    for (const struct cli_option *o = options; o->name != NULL; o++) {
        char left[64];
        const char *separator = o->argument != NULL ? " " : "",
                   *argument = o->argument != NULL ? o->argument : "";
        int length =
            o->letter != 0
                ? snprintf(left, sizeof left, "  -%c, --%s%s%s", o->letter, o->name, separator, argument)
                : snprintf(left, sizeof left, "      --%s%s%s", o->name, separator, argument);
        if (length >= HELP_COLUMN)
            fprintf(out, "%s\n%*s", left, HELP_COLUMN, "");
        else
            fprintf(out, "%-*s", HELP_COLUMN, left);
        print_help_text(o->help, out);
    }
}

/* ---- values ------------------------------------------------------------------------------------- */

static int store_uint(const char *command, const struct cli_option *o, void *field, const char *text) {
    const struct cli_value *v = &o->value;
    unsigned long long min = v->min, max = v->max;
    uint64_t number;
    bool bounded = max < INT64_MAX / 4;
    if (!cli_parse_uint(text, min, max, &number)) {
        if (bounded)
            return cli_usage(command, "--%s takes a number from %llu to %llu, not '%s'", o->name, min, max,
                             text);
        if (min > 0)
            return cli_usage(command, "--%s takes a number from %llu, not '%s'", o->name, min, text);
        return cli_usage(command, "--%s takes a number, not '%s'", o->name, text);
    }
    assert(v->size == sizeof(uint64_t) || (v->size == sizeof(uint32_t) && max <= UINT32_MAX));
    if (v->size == sizeof(uint64_t))
        memcpy(field, &number, sizeof number);
    else
        memcpy(field, &(uint32_t){(uint32_t)number}, sizeof(uint32_t));
    return SIM_EXIT_OK;
}

static int store_choice(const char *command, const struct cli_option *o, void *field, const char *text) {
    const struct cli_value *v = &o->value;
    char names[256] = "";
    size_t length = 0;
    for (int i = 0; i < (int)v->max; i++) {
        if (strcmp(v->names[i], text) == 0) {
            memcpy(field, &i, sizeof i);
            return SIM_EXIT_OK;
        }
        const char *separator = i == 0 ? "" : i + 1 < (int)v->max ? ", " : " or ";
        length += (size_t)snprintf(names + length, sizeof names - length, "%s%s", separator, v->names[i]);
        assert(length < sizeof names);
    }
    return cli_usage(command, "--%s takes %s, not '%s'", o->name, names, text);
}

static int store_item(const char *command, const struct cli_option *o, void *request, const char *text) {
    const char **item = (const char **)(void *)((char *)request + o->value.offset);
    uint32_t *count = (uint32_t *)(void *)((char *)request + o->value.count);
    if (*count == o->value.max)
        return cli_usage(command, "more than %u --%s", *count, o->name);
    item[(*count)++] = text;
    return SIM_EXIT_OK;
}

static int store(const char *command, const struct cli_option *o, void *request, char *text) {
    const struct cli_value *v = &o->value;
    void *field = (char *)request + v->offset;
    if (v->given != 0)
        *(bool *)((char *)request + v->given) = true;
    switch (v->kind) {
    case CLI_VALUE_FLAG:
        *(bool *)field = true;
        break;
    case CLI_VALUE_CONSTANT:
        memcpy(field, &(int){(int)v->max}, sizeof(int));
        break;
    case CLI_VALUE_TEXT:
        *(const char **)field = text;
        break;
    case CLI_VALUE_LIST:
        return store_item(command, o, request, text);
    case CLI_VALUE_UINT:
        return store_uint(command, o, field, text);
    case CLI_VALUE_RANGE:
        if (!cli_parse_range(text, field))
            return cli_usage(command, "--%s takes N or a:b, not '%s'", o->name, text);
        break;
    case CLI_VALUE_CHOICE:
        return store_choice(command, o, field, text);
    case CLI_VALUE_PARSED:
        return v->parse(request, text);
    case CLI_VALUE_HELP:
        break;
    }
    return SIM_EXIT_OK;
}

/* ---- the whole line ----------------------------------------------------------------------------- */

int cli_command_options(const struct cli_command *command, int argc, char **argv, void *request, bool *help) {
    struct option longs[CLI_OPTIONS_MAX + 1];
    char letters[2 * CLI_OPTIONS_MAX + 2];
    getopt_tables(command->option, longs, letters);
    cli_getopt_reset();
    *help = false;
    for (int given; (given = getopt_long(argc, argv, letters, longs, NULL)) != -1;) {
        const struct cli_option *option = find(command->option, given);
        if (option == NULL)
            return cli_usage_getopt(command->name, argv, given);
        *help |= option->value.kind == CLI_VALUE_HELP;
        int code = store(command->name, option, request, optarg);
        if (code != SIM_EXIT_OK)
            return code;
    }
    return SIM_EXIT_OK;
}

int cli_command_operands(const struct cli_command *command, int argc, char **argv) {
    int operands = argc - optind;
    if (operands < command->least)
        return cli_usage(command->name, "%s", command->missing);
    if (operands > command->most && command->most == 0)
        return cli_usage(command->name, "'%s' is no option", argv[optind]);
    if (operands > command->most)
        return cli_usage(command->name, "%s", command->surplus);
    return SIM_EXIT_OK;
}

void cli_command_help(const struct cli_command *command, FILE *out) {
    fputs(command->usage, out);
    cli_options_help(command->option, out);
}

bool cli_command_line(const struct cli_command *command, int argc, char **argv, void *request, int *code) {
    bool help;
    *code = cli_command_options(command, argc, argv, request, &help);
    if (*code == SIM_EXIT_OK && help) {
        cli_command_help(command, stdout);
        *code = cli_flush(command->name, SIM_EXIT_OK);
        return false;
    }
    if (*code == SIM_EXIT_OK)
        *code = cli_command_operands(command, argc, argv);
    return *code == SIM_EXIT_OK;
}

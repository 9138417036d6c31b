/* SPDX-License-Identifier: MIT
 *
 * Option tables; see options.h.
 */
#include "sim/cli/options.h"

#include <assert.h>
#include <string.h>

#define HELP_COLUMN 26

static int answer(const struct cli_option *options, int index) {
    return options[index].letter != 0 ? options[index].letter : 256 + index;
}

void cli_options_getopt(const struct cli_option *options, struct option longs[CLI_OPTIONS_MAX + 1],
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

const char *cli_options_name(const struct cli_option *options, int given) {
    for (int i = 0; options[i].name != NULL; i++)
        if (answer(options, i) == given)
            return options[i].name;
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

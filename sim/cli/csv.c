/* SPDX-License-Identifier: MIT
 *
 * Lists of unsigned numbers as CSV; see csv.h.
 */
#include "sim/cli/csv.h"

#include <errno.h>
#include <string.h>

#define LINE_BYTES 256

bool cli_csv_open(struct cli_csv *csv, const char *path, const char *heading, struct sim_err *err) {
    *csv = (struct cli_csv){.path = path, .heading = heading, .fields = 1};
    for (const char *c = heading; *c != '\0'; c++)
        csv->fields += *c == ',';
    if (strcmp(path, "-") == 0) {
        csv->path = "(standard input)";
        csv->file = stdin;
        return true;
    }
    csv->file = fopen(path, "r");
    struct sim_where where = {.file = path};
    return csv->file != NULL || sim_err_add(err, SIM_EXIT_IO, &where, "cannot open: %s", strerror(errno));
}

void cli_csv_close(struct cli_csv *csv) {
    if (csv->file != NULL && csv->file != stdin)
        fclose(csv->file);
    csv->file = NULL;
}

bool cli_csv_fault(const struct cli_csv *csv, int field, struct sim_err *err, const char *format, ...) {
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    struct sim_where where = {.file = csv->path, .line = csv->line, .column = csv->column[field]};
    return sim_err_add(err, SIM_EXIT_CONFIG, &where, "%s", text);
}

enum line {
    LINE_READ,
    LINE_TOO_LONG, /* the rest has been skipped */
    LINE_END,      /* of the file */
    LINE_FAILED
};

/* The next line without its end. */
static enum line read_line(FILE *file, char *buffer, size_t *length) {
    size_t used = 0;
    bool too_long = false;
    int c;
    while ((c = getc_unlocked(file)) != EOF && c != '\n') {
        if (used < LINE_BYTES)
            buffer[used++] = (char)c;
        else
            too_long = true;
    }
    if (c == EOF && ferror(file))
        return LINE_FAILED;
    if (c == EOF && used == 0)
        return LINE_END;
    if (used > 0 && buffer[used - 1] == '\r')
        used--;
    *length = used;
    return too_long ? LINE_TOO_LONG : LINE_READ;
}

/* "timestep is missing: a line is sample,layer,timestep,neuron". */
static bool field_fault(const struct cli_csv *csv, int field, struct sim_err *err, const char *fault) {
    const char *name = csv->heading;
    for (int i = 0; i < field; i++)
        name = strchr(name, ',') + 1;
    return cli_csv_fault(csv, field, err, "%.*s %s: a line is %s", (int)strcspn(name, ","), name, fault,
                         csv->heading);
}

/* Digits from *at on. */
static bool parse_digits(const char *line, size_t length, size_t *at, uint64_t *value) {
    *value = 0;
    for (; *at < length && line[*at] >= '0' && line[*at] <= '9'; ++*at) {
        uint64_t digit = (uint64_t)(line[*at] - '0');
        if (*value > (UINT64_MAX - digit) / 10)
            return false;
        *value = *value * 10 + digit;
    }
    return true;
}

static bool parse_line(struct cli_csv *csv, const char *line, size_t length, uint64_t *field,
                       struct sim_err *err) {
    size_t at = 0;
    for (int i = 0; i < csv->fields; i++, at++) {
        size_t first = at;
        bool last = i + 1 == csv->fields;
        csv->column[i] = (int)at + 1;
        if (first >= length)
            return field_fault(csv, i, err, "is missing");
        if (!parse_digits(line, length, &at, &field[i]))
            return field_fault(csv, i, err, "is too large");
        if (at == first || (at < length && line[at] != ','))
            return field_fault(csv, i, err, "is not a whole number");
        if (last && at < length)
            return field_fault(csv, i, err, "is not the last number");
    }
    return true;
}

bool cli_csv_row(struct cli_csv *csv, uint64_t *field, bool *end, struct sim_err *err) {
    char line[LINE_BYTES];
    size_t length = 0;
    bool ok = true;
    *end = false;
    while (!sim_err_full(err)) {
        enum line result = read_line(csv->file, line, &length);
        csv->line++;
        memset(csv->column, 0, sizeof csv->column);
        if (result == LINE_END)
            break;
        if (result == LINE_FAILED) {
            struct sim_where where = {.file = csv->path};
            ok = sim_err_add(err, SIM_EXIT_IO, &where, "cannot read: %s", strerror(errno));
            break;
        }
        if (result == LINE_TOO_LONG) {
            ok = cli_csv_fault(csv, 0, err, "the line is longer than %d bytes", LINE_BYTES);
            continue;
        }
        bool heading =
            csv->line == 1 && length == strlen(csv->heading) && memcmp(line, csv->heading, length) == 0;
        if (length == 0 || heading)
            continue;
        if (parse_line(csv, line, length, field, err))
            return ok;
        ok = false;
    }
    *end = true;
    return ok;
}

/* SPDX-License-Identifier: MIT
 *
 * Rows of a query in three formats; see sim/base/rows.h.
 */
#include "sim/cli/rows.h"

#include "sim/base/table.h"
#include "sim/config/quantity.h"

#include <jansson.h>
#include <math.h>
#include <sqlite3.h>
#include <string.h>

/* ---- text ------------------------------------------------------------------------------------- */

struct suffix {
    const char *text;
    enum sim_unit unit;
};

static const struct suffix suffixes[] = {
    {"_j", SIM_UNIT_JOULE}, {"_w", SIM_UNIT_WATT},   {"_s", SIM_UNIT_SECOND},
    {"_v", SIM_UNIT_VOLT},  {"_hz", SIM_UNIT_HERTZ},
};

/* The unit that a column's name ends with, and how long the name is without it. */
static enum sim_unit unit_of(const char *name, int *length) {
    size_t n = strlen(name);
    *length = (int)n;
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        size_t m = strlen(suffixes[i].text);
        if (n > m && strcmp(name + n - m, suffixes[i].text) == 0) {
            *length = (int)(n - m);
            return suffixes[i].unit;
        }
    }
    return SIM_UNIT_NONE;
}

static void text_cell(struct sim_table *table, sqlite3_stmt *rows, int column) {
    int length;
    enum sim_unit unit = unit_of(sqlite3_column_name(rows, column), &length);
    char quantity[SIM_QUANTITY_SIZE];
    switch (sqlite3_column_type(rows, column)) {
    case SQLITE_NULL:
        sim_table_cell(table, "-");
        break;
    case SQLITE_FLOAT:
        if (unit == SIM_UNIT_NONE)
            sim_table_cell(table, "%.4g", sqlite3_column_double(rows, column));
        else
            sim_table_cell(table, "%s",
                           sim_quantity_format(quantity, sizeof quantity,
                                               sqlite3_column_double(rows, column), unit));
        break;
    case SQLITE_BLOB:
        sim_table_cell(table, "(%d bytes)", sqlite3_column_bytes(rows, column));
        break;
    default:
        sim_table_cell(table, "%s", (const char *)sqlite3_column_text(rows, column));
    }
}

static void text_heading(struct sim_table *table, sqlite3_stmt *rows, int column, bool number) {
    int length;
    const char *name = sqlite3_column_name(rows, column);
    unit_of(name, &length);
    char heading[128];
    snprintf(heading, sizeof heading, "%.*s", length, name);
    sim_table_column(table, heading, number ? SIM_TABLE_RIGHT : SIM_TABLE_LEFT);
}

static bool print_text(sqlite3_stmt *rows, FILE *out) {
    struct sim_table table;
    sim_table_init(&table);
    int columns = sqlite3_column_count(rows), code = sqlite3_step(rows);
    if (columns > SIM_TABLE_COLUMNS_MAX)
        columns = SIM_TABLE_COLUMNS_MAX;
    for (int column = 0; column < columns; column++)
        text_heading(&table, rows, column,
                     code == SQLITE_ROW && sqlite3_column_type(rows, column) != SQLITE_TEXT);
    for (; code == SQLITE_ROW; code = sqlite3_step(rows))
        for (int column = 0; column < columns; column++)
            text_cell(&table, rows, column);
    if (code == SQLITE_DONE)
        sim_table_print(&table, 0, out);
    sim_table_release(&table);
    return code == SQLITE_DONE;
}

/* ---- JSON ------------------------------------------------------------------------------------- */

static json_t *json_cell(sqlite3_stmt *rows, int column) {
    switch (sqlite3_column_type(rows, column)) {
    case SQLITE_INTEGER:
        return json_integer(sqlite3_column_int64(rows, column));
    case SQLITE_FLOAT: {
        double value = sqlite3_column_double(rows, column);
        return isfinite(value) ? json_real(value) : json_null();
    }
    case SQLITE_TEXT: {
        json_t *text = json_string((const char *)sqlite3_column_text(rows, column));
        return text != NULL ? text : json_null(); /* not UTF-8 */
    }
    default:
        return json_null();
    }
}

static bool print_json(sqlite3_stmt *rows, FILE *out) {
    int code;
    const char *separator = "[\n  ";
    while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
        json_t *object = json_object();
        for (int column = 0; column < sqlite3_column_count(rows); column++)
            json_object_set_new(object, sqlite3_column_name(rows, column), json_cell(rows, column));
        fputs(separator, out);
        json_dumpf(object, out, JSON_PRESERVE_ORDER);
        json_decref(object);
        separator = ",\n  ";
    }
    fputs(separator[0] == '[' ? "[]\n" : "\n]\n", out);
    return code == SQLITE_DONE;
}

/* ---- CSV -------------------------------------------------------------------------------------- */

static void csv_field(const char *text, FILE *out) {
    if (strpbrk(text, ",\"\r\n") == NULL) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static void csv_cell(sqlite3_stmt *rows, int column, FILE *out) {
    if (sqlite3_column_type(rows, column) == SQLITE_FLOAT)
        fprintf(out, "%.17g", sqlite3_column_double(rows, column));
    else if (sqlite3_column_type(rows, column) != SQLITE_NULL)
        csv_field((const char *)sqlite3_column_text(rows, column), out);
}

static bool print_csv(sqlite3_stmt *rows, FILE *out) {
    int code, columns = sqlite3_column_count(rows);
    for (int column = 0; column < columns; column++) {
        csv_field(sqlite3_column_name(rows, column), out);
        fputs(column + 1 < columns ? "," : "\r\n", out);
    }
    while ((code = sqlite3_step(rows)) == SQLITE_ROW)
        for (int column = 0; column < columns; column++) {
            csv_cell(rows, column, out);
            fputs(column + 1 < columns ? "," : "\r\n", out);
        }
    return code == SQLITE_DONE;
}

bool cli_print_rows(sqlite3_stmt *rows, enum cli_format format, FILE *out) {
    switch (format) {
    case CLI_FORMAT_JSON:
        return print_json(rows, out);
    case CLI_FORMAT_CSV:
        return print_csv(rows, out);
    default:
        return print_text(rows, out);
    }
}

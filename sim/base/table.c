/* SPDX-License-Identifier: MIT
 *
 * Aligned text tables; see table.h.
 */
#define _GNU_SOURCE /* vasprintf */
#include "sim/base/table.h"

#include "sim/base/memory.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void sim_table_init(struct sim_table *table) { *table = (struct sim_table){0}; }

void sim_table_release(struct sim_table *table) {
    for (size_t i = 0; i < table->cells; i++)
        free(table->cell[i]);
    free(table->cell);
    sim_table_init(table);
}

/* Takes the string. */
static void append(struct sim_table *table, char *text) {
    for (char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    if (table->cells == table->capacity) {
        table->capacity = table->capacity == 0 ? 64 : 2 * table->capacity;
        table->cell = realloc(table->cell, table->capacity * sizeof *table->cell);
        if (table->cell == NULL)
            sim_memory_exhausted(NULL);
    }
    table->cell[table->cells++] = text;
}

void sim_table_column(struct sim_table *table, const char *heading, enum sim_table_align align) {
    assert(table->cells == table->columns && table->columns < SIM_TABLE_COLUMNS_MAX);
    char *text = strdup(heading);
    if (text == NULL)
        sim_memory_exhausted(NULL);
    table->align[table->columns++] = align;
    append(table, text);
}

void sim_table_cell(struct sim_table *table, const char *format, ...) {
    assert(table->columns > 0);
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0)
        sim_memory_exhausted(NULL);
    append(table, text);
}

/* Code points of UTF-8 text: every byte that does not continue one. */
static int width_of(const char *text) {
    int width = 0;
    for (; *text != '\0'; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

/* One line; `cell` NULL prints the rule. Blanks are held back until something follows them. */
static void print_line(const struct sim_table *table, char *const *cell, const int *width, int indent,
                       FILE *out) {
    int blanks = indent;
    for (uint32_t column = 0; column < table->columns; column++) {
        if (cell == NULL) {
            fprintf(out, "%*s", blanks, "");
            for (int i = 0; i < width[column]; i++)
                fputc('-', out);
            blanks = 2;
            continue;
        }
        int pad = width[column] - width_of(cell[column]);
        if (table->align[column] == SIM_TABLE_RIGHT)
            blanks += pad;
        if (cell[column][0] != '\0') {
            fprintf(out, "%*s%s", blanks, "", cell[column]);
            blanks = 0;
        }
        blanks += 2 + (table->align[column] == SIM_TABLE_LEFT ? pad : 0);
    }
    fputc('\n', out);
}

void sim_table_print(const struct sim_table *table, int indent, FILE *out) {
    if (table->columns == 0)
        return;
    assert(table->cells % table->columns == 0);
    int width[SIM_TABLE_COLUMNS_MAX] = {0};
    for (size_t i = 0; i < table->cells; i++) {
        int needed = width_of(table->cell[i]);
        if (needed > width[i % table->columns])
            width[i % table->columns] = needed;
    }
    for (size_t i = 0; i < table->cells; i += table->columns) {
        print_line(table, &table->cell[i], width, indent, out);
        if (i == 0)
            print_line(table, NULL, width, indent, out);
    }
}

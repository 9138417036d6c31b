/* SPDX-License-Identifier: MIT
 *
 * Collected user errors; see err.h. Messages are heap strings owned by the list.
 */
#define _GNU_SOURCE /* vasprintf */
#include "sim/base/err.h"

#include "sim/base/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define WORD_MAX 63 /* longest word a suggestion is sought for */

void sim_err_init(struct sim_err *err) { *err = (struct sim_err){.code = SIM_EXIT_OK}; }

void sim_err_release(struct sim_err *err) {
    for (int i = 0; i < err->count; i++)
        free(err->message[i]);
    sim_err_init(err);
}

static char *format_place(const struct sim_where *where) {
    char *place = NULL;
    int length;
    if (where == NULL || where->file == NULL)
        length = asprintf(&place, "%s", "");
    else if (where->line <= 0)
        length = asprintf(&place, "%s: ", where->file);
    else if (where->column <= 0)
        length = asprintf(&place, "%s:%d: ", where->file, where->line);
    else
        length = asprintf(&place, "%s:%d:%d: ", where->file, where->line, where->column);
    if (length < 0)
        sim_memory_exhausted(NULL);
    return place;
}

static void hide_control_characters(char *text) {
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = '?';
}

bool sim_err_add(struct sim_err *err, enum sim_exit code, const struct sim_where *where,
                 const char *format, ...) {
    assert(code != SIM_EXIT_OK);
    if (err->code == SIM_EXIT_OK)
        err->code = code;
    if (err->count == SIM_ERR_MAX) {
        err->dropped++;
        return false;
    }
    va_list arguments;
    va_start(arguments, format);
    char *text = NULL;
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0)
        sim_memory_exhausted(NULL);
    char *place = format_place(where), *message = NULL;
    if (asprintf(&message, "%s%s", place, text) < 0)
        sim_memory_exhausted(NULL);
    free(place);
    free(text);
    hide_control_characters(message);
    err->message[err->count++] = message;
    return false;
}

bool sim_err_full(const struct sim_err *err) { return err->count == SIM_ERR_MAX; }

void sim_err_print(const struct sim_err *err, FILE *out) {
    for (int i = 0; i < err->count; i++)
        fprintf(out, "nocsim: %s\n", err->message[i]);
    if (err->dropped > 0)
        fprintf(out, "nocsim: and %d more\n", err->dropped);
}

/* Restricted Damerau-Levenshtein distance: a swap of two neighbours is one edit. */
static size_t distance(const char *a, const char *b) {
    size_t la = strlen(a), lb = strlen(b);
    if (la > WORD_MAX || lb > WORD_MAX)
        return SIZE_MAX;
    size_t row[3][WORD_MAX + 1];
    for (size_t j = 0; j <= lb; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= la; i++) {
        size_t *now = row[i % 3], *last = row[(i + 2) % 3], *older = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);
            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                older[j - 2] + 1 < best)
                best = older[j - 2] + 1;
            now[j] = best;
        }
    }
    return row[la % 3][lb];
}

const char *sim_err_nearest(const char *word, const char *const *candidates, size_t count) {
    const char *nearest = NULL;
    size_t length = strlen(word), tolerated = length < 2 ? 0 : length < 6 ? 1 : length / 3;
    size_t best = tolerated + 1;
    for (size_t i = 0; i < count; i++) {
        size_t d = distance(word, candidates[i]);
        if (d < best) {
            best = d;
            nearest = candidates[i];
        }
    }
    return nearest;
}

const char *sim_err_suggest(char buffer[SIM_SUGGEST_SIZE], const char *nearest) {
    buffer[0] = '\0';
    if (nearest != NULL)
        snprintf(buffer, SIM_SUGGEST_SIZE, " (did you mean '%.230s'?)", nearest);
    return buffer;
}

/* SPDX-License-Identifier: MIT
 *
 * Splits sim/record/queries.sql into its queries; see queries.h.
 */
#include "sim/record/queries.h"

#include "sim/base/heap.h"
#include "sim/base/sql.h"

#include <string.h>

static const char marker[] = "\n-- name: ";

/* Joins the comment lines at the head of the text and returns what follows them. */
static const char *split_help(const char *text, char *help) {
    help[0] = '\0';
    while (strncmp(text, "-- ", 3) == 0) {
        size_t length = strcspn(text, "\n");
        if (help[0] != '\0')
            strcat(help, " ");
        strncat(help, text + 3, length - 3);
        text += length + (text[length] == '\n');
    }
    return text;
}

static struct sim_query parse(const char *begin, const char *end) {
    size_t name = strcspn(begin, "\n");
    struct sim_query query = {.name = sim_heap_must(strndup(begin, name)),
                              .help = sim_heap_must(malloc((size_t)(end - begin) + 1))};
    const char *sql = split_help(begin + name + 1, query.help);
    query.sql = sim_heap_must(strndup(sql, (size_t)(end - sql)));
    for (size_t n = strlen(query.sql); n > 0 && strchr("; \n", query.sql[n - 1]) != NULL; n--)
        query.sql[n - 1] = '\0';
    return query;
}

void sim_queries_init(struct sim_queries *queries) {
    *queries = (struct sim_queries){.query = NULL};
    uint32_t capacity = 0;
    for (const char *at = strstr(sim_queries_sql, marker), *next; at != NULL; at = next) {
        at += sizeof marker - 1;
        next = strstr(at, marker);
        const char *end = next == NULL ? at + strlen(at) : next;
        queries->query = sim_heap_grow(queries->query, queries->count, &capacity, sizeof *queries->query);
        queries->query[queries->count++] = parse(at, end);
    }
}

void sim_queries_release(struct sim_queries *queries) {
    for (uint32_t i = 0; i < queries->count; i++) {
        free(queries->query[i].name);
        free(queries->query[i].help);
        free(queries->query[i].sql);
    }
    free(queries->query);
}

const struct sim_query *sim_queries_find(const struct sim_queries *queries, const char *name) {
    for (uint32_t i = 0; i < queries->count; i++)
        if (strcmp(queries->query[i].name, name) == 0)
            return &queries->query[i];
    return NULL;
}

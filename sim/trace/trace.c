/* SPDX-License-Identifier: MIT
 *
 * Opening and closing a trace; see trace.h. What is read here is small: meta data, graph, and the
 * first and last keys of the sample and spike tables.
 */
#include "sim/trace/trace.h"

#include "sim/trace/reader.h"

#include <stdlib.h>
#include <string.h>

/* A decimal number within min..max, digits only. */
static bool parse_number(const char *text, uint32_t min, uint32_t max, uint32_t *value) {
    uint64_t number = 0;
    size_t length = strlen(text);
    if (length == 0 || length > 10)
        return false;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c < '0' || *c > '9')
            return false;
        number = number * 10 + (uint64_t)(*c - '0');
    }
    if (number < min || number > max)
        return false;
    *value = (uint32_t)number;
    return true;
}

static int compare_meta(const void *a, const void *b) {
    return strcmp(((const struct sim_trace_meta *)a)->key, ((const struct sim_trace_meta *)b)->key);
}

/* A number of 1 .. max under a key that must be there. */
static bool settle_number(const struct sim_trace *trace, const char *key, uint32_t max, uint32_t *number,
                          struct sim_err *err) {
    const struct sim_trace_db *db = &trace->reader->db;
    const char *value = sim_trace_meta(trace, key);
    if (value == NULL)
        return sim_trace_db_fault(db, err, "no meta(%s), and there is meta(window)", key);
    return parse_number(value, 1, max, number) ||
           sim_trace_db_fault(db, err, "meta(%s): '%.64s' is not a number of 1..%u", key, value, max);
}

/* Token windows are numbers of the graph; the keys stay among the pairs. Without "window" there are none, and
 * "tokens" is free text. */
static bool settle_windows(struct sim_trace *trace, struct sim_err *err) {
    const struct sim_trace_db *db = &trace->reader->db;
    struct sim_graph *graph = &trace->graph;
    if (sim_trace_meta(trace, "window") == NULL)
        return true;
    if (!settle_number(trace, "window", trace->timesteps, &graph->window, err) ||
        !settle_number(trace, "tokens", trace->timesteps, &graph->tokens, err))
        return false;
    if (trace->timesteps % graph->window != 0)
        return sim_trace_db_fault(db, err, "meta(window): %u timesteps are not a multiple of windows of %u",
                                  trace->timesteps, graph->window);
    graph->windows = trace->timesteps / graph->window;
    return graph->tokens <= graph->windows ||
           sim_trace_db_fault(db, err, "meta(tokens): %u tokens in %u windows", graph->tokens,
                              graph->windows);
}

/* Sorted pairs without "timesteps", which becomes a number. */
static bool settle_meta(struct sim_trace *trace, struct sim_trace_meta *pair, uint32_t pairs,
                        struct sim_err *err) {
    const struct sim_trace_db *db = &trace->reader->db;
    qsort(pair, pairs, sizeof *pair, compare_meta);
    bool given = false;
    for (uint32_t i = 0; i < pairs; i++) {
        if (i > 0 && strcmp(pair[i - 1].key, pair[i].key) == 0)
            return sim_trace_db_fault(db, err, "meta(%s) is given twice", pair[i].key);
        if (strcmp(pair[i].key, "timesteps") != 0)
            continue;
        given = true;
        if (!parse_number(pair[i].value, 1, SIM_TRACE_TIMESTEPS_MAX, &trace->timesteps))
            return sim_trace_db_fault(db, err, "meta(timesteps): '%.64s' is not a number of 1..%u",
                                      pair[i].value, SIM_TRACE_TIMESTEPS_MAX);
    }
    if (!given)
        return sim_trace_db_fault(db, err, "no meta(timesteps)");
    struct sim_trace_meta *free_pair = SIM_NEW_ARRAY(&trace->graph.arena, struct sim_trace_meta, pairs);
    for (uint32_t i = 0; i < pairs; i++)
        if (strcmp(pair[i].key, "timesteps") != 0)
            free_pair[trace->metas++] = pair[i];
    trace->meta = free_pair;
    return settle_windows(trace, err);
}

static bool read_meta(struct sim_trace *trace, struct sim_err *err) {
    struct sim_trace_db *db = &trace->reader->db;
    struct sim_arena *arena = &trace->graph.arena;
    sqlite3_stmt *row = sim_trace_db_prepare(db, "SELECT key, value FROM main.meta", err);
    if (row == NULL)
        return false;
    struct sim_trace_meta *pair = calloc(SIM_TRACE_META_MAX, sizeof *pair);
    bool ok = pair != NULL || sim_trace_db_fault(db, err, "meta: out of memory");
    uint32_t pairs = 0;
    enum sim_trace_step step = SIM_TRACE_STEP_DONE;
    while (ok && (step = sim_trace_db_step(db, row, err, "meta")) == SIM_TRACE_STEP_ROW) {
        if (pairs == SIM_TRACE_META_MAX) {
            ok = sim_trace_db_fault(db, err, "meta: more than %u pairs", SIM_TRACE_META_MAX);
            break;
        }
        struct sim_trace_meta *next = &pair[pairs];
        ok = sim_trace_text(db, row, 0, false, SIM_TRACE_META_BYTES_MAX, arena, &next->key, "meta", "key",
                            err);
        if (!ok)
            break;
        char what[96];
        snprintf(what, sizeof what, "meta(%.64s)", next->key);
        ok = sim_trace_text(db, row, 1, false, SIM_TRACE_META_BYTES_MAX, arena, &next->value, what, "value",
                            err);
        pairs++;
    }
    sqlite3_finalize(row);
    ok = ok && step != SIM_TRACE_STEP_FAULT && settle_meta(trace, pair, pairs, err);
    free(pair);
    return ok;
}

/* The first or last key of a table, with the SELECT that finds it; *found is false for no rows. */
static bool read_key(struct sim_trace *trace, const char *sql, const char *what, int64_t max, bool *found,
                     int64_t *value, struct sim_err *err) {
    struct sim_trace_db *db = &trace->reader->db;
    sqlite3_stmt *row = sim_trace_db_prepare(db, sql, err);
    if (row == NULL)
        return false;
    enum sim_trace_step step = sim_trace_db_step(db, row, err, "%s", what);
    *found = step == SIM_TRACE_STEP_ROW;
    bool ok = step == SIM_TRACE_STEP_DONE ||
              (*found && sim_trace_integer(db, row, 0, 0, max, value, what, "sample", err));
    sqlite3_finalize(row);
    return ok;
}

/* Samples are numbered 0, 1, ...: their number is the last key plus one. That none is missing between is
 * found when it is read, or by sim_trace_check. */
static bool read_extent(struct sim_trace *trace, struct sim_err *err) {
    int64_t first = 0, last = -1;
    bool found;
    if (!read_key(trace, "SELECT sample FROM main.sample ORDER BY sample LIMIT 1", "sample",
                  SIM_TRACE_SAMPLES_MAX - 1, &found, &first, err) ||
        !read_key(trace, "SELECT sample FROM main.sample ORDER BY sample DESC LIMIT 1", "sample",
                  SIM_TRACE_SAMPLES_MAX - 1, &found, &last, err))
        return false;
    if (!found)
        return sim_trace_db_fault(&trace->reader->db, err, "no samples");
    if (first != 0)
        return sim_trace_db_fault(&trace->reader->db, err,
                                  "sample(%lld): samples are numbered 0, 1, ...: 0 is missing",
                                  (long long)first);
    trace->samples = (uint64_t)(last + 1);
    return read_key(trace, "SELECT sample FROM main.spike ORDER BY sample LIMIT 1", "spike", last, &found,
                    &first, err) &&
           read_key(trace, "SELECT sample FROM main.spike ORDER BY sample DESC LIMIT 1", "spike", last,
                    &found, &last, err);
}

static bool check_trains(const struct sim_trace *trace, struct sim_err *err) {
    for (uint32_t i = 0; i < trace->graph.layers; i++)
        if (sim_trace_words(trace, i) * sizeof(uint64_t) > SIM_TRACE_TRAIN_MAX)
            return sim_trace_db_fault(
                &trace->reader->db, err,
                "layer(%u '%s'): %u timesteps of %u neurons are more than a GiB of spikes", i,
                trace->graph.layer[i].name, trace->timesteps, trace->graph.layer[i].neurons);
    return true;
}

static bool read_all(struct sim_trace *trace, struct sim_err *err) {
    if (!read_meta(trace, err) || !sim_trace_graph_read(trace, err) || !read_extent(trace, err) ||
        !check_trains(trace, err) || !sim_trace_reader_prepare(trace, err) ||
        !sim_trace_generators_read(trace, err) || !sim_trace_probe(trace, err))
        return false;
    trace->functional = sim_graph_functional(&trace->graph);
    trace->replay = true;
    for (uint32_t i = 0; i < trace->graph.layers; i++)
        trace->replay = trace->replay && trace->recorded[i];
    return true;
}

bool sim_trace_open(struct sim_trace *trace, const char *path, struct sim_err *err) {
    *trace = (struct sim_trace){0};
    sim_graph_init(&trace->graph);
    trace->path = sim_arena_format(&trace->graph.arena, "%s", path);
    trace->reader = SIM_NEW(&trace->graph.arena, struct sim_trace_reader);
    if (!sim_trace_db_open(&trace->reader->db, trace->path, err)) {
        sim_graph_release(&trace->graph);
        return false;
    }
    trace->bytes = trace->reader->db.bytes;
    if (!read_all(trace, err)) {
        sim_trace_close(trace);
        return false;
    }
    return true;
}

void sim_trace_close(struct sim_trace *trace) {
    if (trace->reader != NULL)
        sim_trace_reader_release(trace->reader);
    sim_graph_release(&trace->graph);
    *trace = (struct sim_trace){0};
}

const char *sim_trace_meta(const struct sim_trace *trace, const char *key) {
    for (uint32_t i = 0; i < trace->metas; i++)
        if (strcmp(trace->meta[i].key, key) == 0)
            return trace->meta[i].value;
    return NULL;
}

size_t sim_trace_words(const struct sim_trace *trace, uint32_t layer) {
    return (size_t)trace->timesteps * sim_layer_words(&trace->graph.layer[layer]);
}

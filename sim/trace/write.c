/* SPDX-License-Identifier: MIT
 *
 * Writing a trace; see trace.h. The file grows without a journal under the name of a partial file
 * (sim/base/partial.h), and has its own name once it is whole.
 */
#include "sim/base/heap.h"
#include "sim/base/partial.h"
#include "sim/trace/coding.h"
#include "sim/trace/trace.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char schema[] =
    "PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = FULL;"
    "PRAGMA application_id = 0x4E53504B; PRAGMA user_version = 1; PRAGMA locking_mode = EXCLUSIVE;"
    "BEGIN;"
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL);"
    "CREATE TABLE layer(layer INTEGER PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL,"
    " neurons INTEGER NOT NULL, neuron TEXT, reset TEXT, threshold INTEGER, weight_bits INTEGER,"
    " attributes TEXT);"
    "CREATE TABLE edge(layer INTEGER NOT NULL, port INTEGER NOT NULL, source INTEGER NOT NULL,"
    " PRIMARY KEY(layer, port));"
    "CREATE TABLE weight(layer INTEGER PRIMARY KEY, rows INTEGER NOT NULL, cols INTEGER NOT NULL,"
    " data BLOB NOT NULL);"
    "CREATE TABLE sample(sample INTEGER PRIMARY KEY, label INTEGER);"
    "CREATE TABLE spike(sample INTEGER NOT NULL, layer INTEGER NOT NULL, timestep INTEGER NOT NULL,"
    " coding INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY(sample, layer, timestep)) WITHOUT ROWID;";

struct sim_trace_writer {
    sqlite3 *sqlite;
    sqlite3_stmt *sample, *spike;
    struct sim_partial partial;
    const struct sim_graph *graph;
    uint32_t timesteps;
    uint64_t samples; /* begun */
    void *data; /* one encoded row of the largest layer */
};

static bool write_fault(const struct sim_trace_writer *writer, struct sim_err *err, const char *what) {
    struct sim_where where = {.file = writer->partial.target};
    return sim_err_add(err, SIM_EXIT_IO, &where, "cannot write: %s", what);
}

/* The message for the last failed call of SQLite; the system's own words where it has any. */
static bool sqlite_fault(const struct sim_trace_writer *writer, struct sim_err *err) {
    if (sqlite3_errcode(writer->sqlite) == SQLITE_FULL)
        return write_fault(writer, err, strerror(ENOSPC));
    int code = sqlite3_system_errno(writer->sqlite);
    return write_fault(writer, err, code != 0 ? strerror(code) : sqlite3_errmsg(writer->sqlite));
}

static bool prepare(struct sim_trace_writer *writer, const char *sql, sqlite3_stmt **statement,
                    struct sim_err *err) {
    return sqlite3_prepare_v2(writer->sqlite, sql, -1, statement, NULL) == SQLITE_OK ||
           sqlite_fault(writer, err);
}

/* Runs a statement without rows once, and makes it ready again. */
static bool run(struct sim_trace_writer *writer, sqlite3_stmt *statement, struct sim_err *err) {
    bool ok = sqlite3_step(statement) == SQLITE_DONE || sqlite_fault(writer, err);
    sqlite3_reset(statement);
    return ok;
}

static void bind_text(sqlite3_stmt *statement, int parameter, const char *text) {
    if (text == NULL || text[0] == '\0')
        sqlite3_bind_null(statement, parameter);
    else
        sqlite3_bind_text(statement, parameter, text, -1, SQLITE_STATIC);
}

static void bind_number(sqlite3_stmt *statement, int parameter, int64_t number) {
    if (number == 0)
        sqlite3_bind_null(statement, parameter);
    else
        sqlite3_bind_int64(statement, parameter, number);
}

static int compare_meta(const void *a, const void *b) {
    return strcmp(((const struct sim_trace_meta *)a)->key, ((const struct sim_trace_meta *)b)->key);
}

static bool write_meta(struct sim_trace_writer *writer, const struct sim_trace_meta *meta, uint32_t metas,
                       struct sim_err *err) {
    char timesteps[16];
    snprintf(timesteps, sizeof timesteps, "%u", writer->timesteps);
    struct sim_trace_meta *pair = malloc((metas + 1) * sizeof *pair);
    if (pair == NULL)
        return write_fault(writer, err, "out of memory");
    for (uint32_t i = 0; i < metas; i++)
        pair[i] = meta[i];
    pair[metas] = (struct sim_trace_meta){"timesteps", timesteps};
    qsort(pair, metas + 1, sizeof *pair, compare_meta);
    sqlite3_stmt *insert = NULL;
    bool ok = prepare(writer, "INSERT INTO meta VALUES(?, ?)", &insert, err);
    for (uint32_t i = 0; ok && i <= metas; i++) {
        sqlite3_bind_text(insert, 1, pair[i].key, -1, SQLITE_STATIC);
        sqlite3_bind_text(insert, 2, pair[i].value, -1, SQLITE_STATIC);
        ok = run(writer, insert, err);
    }
    sqlite3_finalize(insert);
    free(pair);
    return ok;
}

static bool write_layers(struct sim_trace_writer *writer, struct sim_err *err) {
    sqlite3_stmt *insert = NULL;
    bool ok = prepare(writer, "INSERT INTO layer VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)", &insert, err);
    for (uint32_t i = 0; ok && i < writer->graph->layers; i++) {
        const struct sim_layer *layer = &writer->graph->layer[i];
        sqlite3_bind_int64(insert, 1, i);
        bind_text(insert, 2, layer->name);
        bind_text(insert, 3, sim_layer_kinds[layer->kind].name);
        sqlite3_bind_int64(insert, 4, layer->neurons);
        bind_text(insert, 5, sim_neuron_names[layer->neuron]);
        bind_text(insert, 6, sim_reset_names[layer->reset]);
        bind_number(insert, 7, layer->threshold);
        bind_number(insert, 8, layer->weight_bits);
        bind_text(insert, 9, layer->attributes);
        ok = run(writer, insert, err);
    }
    sqlite3_finalize(insert);
    return ok;
}

static bool write_edges(struct sim_trace_writer *writer, struct sim_err *err) {
    sqlite3_stmt *insert = NULL;
    bool ok = prepare(writer, "INSERT INTO edge VALUES(?, ?, ?)", &insert, err);
    for (uint32_t i = 0; i < writer->graph->layers; i++) {
        const struct sim_layer *layer = &writer->graph->layer[i];
        for (uint32_t port = 0; ok && port < layer->operands; port++) {
            sqlite3_bind_int64(insert, 1, i);
            sqlite3_bind_int64(insert, 2, port);
            sqlite3_bind_int64(insert, 3, layer->operand[port]);
            ok = run(writer, insert, err);
        }
    }
    sqlite3_finalize(insert);
    return ok;
}

static bool write_weights(struct sim_trace_writer *writer, struct sim_err *err) {
    sqlite3_stmt *insert = NULL;
    bool ok = prepare(writer, "INSERT INTO weight VALUES(?, ?, ?, ?)", &insert, err);
    for (uint32_t i = 0; ok && i < writer->graph->layers; i++) {
        const struct sim_layer *layer = &writer->graph->layer[i];
        if (layer->weight == NULL)
            continue;
        sqlite3_bind_int64(insert, 1, i);
        sqlite3_bind_int64(insert, 2, layer->rows);
        sqlite3_bind_int64(insert, 3, layer->cols);
        sqlite3_bind_blob64(insert, 4, layer->weight, (uint64_t)layer->rows * layer->cols, SQLITE_STATIC);
        ok = run(writer, insert, err);
    }
    sqlite3_finalize(insert);
    return ok;
}

static bool start(struct sim_trace_writer *writer, const struct sim_trace_meta *meta, uint32_t metas,
                  struct sim_err *err) {
    uint32_t words = 1;
    for (uint32_t i = 0; i < writer->graph->layers; i++)
        if (sim_layer_words(&writer->graph->layer[i]) > words)
            words = sim_layer_words(&writer->graph->layer[i]);
    writer->data = calloc(words, sizeof(uint64_t));
    if (writer->data == NULL)
        return write_fault(writer, err, "out of memory");
    if (sqlite3_open_v2(writer->partial.path, &writer->sqlite,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK ||
        sqlite3_exec(writer->sqlite, schema, NULL, NULL, NULL) != SQLITE_OK)
        return sqlite_fault(writer, err);
    return write_meta(writer, meta, metas, err) && write_layers(writer, err) && write_edges(writer, err) &&
           write_weights(writer, err) &&
           prepare(writer, "INSERT INTO sample VALUES(?, ?)", &writer->sample, err) &&
           prepare(writer, "INSERT INTO spike VALUES(?, ?, ?, ?, ?)", &writer->spike, err);
}

struct sim_trace_writer *sim_trace_create(const char *path, const struct sim_graph *graph,
                                          uint32_t timesteps, const struct sim_trace_meta *meta,
                                          uint32_t metas, bool overwrite, struct sim_err *err) {
    struct sim_partial partial;
    if (!sim_partial_open(&partial, path, overwrite, err))
        return NULL;
    struct sim_trace_writer *writer = sim_heap_must(calloc(1, sizeof *writer));
    *writer = (struct sim_trace_writer){.partial = partial, .graph = graph, .timesteps = timesteps};
    if (!start(writer, meta, metas, err)) {
        sim_trace_discard(writer);
        return NULL;
    }
    return writer;
}

bool sim_trace_write_sample(struct sim_trace_writer *writer, int32_t label, struct sim_err *err) {
    sqlite3_bind_int64(writer->sample, 1, (int64_t)writer->samples);
    if (label < 0)
        sqlite3_bind_null(writer->sample, 2);
    else
        sqlite3_bind_int64(writer->sample, 2, label);
    writer->samples++;
    return run(writer, writer->sample, err);
}

bool sim_trace_write_spikes(struct sim_trace_writer *writer, uint32_t layer, uint32_t timestep,
                            const uint64_t *bitmap, struct sim_err *err) {
    uint32_t neurons = writer->graph->layer[layer].neurons, spikes = sim_trace_count(bitmap, neurons);
    if (spikes == 0)
        return true;
    enum sim_trace_coding coding;
    size_t bytes = sim_trace_encode(bitmap, neurons, spikes, writer->data, &coding);
    sqlite3_bind_int64(writer->spike, 1, (int64_t)writer->samples - 1);
    sqlite3_bind_int64(writer->spike, 2, layer);
    sqlite3_bind_int64(writer->spike, 3, timestep);
    sqlite3_bind_int64(writer->spike, 4, coding);
    sqlite3_bind_blob64(writer->spike, 5, writer->data, bytes, SQLITE_STATIC);
    return run(writer, writer->spike, err);
}

/* Ends the use of the temporary file. */
static void close_base(struct sim_trace_writer *writer) {
    sqlite3_finalize(writer->sample);
    sqlite3_finalize(writer->spike);
    writer->sample = writer->spike = NULL;
    sqlite3_close(writer->sqlite);
    writer->sqlite = NULL;
}

static void release(struct sim_trace_writer *writer) {
    close_base(writer);
    free(writer->data);
    sim_partial_release(&writer->partial);
    free(writer);
}

bool sim_trace_finish(struct sim_trace_writer *writer, struct sim_err *err) {
    bool ok =
        sqlite3_exec(writer->sqlite, "COMMIT", NULL, NULL, NULL) == SQLITE_OK || sqlite_fault(writer, err);
    close_base(writer);
    ok = ok && sim_partial_complete(&writer->partial, err);
    release(writer);
    return ok;
}

void sim_trace_discard(struct sim_trace_writer *writer) {
    if (writer == NULL)
        return;
    release(writer);
}

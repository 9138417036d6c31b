/* SPDX-License-Identifier: MIT
 *
 * The weights of a trace: each layer's matrix into memory.
 *
 * As many bytes as weights are the weights themselves; fewer are an .xz stream of them. What comes out of
 * the stream goes straight into the matrix, whose size is known, so it cannot be more; a stream may promise
 * at most EXPANSION_MAX weights a byte, and its decoder takes at most DECODER_MAX bytes of memory.
 */
#include "sim/trace/reader.h"

#include <lzma.h>
#include <string.h>

#define EXPANSION_MAX 1024u
#define DECODER_MAX ((uint64_t)128 << 20)

static bool decompress(const struct sim_trace_db *db, const void *data, size_t bytes, int8_t *weight,
                       size_t count, const char *what, struct sim_err *err) {
    uint64_t memory = DECODER_MAX;
    size_t in = 0, out = 0;
    lzma_ret result = lzma_stream_buffer_decode(&memory, 0, NULL, data, &in, bytes, (uint8_t *)weight, &out,
                                                count);
    if (result == LZMA_OK && in == bytes && out == count)
        return true;
    const char *why = result == LZMA_OK           ? "ends early"
                      : result == LZMA_BUF_ERROR  ? "has another length, or is cut off"
                      : result == LZMA_MEMLIMIT_ERROR ? "takes too much memory"
                      : result == LZMA_MEM_ERROR  ? "cannot be read: out of memory"
                                                  : "is damaged";
    return sim_trace_db_fault(db, err,
                              "%s: data of %zu bytes for %zu weights is no .xz stream of them: it %s", what,
                              bytes, count, why);
}

/* Sums over the file's weights. */
struct totals {
    uint64_t weights, bytes;
};

static bool check_size(const struct sim_trace *trace, uint64_t rows, uint64_t cols, uint64_t bytes,
                       const struct totals *totals, const char *what, struct sim_err *err) {
    const struct sim_trace_db *db = &trace->reader->db;
    uint64_t count = rows * cols;
    if (count > SIM_LAYER_WEIGHTS_MAX || totals->weights + count > SIM_GRAPH_WEIGHTS_MAX)
        return sim_trace_db_fault(db, err,
                                  "%s: %llu x %llu weights: a layer has at most 2^29, a network 2^30", what,
                                  (unsigned long long)rows, (unsigned long long)cols);
    if (totals->bytes + bytes > db->bytes)
        return sim_trace_db_fault(db, err, "%s: damaged: more weights than the file has bytes", what);
    if (bytes > count)
        return sim_trace_db_fault(db, err, "%s: data of %llu bytes: %llu x %llu weights need %llu", what,
                                  (unsigned long long)bytes, (unsigned long long)rows,
                                  (unsigned long long)cols, (unsigned long long)count);
    return count / EXPANSION_MAX <= bytes ||
           sim_trace_db_fault(db, err, "%s: data of %llu bytes for %llu weights: at most %u weights a byte",
                              what, (unsigned long long)bytes, (unsigned long long)count, EXPANSION_MAX);
}

/* The current row (layer, rows, cols, data). */
static bool read_weight(struct sim_trace *trace, sqlite3_stmt *row, struct totals *totals, const char *what,
                        struct sim_err *err) {
    struct sim_trace_db *db = &trace->reader->db;
    int64_t number, rows, cols;
    if (!sim_trace_integer(db, row, 0, 0, (int64_t)trace->graph.layers - 1, &number, what, "layer", err) ||
        !sim_trace_integer(db, row, 1, 1, SIM_LAYER_NEURONS_MAX, &rows, what, "rows", err) ||
        !sim_trace_integer(db, row, 2, 1, SIM_LAYER_NEURONS_MAX, &cols, what, "cols", err))
        return false;
    if (sqlite3_column_type(row, 3) != SQLITE_BLOB)
        return sim_trace_db_fault(db, err, "%s: data is %s, not BLOB", what, sim_trace_db_type(row, 3));
    uint64_t count = (uint64_t)rows * (uint64_t)cols;
    size_t bytes = (size_t)sqlite3_column_bytes(row, 3);
    if (!check_size(trace, (uint64_t)rows, (uint64_t)cols, bytes, totals, what, err))
        return false;
    const void *data = sqlite3_column_blob(row, 3);
    if (data == NULL)
        return sim_trace_db_fault(db, err, "%s: data cannot be read: out of memory", what);
    int8_t *weight = SIM_NEW_ARRAY(&trace->graph.arena, int8_t, count);
    if (bytes == count)
        memcpy(weight, data, count);
    else if (!decompress(db, data, bytes, weight, count, what, err))
        return false;
    struct sim_layer *layer = &trace->graph.layer[number];
    layer->rows = (uint32_t)rows;
    layer->cols = (uint32_t)cols;
    layer->weight = weight;
    totals->weights += count;
    totals->bytes += bytes;
    return true;
}

bool sim_trace_weights_read(struct sim_trace *trace, struct sim_err *err) {
    struct sim_trace_db *db = &trace->reader->db;
    sqlite3_stmt *row =
        sim_trace_db_prepare(db, "SELECT layer, rows, cols, data FROM main.weight ORDER BY layer", err);
    if (row == NULL)
        return false;
    bool ok = true;
    struct totals totals = {0};
    int64_t last = -1;
    enum sim_trace_step step = SIM_TRACE_STEP_DONE;
    while (ok && (step = sim_trace_db_step(db, row, err, "weight")) == SIM_TRACE_STEP_ROW) {
        char what[64];
        int64_t number = sqlite3_column_int64(row, 0);
        snprintf(what, sizeof what, "weight(layer %lld)", (long long)number);
        ok = number > last || number < 0
                 ? read_weight(trace, row, &totals, what, err)
                 : sim_trace_db_fault(db, err, "%s: damaged: rows out of order", what);
        last = number;
    }
    sqlite3_finalize(row);
    return ok && step != SIM_TRACE_STEP_FAULT;
}

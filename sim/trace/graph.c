/* SPDX-License-Identifier: MIT
 *
 * The network graph of a trace: tables layer and edge into memory. Every number is checked
 * where it is read; sim_graph_check then judges the graph as a whole.
 */
#include "sim/trace/reader.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

bool sim_trace_integer(const struct sim_trace_db *db, sqlite3_stmt *statement, int column,
                       int64_t min, int64_t max, int64_t *value, const char *what, const char *name,
                       struct sim_err *err) {
    if (sqlite3_column_type(statement, column) != SQLITE_INTEGER)
        return sim_trace_db_fault(db, err, "%s: %s is %s, not INTEGER", what, name,
                                  sim_trace_db_type(statement, column));
    int64_t found = sqlite3_column_int64(statement, column);
    if (found < min || found > max)
        return sim_trace_db_fault(db, err, "%s: %s %lld is not in %lld..%lld", what, name,
                                  (long long)found, (long long)min, (long long)max);
    *value = found;
    return true;
}

bool sim_trace_text(const struct sim_trace_db *db, sqlite3_stmt *statement, int column, bool optional,
                    uint32_t limit, struct sim_arena *arena, const char **text, const char *what,
                    const char *name, struct sim_err *err) {
    *text = NULL;
    int type = sqlite3_column_type(statement, column);
    if (type == SQLITE_NULL && optional)
        return true;
    if (type != SQLITE_TEXT)
        return sim_trace_db_fault(db, err, "%s: %s is %s, not TEXT", what, name,
                                  sim_trace_db_type(statement, column));
    const char *found = (const char *)sqlite3_column_text(statement, column);
    size_t bytes = (size_t)sqlite3_column_bytes(statement, column);
    if (found == NULL)
        return sim_trace_db_fault(db, err, "%s: %s cannot be read: out of memory", what, name);
    if (bytes > limit)
        return sim_trace_db_fault(db, err, "%s: %s has %zu bytes, more than %u", what, name, bytes, limit);
    json_t *valid = json_stringn(found, bytes); /* judges UTF-8 */
    json_decref(valid);
    if (valid == NULL || strlen(found) != bytes)
        return sim_trace_db_fault(db, err, "%s: %s is not valid UTF-8 text", what, name);
    *text = sim_arena_format(arena, "%s", found);
    return true;
}

/* The index of a word in a table of `count`, or -1 with a message that names the known ones. */
static int find_word(const struct sim_trace_db *db, const char *word, const char *const *known,
                     size_t count, const char *what, const char *name, struct sim_err *err) {
    char list[256] = "";
    for (size_t i = 0; i < count; i++) {
        if (known[i][0] == '\0')
            continue;
        if (strcmp(word, known[i]) == 0)
            return (int)i;
        size_t length = strlen(list);
        snprintf(list + length, sizeof list - length, "%s'%s'", length > 0 ? ", " : "", known[i]);
    }
    sim_trace_db_fault(db, err, "%s: unknown %s '%.64s': known are %s", what, name, word, list);
    return -1;
}

static bool read_kind(const struct sim_trace_db *db, const char *word, enum sim_layer_kind *kind,
                      const char *what, struct sim_err *err) {
    const char *known[SIM_LAYER_KIND_COUNT];
    for (int i = 0; i < SIM_LAYER_KIND_COUNT; i++)
        known[i] = sim_layer_kinds[i].name;
    int found = find_word(db, word, known, SIM_LAYER_KIND_COUNT, what, "kind", err);
    *kind = (enum sim_layer_kind)found;
    return found >= 0;
}

static bool read_model(const struct sim_trace_db *db, sqlite3_stmt *row, struct sim_arena *arena,
                       struct sim_layer *layer, const char *what, struct sim_err *err) {
    const char *neuron, *reset;
    if (!sim_trace_text(db, row, 4, true, 64, arena, &neuron, what, "neuron", err) ||
        !sim_trace_text(db, row, 5, true, 64, arena, &reset, what, "reset", err))
        return false;
    int found = SIM_NEURON_NONE;
    if (neuron != NULL &&
        (found = find_word(db, neuron, sim_neuron_names, SIM_NEURON_COUNT, what, "neuron", err)) < 0)
        return false;
    layer->neuron = (enum sim_neuron)found;
    found = SIM_RESET_NONE;
    if (reset != NULL &&
        (found = find_word(db, reset, sim_reset_names, SIM_RESET_COUNT, what, "reset", err)) < 0)
        return false;
    layer->reset = (enum sim_reset)found;
    return true;
}

/* The current row (layer, name, kind, neurons, neuron, reset, threshold, weight_bits, attributes). */
static bool read_layer(const struct sim_trace_db *db, sqlite3_stmt *row, struct sim_arena *arena,
                       struct sim_layer *layer, const char *what, struct sim_err *err) {
    const char *kind;
    int64_t neurons, threshold = 0, bits = 0;
    bool ok = sim_trace_text(db, row, 1, false, SIM_LAYER_NAME_MAX, arena, &layer->name, what, "name", err) &&
              sim_trace_text(db, row, 2, false, 64, arena, &kind, what, "kind", err) &&
              read_kind(db, kind, &layer->kind, what, err) &&
              sim_trace_integer(db, row, 3, 1, SIM_LAYER_NEURONS_MAX, &neurons, what, "neurons", err) &&
              read_model(db, row, arena, layer, what, err) &&
              (sqlite3_column_type(row, 6) == SQLITE_NULL ||
               sim_trace_integer(db, row, 6, 1, INT32_MAX, &threshold, what, "threshold", err)) &&
              (sqlite3_column_type(row, 7) == SQLITE_NULL ||
               sim_trace_integer(db, row, 7, 1, SIM_WEIGHT_BITS_MAX, &bits, what, "weight_bits", err)) &&
              sim_trace_text(db, row, 8, true, SIM_LAYER_ATTRIBUTES_MAX, arena, &layer->attributes, what,
                             "attributes", err);
    if (!ok)
        return false;
    layer->neurons = (uint32_t)neurons;
    layer->threshold = (int32_t)threshold;
    layer->weight_bits = (uint32_t)bits;
    return true;
}

static bool read_layers(struct sim_trace *trace, struct sim_err *err) {
    struct sim_trace_db *db = &trace->reader->db;
    sqlite3_stmt *row = sim_trace_db_prepare(
        db,
        "SELECT layer, name, kind, neurons, neuron, reset, threshold, weight_bits, attributes"
        " FROM main.layer ORDER BY layer",
        err);
    if (row == NULL)
        return false;
    struct sim_layer *layer = calloc(SIM_GRAPH_LAYERS_MAX, sizeof *layer);
    bool ok = layer != NULL || sim_trace_db_fault(db, err, "layer: out of memory");
    uint32_t layers = 0;
    enum sim_trace_step step = SIM_TRACE_STEP_DONE;
    while (ok && (step = sim_trace_db_step(db, row, err, "layer(%u)", layers)) == SIM_TRACE_STEP_ROW) {
        char what[64];
        int64_t number;
        snprintf(what, sizeof what, "layer(%lld)", (long long)sqlite3_column_int64(row, 0));
        if (layers == SIM_GRAPH_LAYERS_MAX)
            ok = sim_trace_db_fault(db, err, "more than %u layers", SIM_GRAPH_LAYERS_MAX);
        else if (!sim_trace_integer(db, row, 0, 0, SIM_GRAPH_LAYERS_MAX - 1, &number, what, "number", err))
            ok = false;
        else if (number != layers)
            ok =
                sim_trace_db_fault(db, err, "%s: layers are numbered 0, 1, ...: %u is missing", what, layers);
        else
            ok = read_layer(db, row, &trace->graph.arena, &layer[layers++], what, err);
    }
    sqlite3_finalize(row);
    ok = ok && step != SIM_TRACE_STEP_FAULT;
    if (ok) {
        sim_graph_alloc(&trace->graph, layers);
        if (layers > 0)
            memcpy(trace->graph.layer, layer, layers * sizeof *layer);
    }
    free(layer);
    return ok;
}

struct edge {
    uint32_t layer, port, source;
};

static int compare_edges(const void *a, const void *b) {
    const struct edge *left = a, *right = b;
    if (left->layer != right->layer)
        return left->layer < right->layer ? -1 : 1;
    return left->port < right->port ? -1 : left->port > right->port;
}

/* All edges into `edge` [SIM_GRAPH_EDGES_MAX], in the order of the file. */
static bool scan_edges(struct sim_trace *trace, struct edge *edge, uint32_t *edges, struct sim_err *err) {
    struct sim_trace_db *db = &trace->reader->db;
    sqlite3_stmt *row = sim_trace_db_prepare(db, "SELECT layer, port, source FROM main.edge", err);
    if (row == NULL)
        return false;
    bool ok = true;
    int64_t last = (int64_t)trace->graph.layers - 1;
    enum sim_trace_step step = SIM_TRACE_STEP_DONE;
    while (ok && (step = sim_trace_db_step(db, row, err, "edge")) == SIM_TRACE_STEP_ROW) {
        int64_t layer, port, source;
        char what[96];
        snprintf(what, sizeof what, "edge(layer %lld, port %lld)", (long long)sqlite3_column_int64(row, 0),
                 (long long)sqlite3_column_int64(row, 1));
        if (*edges == SIM_GRAPH_EDGES_MAX)
            ok = sim_trace_db_fault(db, err, "more than %u edges", SIM_GRAPH_EDGES_MAX);
        else
            ok = sim_trace_integer(db, row, 0, 0, last, &layer, what, "layer", err) &&
                 sim_trace_integer(db, row, 1, 0, SIM_GRAPH_EDGES_MAX - 1, &port, what, "port", err) &&
                 sim_trace_integer(db, row, 2, 0, last, &source, what, "source", err);
        if (ok)
            edge[(*edges)++] = (struct edge){(uint32_t)layer, (uint32_t)port, (uint32_t)source};
    }
    sqlite3_finalize(row);
    return ok && step != SIM_TRACE_STEP_FAULT;
}

/* Sorted edges become operands; the ports of a layer must be 0, 1, ... */
static bool bind_edges(struct sim_trace *trace, const struct edge *edge, uint32_t edges,
                       struct sim_err *err) {
    for (uint32_t first = 0, end; first < edges; first = end) {
        struct sim_layer *layer = &trace->graph.layer[edge[first].layer];
        for (end = first; end < edges && edge[end].layer == edge[first].layer; end++)
            if (edge[end].port != end - first)
                return sim_trace_db_fault(&trace->reader->db, err, "edge(layer %u): port %u %s",
                                          edge[end].layer,
                                          edge[end].port < end - first ? edge[end].port : end - first,
                                          edge[end].port < end - first ? "is given twice" : "is missing");
        uint32_t *operand = SIM_NEW_ARRAY(&trace->graph.arena, uint32_t, end - first);
        for (uint32_t port = 0; port < end - first; port++)
            operand[port] = edge[first + port].source;
        layer->operands = end - first;
        layer->operand = operand;
    }
    return true;
}

static bool read_edges(struct sim_trace *trace, struct sim_err *err) {
    struct edge *edge = malloc(SIM_GRAPH_EDGES_MAX * sizeof *edge);
    uint32_t edges = 0;
    bool ok = edge != NULL ? scan_edges(trace, edge, &edges, err)
                           : sim_trace_db_fault(&trace->reader->db, err, "edge: out of memory");
    if (ok) {
        qsort(edge, edges, sizeof *edge, compare_edges);
        ok = bind_edges(trace, edge, edges, err);
    }
    free(edge);
    return ok;
}

bool sim_trace_graph_read(struct sim_trace *trace, struct sim_err *err) {
    struct sim_where where = {.file = trace->path};
    return read_layers(trace, err) && read_edges(trace, err) && sim_trace_weights_read(trace, err) &&
           sim_graph_check(&trace->graph, &where, err);
}

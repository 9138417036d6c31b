/* SPDX-License-Identifier: MIT
 *
 * The private half of an open trace: connection, prepared statements, and one row's bitmap.
 *
 * Private to sim/trace_*.c.
 */
#ifndef SIM_TRACE_READER_H
#define SIM_TRACE_READER_H

#include "sim/trace/db.h"
#include "sim/trace/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_trace_reader {
    struct sim_trace_db db;
    sqlite3_stmt *train;    /* (sample, layer): rows of one layer in one sample */
    sqlite3_stmt *from;     /* (sample): all rows from a sample on */
    sqlite3_stmt *layer_of; /* (sample, layer): the next layer of a sample after this one */
    sqlite3_stmt *label;    /* (sample) */
    uint64_t *bitmap;       /* one row of the largest layer */
    uint64_t *generated;    /* another */
};

/* Prepares the statements and the bitmap; the graph is known. */
bool sim_trace_reader_prepare(struct sim_trace *trace, struct sim_err *err);
void sim_trace_reader_release(struct sim_trace_reader *reader);

/* Reads layer, edge and weight into trace->graph (sim/trace/graph.c). */
bool sim_trace_graph_read(struct sim_trace *trace, struct sim_err *err);

/* Reads the weights into the layers, whose number is known (sim/trace/weights.c). */
bool sim_trace_weights_read(struct sim_trace *trace, struct sim_err *err);

/* Reads the table of generators, if there is one, into trace->generator (sim/trace/generator.c). */
bool sim_trace_generators_read(struct sim_trace *trace, struct sim_err *err);

/* The spikes that a layer's generator gives in one timestep, as a bitmap [sim_layer_words]; how many. */
uint32_t sim_trace_generate(const struct sim_trace *trace, uint32_t layer, uint64_t sample, uint32_t timestep,
                            uint64_t *bitmap);

/* Which layers have spikes, from the first samples: sets trace->recorded. */
bool sim_trace_probe(struct sim_trace *trace, struct sim_err *err);

/* The largest label: a label is the number of a neuron of the last layer. */
int64_t sim_trace_label_max(const struct sim_trace *trace);

/* An INTEGER column within min..max; otherwise a message "WHAT: NAME ..." and false. */
bool sim_trace_integer(const struct sim_trace_db *db, sqlite3_stmt *statement, int column,
                       int64_t min, int64_t max, int64_t *value, const char *what, const char *name,
                       struct sim_err *err);

/* A TEXT column (valid UTF-8, no NUL, at most `limit` bytes) copied into the arena; a NULL column gives
 * NULL when `optional`. False with a message otherwise. */
bool sim_trace_text(const struct sim_trace_db *db, sqlite3_stmt *statement, int column, bool optional,
                    uint32_t limit, struct sim_arena *arena, const char **text, const char *what,
                    const char *name, struct sim_err *err);

#ifdef __cplusplus
}
#endif

#endif

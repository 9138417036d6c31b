/* SPDX-License-Identifier: MIT
 *
 * Reading spikes: by sample and layer, or row after row. A row is judged before it is handed on, and
 * keys must ascend: a damaged tree that repeats its pages ends at the first repetition.
 */
#include "sim/trace/coding.h"
#include "sim/trace/reader.h"

#include <stdlib.h>
#include <string.h>

#define PROBE_SAMPLES 1024 /* samples searched for recorded layers */
#define PROBE_SEEKS 65536  /* and seeks spent on it */

bool sim_trace_reader_prepare(struct sim_trace *trace, struct sim_err *err) {
    struct sim_trace_reader *reader = trace->reader;
    struct sim_trace_db *db = &reader->db;
    const struct {
        sqlite3_stmt **statement;
        const char *sql;
    } statements[] = {
        {&reader->train, "SELECT sample, layer, timestep, coding, data FROM main.spike"
                         " WHERE sample = ?1 AND layer = ?2 ORDER BY sample, layer, timestep"},
        {&reader->from, "SELECT sample, layer, timestep, coding, data FROM main.spike"
                        " WHERE sample >= ?1 ORDER BY sample, layer, timestep"},
        {&reader->layer_of, "SELECT layer FROM main.spike WHERE sample = ?1 AND layer > ?2"
                            " ORDER BY layer LIMIT 1"},
        {&reader->label, "SELECT label FROM main.sample WHERE sample = ?1"},
    };
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        if ((*statements[i].statement = sim_trace_db_prepare(db, statements[i].sql, err)) == NULL)
            return false;
    uint32_t words = 1;
    for (uint32_t i = 0; i < trace->graph.layers; i++)
        if (sim_layer_words(&trace->graph.layer[i]) > words)
            words = sim_layer_words(&trace->graph.layer[i]);
    reader->bitmap = SIM_NEW_ARRAY(&trace->graph.arena, uint64_t, words);
    reader->generated = SIM_NEW_ARRAY(&trace->graph.arena, uint64_t, words);
    return true;
}

void sim_trace_reader_release(struct sim_trace_reader *reader) {
    sqlite3_finalize(reader->train);
    sqlite3_finalize(reader->from);
    sqlite3_finalize(reader->layer_of);
    sqlite3_finalize(reader->label);
    sim_trace_db_close(&reader->db);
}

/* Binds, from the first parameter on, after a reset. Parameters are integers: binding cannot fail. */
static void restart(sqlite3_stmt *statement, uint64_t first, int64_t second) {
    sqlite3_reset(statement);
    sqlite3_bind_int64(statement, 1, (int64_t)first);
    if (sqlite3_bind_parameter_count(statement) > 1)
        sqlite3_bind_int64(statement, 2, second);
}

/* The next layer with spikes in a sample after `layer`; *next is -1 at the end. */
static bool next_layer(struct sim_trace *trace, uint64_t sample, int64_t layer, int64_t *next,
                       struct sim_err *err) {
    struct sim_trace_reader *reader = trace->reader;
    restart(reader->layer_of, sample, layer);
    *next = -1;
    enum sim_trace_step step = sim_trace_db_step(&reader->db, reader->layer_of, err, "spike(sample %llu)",
                                                 (unsigned long long)sample);
    bool ok = step == SIM_TRACE_STEP_DONE;
    if (step == SIM_TRACE_STEP_ROW) {
        char what[64];
        snprintf(what, sizeof what, "spike(sample %llu)", (unsigned long long)sample);
        int64_t found = -1;
        ok = sim_trace_integer(&reader->db, reader->layer_of, 0, 0, (int64_t)trace->graph.layers - 1, &found,
                               what, "layer", err);
        if (ok && found <= layer)
            ok = sim_trace_db_fault(&reader->db, err, "%s: damaged: rows out of order", what);
        *next = found;
    }
    sqlite3_reset(reader->layer_of);
    return ok;
}

bool sim_trace_probe(struct sim_trace *trace, struct sim_err *err) {
    uint32_t layers = trace->graph.layers, missing = 0;
    trace->recorded = SIM_NEW_ARRAY(&trace->graph.arena, bool, layers);
    for (uint32_t i = 0; i < layers; i++) {
        trace->recorded[i] = trace->graph.layer[i].kind == SIM_LAYER_INPUT || trace->generator[i].given;
        missing += !trace->recorded[i];
    }
    uint32_t seeks = 0;
    for (uint64_t sample = 0; sample < trace->samples && sample < PROBE_SAMPLES && missing > 0; sample++) {
        int64_t layer = INT64_MIN;
        do {
            if (++seeks > PROBE_SEEKS)
                return true;
            if (!next_layer(trace, sample, layer, &layer, err))
                return false;
            if (layer >= 0 && !trace->recorded[layer]) {
                trace->recorded[layer] = true;
                missing--;
            }
        } while (layer >= 0);
    }
    return true;
}

/* Judges and decodes the current row of (sample, layer, timestep, coding, data). */
static bool read_row(struct sim_trace *trace, sqlite3_stmt *statement, uint64_t *bitmap,
                     struct sim_trace_row *row, struct sim_err *err) {
    struct sim_trace_db *db = &trace->reader->db;
    char what[128];
    snprintf(what, sizeof what, "spike(sample %lld, layer %lld, timestep %lld)",
             (long long)sqlite3_column_int64(statement, 0), (long long)sqlite3_column_int64(statement, 1),
             (long long)sqlite3_column_int64(statement, 2));
    int64_t sample, layer, timestep, coding;
    if (!sim_trace_integer(db, statement, 0, 0, (int64_t)trace->samples - 1, &sample, what, "sample", err) ||
        !sim_trace_integer(db, statement, 1, 0, (int64_t)trace->graph.layers - 1, &layer, what, "layer",
                           err) ||
        !sim_trace_integer(db, statement, 2, 0, (int64_t)trace->timesteps - 1, &timestep, what, "timestep",
                           err) ||
        !sim_trace_integer(db, statement, 3, 0, INT64_MAX, &coding, what, "coding", err))
        return false;
    if (sqlite3_column_type(statement, 4) != SQLITE_BLOB)
        return sim_trace_db_fault(db, err, "%s: data is %s, not BLOB", what, sim_trace_db_type(statement, 4));
    if (trace->generator[layer].given)
        return sim_trace_db_fault(db, err, "%s: recorded spikes of a layer that has a generator", what);
    const void *data = sqlite3_column_blob(statement, 4);
    size_t bytes = (size_t)sqlite3_column_bytes(statement, 4);
    *row = (struct sim_trace_row){.sample = (uint64_t)sample,
                                  .layer = (uint32_t)layer,
                                  .timestep = (uint32_t)timestep,
                                  .bitmap = bitmap};
    char fault[128];
    if (!sim_trace_decode(coding, data != NULL ? data : "", bytes, trace->graph.layer[layer].neurons, bitmap,
                          &row->spikes, fault, sizeof fault))
        return sim_trace_db_fault(db, err, "%s: %s", what, fault);
    return true;
}

/* Adds the length of the row's blob: rows whose blobs are together longer than the file share its pages, and
 * could keep a reader busy for ever. */
static bool add_bytes(const struct sim_trace *trace, sqlite3_stmt *statement, uint64_t *bytes,
                      struct sim_err *err) {
    *bytes += (uint64_t)sqlite3_column_bytes(statement, 4);
    return *bytes <= trace->bytes ||
           sim_trace_db_fault(&trace->reader->db, err, "spike: damaged: more data than the file has bytes");
}

static bool sample_exists(const struct sim_trace *trace, uint64_t sample, struct sim_err *err) {
    return sample < trace->samples ||
           sim_trace_db_fault(&trace->reader->db, err, "sample %llu: the trace has %llu",
                              (unsigned long long)sample, (unsigned long long)trace->samples);
}

bool sim_trace_sample(struct sim_trace *trace, uint64_t sample, uint32_t layer, uint64_t *spikes,
                      struct sim_err *err) {
    struct sim_trace_reader *reader = trace->reader;
    if (!sample_exists(trace, sample, err))
        return false;
    sim_trace_db_arm(&reader->db);
    uint32_t words = sim_layer_words(&trace->graph.layer[layer]);
    memset(spikes, 0, sim_trace_words(trace, layer) * sizeof *spikes);
    restart(reader->train, sample, layer);
    bool ok = true;
    int64_t last = -1;
    uint64_t bytes = 0;
    enum sim_trace_step step = SIM_TRACE_STEP_DONE;
    while (ok && (step = sim_trace_db_step(&reader->db, reader->train, err, "spike(sample %llu, layer %u)",
                                           (unsigned long long)sample, layer)) == SIM_TRACE_STEP_ROW) {
        struct sim_trace_row row;
        if (!read_row(trace, reader->train, reader->bitmap, &row, err)) {
            ok = false;
        } else if (row.sample != sample || row.layer != layer || (int64_t)row.timestep <= last) {
            ok = sim_trace_db_fault(&reader->db, err,
                                    "spike(sample %llu, layer %u): damaged: rows out of order",
                                    (unsigned long long)sample, layer);
        } else if (!add_bytes(trace, reader->train, &bytes, err)) {
            ok = false;
        } else {
            memcpy(spikes + (size_t)row.timestep * words, reader->bitmap, words * sizeof *spikes);
            last = row.timestep;
        }
    }
    sqlite3_reset(reader->train);
    ok = ok && step != SIM_TRACE_STEP_FAULT;
    for (uint32_t timestep = 0; ok && trace->generator[layer].given && timestep < trace->timesteps;
         timestep++)
        sim_trace_generate(trace, layer, sample, timestep, spikes + (size_t)timestep * words);
    return ok;
}

int64_t sim_trace_label_max(const struct sim_trace *trace) {
    return (int64_t)trace->graph.layer[trace->graph.layers - 1].neurons - 1;
}

/* No rows of layers that the graph does not have: one seek below and one above. */
static bool check_layers(struct sim_trace *trace, uint64_t sample, struct sim_err *err) {
    int64_t next;
    return next_layer(trace, sample, INT64_MIN, &next, err) &&
           next_layer(trace, sample, (int64_t)trace->graph.layers - 1, &next, err);
}

bool sim_trace_label(struct sim_trace *trace, uint64_t sample, int32_t *label, struct sim_err *err) {
    struct sim_trace_reader *reader = trace->reader;
    *label = -1;
    if (!sample_exists(trace, sample, err))
        return false;
    char what[64];
    snprintf(what, sizeof what, "sample(%llu)", (unsigned long long)sample);
    sim_trace_db_arm(&reader->db);
    restart(reader->label, sample, 0);
    enum sim_trace_step step = sim_trace_db_step(&reader->db, reader->label, err, "%s", what);
    bool ok = step != SIM_TRACE_STEP_FAULT;
    if (step == SIM_TRACE_STEP_DONE)
        ok = sim_trace_db_fault(&reader->db, err, "%s is missing", what);
    if (step == SIM_TRACE_STEP_ROW && sqlite3_column_type(reader->label, 0) != SQLITE_NULL) {
        int64_t found;
        ok = sim_trace_integer(&reader->db, reader->label, 0, 0, sim_trace_label_max(trace), &found, what,
                               "label", err);
        *label = ok ? (int32_t)found : -1;
    }
    sqlite3_reset(reader->label);
    return ok && check_layers(trace, sample, err);
}

/* Of two rows in the order of the primary key, is b after a? */
static bool follows(const struct sim_trace_row *a, const struct sim_trace_row *b) {
    if (a->sample != b->sample)
        return a->sample < b->sample;
    if (a->layer != b->layer)
        return a->layer < b->layer;
    return a->timestep < b->timestep;
}

/* A walk: what is asked for, and the first sample and layer whose generated rows have not been visited. */
struct walk {
    struct sim_trace *trace;
    uint32_t layer;
    bool (*visit)(void *user, const struct sim_trace_row *row);
    void *user;
    uint64_t next_sample;
    uint32_t next_layer;
};

static bool wanted(const struct walk *walk, uint32_t layer) {
    return walk->layer >= SIM_TRACE_EVERY_RECORDED || walk->layer == layer;
}

/* Visits the generated rows of the next sample and layer. */
static bool visit_generated(struct walk *walk) {
    struct sim_trace *trace = walk->trace;
    bool more = true;
    struct sim_trace_row row = {
        .sample = walk->next_sample, .layer = walk->next_layer, .bitmap = trace->reader->generated};
    if (wanted(walk, row.layer) && trace->generator[row.layer].given)
        for (; more && row.timestep < trace->timesteps; row.timestep++) {
            row.spikes = sim_trace_generate(trace, row.layer, row.sample, row.timestep,
                                            trace->reader->generated);
            more = row.spikes == 0 || walk->visit(walk->user, &row);
        }
    if (++walk->next_layer == trace->graph.layers) {
        walk->next_layer = 0;
        walk->next_sample++;
    }
    return more;
}

/* Visits the generated rows before (sample, layer). */
static bool generate_until(struct walk *walk, uint64_t sample, uint32_t layer) {
    if (!walk->trace->reader->db.generates || walk->layer == SIM_TRACE_EVERY_RECORDED)
        return true;
    bool more = true;
    while (more && (walk->next_sample < sample || (walk->next_sample == sample && walk->next_layer < layer)))
        more = visit_generated(walk);
    return more;
}

bool sim_trace_walk(struct sim_trace *trace, uint64_t first, uint64_t end, uint32_t layer,
                    bool (*visit)(void *user, const struct sim_trace_row *row), void *user,
                    struct sim_err *err) {
    struct sim_trace_reader *reader = trace->reader;
    struct walk walk = {trace, layer, visit, user, first, 0};
    restart(reader->from, first, 0);
    bool ok = true, any = false, more = true;
    uint64_t bytes = 0;
    sim_trace_db_arm(&reader->db);
    struct sim_trace_row last = {0}, row;
    enum sim_trace_step step = SIM_TRACE_STEP_DONE;
    while (more && !sim_err_full(err) &&
           (step = sim_trace_db_step(&reader->db, reader->from, err, "spike(after sample %llu)",
                                     (unsigned long long)(any ? last.sample : first))) ==
               SIM_TRACE_STEP_ROW) {
        if (sqlite3_column_type(reader->from, 0) == SQLITE_INTEGER &&
            sqlite3_column_int64(reader->from, 0) >= (int64_t)(end < INT64_MAX ? end : INT64_MAX))
            break;
        if (!read_row(trace, reader->from, reader->bitmap, &row, err)) {
            ok = false;
            continue;
        }
        if (!add_bytes(trace, reader->from, &bytes, err)) {
            ok = false;
            break;
        }
        if (any && !follows(&last, &row)) {
            ok = sim_trace_db_fault(&reader->db, err,
                                    "spike(sample %llu, layer %u, timestep %u): damaged: rows out of order",
                                    (unsigned long long)row.sample, row.layer, row.timestep);
            break;
        }
        last = row;
        any = true;
        more =
            generate_until(&walk, row.sample, row.layer) && (!wanted(&walk, row.layer) || visit(user, &row));
        sim_trace_db_arm(&reader->db);
    }
    sqlite3_reset(reader->from);
    if (more && ok && !sim_err_full(err))
        generate_until(&walk, end < trace->samples ? end : trace->samples, 0);
    return ok && step != SIM_TRACE_STEP_FAULT;
}

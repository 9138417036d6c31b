/* SPDX-License-Identifier: MIT
 *
 * Spike traces: .spk files, the workloads of the simulator.
 *
 * A trace is an SQLite database (format: workloads/README.md) that holds one network graph and, for
 * each sample, layer and timestep, the spikes as a bitmap or a sorted list. It can be run in two ways:
 *   functional  weights for every layer: only the spikes of the input layers are taken from the
 *               trace, the cores compute the rest (recorded spikes of further layers are a reference);
 *   replay      spikes of every layer: each drives the chip as recorded, no weights needed.
 *
 * In the place of recorded spikes a layer may have a generator: seed and rate, from which its spikes are
 * drawn when they are read. Such spikes are synthetic, and the same in every run.
 *
 * The graph is in memory, the spikes are not: they are read one sample and one layer at a time, so
 * memory does not grow with the number of samples.
 *
 * Traces come from strangers. The file is opened read-only and immutable, with SQLite's defensive
 * settings and tight limits; the tables are checked to be plain tables of the expected columns before
 * any is read; only the statements of sim/trace_*.c run, under an authorizer that allows nothing but
 * reading and under a deadline. Whatever the file says about sizes, counts and indices is checked
 * before it is used. Faults are messages such as
 *     x.spk: spike(sample 3, layer 0, timestep 7): index 900 >= 784 neurons
 * with code SIM_EXIT_CONFIG, or SIM_EXIT_IO when the file cannot be read at all.
 */
#ifndef SIM_TRACE_TRACE_H
#define SIM_TRACE_TRACE_H

#include "sim/base/err.h"
#include "sim/base/types.h"
#include "sim/graph/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SIM_TRACE_APPLICATION_ID 0x4E53504B /* "NSPK" */
#define SIM_TRACE_VERSION 1
#define SIM_TRACE_TIMESTEPS_MAX 65536u
#define SIM_TRACE_SAMPLES_MAX ((uint64_t)INT32_MAX)
#define SIM_TRACE_META_MAX 1024u                    /* pairs */
#define SIM_TRACE_META_BYTES_MAX 65536u             /* of one key or value */
#define SIM_TRACE_TRAIN_MAX ((uint64_t)1 << 30) /* bytes of one layer's spikes of one sample, as bitmaps */
#define SIM_TRACE_DRAWS_MAX ((uint64_t)1 << 36)  /* generated: samples x timesteps x neurons, of all layers */
#define SIM_TRACE_SCHEMA_SECONDS_MAX 5              /* deadline of reading the list of tables */
#define SIM_TRACE_SECONDS_MAX 30                    /* deadline of opening, and of each read after it */

struct sim_trace_meta {
    const char *key, *value;
};

/* Synthetic spikes of a layer: neuron n spikes in timestep t of sample s when number
 * k = (s * timesteps + t) * neurons + n of the SplitMix64 stream of `seed` (sim/base/rng.h; counted from 0)
 * has an upper half below rate_ppm * 2^32 / 10^6. */
struct sim_trace_generator {
    bool given;
    uint64_t seed;
    uint32_t rate_ppm; /* expected spikes of a neuron in 10^6 timesteps */
};

/* An open trace. Read-only for its user. */
struct sim_trace {
    const char *path;
    uint64_t bytes; /* size of the file */
    struct sim_graph graph;
    uint32_t timesteps; /* of every sample */
    uint64_t samples;   /* numbered 0 .. samples - 1 */
    uint32_t metas;
    const struct sim_trace_meta *meta; /* [metas] sorted by key; without "timesteps" */
    bool functional;                   /* see above; a trace may be both */
    bool replay;
    bool *recorded;                    /* [graph.layers] the trace has spikes of this layer */
    const struct sim_trace_generator *generator; /* [graph.layers] */
    struct sim_trace_reader *reader;   /* private: connection and prepared statements */
};

/* Opens a trace and reads its graph. False, with messages in `err`, on any fault; nothing to close
 * then. Cost: one pass over the graph and the weights; the spikes are only probed (whether a layer
 * is recorded is judged by the first 1024 samples). Input layers always count as recorded. */
bool sim_trace_open(struct sim_trace *trace, const char *path, struct sim_err *err);
void sim_trace_close(struct sim_trace *trace);

/* The value of a free meta key ("name", "description", "source", "license"), or NULL. */
const char *sim_trace_meta(const struct sim_trace *trace, const char *key);

/* 64-bit words of a buffer for sim_trace_sample: timesteps * sim_layer_words(layer). */
size_t sim_trace_words(const struct sim_trace *trace, uint32_t layer);

/* All spikes of one layer in one sample: bit n % 64 of spikes[timestep * words + n / 64] is set when
 * neuron n spikes (words = sim_layer_words). Clears the rest. A layer that is not recorded is silent.
 * One seek in the primary key, then a sequential read. */
bool sim_trace_sample(struct sim_trace *trace, uint64_t sample, uint32_t layer, uint64_t *spikes,
                      struct sim_err *err);

/* The label of a sample (a neuron of the last layer), or -1 if it has none. Call it before the spikes
 * of the sample are read: it also finds a missing sample, and rows of layers that do not exist. */
bool sim_trace_label(struct sim_trace *trace, uint64_t sample, int32_t *label, struct sim_err *err);

/* Sets the rates of the graph's layers whose spikes are recorded, from the first `samples` samples, or
 * generated, from what is asked of the generator. */
bool sim_trace_rates(struct sim_trace *trace, uint64_t samples, struct sim_err *err);

/* One row of the spike table: one layer in one timestep. */
struct sim_trace_row {
    uint64_t sample;
    uint32_t layer, timestep;
    uint32_t spikes;       /* bits set in bitmap, >= 0 */
    const uint64_t *bitmap; /* [sim_layer_words], valid during the call only */
};

/* Calls `visit` for each row with first <= sample < end (and, unless layer is SIM_TRACE_EVERY_LAYER,
 * of this layer) in the order of the primary key, whether it is recorded or generated (not so with
 * SIM_TRACE_EVERY_RECORDED). A faulty row adds a message and is left out; the
 * walk ends early when the list of errors is full or `visit` returns false. False on any fault. */
#define SIM_TRACE_EVERY_LAYER UINT32_MAX
#define SIM_TRACE_EVERY_RECORDED (UINT32_MAX - 1)
bool sim_trace_walk(struct sim_trace *trace, uint64_t first, uint64_t end, uint32_t layer,
                    bool (*visit)(void *user, const struct sim_trace_row *row), void *user,
                    struct sim_err *err);

/* Validates every row of every table (sim_trace_open has validated the graph): samples without gaps,
 * labels, each spike row's keys, coding and data, order and uniqueness. Collects messages. */
bool sim_trace_check(struct sim_trace *trace, struct sim_err *err);

/* A trace being written, as a partial file (sim/base/partial.h) until it is finished: the final name
 * only ever names a whole trace. The same content gives the same file, byte for byte. */
struct sim_trace_writer;

/* Starts a trace of this (checked) graph. NULL on a fault. Without `overwrite` an existing file is a
 * fault. `graph` must outlive the writer. */
struct sim_trace_writer *sim_trace_create(const char *path, const struct sim_graph *graph,
                                          uint32_t timesteps, const struct sim_trace_meta *meta,
                                          uint32_t metas, bool overwrite, struct sim_err *err);

/* Begins the next sample (0, 1, ...); label -1: none. */
bool sim_trace_write_sample(struct sim_trace_writer *writer, int32_t label, struct sim_err *err);

/* One layer in one timestep of the current sample, from a bitmap [sim_layer_words]: stored in the
 * smaller coding, not at all when silent. Each pair once a sample, in any order. */
bool sim_trace_write_spikes(struct sim_trace_writer *writer, uint32_t layer, uint32_t timestep,
                            const uint64_t *bitmap, struct sim_err *err);

/* Completes the file and gives it its name; frees the writer in any case. */
bool sim_trace_finish(struct sim_trace_writer *writer, struct sim_err *err);

/* Gives up: removes the partial file and frees the writer. */
void sim_trace_discard(struct sim_trace_writer *writer);

#ifdef __cplusplus
}
#endif

#endif

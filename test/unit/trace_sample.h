/* SPDX-License-Identifier: MIT
 *
 * A random trace with all its content in memory, to compare what is written with what is read.
 */
#ifndef TEST_UNIT_TRACE_SAMPLE_H
#define TEST_UNIT_TRACE_SAMPLE_H

#include "sim/trace/trace.h"

struct trace_sample {
    struct sim_graph graph;
    uint32_t timesteps;
    uint32_t samples;
    int32_t *label;     /* [samples] */
    uint64_t ***spikes; /* [samples][layers][timesteps * words] */
};

/* A chain of 2 to 5 layers of various sizes, weights in all layers or in none, up to 6 samples of up to 9
 * timesteps at various densities; the same seed gives the same trace. */
void trace_sample_init(struct trace_sample *sample, uint64_t seed);

/* A chain of these sizes, with weights, silent; the caller sets bits. */
void trace_sample_chain(struct trace_sample *sample, const uint32_t *neurons, uint32_t layers,
                        uint32_t timesteps, uint32_t samples);
void trace_sample_release(struct trace_sample *sample);

/* Writes everything. */
bool trace_sample_write(const struct trace_sample *sample, const char *path, bool overwrite,
                        struct sim_err *err);

/* A fresh path in the directory for temporary files, which goes when the test calls `unlink`. */
void trace_sample_path(char *path, size_t size);

#endif

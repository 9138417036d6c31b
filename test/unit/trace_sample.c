/* SPDX-License-Identifier: MIT
 *
 * Random traces for tests; see trace_sample.h.
 */
#include "test/unit/trace_sample.h"

#include "sim/base/rng.h"
#include "test/unit/chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *zeroed(size_t count, size_t size) {
    void *block = calloc(count > 0 ? count : 1, size);
    if (block == NULL)
        abort();
    return block;
}

void trace_sample_chain(struct trace_sample *sample, const uint32_t *neurons, uint32_t layers,
                        uint32_t timesteps, uint32_t samples) {
    *sample = (struct trace_sample){.timesteps = timesteps, .samples = samples};
    struct sim_graph *graph = &sample->graph;
    chain_init(graph, neurons, layers, 9);
    for (uint32_t i = 1; i < layers; i++) {
        struct sim_layer *layer = &graph->layer[i];
        layer->weight = SIM_NEW_ARRAY(&graph->arena, int8_t, (size_t)layer->rows * layer->cols);
    }
    sample->label = zeroed(samples, sizeof *sample->label);
    sample->spikes = zeroed(samples, sizeof *sample->spikes);
    for (uint32_t s = 0; s < samples; s++) {
        sample->label[s] = -1;
        sample->spikes[s] = zeroed(layers, sizeof *sample->spikes[s]);
        for (uint32_t i = 0; i < layers; i++)
            sample->spikes[s][i] =
                zeroed((size_t)timesteps * sim_layer_words(&graph->layer[i]), sizeof(uint64_t));
    }
}

void trace_sample_init(struct trace_sample *sample, uint64_t seed) {
    static const uint32_t sizes[] = {1, 2, 7, 8, 9, 63, 64, 65, 100, 127, 128, 129, 784};
    uint64_t rng = sim_rng_stream(seed, 0);
    uint32_t neurons[5], layers = 2 + (uint32_t)sim_rng_below(&rng, 4);
    for (uint32_t i = 0; i < layers; i++)
        neurons[i] = sizes[sim_rng_below(&rng, sizeof sizes / sizeof *sizes)];
    trace_sample_chain(sample, neurons, layers, 1 + (uint32_t)sim_rng_below(&rng, 9),
                       1 + (uint32_t)sim_rng_below(&rng, 6));
    bool weights = sim_rng_below(&rng, 2) == 0;
    for (uint32_t i = 1; i < layers; i++) {
        struct sim_layer *layer = &sample->graph.layer[i];
        int8_t *weight = (int8_t *)layer->weight;
        for (size_t j = 0; j < (size_t)layer->rows * layer->cols; j++)
            weight[j] = (int8_t)((int)sim_rng_below(&rng, 32) - 16);
        if (!weights)
            layer->weight = NULL;
        layer->reset = sim_rng_below(&rng, 2) == 0 ? SIM_RESET_SOFT : SIM_RESET_HARD;
    }
    for (uint32_t s = 0; s < sample->samples; s++) {
        sample->label[s] = (int32_t)sim_rng_below(&rng, neurons[layers - 1] + 1) - 1;
        for (uint32_t i = 0; i < layers; i++)
            for (uint32_t t = 0; t < sample->timesteps; t++) {
                uint64_t *bitmap =
                    sample->spikes[s][i] + (size_t)t * sim_layer_words(&sample->graph.layer[i]);
                uint64_t density = sim_rng_below(&rng, 5) * 25; /* percent: silent to full */
                if (density == 25)
                    density = 3;
                for (uint32_t n = 0; n < neurons[i]; n++)
                    if (sim_rng_below(&rng, 100) < density)
                        bitmap[n / 64] |= (uint64_t)1 << (n % 64);
            }
    }
}

void trace_sample_release(struct trace_sample *sample) {
    for (uint32_t s = 0; s < sample->samples; s++) {
        for (uint32_t i = 0; i < sample->graph.layers; i++)
            free(sample->spikes[s][i]);
        free(sample->spikes[s]);
    }
    free(sample->spikes);
    free(sample->label);
    sim_graph_release(&sample->graph);
}

bool trace_sample_write(const struct trace_sample *sample, const char *path, bool overwrite,
                        struct sim_err *err) {
    const struct sim_trace_meta meta[] = {{"name", "a test"}, {"created-by", "a writer"}};
    struct sim_trace_writer *writer =
        sim_trace_create(path, &sample->graph, sample->timesteps, meta, 2, overwrite, err);
    if (writer == NULL)
        return false;
    bool ok = true;
    for (uint32_t s = 0; s < sample->samples; s++) {
        ok = ok && sim_trace_write_sample(writer, sample->label[s], err);
        for (uint32_t i = 0; i < sample->graph.layers; i++)
            for (uint32_t t = 0; t < sample->timesteps; t++)
                ok = ok && sim_trace_write_spikes(writer, i, t,
                                                  sample->spikes[s][i] +
                                                      (size_t)t * sim_layer_words(&sample->graph.layer[i]),
                                                  err);
    }
    if (!ok)
        sim_trace_discard(writer);
    return ok && sim_trace_finish(writer, err);
}

void trace_sample_path(char *path, size_t size) {
    const char *folder = getenv("TMPDIR");
    snprintf(path, size, "%s/nocsim-test-XXXXXX", folder != NULL && folder[0] != '\0' ? folder : "/tmp");
    int file = mkstemp(path);
    if (file < 0)
        abort();
    close(file);
}

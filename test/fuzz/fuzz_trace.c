/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a spike trace: open, check, and read as a run does. Nothing may crash, leak, hang or end in
 * an error without a message.
 *
 * With libFuzzer (clang, -DFUZZ_ENGINE) this explores; without it the program replays the files given to it,
 * each as it is and then with seeded changes, which is what the ordinary tests do with the corpus.
 */
#include "sim/base/rng.h"
#include "sim/trace/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRAIN_WORDS_MAX ((size_t)1 << 20) /* larger buffers are within the limits, but slow to clear */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One scratch file for the life of the process: SQLite reads files, not memory, in the way that is tested. */
static const char *scratch(const uint8_t *data, size_t size) {
    static char path[128];
    static int file = -1;
    if (file < 0) {
        snprintf(path, sizeof path, "%s/nocsim-fuzz-XXXXXX",
                 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        file = mkstemp(path);
        if (file < 0)
            abort();
    }
    if (ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) != (ssize_t)size)
        abort();
    return path;
}

static bool read_all(struct sim_trace *trace, struct sim_err *err) {
    for (uint64_t sample = 0; sample < trace->samples && sample < 16; sample++) {
        int32_t label;
        if (!sim_trace_label(trace, sample, &label, err))
            return false;
        for (uint32_t layer = 0; layer < trace->graph.layers && layer < 16; layer++) {
            size_t words = sim_trace_words(trace, layer);
            if (words > TRAIN_WORDS_MAX)
                continue;
            uint64_t *spikes = malloc(words * sizeof *spikes);
            bool ok = spikes != NULL && sim_trace_sample(trace, sample, layer, spikes, err);
            free(spikes);
            if (!ok)
                return false;
        }
    }
    return true;
}

/* A verdict without its message, or the reverse, is a bug. */
static void judge(bool ok, struct sim_err *err) {
    bool told = err->count > 0 && (err->code == SIM_EXIT_CONFIG || err->code == SIM_EXIT_IO);
    if (ok ? err->count != 0 : !told)
        abort();
    sim_err_release(err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sim_err err;
    struct sim_trace trace;
    sim_err_init(&err);
    bool ok = sim_trace_open(&trace, scratch(data, size), &err);
    judge(ok, &err);
    if (!ok)
        return 0;
    judge(sim_trace_check(&trace, &err), &err);
    judge(read_all(&trace, &err), &err);
    sim_trace_close(&trace);
    return 0;
}

#ifndef FUZZ_ENGINE

#define SEEDS 200
#define FILE_BYTES_MAX ((size_t)1 << 20)

static void replay_changed(uint8_t *data, size_t size, uint64_t seed) {
    uint64_t rng = sim_rng_stream(seed, 0);
    uint8_t *changed = malloc(size);
    if (changed == NULL)
        abort();
    memcpy(changed, data, size);
    for (uint64_t change = 1 + sim_rng_below(&rng, 6); change > 0; change--)
        changed[sim_rng_below(&rng, size)] = (uint8_t)sim_rng_next(&rng);
    LLVMFuzzerTestOneInput(changed, size - sim_rng_below(&rng, 2) * sim_rng_below(&rng, size));
    free(changed);
}

int main(int argc, char **argv) {
    static uint8_t data[FILE_BYTES_MAX];
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        if (file == NULL) {
            perror(argv[i]);
            return 1;
        }
        size_t size = fread(data, 1, sizeof data, file);
        fclose(file);
        LLVMFuzzerTestOneInput(data, size);
        for (uint64_t seed = 0; size > 0 && seed < SEEDS; seed++)
            replay_changed(data, size, seed);
    }
    unlink(scratch(data, 0));
    printf("%d traces, each with %d changes\n", argc - 1, SEEDS);
    return 0;
}

#endif

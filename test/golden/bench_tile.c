/* SPDX-License-Identifier: MIT
 *
 * Speed of the Shenjing tile: replays the stimuli of golden cases again and again, without comparison, and
 * prints tile-cycles per second of processor time.
 *
 *     bench_tile [--seconds S] CASE...
 *
 * The stimuli of a case (the input images of its timesteps) repeat with the period of its program, so the
 * load is that of an endless run. Elaboration is not counted.
 */
#define _POSIX_C_SOURCE 200809L
#include "test/golden/source.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHUNK 100000 /* cycles between two looks at the clock */

/* Repeats the external spikes of a case: the k-th image is shown for one period of the case. */
struct loop_source {
    struct bench_source base;
    const struct golden_case *c;
    sim_cycle period;
    size_t *first; /* [images + 1] stimuli of each image */
    uint32_t images, image;
};

static sim_cycle advance(struct bench_source *base, sim_cycle cycle, struct naive_inputs *inputs) {
    struct loop_source *s = (struct loop_source *)base;
    const struct golden_stimulus *stimulus = s->c->stimulus.item;
    if (cycle == 0) {
        struct golden_source start;
        golden_source_init(&start, s->c);
        start.base.advance(&start.base, 0, inputs);
    }
    if (s->images == 0)
        return SIM_NEVER;
    for (size_t i = s->first[s->image]; i < s->first[s->image + 1]; i++)
        if (stimulus[i].tile >= 0 && stimulus[i].input == GOLDEN_IN_SPIKES) {
            memcpy(inputs[stimulus[i].tile].external, stimulus[i].value, GOLDEN_LANES / 8);
            inputs[stimulus[i].tile].changed |= NAIVE_INPUT_EXTERNAL;
        }
    s->image = (s->image + 1) % s->images;
    return cycle + s->period;
}

/* Splits the stimuli after cycle 0 by their cycles. */
static void find_images(struct loop_source *s) {
    const struct golden_stimulus *stimulus = s->c->stimulus.item;
    size_t count = s->c->stimulus.count, i = 0;
    s->first = calloc(count + 1, sizeof *s->first);
    if (s->first == NULL)
        abort();
    while (i < count && stimulus[i].cycle == 0)
        i++;
    sim_cycle last = 0;
    for (; i < count; i++) {
        if (stimulus[i].cycle == last)
            continue;
        if (s->images == 1)
            s->period = stimulus[i].cycle - last;
        last = stimulus[i].cycle;
        s->first[s->images++] = i;
    }
    s->first[s->images] = count;
    if (s->period == 0)
        s->period = s->c->cycles;
}

static double cpu_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static bool measure(const char *path, double seconds) {
    struct golden_case c;
    struct sim_err err;
    sim_err_init(&err);
    if (!golden_case_read(&c, path, &err)) {
        sim_err_print(&err, stderr);
        sim_err_release(&err);
        golden_case_release(&c);
        return false;
    }
    struct loop_source source = {.base = {.advance = advance}, .c = &c};
    find_images(&source);
    struct bench bench;
    struct bench_spec spec = {.tile = golden_tile_spec, .rows = c.rows, .cols = c.cols};
    bench_init(&bench, &spec);
    golden_load(&bench, &c);
    bench_start(&bench, &source.base);
    double start = cpu_seconds(), used;
    do {
        bench_run(&bench, bench.kernel.now + CHUNK);
        used = cpu_seconds() - start;
    } while (used < seconds);
    bench_settle(&bench);
    uint32_t tiles = c.rows * c.cols;
    uint64_t reads = 0;
    for (uint32_t t = 0; t < tiles; t++)
        reads += bench.tile[t].base.count[ARCH_SHENJING_TILE_EVENT_sram_row_reads];
    double cycles = (double)bench.kernel.now, periods = cycles / (double)source.period;
    printf("%s: %s: %.1f million tile-cycles/s (%u tiles, period %" PRIu64
           " cycles: %.2f us, %.1f steps, %.1f row reads)\n",
           path, bench.tile[0].core.lanes->name, cycles * tiles / used / 1e6, tiles, source.period,
           used * 1e6 / periods, (double)bench.kernel.steps / periods, (double)reads / periods);
    bench_release(&bench);
    free(source.first);
    golden_case_release(&c);
    return true;
}

int main(int argc, char **argv) {
    double seconds = 1;
    int i = 1;
    if (argc > 2 && strcmp(argv[1], "--seconds") == 0) {
        char *end;
        seconds = strtod(argv[2], &end);
        if (*end != '\0' || !(seconds > 0 && seconds < 3600)) {
            fprintf(stderr, "--seconds: '%s' is not a number of seconds\n", argv[2]);
            return SIM_EXIT_USAGE;
        }
        i = 3;
    }
    if (i >= argc) {
        fprintf(stderr, "usage: %s [--seconds S] CASE...\n", argv[0]);
        return SIM_EXIT_USAGE;
    }
    for (; i < argc; i++)
        if (!measure(argv[i], seconds))
            return SIM_EXIT_CONFIG;
    return SIM_EXIT_OK;
}

/* SPDX-License-Identifier: MIT
 *
 * Evaluates a trace on units and prints what came out as JSON, for test_ttfs.py.
 *
 *   ttfs_probe TRACE SAMPLES TYPE DESCRIPTION LEVELS MASKED DEAD_ZONE FIRST_SEED SEEDS [OUT]
 *
 * TYPE is the schema of a window unit, or of a core unit (rate; LEVELS, MASKED and DEAD_ZONE are not used);
 * DESCRIPTION its parameters in YAML, in which %s stands for the seed. OUT gets, of the last seed, the
 * levels of all layers: of each sample in turn, one byte for each neuron of every layer.
 */
#include "arch/crossbar/crossbar.h"
#include "arch/crossbar/spec.h"
#include "arch/evaluate/evaluate.h"
#include "arch/ttfs/core.h"
#include "arch/ttfs/msu.h"
#include "arch/ttfs/opto_ttfs.h"
#include "sim/config/bind.h"
#include "sim/record/energy.h"
#include "test/unit/samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CLOCK_HZ 1e8
#define TECHNOLOGY "configs/tech/ttfs-22nm.yaml"
#define DESCRIPTION_MAX 4096

static struct sim_err err;
static struct sim_trace trace;
static struct arch_samples samples;
static FILE *out;

static void fail(void) {
    sim_err_print(&err, stderr);
    exit(err.code == SIM_EXIT_OK ? 4 : (int)err.code);
}

static void write_levels(void *user, uint64_t sample, uint32_t layer, const uint32_t *level,
                         const double *potential) {
    (void)user, (void)sample, (void)potential;
    for (uint32_t n = 0; n < trace.graph.layer[layer].neurons; n++)
        fputc((int)level[n], out);
}

static double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void print(const struct arch_evaluation *evaluation, const struct arch_evaluation_energy *energy,
                  uint64_t seed, double seconds) {
    printf("{\"seed\": %llu, \"seconds\": %.3f, \"samples\": %llu, \"right\": %llu, \"right_by_potential\": "
           "%llu, "
           "\"tied\": %llu, \"cycles\": %llu, \"silent\": %.17g, \"units\": %u, \"layers\": [",
           (unsigned long long)seed, seconds, (unsigned long long)evaluation->samples,
           (unsigned long long)evaluation->right, (unsigned long long)evaluation->right_by_potential,
           (unsigned long long)evaluation->tied, (unsigned long long)evaluation->cycles,
           arch_evaluation_silent(evaluation), evaluation->units);
    for (uint32_t l = 0; l < evaluation->layers; l++) {
        const struct arch_evaluation_layer *layer = &evaluation->layer[l];
        printf("%s{\"spikes\": %llu, \"deliveries\": %llu, \"silent_level\": %u", l ? ", " : "",
               (unsigned long long)layer->spikes, (unsigned long long)layer->deliveries, layer->code.silent);
        for (uint32_t e = 0; layer->units != 0 && e < evaluation->events; e++)
            printf(", \"%s\": %llu", evaluation->event[e].name, (unsigned long long)layer->count[e]);
        printf("}");
    }
    printf("], \"dynamic_j\": %.6g, \"leakage_j\": %.6g}\n", energy->dynamic_j, energy->leakage_j);
}

static void evaluate(const struct arch_window_unit_type *window, const struct arch_core_unit_type *core,
                     char **argv, uint64_t seed, bool last) {
    struct sim_arena arena;
    sim_arena_init(&arena);
    struct sim_binding binding = {.arena = &arena, .err = &err};
    const struct sim_schema *schema = window != NULL ? window->schema : core->schema;
    void *spec = sim_arena_alloc(&arena, 1, schema->size);
    char text[DESCRIPTION_MAX], number[24], *place = strstr(argv[4], "%s");
    snprintf(number, sizeof number, "%llu", (unsigned long long)seed);
    snprintf(text, sizeof text, "%.*s%s%s", place ? (int)(place - argv[4]) : (int)strlen(argv[4]), argv[4],
             place ? number : "", place ? place + 2 : "");
    if (!sim_bind_text(&binding, schema, text, spec))
        fail();
    arch_evaluate_visit *visit = out != NULL && last ? write_levels : NULL;
    struct arch_evaluation *evaluation;
    double start = cpu_seconds();
    if (window != NULL) {
        struct arch_ttfs *code = SIM_NEW_ARRAY(&arena, struct arch_ttfs, trace.graph.layers);
        if (!arch_evaluate_calibrate(&trace.graph, &samples, (uint32_t)atoi(argv[5]), atoi(argv[6]) != 0,
                                     (uint32_t)atoi(argv[7]), 200, code, &err))
            fail();
        struct arch_evaluate_windows how = {window, spec, CLOCK_HZ, code, 0.5, visit, NULL, {0, 0}};
        evaluation = arch_evaluate_windows(&trace.graph, &samples, &how, &arena, &err);
    } else {
        struct arch_evaluate_rate how = {core, spec, CLOCK_HZ, visit, NULL, {0, 0}};
        evaluation = arch_evaluate_rate(&trace.graph, &samples, &how, &arena, &err);
    }
    if (evaluation == NULL)
        fail();
    double seconds = cpu_seconds() - start;
    struct arch_evaluation_energy energy = {0};
    struct sim_energy *technology = window != NULL ? sim_energy_load(TECHNOLOGY, &err) : NULL;
    if (window != NULL &&
        (technology == NULL || !arch_evaluation_price(evaluation, technology, 0, &energy, &err)))
        fail();
    print(evaluation, &energy, seed, seconds);
    sim_energy_free(technology);
    sim_arena_release(&arena);
}

int main(int argc, char **argv) {
    static const struct arch_window_unit_type *const windows[] = {&arch_ttfs_core_unit, &arch_opto_ttfs_unit,
                                                                  &arch_msu_unit};
    static const struct arch_core_unit_type *const cores[] = {&arch_crossbar_unit};
    const struct arch_window_unit_type *window = NULL;
    const struct arch_core_unit_type *core = NULL;
    if (argc < 10)
        return 1;
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++)
        if (strcmp(windows[i]->schema->name, argv[3]) == 0)
            window = windows[i];
    for (size_t i = 0; i < sizeof cores / sizeof *cores; i++)
        if (strcmp(cores[i]->schema->name, argv[3]) == 0)
            core = cores[i];
    if (window == NULL && core == NULL)
        return 1;
    sim_err_init(&err);
    struct sim_arena arena;
    sim_arena_init(&arena);
    if (!sim_trace_open(&trace, argv[1], &err) ||
        !samples_load(&trace, strtoull(argv[2], NULL, 10), &samples, &arena, &err))
        fail();
    if (argc > 10 && (out = fopen(argv[10], "wb")) == NULL)
        return 4;
    uint64_t seed = strtoull(argv[8], NULL, 10), seeds = strtoull(argv[9], NULL, 10);
    for (uint64_t i = 0; i < seeds; i++)
        evaluate(window, core, argv, seed + i, i + 1 == seeds);
    if (out != NULL && fclose(out) != 0)
        return 4;
    sim_arena_release(&arena);
    sim_trace_close(&trace);
    sim_err_release(&err);
    return 0;
}

/* SPDX-License-Identifier: MIT
 *
 * Runs a crossbar core for test_crossbar.py and tells all that was drawn.
 *
 *   crossbar_probe DESCRIPTION INPUT OUTPUT CLOCK GAP
 *
 * DESCRIPTION is YAML of arch.crossbar; INPUT is int32: number of vectors, weights [axons][neurons], vectors
 * [vectors][axons] (of 0 and 1 for spikes); vector v is given at cycle v x GAP of a clock of CLOCK Hz. OUTPUT
 * is a sequence of "name type count\n" (type d: double, u: uint64) and the values.
 */
#include "arch/crossbar/crossbar.h"
#include "sim/base/arena.h"
#include "sim/config/bind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static FILE *out;

static void fail(const char *what) {
    fprintf(stderr, "crossbar_probe: %s\n", what);
    exit(1);
}

static void tell(const char *name, const double *value, size_t count) {
    fprintf(out, "%s d %zu\n", name, count);
    if (fwrite(value, sizeof *value, count, out) != count)
        fail("output");
}

static void tell_counts(const char *name, const uint64_t *value, size_t count) {
    fprintf(out, "%s u %zu\n", name, count);
    if (fwrite(value, sizeof *value, count, out) != count)
        fail("output");
}

static void tell_layout(const struct arch_crossbar *xb) {
    const struct arch_crossbar_layout *l = &xb->layout;
    const uint64_t value[] = {l->slices,     l->signs,       l->across,
                              l->blocks,     l->columns,     l->units,
                              l->lanes,      l->conversions, l->array_conversions,
                              l->converters, l->mux,         l->group_rows,
                              xb->exact,
                              xb->fold != NULL};
    tell_counts("layout", value, sizeof value / sizeof *value);
    tell("codes", &xb->codes.low, 3);
}

static void tell_draws(const struct arch_crossbar *xb, struct sim_arena *arena) {
    uint64_t cells = (uint64_t)xb->spec->axons * xb->layout.lanes;
    double *program = SIM_NEW_ARRAY(arena, double, cells), *stuck = SIM_NEW_ARRAY(arena, double, cells);
    double *drift = SIM_NEW_ARRAY(arena, double, cells), *step = SIM_NEW_ARRAY(arena, double, cells);
    for (uint64_t cell = 0; cell < cells; cell++) {
        struct arch_crossbar_draws draws;
        arch_crossbar_draw(&xb->device, cell, cells, 0, &draws);
        program[cell] = draws.program;
        stuck[cell] = draws.stuck;
        drift[cell] = draws.drift;
        if (xb->telegraph != NULL)
            step[cell] = arch_crossbar_normal(xb->device.ziggurat, xb->telegraph->key_step, cell);
    }
    tell("program", program, cells);
    tell("stuck", stuck, cells);
    tell("drift", drift, cells);
    tell("telegraph", step, cells);
    uint64_t converters = (uint64_t)xb->layout.blocks * xb->layout.across * xb->layout.converters;
    double *adc = SIM_NEW_ARRAY(arena, double, converters);
    uint64_t key = arch_crossbar_key(xb->spec->seed, xb->host.number, ARCH_CROSSBAR_STREAM_ADC);
    for (uint64_t i = 0; i < converters; i++)
        adc[i] = arch_crossbar_normal(xb->device.ziggurat, key, i);
    tell("adc", adc, converters);
}

static void tell_reads(const struct arch_crossbar *xb, struct sim_arena *arena) {
    uint64_t count = xb->reads * (xb->fold != NULL ? xb->fold->lanes : xb->layout.lanes);
    double *normal = SIM_NEW_ARRAY(arena, double, count + 1);
    for (uint64_t i = 0; i < count; i++)
        normal[i] = arch_crossbar_normal(xb->device.ziggurat, xb->key_read, i);
    tell("reads", normal, count);
    tell_counts("unconverged", &xb->unconverged, 1);
}

/* Which cells are on their higher level. */
static void tell_high(const struct arch_crossbar *xb, struct sim_arena *arena) {
    const struct arch_crossbar_telegraph *t = xb->telegraph;
    if (t == NULL)
        return;
    double *high = SIM_NEW_ARRAY(arena, double, (size_t)xb->spec->axons * t->lanes);
    for (uint32_t i = 0; i < t->high; i++)
        high[(size_t)(t->place[i] / t->used) * t->lanes + t->place[i] % t->used] = 1;
    tell("high", high, (size_t)xb->spec->axons * t->lanes);
}

static uint64_t run(struct arch_crossbar *xb, const int32_t *vector, double *total, sim_cycle now,
                    struct sim_arena *arena) {
    if (xb->spec->input.kind == ARCH_CROSSBAR_SERIAL)
        return arch_crossbar_numbers(xb, vector, total, now);
    uint64_t *spikes = SIM_NEW_ARRAY(arena, uint64_t, (xb->spec->axons + 63) / 64);
    int32_t *sums = SIM_NEW_ARRAY(arena, int32_t, xb->spec->neurons);
    for (uint32_t axon = 0; axon < xb->spec->axons; axon++)
        spikes[axon / 64] |= (uint64_t)(vector[axon] != 0) << (axon % 64);
    uint64_t cycles = arch_crossbar_spikes(xb, spikes, sums, now);
    for (uint32_t neuron = 0; neuron < xb->spec->neurons; neuron++)
        total[neuron] = xb->exact ? sums[neuron] : xb->total[neuron];
    return cycles;
}

static char *read_all(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0)
        fail(path);
    *size = (size_t)ftell(file);
    rewind(file);
    char *data = calloc(*size + 1, 1);
    if (data == NULL || fread(data, 1, *size, file) != *size)
        fail(path);
    fclose(file);
    return data;
}

int main(int argc, char **argv) {
    if (argc != 6)
        fail("wrong arguments");
    struct sim_arena arena;
    struct sim_err err;
    sim_arena_init(&arena);
    sim_err_init(&err);
    size_t size;
    char *text = read_all(argv[1], &size), *bytes = read_all(argv[2], &size);
    const int32_t *data = (const int32_t *)(void *)bytes;
    struct sim_binding binding = {.arena = &arena, .err = &err};
    struct arch_crossbar_spec spec;
    uint64_t count[ARCH_CROSSBAR_EVENT_COUNT] = {0};
    struct sim_component owner = {.count = count};
    struct arch_core_unit_host host = {.owner = &owner, .clock_hz = atof(argv[4]), .arena = &arena};
    struct arch_crossbar *xb = SIM_NEW(&arena, struct arch_crossbar);
    out = fopen(argv[3], "wb");
    if (out == NULL || !sim_bind_text(&binding, &arch_crossbar_schema, text, &spec)) {
        sim_err_print(&err, stderr);
        return 2;
    }
    size_t vectors = (size_t)data[0], weights = (size_t)spec.axons * spec.neurons;
    if (size != (1 + weights + vectors * spec.axons) * sizeof *data)
        fail("wrong size of the input");
    arch_crossbar_init(xb, &spec, &host);
    for (size_t i = 0; i < weights; i++)
        arch_crossbar_load(xb, (uint32_t)(i / spec.neurons), (uint32_t)(i % spec.neurons), 1,
                           &(int16_t){(int16_t)data[1 + i]});
    if (!arch_crossbar_prepare(xb, &err)) {
        sim_err_print(&err, stderr);
        return 2;
    }
    tell_layout(xb);
    tell_draws(xb, &arena);
    double *total = SIM_NEW_ARRAY(&arena, double, spec.neurons);
    uint64_t *cycles = SIM_NEW_ARRAY(&arena, uint64_t, vectors);
    for (size_t v = 0; v < vectors; v++) {
        cycles[v] =
            run(xb, data + 1 + weights + v * spec.axons, total, v * strtoull(argv[5], NULL, 10), &arena);
        tell("total", total, spec.neurons);
        tell_high(xb, &arena);
    }
    tell_reads(xb, &arena);
    tell_counts("cycles", cycles, vectors);
    tell_counts("counts", count, ARCH_CROSSBAR_EVENT_COUNT);
    if (fclose(out) != 0)
        fail("output");
    free(text);
    free(bytes);
    sim_arena_release(&arena);
    sim_err_release(&err);
    return 0;
}

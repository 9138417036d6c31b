/* SPDX-License-Identifier: MIT
 *
 * Speed of the crossbar core in synaptic operations (a spike at one axon times one neuron) per CPU second:
 * 256 x 256 weights of 5 bits, 10 % of the axons spiking, long spike trains.
 *
 *   bench_crossbar [SECONDS]     per configuration; default 0.5
 */
#include "arch/crossbar/crossbar.h"
#include "sim/base/arena.h"
#include "sim/config/bind.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define AXONS 256u
#define TIMESTEPS 64u

struct configuration {
    const char *name, *text;
    double target; /* operations a second; 0: none */
};

static const struct configuration configurations[] = {
    {"all noises off", "{weights: {bits: 5}}", 1e9},
    {"ADC of 6 bits", "{weights: {bits: 5}, adc: {kind: sar, bits: 6}}", 0},
    {"programming error", "{weights: {bits: 5}, program: {model: proportional, sigma: 0.05}}", 0},
    {"read noise, ADC of 6 bits",
     "{weights: {bits: 5}, adc: {kind: sar, bits: 6}, read: {fluctuation: 0.05}}", 1e8},
    {"read noise, 4-bit cells",
     "{weights: {bits: 5, symmetric: true}, cell: {bits: 4}, read: {fluctuation: 0.05}}", 1e8},
    {"read noise, offset weights", "{weights: {bits: 5, encoding: offset}, read: {fluctuation: 0.05}}", 1e8},
    {"telegraph noise",
     "{weights: {bits: 5}, read: {telegraph: 0.05, telegraph_high: 0.01, telegraph_dwell: 1 ms}}", 1e8},
    {"9 rows at once, noise", "{weights: {bits: 5}, array: {active_rows: 9}, read: {fluctuation: 0.05}}", 0},
    {"IR drop, 1r", "{weights: {bits: 5}, array: {access: 1r}, wires: {row: 1 Ohm, col: 1 Ohm}}", 0},
    {"IR drop, 1t1r", "{weights: {bits: 5}, wires: {row: 1 Ohm, col: 1 Ohm}}", 0},
    {"IR drop, 1r, not ohmic",
     "{weights: {bits: 5}, array: {access: 1r}, cell: {nonlinearity: 0.5}, "
     "wires: {row: 1 Ohm, col: 1 Ohm}}", 0},
};

static double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double measure(const struct configuration *configuration, double seconds) {
    struct sim_arena arena;
    struct sim_err err;
    sim_arena_init(&arena);
    sim_err_init(&err);
    struct sim_binding binding = {.arena = &arena, .err = &err};
    struct arch_crossbar_spec spec;
    uint64_t count[ARCH_CROSSBAR_EVENT_COUNT] = {0}, rng = 1;
    struct sim_component owner = {.count = count};
    struct arch_core_unit_host host = {.owner = &owner, .clock_hz = 1e8, .arena = &arena};
    struct arch_crossbar *xb = SIM_NEW(&arena, struct arch_crossbar);
    if (!sim_bind_text(&binding, &arch_crossbar_schema, configuration->text, &spec)) {
        sim_err_print(&err, stderr);
        exit(2);
    }
    arch_crossbar_init(xb, &spec, &host);
    for (uint32_t axon = 0; axon < AXONS; axon++)
        for (uint32_t neuron = 0; neuron < spec.neurons; neuron++)
            arch_crossbar_load(xb, axon, neuron, 1, &(int16_t){(int16_t)((int)sim_rng_below(&rng, 31) - 15)});
    if (!arch_crossbar_prepare(xb, &err))
        exit(2);
    uint64_t spikes[TIMESTEPS][AXONS / 64] = {{0}}, active = 0;
    for (uint32_t t = 0; t < TIMESTEPS; t++)
        for (uint32_t axon = 0; axon < AXONS; axon++)
            if (sim_rng_below(&rng, 10) == 0) {
                spikes[t][axon / 64] |= UINT64_C(1) << (axon % 64);
                active++;
            }
    int32_t *sums = SIM_NEW_ARRAY(&arena, int32_t, TIMESTEPS * spec.neurons);
    double operations = 0, start = cpu_seconds(), spent;
    sim_cycle now = 0;
    do {
        now += arch_crossbar_spike_train(xb, &spikes[0][0], TIMESTEPS, sums, now);
        operations += (double)active * spec.neurons;
        spent = cpu_seconds() - start;
    } while (spent < seconds);
    sim_arena_release(&arena);
    sim_err_release(&err);
    return operations / spent;
}

int main(int argc, char **argv) {
    double seconds = argc > 1 ? atof(argv[1]) : 0.5;
    printf("%-30s %14s %10s\n", "crossbar 256 x 256", "operations/s", "target");
    for (size_t i = 0; i < sizeof configurations / sizeof *configurations; i++) {
        double rate = measure(&configurations[i], seconds);
        printf("%-30s %14.3g", configurations[i].name, rate);
        if (configurations[i].target > 0)
            printf(" %10.0e", configurations[i].target);
        printf("\n");
    }
    return 0;
}

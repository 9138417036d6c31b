/* SPDX-License-Identifier: MIT
 *
 * Tiles on the bench; see bench.h. The host drives a wire one cycle before its value is wanted.
 */
#include "test/golden/bench.h"

#include <string.h>

static void copy_bus(int8_t *to, const struct naive_inputs *inputs, uint32_t half) {
    for (uint32_t k = 0; k < NAIVE_SUBCORES; k++)
        memcpy(to + k * half, inputs->bus[k], half);
}

static void drive_tile(struct bench *bench, uint32_t t, sim_cycle now) {
    struct arch_shenjing_tile *tile = &bench->tile[t];
    struct naive_inputs *inputs = &bench->inputs[t];
    if (inputs->changed & NAIVE_INPUT_PIN)
        memcpy(sim_wire_drive(&tile->pins, now), &inputs->pin, sizeof inputs->pin);
    if (inputs->changed & NAIVE_INPUT_EXTERNAL)
        memcpy(sim_wire_drive(&tile->external, now), inputs->external, tile->spec.axons / 8);
    if (inputs->changed & NAIVE_INPUT_BUS)
        copy_bus(sim_wire_drive(&tile->weight_bus, now), inputs, tile->spec.neurons / 2);
    inputs->changed = 0;
}

static sim_cycle step(void *self, sim_cycle now) {
    struct bench *bench = self;
    if (bench->next == now + 1) {
        bench->next = bench->source->advance(bench->source, now + 1, bench->inputs);
        for (uint32_t t = 0; t < bench->spec.rows * bench->spec.cols; t++)
            drive_tile(bench, t, now);
    }
    return bench->next == SIM_NEVER ? SIM_NEVER : bench->next - 1;
}

static const struct sim_type host_type = {
    .name = "test.bench", .help = "drives the tiles' inputs", .step = step};

static void connect_tile(struct bench *bench, uint32_t t) {
    struct arch_shenjing_tile *tile = &bench->tile[t];
    uint32_t row = t / bench->spec.cols, col = t % bench->spec.cols, id = tile->base.id;
    int64_t side[NOC_PORT_COUNT] = {
        [NOC_PORT_NORTH] = row > 0 ? (int64_t)t - bench->spec.cols : -1,
        [NOC_PORT_SOUTH] = row + 1 < bench->spec.rows ? (int64_t)t + bench->spec.cols : -1,
        [NOC_PORT_EAST] = col + 1 < bench->spec.cols ? (int64_t)t + 1 : -1,
        [NOC_PORT_WEST] = col > 0 ? (int64_t)t - 1 : -1,
    };
    for (int port = 0; port < NOC_PORT_COUNT; port++) {
        uint32_t to = SIM_NOBODY;
        if (side[port] >= 0) {
            arch_shenjing_tile_connect(tile, (enum noc_port)port, &bench->tile[side[port]], true,
                                       true);
            to = bench->tile[side[port]].base.id;
        }
        sim_kernel_connect_wire(&bench->kernel, &tile->ps.out[port], "ps", id, to);
        sim_kernel_connect_wire(&bench->kernel, &tile->spike.out[port], "spike", id, to);
    }
    sim_kernel_connect_wire(&bench->kernel, &tile->pins, "pins", bench->host.id, id);
    sim_kernel_connect_wire(&bench->kernel, &tile->external, "external", bench->host.id, id);
    sim_kernel_connect_wire(&bench->kernel, &tile->weight_bus, "weight_bus", bench->host.id, id);
}

void bench_init(struct bench *bench, const struct bench_spec *spec) {
    memset(bench, 0, sizeof *bench);
    uint32_t tiles = spec->rows * spec->cols;
    bench->spec = *spec;
    sim_arena_init(&bench->arena);
    sim_kernel_init(&bench->kernel, &spec->kernel, &bench->arena);
    bench->tile = SIM_NEW_ARRAY(&bench->arena, struct arch_shenjing_tile, tiles);
    bench->inputs = SIM_NEW_ARRAY(&bench->arena, struct naive_inputs, tiles);
    for (uint32_t t = 0; t < tiles; t++) {
        struct arch_shenjing_tile *tile = &bench->tile[t];
        arch_shenjing_tile_init(tile, &spec->tile, &bench->arena);
        if (spec->lanes != NULL)
            tile->core.lanes = tile->ps.lanes = tile->spike.lanes = spec->lanes;
        bench->inputs[t].pin = *arch_shenjing_tile_preset_pins(tile);
        sim_kernel_add(&bench->kernel, &tile->base, &arch_shenjing_tile_type,
                       sim_arena_format(&bench->arena, "tile[%u][%u]", t / spec->cols, t % spec->cols));
    }
    sim_kernel_add(&bench->kernel, &bench->host, &host_type, "bench");
    for (uint32_t t = 0; t < tiles; t++)
        connect_tile(bench, t);
    sim_open(&bench->host); /* the caller decides when the run ends */
}

void bench_start(struct bench *bench, struct bench_source *source) {
    bench->source = source;
    bench->next = source->advance(source, 0, bench->inputs);
    for (uint32_t t = 0; t < bench->spec.rows * bench->spec.cols; t++) {
        struct arch_shenjing_tile *tile = &bench->tile[t];
        struct naive_inputs *inputs = &bench->inputs[t];
        *arch_shenjing_tile_preset_pins(tile) = inputs->pin;
        memcpy(sim_wire_preset(&tile->external), inputs->external, tile->spec.axons / 8);
        copy_bus(sim_wire_preset(&tile->weight_bus), inputs, tile->spec.neurons / 2);
        inputs->changed = 0;
    }
    sim_kernel_start(&bench->kernel);
}

void bench_release(struct bench *bench) { sim_arena_release(&bench->arena); }

void bench_run(struct bench *bench, sim_cycle until) {
    while (bench->kernel.now < until)
        if (sim_kernel_run(&bench->kernel, until) == SIM_STOP_STALLED)
            bench->kernel.now = until; /* nobody is due any more: time passes all the same */
}

void bench_settle(struct bench *bench) { sim_kernel_settle(&bench->kernel); }

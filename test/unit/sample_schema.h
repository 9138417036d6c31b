/* SPDX-License-Identifier: MIT
 *
 * A made-up chip with one parameter of every kind: what the tests of the description code build on, so
 * that they do not change when hardware does.
 */
#ifndef TEST_UNIT_SAMPLE_SCHEMA_H
#define TEST_UNIT_SAMPLE_SCHEMA_H

#include "sim/config/param.h"

struct sample_tile {
    uint32_t axons;
    int32_t bias;
    double pitch_m;
};

static const struct sim_param sample_tile_params[] = {
    SIM_PARAM_UINT(struct sample_tile, axons, 1, 256, "16", "axons of a tile"),
    SIM_PARAM_INT(struct sample_tile, bias, -8, 7, "-1", "added to every sum"),
    SIM_PARAM_QUANTITY(struct sample_tile, pitch_m, "pitch", SIM_UNIT_METRE, 1e-6, 1e-2, "0.1 mm",
                       "distance to the next tile"),
};

static const struct sim_schema sample_tile_schema = {
    .name = "test.tile",
    .help = "A tile. It computes.",
    .size = sizeof(struct sample_tile),
    SIM_SCHEMA_PARAMS(sample_tile_params),
};

struct sample_mesh {
    uint32_t vcs, rows, columns;
    int routing;
};

static const char *const sample_routings[] = {"xy", "yx", "adaptive", NULL};

static const struct sim_param sample_mesh_params[] = {
    SIM_PARAM_UINT(struct sample_mesh, vcs, 1, 16, "2", "virtual channels of a port"),
    SIM_PARAM_UINT(struct sample_mesh, rows, 1, 64, NULL, "routers north to south"),
    SIM_PARAM_UINT(struct sample_mesh, columns, 1, 64, "4", "routers west to east"),
    SIM_PARAM_CHOICE(struct sample_mesh, routing, sample_routings, "xy", "routing algorithm"),
};

static bool sample_mesh_check(const void *spec, const struct sim_where *where, struct sim_err *err) {
    const struct sample_mesh *mesh = spec;
    if (mesh->routing != 2 || mesh->vcs >= 2)
        return true;
    return sim_err_add(err, SIM_EXIT_CONFIG, where, "test.mesh: adaptive routing needs 2 vcs, not %u",
                       mesh->vcs);
}

static const struct sim_schema sample_mesh_schema = {
    .name = "test.mesh",
    .help = "A mesh of routers.",
    .role = "network",
    .size = sizeof(struct sample_mesh),
    SIM_SCHEMA_PARAMS(sample_mesh_params),
    .check = sample_mesh_check,
};

struct sample_ring {
    uint32_t stops;
};

static const struct sim_param sample_ring_params[] = {
    SIM_PARAM_UINT(struct sample_ring, stops, 2, 64, "8", "stops of the ring"),
};

static const struct sim_schema sample_ring_schema = {
    .name = "test.ring",
    .help = "A ring.",
    .role = "network",
    .size = sizeof(struct sample_ring),
    SIM_SCHEMA_PARAMS(sample_ring_params),
};

struct sample_chip {
    struct sample_tile tile;
    double clock_hz, gain;
    bool gated;
    const char *label;
    uint64_t seed;
    const struct sim_any *networks;
    uint32_t network_count;
    struct sim_any spare;
    const struct sample_tile *extra;
    uint32_t extra_count;
    const uint32_t *layers;
    uint32_t layer_count;
    const double *levels;
    uint32_t level_count;
};

static const struct sim_param sample_chip_params[] = {
    SIM_PARAM_SPEC(struct sample_chip, tile, &sample_tile_schema, "the tile"),
    SIM_PARAM_QUANTITY(struct sample_chip, clock_hz, "clock", SIM_UNIT_HERTZ, 1, 1e11, "120 kHz",
                       "base clock"),
    SIM_PARAM_REAL(struct sample_chip, gain, 0, 1, "0.5", "gain of the readout"),
    SIM_PARAM_BOOL(struct sample_chip, gated, "true", "clock gating"),
    SIM_PARAM_TEXT(struct sample_chip, label, "", "free text"),
    SIM_PARAM_UINT64(struct sample_chip, seed, 0, 1.8446744073709552e19, "1", "seed"),
    SIM_PARAM_LIST_ANY(struct sample_chip, networks, network_count, "network", "[]", "networks"),
    SIM_PARAM_ANY(struct sample_chip, spare, "network", "{type: test.ring}", "one more network"),
    SIM_PARAM_LIST(struct sample_chip, extra, extra_count, &sample_tile_schema, "odd tiles"),
    SIM_PARAM_LIST_UINT(struct sample_chip, layers, layer_count, 1, 1000, "[784, 10]", "layers"),
    SIM_PARAM_LIST_REAL(struct sample_chip, levels, level_count, -1, 1, "[]", "levels"),
};

static const struct sim_schema sample_chip_schema = {
    .name = "test.chip",
    .help = "A chip for tests: one parameter of every kind.",
    .role = "chip",
    .size = sizeof(struct sample_chip),
    SIM_SCHEMA_PARAMS(sample_chip_params),
};

static const struct sim_schema *const sample_registry[] = {&sample_chip_schema, &sample_mesh_schema,
                                                           &sample_ring_schema, NULL};

struct sample_run {
    uint64_t watchdog;
};

static const struct sim_param sample_run_params[] = {
    SIM_PARAM_UINT64(struct sample_run, watchdog, 0, 1e15, "100000", "cycles without progress"),
};

static const struct sim_schema sample_run_schema = {
    .name = "test.run",
    .help = "How the chip is run.",
    .size = sizeof(struct sample_run),
    SIM_SCHEMA_PARAMS(sample_run_params),
};

#endif

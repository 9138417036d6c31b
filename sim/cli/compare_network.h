/* SPDX-License-Identifier: MIT
 *
 * The shape of a network for nocsim compare: dense layers by fan-in and fan-out, convolutions and pooling by
 * their feature maps.
 *
 *     dense      fan_out neurons that share fan_in inputs, `repeat` times (tokens)
 *     conv       all channels at a place share a window; windows at a border have fewer inputs
 *     avgpool    a window for each channel and place, without weights
 *
 * Windows of a layer that have equally many inputs are one part: simulated once, it counts `repeat` times.
 * Published formulas count every place as a whole window and leave pooling out: `whole_windows` does so.
 */
#ifndef SIM_CLI_COMPARE_NETWORK_H
#define SIM_CLI_COMPARE_NETWORK_H

#include "sim/cli/compare_crossover.h"

#include <jansson.h>

enum compare_network_kind {
    COMPARE_NETWORK_DENSE,
    COMPARE_NETWORK_CONV,
    COMPARE_NETWORK_AVGPOOL,
    COMPARE_NETWORK_KIND_COUNT
};

/* 0: not given. */
struct compare_network_layer {
    const char *name;
    int kind;
    uint32_t fan_in, fan_out, repeat;      /* dense */
    uint32_t inputs, channels, rows,
        cols; /* rows and columns of the map that is read; inputs: its channels */
    uint32_t kernel, stride, padding;
};

struct compare_network_part {
    uint32_t layer;
    uint32_t fan_in, fan_out, repeat;
};

struct compare_network {
    const char *name, *description;
    const struct compare_network_layer *layers;
    uint32_t layer_count;
    /* What is simulated, by layers. */
    bool whole_windows;
    struct compare_network_part *part;
    uint32_t parts;
};

extern const struct sim_schema compare_network_schema;

/* Reads configs/networks/FILE; everything lives in the arena. */
bool compare_network_load(struct compare_network *network, const char *file, bool whole_windows,
                          struct sim_arena *arena, struct sim_err *err);

/* The parts one after another, each like `layer` but for its shape: result[network->parts], in the arena.
 * NULL and messages on a fault. */
struct compare_result *compare_network_run(const struct compare_chip *chip,
                                           const struct compare_network *network,
                                           const struct compare_layer *layer, struct sim_arena *arena,
                                           struct sim_err *err);

/* Where the whole network costs the same either way; see compare_find_crossover. */
bool compare_network_crossover(const struct compare_chip *chip, const struct compare_network *network,
                               const struct compare_layer *layer, const char *text, struct sim_arena *arena,
                               struct compare_crossover *crossover, struct sim_err *err);

void compare_network_text(const struct compare_network *network, const struct compare_result *result,
                          FILE *out);
json_t *compare_network_json(const struct compare_network *network, const struct compare_result *result);

#endif

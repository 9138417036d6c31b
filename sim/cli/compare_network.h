/* SPDX-License-Identifier: MIT
 *
 * The shape of a network for nocsim compare: layers by fan-in and fan-out, each so many times (places of a
 * convolution, tokens). Every distinct layer is simulated once and counts `repeat` times.
 */
#ifndef SIM_CLI_COMPARE_NETWORK_H
#define SIM_CLI_COMPARE_NETWORK_H

#include "sim/cli/compare.h"

#include <jansson.h>

struct compare_network_layer {
    const char *name;
    uint32_t fan_in, fan_out, repeat;
};

struct compare_network {
    const char *name, *description;
    const struct compare_network_layer *layers;
    uint32_t layer_count;
};

extern const struct sim_schema compare_network_schema;

/* Reads configs/networks/FILE; everything lives in the arena. */
bool compare_network_load(struct compare_network *network, const char *file, struct sim_arena *arena,
                          struct sim_err *err);

/* The layers one after another, each like `layer` but for its shape: result[network->layer_count], in the
 * arena. NULL and messages on a fault. */
struct compare_result *compare_network_run(const struct compare_chip *chip,
                                           const struct compare_network *network,
                                           const struct compare_layer *layer, struct sim_arena *arena,
                                           struct sim_err *err);

/* Sums over the layers: of the simulation or of the closed form. */
double compare_network_energy(const struct compare_network *network, const struct compare_result *result,
                              int mode, bool model);

void compare_network_text(const struct compare_network *network, const struct compare_result *result,
                          FILE *out);
json_t *compare_network_json(const struct compare_network *network, const struct compare_result *result);

#endif

/* SPDX-License-Identifier: MIT
 *
 * Spikes in any order in, in the order of a trace out: an SQLite table in a temporary file that
 * vanishes with it, so that memory stays small however long the list is.
 */
#ifndef SIM_CLI_SPIKE_SORT_H
#define SIM_CLI_SPIKE_SORT_H

#include "sim/base/err.h"
#include "sim/base/types.h"

struct cli_spike {
    uint64_t sample;
    uint32_t layer, timestep, neuron;
};

struct cli_spike_sort;

/* NULL with a message (no room for temporary files). */
struct cli_spike_sort *cli_spike_sort_new(struct sim_err *err);
void cli_spike_sort_free(struct cli_spike_sort *sort);

/* *twice is set when this spike is there already. False with a message of code SIM_EXIT_IO. */
bool cli_spike_sort_add(struct cli_spike_sort *sort, const struct cli_spike *spike, bool *twice,
                        struct sim_err *err);

/* The spikes in ascending order of (sample, layer, timestep, neuron), one a call, after the last add;
 * *end is set after the last one. */
bool cli_spike_sort_next(struct cli_spike_sort *sort, struct cli_spike *spike, bool *end,
                         struct sim_err *err);

#endif

/* SPDX-License-Identifier: MIT
 *
 * SpikySpace, a spiking state-space network for time series (arXiv 2601.02411): its energy as the authors
 * count it, operation by operation, for `layers` equal layers and one final linear layer.
 *
 *     energy = MACs x mac + accumulations x acc + shifts x shift + moved bits x move + weight bits x read
 *
 * L tokens, D_in inputs and outputs, D_h hidden, S states, R rank of the step size, P_out outputs of the
 * first projection, T timesteps, s spikes a neuron and timestep. The inventory (MACs, accumulations and so on
 * of each stage) stands in spikyspace.c as in the authors' script, with its oddity: the first projection is
 * charged 32-bit multiplications and weight reads for each spike as well.
 *
 * Source: Kaiwen-Tang/SpikySpace, energy_cal.py, commit 5e0bef4; the shape is the one it ships (Electricity).
 */
#ifndef ARCH_MODEL_SPIKYSPACE_H
#define ARCH_MODEL_SPIKYSPACE_H

#include "arch/model/model.h"

#ifdef __cplusplus
extern "C" {
#endif

struct arch_model_spikyspace_spec {
    uint32_t tokens, inputs, hidden, states, rank, projected, classes, timesteps, layers;
    double spike_rate;
    double mac_j, accumulate_j, shift_j, move_j, weight_read_j; /* the last two a bit */
};

enum arch_model_spikyspace_result {
    ARCH_MODEL_SPIKYSPACE_TOTAL,
    ARCH_MODEL_SPIKYSPACE_COMPUTE_J,
    ARCH_MODEL_SPIKYSPACE_MOVE_J,
    ARCH_MODEL_SPIKYSPACE_WEIGHT_J,
    ARCH_MODEL_SPIKYSPACE_FINAL_J,
    ARCH_MODEL_SPIKYSPACE_MACS,
    ARCH_MODEL_SPIKYSPACE_ACCUMULATIONS,
    ARCH_MODEL_SPIKYSPACE_SHIFTS,
    ARCH_MODEL_SPIKYSPACE_MOVED_BITS,
    ARCH_MODEL_SPIKYSPACE_WEIGHT_BITS,
    ARCH_MODEL_SPIKYSPACE_RESULT_COUNT
};

extern const struct sim_schema arch_model_spikyspace_schema;
extern const struct arch_model arch_model_spikyspace;

#ifdef __cplusplus
}
#endif

#endif

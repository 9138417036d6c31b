/* SPDX-License-Identifier: MIT
 *
 * SNN against an 8-bit ANN, first version of "Reconsidering the energy efficiency of spiking neural
 * networks" (arXiv 2409.08290v1): the formulas that the authors plot, energy for each synapse and inference.
 *
 *     spatial    E_ANN = d * ann_synapse
 *                E_SNN = T * s_r * snn_synapse + T * snn_neuron_step / F
 *     classical  E_ANN = d * ann_synapse + ann_weight / R
 *                E_SNN = T * s_r * (snn_synapse + snn_add / F) + snn_weight * T / (R * (1 + T)) + snn_step *
 * T
 *
 * T timesteps, s_r spikes a neuron and timestep, d density of the ANN's activations, F fan-in, R reuse of a
 * weight. The code has the sums of the constants only; what they are made of is our reading and stands in
 * the help texts. No network-on-chip term occurs. The model of the same paper for neuromorphic dataflow is
 * not published in any source we know.
 *
 * Source: zhangluyan9/Sparse_SNN, commit 54ced6f, Cifar10/VGG16/draw_.py (there solved for the sparsity
 * 1 - s_r of equal energy).
 */
#ifndef ARCH_MODEL_SNN_VS_QNN_V1_H
#define ARCH_MODEL_SNN_VS_QNN_V1_H

#include "arch/model/model.h"

#ifdef __cplusplus
extern "C" {
#endif

enum arch_model_v1_hardware { ARCH_MODEL_V1_SPATIAL, ARCH_MODEL_V1_CLASSICAL, ARCH_MODEL_V1_HARDWARE_COUNT };

struct arch_model_v1_spatial {
    double ann_synapse_j, snn_synapse_j, snn_neuron_step_j;
};

struct arch_model_v1_classical {
    double ann_synapse_j, ann_weight_j;
    double snn_synapse_j, snn_add_j, snn_weight_j, snn_step_j;
};

struct arch_model_v1_spec {
    int hardware; /* enum arch_model_v1_hardware */
    uint32_t timesteps;
    double spike_rate, density, fan_in, weight_reuse;
    struct arch_model_v1_spatial spatial;
    struct arch_model_v1_classical classical;
};

/* Order of the results. crossover: spike rate of equal energy; below it the SNN wins. */
enum arch_model_v1_result {
    ARCH_MODEL_V1_RATIO,
    ARCH_MODEL_V1_SNN,
    ARCH_MODEL_V1_ANN,
    ARCH_MODEL_V1_CROSSOVER,
    ARCH_MODEL_V1_CROSSOVER_SPARSITY,
    ARCH_MODEL_V1_RESULT_COUNT
};

extern const struct sim_schema arch_model_v1_schema;
extern const struct arch_model arch_model_snn_vs_qnn_v1;

#ifdef __cplusplus
}
#endif

#endif

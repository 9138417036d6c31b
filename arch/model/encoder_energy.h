/* SPDX-License-Identifier: MIT
 *
 * A transformer encoder priced by counting operations, as most papers on spiking transformers do:
 *
 *     linear      layers x tokens x (4 width^2 + 2 width ffn)          Q, K, V, output; two of the FFN
 *     attention   layers x 2 tokens^2 width                            Q.K^T and A.V
 *     E_ANN       MACs x mac
 *     E_SNN       T x spike_rate x MACs x accumulate
 *
 * No movement, no memory, no soft-max, no normalisation: what such a figure leaves out is most of the energy
 * of a chip (snn-vs-qnn).
 *
 * Source: the counting of Spikformer's line (arXiv 2403.18228v1, appendix); shapes of BERT-base from
 * Kaiwen-Tang/Sorbet.
 */
#ifndef ARCH_MODEL_ENCODER_ENERGY_H
#define ARCH_MODEL_ENCODER_ENERGY_H

#include "arch/model/model.h"

#ifdef __cplusplus
extern "C" {
#endif

struct arch_model_encoder_spec {
    uint32_t layers, tokens, width, ffn, timesteps;
    double spike_rate, mac_j, accumulate_j;
};

enum arch_model_encoder_result {
    ARCH_MODEL_ENCODER_RATIO,
    ARCH_MODEL_ENCODER_SAVING,
    ARCH_MODEL_ENCODER_ANN,
    ARCH_MODEL_ENCODER_SNN,
    ARCH_MODEL_ENCODER_MACS,
    ARCH_MODEL_ENCODER_LINEAR_MACS,
    ARCH_MODEL_ENCODER_ATTENTION_MACS,
    ARCH_MODEL_ENCODER_ACCUMULATIONS,
    ARCH_MODEL_ENCODER_RESULT_COUNT
};

extern const struct sim_schema arch_model_encoder_schema;
extern const struct arch_model arch_model_encoder_energy;

#ifdef __cplusplus
}
#endif

#endif

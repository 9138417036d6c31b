/* SPDX-License-Identifier: MIT
 *
 * Transformer encoder by counted operations; see encoder_energy.h.
 */
#include "arch/model/encoder_energy.h"

#include <math.h>

static const struct sim_param params[] = {
    SIM_PARAM_UINT(struct arch_model_encoder_spec, layers, 1, 4096, "12", "encoder layers"),
    SIM_PARAM_UINT(struct arch_model_encoder_spec, tokens, 1, 1048576, "128", "tokens of a sequence"),
    SIM_PARAM_UINT(struct arch_model_encoder_spec, width, 1, 1048576, "768", "width of the model"),
    SIM_PARAM_UINT(struct arch_model_encoder_spec, ffn, 1, 4194304, "3072",
                   "width inside the feed-forward part"),
    SIM_PARAM_UINT(struct arch_model_encoder_spec, timesteps, 1, 4096, "16", "timesteps T of the SNN"),
    SIM_PARAM_REAL(struct arch_model_encoder_spec, spike_rate, 0, 1, "0.13", "spikes a neuron and timestep"),
    SIM_PARAM_QUANTITY(struct arch_model_encoder_spec, mac_j, "mac", SIM_UNIT_JOULE, 0, 1e-6, "4.6 pJ",
                       "a multiply-accumulate of the ANN (32-bit floating point, 45 nm, Horowitz)"),
    SIM_PARAM_QUANTITY(struct arch_model_encoder_spec, accumulate_j, "accumulate", SIM_UNIT_JOULE, 0, 1e-6,
                       "0.9 pJ",
                       "an operation of the SNN for each spike (32-bit floating-point addition, 45 nm)"),
};

const struct sim_schema arch_model_encoder_schema = {
    .name = "model.encoder_energy",
    .help = "Energy of a transformer encoder by counting operations: no movement, no memory.",
    .role = "model",
    .size = sizeof(struct arch_model_encoder_spec),
    SIM_SCHEMA_PARAMS(params),
};

static void evaluate(const void *user, double *value) {
    const struct arch_model_encoder_spec *spec = user;
    double tokens = spec->tokens, width = spec->width;
    double linear = spec->layers * tokens * (4 * width * width + 2 * width * spec->ffn);
    double attention = spec->layers * 2 * tokens * tokens * width;
    double macs = linear + attention, accumulations = spec->timesteps * spec->spike_rate * macs;
    double ann_j = macs * spec->mac_j, snn_j = accumulations * spec->accumulate_j;
    value[ARCH_MODEL_ENCODER_RATIO] = ann_j > 0 ? snn_j / ann_j : NAN;
    value[ARCH_MODEL_ENCODER_SAVING] = snn_j > 0 ? ann_j / snn_j : NAN;
    value[ARCH_MODEL_ENCODER_ANN] = ann_j;
    value[ARCH_MODEL_ENCODER_SNN] = snn_j;
    value[ARCH_MODEL_ENCODER_MACS] = macs;
    value[ARCH_MODEL_ENCODER_LINEAR_MACS] = linear;
    value[ARCH_MODEL_ENCODER_ATTENTION_MACS] = attention;
    value[ARCH_MODEL_ENCODER_ACCUMULATIONS] = accumulations;
}

static const struct arch_model_result results[ARCH_MODEL_ENCODER_RESULT_COUNT] = {
    [ARCH_MODEL_ENCODER_RATIO] = {"ratio", "energy_snn_j / energy_ann_j"},
    [ARCH_MODEL_ENCODER_SAVING] = {"saving", "energy_ann_j / energy_snn_j"},
    [ARCH_MODEL_ENCODER_ANN] = {"energy_ann_j", "energy of the ANN, an inference"},
    [ARCH_MODEL_ENCODER_SNN] = {"energy_snn_j", "energy of the SNN, an inference"},
    [ARCH_MODEL_ENCODER_MACS] = {"macs", "multiply-accumulates"},
    [ARCH_MODEL_ENCODER_LINEAR_MACS] = {"linear_macs", "of the linear layers"},
    [ARCH_MODEL_ENCODER_ATTENTION_MACS] = {"attention_macs", "of Q.K^T and A.V"},
    [ARCH_MODEL_ENCODER_ACCUMULATIONS] = {"accumulations", "operations of the SNN"},
};

const struct arch_model arch_model_encoder_energy = {
    .name = "encoder-energy",
    .version = "v1",
    .trust = "derived: counted operations of a published shape; which prices a paper used is often not said",
    .schema = &arch_model_encoder_schema,
    .result = results,
    .results = ARCH_MODEL_ENCODER_RESULT_COUNT,
    .evaluate = evaluate,
};

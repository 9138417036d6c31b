/* SPDX-License-Identifier: MIT
 *
 * SNN against ANN, version 1; see snn_vs_qnn_v1.h.
 */
#include "arch/model/snn_vs_qnn_v1.h"

#include <math.h>

#define ENERGY_MAX_J 1e-6

#define ENERGY(struct_, field, key, value, help)                                                             \
    SIM_PARAM_QUANTITY(struct_, field, key, SIM_UNIT_JOULE, 0, ENERGY_MAX_J, value, help)

static const struct sim_param spatial_params[] = {
    ENERGY(struct arch_model_v1_spatial, ann_synapse_j, "ann_synapse", "20.23 pJ",
           "an active synapse of the ANN (weight read 20, multiply 0.2, add 0.03)"),
    ENERGY(struct arch_model_v1_spatial, snn_synapse_j, "snn_synapse", "20.03 pJ",
           "a spike at a synapse (weight read 20, add 0.03)"),
    ENERGY(struct arch_model_v1_spatial, snn_neuron_step_j, "snn_neuron_step", "40.06 pJ",
           "a neuron and timestep (potential read and write 2 x 20, two operations of 0.03)"),
};

static const struct sim_schema spatial_schema = {
    .name = "model.snn_vs_qnn_v1.spatial",
    .help = "Constants of the improved spatial dataflow.",
    .size = sizeof(struct arch_model_v1_spatial),
    SIM_SCHEMA_PARAMS(spatial_params),
};

static const struct sim_param classical_params[] = {
    ENERGY(struct arch_model_v1_classical, ann_synapse_j, "ann_synapse", "80.23 pJ",
           "an active synapse of the ANN (four SRAM accesses of 20, multiply 0.2, add 0.03)"),
    ENERGY(struct arch_model_v1_classical, ann_weight_j, "ann_weight", "2020 pJ",
           "a weight from DRAM into SRAM (2000 + 20), shared by the weight's uses"),
    ENERGY(struct arch_model_v1_classical, snn_synapse_j, "snn_synapse", "64.32 pJ",
           "a spike at a synapse; what it is made of is unknown"),
    ENERGY(struct arch_model_v1_classical, snn_add_j, "snn_add", "0.03 pJ",
           "an addition for each spike and fan-in"),
    ENERGY(struct arch_model_v1_classical, snn_weight_j, "snn_weight", "4040 pJ",
           "weights of the SNN from DRAM (2 x 2020), shared by the uses; grows with T / (1 + T)"),
    ENERGY(struct arch_model_v1_classical, snn_step_j, "snn_step", "0.026868 pJ",
           "a synapse and timestep (64.35 / 2395: does not follow fan_in)"),
};

static const struct sim_schema classical_schema = {
    .name = "model.snn_vs_qnn_v1.classical",
    .help = "Constants of the classical memory hierarchy.",
    .size = sizeof(struct arch_model_v1_classical),
    SIM_SCHEMA_PARAMS(classical_params),
};

static const char *const hardware_names[] = {"spatial", "classical", NULL};

static const struct sim_param params[] = {
    SIM_PARAM_CHOICE(struct arch_model_v1_spec, hardware, hardware_names, "spatial",
                     "improved spatial dataflow, or classical memory hierarchy"),
    SIM_PARAM_UINT(struct arch_model_v1_spec, timesteps, 1, 4096, "6", "timesteps T of the SNN"),
    SIM_PARAM_REAL(struct arch_model_v1_spec, spike_rate, 0, 1, "0.0581",
                   "spikes a neuron and timestep: 1 - sparsity"),
    SIM_PARAM_REAL(struct arch_model_v1_spec, density, 1e-6, 1, "0.45",
                   "share of the ANN's activations that are not zero"),
    SIM_PARAM_REAL(struct arch_model_v1_spec, fan_in, 1, 1e9, "2395",
                   "mean fan-in; the default is the authors' value for VGG16"),
    SIM_PARAM_REAL(struct arch_model_v1_spec, weight_reuse, 1, 1e9, "216",
                   "uses of a weight in one inference; the default is the mean over VGG16 at 32 x 32"),
    SIM_PARAM_SPEC(struct arch_model_v1_spec, spatial, &spatial_schema, "constants of `hardware: spatial`"),
    SIM_PARAM_SPEC(struct arch_model_v1_spec, classical, &classical_schema,
                   "constants of `hardware: classical`"),
};

const struct sim_schema arch_model_v1_schema = {
    .name = "model.snn_vs_qnn_v1",
    .help =
        "Closed-form energy of a rate-coded SNN against an optimised 8-bit ANN, as in the authors' code for "
        "arXiv 2409.08290v1. Energies are for each synapse and inference.",
    .role = "model",
    .size = sizeof(struct arch_model_v1_spec),
    SIM_SCHEMA_PARAMS(params),
};

/* E_SNN = rate * per_rate + fixed. */
struct line {
    double per_rate, fixed;
};

static struct line snn_line(const struct arch_model_v1_spec *spec) {
    double t = spec->timesteps;
    if (spec->hardware == ARCH_MODEL_V1_SPATIAL)
        return (struct line){t * spec->spatial.snn_synapse_j,
                             t * spec->spatial.snn_neuron_step_j / spec->fan_in};
    const struct arch_model_v1_classical *c = &spec->classical;
    return (struct line){t * (c->snn_synapse_j + c->snn_add_j / spec->fan_in),
                         c->snn_weight_j * t / (spec->weight_reuse * (1 + t)) + c->snn_step_j * t};
}

static double ann_energy(const struct arch_model_v1_spec *spec) {
    if (spec->hardware == ARCH_MODEL_V1_SPATIAL)
        return spec->density * spec->spatial.ann_synapse_j;
    return spec->density * spec->classical.ann_synapse_j + spec->classical.ann_weight_j / spec->weight_reuse;
}

static void evaluate(const void *user, double *value) {
    const struct arch_model_v1_spec *spec = user;
    struct line snn = snn_line(spec);
    double ann_j = ann_energy(spec), snn_j = spec->spike_rate * snn.per_rate + snn.fixed;
    double crossover = (ann_j - snn.fixed) / snn.per_rate;
    if (!(crossover >= 0 && crossover <= 1))
        crossover = NAN;
    value[ARCH_MODEL_V1_ANN] = ann_j;
    value[ARCH_MODEL_V1_SNN] = snn_j;
    value[ARCH_MODEL_V1_RATIO] = ann_j > 0 ? snn_j / ann_j : NAN;
    value[ARCH_MODEL_V1_CROSSOVER] = crossover;
    value[ARCH_MODEL_V1_CROSSOVER_SPARSITY] = 1 - crossover;
}

static const struct arch_model_result results[ARCH_MODEL_V1_RESULT_COUNT] = {
    [ARCH_MODEL_V1_RATIO] = {"ratio", "energy_snn_j / energy_ann_j: below 1 the SNN wins"},
    [ARCH_MODEL_V1_SNN] = {"energy_snn_j", "energy of the SNN"},
    [ARCH_MODEL_V1_ANN] = {"energy_ann_j", "energy of the ANN"},
    [ARCH_MODEL_V1_CROSSOVER] = {"crossover", "spike rate at which the ratio is 1"},
    [ARCH_MODEL_V1_CROSSOVER_SPARSITY] = {"crossover_sparsity", "1 - crossover, as the authors plot it"},
};

const struct arch_model arch_model_snn_vs_qnn_v1 = {
    .name = "snn-vs-qnn",
    .version = "v1",
    .trust = "exact: the authors' code (zhangluyan9/Sparse_SNN 54ced6f, Cifar10/VGG16/draw_.py)",
    .schema = &arch_model_v1_schema,
    .result = results,
    .results = ARCH_MODEL_V1_RESULT_COUNT,
    .evaluate = evaluate,
};

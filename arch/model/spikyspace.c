/* SPDX-License-Identifier: MIT
 *
 * SpikySpace by counted operations; see spikyspace.h.
 */
#include "arch/model/spikyspace.h"

#define ENERGY_MAX_J 1e-6
#define WORD_BITS 32   /* of values and weights of the first and last layer, of the scan's state */
#define WEIGHT_BITS 8  /* of the other weights */
#define CONV_KERNEL 3

#define SPEC struct arch_model_spikyspace_spec

static const struct sim_param params[] = {
    SIM_PARAM_UINT(SPEC, tokens, 1, 1048576, "168", "tokens L"),
    SIM_PARAM_UINT(SPEC, inputs, 1, 1048576, "321", "variables D_in of the series"),
    SIM_PARAM_UINT(SPEC, hidden, 1, 1048576, "64", "hidden width D_h"),
    SIM_PARAM_UINT(SPEC, states, 1, 1048576, "32", "states S"),
    SIM_PARAM_UINT(SPEC, rank, 1, 1048576, "21", "rank R of the step size's projection"),
    SIM_PARAM_UINT(SPEC, projected, 1, 1048576, "128", "outputs P_out of the first projection"),
    SIM_PARAM_UINT(SPEC, classes, 1, 1048576, "3", "outputs of the final layer"),
    SIM_PARAM_UINT(SPEC, timesteps, 1, 4096, "3", "timesteps T"),
    SIM_PARAM_UINT(SPEC, layers, 1, 4096, "3", "layers"),
    SIM_PARAM_REAL(SPEC, spike_rate, 0, 1, "0.268", "spikes a neuron and timestep"),
    SIM_PARAM_QUANTITY(SPEC, mac_j, "mac", SIM_UNIT_JOULE, 0, ENERGY_MAX_J, "4.6 pJ",
                       "a 32-bit multiply-accumulate"),
    SIM_PARAM_QUANTITY(SPEC, accumulate_j, "accumulate", SIM_UNIT_JOULE, 0, ENERGY_MAX_J, "0.05448 pJ",
                       "an accumulation"),
    SIM_PARAM_QUANTITY(SPEC, shift_j, "shift", SIM_UNIT_JOULE, 0, ENERGY_MAX_J, "0.024 pJ", "a shift"),
    SIM_PARAM_QUANTITY(SPEC, move_j, "move", SIM_UNIT_JOULE_PER_BIT, 0, ENERGY_MAX_J, "0.18 pJ/bit",
                       "a moved bit"),
    SIM_PARAM_QUANTITY(SPEC, weight_read_j, "weight_read", SIM_UNIT_JOULE_PER_BIT, 0, ENERGY_MAX_J,
                       "0.098454 pJ/bit", "a bit of a weight or state, read or written (SRAM)"),
};

const struct sim_schema arch_model_spikyspace_schema = {
    .name = "model.spikyspace",
    .help = "Energy of SpikySpace, a spiking state-space network, as its authors count it.",
    .role = "model",
    .size = sizeof(SPEC),
    SIM_SCHEMA_PARAMS(params),
};

struct counts {
    double macs, accumulations, shifts, moved_bits, weight_bits;
};

/* The four projections and the convolution between them. */
static void count_projections(const SPEC *spec, struct counts *n) {
    double l = spec->tokens, in = spec->inputs, h = spec->hidden, r = spec->rank;
    double spikes = spec->timesteps * spec->spike_rate;
    n->macs += l * in * spec->projected;
    n->accumulations += l * in;
    n->moved_bits += WORD_BITS * l * in;
    n->weight_bits += WORD_BITS * l * spikes * in * spec->projected;
    n->accumulations += CONV_KERNEL * l * h * spikes;
    n->moved_bits += l * h * spikes;
    n->weight_bits += WEIGHT_BITS * CONV_KERNEL * l * h * spikes;
    double joint = r + 2.0 * spec->states; /* step size, B and C */
    n->accumulations += l * h * joint * spikes;
    n->moved_bits += l * spikes * h;
    n->weight_bits += WEIGHT_BITS * l * spikes * h * joint;
    n->accumulations += l * h * r * spikes;
    n->moved_bits += l * spikes * r;
    n->weight_bits += WEIGHT_BITS * l * spikes * r * h;
    n->accumulations += l * h * in * spikes;
    n->moved_bits += l * spikes * h;
    n->weight_bits += WEIGHT_BITS * l * spikes * h * in;
}

/* Soft-plus of the step size, discretisation, the scan over the tokens, the reading of its states. */
static void count_scan(const SPEC *spec, struct counts *n) {
    double l = spec->tokens, h = spec->hidden, s = spec->states, t = spec->timesteps;
    double spikes = t * spec->spike_rate;
    n->shifts += l * h * spikes;
    n->weight_bits += WORD_BITS * l * h * s + WORD_BITS * l * h;
    n->weight_bits += WORD_BITS * (2 * l - 1) * h * s;
    n->accumulations += 3 * l * h * s * spikes;
    n->accumulations += 2 * l * h * s * (t - 1) * spec->spike_rate;
    n->accumulations += l * h * s;
    n->shifts += 2 * l * h * s;
    n->accumulations += h * s;
    n->shifts += h * s;
    n->accumulations += (l - 1) * (h * s * spikes + h * s * (t - 1) + h * s);
    n->shifts += (l - 1) * h * s;
    n->accumulations += l * (h * s * spikes + h * t * (s - 1) + h * (t - 1));
    n->accumulations += l * h * (spikes + (t - 1) + 1);
    n->shifts += l * h;
}

static void evaluate(const void *user, double *value) {
    const SPEC *spec = user;
    struct counts n = {0};
    count_projections(spec, &n);
    count_scan(spec, &n);
    double layers = spec->layers, last = spec->inputs;
    double compute = n.macs * spec->mac_j + n.accumulations * spec->accumulate_j + n.shifts * spec->shift_j;
    double final = last * spec->classes * (spec->mac_j + WORD_BITS * spec->weight_read_j) +
                   WORD_BITS * last * spec->move_j;
    value[ARCH_MODEL_SPIKYSPACE_COMPUTE_J] = layers * compute;
    value[ARCH_MODEL_SPIKYSPACE_MOVE_J] = layers * n.moved_bits * spec->move_j;
    value[ARCH_MODEL_SPIKYSPACE_WEIGHT_J] = layers * n.weight_bits * spec->weight_read_j;
    value[ARCH_MODEL_SPIKYSPACE_FINAL_J] = final;
    value[ARCH_MODEL_SPIKYSPACE_TOTAL] =
        layers * (compute + n.moved_bits * spec->move_j + n.weight_bits * spec->weight_read_j) + final;
    value[ARCH_MODEL_SPIKYSPACE_MACS] = layers * n.macs;
    value[ARCH_MODEL_SPIKYSPACE_ACCUMULATIONS] = layers * n.accumulations;
    value[ARCH_MODEL_SPIKYSPACE_SHIFTS] = layers * n.shifts;
    value[ARCH_MODEL_SPIKYSPACE_MOVED_BITS] = layers * n.moved_bits;
    value[ARCH_MODEL_SPIKYSPACE_WEIGHT_BITS] = layers * n.weight_bits;
}

static const struct arch_model_result results[ARCH_MODEL_SPIKYSPACE_RESULT_COUNT] = {
    [ARCH_MODEL_SPIKYSPACE_TOTAL] = {"energy_j", "energy of an inference"},
    [ARCH_MODEL_SPIKYSPACE_COMPUTE_J] = {"compute_j", "of the layers: MACs, accumulations, shifts"},
    [ARCH_MODEL_SPIKYSPACE_MOVE_J] = {"move_j", "of the layers: movement"},
    [ARCH_MODEL_SPIKYSPACE_WEIGHT_J] = {"weight_j", "of the layers: weights and states"},
    [ARCH_MODEL_SPIKYSPACE_FINAL_J] = {"final_j", "the final linear layer"},
    [ARCH_MODEL_SPIKYSPACE_MACS] = {"macs", "multiply-accumulates of the layers"},
    [ARCH_MODEL_SPIKYSPACE_ACCUMULATIONS] = {"accumulations", "of the layers"},
    [ARCH_MODEL_SPIKYSPACE_SHIFTS] = {"shifts", "of the layers"},
    [ARCH_MODEL_SPIKYSPACE_MOVED_BITS] = {"moved_bits", "of the layers"},
    [ARCH_MODEL_SPIKYSPACE_WEIGHT_BITS] = {"weight_bits", "of the layers, states included"},
};

const struct arch_model arch_model_spikyspace = {
    .name = "spikyspace",
    .version = "v1",
    .trust = "code: the inventory of the authors' script (Kaiwen-Tang/SpikySpace 5e0bef4, energy_cal.py)",
    .schema = &arch_model_spikyspace_schema,
    .result = results,
    .results = ARCH_MODEL_SPIKYSPACE_RESULT_COUNT,
    .evaluate = evaluate,
};

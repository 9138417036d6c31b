/* SPDX-License-Identifier: MIT
 *
 * Attention block of published energies; see attention_block.h.
 */
#include "arch/model/attention_block.h"

#define ENERGY_MAX_J 1e3

static const struct sim_param params[] = {
    SIM_PARAM_UINT(struct arch_model_block_spec, tokens, 1, 1048576, "128", "tokens of a sequence"),
    SIM_PARAM_UINT(struct arch_model_block_spec, width, 1, 1048576, "768", "width of the model"),
    SIM_PARAM_QUANTITY(struct arch_model_block_spec, projection_j, "projection", SIM_UNIT_JOULE, 1e-15,
                       ENERGY_MAX_J, "50.35 mJ",
                       "a projection of width x width (default: BERT-base, Otters' table)"),
    SIM_PARAM_QUANTITY(struct arch_model_block_spec, attention_j, "attention", SIM_UNIT_JOULE, 1e-15,
                       ENERGY_MAX_J, "8.41 mJ", "Q.K^T, or A.V (default: BERT-base, Otters' table)"),
    SIM_PARAM_QUANTITY(struct arch_model_block_spec, reference_j, "reference", SIM_UNIT_JOULE, 1e-15,
                       ENERGY_MAX_J, "167.92 mJ",
                       "a block to compare with (default: BERT-base, Otters' table)"),
};

const struct sim_schema arch_model_block_schema = {
    .name = "model.attention_block",
    .help = "An attention block out of published energies of its parts.",
    .role = "model",
    .size = sizeof(struct arch_model_block_spec),
    SIM_SCHEMA_PARAMS(params),
};

static void evaluate(const void *user, double *value) {
    const struct arch_model_block_spec *spec = user;
    double tokens = spec->tokens, width = spec->width;
    double total = 3 * spec->projection_j + 2 * spec->attention_j;
    double projection_macs = tokens * width * width, attention_macs = tokens * tokens * width;
    value[ARCH_MODEL_BLOCK_TOTAL] = total;
    value[ARCH_MODEL_BLOCK_SAVING] = spec->reference_j / total;
    value[ARCH_MODEL_BLOCK_TOKENS] = width * spec->attention_j / spec->projection_j;
    value[ARCH_MODEL_BLOCK_PROJECTION_MACS] = projection_macs;
    value[ARCH_MODEL_BLOCK_ATTENTION_MACS] = attention_macs;
    value[ARCH_MODEL_BLOCK_PROJECTION_MAC] = spec->projection_j / projection_macs;
    value[ARCH_MODEL_BLOCK_ATTENTION_MAC] = spec->attention_j / attention_macs;
}

static const struct arch_model_result results[ARCH_MODEL_BLOCK_RESULT_COUNT] = {
    [ARCH_MODEL_BLOCK_TOTAL] = {"block_j", "3 projection + 2 attention"},
    [ARCH_MODEL_BLOCK_SAVING] = {"saving", "reference / block_j"},
    [ARCH_MODEL_BLOCK_TOKENS] = {"implied_tokens", "tokens, if both parts have one price for a MAC"},
    [ARCH_MODEL_BLOCK_PROJECTION_MACS] = {"projection_macs", "multiply-accumulates of a projection"},
    [ARCH_MODEL_BLOCK_ATTENTION_MACS] = {"attention_macs", "multiply-accumulates of Q.K^T, or A.V"},
    [ARCH_MODEL_BLOCK_PROJECTION_MAC] = {"projection_mac_j", "energy of a projection's multiply-accumulate"},
    [ARCH_MODEL_BLOCK_ATTENTION_MAC] = {"attention_mac_j", "energy of an attention's multiply-accumulate"},
};

const struct arch_model arch_model_attention_block = {
    .name = "attention-block",
    .version = "v1",
    .trust = "derived: an identity found in published totals; the energies of its parts are inputs",
    .schema = &arch_model_block_schema,
    .result = results,
    .results = ARCH_MODEL_BLOCK_RESULT_COUNT,
    .evaluate = evaluate,
};

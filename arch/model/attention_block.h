/* SPDX-License-Identifier: MIT
 *
 * The attention block of an encoder layer, as Otters (arXiv 2509.18968) tabulates it: three projections of
 * width x width (Q, K, V) and two products of activations with each other (Q.K^T, A.V).
 *
 *     block = 3 projection + 2 attention        projection: tokens width^2 MACs, attention: tokens^2 width
 *
 * That the published totals obey this sum within half a percent is derived from them; so is the length of
 * the sequence, width x attention / projection, where both have the same price for a multiply-accumulate.
 *
 * Source: Otters' table by a third party's digest. The energies that go in are results of that paper, not
 * of this model.
 */
#ifndef ARCH_MODEL_ATTENTION_BLOCK_H
#define ARCH_MODEL_ATTENTION_BLOCK_H

#include "arch/model/model.h"

#ifdef __cplusplus
extern "C" {
#endif

struct arch_model_block_spec {
    uint32_t tokens, width;
    double projection_j, attention_j, reference_j;
};

enum arch_model_block_result {
    ARCH_MODEL_BLOCK_TOTAL,
    ARCH_MODEL_BLOCK_SAVING,
    ARCH_MODEL_BLOCK_TOKENS,
    ARCH_MODEL_BLOCK_PROJECTION_MACS,
    ARCH_MODEL_BLOCK_ATTENTION_MACS,
    ARCH_MODEL_BLOCK_PROJECTION_MAC,
    ARCH_MODEL_BLOCK_ATTENTION_MAC,
    ARCH_MODEL_BLOCK_RESULT_COUNT
};

extern const struct sim_schema arch_model_block_schema;
extern const struct arch_model arch_model_attention_block;

#ifdef __cplusplus
}
#endif

#endif

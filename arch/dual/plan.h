/* SPDX-License-Identifier: MIT
 *
 * A plan: which cores and hosts stand where on a dual chip, what they are loaded with, and who sends to
 * whom. The same plan serves both executions: partial sums, hops and copies are those of the SNN and of
 * the QNN alike.
 *
 * Two makers: arch/dual/map.h lays out the network of a trace, arch/dual/layer.h a synthetic layer.
 */
#ifndef ARCH_DUAL_PLAN_H
#define ARCH_DUAL_PLAN_H

#include "arch/dual/core.h"
#include "arch/layout/placement.h"
#include "arch/dual/host.h"
#include "arch/layout/span.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a core reads of one operand: axons key .. key + neurons.count - 1 of the core. */
struct arch_dual_operand {
    uint32_t source; /* number of the layer */
    uint32_t port;
    uint32_t key;
    struct arch_span neurons; /* of it */
};

/* A core's share of a layer. Its sums go to the root of its group if it is another core (load.partial). */
struct arch_dual_share {
    uint32_t layer; /* its number */
    uint32_t tile, port;
    struct arch_span neurons;
    struct arch_dual_operand *operand; /* [operands] */
    struct arch_dual_input *input;     /* [operands]: when they come; load.input */
    uint32_t operands;
    struct arch_dual_core_load load;
    struct arch_stream_target *target;
    uint32_t targets;
};

struct arch_dual_origin {
    uint32_t tile, port;
    struct arch_dual_feed *feed;
    uint32_t feeds;
    uint32_t outputs; /* neurons of the layer that is counted here; 0: none */
    struct arch_stream_target *target;
    uint32_t targets;
};

/* Terminals: hosts first, then cores. */
struct arch_dual_plan {
    uint32_t rows, cols, local_ports;
    uint32_t layers; /* in topological order: a layer's source has a smaller number */
    struct arch_dual_origin *host;
    uint32_t hosts;
    struct arch_dual_share *core;
    uint32_t cores;
    struct arch_placement_report placed; /* cost: events x hops expected in a timestep */
};

#ifdef __cplusplus
}
#endif

#endif

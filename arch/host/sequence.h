/* SPDX-License-Identifier: MIT
 *
 * A sample as a sequence of token windows, and the host layers between them: what the hosts of all chips do.
 *
 *     chip     | window 0: T timesteps, drained | window 1 ...                 potentials start at 0
 *     host       counts, computes ->  spikes of host layers in window 1
 *
 * A chip runs one window after another, each as it would run a sample of T timesteps: it is reset, takes
 * the spikes of the layers outside the cores, and works until its last spike has come out. The windows of a
 * sample do not overlap. In between the host has the counts of what came out, computes the tokens that are
 * due (operator.h), and turns them into spikes by a deterministic rate code: a neuron with count c
 * starts at half of T, accumulates c in each timestep, and at T spikes and keeps the rest. (From 0 on, all
 * neurons would spike together at the end of a window.)
 *
 * The host takes no time and no energy here (unit.h has hardware that does): its work is counted, as
 * events of a component `chip.sequence` (a technology may price them), and so are the spikes that go in and
 * out, where the chip counts its own. A sample without token windows is one window. In a replay all spikes
 * are given and nothing is computed.
 */
#ifndef ARCH_HOST_SEQUENCE_H
#define ARCH_HOST_SEQUENCE_H

#include "arch/host/operator.h"
#include "sim/kernel/component.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ARCH_SEQUENCE_EVENTS(X)                                                                              \
    X(TOKEN, token, "a token of a host layer was computed")                                                  \
    X(SPIKE, spike, "a neuron of a host layer spiked")                                                       \
    ARCH_HOST_WORK(X)

enum arch_sequence_event {
#define ARCH_SEQUENCE_EVENT_ENUM(NAME, name, help) ARCH_SEQUENCE_##NAME,
    ARCH_SEQUENCE_EVENTS(ARCH_SEQUENCE_EVENT_ENUM)
#undef ARCH_SEQUENCE_EVENT_ENUM
        ARCH_SEQUENCE_EVENT_COUNT
};

extern const struct sim_type arch_sequence_type;

/* Invariant: count[layer] is where the spikes of a layer in the window at hand are counted, a row of
 * kept[layer], or NULL where no host asks, or the layer has no token in it. */
struct arch_sequence {
    struct sim_component base;
    const struct sim_graph *graph;
    bool computes; /* there are host layers to compute */
    uint32_t window, windows, at; /* timesteps of a window; windows of the sample; the one at hand */
    uint32_t tokens;              /* of the sample */
    bool advanced;                /* the window at hand has not been begun by the chip */
    uint64_t work[ARCH_HOST_WORK_COUNT];     /* of hosts for the window at hand, operations apart: */
    uint64_t operated[ARCH_HOST_WORK_COUNT]; /* those */
    uint64_t evaluations[ARCH_SCALAR_COUNT];
    uint64_t values; /* that the window's tokens have */
    const uint64_t *const *given; /* [layers] spikes of the sample */
    const uint64_t **spikes;      /* [layers] of the layers outside the cores, in the window at hand */
    uint64_t **train;             /* [layers] those of host layers */
    uint32_t **kept;              /* [layers][tokens][neurons] */
    uint32_t **count;             /* [layers] */
    struct arch_host_operation **operation; /* [layers] of host layers with that operator */
    double *value, *scratch;
    uint32_t *rest; /* scratch of the rate code */
};

/* Prepares for samples of a graph, which stays; false and messages where an operation is not one. Where it
 * `computes`, the chip adds it to its components, last: they are numbered in their order. */
bool arch_sequence_init(struct arch_sequence *sequence, const struct sim_graph *graph,
                        struct sim_arena *arena, struct sim_err *err);

/* Has the counts of a layer kept that no host asks for: kept[layer], count[layer]. Part of elaboration. */
void arch_sequence_keep(struct arch_sequence *sequence, uint32_t layer, struct sim_arena *arena);

/* Begins a sample; spikes[layer] as in arch_chip_type.begin. The first window is at hand. */
void arch_sequence_begin(struct arch_sequence *sequence, uint32_t timesteps, const uint64_t *const *spikes,
                         sim_cycle now);

/* When the chip is done with a window: computes what hosts send in the next one, once; false: it was the
 * last. Only for who wants to know before the chip goes on. */
bool arch_sequence_advance(struct arch_sequence *sequence, sim_cycle now);

/* When the chip is done with a window: goes on to the next one; false: it was the last. */
bool arch_sequence_next(struct arch_sequence *sequence, sim_cycle now);

/* Adds the spikes that the last layer, a host's, sends in the window at hand; nothing for other networks. */
void arch_sequence_answer(const struct arch_sequence *sequence, uint32_t *count);

#ifdef __cplusplus
}
#endif

#endif

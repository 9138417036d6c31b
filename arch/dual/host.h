/* SPDX-License-Identifier: MIT
 *
 * The host of a dual chip: neurons whose activity comes from outside, and the place where outputs arrive.
 *
 * It sits at a local port of a tile. In step t of a sample it sends the spikes of timestep t, or as a QNN
 * in the only step the counts of all timesteps as levels. What arrives are outputs: spikes are counted,
 * levels are counts. Not modelled: the interface between chip and board.
 */
#ifndef ARCH_DUAL_HOST_H
#define ARCH_DUAL_HOST_H

#include "arch/core/barrier.h"
#include "arch/dual/stream_sender.h"
#include "sim/graph/projection.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ARCH_DUAL_HOST_EVENTS(X)                                                                             \
    X(TICK, tick, "a step began")                                                                            \
    X(SPIKES_OUT, spikes_out, "an input spike was sent, or counted into a level")                            \
    X(ENTRIES_IN, entries_in, "an output spike or level arrived")

#define ARCH_DUAL_HOST_EVENT_ENUM(NAME, name, help) ARCH_DUAL_HOST_##NAME,
enum arch_dual_host_event { ARCH_DUAL_HOST_EVENTS(ARCH_DUAL_HOST_EVENT_ENUM) ARCH_DUAL_HOST_EVENT_COUNT };

extern const struct sim_type arch_dual_host_type;

/* Its neurons: those of one input layer after the other. */
struct arch_dual_feed {
    uint32_t layer, neurons;
    uint32_t base; /* number of the first among the host's; a multiple of 64 */
    struct sim_shape shape; /* its grid: the host keeps its neurons in the order of arch/layout/span.h */
};

struct arch_dual_host {
    struct sim_component base;
    struct arch_barrier_port barrier;
    struct arch_stream_sender sender;
    struct arch_dual_feed *feed;
    uint32_t feeds, words; /* words of all its neurons */
    int mode;
    uint32_t timesteps, bits;
    const uint64_t *const *spikes; /* [layer] of the sample: [timestep][words of the layer] */
    uint64_t *now_spikes;          /* [words] */
    uint8_t *level;                /* [64 * words] */
    uint32_t *output;              /* [outputs] or NULL */
    uint32_t outputs;
    uint64_t received;
    bool busy;
};

/* Neurons in `feed` (64-aligned bases), outputs counted. */
void arch_dual_host_init(struct arch_dual_host *host, struct arch_dual_feed *feed, uint32_t feeds,
                         uint32_t outputs, struct sim_arena *arena);
void arch_dual_host_execute(struct arch_dual_host *host, int mode, uint32_t timesteps);
void arch_dual_host_begin(struct arch_dual_host *host, const uint64_t *const *spikes);

#ifdef __cplusplus
}
#endif

#endif

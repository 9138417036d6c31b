/* SPDX-License-Identifier: MIT
 *
 * The host of a Shenjing chip: everything outside the mesh.
 *
 * It drives the control pins and external spike inputs of the tiles, resets and starts the chip before each
 * sample, and listens at the rim ports. With a sample begun in cycle S:
 *
 *     S       reset asserted on the pins (visible S + 1), external inputs cleared
 *     S + 1   reset released, programs started (visible S + 2)
 *     S + 4   offset 0 of the programs' loops: word 0 shows (and one cycle earlier, the first time)
 *
 * Where links between chips take longer, the reset lasts as much longer, so that they show nothing old.
 *
 * At the end of each period it counts what the links between chips carry in it. (The schedule says what
 * that is; links belong to no tile.)
 *
 * From there on it repeats its agenda every period: input spikes of timestep t change in the cycle in which
 * the sweep that uses them starts, and output spikes of timestep t are read in the cycle in which they stand
 * on the rim link. After the last timestep the inputs are silent. The sample ends with its last output.
 *
 * In a replay the neurons of a tile fire what the trace says, which the host shows them a cycle before they
 * fire. They compute all the same: with the trace's weights, or with weights of 0 where it has none.
 *
 * A chip that shares its hardware with others in turns (arch/packet/multiplex_chip.h) has its clocks gated by
 * the host between its samples, a cycle after it was reset, as programs have no halt.
 *
 * A sample of several token windows (arch/host/sequence.h) runs as that many samples: the chip is reset
 * before each window, which costs what is said above, and the time that the pipeline takes to drain.
 *
 * Not modelled: how spikes get into the input buffers (each tile's buffer is written in one cycle, at no
 * energy), and the pads of the outputs.
 */
#ifndef ARCH_SHENJING_HOST_H
#define ARCH_SHENJING_HOST_H

#include "arch/shenjing/tile.h"
#include "sim/kernel/component.h"
#include "sim/kernel/link.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ARCH_SHENJING_HOST_EVENTS(X)                                                                         \
    X(boundary_spike_bits, "bits of spike vectors sent from chip to chip")                                  \
    X(boundary_ps_bits, "bits of partial-sum vectors sent from chip to chip")

enum arch_shenjing_host_event {
#define ARCH_SHENJING_HOST_EVENT_NAME(name, help) ARCH_SHENJING_HOST_EVENT_##name,
    ARCH_SHENJING_HOST_EVENTS(ARCH_SHENJING_HOST_EVENT_NAME)
#undef ARCH_SHENJING_HOST_EVENT_NAME
    ARCH_SHENJING_HOST_EVENT_COUNT
};

#define ARCH_HOST_START 4u /* cycles from the begin of a sample to offset 0 */

/* One thing done every period: a feed changes a wire to a tile (its external input, or in a replay what its
 * neurons fire), a tap reads a rim link. */
struct arch_host_item {
    uint32_t offset; /* cycle within the period in which the host acts */
    uint32_t delay;  /* periods after which timestep 0 has its turn */
    uint32_t layer, first, count; /* neurons first .. first + count - 1 of the layer ... */
    const uint32_t *number;       /* ... or, when not NULL, number[0 .. count - 1] */
    struct sim_wire *feed;
    bool release; /* a feed of `forced`: neurons fire what they compute until the next */
    const struct sim_wire *tap;
};

/* Invariant: items are sorted by offset; (round, next) is the item to be done next, round counting periods
 * since the start of the sample. */
struct arch_shenjing_host {
    struct sim_component base;
    struct arch_shenjing_tile **tile; /* all tiles it resets and starts */
    uint32_t tiles;
    struct arch_host_item *item;
    uint32_t items;
    struct arch_shenjing_pins
        *running; /* [tiles] pins during samples, if clocks stand between them; else NULL */
    uint32_t period;
    uint32_t boundary_spike_bits, boundary_ps_bits; /* of a period */
    sim_cycle load; /* cycles that the reset before this window lasts longer: weights are written */
    uint32_t flush; /* cycles that the reset lasts longer: until the longest link shows it */
    uint32_t layers;
    uint32_t *layer_words;  /* [layers] words of a timestep of each layer's spikes */
    uint32_t *const *window_count; /* [layers] where their spikes in a window are counted besides, or NULL */
    uint64_t *layer_spikes; /* [layers] spikes seen in the sample */
    uint64_t *const *record; /* [layers] where output spikes are written down, [timesteps][words]; or NULL */
    uint32_t output_layer;
    uint32_t *output_count;
    uint32_t outputs;
    /* The sample. */
    enum { ARCH_HOST_IDLE, ARCH_HOST_RESET, ARCH_HOST_RELEASE, ARCH_HOST_RUN, ARCH_HOST_STOP } phase;
    sim_cycle start; /* cycle of offset 0 */
    uint32_t timesteps;
    const uint64_t *const *spikes;
    uint32_t round, next;
    uint32_t taps_left; /* outputs still to be read */
};

extern const struct sim_type arch_shenjing_host_type;

/* Forgets what was counted in the sample before. */
void arch_shenjing_host_clear(struct arch_shenjing_host *host);

/* Gives an idle host its next sample, or token window of a sample. The caller wakes it. */
void arch_shenjing_host_begin(struct arch_shenjing_host *host, uint32_t timesteps,
                              const uint64_t *const *spikes);

/* Elaboration: the clocks of all tiles stand until a sample begins and after it has ended. */
void arch_shenjing_host_rest(struct arch_shenjing_host *host, struct sim_arena *arena);

/* Sorts the agenda; call once when all items are there. */
void arch_shenjing_host_prepare(struct arch_shenjing_host *host);

#ifdef __cplusplus
}
#endif

#endif

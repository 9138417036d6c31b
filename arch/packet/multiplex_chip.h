/* SPDX-License-Identifier: MIT
 *
 * A chip that is smaller than the network: rounds of layers, one after the other, on the same cores.
 *
 *     load weights | all timesteps of a sample | load weights | all timesteps | ...
 *        round 0             round 0                round 1        round 1
 *
 * What a later round reads of an earlier one is kept outside the chip (arch/packet/weight_loader.h,
 * arch/layout/rounds.h). Spikes are those of a chip that is large enough; energy and time are not: every
 * sample loads all weights anew. A network that fits runs in one round, with weights that stand from the
 * beginning.
 *
 * Each round is elaborated as components of its own, chip.round[i], of which only one works at a time. Idle
 * hardware exists once: only the round with the most components leaks and has an area.
 *
 * Rounds are as long as the chip holds, found by laying out ever longer runs of layers. A layer that does not
 * fit alone is an error, as layers are not divided.
 *
 * A chip that would go on by itself is told that it takes turns (arch/chip.h).
 *
 * Not modelled: loading while the round before still works (two sets of weights), several samples in a round.
 */
#ifndef ARCH_PACKET_MULTIPLEX_CHIP_H
#define ARCH_PACKET_MULTIPLEX_CHIP_H

#include "arch/chip.h"
#include "arch/layout/placement.h"
#include "arch/layout/rounds.h"
#include "arch/packet/weight_loader.h"

#ifdef __cplusplus
extern "C" {
#endif

struct arch_multiplex_spec {
    struct sim_any host; /* role "chip": one whose layers can be written down */
    int multiplex;       /* enum arch_multiplexing */
    uint32_t load_width; /* bits of weights a cycle */
};

enum arch_multiplexing { ARCH_MULTIPLEX_NEVER, ARCH_MULTIPLEX_WHEN_NEEDED };

struct arch_multiplex_round {
    struct arch_round part;
    struct arch_chip *chip;
    uint32_t first_component, end_component;
    uint64_t write_bits, read_bits; /* of the spike buffer, a timestep */
    const uint64_t **spikes;        /* [layers of the part] what the chip is fed */
    uint64_t **kept;                /* [layers of the part] what it leaves; NULL: nothing */
};

struct arch_multiplex {
    struct arch_chip base;
    const struct arch_multiplex_spec *spec;
    const struct sim_graph *graph;
    struct sim_kernel *kernel;
    struct arch_weight_loader loader;
    struct arch_multiplex_round *round;
    uint32_t rounds, largest; /* round that stands for the hardware */
    uint64_t **kept;          /* [layers] spikes between rounds, [timesteps][words] */
    uint32_t timesteps, room; /* of the sample; of `kept` */
    uint32_t at;              /* round at hand */
    bool loading;
    struct arch_placement_report placed; /* of all rounds */
    uint32_t *step; /* steps seen before the round at hand; UINT32_MAX: not yet known */
    uint32_t *count;
};

extern const struct sim_schema arch_multiplex_schema; /* "arch.multiplex", role "chip" */
extern const struct arch_chip_type arch_multiplex_type;

/* The rounds, and the layout of each. */
void arch_multiplex_print_text(const struct arch_multiplex *chip, FILE *out);
void arch_multiplex_print_json(const struct arch_multiplex *chip, FILE *out);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * Shenjing tile: neuron core, partial-sum and spike routers of all planes, instruction sequencer.
 *
 *            external spikes      weight bus      control pins
 *                  |                  |                |
 *      axons  +----v------------------v--+     +-------v-------+
 *        +--->|  neuron core (4 sub-cores)|<---|   sequencer   |
 *        |    +----------+---------------+     +--+---------+--+
 *        |               | local_ps               | control |
 *        |    +----------v---------------+        |         |
 *        |    |  partial-sum routers     |<-------+         |
 *        |    +----------+---------------+ <====> 4 links   |
 *        |               | sum                              |
 *        |    +----------v---------------+                  |
 *        +----+  neurons, spike routers  |<-----------------+
 *             +--------------------------+ <====> 4 links
 *
 * One component. Cycle c lies between rising edges c and c + 1; what is driven in c shows in c + 1. Within a
 * cycle the memories are clocked first and their output is usable at once. The output registers of the
 * routers are the wires to the neighbours; at the rim the inputs are 0.
 *
 * The tile steps only when an output may change: the cycle in which a new router control shows, and as
 * long as something on its way to an output moves. Everything else is caught up when somebody looks.
 *
 * Control pins, external spikes and weight bus come from a host over wires of its own making; their values
 * in cycle 0 are preset (pins: rstb 1, start_instr_b 1, read_or_write 1, the rest 0).
 *
 * Source: the published SystemVerilog (github.com/Angela-WangBo/Shenjing-RTL, commit 2363883).
 */
#ifndef ARCH_SHENJING_TILE_H
#define ARCH_SHENJING_TILE_H

#include "arch/shenjing/neuron_core.h"
#include "arch/shenjing/sequencer.h"
#include "noc/shenjing/ps_router.h"
#include "noc/shenjing/spike_router.h"
#include "sim/config/param.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_arena;

#define ARCH_SHENJING_LANES_MAX 1024 /* most axons or neurons */

struct arch_shenjing_tile_spec {
    uint32_t axons;       /* multiple of 128 */
    uint32_t neurons;     /* planes; multiple of 128 */
    uint32_t weight_bits; /* 1 .. 8 */
    uint32_t sum_bits;    /* accumulators and local partial sums */
    uint32_t ps_bits;     /* partial-sum network and potentials */
    uint32_t imem_words;  /* a power of two */
    uint32_t gap_bits;
    bool count_toggles;
};

extern const struct sim_schema arch_shenjing_tile_schema;

/* What the control pins show: the value of the `pins` wire. */
struct arch_shenjing_pins {
    bool rstb;                         /* 0: synchronous reset, through the clock gates */
    uint8_t subcore_sel;               /* bit k: sub-core k is clocked */
    int16_t threshold;
    struct arch_sequencer_pins sequencer;
    uint64_t noc_sel[ARCH_SHENJING_LANES_MAX / 64]; /* bit p: plane p is clocked */
};

/* Events that are the tile's own; those of its units come before. */
#define ARCH_SHENJING_TILE_EVENTS(X)                                                               \
    X(tile_clock_cycles, "cycles in which sequencer and decoder are clocked")                      \
    X(subcore_clock_cycles, "sub-cores x cycles in which a weight memory is clocked")              \
    X(plane_clocks, "planes x cycles in which both routers of a plane are clocked")

/* Every event: ARCH_SHENJING_TILE_EVENT_<name>. */
enum arch_shenjing_tile_event {
#define ARCH_SHENJING_TILE_EVENT_NAME(name, help) ARCH_SHENJING_TILE_EVENT_##name,
    ARCH_NEURON_CORE_EVENTS(ARCH_SHENJING_TILE_EVENT_NAME)
    ARCH_SEQUENCER_EVENTS(ARCH_SHENJING_TILE_EVENT_NAME)
    NOC_PS_EVENTS(ARCH_SHENJING_TILE_EVENT_NAME)
    NOC_SPIKE_EVENTS(ARCH_SHENJING_TILE_EVENT_NAME)
    ARCH_SHENJING_TILE_EVENTS(ARCH_SHENJING_TILE_EVENT_NAME)
#undef ARCH_SHENJING_TILE_EVENT_NAME
    ARCH_SHENJING_TILE_EVENT_COUNT
};

/* The wires that a tile reads. */
enum arch_shenjing_tile_input {
    ARCH_SHENJING_INPUT_PS,                                           /* + port */
    ARCH_SHENJING_INPUT_SPIKE = ARCH_SHENJING_INPUT_PS + NOC_PORT_COUNT, /* + port */
    ARCH_SHENJING_INPUT_PINS = ARCH_SHENJING_INPUT_SPIKE + NOC_PORT_COUNT,
    ARCH_SHENJING_INPUT_EXTERNAL,
    ARCH_SHENJING_INPUT_BUS,
    ARCH_SHENJING_INPUT_FORCED,
    ARCH_SHENJING_INPUT_COUNT
};

#define ARCH_SHENJING_TILE_MARKS 16 /* inputs, a multiple of 8 */

/* Invariant: every cycle before `at` has been executed, except that the core may be further behind. */
struct arch_shenjing_tile {
    struct sim_component base;
    sim_cycle at;
    sim_cycle obeyed_at; /* the cycle from which the routers have obeyed their present controls */
    union {
        uint8_t mark[ARCH_SHENJING_TILE_MARKS];
        uint64_t marks[ARCH_SHENJING_TILE_MARKS / 8];
    } news; /* marks of the wires that it reads (sim_wire_mark) */
    struct arch_sequencer sequencer;
    struct noc_planes planes;
    struct noc_ps_routers ps;       /* ps.out[port]: int16_t[neurons] */
    struct noc_spike_routers spike; /* spike.out[port]: uint64_t[neurons / 64] */
    struct arch_neuron_core core;
    /* Wires from the neighbours' routers; NULL at the rim. */
    const struct sim_wire *ps_in[NOC_PORT_COUNT], *spike_in[NOC_PORT_COUNT];
    /* What few steps look at stands last: the wires from the host, which drives them and connects them to
     * this component, and the slots of them last read (another one is a new value). */
    struct sim_wire pins;       /* struct arch_shenjing_pins */
    struct sim_wire external;   /* uint64_t[axons / 64]: spike_in_buffer */
    struct sim_wire weight_bus; /* int8_t[2][neurons]: rows of sub-cores 0, 1, then 2, 3 */
    struct sim_wire forced; /* uint64_t[neurons / 64 + 1], in a replay: what fires, unless the last word is
                                   set; no hardware has it */
    const void *seen_pins, *seen_external, *seen_bus, *seen_forced;
    struct arch_shenjing_tile_spec spec;
    struct arch_shenjing_pins pin;                    /* value last seen */
    uint64_t *external_spikes;                        /* [axons / 64] value last seen */
    uint64_t *axon;                                   /* [axons / 64] scratch */
    uint64_t *forced_spikes;                          /* [neurons / 64] value last seen; NULL: no replay */
    struct sim_rate tile_clock, subcore_clock, plane_clock;
};

extern const struct sim_type arch_shenjing_tile_type;

/* Sets a tile up in `arena`: registers, weights and inputs 0, instruction memory all no-operation, pins as
 * described above. `spec` has been checked. */
void arch_shenjing_tile_init(struct arch_shenjing_tile *tile, const struct arch_shenjing_tile_spec *spec,
                             struct sim_arena *arena);

/* The same for a tile whose weights are those of `like`, a tile of the same spec that has been loaded: there
 * is one copy of them, and neither may be loaded again or load its own through the weight bus. NULL: as
 * above. */
void arch_shenjing_tile_init_like(struct arch_shenjing_tile *tile, const struct arch_shenjing_tile_spec *spec,
                                  struct arch_shenjing_tile *like, struct sim_arena *arena);

/* Elaboration: the pins shown in cycle 0. The caller may change the fields. */
static inline struct arch_shenjing_pins *arch_shenjing_tile_preset_pins(struct arch_shenjing_tile *tile) {
    return (struct arch_shenjing_pins *)sim_wire_preset(&tile->pins);
}

/* Elaboration: the tile's neurons fire what `forced` shows, whatever they compute. The caller connects it. */
void arch_shenjing_tile_replay(struct arch_shenjing_tile *tile, struct sim_arena *arena);

/* Elaboration: makes the outputs of `from` at `port` the inputs of `to` at the opposite port: partial sums,
 * spikes, or both. The two wires are from->ps.out[port] and from->spike.out[port]; the caller tells the
 * kernel. */
void arch_shenjing_tile_connect(struct arch_shenjing_tile *from, enum noc_port port,
                                struct arch_shenjing_tile *to, bool ps, bool spike);

/* Elaboration, before it is connected: values on the links at `port` arrive `latency` cycles after they were
 * driven, as on a way to another chip. */
void arch_shenjing_tile_lengthen(struct arch_shenjing_tile *tile, enum noc_port port, uint32_t latency,
                                 struct sim_arena *arena);

/* Elaboration: words 0 .. count - 1 of the instruction memory (count <= imem_words). */
void arch_shenjing_tile_load_program(struct arch_shenjing_tile *tile,
                                     const struct arch_shenjing_word *words, uint32_t count);

/* Elaboration: weights of `axon` to neurons first .. first + count - 1, each in weight_bits. */
void arch_shenjing_tile_load_weights(struct arch_shenjing_tile *tile, uint32_t axon, uint32_t first,
                                     uint32_t count, const int8_t *weights);

#ifdef __cplusplus
}
#endif

#endif

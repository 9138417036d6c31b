/* SPDX-License-Identifier: MIT
 *
 * A mapping: a spiking network laid out on a mesh of tiles, with the static schedule that moves its
 * partial sums and spikes. Built in five stages, one file each, every stage adding to the same struct:
 *
 *   partition   layers -> cores of at most axons x neurons, grouped by output slice
 *   place       cores -> tiles of the mesh
 *   route       who sends partial sums and spikes to whom, tile by tile
 *   schedule    the cycle of every operation, repeated every `period` cycles (a timestep)
 *   program     one instruction memory image a tile (program.c)
 *
 * A layer is cut into boxes of its grid of channels x rows x columns, at most as many neurons as a tile has
 * planes. Group: the cores that compute one box, each from other axons. Their partial sums run along a chain
 * of tiles, from the leaf to the root, each adding its own; the root holds the membrane potentials, fires,
 * and sends its spikes as a tree to the cores that read them. Spikes stay in their planes, so a core takes as
 * axons the neurons of exactly one group, or any axons of an input layer, which the pins drive.
 *
 * Several chips: tiles (row, col) with the same row / chip_rows and col / chip_cols are one chip. A link that
 * crosses to another takes boundary_cycles more, and is busy while a vector passes its width.
 *
 * Times are cycles from the loop's first cycle (word 0 of the first round visible), for timestep 0; the
 * same happens `period` cycles later for timestep 1, and so on, all layers overlapping.
 */
#ifndef ARCH_SHENJING_MAPPING_H
#define ARCH_SHENJING_MAPPING_H

#include "arch/layout/placement.h"
#include "arch/shenjing/isa.h"
#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/trace/trace.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ARCH_NOBODY UINT32_MAX
#define ARCH_MESH_SIDE_MAX 256u
#define ARCH_DRAIN_MAX 4000u /* cycles */

/* One tile's share of a layer. Axon i is neuron i of a box of the source layer's grid. */
struct arch_core {
    uint32_t layer, port, source; /* its layer, and the operand whose spikes it takes */
    uint32_t group;
    uint32_t from; /* the group that sends the spikes; ARCH_NOBODY: the chip's input pins (external) */
    struct sim_box axon_box;
    struct sim_shape axon_shape;
    uint32_t axons, neurons;
    uint32_t tile;
    bool external;
    uint32_t acc; /* cycle in which its sweep starts (start_mac visible) */
};

/* One output slice of a layer, a box of its grid: cores first_core .. first_core + cores - 1, leaf to root.
 */
struct arch_group {
    uint32_t layer, neurons;
    struct sim_box box;
    uint32_t first_core, cores;
    uint32_t first_reader, readers; /* in arch_mapping.reader */
    uint32_t first_node, nodes;     /* its spike tree, the root's tile first */
    uint32_t send;                  /* cycle in which the leaf sends its partial sum */
    uint32_t fire;                  /* cycle in which the root fires */
};

/* A tile that a group's spikes pass, in depth-first order (parents before children). */
struct arch_node {
    uint32_t tile;
    uint32_t parent;        /* node index, or ARCH_NOBODY at the root */
    enum noc_port in;      /* port at which the spikes arrive (not at the root) */
    uint32_t core;          /* core that takes them as axons, or ARCH_NOBODY */
    enum noc_port exit;    /* rim port at which they leave the chip ... */
    bool exits;             /* ... when set */
    uint32_t first_child, children; /* positions in arch_mapping.child */
    uint32_t arrival;       /* cycle in which they stand on the input link */
    uint32_t exit_arrival;  /* cycle in which they stand on the rim link */
};

/* An instruction of a tile at a cycle (mod period). */
struct arch_slot {
    uint32_t offset;
    uint16_t op;   /* 12-bit operation; the gap follows from the next slot */
    uint8_t kind;  /* enum arch_slot_kind */
    uint8_t free;  /* SEND: ports, a bit each, at which nobody looks until the next spikes come, and
                      ARCH_SLOT_AXONS_IDLE where the axons are not needed before the next are received */
};

#define ARCH_SLOT_AXONS_IDLE (1u << NOC_PORT_COUNT)

/* What the emission of a spike-class word needs to know; PS and core words are complete. */
enum arch_slot_kind {
    ARCH_SLOT_PLAIN,   /* complete */
    ARCH_SLOT_RECEIVE, /* complete; leaves the tile receiving from its port */
    ARCH_SLOT_BYPASS,  /* complete; leaves the tile forwarding, which holds the axons */
    ARCH_SLOT_FIRE,    /* takes over the standing state of the tile */
    ARCH_SLOT_SEND,    /* keeps the axons by itself */
    ARCH_SLOT_REST,    /* restores the standing state after SEND */
    ARCH_SLOT_COUNT
};

struct arch_tile_plan {
    bool used;
    uint32_t core;      /* ARCH_NOBODY: only forwards */
    uint32_t slot_count;
    struct arch_slot *slot;   /* sorted by offset once scheduled */
    uint32_t words;           /* instruction words */
    struct arch_shenjing_word *word;   /* the program */
    uint32_t ps_planes, spike_planes; /* planes 0 .. n - 1 that partial sums / spikes use */
    uint8_t ps_links, spike_links;    /* outgoing links that carry anything, a bit for each port */
    bool exits[NOC_PORT_COUNT];       /* the host listens at this rim port */
};

/* What moves in a timestep, times the hops that it moves. */
struct arch_hops {
    double spikes; /* expected */
    double sums;   /* partial sums */
};

/* How layers on a grid are cut. */
enum arch_split {
    ARCH_SPLIT_FEWEST,  /* into boxes that make the fewest cores */
    ARCH_SPLIT_CHANNEL, /* a box holds neurons of one channel, as in the published placement */
    ARCH_SPLIT_COUNT
};

struct arch_mapping {
    struct sim_arena *arena;
    const struct sim_graph *graph;
    uint32_t rows, cols;
    bool grow; /* until the network is cut: rows and cols may still grow */
    uint32_t core_axons, core_neurons, imem_words, gap_limit; /* of one tile */
    uint32_t ps_bits;
    enum arch_split split;
    uint32_t chip_rows, chip_cols; /* tiles of one chip */
    uint32_t boundary_cycles, boundary_width;
    struct arch_core *core;
    uint32_t cores;
    struct arch_group *group;
    uint32_t groups;
    struct arch_node *node;
    uint32_t nodes, node_capacity;
    uint32_t *child; /* node indices */
    uint32_t child_count;
    uint32_t *reader; /* core indices, by the group whose spikes they take */
    uint32_t strip;   /* height of the strips in which cores were placed */
    uint32_t hops, row_hops; /* of a timestep's spikes from tile to tile; if placed along the rows */
    struct arch_placement_spec placement;
    struct arch_placement_report placed;
    struct arch_hops ordered, expected; /* of a timestep: in strips; as placed */
    struct arch_tile_plan *tile; /* [rows * cols] */
    uint32_t period;             /* cycles a timestep */
    uint32_t latency;            /* cycle in which the last output of timestep 0 stands at the rim */
};

struct arch_mapping_spec {
    uint32_t rows, cols;
    bool grow; /* a larger mesh when the network needs one */
    uint32_t core_axons, core_neurons, imem_words, gap_bits;
    uint32_t period; /* 0 = the shortest that works */
    enum arch_split split;
    uint32_t ps_bits;
    uint32_t chip_rows, chip_cols;            /* 0: one chip */
    uint32_t boundary_cycles, boundary_width; /* width in bits, 0: as wide as the links on the chip */
    struct arch_placement_spec placement;
};

/* Runs all five stages. The mapping and all it holds live in `arena`; `graph` must outlive it. Returns
 * NULL and messages when the network cannot be mapped: what does not fit, by how much, and what would. */
struct arch_mapping *arch_map(const struct arch_mapping_spec *spec, const struct sim_graph *graph,
                              struct sim_arena *arena, struct sim_err *err);

/* The stages, in this order. */
bool arch_partition(struct arch_mapping *map, struct sim_err *err);
bool arch_place(struct arch_mapping *map, struct sim_err *err);
bool arch_route(struct arch_mapping *map, struct sim_err *err);
bool arch_schedule(struct arch_mapping *map, uint32_t period, struct sim_err *err);
bool arch_program(struct arch_mapping *map, struct sim_err *err);

/* Part of placing: another placement than strips, by map->placement (place_search.c). */
void arch_place_search(struct arch_mapping *map);

/* Hops of what a routed mapping moves in a timestep. */
struct arch_hops arch_expected_hops(const struct arch_mapping *map);

/* Part of the search for a period: fills in the spike words that need their tile's standing state. False when
 * a tile has no way to hold its axons after it sent. */
bool arch_complete_spike_words(struct arch_mapping *map);

/* Cycles for which the neurons of a layer go on firing after they have sent: with max pooling one less than a
 * window can have spikes; else 0. */
uint32_t arch_drain(const struct sim_layer *layer);

/* The tile next to `tile` through `port`, or ARCH_NOBODY at the rim. */
uint32_t arch_neighbour(const struct arch_mapping *map, uint32_t tile, enum noc_port port);

/* The port through which the shortest way, columns first, leaves `from` towards `to`, another tile. */
enum noc_port arch_towards(const struct arch_mapping *map, uint32_t from, uint32_t to);

/* The chip of a tile. */
static inline uint32_t arch_chip_of(const struct arch_mapping *map, uint32_t tile) {
    uint32_t chips = (map->cols + map->chip_cols - 1) / map->chip_cols;
    return tile / map->cols / map->chip_rows * chips + tile % map->cols / map->chip_cols;
}

/* Cycles of a hop from a tile to its neighbour. */
static inline uint32_t arch_hop(const struct arch_mapping *map, uint32_t from, uint32_t to) {
    return arch_chip_of(map, from) == arch_chip_of(map, to) ? 1 : 1 + map->boundary_cycles;
}

/* Numbers in their layers of axon i of a core, and of neuron i of a group. */
static inline uint32_t arch_core_axon(const struct arch_core *core, uint32_t i) {
    return sim_box_number(core->axon_box, i, core->axon_shape);
}
static inline uint32_t arch_group_neuron(const struct arch_mapping *map, const struct arch_group *group,
                                         uint32_t i) {
    return sim_box_number(group->box, i, map->graph->layer[group->layer].shape);
}

/* The sub-cores that a core uses, a bit each: 0 and 1 take the lower half of the axons, 0 and 2 feed the
 * lower half of the neurons. */
uint32_t arch_core_subcores(const struct arch_mapping *map, const struct arch_core *core);

/* The root core of a group: the last of its chain. */
static inline uint32_t arch_root(const struct arch_group *group) {
    return group->first_core + group->cores - 1;
}

#ifdef __cplusplus
}
#endif

#endif

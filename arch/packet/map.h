/* SPDX-License-Identifier: MIT
 *
 * A spiking network laid out on the cores of a packet chip.
 *
 *   partition   a layer becomes cores of at most so many axons, neurons and bits of synapse memory
 *   extent      cores fill tiles row by row, in the squarest corner of the mesh that holds them
 *   connect     who sends to whom: destination lists, axon tables, multicast groups
 *   place       cores change places, so that spikes travel fewer hops (arch/layout/placement.h)
 *
 * A layer whose neurons have more inputs than a core has axons is spread, where the chip allows it, over
 * several input slices: the cores of an output slice are a group, of which the last fires and the others
 * send it partial sums. That takes one timestep more.
 *
 * Latency of a layer: timesteps from an input to the firing that it causes; with delay d of the layer it
 * is that of its source + 1 + d, + 1 for spread layers. Neurons that fire before or after the input's
 * timesteps do so on what the network's potentials hold; no counted output depends on it.
 *
 * Of the trace's layer attributes (JSON), "delay" 0 .. 15 timesteps is meant for this chip; those of neurons
 * stand in sim/graph/neuron.h.
 *
 * Neurons go by their place: the order of their layer's grid with the channel fastest
 * (sim/graph/projection.h). A core computes a run of places, and takes from each operand the run that these
 * read: bands of rows that overlap.
 *
 * Operands whose spikes come over fewer layers are delayed by the schedulers, up to 15 timesteps, so that all
 * operands of a layer meet.
 */
#ifndef ARCH_PACKET_MAP_H
#define ARCH_PACKET_MAP_H

#include "arch/packet/cores.h"
#include "arch/packet/assign.h"
#include "arch/core/packet_group.h"
#include "arch/layout/placement.h"
#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/graph/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a core takes from one operand: places first .. first + count - 1 of the source as axons axon .. */
struct arch_packet_input {
    uint32_t port, source;
    uint32_t first, count, axon;
};

/* A core's share of a layer: places first_neuron .. first_neuron + neurons - 1. */
struct arch_packet_core {
    uint32_t layer;
    struct arch_packet_input *input;
    uint32_t inputs;
    uint32_t axons, first_neuron, neurons;
    uint32_t root;                 /* the core of its group that fires; itself: this one */
    bool spread;                   /* its group has several cores */
    struct arch_axon_range *range; /* [inputs] */
    struct arch_destination *destination;
    uint32_t destinations;
};

struct arch_packet_layer {
    uint32_t delay; /* attribute */
    uint32_t key;   /* of its first neuron, in the numbering of all neurons */
    uint32_t latency;
    bool spread;                          /* some of its groups have several cores */
    bool leaves;                          /* to the host: nobody reads it, or a host layer does */
    struct arch_destination *destination; /* of layers outside the cores: what the host sends */
    uint32_t destinations;
};

struct arch_packet_map_spec {
    uint32_t rows, cols, cores_per_tile;
    struct arch_assignments assign;
    bool multicast;
    uint32_t spikes_per_packet;
    bool marked; /* spikes have marks */
    const struct arch_core_capacity *core;
    struct arch_placement_spec placement;
};

struct arch_packet_map {
    struct arch_packet_map_spec spec;
    const struct sim_graph *graph;
    struct sim_arena *arena;         /* while it is made */
    struct arch_packet_layer *layer; /* [layers] */
    struct arch_packet_core *core;   /* [cores] core i sits at terminal i */
    uint32_t cores;
    uint32_t rows, cols; /* tiles that are built */
    uint32_t host;       /* its terminal */
    struct arch_packet_group *group;
    uint32_t groups;
    uint32_t latency; /* of the slowest output layer */
    struct arch_placement_report placed; /* costs: packets x hops expected in a timestep */
};

/* The second stage (partition.c): cores and their inputs. */
bool arch_packet_partition(struct arch_packet_map *map, struct sim_err *err);

/* The last stage (place.c): a better order of the cores, connected anew. */
bool arch_packet_place(struct arch_packet_map *map, struct sim_err *err);

/* The weights of an axon of a core to its neurons: row[neurons], 0 where there is no synapse. */
void arch_packet_weights(const struct arch_packet_map *map, const struct arch_packet_core *core,
                         uint32_t axon, int8_t *row);

/* Where a core of a product finds its operands (load.c); NULL for other layers. */
const struct arch_synapse_load *arch_packet_load(const struct arch_packet_map *map,
                                                 const struct arch_packet_core *core,
                                                 struct sim_arena *arena);

/* All stages. NULL and messages when the network cannot be mapped. `graph` must outlive the mapping. */
struct arch_packet_map *arch_packet_map(const struct arch_packet_map_spec *spec,
                                        const struct sim_graph *graph, struct sim_arena *arena,
                                        struct sim_err *err);

#ifdef __cplusplus
}
#endif

#endif

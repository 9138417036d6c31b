/* SPDX-License-Identifier: MIT
 *
 * A packet chip: tiles of cores on packet networks, in the manner of TrueNorth and Loihi.
 *
 *     tile[0][0] -- tile[0][1] -- ...      tile: a router of each network, cores_per_tile cores
 *         |             |                  host at tile[0][0]; a barrier joins all cores and the host
 *     tile[1][0] -- ...
 *
 * Cores: all of one kind, arch/packet/cores.h. Networks: any number, each with its own latencies, buffers and
 * clock divider; which carries what: arch/packet/assign.h. A core listens to all. Timesteps:
 * arch/core/barrier.h. Layout: arch/packet/map.h. Only the tiles in the corner that the network uses are
 * built; what the whole chip draws without doing anything is charged to the host.
 *
 * The length of a timestep is not fixed unless timestep_cycles says so: it ends when all spikes have been
 * delivered.
 */
#ifndef ARCH_PACKET_CHIP_H
#define ARCH_PACKET_CHIP_H

#include "arch/chip.h"
#include "arch/host/sequence.h"
#include "arch/packet/host.h"
#include "arch/packet/map.h"
#include "arch/packet/network.h"

#ifdef __cplusplus
extern "C" {
#endif

struct arch_packet_chip_spec {
    uint32_t rows, cols, cores_per_tile;
    double clock_hz, voltage_v;
    struct sim_any core;
    struct arch_periphery_spec periphery;
    struct arch_time_code_spec code;
    const struct sim_any *networks;
    uint32_t network_count;
    const struct arch_assignment_spec *assign;
    uint32_t assign_count;
    uint32_t spikes_per_packet, packet_bits;
    uint32_t barrier_cycles, barrier_cycles_per_tile;
    uint32_t timestep_cycles;
    uint32_t host_cycles;
    struct arch_placement_spec placement;
};

extern const struct sim_schema arch_packet_chip_schema;
extern const struct arch_chip_type arch_packet_chip_type;

struct arch_packet_chip {
    struct arch_chip base;
    const struct arch_packet_chip_spec *spec;
    struct sim_kernel *kernel;
    struct arch_packet_map *map;
    struct arch_packet_host host;
    struct arch_sequence sequence;
    uint32_t first_step; /* timesteps of the sample before the token window at hand, drains included */
    struct arch_packet_cores_spec cores;
    struct arch_core_capacity capacity;  /* of a core */
    struct arch_core_shell **core;       /* [map->cores] */
    struct arch_packet_network *network; /* [spec->network_count] */
    struct arch_barrier *barrier;        /* the root */
};

/* Laws L4 and L5: the ends of every channel agree; copies sent = received + still in the networks. */
bool arch_packet_chip_audit(const struct arch_packet_chip *chip, sim_cycle now, struct sim_err *err);

/* Placement and connections as a readable page, or as JSON. */
void arch_packet_print_text(const struct arch_packet_chip *chip, FILE *out);
void arch_packet_print_json(const struct arch_packet_chip *chip, FILE *out);
void arch_packet_print_svg(const struct arch_packet_chip *chip, FILE *out);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * A chip that runs a network as an SNN and as the QNN it equals, on the same cores and the same mapping.
 *
 *     mesh of tiles, each with cores, a router of the event network and a switch of the frame network
 *
 *     SNN   spikes as address events (one packet each) or as bitmaps (one bit a neuron and timestep)
 *     QNN   b-bit activations, b = ceil(log2(T + 1)), as words of frames; partial sums in both as frames
 *
 * All work is done by components that the kernel steps: what arrives where and when follows from routers,
 * channels and the barrier, and every unit of energy is counted as an event. No closed form is evaluated
 * here.
 *
 * `delivery` says who pays for a spike's way: `neuron` sends a copy to each target neuron, which is what
 * published analyses charge (movement for each synapse); `core` sends one for all neurons of a core.
 *
 * Not modelled: loading of weights, biases; max pooling as QNN: the counts of an OR of spikes, which it is as
 * SNN, are not the maximum of levels.
 */
#ifndef ARCH_DUAL_CHIP_H
#define ARCH_DUAL_CHIP_H

#include "arch/chip.h"
#include "arch/dual/plan.h"

#ifdef __cplusplus
extern "C" {
#endif

enum arch_dual_delivery { ARCH_DUAL_PER_NEURON, ARCH_DUAL_PER_CORE };

/* An exception from the chip's movement. */
struct arch_dual_layer_movement {
    const char *layer;
    int movement;
};

struct arch_dual_chip_spec {
    uint32_t rows, cols, cores_per_tile;
    bool grow; /* the mesh is as large as the network needs */
    double clock_hz, voltage_v;
    struct arch_dual_core_spec core;
    struct arch_placement_spec placement;
    int movement, delivery;
    const struct arch_dual_layer_movement *layers;
    uint32_t layer_count;
    uint32_t event_bits, event_cycles, frame_bits, hop_cycles, buffer_streams, barrier_cycles;
};

extern const struct sim_schema arch_dual_chip_schema; /* "arch.dual_chip", role "chip" */
extern const struct arch_chip_type arch_dual_chip_type;

/* What movement and reads cost, for senders that choose (movement: auto). J. */
struct arch_dual_costs {
    double event_bit, frame_bit; /* over a hop */
    double weight_bit;
};

/* Values that prices may scale by: the sizes of a core, and memory_side, the root of its weight memory's
 * bits. */
void arch_dual_chip_parameters(const struct arch_dual_chip_spec *spec,
                               void (*report)(void *user, const char *type, const char *name, double value),
                               void *user);

/* The components of a plan, in a kernel. */
struct arch_dual_system {
    const struct arch_dual_chip_spec *spec;
    const struct arch_dual_plan *plan;
    struct noc_stream_mesh network[ARCH_STREAM_NETWORK_COUNT];
    struct arch_dual_host *host; /* [hosts] */
    struct arch_dual_core *core; /* [cores] */
    struct arch_barrier *barrier;
    uint32_t *leaves; /* [layers] ticks from a layer's input to its first spikes; of inputs 0 */
    uint32_t ticks; /* of a sample */
};

/* Adds everything to the kernel. The plan must outlive the system. */
void arch_dual_system_build(struct arch_dual_system *system, const struct arch_dual_chip_spec *spec,
                            struct arch_dual_plan *plan, struct sim_kernel *kernel);

/* Chooses what is executed from the next sample on. costs may be NULL where no layer moves by `auto`. */
void arch_dual_system_execute(struct arch_dual_system *system, int mode, uint32_t timesteps,
                              const struct arch_dual_costs *costs);

/* Starts a sample; spikes[layer] as in arch/chip.h. The kernel then runs until no work is left. */
void arch_dual_system_begin(struct arch_dual_system *system, struct sim_kernel *kernel,
                            const uint64_t *const *spikes);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * The kinds of cores that a packet chip can be made of, behind one face: what a core holds (for the mapper),
 * how it is built, what it reports.
 *
 *     arch.digital_core            arch/core/digital_core.h: synapse memory and neurons
 *     any core unit                arch/core/unit_core.h: sums by a crossbar, neurons by the periphery
 *     any window unit              arch/core/window_core.h: time-to-first-spike codes, a window a timestep
 */
#ifndef ARCH_PACKET_CORES_H
#define ARCH_PACKET_CORES_H

#include "arch/core/digital_core.h"
#include "arch/core/unit_core.h"
#include "arch/core/window_core.h"
#include "sim/base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_kernel;
struct arch_samples;

/* What a description says about the cores of a chip. */
struct arch_packet_cores_spec {
    struct sim_any core;
    struct arch_periphery_spec periphery;
    struct arch_time_code_spec code;
};

/* What one core holds. */
struct arch_core_capacity {
    uint32_t axons, neurons, weight_bits, potential_bits;
    int synapses; /* enum arch_synapse_kind */
    uint32_t index_bits;
    double synapse_memory_b; /* 0: as much as axons x neurons take */
    bool partial_sums;
    bool windows; /* a window unit: a timestep is a window */
    bool loads;   /* spikes can write weights: products */
    bool shifts;  /* takes spikes of heights 2^-k */
};

/* False: the schema is none of a core. */
bool arch_packet_cores_capacity(const struct arch_packet_cores_spec *spec,
                                struct arch_core_capacity *capacity);

/* A core's share of the network. */
struct arch_packet_core_load {
    struct arch_core_ports ports;
    struct arch_soma_load neurons; /* of window cores: none */
    const int8_t *weight; /* weight[axon * stride + neuron] */
    size_t stride;
    const struct arch_synapse_window
        *window; /* the same as projections, for convolutional memories; they stay */
    uint32_t windows, first_neuron;
    const struct arch_synapse_load *load; /* of a product, or NULL; stays */
    uint32_t number; /* of the core in its chip */
    double clock_hz;
    const char *path;
};

/* Builds a core and adds its components to the kernel. Window units are complete only after
 * arch_packet_core_window. NULL and messages when the core cannot hold the weights. */
struct arch_core_shell *arch_packet_core_build(const struct arch_packet_cores_spec *spec,
                                               const struct arch_packet_core_load *load,
                                               struct sim_kernel *kernel, struct sim_err *err);

/* Completes a window core: the code of the spikes that arrive, and what it does in a sample. */
bool arch_packet_core_window(struct arch_core_shell *core, const struct arch_ttfs *arriving,
                             const struct arch_window_plan *plan, struct sim_arena *arena,
                             struct sim_err *err);

/* Bits of synapse memory or cells' worth of weights that a core uses. */
uint64_t arch_packet_core_synapse_bits(const struct arch_core_shell *core,
                                       const struct arch_core_capacity *capacity);

/* Values that unit energies scale by. */
void arch_packet_cores_parameters(const struct arch_packet_cores_spec *spec,
                                  void (*report)(void *user, const char *type, const char *name,
                                                 double value),
                                  void *user);

/* The component type of the units and the area of one, m2; 0: the description does not say, or there are no
 * units. */
double arch_packet_cores_area(const struct arch_packet_cores_spec *spec, const char **type);

#ifdef __cplusplus
}
#endif

#endif

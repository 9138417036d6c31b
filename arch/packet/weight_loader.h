/* SPDX-License-Identifier: MIT
 *
 * Weight loader and spike buffer of a chip that runs a network in rounds, both outside the chip.
 *
 * Before a round the loader writes the round's weights into the cores' memories over one port: `width` bits a
 * cycle, so ceil(bits / width) cycles, in which nothing else happens. Spikes that a later round needs wait in
 * the buffer as bitmaps, a bit for each neuron and timestep; they are written and read while the chip works,
 * so they cost energy and no time of their own.
 *
 * Not modelled: addresses and handshakes of the port, refresh of the memory behind it.
 */
#ifndef ARCH_PACKET_WEIGHT_LOADER_H
#define ARCH_PACKET_WEIGHT_LOADER_H

#include "sim/kernel/component.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ARCH_WEIGHT_LOADER_EVENTS(X)                                                                         \
    X(WEIGHT_BITS, weight_bits, "bits of weights fetched and written into the cores before a round")         \
    X(BUFFER_WRITES, buffer_write_bits, "bits of spikes written into the buffer between rounds")             \
    X(BUFFER_READS, buffer_read_bits, "bits of spikes read from the buffer between rounds")

#define ARCH_WEIGHT_LOADER_EVENT_ENUM(NAME, name, help) ARCH_WEIGHT_LOADER_##NAME,
enum arch_weight_loader_event {
    ARCH_WEIGHT_LOADER_EVENTS(ARCH_WEIGHT_LOADER_EVENT_ENUM) ARCH_WEIGHT_LOADER_EVENT_COUNT
};

/* What is moved before a round. */
struct arch_weight_load {
    uint64_t weight_bits, buffer_write_bits, buffer_read_bits;
};

struct arch_weight_loader {
    struct sim_component base;
    uint32_t width; /* bits a cycle */
    struct arch_weight_load load;
    enum { ARCH_LOADER_IDLE, ARCH_LOADER_STARTS, ARCH_LOADER_LOADS } phase;
    sim_cycle done; /* cycle in which the last bits are in place */
};

extern const struct sim_type arch_weight_loader_type;

/* Cycles that so many bits of weights take. */
static inline sim_cycle arch_weight_loader_cycles(uint32_t width, uint64_t bits) {
    return (bits + width - 1) / width;
}

/* Gives an idle loader its next load. The caller wakes it. */
void arch_weight_loader_begin(struct arch_weight_loader *loader, const struct arch_weight_load *load);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * Set-up of wires and links; see link.h.
 */
#include "sim/kernel/link.h"

#include "sim/base/arena.h"

static uint32_t power_of_two_above(uint32_t n) {
    uint32_t p = 1;
    while (p <= n)
        p *= 2;
    return p;
}

void sim_wire_init(struct sim_wire *wire, uint32_t bytes, uint32_t latency, struct sim_arena *arena) {
    assert(latency >= 1 && latency < SIM_WHEEL_SLOTS);
    uint32_t slots = power_of_two_above(latency);
    *wire = (struct sim_wire){.bytes = bytes,
                              .latency = (uint16_t)latency,
                              .mask = (uint16_t)(slots - 1),
                              .stride = (bytes + 63) / 64 * 64};
    wire->at = SIM_NEW_ARRAY(arena, sim_cycle, slots);
    wire->slot = SIM_NEW_ARRAY(arena, unsigned char, slots * (size_t)wire->stride);
}

void sim_link_init(struct sim_link *link, uint32_t latency, uint32_t capacity) {
    assert(latency >= 1 && latency < SIM_WHEEL_SLOTS && capacity >= 1);
    *link = (struct sim_link){.latency = latency, .mask = power_of_two_above(capacity - 1) - 1};
}

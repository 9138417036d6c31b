/* SPDX-License-Identifier: MIT
 *
 * Clock trees, buffers and wires; see static.h.
 */
#include "noc/network/static.h"

#include "sim/kernel/kernel.h"

static sim_cycle step(void *self, sim_cycle now) {
    (void)self;
    (void)now;
    return SIM_NEVER;
}

static void settle_clock(void *self, sim_cycle now) {
    struct noc_static *clock = self;
    sim_cycle edges = (now + clock->divider - 1) / clock->divider;
    clock->base.count[NOC_CLOCK_ROUTER_CYCLE] = clock->routers * edges;
    clock->base.count[NOC_CLOCK_BIT_CYCLE] = clock->routers * clock->flit_bits * edges;
}

static const struct sim_event events[] = {NOC_CLOCK_EVENTS(SIM_EVENT_NAMED_ROW)};

const struct sim_type noc_clock_type = {
    .name = "noc.clock",
    .help = "clock trees of the routers",
    .events = events,
    .event_count = NOC_CLOCK_EVENT_COUNT,
    .step = step,
    .settle = settle_clock,
};

const struct sim_type noc_buffer_type = {
    .name = "noc.buffer",
    .help = "FIFOs of the routers, as far as they leak",
    .step = step,
};

const struct sim_type noc_link_type = {
    .name = "noc.link",
    .help = "wires between routers, as far as they leak",
    .step = step,
};

void noc_network_add_static(const struct noc_network *network, const char *path,
                            struct noc_network_static *parts, struct sim_kernel *kernel) {
    struct sim_arena *arena = kernel->arena;
    parts->clock = (struct noc_static){.routers = network->topology.routers,
                                       .flit_bits = network->spec->router.flit_bits,
                                       .divider = network->spec->clock_divider};
    parts->buffer = parts->link = parts->clock;
    sim_kernel_add(kernel, &parts->clock.base, &noc_clock_type, sim_arena_format(arena, "%s.clock", path));
    sim_kernel_add(kernel, &parts->buffer.base, &noc_buffer_type, sim_arena_format(arena, "%s.buffer", path));
    sim_kernel_add(kernel, &parts->link.base, &noc_link_type, sim_arena_format(arena, "%s.link", path));
}

double noc_network_bit_mm(const struct noc_network_spec *spec, uint64_t links) {
    return (double)links * spec->router.flit_bits * spec->link_length_m * 1e3;
}

/* SPDX-License-Identifier: MIT
 *
 * Assembly of the shared vector unit; see unit.h.
 */
#include "arch/vector/unit.h"
#include "sim/kernel/kernel.h"

static uint32_t ratio_of(const void *spec) { return (void)spec, 1; }

static bool build(const void *spec, const struct arch_lanes_setup *setup, struct arch_lanes_port *port,
                  uint32_t host, struct noc_line_order_link **order, struct sim_kernel *kernel,
                  struct sim_err *err) {
    (void)order, (void)err;
    struct arch_vector_unit *unit = SIM_NEW(kernel->arena, struct arch_vector_unit);
    unit->spec = spec;
    unit->setup = setup;
    unit->port = port;
    unit->y = SIM_NEW_ARRAY(kernel->arena, int32_t, (size_t)setup->cores * setup->queue * setup->lanes);
    sim_kernel_add(kernel, &unit->base, &arch_vector_unit_type,
                   sim_arena_format(kernel->arena, "%s.unit", setup->path));
    for (uint32_t core = 0; core < setup->cores; core++) {
        sim_kernel_connect_link(kernel, &port[core].request.base, "request", host, unit->base.id);
        sim_kernel_connect_link(kernel, &port[core].result.base, "result", unit->base.id, host);
    }
    return true;
}

static double area(const void *spec_, const struct arch_lanes_setup *setup) {
    const struct arch_vector_unit_spec *spec = spec_;
    (void)setup;
    return spec->lanes * spec->lane_m2;
}

const struct arch_approximator_type arch_vector_unit_approximator = {
    .schema = &arch_vector_unit_schema,
    .ratio = ratio_of,
    .build = build,
    .area = area,
};

/* SPDX-License-Identifier: MIT
 *
 * Assembly of lanes with tables; see table_lanes.h.
 */
#include "arch/vector/table_lanes.h"
#include "sim/kernel/kernel.h"

#include <math.h>

static uint32_t ratio_of(const void *spec) { return (void)spec, 1; }

static void build_cores(const struct sim_type *type, uint32_t read, double distance_m,
                        const struct arch_lanes_setup *setup, struct arch_lanes_port *port, uint32_t host,
                        struct sim_kernel *kernel) {
    for (uint32_t core = 0; core < setup->cores; core++) {
        struct arch_table_lanes *lanes = SIM_NEW(kernel->arena, struct arch_table_lanes);
        lanes->setup = setup;
        lanes->port = &port[core];
        lanes->read = read;
        lanes->distance_um = (uint64_t)llround(distance_m * 1e6);
        lanes->y = SIM_NEW_ARRAY(kernel->arena, int32_t, (size_t)setup->queue * setup->lanes);
        sim_kernel_add(kernel, &lanes->base, type,
                       sim_arena_format(kernel->arena, "%s.core[%u]", setup->path, core));
        sim_kernel_connect_link(kernel, &port[core].request.base, "request", host, lanes->base.id);
        sim_kernel_connect_link(kernel, &port[core].result.base, "result", lanes->base.id, host);
    }
}

static bool build_lane_tables(const void *spec, const struct arch_lanes_setup *setup,
                              struct arch_lanes_port *port, uint32_t host, struct noc_line_order_link **order,
                              struct sim_kernel *kernel, struct sim_err *err) {
    (void)spec, (void)err, (void)order;
    build_cores(&arch_lane_table_type, 1, 0, setup, port, host, kernel);
    return true;
}

static bool build_core_tables(const void *spec_, const struct arch_lanes_setup *setup,
                              struct arch_lanes_port *port, uint32_t host, struct noc_line_order_link **order,
                              struct sim_kernel *kernel, struct sim_err *err) {
    const struct arch_table_lanes_spec *spec = spec_;
    (void)err, (void)order;
    /* The table in the middle of a row of lanes: a quarter of the row away, on average. */
    build_cores(&arch_core_table_type, (setup->lanes + spec->ports - 1) / spec->ports,
                setup->lanes * setup->lane_m / 4, setup, port, host, kernel);
    return true;
}

static double table_area(const struct arch_table_lanes_spec *spec, const struct arch_lanes_setup *setup,
                         double further_ports) {
    return (double)setup->functions * setup->segments * 2 * setup->bits *
           (spec->area.bit_m2 + further_ports * spec->port_m2);
}

static double lane_area(const void *spec_, const struct arch_lanes_setup *setup) {
    const struct arch_table_lanes_spec *spec = spec_;
    return arch_lanes_area(&spec->area, setup) +
           (double)setup->cores * setup->lanes * table_area(spec, setup, 0);
}

static double core_area(const void *spec_, const struct arch_lanes_setup *setup) {
    const struct arch_table_lanes_spec *spec = spec_;
    double pair = 2.0 * setup->bits * spec->area.bit_m2; /* what a lane has read, until all have */
    return arch_lanes_area(&spec->area, setup) +
           setup->cores * (table_area(spec, setup, spec->ports - 1) + setup->lanes * pair);
}

const struct arch_approximator_type arch_lane_table_approximator = {
    .schema = &arch_lane_table_schema,
    .ratio = ratio_of,
    .build = build_lane_tables,
    .area = lane_area,
};
const struct arch_approximator_type arch_core_table_approximator = {
    .schema = &arch_core_table_schema,
    .ratio = ratio_of,
    .build = build_core_tables,
    .area = core_area,
};

/* SPDX-License-Identifier: MIT
 *
 * Vector lanes with tables of slopes and biases of their own (arch.lane_table) or of their core's
 * (arch.core_table): what NOVA is compared with.
 *
 *     lane_table   request shows | compare, read | multiply-add | result shows
 *     core_table   request shows | compare, read by `ports` lanes a cycle, ceil(lanes / ports) cycles |
 *                  multiply-add | result shows
 *
 * Vectors follow each other as fast as they can read. Not modelled: writing the tables.
 */
#ifndef ARCH_VECTOR_TABLE_LANES_H
#define ARCH_VECTOR_TABLE_LANES_H

#include "arch/vector/approximator.h"

#ifdef __cplusplus
extern "C" {
#endif

struct arch_table_lanes_spec {
    uint32_t ports; /* of the core's table; lane_table: not used */
    struct arch_lanes_area area;
    double port_m2; /* of a further port, for each bit of the table */
};

/* Invariant: a vector is being read exactly while `busy`, from `until - read` to `until`. */
struct arch_table_lanes {
    struct sim_component base;
    const struct arch_lanes_setup *setup;
    struct arch_lanes_port *port;
    uint32_t read;       /* cycles */
    uint64_t distance_um; /* from a table to a lane, on average */
    int32_t *y;          /* [queue][lanes] */
    bool busy;
    sim_cycle until;
    struct arch_lanes_request current;
};

extern const struct sim_schema arch_lane_table_schema, arch_core_table_schema; /* role "approximator" */
extern const struct sim_type arch_lane_table_type, arch_core_table_type;
extern const struct arch_approximator_type arch_lane_table_approximator, arch_core_table_approximator;

#ifdef __cplusplus
}
#endif

#endif

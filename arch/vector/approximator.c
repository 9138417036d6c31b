/* SPDX-License-Identifier: MIT
 *
 * The kinds of approximators, and what their lanes share; see approximator.h.
 */
#include "arch/vector/approximator.h"

#include "arch/vector/nova.h"
#include "arch/vector/table_lanes.h"
#include "arch/vector/unit.h"

static const struct arch_approximator_type *const kinds[] = {
    &arch_nova_approximator,
    &arch_lane_table_approximator,
    &arch_core_table_approximator,
    &arch_vector_unit_approximator,
};

const struct arch_approximator_type *arch_approximator_of(const struct sim_schema *schema) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i]->schema == schema)
            return kinds[i];
    return NULL;
}

const struct sim_event arch_lanes_events[ARCH_LANES_EVENT_COUNT] = {
    ARCH_LANES_EVENTS(SIM_EVENT_ROW)
};

static const struct sim_param area_params[] = {
    SIM_PARAM_QUANTITY(struct arch_lanes_area, comparator_m2, "comparator", SIM_UNIT_SQUARE_METRE, 0, 1e-6,
                       "0 m2", "of one comparator"),
    SIM_PARAM_QUANTITY(struct arch_lanes_area, mac_m2, "mac", SIM_UNIT_SQUARE_METRE, 0, 1e-6, "0 m2",
                       "of one multiply-add"),
    SIM_PARAM_QUANTITY(struct arch_lanes_area, bit_m2, "bit", SIM_UNIT_SQUARE_METRE, 0, 1e-6, "0 m2",
                       "of a bit of storage with its share of the read port"),
};

const struct sim_schema arch_lanes_area_schema = {
    .name = "arch.lanes.area",
    .help = "Areas of the parts of a lane.",
    .size = sizeof(struct arch_lanes_area),
    SIM_SCHEMA_PARAMS(area_params),
};

double arch_lanes_area(const struct arch_lanes_area *area, const struct arch_lanes_setup *setup) {
    uint32_t breakpoints = setup->segments - 1;
    double lane = breakpoints * area->comparator_m2 + area->mac_m2;
    return setup->cores * (setup->lanes * lane + (double)breakpoints * setup->bits * area->bit_m2);
}

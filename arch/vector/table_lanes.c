/* SPDX-License-Identifier: MIT
 *
 * Vector lanes with tables of their own or of their core's; see table_lanes.h.
 */
#include "arch/vector/table_lanes.h"

#include <math.h>

static const struct sim_param lane_params[] = {
    SIM_PARAM_SPEC(struct arch_table_lanes_spec, area, &arch_lanes_area_schema, "areas of a lane's parts"),
};

static const struct sim_param core_params[] = {
    SIM_PARAM_UINT(struct arch_table_lanes_spec, ports, 1, 65536, "16",
                   "lanes that read the table in a cycle"),
    SIM_PARAM_SPEC(struct arch_table_lanes_spec, area, &arch_lanes_area_schema, "areas of a lane's parts"),
    SIM_PARAM_QUANTITY(struct arch_table_lanes_spec, port_m2, "port_bit_area", SIM_UNIT_SQUARE_METRE, 0, 1e-6,
                       "0 m2", "area of each port beyond the first, for each bit of the table"),
};

static const struct sim_type *const lane_types[] = {&arch_lane_table_type, NULL};
static const struct sim_type *const core_types[] = {&arch_core_table_type, NULL};

const struct sim_schema arch_lane_table_schema = {
    .name = "arch.lane_table",
    .role = ARCH_APPROXIMATOR_ROLE,
    .help = "Lanes that each have a table of slopes and biases.",
    .size = sizeof(struct arch_table_lanes_spec),
    SIM_SCHEMA_PARAMS(lane_params),
    .types = lane_types,
};
const struct sim_schema arch_core_table_schema = {
    .name = "arch.core_table",
    .role = ARCH_APPROXIMATOR_ROLE,
    .help = "Lanes that share their core's table of slopes and biases through its ports.",
    .size = sizeof(struct arch_table_lanes_spec),
    SIM_SCHEMA_PARAMS(core_params),
    .types = core_types,
};

static void start(struct arch_table_lanes *lanes, const struct arch_lanes_request *request, sim_cycle now) {
    const struct arch_lanes_setup *setup = lanes->setup;
    uint64_t bits = (uint64_t)request->elements * 2 * setup->bits;
    lanes->current = *request;
    lanes->busy = true;
    lanes->until = now + lanes->read;
    arch_lanes_requests_take(&lanes->port->request);
    sim_count(&lanes->base, ARCH_LANES_EVENT_comparisons, (uint64_t)request->elements * (setup->segments - 1),
              now, 1);
    sim_count(&lanes->base, ARCH_LANES_EVENT_table_bits, bits, now, lanes->read);
    sim_count(&lanes->base, ARCH_LANES_EVENT_table_bit_um, bits * lanes->distance_um, now, lanes->read);
}

static void multiply_add(struct arch_table_lanes *lanes, sim_cycle now) {
    const struct arch_lanes_setup *setup = lanes->setup;
    const struct arch_lanes_request *request = &lanes->current;
    const struct arch_fixed *table = setup->table[request->function];
    int32_t *y = lanes->y + (size_t)(request->wave % setup->queue) * setup->lanes;
    for (uint32_t lane = 0; lane < request->elements; lane++)
        y[lane] = arch_fixed_value(table, request->x[lane]);
    sim_count(&lanes->base, ARCH_LANES_EVENT_macs, request->elements, now, 1);
    sim_count(&lanes->base, ARCH_LANES_EVENT_results, request->elements, now, 1);
    sim_count(&lanes->base, ARCH_LANES_EVENT_vectors, 1, now, 1);
    arch_lanes_results_send(&lanes->port->result, now, (struct arch_lanes_result){request->wave, 0, y});
    lanes->busy = false;
}

static sim_cycle step(void *self, sim_cycle now) {
    struct arch_table_lanes *lanes = self;
    if (lanes->busy && lanes->until == now)
        multiply_add(lanes, now);
    const struct arch_lanes_request *request = arch_lanes_requests_peek(&lanes->port->request, now);
    if (!lanes->busy && request != NULL)
        start(lanes, request, now);
    return lanes->busy ? lanes->until : SIM_NEVER;
}

static void explain(const void *self, sim_cycle now, FILE *out) {
    const struct arch_table_lanes *lanes = self;
    (void)now;
    if (lanes->busy)
        fprintf(out, "%s: reads its table until %llu\n", lanes->base.path, (unsigned long long)lanes->until);
}

const struct sim_type arch_lane_table_type = {
    .name = "arch.lane_table",
    .help = "Lanes of a core that each have a table.",
    .events = arch_lanes_events,
    .event_count = ARCH_LANES_EVENT_COUNT,
    .step = step,
    .explain = explain,
};
const struct sim_type arch_core_table_type = {
    .name = "arch.core_table",
    .help = "Lanes of a core that share its table.",
    .events = arch_lanes_events,
    .event_count = ARCH_LANES_EVENT_COUNT,
    .step = step,
    .explain = explain,
};

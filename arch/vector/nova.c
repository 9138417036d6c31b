/* SPDX-License-Identifier: MIT
 *
 * NOVA's vector lanes; see nova.h.
 */
#include "arch/vector/nova.h"

static const struct sim_param params[] = {
    SIM_PARAM_SPEC(struct arch_nova_spec, line, &noc_line_schema, "the line network"),
    SIM_PARAM_SPEC(struct arch_nova_spec, area, &arch_lanes_area_schema, "areas of a lane's parts"),
    SIM_PARAM_QUANTITY(struct arch_nova_spec, router_bit_m2, "router_bit_area", SIM_UNIT_SQUARE_METRE, 0,
                       1e-6, "0 m2", "area of a router and its repeaters, for each bit of the link"),
};

static const struct sim_type *const types[] = {&arch_nova_type, &noc_line_type, NULL};

const struct sim_schema arch_nova_schema = {
    .name = "arch.nova",
    .role = ARCH_APPROXIMATOR_ROLE,
    .help = "Lanes that latch slope and bias from a line network that passes all cores (NOVA).",
    .size = sizeof(struct arch_nova_spec),
    SIM_SCHEMA_PARAMS(params),
    .types = types,
};

/* The comparators of all lanes, when the first flit passes. */
static void compare(struct arch_nova *nova, const struct arch_lanes_request *request, sim_cycle now) {
    const struct arch_lanes_setup *setup = nova->setup;
    const struct arch_fixed *table = setup->table[request->function];
    for (uint32_t lane = 0; lane < request->elements; lane++)
        nova->segment[lane] = arch_fixed_segment(table, arch_fixed_clamp(table, request->x[lane]));
    sim_count(&nova->base, ARCH_LANES_EVENT_comparisons, (uint64_t)request->elements * (setup->segments - 1),
              now, 1);
}

static void latch(struct arch_nova *nova, const struct noc_line_flit *flit, uint32_t elements,
                  sim_cycle now) {
    struct noc_line_pair *pair = nova->pair[flit->broadcast % 2];
    uint32_t first = flit->tag * nova->pairs_of_flit, latched = 0;
    for (uint32_t lane = 0; lane < elements; lane++)
        if (nova->segment[lane] - first < flit->pairs) {
            pair[lane] = flit->pair[nova->segment[lane] - first];
            latched++;
        }
    sim_count(&nova->base, ARCH_LANES_EVENT_tag_matches, elements, now, 1);
    sim_count(&nova->base, ARCH_LANES_EVENT_latch_bits, (uint64_t)latched * 2 * nova->setup->bits, now, 1);
}

static void multiply_add(struct arch_nova *nova, sim_cycle now) {
    const struct arch_lanes_setup *setup = nova->setup;
    const struct arch_lanes_request *request = &nova->ready;
    const struct arch_fixed *table = setup->table[request->function];
    const struct noc_line_pair *pair = nova->pair[request->wave % 2];
    int32_t *y = nova->y + (size_t)(request->wave % setup->queue) * setup->lanes;
    for (uint32_t lane = 0; lane < request->elements; lane++)
        y[lane] = arch_fixed_line(table, pair[lane].slope, pair[lane].bias,
                                  arch_fixed_clamp(table, request->x[lane]));
    sim_count(&nova->base, ARCH_LANES_EVENT_macs, request->elements, now, nova->ratio);
    sim_count(&nova->base, ARCH_LANES_EVENT_results, request->elements, now, nova->ratio);
    sim_count(&nova->base, ARCH_LANES_EVENT_vectors, 1, now, nova->ratio);
    arch_lanes_results_send(&nova->port->result, now, (struct arch_lanes_result){request->wave, 0, y});
    nova->waits = false;
}

static void take_flit(struct arch_nova *nova, const struct noc_line_flit *flit, sim_cycle now) {
    const struct arch_lanes_request *request = arch_lanes_requests_peek(&nova->port->request, now);
    assert(request != NULL && request->wave == flit->broadcast && flit->tag == nova->flits_seen);
    if (flit->tag == 0)
        compare(nova, request, now);
    latch(nova, flit, request->elements, now);
    if (++nova->flits_seen < nova->flits)
        return;
    assert(!nova->waits);
    nova->flits_seen = 0;
    nova->waits = true;
    nova->at = (now + nova->ratio - 1) / nova->ratio * nova->ratio;
    nova->ready = *request;
    arch_lanes_requests_take(&nova->port->request);
}

/* A multiply-add that is due comes before a flit of the next vector can be the last of its own. */
static sim_cycle step(void *self, sim_cycle now) {
    struct arch_nova *nova = self;
    if (nova->waits && nova->at == now)
        multiply_add(nova, now);
    const struct noc_line_flit *flit = noc_line_link_peek(nova->tap, now);
    if (flit != NULL) {
        take_flit(nova, flit, now);
        noc_line_link_take(nova->tap);
    }
    if (nova->waits && nova->at == now)
        multiply_add(nova, now);
    return nova->waits ? nova->at : SIM_NEVER;
}

static void explain(const void *self, sim_cycle now, FILE *out) {
    const struct arch_nova *nova = self;
    if (arch_lanes_requests_peek(&nova->port->request, now) != NULL)
        fprintf(out, "%s: %u of %u flits have passed\n", nova->base.path, nova->flits_seen, nova->flits);
}

const struct sim_type arch_nova_type = {
    .name = "arch.nova",
    .help = "Lanes of a core that latch slope and bias from a line network.",
    .events = arch_lanes_events,
    .event_count = ARCH_LANES_EVENT_COUNT,
    .step = step,
    .explain = explain,
};

/* SPDX-License-Identifier: MIT
 *
 * Assembly of NOVA: a line and the lanes of every core; see nova.h.
 */
#include "arch/vector/nova.h"
#include "sim/kernel/kernel.h"

static uint32_t ratio_of(const void *spec) { return ((const struct arch_nova_spec *)spec)->line.clock_ratio; }

static const struct noc_line_pair *pairs_of(const struct arch_fixed *table, struct sim_arena *arena) {
    struct noc_line_pair *pair = SIM_NEW_ARRAY(arena, struct noc_line_pair, table->segments);
    for (uint32_t k = 0; k < table->segments; k++)
        pair[k] = (struct noc_line_pair){table->slope[k], table->bias[k]};
    return pair;
}

static const struct noc_line_plan *plan_line(const struct arch_nova_spec *spec,
                                             const struct arch_lanes_setup *setup, struct sim_arena *arena) {
    const struct noc_line_pair **table = SIM_NEW_ARRAY(arena, const struct noc_line_pair *, setup->functions);
    for (uint32_t f = 0; f < setup->functions; f++)
        table[f] = pairs_of(setup->table[f], arena);
    struct noc_line_plan *plan = SIM_NEW(arena, struct noc_line_plan);
    *plan = (struct noc_line_plan){
        .spec = &spec->line,
        .routers = setup->cores,
        .network_hz = setup->clock_hz * spec->line.clock_ratio,
        .core_m = setup->lanes * setup->lane_m,
        .pairs = setup->segments,
        .pair_bits = 2 * setup->bits,
        .queue = setup->queue,
        .table = table,
        .path = setup->path,
    };
    return plan;
}

static void build_core(struct arch_nova *nova, const struct noc_line *head, uint32_t core,
                       const struct arch_lanes_setup *setup, struct sim_kernel *kernel) {
    nova->setup = setup;
    nova->ratio = head->plan->spec->clock_ratio;
    nova->flits = head->flits;
    nova->pairs_of_flit = head->pairs_of_flit;
    nova->segment = SIM_NEW_ARRAY(kernel->arena, uint32_t, setup->lanes);
    for (int set = 0; set < 2; set++)
        nova->pair[set] = SIM_NEW_ARRAY(kernel->arena, struct noc_line_pair, setup->lanes);
    nova->y = SIM_NEW_ARRAY(kernel->arena, int32_t, (size_t)setup->queue * setup->lanes);
    sim_kernel_add(kernel, &nova->base, &arch_nova_type,
                   sim_arena_format(kernel->arena, "%s.core[%u]", setup->path, core));
}

static bool build(const void *spec_, const struct arch_lanes_setup *setup, struct arch_lanes_port *port,
                  uint32_t host, struct noc_line_order_link **order, struct sim_kernel *kernel,
                  struct sim_err *err) {
    const struct arch_nova_spec *spec = spec_;
    *order = SIM_NEW(kernel->arena, struct noc_line_order_link);
    noc_line_order_link_init(*order, spec->line.clock_ratio, setup->queue, kernel->arena);
    struct noc_line *head = noc_line_build(plan_line(spec, setup, kernel->arena), *order, kernel, err);
    if (head == NULL)
        return false;
    sim_kernel_connect_link(kernel, &(*order)->base, "order", host, head->base.id);
    for (uint32_t core = 0; core < setup->cores; core++) {
        struct arch_nova *nova = SIM_NEW(kernel->arena, struct arch_nova);
        uint32_t span;
        build_core(nova, head, core, setup, kernel);
        nova->port = &port[core];
        nova->tap = noc_line_tap(head, core, &span);
        sim_kernel_connect_link(kernel, &nova->tap->base, "tap", span, nova->base.id);
        sim_kernel_connect_link(kernel, &port[core].request.base, "request", host, nova->base.id);
        sim_kernel_connect_link(kernel, &port[core].result.base, "result", nova->base.id, host);
    }
    return true;
}

static double area(const void *spec_, const struct arch_lanes_setup *setup) {
    const struct arch_nova_spec *spec = spec_;
    double latches = 2.0 * 2 * setup->bits * spec->area.bit_m2; /* two sets of a pair */
    double tables = (double)setup->functions * setup->segments * 2 * setup->bits * spec->area.bit_m2;
    return arch_lanes_area(&spec->area, setup) + tables +
           setup->cores * (setup->lanes * latches + spec->line.link_bits * spec->router_bit_m2);
}

const struct arch_approximator_type arch_nova_approximator = {
    .schema = &arch_nova_schema,
    .ratio = ratio_of,
    .build = build,
    .area = area,
};

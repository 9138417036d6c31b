/* SPDX-License-Identifier: MIT
 *
 * From a plan to components, and their executions; see chip.h.
 */
#include "arch/dual/chip.h"

#include "sim/kernel/kernel.h"

#include <string.h>

static struct arch_stream_widths widths_of(const struct arch_dual_chip_spec *spec) {
    return (struct arch_stream_widths){spec->event_bits, spec->event_cycles, spec->frame_bits,
                                       spec->core.sum_bits};
}

static uint32_t tile_of(const struct arch_dual_plan *plan, uint32_t terminal) {
    return terminal < plan->hosts ? plan->host[terminal].tile : plan->core[terminal - plan->hosts].tile;
}

static void set_hops(struct arch_dual_system *system, struct arch_stream_target *target, uint32_t targets,
                     uint32_t tile) {
    for (uint32_t i = 0; i < targets; i++)
        target[i].hops =
            noc_stream_mesh_hops(&system->network[0], tile, tile_of(system->plan, target[i].terminal));
}

static void build_networks(struct arch_dual_system *system, struct sim_kernel *kernel) {
    static const struct sim_type *const type[ARCH_STREAM_NETWORK_COUNT] = {
        [ARCH_STREAM_EVENTS] = &noc_event_router_type, [ARCH_STREAM_FRAMES] = &noc_frame_router_type};
    static const char *const path[ARCH_STREAM_NETWORK_COUNT] = {"chip.events", "chip.frames"};
    const struct arch_dual_plan *plan = system->plan;
    for (int n = 0; n < ARCH_STREAM_NETWORK_COUNT; n++) {
        struct noc_stream_mesh_spec spec = {
            .rows = plan->rows,
            .cols = plan->cols,
            .local_ports = plan->local_ports,
            .hop_cycles = system->spec->hop_cycles,
            .depth = system->spec->buffer_streams,
            .type = type[n],
        };
        struct noc_stream_mesh *mesh = &system->network[n];
        noc_stream_mesh_build(mesh, &spec, plan->hosts + plan->cores, path[n], kernel);
        for (uint32_t i = 0; i < plan->hosts; i++)
            noc_stream_mesh_attach(mesh, i, plan->host[i].tile, plan->host[i].port,
                                   &system->host[i].sender.port[n], system->host[i].base.id, kernel);
        for (uint32_t i = 0; i < plan->cores; i++)
            noc_stream_mesh_attach(mesh, plan->hosts + i, plan->core[i].tile, plan->core[i].port,
                                   &system->core[i].sender.port[n], system->core[i].base.id, kernel);
    }
}

static void build_barrier(struct arch_dual_system *system, struct sim_kernel *kernel) {
    const struct arch_dual_plan *plan = system->plan;
    uint32_t leaves = plan->hosts + plan->cores;
    struct arch_barrier_port **leaf = SIM_NEW_ARRAY(kernel->arena, struct arch_barrier_port *, leaves);
    uint32_t *id = SIM_NEW_ARRAY(kernel->arena, uint32_t, leaves);
    for (uint32_t i = 0; i < plan->hosts; i++) {
        leaf[i] = &system->host[i].barrier;
        id[i] = system->host[i].base.id;
    }
    for (uint32_t i = 0; i < plan->cores; i++) {
        leaf[plan->hosts + i] = &system->core[i].barrier;
        id[plan->hosts + i] = system->core[i].base.id;
    }
    system->barrier =
        arch_barrier_build(leaf, id, leaves, system->spec->barrier_cycles, 0, "chip.barrier", kernel);
}

void arch_dual_system_build(struct arch_dual_system *system, const struct arch_dual_chip_spec *spec,
                            struct arch_dual_plan *plan, struct sim_kernel *kernel) {
    struct sim_arena *arena = kernel->arena;
    system->spec = spec;
    system->plan = plan;
    system->leaves = SIM_NEW_ARRAY(arena, uint32_t, plan->layers);
    system->host = SIM_NEW_ARRAY(arena, struct arch_dual_host, plan->hosts);
    system->core = SIM_NEW_ARRAY(arena, struct arch_dual_core, plan->cores);
    for (uint32_t i = 0; i < plan->hosts; i++) {
        const struct arch_dual_origin *origin = &plan->host[i];
        arch_dual_host_init(&system->host[i], origin->feed, origin->feeds, origin->outputs, arena);
        sim_kernel_add(kernel, &system->host[i].base, &arch_dual_host_type,
                       sim_arena_format(arena, "chip.host[%u]", i));
    }
    for (uint32_t i = 0; i < plan->cores; i++) {
        const struct arch_dual_share *share = &plan->core[i];
        arch_dual_core_init(&system->core[i], &spec->core, &share->load, arena);
        sim_kernel_add(kernel, &system->core[i].base, &arch_dual_core_type,
                       sim_arena_format(arena, "chip.tile[%u][%u].core[%u]", share->tile / plan->cols,
                                        share->tile % plan->cols, share->port));
    }
    build_networks(system, kernel);
    for (uint32_t i = 0; i < plan->hosts; i++) {
        struct arch_stream_sender *sender = &system->host[i].sender;
        sender->target = plan->host[i].target;
        sender->targets = plan->host[i].targets;
        sender->widths = widths_of(spec);
        set_hops(system, plan->host[i].target, plan->host[i].targets, plan->host[i].tile);
    }
    for (uint32_t i = 0; i < plan->cores; i++) {
        struct arch_stream_sender *sender = &system->core[i].sender;
        sender->target = plan->core[i].target;
        sender->targets = plan->core[i].targets;
        sender->widths = widths_of(spec);
        set_hops(system, plan->core[i].target, plan->core[i].targets, plan->core[i].tile);
    }
    build_barrier(system, kernel);
}

/* ---- executions ------------------------------------------------------------------------------- */

/* Copies of an activation that go to a target, and synapses with weights that it has there: means. */
static double copies_each(const struct arch_stream_target *target) {
    const uint64_t *before = target->copies_before;
    return before != NULL ? (double)(before[target->count] - before[0]) / target->count : target->copies;
}

static double weights_each(const struct arch_dual_core_load *load, const struct arch_stream_target *target) {
    const uint64_t *before = load->weighted;
    if (before == NULL)
        return load->neurons;
    return (double)(before[target->key + target->count] - before[target->key]) / target->count;
}

/* Spikes of a timestep above which a bitmap costs less than events: both pay their hops and the weights
 * that the target reads for them. Weights that are kept over the window cost the same either way. */
static double frame_at(const struct arch_dual_system *system, const struct arch_stream_target *target,
                       uint32_t timesteps, const struct arch_dual_costs *costs) {
    const struct arch_dual_chip_spec *spec = system->spec;
    const struct arch_dual_plan *plan = system->plan;
    double hops = target->hops, copies = copies_each(target), weights = 0;
    if (target->terminal >= plan->hosts && spec->core.neuron == ARCH_DUAL_IF)
        weights = weights_each(&plan->core[target->terminal - plan->hosts].load, target);
    double row = spec->core.weight_bits * costs->weight_bit * weights;
    double event_row = spec->core.event_reads == ARCH_DUAL_READ_WINDOW ? row / timesteps : row;
    double frame_row = spec->core.frame_reads == ARCH_DUAL_FRAME_WINDOW ? row / timesteps : row;
    double event = spec->event_bits * costs->event_bit * hops * copies + event_row;
    double flag = costs->frame_bit * hops * copies + frame_row;
    return event > 0 ? target->count * flag / event : target->count;
}

static void price_targets(struct arch_dual_system *system, struct arch_stream_target *target,
                          uint32_t targets, uint32_t timesteps, const struct arch_dual_costs *costs) {
    for (uint32_t i = 0; i < targets; i++)
        if (target[i].movement == ARCH_DUAL_AUTO)
            target[i].frame_at = frame_at(system, &target[i], timesteps, costs);
}

/* The tick of each core's first step, the buffers that early operands wait in, and the length of a sample.
 * Cores stand in the order of their layers; those of a layer begin together. */
static void schedule(struct arch_dual_system *system) {
    const struct arch_dual_plan *plan = system->plan;
    uint32_t last = 0, steps = plan->cores > 0 ? arch_dual_core_steps(&system->core[0]) : 1;
    memset(system->leaves, 0, plan->layers * sizeof *system->leaves);
    for (uint32_t first = 0, end; first < plan->cores; first = end) {
        uint32_t layer = plan->core[first].layer, offset = 0, *leaves = &system->leaves[layer];
        for (end = first; end < plan->cores && plan->core[end].layer == layer; end++)
            for (uint32_t k = 0; k < plan->core[end].operands; k++) {
                uint32_t ready = system->leaves[plan->core[end].operand[k].source] + 1;
                offset = ready > offset ? ready : offset;
            }
        for (uint32_t i = first; i < end; i++) {
            const struct arch_dual_share *share = &plan->core[i];
            struct arch_dual_core *core = &system->core[i];
            core->load.offset = offset;
            for (uint32_t k = 0; k < core->load.inputs; k++)
                share->input[k].delay = offset - 1 - system->leaves[share->operand[k].source];
            if (!core->load.partial && offset + arch_dual_core_lag(core) > *leaves)
                *leaves = offset + arch_dual_core_lag(core);
        }
        last = *leaves > last ? *leaves : last;
    }
    system->ticks = last + steps;
}

void arch_dual_system_execute(struct arch_dual_system *system, int mode, uint32_t timesteps,
                              const struct arch_dual_costs *costs) {
    const struct arch_dual_plan *plan = system->plan;
    for (uint32_t i = 0; i < plan->hosts; i++) {
        arch_dual_host_execute(&system->host[i], mode, timesteps);
        price_targets(system, plan->host[i].target, plan->host[i].targets, timesteps, costs);
    }
    for (uint32_t i = 0; i < plan->cores; i++) {
        arch_dual_core_execute(&system->core[i], mode, timesteps);
        price_targets(system, plan->core[i].target, plan->core[i].targets, timesteps, costs);
    }
    schedule(system);
}

void arch_dual_system_begin(struct arch_dual_system *system, struct sim_kernel *kernel,
                            const uint64_t *const *spikes) {
    for (uint32_t i = 0; i < system->plan->hosts; i++)
        arch_dual_host_begin(&system->host[i], spikes);
    arch_barrier_begin(system->barrier, system->ticks, 0);
    sim_kernel_poke(kernel, system->barrier->base.id);
}

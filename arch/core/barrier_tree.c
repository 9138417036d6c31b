/* SPDX-License-Identifier: MIT
 *
 * Assembly of a barrier tree; see barrier.h.
 */
#include "arch/core/barrier.h"

#include "sim/kernel/kernel.h"

#define LINK_ROOM 4u /* items of a link: one is sent a cycle, and all are taken when visible */

void arch_barrier_port_init(struct arch_barrier_port *port, struct sim_arena *arena) {
    arch_tick_link_init(&port->tick, 1, LINK_ROOM, arena);
    arch_report_link_init(&port->report, 1, LINK_ROOM, arena);
}

/* The ports of one level, and how many leaves each stands for. */
struct level {
    struct arch_barrier_port **port;
    uint32_t *id, *leaves;
    uint32_t ports;
};

static struct level new_level(uint32_t ports, struct sim_arena *arena) {
    return (struct level){.port = SIM_NEW_ARRAY(arena, struct arch_barrier_port *, ports),
                          .id = SIM_NEW_ARRAY(arena, uint32_t, ports),
                          .leaves = SIM_NEW_ARRAY(arena, uint32_t, ports),
                          .ports = ports};
}

static void adopt(struct arch_barrier *b, const struct level *below, uint32_t i, struct sim_kernel *kernel) {
    struct arch_barrier_port *port = below->port[i];
    b->child[b->children++] = port;
    b->leaves += below->leaves[i];
    sim_kernel_connect_link(kernel, &port->tick.base, "tick", b->base.id, below->id[i]);
    sim_kernel_connect_link(kernel, &port->report.base, "report", below->id[i], b->base.id);
}

/* A node over ports first .. of the level below. */
static struct arch_barrier *new_node(const struct level *below, uint32_t first, const char *path,
                                     struct sim_kernel *kernel) {
    struct arch_barrier *node = SIM_NEW(kernel->arena, struct arch_barrier);
    sim_kernel_add(kernel, &node->base, &arch_barrier_type, path);
    for (uint32_t i = first; i < below->ports && i < first + ARCH_BARRIER_FAN_OUT; i++)
        adopt(node, below, i, kernel);
    return node;
}

struct arch_barrier *arch_barrier_build(struct arch_barrier_port *const *leaf, const uint32_t *id,
                                        uint32_t leaves, sim_cycle cycles, sim_cycle timestep_cycles,
                                        const char *path, struct sim_kernel *kernel) {
    struct level below = new_level(leaves, kernel->arena);
    for (uint32_t i = 0; i < leaves; i++) {
        below.port[i] = leaf[i];
        below.id[i] = id[i];
        below.leaves[i] = 1;
    }
    for (uint32_t height = 1; below.ports > ARCH_BARRIER_FAN_OUT; height++) {
        struct level level = new_level((below.ports - 1) / ARCH_BARRIER_FAN_OUT + 1, kernel->arena);
        for (uint32_t n = 0; n < level.ports; n++) {
            const char *name = sim_arena_format(kernel->arena, "%s.level[%u].node[%u]", path, height, n);
            struct arch_barrier *node = new_node(&below, n * ARCH_BARRIER_FAN_OUT, name, kernel);
            arch_barrier_port_init(&node->up, kernel->arena);
            level.port[n] = &node->up;
            level.id[n] = node->base.id;
            level.leaves[n] = node->leaves;
        }
        below = level;
    }
    struct arch_barrier *root = new_node(&below, 0, path, kernel);
    root->root = true;
    root->cycles = cycles;
    root->timestep_cycles = timestep_cycles;
    root->next_start = SIM_NEVER;
    return root;
}

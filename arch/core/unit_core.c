/* SPDX-License-Identifier: MIT
 *
 * A core unit behind a packet network; see unit_core.h.
 */
#include "arch/core/unit_core.h"

#include <string.h>

static void reset(struct arch_core_shell *shell) {
    arch_soma_reset(&((struct arch_unit_core *)shell)->soma);
}

static void begin(struct arch_core_shell *shell, sim_cycle start, sim_cycle now) {
    struct arch_unit_core *core = (struct arch_unit_core *)shell;
    uint64_t *axons = arch_core_shell_axons(shell);
    memcpy(core->axons, axons, shell->words * sizeof *axons);
    memset(axons, 0, shell->words * sizeof *axons);
    start += core->type->integrate(core->unit, core->axons, core->sum, now);
    for (uint32_t n = 0; n < shell->ports.neurons; n++)
        shell->input[n] += core->sum[n];
    arch_soma_update(&core->soma, shell, start, now);
    shell->done_at = core->soma.end;
}

static sim_cycle ready_at(const struct arch_core_shell *shell, const struct arch_sender_packet *packet) {
    return arch_soma_ready_at(&((const struct arch_unit_core *)shell)->soma, shell, packet);
}

static const struct arch_core_inside inside = {.reset = reset, .begin = begin, .ready_at = ready_at};

void arch_unit_core_init(struct arch_unit_core *core, const struct arch_core_unit_type *type, void *unit,
                         const struct arch_core_unit_shape *shape, const struct arch_core_ports *ports,
                         const struct arch_periphery_spec *periphery, const struct arch_soma_load *neurons,
                         struct sim_arena *arena) {
    struct arch_core_pace pace = {periphery->start_cycles, periphery->reset_cycles, periphery->send_cycles};
    arch_core_shell_init(&core->shell, &inside, ports, &pace, arena);
    core->type = type;
    core->unit = unit;
    core->axons = SIM_NEW_ARRAY(arena, uint64_t, (shape->axons + 63) / 64);
    core->sum = SIM_NEW_ARRAY(arena, int32_t, shape->neurons);
    arch_soma_init(&core->soma, neurons, ports, periphery->update_cycles, periphery->idle_cycles, arena);
}

static const struct sim_event events[] = {ARCH_CORE_EVENTS(SIM_EVENT_NAMED_ROW)
                                              ARCH_SOMA_EVENTS(SIM_EVENT_NAMED_ROW)};

const struct sim_type arch_unit_core_type = {
    .name = "arch.unit_core",
    .help = "periphery of a core unit behind a packet network: scheduler, neurons, sender",
    .events = events,
    .event_count = ARCH_SOMA_EVENT_COUNT,
    .step = arch_core_shell_step,
    .explain = arch_core_shell_explain,
};

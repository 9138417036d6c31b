/* SPDX-License-Identifier: MIT
 *
 * A window unit behind a packet network; see window_core.h.
 */
#include "arch/core/window_core.h"

#include <math.h>
#include <string.h>

#define GUARD 0.5 /* of the thresholds: half a step, where no sum of integers lies */

static uint32_t words_of(const struct arch_window_core *core) {
    return (core->shell.ports.neurons + 63) / 64;
}

static void reset(struct arch_core_shell *shell) { (void)shell; }

/* Takes the spikes of the window out of the scheduler. */
static struct arch_window take_window(struct arch_window_core *core) {
    struct arch_core_shell *shell = &core->shell;
    uint64_t *axons = arch_core_shell_axons(shell);
    struct arch_window window = {0, core->axon, core->slot};
    for (uint32_t word = 0; word < shell->words; word++) {
        for (uint64_t bits = axons[word]; bits != 0; bits &= bits - 1) {
            uint32_t axon = word * 64 + (uint32_t)__builtin_ctzll(bits);
            core->axon[window.spikes] = axon;
            core->slot[window.spikes++] = (uint8_t)arch_core_shell_mark(shell, axon);
        }
        axons[word] = 0;
    }
    return window;
}

static void send_sums(struct arch_window_core *core) {
    uint32_t neurons = core->shell.ports.neurons;
    memset(core->fired, 0, words_of(core) * sizeof *core->fired);
    for (uint32_t n = 0; n < neurons; n++) {
        core->sum[n] = (int32_t)lrint(core->potential[n]);
        core->fired[n / 64] |= (uint64_t)(core->sum[n] != 0) << (n % 64);
    }
    core->fire_cycles = 0;
    arch_core_shell_fire(&core->shell, core->fired, core->sum);
}

static void fire(struct arch_window_core *core, sim_cycle now) {
    struct arch_core_shell *shell = &core->shell;
    const struct arch_ttfs *code = &core->plan.sent;
    uint32_t spikes = 0, words = words_of(core);
    memset(core->fired, 0, (size_t)code->levels * words * sizeof *core->fired);
    for (uint32_t n = 0; n < shell->ports.neurons; n++) {
        uint32_t level = arch_ttfs_fire(&core->staircase, core->potential[n] + shell->input[n]);
        uint32_t slot = arch_ttfs_slot(code, level);
        if (slot == ARCH_TTFS_NO_SPIKE)
            continue;
        core->fired[(size_t)slot * words + n / 64] |= UINT64_C(1) << (n % 64);
        spikes++;
    }
    core->fire_cycles = core->type->fire(core->unit, code->levels, spikes, now);
    sim_count(&shell->base, ARCH_CORE_FIRE, spikes, now, core->fire_cycles);
    arch_core_shell_fire(shell, core->fired, NULL);
}

static void begin(struct arch_core_shell *shell, sim_cycle start, sim_cycle now) {
    struct arch_window_core *core = (struct arch_window_core *)shell;
    if (shell->timestep == core->plan.reads)
        core->reads_at = now;
    core->fire_start = start;
    core->fire_cycles = 0;
    if (shell->timestep != core->plan.timestep) {
        memset(core->fired, 0, (size_t)core->plan.sent.levels * words_of(core) * sizeof *core->fired);
        arch_core_shell_fire(shell, core->fired, core->sum);
        shell->done_at = start;
        return;
    }
    struct arch_window window = take_window(core);
    uint64_t cycles = core->type->integrate(core->unit, &window, core->potential, now);
    if (core->reads_at + cycles > now)
        core->fire_start += core->reads_at + cycles - now;
    if (shell->ports.partial)
        send_sums(core);
    else
        fire(core, now);
    shell->done_at = core->fire_start + core->fire_cycles;
}

static sim_cycle ready_at(const struct arch_core_shell *shell, const struct arch_sender_packet *packet) {
    const struct arch_window_core *core = (const struct arch_window_core *)shell;
    (void)packet;
    if (shell->ports.partial)
        return core->fire_start;
    uint64_t slots = core->plan.sent.levels, slot = shell->sender.mark;
    return core->fire_start + ((slot + 1) * core->fire_cycles + slots - 1) / slots;
}

static const struct arch_core_inside inside = {.reset = reset, .begin = begin, .ready_at = ready_at};

void arch_window_core_init(struct arch_window_core *core, const struct arch_window_unit_type *type,
                           void *unit, const struct arch_core_ports *ports,
                           const struct arch_periphery_spec *periphery, struct sim_arena *arena) {
    struct arch_core_pace pace = {periphery->start_cycles, periphery->reset_cycles, periphery->send_cycles};
    arch_core_shell_init(&core->shell, &inside, ports, &pace, arena);
    core->type = type;
    core->unit = unit;
    core->axon = SIM_NEW_ARRAY(arena, uint32_t, ports->axons);
    core->slot = SIM_NEW_ARRAY(arena, uint8_t, ports->axons);
    core->potential = SIM_NEW_ARRAY(arena, double, ports->neurons);
    core->sum = SIM_NEW_ARRAY(arena, int32_t, ports->neurons);
}

void arch_window_core_plan(struct arch_window_core *core, const struct arch_window_plan *plan,
                           struct sim_arena *arena) {
    core->plan = *plan;
    core->shell.sender.marks = core->shell.ports.partial ? 0 : plan->sent.levels;
    core->fired = SIM_NEW_ARRAY(arena, uint64_t, (size_t)plan->sent.levels * words_of(core));
    arch_ttfs_staircase_init(&core->staircase, plan->sent.levels, plan->threshold, GUARD);
}

static const struct sim_event events[] = {ARCH_CORE_EVENTS(SIM_EVENT_NAMED_ROW)};

const struct sim_type arch_window_core_type = {
    .name = "arch.window_core",
    .help = "periphery of a window unit behind a packet network: scheduler, thresholds, sender",
    .events = events,
    .event_count = ARCH_CORE_EVENT_COUNT,
    .step = arch_core_shell_step,
    .explain = arch_core_shell_explain,
};

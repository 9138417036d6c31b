/* SPDX-License-Identifier: MIT
 *
 * The neurons of a core; see soma.h.
 */
#include "arch/core/soma.h"

#include <string.h>

void arch_soma_init(struct arch_soma *soma, const struct arch_soma_load *load,
                    const struct arch_core_ports *ports, uint32_t update_cycles, uint32_t idle_cycles,
                    struct sim_arena *arena) {
    uint32_t neurons = ports->neurons, words = (neurons + 63) / 64;
    soma->neuron = load->neuron;
    soma->neurons = neurons;
    soma->marks = ports->marks;
    soma->first = load->first;
    soma->update_cycles = update_cycles;
    soma->idle_cycles = idle_cycles;
    soma->potential = SIM_NEW_ARRAY(arena, int32_t, (size_t)(1 + load->neuron->model->planes) * neurons);
    soma->fired = SIM_NEW_ARRAY(arena, uint64_t, (size_t)(ports->marks > 1 ? ports->marks : 1) * words);
    soma->active = SIM_NEW_ARRAY(arena, uint64_t, words);
    soma->active_before = SIM_NEW_ARRAY(arena, uint32_t, words);
}

void arch_soma_reset(struct arch_soma *soma) {
    size_t words = (size_t)(1 + soma->neuron->model->planes) * soma->neurons;
    memset(soma->potential, 0, words * sizeof *soma->potential);
}

/* Notes which neurons have input; returns how many. */
static uint32_t mark_active(struct arch_soma *soma, const int32_t *input) {
    uint32_t active = 0;
    for (uint32_t word = 0; word * 64 < soma->neurons; word++) {
        uint32_t count = soma->neurons - word * 64 < 64 ? soma->neurons - word * 64 : 64;
        uint64_t bits = 0;
        for (uint32_t i = 0; i < count; i++)
            bits |= (uint64_t)(input[word * 64 + i] != 0) << i;
        soma->active[word] = bits;
        soma->active_before[word] = active;
        active += (uint32_t)__builtin_popcountll(bits);
    }
    return active;
}

static sim_cycle updated_at(const struct arch_soma *soma, uint32_t neuron) {
    uint64_t upto = soma->active[neuron / 64] & (~UINT64_C(0) >> (63 - neuron % 64));
    uint64_t active = soma->active_before[neuron / 64] + (uint64_t)__builtin_popcountll(upto);
    return soma->start + active * soma->update_cycles + (neuron + 1 - active) * soma->idle_cycles;
}

static uint64_t silence(struct arch_soma *soma) {
    memset(soma->fired, 0, (size_t)(soma->marks > 1 ? soma->marks : 1) * ((soma->neurons + 63) / 64) * 8);
    return 0;
}

/* Spikes of height 2^-k to bitmap k. */
static void sort_by_height(struct arch_soma *soma) {
    uint32_t words = (soma->neurons + 63) / 64;
    const int32_t *shift = soma->potential + (size_t)ARCH_NEURON_SHIFT_PLANE * soma->neurons;
    memset(soma->fired + words, 0, (size_t)(soma->marks - 1) * words * sizeof *soma->fired);
    for (uint32_t word = 0; word < words; word++)
        for (uint64_t bits = soma->fired[word]; bits != 0; bits &= bits - 1) {
            uint32_t n = word * 64 + (uint32_t)__builtin_ctzll(bits);
            soma->fired[word] &= ~(UINT64_C(1) << (n % 64));
            soma->fired[(size_t)shift[n] * words + word] |= UINT64_C(1) << (n % 64);
        }
}

/* All neurons; returns how many fire. */
static uint64_t update(struct arch_soma *soma, const int32_t *input) {
    uint64_t fired = 0;
    soma->neuron->model->update(soma->neuron, soma->potential, input, soma->neurons, soma->fired);
    for (uint32_t word = 0; word * 64 < soma->neurons; word++)
        fired += (uint64_t)__builtin_popcountll(soma->fired[word]);
    if (soma->marks > 1)
        sort_by_height(soma);
    return fired;
}

void arch_soma_update(struct arch_soma *soma, struct arch_core_shell *core, sim_cycle start, sim_cycle now) {
    uint32_t active = mark_active(soma, core->input);
    soma->start = soma->end = start;
    if (core->ports.partial) {
        arch_core_shell_fire(core, soma->active, core->input);
        return;
    }
    uint64_t fired = core->timestep < soma->first ? silence(soma) : update(soma, core->input);
    soma->end = updated_at(soma, soma->neurons - 1);
    sim_count(&core->base, ARCH_SOMA_UPDATE_ACTIVE, active, now, soma->update_cycles);
    sim_count(&core->base, ARCH_SOMA_UPDATE_IDLE, soma->neurons - active, now, soma->idle_cycles);
    sim_count(&core->base, ARCH_CORE_FIRE, fired, now, 1);
    arch_core_shell_fire(core, soma->fired, NULL);
}

sim_cycle arch_soma_ready_at(const struct arch_soma *soma, const struct arch_core_shell *core,
                             const struct arch_sender_packet *packet) {
    return core->ports.partial ? soma->start : updated_at(soma, packet->last);
}

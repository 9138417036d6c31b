/* SPDX-License-Identifier: MIT
 *
 * Packets, scheduler and timesteps of a core; see shell.h.
 */
#include "arch/core/shell.h"

#include "noc/aer/router.h"

#include <string.h>

void arch_core_shell_init(struct arch_core_shell *core, const struct arch_core_inside *inside,
                          const struct arch_core_ports *ports, const struct arch_core_pace *pace,
                          struct sim_arena *arena) {
    assert(!ports->marked || ports->spikes_per_packet == 1);
    core->inside = inside;
    core->ports = *ports;
    core->pace = *pace;
    core->interface = SIM_NEW_ARRAY(arena, struct noc_interface, ports->networks);
    core->words = (ports->axons + 63) / 64;
    core->scheduler = SIM_NEW_ARRAY(arena, uint64_t, (size_t)ARCH_SLOTS * core->words);
    if (ports->marked)
        core->mark = SIM_NEW_ARRAY(arena, uint8_t, (size_t)ARCH_SLOTS * ports->axons);
    core->input = SIM_NEW_ARRAY(arena, int32_t, ports->neurons);
    core->next_input = SIM_NEW_ARRAY(arena, int32_t, ports->neurons);
    core->sender = (struct arch_sender){
        .destination = ports->destination,
        .destinations = ports->destinations,
        .spikes_per_packet = ports->partial ? 1 : ports->spikes_per_packet,
        .marks = ports->partial ? 0 : ports->marks,
    };
    arch_barrier_port_init(&core->barrier, arena);
}

/* ---- arrivals ----------------------------------------------------------------------------------- */

static void note_spike(struct arch_core_shell *core, uint32_t key, uint32_t slot, uint32_t mark,
                       sim_cycle now) {
    for (uint32_t i = 0; i < core->ports.ranges; i++) {
        const struct arch_axon_range *range = &core->ports.range[i];
        if (key - range->key >= range->count)
            continue;
        uint32_t axon = range->axon + key - range->key;
        core->scheduler[slot * core->words + axon / 64] |= UINT64_C(1) << (axon % 64);
        if (core->mark != NULL)
            core->mark[(size_t)slot * core->ports.axons + axon] = (uint8_t)mark;
        sim_count(&core->base, ARCH_CORE_AXON_EVENT, 1, now, 1);
        return;
    }
}

static void take_event(struct arch_core_shell *core, uint32_t event, sim_cycle now) {
    uint32_t slot = arch_event_slot(event);
    core->received++;
    sim_count(&core->base, ARCH_CORE_PACKET_IN, 1, now, 1);
    if (event & ARCH_EVENT_SUM) {
        core->next_input[arch_event_sum_neuron(event)] += arch_event_sum_value(event);
        sim_count(&core->base, ARCH_CORE_SUM_IN, 1, now, 1);
    } else if (core->ports.marked) {
        note_spike(core, arch_event_marked_key(event), slot, arch_event_mark(event), now);
    } else if (core->ports.spikes_per_packet == 1) {
        note_spike(core, arch_event_key(event), slot, 0, now);
    } else {
        for (uint32_t mask = arch_event_mask(event); mask != 0; mask &= mask - 1)
            note_spike(core, arch_event_block(event) * 16 + (uint32_t)__builtin_ctz(mask), slot, 0, now);
    }
}

static bool receive(struct arch_core_shell *core, sim_cycle now) {
    bool any = false;
    struct noc_arrival arrival;
    for (uint32_t i = 0; i < core->ports.networks; i++)
        if (noc_interface_receive(&core->interface[i], now, &arrival) && arrival.tail) {
            if (core->latency != NULL)
                arch_packet_latency_arrived(core->latency, i, core->number, arrival.tag, now);
            take_event(core, arrival.tag, now);
            any = true;
        }
    return any;
}

/* ---- the timestep ------------------------------------------------------------------------------- */

static void report(struct arch_core_shell *core, sim_cycle now) {
    arch_report_link_send(&core->barrier.report, now,
                          (struct arch_report){.sent = core->sent, .received = core->received, .done = 1});
}

static void begin_timestep(struct arch_core_shell *core, const struct arch_tick *tick, sim_cycle now) {
    size_t bytes = core->ports.neurons * sizeof *core->input;
    sim_cycle start = now + core->pace.start_cycles;
    sim_count(&core->base, ARCH_CORE_TICK, 1, now, core->pace.start_cycles);
    core->window = tick->window;
    if (tick->reset != 0) {
        memset(core->scheduler, 0, (size_t)ARCH_SLOTS * core->words * sizeof *core->scheduler);
        memset(core->next_input, 0, bytes);
        core->inside->reset(core);
        sim_count(&core->base, ARCH_CORE_RESET, 1, now, core->pace.reset_cycles);
        start += core->pace.reset_cycles;
    }
    memcpy(core->input, core->next_input, bytes);
    memset(core->next_input, 0, bytes);
    core->timestep = tick->timestep;
    core->phase = ARCH_CORE_BUSY;
    core->inside->begin(core, start, now);
    core->send_at = start;
}

void arch_core_shell_fire(struct arch_core_shell *core, const uint64_t *fired, const int32_t *value) {
    arch_sender_start(&core->sender, fired, value, core->ports.neurons, core->timestep);
}

/* The cycle from which the packet at hand may be sent. */
static sim_cycle ready_at(const struct arch_core_shell *core, const struct arch_sender_packet *packet) {
    sim_cycle ready = core->inside->ready_at(core, packet);
    return ready > core->send_at ? ready : core->send_at;
}

/* Sends what is ready; returns when to go on, or `now` when the timestep is done. */
static sim_cycle send(struct arch_core_shell *core, sim_cycle now) {
    struct arch_sender_packet packet;
    if (!arch_sender_packet(&core->sender, &packet))
        return now < core->done_at ? core->done_at : now;
    struct noc_interface *ni = &core->interface[packet.destination->network];
    if (ni->left == 0) {
        sim_cycle ready = ready_at(core, &packet);
        if (now < ready)
            return ready;
        noc_interface_offer(ni, &(struct noc_packet){.created = now,
                                                     .dst = packet.destination->terminal,
                                                     .size = core->ports.flits,
                                                     .tag = packet.event});
        if (core->latency != NULL)
            arch_packet_latency_sent(core->latency, packet.destination->network, packet.destination->terminal,
                                     packet.event, now);
        core->send_at = now + core->pace.send_cycles;
    }
    int sent = noc_interface_send(ni, now);
    if (sent == 0)
        return noc_aer_retry_at(ni, now);
    if (!(sent & NOC_SENT_TAIL))
        return now + 1;
    core->sent += packet.destination->copies;
    sim_count(&core->base, ARCH_CORE_PACKET_OUT, 1, now, 1);
    arch_sender_advance(&core->sender);
    sim_cycle next = arch_sender_packet(&core->sender, &packet) ? ready_at(core, &packet) : core->done_at;
    return next > now ? next : now + 1;
}

sim_cycle arch_core_shell_step(void *self, sim_cycle now) {
    struct arch_core_shell *core = self;
    bool arrived = receive(core, now);
    const struct arch_tick *tick = arch_tick_link_peek(&core->barrier.tick, now);
    if (tick != NULL) {
        begin_timestep(core, tick, now);
        arch_tick_link_take(&core->barrier.tick);
    }
    if (core->phase == ARCH_CORE_IDLE) {
        if (arrived)
            report(core, now);
        return SIM_NEVER;
    }
    sim_cycle next = send(core, now);
    if (next > now)
        return next;
    core->phase = ARCH_CORE_IDLE;
    report(core, now);
    return SIM_NEVER;
}

void arch_core_shell_explain(const void *self, sim_cycle now, FILE *out) {
    const struct arch_core_shell *core = self;
    struct arch_sender_packet packet;
    if (core->phase == ARCH_CORE_IDLE)
        return;
    if (arch_sender_packet(&core->sender, &packet))
        fprintf(out, "%s: timestep %u: sends the spike of neuron %u to terminal %u\n", core->base.path,
                core->timestep, packet.last, packet.destination->terminal);
    else
        fprintf(out, "%s: timestep %u: computes until cycle %llu (now %llu)\n", core->base.path,
                core->timestep, (unsigned long long)core->done_at, (unsigned long long)now);
}

/* SPDX-License-Identifier: MIT
 *
 * The digital neuromorphic core; see digital_core.h.
 */
#include "arch/digital_core.h"

#include "noc/aer_router.h"
#include "sim/arena.h"
#include "sim/err.h"

#include <string.h>

static const char *const synapse_kinds[] = {"dense", "sparse", NULL};

static const struct sim_param params[] = {
    SIM_PARAM_UINT(struct arch_digital_core_spec, axons, 16, 32768, "256", "axons"),
    SIM_PARAM_UINT(struct arch_digital_core_spec, neurons, 16, 2048, "256", "neurons"),
    SIM_PARAM_UINT(struct arch_digital_core_spec, weight_bits, 1, 8, "8",
                   "bits of a weight in the synapse memory"),
    SIM_PARAM_UINT(struct arch_digital_core_spec, potential_bits, 8, 31, "24",
                   "bits of a membrane potential, which saturates"),
    SIM_PARAM_CHOICE(struct arch_digital_core_spec, synapses, synapse_kinds, "dense",
                     "format of the synapse memory"),
    SIM_PARAM_UINT(struct arch_digital_core_spec, index_bits, 1, 16, "10",
                   "sparse format: bits of a neuron's number"),
    SIM_PARAM_QUANTITY(struct arch_digital_core_spec, synapse_memory_b, "synapse_memory", SIM_UNIT_BYTE, 0,
                       1e9, "0 B", "size of the synapse memory; 0 B: enough for axons x neurons"),
    SIM_PARAM_BOOL(struct arch_digital_core_spec, skip_zero, "false",
                   "dense format: weights of 0 are no synapses and cost nothing"),
    SIM_PARAM_BOOL(struct arch_digital_core_spec, partial_sums, "false",
                   "neurons with more inputs than axons are spread over cores that exchange partial sums"),
    SIM_PARAM_UINT(struct arch_digital_core_spec, start_cycles, 1, 1e6, "1",
                   "from the tick to the first axon"),
    SIM_PARAM_UINT(struct arch_digital_core_spec, reset_cycles, 0, 1e6, "1",
                   "clearing of all state before a sample"),
    SIM_PARAM_UINT(struct arch_digital_core_spec, axon_cycles, 0, 1e6, "1",
                   "access to the synapses of an axon"),
    SIM_PARAM_UINT(struct arch_digital_core_spec, synapse_cycles, 0, 1e6, "1",
                   "each `synapse_lanes` synaptic events"),
    SIM_PARAM_UINT(struct arch_digital_core_spec, synapse_lanes, 1, 2048, "1",
                   "synapses processed at a time"),
    SIM_PARAM_UINT(struct arch_digital_core_spec, update_cycles, 0, 1e6, "1",
                   "update of a neuron with input"),
    SIM_PARAM_UINT(struct arch_digital_core_spec, idle_cycles, 0, 1e6, "1",
                   "update of a neuron without input"),
    SIM_PARAM_UINT(struct arch_digital_core_spec, send_cycles, 1, 1e6, "1", "from one packet to the next"),
};

static bool check(const void *spec_, const struct sim_where *where, struct sim_err *err) {
    const struct arch_digital_core_spec *spec = spec_;
    if (spec->axons % 16 != 0 || spec->neurons % 16 != 0)
        return sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "arch.digital_core: axons (%u) and neurons (%u) must be multiples of 16",
                           spec->axons, spec->neurons);
    if (spec->synapses == ARCH_SYNAPSE_SPARSE && spec->neurons > 1u << spec->index_bits)
        return sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "arch.digital_core: %u neurons cannot be numbered with index_bits %u",
                           spec->neurons, spec->index_bits);
    return true;
}

static const struct sim_type *const types[] = {&arch_digital_core_type, NULL};

const struct sim_schema arch_digital_core_schema = {
    .name = "arch.digital_core",
    .role = "core",
    .help = "A digital core behind a packet network: axon table, scheduler, synapse memory, "
            "integrate-and-fire neurons. "
            "Works off a timestep at a time.",
    .size = sizeof(struct arch_digital_core_spec),
    SIM_SCHEMA_PARAMS(params),
    .check = check,
    .types = types,
};

void arch_digital_core_init(struct arch_digital_core *core, const struct arch_digital_core_spec *spec,
                            const struct arch_digital_core_load *load, uint32_t networks, uint32_t flits,
                            struct sim_arena *arena) {
    uint32_t neurons = load->synapses.neurons, neuron_words = (neurons + 63) / 64;
    core->spec = spec;
    core->load = *load;
    core->networks = networks;
    core->flits = flits;
    core->interface = SIM_NEW_ARRAY(arena, struct noc_interface, networks);
    core->words = (load->synapses.axons + 63) / 64;
    core->scheduler = SIM_NEW_ARRAY(arena, uint64_t, (size_t)ARCH_SLOTS * core->words);
    core->potential = SIM_NEW_ARRAY(arena, int32_t, neurons);
    core->input = SIM_NEW_ARRAY(arena, int32_t, neurons);
    core->next_input = SIM_NEW_ARRAY(arena, int32_t, neurons);
    core->fired = SIM_NEW_ARRAY(arena, uint64_t, neuron_words);
    core->active = SIM_NEW_ARRAY(arena, uint64_t, neuron_words);
    core->active_before = SIM_NEW_ARRAY(arena, uint32_t, neuron_words);
    core->row = SIM_NEW_ARRAY(arena, uint32_t, load->synapses.axons);
    core->sender = (struct arch_sender){
        .destination = load->destination,
        .destinations = load->destinations,
        .spikes_per_packet = load->partial ? 1 : load->spikes_per_packet,
    };
    arch_barrier_port_init(&core->barrier, arena);
}

/* ---- arrivals ----------------------------------------------------------------------------------- */

static void note_spike(struct arch_digital_core *core, uint32_t key, uint32_t slot, sim_cycle now) {
    for (uint32_t i = 0; i < core->load.ranges; i++) {
        const struct arch_axon_range *range = &core->load.range[i];
        if (key - range->key >= range->count)
            continue;
        uint32_t axon = range->axon + key - range->key;
        core->scheduler[slot * core->words + axon / 64] |= UINT64_C(1) << (axon % 64);
        sim_count(&core->base, ARCH_DIGITAL_CORE_AXON_EVENT, 1, now, 1);
        return;
    }
}

static void take_event(struct arch_digital_core *core, uint32_t event, sim_cycle now) {
    uint32_t slot = arch_event_slot(event);
    core->received++;
    sim_count(&core->base, ARCH_DIGITAL_CORE_PACKET_IN, 1, now, 1);
    if (event & ARCH_EVENT_SUM) {
        core->next_input[arch_event_block(event)] += arch_event_value(event);
        sim_count(&core->base, ARCH_DIGITAL_CORE_SUM_IN, 1, now, 1);
    } else if (core->load.spikes_per_packet == 1) {
        note_spike(core, arch_event_key(event), slot, now);
    } else {
        for (uint32_t mask = arch_event_mask(event); mask != 0; mask &= mask - 1)
            note_spike(core, arch_event_block(event) * 16 + (uint32_t)__builtin_ctz(mask), slot, now);
    }
}

static void report(struct arch_digital_core *core, sim_cycle now) {
    arch_report_link_send(&core->barrier.report, now,
                          (struct arch_report){.sent = core->sent, .received = core->received, .done = 1});
}

static bool receive(struct arch_digital_core *core, sim_cycle now) {
    bool any = false;
    struct noc_arrival arrival;
    for (uint32_t i = 0; i < core->networks; i++)
        if (noc_interface_receive(&core->interface[i], now, &arrival) && arrival.tail) {
            take_event(core, arrival.tag, now);
            any = true;
        }
    return any;
}

/* ---- the timestep ------------------------------------------------------------------------------- */

static void reset(struct arch_digital_core *core, sim_cycle now) {
    uint32_t neurons = core->load.synapses.neurons;
    memset(core->scheduler, 0, (size_t)ARCH_SLOTS * core->words * sizeof *core->scheduler);
    memset(core->potential, 0, neurons * sizeof *core->potential);
    memset(core->next_input, 0, neurons * sizeof *core->next_input);
    sim_count(&core->base, ARCH_DIGITAL_CORE_RESET, 1, now, core->spec->reset_cycles);
}

/* Adds the rows of this timestep's axons to the inputs; returns the cycles it takes. */
static uint64_t integrate(struct arch_digital_core *core, uint32_t timestep, sim_cycle now) {
    const struct arch_digital_core_spec *spec = core->spec;
    struct arch_synapses *synapses = &core->load.synapses;
    uint64_t *slot = core->scheduler + (size_t)(timestep % ARCH_SLOTS) * core->words;
    uint64_t events = 0, cycles = 0;
    uint32_t rows = 0;
    for (uint32_t word = 0; word < core->words; word++)
        for (uint64_t bits = slot[word]; bits != 0; bits &= bits - 1) {
            uint32_t axon = word * 64 + (uint32_t)__builtin_ctzll(bits), n = synapses->events[axon];
            core->row[rows++] = axon;
            events += n;
            cycles += spec->axon_cycles +
                      (uint64_t)(n + spec->synapse_lanes - 1) / spec->synapse_lanes * spec->synapse_cycles;
        }
    if (rows == 0)
        return 0;
    memset(slot, 0, core->words * sizeof *slot);
    synapses->format->add(synapses, core->row, rows, core->input);
    memset(core->row, 0, rows * sizeof *core->row);
    sim_count(&core->base, ARCH_DIGITAL_CORE_ROW_READ, rows, now, spec->axon_cycles);
    sim_count(&core->base, ARCH_DIGITAL_CORE_SYNAPTIC_EVENT, events, now, spec->synapse_cycles);
    return cycles;
}

/* Notes which neurons have input; returns how many. */
static uint32_t mark_active(struct arch_digital_core *core) {
    uint32_t neurons = core->load.synapses.neurons, active = 0;
    for (uint32_t word = 0; word * 64 < neurons; word++) {
        uint32_t count = neurons - word * 64 < 64 ? neurons - word * 64 : 64;
        uint64_t bits = 0;
        for (uint32_t i = 0; i < count; i++)
            bits |= (uint64_t)(core->input[word * 64 + i] != 0) << i;
        core->active[word] = bits;
        core->active_before[word] = active;
        active += (uint32_t)__builtin_popcountll(bits);
    }
    return active;
}

static sim_cycle updated_at(const struct arch_digital_core *core, uint32_t neuron) {
    uint64_t upto = core->active[neuron / 64] & (~UINT64_C(0) >> (63 - neuron % 64));
    uint64_t active = core->active_before[neuron / 64] + (uint64_t)__builtin_popcountll(upto);
    return core->update_start + active * core->spec->update_cycles +
           (neuron + 1 - active) * core->spec->idle_cycles;
}

static void update_neurons(struct arch_digital_core *core, sim_cycle now) {
    const struct arch_digital_core_spec *spec = core->spec;
    uint32_t neurons = core->load.synapses.neurons, active = mark_active(core);
    core->load.neuron.model->update(&core->load.neuron, core->potential, core->input, neurons, core->fired);
    sim_count(&core->base, ARCH_DIGITAL_CORE_UPDATE_ACTIVE, active, now, spec->update_cycles);
    sim_count(&core->base, ARCH_DIGITAL_CORE_UPDATE_IDLE, neurons - active, now, spec->idle_cycles);
    uint64_t fired = 0;
    for (uint32_t word = 0; word * 64 < neurons; word++)
        fired += (uint64_t)__builtin_popcountll(core->fired[word]);
    sim_count(&core->base, ARCH_DIGITAL_CORE_FIRE, fired, now, 1);
}

static void begin_timestep(struct arch_digital_core *core, const struct arch_tick *tick, sim_cycle now) {
    uint32_t neurons = core->load.synapses.neurons;
    core->update_start = now + core->spec->start_cycles;
    sim_count(&core->base, ARCH_DIGITAL_CORE_TICK, 1, now, core->spec->start_cycles);
    if (tick->reset != 0) {
        reset(core, now);
        core->update_start += core->spec->reset_cycles;
    }
    for (uint32_t n = 0; n < neurons; n++)
        core->input[n] = core->next_input[n];
    memset(core->next_input, 0, neurons * sizeof *core->next_input);
    core->update_start += integrate(core, tick->timestep, now);
    core->update_end = core->update_start;
    if (core->load.partial) {
        mark_active(core);
        memcpy(core->fired, core->active, (neurons + 63) / 64 * sizeof *core->fired);
    } else {
        update_neurons(core, now);
        core->update_end = updated_at(core, neurons - 1);
    }
    core->send_at = core->update_start;
    core->phase = ARCH_CORE_BUSY;
    arch_sender_start(&core->sender, core->fired, core->input, neurons, tick->timestep);
}

/* The cycle from which the packet at hand may be sent. */
static sim_cycle ready_at(const struct arch_digital_core *core, const struct arch_sender_packet *packet) {
    sim_cycle ready = core->load.partial ? core->update_start : updated_at(core, packet->last);
    return ready > core->send_at ? ready : core->send_at;
}

/* Sends what is ready; returns when to go on, or `now` when the timestep is done. */
static sim_cycle send(struct arch_digital_core *core, sim_cycle now) {
    struct arch_sender_packet packet;
    if (!arch_sender_packet(&core->sender, &packet))
        return now < core->update_end ? core->update_end : now;
    struct noc_interface *ni = &core->interface[packet.destination->network];
    if (ni->left == 0) {
        sim_cycle ready = ready_at(core, &packet);
        if (now < ready)
            return ready;
        noc_interface_offer(ni, &(struct noc_packet){.created = now,
                                                     .dst = packet.destination->terminal,
                                                     .size = core->flits,
                                                     .tag = packet.event});
        core->send_at = now + core->spec->send_cycles;
    }
    int sent = noc_interface_send(ni, now);
    if (sent == 0)
        return noc_aer_retry_at(ni, now);
    if (!(sent & NOC_SENT_TAIL))
        return now + 1;
    core->sent += packet.destination->copies;
    sim_count(&core->base, ARCH_DIGITAL_CORE_PACKET_OUT, 1, now, 1);
    arch_sender_advance(&core->sender);
    sim_cycle next = arch_sender_packet(&core->sender, &packet) ? ready_at(core, &packet) : core->update_end;
    return next > now ? next : now + 1;
}

static sim_cycle step(void *self, sim_cycle now) {
    struct arch_digital_core *core = self;
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

static void explain(const void *self, sim_cycle now, FILE *out) {
    const struct arch_digital_core *core = self;
    struct arch_sender_packet packet;
    if (core->phase == ARCH_CORE_IDLE)
        return;
    if (arch_sender_packet(&core->sender, &packet))
        fprintf(out, "%s: timestep %u: sends the spike of neuron %u to terminal %u\n", core->base.path,
                core->sender.timestep, packet.last, packet.destination->terminal);
    else
        fprintf(out, "%s: timestep %u: updates neurons until cycle %llu (now %llu)\n", core->base.path,
                core->sender.timestep, (unsigned long long)core->update_end, (unsigned long long)now);
}

#define EVENT(NAME, name_, help_) {.name = #name_, .help = help_},
static const struct sim_event events[] = {ARCH_DIGITAL_CORE_EVENTS(EVENT)};

const struct sim_type arch_digital_core_type = {
    .name = "arch.digital_core",
    .help = "digital neuromorphic core behind a packet network",
    .events = events,
    .event_count = ARCH_DIGITAL_CORE_EVENT_COUNT,
    .step = step,
    .explain = explain,
};

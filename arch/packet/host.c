/* SPDX-License-Identifier: MIT
 *
 * The host of a packet chip; see host.h.
 */
#include "arch/packet/host.h"

#include "arch/core/address_event.h"
#include "noc/aer/router.h"

#include <string.h>

void arch_packet_host_code(struct arch_packet_host *host, const struct arch_ttfs *code,
                           struct sim_arena *arena) {
    host->code = code;
    for (uint32_t i = 0; i < host->feeds; i++) {
        struct arch_packet_feed *feed = &host->feed[i];
        feed->fired = SIM_NEW_ARRAY(arena, uint64_t, (size_t)code[feed->layer].levels * feed->words);
        feed->level = SIM_NEW_ARRAY(arena, uint32_t, feed->neurons);
    }
}

/* The window of an input layer, from the spikes of all timesteps. */
static void encode(const struct arch_packet_host *host, struct arch_packet_feed *feed) {
    const struct arch_ttfs *code = &host->code[feed->layer];
    memset(feed->fired, 0, (size_t)code->levels * feed->words * sizeof *feed->fired);
    arch_ttfs_levels_of(host->spikes[feed->layer], host->timesteps, feed->neurons, code->levels, feed->level);
    for (uint32_t n = 0; n < feed->neurons; n++) {
        uint32_t slot = arch_ttfs_slot(code, feed->level[n]), place = sim_shape_place(feed->shape, n);
        if (slot != ARCH_TTFS_NO_SPIKE)
            feed->fired[(size_t)slot * feed->words + place / 64] |= UINT64_C(1) << (place % 64);
    }
}

void arch_packet_host_begin(struct arch_packet_host *host, uint32_t timesteps, const uint64_t *const *spikes,
                            bool fresh) {
    host->fresh = fresh;
    host->timesteps = timesteps;
    host->inputs = host->code != NULL ? 1 : timesteps;
    host->spikes = spikes;
    for (uint32_t i = 0; host->code != NULL && i < host->feeds; i++)
        encode(host, &host->feed[i]);
}

static void report(struct arch_packet_host *host, sim_cycle now) {
    arch_report_link_send(&host->barrier.report, now,
                          (struct arch_report){.sent = host->sent, .received = host->received, .done = 1});
}

static void write_down(const struct arch_packet_host *host, const struct arch_packet_tap *tap,
                       uint32_t neuron) {
    uint64_t *spikes = host->record[tap->layer];
    uint32_t words = (tap->neurons + 63) / 64, timestep = host->timestep - tap->latency;
    spikes[(size_t)timestep * words + neuron / 64] |= UINT64_C(1) << (neuron % 64);
}

static void count_output(struct arch_packet_host *host, uint32_t key, uint32_t mark) {
    for (uint32_t i = 0; i < host->taps; i++) {
        const struct arch_packet_tap *tap = &host->tap[i];
        if (key - tap->key >= tap->neurons)
            continue;
        if (host->timestep < tap->latency || host->timestep - tap->latency >= host->inputs)
            return;
        host->layer_spikes[tap->layer]++;
        uint32_t neuron = sim_shape_number(tap->shape, key - tap->key);
        if (host->window_count[tap->layer] != NULL)
            host->window_count[tap->layer][neuron]++;
        if (host->record != NULL && host->record[tap->layer] != NULL)
            write_down(host, tap, neuron);
        if (tap->layer != host->output_layer)
            return;
        uint32_t *count = &host->output_count[neuron];
        if (host->code != NULL)
            *count = arch_ttfs_level(&host->code[tap->layer], mark);
        else if (host->answer.levels != 0)
            *count = arch_ttfs_level(&host->answer, (host->timestep - tap->latency) % host->answer.levels);
        else
            ++*count;
        return;
    }
}

static bool receive(struct arch_packet_host *host, sim_cycle now) {
    bool any = false;
    struct noc_arrival arrival;
    for (uint32_t i = 0; i < host->networks; i++) {
        if (!noc_interface_receive(&host->interface[i], now, &arrival) || !arrival.tail)
            continue;
        any = true;
        if (host->latency != NULL)
            arch_packet_latency_arrived(host->latency, i, host->number, arrival.tag, now);
        host->received++;
        sim_count(&host->base, ARCH_PACKET_HOST_SPIKE_OUT, 1, now, 1);
        if (host->marked)
            count_output(host, arch_event_marked_key(arrival.tag), arch_event_mark(arrival.tag));
        else if (host->spikes_per_packet == 1)
            count_output(host, arch_event_key(arrival.tag), 0);
        else
            for (uint32_t mask = arch_event_mask(arrival.tag); mask != 0; mask &= mask - 1)
                count_output(host, arch_event_block(arrival.tag) * 16 + (uint32_t)__builtin_ctz(mask),
                             0);
    }
    return any;
}

/* ---- the timestep ------------------------------------------------------------------------------- */

/* The spikes of a timestep by their places. */
static const uint64_t *place_spikes(const struct arch_packet_feed *feed, const uint64_t *spikes) {
    if (feed->placed == NULL)
        return spikes;
    memset(feed->placed, 0, feed->words * sizeof *feed->placed);
    for (uint32_t word = 0; word < feed->words; word++)
        for (uint64_t bits = spikes[word]; bits != 0; bits &= bits - 1) {
            uint32_t place = sim_shape_place(feed->shape, word * 64 + (uint32_t)__builtin_ctzll(bits));
            feed->placed[place / 64] |= UINT64_C(1) << (place % 64);
        }
    return feed->placed;
}

/* Starts on input layer `feeding`, if there is one left. */
static void start_feed(struct arch_packet_host *host) {
    if (host->feeding == host->feeds)
        return;
    const struct arch_packet_feed *feed = &host->feed[host->feeding];
    uint32_t marks = host->code != NULL ? host->code[feed->layer].levels : host->marked;
    const uint64_t *spikes =
        host->code != NULL ? feed->fired : host->spikes[feed->layer] + (size_t)host->timestep * feed->words;
    host->sender = (struct arch_sender){
        .destination = feed->destination,
        .destinations = feed->destinations,
        .spikes_per_packet = host->spikes_per_packet,
        .marks = marks,
    };
    if (host->code == NULL)
        spikes = place_spikes(feed, spikes);
    arch_sender_start(&host->sender, spikes, NULL, feed->neurons, host->timestep);
    for (uint32_t word = 0; word < (marks != 0 ? marks : 1) * feed->words; word++)
        host->layer_spikes[feed->layer] += (uint64_t)__builtin_popcountll(spikes[word]);
}

/* Outputs are levels of the last window: until a spike says otherwise, the silent one. */
static bool begins_answer(const struct arch_packet_host *host, uint32_t timestep) {
    return host->answer.levels != 0 && timestep >= host->answer_latency &&
           (timestep - host->answer_latency) % host->answer.levels == 0 &&
           timestep - host->answer_latency < host->inputs;
}

static void begin_timestep(struct arch_packet_host *host, const struct arch_tick *tick, sim_cycle now) {
    bool first = tick->reset != 0 && host->fresh;
    if (first || begins_answer(host, tick->timestep)) {
        uint32_t silent =
            host->code != NULL ? host->code[host->output_layer].silent : host->answer.silent;
        for (uint32_t n = 0; n < host->outputs; n++)
            host->output_count[n] = silent;
    }
    if (first)
        memset(host->layer_spikes, 0, host->layers * sizeof *host->layer_spikes);
    host->timestep = tick->timestep;
    host->busy = true;
    host->send_at = now + 1;
    host->feeding = host->timestep < host->inputs ? 0 : host->feeds;
    start_feed(host);
}

/* Sends what is ready; returns when to go on, or `now` when the timestep is done. */
static sim_cycle send(struct arch_packet_host *host, sim_cycle now) {
    struct arch_sender_packet packet;
    while (host->feeding < host->feeds && !arch_sender_packet(&host->sender, &packet)) {
        host->feeding++;
        start_feed(host);
    }
    if (host->feeding == host->feeds)
        return now;
    struct noc_interface *ni = &host->interface[packet.destination->network];
    if (ni->left == 0) {
        if (now < host->send_at)
            return host->send_at;
        noc_interface_offer(ni, &(struct noc_packet){.created = now,
                                                     .dst = packet.destination->terminal,
                                                     .size = host->flits,
                                                     .tag = packet.event});
        if (host->latency != NULL)
            arch_packet_latency_sent(host->latency, packet.destination->network, packet.destination->terminal,
                                     packet.event, now);
        host->send_at = now + host->send_cycles;
    }
    int sent = noc_interface_send(ni, now);
    if (sent == 0)
        return noc_aer_retry_at(ni, now);
    if (sent & NOC_SENT_TAIL) {
        host->sent += packet.destination->copies;
        sim_count(&host->base, ARCH_PACKET_HOST_SPIKE_IN, 1, now, 1);
        arch_sender_advance(&host->sender);
    }
    return now + 1;
}

static sim_cycle step(void *self, sim_cycle now) {
    struct arch_packet_host *host = self;
    bool arrived = receive(host, now);
    const struct arch_tick *tick = arch_tick_link_peek(&host->barrier.tick, now);
    if (tick != NULL) {
        begin_timestep(host, tick, now);
        arch_tick_link_take(&host->barrier.tick);
    }
    if (!host->busy) {
        if (arrived)
            report(host, now);
        return SIM_NEVER;
    }
    sim_cycle next = send(host, now);
    if (next > now)
        return next;
    host->busy = false;
    report(host, now);
    return SIM_NEVER;
}

static void explain(const void *self, sim_cycle now, FILE *out) {
    const struct arch_packet_host *host = self;
    if (host->busy)
        fprintf(out, "%s: sends the input spikes of timestep %u (now %llu)\n", host->base.path,
                host->timestep, (unsigned long long)now);
}

#define EVENT(NAME, name_, help_) {.name = #name_, .help = help_},
static const struct sim_event events[] = {ARCH_PACKET_HOST_EVENTS(EVENT)};

const struct sim_type arch_packet_host_type = {
    .name = "arch.packet_host",
    .help = "the world outside a packet chip: input spikes, outputs, and what belongs to the whole chip",
    .events = events,
    .event_count = ARCH_PACKET_HOST_EVENT_COUNT,
    .step = step,
    .explain = explain,
};

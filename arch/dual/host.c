/* SPDX-License-Identifier: MIT
 *
 * The host of a dual chip; see host.h.
 */
#include "arch/dual/host.h"

#include <string.h>

void arch_dual_host_init(struct arch_dual_host *host, struct arch_dual_feed *feed, uint32_t feeds,
                         uint32_t outputs, struct sim_arena *arena) {
    host->feed = feed;
    host->feeds = feeds;
    for (uint32_t i = 0; i < feeds; i++)
        host->words = (feed[i].base + feed[i].neurons + 63) / 64;
    host->now_spikes = SIM_NEW_ARRAY(arena, uint64_t, host->words + 1);
    host->level = SIM_NEW_ARRAY(arena, uint8_t, (size_t)host->words * 64);
    host->outputs = outputs;
    host->output = SIM_NEW_ARRAY(arena, uint32_t, outputs);
    arch_barrier_port_init(&host->barrier, arena);
}

void arch_dual_host_execute(struct arch_dual_host *host, int mode, uint32_t timesteps) {
    host->mode = mode;
    host->timesteps = timesteps;
    host->bits = arch_dual_bits(timesteps);
    host->sender.next = host->sender.targets;
}

void arch_dual_host_begin(struct arch_dual_host *host, const uint64_t *const *spikes) {
    host->spikes = spikes;
}

/* The host's number of a neuron of an input layer. */
static uint32_t place_of(const struct arch_dual_feed *feed, uint32_t neuron) {
    return feed->base + sim_shape_place(feed->shape, neuron);
}

static uint32_t words_of(const struct arch_dual_feed *feed) { return (feed->neurons + 63) / 64; }

static void send_spikes(struct arch_dual_host *host, uint32_t timestep, sim_cycle now) {
    uint64_t spikes = 0;
    memset(host->now_spikes, 0, host->words * sizeof *host->now_spikes);
    for (uint32_t i = 0; i < host->feeds; i++) {
        const struct arch_dual_feed *feed = &host->feed[i];
        const uint64_t *word = host->spikes[feed->layer] + (size_t)timestep * words_of(feed);
        for (uint32_t w = 0; w < words_of(feed); w++)
            for (uint64_t bits = word[w]; bits != 0; bits &= bits - 1, spikes++) {
                uint32_t place = place_of(feed, w * 64 + (uint32_t)__builtin_ctzll(bits));
                host->now_spikes[place / 64] |= UINT64_C(1) << (place % 64);
            }
    }
    sim_count(&host->base, ARCH_DUAL_HOST_SPIKES_OUT, spikes, now, 1);
    arch_stream_sender_spikes(&host->sender, host->now_spikes);
}

/* Levels are counts of spikes. */
static void send_levels(struct arch_dual_host *host, sim_cycle now) {
    uint64_t spikes = 0;
    memset(host->level, 0, (size_t)host->words * 64);
    for (uint32_t i = 0; i < host->feeds; i++) {
        const struct arch_dual_feed *feed = &host->feed[i];
        const uint64_t *word = host->spikes[feed->layer];
        for (uint32_t t = 0; t < host->timesteps; t++)
            for (uint32_t w = 0; w < words_of(feed); w++, word++)
                for (uint64_t bits = *word; bits != 0; bits &= bits - 1, spikes++)
                    host->level[place_of(feed, w * 64 + (uint32_t)__builtin_ctzll(bits))]++;
    }
    sim_count(&host->base, ARCH_DUAL_HOST_SPIKES_OUT, spikes, now, 1);
    arch_stream_sender_levels(&host->sender, host->level, host->bits);
}

static void begin_step(struct arch_dual_host *host, const struct arch_tick *tick, sim_cycle now) {
    sim_count(&host->base, ARCH_DUAL_HOST_TICK, 1, now, 1);
    if (tick->reset != 0)
        memset(host->output, 0, host->outputs * sizeof *host->output);
    host->busy = true;
    if (host->mode == ARCH_DUAL_SNN && tick->timestep < host->timesteps)
        send_spikes(host, tick->timestep, now);
    else if (host->mode == ARCH_DUAL_QNN && tick->timestep == 0)
        send_levels(host, now);
}

/* ---- outputs ---------------------------------------------------------------------------------- */

static void take(struct arch_dual_host *host, const struct noc_stream *stream, sim_cycle now) {
    uint64_t entries = 0;
    if (stream->kind == NOC_STREAM_LEVEL) {
        const unsigned char *level = (const unsigned char *)stream->payload;
        for (uint32_t i = 0; i < stream->count; i++)
            host->output[stream->key + i] += level[i];
        entries = stream->count;
    } else {
        for (uint32_t word = 0; word * 64 < stream->count; word++)
            for (uint64_t bits = stream->payload[word]; bits != 0; bits &= bits - 1, entries++)
                host->output[stream->key + word * 64 + (uint32_t)__builtin_ctzll(bits)]++;
    }
    sim_count(&host->base, ARCH_DUAL_HOST_ENTRIES_IN, entries, now, 1);
}

static bool receive(struct arch_dual_host *host, sim_cycle now) {
    bool any = false;
    for (int i = 0; i < ARCH_STREAM_NETWORK_COUNT; i++) {
        const struct noc_stream *stream;
        while ((stream = noc_stream_port_peek(&host->sender.port[i], now)) != NULL) {
            take(host, stream, now);
            noc_stream_port_take(&host->sender.port[i], now);
            host->received++;
            any = true;
        }
    }
    return any;
}

static void report(struct arch_dual_host *host, sim_cycle now) {
    arch_report_link_send(&host->barrier.report, now,
                          (struct arch_report){host->sender.sent, host->received, 1});
}

static sim_cycle step(void *self, sim_cycle now) {
    struct arch_dual_host *host = self;
    arch_stream_sender_refill(&host->sender, now);
    const struct arch_tick *tick = arch_tick_link_peek(&host->barrier.tick, now);
    if (tick != NULL) {
        begin_step(host, tick, now);
        arch_tick_link_take(&host->barrier.tick);
    }
    bool arrived = receive(host, now);
    if (!host->busy) {
        if (arrived)
            report(host, now);
        return SIM_NEVER;
    }
    sim_cycle next = arch_stream_sender_run(&host->sender, now);
    if (next > now)
        return next;
    host->busy = false;
    report(host, now);
    return SIM_NEVER;
}

static void explain(const void *self, sim_cycle now, FILE *out) {
    const struct arch_dual_host *host = self;
    (void)now;
    if (host->busy)
        fprintf(out, "%s: sends to target %u of %u\n", host->base.path, host->sender.next,
                host->sender.targets);
}

#define EVENT(NAME, name_, help_) {.name = #name_, .help = help_},
static const struct sim_event events[] = {ARCH_DUAL_HOST_EVENTS(EVENT)};

const struct sim_type arch_dual_host_type = {
    .name = "arch.dual_host",
    .help = "the world outside a dual chip: input activity, outputs",
    .events = events,
    .event_count = ARCH_DUAL_HOST_EVENT_COUNT,
    .step = step,
    .explain = explain,
};

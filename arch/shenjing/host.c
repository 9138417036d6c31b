/* SPDX-License-Identifier: MIT
 *
 * The host of a Shenjing chip; see host.h.
 */
#include "arch/shenjing/host.h"

#include "sim/base/arena.h"

#include <stdlib.h>
#include <string.h>

#define FEED_WORDS (ARCH_SHENJING_LANES_MAX / 64 + 1) /* of the longest wire */

static int by_offset(const void *a, const void *b) {
    const struct arch_host_item *x = a, *y = b;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

void arch_shenjing_host_prepare(struct arch_shenjing_host *host) {
    qsort(host->item, host->items, sizeof *host->item, by_offset);
}

void arch_shenjing_host_clear(struct arch_shenjing_host *host) {
    memset(host->layer_spikes, 0, host->layers * sizeof *host->layer_spikes);
    memset(host->output_count, 0, host->outputs * sizeof *host->output_count);
}

void arch_shenjing_host_begin(struct arch_shenjing_host *host, uint32_t timesteps,
                              const uint64_t *const *spikes) {
    assert(host->phase == ARCH_HOST_IDLE && timesteps > 0);
    host->phase = ARCH_HOST_RESET;
    host->timesteps = timesteps;
    host->spikes = spikes;
    sim_open(&host->base);
}

/* Drives the pins of every tile, changed only in reset and start. */
static void drive_pins(struct arch_shenjing_host *host, sim_cycle now, bool rstb, bool start_instr_b) {
    for (uint32_t i = 0; i < host->tiles; i++) {
        struct sim_wire *wire = &host->tile[i]->pins;
        struct arch_shenjing_pins pins = host->running != NULL
                                             ? host->running[i]
                                             : *(const struct arch_shenjing_pins *)sim_wire_last(wire);
        pins.rstb = rstb;
        pins.sequencer.start_instr_b = start_instr_b;
        *(struct arch_shenjing_pins *)sim_wire_drive(wire, now) = pins;
    }
}

static void stop_clocks(struct arch_shenjing_pins *pins) {
    pins->subcore_sel = 0;
    memset(pins->noc_sel, 0, sizeof pins->noc_sel);
}

void arch_shenjing_host_rest(struct arch_shenjing_host *host, struct sim_arena *arena) {
    host->running = SIM_NEW_ARRAY(arena, struct arch_shenjing_pins, host->tiles);
    for (uint32_t i = 0; i < host->tiles; i++) {
        struct arch_shenjing_pins *preset = arch_shenjing_tile_preset_pins(host->tile[i]);
        host->running[i] = *preset;
        stop_clocks(preset);
    }
}

/* Clocks stop in reset, a cycle after it was asserted: a sweep at hand would go on for ever, as no gate stops
 * the accumulators. */
static void stop_tiles(struct arch_shenjing_host *host, sim_cycle now) {
    for (uint32_t i = 0; i < host->tiles; i++) {
        struct sim_wire *wire = &host->tile[i]->pins;
        struct arch_shenjing_pins pins = *(const struct arch_shenjing_pins *)sim_wire_last(wire);
        stop_clocks(&pins);
        *(struct arch_shenjing_pins *)sim_wire_drive(wire, now) = pins;
    }
}

/* Drives a wire unless it shows this already. */
static void drive_feed(struct sim_wire *wire, sim_cycle now, const uint64_t *spikes) {
    if (memcmp(sim_wire_last(wire), spikes, wire->bytes) != 0)
        memcpy(sim_wire_drive(wire, now), spikes, wire->bytes);
}

static void begin_sample(struct arch_shenjing_host *host, sim_cycle now) {
    static const uint64_t silence[FEED_WORDS];
    drive_pins(host, now, false, true);
    host->taps_left = 0;
    for (uint32_t i = 0; i < host->items; i++) {
        if (host->item[i].tap != NULL)
            host->taps_left += host->timesteps;
        else
            drive_feed(host->item[i].feed, now, silence);
    }
    host->start = now + ARCH_HOST_START + host->flush + host->load;
    host->round = host->next = 0;
}

/* Bits first .. first + count - 1 of a bitmap, from bit 0 of `slice` on; first is a multiple of 64. */
static void copy_slice(uint64_t *slice, const uint64_t *bitmap, uint32_t first, uint32_t count) {
    uint32_t words = (count + 63) / 64;
    memcpy(slice, bitmap + first / 64, words * sizeof *slice);
    if (count % 64 != 0)
        slice[words - 1] &= (UINT64_C(1) << (count % 64)) - 1;
}

static bool spike_at(const uint64_t *bitmap, uint32_t neuron) {
    return bitmap[neuron / 64] >> (neuron % 64) & 1;
}

static void feed(struct arch_shenjing_host *host, const struct arch_host_item *item, uint32_t timestep,
                 sim_cycle now) {
    uint64_t slice[FEED_WORDS] = {0};
    if (item->release)
        slice[item->feed->bytes / sizeof *slice - 1] = 1;
    if (timestep < host->timesteps) {
        const uint64_t *spikes =
            host->spikes[item->layer] + (size_t)timestep * host->layer_words[item->layer];
        if (item->number == NULL)
            copy_slice(slice, spikes, item->first, item->count);
        for (uint32_t i = 0; item->number != NULL && i < item->count; i++)
            slice[i / 64] |= (uint64_t)spike_at(spikes, item->number[i]) << (i % 64);
    }
    drive_feed(item->feed, now, slice);
}

static void tap(struct arch_shenjing_host *host, const struct arch_host_item *item, uint32_t timestep,
                sim_cycle now) {
    const uint64_t *spikes = sim_wire_read(item->tap, now);
    for (uint32_t word = 0; word < (item->count + 63) / 64; word++) {
        uint64_t bits = spikes[word];
        if (item->count - word * 64 < 64)
            bits &= (UINT64_C(1) << (item->count % 64)) - 1;
        host->layer_spikes[item->layer] += (uint64_t)__builtin_popcountll(bits);
        uint32_t *output = item->layer == host->output_layer ? host->output_count : NULL,
                 *window = host->window_count[item->layer];
        uint64_t *kept = host->record != NULL ? host->record[item->layer] : NULL;
        if (kept != NULL)
            kept += (size_t)timestep * host->layer_words[item->layer];
        if (output == NULL && window == NULL && kept == NULL)
            continue;
        for (; bits != 0; bits &= bits - 1) {
            uint32_t i = word * 64 + (uint32_t)__builtin_ctzll(bits);
            uint32_t neuron = item->number != NULL ? item->number[i] : item->first + i;
            if (output != NULL)
                output[neuron]++;
            if (window != NULL)
                window[neuron]++;
            if (kept != NULL)
                kept[neuron / 64] |= UINT64_C(1) << (neuron % 64);
        }
    }
    host->taps_left--;
}

static void act(struct arch_shenjing_host *host, sim_cycle now) {
    const struct arch_host_item *item = &host->item[host->next];
    if (host->round < item->delay)
        return;
    uint32_t timestep = host->round - item->delay;
    if (item->feed != NULL && timestep <= host->timesteps)
        feed(host, item, timestep, now);
    else if (item->tap != NULL && timestep < host->timesteps)
        tap(host, item, timestep, now);
}

static void count_boundaries(struct arch_shenjing_host *host, sim_cycle now) {
    sim_count(&host->base, ARCH_SHENJING_HOST_EVENT_boundary_spike_bits, host->boundary_spike_bits, now, 1);
    sim_count(&host->base, ARCH_SHENJING_HOST_EVENT_boundary_ps_bits, host->boundary_ps_bits, now, 1);
}

static sim_cycle next_action(const struct arch_shenjing_host *host) {
    return host->start + (sim_cycle)host->round * host->period + host->item[host->next].offset;
}

static void end_sample(struct arch_shenjing_host *host) {
    host->phase = ARCH_HOST_IDLE;
    sim_finish(&host->base);
}

static void run_agenda(struct arch_shenjing_host *host, sim_cycle now) {
    while (host->taps_left > 0 && next_action(host) <= now) {
        act(host, now);
        if (++host->next == host->items) {
            host->next = 0;
            host->round++;
            count_boundaries(host, now);
        }
    }
    if (host->taps_left > 0)
        return;
    if (host->running != NULL) {
        drive_pins(host, now, false, true);
        host->phase = ARCH_HOST_STOP;
    } else {
        end_sample(host);
    }
}

static sim_cycle host_step(void *self, sim_cycle now) {
    struct arch_shenjing_host *host = self;
    switch (host->phase) {
    case ARCH_HOST_RESET:
        begin_sample(host, now);
        host->phase = ARCH_HOST_RELEASE;
        return now + 1;
    case ARCH_HOST_RELEASE:
        if (now + ARCH_HOST_START == host->start + 1) {
            drive_pins(host, now, true, false);
            host->phase = ARCH_HOST_RUN;
            return next_action(host);
        }
        return now + 1;
    case ARCH_HOST_RUN:
        run_agenda(host, now);
        return host->phase == ARCH_HOST_RUN    ? next_action(host)
               : host->phase == ARCH_HOST_STOP ? now + 1
                                               : SIM_NEVER;
    case ARCH_HOST_STOP:
        stop_tiles(host, now);
        end_sample(host);
        return SIM_NEVER;
    case ARCH_HOST_IDLE:
    default:
        return SIM_NEVER;
    }
}

static void host_explain(const void *self, sim_cycle now, FILE *out) {
    const struct arch_shenjing_host *host = self;
    if (host->phase != ARCH_HOST_IDLE)
        fprintf(out, "%s: waits for %u output frames, the next action is due in cycle %llu (now %llu)\n",
                host->base.path, host->taps_left, (unsigned long long)next_action(host),
                (unsigned long long)now);
}

static const struct sim_event events[ARCH_SHENJING_HOST_EVENT_COUNT] = {
#define EVENT_ROW(name_, help_) {.name = #name_, .help = help_},
    ARCH_SHENJING_HOST_EVENTS(EVENT_ROW)
#undef EVENT_ROW
};

const struct sim_type arch_shenjing_host_type = {
    .name = "arch.shenjing_host",
    .help = "the world outside a Shenjing chip: resets, input spikes, outputs",
    .events = events,
    .event_count = ARCH_SHENJING_HOST_EVENT_COUNT,
    .step = host_step,
    .explain = host_explain,
};

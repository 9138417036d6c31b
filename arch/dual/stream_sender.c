/* SPDX-License-Identifier: MIT
 *
 * From the neurons of a timestep to streams; see stream_sender.h.
 */
#include "arch/dual/stream_sender.h"

#include <string.h>

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* Bits first .. first + count - 1 of a bitmap, as a bitmap of their own; returns how many are set. */
static uint32_t cut_bits(uint64_t *to, const uint64_t *from, uint32_t first, uint32_t count) {
    uint32_t shift = first % 64, set = 0;
    for (uint32_t done = 0; done < count; done += 64) {
        const uint64_t *word = from + (first + done) / 64;
        uint64_t bits = word[0] >> shift;
        if (shift != 0 && shift + (count - done) > 64)
            bits |= word[1] << (64 - shift);
        if (count - done < 64)
            bits &= (UINT64_C(1) << (count - done)) - 1;
        to[done / 64] = bits;
        set += (uint32_t)__builtin_popcountll(bits);
    }
    return set;
}

static uint32_t count_bits(const uint64_t *from, uint32_t first, uint32_t count) {
    uint32_t set = 0;
    uint64_t scratch[NOC_STREAM_WORDS];
    for (uint32_t done = 0; done < count; done += NOC_STREAM_FLAGS)
        set += cut_bits(scratch, from, first + done, smaller(count - done, NOC_STREAM_FLAGS));
    return set;
}

/* How the target at hand is sent to. */
static void choose_kind(struct arch_stream_sender *sender) {
    if (sender->next == sender->targets)
        return;
    const struct arch_stream_target *target = &sender->target[sender->next];
    sender->kind = NOC_STREAM_SUM;
    if (sender->level != NULL)
        sender->kind = NOC_STREAM_LEVEL;
    if (sender->spikes != NULL) {
        bool frame = target->movement == ARCH_DUAL_DENSE;
        if (target->movement == ARCH_DUAL_AUTO)
            frame = count_bits(sender->spikes, target->first, target->count) > target->frame_at;
        sender->kind = frame ? NOC_STREAM_BITMAP : NOC_STREAM_EVENTS;
    }
}

static void start(struct arch_stream_sender *sender) {
    sender->next = 0;
    sender->block = 0;
    choose_kind(sender);
}

void arch_stream_sender_spikes(struct arch_stream_sender *sender, const uint64_t *spikes) {
    sender->spikes = spikes;
    sender->level = NULL;
    sender->sum = NULL;
    start(sender);
}

void arch_stream_sender_levels(struct arch_stream_sender *sender, const uint8_t *level, uint32_t bits) {
    sender->spikes = NULL;
    sender->level = level;
    sender->sum = NULL;
    sender->level_bits = bits;
    start(sender);
}

void arch_stream_sender_sums(struct arch_stream_sender *sender, const int32_t *sum) {
    sender->spikes = NULL;
    sender->level = NULL;
    sender->sum = sum;
    start(sender);
}

/* ---- one stream ------------------------------------------------------------------------------- */

static const uint32_t entries[NOC_STREAM_KIND_COUNT] = {
    [NOC_STREAM_EVENTS] = NOC_STREAM_FLAGS,
    [NOC_STREAM_BITMAP] = NOC_STREAM_FLAGS,
    [NOC_STREAM_LEVEL] = NOC_STREAM_LEVELS,
    [NOC_STREAM_SUM] = NOC_STREAM_SUMS,
};

/* Copies of the target's neurons first .. first + count - 1, counted from its first. */
static uint32_t copies_of(const struct arch_stream_target *target, uint32_t first, uint32_t count) {
    const uint64_t *before = target->copies_before;
    return before != NULL ? (uint32_t)(before[first + count] - before[first]) : count * target->copies;
}

/* Packets of the spikes in a train. */
static uint32_t packets_of(const struct arch_stream_target *target, uint32_t first,
                           const struct noc_stream *stream, uint32_t spikes) {
    uint32_t packets = 0;
    if (target->copies_before == NULL)
        return spikes * target->copies;
    for (uint32_t word = 0; word * 64 < stream->count; word++)
        for (uint64_t bits = stream->payload[word]; bits != 0; bits &= bits - 1)
            packets += copies_of(target, first + word * 64 + (uint32_t)__builtin_ctzll(bits), 1);
    return packets;
}

static void set_frame(struct noc_stream *stream, uint32_t bits, const struct arch_stream_widths *widths) {
    stream->bits = bits;
    stream->cycles = bits > 0 ? (bits + widths->frame_bits - 1) / widths->frame_bits : 1;
}

/* Fills the stream at hand; false: it would be empty. */
static bool fill(const struct arch_stream_sender *sender, struct noc_stream *stream) {
    const struct arch_stream_target *target = &sender->target[sender->next];
    const struct arch_stream_widths *widths = &sender->widths;
    uint32_t count = smaller(target->count - sender->block, entries[sender->kind]);
    uint32_t first = target->first + sender->block, copies = copies_of(target, sender->block, count);
    *stream = (struct noc_stream){
        .dst = target->terminal, .kind = sender->kind, .key = target->key + sender->block, .count = count};
    if (sender->kind == NOC_STREAM_EVENTS) {
        uint32_t spikes = cut_bits(stream->payload, sender->spikes, first, count);
        uint32_t packets = packets_of(target, sender->block, stream, spikes);
        stream->bits = packets * widths->event_bits;
        stream->cycles = packets * widths->event_cycles;
        return packets > 0;
    }
    if (sender->kind == NOC_STREAM_BITMAP) {
        cut_bits(stream->payload, sender->spikes, first, count);
        set_frame(stream, copies, widths);
    } else if (sender->kind == NOC_STREAM_LEVEL) {
        memcpy(stream->payload, sender->level + first, count);
        set_frame(stream, copies * sender->level_bits, widths);
    } else {
        memcpy(stream->payload, sender->sum + first, count * sizeof *sender->sum);
        set_frame(stream, count * widths->sum_bits, widths);
    }
    return true;
}

static void advance(struct arch_stream_sender *sender) {
    sender->block += entries[sender->kind];
    if (sender->block < sender->target[sender->next].count)
        return;
    sender->block = 0;
    sender->next++;
    choose_kind(sender);
}

sim_cycle arch_stream_sender_run(struct arch_stream_sender *sender, sim_cycle now) {
    while (sender->next < sender->targets) {
        bool events = sender->kind == NOC_STREAM_EVENTS;
        struct noc_stream_output *leave =
            &sender->port[events ? ARCH_STREAM_EVENTS : ARCH_STREAM_FRAMES].leave;
        if (leave->free_at > now)
            return leave->free_at;
        if (leave->credits == 0)
            return SIM_NEVER;
        struct noc_stream stream;
        if (fill(sender, &stream)) {
            noc_stream_output_send(leave, now, &stream);
            sender->sent++;
        }
        advance(sender);
    }
    return now;
}

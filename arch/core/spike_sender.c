/* SPDX-License-Identifier: MIT
 *
 * From spikes to packets; see spike_sender.h.
 */
#include "arch/core/spike_sender.h"

#include "arch/core/address_event.h"

#include <assert.h>

#define BLOCK 16u

/* The lowest `count` bits of a mask. */
static uint32_t lowest(uint32_t mask, uint32_t count) {
    uint32_t rest = mask;
    while (rest != 0 && count-- > 0)
        rest &= rest - 1;
    return mask & ~rest;
}

/* Takes the first spikes of the present mark at or after neuron `from`. */
static bool take_marked(struct arch_sender *s, uint32_t from) {
    const uint64_t *fired = s->fired + (size_t)s->mark * ((s->neurons + 63) / 64);
    for (uint32_t word = from / 64; word * 64 < s->neurons; word++) {
        uint64_t bits = fired[word];
        if (word == from / 64)
            bits &= ~UINT64_C(0) << (from % 64);
        if (bits == 0)
            continue;
        uint32_t shift = (uint32_t)__builtin_ctzll(bits) / BLOCK * BLOCK;
        s->block = word * 64 + shift;
        s->mask = lowest((uint32_t)(bits >> shift) & 0xFFFF, s->spikes_per_packet);
        return true;
    }
    return false;
}

/* The same, and goes on to the next mark. */
static void take_group(struct arch_sender *s, uint32_t from) {
    s->mask = 0;
    s->next = 0;
    while (!take_marked(s, from) && s->mark + 1 < s->marks) {
        s->mark++;
        from = 0;
    }
}

static uint32_t last_neuron(const struct arch_sender *s) {
    return s->block + 31 - (uint32_t)__builtin_clz(s->mask);
}

static bool reaches(const struct arch_destination *d, const struct arch_sender *s) {
    if (s->spikes_per_packet == 1 || d->sum)
        return last_neuron(s) - d->first < d->count;
    return s->block >= d->first && s->block < d->first + d->count;
}

/* Moves on to a packet that somebody gets. */
static void settle(struct arch_sender *s) {
    while (s->mask != 0) {
        for (; s->next < s->destinations; s->next++)
            if (reaches(&s->destination[s->next], s))
                return;
        take_group(s, last_neuron(s) + 1);
    }
}

void arch_sender_start(struct arch_sender *s, const uint64_t *fired, const int32_t *value, uint32_t neurons,
                       uint32_t timestep) {
    s->fired = fired;
    s->value = value;
    s->neurons = neurons;
    s->timestep = timestep;
    s->mark = 0;
    take_group(s, 0);
    settle(s);
}

bool arch_sender_packet(const struct arch_sender *s, struct arch_sender_packet *packet) {
    if (s->mask == 0)
        return false;
    const struct arch_destination *d = &s->destination[s->next];
    uint32_t slot = (s->timestep + 1 + d->delay) % ARCH_SLOTS, last = last_neuron(s),
             key = d->key + last - d->first;
    packet->destination = d;
    packet->last = last;
    if (d->sum)
        packet->event = arch_event_sum(key, s->value[last]);
    else if (s->marks != 0)
        packet->event = arch_event_marked(slot, s->mark, key);
    else if (s->spikes_per_packet == 1)
        packet->event = arch_event_spike(slot, key);
    else
        packet->event = arch_event_packed(slot, key / BLOCK, s->mask);
    return true;
}

void arch_sender_advance(struct arch_sender *s) {
    s->next++;
    settle(s);
}

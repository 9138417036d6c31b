/* SPDX-License-Identifier: MIT
 *
 * The packets under way, in a table of open addressing; see packet_latency.h. Its memory grows with the
 * packets under way and is no part of the chip.
 */
#include "arch/core/packet_latency.h"

#include "noc/link/flit.h"
#include "sim/base/heap.h"

#include <assert.h>
#include <stdlib.h>

#define PLACES_FIRST 1024u /* a power of two */

/* Where to, as what, since when; created == SIM_NEVER: a free place. */
struct entry {
    uint32_t terminal, event, network;
    sim_cycle created;
};

/* Invariant: no free place lies between an entry and the place its hash names; at most half are taken. */
struct arch_packet_latency {
    void (*note)(void *user, sim_cycle latency);
    void *user;
    const struct arch_packet_group **group; /* [network * groups + number] */
    uint32_t groups;
    struct entry *entry; /* [mask + 1] */
    size_t mask, taken;
};

static struct entry *new_places(size_t count) {
    struct entry *entry = sim_heap_must(calloc(count, sizeof *entry));
    for (size_t i = 0; i < count; i++)
        entry[i].created = SIM_NEVER;
    return entry;
}

struct arch_packet_latency *arch_packet_latency_new(void (*note)(void *user, sim_cycle latency), void *user) {
    struct arch_packet_latency *l = sim_heap_must(calloc(1, sizeof *l));
    *l = (struct arch_packet_latency){
        .note = note, .user = user, .entry = new_places(PLACES_FIRST), .mask = PLACES_FIRST - 1};
    return l;
}

void arch_packet_latency_free(struct arch_packet_latency *l) {
    if (l != NULL) {
        free(l->entry);
        free(l->group);
    }
    free(l);
}

void arch_packet_latency_groups(struct arch_packet_latency *l, const struct arch_packet_group *group,
                                uint32_t groups) {
    uint32_t networks = 0;
    for (uint32_t i = 0; i < groups; i++)
        networks = group[i].network >= networks ? group[i].network + 1 : networks;
    l->groups = groups;
    l->group = sim_heap_must(calloc((size_t)networks * groups + 1, sizeof *l->group));
    for (uint32_t i = 0; i < groups; i++)
        l->group[(size_t)group[i].network * groups + group[i].number] = &group[i];
}

/* Multiplicative hashing with 2^64 over the golden ratio (Knuth, The Art of Computer Programming, 6.4). */
static size_t place_of(const struct arch_packet_latency *l, const struct entry *e) {
    uint64_t key = ((uint64_t)e->terminal << 32 | e->event) + ((uint64_t)e->network << 56);
    return (size_t)(key * UINT64_C(0x9E3779B97F4A7C15) >> 24) & l->mask;
}

static void put(struct arch_packet_latency *l, const struct entry *e) {
    size_t place = place_of(l, e);
    while (l->entry[place].created != SIM_NEVER)
        place = (place + 1) & l->mask;
    l->entry[place] = *e;
    l->taken++;
}

static void grow(struct arch_packet_latency *l) {
    struct entry *old = l->entry;
    size_t places = l->mask + 1;
    l->entry = new_places(2 * places);
    l->mask = 2 * places - 1;
    l->taken = 0;
    for (size_t i = 0; i < places; i++)
        if (old[i].created != SIM_NEVER)
            put(l, &old[i]);
    free(old);
}

static void add(struct arch_packet_latency *l, const struct entry *e) {
    if (2 * (l->taken + 1) > l->mask)
        grow(l);
    put(l, e);
}

/* Frees a place, and moves up what has been displaced by it. */
static void take_out(struct arch_packet_latency *l, size_t hole) {
    for (size_t next = (hole + 1) & l->mask; l->entry[next].created != SIM_NEVER;
         next = (next + 1) & l->mask) {
        size_t home = place_of(l, &l->entry[next]);
        if (((next - home) & l->mask) < ((next - hole) & l->mask))
            continue;
        l->entry[hole] = l->entry[next];
        hole = next;
    }
    l->entry[hole].created = SIM_NEVER;
    l->taken--;
}

void arch_packet_latency_sent(struct arch_packet_latency *l, uint32_t network, uint32_t dst, uint32_t event,
                              sim_cycle now) {
    struct entry entry = {.terminal = dst, .event = event, .network = network, .created = now};
    if (!(dst & NOC_GROUP)) {
        add(l, &entry);
        return;
    }
    const struct arch_packet_group *group = l->group[(size_t)network * l->groups + (dst & ~NOC_GROUP)];
    for (uint32_t i = 0; i < group->members; i++) {
        entry.terminal = group->member[i];
        add(l, &entry);
    }
}

void arch_packet_latency_arrived(struct arch_packet_latency *l, uint32_t network, uint32_t terminal,
                                 uint32_t event, sim_cycle now) {
    struct entry wanted = {.terminal = terminal, .event = event, .network = network};
    size_t found = SIZE_MAX;
    for (size_t place = place_of(l, &wanted); l->entry[place].created != SIM_NEVER;
         place = (place + 1) & l->mask) {
        const struct entry *e = &l->entry[place];
        if (e->terminal == terminal && e->event == event && e->network == network &&
            (found == SIZE_MAX || e->created < l->entry[found].created))
            found = place;
    }
    assert(found != SIZE_MAX);
    l->note(l->user, now - l->entry[found].created);
    take_out(l, found);
}

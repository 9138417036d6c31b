/* SPDX-License-Identifier: MIT
 *
 * The wake wheel's slow paths: far timers and the search for the next due cycle; see wheel.h.
 */
#include "sim/kernel/wheel.h"

#include "sim/base/arena.h"

#include <stdlib.h>
#include <string.h>

void sim_wheel_init_near(struct sim_wheel *wheel, uint32_t components, struct sim_arena *arena) {
    memset(wheel, 0, sizeof *wheel);
    wheel->components = components;
    wheel->words = (components / 512 + (components % 512 != 0 || components == 0)) * 8;
    wheel->set = SIM_NEW_ARRAY(arena, uint64_t, (size_t)SIM_WHEEL_SLOTS * wheel->words);
    wheel->summary = SIM_NEW_ARRAY(arena, uint8_t, (size_t)SIM_WHEEL_SLOTS * wheel->words);
    wheel->take_at = SIM_NEVER;
}

void sim_wheel_init(struct sim_wheel *wheel, uint32_t components, struct sim_arena *arena) {
    sim_wheel_init_near(wheel, components, arena);
    wheel->timer = SIM_NEW_ARRAY(arena, sim_cycle, (size_t)components + 1);
    for (uint32_t id = 0; id < components; id++)
        wheel->timer[id] = SIM_NEVER;
    wheel->far_set = SIM_NEW_ARRAY(arena, uint64_t, (size_t)SIM_WHEEL_BLOCKS * wheel->words);
    wheel->far_summary = SIM_NEW_ARRAY(arena, uint8_t, (size_t)SIM_WHEEL_BLOCKS * wheel->words);
}

void sim_wheel_take_over(struct sim_wheel *wheel, struct sim_wheel *from, sim_cycle at) {
    uint32_t slot = (uint32_t)at % SIM_WHEEL_SLOTS, first = slot * from->words;
    assert(wheel->words == from->words);
    if (!from->occupied[slot])
        return;
    for (uint32_t part = first; part < first + from->words; part += 8)
        for (uint64_t marks = sim_wheel_marks(from->summary + part); marks != 0; marks &= marks - 1) {
            uint32_t word = part + sim_wheel_first(marks);
            wheel->set[word] |= from->set[word];
            wheel->summary[word] = 1;
            from->set[word] = from->summary[word] = 0;
        }
    wheel->occupied[slot] = 1;
    from->occupied[slot] = 0;
}

sim_cycle sim_wheel_first_near(const struct sim_wheel *wheel, sim_cycle at, sim_cycle until) {
    while (at < until && !wheel->occupied[at % SIM_WHEEL_SLOTS])
        at++;
    return at;
}

/* The first cycle whose window covers all of a block. */
static sim_cycle taken_at(uint64_t block) {
    sim_cycle end = (block + 1) * SIM_WHEEL_BLOCK;
    return end < SIM_WHEEL_SLOTS ? 0 : end - SIM_WHEEL_SLOTS + 1;
}

/* Marks the block of timer `at`, or the last one of the coarse wheel. */
static void mark_block(struct sim_wheel *wheel, uint32_t id, sim_cycle at) {
    uint64_t block = at / SIM_WHEEL_BLOCK, last = wheel->block + SIM_WHEEL_BLOCKS - 1;
    block = block < last ? block : last;
    assert(block >= wheel->block);
    size_t slot = block % SIM_WHEEL_BLOCKS;
    wheel->far_set[slot * wheel->words + id / 64] |= UINT64_C(1) << (id % 64);
    wheel->far_summary[slot * wheel->words + id / 64] = 1;
    wheel->far_occupied[slot] = 1;
    if (wheel->take_at > taken_at(block))
        wheel->take_at = taken_at(block);
}

void sim_wheel_far(struct sim_wheel *wheel, uint32_t id, sim_cycle at) {
    if (wheel->timer[id] == at)
        return;
    wheel->timer[id] = at;
    if (at != SIM_NEVER)
        mark_block(wheel, id, at);
}

/* Its block is taken: the timer of `id` enters the wheel, unless it is of a later block. */
static void take_timer(struct sim_wheel *wheel, uint32_t id) {
    sim_cycle at = wheel->timer[id];
    if (at == SIM_NEVER)
        return;
    if (at / SIM_WHEEL_BLOCK >= wheel->block) {
        mark_block(wheel, id, at);
        return;
    }
    wheel->timer[id] = SIM_NEVER;
    sim_wheel_near(wheel, id, at);
}

/* Bits are taken out before they are looked at: a timer may be put into the same slot again, for later. */
static void take_slot(struct sim_wheel *wheel, uint32_t slot) {
    uint8_t *summary = wheel->far_summary + (size_t)slot * wheel->words;
    uint64_t *set = wheel->far_set + (size_t)slot * wheel->words;
    wheel->far_occupied[slot] = 0;
    for (uint32_t part = 0; part < wheel->words; part += 8) {
        uint64_t marks = sim_wheel_marks(summary + part);
        memset(summary + part, 0, 8);
        for (; marks != 0; marks &= marks - 1) {
            uint32_t word = part + sim_wheel_first(marks);
            uint64_t ids = set[word];
            set[word] = 0;
            for (; ids != 0; ids &= ids - 1)
                take_timer(wheel, word * 64 + (uint32_t)__builtin_ctzll(ids));
        }
    }
}

/* The first block from wheel->block + skip on that has a bit; none: wheel->block + SIM_WHEEL_BLOCKS. */
static uint64_t occupied_block(const struct sim_wheel *wheel, uint32_t skip) {
    while (skip < SIM_WHEEL_BLOCKS && !wheel->far_occupied[(wheel->block + skip) % SIM_WHEEL_BLOCKS])
        skip++;
    return wheel->block + skip;
}

void sim_wheel_take_blocks(struct sim_wheel *wheel) {
    uint64_t first = wheel->block, beyond = sim_wheel_beyond(wheel->now);
    uint64_t blocks = beyond - first < SIM_WHEEL_BLOCKS ? beyond - first : SIM_WHEEL_BLOCKS;
    wheel->block = beyond;
    for (uint64_t k = 0; k < blocks; k++)
        if (wheel->far_occupied[(first + k) % SIM_WHEEL_BLOCKS])
            take_slot(wheel, (uint32_t)((first + k) % SIM_WHEEL_BLOCKS));
    uint64_t next = occupied_block(wheel, 0);
    wheel->take_at = next < beyond + SIM_WHEEL_BLOCKS ? taken_at(next) : SIM_NEVER;
}

/* The earliest timer of the ids in a slot of the coarse wheel. */
static sim_cycle earliest_in(const struct sim_wheel *wheel, uint32_t slot) {
    const uint8_t *summary = wheel->far_summary + (size_t)slot * wheel->words;
    const uint64_t *set = wheel->far_set + (size_t)slot * wheel->words;
    sim_cycle earliest = SIM_NEVER;
    for (uint32_t part = 0; part < wheel->words; part += 8)
        for (uint64_t marks = sim_wheel_marks(summary + part); marks != 0; marks &= marks - 1) {
            uint32_t word = part + sim_wheel_first(marks);
            for (uint64_t ids = set[word]; ids != 0; ids &= ids - 1) {
                sim_cycle at = wheel->timer[word * 64 + (uint32_t)__builtin_ctzll(ids)];
                earliest = at < earliest ? at : earliest;
            }
        }
    return earliest;
}

/* The earliest timer: that of the first block with a valid one, unless it only waits there for a later. */
static sim_cycle earliest_timer(const struct sim_wheel *wheel) {
    sim_cycle earliest = SIM_NEVER;
    for (uint32_t skip = 0; skip < SIM_WHEEL_BLOCKS; skip++) {
        uint64_t block = occupied_block(wheel, skip);
        if (block == wheel->block + SIM_WHEEL_BLOCKS || earliest < block * SIM_WHEEL_BLOCK)
            break;
        sim_cycle at = earliest_in(wheel, (uint32_t)(block % SIM_WHEEL_BLOCKS));
        earliest = at < earliest ? at : earliest;
        skip = (uint32_t)(block - wheel->block);
    }
    return earliest;
}

/* The first cycle behind now whose slot is marked; the slot of now itself stands for now + SIM_WHEEL_SLOTS.
 */
static sim_cycle next_in_wheel(const struct sim_wheel *wheel) {
    uint32_t first = (uint32_t)(wheel->now + 1) % SIM_WHEEL_SLOTS, skip = first % 8;
    for (uint32_t part = first - skip, seen = 0; seen < SIM_WHEEL_SLOTS + 8; seen += 8) {
        uint64_t marks = sim_wheel_marks(wheel->occupied + part);
        if (seen == 0)
            marks &= ~UINT64_C(0) << 8 * skip;
        if (marks != 0)
            return wheel->now + 1 + (part + sim_wheel_first(marks) - first) % SIM_WHEEL_SLOTS;
        part = (part + 8) % SIM_WHEEL_SLOTS;
    }
    return SIM_NEVER;
}

sim_cycle sim_wheel_search(const struct sim_wheel *wheel) {
    sim_cycle near = next_in_wheel(wheel);
    if (wheel->take_at == SIM_NEVER || near < wheel->block * SIM_WHEEL_BLOCK)
        return near;
    sim_cycle far = earliest_timer(wheel);
    return near < far ? near : far;
}

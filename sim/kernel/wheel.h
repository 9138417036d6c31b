/* SPDX-License-Identifier: MIT
 *
 * The wake wheel: who wants to run when.
 *
 * SIM_WHEEL_SLOTS sets of component ids, one for each of the coming cycles; slot c % SIM_WHEEL_SLOTS
 * holds the ids due at c. A set is a bitset with a summary mark for every 64 ids, so setting a wake is
 * an OR and two stores, duplicates vanish, and an idle chip costs nothing to scan. `occupied` has a mark for
 * each slot that is not empty, so idle stretches are jumped. (Marks are bytes, because a byte can be set
 * without reading it.) Wakes beyond the wheel wait in a second, coarse wheel, whose slots are blocks of
 * SIM_WHEEL_BLOCK cycles; a block enters the wheel as soon as all of it lies in the window. There is at most
 * one valid timer for each component, timer[id]. A bit of the coarse wheel only says to look at it when the
 * block is taken: a timer that was replaced is ignored then, and one beyond the coarse wheel, which waits in
 * the last block, is put in again. So setting a timer is two stores, and taking it no search.
 *
 * Waking somebody who has nothing to do is harmless (law L3), so a wake is never taken back.
 *
 * The wheel also holds the two facts that every model may report: `moved`, the latest cycle in
 * which anything was sent (the watchdog's idea of progress), and `open`, how many components still
 * have work that the run must wait for.
 */
#ifndef SIM_KERNEL_WHEEL_H
#define SIM_KERNEL_WHEEL_H

#include "sim/base/types.h"

#include <assert.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SIM_WHEEL_SLOTS 256u
#define SIM_WHEEL_BLOCK 128u  /* cycles */
#define SIM_WHEEL_BLOCKS 128u

struct sim_arena;

struct sim_wheel {
    sim_cycle now;        /* the cycle being stepped; wakes are for later cycles */
    sim_cycle moved;      /* latest cycle in which a link or wire was written */
    uint64_t open;        /* components that are not finished */
    uint32_t components;  /* ids are 0 .. components - 1 */
    uint32_t words;       /* 64-bit words in a set, a multiple of 8 */
    uint64_t *set;        /* [slot * words + word] */
    uint8_t *summary;     /* [slot * words + word] 1: the word of the set is not 0 */
    uint8_t occupied[SIM_WHEEL_SLOTS]; /* [slot] 1: the set is not empty */
    sim_cycle *timer;       /* [id] the valid far wake, or SIM_NEVER */
    uint64_t *far_set;      /* the coarse wheel, likewise: [block % SIM_WHEEL_BLOCKS * words + word] */
    uint8_t *far_summary;
    uint8_t far_occupied[SIM_WHEEL_BLOCKS];
    uint64_t block;         /* the first block that is not taken yet */
    sim_cycle take_at;      /* when the first block with a bit can be taken, or SIM_NEVER */
};

void sim_wheel_init(struct sim_wheel *wheel, uint32_t components, struct sim_arena *arena);

/* A wheel without far timers, that only collects wakes for another one (shards.h): takes those of cycle `at`
 * over to it, and looks for the first cycle from `at` to `until` - 1 that has any (or `until`). */
void sim_wheel_init_near(struct sim_wheel *wheel, uint32_t components, struct sim_arena *arena);
void sim_wheel_take_over(struct sim_wheel *wheel, struct sim_wheel *from, sim_cycle at);
sim_cycle sim_wheel_first_near(const struct sim_wheel *wheel, sim_cycle at, sim_cycle until);

/* The word of the set of cycle `at` that has the bit of `id`. */
static inline uint64_t *sim_wheel_word(const struct sim_wheel *wheel, uint32_t id, sim_cycle at) {
    return &wheel->set[at % SIM_WHEEL_SLOTS * wheel->words + id / 64];
}

/* Wakes `id` at cycle `at`, which lies in the window now < at < now + SIM_WHEEL_SLOTS; the first form is for
 * who knows that it does. */
static inline void sim_wheel_mark(struct sim_wheel *wheel, uint32_t id, sim_cycle at) {
    size_t slot = at % SIM_WHEEL_SLOTS, word = slot * wheel->words + id / 64;
    wheel->set[word] |= UINT64_C(1) << (id % 64);
    wheel->summary[word] = 1;
    wheel->occupied[slot] = 1;
}

static inline void sim_wheel_near(struct sim_wheel *wheel, uint32_t id, sim_cycle at) {
    assert(at - wheel->now - 1 < SIM_WHEEL_SLOTS - 1);
    sim_wheel_mark(wheel, id, at);
}

/* Eight marks of a row as a word; the index of the first one that is set. */
static inline uint64_t sim_wheel_marks(const uint8_t *mark) {
    uint64_t marks = 0;
    memcpy(&marks, mark, sizeof marks);
    return marks;
}
static inline uint32_t sim_wheel_first(uint64_t marks) { return (uint32_t)__builtin_ctzll(marks) / 8; }

/* The first block that the window behind cycle `now` does not cover to its end: timers of it and of later
 * ones have not entered the wheel, and can be replaced. */
static inline uint64_t sim_wheel_beyond(sim_cycle now) { return (now + SIM_WHEEL_SLOTS) / SIM_WHEEL_BLOCK; }

/* Sets the far timer of `id` (at >= now + SIM_WHEEL_SLOTS), replacing an earlier one. */
void sim_wheel_far(struct sim_wheel *wheel, uint32_t id, sim_cycle at);

/* Fetches what sim_wheel_far will look at. */
static inline __attribute__((always_inline)) void sim_wheel_fetch_far(const struct sim_wheel *wheel,
                                                                      uint32_t id) {
    __builtin_prefetch(&wheel->timer[id]);
}

/* Wakes `id` at any later cycle. */
static inline void sim_wheel_wake(struct sim_wheel *wheel, uint32_t id, sim_cycle at) {
    if (at - wheel->now < SIM_WHEEL_SLOTS)
        sim_wheel_near(wheel, id, at);
    else
        sim_wheel_far(wheel, id, at);
}

/* Brings the blocks into the wheel that the window covers. */
void sim_wheel_take_blocks(struct sim_wheel *wheel);

/* Moves `now` to `to` and takes the blocks that the window now covers. Nothing may be due before `to`. */
static inline void sim_wheel_advance(struct sim_wheel *wheel, sim_cycle to) {
    /* The slot of `to` itself must be reachable by sim_wheel_near, which looks at later cycles. */
    wheel->now = to - 1;
    if (to >= wheel->take_at)
        sim_wheel_take_blocks(wheel);
    wheel->now = to;
}

/* The first cycle after now at which anybody is due, or SIM_NEVER; the one by a search, the other if it is
 * not the next cycle. */
sim_cycle sim_wheel_search(const struct sim_wheel *wheel);

static inline sim_cycle sim_wheel_next(const struct sim_wheel *wheel) {
    return wheel->occupied[(wheel->now + 1) % SIM_WHEEL_SLOTS] ? wheel->now + 1 : sim_wheel_search(wheel);
}

#ifdef __cplusplus
}
#endif

#endif

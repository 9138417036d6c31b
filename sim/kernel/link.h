/* SPDX-License-Identifier: MIT
 *
 * Registered connections: single producer, single consumer, latency >= 1 cycle.
 *
 * Two kinds, for the two ways in which hardware signals:
 *
 *   wire   a bus that always shows a value and holds it (Shenjing's output registers have no valid
 *          bits). The producer drives it on change only; the consumer reads the value at any time.
 *
 *              cycle      |  c  | c+1 | c+2 | c+3 |
 *              drive        A           B
 *              read (L=1)   0     A     A     B
 *
 *   link   a channel that carries items (flits, credits), each visible from cycle
 *          send + latency on, until the consumer takes it. Items keep their order.
 *
 * Either way writing wakes the consumer at the cycle from which the new value is visible, and nothing
 * written in a cycle can be seen in that cycle, so the order of steps inside a cycle cannot matter.
 * A connection has at most one write a cycle (wire) or `width` sends a cycle (link).
 */
#ifndef SIM_KERNEL_LINK_H
#define SIM_KERNEL_LINK_H

#include "sim/base/arena.h"
#include "sim/base/types.h"
#include "sim/kernel/wheel.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Who is woken: NULL wheel for a connection that leads nowhere (the rim of a mesh). */
struct sim_wake {
    struct sim_wheel *wheel;
    uint32_t id;
};

static inline void sim_wake_at(const struct sim_wake *wake, sim_cycle now, sim_cycle at) {
    if (wake->wheel != NULL) {
        sim_cycle moved = wake->wheel->moved;
        wake->wheel->moved = now > moved ? now : moved; /* a model may send for a later cycle */
        sim_wheel_near(wake->wheel, wake->id, at);
    }
}

/* The same for who leads somewhere, at a cycle that is known to lie in the wheel's window. */
static inline void sim_wake_soon(const struct sim_wake *wake, sim_cycle now, sim_cycle at) {
    struct sim_wheel *wheel = wake->wheel;
    wheel->moved = now > wheel->moved ? now : wheel->moved;
    sim_wheel_mark(wheel, wake->id, at);
}

/* Fetches what a wake for cycle `at` will write. */
static inline __attribute__((always_inline)) void sim_wake_fetch(const struct sim_wake *wake, sim_cycle at) {
    if (wake->wheel != NULL)
        __builtin_prefetch(sim_wheel_word(wake->wheel, wake->id, at));
}

/* ---- wire ------------------------------------------------------------------------------------- */

/* Invariant: slot[newest] holds the value driven last; at[i] is the cycle from which slot i is visible;
 * a slot is overwritten only when a newer one is visible already. */
struct sim_wire {
    uint32_t bytes;
    uint16_t latency; /* 1 .. SIM_WHEEL_SLOTS - 1 */
    uint16_t mask;    /* slots - 1; slots is a power of two > latency */
    uint32_t newest;
    uint32_t stride;     /* bytes, rounded up to 64 */
    unsigned char *slot; /* [mask + 1][stride] */
    sim_cycle *at;       /* [mask + 1] */
    struct sim_wake to;
    uint8_t *mark;   /* set whenever the wire is driven, or NULL: sim_wire_mark */
    uint64_t drives; /* how often it was driven */
};

/* A wire of `bytes` bytes, all zero from cycle 0 on. */
void sim_wire_init(struct sim_wire *wire, uint32_t bytes, uint32_t latency, struct sim_arena *arena);

/* Gives the wire a mark at its reader, who so need not look at the wires that nobody drove (which stand in
 * other components, and in other lines of the cache): it is set now and in every cycle in which the wire is
 * driven. A reader that finds it set looks, and clears it when nothing more is on its way (sim_wire_rests).
 */
static inline void sim_wire_mark(struct sim_wire *wire, uint8_t *mark) {
    wire->mark = mark;
    *mark = 1;
}

/* Whether the value driven last is visible at `now`. */
static inline bool sim_wire_rests(const struct sim_wire *wire, sim_cycle now) {
    return wire->at[wire->newest] <= now;
}

/* The buffer of the value visible from cycle 0 on, for elaboration (reset values, tied inputs). */
static inline void *sim_wire_preset(struct sim_wire *wire) {
    return wire->slot + (size_t)wire->newest * wire->stride;
}

/* The value driven last, whether visible yet or not: the producer's view of its output register. */
static inline const void *sim_wire_last(const struct sim_wire *wire) {
    return wire->slot + (size_t)wire->newest * wire->stride;
}

/* Drives a new value in cycle `now`: returns the buffer that the caller fills (its old content is
 * undefined; sim_wire_last must be called before). At most once a cycle. */
static inline void *sim_wire_drive(struct sim_wire *wire, sim_cycle now) {
    wire->newest = (wire->newest + 1) & wire->mask;
    wire->at[wire->newest] = now + wire->latency;
    wire->drives++;
    if (wire->mark != NULL)
        *wire->mark = 1;
    sim_wake_at(&wire->to, now, now + wire->latency);
    return wire->slot + (size_t)wire->newest * wire->stride;
}

/* The value visible at `now`. */
static inline const void *sim_wire_read(const struct sim_wire *wire, sim_cycle now) {
    uint32_t i = wire->newest;
    while (wire->at[i] > now)
        i = (i - 1) & wire->mask;
    return wire->slot + (size_t)i * wire->stride;
}

/* The cycle from which the value visible at `now` has been visible. */
static inline sim_cycle sim_wire_since(const struct sim_wire *wire, sim_cycle now) {
    uint32_t i = wire->newest;
    while (wire->at[i] > now)
        i = (i - 1) & wire->mask;
    return wire->at[i];
}

/* ---- link ------------------------------------------------------------------------------------- */

/* Invariant: items head .. tail - 1 (mod capacity) are in flight or waiting, in order of visibility. */
struct sim_link {
    uint32_t latency;
    uint32_t mask; /* capacity - 1, a power of two minus 1 */
    uint32_t head, tail;
    struct sim_wake to;
};

/* Defines struct NAME (a link of TYPE items) and NAME_init, NAME_send, NAME_peek, NAME_take.
 *   NAME_init(l, latency, capacity, arena)   capacity: most items in flight or waiting
 *   NAME_send(l, now, item)                  visible at now + latency
 *   NAME_peek(l, now)                        the oldest item if visible at now, else NULL
 *   NAME_take(l)                             drops the item that peek showed */
#define SIM_LINK_DEFINE(NAME, TYPE)                                                                 \
    struct NAME##_slot {                                                                            \
        sim_cycle at;                                                                               \
        TYPE item;                                                                                  \
    };                                                                                              \
    struct NAME {                                                                                   \
        struct sim_link base;                                                                       \
        struct NAME##_slot *slot;                                                                   \
    };                                                                                              \
    static inline void NAME##_init(struct NAME *l, uint32_t latency, uint32_t capacity,             \
                                   struct sim_arena *arena) {                                       \
        sim_link_init(&l->base, latency, capacity);                                                 \
        l->slot = (struct NAME##_slot *)sim_arena_alloc(arena, l->base.mask + 1u, sizeof *l->slot); \
    }                                                                                               \
    static inline void NAME##_send(struct NAME *l, sim_cycle now, TYPE item) {                      \
        struct sim_link *b = &l->base;                                                              \
        assert(b->tail - b->head <= b->mask);                                                       \
        l->slot[b->tail & b->mask].at = now + b->latency;                                           \
        l->slot[b->tail++ & b->mask].item = item;                                                   \
        sim_wake_at(&b->to, now, now + b->latency);                                                 \
    }                                                                                               \
    static inline const TYPE *NAME##_peek(const struct NAME *l, sim_cycle now) {                    \
        const struct sim_link *b = &l->base;                                                        \
        if (b->head == b->tail || l->slot[b->head & b->mask].at > now)                              \
            return NULL;                                                                            \
        return &l->slot[b->head & b->mask].item;                                                    \
    }                                                                                               \
    static inline void NAME##_take(struct NAME *l) { l->base.head++; }

void sim_link_init(struct sim_link *link, uint32_t latency, uint32_t capacity);

/* Items in flight or waiting. */
static inline uint32_t sim_link_count(const struct sim_link *link) { return link->tail - link->head; }

#ifdef __cplusplus
}
#endif

#endif

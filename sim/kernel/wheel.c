/* SPDX-License-Identifier: MIT
 *
 * The wake wheel's slow paths: far timers and the search for the next due cycle; see wheel.h.
 */
#include "sim/kernel/wheel.h"

#include "sim/base/arena.h"

#include <stdlib.h>
#include <string.h>

void sim_wheel_init(struct sim_wheel *wheel, uint32_t components, struct sim_arena *arena) {
    memset(wheel, 0, sizeof *wheel);
    wheel->components = components;
    wheel->words = components / 64 + (components % 64 != 0 || components == 0);
    wheel->marks = (wheel->words + 7) / 8 * 8;
    wheel->set = SIM_NEW_ARRAY(arena, uint64_t, (size_t)SIM_WHEEL_SLOTS * wheel->words);
    wheel->summary = SIM_NEW_ARRAY(arena, uint8_t, (size_t)SIM_WHEEL_SLOTS * wheel->marks);
    wheel->timer = SIM_NEW_ARRAY(arena, sim_cycle, (size_t)components + 1);
    for (uint32_t id = 0; id < components; id++)
        wheel->timer[id] = SIM_NEVER;
    /* One valid and at most one stale entry a component: see sim_wheel_far. */
    wheel->heap_capacity = 2 * (size_t)components + 2;
    wheel->heap = SIM_NEW_ARRAY(arena, struct sim_timer, wheel->heap_capacity);
}

static void sift_down(struct sim_wheel *wheel, size_t i) {
    struct sim_timer *heap = wheel->heap, moving = heap[i];
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= wheel->heap_count)
            break;
        if (child + 1 < wheel->heap_count && heap[child + 1].at < heap[child].at)
            child++;
        if (moving.at <= heap[child].at)
            break;
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = moving;
}

static void pop_timer(struct sim_wheel *wheel) {
    wheel->heap[0] = wheel->heap[--wheel->heap_count];
    if (wheel->heap_count > 0)
        sift_down(wheel, 0);
}

/* Throws stale and repeated entries away; called when the heap is full, so its cost is amortised. */
static void compact(struct sim_wheel *wheel) {
    size_t kept = 0;
    for (size_t i = 0; i < wheel->heap_count; i++) {
        struct sim_timer entry = wheel->heap[i];
        if (wheel->timer[entry.id] != entry.at)
            continue;
        wheel->timer[entry.id] = SIM_NEVER; /* a second entry with the same cycle is stale */
        wheel->heap[kept++] = entry;
    }
    wheel->heap_count = kept;
    for (size_t i = 0; i < kept; i++)
        wheel->timer[wheel->heap[i].id] = wheel->heap[i].at;
    for (size_t i = kept / 2; i-- > 0;)
        sift_down(wheel, i);
}

void sim_wheel_far(struct sim_wheel *wheel, uint32_t id, sim_cycle at) {
    if (wheel->timer[id] == at)
        return;
    wheel->timer[id] = at;
    if (at == SIM_NEVER)
        return;
    if (wheel->heap_count == wheel->heap_capacity)
        compact(wheel);
    size_t i = wheel->heap_count++;
    while (i > 0 && wheel->heap[(i - 1) / 2].at > at) {
        wheel->heap[i] = wheel->heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    wheel->heap[i] = (struct sim_timer){.at = at, .id = id};
}

void sim_wheel_take_timers(struct sim_wheel *wheel) {
    while (wheel->heap_count > 0 && wheel->heap[0].at - wheel->now < SIM_WHEEL_SLOTS) {
        struct sim_timer timer = wheel->heap[0];
        pop_timer(wheel);
        if (wheel->timer[timer.id] != timer.at)
            continue;
        wheel->timer[timer.id] = SIM_NEVER;
        sim_wheel_near(wheel, timer.id, timer.at);
    }
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
    sim_cycle far = wheel->heap_count > 0 ? wheel->heap[0].at : SIM_NEVER;
    return near < far ? near : far;
}

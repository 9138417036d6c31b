/* SPDX-License-Identifier: MIT
 *
 * Bookings of a static schedule; see timetable.h.
 */
#include "arch/shenjing/timetable.h"

#include <string.h>

void arch_timetable_init(struct arch_timetable *table, uint32_t tiles, uint32_t period,
                         struct sim_arena *arena) {
    *table = (struct arch_timetable){.arena = arena, .period = period, .bits = (period + 63) / 64};
    table->busy = SIM_NEW_ARRAY(arena, uint64_t, (size_t)tiles * ARCH_RESOURCE_COUNT * table->bits);
    table->forbidden = SIM_NEW_ARRAY(arena, uint64_t, table->bits);
}

void arch_plan_use(struct arch_plan *plan, uint32_t tile, uint32_t resource, uint32_t offset,
                   uint32_t length, struct sim_arena *arena) {
    if (plan->uses == plan->use_capacity) {
        uint32_t larger = plan->use_capacity == 0 ? 256 : 2 * plan->use_capacity;
        struct arch_use *copy = SIM_NEW_ARRAY(arena, struct arch_use, larger);
        if (plan->uses > 0)
            memcpy(copy, plan->use, plan->uses * sizeof *copy);
        plan->use = copy;
        plan->use_capacity = larger;
    }
    plan->use[plan->uses++] = (struct arch_use){tile, resource, offset, length};
}

static void add_word(struct arch_plan *plan, struct arch_word word, struct sim_arena *arena) {
    if (plan->words == plan->word_capacity) {
        uint32_t larger = plan->word_capacity == 0 ? 256 : 2 * plan->word_capacity;
        struct arch_word *copy = SIM_NEW_ARRAY(arena, struct arch_word, larger);
        if (plan->words > 0)
            memcpy(copy, plan->word, plan->words * sizeof *copy);
        plan->word = copy;
        plan->word_capacity = larger;
    }
    plan->word[plan->words++] = word;
}

void arch_plan_word(struct arch_plan *plan, uint32_t tile, uint32_t offset, uint32_t hold, uint32_t op,
                    enum arch_slot_kind kind, struct sim_arena *arena) {
    enum arch_shenjing_class class = arch_shenjing_op_class(op);
    arch_plan_use(plan, tile, ARCH_RESOURCE_ISSUE, offset, 1, arena);
    if (class == ARCH_SHENJING_CLASS_PS)
        arch_plan_use(plan, tile, ARCH_RESOURCE_PS, offset, hold, arena);
    if (class == ARCH_SHENJING_CLASS_SPIKE)
        arch_plan_use(plan, tile, ARCH_RESOURCE_SPIKE, offset, hold, arena);
    add_word(plan, (struct arch_word){tile, offset, (uint16_t)op, (uint8_t)kind}, arena);
}

static uint64_t *row(const struct arch_timetable *table, uint32_t tile, uint32_t resource) {
    return table->busy + ((size_t)tile * ARCH_RESOURCE_COUNT + resource) * table->bits;
}

static bool test(const uint64_t *bits, uint32_t i) { return bits[i / 64] >> (i % 64) & 1; }

/* Bits from `first` on, 64 of them, with 0 behind the end of the period. */
static uint64_t stretch(const struct arch_timetable *table, const uint64_t *bits, uint32_t first) {
    uint32_t word = first / 64, shift = first % 64;
    uint64_t low = bits[word] >> shift;
    return shift == 0 || word + 1 == table->bits ? low : low | bits[word + 1] << (64 - shift);
}

/* The same around the end of the period. Bits of a row behind the period are 0. */
static uint64_t window(const struct arch_timetable *table, const uint64_t *bits, uint32_t first) {
    uint64_t value = stretch(table, bits, first);
    for (uint32_t have = table->period - first; have < 64; have += table->period)
        value |= stretch(table, bits, 0) << have;
    return value;
}

static bool any(const uint64_t *bits, uint32_t words) {
    uint64_t all = 0;
    for (uint32_t i = 0; i < words; i++)
        all |= bits[i];
    return all != 0;
}

void arch_timetable_forbid(struct arch_timetable *table, const struct arch_plan *plan) {
    memset(table->forbidden, 0, table->bits * sizeof *table->forbidden);
    for (uint32_t u = 0; u < plan->uses; u++) {
        const struct arch_use *use = &plan->use[u];
        const uint64_t *busy = row(table, use->tile, use->resource);
        if (!any(busy, table->bits))
            continue;
        for (uint32_t i = 0; i < use->length; i++)
            for (uint32_t w = 0; w < table->bits; w++)
                table->forbidden[w] |= window(table, busy, (use->offset + i + w * 64) % table->period);
    }
}

bool arch_timetable_free(const struct arch_timetable *table, uint32_t tile, uint32_t resource,
                         uint32_t cycle, uint32_t length) {
    const uint64_t *busy = row(table, tile, resource);
    if (length > table->period)
        return false;
    for (uint32_t i = 0; i < length; i++)
        if (test(busy, (cycle + i) % table->period))
            return false;
    return true;
}

bool arch_timetable_book(struct arch_timetable *table, const struct arch_plan *plan, uint32_t cycle) {
    struct arch_timetable_mark start = arch_timetable_mark(table);
    for (uint32_t u = 0; u < plan->uses; u++) {
        const struct arch_use *use = &plan->use[u];
        uint32_t at = (cycle + use->offset) % table->period;
        if (!arch_timetable_free(table, use->tile, use->resource, at, use->length)) {
            arch_timetable_undo(table, start);
            return false;
        }
        uint64_t *busy = row(table, use->tile, use->resource);
        for (uint32_t i = 0; i < use->length; i++) {
            uint32_t bit = (at + i) % table->period;
            busy[bit / 64] |= UINT64_C(1) << (bit % 64);
        }
        arch_plan_use(&table->booked, use->tile, use->resource, at, use->length, table->arena);
    }
    for (uint32_t w = 0; w < plan->words; w++) {
        struct arch_word word = plan->word[w];
        word.offset = (cycle + word.offset) % table->period;
        add_word(&table->booked, word, table->arena);
    }
    return true;
}

void arch_timetable_undo(struct arch_timetable *table, struct arch_timetable_mark mark) {
    while (table->booked.uses > mark.uses) {
        const struct arch_use *use = &table->booked.use[--table->booked.uses];
        uint64_t *busy = row(table, use->tile, use->resource);
        for (uint32_t i = 0; i < use->length; i++) {
            uint32_t bit = (use->offset + i) % table->period;
            busy[bit / 64] &= ~(UINT64_C(1) << (bit % 64));
        }
    }
    table->booked.words = mark.words;
}

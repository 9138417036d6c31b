/* SPDX-License-Identifier: MIT
 *
 * The timetable of a static schedule: who uses what in which cycle of the period.
 *
 * What an operation occupies:
 *
 *   issue      one instruction word a tile and cycle, whatever its class
 *   ps, spike  the control register of the class, for as long as the operation needs it
 *   link       a spike input link, from the arrival of a value until its last use; at the edge of a chip
 *              also a partial-sum link, while a vector passes its width
 *
 * A plan is what moves as one: uses and words at offsets from a start that is not known yet. The timetable
 * tells all starts, modulo the period, at which nothing of a plan meets what is booked, by turning the
 * booked cycles of each use by its offset and laying them over each other: linear in the size of the plan.
 */
#ifndef ARCH_SHENJING_TIMETABLE_H
#define ARCH_SHENJING_TIMETABLE_H

#include "arch/shenjing/mapping.h"

#ifdef __cplusplus
extern "C" {
#endif

enum arch_resource {
    ARCH_RESOURCE_ISSUE,
    ARCH_RESOURCE_PS,
    ARCH_RESOURCE_SPIKE,
    ARCH_RESOURCE_LINK,                                      /* + port */
    ARCH_RESOURCE_PS_LINK = ARCH_RESOURCE_LINK + NOC_PORT_COUNT, /* + port */
    ARCH_RESOURCE_COUNT = ARCH_RESOURCE_PS_LINK + NOC_PORT_COUNT
};

/* A resource of a tile for `length` cycles from `offset` on. */
struct arch_use {
    uint32_t tile, resource, offset, length;
};

/* An instruction of a tile at a cycle. */
struct arch_word {
    uint32_t tile, offset;
    uint16_t op;
    uint8_t kind; /* enum arch_slot_kind */
};

struct arch_plan {
    struct arch_use *use;
    uint32_t uses, use_capacity;
    struct arch_word *word;
    uint32_t words, word_capacity;
};

struct arch_timetable {
    struct sim_arena *arena;
    uint32_t period, bits; /* 64-bit words of a period */
    uint64_t *busy;        /* [tile][resource][bits] */
    uint64_t *forbidden;   /* [bits] scratch */
    struct arch_plan booked; /* everything so far, offsets modulo the period */
};

struct arch_timetable_mark {
    uint32_t uses, words;
};

void arch_timetable_init(struct arch_timetable *table, uint32_t tiles, uint32_t period,
                         struct sim_arena *arena);

void arch_plan_use(struct arch_plan *plan, uint32_t tile, uint32_t resource, uint32_t offset,
                   uint32_t length, struct sim_arena *arena);

/* Adds a word and what it needs: its issue, and its class's control for `hold` cycles. */
void arch_plan_word(struct arch_plan *plan, uint32_t tile, uint32_t offset, uint32_t hold, uint32_t op,
                    enum arch_slot_kind kind, struct sim_arena *arena);

/* Fills table->forbidden: bit c is set where the plan cannot start in cycle c of the period. */
void arch_timetable_forbid(struct arch_timetable *table, const struct arch_plan *plan);

static inline bool arch_timetable_forbidden(const struct arch_timetable *table, uint32_t cycle) {
    cycle %= table->period;
    return table->forbidden[cycle / 64] >> (cycle % 64) & 1;
}

/* Whether a resource is free for `length` cycles from `cycle` on. */
bool arch_timetable_free(const struct arch_timetable *table, uint32_t tile, uint32_t resource,
                         uint32_t cycle, uint32_t length);

/* Books a plan that starts in `cycle`. False, with nothing booked, if something is taken. */
bool arch_timetable_book(struct arch_timetable *table, const struct arch_plan *plan, uint32_t cycle);

static inline struct arch_timetable_mark arch_timetable_mark(const struct arch_timetable *table) {
    struct arch_timetable_mark mark = {table->booked.uses, table->booked.words};
    return mark;
}
void arch_timetable_undo(struct arch_timetable *table, struct arch_timetable_mark mark);

/* Hands every tile its instructions, sorted by offset, and adds those that quieten partial sums
 * (distribute.c). */
void arch_distribute(struct arch_mapping *map, struct arch_timetable *table);

#ifdef __cplusplus
}
#endif

#endif

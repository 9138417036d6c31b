/* SPDX-License-Identifier: MIT
 *
 * The check of a parameter table by itself: names, ranges, defaults.
 */
#ifndef TEST_UNIT_SCHEMA_AUDIT_H
#define TEST_UNIT_SCHEMA_AUDIT_H

#include "sim/base/arena.h"
#include "sim/config/bind.h"

#include <check.h>
#include <stdio.h>

static inline void assert_schema_sound(const struct sim_schema *schema) {
    struct sim_arena arena;
    struct sim_err err;
    sim_arena_init(&arena);
    sim_err_init(&err);
    struct sim_binding binding = {.arena = &arena, .err = &err};
    bool sound = sim_bind_audit(&binding, schema);
    sim_err_print(&err, stderr);
    ck_assert(sound);
    sim_err_release(&err);
    sim_arena_release(&arena);
}

#endif

/* SPDX-License-Identifier: MIT
 *
 * An arena and messages for each test function of a program:
 *     tcase_add_checked_fixture(tcase, set_up, tear_down);
 * Include it after all other headers: its variables have the names that arguments have.
 */
#ifndef TEST_FIXTURE_H
#define TEST_FIXTURE_H

#include "sim/base/arena.h"
#include "sim/base/err.h"

static struct sim_arena arena;
static struct sim_err err;

static void set_up(void) {
    sim_arena_init(&arena);
    sim_err_init(&err);
}

static void tear_down(void) {
    sim_arena_release(&arena);
    sim_err_release(&err);
}

#endif

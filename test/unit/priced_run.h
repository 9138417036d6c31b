/* SPDX-License-Identifier: MIT
 *
 * The fixture of tests of priced runs: messages, a technology, and a folder of their own for each test
 * function. Include it after all other headers: its variables have the names that arguments have.
 */
#ifndef TEST_UNIT_PRICED_RUN_H
#define TEST_UNIT_PRICED_RUN_H

#include "test/unit/synthetic.h"

#include <check.h>
#include <math.h>

static struct sim_err err;
static struct sim_energy *energy;

static void set_up(void) {
    folder_make();
    sim_err_init(&err);
    energy = synthetic_energy();
}

static void tear_down(void) {
    sim_energy_free(energy);
    sim_err_release(&err);
    folder_remove();
}

static void assert_near(double found, double expected) {
    ck_assert_msg(fabs(found - expected) <= 1e-12 * fabs(expected), "found %.17g, expected %.17g", found,
                  expected);
}

#endif

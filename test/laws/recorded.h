/* SPDX-License-Identifier: MIT
 *
 * The laws of the run database over one subject; see recorded.c.
 */
#ifndef TEST_LAWS_RECORDED_H
#define TEST_LAWS_RECORDED_H

#include "test/laws/harness.h"

/* L7: the content hash is the same under every order. */
void law_recorded_replay(const struct law_subject *subject, uint64_t seed);

/* L8: energy_total = sum of counter x price; the rows of every event add up to its counter. */
void law_recorded_energy(const struct law_subject *subject, uint64_t seed);

#endif

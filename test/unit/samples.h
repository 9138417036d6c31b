/* SPDX-License-Identifier: MIT
 *
 * The samples of a trace in memory, for tests of evaluations.
 */
#ifndef TEST_UNIT_SAMPLES_H
#define TEST_UNIT_SAMPLES_H

#include "arch/evaluate/evaluate.h"
#include "sim/trace/trace.h"

/* The first `samples` samples of an open trace whose layer 0 is its input layer; fewer when it has fewer. */
bool samples_load(struct sim_trace *trace, uint64_t samples, struct arch_samples *to, struct sim_arena *arena,
                  struct sim_err *err);

#endif

/* SPDX-License-Identifier: MIT
 *
 * The samples of a trace, in memory.
 */
#ifndef SIM_CLI_SAMPLES_H
#define SIM_CLI_SAMPLES_H

#include "arch/evaluate/evaluate.h"
#include "sim/trace/trace.h"

/* The first `count` samples of the trace's first layer, with their labels. */
bool cli_load_samples(struct sim_trace *trace, uint64_t count, struct arch_samples *to,
                      struct sim_arena *arena, struct sim_err *err);

#endif

/* SPDX-License-Identifier: MIT
 *
 * The engines that --engine names.
 */
#ifndef SIM_CLI_ENGINES_H
#define SIM_CLI_ENGINES_H

#include "sim/kernel/engine.h"

/* The engine of this name. NULL when there is none, with the reason in *fault. */
const struct sim_engine_type *engines_find(const char *name, const char **fault);

#endif

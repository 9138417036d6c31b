/* SPDX-License-Identifier: MIT
 *
 * Patterns for names such as chip.tile[0][1].spike.east, as --vcd-scope takes them.
 *
 *     *        any characters, dots too
 *     ?        any one character
 *     [2..5]   an index from 2 to 5
 *
 * Everything else stands for itself. Indices left out at the end stand for all: tile[0..3] is rows 0 to 3
 * with every column.
 */
#ifndef SIM_BASE_GLOB_H
#define SIM_BASE_GLOB_H

#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is wrong with a pattern, or NULL. */
const char *sim_glob_fault(const char *pattern);

/* Whether a faultless pattern describes `name`. Time: at most the product of the lengths. */
bool sim_glob_match(const char *pattern, const char *name);

#ifdef __cplusplus
}
#endif

#endif

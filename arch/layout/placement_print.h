/* SPDX-License-Identifier: MIT
 *
 * How a placement was found, for the maps of all chips: a line for people, an object for scripts.
 */
#ifndef ARCH_LAYOUT_PLACEMENT_PRINT_H
#define ARCH_LAYOUT_PLACEMENT_PRINT_H

#include "arch/layout/placement.h"

#include <jansson.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The line; `unit` is that of the traffic that was minimised. */
void arch_placement_print(const struct arch_placement_spec *spec, const struct arch_placement_report *report,
                          const char *unit, FILE *out);

/* A new object {strategy, seed, moves, accepted, out_of_time, cost: {before, after, unit}}. */
json_t *arch_placement_json(const struct arch_placement_spec *spec,
                            const struct arch_placement_report *report, const char *unit);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * The effective configuration: every value that a run uses, by its path, with its origin. Made from the
 * effective trees of sim/config/bind.h; this is what `nocsim config` prints and what the run database keeps.
 */
#ifndef SIM_CONFIG_EFFECTIVE_H
#define SIM_CONFIG_EFFECTIVE_H

#include "sim/config/node.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One value; strings live in the arena. An empty list or mapping is a value: "[]", "{}". */
struct sim_setting {
    const char *path;              /* "chip.networks[0].vcs" */
    const char *value;             /* canonical text */
    const char *origin;            /* "configs/mesh8.yaml:3", "default", "--set 1" */
    const struct sim_param *param; /* NULL: free text, not bound to a parameter */
};

/* The leaves of a tree, in order; *count of them. */
const struct sim_setting *sim_effective_list(const struct sim_node *root, struct sim_arena *arena,
                                             uint32_t *count);

/* Prints the tree as YAML that reads back as the same tree; the origin of each value stands behind it as a
 * comment, aligned. Scratch memory comes from the arena. */
void sim_effective_print(const struct sim_node *root, struct sim_arena *arena, FILE *out);

#ifdef __cplusplus
}
#endif

#endif

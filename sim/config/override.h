/* SPDX-License-Identifier: MIT
 *
 * `--set key.path=value`: changes a description after it was read and before it is bound.
 *
 *     chip.tile.axons=128              mappings on the way are made when they are missing
 *     chip.networks[0].vcs=4           an element of a list, counted from 0
 *     chip.networks=[{type: noc.mesh}] the value is YAML: a list or mapping replaces what was there
 *     tech=!include configs/tech/45nm.yaml    paths are relative to the current directory
 *
 * Keys that contain a point need no quoting: at every mapping the longest key that fits is taken.
 */
#ifndef SIM_CONFIG_OVERRIDE_H
#define SIM_CONFIG_OVERRIDE_H

#include "sim/config/node.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Applies one setting to a mapping; `number` counts the settings from 1 and names it in messages and
 * origins: "--set 1". False and a message on a fault. */
bool sim_override(struct sim_node *root, const char *setting, int number, struct sim_arena *arena,
                  struct sim_err *err);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * One scalar of a description to one field of a spec: the leaf of sim/config/bind.h.
 */
#ifndef SIM_CONFIG_VALUE_H
#define SIM_CONFIG_VALUE_H

#include "sim/config/node.h"
#include "sim/config/param.h"

#ifdef __cplusplus
extern "C" {
#endif

/* True for the kinds that one scalar fills. */
bool sim_value_is_scalar(enum sim_param_kind kind);

/* Reads `node` as the scalar kind `kind` of `param` (its own, or of its items), into `field`. TEXT is copied
 * into the arena. `what` names the value in messages ("noc.router.buffer_depth"). */
bool sim_value_read(const struct sim_param *param, enum sim_param_kind kind,
                    const struct sim_node *node, const char *what, void *field,
                    struct sim_arena *arena, struct sim_err *err);

/* The canonical text of a field: reads back as the same value. */
const char *sim_value_text(const struct sim_param *param, enum sim_param_kind kind, const void *field,
                           struct sim_arena *arena);

#ifdef __cplusplus
}
#endif

#endif

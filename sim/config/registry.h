/* SPDX-License-Identifier: MIT
 *
 * All hardware that descriptions can name. Declared here for the code that only needs "whatever there
 * is" (configuration, describe); defined once, above all hardware layers, in sim/cli/registry.c.
 */
#ifndef SIM_CONFIG_REGISTRY_H
#define SIM_CONFIG_REGISTRY_H

#include "sim/config/param.h"

#ifdef __cplusplus
extern "C" {
#endif

extern const struct sim_schema *const sim_registry[]; /* ends with NULL */
extern const struct sim_schema sim_run_schema;        /* of the key `run:` */

#ifdef __cplusplus
}
#endif

#endif

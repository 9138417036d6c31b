/* SPDX-License-Identifier: MIT
 *
 * `nocsim describe`: the pages of the hardware types, made from the parameter tables.
 */
#ifndef SIM_CONFIG_DESCRIBE_H
#define SIM_CONFIG_DESCRIBE_H

#include "sim/config/param.h"

#include <stdio.h>

#include <jansson.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SIM_DESCRIBE_MAX 512 /* schemas, nested ones included */

/* Every schema of a registry and every schema nested in one, each once, by name. */
struct sim_catalogue {
    const struct sim_schema *schema[SIM_DESCRIBE_MAX];
    uint32_t count;
};

/* Collects a registry (ends with NULL) and `extra`, a schema outside of it, or NULL. */
void sim_catalogue_init(struct sim_catalogue *catalogue, const struct sim_schema *const *registry,
                        const struct sim_schema *extra);

/* The schema of that name; NULL, and in *nearest a similar name or NULL. */
const struct sim_schema *sim_catalogue_find(const struct sim_catalogue *catalogue, const char *name,
                                            const char **nearest);

/* The list of types: name, role, first sentence of the help. */
void sim_describe_list(const struct sim_catalogue *catalogue, FILE *out);

/* One page: what it is, each parameter with kind, range, default and help, the events it counts. */
void sim_describe_page(const struct sim_catalogue *catalogue, const struct sim_schema *schema,
                       FILE *out);

/* The same as JSON; the caller owns the reference. NULL only when memory runs out. */
json_t *sim_describe_json_list(const struct sim_catalogue *catalogue);
json_t *sim_describe_json_page(const struct sim_schema *schema);

#ifdef __cplusplus
}
#endif

#endif

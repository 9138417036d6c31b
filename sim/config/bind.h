/* SPDX-License-Identifier: MIT
 *
 * From a description to specs: a mapping and a schema (sim/config/param.h) give a filled struct, or located
 * messages. Every key of the mapping must be a parameter, every parameter without a default must be there,
 * every value must be of its kind and within its range. All faults are collected.
 *
 * The result of binding is also the *effective* tree: the same mapping with every parameter in the order
 * of the table, each value in its canonical form, with the place it came from ("default" for defaults)
 * and the parameter it belongs to.
 */
#ifndef SIM_CONFIG_BIND_H
#define SIM_CONFIG_BIND_H

#include "sim/config/node.h"
#include "sim/config/param.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_binding {
    const struct sim_schema *const *registry; /* for `type:`, ends with NULL; may be NULL */
    struct sim_arena *arena;                  /* specs, texts and effective trees */
    struct sim_err *err;
};

/* Fills `spec` (schema->size bytes) from a mapping. Returns the effective tree, or NULL and messages. */
struct sim_node *sim_bind(const struct sim_binding *binding, const struct sim_schema *schema,
                          const struct sim_node *node, void *spec);

/* Fills `any` from a mapping whose `type:` names a schema of the registry with this role (NULL: any
 * role). `what` is what the mapping is called in messages ("chip"). */
struct sim_node *sim_bind_any(const struct sim_binding *binding, const char *role,
                              const struct sim_node *node, const char *what, struct sim_any *any);

/* Fills `spec` from a description in memory; "{}" gives the defaults. For tests, tools, and
 * descriptions inside of traces. */
bool sim_bind_text(const struct sim_binding *binding, const struct sim_schema *schema,
                   const char *yaml, void *spec);

/* Judges tables (bugs, not user errors): sim_schema_audit, and every default must be a value that its own
 * parameter accepts. For tests of all schemas. */
bool sim_bind_audit(const struct sim_binding *binding, const struct sim_schema *schema);

/* Single values, for files that have no schema (technology, sweeps). `what` names the value in messages;
 * min and max are inclusive. False and a located message on a fault. */
bool sim_bind_quantity(const struct sim_node *node, const char *what, enum sim_unit unit, double min,
                       double max, double *value, struct sim_err *err);
bool sim_bind_uint(const struct sim_node *node, const char *what, uint32_t min, uint32_t max,
                   uint32_t *value, struct sim_err *err);

#ifdef __cplusplus
}
#endif

#endif

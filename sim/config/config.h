/* SPDX-License-Identifier: MIT
 *
 * A configuration: what `--arch FILE` names. The file is a mapping with the keys
 *
 *     name: shenjing-mnist        # free text; default: the file's name
 *     description: ...            # free text
 *     chip:                       # what is built; `type:` names a schema with the role "chip"
 *       type: arch.shenjing
 *     tech: !include tech/28nm.yaml   # what events cost; judged by sim/record/energy.h
 *     run:                        # how it is simulated: order, seed, watchdog
 *
 * It is read (sim/config/yaml.h), changed by the settings of the command line (sim/config/override.h), bound
 * (sim/config/bind.h), and kept with its effective values (sim/config/effective.h).
 */
#ifndef SIM_CONFIG_CONFIG_H
#define SIM_CONFIG_CONFIG_H

#include "sim/config/bind.h"
#include "sim/config/effective.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Everything lives in its own arena, to be released after the chip that was built from it. */
struct sim_config {
    const char *file, *name, *description;
    struct sim_any chip;
    const struct sim_node *tech;      /* NULL: none; its where.file is the technology file */
    const void *run;                  /* the spec of the schema given; NULL when none was given */
    const struct sim_node *root;      /* the description, after the settings */
    const struct sim_node *effective; /* every value used, with its origin */
    const struct sim_setting *setting;
    uint32_t settings;
    struct sim_arena arena;
};

/* The keys of the command line, in the order given. */
struct sim_config_request {
    const char *file;
    const char *const *set; /* "key.path=value" */
    int sets;
    const struct sim_schema *const *registry; /* ends with NULL */
    const struct sim_schema *run;             /* of the key `run`; NULL: the key is not allowed */
};

/* Loads a configuration. On a fault false, messages, and nothing to release. */
bool sim_config_load(struct sim_config *config, const struct sim_config_request *request,
                     struct sim_err *err);
void sim_config_release(struct sim_config *config);

#ifdef __cplusplus
}
#endif

#endif

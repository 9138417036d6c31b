/* SPDX-License-Identifier: MIT
 *
 * Reading descriptions: YAML text to a tree of nodes (sim/config/node.h).
 *
 * The language is YAML 1.1 as libyaml reads it, less what descriptions do not need: one document a
 * file, keys are texts, no key twice, no directives, no tags but
 *
 *     tech: !include ../tech/28nm.yaml     the content of a file, its path relative to this file
 *
 * and the merge key, which takes one mapping or a list of them (earlier ones win):
 *
 *     tile:
 *       <<: !include ../parts/tile.yaml    all keys of the part ...
 *       axons: 128                         ... but this one; nested mappings are merged key by key
 *
 * Files are not trusted. Everything is bounded by the limits below, whatever the file says; aliases
 * are expanded and count with every node they make. Only regular files are read, so a description cannot
 * make the program wait.
 */
#ifndef SIM_CONFIG_YAML_H
#define SIM_CONFIG_YAML_H

#include "sim/config/node.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SIM_YAML_FILE_BYTES ((size_t)4 << 20)   /* of one file */
#define SIM_YAML_TOTAL_BYTES ((size_t)16 << 20) /* of a file and all it includes */
#define SIM_YAML_NODES 100000u                  /* of the whole tree, aliases expanded */
#define SIM_YAML_DEPTH 64                       /* of nesting, includes counted on */
#define SIM_YAML_KEYS 1024u                     /* of one mapping */
#define SIM_YAML_ANCHORS 256                    /* of one file */
#define SIM_YAML_KEY_BYTES ((size_t)256)
#define SIM_YAML_SCALAR_BYTES ((size_t)64 << 10)
#define SIM_YAML_INCLUDES 16 /* files inside files */

/* Reads a file and what it includes. NULL and messages on a fault (SIM_EXIT_IO: it cannot be read;
 * SIM_EXIT_CONFIG: it is wrong). The arena must not be sealed. */
struct sim_node *sim_yaml_load(const char *file, struct sim_arena *arena, struct sim_err *err);

/* The same from memory; includes are relative to the current directory. `name` stands for the file in
 * messages and origins; with `placed` false they show the name alone, without line and column. */
struct sim_node *sim_yaml_parse(const char *text, size_t length, const char *name, bool placed,
                                struct sim_arena *arena, struct sim_err *err);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * A configuration; see config.h.
 */
#include "sim/config/config.h"

#include "sim/config/override.h"
#include "sim/config/yaml.h"

#include <string.h>

static const char *file_stem(const char *file, struct sim_arena *arena) {
    const char *slash = strrchr(file, '/'), *base = slash == NULL ? file : slash + 1;
    const char *dot = strrchr(base, '.');
    int length = dot == NULL || dot == base ? (int)strlen(base) : (int)(dot - base);
    return sim_arena_format(arena, "%.*s", length, base);
}

static bool check_keys(const struct sim_node *root, const struct sim_config_request *request,
                       struct sim_err *err) {
    static const char *const keys[] = {"name", "description", "chip", "tech", "run"};
    size_t count = sizeof keys / sizeof *keys - (request->run == NULL);
    return sim_node_check_keys(root, keys, count, "configuration", err);
}

/* A free text of the top level, which becomes part of the effective tree. */
static const char *text_of(struct sim_config *config, struct sim_node *effective, const char *key,
                           const char *fallback, struct sim_err *err) {
    struct sim_node *node = sim_node_get(config->root, key);
    if (node == NULL) {
        node = sim_node_scalar(fallback, &(struct sim_where){"default", 0, 0}, &config->arena);
        node->quoted = true;
    } else if (node->kind != SIM_NODE_SCALAR) {
        sim_err_add(err, SIM_EXIT_CONFIG, &node->where, "configuration.%s: a text is expected", key);
        return NULL;
    }
    sim_node_append(effective, key, &node->where, node, &config->arena);
    return node->text;
}

static bool bind_chip(struct sim_config *config, const struct sim_binding *binding,
                      struct sim_node *effective) {
    struct sim_node *node = sim_node_get(config->root, "chip");
    if (node == NULL)
        return sim_err_add(binding->err, SIM_EXIT_CONFIG, &config->root->where,
                           "configuration: key 'chip' is missing");
    struct sim_node *chip = sim_bind_any(binding, "chip", node, "chip", &config->chip);
    if (chip != NULL)
        sim_node_append(effective, "chip", &node->where, chip, &config->arena);
    return chip != NULL;
}

static bool bind_run(struct sim_config *config, const struct sim_binding *binding,
                     const struct sim_schema *schema, struct sim_node *effective) {
    if (schema == NULL)
        return true;
    struct sim_node *node = sim_node_get(config->root, "run");
    if (node == NULL)
        node = sim_node_new(SIM_NODE_MAPPING, &config->root->where, &config->arena);
    void *spec = sim_arena_alloc(&config->arena, 1, schema->size);
    struct sim_node *run = sim_bind(binding, schema, node, spec);
    config->run = spec;
    if (run != NULL)
        sim_node_append(effective, "run", &node->where, run, &config->arena);
    return run != NULL;
}

static bool take_tech(struct sim_config *config, struct sim_node *effective, struct sim_err *err) {
    struct sim_node *node = sim_node_get(config->root, "tech");
    config->tech = node;
    if (node == NULL)
        return true;
    if (node->kind != SIM_NODE_MAPPING)
        return sim_err_add(err, SIM_EXIT_CONFIG, &node->where,
                           "configuration.tech: a mapping is expected, such as "
                           "'!include tech/28nm.yaml'");
    sim_node_append(effective, "tech", &node->where, node, &config->arena);
    return true;
}

static bool bind_all(struct sim_config *config, const struct sim_config_request *request,
                     struct sim_err *err) {
    const struct sim_binding binding = {request->registry, &config->arena, err};
    struct sim_node *effective =
        sim_node_new(SIM_NODE_MAPPING, &config->root->where, &config->arena);
    bool good = check_keys(config->root, request, err);
    config->name =
        text_of(config, effective, "name", file_stem(request->file, &config->arena), err);
    config->description = text_of(config, effective, "description", "", err);
    good &= config->name != NULL && config->description != NULL;
    good &= bind_chip(config, &binding, effective);
    good &= bind_run(config, &binding, request->run, effective);
    good &= take_tech(config, effective, err);
    config->effective = effective;
    return good;
}

static bool load(struct sim_config *config, const struct sim_config_request *request,
                 struct sim_err *err) {
    config->file = sim_arena_format(&config->arena, "%s", request->file);
    struct sim_node *root = sim_yaml_load(request->file, &config->arena, err);
    if (root == NULL)
        return false;
    if (root->kind != SIM_NODE_MAPPING)
        return sim_err_add(err, SIM_EXIT_CONFIG, &root->where,
                           "a configuration is a mapping with the key 'chip', not a %s",
                           sim_node_kind_name(root->kind));
    config->root = root;
    bool good = true;
    for (int i = 0; i < request->sets; i++)
        good &= sim_override(root, request->set[i], i + 1, &config->arena, err);
    if (!good || !bind_all(config, request, err))
        return false;
    config->setting = sim_effective_list(config->effective, &config->arena, &config->settings);
    return true;
}

bool sim_config_load(struct sim_config *config, const struct sim_config_request *request,
                     struct sim_err *err) {
    *config = (struct sim_config){.file = NULL};
    sim_arena_init(&config->arena);
    if (load(config, request, err))
        return true;
    sim_config_release(config);
    return false;
}

void sim_config_release(struct sim_config *config) {
    sim_arena_release(&config->arena);
    *config = (struct sim_config){.file = NULL};
}

/* SPDX-License-Identifier: MIT
 *
 * From a description to specs; see bind.h. The recursion follows schemas and descriptions down together;
 * its depth is bounded because ANY and LIST need a level of the description (or of a default) for each
 * level of schemas, and SPEC is nested in place.
 */
#include "sim/config/bind.h"

#include "sim/config/value.h"
#include "sim/config/yaml.h"

#include <string.h>

#define WHAT_SIZE 160
#define CANDIDATES 64 /* names a suggestion is sought among */

static struct sim_node *bind(const struct sim_binding *binding, const struct sim_schema *schema,
                             const struct sim_node *node, bool typed, void *spec, int depth);
static struct sim_node *bind_any(const struct sim_binding *binding, const char *role,
                                 const struct sim_node *node, const char *what, struct sim_any *any,
                                 int depth);

static bool expect(const struct sim_node *node, enum sim_node_kind kind, const char *what,
                   struct sim_err *err) {
    if (node->kind == kind)
        return true;
    bool gap = node->kind == SIM_NODE_SCALAR && node->text[0] == '\0';
    return sim_err_add(err, SIM_EXIT_CONFIG, &node->where, "%s: a %s is expected, not %s%s", what,
                       sim_node_kind_name(kind), gap ? "nothing" : "a ",
                       gap ? "" : sim_node_kind_name(node->kind));
}

/* One value of a parameter, or one item of a list. */
static struct sim_node *bind_one(const struct sim_binding *binding, const struct sim_param *param,
                                 enum sim_param_kind kind, const struct sim_node *node,
                                 const char *what, void *field, int depth) {
    if (kind == SIM_PARAM_KIND_SPEC)
        return expect(node, SIM_NODE_MAPPING, what, binding->err)
                   ? bind(binding, param->schema, node, false, field, depth + 1)
                   : NULL;
    if (kind == SIM_PARAM_KIND_ANY)
        return bind_any(binding, param->role, node, what, field, depth + 1);
    if (!sim_value_read(param, kind, node, what, field, binding->arena, binding->err))
        return NULL;
    const char *text = sim_value_text(param, kind, field, binding->arena);
    struct sim_node *effective = sim_node_scalar(text, &node->where, binding->arena);
    effective->param = param;
    return effective;
}

static size_t item_size(const struct sim_param *param) {
    struct sim_param item = *param;
    item.kind = param->item;
    return sim_param_size(&item);
}

static struct sim_node *bind_list(const struct sim_binding *binding, const struct sim_param *param,
                                  const struct sim_node *node, const char *what, void *field,
                                  void *count_field, int depth) {
    if (!expect(node, SIM_NODE_SEQUENCE, what, binding->err))
        return NULL;
    struct sim_node *effective = sim_node_new(SIM_NODE_SEQUENCE, &node->where, binding->arena);
    effective->param = param;
    size_t size = item_size(param);
    unsigned char *items = sim_arena_alloc(binding->arena, node->count, size);
    bool good = true;
    for (uint32_t i = 0; i < node->count && !sim_err_full(binding->err); i++) {
        char name[WHAT_SIZE + 16];
        snprintf(name, sizeof name, "%.*s[%u]", WHAT_SIZE, what, i);
        struct sim_node *item = bind_one(binding, param, param->item, node->item[i].value, name,
                                         items + i * size, depth);
        if (item != NULL)
            sim_node_append(effective, NULL, &item->where, item, binding->arena);
        good &= item != NULL;
    }
    memcpy(field, &items, sizeof items);
    *(uint32_t *)count_field = node->count;
    return good ? effective : NULL;
}

/* A specification that may be 'none'. */
static struct sim_node *bind_optional(const struct sim_binding *binding, const struct sim_param *param,
                                      const struct sim_node *node, const char *what, unsigned char *spec,
                                      int depth) {
    bool none = node->kind == SIM_NODE_SCALAR && !node->quoted && strcmp(node->text, "none") == 0;
    const struct sim_node *value = none ? sim_node_new(SIM_NODE_MAPPING, &node->where, binding->arena) : node;
    struct sim_node *result =
        bind_one(binding, param, param->kind, value, what, spec + param->offset, depth);
    *(uint32_t *)(spec + param->count_offset) = !none;
    return none && result != NULL ? sim_node_scalar("none", &node->where, binding->arena) : result;
}

/* The default of a parameter as a node; NULL, and a message, when it has none. */
static const struct sim_node *fallback(const struct sim_binding *binding,
                                       const struct sim_param *param, const char *what,
                                       const struct sim_where *where) {
    char expects[SIM_PARAM_TEXT_SIZE];
    if (param->fallback == NULL) {
        sim_err_add(binding->err, SIM_EXIT_CONFIG, where, "%s is missing: %s is expected", what,
                    sim_param_expects(param, expects));
        return NULL;
    }
    if (param->kind == SIM_PARAM_KIND_SPEC)
        return sim_node_new(SIM_NODE_MAPPING, where, binding->arena);
    if (param->kind == SIM_PARAM_KIND_TEXT) {
        struct sim_where nowhere = {"default", 0, 0};
        struct sim_node *node = sim_node_scalar(param->fallback, &nowhere, binding->arena);
        node->quoted = true;
        return node;
    }
    return sim_yaml_parse(param->fallback, strlen(param->fallback), "default", false, binding->arena,
                          binding->err);
}

static bool bind_param(const struct sim_binding *binding, const struct sim_schema *schema,
                       const struct sim_param *param, const struct sim_node *node,
                       unsigned char *spec, struct sim_node *effective, int depth) {
    char what[WHAT_SIZE];
    snprintf(what, sizeof what, "%s.%s", schema->name, param->key);
    const struct sim_node *value = sim_node_get(node, param->key);
    if (value == NULL)
        value = fallback(binding, param, what, &node->where);
    if (value == NULL)
        return false;
    struct sim_node *result;
    if (param->optional)
        result = bind_optional(binding, param, value, what, spec, depth);
    else if (param->kind == SIM_PARAM_KIND_LIST)
        result = bind_list(binding, param, value, what, spec + param->offset,
                           spec + param->count_offset, depth);
    else
        result = bind_one(binding, param, param->kind, value, what, spec + param->offset, depth);
    if (result == NULL)
        return false;
    sim_node_append(effective, param->key, &result->where, result, binding->arena);
    return true;
}

static bool check_keys(const struct sim_binding *binding, const struct sim_schema *schema,
                       const struct sim_node *node, bool typed) {
    size_t count = schema->param_count + typed;
    const char **keys = SIM_NEW_ARRAY(binding->arena, const char *, count + 1);
    for (uint32_t i = 0; i < schema->param_count; i++)
        keys[i] = schema->params[i].key;
    if (typed)
        keys[count - 1] = "type";
    return sim_node_check_keys(node, keys, count, schema->name, binding->err);
}

/* `typed`: the key `type` is there and has been used. */
static struct sim_node *bind(const struct sim_binding *binding, const struct sim_schema *schema,
                             const struct sim_node *node, bool typed, void *spec, int depth) {
    if (depth > SIM_YAML_DEPTH) {
        sim_err_add(binding->err, SIM_EXIT_CONFIG, &node->where, "%s: nested deeper than %d levels",
                    schema->name, SIM_YAML_DEPTH);
        return NULL;
    }
    struct sim_node *effective = sim_node_new(SIM_NODE_MAPPING, &node->where, binding->arena);
    if (typed) {
        const struct sim_node *type = sim_node_get(node, "type");
        sim_node_append(effective, "type", &type->where,
                        sim_node_scalar(schema->name, &type->where, binding->arena),
                        binding->arena);
    }
    bool good = check_keys(binding, schema, node, typed);
    for (uint32_t i = 0; i < schema->param_count && !sim_err_full(binding->err); i++)
        good &= bind_param(binding, schema, &schema->params[i], node, spec, effective, depth);
    good = good && !sim_err_full(binding->err); /* else not every parameter may have been read */
    if (good && schema->check != NULL)
        good = schema->check(spec, &node->where, binding->err);
    return good ? effective : NULL;
}

static bool has_role(const struct sim_schema *schema, const char *role) {
    return role == NULL || (schema->role != NULL && strcmp(schema->role, role) == 0);
}

/* The schema that `type` names; NULL and a message when there is none of this role. */
static const struct sim_schema *choose(const struct sim_binding *binding, const char *role,
                                       const struct sim_node *type, const char *what) {
    const struct sim_schema *none = NULL, *const *registry = binding->registry;
    const struct sim_schema *schema = sim_schema_find(registry ? registry : &none, type->text);
    if (schema != NULL && has_role(schema, role))
        return schema;
    const char *names[CANDIDATES];
    size_t count = 0;
    char list[256] = "";
    size_t used = 0;
    for (; registry != NULL && *registry != NULL && count < CANDIDATES; registry++) {
        if (!has_role(*registry, role))
            continue;
        names[count++] = (*registry)->name;
        if (used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "",
                                     (*registry)->name);
    }
    char quote[SIM_QUOTE_SIZE];
    char suggestion[SIM_SUGGEST_SIZE];
    const char *nearest = sim_err_nearest(type->text, names, count);
    sim_err_add(binding->err, SIM_EXIT_CONFIG, &type->where,
                "%s.type: '%s' is not a %s%s: one of %s is expected", what,
                sim_quote(quote, type->text), role ? role : "type",
                sim_err_suggest(suggestion, nearest),
                list[0] ? list : "(none)");
    return NULL;
}

static struct sim_node *bind_any(const struct sim_binding *binding, const char *role,
                                 const struct sim_node *node, const char *what, struct sim_any *any,
                                 int depth) {
    if (!expect(node, SIM_NODE_MAPPING, what, binding->err))
        return NULL;
    const struct sim_node *type =
        sim_node_need(node, "type", SIM_NODE_SCALAR, what, binding->err);
    any->schema = type == NULL ? NULL : choose(binding, role, type, what);
    if (any->schema == NULL)
        return NULL;
    void *spec = sim_arena_alloc(binding->arena, 1, any->schema->size);
    any->spec = spec;
    return bind(binding, any->schema, node, true, spec, depth);
}

struct sim_node *sim_bind(const struct sim_binding *binding, const struct sim_schema *schema,
                          const struct sim_node *node, void *spec) {
    if (!expect(node, SIM_NODE_MAPPING, schema->name, binding->err))
        return NULL;
    return bind(binding, schema, node, false, spec, 0);
}

struct sim_node *sim_bind_any(const struct sim_binding *binding, const char *role,
                              const struct sim_node *node, const char *what, struct sim_any *any) {
    return bind_any(binding, role, node, what, any, 0);
}

bool sim_bind_text(const struct sim_binding *binding, const struct sim_schema *schema,
                   const char *yaml, void *spec) {
    struct sim_node *node =
        sim_yaml_parse(yaml, strlen(yaml), schema->name, true, binding->arena, binding->err);
    return node != NULL && sim_bind(binding, schema, node, spec) != NULL;
}

bool sim_bind_audit(const struct sim_binding *binding, const struct sim_schema *schema) {
    if (!sim_schema_audit(schema, binding->err))
        return false;
    struct sim_where where = {schema->name, 0, 0};
    struct sim_node *empty = sim_node_new(SIM_NODE_MAPPING, &where, binding->arena);
    struct sim_node *effective = sim_node_new(SIM_NODE_MAPPING, &where, binding->arena);
    void *spec = sim_arena_alloc(binding->arena, 1, schema->size);
    bool good = true;
    for (uint32_t i = 0; i < schema->param_count; i++) {
        const struct sim_param *param = &schema->params[i];
        if (param->kind == SIM_PARAM_KIND_SPEC)
            good &= sim_bind_audit(binding, param->schema);
        else if (param->fallback != NULL)
            good &= bind_param(binding, schema, param, empty, spec, effective, 0);
        if (param->kind == SIM_PARAM_KIND_LIST && param->schema != NULL)
            good &= sim_bind_audit(binding, param->schema);
    }
    return good;
}

bool sim_bind_quantity(const struct sim_node *node, const char *what, enum sim_unit unit, double min,
                       double max, double *value, struct sim_err *err) {
    struct sim_param param = {.kind = SIM_PARAM_KIND_QUANTITY, .unit = unit, .min = min, .max = max};
    if (unit == SIM_UNIT_NONE)
        param.kind = SIM_PARAM_KIND_REAL;
    return sim_value_read(&param, param.kind, node, what, value, NULL, err);
}

bool sim_bind_uint(const struct sim_node *node, const char *what, uint32_t min, uint32_t max,
                   uint32_t *value, struct sim_err *err) {
    struct sim_param param = {.kind = SIM_PARAM_KIND_UINT, .min = min, .max = max};
    return sim_value_read(&param, param.kind, node, what, value, NULL, err);
}

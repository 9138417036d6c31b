/* SPDX-License-Identifier: MIT
 *
 * Parameter tables; see param.h.
 */
#include "sim/config/param.h"

#include "sim/base/number.h"
#include "sim/config/quantity.h"

#include <assert.h>
#include <string.h>

static size_t size_of(enum sim_param_kind kind, const struct sim_schema *schema) {
    switch (kind) {
    case SIM_PARAM_KIND_UINT: return sizeof(uint32_t);
    case SIM_PARAM_KIND_UINT64: return sizeof(uint64_t);
    case SIM_PARAM_KIND_INT: return sizeof(int32_t);
    case SIM_PARAM_KIND_REAL: return sizeof(double);
    case SIM_PARAM_KIND_BOOL: return sizeof(bool);
    case SIM_PARAM_KIND_CHOICE: return sizeof(int);
    case SIM_PARAM_KIND_TEXT: return sizeof(const char *);
    case SIM_PARAM_KIND_QUANTITY: return sizeof(double);
    case SIM_PARAM_KIND_SPEC: return schema->size;
    case SIM_PARAM_KIND_ANY: return sizeof(struct sim_any);
    case SIM_PARAM_KIND_LIST: return sizeof(void *);
    case SIM_PARAM_KIND_COUNT: break;
    }
    assert(false);
    return 0;
}

size_t sim_param_size(const struct sim_param *param) { return size_of(param->kind, param->schema); }

static const char *range(const struct sim_param *param, const char *what, char *buffer,
                         size_t size) {
    char low[64], high[64];
    sim_quantity_exact(low, sizeof low, param->min, param->unit);
    sim_quantity_exact(high, sizeof high, param->max, param->unit);
    if (param->kind == SIM_PARAM_KIND_UINT64 && param->max >= 0x1p64)
        snprintf(high, sizeof high, "%llu", (unsigned long long)UINT64_MAX);
    if (param->kind == SIM_PARAM_KIND_QUANTITY)
        snprintf(buffer, size, "%s from %s to %s, such as '%s'", what, low, high,
                 sim_unit_example(param->unit));
    else
        snprintf(buffer, size, "%s from %s to %s", what, low, high);
    return buffer;
}

static const char *choices(const struct sim_param *param, char *buffer, size_t size) {
    size_t used = (size_t)snprintf(buffer, size, "one of");
    for (size_t i = 0; param->choices[i] != NULL && used < size; i++)
        used += (size_t)snprintf(buffer + used, size - used, "%s %s", i == 0 ? "" : ",",
                                 param->choices[i]);
    return buffer;
}

static const char *list(const struct sim_param *param, char *buffer, size_t size) {
    if (param->item == SIM_PARAM_KIND_SPEC)
        snprintf(buffer, size, "a list of mappings (%s)", param->schema->name);
    else if (param->item == SIM_PARAM_KIND_ANY)
        snprintf(buffer, size, "a list of mappings with a 'type:' (%s)",
                 param->role != NULL ? param->role : "any");
    else
        range(param, param->item == SIM_PARAM_KIND_UINT ? "a list of integers" : "a list of numbers",
              buffer, size);
    return buffer;
}

const char *sim_param_expects(const struct sim_param *param, char buffer[SIM_PARAM_TEXT_SIZE]) {
    const size_t size = SIM_PARAM_TEXT_SIZE;
    switch (param->kind) {
    case SIM_PARAM_KIND_UINT:
    case SIM_PARAM_KIND_UINT64:
    case SIM_PARAM_KIND_INT: return range(param, "an integer", buffer, size);
    case SIM_PARAM_KIND_REAL: return range(param, "a number", buffer, size);
    case SIM_PARAM_KIND_BOOL: return strcpy(buffer, "true or false");
    case SIM_PARAM_KIND_CHOICE: return choices(param, buffer, size);
    case SIM_PARAM_KIND_TEXT: return strcpy(buffer, "a text");
    case SIM_PARAM_KIND_QUANTITY: return range(param, sim_unit_name(param->unit), buffer, size);
    case SIM_PARAM_KIND_SPEC:
        snprintf(buffer, size, "a mapping (%s)%s", param->schema->name, param->optional ? ", or 'none'" : "");
        return buffer;
    case SIM_PARAM_KIND_ANY:
        snprintf(buffer, size, "a mapping with a 'type:' (%s)",
                 param->role != NULL ? param->role : "any");
        return buffer;
    case SIM_PARAM_KIND_LIST: return list(param, buffer, size);
    case SIM_PARAM_KIND_COUNT: break;
    }
    assert(false);
    return "";
}

const struct sim_schema *sim_schema_find(const struct sim_schema *const *registry,
                                         const char *name) {
    for (; *registry != NULL; registry++)
        if (strcmp((*registry)->name, name) == 0)
            return *registry;
    return NULL;
}

static bool is_numeric(enum sim_param_kind kind) {
    return kind == SIM_PARAM_KIND_UINT || kind == SIM_PARAM_KIND_UINT64 ||
           kind == SIM_PARAM_KIND_INT || kind == SIM_PARAM_KIND_REAL ||
           kind == SIM_PARAM_KIND_QUANTITY;
}

/* What is wrong with one row of a table, or NULL. */
static const char *fault_of(const struct sim_schema *schema, uint32_t index) {
    const struct sim_param *param = &schema->params[index];
    bool list = param->kind == SIM_PARAM_KIND_LIST;
    enum sim_param_kind kind = list ? param->item : param->kind;
    if (param->help == NULL || param->help[0] == '\0')
        return "has no help";
    if ((unsigned)param->kind >= SIM_PARAM_KIND_COUNT)
        return "has no kind";
    if (is_numeric(kind) && !(param->min <= param->max))
        return "has an empty range";
    if (kind == SIM_PARAM_KIND_UINT && (param->min < 0 || param->max > UINT32_MAX))
        return "has a range beyond uint32_t";
    if (kind == SIM_PARAM_KIND_INT && (param->min < INT32_MIN || param->max > INT32_MAX))
        return "has a range beyond int32_t";
    if (kind == SIM_PARAM_KIND_UINT64 && param->min < 0)
        return "has a range beyond uint64_t";
    if ((param->unit != SIM_UNIT_NONE) != (kind == SIM_PARAM_KIND_QUANTITY))
        return "has a unit that does not go with its kind";
    if (kind == SIM_PARAM_KIND_CHOICE && (param->choices == NULL || param->choices[0] == NULL))
        return "has no choices";
    if (kind == SIM_PARAM_KIND_SPEC && param->schema == NULL)
        return "has no schema";
    if (list && kind != SIM_PARAM_KIND_UINT && kind != SIM_PARAM_KIND_REAL &&
        kind != SIM_PARAM_KIND_SPEC && kind != SIM_PARAM_KIND_ANY)
        return "is a list of what cannot be listed";
    if (param->offset + sim_param_size(param) > schema->size)
        return "lies outside of the spec";
    for (uint32_t i = 0; i < index; i++)
        if (strcmp(schema->params[i].key, param->key) == 0)
            return "is there twice";
    return strcmp(param->key, "type") == 0 && schema->role != NULL ? "hides the key 'type'" : NULL;
}

bool sim_schema_audit(const struct sim_schema *schema, struct sim_err *err) {
    if (schema->name == NULL || schema->help == NULL || schema->help[0] == '\0' || schema->size == 0)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL, "schema %s: name, help or size is missing",
                           schema->name != NULL ? schema->name : "(nameless)");
    bool good = true;
    for (uint32_t i = 0; i < schema->param_count; i++) {
        const char *fault = fault_of(schema, i);
        if (fault != NULL)
            good = sim_err_add(err, SIM_EXIT_CONFIG, NULL, "schema %s: parameter '%s' %s",
                               schema->name, schema->params[i].key, fault);
        else if (schema->params[i].schema != NULL)
            good &= sim_schema_audit(schema->params[i].schema, err);
    }
    return good;
}

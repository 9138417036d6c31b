/* SPDX-License-Identifier: MIT
 *
 * Operators of host layers, from their attributes; see host_layer.h.
 */
#include "sim/graph/host_layer.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_MAX 65536
#define CONSTANT_MAX ((1 << 23) - 1) /* words of 24 bits, as rows */

const char *const sim_host_operator_names[SIM_HOST_OPERATOR_COUNT] = {
    [SIM_HOST_ATTENTION] = "attention",
    [SIM_HOST_NORMALISE] = "normalise",
    [SIM_HOST_MAP] = "map",
    [SIM_HOST_MEAN] = "mean",
    [SIM_HOST_SOFTMAX] = "softmax",
    [SIM_HOST_OPERATION] = "operation",
};

const char *const sim_host_function_names[SIM_HOST_FUNCTION_COUNT] = {
    [SIM_HOST_IDENTITY] = "identity",   [SIM_HOST_RELU] = "relu", [SIM_HOST_GELU] = "gelu",
    [SIM_HOST_GELU_TANH] = "gelu-tanh", [SIM_HOST_SILU] = "silu", [SIM_HOST_TANH] = "tanh",
    [SIM_HOST_SOFTPLUS] = "softplus",
};

/* One operator being read. */
struct reader {
    struct sim_graph *graph;
    struct sim_layer *layer;
    const json_t *object;
    struct sim_host_layer *host;
    char *fault;
    size_t size;
};

static bool complain(const struct reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool complain(const struct reader *r, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(r->fault, r->size, format, arguments);
    va_end(arguments);
    return false;
}

/* ---- attributes -------------------------------------------------------------------------------- */

/* The number of a word in a list, which a fault names; `known` has `count` words. */
static bool read_word(const struct reader *r, const char *key, const char *const *known, int count,
                      int *found) {
    const char *word = json_string_value(json_object_get(r->object, key));
    char list[160] = "";
    for (int i = 0; i < count; i++) {
        if (word != NULL && strcmp(word, known[i]) == 0) {
            *found = i;
            return true;
        }
        size_t length = strlen(list);
        snprintf(list + length, sizeof list - length, "%s%s", i > 0 ? ", " : "", known[i]);
    }
    if (word == NULL)
        return complain(r, "attribute '%s' is missing or no text: known are %s", key, list);
    return complain(r, "unknown %s '%.64s': known are %s", key, word, list);
}

static bool read_count(const struct reader *r, const char *key, uint32_t min, uint32_t max, uint32_t *value) {
    const json_t *item = json_object_get(r->object, key);
    if (item == NULL)
        return true;
    if (!json_is_integer(item) || json_integer_value(item) < min || json_integer_value(item) > max)
        return complain(r, "attribute '%s' is not an integer from %u to %u", key, min, max);
    *value = (uint32_t)json_integer_value(item);
    return true;
}

static bool is_real(const json_t *item, double min) {
    double value = json_number_value(item);
    return json_is_number(item) && isfinite(value) && value >= min && value <= SIM_HOST_REAL_MAX;
}

static bool read_real(const struct reader *r, const char *key, double min, double *value) {
    const json_t *item = json_object_get(r->object, key);
    if (!is_real(item, min))
        return complain(r, item == NULL ? "attribute '%s' is missing: a number from %g to %g"
                                        : "attribute '%s' is not a number from %g to %g",
                        key, min, SIM_HOST_REAL_MAX);
    *value = json_number_value(item);
    return true;
}

/* A list of `count` numbers; NULL when it is not given. */
static bool read_reals(const struct reader *r, const char *key, double min, uint32_t count,
                       const double **list) {
    const json_t *item = json_object_get(r->object, key);
    if (item == NULL)
        return true;
    if (json_array_size(item) != count)
        return complain(r, "attribute '%s' is not a list of %u numbers", key, count);
    double *values = SIM_NEW_ARRAY(&r->graph->arena, double, count);
    for (uint32_t i = 0; i < count; i++) {
        if (!is_real(json_array_get(item, i), min))
            return complain(r, "attribute '%s': entry %u is not a number from %g to %g", key, i, min,
                            SIM_HOST_REAL_MAX);
        values[i] = json_number_value(json_array_get(item, i));
    }
    *list = values;
    return true;
}

/* "scales": for each operand a number, or a list of them, one for each of its values. */
static bool read_scales(const struct reader *r) {
    const json_t *item = json_object_get(r->object, "scales");
    uint32_t operands = r->layer->operands, values = sim_host_operand_values(r->host, operands);
    double least = 1 / SIM_HOST_REAL_MAX;
    struct sim_host_scale *scales = SIM_NEW_ARRAY(&r->graph->arena, struct sim_host_scale, operands);
    if (json_array_size(item) != operands)
        return complain(r, "attribute 'scales' is not a list of %u entries, one for each operand", operands);
    for (uint32_t port = 0; port < operands; port++) {
        const json_t *entry = json_array_get(item, port);
        uint32_t numbers = json_is_array(entry) ? values : 1;
        if (json_is_array(entry) && json_array_size(entry) != values)
            return complain(r,
                            "attribute 'scales': entry %u has %zu numbers: the operand has %u values",
                            port, json_array_size(entry), values);
        double *own = SIM_NEW_ARRAY(&r->graph->arena, double, numbers);
        for (uint32_t i = 0; i < numbers; i++) {
            const json_t *one = json_is_array(entry) ? json_array_get(entry, i) : entry;
            if (!is_real(one, least))
                return complain(r,
                                "attribute 'scales': entry %u is no number from %g to %g, nor a list of them",
                                port, least, SIM_HOST_REAL_MAX);
            own[i] = json_number_value(one);
        }
        scales[port] = (struct sim_host_scale){own, json_is_array(entry)};
    }
    r->host->scales = scales;
    return true;
}

static bool read_flag(const struct reader *r, const char *key, bool *flag) {
    const json_t *item = json_object_get(r->object, key);
    if (item != NULL && !json_is_boolean(item))
        return complain(r, "attribute '%s' is not true or false", key);
    *flag = json_is_true(item);
    return true;
}

static bool read_pairs(const struct reader *r) {
    const json_t *item = json_object_get(r->object, "pairs");
    bool *pairs = SIM_NEW_ARRAY(&r->graph->arena, bool, r->layer->operands);
    bool sound = item == NULL || json_array_size(item) == r->layer->operands;
    for (uint32_t i = 0; sound && item != NULL && i < r->layer->operands; i++) {
        sound = json_is_boolean(json_array_get(item, i));
        pairs[i] = json_is_true(json_array_get(item, i));
    }
    r->host->pairs = pairs;
    return sound ||
           complain(r, "attribute 'pairs' is not a list of %u times true or false", r->layer->operands);
}

/* ---- operations -------------------------------------------------------------------------------- */

static bool read_constant(const struct reader *r, const char *name, const json_t *item,
                          struct sim_host_constant *constant) {
    size_t count = json_array_size(item);
    int32_t *value = SIM_NEW_ARRAY(&r->graph->arena, int32_t, count + 1);
    for (size_t i = 0; i < count; i++) {
        const json_t *one = json_array_get(item, i);
        if (!json_is_integer(one) || json_integer_value(one) < -CONSTANT_MAX ||
            json_integer_value(one) > CONSTANT_MAX)
            return complain(r, "attribute 'constants': entry %zu of '%.64s' is no integer from -%d to %d", i,
                            name, CONSTANT_MAX, CONSTANT_MAX);
        value[i] = (int32_t)json_integer_value(one);
    }
    const char *own = sim_arena_format(&r->graph->arena, "%s", name);
    *constant = (struct sim_host_constant){own, value, (uint32_t)count};
    return count > 0 || complain(r, "attribute 'constants': '%.64s' is not a list of integers", name);
}

static bool read_constants(const struct reader *r) {
    const json_t *object = json_object_get(r->object, "constants"), *item;
    const char *name;
    if (object != NULL && !json_is_object(object))
        return complain(r, "attribute 'constants' is not an object of lists");
    struct sim_host_constant *constant =
        SIM_NEW_ARRAY(&r->graph->arena, struct sim_host_constant, json_object_size(object) + 1);
    json_object_foreach((json_t *)(uintptr_t)object, name, item) {
        if (!read_constant(r, name, item, &constant[r->host->constants]))
            return false;
        r->host->constants++;
    }
    r->host->constant = constant;
    return true;
}

static bool read_roles(const struct reader *r) {
    const json_t *list = json_object_get(r->object, "roles");
    const char **role = SIM_NEW_ARRAY(&r->graph->arena, const char *, r->layer->operands);
    if (list == NULL)
        return true;
    bool sound = json_array_size(list) == r->layer->operands;
    for (uint32_t port = 0; sound && port < r->layer->operands; port++) {
        const char *text = json_string_value(json_array_get(list, port));
        sound = text != NULL && (port > 0 || text[0] == '\0');
        role[port] = text != NULL ? sim_arena_format(&r->graph->arena, "%s", text) : "";
    }
    r->host->role = role;
    return sound ||
           complain(r, "attribute 'roles' is not a list of %u names, \"\" first", r->layer->operands);
}

static bool read_operation(const struct reader *r) {
    const json_t *object = json_object_get(r->object, "operation");
    if (!json_is_object(object) || !json_is_string(json_object_get(object, "name")))
        return complain(r, "attribute 'operation' is missing or no object with a 'name'");
    char *text = json_dumps(object, 0);
    if (text == NULL)
        return complain(r, "attribute 'operation' is no text in UTF-8");
    r->host->operation = sim_arena_format(&r->graph->arena, "%s", text);
    free(text);
    return read_constants(r) && read_roles(r);
}

/* ---- keys -------------------------------------------------------------------------------------- */

#define OF(op) (1u << SIM_HOST_##op)
#define ANY ((1u << SIM_HOST_OPERATOR_COUNT) - 1)

static const struct key {
    const char *name;
    unsigned operators; /* that have it */
} keys[] = {
    {"operator", ANY},           {"shape", ANY},           {"pair", ANY},
    {"scale", ANY},              {"scales", ANY},          {"pairs", ANY},
    {"ones", ANY},               {"gamma", OF(NORMALISE)}, {"beta", OF(NORMALISE)},
    {"epsilon", OF(NORMALISE)},  {"function", OF(MAP)},    {"wait", OF(MAP)},
    {"heads", OF(ATTENTION) | OF(SOFTMAX) | OF(OPERATION)},
    {"operation", OF(OPERATION)}, {"constants", OF(OPERATION)}, {"roles", OF(OPERATION)},
};

static bool known(enum sim_host_operator op, const char *name) {
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(keys[i].name, name) == 0)
            return keys[i].operators >> op & 1;
    return false;
}

static bool check_keys(const struct reader *r) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)r->object, key, value) if (!known(r->host->operator_, key))
        return complain(r, "operator '%s' has no attribute '%.64s'",
                        sim_host_operator_names[r->host->operator_], key);
    return true;
}

/* ---- sizes ------------------------------------------------------------------------------------- */

static bool size_output(const struct reader *r) {
    struct sim_host_layer *host = r->host;
    uint32_t rest = r->layer->neurons - host->ones;
    if (host->ones >= r->layer->neurons || (host->pair && rest % 2 != 0))
        return complain(r, "%u neurons with %u ones: the rest is %s", r->layer->neurons, host->ones,
                        host->ones >= r->layer->neurons ? "nothing" : "odd, and values are pairs");
    host->values = host->pair ? rest / 2 : rest;
    r->layer->ones = host->ones;
    if (host->values % host->heads != 0)
        return complain(r, "%u heads do not divide %u values", host->heads, host->values);
    bool scores = host->operator_ == SIM_HOST_SOFTMAX ||
                  (host->operator_ == SIM_HOST_OPERATION && r->graph->layer[r->layer->operand[0]].scores);
    if (scores && r->graph->tokens != 0 && host->values / host->heads != r->graph->tokens)
        return complain(r, "'%s' with %u values in %u heads: a head has one for each of %u tokens",
                        sim_host_operator_names[host->operator_], host->values, host->heads,
                        r->graph->tokens);
    return true;
}

static bool check_operands(const struct reader *r) {
    const struct sim_host_layer *host = r->host;
    uint32_t operands = r->layer->operands;
    if (host->operator_ == SIM_HOST_ATTENTION && operands != 1 && operands != 3)
        return complain(r, "operator 'attention' has %u operands: it takes 3 (query, key, value), or 1 that "
                           "holds them in this order", operands);
    if (host->operator_ == SIM_HOST_SOFTMAX && operands != 1)
        return complain(r, "operator 'softmax' has %u operands: it takes 1", operands);
    for (uint32_t port = 0; port < operands; port++) {
        const struct sim_layer *operand = &r->graph->layer[r->layer->operand[port]];
        uint64_t needed = ((uint64_t)sim_host_operand_values(host, operands) << host->pairs[port]) +
                          operand->ones;
        if (operand->neurons != needed)
            return complain(r, "operand %u '%s' has %u neurons: %u values%s%s need %llu", port, operand->name,
                            operand->neurons, sim_host_operand_values(host, operands),
                            host->pairs[port] ? ", as pairs," : "", operand->ones != 0 ? " and its ones" : "",
                            (unsigned long long)needed);
    }
    return true;
}

bool sim_host_layer_read(struct sim_graph *graph, uint32_t id, const json_t *object, char *fault,
                         size_t size) {
    struct sim_layer *layer = &graph->layer[id];
    struct sim_host_layer *host = SIM_NEW(&graph->arena, struct sim_host_layer);
    struct reader r = {graph, layer, object, host, fault, size};
    int operator_, function = SIM_HOST_IDENTITY;
    if (!read_word(&r, "operator", sim_host_operator_names, SIM_HOST_OPERATOR_COUNT, &operator_))
        return false;
    *host = (struct sim_host_layer){
        .operator_ = (enum sim_host_operator)operator_, .heads = 1, .wait = 1, .epsilon = 1e-5};
    double least = 1 / SIM_HOST_REAL_MAX;
    if (!check_keys(&r) ||
        (operator_ == SIM_HOST_MAP &&
         !read_word(&r, "function", sim_host_function_names, SIM_HOST_FUNCTION_COUNT, &function)) ||
        !read_flag(&r, "pair", &host->pair) || !read_real(&r, "scale", least, &host->scale) ||
        !read_count(&r, "ones", 0, layer->neurons, &host->ones) ||
        !read_count(&r, "heads", 1, layer->neurons, &host->heads) ||
        !read_count(&r, "wait", 1, WAIT_MAX, &host->wait) ||
        !read_pairs(&r) || !size_output(&r) || !check_operands(&r) || !read_scales(&r) ||
        !read_reals(&r, "gamma", -SIM_HOST_REAL_MAX, host->values, &host->gamma) ||
        !read_reals(&r, "beta", -SIM_HOST_REAL_MAX, host->values, &host->beta) ||
        (json_object_get(object, "epsilon") != NULL && !read_real(&r, "epsilon", least, &host->epsilon)) ||
        (operator_ == SIM_HOST_OPERATION && !read_operation(&r)))
        return false;
    host->function = (enum sim_host_function)function;
    if (sim_host_gathers(host->operator_))
        host->wait = graph->tokens;
    layer->host = host;
    return true;
}

/* SPDX-License-Identifier: MIT
 *
 * The pages of the hardware types; see describe.h.
 */
#include "sim/config/describe.h"

#include "sim/config/quantity.h"
#include "sim/kernel/component.h"

#include <stdlib.h>
#include <string.h>

#define WIDTH 88 /* of a page */

static void collect(struct sim_catalogue *catalogue, const struct sim_schema *schema) {
    for (uint32_t i = 0; i < catalogue->count; i++)
        if (catalogue->schema[i] == schema)
            return;
    if (catalogue->count == SIM_DESCRIBE_MAX)
        return;
    catalogue->schema[catalogue->count++] = schema;
    for (uint32_t i = 0; i < schema->param_count; i++)
        if (schema->params[i].schema != NULL)
            collect(catalogue, schema->params[i].schema);
}

static int by_name(const void *a, const void *b) {
    const struct sim_schema *const *left = a, *const *right = b;
    return strcmp((*left)->name, (*right)->name);
}

void sim_catalogue_init(struct sim_catalogue *catalogue, const struct sim_schema *const *registry,
                        const struct sim_schema *extra) {
    catalogue->count = 0;
    for (; *registry != NULL; registry++)
        collect(catalogue, *registry);
    if (extra != NULL)
        collect(catalogue, extra);
    qsort(catalogue->schema, catalogue->count, sizeof *catalogue->schema, by_name);
}

const struct sim_schema *sim_catalogue_find(const struct sim_catalogue *catalogue, const char *name,
                                            const char **nearest) {
    const char *names[SIM_DESCRIBE_MAX];
    for (uint32_t i = 0; i < catalogue->count; i++) {
        if (strcmp(catalogue->schema[i]->name, name) == 0)
            return catalogue->schema[i];
        names[i] = catalogue->schema[i]->name;
    }
    *nearest = sim_err_nearest(name, names, catalogue->count);
    return NULL;
}

/* Prints text filled to lines, each after `indent` blanks. */
static void put_filled(const char *text, int indent, FILE *out) {
    int column = 0;
    while (*text != '\0') {
        text += strspn(text, " \n");
        int length = (int)strcspn(text, " \n");
        if (length == 0)
            break;
        if (column != 0 && column + 1 + length > WIDTH) {
            fputc('\n', out);
            column = 0;
        }
        if (column == 0)
            column = fprintf(out, "%*s%.*s", indent, "", length, text);
        else
            column += fprintf(out, " %.*s", length, text);
        text += length;
    }
    fputc('\n', out);
}

/* Length of the first sentence. */
static int first_sentence(const char *text) {
    const char *stop = strpbrk(text, ".;:");
    while (stop != NULL && stop[1] != ' ' && stop[1] != '\n' && stop[1] != '\0')
        stop = strpbrk(stop + 1, ".;:");
    return stop == NULL ? (int)strlen(text) : (int)(stop - text);
}

void sim_describe_list(const struct sim_catalogue *catalogue, FILE *out) {
    int name_width = 0, role_width = 0;
    for (uint32_t i = 0; i < catalogue->count; i++) {
        const struct sim_schema *schema = catalogue->schema[i];
        int name = (int)strlen(schema->name), role = schema->role ? (int)strlen(schema->role) : 1;
        name_width = name > name_width ? name : name_width;
        role_width = role > role_width ? role : role_width;
    }
    for (uint32_t i = 0; i < catalogue->count; i++) {
        const struct sim_schema *schema = catalogue->schema[i];
        fprintf(out, "%-*s  %-*s  %.*s\n", name_width, schema->name, role_width,
                schema->role ? schema->role : "-", first_sentence(schema->help), schema->help);
    }
}

static void put_default(const struct sim_param *param, FILE *out) {
    if (param->fallback == NULL)
        fputs("required", out);
    else if (param->kind == SIM_PARAM_KIND_TEXT)
        fprintf(out, "default \"%s\"", param->fallback);
    else
        fprintf(out, "default %s", param->fallback);
}

/* The types that `type:` may name. */
static void put_role(const struct sim_catalogue *catalogue, const char *role, FILE *out) {
    const char *separator = "type: ";
    fprintf(out, "      ");
    for (uint32_t i = 0; i < catalogue->count; i++) {
        const struct sim_schema *schema = catalogue->schema[i];
        if (schema->role == NULL || (role != NULL && strcmp(schema->role, role) != 0))
            continue;
        fprintf(out, "%s%s", separator, schema->name);
        separator = ", ";
    }
    fputc('\n', out);
}

static void put_param(const struct sim_catalogue *catalogue, const struct sim_param *param,
                      FILE *out) {
    char expects[SIM_PARAM_TEXT_SIZE];
    fprintf(out, "  %s: %s; ", param->key, sim_param_expects(param, expects));
    put_default(param, out);
    fputc('\n', out);
    put_filled(param->help, 6, out);
    if (param->kind == SIM_PARAM_KIND_ANY ||
        (param->kind == SIM_PARAM_KIND_LIST && param->item == SIM_PARAM_KIND_ANY))
        put_role(catalogue, param->role, out);
}

void sim_describe_page(const struct sim_catalogue *catalogue, const struct sim_schema *schema,
                       FILE *out) {
    fprintf(out, "%s%s%s%s\n\n", schema->name, schema->role ? " (" : "",
            schema->role ? schema->role : "", schema->role ? ")" : "");
    put_filled(schema->help, 2, out);
    fprintf(out, "\n%s\n", schema->param_count != 0 ? "Parameters" : "No parameters");
    for (uint32_t i = 0; i < schema->param_count; i++)
        put_param(catalogue, &schema->params[i], out);
    for (const struct sim_type *const *type = schema->types; type != NULL && *type != NULL; type++) {
        fprintf(out, "\nEvents of %s\n", (*type)->name);
        for (uint32_t i = 0; i < (*type)->event_count; i++) {
            fprintf(out, "  %s\n", (*type)->events[i].name);
            put_filled((*type)->events[i].help, 6, out);
        }
    }
}

static const char *kind_name(enum sim_param_kind kind) {
    static const char *const names[] = {"uint", "uint64",   "int",  "real", "bool", "choice",
                                        "text", "quantity", "spec", "any",  "list"};
    return names[kind];
}

static json_t *choices_of(const struct sim_param *param) {
    json_t *list = json_array();
    for (size_t i = 0; param->choices[i] != NULL; i++)
        json_array_append_new(list, json_string(param->choices[i]));
    return list;
}

static json_t *json_param(const struct sim_param *param) {
    bool list = param->kind == SIM_PARAM_KIND_LIST;
    enum sim_param_kind kind = list ? param->item : param->kind;
    json_t *object = json_pack("{s:s, s:s, s:s, s:b}", "key", param->key, "kind",
                               kind_name(param->kind), "help", param->help, "required",
                               param->fallback == NULL);
    if (object == NULL)
        return NULL;
    if (list)
        json_object_set_new(object, "item", json_string(kind_name(kind)));
    if (param->fallback != NULL)
        json_object_set_new(object, "default", json_string(param->fallback));
    if (kind == SIM_PARAM_KIND_QUANTITY)
        json_object_set_new(object, "unit", json_string(sim_unit_symbol(param->unit)));
    if (kind == SIM_PARAM_KIND_UINT || kind == SIM_PARAM_KIND_UINT64 ||
        kind == SIM_PARAM_KIND_INT || kind == SIM_PARAM_KIND_REAL ||
        kind == SIM_PARAM_KIND_QUANTITY) {
        json_object_set_new(object, "min", json_real(param->min));
        json_object_set_new(object, "max", json_real(param->max));
    }
    if (kind == SIM_PARAM_KIND_CHOICE)
        json_object_set_new(object, "choices", choices_of(param));
    if (param->schema != NULL)
        json_object_set_new(object, "schema", json_string(param->schema->name));
    if (param->role != NULL)
        json_object_set_new(object, "role", json_string(param->role));
    return object;
}

static json_t *json_events(const struct sim_schema *schema) {
    json_t *types = json_object();
    for (const struct sim_type *const *type = schema->types; type != NULL && *type != NULL; type++) {
        json_t *events = json_object();
        for (uint32_t i = 0; i < (*type)->event_count; i++)
            json_object_set_new(events, (*type)->events[i].name,
                                json_string((*type)->events[i].help));
        json_object_set_new(types, (*type)->name, events);
    }
    return types;
}

json_t *sim_describe_json_list(const struct sim_catalogue *catalogue) {
    json_t *list = json_array();
    for (uint32_t i = 0; i < catalogue->count; i++)
        json_array_append_new(list,
                              json_pack("{s:s, s:s?, s:s}", "type", catalogue->schema[i]->name,
                                        "role", catalogue->schema[i]->role, "help",
                                        catalogue->schema[i]->help));
    return list;
}

json_t *sim_describe_json_page(const struct sim_schema *schema) {
    json_t *params = json_array();
    for (uint32_t i = 0; i < schema->param_count; i++)
        json_array_append_new(params, json_param(&schema->params[i]));
    return json_pack("{s:s, s:s?, s:s, s:o, s:o}", "type", schema->name, "role", schema->role,
                     "help", schema->help, "parameters", params, "events", json_events(schema));
}

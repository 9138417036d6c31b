/* SPDX-License-Identifier: MIT
 *
 * One scalar to one field; see value.h.
 */
#include "sim/config/value.h"

#include "sim/base/number.h"
#include "sim/config/quantity.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* What a reading function needs to complain. */
struct reading {
    const struct sim_param *param; /* as if it were the item, for lists */
    const struct sim_node *node;
    const char *what;
    struct sim_err *err;
};

bool sim_value_is_scalar(enum sim_param_kind kind) {
    return kind != SIM_PARAM_KIND_SPEC && kind != SIM_PARAM_KIND_ANY && kind != SIM_PARAM_KIND_LIST;
}

static bool refuse(const struct reading *reading, const char *fault) {
    char expects[SIM_PARAM_TEXT_SIZE], quote[SIM_QUOTE_SIZE];
    return sim_err_add(reading->err, SIM_EXIT_CONFIG, &reading->node->where,
                       "%s: '%s' %s: %s is expected", reading->what,
                       sim_quote(quote, reading->node->text), fault,
                       sim_param_expects(reading->param, expects));
}

static bool check_range(const struct reading *reading, double value) {
    if (value >= reading->param->min && value <= reading->param->max)
        return true;
    return refuse(reading, "is out of range");
}

static bool read_uint(const struct reading *reading, uint64_t *value) {
    const char *text = reading->node->text;
    int64_t negative;
    double real;
    if (sim_number_uint(text, value))
        return check_range(reading, (double)*value);
    if (sim_number_int(text, &negative))
        return refuse(reading, "is out of range");
    if (text[0] == '0' && strspn(text, "0123456789") == strlen(text))
        return refuse(reading, "begins with 0 (octal?)");
    if (strspn(text, "0123456789") == strlen(text) && text[0] != '\0')
        return refuse(reading, "is out of range");
    return refuse(reading, sim_number_real(text, &real) ? "is not a whole number" : "is not a number");
}

static bool read_int(const struct reading *reading, int32_t *value) {
    int64_t wide;
    if (!sim_number_int(reading->node->text, &wide))
        return refuse(reading, "is not a whole number");
    if (!check_range(reading, (double)wide))
        return false;
    *value = (int32_t)wide;
    return true;
}

static bool read_real(const struct reading *reading, double *value) {
    if (!sim_number_real(reading->node->text, value))
        return refuse(reading, "is not a number");
    return check_range(reading, *value);
}

static bool read_bool(const struct reading *reading, bool *value) {
    *value = strcmp(reading->node->text, "true") == 0;
    return *value || strcmp(reading->node->text, "false") == 0 || refuse(reading, "is neither");
}

static bool read_choice(const struct reading *reading, int *value) {
    const char *const *choices = reading->param->choices;
    size_t count = 0;
    for (; choices[count] != NULL; count++)
        if (strcmp(choices[count], reading->node->text) == 0) {
            *value = (int)count;
            return true;
        }
    char suggestion[SIM_SUGGEST_SIZE];
    const char *nearest = sim_err_nearest(reading->node->text, choices, count);
    char fault[SIM_QUOTE_SIZE];
    snprintf(fault, sizeof fault, "is not known%s", sim_err_suggest(suggestion, nearest));
    return refuse(reading, fault);
}

static bool read_quantity(const struct reading *reading, double *value) {
    char why[SIM_QUANTITY_SIZE];
    if (!sim_quantity_parse(reading->node->text, reading->param->unit, value, why))
        return sim_err_add(reading->err, SIM_EXIT_CONFIG, &reading->node->where, "%s: %s",
                           reading->what, why);
    return check_range(reading, *value);
}

bool sim_value_read(const struct sim_param *param, enum sim_param_kind kind,
                    const struct sim_node *node, const char *what, void *field,
                    struct sim_arena *arena, struct sim_err *err) {
    struct sim_param item = *param;
    item.kind = kind;
    struct reading reading = {&item, node, what, err};
    char expects[SIM_PARAM_TEXT_SIZE];
    bool gap = node->kind == SIM_NODE_SCALAR && node->text[0] == '\0' && !node->quoted;
    if (node->kind != SIM_NODE_SCALAR || gap)
        return sim_err_add(err, SIM_EXIT_CONFIG, &node->where, "%s: %s is expected, not %s%s", what,
                           sim_param_expects(&item, expects), gap ? "nothing" : "a ",
                           gap ? "" : sim_node_kind_name(node->kind));
    uint64_t wide;
    switch (kind) {
    case SIM_PARAM_KIND_UINT:
        if (!read_uint(&reading, &wide))
            return false;
        *(uint32_t *)field = (uint32_t)wide;
        return true;
    case SIM_PARAM_KIND_UINT64: return read_uint(&reading, field);
    case SIM_PARAM_KIND_INT: return read_int(&reading, field);
    case SIM_PARAM_KIND_REAL: return read_real(&reading, field);
    case SIM_PARAM_KIND_BOOL: return read_bool(&reading, field);
    case SIM_PARAM_KIND_CHOICE: return read_choice(&reading, field);
    case SIM_PARAM_KIND_TEXT:
        *(const char **)field = sim_arena_format(arena, "%s", node->text);
        return true;
    case SIM_PARAM_KIND_QUANTITY: return read_quantity(&reading, field);
    case SIM_PARAM_KIND_SPEC:
    case SIM_PARAM_KIND_ANY:
    case SIM_PARAM_KIND_LIST:
    case SIM_PARAM_KIND_COUNT: break;
    }
    assert(false);
    return false;
}

const char *sim_value_text(const struct sim_param *param, enum sim_param_kind kind,
                           const void *field, struct sim_arena *arena) {
    char text[64];
    switch (kind) {
    case SIM_PARAM_KIND_UINT:
        return sim_arena_format(arena, "%" PRIu32, *(const uint32_t *)field);
    case SIM_PARAM_KIND_UINT64:
        return sim_arena_format(arena, "%" PRIu64, *(const uint64_t *)field);
    case SIM_PARAM_KIND_INT: return sim_arena_format(arena, "%" PRId32, *(const int32_t *)field);
    case SIM_PARAM_KIND_REAL:
        sim_number_format(text, sizeof text, *(const double *)field);
        return sim_arena_format(arena, "%s", text);
    case SIM_PARAM_KIND_BOOL: return *(const bool *)field ? "true" : "false";
    case SIM_PARAM_KIND_CHOICE: return param->choices[*(const int *)field];
    case SIM_PARAM_KIND_TEXT: return *(const char *const *)field;
    case SIM_PARAM_KIND_QUANTITY:
        sim_quantity_exact(text, sizeof text, *(const double *)field, param->unit);
        return sim_arena_format(arena, "%s", text);
    case SIM_PARAM_KIND_SPEC:
    case SIM_PARAM_KIND_ANY:
    case SIM_PARAM_KIND_LIST:
    case SIM_PARAM_KIND_COUNT: break;
    }
    assert(false);
    return "";
}

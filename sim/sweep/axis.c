/* SPDX-License-Identifier: MIT
 *
 * Axes of a sweep; see axis.h.
 */
#include "sim/sweep/axis.h"

#include "sim/base/heap.h"
#include "sim/base/number.h"
#include "sim/base/rng.h"
#include "sim/config/bind.h"
#include "sim/config/quantity.h"
#include "sim/config/value.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#define WHAT_SIZE 160
#define RANGE_DIGITS 14
#define DRAWN_DIGITS 8
#define SLACK 1e-9 /* of a step: how far beyond `to` a range may end by rounding */

/* Columns of the results that an axis may not be called. */
static const char *const reserved[] = {"id", "point", "status", "exit_code", "error", "wall_s", "summary"};

/* A numeric interval: a range or log. */
struct span {
    const struct sim_node *node;
    bool logarithmic;
    double from, to;
    double step;    /* or factor; 0: not given */
    uint32_t count; /* 0: not given */
};

/* ---- names and keys --------------------------------------------------------------------------- */

static bool is_name(const char *name) {
    if (!isalpha((unsigned char)name[0]) && name[0] != '_')
        return false;
    for (; *name != '\0'; name++)
        if (!isalnum((unsigned char)*name) && *name != '_')
            return false;
    return true;
}

static bool check_name(const struct sim_sweep *sweep, const struct sim_sweep_axis *axis,
                       struct sim_err *err) {
    char quote[SIM_QUOTE_SIZE];
    sim_quote(quote, axis->name);
    if (!is_name(axis->name) || strlen(axis->name) > 64)
        return sim_err_add(err, SIM_EXIT_CONFIG, &axis->where,
                           "axis: '%s' is not a name (letters, digits, '_'): give it one with 'name'", quote);
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strcmp(reserved[i], axis->name) == 0)
            return sim_err_add(err, SIM_EXIT_CONFIG, &axis->where,
                               "axis: '%s' is a column of every sweep: give it another name with 'name'",
                               quote);
    for (uint32_t i = 0; i < sweep->axes; i++)
        if (strcasecmp(sweep->axis[i]->name, axis->name) == 0)
            return sim_err_add(err, SIM_EXIT_CONFIG, &axis->where,
                               "axis: there are two called '%s': tell them apart with 'name'", quote);
    return true;
}

/* "chip.tile.axons" is called "axons" unless it is given a name. */
static const char *default_name(const char *path) {
    const char *point = strrchr(path, '.');
    return point == NULL ? path : point + 1;
}

static bool same_kind(const struct sim_param *a, const struct sim_param *b) {
    return a == b || (a != NULL && b != NULL && a->kind == b->kind && a->unit == b->unit);
}

static bool add_key(struct sim_sweep_binding *binding, struct sim_sweep_axis *axis,
                    const struct sim_node *node, bool option) {
    if (node->kind != SIM_NODE_SCALAR)
        return sim_err_add(binding->err, SIM_EXIT_CONFIG, &node->where, "axis: a key is a text");
    const struct sim_sweep_key *key =
        sim_sweep_find_key(binding->key, binding->keys, node->text, option, &node->where, binding->err);
    if (key == NULL)
        return false;
    for (uint32_t i = 0; i < binding->sweep->axes; i++)
        for (uint32_t k = 0; k < binding->sweep->axis[i]->keys; k++)
            if (binding->sweep->axis[i]->key[k] == key)
                return sim_err_add(binding->err, SIM_EXIT_CONFIG, &node->where,
                                   "axis: '%s' is changed by axis '%s' already", key->path,
                                   binding->sweep->axis[i]->name);
    for (uint32_t k = 0; k < axis->keys; k++)
        if (axis->key[k] == key)
            return sim_err_add(binding->err, SIM_EXIT_CONFIG, &node->where, "axis: '%s' is there twice",
                               key->path);
    if (axis->keys > 0 && !same_kind(axis->key[0]->param, key->param))
        return sim_err_add(binding->err, SIM_EXIT_CONFIG, &node->where,
                           "axis: '%s' and '%s' are of different kinds and cannot share values",
                           axis->key[0]->path, key->path);
    axis->key[axis->keys++] = key;
    return true;
}

static bool read_keys(struct sim_sweep_binding *binding, struct sim_sweep_axis *axis,
                      const struct sim_node *node) {
    const struct sim_node *one = sim_node_get(node, "key"), *many = sim_node_get(node, "keys"),
                          *option = sim_node_get(node, "option");
    if ((one != NULL) + (many != NULL) + (option != NULL) != 1)
        return sim_err_add(binding->err, SIM_EXIT_CONFIG, &node->where,
                           "axis: exactly one of 'key', 'keys' and 'option' is expected");
    axis->key = SIM_NEW_ARRAY(&binding->sweep->arena, const struct sim_sweep_key *,
                              many != NULL ? many->count + 1 : 1);
    if (many == NULL)
        return add_key(binding, axis, one != NULL ? one : option, option != NULL);
    if (many->kind != SIM_NODE_SEQUENCE || many->count == 0)
        return sim_err_add(binding->err, SIM_EXIT_CONFIG, &many->where,
                           "axis.keys: a list of keys is expected");
    bool good = true;
    for (uint32_t i = 0; i < many->count; i++)
        good &= add_key(binding, axis, many->item[i].value, false);
    return good;
}

/* ---- values ----------------------------------------------------------------------------------- */

union field {
    uint32_t uint;
    uint64_t uint64;
    int32_t int_;
    double real;
    bool bool_;
    int choice;
    const char *text;
};

static double number_of(const struct sim_param *param, const union field *field) {
    switch (param->kind) {
    case SIM_PARAM_KIND_UINT: return field->uint;
    case SIM_PARAM_KIND_UINT64: return (double)field->uint64;
    case SIM_PARAM_KIND_INT: return field->int_;
    case SIM_PARAM_KIND_REAL:
    case SIM_PARAM_KIND_QUANTITY: return field->real;
    case SIM_PARAM_KIND_BOOL: return field->bool_;
    default: return NAN;
    }
}

/* A value as written: checked by every key, kept in the canonical form of the first. */
static bool read_value(struct sim_sweep_binding *binding, const struct sim_sweep_axis *axis,
                       const struct sim_node *node, struct sim_sweep_value *value) {
    struct sim_arena *arena = &binding->sweep->arena;
    const struct sim_sweep_key *first = axis->key[0];
    *value = (struct sim_sweep_value){.number = NAN};
    if (node->kind == SIM_NODE_MAPPING && node->where.file != NULL &&
        strcmp(node->where.file, binding->sweep->file) != 0) {
        value->shown = node->where.file; /* an included file, passed on by its name */
        value->text = sim_arena_format(arena, "!include %s", node->where.file);
        return true;
    }
    if (node->kind != SIM_NODE_SCALAR)
        return sim_err_add(binding->err, SIM_EXIT_CONFIG, &node->where,
                           "axis '%s': write a %s as a text in quotes, as behind --set", axis->name,
                           sim_node_kind_name(node->kind));
    value->text = value->shown = node->text;
    if (first->file)
        value->text = sim_sweep_path(binding->sweep, node->text);
    if (first->param == NULL || !sim_value_is_scalar(first->param->kind)) {
        sim_number_real(node->text, &value->number);
        return node->text[0] != '\0' || sim_err_add(binding->err, SIM_EXIT_CONFIG, &node->where,
                                                    "axis '%s': a value is missing", axis->name);
    }
    for (uint32_t i = 0; i < axis->keys; i++) {
        union field field;
        const struct sim_param *param = axis->key[i]->param;
        if (!sim_value_read(param, param->kind, node, axis->key[i]->path, &field, arena, binding->err))
            return false;
        if (i > 0 || first->file)
            continue;
        value->number = number_of(param, &field);
        if (param->kind != SIM_PARAM_KIND_TEXT)
            value->text = value->shown = sim_value_text(param, param->kind, &field, arena);
        else
            sim_number_real(node->text, &value->number);
    }
    return true;
}

/* A value from a range: becomes the text that the key would be given, and is read back like one. */
static bool make_value(struct sim_sweep_binding *binding, const struct sim_sweep_axis *axis,
                       const struct span *span, double number, struct sim_sweep_value *value) {
    const struct sim_param *param = axis->key[0]->param;
    char text[SIM_QUANTITY_SIZE];
    if (param->kind == SIM_PARAM_KIND_QUANTITY)
        sim_quantity_exact(text, sizeof text, number, param->unit);
    else if (param->kind == SIM_PARAM_KIND_REAL)
        sim_number_format(text, sizeof text, number);
    else
        snprintf(text, sizeof text, "%.0f", number);
    const struct sim_node *node = sim_node_scalar(sim_arena_format(&binding->sweep->arena, "%s", text),
                                                  &span->node->where, &binding->sweep->arena);
    return read_value(binding, axis, node, value);
}

static bool is_whole(const struct sim_param *param) {
    return param->kind == SIM_PARAM_KIND_UINT || param->kind == SIM_PARAM_KIND_UINT64 ||
           param->kind == SIM_PARAM_KIND_INT;
}

static bool take(struct sim_sweep_binding *binding, struct sim_sweep_axis *axis, uint64_t count) {
    binding->values += count;
    if (binding->values > SIM_SWEEP_VALUES_MAX)
        return sim_err_add(binding->err, SIM_EXIT_CONFIG, &axis->where,
                           "axis '%s': the axes have more than %u values", axis->name, SIM_SWEEP_VALUES_MAX);
    axis->values = (uint32_t)count;
    axis->value = SIM_NEW_ARRAY(&binding->sweep->arena, struct sim_sweep_value, count);
    return true;
}

static bool list_values(struct sim_sweep_binding *binding, struct sim_sweep_axis *axis,
                        const struct sim_node *list) {
    if (list->kind != SIM_NODE_SEQUENCE || list->count == 0)
        return sim_err_add(binding->err, SIM_EXIT_CONFIG, &list->where,
                           "axis.values: a list of values is expected");
    if (!take(binding, axis, list->count))
        return false;
    bool good = true;
    for (uint32_t i = 0; i < list->count && !sim_err_full(binding->err); i++)
        good &= read_value(binding, axis, list->item[i].value, &axis->value[i]);
    return good;
}

/* ---- ranges ----------------------------------------------------------------------------------- */

static bool read_end(struct sim_sweep_binding *binding, const struct sim_param *param,
                     const struct span *span, const char *key, double low, double *value) {
    char what[WHAT_SIZE];
    snprintf(what, sizeof what, "axis.%s.%s", span->logarithmic ? "log" : "range", key);
    const struct sim_node *node = sim_node_need(span->node, key, SIM_NODE_SCALAR, what, binding->err);
    enum sim_unit unit = param->kind == SIM_PARAM_KIND_QUANTITY ? param->unit : SIM_UNIT_NONE;
    return node != NULL && sim_bind_quantity(node, what, unit, low, INFINITY, value, binding->err);
}

static bool read_span(struct sim_sweep_binding *binding, const struct sim_sweep_axis *axis, struct span *span,
                      bool drawn) {
    static const char *const range_keys[] = {"from", "to", "step", "count"};
    static const char *const log_keys[] = {"from", "to", "factor", "count"};
    const struct sim_param *param = axis->key[0]->param;
    const char *word = span->logarithmic ? "log" : "range", *by = span->logarithmic ? "factor" : "step";
    struct sim_err *err = binding->err;
    const struct sim_where *where = &span->node->where;
    if (param == NULL ||
        (!is_whole(param) && param->kind != SIM_PARAM_KIND_REAL && param->kind != SIM_PARAM_KIND_QUANTITY))
        return sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "axis '%s': '%s' is not a number and takes no %s: use 'values'", axis->name,
                           axis->key[0]->path, word);
    if (span->node->kind != SIM_NODE_MAPPING)
        return sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "axis.%s: a mapping {from, to, %s or count} is expected", word, by);
    const struct sim_node *step = sim_node_get(span->node, by), *count = sim_node_get(span->node, "count");
    bool good = sim_node_check_keys(span->node, span->logarithmic ? log_keys : range_keys, 4, word, err);
    good = read_end(binding, param, span, "from", -INFINITY, &span->from) && good;
    good = read_end(binding, param, span, "to", -INFINITY, &span->to) && good;
    if (step != NULL && good && !span->logarithmic)
        good = read_end(binding, param, span, "step", 0, &span->step);
    else if (step != NULL && good)
        good = sim_bind_quantity(step, "axis.log.factor", SIM_UNIT_NONE, 1, 1e12, &span->step, err);
    if (count != NULL && good)
        good = sim_bind_uint(count, "axis.count", 1, SIM_SWEEP_VALUES_MAX, &span->count, err);
    if (!good)
        return false;
    if (!(span->from <= span->to) || (span->logarithmic && !(span->from > 0)))
        return sim_err_add(err, SIM_EXIT_CONFIG, where, "axis.%s: 'from' must be %s and 'to' not below it",
                           word, span->logarithmic ? "above 0" : "a number");
    if (drawn && (step != NULL || count != NULL))
        return sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "axis.%s: inside a sample it has 'from' and 'to' only", word);
    if (!drawn && (step != NULL) + (count != NULL) != 1)
        return sim_err_add(err, SIM_EXIT_CONFIG, where, "axis.%s: one of '%s' and 'count' is expected", word,
                           by);
    if (step != NULL && !(span->step > (span->logarithmic ? 1 : 0)))
        return sim_err_add(err, SIM_EXIT_CONFIG, &step->where, "axis.%s.%s: must be above %d", word, by,
                           span->logarithmic);
    return true;
}

/* Number of the steps from `from` to `to`. */
static double steps_of(const struct span *span) {
    if (span->count != 0)
        return span->count - 1;
    double steps = span->logarithmic ? log(span->to / span->from) / log(span->step)
                                     : (span->to - span->from) / span->step;
    return floor(steps + SLACK * fmax(1, steps));
}

static double at(const struct span *span, double index, double steps) {
    if (index == 0)
        return span->from;
    if (span->count != 0 && index == steps)
        return span->to;
    double share = index / steps;
    if (span->logarithmic)
        return span->count != 0 ? span->from * pow(span->to / span->from, share)
                                : span->from * pow(span->step, index);
    return span->count != 0 ? span->from + (span->to - span->from) * share : span->from + span->step * index;
}

/* What stands in a range for a whole-number key must be whole; what stands in a log is rounded. Other numbers
 * lose the noise of the last bits: 0.1 + 2 * 0.1 is 0.3. */
static bool tidy(const struct sim_sweep_binding *binding, const struct sim_sweep_axis *axis,
                 const struct span *span, int digits, double *number) {
    if (!is_whole(axis->key[0]->param)) {
        char text[64];
        struct sim_decimal decimal = sim_decimal_of(*number, digits);
        sim_decimal_print(&decimal, text, sizeof text);
        return sim_number_real(text, number);
    }
    double rounded = round(*number);
    if (!span->logarithmic && fabs(*number - rounded) > SLACK * fmax(1, fabs(*number)))
        return sim_err_add(binding->err, SIM_EXIT_CONFIG, &span->node->where,
                           "axis '%s': %g is not a whole number, as '%s' needs", axis->name, *number,
                           axis->key[0]->path);
    *number = rounded;
    return true;
}

static bool span_values(struct sim_sweep_binding *binding, struct sim_sweep_axis *axis,
                        const struct span *span) {
    double steps = steps_of(span), last = NAN;
    if (!(steps < SIM_SWEEP_VALUES_MAX))
        return sim_err_add(binding->err, SIM_EXIT_CONFIG, &span->node->where,
                           "axis '%s': more than %u values", axis->name, SIM_SWEEP_VALUES_MAX);
    if (!take(binding, axis, (uint64_t)steps + 1))
        return false;
    uint32_t used = 0;
    for (uint32_t i = 0; i < axis->values; i++) {
        double number = at(span, i, steps);
        if (!tidy(binding, axis, span, RANGE_DIGITS, &number))
            return false;
        if (number == last)
            continue;
        last = number;
        if (!make_value(binding, axis, span, number, &axis->value[used++]))
            return false;
    }
    axis->values = used;
    return true;
}

/* ---- samples ---------------------------------------------------------------------------------- */

/* Places in [0, 1): unit[count]. */
static void draw_units(const struct sim_sweep_draw *draw, uint32_t axis, double *unit) {
    uint64_t state = sim_rng_stream(draw->seed, axis);
    for (uint32_t i = 0; i < draw->count; i++)
        unit[i] = draw->latin ? i : 0;
    for (uint32_t i = draw->count; draw->latin && i > 1; i--) {
        uint32_t other = (uint32_t)sim_rng_below(&state, i);
        double kept = unit[i - 1];
        unit[i - 1] = unit[other];
        unit[other] = kept;
    }
    for (uint32_t i = 0; i < draw->count; i++) {
        double fine = sim_rng_real(&state);
        unit[i] = draw->latin ? (unit[i] + fine) / draw->count : fine;
    }
}

static double draw_number(const struct span *span, bool whole, double unit) {
    if (whole && !span->logarithmic)
        return fmin(floor(span->from + unit * (span->to - span->from + 1)), span->to);
    double number = span->logarithmic ? span->from * pow(span->to / span->from, unit)
                                      : span->from + unit * (span->to - span->from);
    return fmin(fmax(whole ? round(number) : number, span->from), span->to);
}

static bool draw_values(struct sim_sweep_binding *binding, struct sim_sweep_axis *axis,
                        const struct span *span, const struct sim_sweep_draw *draw) {
    struct sim_sweep_axis listed = *axis; /* the values to choose from, when there is no span */
    if (!take(binding, axis, draw->count))
        return false;
    double *unit = sim_heap_must(calloc(draw->count, sizeof *unit));
    draw_units(draw, binding->sweep->axes, unit);
    bool good = true;
    for (uint32_t i = 0; i < draw->count && good; i++) {
        double number;
        if (span == NULL) {
            axis->value[i] = listed.value[(uint32_t)(unit[i] * listed.values)];
            continue;
        }
        number = draw_number(span, is_whole(axis->key[0]->param), unit[i]);
        good = tidy(binding, axis, span, DRAWN_DIGITS, &number) &&
               make_value(binding, axis, span, number, &axis->value[i]);
    }
    free(unit);
    return good;
}

static bool read_domain(struct sim_sweep_binding *binding, struct sim_sweep_axis *axis,
                        const struct sim_node *node, const struct sim_sweep_draw *draw) {
    const struct sim_node *values = sim_node_get(node, "values"), *range = sim_node_get(node, "range"),
                          *logs = sim_node_get(node, "log");
    if ((values != NULL) + (range != NULL) + (logs != NULL) != 1)
        return sim_err_add(binding->err, SIM_EXIT_CONFIG, &node->where,
                           "axis '%s': exactly one of 'values', 'range' and 'log' is expected", axis->name);
    if (values != NULL)
        return list_values(binding, axis, values) && (draw == NULL || draw_values(binding, axis, NULL, draw));
    struct span span = {.node = range != NULL ? range : logs, .logarithmic = logs != NULL};
    if (!read_span(binding, axis, &span, draw != NULL))
        return false;
    return draw != NULL ? draw_values(binding, axis, &span, draw) : span_values(binding, axis, &span);
}

const struct sim_sweep_axis *sim_sweep_axis_read(struct sim_sweep_binding *binding,
                                                 const struct sim_node *node,
                                                 const struct sim_sweep_draw *draw) {
    static const char *const keys[] = {"name", "key", "keys", "option", "values", "range", "log"};
    struct sim_sweep *sweep = binding->sweep;
    if (!sim_node_check_keys(node, keys, sizeof keys / sizeof *keys, "axis", binding->err))
        return NULL;
    if (sweep->axes == SIM_SWEEP_AXES_MAX) {
        sim_err_add(binding->err, SIM_EXIT_CONFIG, &node->where, "more than %d axes", SIM_SWEEP_AXES_MAX);
        return NULL;
    }
    struct sim_sweep_axis *axis = SIM_NEW(&sweep->arena, struct sim_sweep_axis);
    axis->where = node->where;
    if (!read_keys(binding, axis, node))
        return NULL;
    const struct sim_node *name = sim_node_get(node, "name");
    axis->name =
        name != NULL && name->kind == SIM_NODE_SCALAR ? name->text : default_name(axis->key[0]->path);
    if (!check_name(sweep, axis, binding->err) || !read_domain(binding, axis, node, draw))
        return NULL;
    sweep->axis[sweep->axes++] = axis;
    return axis;
}

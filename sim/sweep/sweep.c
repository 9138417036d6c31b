/* SPDX-License-Identifier: MIT
 *
 * Reading the description of a sweep; see sweep.h. Axes and constraints wait for sim_sweep_bind.
 */
#include "sim/sweep/sweep.h"

#include "sim/config/bind.h"
#include "sim/config/yaml.h"

#include <string.h>

#define TIMEOUT_MAX_S 1e7

static const char *text_of(const struct sim_node *root, const char *key, struct sim_err *err) {
    const struct sim_node *node = sim_node_get(root, key);
    if (node == NULL)
        return NULL;
    if (node->kind != SIM_NODE_SCALAR || node->text[0] == '\0') {
        sim_err_add(err, SIM_EXIT_CONFIG, &node->where, "sweep.%s: a text is expected", key);
        return NULL;
    }
    return node->text;
}

static const char *file_stem(const char *file, struct sim_arena *arena) {
    const char *slash = strrchr(file, '/'), *base = slash == NULL ? file : slash + 1,
               *dot = strrchr(base, '.');
    int length = dot == NULL || dot == base ? (int)strlen(base) : (int)(dot - base);
    return sim_arena_format(arena, "%.*s", length, base);
}

const char *sim_sweep_path(struct sim_sweep *sweep, const char *path) {
    const char *slash = strrchr(sweep->file, '/');
    if (path[0] == '/' || slash == NULL)
        return path;
    return sim_arena_format(&sweep->arena, "%.*s/%s", (int)(slash - sweep->file), sweep->file, path);
}

static struct sim_where where_of(const struct sim_node *root, const char *key) {
    const struct sim_node *node = sim_node_get(root, key);
    return node != NULL ? node->where : root->where;
}

/* None of `others` (ends with NULL) stands beside `key`. */
static bool goes_without(const struct sim_node *root, const char *key, const char *const *others,
                         struct sim_err *err) {
    for (; *others != NULL; others++)
        if (sim_node_get(root, *others) != NULL) {
            struct sim_where where = where_of(root, *others);
            return sim_err_add(err, SIM_EXIT_CONFIG, &where, "sweep.%s: does not go with '%s'", *others, key);
        }
    return true;
}

/* What is swept: a chip with a trace or traffic, synthetic layers on a chip, or a model. */
static bool read_subject(struct sim_sweep *sweep, struct sim_err *err) {
    const struct sim_node *root = sweep->root;
    const char *arch = text_of(root, "arch", err), *trace = text_of(root, "trace", err);
    sweep->model = text_of(root, "model", err);
    sweep->version = text_of(root, "version", err);
    sweep->compare = text_of(root, "compare", err);
    sweep->has_traffic = sim_node_get(root, "traffic") != NULL;
    sweep->compare_where = where_of(root, "compare");
    sweep->traffic_where = where_of(root, "traffic");
    sweep->arch_where = where_of(root, "arch");
    sweep->trace_where = where_of(root, "trace");
    sweep->model_where = where_of(root, sweep->version != NULL ? "version" : "model");
    if (err->count > 0)
        return false;
    if (sweep->model != NULL) {
        static const char *const others[] = {"arch",    "trace",   "traffic", "compare",
                                             "options", "timeout", NULL};
        if (!goes_without(root, "model", others, err))
            return false;
        return sweep->version != NULL ||
               sim_err_add(err, SIM_EXIT_CONFIG, &sweep->model_where,
                           "sweep: 'version' is missing: which version of '%s'?", sweep->model);
    }
    if (sweep->version != NULL)
        return sim_err_add(err, SIM_EXIT_CONFIG, &sweep->model_where,
                           "sweep.version: does not go without 'model'");
    if (sweep->compare != NULL) {
        static const char *const others[] = {"trace", "traffic", "options", "timeout", NULL};
        if (!goes_without(root, "compare", others, err))
            return false;
        if (arch == NULL)
            return sim_err_add(err, SIM_EXIT_CONFIG, &root->where,
                               "sweep: 'arch' is expected beside 'compare'");
        sweep->arch = sim_sweep_path(sweep, arch);
        return true;
    }
    static const char *const no_trace[] = {"trace", NULL};
    if (sweep->has_traffic && !goes_without(root, "traffic", no_trace, err))
        return false;
    if (arch == NULL || (trace == NULL && !sweep->has_traffic))
        return sim_err_add(err, SIM_EXIT_CONFIG, &root->where,
                           "sweep: 'arch' and 'trace' or 'traffic' are expected, or 'model' and 'version'");
    sweep->arch = sim_sweep_path(sweep, arch);
    if (trace == NULL)
        return true;
    sweep->trace = sim_sweep_path(sweep, trace);
    return true;
}

static bool read_settings(struct sim_sweep *sweep, const char *key, struct sim_sweep_setting **list,
                          uint32_t *count, struct sim_err *err) {
    const struct sim_node *node = sim_node_get(sweep->root, key);
    if (node == NULL)
        return true;
    if (node->kind != SIM_NODE_MAPPING)
        return sim_err_add(err, SIM_EXIT_CONFIG, &node->where, "sweep.%s: a mapping is expected", key);
    *list = SIM_NEW_ARRAY(&sweep->arena, struct sim_sweep_setting, node->count + 1);
    bool good = true;
    for (uint32_t i = 0; i < node->count; i++) {
        const struct sim_item *item = &node->item[i];
        if (item->value->kind != SIM_NODE_SCALAR || item->value->text[0] == '\0')
            good = sim_err_add(
                err, SIM_EXIT_CONFIG, &item->value->where,
                "sweep.%s.%s: a text is expected; write lists and mappings in quotes, as behind --set", key,
                item->key);
        else
            (*list)[(*count)++] =
                (struct sim_sweep_setting){item->key, item->value->text, item->value->where};
    }
    return good;
}

/* Recorded traffic is a trace like any other. */
static void take_trace(struct sim_sweep *sweep) {
    for (uint32_t i = 0; i < sweep->traffics; i++)
        if (strcmp(sweep->traffic[i].key, "trace") == 0) {
            sweep->trace = sim_sweep_path(sweep, sweep->traffic[i].value);
            sweep->trace_where = sweep->traffic[i].where;
        }
}

static bool read_objective(struct sim_sweep *sweep, const struct sim_node *node, struct sim_err *err) {
    static const char *const keys[] = {"name", "minimise", "maximise"};
    const struct sim_where *where = &node->where;
    if (!sim_node_check_keys(node, keys, 3, "objective", err))
        return false;
    const struct sim_node *low = sim_node_get(node, "minimise"), *high = sim_node_get(node, "maximise"),
                          *name = sim_node_get(node, "name"), *expression = low != NULL ? low : high;
    if ((low != NULL) == (high != NULL) || expression->kind != SIM_NODE_SCALAR || expression->text[0] == '\0')
        return sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "objective: either 'minimise' or 'maximise' and an expression");
    if (name != NULL && (name->kind != SIM_NODE_SCALAR || name->text[0] == '\0' || strlen(name->text) > 64))
        return sim_err_add(err, SIM_EXIT_CONFIG, where, "objective.name: a short text is expected");
    if (sweep->objectives == SIM_SWEEP_OBJECTIVES_MAX)
        return sim_err_add(err, SIM_EXIT_CONFIG, where, "more than %d objectives", SIM_SWEEP_OBJECTIVES_MAX);
    const char *called = name != NULL ? name->text : expression->text;
    for (uint32_t i = 0; i < sweep->objectives; i++)
        if (strcasecmp(sweep->objective[i].name, called) == 0)
            return sim_err_add(err, SIM_EXIT_CONFIG, where, "objective: there are two called '%s'", called);
    sweep->objective[sweep->objectives++] =
        (struct sim_sweep_objective){called, expression->text, high != NULL, expression->where};
    return true;
}

static bool read_objectives(struct sim_sweep *sweep, struct sim_err *err) {
    const struct sim_node *list = sim_node_get(sweep->root, "objectives");
    if (list == NULL)
        return true;
    if (list->kind != SIM_NODE_SEQUENCE)
        return sim_err_add(err, SIM_EXIT_CONFIG, &list->where, "sweep.objectives: a list is expected");
    bool good = true;
    for (uint32_t i = 0; i < list->count; i++) {
        const struct sim_node *node = list->item[i].value;
        if (node->kind != SIM_NODE_MAPPING)
            good = sim_err_add(err, SIM_EXIT_CONFIG, &node->where,
                               "objective: a mapping such as {minimise: energy_j}");
        else
            good = read_objective(sweep, node, err) && good;
    }
    return good;
}

static bool load(struct sim_sweep *sweep, const char *file, struct sim_err *err) {
    static const char *const keys[] = {"name",    "description", "arch",        "trace",
                                       "model",   "version",     "options",     "set",
                                       "timeout", "axes",        "constraints", "objectives",
                                       "compare", "traffic"};
    sweep->file = sim_arena_format(&sweep->arena, "%s", file);
    const struct sim_node *root = sweep->root = sim_yaml_load(sweep->file, &sweep->arena, err);
    if (root == NULL)
        return false;
    if (root->kind != SIM_NODE_MAPPING)
        return sim_err_add(err, SIM_EXIT_CONFIG, &root->where,
                           "a sweep is a mapping with the key 'axes', not a %s",
                           sim_node_kind_name(root->kind));
    bool good = sim_node_check_keys(root, keys, sizeof keys / sizeof *keys, "sweep", err);
    sweep->name = text_of(root, "name", err);
    sweep->description = text_of(root, "description", err);
    if (sweep->name == NULL)
        sweep->name = file_stem(file, &sweep->arena);
    const struct sim_node *timeout = sim_node_get(root, "timeout");
    good = (timeout == NULL || sim_bind_quantity(timeout, "sweep.timeout", SIM_UNIT_SECOND, 1e-3,
                                                 TIMEOUT_MAX_S, &sweep->timeout_s, err)) &&
           good;
    good = read_subject(sweep, err) && good;
    good = read_settings(sweep, "set", &sweep->set, &sweep->sets, err) && good;
    good = read_settings(sweep, "traffic", &sweep->traffic, &sweep->traffics, err) && good;
    take_trace(sweep);
    good = read_settings(sweep, "options", &sweep->option, &sweep->options, err) && good;
    good = read_objectives(sweep, err) && good;
    return good && err->count == 0;
}

bool sim_sweep_load(struct sim_sweep *sweep, const char *file, struct sim_err *err) {
    *sweep = (struct sim_sweep){.file = NULL};
    sim_arena_init(&sweep->arena);
    if (load(sweep, file, err))
        return true;
    sim_sweep_release(sweep);
    return false;
}

void sim_sweep_release(struct sim_sweep *sweep) {
    sim_arena_release(&sweep->arena);
    *sweep = (struct sim_sweep){.file = NULL};
}

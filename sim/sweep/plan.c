/* SPDX-License-Identifier: MIT
 *
 * From the axes of a sweep to its points; see sweep.h. The design space is a tree: axes are the leaves, a
 * product counts its children like the digits of a number (the last one fastest), a zip moves them together.
 * A candidate's values are computed from its number; only the numbers that constraints leave are stored.
 */
#include "sim/config/bind.h"
#include "sim/config/value.h"
#include "sim/sweep/axis.h"
#include "sim/sweep/expr.h"

#include <string.h>
#include <strings.h>
#include <xxhash.h>

#define GROUP_DEPTH 16
#define NEAREST_MAX 512

/* ---- keys ------------------------------------------------------------------------------------- */

const struct sim_sweep_key *sim_sweep_find_key(const struct sim_sweep_key *key, uint32_t keys,
                                               const char *path, bool option, const struct sim_where *where,
                                               struct sim_err *err) {
    const char *candidate[NEAREST_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < keys; i++) {
        if (key[i].option != option)
            continue;
        if (strcmp(key[i].path, path) == 0)
            return &key[i];
        if (count < NEAREST_MAX)
            candidate[count++] = key[i].path;
    }
    char quote[SIM_QUOTE_SIZE];
    char suggestion[SIM_SUGGEST_SIZE];
    const char *nearest = sim_err_nearest(path, candidate, count);
    sim_err_add(err, SIM_EXIT_CONFIG, where, "unknown %s '%s'%s", option ? "option" : "key",
                sim_quote(quote, path), sim_err_suggest(suggestion, nearest));
    return NULL;
}

/* ---- groups ----------------------------------------------------------------------------------- */

static struct sim_sweep_group *read_group(struct sim_sweep_binding *binding, const struct sim_node *node,
                                          int depth);

static struct sim_sweep_group *new_group(struct sim_sweep_binding *binding, enum sim_sweep_group_kind kind,
                                         uint32_t children) {
    struct sim_sweep_group *group = SIM_NEW(&binding->sweep->arena, struct sim_sweep_group);
    group->kind = kind;
    group->child = SIM_NEW_ARRAY(&binding->sweep->arena, struct sim_sweep_group *, children + 1);
    return group;
}

static struct sim_sweep_group *axis_group(struct sim_sweep_binding *binding, const struct sim_node *node,
                                          const struct sim_sweep_draw *draw) {
    const struct sim_sweep_axis *axis = sim_sweep_axis_read(binding, node, draw);
    if (axis == NULL)
        return NULL;
    struct sim_sweep_group *group = new_group(binding, SIM_SWEEP_AXIS, 0);
    group->axis = binding->sweep->axes - 1;
    group->count = axis->values;
    return group;
}

/* Counts the candidates of a product or zip whose children are there. */
static bool count_group(struct sim_sweep_binding *binding, struct sim_sweep_group *group,
                        const struct sim_where *where) {
    group->count = group->kind == SIM_SWEEP_PRODUCT || group->children == 0 ? 1 : group->child[0]->count;
    for (uint32_t i = 0; i < group->children; i++) {
        uint64_t count = group->child[i]->count;
        if (group->kind == SIM_SWEEP_ZIP && count != group->count)
            return sim_err_add(binding->err, SIM_EXIT_CONFIG, where,
                               "zip: its parts are not equally long (%llu and %llu values)",
                               (unsigned long long)group->count, (unsigned long long)count);
        if (group->kind == SIM_SWEEP_PRODUCT && count > SIM_SWEEP_CANDIDATES_MAX / group->count)
            return sim_err_add(binding->err, SIM_EXIT_CONFIG, where, "more than %u candidates",
                               SIM_SWEEP_CANDIDATES_MAX);
        if (group->kind == SIM_SWEEP_PRODUCT)
            group->count *= count;
    }
    return true;
}

static struct sim_sweep_group *list_group(struct sim_sweep_binding *binding, enum sim_sweep_group_kind kind,
                                          const struct sim_node *list, int depth) {
    const char *word = kind == SIM_SWEEP_ZIP ? "zip" : "product";
    if (list->kind != SIM_NODE_SEQUENCE || list->count == 0) {
        sim_err_add(binding->err, SIM_EXIT_CONFIG, &list->where, "%s: a list of axes is expected", word);
        return NULL;
    }
    struct sim_sweep_group *group = new_group(binding, kind, list->count);
    bool good = true;
    for (uint32_t i = 0; i < list->count && !sim_err_full(binding->err); i++) {
        struct sim_sweep_group *child = read_group(binding, list->item[i].value, depth + 1);
        if (child != NULL)
            group->child[group->children++] = child;
        good &= child != NULL;
    }
    return good && count_group(binding, group, &list->where) ? group : NULL;
}

static bool read_draw(const struct sim_node *node, struct sim_sweep_draw *draw, struct sim_err *err) {
    static const char *const keys[] = {"method", "count", "seed", "axes"};
    static const char *const methods[] = {"latin-hypercube", "random", NULL};
    const struct sim_param method_param = {.kind = SIM_PARAM_KIND_CHOICE, .choices = methods};
    int method = 0;
    uint32_t seed = 1;
    bool good = sim_node_check_keys(node, keys, 4, "sample", err);
    const struct sim_node *name = sim_node_get(node, "method"), *count = sim_node_get(node, "count"),
                          *seeds = sim_node_get(node, "seed");
    good = (name == NULL || sim_value_read(&method_param, SIM_PARAM_KIND_CHOICE, name, "sample.method",
                                           &method, NULL, err)) &&
           good;
    good = (seeds == NULL || sim_bind_uint(seeds, "sample.seed", 0, UINT32_MAX, &seed, err)) && good;
    if (count == NULL)
        return sim_err_add(err, SIM_EXIT_CONFIG, &node->where, "sample: 'count' is missing");
    good = sim_bind_uint(count, "sample.count", 1, SIM_SWEEP_VALUES_MAX, &draw->count, err) && good;
    draw->seed = seed;
    draw->latin = method == 0;
    return good;
}

/* A sample is a zip of axes whose values are drawn. */
static struct sim_sweep_group *sample_group(struct sim_sweep_binding *binding, const struct sim_node *node) {
    struct sim_sweep_draw draw;
    if (node->kind != SIM_NODE_MAPPING) {
        sim_err_add(binding->err, SIM_EXIT_CONFIG, &node->where,
                    "sample: a mapping {method, count, seed, axes} is expected");
        return NULL;
    }
    if (!read_draw(node, &draw, binding->err))
        return NULL;
    const struct sim_node *list = sim_node_need(node, "axes", SIM_NODE_SEQUENCE, "sample", binding->err);
    if (list == NULL)
        return NULL;
    struct sim_sweep_group *group = new_group(binding, SIM_SWEEP_ZIP, list->count);
    bool good = true;
    for (uint32_t i = 0; i < list->count && !sim_err_full(binding->err); i++) {
        const struct sim_node *item = list->item[i].value;
        struct sim_sweep_group *child = NULL;
        if (item->kind != SIM_NODE_MAPPING)
            sim_err_add(binding->err, SIM_EXIT_CONFIG, &item->where, "sample: an axis is a mapping");
        else
            child = axis_group(binding, item, &draw);
        if (child != NULL)
            group->child[group->children++] = child;
        good &= child != NULL;
    }
    if (good && group->children == 0)
        good = sim_err_add(binding->err, SIM_EXIT_CONFIG, &list->where, "sample: there is no axis in it");
    return good && count_group(binding, group, &node->where) ? group : NULL;
}

static struct sim_sweep_group *read_group(struct sim_sweep_binding *binding, const struct sim_node *node,
                                          int depth) {
    static const struct {
        const char *key;
        enum sim_sweep_group_kind kind;
    } words[] = {{"product", SIM_SWEEP_PRODUCT}, {"zip", SIM_SWEEP_ZIP}};
    if (node->kind != SIM_NODE_MAPPING || depth > GROUP_DEPTH) {
        sim_err_add(binding->err, SIM_EXIT_CONFIG, &node->where,
                    depth > GROUP_DEPTH ? "axes: nested too deeply"
                                        : "axes: an axis is a mapping with the key 'key'");
        return NULL;
    }
    const char *first = node->count == 1 ? node->item[0].key : "";
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(first, words[i].key) == 0)
            return list_group(binding, words[i].kind, node->item[0].value, depth);
    if (strcmp(first, "sample") == 0)
        return sample_group(binding, node->item[0].value);
    return axis_group(binding, node, NULL);
}

/* ---- points ----------------------------------------------------------------------------------- */

static void decode(const struct sim_sweep *sweep, const struct sim_sweep_group *group, uint64_t index,
                   const struct sim_sweep_value **value) {
    if (group->kind == SIM_SWEEP_AXIS)
        value[group->axis] = &sweep->axis[group->axis]->value[index];
    for (uint32_t i = group->children; i-- > 0;) {
        const struct sim_sweep_group *child = group->child[i];
        decode(sweep, child, group->kind == SIM_SWEEP_ZIP ? index : index % child->count, value);
        if (group->kind == SIM_SWEEP_PRODUCT)
            index /= child->count;
    }
}

void sim_sweep_values(const struct sim_sweep *sweep, uint64_t candidate,
                      const struct sim_sweep_value **value) {
    if (sweep->group != NULL)
        decode(sweep, sweep->group, candidate, value);
}

uint32_t sim_sweep_candidate(const struct sim_sweep *sweep, uint64_t index) {
    return sweep->point != NULL ? sweep->point[index] : (uint32_t)index;
}

/* Tells at which values an expression has no value. */
static bool no_value(const struct sim_sweep *sweep, const struct sim_node *node,
                     const struct sim_sweep_value **value, struct sim_err *err) {
    char at[256] = "", quote[SIM_QUOTE_SIZE];
    size_t used = 0;
    for (uint32_t i = 0; i < sweep->axes && used < sizeof at; i++)
        used += (size_t)snprintf(at + used, sizeof at - used, "%s%s = %s", i == 0 ? "" : ", ",
                                 sweep->axis[i]->name, value[i]->shown);
    return sim_err_add(err, SIM_EXIT_CONFIG, &node->where,
                       "constraint '%s': is neither true nor false for %s", sim_quote(quote, node->text), at);
}

static bool keep_points(struct sim_sweep *sweep, struct sim_sweep_expr **expr, const struct sim_node *list,
                        struct sim_err *err) {
    const struct sim_sweep_value *value[SIM_SWEEP_AXES_MAX];
    sweep->point = SIM_NEW_ARRAY(&sweep->arena, uint32_t, sweep->candidates);
    sweep->points = 0;
    for (uint64_t candidate = 0; candidate < sweep->candidates; candidate++) {
        sim_sweep_values(sweep, candidate, value);
        double truth = 1;
        for (uint32_t i = 0; i < list->count && truth != 0; i++)
            if (!sim_sweep_expr_value(expr[i], value, &truth))
                return no_value(sweep, list->item[i].value, value, err);
        if (truth != 0)
            sweep->point[sweep->points++] = (uint32_t)candidate;
    }
    return true;
}

static bool constrain(struct sim_sweep *sweep, struct sim_err *err) {
    const struct sim_node *list = sim_node_get(sweep->root, "constraints");
    const char *name[SIM_SWEEP_AXES_MAX];
    if (list == NULL)
        return true;
    if (list->kind != SIM_NODE_SEQUENCE)
        return sim_err_add(err, SIM_EXIT_CONFIG, &list->where,
                           "sweep.constraints: a list of expressions is expected");
    for (uint32_t i = 0; i < sweep->axes; i++)
        name[i] = sweep->axis[i]->name;
    struct sim_sweep_expr **expr = SIM_NEW_ARRAY(&sweep->arena, struct sim_sweep_expr *, list->count + 1);
    bool good = true;
    for (uint32_t i = 0; i < list->count && !sim_err_full(err); i++) {
        const struct sim_node *node = list->item[i].value;
        if (node->kind != SIM_NODE_SCALAR)
            sim_err_add(err, SIM_EXIT_CONFIG, &node->where, "constraint: an expression is expected");
        else
            expr[i] = sim_sweep_expr_new(node->text, name, sweep->axes, "constraint", &node->where, err);
        good &= expr[i] != NULL;
    }
    good = good && keep_points(sweep, expr, list, err);
    for (uint32_t i = 0; i < list->count; i++)
        sim_sweep_expr_free(expr[i]);
    if (good && sweep->points == 0)
        good = sim_err_add(err, SIM_EXIT_CONFIG, &list->where,
                           "sweep: no candidate of %llu meets the constraints",
                           (unsigned long long)sweep->candidates);
    return good;
}

const char *sim_sweep_traffic_key(const char *path) {
    static const char front[] = "traffic.";
    return strncmp(path, front, sizeof front - 1) == 0 ? path + sizeof front - 1 : NULL;
}

/* None of the settings has the key of an axis. */
static bool is_free(const struct sim_sweep *sweep, const struct sim_sweep_setting *list, uint32_t count,
                    const char *key, uint32_t axis, struct sim_err *err) {
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(list[i].key, key) == 0)
            return sim_err_add(err, SIM_EXIT_CONFIG, &list[i].where, "sweep: '%s' is also an axis ('%s')",
                               key, sweep->axis[axis]->name);
    return true;
}

/* A fixed setting whose key is an axis too would be overruled in silence. */
static bool check_settings(const struct sim_sweep *sweep, struct sim_err *err) {
    bool good = true;
    for (uint32_t a = 0; a < sweep->axes; a++)
        for (uint32_t k = 0; k < sweep->axis[a]->keys; k++) {
            const struct sim_sweep_key *key = sweep->axis[a]->key[k];
            const char *traffic = sim_sweep_traffic_key(key->path);
            if (key->option)
                good = is_free(sweep, sweep->option, sweep->options, key->path, a, err) && good;
            else if (traffic != NULL)
                good = is_free(sweep, sweep->traffic, sweep->traffics, traffic, a, err) && good;
            else
                good = is_free(sweep, sweep->set, sweep->sets, key->path, a, err) && good;
        }
    return good;
}

bool sim_sweep_bind(struct sim_sweep *sweep, const struct sim_sweep_key *key, uint32_t keys,
                    struct sim_err *err) {
    struct sim_sweep_binding binding = {.sweep = sweep, .key = key, .keys = keys, .err = err};
    const struct sim_node *list = sim_node_get(sweep->root, "axes");
    sweep->candidates = 1;
    if (list != NULL) {
        sweep->group = list_group(&binding, SIM_SWEEP_PRODUCT, list, 0);
        if (sweep->group == NULL)
            return false;
        sweep->candidates = sweep->group->count;
    }
    sweep->points = sweep->candidates;
    return check_settings(sweep, err) && constrain(sweep, err);
}

/* ---- identity --------------------------------------------------------------------------------- */

static void hash_text(XXH3_state_t *state, const char *text) {
    XXH3_128bits_update(state, text == NULL ? "" : text, text == NULL ? 1 : strlen(text) + 1);
}

static void hash_number(XXH3_state_t *state, uint64_t number) {
    char text[32];
    snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    hash_text(state, text);
}

static void hash_group(XXH3_state_t *state, const struct sim_sweep *sweep,
                       const struct sim_sweep_group *group) {
    hash_number(state, group->kind);
    hash_number(state, group->children);
    for (uint32_t i = 0; i < group->children; i++)
        hash_group(state, sweep, group->child[i]);
    if (group->kind != SIM_SWEEP_AXIS)
        return;
    const struct sim_sweep_axis *axis = sweep->axis[group->axis];
    hash_text(state, axis->name);
    hash_number(state, axis->keys);
    hash_number(state, axis->values);
    for (uint32_t i = 0; i < axis->keys; i++)
        hash_text(state, axis->key[i]->path);
    for (uint32_t i = 0; i < axis->values; i++)
        hash_text(state, axis->value[i].shown);
}

static void hash_settings(XXH3_state_t *state, const struct sim_sweep_setting *setting, uint32_t settings) {
    hash_number(state, settings);
    for (uint32_t i = 0; i < settings; i++) {
        hash_text(state, setting[i].key);
        hash_text(state, setting[i].value);
    }
}

void sim_sweep_hash(const struct sim_sweep *sweep, char digest[SIM_SWEEP_HASH_SIZE]) {
    XXH3_state_t *state = XXH3_createState();
    XXH3_128bits_reset(state);
    hash_text(state, sweep->model);
    hash_text(state, sweep->version);
    hash_text(state, sweep->compare);
    hash_settings(state, sweep->set, sweep->sets);
    hash_settings(state, sweep->option, sweep->options);
    hash_settings(state, sweep->traffic, sweep->traffics);
    if (sweep->group != NULL)
        hash_group(state, sweep, sweep->group);
    hash_number(state, sweep->points);
    for (uint64_t i = 0; sweep->point != NULL && i < sweep->points; i++)
        XXH3_128bits_update(state, &sweep->point[i], sizeof sweep->point[i]);
    XXH128_hash_t hash = XXH3_128bits_digest(state);
    XXH3_freeState(state);
    snprintf(digest, SIM_SWEEP_HASH_SIZE, "%016llx%016llx", (unsigned long long)hash.high64,
             (unsigned long long)hash.low64);
}

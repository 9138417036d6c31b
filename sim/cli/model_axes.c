/* SPDX-License-Identifier: MIT
 *
 * A request to a model as a sweep: the ranges of --over are its axes; see model.h.
 */
#include "sim/cli/model.h"

#include <string.h>

static const struct sim_where over_place = {"--over", 0, 0}, version_place = {"--version", 0, 0};

/* "A..B/N" or "A..B*N" as the mapping of a sweep's axis; NULL when the text is not of this form. */
static struct sim_node *span_node(const char *text, bool *logarithmic, struct sim_arena *arena) {
    const char *dots = strstr(text, ".."), *sign = NULL;
    for (const char *c = text; dots != NULL && *c != '\0'; c++)
        if (*c == '/' || *c == '*')
            sign = c;
    if (dots == NULL || sign == NULL || sign < dots)
        return NULL;
    *logarithmic = *sign == '*';
    struct sim_node *node = sim_node_new(SIM_NODE_MAPPING, &over_place, arena);
    const char *part[] = {sim_arena_format(arena, "%.*s", (int)(dots - text), text),
                          sim_arena_format(arena, "%.*s", (int)(sign - dots - 2), dots + 2),
                          sim_arena_format(arena, "%s", sign + 1)};
    static const char *const key[] = {"from", "to", "count"};
    for (int i = 0; i < 3; i++)
        sim_node_append(node, key[i], &over_place, sim_node_scalar(part[i], &over_place, arena), arena);
    return node;
}

static struct sim_node *list_node(const char *text, struct sim_arena *arena) {
    struct sim_node *node = sim_node_new(SIM_NODE_SEQUENCE, &over_place, arena);
    for (;;) {
        size_t length = strcspn(text, ",");
        const char *item = sim_arena_format(arena, "%.*s", (int)length, text);
        sim_node_append(node, NULL, &over_place, sim_node_scalar(item, &over_place, arena), arena);
        if (text[length] == '\0')
            return node;
        text += length + 1;
    }
}

static bool add_axis(struct sim_node *axes, const char *over, struct sim_arena *arena, struct sim_err *err) {
    const char *equal = strchr(over, '=');
    bool logarithmic = false;
    if (equal == NULL || equal == over || equal[1] == '\0')
        return sim_err_add(err, SIM_EXIT_USAGE, &over_place, "takes KEY=RANGE, not '%s'", over);
    struct sim_node *axis = sim_node_new(SIM_NODE_MAPPING, &over_place, arena);
    const char *key = sim_arena_format(arena, "%.*s", (int)(equal - over), over);
    struct sim_node *span = span_node(equal + 1, &logarithmic, arena);
    sim_node_append(axis, "key", &over_place, sim_node_scalar(key, &over_place, arena), arena);
    if (span != NULL)
        sim_node_append(axis, logarithmic ? "log" : "range", &over_place, span, arena);
    else
        sim_node_append(axis, "values", &over_place, list_node(equal + 1, arena), arena);
    sim_node_append(axes, NULL, &over_place, axis, arena);
    return true;
}

bool model_make_sweep(struct model_request *request, struct sim_sweep *sweep, struct sim_err *err) {
    *sweep = (struct sim_sweep){.file = "command line",
                                .name = request->name,
                                .model = request->name,
                                .version = request->version,
                                .model_where = version_place,
                                .set = request->set,
                                .sets = request->sets};
    sim_arena_init(&sweep->arena);
    struct sim_node *root = sim_node_new(SIM_NODE_MAPPING, &over_place, &sweep->arena);
    struct sim_node *axes = sim_node_new(SIM_NODE_SEQUENCE, &over_place, &sweep->arena);
    bool good = true;
    for (uint32_t i = 0; i < request->overs; i++)
        good = add_axis(axes, request->over[i], &sweep->arena, err) && good;
    if (request->overs > 0)
        sim_node_append(root, "axes", &over_place, axes, &sweep->arena);
    sweep->root = root;
    return good;
}

/* SPDX-License-Identifier: MIT
 *
 * From the attributes of a layer to its shape and projections.
 *
 * Understood here, in the JSON object of a layer:
 *   shape                     input, dense, identity: how its neurons stand, [C, R, K], [R, K] or [N]
 *   kernel stride padding     windows: an integer, or [rows, columns]
 *   channels groups           convolutions
 *   scale                     pooling and identity: the weight of every synapse, 1 if not given
 *   ones                      input: how many of its neurons, at the end, are ones
 *   form                      products: scores, values
 *   operator                  hosts: what they compute (host_layer.h)
 *   shortcuts                 one object for each operand after the first: its "kind" and the keys above
 * Other keys are other readers' business, but not inside a shortcut.
 */
#include "sim/graph/graph.h"

#include "sim/graph/host_layer.h"

#include <jansson.h>
#include <stdarg.h>
#include <string.h>

#define SIDE_MAX (1u << 24)

/* A layer being connected. */
struct reader {
    char *fault;
    size_t size;
};

static bool complain(const struct reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static bool complain(const struct reader *reader, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reader->fault, reader->size, format, arguments);
    va_end(arguments);
    return false;
}

/* An integer attribute within min .. max; `value` stays when it is not given. */
static bool read_integer(const struct reader *reader, const json_t *object, const char *key, int64_t min,
                         int64_t max, int64_t *value) {
    const json_t *item = json_object_get(object, key);
    if (item == NULL)
        return true;
    if (!json_is_integer(item) || json_integer_value(item) < min || json_integer_value(item) > max)
        return complain(reader, "attribute '%s' is not an integer from %lld to %lld", key, (long long)min,
                        (long long)max);
    *value = json_integer_value(item);
    return true;
}

/* The neurons of an input layer that spike in every timestep of a token. */
static bool read_ones(const struct reader *reader, const json_t *object, struct sim_layer *layer) {
    int64_t ones = 0;
    if (!read_integer(reader, object, "ones", 0, layer->neurons, &ones))
        return false;
    layer->ones = (uint32_t)ones;
    return true;
}

/* An integer for both axes, or [rows, columns]. */
static bool read_pair(const struct reader *reader, const json_t *object, const char *key, uint32_t min,
                      uint32_t *rows, uint32_t *cols) {
    const json_t *item = json_object_get(object, key);
    if (item == NULL)
        return true;
    const json_t *pair[2] = {item, item};
    if (json_is_array(item) && json_array_size(item) == 2)
        pair[0] = json_array_get(item, 0), pair[1] = json_array_get(item, 1);
    uint32_t *side[2] = {rows, cols};
    for (int i = 0; i < 2; i++) {
        if (!json_is_integer(pair[i]) || json_integer_value(pair[i]) < min ||
            json_integer_value(pair[i]) > SIDE_MAX)
            return complain(reader, "attribute '%s' is not an integer or [rows, columns] from %u to %u", key,
                            min, SIDE_MAX);
        *side[i] = (uint32_t)json_integer_value(pair[i]);
    }
    return true;
}

/* "shape": one to three sides whose product is the number of neurons. */
static bool read_shape(const struct reader *reader, const json_t *object, uint32_t neurons,
                       struct sim_shape *shape) {
    const json_t *item = json_object_get(object, "shape");
    *shape = (struct sim_shape){neurons, 1, 1};
    if (item == NULL)
        return true;
    size_t sides = json_is_array(item) ? json_array_size(item) : 0;
    uint32_t side[3] = {1, 1, 1};
    uint64_t product = sides >= 1 && sides <= 3;
    for (size_t i = 0; i < sides && product > 0; i++) {
        int64_t value = json_integer_value(json_array_get(item, i));
        product = value >= 1 && value <= SIDE_MAX ? product * (uint64_t)value : 0;
        product = product <= SIDE_MAX ? product : 0;
        side[sides == 1 ? 0 : 3 - sides + i] = (uint32_t)value;
    }
    if (product != neurons)
        return complain(reader, "attribute 'shape' is not one to three sides whose product is %u neurons",
                        neurons);
    *shape = (struct sim_shape){side[0], side[1], side[2]};
    return true;
}

/* Positions of a window along an axis; 0 when it does not fit. */
static uint32_t positions(uint32_t in, uint32_t pad, uint32_t kernel, uint32_t stride) {
    uint64_t room = (uint64_t)in + 2 * (uint64_t)pad;
    return room < kernel ? 0 : (uint32_t)((room - kernel) / stride) + 1;
}

/* Whether a grid has at most SIM_LAYER_NEURONS_MAX places; its channels do not exceed that. */
static bool fits(uint32_t channels, uint32_t rows, uint32_t cols) {
    uint64_t plane = (uint64_t)rows * cols;
    return plane <= SIM_LAYER_NEURONS_MAX && plane * channels <= SIM_LAYER_NEURONS_MAX;
}

/* The keys of a window. */
static bool read_window(const struct reader *reader, const json_t *object, enum sim_layer_kind kind,
                        struct sim_projection *p) {
    const struct sim_layer_kind_info *info = &sim_layer_kinds[kind];
    bool identity = kind == SIM_LAYER_IDENTITY;
    int64_t channels = info->weighted ? 0 : p->in.channels, groups = 1, scale = 1;
    p->kernel_rows = p->kernel_cols = identity;
    if (!identity && !read_pair(reader, object, "kernel", 1, &p->kernel_rows, &p->kernel_cols))
        return false;
    if (p->kernel_rows == 0)
        return complain(reader, "kind '%s' needs the attribute 'kernel'", info->name);
    p->stride_rows = kind == SIM_LAYER_AVGPOOL || kind == SIM_LAYER_MAXPOOL ? p->kernel_rows : 1;
    p->stride_cols = kind == SIM_LAYER_AVGPOOL || kind == SIM_LAYER_MAXPOOL ? p->kernel_cols : 1;
    if (!read_pair(reader, object, "stride", 1, &p->stride_rows, &p->stride_cols) ||
        !read_pair(reader, object, "padding", 0, &p->pad_rows, &p->pad_cols) ||
        !read_integer(reader, object, "channels", 1, SIDE_MAX, &channels) ||
        !read_integer(reader, object, "groups", 1, SIDE_MAX, &groups) ||
        !read_integer(reader, object, "scale", -128, 127, &scale))
        return false;
    if (p->pad_rows >= p->kernel_rows || p->pad_cols >= p->kernel_cols)
        return complain(reader, "padding %u x %u is not smaller than the kernel of %u x %u", p->pad_rows,
                        p->pad_cols, p->kernel_rows, p->kernel_cols);
    if (channels == 0)
        return complain(reader, "kind '%s' needs the attribute 'channels'", info->name);
    if (info->per_channel && (identity ? channels < p->in.channels : channels != p->in.channels))
        return complain(reader, "%lld channels for an operand of %u: kind '%s' keeps them%s",
                        (long long)channels, p->in.channels, info->name,
                        identity ? ", or adds silent ones" : "");
    if (info->per_channel && json_object_get(object, "groups") != NULL)
        return complain(reader, "kind '%s' has no attribute 'groups'", info->name);
    if (kind == SIM_LAYER_MAXPOOL && json_object_get(object, "scale") != NULL)
        return complain(reader, "kind '%s' has no attribute 'scale'", info->name);
    p->groups = info->per_channel ? p->in.channels : (uint32_t)groups;
    p->reached = info->per_channel ? p->in.channels : (uint32_t)channels;
    if (p->in.channels % p->groups != 0 || p->reached % p->groups != 0)
        return complain(reader, "%u groups do not divide %u channels of the operand and %u of the layer",
                        p->groups, p->in.channels, p->reached);
    p->scale = (int32_t)scale;
    p->out = (struct sim_shape){(uint32_t)channels,
                                positions(p->in.rows, p->pad_rows, p->kernel_rows, p->stride_rows),
                                positions(p->in.cols, p->pad_cols, p->kernel_cols, p->stride_cols)};
    if (p->out.rows == 0 || p->out.cols == 0)
        return complain(reader, "a kernel of %u x %u does not fit into the operand's %u x %u", p->kernel_rows,
                        p->kernel_cols, p->in.rows, p->in.cols);
    if (!fits(p->out.channels, p->out.rows, p->out.cols) ||
        !fits(p->in.channels / p->groups, p->kernel_rows, p->kernel_cols))
        return complain(reader, "more than %u neurons, or inputs of a neuron", SIM_LAYER_NEURONS_MAX);
    return true;
}

/* The projection of one operand, described by `object` (NULL: no attributes). */
static bool connect_operand(const struct reader *reader, struct sim_graph *graph, uint32_t id, uint32_t port,
                            enum sim_layer_kind kind, const json_t *object) {
    const struct sim_layer *layer = &graph->layer[id];
    struct sim_projection *p = &layer->projection[port];
    *p = (struct sim_projection){.source = layer->operand[port],
                                 .in = graph->layer[layer->operand[port]].shape,
                                 .full = sim_layer_kinds[kind].full,
                                 .weighted = sim_layer_kinds[kind].weighted,
                                 .groups = 1};
    if (!p->full)
        return read_window(reader, object, kind, p);
    p->out = port > 0 ? layer->shape : (struct sim_shape){layer->neurons, 1, 1};
    p->reached = p->out.channels;
    return true;
}

static bool known_in_shortcut(const char *key) {
    static const char *const keys[] = {"kind", "kernel", "stride", "padding", "channels", "groups", "scale"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(key, keys[i]) == 0)
            return true;
    return false;
}

static bool connect_shortcut(const struct reader *reader, struct sim_graph *graph, uint32_t id, uint32_t port,
                             json_t *object) {
    const struct sim_layer *layer = &graph->layer[id];
    const char *kind = json_string_value(json_object_get(object, "kind")), *key;
    const json_t *value;
    if (kind == NULL)
        return complain(reader, "shortcut %u needs a 'kind'", port - 1);
    json_object_foreach(object, key, value) if (!known_in_shortcut(key))
        return complain(reader, "shortcut %u has the unknown key '%.64s'", port - 1, key);
    for (int k = SIM_LAYER_INPUT + 1; k < SIM_LAYER_KIND_COUNT; k++) {
        if (k == SIM_LAYER_MAXPOOL || k == SIM_LAYER_HOST || k == SIM_LAYER_PRODUCT ||
            strcmp(kind, sim_layer_kinds[k].name) != 0)
            continue;
        if (!connect_operand(reader, graph, id, port, (enum sim_layer_kind)k, object))
            return false;
        const struct sim_projection *p = &layer->projection[port];
        if (p->out.channels != layer->shape.channels || p->out.rows != layer->shape.rows ||
            p->out.cols != layer->shape.cols)
            return complain(reader, "shortcut %u makes %u x %u x %u and the layer has %u x %u x %u", port - 1,
                            p->out.channels, p->out.rows, p->out.cols, layer->shape.channels,
                            layer->shape.rows, layer->shape.cols);
        if (p->weighted && p->full != layer->projection[0].full)
            return complain(reader, "shortcut %u of kind '%s' at a layer of kind '%s': their weights differ",
                            port - 1, kind, sim_layer_kinds[layer->kind].name);
        return true;
    }
    return complain(reader,
                    "shortcut %u has the unknown kind '%.64s': known are dense, conv, avgpool, identity",
                    port - 1, kind);
}

/* Where the weights of each operand begin. */
static void bind_weights(struct sim_layer *layer) {
    size_t row = 0;
    for (uint32_t port = 0; port < layer->operands; port++) {
        struct sim_projection *p = &layer->projection[port];
        if (p->weighted && layer->weight != NULL)
            p->weight = layer->weight + row * layer->cols;
        row += sim_projection_rows(p);
    }
}

static bool is_grid(const struct reader *reader, const char *what, struct sim_shape s, uint32_t rows,
                    uint32_t cols) {
    return (s.channels <= 2 && s.rows == rows && s.cols == cols) ||
           complain(reader, "%s stands on %u x %u x %u: a product needs 1 or 2 x %u heads x %u %s", what,
                    s.channels, s.rows, s.cols, rows, cols, "(attribute 'shape')");
}

/* The two operands of a product: one is streamed along its row; one loads, along its row or its column. */
static bool connect_product(const struct reader *reader, struct sim_graph *graph, uint32_t id,
                            const json_t *object) {
    struct sim_layer *layer = &graph->layer[id];
    const char *form = json_string_value(json_object_get(object, "form"));
    if (form == NULL || (strcmp(form, "scores") != 0 && strcmp(form, "values") != 0))
        return complain(reader, "a product needs the attribute 'form': \"scores\" or \"values\"");
    if (graph->window == 0)
        return complain(reader, "a product works on token windows: meta 'window' is not given");
    layer->scores = strcmp(form, "scores") == 0;
    struct sim_shape out = layer->shape, streamed = graph->layer[layer->operand[0]].shape,
                     loaded = graph->layer[layer->operand[1]].shape;
    if (!is_grid(reader, "the layer", out, out.rows, layer->scores ? graph->tokens : out.cols) ||
        !is_grid(reader, "operand 0", streamed, out.rows, layer->scores ? streamed.cols : graph->tokens) ||
        !is_grid(reader, "operand 1", loaded, out.rows, layer->scores ? streamed.cols : out.cols))
        return false;
    struct sim_projection p = {.source = layer->operand[0], .in = streamed, .out = out, .row = true,
                               .groups = 1, .reached = out.channels};
    layer->projection[0] = p;
    p.source = layer->operand[1];
    p.in = loaded;
    p.loads = true;
    p.row = layer->scores;
    p.kernel_rows = p.kernel_cols = p.stride_rows = p.stride_cols = 1;
    layer->projection[1] = p;
    return true;
}

static bool connect(const struct reader *reader, struct sim_graph *graph, uint32_t id, const json_t *object) {
    struct sim_layer *layer = &graph->layer[id];
    struct sim_shape given;
    if (!read_shape(reader, object, layer->neurons, &given))
        return false;
    layer->shape = given;
    if (layer->kind == SIM_LAYER_INPUT)
        return read_ones(reader, object, layer);
    if (layer->kind == SIM_LAYER_HOST)
        return json_object_get(object, "operator") == NULL ||
               sim_host_layer_read(graph, id, object, reader->fault, reader->size);
    layer->projection = SIM_NEW_ARRAY(&graph->arena, struct sim_projection, layer->operands);
    if (layer->kind == SIM_LAYER_PRODUCT)
        return connect_product(reader, graph, id, object);
    if (!connect_operand(reader, graph, id, 0, layer->kind, object))
        return false;
    struct sim_projection *first = &layer->projection[0];
    if (first->full) {
        first->out = given;
        first->reached = given.channels;
    } else {
        uint32_t made = sim_shape_neurons(first->out);
        if (made != layer->neurons || (json_object_get(object, "shape") != NULL &&
                                       memcmp(&given, &first->out, sizeof given) != 0))
            return complain(reader, "%u neurons%s: its windows make %u x %u x %u", layer->neurons,
                            made == layer->neurons ? " of another shape" : "", first->out.channels,
                            first->out.rows, first->out.cols);
        layer->shape = first->out;
    }
    json_t *shortcuts = json_object_get(object, "shortcuts");
    size_t count = json_array_size(shortcuts);
    if (count + 1 != layer->operands || (shortcuts != NULL && !json_is_array(shortcuts)))
        return complain(reader, "%u operands (edges) and %zu 'shortcuts': one less is needed",
                        layer->operands, count);
    for (uint32_t port = 1; port < layer->operands; port++)
        if (!connect_shortcut(reader, graph, id, port, json_array_get(shortcuts, port - 1)))
            return false;
    bind_weights(layer);
    return true;
}

bool sim_layer_connect(struct sim_graph *graph, uint32_t id, char *fault, size_t size) {
    const char *text = graph->layer[id].attributes;
    struct reader reader = {.fault = fault, .size = size};
    if (text == NULL)
        return connect(&reader, graph, id, NULL);
    if (strlen(text) > SIM_LAYER_ATTRIBUTES_MAX)
        return complain(&reader, "attributes are longer than %u bytes", SIM_LAYER_ATTRIBUTES_MAX);
    json_error_t error;
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    bool sound;
    if (object == NULL)
        sound = complain(&reader, "attributes are not valid JSON: %s", error.text);
    else if (!json_is_object(object))
        sound = complain(&reader, "attributes are not a JSON object");
    else
        sound = connect(&reader, graph, id, object);
    json_decref(object);
    return sound;
}

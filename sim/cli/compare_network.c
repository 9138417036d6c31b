/* SPDX-License-Identifier: MIT
 *
 * Networks for nocsim compare; see compare_network.h.
 */
#include "sim/cli/compare_network.h"

#include "sim/base/table.h"
#include "sim/base/number.h"
#include "sim/config/bind.h"
#include "sim/config/quantity.h"
#include "sim/config/registry.h"
#include "sim/config/yaml.h"

#include <math.h>

#define LAYER struct compare_network_layer
#define SIDE_MAX 65536u
#define REPEAT_MAX 16777216u

static const char *const kinds[] = {"dense", "conv", "avgpool", NULL};

static const struct sim_param layer_params[] = {
    SIM_PARAM_TEXT(LAYER, name, NULL, "of the layer, for people"),
    SIM_PARAM_CHOICE(LAYER, kind, kinds, "dense", "dense, conv or avgpool"),
    SIM_PARAM_UINT(LAYER, fan_in, 0, ARCH_DUAL_LAYER_INPUTS_MAX, "0", "dense: inputs of a neuron"),
    SIM_PARAM_UINT(LAYER, fan_out, 0, 65536, "0", "dense: neurons that share these inputs"),
    SIM_PARAM_UINT(LAYER, repeat, 1, REPEAT_MAX, "1", "dense: times that the layer is worked off, as tokens"),
    SIM_PARAM_UINT(LAYER, inputs, 0, SIDE_MAX, "0", "conv: channels of the map that it reads"),
    SIM_PARAM_UINT(LAYER, channels, 0, SIDE_MAX, "0", "conv, avgpool: channels of the layer"),
    SIM_PARAM_UINT(LAYER, rows, 0, SIDE_MAX, "0", "conv, avgpool: rows of the map that is read"),
    SIM_PARAM_UINT(LAYER, cols, 0, SIDE_MAX, "0", "conv, avgpool: columns of the map that is read"),
    SIM_PARAM_UINT(LAYER, kernel, 0, SIDE_MAX, "0", "conv, avgpool: side of the window"),
    SIM_PARAM_UINT(LAYER, stride, 0, SIDE_MAX, "0",
                   "conv, avgpool: from window to window; 0: 1, of pooling kernel"),
    SIM_PARAM_UINT(LAYER, padding, 0, SIDE_MAX, "0",
                   "conv, avgpool: rows and columns of nothing around the map"),
};

static bool is_dense(const LAYER *layer) { return layer->kind == COMPARE_NETWORK_DENSE; }

/* The keys that a kind needs are given, and no others. */
static bool check_keys(const LAYER *layer, const struct sim_where *where, struct sim_err *err) {
    bool dense = is_dense(layer), conv = layer->kind == COMPARE_NETWORK_CONV;
    const struct {
        const char *key;
        uint32_t value;
        bool needed, allowed;
    } keys[] = {{"fan_in", layer->fan_in, dense, dense},     {"fan_out", layer->fan_out, dense, dense},
                {"inputs", layer->inputs, conv, conv},       {"channels", layer->channels, !dense, !dense},
                {"rows", layer->rows, !dense, !dense},       {"cols", layer->cols, !dense, !dense},
                {"kernel", layer->kernel, !dense, !dense},   {"stride", layer->stride, false, !dense},
                {"padding", layer->padding, false, !dense}};
    char quote[SIM_QUOTE_SIZE];
    bool sound = true;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i].value == 0 ? keys[i].needed : !keys[i].allowed)
            sound = sim_err_add(err, SIM_EXIT_CONFIG, where, "layer '%s' of kind %s %s %s%s",
                                sim_quote(quote, layer->name), kinds[layer->kind],
                                keys[i].needed ? "needs" : "has no", keys[i].key,
                                keys[i].needed ? ", at least 1" : "");
    return sound;
}

static bool check_layer(const void *spec, const struct sim_where *where, struct sim_err *err) {
    const LAYER *layer = spec;
    char quote[SIM_QUOTE_SIZE];
    if (!check_keys(layer, where, err))
        return false;
    if (is_dense(layer))
        return true;
    if (layer->repeat != 1)
        return sim_err_add(err, SIM_EXIT_CONFIG, where, "layer '%s' of kind %s has no repeat",
                           sim_quote(quote, layer->name), kinds[layer->kind]);
    if (layer->padding >= layer->kernel)
        return sim_err_add(err, SIM_EXIT_CONFIG, where, "layer '%s': padding (%u) must be below kernel (%u)",
                           sim_quote(quote, layer->name), layer->padding, layer->kernel);
    if (layer->kernel > layer->rows + 2 * layer->padding || layer->kernel > layer->cols + 2 * layer->padding)
        return sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "layer '%s': a window of %u x %u is larger than the padded map",
                           sim_quote(quote, layer->name), layer->kernel, layer->kernel);
    if ((uint64_t)layer->inputs * layer->kernel * layer->kernel > ARCH_DUAL_LAYER_INPUTS_MAX ||
        (uint64_t)layer->kernel * layer->kernel > ARCH_DUAL_LAYER_INPUTS_MAX)
        return sim_err_add(err, SIM_EXIT_CONFIG, where, "layer '%s': a window has more than %u inputs",
                           sim_quote(quote, layer->name), ARCH_DUAL_LAYER_INPUTS_MAX);
    if ((uint64_t)layer->rows * layer->cols * (layer->inputs == 0 ? layer->channels : 1) > REPEAT_MAX)
        return sim_err_add(err, SIM_EXIT_CONFIG, where, "layer '%s' has more than %u windows",
                           sim_quote(quote, layer->name), REPEAT_MAX);
    return true;
}

static const struct sim_schema layer_schema = {
    .name = "compare.network_layer",
    .help = "A layer of a network by its shape.",
    .size = sizeof(struct compare_network_layer),
    SIM_SCHEMA_PARAMS(layer_params),
    .check = check_layer,
};

static const struct sim_param params[] = {
    SIM_PARAM_TEXT(struct compare_network, name, "network", "of the network, for people"),
    SIM_PARAM_TEXT(struct compare_network, description, "", "one line"),
    SIM_PARAM_LIST(struct compare_network, layers, layer_count, &layer_schema, "its layers"),
};

static bool check(const void *spec, const struct sim_where *where, struct sim_err *err) {
    return ((const struct compare_network *)spec)->layer_count > 0 ||
           sim_err_add(err, SIM_EXIT_CONFIG, where, "compare.network: it has no layers");
}

const struct sim_schema compare_network_schema = {
    .name = "compare.network",
    .help = "A network by the shapes of its layers, for nocsim compare --network.",
    .role = "network shape",
    .size = sizeof(struct compare_network),
    SIM_SCHEMA_PARAMS(params),
    .check = check,
};

/* ---- windows ---------------------------------------------------------------------------------- */

static uint32_t stride_of(const LAYER *layer) {
    if (layer->stride != 0)
        return layer->stride;
    return layer->kind == COMPARE_NETWORK_AVGPOOL ? layer->kernel : 1;
}

/* How many windows along an axis see 1 .. kernel positions of it: count[kernel + 1]. */
static uint32_t *count_windows(const LAYER *layer, uint32_t length, struct sim_arena *arena) {
    uint32_t *count = SIM_NEW_ARRAY(arena, uint32_t, (size_t)layer->kernel + 1), pad = layer->padding;
    for (uint32_t at = 0; at + layer->kernel <= length + 2 * pad; at += stride_of(layer)) {
        uint32_t first = at < pad ? pad - at : 0;
        uint32_t end = at + layer->kernel > length + pad ? length + pad - at : layer->kernel;
        count[end - first]++;
    }
    return count;
}

/* Adds windows to the part of this layer that has as many inputs. */
static void add_part(struct compare_network *network, uint32_t layer, uint32_t fan_in, uint32_t fan_out,
                     uint32_t repeat) {
    for (uint32_t i = 0; i < network->parts; i++)
        if (network->part[i].layer == layer && network->part[i].fan_in == fan_in) {
            network->part[i].repeat += repeat;
            return;
        }
    network->part[network->parts++] = (struct compare_network_part){layer, fan_in, fan_out, repeat};
}

static void add_windows(struct compare_network *network, uint32_t id, struct sim_arena *arena) {
    const LAYER *layer = &network->layers[id];
    bool conv = layer->kind == COMPARE_NETWORK_CONV;
    uint32_t each = conv ? layer->inputs : 1, kernel = layer->kernel;
    uint32_t fan_out = conv ? layer->channels : 1, times = conv ? 1 : layer->channels;
    const uint32_t *rows = count_windows(layer, layer->rows, arena);
    const uint32_t *cols = count_windows(layer, layer->cols, arena);
    for (uint32_t r = kernel; r > 0; r--)
        for (uint32_t c = kernel; c > 0; c--) {
            uint32_t seen = network->whole_windows ? kernel * kernel : r * c;
            if (rows[r] > 0 && cols[c] > 0)
                add_part(network, id, each * seen, fan_out, rows[r] * cols[c] * times);
        }
}

static uint64_t parts_most(const LAYER *layer) {
    uint64_t sides = layer->padding == 0 ? 1 : 1 + layer->kernel;
    return is_dense(layer) ? 1 : sides * sides;
}

static bool list_parts(struct compare_network *network, const char *file, struct sim_arena *arena,
                       struct sim_err *err) {
    uint64_t most = 0;
    struct sim_where where = {.file = file};
    for (uint32_t id = 0; id < network->layer_count; id++)
        most += parts_most(&network->layers[id]);
    if (most > ARCH_DUAL_LAYER_INPUTS_MAX)
        return sim_err_add(err, SIM_EXIT_CONFIG, &where, "its windows have too many shapes");
    network->part = SIM_NEW_ARRAY(arena, struct compare_network_part, most);
    for (uint32_t id = 0; id < network->layer_count; id++) {
        const LAYER *layer = &network->layers[id];
        if (is_dense(layer))
            add_part(network, id, layer->fan_in, layer->fan_out, layer->repeat);
        else if (layer->kind == COMPARE_NETWORK_CONV || !network->whole_windows)
            add_windows(network, id, arena);
    }
    return network->parts > 0 ||
           sim_err_add(err, SIM_EXIT_CONFIG, &where, "with --whole-windows it has no layers but pooling");
}

bool compare_network_load(struct compare_network *network, const char *file, bool whole_windows,
                          struct sim_arena *arena, struct sim_err *err) {
    struct sim_binding binding = {sim_registry, arena, err};
    const struct sim_node *root = sim_yaml_load(file, arena, err);
    if (root == NULL || sim_bind(&binding, &compare_network_schema, root, network) == NULL)
        return false;
    network->whole_windows = whole_windows;
    network->parts = 0;
    return list_parts(network, file, arena, err);
}

/* A part as a layer. */
static struct compare_layer layer_of(const struct compare_network *network, uint32_t i,
                                     const struct compare_layer *common) {
    const struct compare_network_part *part = &network->part[i];
    struct compare_layer layer = *common;
    layer.fan_in = part->fan_in;
    layer.fan_out = part->fan_out;
    layer.pooling = network->layers[part->layer].kind == COMPARE_NETWORK_AVGPOOL;
    layer.seed = common->seed + part->layer;
    return layer;
}

struct compare_result *compare_network_run(const struct compare_chip *chip,
                                           const struct compare_network *network,
                                           const struct compare_layer *layer, struct sim_arena *arena,
                                           struct sim_err *err) {
    struct compare_result *result = SIM_NEW_ARRAY(arena, struct compare_result, network->parts);
    for (uint32_t i = 0; i < network->parts; i++) {
        struct compare_layer own = layer_of(network, i, layer);
        struct sim_where where = {.file = network->layers[network->part[i].layer].name};
        if (!compare_layer_expect(chip, &own, &where, &result[i], err))
            return NULL;
    }
    return result;
}

bool compare_network_crossover(const struct compare_chip *chip, const struct compare_network *network,
                               const struct compare_layer *layer, const char *text, struct sim_arena *arena,
                               struct compare_crossover *crossover, struct sim_err *err) {
    struct compare_layer *part = SIM_NEW_ARRAY(arena, struct compare_layer, network->parts);
    double *repeat = SIM_NEW_ARRAY(arena, double, network->parts);
    for (uint32_t i = 0; i < network->parts; i++) {
        part[i] = layer_of(network, i, layer);
        repeat[i] = network->part[i].repeat;
    }
    return compare_find_crossover(chip, part, repeat, network->parts, text, crossover, err);
}

/* ---- sums ------------------------------------------------------------------------------------- */

#define ALL UINT32_MAX

/* What a layer, or all of them, cost: simulated or by the closed form. */
static double energy_of(const struct compare_network *network, const struct compare_result *result,
                        uint32_t layer, int mode, bool model) {
    double sum = 0;
    for (uint32_t i = 0; i < network->parts; i++) {
        const struct compare_run *run = &result[i].run[mode];
        if (layer == ALL || network->part[i].layer == layer)
            sum += network->part[i].repeat * (model ? run->model_j : run->energy_j);
    }
    return sum;
}

static double ratio(const struct compare_network *network, const struct compare_result *result,
                    uint32_t layer, bool model) {
    double qnn = energy_of(network, result, layer, ARCH_DUAL_QNN, model);
    return qnn > 0 ? energy_of(network, result, layer, ARCH_DUAL_SNN, model) / qnn : NAN;
}

/* ---- output ----------------------------------------------------------------------------------- */

static void energy_cell(struct sim_table *table, double value) {
    char text[48];
    sim_table_cell(table, "%s", sim_quantity_format(text, sizeof text, value, SIM_UNIT_JOULE));
}

static void layer_row(struct sim_table *table, const struct compare_network *network,
                      const struct compare_result *result, uint32_t layer) {
    double inputs = 0, times = 0;
    uint32_t fan_out = 0;
    for (uint32_t i = 0; i < network->parts; i++)
        if (network->part[i].layer == layer) {
            inputs += (double)network->part[i].repeat * network->part[i].fan_in;
            times += network->part[i].repeat;
            fan_out = network->part[i].fan_out;
        }
    if (times == 0)
        return;
    sim_table_cell(table, "%s", network->layers[layer].name);
    sim_table_cell(table, "%s", kinds[network->layers[layer].kind]);
    sim_table_cell(table, "%.*f", fmod(inputs, times) == 0 ? 0 : 1, inputs / times);
    sim_table_cell(table, "%u", fan_out);
    sim_table_cell(table, "%.0f", times);
    energy_cell(table, energy_of(network, result, layer, ARCH_DUAL_SNN, false));
    energy_cell(table, energy_of(network, result, layer, ARCH_DUAL_QNN, false));
    sim_table_cell(table, "%.4f", ratio(network, result, layer, false));
    sim_table_cell(table, "%.4f", ratio(network, result, layer, true));
}

void compare_network_text(const struct compare_network *network, const struct compare_result *result,
                          FILE *out) {
    static const char *const headings[] = {"layer", "kind", "fan-in", "fan-out",    "times",
                                           "SNN",   "QNN",  "ratio",  "closed form"};
    struct sim_table table;
    sim_table_init(&table);
    for (size_t i = 0; i < sizeof headings / sizeof *headings; i++)
        sim_table_column(&table, headings[i], i < 2 ? SIM_TABLE_LEFT : SIM_TABLE_RIGHT);
    for (uint32_t layer = 0; layer < network->layer_count; layer++)
        layer_row(&table, network, result, layer);
    fprintf(out, "Network    %s%s%s\n", network->name, network->description[0] != '\0' ? ": " : "",
            network->description);
    fprintf(out, "Windows    %s\n\n",
            network->whole_windows ? "whole, also at borders; pooling left out"
                                   : "as far as they lie on the map (fan-in: their mean)");
    sim_table_print(&table, 2, out);
    sim_table_release(&table);
    double simulated = ratio(network, result, ALL, false), model = ratio(network, result, ALL, true);
    char snn[48], qnn[48], part[48];
    fprintf(out, "\nEnergy     SNN %s, QNN %s\n",
            sim_quantity_format(snn, sizeof snn, energy_of(network, result, ALL, ARCH_DUAL_SNN, false),
                                SIM_UNIT_JOULE),
            sim_quantity_format(qnn, sizeof qnn, energy_of(network, result, ALL, ARCH_DUAL_QNN, false),
                                SIM_UNIT_JOULE));
    fprintf(out, "Ratio      %.4f simulated, %.4f closed form, deviation %s\n", simulated, model,
            sim_number_percent(part, sizeof part, simulated / model - 1, 2));
}

static json_t *number(double value) { return isfinite(value) ? json_real(value) : json_null(); }

/* One entry for each part. */
static json_t *part_json(const struct compare_network *network, const struct compare_network_part *part,
                         const struct compare_result *result) {
    const LAYER *layer = &network->layers[part->layer];
    json_t *object = json_pack("{s:s, s:s, s:I, s:I, s:I}", "layer", layer->name, "kind", kinds[layer->kind],
                               "fan_in", (json_int_t)part->fan_in, "fan_out", (json_int_t)part->fan_out,
                               "repeat", (json_int_t)part->repeat);
    for (const struct compare_value *value = compare_values; value->name != NULL; value++)
        json_object_set_new(object, value->name, number(value->of(result)));
    return object;
}

json_t *compare_network_json(const struct compare_network *network, const struct compare_result *result) {
    json_t *layers = json_array();
    for (uint32_t i = 0; i < network->parts; i++)
        json_array_append_new(layers, part_json(network, &network->part[i], &result[i]));
    double simulated = ratio(network, result, ALL, false), model = ratio(network, result, ALL, true);
    json_t *root = json_pack("{s:s, s:b, s:o}", "network", network->name, "whole_windows",
                             network->whole_windows, "layers", layers);
    json_object_set_new(root, "ratio", number(simulated));
    json_object_set_new(root, "model_ratio", number(model));
    json_object_set_new(root, "deviation", number(simulated / model - 1));
    json_object_set_new(root, "energy_snn_j",
                        number(energy_of(network, result, ALL, ARCH_DUAL_SNN, false)));
    json_object_set_new(root, "energy_qnn_j",
                        number(energy_of(network, result, ALL, ARCH_DUAL_QNN, false)));
    return root;
}

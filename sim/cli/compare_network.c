/* SPDX-License-Identifier: MIT
 *
 * Networks for nocsim compare; see compare_network.h.
 */
#include "sim/cli/compare_network.h"

#include "sim/bind.h"
#include "sim/quantity.h"
#include "sim/registry.h"
#include "sim/table.h"
#include "sim/yaml.h"

#include <math.h>

static const struct sim_param layer_params[] = {
    SIM_PARAM_TEXT(struct compare_network_layer, name, NULL, "of the layer, for people"),
    SIM_PARAM_UINT(struct compare_network_layer, fan_in, 1, ARCH_DUAL_LAYER_INPUTS_MAX, NULL,
                   "inputs of a neuron"),
    SIM_PARAM_UINT(struct compare_network_layer, fan_out, 1, 65536, NULL, "neurons that share these inputs"),
    SIM_PARAM_UINT(struct compare_network_layer, repeat, 1, 16777216, "1",
                   "times that the layer is worked off: places of a convolution, tokens"),
};

static const struct sim_schema layer_schema = {
    .name = "compare.network_layer",
    .help = "A layer of a network by its shape.",
    .size = sizeof(struct compare_network_layer),
    SIM_SCHEMA_PARAMS(layer_params),
};

static const struct sim_param params[] = {
    SIM_PARAM_TEXT(struct compare_network, name, "network", "of the network, for people"),
    SIM_PARAM_TEXT(struct compare_network, description, "\"\"", "one line"),
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

bool compare_network_load(struct compare_network *network, const char *file, struct sim_arena *arena,
                          struct sim_err *err) {
    const struct sim_node *root = sim_yaml_load(file, arena, err);
    struct sim_binding binding = {sim_registry, arena, err};
    return root != NULL && sim_bind(&binding, &compare_network_schema, root, network) != NULL;
}

struct compare_result *compare_network_run(const struct compare_chip *chip,
                                           const struct compare_network *network,
                                           const struct compare_layer *layer, struct sim_arena *arena,
                                           struct sim_err *err) {
    struct compare_result *result = SIM_NEW_ARRAY(arena, struct compare_result, network->layer_count);
    for (uint32_t i = 0; i < network->layer_count; i++) {
        struct compare_layer own = *layer;
        struct sim_where where = {.file = network->layers[i].name};
        own.fan_in = network->layers[i].fan_in;
        own.fan_out = network->layers[i].fan_out;
        own.seed = layer->seed + i;
        if (!compare_layer_run(chip, &own, &where, &result[i], err))
            return NULL;
    }
    return result;
}

double compare_network_energy(const struct compare_network *network, const struct compare_result *result,
                              int mode, bool model) {
    double sum = 0;
    for (uint32_t i = 0; i < network->layer_count; i++) {
        const struct compare_run *run = &result[i].run[mode];
        sum += network->layers[i].repeat * (model ? run->model_j : run->energy_j);
    }
    return sum;
}

static double ratio(const struct compare_network *network, const struct compare_result *result, bool model) {
    double qnn = compare_network_energy(network, result, ARCH_DUAL_QNN, model);
    return qnn > 0 ? compare_network_energy(network, result, ARCH_DUAL_SNN, model) / qnn : NAN;
}

static void energy_cell(struct sim_table *table, double value) {
    char text[48];
    sim_table_cell(table, "%s", sim_quantity_format(text, sizeof text, value, SIM_UNIT_JOULE));
}

void compare_network_text(const struct compare_network *network, const struct compare_result *result,
                          FILE *out) {
    static const char *const headings[] = {"layer", "fan-in", "fan-out", "times", "SNN",
                                           "QNN",   "ratio",  "closed form"};
    struct sim_table table;
    sim_table_init(&table);
    for (size_t i = 0; i < sizeof headings / sizeof *headings; i++)
        sim_table_column(&table, headings[i], i == 0 ? SIM_TABLE_LEFT : SIM_TABLE_RIGHT);
    for (uint32_t i = 0; i < network->layer_count; i++) {
        const struct compare_network_layer *layer = &network->layers[i];
        sim_table_cell(&table, "%s", layer->name);
        sim_table_cell(&table, "%u", layer->fan_in);
        sim_table_cell(&table, "%u", layer->fan_out);
        sim_table_cell(&table, "%u", layer->repeat);
        energy_cell(&table, layer->repeat * result[i].run[ARCH_DUAL_SNN].energy_j);
        energy_cell(&table, layer->repeat * result[i].run[ARCH_DUAL_QNN].energy_j);
        sim_table_cell(&table, "%.4f", result[i].ratio);
        sim_table_cell(&table, "%.4f", result[i].model_ratio);
    }
    fprintf(out, "Network    %s: %s\n\n", network->name, network->description);
    sim_table_print(&table, 2, out);
    sim_table_release(&table);
    double simulated = ratio(network, result, false), model = ratio(network, result, true);
    char snn[48], qnn[48];
    fprintf(
        out, "\nEnergy     SNN %s, QNN %s\n",
        sim_quantity_format(snn, sizeof snn, compare_network_energy(network, result, ARCH_DUAL_SNN, false),
                            SIM_UNIT_JOULE),
        sim_quantity_format(qnn, sizeof qnn, compare_network_energy(network, result, ARCH_DUAL_QNN, false),
                            SIM_UNIT_JOULE));
    fprintf(out, "Ratio      %.4f simulated, %.4f closed form, deviation %+.2f %%\n", simulated, model,
            100 * (simulated / model - 1));
}

static json_t *number(double value) { return isfinite(value) ? json_real(value) : json_null(); }

json_t *compare_network_json(const struct compare_network *network, const struct compare_result *result) {
    json_t *layers = json_array();
    for (uint32_t i = 0; i < network->layer_count; i++) {
        json_t *layer = json_pack("{s:s, s:I, s:I, s:I}", "layer", network->layers[i].name, "fan_in",
                                  (json_int_t)network->layers[i].fan_in, "fan_out",
                                  (json_int_t)network->layers[i].fan_out, "repeat",
                                  (json_int_t)network->layers[i].repeat);
        for (const struct compare_value *value = compare_values; value->name != NULL; value++)
            json_object_set_new(layer, value->name, number(value->of(&result[i])));
        json_array_append_new(layers, layer);
    }
    double simulated = ratio(network, result, false), model = ratio(network, result, true);
    json_t *root = json_pack("{s:s, s:o}", "network", network->name, "layers", layers);
    json_object_set_new(root, "ratio", number(simulated));
    json_object_set_new(root, "model_ratio", number(model));
    json_object_set_new(root, "deviation", number(simulated / model - 1));
    json_object_set_new(root, "energy_snn_j",
                        number(compare_network_energy(network, result, ARCH_DUAL_SNN, false)));
    json_object_set_new(root, "energy_qnn_j",
                        number(compare_network_energy(network, result, ARCH_DUAL_QNN, false)));
    return root;
}

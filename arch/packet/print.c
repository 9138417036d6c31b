/* SPDX-License-Identifier: MIT
 *
 * Where the network lies on a packet chip, for people (a page) and for scripts (JSON).
 */
#include "arch/layout/placement_print.h"
#include "arch/packet/chip.h"

#include "sim/base/table.h"
#include "sim/base/number.h"

#include <jansson.h>
#include <string.h>

static const char *kind_of(const struct arch_packet_map *map, uint32_t core) {
    if (!map->core[core].spread)
        return "fires";
    return map->core[core].root == core ? "adds and fires" : "partial sums";
}

static void print_layers(const struct arch_packet_map *map, FILE *out) {
    struct sim_table table;
    sim_table_init(&table);
    sim_table_column(&table, "layer", SIM_TABLE_RIGHT);
    sim_table_column(&table, "name", SIM_TABLE_LEFT);
    sim_table_column(&table, "neurons", SIM_TABLE_RIGHT);
    sim_table_column(&table, "cores", SIM_TABLE_RIGHT);
    sim_table_column(&table, "delay", SIM_TABLE_RIGHT);
    sim_table_column(&table, "latency", SIM_TABLE_RIGHT);
    for (uint32_t id = 0; id < map->graph->layers; id++) {
        uint32_t cores = 0;
        for (uint32_t core = 0; core < map->cores; core++)
            cores += map->core[core].layer == id;
        sim_table_cell(&table, "%u", id);
        sim_table_cell(&table, "%s", map->graph->layer[id].name);
        sim_table_cell(&table, "%u", map->graph->layer[id].neurons);
        sim_table_cell(&table, "%u", cores);
        sim_table_cell(&table, "%u", map->layer[id].delay);
        sim_table_cell(&table, "%u", map->layer[id].latency);
    }
    sim_table_print(&table, 2, out);
    sim_table_release(&table);
}

static void print_cores(const struct arch_packet_chip *chip, FILE *out) {
    const struct arch_packet_map *map = chip->map;
    struct sim_table table;
    sim_table_init(&table);
    sim_table_column(&table, "core", SIM_TABLE_RIGHT);
    sim_table_column(&table, "tile", SIM_TABLE_LEFT);
    sim_table_column(&table, "layer", SIM_TABLE_RIGHT);
    sim_table_column(&table, "axons", SIM_TABLE_RIGHT);
    sim_table_column(&table, "neurons", SIM_TABLE_RIGHT);
    sim_table_column(&table, "synapse memory", SIM_TABLE_RIGHT);
    sim_table_column(&table, "does", SIM_TABLE_LEFT);
    sim_table_column(&table, "sends to", SIM_TABLE_RIGHT);
    for (uint32_t i = 0; i < map->cores; i++) {
        const struct arch_packet_core *core = &map->core[i];
        uint32_t tile = i / chip->spec->cores_per_tile, copies = 0;
        for (uint32_t d = 0; d < core->destinations; d++)
            copies += core->destination[d].copies;
        sim_table_cell(&table, "%u", i);
        sim_table_cell(&table, "[%u][%u]", tile / map->cols, tile % map->cols);
        sim_table_cell(&table, "%u", core->layer);
        char text[64] = "";
        for (uint32_t k = 0; k < core->inputs; k++) {
            const struct arch_packet_input *input = &core->input[k];
            size_t used = strlen(text);
            snprintf(text + used, sizeof text - used, "%s%u:%u..%u", k > 0 ? " " : "", input->source,
                     input->first, input->first + input->count - 1);
        }
        sim_table_cell(&table, "%s", text);
        sim_table_cell(&table, "%u..%u", core->first_neuron, core->first_neuron + core->neurons - 1);
        sim_table_cell(
            &table, "%llu B",
            (unsigned long long)(arch_packet_core_synapse_bits(chip->core[i], &chip->capacity) + 7) / 8);
        sim_table_cell(&table, "%s", kind_of(map, i));
        sim_table_cell(&table, "%u", copies);
    }
    sim_table_print(&table, 2, out);
    sim_table_release(&table);
}

void arch_packet_print_text(const struct arch_packet_chip *chip, FILE *out) {
    const struct arch_packet_map *map = chip->map;
    fprintf(
        out,
        "%u core%s on %u of %u tile%s, %u multicast group%s; an output comes %u timestep%s after its input\n"
        "Traffic    %.1f packets x hops expected a timestep\n",
        map->cores, sim_plural(map->cores), chip->base.tiles_used, chip->base.tiles,
        sim_plural(chip->base.tiles), map->groups, sim_plural(map->groups), map->latency,
        sim_plural(map->latency), map->placed.after);
    if (map->spec.placement.strategy != ARCH_PLACEMENT_ORDER)
        arch_placement_print(&map->spec.placement, &map->placed, chip->base.placement.unit, out);
    fputc('\n', out);
    print_layers(map, out);
    fprintf(out, "\n");
    print_cores(chip, out);
}

static json_t *json_inputs(const struct arch_packet_core *core) {
    json_t *inputs = json_array();
    for (uint32_t i = 0; i < core->inputs; i++)
        json_array_append_new(inputs, json_pack("{s:i, s:i, s:i, s:i}", "source", (int)core->input[i].source,
                                                "first", (int)core->input[i].first, "count",
                                                (int)core->input[i].count, "axon", (int)core->input[i].axon));
    return inputs;
}

void arch_packet_print_json(const struct arch_packet_chip *chip, FILE *out) {
    const struct arch_packet_map *map = chip->map;
    json_t *cores = json_array();
    for (uint32_t i = 0; i < map->cores; i++) {
        const struct arch_packet_core *core = &map->core[i];
        uint32_t tile = i / chip->spec->cores_per_tile;
        json_array_append_new(
            cores, json_pack("{s:i, s:i, s:i, s:o, s:i, s:i, s:i, s:I, s:s}", "row", (int)(tile / map->cols),
                             "col", (int)(tile % map->cols), "layer", (int)core->layer, "inputs",
                             json_inputs(core), "axons", (int)core->axons, "first_neuron",
                             (int)core->first_neuron, "neurons", (int)core->neurons, "synapse_bits",
                             (json_int_t)arch_packet_core_synapse_bits(chip->core[i], &chip->capacity),
                             "does", kind_of(map, i)));
    }
    json_t *root =
        json_pack("{s:s, s:i, s:i, s:i, s:i, s:o}", "chip", chip->base.name, "tiles", (int)chip->base.tiles,
                  "tiles_used", (int)chip->base.tiles_used, "latency_timesteps", (int)map->latency, "groups",
                  (int)map->groups, "cores", cores);
    json_object_set_new(root, "placement", arch_placement_json(&map->spec.placement, &map->placed,
                        chip->base.placement.unit));
    json_dumpf(root, out, JSON_INDENT(2));
    fputc('\n', out);
    json_decref(root);
}

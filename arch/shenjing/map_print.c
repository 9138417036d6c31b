/* SPDX-License-Identifier: MIT
 *
 * What the mapper did, for people (a page) and for scripts (JSON).
 */
#include "arch/layout/placement_print.h"
#include "arch/shenjing/chip.h"

#include "sim/base/table.h"
#include "sim/base/number.h"

#include <jansson.h>

static const char port_letter[NOC_PORT_COUNT] = {'N', 'S', 'E', 'W'};

/* An operation in assembler form: "ps send_local E", "spike fire sum", "core acc 0 2". */
static void format_op(char *text, size_t size, uint32_t op) {
    struct noc_ps_control ps = arch_shenjing_op_ps(op);
    struct noc_spike_control spike = arch_shenjing_op_spike(op);
    size_t used = 0;
    text[0] = '\0';
#define PUT(...) (used += (size_t)snprintf(text + used, used < size ? size - used : 0, __VA_ARGS__))
    switch (arch_shenjing_op_class(op)) {
    case ARCH_SHENJING_CLASS_PS:
        PUT("ps");
        if (ps.bypass)
            PUT(" bypass %c", port_letter[ps.in]);
        if (ps.send_sum)
            PUT(" send sum");
        if (ps.send_local)
            PUT(" send local");
        if (ps.bypass || ps.send_sum || ps.send_local)
            PUT(ps.out < NOC_PORT_COUNT ? " to %c" : " to nowhere", port_letter[ps.out % NOC_PORT_COUNT]);
        if (ps.consec)
            PUT(" hold");
        if (ps.add)
            PUT(" add %c", port_letter[ps.in]);
        if (!(ps.bypass || ps.send_sum || ps.send_local || ps.consec || ps.add))
            PUT(" idle");
        break;
    case ARCH_SHENJING_CLASS_SPIKE:
        PUT("spike");
        if (spike.fire)
            PUT(" fire %s", spike.from_sum ? "sum" : "local");
        if (spike.bypass)
            PUT(" bypass %c to %c", port_letter[spike.in], port_letter[spike.out]);
        else if (spike.send)
            PUT(" send to %c", port_letter[spike.out]);
        else if (spike.buffer)
            PUT(" buffer");
        else
            PUT(" receive %c", port_letter[spike.in]);
        break;
    case ARCH_SHENJING_CLASS_CORE:
        PUT("core");
        if (op & 0xff) {
            if (op >> 4 & 15)
                PUT(" load");
            for (unsigned k = 0; k < 4; k++)
                if (op >> 4 >> k & 1)
                    PUT(" %u", k);
            if (op & 15)
                PUT(" accumulate");
            for (unsigned k = 0; k < 4; k++)
                if (op >> k & 1)
                    PUT(" %u", k);
        } else {
            PUT(" stop");
        }
        break;
    default:
        PUT("no operation");
    }
#undef PUT
}

static uint32_t first_group(const struct arch_mapping *map, uint32_t layer) {
    uint32_t g = 0;
    while (g < map->groups && map->group[g].layer != layer)
        g++;
    return g;
}

/* "0..255" of a flat layer, "c0-3 r0-13 k0-13" of a grid. */
static const char *format_box(char *text, size_t size, struct sim_box b, struct sim_shape shape) {
    if (shape.rows == 1 && shape.cols == 1)
        snprintf(text, size, "%u..%u", b.channel, b.channel + b.channels - 1);
    else
        snprintf(text, size, "c%u-%u r%u-%u k%u-%u", b.channel, b.channel + b.channels - 1, b.row,
                 b.row + b.rows - 1, b.col, b.col + b.cols - 1);
    return text;
}

static void print_floor_plan(const struct arch_shenjing_chip *chip, FILE *out) {
    const struct arch_mapping *map = chip->map;
    if (map->cols > 24) {
        fprintf(out, "\n(the floor plan is wider than a screen; --format json has it)\n");
        return;
    }
    fprintf(out, "\nFloor plan (layer.group / group or slice of axons; * = fires; + = forwards only)\n\n");
    for (uint32_t tile = 0; tile < map->rows * map->cols; tile++) {
        char text[32] = ".";
        uint32_t index = map->tile[tile].core;
        if (index != ARCH_NOBODY) {
            const struct arch_core *core = &map->core[index];
            const struct arch_group *group = &map->group[core->group];
            snprintf(text, sizeof text, "%u.%u/%u%s", core->layer,
                     core->group - first_group(map, core->layer),
                     core->external ? index - group->first_core : core->from - first_group(map, core->source),
                     index == arch_root(group) ? "*" : "");
        } else if (map->tile[tile].used) {
            snprintf(text, sizeof text, "+");
        }
        fprintf(out, "  %-9s%s", text, (tile + 1) % map->cols == 0 ? "\n" : "");
    }
}

static void print_groups(const struct arch_shenjing_chip *chip, FILE *out) {
    const struct arch_mapping *map = chip->map;
    struct sim_table table;
    sim_table_init(&table);
    sim_table_column(&table, "layer", SIM_TABLE_LEFT);
    sim_table_column(&table, "neurons", SIM_TABLE_LEFT);
    sim_table_column(&table, "tiles", SIM_TABLE_RIGHT);
    sim_table_column(&table, "sweep", SIM_TABLE_RIGHT);
    sim_table_column(&table, "send", SIM_TABLE_RIGHT);
    sim_table_column(&table, "fire", SIM_TABLE_RIGHT);
    sim_table_column(&table, "drain", SIM_TABLE_RIGHT);
    sim_table_column(&table, "last arrival", SIM_TABLE_RIGHT);
    sim_table_column(&table, "spike hops", SIM_TABLE_RIGHT);
    for (uint32_t g = 0; g < map->groups; g++) {
        const struct arch_group *group = &map->group[g];
        uint32_t last = 0, sweep = map->core[group->first_core].acc;
        for (uint32_t n = group->first_node; n < group->first_node + group->nodes; n++) {
            const struct arch_node *node = &map->node[n];
            last = node->arrival > last ? node->arrival : last;
            last = node->exits && node->exit_arrival > last ? node->exit_arrival : last;
        }
        for (uint32_t k = 0; k < group->cores; k++)
            if (map->core[group->first_core + k].acc < sweep)
                sweep = map->core[group->first_core + k].acc;
        sim_table_cell(&table, "%u %s", group->layer, map->graph->layer[group->layer].name);
        char text[96];
        sim_table_cell(&table, "%s",
                       format_box(text, sizeof text, group->box, map->graph->layer[group->layer].shape));
        sim_table_cell(&table, "%u", group->cores);
        sim_table_cell(&table, "%u", sweep);
        sim_table_cell(&table, "%u", group->send);
        sim_table_cell(&table, "%u", group->fire);
        sim_table_cell(&table, "%u", arch_drain(&map->graph->layer[group->layer]));
        sim_table_cell(&table, "%u", last);
        sim_table_cell(&table, "%u", group->nodes - 1);
    }
    fprintf(out, "\nSchedule of timestep 0 (cycles from the start; the same every %u cycles)\n\n",
            map->period);
    sim_table_print(&table, 2, out);
    sim_table_release(&table);
}

static double synapse_utilisation(const struct arch_mapping *map) {
    uint64_t used = 0;
    for (uint32_t i = 0; i < map->cores; i++)
        used += (uint64_t)map->core[i].axons * map->core[i].neurons;
    return (double)used / ((double)map->cores * map->core_axons * map->core_neurons);
}

static void print_programs(const struct arch_shenjing_chip *chip, FILE *out) {
    const struct arch_mapping *map = chip->map;
    fprintf(out, "\nPrograms (cycle of the loop: operation)\n");
    for (uint32_t tile = 0; tile < map->rows * map->cols; tile++) {
        const struct arch_tile_plan *plan = &map->tile[tile];
        if (!plan->used)
            continue;
        fprintf(out, "\n  tile (%u, %u): %u of %u words\n", tile / map->cols, tile % map->cols, plan->words,
                map->imem_words);
        uint32_t offset = 0;
        for (uint32_t i = 0; i < plan->words; i++) {
            char text[80];
            format_op(text, sizeof text, plan->word[i].op);
            fprintf(out, "    %5u: %s\n", offset, text);
            offset += plan->word[i].gap + 1u;
        }
    }
}

static void print_placement(const struct arch_shenjing_chip *chip, FILE *out) {
    const struct arch_mapping *map = chip->map;
    arch_placement_print(&map->placement, &map->placed, chip->base.placement.unit, out);
    fprintf(out, "           own order in strips of %u row%s: %u spike hops a timestep (%u along the rows)\n",
            map->strip, sim_plural(map->strip), map->hops, map->row_hops);
    if (map->placement.strategy != ARCH_PLACEMENT_ORDER)
        fprintf(out, "           before: %.1f spikes x hops expected a timestep, %.0f partial sums x hops\n",
                map->ordered.spikes, map->ordered.sums);
    fprintf(out, "Traffic    %.1f spikes x hops expected a timestep, %.0f partial sums x hops\n",
            map->expected.spikes, map->expected.sums);
}

void arch_shenjing_print_text(const struct arch_shenjing_chip *chip, FILE *out) {
    const struct arch_mapping *map = chip->map;
    fprintf(out, "Tiles      %u of %u x %u = %u, %u more that only forward%s\n", map->cores, map->rows,
            map->cols, map->rows * map->cols, chip->tiles - map->cores,
            chip->tiles - map->cores == 1 ? "s" : "");
    fprintf(out, "Synapses   %.1f %% of the used tiles' %u x %u\n", 100 * synapse_utilisation(map),
            map->core_axons, map->core_neurons);
    print_placement(chip, out);
    fprintf(out, "Timestep   %u cycles (%.4g ms at the chip's clock)\n", map->period,
            1e3 * map->period / chip->base.clock_hz);
    fprintf(out, "Latency    %u cycles from the first input to the first output\n", map->latency);
    print_floor_plan(chip, out);
    print_groups(chip, out);
    print_programs(chip, out);
}

static json_t *json_program(const struct arch_tile_plan *plan) {
    json_t *words = json_array();
    uint32_t offset = 0;
    for (uint32_t i = 0; i < plan->words; i++) {
        char text[80], op[8];
        format_op(text, sizeof text, plan->word[i].op);
        snprintf(op, sizeof op, "%03x", plan->word[i].op);
        json_array_append_new(words,
                              json_pack("{s:i, s:i, s:s, s:i, s:s}", "address", (int)i, "offset", (int)offset,
                                        "op", op, "gap", (int)plan->word[i].gap, "text", text));
        offset += plan->word[i].gap + 1u;
    }
    return words;
}

static json_t *json_box(struct sim_box b) {
    return json_pack("[[i, i], [i, i], [i, i]]", (int)b.channel, (int)b.channels, (int)b.row, (int)b.rows,
                     (int)b.col, (int)b.cols);
}

static json_t *json_tile(const struct arch_mapping *map, uint32_t tile) {
    const struct arch_tile_plan *plan = &map->tile[tile];
    json_t *object =
        json_pack("{s:i, s:i, s:i, s:i}", "row", (int)(tile / map->cols), "col", (int)(tile % map->cols),
                  "ps_planes", (int)plan->ps_planes, "spike_planes", (int)plan->spike_planes);
    if (plan->core != ARCH_NOBODY) {
        const struct arch_core *core = &map->core[plan->core];
        json_object_update_new(
            object, json_pack("{s:i, s:i, s:i, s:i, s:o, s:i, s:i, s:i, s:b}", "layer", (int)core->layer,
                              "group", (int)core->group, "operand", (int)core->port, "from",
                              core->external ? -1 : (int)core->from, "axon_box", json_box(core->axon_box),
                              "axons", (int)core->axons, "neurons", (int)core->neurons, "sweep",
                              (int)core->acc, "fires", plan->core == arch_root(&map->group[core->group])));
    }
    json_object_set_new(object, "program", json_program(plan));
    return object;
}

void arch_shenjing_print_json(const struct arch_shenjing_chip *chip, FILE *out) {
    const struct arch_mapping *map = chip->map;
    json_t *tiles = json_array(), *groups = json_array();
    for (uint32_t tile = 0; tile < map->rows * map->cols; tile++)
        if (map->tile[tile].used)
            json_array_append_new(tiles, json_tile(map, tile));
    for (uint32_t g = 0; g < map->groups; g++) {
        const struct arch_group *group = &map->group[g];
        json_array_append_new(groups, json_pack("{s:i, s:o, s:i, s:i, s:i, s:i, s:i, s:i}", "layer",
                                                (int)group->layer, "box", json_box(group->box), "neurons",
                                                (int)group->neurons, "cores", (int)group->cores, "send",
                                                (int)group->send, "fire", (int)group->fire, "drain",
                                                (int)arch_drain(&map->graph->layer[group->layer]),
                                                "spike_hops", (int)group->nodes - 1));
    }
    json_t *root = json_pack(
        "{s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:f, s:o, s:o}", "rows", (int)map->rows, "cols",
        (int)map->cols, "strip_rows", (int)map->strip, "spike_hops", (int)map->hops, "spike_hops_along_rows",
        (int)map->row_hops, "tiles_used", (int)map->cores, "tiles_forwarding",
        (int)(chip->tiles - map->cores), "cycles_per_timestep", (int)map->period, "latency_cycles",
        (int)map->latency, "synapse_utilisation", synapse_utilisation(map), "groups", groups, "tiles", tiles);
    json_t *placement = arch_placement_json(&map->placement, &map->placed, chip->base.placement.unit);
    json_object_update_new(
        placement, json_pack("{s:{s:f, s:f}, s:{s:f, s:f}}", "before", "spike_hops", map->ordered.spikes,
                             "sum_hops", map->ordered.sums, "after", "spike_hops", map->expected.spikes,
                             "sum_hops", map->expected.sums));
    json_object_set_new(root, "placement", placement);
    json_dumpf(root, out, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    fputc('\n', out);
    json_decref(root);
}

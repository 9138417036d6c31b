/* SPDX-License-Identifier: MIT
 *
 * A dual chip behind arch/chip.h; see chip.h.
 */
#include "arch/dual/chip.h"

#include "arch/dual/map.h"
#include "arch/layout/placement_print.h"
#include "sim/base/number.h"
#include "sim/base/table.h"
#include "sim/kernel/kernel.h"

#include <jansson.h>

struct dual_chip {
    struct arch_chip base;
    const struct arch_dual_chip_spec *spec;
    const struct sim_graph *graph;
    struct arch_dual_system system;
    struct sim_kernel *kernel;
    int mode;
    uint32_t timesteps; /* that the system is set up for; 0: not yet */
    struct arch_dual_costs costs;
};

static struct arch_chip *build(const void *spec_, const struct sim_graph *graph, struct sim_kernel *kernel,
                               struct sim_err *err) {
    const struct arch_dual_chip_spec *spec = spec_;
    uint32_t output = 0;
    struct arch_dual_plan *plan = arch_dual_map(spec, graph, &output, kernel->arena, err);
    if (plan == NULL)
        return NULL;
    struct dual_chip *chip = SIM_NEW(kernel->arena, struct dual_chip);
    chip->spec = spec;
    chip->graph = graph;
    chip->kernel = kernel;
    arch_dual_system_build(&chip->system, spec, plan, kernel);
    chip->base = (struct arch_chip){
        .type = &arch_dual_chip_type,
        .name = arch_dual_chip_schema.name,
        .clock_hz = spec->clock_hz,
        .voltage_v = spec->voltage_v,
        .tiles = plan->rows * plan->cols > spec->rows * spec->cols ? plan->rows * plan->cols
                                                                   : spec->rows * spec->cols,
        .tiles_used = (plan->cores + spec->cores_per_tile - 1) / spec->cores_per_tile,
        .output_layer = output,
        .outputs = graph->layer[output].neurons,
        .output_count = chip->system.host->output,
        .layer_spikes = SIM_NEW_ARRAY(kernel->arena, uint64_t, graph->layers),
        .placement = {&spec->placement, &plan->placed, "events x hops"},
    };
    return &chip->base;
}

static bool moves_by_cost(const struct dual_chip *chip) {
    bool any = chip->spec->movement == ARCH_DUAL_AUTO;
    for (uint32_t i = 0; i < chip->spec->layer_count; i++)
        any |= chip->spec->layers[i].movement == ARCH_DUAL_AUTO;
    return any;
}

/* Max pooling is the OR of a window in each timestep, which only neurons that fire in each can give. */
static bool check_pooling(const struct dual_chip *chip, struct sim_err *err) {
    bool quantised = chip->mode == ARCH_DUAL_QNN, sound = true;
    if (!quantised && chip->spec->core.neuron != ARCH_DUAL_SSF)
        return true;
    for (uint32_t id = 0; id < chip->graph->layers; id++)
        if (chip->graph->layer[id].kind == SIM_LAYER_MAXPOOL)
            sound = sim_err_add(
                err, SIM_EXIT_CONFIG, NULL,
                "layer %u '%s': max pooling is the OR of spikes in a timestep, whose counts are no "
                "function of %s: it runs as snn with neuron if, avgpool either way",
                id, chip->graph->layer[id].name,
                quantised ? "levels (as qnn)" : "sums over the window (neuron ssf)");
    return sound;
}

static bool execute(struct arch_chip *base, const struct arch_execution *execution, struct sim_err *err) {
    struct dual_chip *chip = (struct dual_chip *)base;
    struct arch_dual_costs *costs = &chip->costs;
    chip->mode = execution->as == ARCH_AS_QNN ? ARCH_DUAL_QNN : ARCH_DUAL_SNN;
    chip->timesteps = execution->timesteps;
    if (execution->timesteps > ARCH_DUAL_TIMESTEPS_MAX)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "%u timesteps: this chip's activations have 8 bits, so at most %u timesteps",
                           execution->timesteps, ARCH_DUAL_TIMESTEPS_MAX);
    if (!check_pooling(chip, err))
        return false;
    if (execution->unit_energy == NULL && moves_by_cost(chip))
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "movement: auto weighs energies, and the description has no technology (tech:)");
    if (execution->unit_energy != NULL) {
        static const char *const memory[ARCH_DUAL_MEMORY_COUNT] = {"register_bits", "sram_bits", "dram_bits"};
        costs->event_bit = execution->unit_energy(execution->user, noc_event_router_type.name, "hop_bits");
        costs->frame_bit = execution->unit_energy(execution->user, noc_frame_router_type.name, "hop_bits");
        costs->weight_bit = execution->unit_energy(execution->user, arch_dual_core_type.name,
                                                  memory[chip->spec->core.weight_memory]);
    }
    arch_dual_system_execute(&chip->system, chip->mode, chip->timesteps, costs);
    return true;
}

static void begin(struct arch_chip *base, struct sim_kernel *kernel, uint32_t timesteps,
                  const uint64_t *const *spikes) {
    struct dual_chip *chip = (struct dual_chip *)base;
    if (timesteps != chip->timesteps) {
        chip->timesteps = timesteps;
        arch_dual_system_execute(&chip->system, chip->mode, timesteps, &chip->costs);
    }
    base->timesteps += timesteps;
    arch_dual_system_begin(&chip->system, kernel, spikes);
}

static sim_cycle step_end(const struct arch_chip *base, uint32_t timestep) {
    const struct dual_chip *chip = (const struct dual_chip *)base;
    const struct arch_barrier *barrier = chip->system.barrier;
    if (barrier->timestep > timestep)
        return barrier->start;
    if (barrier->timestep == timestep && barrier->next_start != SIM_NEVER)
        return barrier->next_start;
    return chip->kernel->now + barrier->cycles;
}

static struct arch_chip_place place(const struct arch_chip *base, uint32_t component) {
    const struct dual_chip *chip = (const struct dual_chip *)base;
    const struct arch_dual_plan *plan = chip->system.plan;
    uint32_t core = component - chip->system.core[0].base.id, cols = plan->cols;
    if (core < plan->cores)
        return (struct arch_chip_place){(int32_t)plan->core[core].layer,
                                        (int32_t)(plan->core[core].tile / cols),
                                        (int32_t)(plan->core[core].tile % cols)};
    for (int n = 0; n < ARCH_STREAM_NETWORK_COUNT; n++) {
        uint32_t router = component - chip->system.network[n].router[0].base.id;
        if (router < plan->rows * cols)
            return (struct arch_chip_place){-1, (int32_t)(router / cols), (int32_t)(router % cols)};
    }
    return (struct arch_chip_place){-1, -1, -1};
}

static void parameters(const struct arch_chip *base,
                       void (*report)(void *user, const char *type, const char *name, double value),
                       void *user) {
    arch_dual_chip_parameters(((const struct dual_chip *)base)->spec, report, user);
}

/* ---- the map ---------------------------------------------------------------------------------- */

/* Mean hops of the activations that a core is sent. */
static double hops_to(const struct arch_dual_plan *plan, uint32_t core) {
    double hops = 0, neurons = 0;
    for (uint32_t i = 0; i < plan->hosts + plan->cores; i++) {
        const struct arch_stream_target *target =
            i < plan->hosts ? plan->host[i].target : plan->core[i - plan->hosts].target;
        uint32_t targets = i < plan->hosts ? plan->host[i].targets : plan->core[i - plan->hosts].targets;
        for (uint32_t k = 0; k < targets; k++)
            if (target[k].terminal == plan->hosts + core &&
                (i < plan->hosts || !plan->core[i - plan->hosts].load.partial)) {
                hops += (double)target[k].hops * target[k].count;
                neurons += target[k].count;
            }
    }
    return neurons > 0 ? hops / neurons : 0;
}

/* A stretch of a line as its first and last neuron, a patch as channels x rows x columns and where it begins.
 */
static const char *describe_span(const struct arch_span *span, char *text, size_t size) {
    const struct sim_box *box = &span->box;
    if (span->count < sim_box_neurons(*box) || box->channels * box->rows * box->cols == box->cols ||
        box->channels * box->rows * box->cols == box->channels)
        snprintf(text, size, "%u..%u", box->channel + span->first,
                 box->channel + span->first + span->count - 1);
    else
        snprintf(text, size, "%ux%ux%u at %u,%u,%u", box->channels, box->rows, box->cols, box->channel,
                 box->row, box->col);
    return text;
}

static void print_span(struct sim_table *table, const struct arch_span *span) {
    char text[96];
    sim_table_cell(table, "%s", describe_span(span, text, sizeof text));
}

/* Of one operand the span, of several their number of axons. */
static void print_axons(struct sim_table *table, const struct arch_dual_share *share) {
    if (share->operands == 1)
        print_span(table, &share->operand[0].neurons);
    else
        sim_table_cell(table, "%u of %u layers", share->load.axons, share->operands);
}

static json_t *span_json(const struct arch_span *span) {
    const struct sim_box *box = &span->box;
    return json_pack("{s:i, s:i, s:[iii], s:[iii]}", "first", (int)span->first, "count", (int)span->count,
                     "at", (int)box->channel, (int)box->row, (int)box->col, "size", (int)box->channels,
                     (int)box->rows, (int)box->cols);
}

static json_t *operands_json(const struct arch_dual_share *share) {
    json_t *list = json_array();
    for (uint32_t i = 0; i < share->operands; i++)
        json_array_append_new(list, json_pack("{s:i, s:o}", "layer", (int)share->operand[i].source, "span",
                                              span_json(&share->operand[i].neurons)));
    return list;
}

static void print_text(const struct dual_chip *chip, FILE *out) {
    const struct arch_dual_plan *plan = chip->system.plan;
    fprintf(out, "%u core%s on %u of %u tile%s\n", plan->cores, sim_plural(plan->cores),
            chip->base.tiles_used, chip->base.tiles, sim_plural(chip->base.tiles));
    arch_placement_print(&chip->spec->placement, &plan->placed, chip->base.placement.unit, out);
    fputc('\n', out);
    struct sim_table table;
    sim_table_init(&table);
    sim_table_column(&table, "tile", SIM_TABLE_LEFT);
    sim_table_column(&table, "layer", SIM_TABLE_LEFT);
    sim_table_column(&table, "axons", SIM_TABLE_RIGHT);
    sim_table_column(&table, "neurons", SIM_TABLE_RIGHT);
    sim_table_column(&table, "mean hops in", SIM_TABLE_RIGHT);
    sim_table_column(&table, "does", SIM_TABLE_LEFT);
    for (uint32_t i = 0; i < plan->cores; i++) {
        const struct arch_dual_share *share = &plan->core[i];
        sim_table_cell(&table, "[%u][%u]", share->tile / plan->cols, share->tile % plan->cols);
        sim_table_cell(&table, "%s", chip->graph->layer[share->layer].name);
        print_axons(&table, share);
        print_span(&table, &share->neurons);
        sim_table_cell(&table, "%.2f", hops_to(plan, i));
        sim_table_cell(&table, "%s",
                       share->load.partial ? "partial sums"
                       : share->load.root  ? "adds and fires"
                                           : "fires");
    }
    sim_table_print(&table, 2, out);
    sim_table_release(&table);
}

static void print_json(const struct dual_chip *chip, FILE *out) {
    const struct arch_dual_plan *plan = chip->system.plan;
    json_t *cores = json_array();
    for (uint32_t i = 0; i < plan->cores; i++) {
        const struct arch_dual_share *share = &plan->core[i];
        json_array_append_new(
            cores, json_pack("{s:i, s:i, s:i, s:i, s:i, s:o, s:o, s:f, s:b}", "row",
                             (int)(share->tile / plan->cols), "col", (int)(share->tile % plan->cols), "layer",
                             (int)share->layer, "axons", (int)share->load.axons, "neurons",
                             (int)share->load.neurons, "reads", operands_json(share), "span",
                             span_json(&share->neurons), "hops", hops_to(plan, i), "partial",
                             share->load.partial));
    }
    json_t *placement =
        arch_placement_json(&chip->spec->placement, &plan->placed, chip->base.placement.unit);
    json_t *root = json_pack("{s:s, s:i, s:i, s:o, s:o}", "chip", chip->base.name, "tiles",
                             (int)chip->base.tiles, "tiles_used", (int)chip->base.tiles_used, "placement",
                             placement, "cores", cores);
    json_dumpf(root, out, JSON_INDENT(2));
    fputc('\n', out);
    json_decref(root);
}

static void print_map(const struct arch_chip *base, int format, FILE *out) {
    const struct dual_chip *chip = (const struct dual_chip *)base;
    if (format == 0)
        print_text(chip, out);
    else
        print_json(chip, out);
}

const struct arch_chip_type arch_dual_chip_type = {
    .schema = &arch_dual_chip_schema,
    .build = build,
    .execute = execute,
    .begin = begin,
    .step_end = step_end,
    .place = place,
    .parameters = parameters,
    .print_map = print_map,
};

/* SPDX-License-Identifier: MIT
 *
 * Functional evaluation: grids, outputs, energy; see evaluate.h.
 */
#include "arch/evaluate/grid.h"

#include "sim/record/energy.h"

#include <assert.h>

#define PARAMETERS_MAX 64u

bool arch_evaluate_check(const struct sim_graph *graph, const struct arch_samples *samples,
                         struct sim_err *err) {
    if (graph->layers < 2 || graph->layer[0].kind != SIM_LAYER_INPUT)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "evaluation: the network must be an input layer and layers after it");
    if (!sim_graph_one_piece(graph, "evaluation", err))
        return false;
    for (uint32_t l = 1; l < graph->layers; l++) {
        const struct sim_layer *layer = &graph->layer[l];
        if (layer->kind != SIM_LAYER_DENSE || layer->operands != 1 || layer->operand[0] != l - 1)
            return sim_err_add(
                err, SIM_EXIT_CONFIG, NULL,
                "evaluation: layer %u '%s' is not a dense layer that reads the layer before it", l,
                layer->name);
        if (layer->neuron != SIM_NEURON_IF)
            return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                               "evaluation: layer %u '%s': only neuron 'if' is evaluated, not '%s'", l,
                               layer->name, sim_neuron_names[layer->neuron]);
        if (layer->weight == NULL)
            return sim_err_add(err, SIM_EXIT_CONFIG, NULL, "evaluation: layer %u '%s' has no weights", l,
                               layer->name);
    }
    if (samples->neurons != graph->layer[0].neurons)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "evaluation: samples of %u neurons for an input layer of %u", samples->neurons,
                           graph->layer[0].neurons);
    return true;
}

struct arch_evaluation *arch_evaluation_new(const struct sim_graph *graph,
                                            const struct arch_evaluation *units, struct sim_arena *arena) {
    struct arch_evaluation *evaluation = SIM_NEW(arena, struct arch_evaluation);
    *evaluation = *units;
    evaluation->layers = graph->layers;
    evaluation->layer = SIM_NEW_ARRAY(arena, struct arch_evaluation_layer, graph->layers);
    for (uint32_t l = 0; l < graph->layers; l++) {
        evaluation->layer[l].neurons = graph->layer[l].neurons;
        evaluation->layer[l].count = SIM_NEW_ARRAY(arena, uint64_t, units->events);
    }
    return evaluation;
}

void arch_evaluate_grid_init(struct arch_evaluate_grid *grid, struct arch_evaluation *evaluation,
                             const struct sim_graph *graph, uint32_t number,
                             const struct arch_core_unit_shape *shape, size_t size, struct sim_arena *arena) {
    const struct sim_layer *layer = &graph->layer[number];
    grid->owner =
        (struct sim_component){.path = layer->name, .id = number, .count = evaluation->layer[number].count};
    grid->axons = layer->rows;
    grid->neurons = layer->cols;
    grid->shape = *shape;
    grid->rows = (layer->rows + shape->axons - 1) / shape->axons;
    grid->columns = (layer->cols + shape->neurons - 1) / shape->neurons;
    grid->size = (size + 63) / 64 * 64;
    grid->unit = sim_arena_alloc(arena, (size_t)grid->rows * grid->columns, grid->size);
    grid->potential = SIM_NEW_ARRAY(arena, double, layer->cols);
    evaluation->layer[number].units = grid->rows * grid->columns;
    evaluation->units += grid->rows * grid->columns;
}

void arch_evaluate_begin(const struct arch_evaluate_grid *grid, void (*begin)(void *unit, uint64_t stretch),
                         uint64_t stretch) {
    for (uint32_t i = 0; begin != NULL && i < grid->rows * grid->columns; i++)
        begin(grid->unit + i * grid->size, stretch);
}

void arch_evaluation_judge(struct arch_evaluation *evaluation, int32_t label, const uint32_t *level,
                           const double *potential, uint32_t outputs) {
    uint32_t best = 0, highest = 0;
    bool tied = false;
    for (uint32_t n = 1; n < outputs; n++) {
        if (level[n] > level[best]) {
            best = n;
            tied = false;
        } else if (level[n] == level[best]) {
            tied = true;
        }
        if (potential[n] > potential[highest])
            highest = n;
    }
    evaluation->tied += tied;
    if (label < 0)
        return;
    evaluation->labelled++;
    evaluation->right += best == (uint32_t)label;
    evaluation->right_by_potential += highest == (uint32_t)label;
}

static void add_layer(struct arch_evaluation_layer *to, const struct arch_evaluation_layer *from,
                      uint32_t events) {
    to->spikes += from->spikes;
    to->deliveries += from->deliveries;
    to->silent += from->silent;
    for (uint32_t i = 0; i <= ARCH_TTFS_LEVELS_MAX; i++)
        to->histogram[i] += from->histogram[i];
    for (uint32_t event = 0; event < events; event++)
        to->count[event] += from->count[event];
}

void arch_evaluation_add(struct arch_evaluation *to, const struct arch_evaluation *from) {
    assert(to->layers == from->layers && to->events == from->events && to->units == from->units);
    to->samples += from->samples;
    to->labelled += from->labelled;
    to->right += from->right;
    to->right_by_potential += from->right_by_potential;
    to->tied += from->tied;
    to->cycles += from->cycles;
    to->cycles_most = from->cycles_most > to->cycles_most ? from->cycles_most : to->cycles_most;
    for (uint32_t l = 0; l < to->layers; l++)
        add_layer(&to->layer[l], &from->layer[l], to->events);
}

/* ---- energy ------------------------------------------------------------------------------------- */

struct scales {
    const char *type;
    struct sim_energy_parameter parameter[PARAMETERS_MAX];
    size_t count;
};

static void add_scale(void *user, const char *name, double value) {
    struct scales *scales = user;
    assert(scales->count < PARAMETERS_MAX);
    scales->parameter[scales->count++] = (struct sim_energy_parameter){scales->type, name, value};
}

bool arch_evaluation_price(const struct arch_evaluation *evaluation, const struct sim_energy *technology,
                           double voltage_v, struct arch_evaluation_energy *energy, struct sim_err *err) {
    struct scales scales = {.type = evaluation->schema->name};
    if (evaluation->parameters != NULL)
        evaluation->parameters(evaluation->spec, add_scale, &scales);
    struct sim_energy_point point = {voltage_v, evaluation->clock_hz, scales.parameter, scales.count};
    struct sim_energy_price price;
    bool good = true;
    energy->dynamic_j = energy->leakage_j = 0;
    for (uint32_t e = 0; e < evaluation->events; e++) {
        if (!sim_energy_price(technology, scales.type, evaluation->event[e].name, &point, &price, err)) {
            good = false;
            continue;
        }
        uint64_t count = 0;
        for (uint32_t l = 0; l < evaluation->layers; l++)
            count += evaluation->layer[l].count[e];
        double joule = (double)count * price.unit_energy_j;
        energy->dynamic_j += joule;
        if (energy->event_j != NULL)
            energy->event_j[e] = joule;
    }
    if (!sim_energy_price(technology, scales.type, SIM_ENERGY_LEAKAGE, &point, &price, err))
        return false;
    energy->leakage_j = (double)evaluation->units * (double)evaluation->cycles * price.unit_energy_j;
    return good;
}

double arch_evaluation_silent(const struct arch_evaluation *evaluation) {
    uint64_t silent = 0, neurons = 0;
    for (uint32_t l = 0; l < evaluation->layers; l++) {
        silent += evaluation->layer[l].silent;
        neurons += evaluation->layer[l].neurons * evaluation->samples;
    }
    return neurons == 0 ? 0 : (double)silent / (double)neurons;
}

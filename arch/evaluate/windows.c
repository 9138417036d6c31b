/* SPDX-License-Identifier: MIT
 *
 * Evaluation of time-to-first-spike codes on window units; see evaluate.h.
 */
#include "arch/evaluate/grid.h"

#include <string.h>

struct window_layer {
    struct arch_evaluate_grid grid;
    struct arch_ttfs_staircase staircase;
    uint32_t *level; /* [neurons] */
    uint32_t *axon;  /* [neurons] spikes that it sends */
    uint8_t *slot;
    uint32_t spikes;
    uint32_t *part; /* [neurons] scratch of the reader: axons of a unit */
    double *sum;    /* [neurons of a unit] scratch */
};

/* ---- levels and spikes -------------------------------------------------------------------------- */

static void input_levels(const struct arch_samples *samples, uint64_t sample, uint32_t levels,
                         uint32_t *level) {
    size_t words = (size_t)(samples->neurons + 63) / 64 * samples->timesteps;
    arch_ttfs_levels_of(samples->spikes + sample * words, samples->timesteps, samples->neurons, levels,
                        level);
}

static void encode(struct window_layer *layer, const struct arch_ttfs *code, uint32_t neurons) {
    layer->spikes = 0;
    for (uint32_t n = 0; n < neurons; n++) {
        uint32_t slot = arch_ttfs_slot(code, layer->level[n]);
        if (slot == ARCH_TTFS_NO_SPIKE)
            continue;
        layer->axon[layer->spikes] = n;
        layer->slot[layer->spikes++] = (uint8_t)slot;
    }
}

/* ---- calibration -------------------------------------------------------------------------------- */

/* A chain of layers that a code can be chosen for: each a weighted sum of the one before. */
static bool check_chain(const struct sim_graph *graph, const struct arch_samples *samples,
                        struct sim_err *err) {
    if (graph->layers < 2 || graph->layer[0].kind != SIM_LAYER_INPUT ||
        samples->neurons != graph->layer[0].neurons)
        return sim_err_add(
            err, SIM_EXIT_CONFIG, NULL,
            "time codes: the network must be an input layer, with samples, and layers after it");
    for (uint32_t l = 1; l < graph->layers; l++) {
        const struct sim_layer *layer = &graph->layer[l];
        if (sim_layer_outside(layer) || layer->kind == SIM_LAYER_MAXPOOL || layer->operands != 1 ||
            layer->operand[0] != l - 1 || layer->neuron != SIM_NEURON_IF)
            return sim_err_add(
                err, SIM_EXIT_CONFIG, NULL,
                "time codes: layer %u '%s' is no weighted sum of the layer before it, with neurons "
                "'if'",
                l, layer->name);
        if (layer->projection[0].weighted && layer->weight == NULL)
            return sim_err_add(err, SIM_EXIT_CONFIG, NULL, "time codes: layer %u '%s' has no weights", l,
                               layer->name);
    }
    return sim_graph_one_piece(graph, "a time code", err);
}

struct contribution {
    int64_t *sum, value;
};

static void contribute(void *user, uint32_t neuron, int32_t weight) {
    struct contribution *of = user;
    of->sum[neuron] += of->value * weight;
}

static void contribute_row(const struct contribution *of, const int8_t *weight, uint32_t neurons) {
    for (uint32_t n = 0; n < neurons; n++)
        of->sum[n] += of->value * weight[n];
}

/* Levels of a layer by integer arithmetic from the rounded levels of the layer before. */
static void compute_levels(const struct sim_layer *layer, const struct arch_ttfs *before,
                           const uint32_t *input, int64_t *sum, uint32_t *level) {
    uint32_t inputs = (uint32_t)sim_shape_neurons(layer->projection[0].in);
    memset(sum, 0, layer->neurons * sizeof *sum);
    for (uint32_t a = 0; a < inputs; a++) {
        struct contribution of = {sum, arch_ttfs_round(before, input[a])};
        if (of.value == 0)
            continue;
        if (layer->kind == SIM_LAYER_DENSE) /* by far the most synapses */
            contribute_row(&of, layer->weight + (size_t)a * layer->cols, layer->cols);
        else
            sim_projection_targets(&layer->projection[0], a, contribute, &of);
    }
    for (uint32_t n = 0; n < layer->neurons; n++) {
        int64_t q = sum[n] < 0 ? 0 : sum[n] / layer->threshold;
        level[n] = q < before->levels ? (uint32_t)q : before->levels;
    }
}

static uint32_t most_frequent(const struct sim_graph *graph, const struct arch_samples *samples,
                              uint64_t calibration, const struct arch_ttfs *code, uint32_t number,
                              uint32_t levels, struct sim_arena *arena) {
    uint32_t *level[2], most = 1;
    for (uint32_t l = 0; l <= number; l++)
        most = graph->layer[l].neurons > most ? graph->layer[l].neurons : most;
    level[0] = SIM_NEW_ARRAY(arena, uint32_t, most);
    level[1] = SIM_NEW_ARRAY(arena, uint32_t, most);
    int64_t *sum = SIM_NEW_ARRAY(arena, int64_t, most);
    uint64_t histogram[ARCH_TTFS_LEVELS_MAX + 1] = {0};
    for (uint64_t sample = 0; sample < calibration && sample < samples->samples; sample++) {
        input_levels(samples, sample, levels, level[0]);
        for (uint32_t l = 1; l <= number; l++)
            compute_levels(&graph->layer[l], &code[l - 1], level[(l - 1) % 2], sum, level[l % 2]);
        for (uint32_t n = 0; n < graph->layer[number].neurons; n++)
            histogram[level[number % 2][n]]++;
    }
    return arch_ttfs_most_frequent(histogram, levels);
}

bool arch_evaluate_calibrate(const struct sim_graph *graph, const struct arch_samples *samples,
                             uint32_t levels, bool masked, uint32_t dead_zone, uint64_t calibration,
                             struct arch_ttfs *code, struct sim_err *err) {
    if (!check_chain(graph, samples, err))
        return false;
    if (levels == 0)
        levels = samples->timesteps;
    if (levels > ARCH_TTFS_LEVELS_MAX || dead_zone > levels)
        return sim_err_add(
            err, SIM_EXIT_CONFIG, NULL,
            "evaluation: a window has at most %u levels (%u are asked for), a dead zone at most all of "
            "them (%u)",
            ARCH_TTFS_LEVELS_MAX, levels, dead_zone);
    struct sim_arena arena;
    sim_arena_init(&arena);
    for (uint32_t l = 0; l < graph->layers; l++) {
        code[l] = (struct arch_ttfs){.levels = levels, .dead_zone = dead_zone};
        if (masked)
            code[l].silent = most_frequent(graph, samples, calibration, code, l, levels, &arena);
    }
    sim_arena_release(&arena);
    return true;
}

/* ---- evaluation --------------------------------------------------------------------------------- */

static void make_room(struct window_layer *layer, uint32_t neurons, struct sim_arena *arena) {
    layer->level = SIM_NEW_ARRAY(arena, uint32_t, neurons);
    layer->axon = SIM_NEW_ARRAY(arena, uint32_t, neurons);
    layer->slot = SIM_NEW_ARRAY(arena, uint8_t, neurons);
}

static bool elaborate(struct window_layer *layer, const struct arch_evaluate_windows *how,
                      struct arch_evaluation *evaluation, const struct sim_graph *graph, uint32_t number,
                      uint32_t first_unit, struct sim_arena *arena, struct sim_err *err) {
    const struct sim_layer *from = &graph->layer[number];
    struct arch_evaluate_grid *grid = &layer->grid;
    struct arch_core_unit_shape shape;
    how->type->shape(how->spec, &shape);
    arch_evaluate_grid_init(grid, evaluation, graph, number, &shape, how->type->size, arena);
    arch_ttfs_staircase_init(&layer->staircase, how->code[number].levels, (uint32_t)from->threshold,
                             how->guard);
    make_room(layer, from->neurons, arena);
    layer->part = SIM_NEW_ARRAY(arena, uint32_t, shape.axons);
    layer->sum = SIM_NEW_ARRAY(arena, double, shape.neurons);
    for (uint32_t r = 0; r < grid->rows; r++)
        for (uint32_t c = 0; c < grid->columns; c++) {
            void *unit = arch_evaluate_unit(grid, r, c);
            uint32_t axons = arch_evaluate_axons(grid, r), neurons = arch_evaluate_neurons(grid, c);
            struct arch_core_unit_host host = {&grid->owner, 0, first_unit++, how->clock_hz, arena};
            how->type->init(unit, how->spec, &host, axons, neurons);
            for (uint32_t a = 0; a < axons; a++)
                how->type->load(unit, a, 0, neurons,
                                from->weight + (size_t)(r * shape.axons + a) * from->cols +
                                    c * shape.neurons);
            if (!how->type->prepare(unit, &how->code[number - 1], err))
                return false;
        }
    return true;
}

/* The window in which a layer integrates the spikes of the one before; returns its cycles. */
static uint64_t integrate(struct window_layer *layer, const struct window_layer *before,
                          const struct arch_window_unit_type *type, sim_cycle now) {
    struct arch_evaluate_grid *grid = &layer->grid;
    uint64_t longest = 0;
    uint32_t first = 0;
    memset(grid->potential, 0, grid->neurons * sizeof *grid->potential);
    for (uint32_t r = 0; r < grid->rows; r++) {
        uint32_t axon = r * grid->shape.axons, end = axon + arch_evaluate_axons(grid, r), last = first;
        for (; last < before->spikes && before->axon[last] < end; last++)
            layer->part[last - first] = before->axon[last] - axon;
        struct arch_window window = {last - first, layer->part, before->slot + first};
        for (uint32_t c = 0; c < grid->columns; c++) {
            uint64_t cycles = type->integrate(arch_evaluate_unit(grid, r, c), &window, layer->sum, now);
            longest = cycles > longest ? cycles : longest;
            double *potential = grid->potential + c * grid->shape.neurons;
            for (uint32_t n = 0; n < arch_evaluate_neurons(grid, c); n++)
                potential[n] += layer->sum[n];
        }
        first = last;
    }
    return longest;
}

/* The window after: the first row of units compares and fires. */
static uint64_t fire(struct window_layer *layer, const struct arch_ttfs *code,
                     const struct arch_window_unit_type *type, sim_cycle now) {
    struct arch_evaluate_grid *grid = &layer->grid;
    uint64_t longest = 0;
    for (uint32_t n = 0; n < grid->neurons; n++)
        layer->level[n] = arch_ttfs_fire(&layer->staircase, grid->potential[n]);
    encode(layer, code, grid->neurons);
    uint32_t first = 0;
    for (uint32_t c = 0; c < grid->columns; c++) {
        uint32_t end = c * grid->shape.neurons + arch_evaluate_neurons(grid, c), last = first;
        while (last < layer->spikes && layer->axon[last] < end)
            last++;
        uint64_t cycles = type->fire(arch_evaluate_unit(grid, 0, c), code->levels, last - first, now);
        longest = cycles > longest ? cycles : longest;
        first = last;
    }
    return longest;
}

static void tally(struct arch_evaluation_layer *to, const struct window_layer *layer) {
    to->spikes += layer->spikes;
    to->silent += to->neurons - layer->spikes;
    for (uint32_t n = 0; n < to->neurons; n++)
        to->histogram[layer->level[n]]++;
}

static void run_sample(struct arch_evaluation *evaluation, struct window_layer *layer,
                       const struct arch_samples *samples, const struct arch_evaluate_windows *how,
                       uint64_t sample, uint64_t *now) {
    uint64_t cycles = 0, firing = 0;
    input_levels(samples, sample, how->code[0].levels, layer[0].level);
    encode(&layer[0], &how->code[0], samples->neurons);
    for (uint32_t l = 0; l < evaluation->layers; l++) {
        if (l > 0) {
            cycles += integrate(&layer[l], &layer[l - 1], how->type, *now + cycles);
            firing = fire(&layer[l], &how->code[l], how->type, *now + cycles);
        }
        tally(&evaluation->layer[l], &layer[l]);
        if (how->visit != NULL)
            how->visit(how->user, sample, l, layer[l].level, l == 0 ? NULL : layer[l].grid.potential);
    }
    cycles += firing;
    *now += cycles;
    evaluation->samples++;
    evaluation->cycles += cycles;
    if (cycles > evaluation->cycles_most)
        evaluation->cycles_most = cycles;
    struct window_layer *last = &layer[evaluation->layers - 1];
    arch_evaluation_judge(evaluation, samples->label[sample], last->level, last->grid.potential,
                          last->grid.neurons);
}

/* A stretch whose first sample is `sample`; returns its first cycle. */
static uint64_t begin(struct window_layer *layer, uint32_t layers, const struct arch_evaluate_windows *how,
                      uint64_t sample) {
    for (uint32_t l = 1; l < layers && sample > 0; l++)
        arch_evaluate_begin(&layer[l].grid, how->type->begin, sample / ARCH_EVALUATE_STRETCH);
    return 0;
}

struct arch_evaluation *arch_evaluate_windows(const struct sim_graph *graph,
                                              const struct arch_samples *samples,
                                              const struct arch_evaluate_windows *how,
                                              struct sim_arena *arena, struct sim_err *err) {
    if (!arch_evaluate_check(graph, samples, err))
        return NULL;
    for (uint32_t l = 0; l < graph->layers; l++)
        assert(how->code[l].levels == how->code[0].levels && how->code[l].silent <= how->code[l].levels);
    struct arch_evaluation units = {
        .schema = how->type->schema,
        .spec = how->spec,
        .event = how->type->events,
        .events = how->type->event_count,
        .parameters = how->type->parameters,
        .clock_hz = how->clock_hz,
    };
    struct arch_evaluation *evaluation = arch_evaluation_new(graph, &units, arena);
    struct window_layer *layer = SIM_NEW_ARRAY(arena, struct window_layer, graph->layers);
    make_room(&layer[0], samples->neurons, arena);
    for (uint32_t l = 1; l < graph->layers; l++)
        if (!elaborate(&layer[l], how, evaluation, graph, l, evaluation->units, arena, err))
            return NULL;
    for (uint32_t l = 0; l < graph->layers; l++)
        evaluation->layer[l].code = how->code[l];
    evaluation->area_m2 = how->type->area(how->spec) * evaluation->units;
    for (uint64_t sample = arch_evaluate_next(&how->share, 0, samples), now = 0; sample < samples->samples;
         sample = arch_evaluate_next(&how->share, sample + 1, samples)) {
        if (sample % ARCH_EVALUATE_STRETCH == 0)
            now = begin(layer, graph->layers, how, sample);
        run_sample(evaluation, layer, samples, how, sample, &now);
    }
    for (uint32_t l = 0; l + 1 < graph->layers; l++)
        evaluation->layer[l].deliveries = evaluation->layer[l].spikes * layer[l + 1].grid.columns;
    return evaluation;
}

/* SPDX-License-Identifier: MIT
 *
 * Evaluation of rate-coded networks on core units; see evaluate.h.
 */
#include "arch/evaluate/grid.h"
#include "arch/neuron/neuron.h"

#include <string.h>

struct rate_layer {
    struct arch_evaluate_grid grid;
    struct arch_neuron neuron;
    uint32_t words;       /* of the spikes of the layer */
    uint64_t *fired;      /* [words] */
    uint64_t *part;       /* [words of a unit's axons] scratch */
    int32_t *sum, *input; /* scratch of a unit; [neurons] */
    int32_t *membrane;    /* [neurons] */
    uint32_t *spikes;     /* [neurons] of the sample */
    uint64_t end;         /* cycle of the stretch at which the last timestep ended */
};

static bool elaborate(struct rate_layer *layer, const struct arch_evaluate_rate *how,
                      struct arch_evaluation *evaluation, const struct sim_graph *graph, uint32_t number,
                      uint32_t first_unit, struct sim_arena *arena, struct sim_err *err) {
    const struct sim_layer *from = &graph->layer[number];
    struct arch_evaluate_grid *grid = &layer->grid;
    struct arch_core_unit_shape shape;
    how->type->shape(how->spec, &shape);
    if (from->weight_bits > shape.weight_bits)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "evaluation: weights of %u bits for units of %u (layer %u '%s')",
                           from->weight_bits, shape.weight_bits, number, from->name);
    arch_evaluate_grid_init(grid, evaluation, graph, number, &shape, how->type->size, arena);
    layer->neuron = (struct arch_neuron){.model = &arch_neuron_if,
                                         .threshold = from->threshold,
                                         .highest = INT32_MAX,
                                         .soft = from->reset == SIM_RESET_SOFT};
    layer->words = (from->neurons + 63) / 64;
    layer->fired = SIM_NEW_ARRAY(arena, uint64_t, layer->words);
    layer->part = SIM_NEW_ARRAY(arena, uint64_t, (shape.axons + 63) / 64);
    layer->sum = SIM_NEW_ARRAY(arena, int32_t, shape.neurons);
    layer->input = SIM_NEW_ARRAY(arena, int32_t, from->neurons);
    layer->membrane = SIM_NEW_ARRAY(arena, int32_t, from->neurons);
    layer->spikes = SIM_NEW_ARRAY(arena, uint32_t, from->neurons);
    for (uint32_t r = 0; r < grid->rows; r++)
        for (uint32_t c = 0; c < grid->columns; c++) {
            void *unit = arch_evaluate_unit(grid, r, c);
            struct arch_core_unit_host host = {&grid->owner, 0, first_unit++, how->clock_hz, arena};
            how->type->init(unit, how->spec, &host);
            for (uint32_t a = 0; a < arch_evaluate_axons(grid, r); a++)
                how->type->load(unit, a, 0, arch_evaluate_neurons(grid, c),
                                from->weight + (size_t)(r * shape.axons + a) * from->cols +
                                    c * shape.neurons);
            if (!how->type->prepare(unit, err))
                return false;
        }
    return true;
}

/* Bits first .. first + count - 1. */
static void cut(uint64_t *to, const uint64_t *from, uint32_t words, uint32_t first, uint32_t count) {
    uint32_t shift = first % 64, word = first / 64;
    for (uint32_t i = 0; i < (count + 63) / 64; i++, word++) {
        to[i] = from[word] >> shift;
        if (shift != 0 && word + 1 < words)
            to[i] |= from[word + 1] << (64 - shift);
    }
    if (count % 64 != 0)
        to[count / 64] &= (UINT64_C(1) << (count % 64)) - 1;
}

/* One timestep of a layer; returns its cycles. */
static uint64_t step(struct rate_layer *layer, const struct arch_core_unit_type *type, const uint64_t *spikes,
                     uint32_t words, sim_cycle now) {
    struct arch_evaluate_grid *grid = &layer->grid;
    uint64_t longest = 0;
    memset(layer->input, 0, grid->neurons * sizeof *layer->input);
    memset(layer->part, 0, (grid->shape.axons + 63) / 64 * sizeof *layer->part);
    for (uint32_t r = 0; r < grid->rows; r++) {
        cut(layer->part, spikes, words, r * grid->shape.axons, arch_evaluate_axons(grid, r));
        for (uint32_t word = (arch_evaluate_axons(grid, r) + 63) / 64; word < (grid->shape.axons + 63) / 64;
             word++)
            layer->part[word] = 0;
        for (uint32_t c = 0; c < grid->columns; c++) {
            uint64_t cycles = type->integrate(arch_evaluate_unit(grid, r, c), layer->part, layer->sum, now);
            longest = cycles > longest ? cycles : longest;
            for (uint32_t n = 0; n < arch_evaluate_neurons(grid, c); n++)
                layer->input[c * grid->shape.neurons + n] += layer->sum[n];
        }
    }
    for (uint32_t n = 0; n < grid->neurons; n++)
        grid->potential[n] += layer->input[n];
    layer->neuron.model->update(&layer->neuron, layer->membrane, layer->input, grid->neurons, layer->fired);
    return longest;
}

static uint64_t note(uint32_t *count, const uint64_t *spikes, uint32_t words) {
    uint64_t all = 0;
    for (uint32_t word = 0; word < words; word++)
        for (uint64_t rest = spikes[word]; rest != 0; rest &= rest - 1, all++)
            count[word * 64 + (uint32_t)__builtin_ctzll(rest)]++;
    return all;
}

static void tally(struct arch_evaluation_layer *to, const uint32_t *spikes) {
    for (uint32_t n = 0; n < to->neurons; n++) {
        to->silent += spikes[n] == 0;
        to->histogram[spikes[n] < ARCH_TTFS_LEVELS_MAX ? spikes[n] : ARCH_TTFS_LEVELS_MAX]++;
    }
}

static void run_sample(struct arch_evaluation *evaluation, struct rate_layer *layer,
                       const struct arch_samples *samples, const struct arch_evaluate_rate *how,
                       uint64_t sample, uint64_t *now) {
    uint32_t input_words = (samples->neurons + 63) / 64;
    memset(layer[0].spikes, 0, samples->neurons * sizeof *layer[0].spikes);
    for (uint32_t l = 1; l < evaluation->layers; l++) {
        memset(layer[l].membrane, 0, layer[l].grid.neurons * sizeof *layer[l].membrane);
        memset(layer[l].spikes, 0, layer[l].grid.neurons * sizeof *layer[l].spikes);
        memset(layer[l].grid.potential, 0, layer[l].grid.neurons * sizeof *layer[l].grid.potential);
        layer[l].end = *now;
    }
    for (uint32_t t = 0; t < samples->timesteps; t++) {
        const uint64_t *spikes = samples->spikes + (sample * samples->timesteps + t) * input_words;
        uint32_t words = input_words;
        uint64_t before = *now;
        evaluation->layer[0].spikes += note(layer[0].spikes, spikes, words);
        for (uint32_t l = 1; l < evaluation->layers; l++) {
            uint64_t start = layer[l].end > before ? layer[l].end : before;
            before = layer[l].end = start + step(&layer[l], how->type, spikes, words, start);
            spikes = layer[l].fired;
            words = layer[l].words;
            evaluation->layer[l].spikes += note(layer[l].spikes, spikes, words);
        }
    }
    for (uint32_t l = 0; l < evaluation->layers; l++) {
        tally(&evaluation->layer[l], layer[l].spikes);
        if (how->visit != NULL)
            how->visit(how->user, sample, l, layer[l].spikes, l == 0 ? NULL : layer[l].grid.potential);
    }
    struct rate_layer *last = &layer[evaluation->layers - 1];
    uint64_t cycles = last->end - *now;
    *now = last->end;
    evaluation->samples++;
    evaluation->cycles += cycles;
    if (cycles > evaluation->cycles_most)
        evaluation->cycles_most = cycles;
    arch_evaluation_judge(evaluation, samples->label[sample], last->spikes, last->grid.potential,
                          last->grid.neurons);
}

/* A stretch whose first sample is `sample`; returns its first cycle. */
static uint64_t begin(struct rate_layer *layer, uint32_t layers, const struct arch_evaluate_rate *how,
                      uint64_t sample) {
    for (uint32_t l = 1; l < layers && sample > 0; l++)
        arch_evaluate_begin(&layer[l].grid, how->type->begin, sample / ARCH_EVALUATE_STRETCH);
    return 0;
}

struct arch_evaluation *arch_evaluate_rate(const struct sim_graph *graph, const struct arch_samples *samples,
                                           const struct arch_evaluate_rate *how, struct sim_arena *arena,
                                           struct sim_err *err) {
    if (!arch_evaluate_check(graph, samples, err))
        return NULL;
    struct arch_evaluation units = {
        .schema = how->type->schema,
        .spec = how->spec,
        .event = how->type->events,
        .events = how->type->event_count,
        .parameters = how->type->parameters,
        .clock_hz = how->clock_hz,
    };
    struct arch_evaluation *evaluation = arch_evaluation_new(graph, &units, arena);
    struct rate_layer *layer = SIM_NEW_ARRAY(arena, struct rate_layer, graph->layers);
    layer[0].spikes = SIM_NEW_ARRAY(arena, uint32_t, samples->neurons);
    for (uint32_t l = 1; l < graph->layers; l++)
        if (!elaborate(&layer[l], how, evaluation, graph, l, evaluation->units, arena, err))
            return NULL;
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

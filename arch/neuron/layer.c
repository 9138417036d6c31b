/* SPDX-License-Identifier: MIT
 *
 * Neurons of a layer; see layer.h.
 */
#include "arch/neuron/layer.h"

_Static_assert(SIM_NEURON_DECAY_ONE == ARCH_DECAY_ONE, "one unit of decay");
_Static_assert(SIM_NEURON_LEVELS_MAX == ARCH_TTFS_LEVELS_MAX, "one range of levels");

static struct arch_ttfs code_of(const struct sim_neuron_parameters *p, uint32_t levels) {
    return (struct arch_ttfs){
        .levels = p->levels != 0 ? p->levels : levels, .silent = p->silent, .dead_zone = p->dead_zone};
}

static void add_weight(void *user, uint32_t axon, int32_t weight) {
    (void)axon;
    *(int64_t *)user += weight;
}

/* The sum of the weights of a neuron's synapses to operand `port`. */
static int64_t weight_sum(const struct sim_layer *layer, uint32_t port, uint32_t neuron) {
    int64_t sum = 0;
    if (layer->projection != NULL)
        sim_projection_axons(&layer->projection[port], neuron, add_weight, &sum);
    else
        for (uint32_t axon = 0; axon < layer->rows; axon++)
            sum += layer->weight[(size_t)axon * layer->cols + neuron];
    return sum;
}

static uint32_t number_at(const struct sim_layer *layer, uint32_t place) {
    return sim_shape_number(layer->shape, place);
}

/* Thresholds of the neurons at places first .. first + count - 1. */
static const int32_t *thresholds_at(const struct sim_layer *layer, const int32_t *threshold, uint32_t first,
                                    uint32_t count, struct sim_arena *arena) {
    int32_t *placed = SIM_NEW_ARRAY(arena, int32_t, count);
    for (uint32_t n = 0; n < count; n++)
        placed[n] = threshold[number_at(layer, first + n)];
    return placed;
}

/* The constant parts of masked codes: weights x silent level of what arrives. NULL: all 0. */
static const int32_t *constants(const struct sim_graph *graph, const struct sim_layer *layer, uint32_t first,
                                uint32_t count, struct sim_arena *arena) {
    int32_t *constant = NULL;
    for (uint32_t port = 0; port < layer->operands; port++) {
        struct sim_neuron_parameters source;
        char fault[320];
        sim_neuron_read(&graph->layer[layer->operand[port]], NULL, &source, fault, sizeof fault);
        if (source.silent == 0)
            continue;
        if (constant == NULL)
            constant = SIM_NEW_ARRAY(arena, int32_t, count);
        for (uint32_t n = 0; n < count; n++)
            constant[n] += (int32_t)(weight_sum(layer, port, number_at(layer, first + n)) * source.silent);
    }
    return constant;
}

static struct arch_neuron *new_ttfs(const struct sim_graph *graph, const struct sim_layer *layer,
                                    const struct sim_neuron_parameters *p, const struct arch_neuron *common,
                                    uint32_t first, uint32_t count, struct sim_arena *arena) {
    struct arch_neuron_ttfs *ttfs = SIM_NEW(arena, struct arch_neuron_ttfs);
    struct sim_neuron_parameters source;
    char fault[320];
    sim_neuron_read(&graph->layer[layer->operand[0]], NULL, &source, fault, sizeof fault);
    ttfs->neuron = *common;
    ttfs->neuron.model =
        layer->neuron == SIM_NEURON_TTFS ? &arch_neuron_ttfs : &arch_neuron_masked_ttfs;
    ttfs->arriving = code_of(&source, p->levels);
    ttfs->sent = code_of(p, p->levels);
    ttfs->constant = constants(graph, layer, first, count, arena);
    return &ttfs->neuron;
}

static struct arch_neuron *new_plain(const struct arch_neuron *common, const struct arch_neuron_model *model,
                                     struct sim_arena *arena) {
    struct arch_neuron *neuron = SIM_NEW(arena, struct arch_neuron);
    *neuron = *common;
    neuron->model = model;
    return neuron;
}

static struct arch_neuron *new_neuron(const struct sim_graph *graph, const struct sim_layer *layer,
                                      const struct sim_neuron_parameters *p, const struct arch_neuron *common,
                                      uint32_t first, uint32_t count, struct sim_arena *arena) {
    struct arch_neuron_channel_if *channel;
    struct arch_neuron_ssf *ssf;
    struct arch_neuron_shift_lif *shift;
    switch (layer->neuron) {
    case SIM_NEURON_CHANNEL_IF:
        channel = SIM_NEW(arena, struct arch_neuron_channel_if);
        *channel = (struct arch_neuron_channel_if){
            *common, thresholds_at(layer, p->threshold, first, count, arena)};
        channel->neuron.model = &arch_neuron_channel_if;
        return &channel->neuron;
    case SIM_NEURON_SSF:
        ssf = SIM_NEW(arena, struct arch_neuron_ssf);
        *ssf = (struct arch_neuron_ssf){*common, p->window, p->slack};
        ssf->neuron.model = &arch_neuron_ssf;
        return &ssf->neuron;
    case SIM_NEURON_SHIFT_LIF:
        shift = SIM_NEW(arena, struct arch_neuron_shift_lif);
        *shift = (struct arch_neuron_shift_lif){*common, p->shifts};
        shift->neuron.model = &arch_neuron_shift_lif;
        return &shift->neuron;
    case SIM_NEURON_TTFS:
    case SIM_NEURON_MASKED_TTFS:
        return new_ttfs(graph, layer, p, common, first, count, arena);
    default:
        return new_plain(common, p->decay != 0 || p->leak != 0 ? &arch_neuron_lif : &arch_neuron_if, arena);
    }
}

const struct arch_neuron *arch_neuron_of_layer(const struct sim_graph *graph, uint32_t id, uint32_t first,
                                               uint32_t count, uint32_t potential_bits,
                                               struct sim_arena *arena, struct sim_err *err) {
    const struct sim_layer *layer = &graph->layer[id];
    struct sim_neuron_parameters p;
    char fault[320];
    if (!sim_neuron_read(layer, arena, &p, fault, sizeof fault)) {
        sim_err_add(err, SIM_EXIT_CONFIG, NULL, "layer %u '%s': %s", id, layer->name, fault);
        return NULL;
    }
    struct arch_neuron common = {
        .threshold = layer->threshold,
        .highest = (int32_t)((UINT32_C(1) << (potential_bits - 1)) - 1),
        .soft = layer->reset == SIM_RESET_SOFT,
        .decay = p.decay,
        .leak = (int32_t)p.leak,
    };
    return new_neuron(graph, layer, &p, &common, first, count, arena);
}

uint32_t arch_neuron_heights(const struct sim_layer *layer) {
    struct sim_neuron_parameters p;
    char fault[320];
    if (layer->neuron != SIM_NEURON_SHIFT_LIF || !sim_neuron_read(layer, NULL, &p, fault, sizeof fault))
        return 1;
    return p.shifts + 1;
}

struct arch_ttfs arch_neuron_code(const struct sim_layer *layer) {
    struct sim_neuron_parameters p = {.levels = 0};
    char fault[320];
    bool coded = layer->neuron == SIM_NEURON_TTFS || layer->neuron == SIM_NEURON_MASKED_TTFS;
    if (!coded || !sim_neuron_read(layer, NULL, &p, fault, sizeof fault))
        return (struct arch_ttfs){.levels = 0};
    return code_of(&p, p.levels);
}

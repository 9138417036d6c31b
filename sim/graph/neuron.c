/* SPDX-License-Identifier: MIT
 *
 * Neuron parameters of a layer; see neuron.h.
 */
#include "sim/graph/neuron.h"

#include <jansson.h>
#include <stdio.h>

#define OF(model) (1u << SIM_NEURON_##model)

static const struct key {
    const char *name;
    size_t offset;
    uint32_t models; /* bits of enum sim_neuron */
    uint32_t required;
    uint32_t min, max;
} keys[] = {
#define KEY(field) #field, offsetof(struct sim_neuron_parameters, field)
    {KEY(decay), OF(IF) | OF(LIF) | OF(SHIFT_LIF), 0, 0, SIM_NEURON_DECAY_ONE},
    {KEY(leak), OF(IF) | OF(LIF), 0, 0, INT32_MAX},
    {KEY(window), OF(SSF), OF(SSF), 1, 65536},
    {KEY(slack), OF(SSF), 0, 0, 999},
    {KEY(levels), OF(NONE) | OF(TTFS) | OF(MASKED_TTFS), OF(TTFS) | OF(MASKED_TTFS), 1,
     SIM_NEURON_LEVELS_MAX},
    {KEY(silent), OF(NONE) | OF(MASKED_TTFS), 0, 0, SIM_NEURON_LEVELS_MAX},
    {KEY(dead_zone), OF(NONE) | OF(MASKED_TTFS), 0, 0, SIM_NEURON_LEVELS_MAX},
    {KEY(shifts), OF(SHIFT_LIF), OF(SHIFT_LIF), 0, SIM_NEURON_SHIFTS_MAX},
#undef KEY
};

static bool read_key(const json_t *object, const struct key *key, enum sim_neuron model,
                     struct sim_neuron_parameters *p, char *fault, size_t size) {
    const json_t *item = json_object_get(object, key->name);
    if ((key->models >> model & 1) == 0)
        return true;
    if (item == NULL && (key->required >> model & 1) == 0)
        return true;
    if (json_is_integer(item) && json_integer_value(item) >= key->min &&
        json_integer_value(item) <= key->max) {
        *(uint32_t *)((char *)p + key->offset) = (uint32_t)json_integer_value(item);
        return true;
    }
    snprintf(fault, size, "%s '%s' %s attribute '%s', an integer from %u to %u",
             model == SIM_NEURON_NONE ? "layer without neuron" : "neuron", sim_neuron_names[model],
             item == NULL ? "needs" : "has a wrong", key->name, key->min, key->max);
    return false;
}

/* "thresholds": one for each channel, or for each neuron. */
static bool read_thresholds(const json_t *object, const struct sim_layer *layer, struct sim_arena *arena,
                            struct sim_neuron_parameters *p, char *fault, size_t size) {
    const json_t *list = json_object_get(object, "thresholds");
    size_t count = json_array_size(list), channels = layer->shape.channels;
    bool fits = count > 0 && (count == layer->neurons || count == channels);
    for (size_t i = 0; i < count && fits; i++) {
        const json_t *item = json_array_get(list, i);
        fits =
            json_is_integer(item) && json_integer_value(item) >= 1 && json_integer_value(item) <= INT32_MAX;
    }
    if (!fits) {
        snprintf(
            fault, size,
            "neuron 'channel_if' needs attribute 'thresholds', a list of integers from 1 on, one for each of "
            "its %zu channels or %u neurons",
            channels, layer->neurons);
        return false;
    }
    if (arena == NULL)
        return true;
    int32_t *threshold = SIM_NEW_ARRAY(arena, int32_t, layer->neurons);
    size_t each = layer->neurons / count;
    for (uint32_t n = 0; n < layer->neurons; n++)
        threshold[n] = (int32_t)json_integer_value(json_array_get(list, n / each));
    p->threshold = threshold;
    return true;
}

bool sim_neuron_read(const struct sim_layer *layer, struct sim_arena *arena,
                     struct sim_neuron_parameters *parameters, char *fault, size_t size) {
    *parameters = (struct sim_neuron_parameters){.decay = 0};
    json_t *object = layer->attributes == NULL
                         ? json_object()
                         : json_loads(layer->attributes, JSON_REJECT_DUPLICATES, NULL);
    bool sound = true;
    for (size_t i = 0; i < sizeof keys / sizeof *keys && sound; i++)
        sound = read_key(object, &keys[i], layer->neuron, parameters, fault, size);
    if (sound && layer->neuron == SIM_NEURON_CHANNEL_IF)
        sound = read_thresholds(object, layer, arena, parameters, fault, size);
    json_decref(object);
    if (sound && (parameters->silent > parameters->levels || parameters->dead_zone > parameters->levels)) {
        snprintf(fault, size, "silent level %u or dead zone %u are more than the %u levels",
                 parameters->silent, parameters->dead_zone, parameters->levels);
        return false;
    }
    return sound;
}

bool sim_neuron_check(const struct sim_graph *graph, uint32_t id, char *fault, size_t size) {
    const struct sim_layer *layer = &graph->layer[id];
    struct sim_neuron_parameters own, source;
    if (!sim_neuron_read(layer, NULL, &own, fault, size))
        return false;
    if (layer->neuron != SIM_NEURON_TTFS && layer->neuron != SIM_NEURON_MASKED_TTFS)
        return true;
    for (uint32_t i = 0; i < layer->operands; i++) {
        if (!sim_neuron_read(&graph->layer[layer->operand[i]], NULL, &source, fault, size))
            return false;
        if (source.levels != 0 && source.levels != own.levels)
            snprintf(fault, size, "its spikes have %u levels and those of operand %u have %u", own.levels, i,
                     source.levels);
        else if (layer->neuron == SIM_NEURON_TTFS && source.silent != 0)
            snprintf(fault, size, "neuron 'ttfs' cannot read operand %u, whose silent level is %u", i,
                     source.silent);
        else
            continue;
        return false;
    }
    return true;
}

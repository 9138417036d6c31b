/* SPDX-License-Identifier: MIT
 *
 * Who sends to whom; see map.h.
 *
 * With unicast a packet names the axon at its target, and a spike has one packet for each core that takes it.
 * With multicast it names the source neuron in the numbering of all neurons, each target finds its axon in
 * its axon table, and all cores that take the same neurons with the same delay are one group.
 */
#include "arch/packet/connect.h"

#include "noc/aer/router.h"

/* Places first .. first + neurons - 1 of a layer leave from one place. */
struct source {
    uint32_t layer, first, neurons, terminal, network;
};

/* An input of a core. */
struct taker {
    uint32_t core, input;
};

static const struct arch_packet_input *input_of(const struct arch_packet_map *map, struct taker taker) {
    return &map->core[taker.core].input[taker.input];
}

/* The next input of a core, from `taker` on, that takes neurons of the source; false: no more. */
static bool next_taker(const struct arch_packet_map *map, const struct source *source, struct taker *taker) {
    for (; taker->core < map->cores; taker->core++, taker->input = 0)
        for (; taker->input < map->core[taker->core].inputs; taker->input++) {
            const struct arch_packet_input *input = input_of(map, *taker);
            if (input->source == source->layer && input->first < source->first + source->neurons &&
                source->first < input->first + input->count)
                return true;
        }
    return false;
}

static uint8_t network_for(const struct arch_packet_map *map, enum arch_packet_class packets, uint32_t layer,
                           uint32_t core) {
    return (uint8_t)arch_assignments_network(&map->spec.assign, packets, layer, core);
}

static bool fires(const struct arch_packet_map *map, uint32_t core) { return map->core[core].root == core; }

/* Timesteps beyond the next: a core that adds sums fires when its layer does, one that sends them before
 * that. */
static uint32_t delay_to(const struct arch_packet_map *map, uint32_t core, uint32_t source) {
    return map->layer[map->core[core].layer].latency - !fires(map, core) - 1 - map->layer[source].latency;
}

static struct arch_destination unicast(const struct arch_packet_map *map, const struct source *source,
                                       struct taker taker) {
    const struct arch_packet_input *input = input_of(map, taker);
    struct arch_destination d = {.terminal = taker.core, .copies = 1, .network = (uint8_t)source->network};
    uint32_t first = source->first > input->first ? source->first : input->first;
    uint32_t end = source->first + source->neurons, input_end = input->first + input->count;
    d.first = first - source->first;
    d.count = (end < input_end ? end : input_end) - first;
    d.key = input->axon + first - input->first;
    d.delay = (uint8_t)delay_to(map, taker.core, source->layer);
    return d;
}

static bool alike(const struct arch_destination *a, const struct arch_destination *b) {
    return a->first == b->first && a->count == b->count && a->delay == b->delay;
}

/* No input before this one takes the same neurons with the same delay. */
static bool leads_group(const struct arch_packet_map *map, const struct source *source, struct taker taker) {
    struct arch_destination own = unicast(map, source, taker);
    struct taker other = {0, 0};
    for (; next_taker(map, source, &other); other.input++) {
        if (other.core == taker.core && other.input == taker.input)
            return true;
        struct arch_destination d = unicast(map, source, other);
        if (alike(&d, &own))
            return false;
    }
    return true;
}

/* Most destinations that neurons of a layer can have. */
static uint32_t readers(const struct arch_packet_map *map, uint32_t layer) {
    uint32_t count = 1; /* the host */
    for (uint32_t core = 0; core < map->cores; core++)
        for (uint32_t i = 0; i < map->core[core].inputs; i++)
            count += map->core[core].input[i].source == layer;
    return count;
}

static uint32_t groups_in(const struct arch_packet_map *map, uint32_t network) {
    uint32_t number = 0;
    for (uint32_t i = 0; i < map->groups; i++)
        number += map->group[i].network == network;
    return number;
}

/* The destination of the group that `taker` leads: a multicast group, or the core alone. */
static struct arch_destination multicast(struct arch_packet_map *map, const struct source *source,
                                         struct taker taker) {
    struct arch_destination d = unicast(map, source, taker);
    uint32_t *member = SIM_NEW_ARRAY(map->arena, uint32_t, readers(map, source->layer)), members = 0;
    for (struct taker other = taker; next_taker(map, source, &other); other.input++) {
        struct arch_destination o = unicast(map, source, other);
        if (alike(&o, &d) && (members == 0 || member[members - 1] != other.core))
            member[members++] = other.core;
    }
    d.key = map->layer[source->layer].key + source->first + d.first;
    if (members == 1)
        return d;
    struct arch_packet_group group = {source->network, groups_in(map, source->network), source->terminal,
                                      member, members};
    map->group[map->groups++] = group;
    d.terminal = NOC_GROUP | group.number;
    d.copies = members;
    return d;
}

/* Fills the list of a source; returns its length. */
static uint32_t list_targets(struct arch_packet_map *map, const struct source *source,
                             struct arch_destination *list) {
    uint32_t length = 0;
    for (struct taker taker = {0, 0}; next_taker(map, source, &taker); taker.input++) {
        if (!map->spec.multicast)
            list[length++] = unicast(map, source, taker);
        else if (leads_group(map, source, taker))
            list[length++] = multicast(map, source, taker);
    }
    if (map->layer[source->layer].leaves)
        list[length++] = (struct arch_destination){
            .terminal = map->host,
            .key = map->layer[source->layer].key + source->first,
            .count = source->neurons,
            .copies = 1,
            .network = network_for(map, ARCH_PACKETS_OUTPUTS, source->layer, source->terminal),
        };
    return length;
}

static void connect_core(struct arch_packet_map *map, uint32_t number) {
    struct arch_packet_core *core = &map->core[number];
    core->range = SIM_NEW_ARRAY(map->arena, struct arch_axon_range, core->inputs);
    for (uint32_t i = 0; i < core->inputs; i++) {
        const struct arch_packet_input *input = &core->input[i];
        uint32_t key = map->spec.multicast ? map->layer[input->source].key + input->first : input->axon;
        core->range[i] = (struct arch_axon_range){.key = key, .count = input->count, .axon = input->axon};
    }
    struct source source = {core->layer, core->first_neuron, core->neurons, number,
                            network_for(map, ARCH_PACKETS_HIDDEN, core->layer, number)};
    if (fires(map, number)) {
        core->destination = SIM_NEW_ARRAY(map->arena, struct arch_destination, readers(map, core->layer));
        core->destinations = list_targets(map, &source, core->destination);
        return;
    }
    core->destination = SIM_NEW(map->arena, struct arch_destination);
    core->destinations = 1;
    *core->destination = (struct arch_destination){
        .terminal = core->root,
        .count = core->neurons,
        .copies = 1,
        .network = network_for(map, ARCH_PACKETS_SUMS, core->layer, number),
        .sum = true,
    };
}

/* A layer fires when the last of its operands has come; sums of spread layers take a timestep more. */
static bool set_latencies(struct arch_packet_map *map, struct sim_err *err) {
    for (uint32_t id = 0; id < map->graph->layers; id++) {
        const struct sim_layer *layer = &map->graph->layer[id];
        struct arch_packet_layer *own = &map->layer[id];
        uint32_t first = UINT32_MAX, last = 0;
        for (uint32_t port = 0; port < layer->operands; port++) {
            uint32_t latency = map->layer[layer->operand[port]].latency;
            first = latency < first ? latency : first;
            last = latency > last ? latency : last;
        }
        if (sim_layer_outside(layer))
            continue;
        own->latency = last + 1 + own->delay + own->spread;
        if (own->latency - first > ARCH_SLOTS)
            return sim_err_add(
                err, SIM_EXIT_CONFIG, NULL,
                "layer %u '%s': its operands come up to %u timesteps early, and a core's scheduler "
                "holds spikes for %u",
                id, layer->name, own->latency - 1 - first, ARCH_SLOTS - 1);
        if (own->leaves && own->latency > map->latency)
            map->latency = own->latency;
    }
    return true;
}

bool arch_packet_connect(struct arch_packet_map *map, struct sim_err *err) {
    const struct sim_graph *graph = map->graph;
    uint32_t pairs = 0;
    for (uint32_t core = 0; core < map->cores; core++)
        pairs += readers(map, map->core[core].layer);
    for (uint32_t id = 0; id < graph->layers; id++)
        pairs += readers(map, id);
    map->group = SIM_NEW_ARRAY(map->arena, struct arch_packet_group, map->spec.multicast ? pairs : 0);
    if (!set_latencies(map, err))
        return false;
    for (uint32_t core = 0; core < map->cores; core++)
        connect_core(map, core);
    for (uint32_t id = 0; id < graph->layers; id++) {
        if (!sim_layer_outside(&graph->layer[id]))
            continue;
        struct source source = {id, 0, graph->layer[id].neurons, map->host,
                                network_for(map, ARCH_PACKETS_INPUTS, id, 0)};
        map->layer[id].destination = SIM_NEW_ARRAY(map->arena, struct arch_destination, readers(map, id));
        map->layer[id].destinations = list_targets(map, &source, map->layer[id].destination);
    }
    return true;
}

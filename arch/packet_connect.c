/* SPDX-License-Identifier: MIT
 *
 * Who sends to whom; see packet_map.h.
 *
 * With unicast a packet names the axon at its target, and a spike has one packet for each core that takes it.
 * With multicast it names the source neuron in the numbering of all neurons, each target finds its axon in
 * its axon table, and all cores that take the same neurons with the same delay are one group.
 */
#include "arch/packet_connect.h"

#include "noc/aer_router.h"

/* Neurons first .. first + neurons - 1 of a layer leave from one place. */
struct source {
    uint32_t layer, first, neurons, terminal, network;
};

/* The neurons of `source` that core `core` takes. */
static bool overlap(const struct source *source, const struct arch_packet_core *core, uint32_t *first,
                    uint32_t *count) {
    if (core->source != source->layer)
        return false;
    uint32_t end = source->first + source->neurons, core_end = core->first_axon + core->axons;
    *first = source->first > core->first_axon ? source->first : core->first_axon;
    end = end < core_end ? end : core_end;
    *count = end > *first ? end - *first : 0;
    return *count > 0;
}

static uint8_t network_for(const struct arch_packet_map *map, enum arch_packet_class packets, uint32_t layer,
                           uint32_t core) {
    return (uint8_t)arch_assignments_network(&map->spec.assign, packets, layer, core);
}

static bool fires(const struct arch_packet_map *map, uint32_t core) { return map->core[core].root == core; }

/* The firing core of a spread group waits one timestep for the others' sums. */
static uint8_t delay_to(const struct arch_packet_map *map, uint32_t core) {
    const struct arch_packet_core *c = &map->core[core];
    return (uint8_t)(map->layer[c->layer].delay + (c->spread && fires(map, core)));
}

static struct arch_destination unicast(const struct arch_packet_map *map, const struct source *source,
                                       uint32_t core) {
    struct arch_destination d = {.terminal = core, .copies = 1, .network = (uint8_t)source->network};
    uint32_t first = source->first;
    overlap(source, &map->core[core], &first, &d.count);
    d.first = first - source->first;
    d.key = first - map->core[core].first_axon;
    d.delay = delay_to(map, core);
    return d;
}

/* No core before `core` takes the same neurons with the same delay. */
static bool leads_group(const struct arch_packet_map *map, const struct source *source, uint32_t core) {
    struct arch_destination own = unicast(map, source, core);
    for (uint32_t other = 0; other < core; other++) {
        uint32_t first, count;
        if (!overlap(source, &map->core[other], &first, &count))
            continue;
        struct arch_destination d = unicast(map, source, other);
        if (d.first == own.first && d.count == own.count && d.delay == own.delay)
            return false;
    }
    return true;
}

/* Most destinations that neurons of a layer can have. */
static uint32_t readers(const struct arch_packet_map *map, uint32_t layer) {
    uint32_t count = 1; /* the host */
    for (uint32_t core = 0; core < map->cores; core++)
        count += map->core[core].source == layer;
    return count;
}

static uint32_t groups_in(const struct arch_packet_map *map, uint32_t network) {
    uint32_t number = 0;
    for (uint32_t i = 0; i < map->groups; i++)
        number += map->group[i].network == network;
    return number;
}

/* The destination of the group that `core` leads: a multicast group, or the core alone. */
static struct arch_destination multicast(struct arch_packet_map *map, const struct source *source,
                                         uint32_t core) {
    struct arch_destination d = unicast(map, source, core);
    uint32_t *member = SIM_NEW_ARRAY(map->arena, uint32_t, readers(map, source->layer)), members = 0;
    for (uint32_t other = core; other < map->cores; other++) {
        uint32_t first, count;
        if (!overlap(source, &map->core[other], &first, &count))
            continue;
        struct arch_destination o = unicast(map, source, other);
        if (o.first == d.first && o.count == d.count && o.delay == d.delay)
            member[members++] = other;
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
    for (uint32_t core = 0; core < map->cores; core++) {
        uint32_t first, count;
        if (!overlap(source, &map->core[core], &first, &count))
            continue;
        if (!map->spec.multicast)
            list[length++] = unicast(map, source, core);
        else if (leads_group(map, source, core))
            list[length++] = multicast(map, source, core);
    }
    if (!map->layer[source->layer].read && map->graph->layer[source->layer].kind != SIM_LAYER_INPUT)
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
    uint32_t key = map->spec.multicast ? map->layer[core->source].key + core->first_axon : 0;
    core->range = (struct arch_axon_range){.key = key, .count = core->axons, .axon = 0};
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

static void set_latencies(struct arch_packet_map *map) {
    for (uint32_t i = 0; i < map->cores; i++) {
        const struct arch_packet_core *core = &map->core[i];
        const struct arch_packet_layer *source = &map->layer[core->source];
        struct arch_packet_layer *layer = &map->layer[core->layer];
        layer->latency = source->latency + 1 + layer->delay + core->spread;
        if (!layer->read && layer->latency > map->latency)
            map->latency = layer->latency;
    }
}

void arch_packet_connect(struct arch_packet_map *map) {
    const struct sim_graph *graph = map->graph;
    uint32_t pairs = 0;
    for (uint32_t core = 0; core < map->cores; core++)
        pairs += readers(map, map->core[core].layer);
    for (uint32_t id = 0; id < graph->layers; id++)
        pairs += readers(map, id);
    map->group = SIM_NEW_ARRAY(map->arena, struct arch_packet_group, map->spec.multicast ? pairs : 0);
    set_latencies(map);
    for (uint32_t core = 0; core < map->cores; core++)
        connect_core(map, core);
    for (uint32_t id = 0; id < graph->layers; id++) {
        if (graph->layer[id].kind != SIM_LAYER_INPUT)
            continue;
        struct source source = {id, 0, graph->layer[id].neurons, map->host,
                                network_for(map, ARCH_PACKETS_INPUTS, id, 0)};
        map->layer[id].destination = SIM_NEW_ARRAY(map->arena, struct arch_destination, readers(map, id));
        map->layer[id].destinations = list_targets(map, &source, map->layer[id].destination);
    }
}

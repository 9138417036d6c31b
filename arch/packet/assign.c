/* SPDX-License-Identifier: MIT
 *
 * Choice of networks; see assign.h.
 */
#include "arch/packet/assign.h"

#include "sim/base/err.h"

#include <string.h>

#define EVERY UINT32_MAX

static const char *const classes[] = {"all", "inputs", "hidden", "outputs", "sums", NULL};

static const struct sim_param params[] = {
    SIM_PARAM_TEXT(struct arch_assignment_spec, layer, "", "the layer that sends; empty: every layer"),
    SIM_PARAM_CHOICE(struct arch_assignment_spec, packets, classes, "all",
                     "from the host (inputs), core to core (hidden), to the host (outputs), or partial sums"),
    SIM_PARAM_TEXT(struct arch_assignment_spec, network, NULL, "name of the network that carries them"),
};

const struct sim_schema arch_assignment_schema = {
    .name = "arch.assignment",
    .help = "Packets of a packet chip that one of its networks carries.",
    .size = sizeof(struct arch_assignment_spec),
    SIM_SCHEMA_PARAMS(params),
};

static uint32_t find(const char *const *name, uint32_t count, const char *wanted) {
    for (uint32_t i = 0; i < count; i++)
        if (name[i][0] != '\0' && strcmp(name[i], wanted) == 0)
            return i;
    return count;
}

bool arch_assignments_check(const struct arch_assignment_spec *spec, uint32_t entries,
                            const char *const *name, uint32_t networks, const struct sim_where *where,
                            struct sim_err *err) {
    bool sound = true;
    for (uint32_t i = 0; i < networks; i++)
        if (find(name, i, name[i]) < i)
            sound = sim_err_add(err, SIM_EXIT_CONFIG, where,
                                "arch.packet_chip: networks[%u] has the name of another: '%s'", i, name[i]);
    for (uint32_t i = 0; i < entries; i++) {
        if (find(name, networks, spec[i].network) < networks)
            continue;
        char suggestion[SIM_SUGGEST_SIZE];
        const char *nearest = sim_err_nearest(spec[i].network, name, (int)networks);
        sound = sim_err_add(err, SIM_EXIT_CONFIG, where,
                            "arch.packet_chip: assign[%u]: no network is called '%s'%s", i,
                            spec[i].network, sim_err_suggest(suggestion, nearest));
    }
    return sound;
}

bool arch_assignments_resolve(const struct arch_assignment_spec *spec, uint32_t entries,
                              const char *const *name, uint32_t networks, const struct sim_graph *graph,
                              struct arch_assignment *entry, struct sim_err *err) {
    bool sound = true;
    for (uint32_t i = 0; i < entries; i++) {
        uint32_t layer = 0;
        while (layer < graph->layers && strcmp(graph->layer[layer].name, spec[i].layer) != 0)
            layer++;
        bool every = spec[i].layer[0] == '\0';
        entry[i] = (struct arch_assignment){.layer = every ? EVERY : layer,
                                            .packets = (enum arch_packet_class)spec[i].packets,
                                            .network = find(name, networks, spec[i].network)};
        if (!every && layer == graph->layers)
            sound = sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                                "chip.assign[%u]: the network has no layer '%s'", i, spec[i].layer);
    }
    return sound;
}

uint32_t arch_assignments_network(const struct arch_assignments *a, enum arch_packet_class packets,
                                  uint32_t layer, uint32_t core) {
    for (uint32_t i = 0; i < a->entries; i++) {
        const struct arch_assignment *entry = &a->entry[i];
        bool fits = entry->packets == ARCH_PACKETS_ALL || entry->packets == packets;
        if (fits && (entry->layer == EVERY || entry->layer == layer))
            return entry->network;
    }
    return a->entries > 0 || a->networks == 0 || packets == ARCH_PACKETS_INPUTS ? 0 : core % a->networks;
}

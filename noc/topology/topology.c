/* SPDX-License-Identifier: MIT
 *
 * What all topologies share; see topology.h. The builders stand in grid.c, tree.c and
 * graph.c.
 */
#include "noc/topology/build.h"

#include "sim/base/arena.h"
#include "sim/base/err.h"

#include <stdlib.h>
#include <string.h>

bool noc_topology_parse_sizes(const char *text, uint32_t *size, uint32_t *count) {
    *count = 0;
    for (const char *p = text;;) {
        if (*p < '1' || *p > '9' || *count == NOC_DIMENSIONS_MAX)
            return false;
        uint64_t value = 0;
        for (; *p >= '0' && *p <= '9'; p++) {
            value = value * 10 + (uint64_t)(*p - '0');
            if (value > NOC_TERMINALS_MAX)
                return false;
        }
        size[(*count)++] = (uint32_t)value;
        if (*p == '\0')
            return true;
        if (*p++ != 'x')
            return false;
    }
}

void noc_topology_alloc(struct noc_topology *t, uint32_t routers, uint32_t terminals, size_t ends,
                        struct sim_arena *arena) {
    t->routers = routers;
    t->terminals = terminals;
    t->first = SIM_NEW_ARRAY(arena, uint32_t, (size_t)routers + 1);
    t->end = SIM_NEW_ARRAY(arena, struct noc_end, ends);
    t->home = SIM_NEW_ARRAY(arena, struct noc_home, terminals);
}

void noc_topology_attach(struct noc_topology *t, uint32_t router, uint32_t port, uint32_t terminal) {
    t->end[t->first[router] + port] =
        (struct noc_end){.peer = terminal, .kind = NOC_END_TERMINAL, .latency = 1};
    t->home[terminal] = (struct noc_home){.router = router, .port = port};
}

/* Distances in routers from `root` to every router by breadth-first search; UINT32_MAX: not reached. */
static void search(const struct noc_topology *t, uint32_t root, uint32_t *distance, uint32_t *queue) {
    memset(distance, 0xFF, (size_t)t->routers * sizeof *distance);
    uint32_t head = 0, tail = 0;
    queue[tail++] = root;
    distance[root] = 1;
    while (head < tail) {
        uint32_t router = queue[head++];
        for (uint32_t port = 0; port < noc_topology_ports(t, router); port++) {
            const struct noc_end *end = noc_topology_end(t, router, port);
            if (end->kind == NOC_END_ROUTER && distance[end->peer] == UINT32_MAX) {
                distance[end->peer] = distance[router] + 1;
                queue[tail++] = end->peer;
            }
        }
    }
}

bool noc_topology_measure(struct noc_topology *t, uint32_t *unreached) {
    uint32_t *distance = malloc(((size_t)t->routers * 2 + 1) * sizeof *distance);
    if (distance == NULL)
        return false;
    uint32_t *queue = distance + t->routers;
    bool connected = true;
    for (uint32_t root = 0; root < t->routers && connected; root++) {
        search(t, root, distance, queue);
        for (uint32_t router = 0; router < t->routers; router++) {
            if (distance[router] == UINT32_MAX) {
                *unreached = router;
                connected = false;
                break;
            }
            if (distance[router] > t->diameter)
                t->diameter = distance[router];
        }
    }
    free(distance);
    return connected;
}

static uint32_t widest(const struct noc_topology *t) {
    uint32_t ports = 0;
    for (uint32_t router = 0; router < t->routers; router++)
        if (noc_topology_ports(t, router) > ports)
            ports = noc_topology_ports(t, router);
    return ports;
}

bool noc_topology_init(struct noc_topology *t, const struct noc_topology_spec *spec,
                       const struct sim_where *where, struct sim_arena *arena, struct sim_err *err) {
    memset(t, 0, sizeof *t);
    t->kind = spec->kind;
    bool built = false;
    switch (spec->kind) {
    case NOC_TOPOLOGY_MESH:
    case NOC_TOPOLOGY_TORUS: built = noc_topology_grid(t, spec, where, arena, err); break;
    case NOC_TOPOLOGY_FAT_TREE: built = noc_topology_tree(t, spec, where, arena, err); break;
    case NOC_TOPOLOGY_GRAPH: built = noc_topology_graph(t, spec, where, arena, err); break;
    case NOC_TOPOLOGY_COUNT: break;
    }
    if (!built)
        return false;
    t->ports_max = widest(t);
    if (t->ports_max > NOC_PORTS_MAX)
        return sim_err_add(err, SIM_EXIT_CONFIG, where, "noc.network: a router has %u ports (at most %u)",
                           t->ports_max, NOC_PORTS_MAX);
    if (t->diameter > NOC_HOPS_MAX)
        return sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "noc.network: paths of %u routers are too long (at most %u)", t->diameter,
                           NOC_HOPS_MAX);
    return true;
}

const char *noc_topology_describe(const struct noc_topology *t, struct sim_arena *arena) {
    char text[16 * NOC_DIMENSIONS_MAX] = "";
    size_t used = 0;
    for (uint32_t d = 0; d < t->dimensions; d++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%u", d == 0 ? "" : "x", t->size[d]);
    switch (t->kind) {
    case NOC_TOPOLOGY_MESH: return sim_arena_format(arena, "mesh %s", text);
    case NOC_TOPOLOGY_TORUS: return sim_arena_format(arena, "torus %s", text);
    case NOC_TOPOLOGY_FAT_TREE:
        return sim_arena_format(arena, "fat tree of arity %u with %u levels", t->arity, t->levels);
    default: return sim_arena_format(arena, "graph of %u routers", t->routers);
    }
}

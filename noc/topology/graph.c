/* SPDX-License-Identifier: MIT
 *
 * Any graph, from its edge list: "0-1, 1-2:3, 2-0" (latency behind the colon). Edges are bidirectional;
 * a router's ports follow the order in which its edges are listed, terminals come last.
 */
#include "noc/topology/build.h"

#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/kernel/wheel.h"

#include <ctype.h>
#include <stdlib.h>

struct edge {
    uint32_t a, b, latency;
};

static const char *skip_space(const char *p) {
    while (isspace((unsigned char)*p))
        p++;
    return p;
}

/* Reads a number below `limit`; NULL when there is none. */
static const char *read_number(const char *p, uint32_t limit, uint32_t *value) {
    p = skip_space(p);
    if (!isdigit((unsigned char)*p))
        return NULL;
    uint64_t v = 0;
    for (; isdigit((unsigned char)*p); p++)
        if ((v = v * 10 + (uint64_t)(*p - '0')) >= limit)
            return NULL;
    *value = (uint32_t)v;
    return skip_space(p);
}

static const char *read_edge(const char *p, uint32_t latency, struct edge *edge) {
    edge->latency = latency;
    if ((p = read_number(p, NOC_TERMINALS_MAX, &edge->a)) == NULL || *p++ != '-')
        return NULL;
    if ((p = read_number(p, NOC_TERMINALS_MAX, &edge->b)) == NULL)
        return NULL;
    if (*p == ':' && (p = read_number(p + 1, SIM_WHEEL_SLOTS / 2, &edge->latency)) == NULL)
        return NULL;
    return edge->a == edge->b || edge->latency == 0 ? NULL : p;
}

/* The edges of `text`; NULL and a message when it cannot be read. */
static struct edge *read_edges(const struct noc_topology_spec *spec, uint32_t *count,
                               const struct sim_where *where, struct sim_arena *arena, struct sim_err *err) {
    uint32_t commas = 0;
    for (const char *p = spec->edges; *p != '\0'; p++)
        commas += *p == ',';
    struct edge *edge = SIM_NEW_ARRAY(arena, struct edge, (size_t)commas + 1);
    *count = 0;
    for (const char *p = spec->edges;; p++) {
        p = read_edge(p, spec->link_latency, &edge[*count]);
        if (p == NULL || (*p != ',' && *p != '\0')) {
            sim_err_add(err, SIM_EXIT_CONFIG, where,
                        "noc.network: edge %u is not of the form 0-1 or 0-1:2 (two different routers, "
                        "optional latency)",
                        *count + 1);
            return NULL;
        }
        (*count)++;
        if (*p == '\0')
            return edge;
    }
}

bool noc_topology_graph(struct noc_topology *t, const struct noc_topology_spec *spec,
                        const struct sim_where *where, struct sim_arena *arena, struct sim_err *err) {
    uint32_t edges;
    if (*spec->edges == '\0')
        return sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "noc.network: a graph needs its edges, as in edges: \"0-1, 1-2, 2-0:3\"");
    struct edge *edge = read_edges(spec, &edges, where, arena, err);
    if (edge == NULL)
        return false;
    uint32_t routers = 0;
    for (uint32_t i = 0; i < edges; i++) {
        routers = edge[i].a >= routers ? edge[i].a + 1 : routers;
        routers = edge[i].b >= routers ? edge[i].b + 1 : routers;
    }
    if (routers > NOC_GRAPH_MAX)
        return sim_err_add(err, SIM_EXIT_CONFIG, where, "noc.network: a graph has at most %u routers",
                           NOC_GRAPH_MAX);
    t->concentration = spec->concentration;
    noc_topology_alloc(t, routers, routers * spec->concentration,
                       2 * (size_t)edges + (size_t)routers * spec->concentration, arena);
    for (uint32_t i = 0; i < edges; i++) {
        t->first[edge[i].a + 1]++;
        t->first[edge[i].b + 1]++;
    }
    for (uint32_t router = 0; router < routers; router++)
        t->first[router + 1] += t->first[router] + spec->concentration;
    uint32_t *next = SIM_NEW_ARRAY(arena, uint32_t, routers);
    for (uint32_t i = 0; i < edges; i++) {
        uint32_t a = edge[i].a, b = edge[i].b, pa = next[a]++, pb = next[b]++;
        t->end[t->first[a] + pa] = (struct noc_end){
            .peer = b, .peer_port = (uint16_t)pb, .kind = NOC_END_ROUTER, .latency = edge[i].latency};
        t->end[t->first[b] + pb] = (struct noc_end){
            .peer = a, .peer_port = (uint16_t)pa, .kind = NOC_END_ROUTER, .latency = edge[i].latency};
    }
    for (uint32_t router = 0; router < routers; router++)
        for (uint32_t k = 0; k < spec->concentration; k++)
            noc_topology_attach(t, router, next[router] + k, router * spec->concentration + k);
    uint32_t unreached;
    if (!noc_topology_measure(t, &unreached))
        return sim_err_add(err, SIM_EXIT_CONFIG, where, "noc.network: router %u is not connected to router 0",
                           unreached);
    return true;
}

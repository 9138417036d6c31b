/* SPDX-License-Identifier: MIT
 *
 * The channel-dependency graph; see deadlock.h.
 */
#include "noc/topology/deadlock.h"

#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/base/memory.h"
#include "sim/base/number.h"

#include <stdlib.h>
#include <string.h>

#define CLASSES 8u        /* routing classes in use, all functions taken together */
#define EFFORT 4000000u   /* states that may be visited before a smaller grid is judged instead */
#define NAMED 12u         /* channels of a cycle that are named */

struct arcs {
    uint32_t *to;
    uint32_t count, capacity;
};

struct graph {
    const struct noc_routing *routing;
    uint32_t vcs;        /* judged: one when all are alike */
    uint32_t nodes;      /* (end of a link) x vcs */
    struct arcs *arcs;   /* [node] */
    uint64_t *seen;      /* bit for each (node, class) on the way to one destination */
    uint32_t *stack;     /* states still to be followed: node * CLASSES + class */
    uint32_t *router_of; /* [end] */
    bool stranded;       /* a packet outside the escape network could not ask for it, or for anything */
};

static void *allocate(size_t count, size_t size) {
    void *block = calloc(count > 0 ? count : 1, size);
    if (block == NULL)
        sim_memory_exhausted(NULL);
    return block;
}

static void add_arc(struct graph *g, uint32_t from, uint32_t to) {
    struct arcs *a = &g->arcs[from];
    for (uint32_t k = 0; k < a->count; k++)
        if (a->to[k] == to)
            return;
    if (a->count == a->capacity) {
        a->capacity = a->capacity == 0 ? 4 : 2 * a->capacity;
        uint32_t *larger = allocate(a->capacity, sizeof *larger);
        if (a->count > 0)
            memcpy(larger, a->to, a->count * sizeof *larger);
        free(a->to);
        a->to = larger;
    }
    a->to[a->count++] = to;
}

/* One state: a packet for `dst` at the front of the channel `end`, VC `vc`, with its class. */
static uint32_t follow(struct graph *g, uint32_t dst, uint32_t end, uint32_t vc, uint32_t class_,
                       bool entered, uint32_t depth) {
    const struct noc_topology *t = g->routing->topology;
    struct noc_choice choice[NOC_CHOICES_MAX];
    uint32_t router = g->router_of[end];
    struct noc_hop hop = {
        .router = router, .in_port = end - t->first[router], .in_vc = vc, .dst = dst, .class_ = class_};
    uint32_t count = g->routing->route(g->routing, &hop, choice), escapes = 0;
    bool inside = !g->routing->escape || class_ & 4; /* in the network that must be free of cycles */
    for (uint32_t k = 0; k < count; k++) {
        const struct noc_end *out = noc_topology_end(t, router, choice[k].port);
        escapes += choice[k].escape;
        if (out->kind != NOC_END_ROUTER)
            continue;
        uint32_t next = t->first[out->peer] + out->peer_port;
        for (uint32_t to = 0; to < g->vcs; to++) {
            if (!(choice[k].vcs >> to & 1))
                continue;
            uint32_t node = next * g->vcs + to, state = node * CLASSES + choice[k].class_;
            if (!entered && inside && choice[k].escape)
                add_arc(g, end * g->vcs + vc, node);
            if (g->seen[state / 64] >> state % 64 & 1)
                continue;
            g->seen[state / 64] |= UINT64_C(1) << state % 64;
            g->stack[depth++] = state;
        }
    }
    g->stranded |= escapes == 0;
    return depth;
}

static void follow_all(struct graph *g) {
    const struct noc_topology *t = g->routing->topology;
    size_t words = (size_t)g->nodes * CLASSES / 64 + 1;
    for (uint32_t dst = 0; dst < t->terminals; dst++) {
        memset(g->seen, 0, words * sizeof *g->seen);
        for (uint32_t src = 0; src < t->terminals; src++) {
            uint32_t end = t->first[t->home[src].router] + t->home[src].port, depth = 0;
            for (uint32_t class_ = 0; class_ < g->routing->entries; class_++)
                depth = follow(g, dst, end, 0, class_, true, depth);
            while (depth > 0) {
                uint32_t state = g->stack[--depth], node = state / CLASSES;
                depth = follow(g, dst, node / g->vcs, node % g->vcs, state % CLASSES, false, depth);
            }
        }
    }
}

/* Depth-first search; on a cycle writes its nodes to `path` from *first on and returns their number. */
static uint32_t find_cycle(const struct graph *g, uint32_t *path, uint32_t *first) {
    enum { NEW, OPEN, DONE };
    uint8_t *mark = allocate(g->nodes, 1);
    uint32_t *next = allocate(g->nodes, sizeof *next), length = 0, found = 0;
    for (uint32_t root = 0; root < g->nodes && found == 0; root++) {
        if (mark[root] != NEW)
            continue;
        path[length++] = root;
        mark[root] = OPEN;
        while (length > 0 && found == 0) {
            uint32_t node = path[length - 1];
            if (next[node] == g->arcs[node].count) {
                mark[node] = DONE;
                length--;
                continue;
            }
            uint32_t to = g->arcs[node].to[next[node]++];
            if (mark[to] == NEW) {
                mark[to] = OPEN;
                path[length++] = to;
            } else if (mark[to] == OPEN) {
                *first = length - 1;
                while (path[*first] != to)
                    (*first)--;
                found = length - *first;
            }
        }
    }
    free(mark);
    free(next);
    return found;
}

static bool report(const struct graph *g, const uint32_t *path, uint32_t count, const struct sim_where *where,
                   struct sim_arena *arena, struct sim_err *err) {
    const struct noc_topology *t = g->routing->topology;
    char text[64 * (NAMED + 2)] = "";
    size_t used = 0;
    for (uint32_t k = 0; k <= count && k < NAMED; k++) {
        uint32_t node = path[k % count], end = node / g->vcs, router = g->router_of[end];
        const struct noc_end *back = noc_topology_end(t, router, end - t->first[router]);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%u->%u VC %u", k == 0 ? "" : ", ",
                                 back->peer, router, node % g->vcs);
    }
    if (count >= NAMED)
        snprintf(text + used, sizeof text - used, ", ...");
    return sim_err_add(
        err, SIM_EXIT_CONFIG, where,
        "noc.network: routing %s on this %s with %u virtual channel%s can deadlock: a cycle of %u "
        "links (router->router): %s",
        noc_routing_names[g->routing->kind], noc_topology_describe(t, arena), g->routing->vcs,
        sim_plural(g->routing->vcs), count, text);
}

static bool judge(const struct noc_routing *routing, const struct sim_where *where, struct sim_err *err) {
    const struct noc_topology *t = routing->topology;
    bool alike = routing->kind == NOC_ROUTING_TABLE || routing->kind == NOC_ROUTING_UP_DOWN ||
                 routing->kind == NOC_ROUTING_WEST_FIRST || routing->kind == NOC_ROUTING_ODD_EVEN;
    struct graph g = {.routing = routing, .vcs = alike ? 1 : routing->vcs};
    uint32_t ends = t->first[t->routers];
    g.nodes = ends * g.vcs;
    g.arcs = allocate(g.nodes, sizeof *g.arcs);
    g.seen = allocate((size_t)g.nodes * CLASSES / 64 + 1, sizeof *g.seen);
    g.stack =
        allocate((size_t)g.nodes * CLASSES + NOC_CHOICES_MAX * NOC_DIMENSIONS_MAX * 32, sizeof *g.stack);
    g.router_of = allocate(ends, sizeof *g.router_of);
    for (uint32_t router = 0; router < t->routers; router++)
        for (uint32_t end = t->first[router]; end < t->first[router + 1]; end++)
            g.router_of[end] = router;
    follow_all(&g);
    uint32_t *path = allocate((size_t)g.nodes + 1, sizeof *path), first = 0;
    uint32_t cycle = find_cycle(&g, path, &first);
    struct sim_arena arena;
    sim_arena_init(&arena);
    bool sound = true;
    if (g.stranded)
        sound =
            sim_err_add(err, SIM_EXIT_CONFIG, where, "noc.network: routing %s can strand a packet on this %s",
                        noc_routing_names[routing->kind], noc_topology_describe(t, &arena));
    else if (cycle > 0)
        sound = report(&g, path + first, cycle, where, &arena, err);
    sim_arena_release(&arena);
    for (uint32_t node = 0; node < g.nodes; node++)
        free(g.arcs[node].to);
    free(g.arcs);
    free(g.seen);
    free(g.stack);
    free(g.router_of);
    free(path);
    return sound;
}

/* A grid of the same parity in each dimension, at most 5 or 6 wide, without concentration. */
static bool judge_smaller(const struct noc_routing *routing, const struct noc_topology_spec *shape,
                          const struct sim_where *where, struct sim_err *err) {
    const struct noc_topology *t = routing->topology;
    uint32_t most = t->dimensions <= 2 ? 6 : t->dimensions == 3 ? 4 : 3;
    char size[8 * NOC_DIMENSIONS_MAX] = "";
    size_t used = 0;
    for (uint32_t d = 0; d < t->dimensions; d++) {
        uint32_t k = t->size[d] <= most ? t->size[d] : most - (most - t->size[d]) % 2;
        used += (size_t)snprintf(size + used, sizeof size - used, "%s%u", d == 0 ? "" : "x", k);
    }
    struct noc_topology_spec small_shape = *shape;
    small_shape.size = size;
    small_shape.concentration = 1;
    struct noc_topology small;
    struct noc_routing small_routing;
    struct sim_arena arena;
    sim_arena_init(&arena);
    bool sound = noc_topology_init(&small, &small_shape, where, &arena, err) &&
                 noc_routing_init(&small_routing, routing->kind, &small, routing->vcs, where, &arena, err) &&
                 judge(&small_routing, where, err);
    sim_arena_release(&arena);
    return sound;
}

bool noc_deadlock_check(const struct noc_routing *routing, const struct noc_topology_spec *shape,
                        const struct sim_where *where, struct sim_err *err) {
    const struct noc_topology *t = routing->topology;
    uint64_t states = (uint64_t)t->terminals * t->first[t->routers] * routing->vcs;
    bool by_order = routing->kind != NOC_ROUTING_TABLE && routing->kind != NOC_ROUTING_UP_DOWN;
    if (states > EFFORT && t->dimensions > 0 && by_order)
        return judge_smaller(routing, shape, where, err);
    if (states > EFFORT && t->kind == NOC_TOPOLOGY_FAT_TREE)
        return true; /* up, then down: levels fall and then rise, whatever the size */
    return judge(routing, where, err);
}

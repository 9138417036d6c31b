/* SPDX-License-Identifier: MIT
 *
 * Routing in graphs and trees; see routing.h.
 *
 * Table: the shortest path, lowest port first. It is deterministic and knows nothing of deadlock; the
 * check at elaboration judges it. Up*-down* (Schroeder et al., Autonet, 1991): links point up towards
 * router 0 (smaller distance, then smaller id); a path goes up any number of times, then down, and never
 * up again; among such paths every shortest one may be taken. In a fat tree the same idea needs no
 * tables: any way up to the nearest common ancestor, then down the destination's digits.
 */
#include "noc/topology/routing_build.h"

#include "sim/base/arena.h"

#include <string.h>

#define DOWN 1u /* routing class: the packet has turned down */
#define FAR UINT16_MAX

/* ---- distances ---------------------------------------------------------------------------------- */

static bool points_up(const struct noc_routing *routing, uint32_t from, uint32_t to) {
    const uint32_t *level = routing->level;
    return level[to] != level[from] ? level[to] < level[from] : to < from;
}

/* Distances to `goal` over reversed steps. State (phase, router): a step from `a` to `b` is legal in phase
 * 0 when it points up and stays in phase 0, or when it points down and enters phase 1; in phase 1 only
 * downwards. Without levels there is one phase and every step is legal. */
static void search_back(struct noc_routing *routing, uint32_t goal, uint32_t *queue) {
    const struct noc_topology *t = routing->topology;
    uint32_t n = t->routers, head = 0, tail = 0, phases = routing->level != NULL ? 2 : 1;
    for (uint32_t phase = 0; phase < phases; phase++) {
        for (uint32_t router = 0; router < n; router++)
            routing->distance[phase][(size_t)router * n + goal] = router == goal ? 0 : FAR;
        queue[tail++] = phase * n + goal;
    }
    while (head < tail) {
        uint32_t phase = queue[head] / n, to = queue[head] % n;
        head++;
        uint16_t length = (uint16_t)(routing->distance[phase][(size_t)to * n + goal] + 1);
        for (uint32_t port = 0; port < noc_topology_ports(t, to); port++) {
            const struct noc_end *end = noc_topology_end(t, to, port);
            if (end->kind != NOC_END_ROUTER)
                continue;
            uint32_t from = end->peer;
            bool up = phases == 2 && points_up(routing, from, to);
            if (phases == 2 && up != (phase == 0))
                continue; /* up-steps end in phase 0, down-steps in phase 1 */
            for (uint32_t before = 0; before <= phase; before++) {
                uint16_t *distance = &routing->distance[before][(size_t)from * n + goal];
                if (*distance != FAR)
                    continue;
                *distance = length;
                queue[tail++] = before * n + from;
            }
        }
    }
}

static void find_levels(struct noc_routing *routing, uint32_t *queue) {
    const struct noc_topology *t = routing->topology;
    memset(routing->level, 0xFF, t->routers * sizeof *routing->level);
    uint32_t head = 0, tail = 0;
    routing->level[0] = 0;
    queue[tail++] = 0;
    while (head < tail) {
        uint32_t router = queue[head++];
        for (uint32_t port = 0; port < noc_topology_ports(t, router); port++) {
            const struct noc_end *end = noc_topology_end(t, router, port);
            if (end->kind == NOC_END_ROUTER && routing->level[end->peer] == UINT32_MAX) {
                routing->level[end->peer] = routing->level[router] + 1;
                queue[tail++] = end->peer;
            }
        }
    }
}

void noc_routing_measure(struct noc_routing *routing, bool up_down, struct sim_arena *arena) {
    uint32_t n = routing->topology->routers;
    uint32_t *queue = SIM_NEW_ARRAY(arena, uint32_t, 2 * (size_t)n + 2);
    routing->distance[0] = SIM_NEW_ARRAY(arena, uint16_t, (size_t)n * n);
    if (up_down) {
        routing->distance[1] = SIM_NEW_ARRAY(arena, uint16_t, (size_t)n * n);
        routing->level = SIM_NEW_ARRAY(arena, uint32_t, n);
        find_levels(routing, queue);
    }
    for (uint32_t goal = 0; goal < n; goal++)
        search_back(routing, goal, queue);
}

/* ---- routes ------------------------------------------------------------------------------------- */

static uint16_t left(const struct noc_routing *routing, uint32_t phase, uint32_t from, uint32_t goal) {
    return routing->distance[phase][(size_t)from * routing->topology->routers + goal];
}

uint32_t noc_route_table(const struct noc_routing *routing, const struct noc_hop *hop,
                         struct noc_choice *choice) {
    const struct noc_topology *t = routing->topology;
    const struct noc_home *home = &t->home[hop->dst];
    if (home->router == hop->router)
        return noc_route_eject(routing, hop, home->port, choice);
    uint16_t distance = left(routing, 0, hop->router, home->router);
    for (uint32_t port = 0;; port++) {
        const struct noc_end *end = noc_topology_end(t, hop->router, port);
        if (end->kind == NOC_END_ROUTER && left(routing, 0, end->peer, home->router) < distance) {
            *choice = (struct noc_choice){.vcs = routing->all_vcs, .port = (uint16_t)port, .escape = 1};
            return 1;
        }
    }
}

uint32_t noc_route_up_down(const struct noc_routing *routing, const struct noc_hop *hop,
                           struct noc_choice *choice) {
    const struct noc_topology *t = routing->topology;
    const struct noc_home *home = &t->home[hop->dst];
    if (home->router == hop->router)
        return noc_route_eject(routing, hop, home->port, choice);
    uint32_t count = 0;
    uint16_t distance = left(routing, hop->class_, hop->router, home->router);
    for (uint32_t port = 0; port < noc_topology_ports(t, hop->router) && count < NOC_CHOICES_MAX; port++) {
        const struct noc_end *end = noc_topology_end(t, hop->router, port);
        if (end->kind != NOC_END_ROUTER)
            continue;
        bool up = points_up(routing, hop->router, end->peer);
        if ((up && hop->class_ == DOWN) || left(routing, up ? 0 : DOWN, end->peer, home->router) >= distance)
            continue;
        choice[count++] = (struct noc_choice){.vcs = routing->all_vcs,
                                              .port = (uint16_t)port,
                                              .class_ = up ? 0 : DOWN,
                                              .escape = 1};
    }
    return count;
}

uint32_t noc_route_tree(const struct noc_routing *routing, const struct noc_hop *hop,
                        struct noc_choice *choice) {
    const struct noc_topology *t = routing->topology;
    const struct noc_home *home = &t->home[hop->dst];
    uint32_t row = t->terminals / t->arity, k = t->arity;
    uint32_t level = hop->router / row, here = hop->router % row, goal = home->router % row;
    if (hop->router == home->router)
        return noc_route_eject(routing, hop, home->port, choice);
    /* Below this switch lie the leaves whose first `level` digits are its own. */
    uint32_t weight = row;
    for (uint32_t l = 0; l < level; l++)
        weight /= k;
    if (here / weight == goal / weight) {
        *choice = (struct noc_choice){.vcs = routing->all_vcs,
                                      .port = (uint16_t)(goal / (weight / k) % k),
                                      .class_ = DOWN,
                                      .escape = 1};
        return 1;
    }
    for (uint32_t j = 0; j < k; j++)
        choice[j] = (struct noc_choice){.vcs = routing->all_vcs, .port = (uint16_t)(k + j), .escape = 1};
    return k;
}

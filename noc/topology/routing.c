/* SPDX-License-Identifier: MIT
 *
 * Which routing function fits which topology; see routing.h.
 */
#include "noc/topology/routing_build.h"

#include "sim/base/arena.h"
#include "sim/base/err.h"

#include <string.h>

const char *const noc_routing_names[] = {"xy",       "yx",    "west_first", "odd_even", "o1turn",
                                         "adaptive", "table", "up_down",    NULL};

#define NEEDS_GRID "a mesh or a torus (up_down goes everywhere)"

static bool misfit(const struct noc_routing *routing, const char *needs, const struct sim_where *where,
                   struct sim_err *err) {
    return sim_err_add(err, SIM_EXIT_CONFIG, where, "noc.network: routing %s needs %s",
                       noc_routing_names[routing->kind], needs);
}

/* Coordinates of every terminal's router in one word each, for the router's fast path. */
static void pack_places(struct noc_routing *routing, struct sim_arena *arena) {
    const struct noc_topology *t = routing->topology;
    routing->any = SIM_NEW(arena, struct noc_choice);
    *routing->any = (struct noc_choice){.vcs = routing->all_vcs, .escape = 1};
    routing->place = SIM_NEW_ARRAY(arena, uint32_t, t->terminals);
    for (uint32_t terminal = 0; terminal < t->terminals; terminal++)
        routing->place[terminal] = noc_routing_place(t, t->home[terminal].router, t->home[terminal].port);
}

bool noc_routing_init(struct noc_routing *routing, enum noc_routing_kind kind,
                      const struct noc_topology *topology, uint32_t vcs, const struct sim_where *where,
                      struct sim_arena *arena, struct sim_err *err) {
    *routing = (struct noc_routing){
        .topology = topology, .kind = kind, .vcs = vcs, .choices = 1, .entries = 1};
    routing->all_vcs = vcs >= 32 ? UINT32_MAX : (UINT32_C(1) << vcs) - 1;
    bool grid = topology->dimensions > 0, torus = grid && topology->wrap;
    bool plane = grid && !torus && topology->dimensions == 2;
    switch (kind) {
    case NOC_ROUTING_XY:
    case NOC_ROUTING_YX:
        if (!grid)
            return misfit(routing, NEEDS_GRID, where, err);
        if (torus && vcs < 2)
            return misfit(routing, "at least 2 virtual channels in a torus (dateline)", where, err);
        if (kind == NOC_ROUTING_XY)
            routing->route = torus ? noc_route_torus_xy : noc_route_mesh_xy;
        else
            routing->route = torus ? noc_route_torus_yx : noc_route_mesh_yx;
        routing->entries = torus ? 2 : 1;
        if (routing->route == noc_route_mesh_xy && topology->dimensions <= 2 &&
            topology->size[0] < NOC_PLACE_MAX && topology->size[1] < NOC_PLACE_MAX)
            pack_places(routing, arena);
        return true;
    case NOC_ROUTING_WEST_FIRST:
    case NOC_ROUTING_ODD_EVEN:
        if (!plane)
            return misfit(routing, "a two-dimensional mesh", where, err);
        routing->route = kind == NOC_ROUTING_WEST_FIRST ? noc_route_west_first : noc_route_odd_even;
        routing->choices = 2;
        return true;
    case NOC_ROUTING_O1TURN:
        if (!plane)
            return misfit(routing, "a two-dimensional mesh", where, err);
        if (vcs < 2)
            return misfit(routing, "at least 2 virtual channels (one half for each order)", where, err);
        routing->route = noc_route_o1turn;
        routing->entries = 2;
        return true;
    case NOC_ROUTING_ADAPTIVE:
        if (!grid)
            return misfit(routing, NEEDS_GRID, where, err);
        if (vcs < (torus ? 3u : 2u))
            return misfit(routing, torus ? "at least 3 virtual channels in a torus (2 of them escape)"
                                         : "at least 2 virtual channels (1 of them escape)", where, err);
        if (topology->dimensions * (torus ? 2u : 1u) + 1 > NOC_CHOICES_MAX)
            return misfit(routing, "fewer dimensions", where, err);
        routing->route = torus ? noc_route_torus_adaptive : noc_route_mesh_adaptive;
        routing->choices = topology->dimensions * (torus ? 2u : 1u) + 1;
        routing->entries = torus ? 2 : 1;
        routing->escape = true;
        return true;
    case NOC_ROUTING_TABLE:
        if (topology->routers > NOC_GRAPH_MAX)
            return misfit(routing, "at most 4096 routers", where, err);
        noc_routing_measure(routing, false, arena);
        routing->route = noc_route_table;
        return true;
    case NOC_ROUTING_UP_DOWN:
        if (topology->kind == NOC_TOPOLOGY_FAT_TREE) {
            routing->route = noc_route_tree;
            routing->choices = topology->arity;
            return true;
        }
        if (topology->routers > NOC_GRAPH_MAX)
            return misfit(routing, "at most 4096 routers", where, err);
        noc_routing_measure(routing, true, arena);
        routing->route = noc_route_up_down;
        routing->choices = topology->ports_max < NOC_CHOICES_MAX ? topology->ports_max : NOC_CHOICES_MAX;
        return true;
    case NOC_ROUTING_COUNT: break;
    }
    return false;
}

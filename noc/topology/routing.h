/* SPDX-License-Identifier: MIT
 *
 * Routing: which output ports and virtual channels the head flit of a packet may ask for.
 *
 * A routing function is a relation: it answers with up to NOC_CHOICES_MAX choices, each an output port,
 * a set of virtual channels there, and the routing class that the packet has behind it. A deterministic
 * function gives one choice. An adaptive function with escape channels marks those choices that lead
 * into the escape network; a packet that took one stays there.
 *
 * The routing class is the packet's memory: the dateline it has crossed in a torus, the dimension order
 * it drew in O1TURN, "escaping" in adaptive routing, "going down" in up*-down*.
 */
#ifndef NOC_TOPOLOGY_ROUTING_H
#define NOC_TOPOLOGY_ROUTING_H

#include "noc/link/channel.h"
#include "noc/topology/topology.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NOC_CHOICES_MAX NOC_CHOICES_LIMIT

enum noc_routing_kind {
    NOC_ROUTING_XY,       /* dimension order, lowest first */
    NOC_ROUTING_YX,       /* dimension order, highest first */
    NOC_ROUTING_WEST_FIRST,
    NOC_ROUTING_ODD_EVEN,
    NOC_ROUTING_O1TURN,
    NOC_ROUTING_ADAPTIVE, /* minimal adaptive, VC 0 (torus: VCs 0 and 1) is the escape channel */
    NOC_ROUTING_TABLE,    /* shortest path, lowest port first */
    NOC_ROUTING_UP_DOWN,  /* up*-down* from router 0; fat tree: to the nearest common ancestor */
    NOC_ROUTING_COUNT
};

struct noc_choice {
    uint32_t vcs;    /* any VC of this set */
    uint16_t port;
    uint8_t class_;  /* of the packet behind this choice */
    uint8_t escape;  /* belongs to the escape network */
};

struct noc_routing;

/* The state of a packet at the front of an input VC. */
struct noc_hop {
    uint32_t router;
    uint32_t in_port; /* a terminal's port for a packet that enters the network */
    uint32_t in_vc;
    uint32_t dst;     /* terminal */
    uint32_t class_;
};

/* Fills `choice`, returns how many. */
typedef uint32_t noc_route(const struct noc_routing *routing, const struct noc_hop *hop,
                           struct noc_choice *choice);

struct noc_routing {
    const struct noc_topology *topology;
    enum noc_routing_kind kind;
    noc_route *route;
    uint32_t vcs;        /* per port */
    uint32_t all_vcs;    /* mask */
    uint32_t choices;    /* most that `route` answers */
    uint32_t entries;    /* a packet enters with a class drawn from 0 .. entries - 1 */
    bool escape;         /* escape choices are marked */
    uint32_t *place;     /* plain XY in a mesh of up to 2 dimensions: [terminal] packed coordinates */
    struct noc_choice *any; /* with it: what a plain router may take, wherever the packet goes */
    uint16_t *distance[2]; /* TABLE, UP_DOWN: [phase][router * routers + destination router] hops left */
    uint32_t *level;       /* UP_DOWN: [router] distance from the root */
};

/* Prepares `kind` on a topology with `vcs` virtual channels; false and a message when they do not fit. */
bool noc_routing_init(struct noc_routing *routing, enum noc_routing_kind kind,
                      const struct noc_topology *topology, uint32_t vcs, const struct sim_where *where,
                      struct sim_arena *arena, struct sim_err *err);

/* A place in a grid of up to two dimensions of less than 4096: x | y << 13 | terminal's port << 26, for a
 * guard bit above each coordinate. */
#define NOC_PLACE_MAX 4096u
#define NOC_PLACE_MASK ((1u << 26) - 1) /* of a router */

static inline uint32_t noc_routing_place(const struct noc_topology *t, uint32_t router, uint32_t port) {
    const uint16_t *c = noc_topology_coordinate(t, router);
    return c[0] | (t->dimensions > 1 ? (uint32_t)c[1] << 13 : 0) | port << 26;
}

/* The same of who compares itself with others: with the guard bits. */
#define NOC_PLACE_GUARDS (NOC_PLACE_MAX | NOC_PLACE_MAX << 13)

static inline uint32_t noc_routing_here(const struct noc_topology *t, uint32_t router) {
    return noc_routing_place(t, router, 0) | NOC_PLACE_GUARDS;
}

/* The output port of XY routing from `here` to the place `there`, as a set of one, without branches:
 * directions are as good as random. The guard bits of a difference stay where it is not negative: both
 * differences keep theirs where the two are equal. Together they number the cases, which a product puts side
 * by side. */
static inline uint32_t noc_routing_set(uint32_t here, uint32_t there) {
    static const uint8_t answer[16] = {0, 2, 1, 0, 0, 2, 1, 8, 0, 2, 1, 4, 0, 2, 1, 0};
    uint32_t down = here - there, up = 2 * NOC_PLACE_GUARDS - down;
    uint32_t both = 2 * (up & NOC_PLACE_GUARDS) + (down & NOC_PLACE_GUARDS);
    uint32_t way = answer[both * (1u << 16 | 1u << 5) >> 28];
    return way | (uint32_t)(way == 0) << (there >> 26);
}

static inline uint32_t noc_routing_port(uint32_t here, uint32_t there) {
    return (uint32_t)__builtin_ctz(noc_routing_set(here, there));
}

/* The inbox entry (noc/link/channel.h) of a head, routed for a router that is `here`. What is sent elsewhere
 * may have the same entry: nobody looks at its port. */
static inline uint32_t noc_routing_entry(const uint32_t *places, uint32_t here, uint32_t vc, uint64_t word) {
    return NOC_ENTRY_FLIT | vc |
           noc_routing_set(here, places[noc_flit_dst(word)]) << NOC_ENTRY_PORT_SHIFT;
}

extern const char *const noc_routing_names[]; /* in the order of the enum, NULL at the end */

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * Routing in meshes and tori; see routing.h.
 *
 * Dimension order: Dally and Seitz, 1987. In a torus each ring is cut open at its dateline, the link
 * between the last and the first coordinate: a packet chooses the shorter way when it turns into a ring
 * and keeps to one half of the virtual channels there, the upper half when its way up crosses the
 * dateline or its way down does not. Paths are at most half a ring long, so neither half closes a cycle.
 * Equal distances are decided by the class drawn on entry.
 *
 * West-first: Glass and Ni, ISCA 1992. Odd-even: Chiu, TPDS 2000, where "in the source column" is seen
 * from the input port (a packet that did not come from the west has not turned yet). O1TURN: Seo et al.,
 * ISCA 2005, XY and YX on separate halves of the virtual channels. Minimal adaptive routing with an
 * escape channel: Duato, TPDS 1993.
 */
#include "noc/topology/routing_build.h"

/* Routing classes of tori and of adaptive routing. */
#define TIE 1u    /* the way to take at half a ring's distance: 1 = down */
#define UPPER 2u  /* upper half of the VCs in this ring */
#define ESCAPED 4u

struct place {
    const struct noc_home *home;
    const uint16_t *here, *there;
};

static inline struct place locate(const struct noc_routing *routing, const struct noc_hop *hop) {
    const struct noc_topology *t = routing->topology;
    struct place p = {.home = &t->home[hop->dst]};
    p.here = noc_topology_coordinate(t, hop->router);
    p.there = noc_topology_coordinate(t, p.home->router);
    return p;
}

static inline uint32_t choose(struct noc_choice *choice, uint32_t port, uint32_t vcs, uint32_t class_) {
    *choice = (struct noc_choice){
        .vcs = vcs, .port = (uint16_t)port, .class_ = (uint8_t)class_, .escape = 1};
    return 1;
}

/* ---- dimension order in a mesh ------------------------------------------------------------------ */

static inline uint32_t ascending(const struct noc_routing *routing, const struct noc_hop *hop,
                                 uint32_t vcs, struct noc_choice *choice) {
    struct place p = locate(routing, hop);
    for (uint32_t d = 0; d < routing->topology->dimensions; d++)
        if (p.here[d] != p.there[d])
            return choose(choice, 2 * d + (p.here[d] > p.there[d]), vcs, hop->class_);
    return noc_route_eject(routing, hop, p.home->port, choice);
}

static inline uint32_t descending(const struct noc_routing *routing, const struct noc_hop *hop,
                                  uint32_t vcs, struct noc_choice *choice) {
    struct place p = locate(routing, hop);
    for (uint32_t d = routing->topology->dimensions; d-- > 0;)
        if (p.here[d] != p.there[d])
            return choose(choice, 2 * d + (p.here[d] > p.there[d]), vcs, hop->class_);
    return noc_route_eject(routing, hop, p.home->port, choice);
}

uint32_t noc_route_mesh_xy(const struct noc_routing *routing, const struct noc_hop *hop,
                           struct noc_choice *choice) {
    return ascending(routing, hop, routing->all_vcs, choice);
}

uint32_t noc_route_mesh_yx(const struct noc_routing *routing, const struct noc_hop *hop,
                           struct noc_choice *choice) {
    return descending(routing, hop, routing->all_vcs, choice);
}

/* Class 0 goes XY on the lower half of the VCs, class 1 YX on the rest. */
uint32_t noc_route_o1turn(const struct noc_routing *routing, const struct noc_hop *hop,
                          struct noc_choice *choice) {
    uint32_t lower = (UINT32_C(1) << routing->vcs / 2) - 1;
    if (hop->class_ == 0)
        return ascending(routing, hop, lower, choice);
    return descending(routing, hop, routing->all_vcs & ~lower, choice);
}

/* ---- dimension order in a torus ----------------------------------------------------------------- */

/* The step along ring d, on the halves of the VC set of `width` VCs from VC `base` on. */
static inline uint32_t ring(const struct noc_routing *routing, const struct noc_hop *hop,
                            const struct place *p, uint32_t d, bool turned, uint32_t base, uint32_t width,
                            uint32_t flags, struct noc_choice *choice) {
    uint32_t size = routing->topology->size[d], here = p->here[d], there = p->there[d];
    uint32_t port, class_ = hop->class_ | flags;
    if (turned) {
        uint32_t up = there >= here ? there - here : there + size - here;
        bool down = 2 * up > size || (2 * up == size && (hop->class_ & TIE));
        port = 2 * d + down;
        class_ = there < here ? class_ | UPPER : class_ & ~UPPER;
    } else {
        port = hop->in_port ^ 1;
    }
    uint32_t half = (width + 1) / 2;
    uint32_t lower_vcs = ((UINT32_C(1) << half) - 1) << base;
    uint32_t upper_vcs = ((UINT32_C(1) << (width - half)) - 1) << (base + half);
    return choose(choice, port, class_ & UPPER ? upper_vcs : lower_vcs, class_);
}

static inline bool turns(const struct noc_hop *hop, uint32_t d) { return hop->in_port / 2 != d; }

uint32_t noc_route_torus_xy(const struct noc_routing *routing, const struct noc_hop *hop,
                            struct noc_choice *choice) {
    struct place p = locate(routing, hop);
    for (uint32_t d = 0; d < routing->topology->dimensions; d++)
        if (p.here[d] != p.there[d])
            return ring(routing, hop, &p, d, turns(hop, d), 0, routing->vcs, 0, choice);
    return noc_route_eject(routing, hop, p.home->port, choice);
}

uint32_t noc_route_torus_yx(const struct noc_routing *routing, const struct noc_hop *hop,
                            struct noc_choice *choice) {
    struct place p = locate(routing, hop);
    for (uint32_t d = routing->topology->dimensions; d-- > 0;)
        if (p.here[d] != p.there[d])
            return ring(routing, hop, &p, d, turns(hop, d), 0, routing->vcs, 0, choice);
    return noc_route_eject(routing, hop, p.home->port, choice);
}

/* ---- turn models, two dimensions ---------------------------------------------------------------- */

enum { EAST, WEST, NORTH, SOUTH };

static inline uint32_t vertical(const struct place *p) { return p->here[1] < p->there[1] ? NORTH : SOUTH; }

uint32_t noc_route_west_first(const struct noc_routing *routing, const struct noc_hop *hop,
                              struct noc_choice *choice) {
    struct place p = locate(routing, hop);
    uint32_t count = 0, all = routing->all_vcs;
    if (p.there[0] < p.here[0])
        return choose(choice, WEST, all, hop->class_);
    if (p.there[0] > p.here[0])
        count += choose(&choice[count], EAST, all, hop->class_);
    if (p.there[1] != p.here[1])
        count += choose(&choice[count], vertical(&p), all, hop->class_);
    return count > 0 ? count : noc_route_eject(routing, hop, p.home->port, choice);
}

uint32_t noc_route_odd_even(const struct noc_routing *routing, const struct noc_hop *hop,
                            struct noc_choice *choice) {
    struct place p = locate(routing, hop);
    uint32_t count = 0, all = routing->all_vcs, x = p.here[0], goal = p.there[0];
    bool level = p.here[1] == p.there[1];
    if (x == goal)
        return level ? noc_route_eject(routing, hop, p.home->port, choice)
                     : choose(choice, vertical(&p), all, hop->class_);
    if (goal < x) {
        count += choose(&choice[count], WEST, all, hop->class_);
        if (!level && x % 2 == 0)
            count += choose(&choice[count], vertical(&p), all, hop->class_);
        return count;
    }
    /* An eastbound flit comes in through the west side; it may leave the row in odd columns only. */
    if (!level && (x % 2 == 1 || hop->in_port != WEST))
        count += choose(&choice[count], vertical(&p), all, hop->class_);
    if (level || goal % 2 == 1 || goal - x != 1)
        count += choose(&choice[count], EAST, all, hop->class_);
    return count;
}

/* ---- minimal adaptive with escape --------------------------------------------------------------- */

/* Adds every productive port on the VCs from `first` on. */
static uint32_t productive(const struct noc_routing *routing, const struct noc_hop *hop,
                           const struct place *p, uint32_t first, struct noc_choice *choice) {
    const struct noc_topology *t = routing->topology;
    uint32_t count = 0, vcs = routing->all_vcs & ~((UINT32_C(1) << first) - 1);
    for (uint32_t d = 0; d < t->dimensions; d++) {
        uint32_t here = p->here[d], there = p->there[d], size = t->size[d];
        if (here == there)
            continue;
        uint32_t up = there > here ? there - here : there + size - here;
        bool go_up = t->wrap ? 2 * up <= size : there > here;
        bool go_down = t->wrap ? 2 * up >= size : there < here;
        for (uint32_t down = 0; down < 2; down++) {
            if (down ? !go_down : !go_up)
                continue;
            choose(&choice[count], 2 * d + down, vcs, hop->class_);
            choice[count++].escape = 0;
        }
    }
    return count;
}

uint32_t noc_route_mesh_adaptive(const struct noc_routing *routing, const struct noc_hop *hop,
                                 struct noc_choice *choice) {
    struct place p = locate(routing, hop);
    uint32_t count = 0;
    if (!(hop->class_ & ESCAPED))
        count = productive(routing, hop, &p, 1, choice);
    for (uint32_t d = 0; d < routing->topology->dimensions; d++)
        if (p.here[d] != p.there[d])
            return count + choose(&choice[count], 2 * d + (p.here[d] > p.there[d]), 1, hop->class_ | ESCAPED);
    return noc_route_eject(routing, hop, p.home->port, choice);
}

uint32_t noc_route_torus_adaptive(const struct noc_routing *routing, const struct noc_hop *hop,
                                  struct noc_choice *choice) {
    struct place p = locate(routing, hop);
    uint32_t count = 0;
    bool escaped = hop->class_ & ESCAPED;
    if (!escaped)
        count = productive(routing, hop, &p, 2, choice);
    for (uint32_t d = 0; d < routing->topology->dimensions; d++)
        if (p.here[d] != p.there[d])
            return count +
                   ring(routing, hop, &p, d, !escaped || turns(hop, d), 0, 2, ESCAPED, &choice[count]);
    return noc_route_eject(routing, hop, p.home->port, choice);
}

/* SPDX-License-Identifier: MIT
 *
 * The cycle of a batch; see batch.h. For each vector of routers:
 *
 *     arrivals | who has a flit and a credit asks for the switch | VA | SA | winners leave, one by one
 *
 * VA and SA (allocate.h) see what was free and held before the cycle, as in the router's general form.
 *
 * cycle_avx2.c and cycle_avx512.c are this file again, for wider vectors.
 */
#include "noc/batch/allocate.h"

#include "sim/base/arena.h"

#ifndef NOC_BATCH_FORM
#define NOC_BATCH_FORM noc_batch_form
#endif

NOC_INLINE struct noc_batch_group *group_of(const struct noc_batch *b, uint32_t group) {
    return (struct noc_batch_group *)(void *)(b->group + group * b->group_bytes);
}

/* A plane of a cycle; one vector of it, and the word of one router. */
NOC_INLINE uint32_t *plane_of(const struct noc_batch *b, sim_cycle at, uint32_t plane) {
    return b->plane + (size_t)(((uint32_t)at & (b->rows - 1)) * b->cycle_planes + plane) * b->stride;
}

NOC_INLINE uint32_t *eject_plane_of(const struct noc_batch *b, sim_cycle at) {
    return b->eject_plane + ((uint32_t)at & (b->eject_rows - 1)) * b->stride;
}

/* The planes and stamps that belong to what leaves in a cycle. */
struct moment {
    sim_cycle now;
    uint32_t *arrive, *credit, *eject;
    uint32_t *request[NOC_BATCH_PORTS]; /* [output port] */
    uint64_t full;                      /* stamp of a slot behind a link, */
    uint64_t freed[NOC_BATCH_PORTS];    /* [input port] and of the slot that is left */
};

/* ---- the switch --------------------------------------------------------------------------------- */

/* All that is known of leaving flits without a look at them: where they arrive, the credits that go back.
 * Lists them: those over links, and behind *local those to terminals. */
NOC_INLINE struct noc_batch_leaver *announce(const struct noc_batch *b, const struct noc_batch_shape s,
                                             uint32_t group, const noc_vec *won, const struct moment *m,
                                             struct noc_batch_leaver *list, struct noc_batch_leaver **local) {
    struct noc_batch_group *g = group_of(b, group);
    struct noc_batch_sets v = noc_batch_sets_of(g, s);
    g->spent = (noc_vec){0};
    *local = list;
    NOC_UNROLL
    for (uint32_t port = 0; port < s.ports; port++) {
        noc_vec one = g->winner & won[port], some = noc_only(noc_is(one), noc_all(1)), vc = {0};
        NOC_UNROLL
        for (uint32_t k = 0; k < s.shift; k++)
            vc = noc_or_only(vc, noc_is(one & g->number[k]), noc_all(1u << k));
        noc_vec out = some << vc;
        g->spent |= out << (port << s.shift);
        v.sent[port] += some;
        vc |= port << s.shift;
        noc_vec leaver = noc_number_of(one) | vc << 8 | port << 16 | noc_lane_numbers() << 24;
        list += noc_list_lanes(leaver, one, list);
        if (port >= NOC_BATCH_LINKS || port >= b->links)
            continue;
        uint32_t back = port ^ 1;
        ptrdiff_t word = group * NOC_LANES + b->away[port];
        noc_vec from = (g->winner >> (port << s.shift)) & ((UINT32_C(1) << s.vcs) - 1);
        noc_store(m->arrive + (size_t)back * b->stride + word, out << (back << s.shift));
        noc_store(m->credit + (size_t)back * b->stride + word, from << (back << s.shift));
        *local = list;
    }
    return list;
}

NOC_INLINE struct noc_batch_router *part_of(const struct noc_batch *b, uint32_t index) {
    return (struct noc_batch_router *)(void *)(b->part + (size_t)index * b->part_bytes);
}

/* The position behind another of its VC in a ring. Without a branch: rings end at any time. */
NOC_INLINE uint16_t behind(uint32_t position, uint32_t vcs, uint32_t slots) {
    position += vcs;
    return (uint16_t)(position - (slots & -(uint32_t)(position >= slots)));
}

/* The front flit of an input VC leaves: returns it, with its stamp one hop later, and in *to the slot that it
 * goes to. That is one of a ring of `slots` slots, the ring of output VC `out`. */
NOC_INLINE struct noc_slot take_flit(const struct noc_batch *b, struct noc_batch_router *r,
                                     struct noc_batch_leaver f, uint32_t out, uint32_t slots,
                                     const struct moment *m, struct noc_slot **to) {
    uint32_t input = f.in >> b->shift;
    uint16_t *front = &r->position[f.in], *next = &r->position[b->codes + out];
    struct noc_slot *from = r->from[input] + *front;
    struct noc_slot flit = {.word = from->word, .stamp = (from->stamp & NOC_INFO_MASK) + 1};
    *to = r->to[f.port] + *next;
    from->stamp = m->freed[input];
    *front = behind(*front, b->vcs, b->slots);
    *next = behind(*next, b->vcs, slots);
    return flit;
}

/* A flit has left: its packet goes on, or the next one behind it asks for a VC. */
NOC_INLINE void leave(const struct noc_batch *b, uint32_t group, const struct noc_batch_router *r,
                      struct noc_batch_leaver f, uint64_t word) {
    struct noc_batch_group *g = group_of(b, group);
    if (!(word & NOC_TAIL)) {
        *noc_lane_of(&g->stay, f.lane) |= UINT32_C(1) << f.in;
        *noc_lane_of(&g->stay_out, f.lane) |= UINT32_C(1) << f.out;
    } else if (*noc_lane_of(&g->more, f.lane) >> f.in & 1) {
        const struct noc_slot *next = r->from[f.in >> b->shift] + r->position[f.in];
        uint32_t wanted = noc_routing_port(r->here, b->places[noc_flit_dst(next->word)]);
        *noc_lane_of(&noc_batch_sets_of(g, b->shape).request[wanted], f.lane) |= UINT32_C(1) << f.in;
    }
}

static __attribute__((noinline)) void leave_over_links(const struct noc_batch *batch, uint32_t group,
                                                       const struct noc_batch_leaver *leaver,
                                                       const struct noc_batch_leaver *end,
                                                       const struct moment *m) {
    const struct noc_batch copy = *batch, *b = &copy; /* what is written cannot change it */
    for (const struct noc_batch_leaver *l = b->large ? leaver : end; l < end; l++) {
        const struct noc_batch_router *r = part_of(b, group * NOC_LANES + l->lane);
        __builtin_prefetch(r->from[l->in >> b->shift] + r->position[l->in], 1);
        __builtin_prefetch(r->to[l->port] + r->position[b->codes + l->out], 1);
    }
    for (; leaver < end; leaver++) {
        struct noc_batch_router *r = part_of(b, group * NOC_LANES + leaver->lane);
        struct noc_slot *to, flit = take_flit(b, r, *leaver, leaver->out, b->slots, m, &to);
        to->word = flit.word;
        to->stamp = m->full + flit.stamp;
        if (flit.word & NOC_HEAD) {
            uint32_t wanted = noc_routing_port(r->place[leaver->port], b->places[noc_flit_dst(flit.word)]);
            m->request[wanted][group * NOC_LANES + leaver->lane + b->away[leaver->port]] |=
                UINT32_C(1) << (leaver->out ^ 1u << b->shift);
        }
        leave(b, group, r, *leaver, flit.word);
    }
}

static __attribute__((noinline)) void leave_for_terminals(const struct noc_batch *b, uint32_t group,
                                                          const struct noc_batch_leaver *leaver,
                                                          const struct noc_batch_leaver *end,
                                                          const struct moment *m) {
    uint32_t vc_mask = (1u << b->shift) - 1;
    for (; leaver < end; leaver++) {
        uint32_t index = group * NOC_LANES + leaver->lane;
        struct noc_batch_router *r = part_of(b, index);
        struct noc_channel *channel = &b->router[index].channel[leaver->port];
        uint32_t ring = leaver->out & ~(uint32_t)channel->shared;
        struct noc_slot *to, flit = take_flit(b, r, *leaver, ring, channel->size, m, &to);
        noc_channel_send(channel, m->now, to, leaver->out & vc_mask, flit.word, flit.stamp);
        m->eject[index] |= UINT32_C(1) << leaver->out;
        leave(b, group, r, *leaver, flit.word);
    }
}

/* Packets whose tails have left give back what they held. */
NOC_INLINE void finish(struct noc_batch_group *g, const struct noc_batch_shape s) {
    struct noc_batch_sets v = noc_batch_sets_of(g, s);
    noc_vec closed = g->winner & ~g->stay;
    noc_count_down(v.credit, s.planes, g->spent);
    g->busy &= ~(g->spent & ~g->stay_out);
    g->open &= ~(closed & ~g->more);
    NOC_UNROLL
    for (uint32_t port = 0; port < s.ports; port++) {
        g->tails += noc_only(noc_is(v.active[port] & closed), noc_all(1));
        v.active[port] &= ~closed;
    }
    g->stay = g->stay_out = (noc_vec){0};
}

/* ---- a cycle ------------------------------------------------------------------------------------ */

/* Takes what a terminal has sent out of its router's inbox. */
NOC_INLINE void receive_injected(const struct noc_batch *b, const struct noc_batch_shape s,
                                 const struct noc_batch_source *source, size_t row, uint32_t *inject,
                                 uint32_t *request) {
    uint16_t *entry = source->inbox + row;
    uint32_t bit = UINT32_C(1) << (source->first | (*entry & (s.vcs - 1)));
    uint32_t wanted = *entry >> NOC_ENTRY_PORT_SHIFT;
    inject[source->router] |= bit;
    if (wanted != 0)
        request[(size_t)(uint32_t)__builtin_ctz(wanted) * b->stride + source->router] |= bit;
    *entry = 0;
}

/* The same of all terminals. Which of them have sent something is as good as random: first they are listed,
 * without a branch. */
NOC_INLINE void receive_all_injected(const struct noc_batch *b, const struct noc_batch_shape s,
                                     sim_cycle now) {
    enum { PIECE = 64 };
    uint32_t *inject = plane_of(b, now, NOC_PLANE_INJECT), *request = plane_of(b, now, NOC_PLANE_REQUEST);
    size_t row = ((uint32_t)now & b->router->inbox.mask) * b->router->inbox.stride;
    for (uint32_t first = 0; first < b->sources; first += PIECE) {
        uint32_t list[PIECE], listed = 0, end = first + PIECE < b->sources ? first + PIECE : b->sources;
        for (uint32_t k = first; k < end; k++) {
            list[listed] = k;
            listed += b->source[k].inbox[row] != 0;
        }
        for (uint32_t k = 0; k < listed; k++)
            receive_injected(b, s, &b->source[list[k]], row, inject, request);
    }
}

/* Takes a plane's words out. */
NOC_INLINE noc_vec take(uint32_t *words) {
    noc_vec v = *(noc_vec *)words;
    *(noc_vec *)words = (noc_vec){0};
    return v;
}

/* Whether anything is open in the group or comes into it. */
NOC_INLINE bool receive(const struct noc_batch *b, const struct noc_batch_shape s, uint32_t group,
                        uint32_t *plane, uint32_t *eject) {
    struct noc_batch_group *g = group_of(b, group);
    struct noc_batch_sets v = noc_batch_sets_of(g, s);
    uint32_t *words = plane + group * NOC_LANES;
    noc_vec arrive = take(words + (size_t)NOC_PLANE_INJECT * b->stride),
            credit = take(eject + group * NOC_LANES), closed = ~g->open;
    NOC_UNROLL
    for (uint32_t port = 0; port < NOC_BATCH_LINKS; port++) {
        arrive |= take(words + (size_t)(NOC_PLANE_ARRIVE + port) * b->stride);
        credit |= take(words + (size_t)(NOC_PLANE_CREDIT + port) * b->stride);
    }
    if (noc_lanes_set(arrive | credit | g->open) == 0)
        return false;
    noc_count_up(v.buffered, s.planes, arrive);
    noc_count_up(v.credit, s.planes, credit);
    NOC_UNROLL
    for (uint32_t port = 0; port < s.ports; port++)
        v.request[port] |= take(words + (size_t)(NOC_PLANE_REQUEST + port) * b->stride) & closed;
    g->open |= arrive;
    return true;
}

NOC_INLINE sim_cycle cycle(struct noc_batch *b, const struct noc_batch_shape s, sim_cycle now) {
    struct moment m = {.now = now,
                       .arrive = plane_of(b, now + b->link_latency, NOC_PLANE_ARRIVE),
                       .credit = plane_of(b, now + b->credit_latency, NOC_PLANE_CREDIT),
                       .eject = eject_plane_of(b, now + b->eject),
                       .full = NOC_FULL | (now + b->link_latency) << NOC_AT_SHIFT};
    for (uint32_t port = 0; port < s.ports; port++) {
        m.request[port] = plane_of(b, now + b->link_latency, NOC_PLANE_REQUEST + port);
        m.freed[port] = (now + (port < b->links ? b->credit_latency : b->inject_credit)) << NOC_AT_SHIFT;
    }
    struct noc_batch_leaver list[NOC_LANES * (NOC_BATCH_PORTS + 1)];
    bool moved = false;
    receive_all_injected(b, s, now);
    for (uint32_t group = 0; group < b->groups; group++) {
        struct noc_batch_group *g = group_of(b, group);
        noc_vec asking[NOC_BATCH_PORTS], won[NOC_BATCH_PORTS];
        if (!receive(b, s, group, plane_of(b, now, 0), eject_plane_of(b, now)))
            continue;
        b->quiet = now + b->eject_rows;
        noc_batch_ask_switch(g, s, b->bit, asking);
        noc_batch_allocate_vcs(g, s, b->bit);
        noc_batch_match_ports(g, s, asking, won);
        noc_batch_choose_vcs(g, s, asking, won);
        struct noc_batch_leaver *local, *end = announce(b, s, group, won, &m, list, &local);
        leave_over_links(b, group, list, local, &m);
        leave_for_terminals(b, group, local, end, &m);
        finish(g, s);
        moved |= end != list;
    }
    if (moved && b->base.wheel->moved < now)
        b->base.wheel->moved = now;
    return now < b->quiet ? now + 1 : SIM_NEVER;
}

static void store(struct noc_batch *b);

/* All shapes that there are, each with a cycle of its own. */
#define SHAPES(X)                                                                                  \
    X(0, 5, 4) X(1, 5, 4) X(2, 5, 4)                                                               \
    X(0, 8, NOC_BATCH_PLANES) X(1, 8, NOC_BATCH_PLANES) X(2, 8, NOC_BATCH_PLANES) X(3, 4, NOC_BATCH_PLANES)

#define SHAPE_CYCLE(shift_, ports_, planes_)                                                       \
    static sim_cycle cycle_##shift_##_##ports_(struct noc_batch *b, sim_cycle now) {               \
        return cycle(b, NOC_BATCH_SHAPE(ports_, shift_, planes_), now);                            \
    }
SHAPES(SHAPE_CYCLE)

static const struct {
    struct noc_batch_shape shape;
    sim_cycle (*cycle)(struct noc_batch *b, sim_cycle now);
} shapes[] = {
#define SHAPE_ROW(shift_, ports_, planes_)                                                         \
    {{.ports = (ports_), .shift = (shift_), .planes = (planes_), .vcs = 1u << (shift_)},           \
     cycle_##shift_##_##ports_},
    SHAPES(SHAPE_ROW)};

/* The first that is large enough. */
static uint32_t choose_shape(const struct noc_batch *b) {
    uint32_t i = 0;
    while (shapes[i].shape.shift != b->shift || shapes[i].shape.ports < b->ports ||
           shapes[i].shape.planes < b->planes)
        i++;
    return i;
}

static sim_cycle step(struct noc_batch *b, sim_cycle now) {
    if (now - b->stored >= UINT32_MAX / NOC_BATCH_PORTS) { /* the counters are words of 32 bits */
        store(b);
        b->stored = now;
    }
    return shapes[b->shape_number].cycle(b, now);
}

/* ---- set-up and reports ------------------------------------------------------------------------- */

/* The lines begin with the first of all; credits are as many as slots of a VC, also where the VCs of a
 * terminal share a ring, in which there is always room. */
static void build_group(struct noc_batch *b, uint32_t group) {
    struct noc_batch_group *g = group_of(b, group);
    struct noc_batch_sets v = noc_batch_sets_of(g, b->shape);
    noc_vec all = ~(noc_vec){0};
    for (uint32_t out = 0; out < b->shape.ports << b->shift; out++) {
        v.vc_grant[out] = all;
        if ((out & (b->shape.vcs - 1)) >= b->vcs)
            g->busy |= all & (UINT32_C(1) << out);
    }
    for (uint32_t port = 0; port < b->shape.ports; port++)
        v.port_grant[port] = v.port_line[port] = all;
    g->vc_line = all;
}

static void build_router(struct noc_batch *b, uint32_t index) {
    struct noc_router *r = &b->router[index];
    struct noc_batch_router *part = part_of(b, index);
    struct noc_batch_sets v = noc_batch_sets_of(group_of(b, index / NOC_LANES), b->shape);
    part->here = r->place;
    for (uint32_t port = 0; port < b->ports; port++) {
        uint32_t depth = b->slots / b->vcs;
        part->from[port] = r->port[port].fifo.slot;
        part->to[port] = r->channel[port].slot;
        if (port < b->links)
            part->place[port] = r->channel[port].place;
        for (uint32_t vc = 0; vc < b->vcs; vc++) {
            uint32_t code = port << b->shift | vc;
            part->position[code] = r->vc[code].front;
            part->position[b->codes + code] = r->next[code];
            for (uint32_t k = 0; k < b->planes; k++)
                *noc_lane_of(&v.credit[k], index % NOC_LANES) |= (depth >> k & 1) << code;
        }
    }
}

/* Planes stand one behind the other with a margin between them, into which routers at the rim send nothing.
 */
static void build_planes(struct noc_batch *b, const struct noc_topology *topology, struct sim_arena *arena) {
    uint32_t margin = NOC_LANES;
    for (uint32_t port = 0; port < b->links; port++) {
        ptrdiff_t away = port < 2 ? 1 : (ptrdiff_t)topology->size[0];
        b->away[port] = port % 2 == 0 ? away : -away;
        margin = ((uint32_t)away + NOC_LANES - 1) / NOC_LANES * NOC_LANES;
    }
    b->stride = b->groups * NOC_LANES + margin;
    b->cycle_planes = NOC_PLANE_REQUEST + b->shape.ports;
    size_t words = (size_t)b->rows * b->cycle_planes * b->stride;
    b->plane = SIM_NEW_ARRAY(arena, uint32_t, words + margin) + margin;
    b->eject_plane = SIM_NEW_ARRAY(arena, uint32_t, (size_t)b->eject_rows * b->stride);
}

static void build(struct noc_batch *b, const struct noc_topology *topology, struct sim_arena *arena) {
    uint32_t locals = b->ports - b->links;
    b->shape_number = choose_shape(b);
    b->shape = shapes[b->shape_number].shape;
    b->bit = SIM_NEW_ARRAY(arena, noc_vec, NOC_BATCH_BITS);
    for (uint32_t k = 0; k < NOC_BATCH_BITS; k++)
        b->bit[k] = noc_all(UINT32_C(1) << k);
    b->groups = (b->routers + NOC_LANES - 1) / NOC_LANES;
    b->group_bytes = noc_batch_group_bytes(b->shape);
    b->group = sim_arena_alloc(arena, b->groups, b->group_bytes);
    b->part = sim_arena_alloc(arena, b->routers, b->part_bytes);
    b->sources = b->routers * locals;
    b->source = SIM_NEW_ARRAY(arena, struct noc_batch_source, b->sources);
    build_planes(b, topology, arena);
    for (uint32_t group = 0; group < b->groups; group++)
        build_group(b, group);
    for (uint32_t index = 0; index < b->routers; index++) {
        build_router(b, index);
        for (uint32_t k = 0; k < locals; k++)
            b->source[index * locals + k] =
                (struct noc_batch_source){.inbox = b->router[index].inbox.row + b->links + k,
                                          .router = index,
                                          .first = (b->links + k) << b->shift};
    }
}

/* The word of a vector, and what a counter has reached, which begins again. */
static uint32_t word_of(noc_vec *v, uint32_t lane) { return *noc_lane_of(v, lane); }

static uint32_t take_count(noc_vec *v, uint32_t lane) {
    uint32_t count = word_of(v, lane);
    *noc_lane_of(v, lane) = 0;
    return count;
}

static void store_port(const struct noc_batch *b, struct noc_router *r, struct noc_batch_group *g,
                       uint32_t lane, uint32_t port) {
    struct noc_batch_sets v = noc_batch_sets_of(g, b->shape);
    const struct noc_batch_router *part = part_of(b, r->number);
    uint32_t request = word_of(&v.request[port], lane), sent = take_count(&v.sent[port], lane);
    if (port < b->links)
        r->channel[port].flits += sent; /* the others count by themselves */
    r->port[port].request = request;
    r->request_outputs |= (uint64_t)(request != 0) << port;
    for (uint32_t vc = 0; vc < b->vcs; vc++) {
        uint32_t code = port << b->shift | vc;
        r->vc[code].front = part->position[code];
        r->next[code] = part->position[b->codes + code];
    }
    for (uint32_t set = word_of(&v.active[port], lane); set != 0; set &= set - 1) {
        uint32_t code = (uint32_t)__builtin_ctz(set), vc = 0;
        for (uint32_t k = 0; k < b->shift; k++)
            vc |= (word_of(&g->number[k], lane) >> code & 1) << k;
        r->vc[code].out = (uint16_t)(port << b->shift | vc);
        r->vc[code].out_port = (uint8_t)port;
    }
}

static void store_router(const struct noc_batch *b, struct noc_router *r, struct noc_batch_group *g,
                         uint32_t lane) {
    struct noc_batch_sets v = noc_batch_sets_of(g, b->shape);
    uint32_t active = 0, buffered = 0, vcs = 0;
    r->request_outputs = r->arrived = 0;
    for (uint32_t port = 0; port < b->ports; port++) {
        store_port(b, r, g, lane, port);
        active |= word_of(&v.active[port], lane);
        vcs |= r->all_vcs << (port << b->shift);
        r->arrived += r->channel[port].flits;
    }
    for (uint32_t k = 0; k < b->planes; k++) {
        uint32_t plane = word_of(&v.buffered[k], lane);
        buffered |= plane;
        r->arrived += (uint64_t)__builtin_popcount(plane) << k;
    }
    r->tails += take_count(&g->tails, lane);
    r->plain[NOC_SET_BUSY] = word_of(&g->busy, lane) & vcs;
    r->plain[NOC_SET_OPEN] = word_of(&g->open, lane);
    r->plain[NOC_SET_ACTIVE] = active;
    r->plain[NOC_SET_READY] = active & buffered;
}

static void store(struct noc_batch *b) {
    for (uint32_t router = 0; router < b->routers; router++)
        store_router(b, &b->router[router], group_of(b, router / NOC_LANES), router % NOC_LANES);
}

const struct noc_batch_form NOC_BATCH_FORM = {.pays = NOC_LANES >= 16  ? 0.6
                                                      : NOC_LANES >= 8 ? 0.9
                                                                       : 1.8,
                                              .build = build,
                                              .step = step,
                                              .store = store};

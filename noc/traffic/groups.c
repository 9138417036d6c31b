/* SPDX-License-Identifier: MIT
 *
 * Sets of destinations, and the messages for them; see groups.h.
 */
#include "noc/traffic/groups.h"

#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/base/memory.h"
#include "sim/base/rng.h"

#include <stdlib.h>

#define SETS_STREAM (UINT64_C(1) << 32) /* of the generator: those of the sources stand below */
#define RING_LEAST 8u

/* ---- sets --------------------------------------------------------------------------------------- */

bool noc_groups_check(const struct noc_traffic *traffic, const struct sim_where *where, struct sim_err *err) {
    const struct noc_traffic_spec *spec = traffic->spec;
    uint32_t most = traffic->terminals - !spec->self;
    if (spec->fanout <= most)
        return true;
    return sim_err_add(err, SIM_EXIT_CONFIG, where,
                       "noc.traffic: fanout %u is more than the %u terminals that a terminal can send to%s",
                       spec->fanout, most, spec->self ? "" : " (self: false)");
}

/* `count` different numbers below `below`, in any order (Floyd's method, then shuffled). */
static void draw_set(uint64_t *rng, uint32_t below, uint32_t count, uint64_t *taken, uint32_t *member) {
    for (uint32_t i = 0, last = below - count; i < count; i++, last++) {
        uint32_t drawn = (uint32_t)sim_rng_below(rng, last + 1);
        if (taken[drawn / 64] >> (drawn & 63) & 1)
            drawn = last;
        taken[drawn / 64] |= UINT64_C(1) << (drawn & 63);
        member[i] = drawn;
    }
    for (uint32_t i = 0; i < count; i++)
        taken[member[i] / 64] = 0;
    for (uint32_t i = count; i > 1; i--) {
        uint32_t other = (uint32_t)sim_rng_below(rng, i), swapped = member[i - 1];
        member[i - 1] = member[other];
        member[other] = swapped;
    }
}

void noc_groups_init(struct noc_traffic *traffic, struct sim_arena *arena) {
    const struct noc_traffic_spec *spec = traffic->spec;
    uint32_t terminals = traffic->terminals;
    size_t sets = (size_t)terminals * spec->groups;
    struct noc_groups *g = SIM_NEW(arena, struct noc_groups);
    uint64_t *taken = SIM_NEW_ARRAY(arena, uint64_t, terminals / 64 + 1);
    *g = (struct noc_groups){.fanout = spec->fanout,
                             .groups = spec->groups,
                             .member = SIM_NEW_ARRAY(arena, uint32_t, sets * spec->fanout),
                             .numbers = (UINT64_C(1) << 32) / terminals,
                             .messages = SIM_NEW_ARRAY(arena, struct noc_messages, terminals)};
    for (size_t set = 0; set < sets; set++) {
        uint32_t terminal = (uint32_t)(set / spec->groups), *member = g->member + set * spec->fanout;
        uint64_t rng = sim_rng_stream(spec->seed, SETS_STREAM + set);
        draw_set(&rng, terminals - !spec->self, spec->fanout, taken, member);
        for (uint32_t i = 0; !spec->self && i < spec->fanout; i++)
            member[i] += member[i] >= terminal;
    }
    traffic->groups = g;
}

static bool replicates(const struct noc_traffic *traffic, const struct noc_network *network,
                       const struct sim_where *where, struct sim_err *err) {
    const struct noc_router_spec *router = &network->spec->router;
    const struct noc_topology *t = &network->topology;
    uint32_t flits = traffic->spec->packet;
    if (router->flow_control == NOC_FLOW_DEFLECTION)
        return sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "noc.traffic: multicast trees need routers with buffers, and these deflect "
                           "(replication=unicast does without trees)");
    if (!noc_router_replicates(router, flits))
        return sim_err_add(
            err, SIM_EXIT_CONFIG, where,
            "noc.traffic: multicast trees can deadlock with packets of %u flits, wormhole flow "
            "control or FIFOs of %u flits: they need flow_control cut_through and buffer_flits "
            "of %u or more, or packets of one flit (replication=unicast does without trees)",
            flits, router->buffer_flits, flits);
    if (t->terminals <= NOC_GROUP && noc_trees_branches(t) <= NOC_BRANCHES_MAX)
        return true;
    return sim_err_add(
        err, SIM_EXIT_CONFIG, where,
        "noc.traffic: %u terminals at routers of up to %u ports are too many for multicast trees",
        t->terminals, t->ports_max);
}

bool noc_groups_lay(struct noc_traffic *traffic, struct noc_network *network, const struct sim_where *where,
                    struct sim_arena *arena, struct sim_err *err) {
    struct noc_groups *g = traffic->groups;
    if (g == NULL || traffic->spec->replication == NOC_REPLICATION_UNICAST)
        return true;
    if (!replicates(traffic, network, where, err))
        return false;
    size_t sets = (size_t)traffic->terminals * g->groups;
    g->tree = SIM_NEW_ARRAY(arena, uint32_t, sets);
    for (size_t set = 0; set < sets; set++) {
        g->tree[set] = noc_network_tree(network, (uint32_t)(set / g->groups), g->member + set * g->fanout,
                                        g->fanout, arena);
        if (g->tree[set] == NOC_NO_TREE)
            return sim_err_add(
                err, SIM_EXIT_CONFIG, where,
                "noc.traffic: the trees of all %zu sets have more than %u nodes: fewer terminals, "
                "groups or a smaller fanout would do",
                sets, network->trees.most);
    }
    return true;
}

void noc_groups_release(struct noc_traffic *traffic) {
    for (uint32_t terminal = 0; traffic->groups != NULL && terminal < traffic->terminals; terminal++)
        free(traffic->groups->messages[terminal].ring);
    traffic->groups = NULL;
}

/* ---- messages ----------------------------------------------------------------------------------- */

static void make_room(struct noc_messages *m) {
    if (m->next - m->first < m->capacity)
        return;
    uint32_t capacity = m->capacity == 0 ? RING_LEAST : 2 * m->capacity;
    struct noc_message *ring = calloc(capacity, sizeof *ring);
    if (ring == NULL)
        sim_memory_exhausted(NULL);
    for (uint64_t i = m->first; i < m->next; i++)
        ring[i & (capacity - 1)] = m->ring[i & (m->capacity - 1)];
    free(m->ring);
    m->ring = ring;
    m->capacity = capacity;
}

static void begin_message(struct noc_traffic *traffic, uint32_t terminal) {
    struct noc_groups *g = traffic->groups;
    struct noc_messages *m = &g->messages[terminal];
    struct noc_source *source = &traffic->source[terminal];
    noc_traffic_advance(traffic, terminal);
    make_room(m);
    m->group = g->groups > 1 ? (uint32_t)sim_rng_below(&source->rng, g->groups) : 0;
    m->left = g->tree != NULL ? 1 : g->fanout;
    m->ring[m->next++ & (m->capacity - 1)] =
        (struct noc_message){.created = source->created, .left = g->fanout};
}

void noc_groups_next(struct noc_traffic *traffic, uint32_t terminal, struct noc_packet *packet) {
    struct noc_groups *g = traffic->groups;
    struct noc_messages *m = &g->messages[terminal];
    if (m->left == 0)
        begin_message(traffic, terminal);
    m->left--;
    size_t set = (size_t)terminal * g->groups + m->group;
    uint64_t tag = (m->next - 1) % g->numbers * traffic->terminals + terminal;
    uint64_t draw = sim_rng_stream(tag, m->left); /* not the source's: messages are the same either way */
    *packet = (struct noc_packet){
        .created = traffic->source[terminal].created,
        .dst = g->tree != NULL ? g->tree[set] : g->member[set * g->fanout + m->left],
        .size = traffic->spec->packet,
        .tag = (uint32_t)tag,
        .class_ = (uint32_t)sim_rng_below(&draw, traffic->entries), /* of no account in a tree */
    };
}

struct noc_message noc_groups_arrived(struct noc_traffic *traffic, uint32_t tag) {
    struct noc_groups *g = traffic->groups;
    struct noc_messages *m = &g->messages[tag % traffic->terminals];
    uint64_t ahead = tag / traffic->terminals + g->numbers - m->first % g->numbers;
    struct noc_message *message = &m->ring[(m->first + ahead % g->numbers) & (m->capacity - 1)];
    assert(m->first + ahead % g->numbers < m->next && message->left > 0);
    message->left--;
    struct noc_message result = *message;
    while (m->first < m->next && m->ring[m->first & (m->capacity - 1)].left == 0)
        m->first++;
    return result;
}

bool noc_groups_audit(const struct noc_traffic *traffic, const struct noc_network *network, sim_cycle now,
                      struct sim_err *err) {
    const struct noc_groups *g = traffic->groups;
    uint64_t due = 0, kept = 0;
    if (g == NULL)
        return true;
    for (uint32_t terminal = 0; terminal < traffic->terminals; terminal++) {
        const struct noc_messages *m = &g->messages[terminal];
        for (uint64_t i = m->first; i < m->next; i++)
            due += m->ring[i & (m->capacity - 1)].left;
        kept += g->tree != NULL ? 0 : m->left;
    }
    uint64_t underway = noc_network_underway(network);
    return due == underway + kept ||
           sim_err_add(
               err, SIM_EXIT_STOPPED, NULL,
               "cycle %llu: messages wait for %llu copies, but %llu are in the network and %llu to be sent",
               (unsigned long long)now, (unsigned long long)due, (unsigned long long)underway,
               (unsigned long long)kept);
}

/* SPDX-License-Identifier: MIT
 *
 * The router without buffers; see deflection.h.
 */
#include "noc/router/deflection.h"

#include "noc/link/clock_divider.h"
#include "sim/base/err.h"

bool noc_deflection_check(const struct noc_router_spec *spec, const struct sim_where *where,
                          struct sim_err *err) {
    bool plain = spec->vc_alloc_delay == 1 && spec->switch_alloc_delay == 1 && spec->traversal_delay == 1 &&
                 spec->credit_delay == 1 && spec->routing_delay == 1 && spec->lookahead &&
                 !spec->speculative && spec->vc_allocator == NOC_ALLOCATOR_ISLIP &&
                 spec->switch_allocator == NOC_ALLOCATOR_ISLIP && spec->iterations == 1;
    if (spec->vcs != 1)
        return sim_err_add(
            err, SIM_EXIT_CONFIG, where,
            "noc.router: flow_control deflection has no virtual channels: vcs must be 1, not %u", spec->vcs);
    return plain ||
           sim_err_add(err, SIM_EXIT_CONFIG, where,
                       "noc.router: flow_control deflection has one cycle and no allocators: delays, "
                       "lookahead, speculative, allocators and iterations must be left alone");
}

bool noc_deflection_fits(const struct noc_topology *t, const struct sim_where *where, struct sim_err *err) {
    uint32_t latency = 0;
    for (uint32_t i = 0; i < t->first[t->routers]; i++) {
        const struct noc_end *end = &t->end[i];
        if (end->kind != NOC_END_ROUTER)
            continue;
        if (latency != 0 && latency != end->latency)
            return sim_err_add(
                err, SIM_EXIT_CONFIG, where,
                "noc.network: flow_control deflection tells the age of a flit by its hops: links of "
                "%u and %u cycles cannot be in one network",
                latency, end->latency);
        latency = end->latency;
    }
    return true;
}

/* ---- a cycle ------------------------------------------------------------------------------------ */

/* A flit that wants to leave. `rank` is larger the earlier it may choose. */
struct bid {
    uint64_t rank, word;
    uint32_t port;
    bool enters;    /* stands in a terminal's FIFO */
    bool deflected; /* chose a link that does not lead nearer */
};

static bool before(const struct bid *a, const struct bid *b) {
    if (a->enters != b->enters)
        return b->enters;
    if (a->rank != b->rank)
        return a->rank > b->rank;
    return a->word != b->word ? a->word > b->word : a->port < b->port;
}

static void insert(struct bid *list, uint32_t count, const struct bid *bid) {
    for (; count > 0 && before(bid, &list[count - 1]); count--)
        list[count] = list[count - 1];
    list[count] = *bid;
}

/* The bids of this cycle, in the order in which they choose. */
static uint32_t collect(struct noc_router *r, sim_cycle now, struct bid *list) {
    uint16_t *row = noc_inbox_row(&r->inbox, now);
    uint32_t count = 0;
    for (uint32_t port = 0; port < r->ports; port++) {
        const struct noc_fifo *fifo = &r->port[port].fifo;
        const struct noc_slot *front = fifo->slot + r->vc[port].front;
        struct bid bid = {.port = port, .enters = r->port[port].kind == NOC_END_TERMINAL};
        bool arrived = row[port] != 0;
        row[port] = 0;
        if (arrived && bid.enters)
            sim_count(&r->base, NOC_ROUTER_BUFFER_WRITE, 1, now, 1);
        if (fifo->slot == NULL || !noc_slot_full(front, noc_visible(now)))
            continue;
        bid.word = front->word;
        bid.rank = bid.enters ? SIM_NEVER - noc_slot_at(front) : front->stamp & NOC_INFO_MASK;
        insert(list, count++, &bid);
    }
    return count;
}

/* The first free port that leads nearer; a link that does not, if there is none; NULL choice: r->ports. */
static uint32_t choose(const struct noc_router *r, struct bid *bid, uint64_t free_ports,
                       uint64_t links) {
    struct noc_choice choice[NOC_CHOICES_MAX];
    struct noc_hop hop = {.router = r->number, .in_port = r->ports, .dst = noc_flit_dst(bid->word)};
    uint32_t count = r->routing->route(r->routing, &hop, choice);
    for (uint32_t k = 0; k < count; k++)
        if (free_ports >> choice[k].port & 1)
            return choice[k].port;
    bool here = r->port[choice[0].port].kind == NOC_END_TERMINAL;
    if (bid->enters && here)
        return r->ports;
    bid->deflected = (free_ports & links) != 0;
    return bid->deflected ? (uint32_t)__builtin_ctzll(free_ports & links) : r->ports;
}

static void count_flit(struct noc_router *r, const struct bid *bid, uint32_t port, sim_cycle now) {
    struct sim_component *c = &r->base;
    uint32_t latency = r->channel[port].base.latency;
    if (bid->enters)
        sim_count(c, NOC_ROUTER_BUFFER_READ, 1, now, 1);
    sim_count(c, NOC_ROUTER_ROUTE, 1, now, 0);
    sim_count(c, NOC_ROUTER_SWITCH_ALLOC, 1, now, 0);
    sim_count(c, NOC_ROUTER_CROSSBAR, 1, now, 0);
    if (r->port[port].kind == NOC_END_TERMINAL) {
        sim_count(c, NOC_ROUTER_EJECT_FLIT, 1, now, latency);
        return;
    }
    sim_count(c, NOC_ROUTER_LINK_FLIT, 1, now, latency);
    if (r->data == NULL)
        sim_count(c, NOC_ROUTER_LINK_BIT_UM, r->bits_um, now, 0);
    else
        sim_count(c, NOC_ROUTER_LINK_TOGGLE_UM,
                  noc_link_data_send(r->data, port, port, bid->word) * r->data->um, now, 0);
    if (bid->deflected)
        sim_count(c, NOC_ROUTER_DEFLECT, 1, now, 0);
    if (r->port[port].kind & NOC_PORT_BOUNDARY)
        sim_count(c, NOC_ROUTER_BOUNDARY_BIT, r->spec->flit_bits, now, 0);
}

/* A flit's age outlives the 12 bits that tell a terminal its hops. */
static uint64_t info_behind(const struct noc_router *r, const struct bid *bid, uint32_t port) {
    uint64_t age = 1 + (bid->enters ? 0 : bid->rank), most = NOC_INFO_MASK;
    if (r->port[port].kind == NOC_END_TERMINAL)
        most = NOC_HOPS_MAX;
    return age < most ? age : most;
}

static void leave(struct noc_router *r, const struct bid *bid, uint32_t port, sim_cycle now) {
    struct noc_input_vc *in = &r->vc[bid->port];
    const struct noc_fifo *fifo = &r->port[bid->port].fifo;
    struct noc_slot *slot = noc_next(r, port);
    assert(noc_slot_free(slot, noc_visible(now)));
    noc_channel_send(&r->channel[port], now, slot, 0, bid->word, info_behind(r, bid, port));
    r->next[port] = (uint16_t)noc_position_behind(r->next[port], 1, r->channel[port].size);
    noc_slot_release(fifo->slot + in->front, now, fifo->credit_latency);
    in->front = (uint16_t)noc_position_behind(in->front, 1, fifo->depth);
    count_flit(r, bid, port, now);
}

static uint64_t ports_of(const struct noc_router *r, enum noc_end_kind kind) {
    uint64_t ports = 0;
    for (uint32_t port = 0; port < r->ports; port++)
        ports |= (uint64_t)((r->port[port].kind & ~NOC_PORT_BOUNDARY) == (uint32_t)kind) << port;
    return ports;
}

static sim_cycle cycle(struct noc_router *r, sim_cycle now) {
    struct bid list[NOC_PORTS_MAX];
    uint32_t count = collect(r, now, list);
    uint64_t links = ports_of(r, NOC_END_ROUTER), left = links | ports_of(r, NOC_END_TERMINAL);
    sim_cycle next = SIM_NEVER;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t port = choose(r, &list[i], left, links);
        if (port < r->ports) {
            left &= ~(UINT64_C(1) << port);
            leave(r, &list[i], port, now);
        }
        assert(port < r->ports || list[i].enters);
        if (list[i].enters && noc_slot_full(noc_front(r, list[i].port), noc_visible(now)))
            next = now + 1;
    }
    return next;
}

static sim_cycle step(void *self, sim_cycle now) {
    struct noc_router *r = self;
    if (r->divider <= 1)
        return cycle(r, now);
    sim_cycle edge = noc_divider_edge(now, r->divider);
    return edge > now ? edge : noc_divider_edge(cycle(r, now), r->divider);
}

/* ---- reports ------------------------------------------------------------------------------------ */

static void explain(const void *self, sim_cycle now, FILE *out) {
    const struct noc_router *r = self;
    for (uint32_t port = 0; port < r->ports; port++) {
        const struct noc_slot *front = noc_front(r, port);
        if (r->port[port].kind == NOC_END_TERMINAL && noc_slot_full(front, noc_visible(now)))
            fprintf(out, "%s: a flit for terminal %u waits at input %u for a port that is left over\n",
                    r->base.path, noc_flit_dst(front->word), port);
    }
}

/* Nothing stays: what was visible on a link before `now` has left. */
static bool audit(const void *self, sim_cycle now, struct sim_err *err) {
    const struct noc_router *r = self;
    for (uint32_t port = 0; port < r->ports; port++)
        for (uint32_t slot = 0; r->port[port].kind == NOC_END_ROUTER && slot < r->port[port].fifo.depth;
             slot++) {
            const struct noc_slot *s = &r->port[port].fifo.slot[slot];
            if (s->stamp & NOC_FULL && noc_slot_at(s) < now)
                return sim_err_add(err, SIM_EXIT_STOPPED, NULL,
                                   "cycle %llu: %s: a flit that came through port %u has not left",
                                   (unsigned long long)now, r->base.path, port);
        }
    return true;
}

static const struct sim_event events[] = {NOC_ROUTER_EVENTS(SIM_EVENT_NAMED_ROW)};

const struct sim_type noc_deflection_type = {
    .name = "noc.router",
    .help = "router without buffers that deflects flits",
    .events = events,
    .event_count = NOC_ROUTER_EVENT_COUNT,
    .step = step,
    .explain = explain,
    .audit = audit,
};

/* SPDX-License-Identifier: MIT
 *
 * The life of a packet that is deflected; see deflection_watch.h. Between cycles it stands in a register of a
 * wire, or in the FIFO of a terminal's port; what it did in a cycle shows in where it stands afterwards.
 */
#include "noc/watch/deflection_watch.h"


#include <stdarg.h>
#include <stdio.h>

/* Where it stands before a cycle; router == UINT32_MAX: in no router. */
struct place {
    uint32_t router, port;
    sim_cycle at; /* visible from this cycle on */
};

struct watch {
    struct noc_story *story;
    const struct noc_network *network;
    uint32_t tag;
    uint64_t own; /* among the terminal's packets */
    struct place before;
};

__attribute__((format(printf, 4, 5))) static void tell(struct watch *w, sim_cycle cycle, enum noc_wait wait,
                                                       const char *format, ...) {
    char text[NOC_STORY_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    noc_story_add(w->story, cycle, wait, text);
}

static struct place find(const struct watch *w) {
    const struct noc_network *n = w->network;
    for (uint32_t router = 0; router < n->topology.routers; router++)
        for (uint32_t port = 0; port < n->router[router].ports; port++) {
            const struct noc_fifo *fifo = &n->router[router].port[port].fifo;
            for (uint32_t i = 0; fifo->slot != NULL && i < fifo->depth; i++) {
                const struct noc_slot *slot = &fifo->slot[i];
                if ((slot->stamp & NOC_FULL) && noc_flit_tag(slot->word) == w->tag &&
                    noc_flit_dst(slot->word) == w->story->dst)
                    return (struct place){router, port, noc_slot_at(slot)};
            }
        }
    return (struct place){.router = UINT32_MAX};
}

/* The routing function would have sent it from one router to the other. */
static bool leads_nearer(const struct watch *w, uint32_t from, uint32_t to) {
    const struct noc_routing *routing = &w->network->routing;
    struct noc_choice choice[NOC_CHOICES_MAX];
    struct noc_hop hop = {.router = from, .in_port = w->network->router[from].ports, .dst = w->story->dst};
    uint32_t count = routing->route(routing, &hop, choice);
    for (uint32_t k = 0; k < count; k++) {
        const struct noc_end *end = noc_topology_end(&w->network->topology, from, choice[k].port);
        if (end->kind == NOC_END_ROUTER && end->peer == to)
            return true;
    }
    return false;
}

/* What it did in `cycle`, after which it stands at `now`. */
static void tell_cycle(struct watch *w, sim_cycle cycle, const struct place *now) {
    const struct noc_topology *t = &w->network->topology;
    const struct place *before = &w->before;
    char from[NOC_NAME_SIZE], to[NOC_NAME_SIZE];
    if (w->story->tail != SIM_NEVER)
        return;
    if (before->router == UINT32_MAX && now->router == UINT32_MAX) {
        if (w->story->injected == SIM_NEVER)
            tell(w, cycle, NOC_WAIT_QUEUE, "waits at terminal %u for a place at its router", w->story->src);
        else
            tell(w, cycle, NOC_WAIT_NONE, "is on the wire");
        return;
    }
    if (before->router == UINT32_MAX) {
        tell(w, cycle, NOC_WAIT_NONE, "leaves terminal %u for %s", w->story->src,
             noc_router_name(t, now->router, to));
        return;
    }
    noc_router_name(t, before->router, from);
    if (before->at > cycle)
        tell(w, cycle, NOC_WAIT_NONE, "is on the wire");
    else if (now->router == before->router && now->port == before->port && now->at == before->at)
        tell(w, cycle, NOC_WAIT_SWITCH, "waits at %s for a port that is left over", from);
    else if (now->router == UINT32_MAX)
        tell(w, cycle, NOC_WAIT_NONE, "leaves %s for terminal %u", from, w->story->dst);
    else
        tell(w, cycle, NOC_WAIT_NONE, "%s from %s to %s",
             leads_nearer(w, before->router, now->router) ? "goes" : "is deflected", from,
             noc_router_name(t, now->router, to));
}

static uint32_t choose_tag(void *self, uint32_t terminal, uint64_t number) {
    const struct watch *w = self;
    return terminal == w->story->src && number == w->own ? w->tag : w->tag - 1;
}

static void on_assembled(void *self, struct sim_kernel *kernel, struct noc_network *network) {
    (void)kernel;
    ((struct watch *)self)->network = network;
}

static void on_sent(void *self, uint32_t terminal, const struct noc_packet *packet, sim_cycle now) {
    struct watch *w = self;
    if (packet->tag != w->tag || terminal != w->story->src || packet->created != w->story->created)
        return;
    w->story->injected = now;
    w->story->dst = packet->dst;
    w->story->size = packet->size;
}

static void on_arrived(void *self, uint32_t terminal, const struct noc_arrival *arrival, sim_cycle now) {
    struct watch *w = self;
    if (arrival->tag != w->tag || terminal != w->story->dst || w->story->injected == SIM_NEVER)
        return;
    tell(w, now, NOC_WAIT_NONE, "the packet arrives at terminal %u", terminal);
    w->story->head = w->story->tail = now;
    w->story->hops = arrival->hops;
}

static sim_cycle on_look(void *self, const struct sim_kernel *kernel) {
    struct watch *w = self;
    sim_cycle now = kernel->now;
    if (now < w->story->created)
        return w->story->created;
    struct place place = w->story->injected == SIM_NEVER ? (struct place){.router = UINT32_MAX} : find(w);
    if (now > w->story->created)
        tell_cycle(w, now - 1, &place);
    w->before = place;
    return w->story->tail != SIM_NEVER ? now : now + 1;
}

/* Routers on a way on which nothing deflects. */
static uint32_t shortest(const struct noc_network *n, uint32_t router, uint32_t dst) {
    uint32_t hops = 1;
    for (; router != n->topology.home[dst].router; hops++) {
        struct noc_choice choice[NOC_CHOICES_MAX];
        struct noc_hop hop = {.router = router, .in_port = n->router[router].ports, .dst = dst};
        n->routing.route(&n->routing, &hop, choice);
        router = noc_topology_end(&n->topology, router, choice[0].port)->peer;
    }
    return hops;
}

static bool on_ended(void *self, struct sim_kernel *kernel, struct noc_network *n, struct sim_err *err) {
    struct noc_story *story = ((struct watch *)self)->story;
    (void)kernel, (void)err;
    if (story->tail != SIM_NEVER)
        story->zero_load = noc_network_zero_load(
            n->spec, shortest(n, n->topology.home[story->src].router, story->dst), story->size);
    return true;
}

bool noc_deflection_watch(const struct noc_observe_spec *spec, uint64_t own, struct noc_story *story,
                          struct sim_err *err) {
    struct watch w = {.story = story, .tag = 1, .own = own, .before = {.router = UINT32_MAX}};
    if (spec->trace != NULL)
        w.tag = (uint32_t)story->number;
    struct noc_observer observer = {.self = &w,
                                    .tag = choose_tag,
                                    .sent = on_sent,
                                    .arrived = on_arrived,
                                    .assembled = on_assembled,
                                    .look = on_look,
                                    .ended = on_ended};
    return noc_network_observe(spec, &observer, err);
}

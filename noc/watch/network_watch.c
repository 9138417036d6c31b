/* SPDX-License-Identifier: MIT
 *
 * One packet's life; see network_watch.h.
 *
 * The flit that the story follows is found by its tag in the FIFOs along its path. What a flit at the front
 * of its FIFO waits for, the router says itself (its type's explain), before the cycle; whether it got it
 * shows after the cycle.
 */
#include "noc/watch/network_watch.h"

#include "noc/watch/deflection_watch.h"
#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/base/memory.h"
#include "sim/base/number.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_MAX_ (NOC_HOPS_MAX + 2u)

/* A FIFO on the packet's path. */
struct stop {
    const struct noc_fifo *fifo;
    uint32_t router, port, vc; /* port, vc: of the input; router is UINT32_MAX at the terminal */
};

/* What the router says about the packet at the front of a FIFO. */
enum stage { STAGE_ABSENT, STAGE_ROUTING, STAGE_VC, STAGE_CREDIT, STAGE_SWITCH, STAGE_REST };

struct waiting {
    enum stage stage;
    uint32_t port, vc; /* of the output it has or wants */
};

struct watch {
    struct noc_story *story;
    const struct noc_network *network;
    uint32_t tag, terminal;
    uint64_t number;   /* of the packet among its terminal's; traces: unused */
    struct stop *stop; /* [stops] */
    uint32_t stops;
    bool tail;   /* follows the tail */
    uint32_t at; /* the stop at which the flit is, or to which it travels */
    bool in_source;
    sim_cycle left, arrives; /* the stop before; at stop `at`: a router may know the former a cycle ahead */
    bool introduce;          /* the next line is the first about the tail */
    bool looked;             /* the cycle before is to be told */
    bool before_front;       /* before the cycle: at the front of its FIFO */
    uint32_t before_ahead;
    struct waiting before;
};

static const char *flit_name(const struct watch *w) {
    return w->story->size == 1 ? "the packet" : w->tail ? "the tail flit" : "the head flit";
}

/* ---- the story ---------------------------------------------------------------------------------- */

__attribute__((format(printf, 4, 5))) static void tell(struct watch *w, sim_cycle cycle, enum noc_wait wait,
                                                       const char *format, ...) {
    char text[NOC_STORY_SIZE];
    int used = w->introduce && strncmp(format, "%s arrives", 10) != 0
                   ? snprintf(text, sizeof text, "the tail flit ")
                   : 0;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, sizeof text - (size_t)used, format, arguments);
    va_end(arguments);
    w->introduce = false;
    noc_story_add(w->story, cycle, wait, text);
}

/* ---- where is it -------------------------------------------------------------------------------- */

static bool is_ours(const struct watch *w, const struct noc_slot *slot, bool tail) {
    return (slot->stamp & NOC_FULL) && noc_flit_tag(slot->word) == w->tag &&
           noc_flit_dst(slot->word) == w->story->dst && (slot->word & (tail ? NOC_TAIL : NOC_HEAD));
}

static const struct noc_slot *slot_of(const struct stop *stop, uint32_t index) {
    return &stop->fifo->slot[index * stop->fifo->vcs + stop->vc];
}

static const struct noc_slot *find_in(const struct watch *w, const struct stop *stop, bool tail) {
    for (uint32_t i = 0; i < stop->fifo->depth; i++)
        if (is_ours(w, slot_of(stop, i), tail))
            return slot_of(stop, i);
    return NULL;
}

/* Flits that arrived before this one and are still there; *own of them are of the same packet. */
static uint32_t ahead_of(const struct watch *w, const struct stop *stop, const struct noc_slot *slot,
                         uint32_t *own) {
    uint32_t ahead = 0;
    *own = 0;
    for (uint32_t i = 0; i < stop->fifo->depth; i++) {
        const struct noc_slot *other = slot_of(stop, i);
        if ((other->stamp & NOC_FULL) && noc_slot_at(other) < noc_slot_at(slot)) {
            ahead++;
            *own += noc_flit_tag(other->word) == w->tag && noc_flit_dst(other->word) == w->story->dst;
        }
    }
    return ahead;
}

static sim_cycle latency_to(const struct watch *w, uint32_t number);

/* Flits that stand before it after `cycle`. A router that decides a cycle ahead has sent those that leave in
 * the next cycle already: of the own packet they are found at the next stop; a tail of another one makes the
 * router silent about who comes next. */
static uint32_t before_it(const struct watch *w, uint32_t number, const struct noc_slot *slot,
                          sim_cycle cycle, const struct waiting *after, uint32_t *own) {
    const struct stop *stop = &w->stop[number];
    uint32_t ahead = ahead_of(w, stop, slot, own);
    if (w->tail && number + 1 < w->stops) {
        const struct stop *next = &w->stop[number + 1];
        for (uint32_t i = 0; i < next->fifo->depth; i++) {
            const struct noc_slot *sent = slot_of(next, i);
            if ((sent->stamp & NOC_FULL) && noc_flit_tag(sent->word) == w->tag &&
                noc_flit_dst(sent->word) == w->story->dst &&
                noc_slot_at(sent) - latency_to(w, number + 1) > cycle) {
                ahead++;
                (*own)++;
            }
        }
    }
    return ahead > 0 ? ahead : after->stage == STAGE_ABSENT;
}

/* Looks for the head in all VCs of a FIFO set and appends the stop where it is. */
static bool enter(struct watch *w, const struct noc_fifo *fifo, uint32_t router, uint32_t port) {
    for (uint32_t vc = 0; vc < fifo->vcs; vc++) {
        struct stop stop = {.fifo = fifo, .router = router, .port = port, .vc = vc};
        if (find_in(w, &stop, false) == NULL)
            continue;
        if (w->stops == PATH_MAX_)
            return false;
        w->stop[w->stops++] = stop;
        return true;
    }
    return false;
}

/* Where the head that has left `router` has gone. */
static bool follow(struct watch *w, uint32_t router) {
    const struct noc_network *n = w->network;
    for (uint32_t port = 0; port < noc_topology_ports(&n->topology, router); port++) {
        const struct noc_end *end = noc_topology_end(&n->topology, router, port);
        if (end->kind == NOC_END_TERMINAL && end->peer == w->story->dst) {
            const struct noc_fifo *in = &n->terminal[end->peer].interface.in;
            if (enter(w, in, UINT32_MAX, port))
                return true;
        } else if (end->kind == NOC_END_ROUTER) {
            const struct noc_fifo *in = &n->router[end->peer].port[end->peer_port].fifo;
            if (enter(w, in, end->peer, end->peer_port))
                return true;
        }
    }
    return false;
}

static struct waiting ask(const struct watch *w, const struct stop *stop, sim_cycle now) {
    const struct noc_router *router = &w->network->router[stop->router];
    struct waiting waiting = {.stage = STAGE_ABSENT};
    char *text = NULL, prefix[128];
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        sim_memory_exhausted(NULL);
    router->base.type->explain(router, now, out);
    fclose(out);
    snprintf(prefix, sizeof prefix, "%s: input %u VC %u: ", router->base.path, stop->port, stop->vc);
    for (char *line = text, *end; line != NULL && *line != '\0'; line = end + 1) {
        if ((end = strchr(line, '\n')) == NULL)
            break;
        *end = '\0';
        if (strncmp(line, prefix, strlen(prefix)) != 0)
            continue;
        const char *output = strstr(line, "output ");
        waiting.stage = strstr(line, "credit") != NULL    ? STAGE_CREDIT
                        : strstr(line, "switch") != NULL  ? STAGE_SWITCH
                        : strstr(line, "rest of") != NULL ? STAGE_REST
                        : output != NULL                  ? STAGE_VC
                                                          : STAGE_ROUTING;
        if (output != NULL && sscanf(output, "output %u VC %u", &waiting.port, &waiting.vc) < 1)
            waiting.stage = STAGE_ROUTING;
    }
    free(text);
    return waiting;
}

/* ---- a cycle ------------------------------------------------------------------------------------ */

static bool holds_vc(const struct waiting *waiting) { return waiting->stage >= STAGE_CREDIT; }

/* "VC 2 of output +x"; without the VC while there is none. */
static const char *output_name(const struct watch *w, uint32_t router, const struct waiting *waiting) {
    static char buffer[NOC_NAME_SIZE + 32];
    char port[NOC_NAME_SIZE];
    noc_port_name(&w->network->topology, router, waiting->port, port);
    if (holds_vc(waiting))
        snprintf(buffer, sizeof buffer, "VC %u of output %s", waiting->vc, port);
    else
        snprintf(buffer, sizeof buffer, "output %s", port);
    return buffer;
}

/* The output VC that leads to a stop from the one before. */
static struct waiting output_to(const struct watch *w, const struct stop *to) {
    const struct noc_topology *t = &w->network->topology;
    uint32_t port = to->router == UINT32_MAX ? t->home[w->story->dst].port
                                             : noc_topology_end(t, to->router, to->port)->peer_port;
    return (struct waiting){.stage = STAGE_SWITCH, .port = port, .vc = to->vc};
}

static void tell_waiting(struct watch *w, sim_cycle cycle, const struct waiting *waiting, uint32_t router) {
    switch (waiting->stage) {
    case STAGE_VC:
        tell(w, cycle, NOC_WAIT_VC, "waits for a VC of %s", output_name(w, router, waiting));
        break;
    case STAGE_CREDIT:
        tell(w, cycle, NOC_WAIT_CREDIT, "waits for a credit of %s", output_name(w, router, waiting));
        break;
    case STAGE_SWITCH:
        tell(w, cycle, NOC_WAIT_SWITCH, "waits for the switch to %s", output_name(w, router, waiting));
        break;
    default: tell(w, cycle, NOC_WAIT_NONE, "is being routed"); break;
    }
}

static void tell_arrival(struct watch *w, sim_cycle cycle, const struct stop *stop,
                         const struct waiting *after, uint32_t ahead, uint32_t own) {
    char place[NOC_NAME_SIZE], port[NOC_NAME_SIZE], then[NOC_NAME_SIZE + 64] = "";
    enum noc_wait wait = NOC_WAIT_NONE;
    if (ahead > 0) {
        wait = NOC_WAIT_QUEUE;
        snprintf(then, sizeof then, "; %u flit%s %sbefore it", ahead, ahead == 1 ? "" : "s",
                 own == ahead ? "of its packet " : "");
    } else if (w->tail) { /* it could have gone on at once */
        wait = after->stage == STAGE_CREDIT ? NOC_WAIT_CREDIT : NOC_WAIT_SWITCH;
        snprintf(then, sizeof then, "; waits for %s", wait == NOC_WAIT_CREDIT ? "a credit" : "the switch");
    } else if (holds_vc(after)) {
        snprintf(then, sizeof then, ", and gets %s", output_name(w, stop->router, after));
    } else if (after->stage == STAGE_VC) {
        wait = NOC_WAIT_VC;
        snprintf(then, sizeof then, ", but no VC of %s", output_name(w, stop->router, after));
    }
    tell(w, cycle, wait, "%s arrives at %s, input %s VC %u%s", flit_name(w),
         noc_router_name(&w->network->topology, stop->router, place),
         noc_port_name(&w->network->topology, stop->router, stop->port, port), stop->vc, then);
}

static void tell_leaving(struct watch *w, sim_cycle cycle, const struct stop *from, const struct stop *to,
                         bool arrived_now) {
    char place[NOC_NAME_SIZE], next[NOC_NAME_SIZE];
    /* A speculative head may get both at once. */
    const char *speculated =
        !w->tail && w->before_front && w->before.stage == STAGE_VC ? "gets a VC and " : "";
    if (to->router == UINT32_MAX)
        snprintf(next, sizeof next, "terminal %u", w->story->dst);
    else
        noc_router_name(&w->network->topology, to->router, next);
    if (arrived_now) {
        tell(w, cycle, NOC_WAIT_NONE, "%s arrives at %s, wins the switch at once, and leaves for %s",
             flit_name(w), noc_router_name(&w->network->topology, from->router, place), next);
        return;
    }
    tell(w, cycle, NOC_WAIT_NONE, "%swins the switch at %s and leaves for %s", speculated,
         noc_router_name(&w->network->topology, from->router, place), next);
}

static void tell_travel(struct watch *w, sim_cycle cycle) {
    const struct noc_network_spec *spec = w->network->spec;
    bool switching = w->at > 0 && cycle <= w->left + spec->router.traversal_delay * spec->clock_divider;
    tell(w, cycle, NOC_WAIT_NONE, switching ? "crosses the switch" : "is on the wire");
}

/* Before the cycle: notes what a flit that stands in a router is about to do. */
static void note_before(struct watch *w, sim_cycle now) {
    const struct stop *stop = &w->stop[w->at];
    w->before_front = false;
    w->before_ahead = 0;
    if (w->in_source || stop->router == UINT32_MAX || w->arrives >= now)
        return;
    w->before = (struct waiting){.stage = STAGE_ABSENT};
    const struct noc_slot *slot = find_in(w, stop, w->tail);
    uint32_t own;
    if (slot == NULL)
        return;
    w->before = ask(w, stop, now);
    w->before_ahead = before_it(w, w->at, slot, now - 1, &w->before, &own);
    w->before_front = w->before_ahead == 0;
}

/* The flit stands in a router since before this cycle, or since this cycle. `slot` is NULL when it has been
 * sent to `next` already, to leave in the next cycle. */
static void tell_in_router(struct watch *w, sim_cycle cycle, const struct stop *stop,
                           const struct noc_slot *slot, const struct stop *next, bool arrived_now) {
    struct waiting after = next != NULL ? output_to(w, next) : ask(w, stop, cycle + 1);
    uint32_t own = 0, ahead = slot != NULL ? before_it(w, w->at, slot, cycle, &after, &own) : 0;
    if (arrived_now)
        tell_arrival(w, cycle, stop, &after, ahead, own);
    else if (w->before_ahead > 0 && ahead > 0)
        tell(w, cycle, NOC_WAIT_QUEUE, "waits in the queue: %u flit%s %sbefore it", w->before_ahead,
             w->before_ahead == 1 ? "" : "s", own == ahead ? "of its packet " : "");
    else if (w->before_ahead > 0 && holds_vc(&after) && !w->tail)
        tell(w, cycle, NOC_WAIT_NONE, "comes to the front of the queue and gets %s",
             output_name(w, stop->router, &after));
    else if (w->before_ahead > 0)
        tell(w, cycle, NOC_WAIT_QUEUE, "comes to the front of the queue");
    else if (!w->tail && !holds_vc(&w->before) && holds_vc(&after))
        tell(w, cycle, NOC_WAIT_NONE, "gets %s", output_name(w, stop->router, &after));
    else
        tell_waiting(w, cycle, &w->before, stop->router);
}

static bool is_current(const struct watch *w) {
    const struct noc_terminal *t = &w->network->terminal[w->story->src];
    return t->pending && t->packet.tag == w->tag && t->packet.created == w->story->created;
}

static void tell_in_source(struct watch *w, sim_cycle cycle) {
    if (w->tail)
        tell(w, cycle, NOC_WAIT_QUEUE, "is still at terminal %u, behind its packet's other flits",
             w->story->src);
    else if (!is_current(w))
        tell(w, cycle, NOC_WAIT_QUEUE, "waits in the source queue of terminal %u behind earlier packets",
             w->story->src);
    else
        tell(w, cycle, NOC_WAIT_CREDIT, "waits at terminal %u for a VC with a credit", w->story->src);
}

/* Cycles from leaving the stop before to being visible at stop `number`. */
static sim_cycle latency_to(const struct watch *w, uint32_t number) {
    const struct noc_network_spec *spec = w->network->spec;
    const struct stop *stop = &w->stop[number];
    const struct noc_topology *t = &w->network->topology;
    if (number == 0)
        return (spec->terminal_latency + 1) * spec->clock_divider;
    const struct noc_home *home = &t->home[w->story->dst];
    bool out = stop->router == UINT32_MAX;
    return noc_network_flit_latency(spec, out ? noc_topology_end(t, home->router, home->port)
                                              : noc_topology_end(t, stop->router, stop->port));
}

/* The flit is at, or on its way to, this stop. */
static void set_stop(struct watch *w, uint32_t number, const struct noc_slot *slot) {
    w->in_source = false;
    w->at = number;
    w->arrives = noc_slot_at(slot);
    w->left = w->arrives - latency_to(w, number);
}

/* The tail's stop on the path of the head; false while the terminal has not sent it. */
static bool find_tail(struct watch *w) {
    for (uint32_t i = w->stops; i-- > 0;) {
        const struct noc_slot *slot = find_in(w, &w->stop[i], true);
        if (slot != NULL) {
            set_stop(w, i, slot);
            return true;
        }
    }
    return false;
}

/* The flit has been taken out of its stop: true when it is found at the next one. */
static bool move_on(struct watch *w) {
    bool last = w->at + 1 == w->stops;
    if (last && (w->tail || w->stop[w->at].router == UINT32_MAX || !follow(w, w->stop[w->at].router)))
        return false;
    const struct noc_slot *slot = find_in(w, &w->stop[w->at + 1], w->tail);
    if (slot != NULL)
        set_stop(w, w->at + 1, slot);
    return slot != NULL;
}

static void tell_source(struct watch *w, sim_cycle cycle) {
    const struct noc_home *home = &w->network->topology.home[w->story->src];
    const struct noc_fifo *in = &w->network->router[home->router].port[home->port].fifo;
    char place[NOC_NAME_SIZE];
    if (w->tail ? !find_tail(w) : !enter(w, in, home->router, home->port)) {
        tell_in_source(w, cycle);
        return;
    }
    if (!w->tail)
        set_stop(w, 0, find_in(w, &w->stop[0], false));
    tell(w, cycle, NOC_WAIT_NONE, "%s leaves terminal %u for %s, VC %u", flit_name(w), w->story->src,
         noc_router_name(&w->network->topology, home->router, place), w->stop[0].vc);
}

/* After cycle `cycle`. A flit passes at most one stop in a cycle. */
static void tell_cycle(struct watch *w, sim_cycle cycle) {
    if (w->in_source) {
        tell_source(w, cycle);
        return;
    }
    const struct stop *stop = &w->stop[w->at];
    const struct noc_slot *slot = find_in(w, stop, w->tail);
    bool stands = cycle >= w->arrives && stop->router != UINT32_MAX, arrived_now = w->arrives == cycle;
    if (stands && slot == NULL) {
        if (!move_on(w))
            return;
        if (w->left > cycle)
            tell_in_router(w, cycle, stop, NULL, &w->stop[w->at], arrived_now);
        else
            tell_leaving(w, cycle, stop, &w->stop[w->at], arrived_now);
    } else if (stands) {
        tell_in_router(w, cycle, stop, slot, NULL, arrived_now);
    } else if (cycle == w->left && w->at > 0) {
        tell_leaving(w, cycle, &w->stop[w->at - 1], stop, false);
    } else if (cycle < w->arrives) {
        tell_travel(w, cycle);
    }
}

/* ---- observer ----------------------------------------------------------------------------------- */

static uint32_t choose_tag(void *self, uint32_t terminal, uint64_t number) {
    const struct watch *w = self;
    return terminal == w->terminal && number == w->number ? w->tag : w->tag - 1;
}

static void on_assembled(void *self, struct sim_kernel *kernel, struct noc_network *network) {
    struct watch *w = self;
    (void)kernel;
    w->network = network;
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
    if (arrival->head) {
        w->story->head = now;
        w->story->hops = arrival->hops;
    }
    if (arrival->tail)
        w->story->tail = now;
    else if (!arrival->head)
        return;
    if (arrival->head || w->tail)
        tell(w, now, NOC_WAIT_NONE, "%s arrives at terminal %u", flit_name(w), terminal);
    w->looked = false;
    w->tail = w->introduce = true;
}

static sim_cycle on_look(void *self, const struct sim_kernel *kernel) {
    struct watch *w = self;
    sim_cycle now = kernel->now;
    if (now <= w->story->created) {
        if (now < w->story->created)
            return w->story->created;
        const struct noc_terminal *t = &w->network->terminal[w->story->src];
        if (is_current(w)) {
            w->story->dst = t->packet.dst;
            w->story->size = t->packet.size;
        }
    } else if (w->looked) {
        tell_cycle(w, now - 1);
    } else { /* the head has just arrived: the story goes on where the tail is */
        w->in_source = !find_tail(w);
    }
    if (w->story->tail != SIM_NEVER)
        return now;
    w->looked = true;
    note_before(w, now);
    return now + 1;
}

static bool on_ended(void *self, struct sim_kernel *kernel, struct noc_network *network,
                     struct sim_err *err) {
    struct watch *w = self;
    (void)err;
    if (w->story->tail == SIM_NEVER && w->looked && kernel->now > w->story->created)
        tell_cycle(w, kernel->now - 1);
    if (w->story->tail != SIM_NEVER)
        w->story->zero_load = noc_network_zero_load(network->spec, w->story->hops, w->story->size);
    return true;
}

bool noc_network_watch(const struct noc_observe_spec *spec, uint64_t number, struct noc_story *story,
                       struct sim_err *err) {
    *story = (struct noc_story){
        .number = number, .injected = SIM_NEVER, .head = SIM_NEVER, .tail = SIM_NEVER, .dst = UINT32_MAX};
    struct watch w = {.story = story, .in_source = true, .tag = 1};
    if (spec->trace != NULL) {
        if (number >= spec->trace->count)
            return sim_err_add(err, SIM_EXIT_USAGE, NULL,
                               "there is no packet %llu: the trace has %u packet%s, numbered from 0",
                               (unsigned long long)number, spec->trace->count,
                               sim_plural(spec->trace->count));
        const struct noc_injection *injection = &spec->trace->packet[number];
        w.tag = (uint32_t)number;
        *story = (struct noc_story){.number = number,
                                    .src = injection->src,
                                    .dst = injection->dst,
                                    .size = injection->size,
                                    .created = injection->cycle,
                                    .injected = SIM_NEVER,
                                    .head = SIM_NEVER,
                                    .tail = SIM_NEVER};
    } else {
        struct noc_packet_id id;
        if (!noc_traffic_find(spec, number, spec->cycles, &id, err))
            return false;
        w.terminal = id.terminal;
        w.number = id.number;
        story->src = id.terminal;
        story->created = id.created;
        story->size = spec->traffic->packet;
    }
    if (spec->network->router.flow_control == NOC_FLOW_DEFLECTION)
        return noc_deflection_watch(spec, w.number, story, err);
    struct noc_observer observer = {.self = &w,
                                    .tag = choose_tag,
                                    .sent = on_sent,
                                    .arrived = on_arrived,
                                    .assembled = on_assembled,
                                    .look = on_look,
                                    .ended = on_ended};
    w.stop = calloc(PATH_MAX_, sizeof *w.stop);
    if (w.stop == NULL)
        sim_memory_exhausted(NULL);
    bool sound = noc_network_observe(spec, &observer, err);
    free(w.stop);
    return sound;
}

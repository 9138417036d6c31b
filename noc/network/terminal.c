/* SPDX-License-Identifier: MIT
 *
 * Source and sink; see terminal.h.
 */
#include "noc/network/terminal.h"

#include "noc/link/clock_divider.h"
#include "sim/base/err.h"

static void fetch(struct noc_terminal *t) {
    bool had = t->pending;
    t->pending = t->client->next(t->client->self, t->number, &t->packet);
    if (t->pending && !had)
        sim_open(&t->base);
    else if (!t->pending && had)
        sim_finish(&t->base);
}

void noc_terminal_init(struct noc_terminal *t, uint32_t number, const struct noc_client *client) {
    t->number = number;
    t->client = client;
    fetch(t);
}

static void receive(struct noc_terminal *t, sim_cycle now) {
    struct noc_arrival arrival;
    if (!noc_interface_receive(&t->interface, now, &arrival))
        return;
    sim_count(&t->base, NOC_TERMINAL_RECEIVE_FLIT, 1, now, 1);
    if (arrival.tail) {
        sim_count(&t->base, NOC_TERMINAL_RECEIVE_PACKET, 1, now, 1);
        sim_finish(&t->base);
    }
    if (arrival.head || arrival.tail)
        t->client->arrived(t->client->self, t->number, &arrival, now);
}

static void send(struct noc_terminal *t, sim_cycle now) {
    struct noc_interface *ni = &t->interface;
    if (ni->left == 0)
        noc_interface_offer(ni, &t->packet);
    int sent = noc_interface_send(ni, now);
    if (sent == 0)
        return;
    sim_count(&t->base, NOC_TERMINAL_SEND_FLIT, 1, now, 1);
    if (sent & NOC_SENT_HEAD) {
        sim_open(&t->base);
        t->client->sent(t->client->self, t->number, &t->packet, now);
    }
    if (sent & NOC_SENT_TAIL) {
        sim_count(&t->base, NOC_TERMINAL_SEND_PACKET, 1, now, 1);
        fetch(t);
    }
}

/* Inlined into fetch: the compiler takes a call that only fetches for useless. */
NOC_INLINE void fetch_arrival(const struct noc_terminal *t, sim_cycle now, uint32_t stage) {
    const struct noc_interface *ni = &t->interface;
    const uint16_t *entry = noc_inbox_row(&ni->inbox, now);
    if (stage == 0)
        __builtin_prefetch(entry);
    else if (*entry != 0)
        __builtin_prefetch(&ni->in.slot[ni->head[*entry & ni->in_mask]]);
}

NOC_INLINE void fetch_departure(const struct noc_terminal *t, sim_cycle now, uint32_t stage) {
    const struct noc_interface *ni = &t->interface;
    uint32_t vc = ni->vc + 1u < ni->vcs ? ni->vc + 1u : 0;
    if (stage == 0) {
        noc_channel_fetch(&ni->out, now);
        if (ni->places != NULL)
            __builtin_prefetch(&ni->places[t->packet.dst]);
        sim_wheel_fetch_far(t->base.wheel, t->base.id);
        if (t->client->fetch != NULL)
            t->client->fetch(t->client->self, t->number);
    } else if (stage == 1) {
        __builtin_prefetch(&ni->out.slot[ni->tail[vc]]);
    }
}

static void fetch_memory(const void *self, sim_cycle now, uint32_t stage) {
    const struct noc_terminal *t = self;
    if (stage == 0) {
        __builtin_prefetch(t->base.count);
        __builtin_prefetch(t->interface.tail);
    }
    fetch_arrival(t, now, stage);
    if (t->pending && t->packet.created <= now)
        fetch_departure(t, now, stage);
}

static sim_cycle step(void *self, sim_cycle now) {
    struct noc_terminal *t = self;
    receive(t, now);
    if (t->pending && t->packet.created <= now)
        send(t, now);
    if (!t->pending)
        return SIM_NEVER;
    return t->packet.created > now ? t->packet.created : now + 1;
}

static sim_cycle step_divided(void *self, sim_cycle now) {
    struct noc_terminal *t = self;
    sim_cycle edge = noc_divider_edge(now, t->divider);
    return edge > now ? edge : noc_divider_edge(step(t, now), t->divider);
}

static void explain(const void *self, sim_cycle now, FILE *out) {
    const struct noc_terminal *t = self;
    if (!t->pending || t->packet.created > now)
        return;
    if (t->interface.left != 0 && t->interface.headed)
        fprintf(out, "%s: packet to terminal %u waits for a credit of VC %u\n", t->base.path, t->packet.dst,
                t->interface.vc);
    else
        fprintf(out, "%s: packet to terminal %u waits for a VC with a credit\n", t->base.path, t->packet.dst);
}

static bool audit(const void *self, sim_cycle now, struct sim_err *err) {
    const struct noc_terminal *t = self;
    uint32_t slots = noc_fifo_size(&t->interface.in);
    for (uint32_t slot = 0; slot < slots; slot++) {
        const struct noc_slot *s = &t->interface.in.slot[slot];
        if ((s->stamp & NOC_FULL) && noc_slot_at(s) < now)
            return sim_err_add(err, SIM_EXIT_STOPPED, NULL, "cycle %llu: %s: an arrived flit was not taken",
                               (unsigned long long)now, t->base.path);
    }
    return true;
}

static const struct sim_event events[] = {NOC_TERMINAL_EVENTS(SIM_EVENT_NAMED_ROW)};

#define TERMINAL_TYPE(step_)                                                                                 \
    {                                                                                                        \
        .name = "noc.terminal",                                                                              \
        .help = "source and sink of packets",                                                                \
        .events = events,                                                                                    \
        .event_count = NOC_TERMINAL_EVENT_COUNT,                                                             \
        .step = (step_),                                                                                     \
        .fetch = fetch_memory,                                                                               \
        .explain = explain,                                                                                  \
        .audit = audit,                                                                                      \
    }

const struct sim_type noc_terminal_type = TERMINAL_TYPE(step);
const struct sim_type noc_terminal_divided_type = TERMINAL_TYPE(step_divided);

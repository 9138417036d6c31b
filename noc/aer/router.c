/* SPDX-License-Identifier: MIT
 *
 * The address-event router; see router.h.
 */
#include "noc/aer/router.h"

#include "sim/base/err.h"

void noc_aer_input_init(struct noc_aer_input *input, struct noc_channel *channel, uint32_t latency,
                        uint32_t depth, uint32_t credit_latency, struct sim_arena *arena) {
    noc_fifo_init(&input->fifo, 1, depth, credit_latency, arena);
    sim_link_init(&channel->base, latency, 1);
    channel->slot = input->fifo.slot;
    channel->size = (uint16_t)depth;
    channel->row = &input->mark;
    channel->row_mask = channel->row_stride = 0;
    sim_link_init(&input->credit, credit_latency, 1);
}

static uint16_t route(const struct noc_aer_router *r, uint64_t word) {
    uint32_t dst = noc_flit_dst(word);
    if (dst & NOC_GROUP)
        return r->branch[dst & ~NOC_GROUP];
    const struct noc_aer_home *home = &r->home[dst];
    uint32_t port = home->port;
    if (home->x != r->x)
        port = home->x > r->x ? NOC_PORT_EAST : NOC_PORT_WEST;
    else if (home->y != r->y)
        port = home->y > r->y ? NOC_PORT_SOUTH : NOC_PORT_NORTH;
    return (uint16_t)(1u << port);
}

static uint32_t next_slot(uint32_t slot, uint32_t depth) { return slot + 1 == depth ? 0 : slot + 1; }

/* The input whose turn it is: the first of `asking` from `turn` on. */
static uint32_t whose_turn(uint32_t asking, uint32_t turn) {
    uint32_t behind = asking & ~((UINT32_C(1) << turn) - 1);
    return (uint32_t)__builtin_ctz(behind != 0 ? behind : asking);
}

static uint64_t one_hop_more(uint64_t stamp) {
    uint64_t info = stamp & NOC_INFO_MASK;
    return (info & NOC_HOPS_MAX) < NOC_HOPS_MAX ? info + 1 : info;
}

static void forward(struct noc_aer_router *r, uint32_t from, uint32_t to, sim_cycle now) {
    struct noc_aer_input *input = &r->input[from];
    struct noc_aer_output *output = &r->output[to];
    struct noc_slot *slot = &input->fifo.slot[input->head];
    noc_channel_send(&output->channel, now, &output->channel.slot[output->tail], 0, slot->word,
                     one_hop_more(slot->stamp));
    output->tail = next_slot(output->tail, output->channel.size);
    output->free_at = now + r->port_cycles;
    output->turn = (uint8_t)next_slot(from, r->ports);
    uint32_t event = to < NOC_PORT_COUNT ? NOC_AER_ROUTER_LINK_NORTH + to : NOC_AER_ROUTER_DELIVER;
    sim_count(&r->base, event, 1, now, output->channel.base.latency);
    input->todo &= (uint16_t) ~(1u << to);
    if (input->todo != 0) {
        sim_count(&r->base, NOC_AER_ROUTER_COPY, 1, now, 1);
        return;
    }
    noc_aer_input_pop(input, now);
}

/* When an output that cannot be granted now is worth another look; SIM_NEVER: when its receiver wakes us. */
static sim_cycle look_again(const struct noc_aer_output *output, sim_cycle now) {
    const struct noc_slot *slot = &output->channel.slot[output->tail];
    sim_cycle at = noc_slot_at(slot);
    if (slot->stamp & NOC_FULL) {
        if (output->eject_credit == 0)
            return SIM_NEVER;
        at += output->eject_credit;
    }
    at = at > output->free_at ? at : output->free_at;
    return at > now ? at : now + 1;
}

static sim_cycle earlier(sim_cycle a, sim_cycle b) { return a < b ? a : b; }

static sim_cycle step(void *self, sim_cycle now) {
    struct noc_aer_router *r = self;
    uint64_t visible = noc_visible(now);
    uint32_t asking[NOC_AER_PORTS_MAX], outputs = 0, inputs = 0;
    for (uint32_t ports = r->connected; ports != 0; ports &= ports - 1) {
        uint32_t port = (uint32_t)__builtin_ctz(ports);
        struct noc_aer_input *input = &r->input[port];
        if (!noc_slot_full(&input->fifo.slot[input->head], visible))
            continue;
        if (input->todo == 0) {
            input->todo = route(r, input->fifo.slot[input->head].word);
            sim_count(&r->base, NOC_AER_ROUTER_ROUTE, 1, now, 1);
        }
        inputs |= 1u << port;
        for (uint32_t todo = input->todo; todo != 0; todo &= todo - 1) {
            uint32_t to = (uint32_t)__builtin_ctz(todo);
            asking[to] = (outputs >> to & 1 ? asking[to] : 0) | 1u << port;
            outputs |= 1u << to;
        }
    }
    if (inputs == 0)
        return SIM_NEVER;
    if (r->divider > 1 && now % r->divider != 0)
        return now + r->divider - now % r->divider;
    sim_cycle next = SIM_NEVER;
    for (; outputs != 0; outputs &= outputs - 1) {
        uint32_t port = (uint32_t)__builtin_ctz(outputs);
        struct noc_aer_output *output = &r->output[port];
        if (output->free_at <= now && noc_slot_free(&output->channel.slot[output->tail], visible)) {
            uint32_t chosen = whose_turn(asking[port], output->turn);
            forward(r, chosen, port, now);
            asking[port] &= ~(1u << chosen);
        }
        if (asking[port] != 0)
            next = earlier(next, look_again(output, now));
    }
    for (; inputs != 0; inputs &= inputs - 1) {
        const struct noc_aer_input *input = &r->input[__builtin_ctz(inputs)];
        if (input->todo == 0 && noc_slot_full(&input->fifo.slot[input->head], visible))
            next = now + 1;
    }
    return next;
}

static void explain(const void *self, sim_cycle now, FILE *out) {
    static const char *const names[] = {"north", "south", "east", "west"};
    const struct noc_aer_router *r = self;
    for (uint32_t port = 0; port < r->ports; port++) {
        const struct noc_aer_input *input = &r->input[port];
        if (!(r->connected >> port & 1) || !noc_slot_full(&input->fifo.slot[input->head], noc_visible(now)))
            continue;
        uint32_t to = input->todo != 0 ? (uint32_t)__builtin_ctz(input->todo) : 0;
        fprintf(out, "%s: input %u holds a packet for %s %u that waits for output %s\n", r->base.path, port,
                noc_flit_dst(input->fifo.slot[input->head].word) & NOC_GROUP ? "group" : "terminal",
                noc_flit_dst(input->fifo.slot[input->head].word) & ~NOC_GROUP,
                to < NOC_PORT_COUNT ? names[to] : "to a core");
    }
}

/* Of each FIFO the full slots are consecutive from the front on, each at most once (law L4 at this end). */
static bool audit(const void *self, sim_cycle now, struct sim_err *err) {
    const struct noc_aer_router *r = self;
    for (uint32_t port = 0; port < r->ports; port++) {
        const struct noc_aer_input *input = &r->input[port];
        bool gap = false;
        uint32_t slot = input->head;
        for (uint32_t i = 0; i < input->fifo.depth; i++, slot = next_slot(slot, input->fifo.depth)) {
            bool full = (input->fifo.slot[slot].stamp & NOC_FULL) != 0;
            if (full && gap)
                return sim_err_add(err, SIM_EXIT_STOPPED, NULL,
                                   "cycle %llu: %s: a gap in the FIFO of input %u", (unsigned long long)now,
                                   r->base.path, port);
            gap |= !full;
        }
    }
    return true;
}

static const struct sim_event events[] = {NOC_AER_ROUTER_EVENTS(SIM_EVENT_NAMED_ROW)};

const struct sim_type noc_aer_router_type = {
    .name = "noc.aer_router",
    .help = "router of single-flit address-event packets",
    .events = events,
    .event_count = NOC_AER_ROUTER_EVENT_COUNT,
    .step = step,
    .explain = explain,
    .audit = audit,
};

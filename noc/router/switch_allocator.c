/* SPDX-License-Identifier: MIT
 *
 * The switch allocator and the switch: which input port sends a flit to which output port.
 *
 * Every ready input VC with a credit wants the output port that its packet holds a VC of. A winner leaves
 * at once: its slot is released, which is the credit to the router before it, and the flit is on its way
 * through the switch and over the channel. Speculative requests (of heads that ask for a VC in the same
 * cycle) have an allocator of their own, get only inputs and outputs that the others left, and are void
 * unless the VC allocator agreed in the same cycle. An output whose link is narrower than a flit grants again
 * when the last piece has gone.
 */
#include "noc/router/stages.h"

void noc_router_log_traversal(const struct noc_router *r, uint32_t output, sim_cycle now) {
    const struct sim_component *c = &r->base;
    const struct noc_channel *channel = &r->channel[output];
    uint32_t latency = channel->base.latency, kind = r->port[output].kind;
    sim_log_event(c->log, now, c->id, NOC_ROUTER_BUFFER_READ, 1, 1);
    sim_log_event(c->log, now, c->id, NOC_ROUTER_SWITCH_ALLOC, 1, r->spec->switch_alloc_delay);
    sim_log_event(c->log, now, c->id, NOC_ROUTER_CROSSBAR, 1, r->spec->traversal_delay);
    if (kind == NOC_END_TERMINAL) {
        sim_log_event(c->log, now, c->id, NOC_ROUTER_EJECT_FLIT, 1, latency);
        return;
    }
    sim_log_event(c->log, now, c->id, NOC_ROUTER_LINK_FLIT, 1, latency);
    if (r->data == NULL)
        sim_log_event(c->log, now, c->id, NOC_ROUTER_LINK_BIT_UM, r->bits_um, 0);
    if (kind & NOC_PORT_BOUNDARY)
        sim_log_event(c->log, now, c->id, NOC_ROUTER_BOUNDARY_BIT, r->spec->flit_bits, 0);
}

/* The front flit of input VC `code` goes through the switch. */
static void traverse(struct noc_router *r, uint32_t code, sim_cycle now, uint64_t visible) {
    const struct noc_fifo *fifo = &r->port[code >> r->shift].fifo;
    struct noc_input_vc *vc = &r->vc[code];
    uint16_t *next = noc_next_position(r, vc->out);
    struct noc_slot *slot = noc_front(r, code);
    uint64_t word = slot->word, info = slot->stamp & NOC_INFO_MASK;
    uint32_t output = vc->out >> r->shift, out_vc = vc->out & r->vc_mask;
    bool copies = noc_router_copies(r, code), stays = copies && noc_router_copy_flit(r, code, &word);

    noc_channel_send(&r->channel[output], now, noc_next(r, vc->out), out_vc,
                     word & NOC_HEAD ? noc_flit_with_class(word, vc->class_) : word, info + 1);
    if (r->stages->serial != NULL)
        r->stages->free_at[output] = now + r->stages->serial[output];
    *next = noc_behind_next(r, &r->channel[output], *next);
    if (r->data != NULL && r->port[output].kind != NOC_END_TERMINAL)
        sim_count(&r->base, NOC_ROUTER_LINK_TOGGLE_UM,
                  noc_link_data_send(r->data, output, vc->out, word) * r->data->um, now, 0);
    if (!stays)
        noc_slot_release(slot, now, fifo->credit_latency);
    if (r->base.log != NULL)
        noc_router_log_traversal(r, output, now);

    vc->front = (uint16_t)noc_behind(r, vc->front);
    bool more = noc_slot_full(noc_front(r, code), visible);
    if (word & NOC_TAIL || !more)
        noc_remove(r, NOC_SET_READY, code);
    if (!(word & NOC_TAIL))
        return;
    noc_remove(r, NOC_SET_BUSY, vc->out);
    noc_remove(r, NOC_SET_ACTIVE, code);
    if (copies && noc_router_next_copy(r, code))
        return;
    noc_remove(r, NOC_SET_OPEN, code);
    if (more)
        noc_router_begin_packet(r, code, now + 1, now);
}

/* The VCs of `set` in the order of the line of `input`: the part from its first VC on. */
static uint32_t behind(const struct noc_router *r, uint32_t input, uint32_t set) {
    return (uint32_t)(set & (~UINT64_C(0) << r->port[input].vc));
}

/* The VC of `input` that goes to output port `port` and comes first in the input's line. */
static uint32_t winning_code(const struct noc_router *r, uint32_t input, uint32_t port) {
    uint32_t first = input << r->shift, vc = 0;
    uint32_t eligible = noc_port_vcs(r, r->set + NOC_SET_ELIGIBLE * r->words, input);
    uint32_t set = behind(r, input, eligible);
    for (uint32_t pass = 0; pass < 2; pass++, set = eligible) {
        for (; set != 0; set &= set - 1) {
            vc = (uint32_t)__builtin_ctz(set);
            if ((uint32_t)r->vc[first | vc].out >> r->shift == port) {
                r->port[input].vc = (uint8_t)(vc + 1);
                return first | vc;
            }
        }
    }
    assert(false && "an eligible VC wants the granted port");
    return first | vc;
}

/* Finds the eligible VCs and marks the outputs they want; returns the wanted outputs. */
static inline uint64_t collect(struct noc_router *r, sim_cycle now, uint64_t visible) {
    uint64_t outputs = 0;
    for (uint32_t w = 0; w < r->words; w++) {
        uint64_t eligible = 0;
        for (uint64_t ready = r->set[NOC_SET_READY * r->words + w]; ready != 0; ready &= ready - 1) {
            uint32_t code = w * 64 + (uint32_t)__builtin_ctzll(ready), out = r->vc[code].out;
            if (!noc_has_credit(r, code, out, visible) || noc_output_occupied(r, out >> r->shift, now))
                continue;
            eligible |= ready & -ready;
            r->stages->wanted[out >> r->shift] |= UINT64_C(1) << (code >> r->shift);
            outputs |= UINT64_C(1) << (out >> r->shift);
        }
        r->set[NOC_SET_ELIGIBLE * r->words + w] = eligible;
    }
    return outputs;
}

static uint32_t list_requests(struct noc_router *r, uint64_t outputs) {
    struct noc_request *request = r->stages->request;
    uint32_t count = 0;
    for (; outputs != 0; outputs &= outputs - 1) {
        uint32_t port = (uint32_t)__builtin_ctzll(outputs);
        for (uint64_t inputs = r->stages->wanted[port]; inputs != 0; inputs &= inputs - 1)
            request[count++] = (struct noc_request){.in = (uint16_t)__builtin_ctzll(inputs),
                                                    .out = (uint16_t)port};
        r->stages->wanted[port] = 0;
    }
    return count;
}

static bool asks_for(const struct noc_router *r, uint32_t code, uint32_t port) {
    return r->stages->asked_ports[code] >> port & 1;
}

/* The head that carries the request of `input` for `port`: the first in the input's line. */
static uint32_t speaking_vc(const struct noc_router *r, uint32_t input, uint32_t port) {
    uint32_t asked = noc_port_vcs(r, r->stages->asked, input), set = behind(r, input, asked);
    for (uint32_t pass = 0; pass < 2; pass++, set = asked)
        for (; set != 0; set &= set - 1)
            if (asks_for(r, input << r->shift | (uint32_t)__builtin_ctz(set), port))
                return (uint32_t)__builtin_ctz(set);
    assert(false && "a head asked for the granted port");
    return 0;
}

/* Heads that ask for a VC in this cycle ask for the switch as well; who wins goes if he fits beside the
 * granted ports and got his VC at that port in the same cycle. */
static void allocate_speculative(struct noc_router *r, uint64_t used_inputs, uint64_t used_outputs,
                                 sim_cycle now) {
    struct noc_router_stages *stages = r->stages;
    uint64_t visible = noc_visible(now), outputs = 0;
    for (uint32_t code = 0; code < r->codes; code++) {
        if (!(stages->asked[code / 64] >> (code & 63) & 1))
            continue;
        outputs |= stages->asked_ports[code];
        for (uint64_t ports = stages->asked_ports[code]; ports != 0; ports &= ports - 1)
            stages->wanted[__builtin_ctzll(ports)] |= UINT64_C(1) << (code >> r->shift);
    }
    uint32_t grants = noc_allocator_run(&stages->speculative_allocator, stages->request,
                                        list_requests(r, outputs), stages->grant);
    for (uint32_t k = 0; k < grants; k++) {
        uint32_t input = stages->grant[k].in, port = stages->grant[k].out;
        if (used_inputs >> input & 1 || used_outputs >> port & 1 || noc_output_occupied(r, port, now))
            continue;
        uint32_t vc = speaking_vc(r, input, port), code = input << r->shift | vc, out = r->vc[code].out;
        r->port[input].vc = (uint8_t)(vc + 1);
        if (!noc_in_set(r, NOC_SET_FRESH, code) || out >> r->shift != port ||
            !noc_has_credit(r, code, out, visible))
            continue;
        noc_remove(r, NOC_SET_FRESH, code);
        noc_add(r, NOC_SET_ACTIVE, code);
        noc_add(r, NOC_SET_READY, code);
        traverse(r, code, now, visible);
    }
}

/* Into the pipeline go the winners and, until they know better, the losers. */
static void enter_pipe(struct noc_router *r, uint32_t code, uint32_t out, sim_cycle due) {
    noc_remove(r, NOC_SET_READY, code);
    noc_add(r, NOC_SET_DECIDING, code);
    noc_pipe_push(&r->stages->switch_alloc, due, code, out);
}

static void leave_pipe(struct noc_router *r, sim_cycle now) {
    uint64_t visible = noc_visible(now);
    const struct noc_decision *d;
    while ((d = noc_pipe_pop(&r->stages->switch_alloc, now)) != NULL) {
        noc_remove(r, NOC_SET_DECIDING, d->in);
        noc_add(r, NOC_SET_READY, d->in);
        if (d->out != NOC_NO_GRANT && noc_has_credit(r, d->in, d->out, visible) &&
            !noc_output_occupied(r, d->out >> r->shift, now))
            traverse(r, d->in, now, visible);
    }
}

void noc_switch_allocate(struct noc_router *r, sim_cycle now) {
    struct noc_router_stages *stages = r->stages;
    uint64_t visible = noc_visible(now), used_inputs = 0, used_outputs = 0;
    uint32_t delay = r->spec->switch_alloc_delay;
    uint32_t count = list_requests(r, collect(r, now, visible));
    uint32_t grants = noc_allocator_run(&stages->switch_allocator, stages->request, count, stages->grant);
    for (uint32_t k = 0; k < grants; k++) {
        uint32_t input = stages->grant[k].in, port = stages->grant[k].out;
        uint32_t code = winning_code(r, input, port);
        used_inputs |= UINT64_C(1) << input;
        used_outputs |= UINT64_C(1) << port;
        if (delay == 1)
            traverse(r, code, now, visible);
        else
            enter_pipe(r, code, r->vc[code].out, now + delay - 1);
    }
    if (r->spec->speculative)
        allocate_speculative(r, used_inputs, used_outputs, now);
    if (delay == 1)
        return;
    for (uint32_t code = 0; code < r->codes; code++)
        if (noc_in_set(r, NOC_SET_READY, code))
            enter_pipe(r, code, NOC_NO_GRANT, now + delay - 1);
    leave_pipe(r, now);
}

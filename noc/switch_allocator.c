/* SPDX-License-Identifier: MIT
 *
 * The switch allocator and the switch: which input port sends a flit to which output port.
 *
 * Every ready input VC with a credit wants the output port that its packet holds a VC of. The plain form
 * is iSLIP with one iteration over sets of ports; the winner leaves at once: its slot is released, which
 * is the credit to the router before it, and the flit is on its way through the switch and over the
 * channel. Speculative requests (of heads that ask for a VC in the same cycle) have an allocator of
 * their own, get only inputs and outputs that the others left, and are void unless the VC allocator
 * agreed in the same cycle.
 */
#include "noc/router_stages.h"

static inline void count_traversal(struct noc_router *r, const struct noc_output *output, sim_cycle now) {
    struct sim_component *c = &r->base;
    sim_count(c, NOC_ROUTER_BUFFER_READ, 1, now, 1);
    sim_count(c, NOC_ROUTER_SWITCH_ALLOC, 1, now, r->spec->switch_alloc_delay);
    sim_count(c, NOC_ROUTER_CROSSBAR, 1, now, r->spec->traversal_delay);
    if (output->eject) {
        sim_count(c, NOC_ROUTER_EJECT_FLIT, 1, now, output->channel.base.latency);
        return;
    }
    sim_count(c, NOC_ROUTER_LINK_FLIT, 1, now, output->channel.base.latency);
    if (output->channel.bits_um != 0)
        sim_count(c, NOC_ROUTER_LINK_BIT_UM, output->channel.bits_um, now, 0);
    if (output->boundary)
        sim_count(c, NOC_ROUTER_BOUNDARY_BIT, r->spec->flit_bits, now, 0);
}

/* The front flit of input VC `code` goes through the switch. */
static inline void traverse(struct noc_router *r, uint32_t code, sim_cycle now, uint64_t visible) {
    uint32_t in_vc = code & r->vc_mask, bit = UINT32_C(1) << in_vc;
    struct noc_input *in = &r->input[code >> r->shift];
    struct noc_input_vc *vc = &r->vc[code];
    uint32_t out = vc->out, out_vc = out & r->vc_mask;
    struct noc_output *output = &r->output[out >> r->shift];
    struct noc_channel *channel = &output->channel;
    struct noc_slot *slot = &in->fifo.slot[vc->head];
    uint64_t word = slot->word, info = slot->stamp & NOC_INFO_MASK;

    uint32_t tail = r->tail[out];
    r->tail[out] = (uint16_t)(tail + 1 == (out_vc + 1) * channel->depth ? out_vc * channel->depth : tail + 1);
    noc_channel_send(channel, now, &channel->slot[tail], out_vc,
                     word & NOC_HEAD ? noc_flit_with_class(word, vc->class_) : word, info + 1);
    noc_slot_release(slot, now, in->fifo.credit_latency);
    count_traversal(r, output, now);

    vc->head = (uint16_t)noc_next_slot(&in->fifo, vc->head, in_vc);
    bool more = noc_slot_full(&in->fifo.slot[vc->head], visible);
    if (word & NOC_TAIL) {
        output->busy &= ~(UINT32_C(1) << out_vc);
        in->active &= ~bit;
        in->ready &= ~bit;
        in->open &= ~bit;
        if (more)
            noc_router_begin_packet(r, code, now + 1, now);
    } else if (!more) {
        in->ready &= ~bit;
    }
    if (in->ready == 0)
        r->ready_inputs &= ~(UINT64_C(1) << (code >> r->shift));
}

/* The VC of `in` that goes to output port `port` and comes first in the input's line. */
static inline uint32_t winning_vc(const struct noc_router *r, struct noc_input *in, uint32_t input,
                                  uint32_t port) {
    uint32_t set = in->eligible & (UINT32_MAX << in->vc_pointer), vc = 0;
    for (uint32_t pass = 0; pass < 2; pass++) {
        for (; set != 0; set &= set - 1) {
            vc = (uint32_t)__builtin_ctz(set);
            if ((uint32_t)r->vc[input << r->shift | vc].out >> r->shift == port) {
                in->vc_pointer = (uint16_t)(vc + 1 == r->spec->vcs ? 0 : vc + 1);
                return vc;
            }
        }
        set = in->eligible;
    }
    assert(!"an eligible VC wants the granted port");
    return vc;
}

static inline uint32_t first_port(uint64_t set, uint32_t pointer) {
    uint64_t behind = set & (~UINT64_C(0) << pointer);
    return (uint32_t)__builtin_ctzll(behind != 0 ? behind : set);
}

/* Finds the eligible VCs and marks the outputs they want; returns the wanted outputs. */
static inline uint64_t collect(struct noc_router *r, uint64_t visible) {
    uint64_t outputs = 0;
    for (uint64_t inputs = r->ready_inputs; inputs != 0; inputs &= inputs - 1) {
        uint32_t port = (uint32_t)__builtin_ctzll(inputs);
        struct noc_input *in = &r->input[port];
        in->eligible = 0;
        for (uint32_t vcs = in->ready; vcs != 0; vcs &= vcs - 1) {
            uint32_t vc = (uint32_t)__builtin_ctz(vcs), code = port << r->shift | vc;
            uint32_t out = r->vc[code].out;
            if (!noc_has_credit(r, code, out, visible))
                continue;
            in->eligible |= UINT32_C(1) << vc;
            r->output[out >> r->shift].wanted |= UINT64_C(1) << port;
            outputs |= UINT64_C(1) << (out >> r->shift);
        }
    }
    return outputs;
}

static void allocate_plain(struct noc_router *r, sim_cycle now) {
    uint64_t visible = noc_visible(now), granted = 0;
    for (uint64_t outputs = collect(r, visible); outputs != 0; outputs &= outputs - 1) {
        uint32_t port = (uint32_t)__builtin_ctzll(outputs);
        struct noc_output *output = &r->output[port];
        uint32_t input = first_port(output->wanted, output->pointer);
        output->wanted = 0;
        r->input[input].granted |= UINT64_C(1) << port;
        granted |= UINT64_C(1) << input;
    }
    for (; granted != 0; granted &= granted - 1) {
        uint32_t input = (uint32_t)__builtin_ctzll(granted);
        struct noc_input *in = &r->input[input];
        uint32_t port = first_port(in->granted, in->pointer);
        in->granted = 0;
        in->pointer = (uint16_t)(port + 1);
        r->output[port].pointer = (uint16_t)(input + 1);
        traverse(r, input << r->shift | winning_vc(r, in, input, port), now, visible);
    }
}

/* ---- general form ------------------------------------------------------------------------------- */

static uint32_t list_requests(struct noc_router *r, uint64_t outputs) {
    struct noc_request *request = r->stages->request;
    uint32_t count = 0;
    for (; outputs != 0; outputs &= outputs - 1) {
        uint32_t port = (uint32_t)__builtin_ctzll(outputs);
        for (uint64_t inputs = r->output[port].wanted; inputs != 0; inputs &= inputs - 1)
            request[count++] = (struct noc_request){.in = (uint16_t)__builtin_ctzll(inputs),
                                                    .out = (uint16_t)port};
        r->output[port].wanted = 0;
    }
    return count;
}

/* Heads whose VC was granted in this cycle and that won the switch as well: (1) who asks, (2) who of
 * those fits beside the granted ports. All heads that asked for a VC take part in the allocation. */
static void allocate_speculative(struct noc_router *r, const uint32_t *asked, uint64_t used_inputs,
                                 uint64_t used_outputs, sim_cycle now) {
    struct noc_router_stages *stages = r->stages;
    uint64_t visible = noc_visible(now), outputs = 0;
    for (uint32_t input = 0; input < r->ports; input++) {
        for (uint32_t vcs = asked[input]; vcs != 0; vcs &= vcs - 1) {
            uint32_t code = input << r->shift | (uint32_t)__builtin_ctz(vcs);
            const struct noc_choice *choice = &r->choice[code * r->choices_max];
            uint32_t choices = stages->asked_choices[code];
            for (uint32_t k = 0; k < choices; k++) {
                r->output[choice[k].port].wanted |= UINT64_C(1) << input;
                outputs |= UINT64_C(1) << choice[k].port;
            }
        }
    }
    uint32_t count = list_requests(r, outputs);
    uint32_t grants = noc_allocator_run(&stages->speculative_allocator, stages->request, count, stages->grant);
    for (uint32_t k = 0; k < grants; k++) {
        uint32_t input = stages->grant[k].in, port = stages->grant[k].out;
        struct noc_input *in = &r->input[input];
        if (used_inputs >> input & 1 || used_outputs >> port & 1)
            continue;
        /* The first head in line that asked for this port carries the request. */
        uint32_t set = asked[input] & (UINT32_MAX << in->vc_pointer), vc = NOC_VCS_MAX;
        for (uint32_t pass = 0; pass < 2 && vc == NOC_VCS_MAX; pass++, set = asked[input]) {
            for (; set != 0 && vc == NOC_VCS_MAX; set &= set - 1) {
                uint32_t code = input << r->shift | (uint32_t)__builtin_ctz(set);
                for (uint32_t c = 0; c < stages->asked_choices[code]; c++)
                    if (r->choice[code * r->choices_max + c].port == port)
                        vc = (uint32_t)__builtin_ctz(set);
            }
        }
        uint32_t code = input << r->shift | vc;
        in->vc_pointer = (uint16_t)(vc + 1 == r->spec->vcs ? 0 : vc + 1);
        bool allocated = in->fresh >> vc & 1;
        uint32_t out = r->vc[code].out;
        if (!allocated || out >> r->shift != port || !noc_has_credit(r, code, out, visible))
            continue;
        noc_router_activate(r, input, UINT32_C(1) << vc);
        in->fresh &= ~(UINT32_C(1) << vc);
        traverse(r, code, now, visible);
    }
}

static void allocate_general(struct noc_router *r, sim_cycle now) {
    struct noc_router_stages *stages = r->stages;
    uint64_t visible = noc_visible(now), used_inputs = 0, used_outputs = 0;
    uint32_t delay = r->spec->switch_alloc_delay;
    uint64_t asking = r->ready_inputs;
    uint32_t count = list_requests(r, collect(r, visible));
    uint32_t grants = noc_allocator_run(&stages->switch_allocator, stages->request, count, stages->grant);
    for (uint32_t k = 0; k < grants; k++) {
        uint32_t input = stages->grant[k].in, port = stages->grant[k].out;
        struct noc_input *in = &r->input[input];
        uint32_t vc = winning_vc(r, in, input, port), code = input << r->shift | vc;
        used_inputs |= UINT64_C(1) << input;
        used_outputs |= UINT64_C(1) << port;
        if (delay == 1) {
            traverse(r, code, now, visible);
        } else {
            in->ready &= ~(UINT32_C(1) << vc);
            in->deciding |= UINT32_C(1) << vc;
            noc_pipe_push(&stages->switch_alloc, now + delay - 1, code, r->vc[code].out);
        }
    }
    if (r->spec->speculative)
        allocate_speculative(r, stages->asked, used_inputs, used_outputs, now);
    if (delay == 1)
        return;
    /* The losers wait for the answer too. */
    for (; asking != 0; asking &= asking - 1) {
        uint32_t input = (uint32_t)__builtin_ctzll(asking);
        struct noc_input *in = &r->input[input];
        for (uint32_t vcs = in->ready; vcs != 0; vcs &= vcs - 1)
            noc_pipe_push(&stages->switch_alloc, now + delay - 1,
                          input << r->shift | (uint32_t)__builtin_ctz(vcs), NOC_NO_GRANT);
        in->deciding |= in->ready;
        in->ready = 0;
        r->ready_inputs &= ~(UINT64_C(1) << input);
    }
    const struct noc_decision *d;
    while ((d = noc_pipe_pop(&stages->switch_alloc, now)) != NULL) {
        uint32_t input = d->in >> r->shift, bit = UINT32_C(1) << (d->in & r->vc_mask);
        r->input[input].deciding &= ~bit;
        r->input[input].ready |= bit;
        r->ready_inputs |= UINT64_C(1) << input;
        if (d->out != NOC_NO_GRANT && noc_has_credit(r, d->in, d->out, visible))
            traverse(r, d->in, now, visible);
    }
}

void noc_switch_allocate(struct noc_router *r, sim_cycle now) {
    if (r->plain_switch)
        allocate_plain(r, now);
    else
        allocate_general(r, now);
}

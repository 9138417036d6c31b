/* SPDX-License-Identifier: MIT
 *
 * The virtual-channel router: arrival, routing, and the life of a cycle; see router.h.
 */
#include "noc/router_stages.h"

#include "sim/arena.h"
#include "sim/err.h"

#include <string.h>

/* ---- arrival and routing ------------------------------------------------------------------------ */

void noc_router_put_request(struct noc_router *r, uint32_t code) {
    const struct noc_choice *choice = &r->choice[code * r->choices_max];
    uint32_t in = code >> r->shift, bit = UINT32_C(1) << (code & r->vc_mask);
    for (uint32_t k = 0; k < r->vc[code].choices; k++) {
        uint32_t port = choice[k].port;
        r->request[port * (r->ports + 1u) + in] |= bit;
        r->output[port].request_ports |= UINT64_C(1) << in;
        r->request_outputs |= UINT64_C(1) << port;
    }
}

void noc_router_drop_request(struct noc_router *r, uint32_t code) {
    const struct noc_choice *choice = &r->choice[code * r->choices_max];
    uint32_t in = code >> r->shift, bit = UINT32_C(1) << (code & r->vc_mask);
    for (uint32_t k = 0; k < r->vc[code].choices; k++) {
        uint32_t port = choice[k].port, *request = &r->request[port * (r->ports + 1u) + in];
        if ((*request &= ~bit) != 0)
            continue;
        if ((r->output[port].request_ports &= ~(UINT64_C(1) << in)) == 0)
            r->request_outputs &= ~(UINT64_C(1) << port);
    }
}

void noc_router_request_vc(struct noc_router *r, uint32_t code, sim_cycle now) {
    struct noc_input_vc *vc = &r->vc[code];
    uint64_t word = r->input[code >> r->shift].fifo.slot[vc->head].word;
    struct noc_hop hop = {
        .router = r->number,
        .in_port = code >> r->shift,
        .in_vc = code & r->vc_mask,
        .dst = noc_flit_dst(word),
        .class_ = noc_flit_class(word),
    };
    assert(word & NOC_HEAD);
    vc->choices = (uint8_t)r->routing->route(r->routing, &hop, &r->choice[code * r->choices_max]);
    assert(vc->choices > 0);
    sim_count(&r->base, NOC_ROUTER_ROUTE, 1, now, r->spec->routing_delay);
    noc_router_put_request(r, code);
}

void noc_router_begin_packet(struct noc_router *r, uint32_t code, sim_cycle from, sim_cycle now) {
    r->input[code >> r->shift].open |= UINT32_C(1) << (code & r->vc_mask);
    if (r->spec->lookahead || r->spec->routing_delay == 0)
        noc_router_request_vc(r, code, now);
    else
        noc_pipe_push(&r->stages->routing, from + r->spec->routing_delay, code, 0);
}

void noc_router_take_vc(struct noc_router *r, uint32_t in, uint32_t out, sim_cycle now) {
    struct noc_input_vc *vc = &r->vc[in];
    const struct noc_choice *choice = &r->choice[in * r->choices_max];
    uint32_t port = out >> r->shift, bit = UINT32_C(1) << (out & r->vc_mask), k = 0;
    while (choice[k].port != port || !(choice[k].vcs & bit))
        k++;
    noc_router_drop_request(r, in);
    vc->choices = 0;
    vc->class_ = choice[k].class_;
    vc->out = (uint16_t)out;
    r->output[port].busy |= bit;
    r->input[in >> r->shift].fresh |= UINT32_C(1) << (in & r->vc_mask);
    r->fresh_inputs |= UINT64_C(1) << (in >> r->shift);
    sim_count(&r->base, NOC_ROUTER_VC_ALLOC, 1, now, r->spec->vc_alloc_delay);
}

/* A flit has become visible at input `port`. */
static inline void receive(struct noc_router *r, uint32_t port, uint32_t vc, sim_cycle now) {
    struct noc_input *in = &r->input[port];
    uint32_t bit = UINT32_C(1) << vc;
    sim_count(&r->base, NOC_ROUTER_BUFFER_WRITE, 1, now, 1);
    if (!(in->open & bit)) {
        noc_router_begin_packet(r, port << r->shift | vc, now, now);
    } else if (in->active & ~in->deciding & bit) {
        in->ready |= bit;
        r->ready_inputs |= UINT64_C(1) << port;
    }
}

static inline void receive_all(struct noc_router *r, sim_cycle now) {
    uint8_t *row = r->inbox.row + (size_t)((uint32_t)now & r->inbox.mask) * r->inbox.stride;
    for (uint32_t first = 0; first < r->inbox.stride; first += 8) {
        uint64_t bytes;
        memcpy(&bytes, row + first, 8);
        if (bytes == 0)
            continue;
        memset(row + first, 0, 8);
        while (bytes != 0) {
            uint32_t lane = (uint32_t)__builtin_ctzll(bytes) / 8;
            receive(r, first + lane, (uint32_t)(bytes >> 8 * lane & 0xFF) - 1, now);
            bytes &= ~(UINT64_C(0xFF) << 8 * lane);
        }
    }
}

/* ---- a cycle ------------------------------------------------------------------------------------ */

static void finish_routing(struct noc_router *r, sim_cycle now) {
    const struct noc_decision *d;
    while ((d = noc_pipe_pop(&r->stages->routing, now)) != NULL)
        noc_router_request_vc(r, d->in, now);
}

/* Who asks for a VC in this cycle also asks for the switch. */
static void note_speculation(struct noc_router *r) {
    struct noc_router_stages *stages = r->stages;
    memset(stages->asked, 0, r->ports * sizeof *stages->asked);
    for (uint64_t outputs = r->request_outputs; outputs != 0; outputs &= outputs - 1) {
        uint32_t port = (uint32_t)__builtin_ctzll(outputs);
        for (uint64_t inputs = r->output[port].request_ports; inputs != 0; inputs &= inputs - 1) {
            uint32_t input = (uint32_t)__builtin_ctzll(inputs);
            stages->asked[input] |= r->request[port * (r->ports + 1u) + input];
        }
    }
    for (uint32_t input = 0; input < r->ports; input++)
        for (uint32_t vcs = stages->asked[input]; vcs != 0; vcs &= vcs - 1) {
            uint32_t code = input << r->shift | (uint32_t)__builtin_ctz(vcs);
            stages->asked_choices[code] = r->vc[code].choices;
        }
}

static bool pipes_busy(const struct noc_router_stages *stages) {
    return stages != NULL &&
           (stages->routing.count | stages->vc_alloc.count | stages->switch_alloc.count) != 0;
}

static sim_cycle step(void *self, sim_cycle now) {
    struct noc_router *r = self;
    receive_all(r, now);
    if (r->stages != NULL) {
        finish_routing(r, now);
        if (r->spec->speculative)
            note_speculation(r);
    }
    if (r->request_outputs != 0 || !r->plain_vc)
        noc_vc_allocate(r, now);
    if (r->ready_inputs != 0 || !r->plain_switch)
        noc_switch_allocate(r, now);
    for (; r->fresh_inputs != 0; r->fresh_inputs &= r->fresh_inputs - 1) {
        uint32_t input = (uint32_t)__builtin_ctzll(r->fresh_inputs);
        if (r->input[input].fresh == 0)
            continue;
        noc_router_activate(r, input, r->input[input].fresh);
        r->input[input].fresh = 0;
    }
    return (r->request_outputs | r->ready_inputs) != 0 || pipes_busy(r->stages) ? now + 1 : SIM_NEVER;
}

/* ---- reports ------------------------------------------------------------------------------------ */

static void explain_vc(const struct noc_router *r, uint32_t code, sim_cycle now, FILE *out) {
    const struct noc_input *in = &r->input[code >> r->shift];
    const struct noc_input_vc *vc = &r->vc[code];
    uint32_t bit = UINT32_C(1) << (code & r->vc_mask);
    const struct noc_slot *front = &in->fifo.slot[vc->head];
    fprintf(out, "%s: input %u VC %u: ", r->base.path, code >> r->shift, code & r->vc_mask);
    if (in->active & bit) {
        uint32_t port = vc->out >> r->shift, out_vc = vc->out & r->vc_mask;
        if (!(in->ready & bit))
            fprintf(out, "holds output %u VC %u and waits for the rest of its packet\n", port, out_vc);
        else if (!noc_has_credit(r, code, vc->out, noc_visible(now)))
            fprintf(out, "waits for a credit of output %u VC %u\n", port, out_vc);
        else
            fprintf(out, "waits for the switch to output %u VC %u\n", port, out_vc);
    } else if (vc->choices > 0) {
        fprintf(out, "packet to terminal %u waits for a VC of output %u", noc_flit_dst(front->word),
                r->choice[code * r->choices_max].port);
        for (uint32_t k = 1; k < vc->choices; k++)
            fprintf(out, " or %u", r->choice[code * r->choices_max + k].port);
        fputc('\n', out);
    } else {
        fprintf(out, "packet to terminal %u is being routed\n", noc_flit_dst(front->word));
    }
}

static void explain(const void *self, sim_cycle now, FILE *out) {
    const struct noc_router *r = self;
    for (uint32_t port = 0; port < r->ports; port++)
        for (uint32_t vcs = r->input[port].open; vcs != 0; vcs &= vcs - 1)
            explain_vc(r, port << r->shift | (uint32_t)__builtin_ctz(vcs), now, out);
}

/* Full slots of a VC; false when they are not consecutive from the head on or not in order of arrival. */
static bool count_fifo(const struct noc_fifo *fifo, uint32_t vc, uint32_t head, uint32_t *full) {
    bool gap = false;
    sim_cycle last = 0;
    *full = 0;
    for (uint32_t k = 0, slot = head; k < fifo->depth; k++, slot = noc_next_slot(fifo, slot, vc)) {
        const struct noc_slot *s = &fifo->slot[slot];
        if (!(s->stamp & NOC_FULL)) {
            gap = true;
            continue;
        }
        if (gap || (*full > 0 && noc_slot_at(s) <= last))
            return false;
        last = noc_slot_at(s);
        (*full)++;
    }
    return true;
}

static bool fault(const struct noc_router *r, sim_cycle now, struct sim_err *err, uint32_t code,
                  const char *what) {
    return sim_err_add(err, SIM_EXIT_STOPPED, NULL, "cycle %llu: %s: input %u VC %u: %s",
                       (unsigned long long)now, r->base.path, code >> r->shift, code & r->vc_mask, what);
}

static bool audit_vc(const struct noc_router *r, uint32_t code, sim_cycle now, struct sim_err *err) {
    const struct noc_input *in = &r->input[code >> r->shift];
    uint32_t bit = UINT32_C(1) << (code & r->vc_mask), full;
    bool open = in->open & bit, active = in->active & bit, ready = in->ready & bit;
    if (!count_fifo(&in->fifo, code & r->vc_mask, r->vc[code].head, &full))
        return fault(r, now, err, code, "the FIFO has a gap or is out of order");
    if ((active && !open) || (ready && !active))
        return fault(r, now, err, code, "states contradict each other");
    const struct noc_slot *front = &in->fifo.slot[r->vc[code].head];
    /* Cycles before `now` have been stepped, so what was visible then must have been noticed. */
    bool buffered = now > 0 && noc_slot_full(front, noc_visible(now - 1));
    if (buffered && !open)
        return fault(r, now, err, code, "a buffered flit was not noticed");
    if (buffered && active && !ready && !(in->deciding & bit))
        return fault(r, now, err, code, "a buffered flit does not ask for the switch");
    if (!buffered && ready)
        return fault(r, now, err, code, "the switch is asked for without a flit");
    if (active && !(r->output[r->vc[code].out >> r->shift].busy >> (r->vc[code].out & r->vc_mask) & 1))
        return fault(r, now, err, code, "the output VC it holds is not marked as held");
    return true;
}

static bool audit(const void *self, sim_cycle now, struct sim_err *err) {
    const struct noc_router *r = self;
    bool sound = true;
    uint32_t held = 0, holders = 0;
    for (uint32_t port = 0; port < r->ports; port++) {
        held += (uint32_t)__builtin_popcount(r->output[port].busy);
        holders += (uint32_t)__builtin_popcount(r->input[port].active);
        for (uint32_t vc = 0; vc < r->spec->vcs && r->input[port].fifo.slot != NULL; vc++)
            sound &= audit_vc(r, port << r->shift | vc, now, err);
    }
    if (held != holders)
        sound = sim_err_add(err, SIM_EXIT_STOPPED, NULL, "cycle %llu: %s: %u output VCs are held by %u packets",
                            (unsigned long long)now, r->base.path, held, holders);
    return sound;
}

uint64_t noc_router_flits(const struct noc_router *r) {
    uint64_t flits = 0;
    for (uint32_t port = 0; port < r->ports; port++)
        for (uint32_t slot = 0; r->input[port].fifo.slot != NULL && slot < r->spec->vcs * r->input[port].fifo.depth; slot++)
            flits += (r->input[port].fifo.slot[slot].stamp & NOC_FULL) != 0;
    return flits;
}

#define EVENT(NAME, name_, help_) {.name = #name_, .help = help_},
static const struct sim_event events[] = {NOC_ROUTER_EVENTS(EVENT)};

const struct sim_type noc_router_type = {
    .name = "noc.router",
    .help = "input-queued virtual-channel router",
    .events = events,
    .event_count = NOC_ROUTER_EVENT_COUNT,
    .step = step,
    .explain = explain,
    .audit = audit,
};

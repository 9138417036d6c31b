/* SPDX-License-Identifier: MIT
 *
 * The virtual-channel router: arrival, routing, and the life of a cycle; see router.h.
 */
#include "noc/router/stages.h"

#include "sim/base/arena.h"
#include "sim/base/err.h"

#include <string.h>

/* ---- packets ------------------------------------------------------------------------------------ */

void noc_router_put_request(struct noc_router *r, uint32_t code) {
    const struct noc_choice *choice = &r->choice[code * r->choices_max];
    for (uint32_t k = 0; k < r->stages->choices[code]; k++) {
        noc_requests(r, choice[k].port)[code / 64] |= noc_bit(code);
        r->request_outputs |= UINT64_C(1) << choice[k].port;
    }
}

void noc_router_drop_request(struct noc_router *r, uint32_t code) {
    const struct noc_choice *choice = &r->choice[code * r->choices_max];
    for (uint32_t k = 0; k < r->stages->choices[code]; k++) {
        uint64_t *request = noc_requests(r, choice[k].port);
        request[code / 64] &= ~noc_bit(code);
        if (noc_set_empty(request, r->words))
            r->request_outputs &= ~(UINT64_C(1) << choice[k].port);
    }
}

void noc_router_request_vc(struct noc_router *r, uint32_t code, sim_cycle now) {
    uint64_t word = noc_front(r, code)->word;
    struct noc_hop hop = {
        .router = r->number,
        .in_port = code >> r->shift,
        .in_vc = code & r->vc_mask,
        .dst = noc_flit_dst(word),
        .class_ = noc_flit_class(word),
    };
    assert(word & NOC_HEAD);
    r->stages->choices[code] =
        (uint8_t)(r->stages->replication != NULL && hop.dst & NOC_GROUP
                      ? noc_router_start_copies(r, code, hop.dst)
                      : r->routing->route(r->routing, &hop, &r->choice[code * r->choices_max]));
    sim_count(&r->base, NOC_ROUTER_ROUTE, 1, now, r->spec->routing_delay);
    noc_router_put_request(r, code);
}

void noc_router_begin_packet(struct noc_router *r, uint32_t code, sim_cycle from, sim_cycle now) {
    noc_add(r, NOC_SET_OPEN, code);
    if (r->routed_on_arrival)
        noc_router_request_vc(r, code, now);
    else
        noc_pipe_push(&r->stages->routing, from + r->spec->routing_delay, code, 0);
}

void noc_router_take_vc(struct noc_router *r, uint32_t in, uint32_t out, sim_cycle now) {
    struct noc_input_vc *vc = &r->vc[in];
    const struct noc_choice *choice = &r->choice[in * r->choices_max];
    uint32_t port = out >> r->shift, bit = UINT32_C(1) << (out & r->vc_mask);
    while (choice->port != port || !(choice->vcs & bit))
        choice++;
    if (noc_router_copies(r, in))
        noc_router_choose_copy(r, in, (uint32_t)(choice - &r->choice[in * r->choices_max]));
    noc_router_drop_request(r, in);
    r->stages->choices[in] = 0;
    vc->class_ = choice->class_;
    vc->out = (uint16_t)out;
    vc->out_port = (uint8_t)port;
    noc_add(r, NOC_SET_BUSY, out);
    noc_add(r, NOC_SET_FRESH, in);
    sim_count(&r->base, NOC_ROUTER_VC_ALLOC, 1, now, r->spec->vc_alloc_delay);
}

/* ---- a cycle ------------------------------------------------------------------------------------ */

/* A flit has become visible at input VC `code`. */
static void receive(struct noc_router *r, uint32_t code, sim_cycle now) {
    sim_count(&r->base, NOC_ROUTER_BUFFER_WRITE, 1, now, 1);
    if (!noc_in_set(r, NOC_SET_OPEN, code))
        noc_router_begin_packet(r, code, now, now);
    else if (noc_in_set(r, NOC_SET_ACTIVE, code) && !noc_in_set(r, NOC_SET_DECIDING, code))
        noc_add(r, NOC_SET_READY, code);
}

static void receive_all(struct noc_router *r, sim_cycle now) {
    uint16_t *row = noc_inbox_row(&r->inbox, now);
    for (uint32_t port = 0; port < r->ports; port++) {
        if (row[port] == 0)
            continue;
        receive(r, port << r->shift | (row[port] & r->vc_mask), now);
        row[port] = 0;
    }
}

static void finish_routing(struct noc_router *r, sim_cycle now) {
    const struct noc_decision *d;
    while ((d = noc_pipe_pop(&r->stages->routing, now)) != NULL)
        noc_router_request_vc(r, d->in, now);
}

/* The output ports of a head's choices where a VC is free and has a credit. */
static uint64_t promising_ports(const struct noc_router *r, uint32_t code, uint64_t visible) {
    const struct noc_choice *choice = &r->choice[code * r->choices_max];
    uint64_t ports = 0;
    for (uint32_t k = 0; k < r->stages->choices[code]; k++) {
        uint32_t port = choice[k].port;
        for (uint32_t vcs = choice[k].vcs & ~noc_port_vcs(r, r->set + NOC_SET_BUSY * r->words, port);
             vcs != 0; vcs &= vcs - 1)
            if (noc_slot_free(noc_next(r, port << r->shift | (uint32_t)__builtin_ctz(vcs)), visible))
                ports |= UINT64_C(1) << port;
    }
    return ports;
}

/* Who asks for a VC in this cycle also asks for the switch, where that can succeed. */
static void note_speculation(struct noc_router *r, sim_cycle now) {
    struct noc_router_stages *stages = r->stages;
    memset(stages->asked, 0, r->words * sizeof *stages->asked);
    for (uint32_t code = 0; code < r->codes; code++) {
        stages->asked_ports[code] =
            r->stages->choices[code] > 0 ? promising_ports(r, code, noc_visible(now)) : 0;
        if (stages->asked_ports[code] != 0)
            stages->asked[code / 64] |= noc_bit(code);
    }
}

static bool pipes_busy(const struct noc_router_stages *stages) {
    return (stages->routing.count | stages->vc_alloc.count | stages->switch_alloc.count) != 0;
}

sim_cycle noc_router_cycle(struct noc_router *r, sim_cycle now) {
    uint32_t words = r->words;
    uint64_t *ready = r->set + NOC_SET_READY * words, *fresh = r->set + NOC_SET_FRESH * words;
    receive_all(r, now);
    finish_routing(r, now);
    if (r->spec->speculative)
        note_speculation(r, now);
    noc_vc_allocate(r, now);
    noc_switch_allocate(r, now);
    for (uint32_t w = 0; w < words; w++) {
        r->set[NOC_SET_ACTIVE * words + w] |= fresh[w];
        ready[w] |= fresh[w];
        fresh[w] = 0;
    }
    return r->request_outputs != 0 || !noc_set_empty(ready, words) || pipes_busy(r->stages) ? now + 1
                                                                                            : SIM_NEVER;
}

static sim_cycle step(void *self, sim_cycle now) {
    struct noc_router *r = self;
    return r->cycle(r, now);
}

/* A batch does its work. */
static sim_cycle rest(void *self, sim_cycle now) {
    (void)self, (void)now;
    return SIM_NEVER;
}

/* Of a plain router: who is active was granted a VC, as was every packet that has left; who asks was routed.
 */
static void settle_plain(struct noc_router *r) {
    uint64_t granted = r->tails + (uint64_t)__builtin_popcountll(r->set[NOC_SET_ACTIVE]), asking = 0;
    for (uint64_t outputs = r->request_outputs; outputs != 0; outputs &= outputs - 1)
        asking += (uint64_t)__builtin_popcountll(r->port[__builtin_ctzll(outputs)].request);
    r->base.count[NOC_ROUTER_BUFFER_WRITE] = r->arrived;
    r->base.count[NOC_ROUTER_VC_ALLOC] = granted;
    r->base.count[NOC_ROUTER_ROUTE] = granted + asking;
}

/* What went through the switch is counted by the channels; not yet, what is decided for later. */
static void settle(void *self, sim_cycle now) {
    struct noc_router *r = self;
    if (r->stages == NULL)
        settle_plain(r);
    uint64_t flits = 0, link = 0, boundary = 0;
    for (uint32_t port = 0; port < r->ports; port++) {
        uint64_t sent = noc_router_sent(r, port, now);
        flits += sent;
        link += r->port[port].kind == NOC_END_TERMINAL ? 0 : sent;
        boundary += r->port[port].kind & NOC_PORT_BOUNDARY ? sent * r->spec->flit_bits : 0;
    }
    r->base.count[NOC_ROUTER_BUFFER_READ] = flits;
    r->base.count[NOC_ROUTER_SWITCH_ALLOC] = flits;
    r->base.count[NOC_ROUTER_CROSSBAR] = flits;
    r->base.count[NOC_ROUTER_LINK_FLIT] = link;
    r->base.count[NOC_ROUTER_LINK_BIT_UM] = link * r->bits_um;
    r->base.count[NOC_ROUTER_BOUNDARY_BIT] = boundary;
    r->base.count[NOC_ROUTER_EJECT_FLIT] = flits - link;
}

/* ---- reports ------------------------------------------------------------------------------------ */

/* The tail at the front leaves in a cycle that is decided already. */
static bool closing(const struct noc_router *r, uint32_t code) {
    return code < 64 && r->ahead_closed >> code & 1;
}

static bool is_deciding(const struct noc_router *r, uint32_t code) {
    return r->stages != NULL && noc_in_set(r, NOC_SET_DECIDING, code);
}

static void explain_vc(const struct noc_router *r, uint32_t code, sim_cycle now, FILE *out) {
    const struct noc_input_vc *vc = &r->vc[code];
    const struct noc_slot *front = noc_front(r, code);
    fprintf(out, "%s: input %u VC %u: ", r->base.path, code >> r->shift, code & r->vc_mask);
    if (noc_in_set(r, NOC_SET_ACTIVE, code)) {
        uint32_t port = vc->out >> r->shift, out_vc = vc->out & r->vc_mask;
        if (!noc_in_set(r, NOC_SET_READY, code) && !is_deciding(r, code))
            fprintf(out, "holds output %u VC %u and waits for the rest of its packet\n", port, out_vc);
        else if (!noc_has_credit(r, code, vc->out, noc_visible(now)))
            fprintf(out, "waits for a credit of output %u VC %u\n", port, out_vc);
        else
            fprintf(out, "waits for the switch to output %u VC %u\n", port, out_vc);
    } else if (r->stages == NULL || r->stages->choices[code] > 0) {
        const char *word = "";
        fprintf(out, "packet to terminal %u waits for a VC of output", noc_flit_dst(front->word));
        for (uint32_t port = 0; port < r->ports; port++)
            if (noc_requests(r, port)[code / 64] >> (code & 63) & 1) {
                fprintf(out, "%s %u", word, port);
                word = " or";
            }
        fputc('\n', out);
    } else {
        fprintf(out, "packet to terminal %u is being routed\n", noc_flit_dst(front->word));
    }
}

static void explain(const void *self, sim_cycle now, FILE *out) {
    const struct noc_router *r = self;
    for (uint32_t code = 0; code < r->codes; code++)
        if (noc_in_set(r, NOC_SET_OPEN, code) && !closing(r, code))
            explain_vc(r, code, now, out);
}

/* The slots of a VC from position `oldest` on: false when the full ones are not consecutive or not in order
 * of arrival. */
static bool in_order(const struct noc_fifo *fifo, uint32_t oldest) {
    bool gap = false, any = false;
    sim_cycle last = 0;
    uint32_t at = oldest;
    for (uint32_t k = 0; k < fifo->depth; k++) {
        const struct noc_slot *s = &fifo->slot[at];
        at = noc_position_behind(at, fifo->vcs, (uint32_t)fifo->vcs * fifo->depth);
        if (!(s->stamp & NOC_FULL)) {
            gap = true;
            continue;
        }
        if (gap || (any && noc_slot_at(s) <= last))
            return false;
        last = noc_slot_at(s);
        any = true;
    }
    return true;
}

static bool fault(const struct noc_router *r, sim_cycle now, struct sim_err *err, uint32_t code,
                  const char *what) {
    return sim_err_add(err, SIM_EXIT_STOPPED, NULL, "cycle %llu: %s: input %u VC %u: %s",
                       (unsigned long long)now, r->base.path, code >> r->shift, code & r->vc_mask, what);
}

static bool audit_vc(const struct noc_router *r, uint32_t code, sim_cycle now, struct sim_err *err) {
    const struct noc_fifo *fifo = &r->port[code >> r->shift].fifo;
    bool open = noc_in_set(r, NOC_SET_OPEN, code), active = noc_in_set(r, NOC_SET_ACTIVE, code);
    bool ready = noc_in_set(r, NOC_SET_READY, code), deciding = is_deciding(r, code);
    if (!in_order(fifo, noc_router_oldest(r, code)))
        return fault(r, now, err, code, "the FIFO has a gap or is out of order");
    if ((active && !open) || ((ready || deciding) && !active) || (ready && deciding) ||
        (r->stages != NULL && noc_in_set(r, NOC_SET_FRESH, code)))
        return fault(r, now, err, code, "states contradict each other");
    const struct noc_slot *front = noc_front(r, code);
    /* Cycles before `now` have been stepped, so what was visible then must have been noticed. */
    bool buffered = now > 0 && noc_slot_full(front, noc_visible(now - 1));
    if (buffered && !open)
        return fault(r, now, err, code, "a buffered flit was not noticed");
    if (buffered && active && !ready && !deciding)
        return fault(r, now, err, code, "a buffered flit does not ask for the switch");
    /* A plain router has looked at what becomes visible at `now`. */
    if (!buffered && ready && !(r->ahead >= now && noc_slot_full(front, noc_visible(now))))
        return fault(r, now, err, code, "the switch is asked for without a flit");
    if (active && !noc_in_set(r, NOC_SET_BUSY, r->vc[code].out))
        return fault(r, now, err, code, "the output VC it holds is not marked as held");
    return true;
}

static bool audit(const void *self, sim_cycle now, struct sim_err *err) {
    const struct noc_router *r = self;
    bool sound = true;
    uint32_t held = 0, holders = 0;
    for (uint32_t port = 0; port < r->ports; port++) {
        held += (uint32_t)__builtin_popcount(noc_port_vcs(r, r->set + NOC_SET_BUSY * r->words, port));
        holders += (uint32_t)__builtin_popcount(noc_port_vcs(r, r->set + NOC_SET_ACTIVE * r->words, port));
        for (uint32_t vc = 0; vc < r->spec->vcs && r->port[port].fifo.slot != NULL; vc++)
            sound &= audit_vc(r, port << r->shift | vc, now, err);
    }
    holders += (uint32_t)__builtin_popcountll(r->ahead_closed);
    if (held != holders)
        sound =
            sim_err_add(err, SIM_EXIT_STOPPED, NULL, "cycle %llu: %s: %u output VCs are held by %u packets",
                        (unsigned long long)now, r->base.path, held, holders);
    return sound;
}

uint64_t noc_router_flits(const struct noc_router *r) {
    uint64_t flits = 0;
    for (uint32_t port = 0; port < r->ports; port++)
        for (uint32_t slot = 0;
             r->port[port].fifo.slot != NULL && slot < r->spec->vcs * r->port[port].fifo.depth; slot++)
            flits += (r->port[port].fifo.slot[slot].stamp & NOC_FULL) != 0;
    return flits;
}

#define EVENT(NAME, name_, help_) {.name = #name_, .help = help_},
static const struct sim_event events[] = {NOC_ROUTER_EVENTS(EVENT)};

#define ROUTER_TYPE(step_, part_)                                                                  \
    {                                                                                              \
        .name = "noc.router",                                                                      \
        .help = "input-queued virtual-channel router",                                             \
        .events = events,                                                                          \
        .event_count = NOC_ROUTER_EVENT_COUNT,                                                     \
        .part = (part_),                                                                           \
        .step = (step_),                                                                           \
        .fetch = noc_router_fetch,                                                                 \
        .settle = settle,                                                                          \
        .explain = explain,                                                                        \
        .audit = audit,                                                                            \
    }

const struct sim_type noc_router_type = ROUTER_TYPE(step, false);
const struct sim_type noc_router_part_type = ROUTER_TYPE(rest, true);

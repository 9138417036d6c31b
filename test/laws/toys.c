/* SPDX-License-Identifier: MIT
 *
 * The toy hardware's step functions; see toys.h. The random systems made of it stand in toy_systems.c.
 */
#include "test/laws/toys.h"

#include "sim/base/err.h"
#include "sim/base/rng.h"

#include <string.h>

/* ---- node ----------------------------------------------------------------------------------------- */

/* Occupancy up to `now`, before the number of buffered flits changes by `change`. */
static void account(struct toy_node *node, sim_cycle now, int change) {
    node->base.count[TOY_NODE_OCCUPANCY] += node->buffered * (now - node->since);
    node->since = now;
    node->buffered += (uint64_t)change;
}

static void push(struct toy_node *node, struct toy_input *input, struct toy_flit flit, sim_cycle now) {
    assert(input->count < input->depth);
    if (input->count == 0)
        input->first_since = now;
    input->buffer[(input->head + input->count++) % input->depth] = flit;
    account(node, now, 1);
}

static void pop(struct toy_node *node, struct toy_input *input, sim_cycle now) {
    input->head = (input->head + 1) % input->depth;
    input->count--;
    input->todo = 0;
    input->first_since = now;
    account(node, now, -1);
    if (input->credits != NULL)
        toy_credit_link_send(input->credits, now, 1);
}

static void leave(struct toy_node *node, enum toy_node_event how, uint32_t copies, sim_cycle now) {
    sim_count(&node->base, how, copies, now, 1);
    for (uint32_t i = 0; i < copies; i++)
        sim_finish(&node->base);
}

static uint64_t scramble(uint64_t tag, uint64_t salt) {
    uint64_t state = tag ^ (salt << 32);
    return sim_rng_next(&state);
}

static void receive(struct toy_node *node, sim_cycle now) {
    for (uint32_t o = 0; o < node->outputs; o++) {
        struct toy_output *output = &node->output[o];
        const uint64_t *credits;
        while ((credits = toy_credit_link_peek(output->credits, now)) != NULL) {
            output->free += (uint32_t)*credits;
            toy_credit_link_take(output->credits);
        }
    }
    for (uint32_t i = 1; i < node->inputs; i++) {
        struct toy_input *input = &node->input[i];
        const struct toy_flit *flit;
        while ((flit = toy_flit_link_peek(input->flits, now)) != NULL) {
            push(node, input, *flit, now);
            toy_flit_link_take(input->flits);
        }
    }
}

static void inject(struct toy_node *node, sim_cycle now) {
    struct toy_input *queue = &node->input[0];
    if (node->to_inject == 0 || now < node->inject_at || queue->count == queue->depth)
        return;
    uint64_t dial = 0;
    if (node->dial != NULL)
        memcpy(&dial, sim_wire_read(node->dial, now), sizeof dial);
    uint64_t draw = sim_rng_next(&node->rng);
    struct toy_flit flit = {.tag = scramble(draw, dial), .hops = 1 + draw % 8};
    push(node, queue, flit, now);
    sim_count(&node->base, TOY_NODE_INJECT, 1, now, 1);
    sim_open(&node->base);
    uint64_t gap = sim_rng_below(&node->rng, 16) == 0 ? 700 : node->gap;
    node->inject_at = now + 1 + sim_rng_below(&node->rng, gap);
    if (--node->to_inject == 0)
        sim_finish(&node->base);
}

/* Gives the first flit a route, or takes it out; false when it has left. */
static bool route(struct toy_node *node, struct toy_input *input, sim_cycle now) {
    const struct toy_flit *flit = &input->buffer[input->head];
    uint64_t draw = scramble(flit->tag, flit->hops);
    bool dropped = draw % 64 == 0;
    if (dropped || flit->hops == 0 || node->outputs == 0) {
        leave(node, dropped ? TOY_NODE_DROP : TOY_NODE_DELIVER, 1, now);
        pop(node, input, now);
        return false;
    }
    input->todo = 1u << (draw >> 8) % node->outputs;
    if ((draw >> 16) % 8 == 0)
        input->todo |= 1u << (draw >> 24) % node->outputs;
    uint32_t copies = (uint32_t)__builtin_popcount(input->todo) - 1;
    sim_count(&node->base, TOY_NODE_COPY, copies, now, 1);
    for (uint32_t i = 0; i < copies; i++)
        sim_open(&node->base);
    return true;
}

static void forward(struct toy_node *node, uint32_t o, sim_cycle now) {
    struct toy_output *output = &node->output[o];
    if (output->free == 0)
        return;
    for (uint32_t turn = 1; turn <= node->inputs; turn++) {
        uint32_t i = (output->granted + turn) % node->inputs;
        struct toy_input *input = &node->input[i];
        if ((input->todo >> o & 1) == 0)
            continue;
        const struct toy_flit *flit = &input->buffer[input->head];
        struct toy_flit copy = {.tag = scramble(flit->tag, o), .hops = flit->hops - 1};
        toy_flit_link_send(output->flits, now, copy);
        output->free--;
        output->granted = i;
        input->todo &= ~(1u << o);
        sim_count(&node->base, TOY_NODE_FORWARD, 1, now, output->flits->base.latency);
        if (input->todo == 0)
            pop(node, input, now);
        return;
    }
}

static sim_cycle earlier(sim_cycle a, sim_cycle b) { return a < b ? a : b; }

static bool can_move(const struct toy_node *node, const struct toy_input *input) {
    for (uint32_t o = 0; o < node->outputs; o++)
        if ((input->todo >> o & 1) != 0 && node->output[o].free > 0)
            return true;
    return input->todo == 0;
}

static sim_cycle node_next(const struct toy_node *node, sim_cycle now) {
    sim_cycle next = SIM_NEVER;
    for (uint32_t i = 0; i < node->inputs; i++) {
        const struct toy_input *input = &node->input[i];
        if (input->count == 0)
            continue;
        if (can_move(node, input))
            return now + 1;
        if (node->patience != SIM_NEVER)
            next = earlier(next, input->first_since + node->patience);
    }
    if (node->to_inject > 0 && node->input[0].count < node->input[0].depth)
        next = earlier(next, node->inject_at > now ? node->inject_at : now + 1);
    return next;
}

static sim_cycle node_step(void *self, sim_cycle now) {
    struct toy_node *node = self;
    receive(node, now);
    inject(node, now);
    for (uint32_t i = 0; i < node->inputs; i++) {
        struct toy_input *input = &node->input[i];
        if (input->count == 0 || (input->todo == 0 && !route(node, input, now)))
            continue;
        if (node->patience != SIM_NEVER && now >= input->first_since + node->patience) {
            leave(node, TOY_NODE_DROP, (uint32_t)__builtin_popcount(input->todo), now);
            pop(node, input, now);
        }
    }
    for (uint32_t o = 0; o < node->outputs; o++)
        forward(node, o, now);
    return node_next(node, now);
}

static void node_settle(void *self, sim_cycle now) { account(self, now, 0); }

static void node_explain(const void *self, sim_cycle now, FILE *out) {
    const struct toy_node *node = self;
    (void)now;
    for (uint32_t i = 0; i < node->inputs; i++)
        for (uint32_t o = 0; o < node->outputs; o++)
            if ((node->input[i].todo >> o & 1) != 0)
                fprintf(out, "%s: input %u waits for credits of output %u\n", node->base.path, i, o);
}

static bool node_audit(const void *self, sim_cycle now, struct sim_err *err) {
    const struct toy_node *node = self;
    uint64_t buffered = 0;
    for (uint32_t i = 0; i < node->inputs; i++)
        buffered += node->input[i].count;
    return buffered == node->buffered ||
           sim_err_add(err, SIM_EXIT_STOPPED, NULL, "%s: %d flits buffered, %d known at %d", node->base.path,
                       (int)buffered, (int)node->buffered, (int)now);
}

static const struct sim_event node_events[] = {
    [TOY_NODE_INJECT] = {"inject", "a flit enters the network"},
    [TOY_NODE_COPY] = {"copy", "a multicast makes one flit more"},
    [TOY_NODE_FORWARD] = {"forward", "a flit goes to a neighbour"},
    [TOY_NODE_DELIVER] = {"deliver", "a flit arrives"},
    [TOY_NODE_DROP] = {"drop", "a flit is lost on purpose"},
    [TOY_NODE_OCCUPANCY] = {"occupancy", "flits buffered times cycles"},
};

const struct sim_type toy_node_type = {
    .name = "test.toy_node",
    .help = "A packet switch with a source.",
    .events = node_events,
    .event_count = TOY_NODE_EVENT_COUNT,
    .step = node_step,
    .settle = node_settle,
    .explain = node_explain,
    .audit = node_audit,
};

/* ---- gate ----------------------------------------------------------------------------------------- */

static void drive(struct toy_fan *fan, uint64_t value, sim_cycle now) {
    for (uint32_t i = 0; i < fan->wires; i++)
        memcpy(sim_wire_drive(fan->wire[i], now), &value, sizeof value);
}

static uint64_t evaluate(const struct toy_gate *gate, sim_cycle now) {
    static const uint64_t neutral[] = {~UINT64_C(0), 0, 0, 0};
    uint64_t result = neutral[gate->kind], twice = 0;
    for (uint32_t i = 0; i < gate->inputs; i++) {
        uint64_t in;
        memcpy(&in, sim_wire_read(gate->input[i], now), sizeof in);
        in = in << 7 | in >> 57;
        if (gate->kind == 0)
            result &= in;
        else if (gate->kind == 1)
            result |= in;
        else if (gate->kind == 2)
            result ^= in;
        else {
            twice |= result & in;
            result |= in;
        }
    }
    return gate->kind == 3 ? twice : result;
}

static void gate_settle(void *self, sim_cycle now) {
    struct toy_gate *gate = self;
    gate->base.count[TOY_GATE_ONES] += (uint64_t)__builtin_popcountll(gate->value) * (now - gate->since);
    gate->since = now;
}

static sim_cycle gate_step(void *self, sim_cycle now) {
    struct toy_gate *gate = self;
    uint64_t value = evaluate(gate, now), toggled = value ^ gate->value;
    if (toggled != 0) {
        gate_settle(gate, now);
        gate->value = value;
        drive(&gate->fan, value, now);
        sim_count(&gate->base, TOY_GATE_CHANGE, 1, now, 1);
        sim_count(&gate->base, TOY_GATE_TOGGLE, (uint64_t)__builtin_popcountll(toggled), now, 1);
    }
    return SIM_NEVER;
}

static const struct sim_event gate_events[] = {
    [TOY_GATE_CHANGE] = {"change", "the output changes"},
    [TOY_GATE_TOGGLE] = {"toggle", "a bit of the output changes"},
    [TOY_GATE_ONES] = {"ones", "ones of the output times cycles"},
};

const struct sim_type toy_gate_type = {
    .name = "test.toy_gate",
    .help = "A function of held wires.",
    .events = gate_events,
    .event_count = TOY_GATE_EVENT_COUNT,
    .step = gate_step,
    .settle = gate_settle,
};

/* ---- metronome ------------------------------------------------------------------------------------ */

static sim_cycle metronome_step(void *self, sim_cycle now) {
    struct toy_metronome *m = self;
    if (m->left == 0)
        return SIM_NEVER;
    if (now >= m->beat_at) {
        drive(&m->fan, ++m->beats * UINT64_C(0x0101010101010101), now);
        sim_count(&m->base, TOY_METRONOME_BEAT, 1, now, 1);
        m->beat_at = now + 1 + sim_rng_below(&m->rng, sim_rng_below(&m->rng, 2) == 0 ? 40 : 2000);
        if (--m->left == 0) {
            sim_finish(&m->base);
            return SIM_NEVER;
        }
    }
    return m->beat_at;
}

static const struct sim_event metronome_events[] = {[TOY_METRONOME_BEAT] = {"beat", "a beat"}};

const struct sim_type toy_metronome_type = {
    .name = "test.toy_metronome",
    .help = "Beats at random times.",
    .events = metronome_events,
    .event_count = TOY_METRONOME_EVENT_COUNT,
    .step = metronome_step,
};

/* SPDX-License-Identifier: MIT
 *
 * Random systems of toy hardware, and the audits that need to see both ends of a channel; see toys.h.
 */
#include "test/laws/toys.h"

#include "sim/base/err.h"
#include "sim/base/rng.h"

enum kind { NODE, GATE, METRONOME };

struct builder {
    struct sim_kernel *kernel;
    struct sim_arena *arena;
    uint64_t rng;
    bool patience;
    struct sim_component *component[80];
    enum kind kind[80];
    uint32_t components;
};

static uint32_t draw(struct builder *b, uint32_t n) { return (uint32_t)sim_rng_below(&b->rng, n); }

/* Mostly short, now and then up to the longest that a link can have. */
static uint32_t draw_latency(struct builder *b) {
    uint32_t die = draw(b, 20);
    return 1 + (die < 13 ? draw(b, 3) : die < 18 ? draw(b, 40) : draw(b, SIM_WHEEL_SLOTS - 1));
}

static void add_node(struct builder *b, struct toy_system *system) {
    struct toy_node *node = SIM_NEW(b->arena, struct toy_node);
    node->rng = sim_rng_next(&b->rng);
    node->to_inject = draw(b, 4) == 0 ? 0 : draw(b, 100);
    node->gap = draw(b, 3) == 0 ? 2 : 40;
    node->patience = b->patience ? 20 + draw(b, 600) : SIM_NEVER;
    node->inputs = 1;
    struct toy_input *queue = &node->input[0];
    queue->depth = 1 + draw(b, 4);
    queue->buffer = SIM_NEW_ARRAY(b->arena, struct toy_flit, queue->depth);
    if (node->to_inject > 0)
        node->inject_at = draw(b, 500);
    const char *path = sim_arena_format(b->arena, "toy.node[%u]", b->components);
    sim_kernel_add(b->kernel, &node->base, &toy_node_type, path);
    if (node->to_inject > 0)
        sim_open(&node->base);
    system->node[system->nodes++] = node;
    b->component[b->components] = &node->base;
    b->kind[b->components++] = NODE;
}

static void add_gate(struct builder *b) {
    struct toy_gate *gate = SIM_NEW(b->arena, struct toy_gate);
    gate->kind = draw(b, 4);
    const char *path = sim_arena_format(b->arena, "toy.gate[%u]", b->components);
    sim_kernel_add(b->kernel, &gate->base, &toy_gate_type, path);
    b->component[b->components] = &gate->base;
    b->kind[b->components++] = GATE;
}

static void add_metronome(struct builder *b) {
    struct toy_metronome *m = SIM_NEW(b->arena, struct toy_metronome);
    m->rng = sim_rng_next(&b->rng);
    m->left = 1 + draw(b, 6);
    m->beat_at = draw(b, 3) == 0 ? draw(b, 1000) : draw(b, 20);
    const char *path = sim_arena_format(b->arena, "toy.metronome[%u]", b->components);
    sim_kernel_add(b->kernel, &m->base, &toy_metronome_type, path);
    sim_open(&m->base);
    b->component[b->components] = &m->base;
    b->kind[b->components++] = METRONOME;
}

static void join_nodes(struct builder *b, struct toy_node *from, struct toy_node *to) {
    if (from->outputs == TOY_PORTS || to->inputs == TOY_PORTS + 1)
        return;
    uint32_t depth = 1 + draw(b, 8);
    struct toy_flit_link *flits = SIM_NEW(b->arena, struct toy_flit_link);
    struct toy_credit_link *credits = SIM_NEW(b->arena, struct toy_credit_link);
    toy_flit_link_init(flits, draw_latency(b), depth, b->arena);
    toy_credit_link_init(credits, draw_latency(b), depth, b->arena);
    from->output[from->outputs++] =
        (struct toy_output){.flits = flits, .credits = credits, .depth = depth, .free = depth};
    to->input[to->inputs++] = (struct toy_input){.flits = flits,
                                                 .credits = credits,
                                                 .depth = depth,
                                                 .buffer = SIM_NEW_ARRAY(b->arena, struct toy_flit, depth)};
    sim_kernel_connect_link(b->kernel, &flits->base, "flits", from->base.id, to->base.id);
    sim_kernel_connect_link(b->kernel, &credits->base, "credits", to->base.id, from->base.id);
}

static void join_wire(struct builder *b, uint32_t from, struct toy_fan *fan, uint32_t to) {
    struct toy_node *node = (struct toy_node *)b->component[to];
    struct toy_gate *gate = (struct toy_gate *)b->component[to];
    bool to_rim = b->kind[to] == METRONOME;
    if (fan->wires == TOY_PORTS || (b->kind[to] == NODE && node->dial != NULL) ||
        (b->kind[to] == GATE && gate->inputs == TOY_PORTS))
        return;
    struct sim_wire *wire = SIM_NEW(b->arena, struct sim_wire);
    sim_wire_init(wire, sizeof(uint64_t), draw_latency(b), b->arena);
    fan->wire[fan->wires++] = wire;
    if (b->kind[to] == NODE)
        node->dial = wire;
    else if (b->kind[to] == GATE)
        gate->input[gate->inputs++] = wire;
    sim_kernel_connect_wire(b->kernel, wire, "value", from, to_rim ? SIM_NOBODY : to);
}

struct toy_system *toy_build(struct sim_kernel *kernel, uint64_t seed, bool patience) {
    struct builder b = {.kernel = kernel, .arena = kernel->arena, .rng = seed, .patience = patience};
    uint32_t components = 3 + draw(&b, 70); /* more than 64: two words of ids */
    struct toy_system *system = SIM_NEW(b.arena, struct toy_system);
    system->node = SIM_NEW_ARRAY(b.arena, struct toy_node *, components);
    add_node(&b, system);
    while (b.components < components) {
        uint32_t die = draw(&b, 8);
        if (die < 4)
            add_node(&b, system);
        else if (die < 7)
            add_gate(&b);
        else
            add_metronome(&b);
    }
    for (uint32_t i = 0; i < 5 * components; i++) {
        uint32_t from = draw(&b, components), to = draw(&b, components);
        if (b.kind[from] == NODE && b.kind[to] == NODE)
            join_nodes(&b, (struct toy_node *)b.component[from], (struct toy_node *)b.component[to]);
        else if (b.kind[from] == GATE && (patience || from < to)) /* rings of gates may never come to rest */
            join_wire(&b, from, &((struct toy_gate *)b.component[from])->fan, to);
        else if (b.kind[from] == METRONOME)
            join_wire(&b, from, &((struct toy_metronome *)b.component[from])->fan, to);
    }
    return system;
}

/* ---- audits --------------------------------------------------------------------------------------- */

/* The input at the other end of a channel. */
static const struct toy_input *receiver(const struct toy_system *system, const struct toy_flit_link *flits) {
    for (uint32_t n = 0; n < system->nodes; n++)
        for (uint32_t i = 1; i < system->node[n]->inputs; i++)
            if (system->node[n]->input[i].flits == flits)
                return &system->node[n]->input[i];
    return NULL;
}

bool toy_audit_credits(const void *self, const struct sim_kernel *kernel, struct sim_err *err) {
    const struct toy_system *system = self;
    for (uint32_t n = 0; n < system->nodes; n++)
        for (uint32_t o = 0; o < system->node[n]->outputs; o++) {
            const struct toy_output *output = &system->node[n]->output[o];
            const struct toy_input *input = receiver(system, output->flits);
            uint32_t on_link = sim_link_count(&output->flits->base),
                     returning = sim_link_count(&output->credits->base);
            if (output->free + on_link + input->count + returning != output->depth)
                return sim_err_add(
                    err, SIM_EXIT_STOPPED, NULL,
                    "%s, output %u at %d: %u credits + %u on the link + %u buffered + %u credits "
                    "returning, depth %u",
                    system->node[n]->base.path, o, (int)kernel->now, output->free, on_link, input->count,
                    returning, output->depth);
        }
    return true;
}

static uint64_t waiting_copies(const struct toy_input *input) {
    if (input->count == 0)
        return 0;
    return input->count - 1 + (input->todo == 0 ? 1 : (uint32_t)__builtin_popcount(input->todo));
}

bool toy_audit_conservation(const void *self, const struct sim_kernel *kernel, struct sim_err *err) {
    const struct toy_system *system = self;
    uint64_t in = 0, out = 0, inside = 0, sources = 0;
    for (uint32_t n = 0; n < system->nodes; n++) {
        const struct toy_node *node = system->node[n];
        in += node->base.count[TOY_NODE_INJECT] + node->base.count[TOY_NODE_COPY];
        out += node->base.count[TOY_NODE_DELIVER] + node->base.count[TOY_NODE_DROP];
        sources += node->to_inject > 0;
        for (uint32_t i = 0; i < node->inputs; i++)
            inside += waiting_copies(&node->input[i]);
        for (uint32_t o = 0; o < node->outputs; o++)
            inside += sim_link_count(&node->output[o].flits->base);
    }
    if (in != out + inside)
        return sim_err_add(err, SIM_EXIT_STOPPED, NULL,
                           "at %d: %llu flits and copies made, %llu gone, %llu inside", (int)kernel->now,
                           (unsigned long long)in, (unsigned long long)out, (unsigned long long)inside);
    for (uint32_t id = 0; id < kernel->components; id++)
        if (kernel->component[id]->type == &toy_metronome_type)
            sources += ((const struct toy_metronome *)kernel->component[id])->left > 0;
    if (kernel->wheel.open != sources + inside)
        return sim_err_add(err, SIM_EXIT_STOPPED, NULL, "at %d: %llu open, but %llu sources and %llu flits",
                           (int)kernel->now, (unsigned long long)kernel->wheel.open,
                           (unsigned long long)sources, (unsigned long long)inside);
    return true;
}

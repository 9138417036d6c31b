/* SPDX-License-Identifier: MIT
 *
 * Token windows and host layers; see sequence.h.
 */
#include "arch/host/sequence.h"

#include "arch/host/operation.h"

#include <math.h>
#include <string.h>

bool arch_sequence_init(struct arch_sequence *s, const struct sim_graph *graph, struct sim_arena *arena,
                        struct sim_err *err) {
    uint32_t most = 0;
    bool sound = true;
    s->graph = graph;
    s->spikes = SIM_NEW_ARRAY(arena, const uint64_t *, graph->layers);
    s->train = SIM_NEW_ARRAY(arena, uint64_t *, graph->layers);
    s->kept = SIM_NEW_ARRAY(arena, uint32_t *, graph->layers);
    s->count = SIM_NEW_ARRAY(arena, uint32_t *, graph->layers);
    s->operation = SIM_NEW_ARRAY(arena, struct arch_host_operation *, graph->layers);
    for (uint32_t id = 0; id < graph->layers; id++) {
        const struct sim_layer *layer = &graph->layer[id];
        if (layer->host == NULL || graph->replayed)
            continue;
        s->computes = true;
        most = layer->neurons > most ? layer->neurons : most;
        s->train[id] = SIM_NEW_ARRAY(arena, uint64_t, (size_t)graph->window * sim_layer_words(layer));
        s->kept[id] = SIM_NEW_ARRAY(arena, uint32_t, (size_t)graph->tokens * layer->neurons);
        if (layer->host->operation != NULL) {
            s->operation[id] = SIM_NEW(arena, struct arch_host_operation);
            sound &= arch_host_operation_init(s->operation[id], graph, id, arena, err);
        }
        for (uint32_t port = 0; port < layer->operands; port++) {
            uint32_t source = layer->operand[port];
            arch_sequence_keep(s, source, arena);
        }
    }
    s->value = SIM_NEW_ARRAY(arena, double, most);
    s->rest = SIM_NEW_ARRAY(arena, uint32_t, most);
    s->scratch = SIM_NEW_ARRAY(arena, double, graph->tokens);
    return sound;
}

void arch_sequence_keep(struct arch_sequence *s, uint32_t layer, struct sim_arena *arena) {
    if (s->kept[layer] == NULL)
        s->kept[layer] =
            SIM_NEW_ARRAY(arena, uint32_t, (size_t)s->graph->tokens * s->graph->layer[layer].neurons);
}

/* ---- the tokens of a sample -------------------------------------------------------------------- */

static bool is_silent(const uint64_t *spikes, size_t words) {
    for (size_t i = 0; i < words; i++)
        if (spikes[i] != 0)
            return false;
    return true;
}

/* The windows before the first in which an input layer is silent. */
static uint32_t count_tokens(const struct arch_sequence *s) {
    const struct sim_graph *graph = s->graph;
    for (uint32_t token = 0; token < graph->tokens; token++)
        for (uint32_t id = 0; id < graph->layers; id++) {
            size_t words = (size_t)s->window * sim_layer_words(&graph->layer[id]);
            if (graph->layer[id].kind == SIM_LAYER_INPUT &&
                is_silent(s->given[id] + token * words, words))
                return token;
        }
    return graph->tokens;
}

/* The token of a layer in the window at hand, or `tokens`: none. */
static uint32_t token_of(const struct arch_sequence *s, uint32_t id) {
    const struct sim_layer *layer = &s->graph->layer[id];
    uint32_t token = s->at - layer->begin;
    return s->at >= layer->begin && token < sim_layer_tokens(layer, s->tokens) ? token : s->tokens;
}

/* Counts of the spikes given for an input layer. */
static void count_given(const struct arch_sequence *s, uint32_t id) {
    uint32_t words = sim_layer_words(&s->graph->layer[id]);
    for (uint32_t t = 0; t < s->window; t++)
        for (uint32_t word = 0; word < words; word++)
            for (uint64_t bits = s->spikes[id][(size_t)t * words + word]; bits != 0; bits &= bits - 1)
                s->count[id][word * 64 + (uint32_t)__builtin_ctzll(bits)]++;
}

/* ---- host layers ------------------------------------------------------------------------------- */

static void compute(struct arch_sequence *s, uint32_t id, uint32_t token, sim_cycle now) {
    const struct sim_layer *layer = &s->graph->layer[id];
    struct arch_host_operand operand[SIM_LAYER_OPERANDS_MAX];
    uint64_t work[ARCH_HOST_WORK_COUNT] = {0};
    uint32_t tokens = sim_layer_tokens(&s->graph->layer[layer->operand[0]], s->tokens);
    for (uint32_t port = 0; port < layer->operands; port++)
        operand[port] = (struct arch_host_operand){
            .count = s->kept[layer->operand[port]],
            .neurons = s->graph->layer[layer->operand[port]].neurons,
            .values = sim_host_operand_values(layer->host, layer->operands),
            .scale = layer->host->scales[port],
            .pair = layer->host->pairs[port],
        };
    struct arch_host_call call = {
        .host = layer->host,
        .operand = operand,
        .operands = layer->operands,
        .token = token,
        .tokens = tokens,
        .scratch = s->scratch,
        .work = work,
        .operation = s->operation[id],
        .scores = s->graph->layer[layer->operand[0]].scores,
    };
    arch_host_compute(&call, s->value);
    sim_count(&s->base, ARCH_SEQUENCE_TOKEN, 1, now, 0);
    for (uint32_t kind = 0; kind < ARCH_HOST_WORK_COUNT; kind++) {
        sim_count(&s->base, ARCH_SEQUENCE_MULTIPLY_ADD + kind, work[kind], now, 0);
        (layer->host->operator_ == SIM_HOST_OPERATION ? s->operated : s->work)[kind] += work[kind];
    }
    arch_host_evaluations(layer->host, tokens, s->evaluations);
    s->values += layer->host->values;
}

/* Spikes of a value that is not negative, of a neuron whose spike means `scale`. */
static uint32_t spikes_of(double value, double scale, uint32_t window) {
    double spikes = round(value / scale);
    return spikes >= window ? window : spikes > 0 ? (uint32_t)spikes : 0;
}

static void count_values(struct arch_sequence *s, uint32_t id) {
    const struct sim_layer *layer = &s->graph->layer[id];
    const struct sim_host_layer *host = layer->host;
    for (uint32_t i = 0; i < host->values; i++) {
        s->count[id][i] = spikes_of(s->value[i], host->scale, s->window);
        if (host->pair)
            s->count[id][host->values + i] = spikes_of(-s->value[i], host->scale, s->window);
    }
    for (uint32_t i = layer->neurons - host->ones; i < layer->neurons; i++)
        s->count[id][i] = s->window;
}

/* The rate code of the counts; returns how many spikes there are. */
static uint64_t send(struct arch_sequence *s, uint32_t id) {
    const struct sim_layer *layer = &s->graph->layer[id];
    uint32_t words = sim_layer_words(layer);
    uint64_t spikes = 0;
    for (uint32_t n = 0; n < layer->neurons; n++)
        s->rest[n] = s->window / 2;
    for (uint32_t t = 0; t < s->window; t++)
        for (uint32_t n = 0; n < layer->neurons; n++) {
            s->rest[n] += s->count[id][n];
            if (s->rest[n] < s->window)
                continue;
            s->rest[n] -= s->window;
            s->train[id][(size_t)t * words + n / 64] |= UINT64_C(1) << (n % 64);
            spikes++;
        }
    return spikes;
}

/* ---- windows ----------------------------------------------------------------------------------- */

static void begin_window(struct arch_sequence *s, sim_cycle now) {
    const struct sim_graph *graph = s->graph;
    memset(s->work, 0, sizeof s->work);
    memset(s->operated, 0, sizeof s->operated);
    memset(s->evaluations, 0, sizeof s->evaluations);
    s->values = 0;
    for (uint32_t id = 0; id < graph->layers; id++) {
        const struct sim_layer *layer = &graph->layer[id];
        size_t words = (size_t)s->window * sim_layer_words(layer);
        uint32_t token = token_of(s, id);
        s->count[id] = s->kept[id] == NULL || token == s->tokens
                           ? NULL
                           : s->kept[id] + (size_t)token * layer->neurons;
        s->spikes[id] = sim_graph_given(graph, id) ? s->given[id] + s->at * words : s->train[id];
        if (s->count[id] != NULL)
            memset(s->count[id], 0, layer->neurons * sizeof *s->count[id]);
        if (s->count[id] != NULL && sim_graph_given(graph, id))
            count_given(s, id);
        if (s->train[id] == NULL)
            continue;
        memset(s->train[id], 0, words * sizeof *s->train[id]);
        if (s->count[id] == NULL)
            continue;
        compute(s, id, token, now);
        count_values(s, id);
        sim_count(&s->base, ARCH_SEQUENCE_SPIKE, send(s, id), now, 0);
    }
}

void arch_sequence_begin(struct arch_sequence *s, uint32_t timesteps, const uint64_t *const *spikes,
                         sim_cycle now) {
    s->window = s->graph->window != 0 ? s->graph->window : timesteps;
    s->windows = timesteps / s->window;
    s->given = spikes;
    s->at = 0;
    for (uint32_t id = 0; id < s->graph->layers; id++)
        if (s->operation[id] != NULL)
            arch_host_operation_clear(s->operation[id]);
    s->advanced = false;
    s->tokens = s->computes ? count_tokens(s) : 0;
    begin_window(s, now);
}

bool arch_sequence_advance(struct arch_sequence *s, sim_cycle now) {
    if (s->advanced)
        return true;
    if (s->at + 1 == s->windows)
        return false;
    s->at++;
    begin_window(s, now);
    s->advanced = true;
    return true;
}

bool arch_sequence_next(struct arch_sequence *s, sim_cycle now) {
    bool more = arch_sequence_advance(s, now);
    s->advanced = false;
    return more;
}

void arch_sequence_answer(const struct arch_sequence *s, uint32_t *count) {
    uint32_t id = s->graph->layers - 1;
    if (!sim_graph_answers_outside(s->graph) || s->count[id] == NULL)
        return;
    for (uint32_t n = 0; n < s->graph->layer[id].neurons; n++)
        count[n] += s->count[id][n];
}

static sim_cycle step(void *self, sim_cycle now) {
    (void)self, (void)now;
    return SIM_NEVER;
}

#define EVENT(NAME, name_, help_) {.name = #name_, .help = help_},
static const struct sim_event events[] = {ARCH_SEQUENCE_EVENTS(EVENT)};

const struct sim_type arch_sequence_type = {
    .name = "arch.sequence",
    .help = "token windows: what a host computes between them",
    .events = events,
    .event_count = ARCH_SEQUENCE_EVENT_COUNT,
    .part = true,
    .step = step,
};

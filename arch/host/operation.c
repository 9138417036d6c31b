/* SPDX-License-Identifier: MIT
 *
 * Operators of a vector unit on tokens; see operation.h.
 */
#include "arch/host/operation.h"

#include "arch/vector/fixed_point.h"
#include "sim/base/arena.h"
#include "sim/config/bind.h"

#include <math.h>
#include <string.h>

#define ROW_BITS 24u
#define STATES_MAX (1u << 24)

/* ---- elaboration ------------------------------------------------------------------------------- */

/* What is being made, for messages. */
struct maker {
    struct arch_host_operation *operation;
    const struct sim_graph *graph;
    uint32_t id;
    struct sim_arena *arena;
    struct sim_err *err;
};

static const struct sim_layer *layer_of(const struct maker *m) { return &m->graph->layer[m->id]; }

static bool complain(const struct maker *m, const char *text) {
    return sim_err_add(m->err, SIM_EXIT_CONFIG, NULL, "layer %u '%s': %s", m->id, layer_of(m)->name, text);
}

static bool make_operator(const struct maker *m) {
    struct sim_err faults;
    struct arch_operation_spec spec;
    sim_err_init(&faults);
    struct sim_binding binding = {.arena = m->arena, .err = &faults};
    bool sound = sim_bind_text(&binding, &arch_operation_schema, layer_of(m)->host->operation, &spec) &&
                 arch_operation_init(&m->operation->op, &spec, m->arena, &faults);
    for (int i = 0; i < faults.count; i++)
        complain(m, faults.message[i]);
    sim_err_release(&faults);
    return sound;
}

static size_t elements(const struct arch_host_operation *operation, enum arch_operand_shape shape,
                       uint32_t n) {
    uint32_t states = operation->op.spec.states;
    return shape == ARCH_OPERAND_STATES ? states : shape == ARCH_OPERAND_MATRIX ? (size_t)n * states : n;
}

/* The list of constants for an operand: of all values, or of one row for all rows. */
static bool take_constant(const struct maker *m, uint32_t k) {
    struct arch_host_operation *operation = m->operation;
    const struct arch_operand *operand = &operation->op.type->operand[k];
    const struct sim_host_layer *host = layer_of(m)->host;
    size_t one = elements(operation, operand->shape, operation->width),
           all = elements(operation, operand->shape, host->values);
    for (uint32_t i = 0; i < host->constants; i++) {
        const struct sim_host_constant *constant = &host->constant[i];
        if (strcmp(constant->name, operand->name) != 0)
            continue;
        if (constant->count != one && constant->count != all)
            return complain(m,
                            sim_arena_format(m->arena, "constant '%s' has %u entries: a row of %u needs %zu",
                                             operand->name, constant->count, operation->width, one));
        operation->constant[k] = constant->value;
        operation->by_row[k] = one != all && constant->count == all;
        return true;
    }
    return complain(m, sim_arena_format(m->arena, "operator '%s' needs '%s' (%s), as a constant or a role",
                                        operation->op.type->name, operand->name, operand->help));
}

/* Which operand of the operator a name is, from 1 on; 0: none. */
static uint32_t find_operand(const struct arch_host_operation *operation, const char *name) {
    for (uint32_t k = 0; k < operation->operands; k++)
        if (strcmp(operation->op.type->operand[k].name, name) == 0)
            return k + 1;
    return 0;
}

static bool take_roles(const struct maker *m, unsigned *fed) {
    const struct sim_layer *layer = layer_of(m);
    struct arch_host_operation *operation = m->operation;
    for (uint32_t port = 0; layer->host->role != NULL && port < layer->operands; port++) {
        const char *role = layer->host->role[port];
        uint32_t k = find_operand(operation, role);
        if (role[0] != '\0' && (k == 0 || operation->op.type->operand[k - 1].shape != ARCH_OPERAND_ROW))
            return complain(m, sim_arena_format(m->arena, "operator '%s' has no operand '%.64s' of a row",
                                                operation->op.type->name, role));
        operation->feeds[port] = k;
        *fed |= 1u << k;
    }
    return true;
}

static bool know_constants(const struct maker *m) {
    const struct sim_host_layer *host = layer_of(m)->host;
    for (uint32_t i = 0; i < host->constants; i++)
        if (find_operand(m->operation, host->constant[i].name) == 0)
            return complain(m, sim_arena_format(m->arena, "operator '%s' has no operand '%.64s'",
                                                m->operation->op.type->name, host->constant[i].name));
    return true;
}

bool arch_host_operation_init(struct arch_host_operation *operation, const struct sim_graph *graph,
                              uint32_t id, struct sim_arena *arena, struct sim_err *err) {
    const struct sim_layer *layer = &graph->layer[id];
    const struct sim_host_layer *host = layer->host;
    struct maker m = {operation, graph, id, arena, err};
    unsigned fed = 0;
    memset(operation, 0, sizeof *operation);
    if (!make_operator(&m))
        return false;
    operation->width = host->values / host->heads;
    operation->operands = arch_operation_operands(operation->op.type);
    operation->feeds = SIM_NEW_ARRAY(arena, uint32_t, layer->operands);
    operation->row = SIM_NEW_ARRAY(arena, int32_t, host->values);
    operation->out = SIM_NEW_ARRAY(arena, int32_t, host->values);
    if (operation->op.type->state) {
        operation->states = (size_t)host->values * operation->op.spec.states;
        if (operation->states > STATES_MAX)
            return complain(&m, sim_arena_format(arena, "%zu states: at most %u are possible",
                                                 operation->states, STATES_MAX));
        operation->state = SIM_NEW_ARRAY(arena, int32_t, operation->states);
    }
    if (!know_constants(&m) || !take_roles(&m, &fed))
        return false;
    for (uint32_t k = 0; k < operation->operands; k++)
        if (fed >> (k + 1) & 1)
            operation->fed[k] = SIM_NEW_ARRAY(arena, int32_t, host->values);
        else if (!take_constant(&m, k))
            return false;
    return true;
}

void arch_host_operation_clear(struct arch_host_operation *operation) {
    if (operation->state != NULL)
        memset(operation->state, 0, operation->states * sizeof *operation->state);
}

/* ---- a token ----------------------------------------------------------------------------------- */

/* The sum of the operands that are operand `k` of the operator, or its row, in fixed point. */
static void gather(const struct arch_host_call *call, uint32_t k, double *sum, int32_t *to) {
    struct arch_host_operation *operation = call->operation;
    uint32_t values = call->host->values, operands = 0;
    memset(sum, 0, values * sizeof *sum);
    for (uint32_t port = 0; port < call->operands; port++) {
        if (operation->feeds[port] != k)
            continue;
        operands++;
        for (uint32_t i = 0; i < values; i++)
            sum[i] += arch_host_value(&call->operand[port], call->token, i);
    }
    double most = (1 << (ROW_BITS - 1)) - 1;
    for (uint32_t i = 0; i < values; i++) {
        double value = round(ldexp(sum[i], (int)operation->op.spec.in_fraction));
        to[i] = (int32_t)(value > most ? most : value < -most - 1 ? -most - 1 : value);
    }
    call->work[ARCH_HOST_MULTIPLY_ADD] += (uint64_t)operands * values;
}

static void add_work(const struct arch_host_call *call, const uint64_t *work) {
    call->work[ARCH_HOST_MULTIPLY_ADD] += work[ARCH_WORK_additions] + work[ARCH_WORK_multiplications] +
                                          work[ARCH_WORK_comparisons];
    call->work[ARCH_HOST_FUNCTION] += work[ARCH_WORK_functions] + work[ARCH_WORK_lookups];
    call->work[ARCH_HOST_DIVISION] += work[ARCH_WORK_divisions];
    call->work[ARCH_HOST_ROOT] += work[ARCH_WORK_roots];
    call->work[ARCH_HOST_SHIFT] += work[ARCH_WORK_shifts] + work[ARCH_WORK_encodes];
}

/* The operands of the row that begins with value `first`. */
static void operands_of(const struct arch_host_call *call, uint32_t first, const int32_t **more) {
    struct arch_host_operation *operation = call->operation;
    for (uint32_t k = 0; k < operation->operands; k++) {
        enum arch_operand_shape shape = operation->op.type->operand[k].shape;
        size_t before = shape == ARCH_OPERAND_STATES ? 0 : elements(operation, shape, first);
        if (operation->constant[k] == NULL)
            more[k] = operation->fed[k] + first;
        else
            more[k] = operation->constant[k] + (operation->by_row[k] ? before : 0);
    }
}

void arch_host_operate(const struct arch_host_call *call, double *value) {
    struct arch_host_operation *operation = call->operation;
    uint32_t values = call->host->values, width = operation->width,
             used = call->scores && call->tokens < width ? call->tokens : width;
    uint64_t work[ARCH_WORK_COUNT] = {0};
    for (uint32_t k = 1; k <= operation->operands; k++)
        if (operation->constant[k - 1] == NULL)
            gather(call, k, value, operation->fed[k - 1]);
    gather(call, 0, value, operation->row);
    memset(operation->out, 0, values * sizeof *operation->out);
    for (uint32_t first = 0; first < values; first += width) {
        const int32_t *more[ARCH_OPERANDS_MAX];
        int32_t *state =
            operation->state == NULL ? NULL : operation->state + (size_t)first * operation->op.spec.states;
        operands_of(call, first, more);
        arch_operation_apply(&operation->op, operation->row + first, used, more, state,
                             operation->out + first, work);
    }
    for (uint32_t i = 0; i < values; i++)
        value[i] = ldexp(operation->out[i], -(int)operation->op.spec.out_fraction);
    add_work(call, work);
}

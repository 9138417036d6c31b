/* SPDX-License-Identifier: MIT
 *
 * One window unit on the bench; see window_rig.h.
 */
#include "test/unit/window_rig.h"

#include "sim/base/rng.h"
#include "sim/config/bind.h"

#include <check.h>
#include <string.h>

void window_rig_init(struct window_rig *rig, const struct arch_window_unit_type *type, const char *yaml,
                     uint32_t axons, uint32_t neurons, struct arch_ttfs code, uint32_t number) {
    *rig = (struct window_rig){.type = type, .axons = axons, .neurons = neurons, .code = code};
    sim_arena_init(&rig->arena);
    sim_err_init(&rig->err);
    ck_assert_uint_le(type->event_count, WINDOW_RIG_EVENTS);
    struct sim_binding binding = {.arena = &rig->arena, .err = &rig->err};
    rig->spec = sim_arena_alloc(&rig->arena, 1, type->schema->size);
    bool bound = sim_bind_text(&binding, type->schema, yaml, rig->spec);
    sim_err_print(&rig->err, stderr);
    ck_assert(bound);
    rig->owner.count = rig->count;
    rig->unit = sim_arena_alloc(&rig->arena, 1, type->size);
    struct arch_core_unit_host host = {&rig->owner, 0, number, 1e8, &rig->arena};
    type->init(rig->unit, rig->spec, &host, axons, neurons);
    rig->weight = SIM_NEW_ARRAY(&rig->arena, int8_t, (size_t)axons * neurons);
    rig->level = SIM_NEW_ARRAY(&rig->arena, uint32_t, axons);
    rig->axon = SIM_NEW_ARRAY(&rig->arena, uint32_t, axons);
    rig->slot = SIM_NEW_ARRAY(&rig->arena, uint8_t, axons);
    rig->potential = SIM_NEW_ARRAY(&rig->arena, double, neurons);
}

void window_rig_release(struct window_rig *rig) {
    sim_arena_release(&rig->arena);
    sim_err_release(&rig->err);
}

void window_rig_random_weights(struct window_rig *rig, uint32_t bits, uint64_t *rng) {
    for (uint32_t i = 0; i < rig->axons * rig->neurons; i++)
        rig->weight[i] = (int8_t)((int32_t)sim_rng_below(rng, UINT64_C(1) << bits) - (1 << (bits - 1)));
}

void window_rig_same_weights(struct window_rig *rig, int8_t weight) {
    memset(rig->weight, weight, (size_t)rig->axons * rig->neurons);
}

bool window_rig_prepare(struct window_rig *rig) {
    for (uint32_t a = 0; a < rig->axons; a++) { /* in two pieces, to see that pieces work */
        uint32_t half = rig->neurons / 2;
        const int8_t *row = rig->weight + (size_t)a * rig->neurons;
        rig->type->load(rig->unit, a, 0, half, row);
        rig->type->load(rig->unit, a, half, rig->neurons - half, row + half);
    }
    return rig->type->prepare(rig->unit, &rig->code, &rig->err);
}

void window_rig_random_levels(struct window_rig *rig, uint32_t one_in, uint64_t *rng) {
    for (uint32_t a = 0; a < rig->axons; a++)
        rig->level[a] = sim_rng_below(rng, one_in) != 0 ? rig->code.silent
                                                        : (uint32_t)sim_rng_below(rng, rig->code.levels + 1);
}

void window_rig_run(struct window_rig *rig) {
    rig->spikes = 0;
    for (uint32_t a = 0; a < rig->axons; a++) {
        uint32_t slot = arch_ttfs_slot(&rig->code, rig->level[a]);
        if (slot == ARCH_TTFS_NO_SPIKE)
            continue;
        rig->axon[rig->spikes] = a;
        rig->slot[rig->spikes++] = (uint8_t)slot;
    }
    struct arch_window window = {rig->spikes, rig->axon, rig->slot};
    rig->cycles = rig->type->integrate(rig->unit, &window, rig->potential, 0);
}

int64_t window_rig_expected(const struct window_rig *rig, uint32_t neuron) {
    int64_t sum = 0;
    for (uint32_t a = 0; a < rig->axons; a++)
        sum += (int64_t)rig->weight[(size_t)a * rig->neurons + neuron] *
               arch_ttfs_round(&rig->code, rig->level[a]);
    return sum;
}

void window_rig_refuses(const struct arch_window_unit_type *type, const char *yaml, const char *text) {
    struct sim_arena arena;
    struct sim_err err;
    sim_arena_init(&arena);
    sim_err_init(&err);
    struct sim_binding binding = {.arena = &arena, .err = &err};
    void *spec = sim_arena_alloc(&arena, 1, type->schema->size);
    ck_assert(!sim_bind_text(&binding, type->schema, yaml, spec));
    ck_assert_int_eq(err.code, SIM_EXIT_CONFIG);
    ck_assert_msg(strstr(err.message[0], text) != NULL, "%s", err.message[0]);
    sim_err_release(&err);
    sim_arena_release(&arena);
}

/* SPDX-License-Identifier: MIT
 *
 * A crossbar core on its own: description, owner, counters, random weights and spikes.
 */
#ifndef TEST_UNIT_CROSSBAR_RIG_H
#define TEST_UNIT_CROSSBAR_RIG_H

#include "arch/crossbar/crossbar.h"
#include "sim/base/arena.h"
#include "sim/config/bind.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define RIG_CLOCK_HZ 1e9

struct rig {
    struct sim_arena arena;
    struct sim_err err;
    struct arch_crossbar_spec spec;
    struct sim_component owner;
    uint64_t count[ARCH_CROSSBAR_EVENT_COUNT];
    struct arch_crossbar *xb;
    uint32_t words;
    int32_t *sums;
};

static inline void rig_bind(struct rig *rig, const char *description) {
    memset(rig, 0, sizeof *rig);
    sim_arena_init(&rig->arena);
    sim_err_init(&rig->err);
    struct sim_binding binding = {.arena = &rig->arena, .err = &rig->err};
    bool sound = sim_bind_text(&binding, &arch_crossbar_schema, description, &rig->spec);
    sim_err_print(&rig->err, stderr);
    ck_assert_msg(sound, "%s", description);
}

static inline void rig_init(struct rig *rig, const char *description, uint32_t core) {
    rig_bind(rig, description);
    rig->owner.count = rig->count;
    struct arch_core_unit_host host = {
        .owner = &rig->owner, .number = core, .clock_hz = RIG_CLOCK_HZ, .arena = &rig->arena};
    rig->xb = SIM_NEW(&rig->arena, struct arch_crossbar);
    arch_crossbar_init(rig->xb, &rig->spec, &host);
    rig->words = (rig->spec.axons + 63) / 64;
    rig->sums = SIM_NEW_ARRAY(&rig->arena, int32_t, rig->spec.neurons);
}

static inline void rig_release(struct rig *rig) {
    sim_arena_release(&rig->arena);
    sim_err_release(&rig->err);
}

static inline void rig_load(struct rig *rig, uint32_t axon, uint32_t neuron, int weight) {
    arch_crossbar_load(rig->xb, axon, neuron, 1, &(int16_t){(int16_t)weight});
}

static inline int rig_random_weight(const struct arch_crossbar_spec *spec, uint64_t *rng) {
    uint32_t range = UINT32_C(1) << spec->weights.bits;
    int weight = (int)sim_rng_below(rng, range) - (int)(range / 2);
    return spec->weights.symmetric && weight == -(int)(range / 2) ? 0 : weight;
}

static inline void rig_load_random(struct rig *rig, uint64_t *rng) {
    for (uint32_t axon = 0; axon < rig->spec.axons; axon++)
        for (uint32_t neuron = 0; neuron < rig->spec.neurons; neuron++)
            rig_load(rig, axon, neuron, rig_random_weight(&rig->spec, rng));
}

/* Every cell at the same weight. */
static inline void rig_load_all(struct rig *rig, int weight) {
    for (uint32_t axon = 0; axon < rig->spec.axons; axon++)
        for (uint32_t neuron = 0; neuron < rig->spec.neurons; neuron++)
            rig_load(rig, axon, neuron, weight);
}

static inline void rig_prepare(struct rig *rig) {
    bool sound = arch_crossbar_prepare(rig->xb, &rig->err);
    sim_err_print(&rig->err, stderr);
    ck_assert(sound);
}

static inline void rig_random_spikes(const struct rig *rig, uint64_t *spikes, double rate, uint64_t *rng) {
    memset(spikes, 0, rig->words * sizeof *spikes);
    for (uint32_t axon = 0; axon < rig->spec.axons; axon++)
        spikes[axon / 64] |= (uint64_t)(sim_rng_real(rng) < rate) << (axon % 64);
}

/* Sums of the weights that the core holds now. */
static inline void rig_expect(const struct rig *rig, const uint64_t *spikes, int32_t *sums) {
    for (uint32_t neuron = 0; neuron < rig->spec.neurons; neuron++) {
        sums[neuron] = 0;
        for (uint32_t axon = 0; axon < rig->spec.axons; axon++)
            if (spikes[axon / 64] >> (axon % 64) & 1)
                sums[neuron] += rig->xb->weight[(size_t)axon * rig->spec.neurons + neuron];
    }
}

#endif

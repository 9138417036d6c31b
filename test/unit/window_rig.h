/* SPDX-License-Identifier: MIT
 *
 * One window unit on the bench: random weights, windows of given levels, and what an ideal unit must answer.
 */
#ifndef TEST_UNIT_WINDOW_RIG_H
#define TEST_UNIT_WINDOW_RIG_H

#include "arch/unit/window_unit.h"
#include "sim/base/arena.h"

#define WINDOW_RIG_EVENTS 16u

struct window_rig {
    struct sim_arena arena;
    struct sim_err err;
    const struct arch_window_unit_type *type;
    void *spec, *unit;
    struct sim_component owner;
    uint64_t count[WINDOW_RIG_EVENTS];
    uint32_t axons, neurons;
    struct arch_ttfs code;
    int8_t *weight;  /* [axons][neurons] */
    uint32_t *level; /* [axons] of the next window */
    uint32_t *axon;  /* [axons] its spikes */
    uint8_t *slot;
    uint32_t spikes;
    double *potential; /* [neurons] */
    uint64_t cycles;   /* of the last window */
};

/* A unit as `yaml` describes it, not prepared, weights 0. A wrong description fails the test. */
void window_rig_init(struct window_rig *rig, const struct arch_window_unit_type *type, const char *yaml,
                     uint32_t axons, uint32_t neurons, struct arch_ttfs code, uint32_t number);
void window_rig_release(struct window_rig *rig);

void window_rig_random_weights(struct window_rig *rig, uint32_t bits, uint64_t *rng);
void window_rig_same_weights(struct window_rig *rig, int8_t weight);

/* Loads the weights and prepares the unit; false when it refuses them. */
bool window_rig_prepare(struct window_rig *rig);

void window_rig_random_levels(struct window_rig *rig, uint32_t one_in, uint64_t *rng);

/* Sends the levels. */
void window_rig_run(struct window_rig *rig);

/* Sum of weight x rounded level. */
int64_t window_rig_expected(const struct window_rig *rig, uint32_t neuron);

/* The schema's description `yaml` is refused; the first message has `text` in it. */
void window_rig_refuses(const struct arch_window_unit_type *type, const char *yaml, const char *text);

#endif

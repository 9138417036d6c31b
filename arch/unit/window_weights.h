/* SPDX-License-Identifier: MIT
 *
 * What the window units share: the weights of the used axons and neurons, as integers and as lanes of
 * doubles, the scratch of one window, and the functions of the face that follow from these alone. For them
 * the spec of a unit begins with axons, neurons, weight_bits, and its state with its weights.
 */
#ifndef ARCH_UNIT_WINDOW_WEIGHTS_H
#define ARCH_UNIT_WINDOW_WEIGHTS_H

#include "arch/unit/crossbar_lanes.h"
#include "arch/unit/window_unit.h"

#ifdef __cplusplus
extern "C" {
#endif

struct arch_window_weights {
    struct arch_core_unit_host host;
    const struct arch_crossbar_lanes *vector;
    struct arch_ttfs code;   /* of the arriving spikes */
    uint32_t axons, neurons; /* used ones */
    uint32_t lanes;          /* neurons, rounded up to whole vectors */
    int8_t *weight;          /* [axons][neurons] */
    double *constant;        /* [lanes] weights x the silent level */
    uint32_t *row;           /* [axons] scratch */
    double *scale;           /* [axons] scratch */
    double *sum;             /* [lanes] scratch */
};

void arch_window_weights_init(struct arch_window_weights *weights, const struct arch_core_unit_host *host,
                              uint32_t axons, uint32_t neurons);

void arch_window_weights_load(struct arch_window_weights *weights, uint32_t axon, uint32_t first,
                              uint32_t count, const int8_t *values);

/* Takes the code of the arriving spikes and computes the constant part. False and a message, which names the
 * `owner`, when a weight needs more than `bits`. */
bool arch_window_weights_prepare(struct arch_window_weights *weights, const struct arch_ttfs *code,
                                 uint32_t bits, const char *owner, struct sim_err *err);

#define ARCH_WINDOW_UNIT_LAYOUT(spec_type, state_type)                                                       \
    _Static_assert(offsetof(spec_type, axons) == 0 && offsetof(spec_type, neurons) == sizeof(uint32_t) &&    \
                       offsetof(spec_type, weight_bits) == 2 * sizeof(uint32_t),                             \
                   "a spec begins with its shape");                                                          \
    _Static_assert(offsetof(state_type, weights) == 0, "a state begins with its weights")

/* Of struct arch_window_unit_type. */
void arch_window_unit_shape(const void *spec, struct arch_core_unit_shape *shape);
void arch_window_unit_load(void *unit, uint32_t axon, uint32_t first, uint32_t count, const int8_t *weights);
void arch_window_unit_parameters(const void *spec, void (*report)(void *user, const char *name, double value),
                                 void *user); /* the shape */

/* A table[axons][lanes] of the weights. */
double *arch_window_weights_table(const struct arch_window_weights *weights);

/* row, scale = axons and values of the window's spikes. */
void arch_window_weights_rows(struct arch_window_weights *weights, const struct arch_window *window);

/* Slots with a spike. */
uint32_t arch_window_slots(const struct arch_window *window);

static inline void arch_window_count(struct arch_window_weights *weights, uint32_t event, uint64_t n,
                                     sim_cycle now, uint64_t latency) {
    sim_count(weights->host.owner, weights->host.first_event + event, n, now, latency);
}

#ifdef __cplusplus
}
#endif

#endif

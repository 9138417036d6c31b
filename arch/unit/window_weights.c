/* SPDX-License-Identifier: MIT
 *
 * Weights of a window unit; see window_weights.h.
 */
#include "arch/unit/window_weights.h"

#include "sim/base/arena.h"

#include <string.h>

#define LANES 16u

void arch_window_weights_init(struct arch_window_weights *weights, const struct arch_core_unit_host *host,
                              uint32_t axons, uint32_t neurons) {
    struct sim_arena *arena = host->arena;
    weights->host = *host;
    weights->vector = arch_crossbar_lanes();
    weights->axons = axons;
    weights->neurons = neurons;
    weights->lanes = (neurons + LANES - 1) / LANES * LANES;
    weights->weight = SIM_NEW_ARRAY(arena, int8_t, (size_t)axons * neurons);
    weights->constant = SIM_NEW_ARRAY(arena, double, weights->lanes);
    weights->row = SIM_NEW_ARRAY(arena, uint32_t, axons);
    weights->scale = SIM_NEW_ARRAY(arena, double, axons);
    weights->sum = SIM_NEW_ARRAY(arena, double, weights->lanes);
}

void arch_window_weights_load(struct arch_window_weights *weights, uint32_t axon, uint32_t first,
                              uint32_t count, const int8_t *values) {
    assert(axon < weights->axons && first + count <= weights->neurons);
    memcpy(weights->weight + (size_t)axon * weights->neurons + first, values, count);
}

bool arch_window_weights_prepare(struct arch_window_weights *weights, const struct arch_ttfs *code,
                                 uint32_t bits, const char *owner, struct sim_err *err) {
    int32_t top = 1 << (bits - 1);
    weights->code = *code;
    for (uint32_t a = 0; a < weights->axons; a++)
        for (uint32_t n = 0; n < weights->neurons; n++) {
            int32_t weight = weights->weight[(size_t)a * weights->neurons + n];
            if (weight < -top || weight >= top)
                return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                                   "%s: the weight %d of axon %u to neuron %u does not fit weight_bits %u",
                                   owner, weight, a, n, bits);
            weights->constant[n] += (double)weight * code->silent;
        }
    return true;
}

double *arch_window_weights_table(const struct arch_window_weights *weights) {
    double *table = SIM_NEW_ARRAY(weights->host.arena, double, (size_t)weights->axons * weights->lanes);
    for (uint32_t a = 0; a < weights->axons; a++)
        for (uint32_t n = 0; n < weights->neurons; n++)
            table[(size_t)a * weights->lanes + n] = weights->weight[(size_t)a * weights->neurons + n];
    return table;
}

void arch_window_weights_rows(struct arch_window_weights *weights, const struct arch_window *window) {
    for (uint32_t i = 0; i < window->spikes; i++) {
        weights->row[i] = window->axon[i];
        weights->scale[i] = arch_ttfs_value(&weights->code, window->slot[i]);
    }
}

uint32_t arch_window_slots(const struct arch_window *window) {
    uint64_t seen[4] = {0};
    for (uint32_t i = 0; i < window->spikes; i++)
        seen[window->slot[i] / 64] |= UINT64_C(1) << (window->slot[i] % 64);
    uint32_t slots = 0;
    for (uint32_t i = 0; i < 4; i++)
        slots += (uint32_t)__builtin_popcountll(seen[i]);
    return slots;
}

void arch_window_unit_shape(const void *spec, struct arch_core_unit_shape *shape) {
    memcpy(shape, spec, sizeof *shape);
}

void arch_window_unit_load(void *unit, uint32_t axon, uint32_t first, uint32_t count, const int8_t *weights) {
    arch_window_weights_load(unit, axon, first, count, weights);
}

void arch_window_unit_parameters(const void *spec, void (*report)(void *user, const char *name, double value),
                                 void *user) {
    struct arch_core_unit_shape shape;
    arch_window_unit_shape(spec, &shape);
    report(user, "axons", shape.axons);
    report(user, "neurons", shape.neurons);
    report(user, "weight_bits", shape.weight_bits);
}

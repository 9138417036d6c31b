/* SPDX-License-Identifier: MIT
 *
 * What the two ways of evaluation share: the grid of units of a layer, and judging the outputs. See
 * evaluate.h.
 */
#ifndef ARCH_EVALUATE_GRID_H
#define ARCH_EVALUATE_GRID_H

#include "arch/evaluate/evaluate.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Units of one layer: unit (r, c) has axons axon[r] .. axon[r + 1] - 1 and neurons c x shape.neurons .. */
struct arch_evaluate_grid {
    struct sim_component owner;        /* counts for all units of the layer */
    uint32_t axons, neurons;           /* of the layer */
    struct arch_core_unit_shape shape; /* of a unit */
    uint32_t rows, columns;
    char *unit; /* [rows][columns] */
    size_t size;
    double *potential; /* [neurons] */
};

/* Every layer but the first is dense, reads the layer before it and has weights; the samples fit the first.
 * */
bool arch_evaluate_check(const struct sim_graph *graph, const struct arch_samples *samples,
                         struct sim_err *err);

/* An empty result for the units of which schema .. clock_hz are given. */
struct arch_evaluation *arch_evaluation_new(const struct sim_graph *graph,
                                            const struct arch_evaluation *units, struct sim_arena *arena);

/* A grid for layer `number`, with storage for units of `size` bytes; counts its units. */
void arch_evaluate_grid_init(struct arch_evaluate_grid *grid, struct arch_evaluation *evaluation,
                             const struct sim_graph *graph, uint32_t number,
                             const struct arch_core_unit_shape *shape, size_t size, struct sim_arena *arena);

static inline void *arch_evaluate_unit(const struct arch_evaluate_grid *grid, uint32_t row, uint32_t column) {
    return grid->unit + ((size_t)row * grid->columns + column) * grid->size;
}

static inline uint32_t arch_evaluate_axons(const struct arch_evaluate_grid *grid, uint32_t row) {
    uint32_t rest = grid->axons - row * grid->shape.axons;
    return rest < grid->shape.axons ? rest : grid->shape.axons;
}

static inline uint32_t arch_evaluate_neurons(const struct arch_evaluate_grid *grid, uint32_t column) {
    uint32_t rest = grid->neurons - column * grid->shape.neurons;
    return rest < grid->shape.neurons ? rest : grid->shape.neurons;
}

/* Begins a stretch in all units of a grid; `begin` may be NULL. */
void arch_evaluate_begin(const struct arch_evaluate_grid *grid, void (*begin)(void *unit, uint64_t stretch),
                         uint64_t stretch);

/* The first sample of the share that `sample` may be, or the next one; samples->samples: none is left. */
static inline uint64_t arch_evaluate_next(const struct arch_evaluate_share *share, uint64_t sample,
                                          const struct arch_samples *samples) {
    uint64_t stretch = sample / ARCH_EVALUATE_STRETCH, of = share->of > 0 ? share->of : 1;
    uint64_t skipped = (share->number + of - stretch % of) % of;
    uint64_t next = skipped > 0 ? (stretch + skipped) * ARCH_EVALUATE_STRETCH : sample;
    return next < samples->samples ? next : samples->samples;
}

/* Judges the outputs of a sample. */
void arch_evaluation_judge(struct arch_evaluation *evaluation, int32_t label, const uint32_t *level,
                           const double *potential, uint32_t outputs);

#ifdef __cplusplus
}
#endif

#endif

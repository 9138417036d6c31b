/* SPDX-License-Identifier: MIT
 *
 * Functional evaluation: a network on core units, layer by layer, without a chip around them.
 *
 * Every dense layer gets a grid of units, rows of axons by columns of neurons; units that share neurons
 * have their sums added. Two ways to drive them:
 *
 *     rate      core units (arch/unit/core_unit.h), a timestep at a time, neurons as the graph says
 *     windows   window units (arch/unit/window_unit.h), a window a layer, staircase neurons:
 *               level = min(T, floor(V / threshold))
 *
 * For windows the number of spikes of an input neuron is its level, and a neuron's level is what its number
 * of spikes would be if its input came evenly (the QNN view of a rate-coded network). What comes out is
 * accuracy, activity, event counts (energy = count x unit energy) and latency; networks on chip between the
 * units are not in it.
 *
 * Samples come in stretches of ARCH_EVALUATE_STRETCH. Time begins anew with a stretch, and what reads draw is
 * the stretch's own (`begin` of the units), so that stretches can be evaluated in any order and several calls
 * can share them: their results add up to those of one call.
 *
 * A latency is that of one sample alone: a layer begins a timestep when the layer before has ended it.
 */
#ifndef ARCH_EVALUATE_EVALUATE_H
#define ARCH_EVALUATE_EVALUATE_H

#include "arch/unit/core_unit.h"
#include "arch/unit/window_unit.h"
#include "sim/base/arena.h"
#include "sim/graph/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_energy;

#define ARCH_EVALUATE_STRETCH 500u    /* samples */
#define ARCH_CALIBRATION_SAMPLES 200u /* by which codes are chosen, or as many as there are */

/* What is shown to the network; all in memory. */
struct arch_samples {
    uint64_t samples;
    uint32_t timesteps;
    uint32_t neurons;       /* of the input layer */
    const uint64_t *spikes; /* [samples][timesteps][(neurons + 63) / 64] */
    const int32_t *label;   /* [samples]; -1: none */
};

struct arch_evaluation_layer {
    uint32_t neurons;
    uint32_t units;      /* of the grid; 0: input layer */
    uint64_t spikes;     /* sent, all samples */
    uint64_t deliveries; /* spikes x units that need them */
    uint64_t silent;     /* neurons that sent no spike in a sample, all samples */
    uint64_t
        histogram[ARCH_TTFS_LEVELS_MAX + 1]; /* of levels or numbers of spikes, higher ones in the last */
    struct arch_ttfs code;                   /* windows: of the spikes it sends */
    uint64_t *count;                         /* [events] of its units */
};

struct arch_evaluation {
    const struct sim_schema *schema; /* of the units */
    const void *spec;
    const struct sim_event *event; /* [events] */
    uint32_t events;
    void (*parameters)(const void *spec, void (*report)(void *user, const char *name, double value),
                       void *user);
    double clock_hz;
    uint64_t samples, labelled; /* evaluated; of these with a label */
    uint64_t right; /* by the output with the highest level or most spikes, lowest number on a tie */
    uint64_t right_by_potential;  /* by the output with the largest sum of inputs */
    uint64_t tied;                /* two outputs share the highest level */
    uint64_t cycles, cycles_most; /* latency: of all samples, of the slowest */
    uint32_t layers;
    struct arch_evaluation_layer *layer; /* [layers] */
    uint32_t units;
    double area_m2; /* of all units; 0: not known */
};

/* Called for each sample and layer with its levels (windows) or numbers of spikes (rate) and the sums of
 * its inputs (input layer: NULL). */
typedef void arch_evaluate_visit(void *user, uint64_t sample, uint32_t layer, const uint32_t *level,
                                 const double *potential);

/* Stretches number, number + of, number + 2 of ...; `of` 0: all. */
struct arch_evaluate_share {
    uint32_t number, of;
};

struct arch_evaluate_rate {
    const struct arch_core_unit_type *type;
    const void *spec;
    double clock_hz;
    arch_evaluate_visit *visit; /* may be NULL */
    void *user;
    struct arch_evaluate_share share;
};

struct arch_evaluate_windows {
    const struct arch_window_unit_type *type;
    const void *spec;
    double clock_hz;
    const struct arch_ttfs *code; /* [layers] of the spikes that each layer sends; all of the same `levels` */
    double guard;                 /* of the thresholds, see arch/unit/ttfs.h; 0.5 */
    arch_evaluate_visit *visit;   /* may be NULL */
    void *user;
    struct arch_evaluate_share share;
};

/* The code of each layer: `levels` (0: the timesteps of the samples; then nothing is rounded), `dead_zone`,
 * and silent level 0 or, masked, the most frequent one on the first `calibration` samples. code[layers]. */
bool arch_evaluate_calibrate(const struct sim_graph *graph, const struct arch_samples *samples,
                             uint32_t levels, bool masked, uint32_t dead_zone, uint64_t calibration,
                             struct arch_ttfs *code, struct sim_err *err);

/* Evaluates all samples, or a share of them. The result and all units live in `arena`. NULL and messages when
 * the network or a unit does not allow it. */
struct arch_evaluation *arch_evaluate_rate(const struct sim_graph *graph, const struct arch_samples *samples,
                                           const struct arch_evaluate_rate *how, struct sim_arena *arena,
                                           struct sim_err *err);
struct arch_evaluation *arch_evaluate_windows(const struct sim_graph *graph,
                                              const struct arch_samples *samples,
                                              const struct arch_evaluate_windows *how,
                                              struct sim_arena *arena, struct sim_err *err);

/* Adds the result of another share of the same evaluation. */
void arch_evaluation_add(struct arch_evaluation *to, const struct arch_evaluation *from);

struct arch_evaluation_energy {
    double dynamic_j, leakage_j; /* of all samples */
    double *event_j;             /* [events] of all layers; caller's, may be NULL */
};

/* Energy of an evaluation at a technology's prices; `voltage_v` 0: nominal. Leakage: units x latency. False
 * and messages when an event has no price. */
bool arch_evaluation_price(const struct arch_evaluation *evaluation, const struct sim_energy *technology,
                           double voltage_v, struct arch_evaluation_energy *energy, struct sim_err *err);

/* Share of the neurons of computed and input layers that sent no spike, in all samples. */
double arch_evaluation_silent(const struct arch_evaluation *evaluation);

#ifdef __cplusplus
}
#endif

#endif

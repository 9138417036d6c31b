/* SPDX-License-Identifier: MIT
 *
 * Where SNN and QNN cost the same: the least value of a variable at which the ratio of their energies passes
 * 1, by bisection.
 *
 * A simulated layer has whole spikes, whole active inputs and whole hops, so that the ratio of a small one is
 * a staircase. The search works on expected counts instead: energies of whole counts nearby, which are
 * simulated, and a line through them. That is exact where an energy grows linearly with the count, which all
 * do but the choices of `movement: auto` and the layer's own firing. Below one active input or two spikes a
 * layer is silent part of the time. With 1 or 2 inputs there are too few counts for a line.
 */
#ifndef SIM_CLI_COMPARE_CROSSOVER_H
#define SIM_CLI_COMPARE_CROSSOVER_H

#include "sim/cli/compare.h"

struct compare_crossover {
    const char *key; /* NULL: not asked for */
    double low, high; /* the range */
    double simulated, model; /* NaN: none in the range */
    bool snn_first, model_snn_first; /* below it, or in the whole range, SNN costs less */
};

/* compare_layer_run with energies and closed form at expected counts; the events are still those of one draw.
 */
bool compare_layer_expect(const struct compare_chip *chip, const struct compare_layer *layer,
                          const struct sim_where *where, struct compare_result *result, struct sim_err *err);

/* Of the sum of `layers` layers, each `repeat` times (NULL: once). text: "KEY" or "KEY=A..B"; KEY is rate,
 * hops, density or eta, of all of them alike. False and messages on a fault. */
bool compare_find_crossover(const struct compare_chip *chip, const struct compare_layer *layer,
                            const double *repeat, uint32_t layers, const char *text,
                            struct compare_crossover *crossover, struct sim_err *err);

#endif

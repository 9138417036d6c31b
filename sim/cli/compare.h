/* SPDX-License-Identifier: MIT
 *
 * SNN against QNN by simulation: a synthetic layer on a dual chip, run both ways, priced by the
 * technology, beside the closed form with the same prices. Shared by `nocsim compare` and by sweeps
 * (`compare: layer`).
 *
 * The closed form is a column of the report only: nothing of it enters the simulated energies.
 */
#ifndef SIM_CLI_COMPARE_H
#define SIM_CLI_COMPARE_H

#include "arch/dual/chip_layer.h"
#include "arch/model/snn_vs_qnn_v4.h"
#include "sim/config/config.h"
#include "sim/record/energy.h"

/* The layer, and changes of the chip and its prices that sweeps vary. */
struct compare_layer {
    uint32_t fan_in, fan_out, timesteps;
    double rate, density, hops;
    int activity;         /* enum arch_model_v4_activity */
    uint32_t weight_bits; /* 0: the chip's */
    int movement, event_reads, frame_reads, delivery; /* 0: the chip's; else the chip's choice + 1 */
    double eta;           /* price of an event's bit over that of a frame's; 0: the technology's */
    bool amortised;       /* reading weights costs nothing */
    bool pooling;         /* there are none */
    uint64_t seed;
};

extern const struct sim_schema compare_layer_schema;

enum compare_share {
    COMPARE_MOVE,
    COMPARE_SUMS,
    COMPARE_WEIGHT,
    COMPARE_COMPUTE,
    COMPARE_NEURON,
    COMPARE_OTHER, /* leakage, and whatever else a technology prices */
    COMPARE_SHARE_COUNT
};

extern const char *const compare_share_names[COMPARE_SHARE_COUNT];

/* Unit energies, J; leakage is of a component and cycle. */
struct compare_prices {
    double unit[ARCH_DUAL_TYPE_COUNT][ARCH_DUAL_EVENTS_MAX];
    double leakage[ARCH_DUAL_TYPE_COUNT];
};

/* One execution. */
struct compare_run {
    struct arch_dual_outcome outcome;
    double energy_j, share_j[COMPARE_SHARE_COUNT];
    double model_j, model_share_j[COMPARE_SHARE_COUNT];
    uint64_t wait_cycles;
};

struct compare_result {
    struct compare_layer layer; /* as asked for */
    struct arch_dual_chip_spec chip;
    struct compare_prices prices;
    struct compare_run run[ARCH_DUAL_MODE_COUNT];
    struct arch_model_v4_spec model; /* what the closed form was given */
    uint64_t spikes, active;
    double rate, density, hops, spike_hops; /* as drawn and placed */
    double ratio, model_ratio, deviation;   /* deviation: ratio / model_ratio - 1 */
};

/* The chip and its technology; judged once. */
struct compare_chip {
    const struct sim_config *config;
    const struct arch_dual_chip_spec *spec;
    struct sim_energy *energy;
};

/* False and messages when it is no dual chip or has no technology. To be closed when it was opened. */
bool compare_chip_open(struct compare_chip *chip, const struct sim_config *config, struct sim_err *err);
void compare_chip_close(struct compare_chip *chip);

/* Runs a layer both ways. */
bool compare_layer_run(const struct compare_chip *chip, const struct compare_layer *layer,
                       const struct sim_where *where, struct compare_result *result, struct sim_err *err);

/* Inputs that spike at all, as asked for: a share. */
double compare_layer_density(const struct compare_layer *layer);

/* Its parts: a result that has chip and prices only, and the closed form at a result's rate, density and
 * hops. */
bool compare_layer_prices(const struct compare_chip *chip, const struct compare_layer *layer,
                          struct compare_result *result, struct sim_err *err);
void compare_layer_model(struct compare_result *result);

/* From the energies and the closed form's ratio: ratio and deviation. */
void compare_set_ratio(struct compare_result *result);

/* Named numbers of a result, for JSON and sweeps. */
struct compare_value {
    const char *name, *help;
    double (*of)(const struct compare_result *result);
};
extern const struct compare_value compare_values[]; /* ends with NULL */

#define COMPARE_REASONS_MAX 12

/* A term in which simulation and closed form differ. */
struct compare_reason {
    double effect; /* on the ratio, relative: the ratio is higher by this share */
    const char *text;
};

/* Why they part: terms that move the ratio by more than `least`, the largest first. */
uint32_t compare_reasons(const struct compare_result *result, double least,
                         struct compare_reason reason[COMPARE_REASONS_MAX]);

#endif

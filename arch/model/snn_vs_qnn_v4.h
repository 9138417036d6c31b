/* SPDX-License-Identifier: MIT
 *
 * SNN against the functionally equivalent QNN: a *reconstruction* of the model of "Reconsidering the energy
 * efficiency of spiking neural networks" from its fourth version on (arXiv 2409.08290v4; IEEE TCAD 2026, doi
 * 10.1109/TCAD.2026.3718799). Energy for each synapse and inference:
 *
 *     b         ceil(log2(T + 1)): activation bits of the QNN that equals T timesteps of integrate-and-fire
 *     E_sparse  T s_r (E_s hops + w_b e_w reuse + E_ACC) + T c_n / N      events, 1 bit each
 *     E_dense   T E_d hops + n_w w_b e_w + T s_r E_ACC                    a bitmap each timestep
 *     E_SNN     the smaller of both, or one of them (`mode`)
 *     E_QNN     b E_d hops + w_b e_w + (1 - gamma) E_MAC(b, w_b)          all words, multiplications gated
 *
 * s_r spikes a neuron and timestep, w_b weight bits, N fan-in. reuse is 1 when a weight is read for each
 * spike, 1/T when it is kept over the window; n_w is T when the dense mode reads all weights in each
 * timestep, 1 when it keeps them. 1 - gamma, the density of the QNN's activations, lies between s_r (every
 * active neuron spikes always) and T s_r (it spikes once); the middle case is 2 T s_r / (T + 1).
 *
 * Not modelled: control, arbitration, contention, time-to-first-spike codes, register files.
 *
 * Trust: movement energies and E_ACC are from a third party's digest of the paper; e_w, E_MAC and c_n are
 * *fitted* to its published results (the values for one activation bit are mere choices). The reconstruction
 * is known to miss three groups of published rows: see DEVIATIONS.md.
 */
#ifndef ARCH_MODEL_SNN_VS_QNN_V4_H
#define ARCH_MODEL_SNN_VS_QNN_V4_H

#include "arch/model/model.h"

#ifdef __cplusplus
extern "C" {
#endif

enum arch_model_v4_mode {
    ARCH_MODEL_V4_AUTO,   /* the cheaper one */
    ARCH_MODEL_V4_SPARSE, /* address events */
    ARCH_MODEL_V4_DENSE,  /* bitmaps */
    ARCH_MODEL_V4_MODE_COUNT
};

enum arch_model_v4_activity {
    ARCH_MODEL_V4_MIDDLE, /* 1 - gamma = 2 T s_r / (T + 1) */
    ARCH_MODEL_V4_BEST,   /* T s_r, at most 1: best for the SNN */
    ARCH_MODEL_V4_WORST,  /* s_r */
    ARCH_MODEL_V4_GIVEN,  /* `density` */
    ARCH_MODEL_V4_ACTIVITY_COUNT
};

enum arch_model_v4_reads { ARCH_MODEL_V4_EACH, ARCH_MODEL_V4_WINDOW, ARCH_MODEL_V4_READS_COUNT };

enum arch_model_v4_mac { ARCH_MODEL_V4_MAC_TABLE, ARCH_MODEL_V4_MAC_FIXED, ARCH_MODEL_V4_MAC_COUNT };

#define ARCH_MODEL_V4_MAC_BITS 4 /* activation bits 1..4 in the table */

/* E_MAC by activation bits (1..4) for weights of 4 and of 8 bits. */
struct arch_model_v4_macs {
    double b1w4_j, b2w4_j, b3w4_j, b4w4_j;
    double b1w8_j, b2w8_j, b3w8_j, b4w8_j;
};

struct arch_model_v4_spec {
    uint32_t timesteps, weight_bits;
    double spike_rate, fan_in, hops;
    int mode, activity; /* enum arch_model_v4_mode, arch_model_v4_activity */
    double density;
    double sparse_move_j, dense_move_j; /* J/bit/hop */
    double weight_read_j;               /* J/bit */
    int sparse_reads, dense_reads;      /* enum arch_model_v4_reads */
    double accumulate_j, neuron_j;
    int mac; /* enum arch_model_v4_mac */
    double mac_energy_j;
    struct arch_model_v4_macs mac_table;
};

enum arch_model_v4_result {
    ARCH_MODEL_V4_RATIO,
    ARCH_MODEL_V4_SNN,
    ARCH_MODEL_V4_QNN,
    ARCH_MODEL_V4_SPARSE_J,
    ARCH_MODEL_V4_DENSE_J,
    ARCH_MODEL_V4_IS_DENSE,
    ARCH_MODEL_V4_BITS,
    ARCH_MODEL_V4_DENSITY,
    ARCH_MODEL_V4_CROSSOVER,
    ARCH_MODEL_V4_SWITCH,
    ARCH_MODEL_V4_PARITY_HOPS,
    ARCH_MODEL_V4_SNN_MOVE,
    ARCH_MODEL_V4_SNN_WEIGHT,
    ARCH_MODEL_V4_SNN_COMPUTE,
    ARCH_MODEL_V4_SNN_NEURON,
    ARCH_MODEL_V4_QNN_MOVE,
    ARCH_MODEL_V4_QNN_WEIGHT,
    ARCH_MODEL_V4_QNN_COMPUTE,
    ARCH_MODEL_V4_RESULT_COUNT
};

extern const struct sim_schema arch_model_v4_schema;
extern const struct arch_model arch_model_snn_vs_qnn_v4;

/* Fills value[ARCH_MODEL_V4_RESULT_COUNT] but for crossover, switch and parity, which take a search. */
void arch_model_v4_energies(const struct arch_model_v4_spec *spec, double *value);

/* ceil(log2(timesteps + 1)): bits of a QNN's activations with timesteps + 1 levels. */
uint32_t arch_model_activation_bits(uint32_t timesteps);

#ifdef __cplusplus
}
#endif

#endif

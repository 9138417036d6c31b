/* SPDX-License-Identifier: MIT
 *
 * Neuron core: weight memories and accumulators.
 *
 * Four sub-cores of axons/2 x neurons/2 synapses; 0 and 1 serve the lower half of the axons, 2 and 3 the
 * upper half; 0 and 2 feed the lower half of the neurons, 1 and 3 the upper half. A sub-core has a
 * single-port weight memory (one row of neurons/2 weights for each axon), one row counter shared by loading
 * and accumulating, and one accumulator for each neuron.
 *
 *      cycle            c          c+1 .. c+R              c+R+1   c+R+2          c+R+3     (R = axons / 2)
 *      ACC (start_mac)  control    row r in c+1+r          done    sub-core sum   local_ps
 *
 * A row is read only when its axon is active, so activity costs energy and never time. Rows are not swept
 * cycle by cycle: the core stays behind and catches up a whole stretch when its controls or axons change.
 * What a short, a long or an overlapping control does follows the hardware exactly.
 *
 * Weights are held sign-extended, one byte each. Cores with equal weights may share one copy (a property of
 * the simulator alone: each has a memory of its own in hardware). Accumulators are 16-bit lanes; a sum is
 * wrapped to its width when it is captured. Not modelled: sleep and shut-down pins, scan. A memory's output
 * keeps its last read word. Source: the published SystemVerilog (github.com/Angela-WangBo/Shenjing-RTL),
 * mac.sv, accumulator.sv.
 */
#ifndef ARCH_SHENJING_NEURON_CORE_H
#define ARCH_SHENJING_NEURON_CORE_H

#include "sim/base/lanes.h"
#include "sim/kernel/component.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_arena;

#define ARCH_NEURON_CORE_SUBCORES 4
#define ARCH_NEURON_CORE_ROWS_MAX 512 /* most axons / 2 */

#define ARCH_NEURON_CORE_EVENTS(X)                                                                 \
    X(sram_row_reads, "reads of one row of a sub-core's weight memory")                            \
    X(sram_row_writes, "writes of one row of a sub-core's weight memory")                          \
    X(acc_adds, "accumulator additions (active axon, weight not 0)")                               \
    X(acc_captures, "accumulated sums captured, sub-cores")                                        \
    X(sram_q_bits, "bits changed at the weight memories' outputs (with count_toggles)")            \
    X(acc_reg_bits, "bits changed in accumulators (with count_toggles)")                           \
    X(subcore_out_bits, "bits changed in sub-core sums (with count_toggles)")                      \
    X(local_ps_bits, "bits changed in local partial sums (with count_toggles)")

/* Event numbers within the core; the owner adds the number of its first one. */
enum arch_neuron_core_event {
#define ARCH_NEURON_CORE_EVENT_NAME(name, help) ARCH_NEURON_CORE_EVENT_##name,
    ARCH_NEURON_CORE_EVENTS(ARCH_NEURON_CORE_EVENT_NAME)
#undef ARCH_NEURON_CORE_EVENT_NAME
    ARCH_NEURON_CORE_EVENT_COUNT
};

/* Sub-cores k and k + 2 share neurons, 2h and 2h + 1 share axons: bit 0 of k is the half of the neurons,
 * bit 1 the half of the axons. */
enum { ARCH_SUBCORE_MAC = 1, ARCH_SUBCORE_WEIGHT = 2 };
struct arch_subcore {
    uint8_t started;     /* registered start controls: ARCH_SUBCORE_MAC, _WEIGHT */
    bool done;           /* the sum is captured at the next edge */
    bool captured;       /* it was captured at the last edge */
    bool cleared;        /* the accumulators are all 0 */
    uint32_t row;        /* row counter, 0 .. rows - 1 */
    uint32_t steps;      /* accumulation counter behind `done`, 0 .. rows - 1 */
    int16_t *acc;        /* [neurons / 2] not wrapped */
    int16_t *out;        /* [neurons / 2] captured sums, sign-extended */
    const int8_t *q;     /* [neurons / 2] memory output: a row, or `q_kept` when that was overwritten */
    uint32_t q_nonzero;  /* weights of q that are not 0 */
    int8_t *q_kept;
    uint16_t *nonzero;   /* [rows] weights of the row that are not 0; shared like the weights */
    /* This sub-core's share of the events. */
    uint64_t row_reads, row_writes, adds, captures, q_bits, acc_bits;
};

struct arch_neuron_core_spec {
    uint32_t axons, neurons, weight_bits, sum_bits;
    bool count_toggles;
};

/* Invariant: every cycle before `at` has been executed; at <= local_at. */
struct arch_neuron_core {
    struct sim_component *owner; /* counts the events */
    uint32_t first_event;
    const struct sim_lanes *lanes;
    uint32_t axons, neurons, rows; /* rows = axons / 2 */
    uint32_t weight_bits, sum_bits;
    bool count_toggles;
    bool in_reset;
    bool recombine;     /* local_ps is about to be loaded from other sub-cores, or cleared */
    bool local_moved;   /* local_ps was loaded; the owner takes note and clears this */
    sim_cycle at;       /* first cycle that is not executed yet */
    sim_cycle local_at; /* next cycle from which local_ps may show another value, or SIM_NEVER */
    /* Inputs, constant from `at` on until somebody sets them: */
    uint8_t start_mac, start_weight; /* bit k: sub-core k */
    uint8_t select, last_select;     /* bit k: sub-core k; last_select: in the cycle before `at` */
    uint64_t *axon;      /* [axons / 64] register or external */
    int8_t *bus;         /* [2][neurons] weight bus: sub-cores 0, 1, then 2, 3 */
    int8_t *weight;      /* [axons][neurons] */
    bool shared;         /* with other cores: not to be written */
    int16_t *local_ps;   /* [neurons] */
    int16_t *acc_before, *out_before, *local_before; /* with count_toggles */
    struct arch_subcore sub[ARCH_NEURON_CORE_SUBCORES];
};

/* Everything 0, all sub-cores selected before the first cycle. With `like` not NULL, a core of the same spec,
 * the weights are one with its: neither may be loaded from now on, nor written during the run. */
void arch_neuron_core_init(struct arch_neuron_core *core, const struct arch_neuron_core_spec *spec,
                           struct arch_neuron_core *like, struct sim_component *owner, uint32_t first_event,
                           struct sim_arena *arena);

/* Elaboration: weights of `axon` to neurons first .. first + count - 1. */
void arch_neuron_core_load(struct arch_neuron_core *core, uint32_t axon, uint32_t first, uint32_t count,
                           const int8_t *weights);

/* Executes the cycles before `until` (at <= until <= local_at); sets local_moved when until is local_at. */
void arch_neuron_core_catch_up(struct arch_neuron_core *core, sim_cycle until);

/* The inputs of cycle `now` and later; the core catches up first. Axons: register OR external. */
void arch_neuron_core_set_control(struct arch_neuron_core *core, uint8_t start_mac, uint8_t start_weight,
                                  sim_cycle now);
void arch_neuron_core_set_select(struct arch_neuron_core *core, uint8_t select, sim_cycle now);
void arch_neuron_core_set_reset(struct arch_neuron_core *core, bool in_reset, sim_cycle now);
void arch_neuron_core_set_axons(struct arch_neuron_core *core, const uint64_t *axon, sim_cycle now);
void arch_neuron_core_set_bus(struct arch_neuron_core *core, const int8_t *bus, sim_cycle now);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT
 *
 * Naive reference of the Shenjing tile: every register of every plane is recomputed in every cycle,
 * straight from the update rules, with no laziness and no vectors. Slow, and meant to be read next to the
 * hardware description. The simulator's tile is compared with it on random programs and stimuli.
 */
#ifndef TEST_GOLDEN_NAIVE_H
#define TEST_GOLDEN_NAIVE_H

#include "arch/shenjing/tile.h"

#define NAIVE_LANES 512 /* most axons or neurons */
#define NAIVE_SUBCORES 4

#define NAIVE_COUNTERS(X)                                                                          \
    ARCH_SEQUENCER_EVENTS(X)                                                                       \
    NOC_PS_EVENTS(X)                                                                               \
    NOC_SPIKE_EVENTS(X)                                                                            \
    X(subcore_out_bits, "") X(local_ps_bits, "")                                                   \
    X(tile_clock_cycles, "") X(subcore_clock_cycles, "") X(plane_clocks, "")                       \
    NAIVE_SUBCORE_COUNTERS(X, sram_row_reads)                                                      \
    NAIVE_SUBCORE_COUNTERS(X, sram_row_writes)                                                     \
    NAIVE_SUBCORE_COUNTERS(X, sram_q_bits)                                                         \
    NAIVE_SUBCORE_COUNTERS(X, acc_adds)                                                            \
    NAIVE_SUBCORE_COUNTERS(X, acc_captures)                                                        \
    NAIVE_SUBCORE_COUNTERS(X, acc_reg_bits)

#define NAIVE_SUBCORE_COUNTERS(X, name)                                                            \
    X(name##_sc0, "") X(name##_sc1, "") X(name##_sc2, "") X(name##_sc3, "")

enum naive_counter {
#define NAIVE_COUNTER_NAME(name, help) NAIVE_##name,
    NAIVE_COUNTERS(NAIVE_COUNTER_NAME)
#undef NAIVE_COUNTER_NAME
    NAIVE_COUNTER_COUNT
};
extern const char *const naive_counter_name[NAIVE_COUNTER_COUNT];

/* Inputs of one cycle. Whoever changes them says so in `changed`. */
enum naive_input { NAIVE_INPUT_PIN = 1, NAIVE_INPUT_EXTERNAL = 2, NAIVE_INPUT_BUS = 4 };
struct naive_inputs {
    uint32_t changed; /* set of enum naive_input */
    struct arch_shenjing_pins pin;
    uint64_t external[NAIVE_LANES / 64];
    int8_t bus[NAIVE_SUBCORES][NAIVE_LANES / 2];
};

struct naive_subcore {
    bool mac_r, wt_r, done;
    uint32_t row, steps;
    int32_t acc[NAIVE_LANES / 2], out[NAIVE_LANES / 2];
    int8_t q[NAIVE_LANES / 2];
};

/* Registers as visible in the present cycle. */
struct naive_tile {
    struct arch_shenjing_tile_spec spec;
    struct arch_shenjing_word *memory;
    int8_t *weight; /* [axon][neuron] */
    struct arch_shenjing_word q;
    bool start_r, read_r;
    uint32_t address, gap;
    bool issued; /* the present word has been counted */
    uint16_t ps_op, spike_op, core_op;
    uint8_t last_select;
    struct naive_subcore sub[NAIVE_SUBCORES];
    int16_t local_ps[NAIVE_LANES], op1[NAIVE_LANES], sum[NAIVE_LANES], potential[NAIVE_LANES];
    int16_t ps_in[NOC_PORT_COUNT][NAIVE_LANES], ps_out[NOC_PORT_COUNT][NAIVE_LANES];
    bool spike[NAIVE_LANES], axon[NAIVE_LANES];
    bool spike_in[NOC_PORT_COUNT][NAIVE_LANES], spike_out[NOC_PORT_COUNT][NAIVE_LANES];
    uint64_t count[NAIVE_COUNTER_COUNT];
    struct naive_inputs input; /* set by the caller before each cycle */
};

struct naive_mesh {
    uint32_t rows, cols;
    struct naive_tile *tile; /* [rows * cols] */
    struct naive_tile *scratch;
};

void naive_mesh_init(struct naive_mesh *mesh, uint32_t rows, uint32_t cols,
                     const struct arch_shenjing_tile_spec *spec);
void naive_mesh_release(struct naive_mesh *mesh);

/* One clock edge: registers go from "visible in c" to "visible in c + 1". */
void naive_mesh_cycle(struct naive_mesh *mesh);

#endif
